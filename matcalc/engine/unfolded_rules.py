"""Composite rules unfolded: where softmax, log det or a quotient stands in a computation, the lines from which its rule follows.

The lines are rows of the rules, written with the letters of the computation. What they name themselves (t = Σ exp z) is called so
by its row, where that letter is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from matcalc.algebra.match import instantiate, matches, without_stand_ins
from matcalc.algebra.rule import Book, Rule, differential_name, own_names
from matcalc.engine.derivation import Formula, Step, Trace
from matcalc.expr import dims
from matcalc.expr.nodes import Expr, depends, make, postorder, substitute, sym
from matcalc.expr.table import TABLE
from matcalc.notation.lex.habits import UNFOLDED
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write.indexed import NO_LETTERS

PUT_IN = "put-in"


class _Found(NamedTuple):
    """An operator in the computation, the lines about it, and what their operands are."""

    node: Expr
    lines: Sequence[Rule]
    bound: dict[Expr, Expr]


def unfolded(problem: Problem, trace: Trace, book: Book, moving: Iterable[str], whole: bool) -> tuple[Step, ...]:
    """The lines for each rule that has some, where it is met first from the output on; unless ``whole``, only for what the
    exercise is about: an operator on variables of which the output is a multiple."""
    bodies = [(s.lhs.expr, s.rhs.expr) for s in trace.steps if s.kind == "definition"]
    live = {problem.symbols[name] for name in moving if name in problem.symbols}
    for name, body in bodies:
        if depends(body, live):
            live.add(name)
    named = set() if whole else {name for name, _ in bodies}
    across = _written_out(bodies) if whole else {}
    writer = _Writer(problem, trace, book, [*bodies, *across.items()])
    told: set[str] = set()
    steps: list[Step] = []
    for _, body in reversed(bodies if whole else bodies[-1:]):
        for found in _found(book, body, live, named, across):
            if found.lines[0].name not in told:
                told.add(found.lines[0].name)
                steps += writer.lines(found)
    return tuple(steps)


def _written_out(bodies: Sequence[tuple[Expr, Expr]]) -> dict[Expr, Expr]:
    """What each name stands for, without other names: rules such as that of layer norm go across them."""
    known: dict[Expr, Expr] = {}
    for name, body in bodies:
        known[name] = substitute((body,), known)[0]
    return known


def _found(book: Book, body: Expr, live: set[Expr], named: set[Expr], across: dict[Expr, Expr]) -> Iterator[_Found]:
    """The operators in a body, from its own on; all of them where they are looked for ``across`` names."""
    moved = depends(body, live)
    for node in reversed(postorder((body,))) if across else _about(body, moved):
        for lines in book.unfoldings(node.op) if node in moved else ():
            found = _matched(lines, node, moved)
            if found is None and across and any(a.args for a in lines[0].sides[0].args):
                whole = substitute((node,), across)[0]
                found = _matched(lines, whole, depends(whole, live))
            if found is not None and named.isdisjoint(postorder(tuple(found.bound.values()))):
                yield found
                break


def _matched(lines: Sequence[Rule], node: Expr, moved: set[Expr]) -> _Found | None:
    """The lines about a node that is what the first of them says, sizes included."""
    pattern = lines[0].sides[0]
    for bound in matches(pattern, node):
        if _applies(lines, bound, moved) and instantiate(pattern, dict(bound), node.type) is node:
            return _Found(node, lines, bound)
    return None


def _about(body: Expr, moved: set[Expr]) -> Iterator[Expr]:
    """What a body is a multiple of, and both sides of a quotient."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        yield node
        inside = [a for a in node.args if a in moved]
        if TABLE[node.op].linear and (len(inside) == 1 or node.op == "div"):
            waiting += reversed(inside)


def _applies(lines: Sequence[Rule], bound: Mapping[Expr, Expr], moved: set[Expr]) -> bool:
    """Whether what the lines move moves, and nothing else."""
    given = lines[0].variables
    return all((e in moved) != ("fixed" in given[str(v.attr)][1]) for v, e in bound.items() if str(v.attr) in given)


