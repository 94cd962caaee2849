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
from matcalc.expr.nodes import Expr, depends, make, postorder, sym
from matcalc.expr.table import TABLE
from matcalc.notation.lex.habits import UNFOLDED
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write.indexed import NO_LETTERS


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
    writer = _Writer(problem, trace, book, bodies)
    told: set[str] = set()
    steps: list[Step] = []
    for _, body in reversed(bodies if whole else bodies[-1:]):
        for found in _found(book, body, live, named, whole):
            if found.lines[0].name not in told:
                told.add(found.lines[0].name)
                steps += writer.lines(found)
    return tuple(steps)


def _found(book: Book, body: Expr, live: set[Expr], named: set[Expr], whole: bool) -> Iterator[_Found]:
    """The operators in a body, from its own on."""
    moved = depends(body, live)
    for node in reversed(postorder((body,))) if whole else _about(body, moved):
        for lines in book.unfoldings(node.op) if node in moved else ():
            bound = next((b for b in matches(lines[0].sides[0], node) if _applies(lines, b, moved)), None)
            if bound is not None and named.isdisjoint(postorder(tuple(bound.values()))):
                yield _Found(node, lines, bound)
                break


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


class _Writer:
    """Writes lines with letters that are free."""

    def __init__(self, problem: Problem, trace: Trace, book: Book, bodies: Sequence[tuple[Expr, Expr]]) -> None:
        self.book = book
        formulas = (f for s in trace.steps for f in s.chain)
        self.lettering = next((f.lettering for f in formulas if f.lettering is not NO_LETTERS), NO_LETTERS)
        self.names = {body: name for name, body in bodies}
        self.taken = {*problem.symbols, *problem.dims, *problem.functions, *(str(name.attr) for name, _ in bodies)}
        self.taken |= {name for s in trace.steps for name in s.lhs.names.values()}
        self.taken |= {str(a) for shape in problem.shapes for d in shape for a in dims.atoms(d)}

    def lines(self, found: _Found) -> Iterator[Step]:
        lines, bound, node = found.lines, without_stand_ins(found.bound), found.node
        operands = tuple(bound.values())
        for variable, e in list(bound.items()):
            if e.op != "sym":
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
            put_in = list(_put_in(before[left], right, named)) if left in before else []
            yield self._line(row, left, right, node, operands, put_in)
            before[left] = right

    def _line(
        self, row: Rule, left: Expr, right: Expr, node: Expr, operands: tuple[Expr, ...], put_in: Sequence[Expr] = ()
    ) -> Step:
        rules = [self.book.by_name[name] for name in row.by]
        about = tuple([Formula(e, lettering=self.lettering) for e in put_in if any("{}" in rule.label for rule in rules)])
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
