r"""A derivative by scores, class by class: first that of the right class, then that of any other one, then both.

The way in which a lecture takes softmax and cross-entropy apart: ∂J/∂f_y = p_y − 1, ∂J/∂f_c = p_c for c ≠ y, and so
∂J/∂f = p − e_y. Where a one-hot label y stands in a derivative entry by entry, its entry is 1 at the right class and 0 at the
others. A line about the right class holds of the entries that y selects: what is evaluated is both sides times y.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from matcalc.algebra.book import book
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.rewriting import rewritten
from matcalc.algebra.written_out import turned
from matcalc.engine.derivation import MEANT, Case, Formula, Step, Trace
from matcalc.expr import dims, nodes
from matcalc.expr.errors import UsageError
from matcalc.expr.groups import DERIVED
from matcalc.expr.nodes import Expr, make, ones, postorder, substitute, transpose
from matcalc.expr.table import Type
from matcalc.notation.lex.habits import CLASSES, LABEL_INDEX, PROBABILITIES
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write import indexed
from matcalc.notation.write.style import Style
from matcalc.notation.write.styles import LATEX, TEXT

ALONG = frozenset(("add", "sub", "neg", "scale", "div", "T", "hadamard"))  # ways on which entries stay at their places
HINT = "write scores and a label, -log(softmax(f)[y]); scores of samples with their index, f = W x_i + b"
BOTH = "both in one: {} is 1 at the right class, and 0 at the others"


class _Found(NamedTuple):
    """A derivative by scores, and what it is at the right class and at the others."""

    label: Expr
    right: Expr
    other: Expr


def with_cases(trace: Trace, problem: Problem, properties: Mapping[str, frozenset[str]]) -> Trace:
    """The trace with the lines class by class before each derivative that they explain. Raises ``UsageError`` for none."""
    teller = _Cases(trace, problem, properties)
    steps = [told for step in trace.steps for told in teller.told(step)]
    if len(steps) == len(trace.steps):
        raise UsageError("there are no cases to tell apart: no derivative has a one-hot label entry by entry", hint=HINT)
    return trace._replace(steps=tuple(steps))


class _Cases:
    def __init__(self, trace: Trace, problem: Problem, properties: Mapping[str, frozenset[str]]) -> None:
        self.problem = problem
        self.normal = Normalizer(properties).normal
        self.labels = [s for name, s in problem.symbols.items() if "one-hot" in properties.get(name, ())]
        self.bodies = {s.node: s.rhs.expr for s in trace.steps if s.kind == "definition" and s.node is not None}
        self.names: dict[Expr, Mapping[Expr, str]] = {}  # that lines about these scores have
        self.taken = {*problem.symbols, *problem.dims, *problem.functions, *(name for name, _ in trace.waypoints)}
        self.taken |= {str(a) for shape in problem.dims.values() for d in shape for a in dims.atoms(d)}
        self.taken |= {name for s in trace.steps for name in s.lhs.names.values()}

    def told(self, step: Step) -> Iterator[Step]:
        found = self._found(step) if step.kind == "chain" and step.node is not None else None
        if found is not None:
            yield from self._lines(step, found)
        elif step.kind in ("shape", "reached") and step.node in self.names:
            yield step._replace(rhs=step.rhs._replace(names={**step.rhs.names, **self.names[step.node]}))
        else:
            yield step

    def _found(self, step: Step) -> _Found | None:
        """The derivative in terms of the label and of the scores alone, if the label stands in it entry by entry."""
        q, value = step.node, step.rhs.expr
        assert q is not None
        names = list(self.bodies)
        for p in names[names.index(q) + 1 if q in self.bodies else 0 :][::-1]:  # what is made of the scores, written out
            value = substitute((value,), {p: self.bodies[p]})[0]
        value = self.normal(value)
        if any(n.op in DERIVED for n in postorder((value,))):
            return None
        for y in self.labels:
            if y is not q and _as_long(y.type, q.type) and _stands_by_entries(value, y):
                right, other = (self.normal(substitute((value,), {y: e})[0]) for e in (ones(y.type), nodes.zeros(y.type)))
                if right is not other:
                    return _Found(y, right, other)
        return None

    def _lines(self, step: Step, found: _Found) -> Iterator[Step]:
        y, q, derivative = found.label, step.node, step.lhs.expr
        assert q is not None
        names = dict(step.rhs.names)
        for part, name in self._parts(step, found):
            names[part] = name
            note = f"in formulas {y.attr} is the one-hot vector of the label" if part is y else ""
            yield Step("part", "definition", "given", Formula(part, {part: name}), Formula(part), through=step.through, note=note)
        sample, letter = (self._free(pool) for pool in (LABEL_INDEX, CLASSES))
        front = (sample,) if len(q.shape) == 2 else ()
        integer = str(y.attr) in self.problem.labels
        chosen = (*front, ":".join((MEANT + str(y.attr), *front)) if integer else letter)
        general = (*front, letter)
        mask, rest = (_laid(e, derivative.type) for e in (y, make("sub", (ones(y.type), y))))

        def entry(e: Expr, by: Expr, labels: Sequence[str], said: Mapping[Expr, str] = names) -> Formula:
            return Formula(make("hadamard", (by, e)), said, entries=tuple(labels), of=e)

        cases = []
        for value, by, labels, equal in ((found.right, mask, chosen, True), (found.other, rest, general, False)):
            value = _laid(value, derivative.type)
            words = [condition(y, letter, front, integer, equal, style) for style in (TEXT, LATEX)]
            lhs, rhs = entry(derivative, by, labels, {}), entry(value, by, labels)
            line = Step("case", "entries", step.source, lhs, rhs, node=q, through=step.through,
                        note=f"{words[0]}: {'the right class' if equal else 'any other class'}")  # fmt: skip
            spelt = _spelt(value, q)
            yield line if spelt is value else line._replace(members=(lhs, entry(spelt, by, labels, step.rhs.names), rhs))
            cases.append(Case(Formula(value, names, entries=labels), (words[0], words[1])))
        both = nodes.added([make("hadamard", (by, c.value.expr)) for by, c in zip((mask, rest), cases, strict=True)])
        lhs, rhs = Formula(derivative, entries=general), Formula(both, names, entries=general, cases=tuple(cases))
        yield Step("case", "entries", step.source, lhs, rhs, None, (), q, step.through, "both cases")
        self.names[q] = names
        about = (Formula(y, names),)
        yield step._replace(rhs=step.rhs._replace(names=names), note=BOTH if not step.note else step.note,
                            about=step.about if step.note else about)  # fmt: skip

    def _parts(self, step: Step, found: _Found) -> Iterator[tuple[Expr, str]]:
        """Names for the probabilities, and for the unit vector of an integer label."""
        for node in postorder((found.other,)):
            if node.op in SPELT and node not in step.rhs.names:
                name = self._free(PROBABILITIES.upper() if node.type.kind == "m" else PROBABILITIES)
                self.taken.add(name)
                yield node, name
        y = found.label
        if str(y.attr) in self.problem.labels and y.type.kind == "c" and (name := f"e_{y.attr}") not in self.taken:
            self.taken.add(name)
            yield y, name

    def _free(self, pool: str) -> str:
        """A letter that is no name yet; with a number where all of them are."""
        numbered = (f"{pool[0]}{i}" for i in range(1, len(self.taken) + 2))
        found: str = next(c for c in (*pool, *numbered) if c not in self.taken)
        return found


def condition(y: Expr, letter: str, front: Sequence[str], integer: bool, equal: bool, style: Style) -> str:
    """``c = y``, ``c ≠ y_i``; of a one-hot vector ``y_c = 0``."""
    name, not_equal = style.name(str(y.attr)), r"\neq" if style.latex else "≠"
    if not integer:
        return f"{indexed.lowered(name, (*front, letter), style)} = {int(equal)}"
    return f"{letter} {'=' if equal else not_equal} {indexed.lowered(name, front, style)}"


def _as_long(a: Type, b: Type) -> bool:
    """Whether both have the same entries, a column those of a row too."""
    return a == b or (a.kind == "c" and b.kind == "r" and a.rows == b.cols)


def _laid(e: Expr, like: Type) -> Expr:
    """As a row where the derivative by a column is one."""
    return transpose(e) if like.kind == "r" and e.type.kind == "c" else e


def _stands_by_entries(e: Expr, y: Expr) -> bool:
    """Whether y stands in it, and nowhere but entry by entry."""
    stack, met = [e], False
    while stack:
        node = stack.pop()
        if node is y:
            met = True
        elif node.op in ALONG:
            arrays = [a for a in node.args if a.type.kind != "s"]
            if any(y in postorder((a,)) for a in node.args if a not in arrays):
                return False
            stack += arrays
        elif y in postorder((node,)):
            return False
    return met


# The rows by which these are written by exponentials.
SPELT = {"softmax": "softmax-as-quotient", "softmaxr": "softmax-of-rows-as-quotient"}


def _spelt(e: Expr, q: Expr) -> Expr:
    """With the softmax of the scores as exponentials over their sum."""
    known = {}
    for n in postorder((e,)):
        if n.op in SPELT and n.args[0] is q and (found := rewritten((turned(book().by_name[SPELT[n.op]]),), n)):
            known[n] = found[1]
    return substitute((e,), known)[0] if known else e