def _put_in(before: Expr, after: Expr, named: set[Expr]) -> Iterator[Expr]:
    """The changes of named things that are gone, and names that are new."""
    old, new = postorder((before,)), postorder((after,))
    yield from (e for e in old if e.op == "d" and e.args[0] in named and e not in new)
    yield from (e for e in new if e in named and e not in old)


def _summed(before: Expr, named: set[Expr]) -> Iterator[Expr]:
    """The named things whose entries are summed up."""
    yield from (e.args[0] for e in postorder((before,)) if e.op == "sum" and e.args[0] in named)


class _Writer:
    """Writes lines with letters that are free."""

    def __init__(self, problem: Problem, trace: Trace, book: Book, bodies: Sequence[tuple[Expr, Expr]]) -> None:
        self.book = book
        formulas = (f for s in trace.steps for f in s.chain)
        self.lettering = next((f.lettering for f in formulas if f.lettering is not NO_LETTERS), NO_LETTERS)
        self.names = {body: name for name, body in reversed(bodies)}
        self.taken = {*problem.symbols, *problem.dims, *problem.functions, *(str(name.attr) for name, _ in bodies)}
        self.taken |= {name for s in trace.steps for name in s.lhs.names.values()}
        self.taken |= {str(a) for shape in problem.shapes for d in shape for a in dims.atoms(d)}

    def lines(self, found: _Found) -> Iterator[Step]:
        lines, bound, node = found.lines, without_stand_ins(found.bound), found.node
        operands = tuple(bound.values())
        for variable, e in list(bound.items()):
            if e.args:
                bound[variable] = self._named(variable, e)
                yield self._line(lines[0], bound[variable], e, node, operands)
        for variable, body in own_names(lines).items():
            value = instantiate(body, dict(found.bound), node.type)
            bound[variable] = self._named(variable, node if variable is lines[0].sides[1] else value)
        bound |= {sym(differential_name(str(v.attr)), v.type): make("d", (e,)) for v, e in bound.items()}
        named = {bound[variable] for variable in own_names(lines)}
        before: dict[Expr, Expr] = {}
        for row in lines:
            left, right = (instantiate(e, bound, None) for e in row.sides)
            if row is lines[0]:
                left, right = right, left
            yield self._line(row, left, right, node, operands, list(self._said_of(row, before.get(left), right, named)))
            before[left] = right

    def _said_of(self, row: Rule, before: Expr | None, after: Expr, named: set[Expr]) -> Iterator[Expr]:
        """What the words of the rows are said of: what is put in, or what is summed up in the line before."""
        if before is not None and any("{}" in self.book.by_name[name].label for name in row.by):
            yield from _put_in(before, after, named) if PUT_IN in row.by else _summed(before, named)

    def _line(self, row: Rule, left: Expr, right: Expr, node: Expr, operands: tuple[Expr, ...], of: Sequence[Expr] = ()) -> Step:
        rules = [self.book.by_name[name] for name in row.by]
        about = tuple([Formula(e, lettering=self.lettering) for e in of])
        note = "; ".join(rule.label.replace("{}", " and ".join(["{}"] * len(about))) for rule in rules)
        lhs, rhs = (Formula(e, lettering=self.lettering) for e in (left, right))
        return Step("unfolded", row.name, self.book.source(row), lhs, rhs, None, row.by, node, operands, note, about)

    def _named(self, variable: Expr, e: Expr) -> Expr:
        """What is called so in the computation, or else the letter of the row, or another one where that is taken."""
        known = self.names.get(e)
        if known is None:
            letter = str(variable.attr)
            others = UNFOLDED if letter.islower() else UNFOLDED.upper()  # t_1 beside a t of the input would be its entry
            free = (letter, *others, *(f"{letter}{i}" for i in range(1, len(self.taken) + 2)))
            known = self.names[e] = sym(next(c for c in free if c not in self.taken), e.type)
            self.taken.add(str(known.attr))
        return known
