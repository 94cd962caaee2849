"""Lines of unfolded rules: each follows from those before it by the rows that it names, and by no other.

A line that names differential rows is an earlier equation differentiated. Any other one is the same by laws as an earlier one with
the same left side, or makes an earlier one true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from matcalc.algebra.match import Unfit, instantiate, matches, without_stand_ins
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.check.replay.outcome import DoesNotFollow, Stuck
from matcalc.check.replay.rowcalc import Rows, differential_symbol
from matcalc.engine.derivation import Step
from matcalc.expr import dims
from matcalc.expr.errors import MatcalcError
from matcalc.expr.nodes import Expr, is_zero, make, postorder, rebuild, substitute
from matcalc.numeric.exact import At, vanishes
from matcalc.numeric.kernels import extent
from matcalc.numeric.sampling import VARIED, with_free

LAWS = ("rewrite", "laws", "identity", "ring")  # groups of rows by which a line can be the same as another
UNSAID = frozenset(("sum", "difference", "negation"))


class Unfolding:
    """What the lines about one operator have said so far."""

    def __init__(self, rows: Rows, known: Mapping[Expr, Expr], taken: frozenset[str]) -> None:
        self.rows = rows
        self.names = dict(known)  # and what they are
        self.taken = taken
        self.said: list[tuple[Expr, Expr]] = []

    def follow(self, step: Step) -> None:
        """Raises ``DoesNotFollow`` or ``Stuck``. What the line says is known from here on, whether it follows or not."""
        try:
            self._follow(step)
        finally:
            self.said.append((_with_symbols(step.lhs.expr), _with_symbols(step.rhs.expr)))

    def _follow(self, step: Step) -> None:
        if not step.rules:
            self._name(step)
        else:
            left, right = (_with_symbols(f.expr) for f in (step.lhs, step.rhs))
            unknown = [name for name in step.rules if name not in self.rows.names]
            if unknown:
                raise DoesNotFollow(f"there is no rule '{unknown[0]}'")
            named = {name for name in step.rules if self.rows.names[name].group == "differential"}
            if not (self._differentiated(left, right, named) if named else self._by_laws(left, right, step.rules)):
                raise Stuck("the rows that it names do not give it")

    def _name(self, step: Step) -> None:
        name, body = step.lhs.expr, step.rhs.expr
        if name.op != "sym" or name in postorder((body,)) or any(n.op == "d" for n in postorder((body,))):
            raise DoesNotFollow("it defines nothing")
        known = self.names.setdefault(name, body)
        if str(name.attr) in self.taken or _written_out(known, self.names) is not _written_out(body, self.names):
            raise DoesNotFollow(f"'{name.attr}' stands for two things")

    def _differentiated(self, left: Expr, right: Expr, named: set[str]) -> bool:
        """Whether it is an earlier equation, differentiated by these rows."""
        changes = {n for n in postorder((left, right)) if _is_change(n)}
        for sides in self.said:
            used: set[str] = set()
            moving = {n for n in postorder(sides) if n.op == "sym" and differential_symbol(n) in changes}
            try:
                before = [self.rows.differentiate(e, moving, used).get(e) for e in sides]
            except (MatcalcError, Stuck):
                continue
            if used - UNSAID == named - UNSAID and self._same(_difference(*before), _difference(left, right), {}, ()):
                return True
        return False

    def _by_laws(self, left: Expr, right: Expr, names: Sequence[str]) -> bool:
        laws = [self.rows.names[name].sides for name in names if self.rows.names[name].group in LAWS]
        latest = {a: b for a, b in self.said if _is_change(a)}
        if _is_change(left):
            return any(self._same(*sides, {**latest, left: right}, laws) for sides in self.said if left in postorder(sides))
        return self._same(left, right, latest, laws)

    def _same(self, a: Expr, b: Expr, changes: Mapping[Expr, Expr], laws: Sequence[tuple[Expr, ...]]) -> bool:
        """Whether both sides are the same by these laws, in one direction or the other, and by those of sums and products."""
        if a.type != b.type:
            return False
        for names in ({}, self._latest()):
            one, other = (_written_out(_written_out(e, changes), names) for e in (a, b))
            for rows in (laws, [sides[::-1] for sides in laws]):
                rest = Normalizer({}).normal(make("sub", (_rewritten(rows, one), _rewritten(rows, other))))
                if is_zero(rest) or _vanishes(rest):
                    return True
        return False

    def _latest(self) -> dict[Expr, Expr]:
        """What each name stands for, by the last line that says so."""
        return {**self.names, **{a: b for a, b in self.said if a.op == "sym" and not _is_change(a)}}


def _written_out(e: Expr, values: Mapping[Expr, Expr]) -> Expr:
    for _ in values:  # false lines may go in circles
        inside = {n: values[n] for n in postorder((e,)) if n in values}
        if not inside:
            break
        e = substitute((e,), inside)[0]
    return e


def _difference(a: Expr | None, b: Expr | None) -> Expr:
    if b is None or is_zero(b):
        assert a is not None
        return a
    return make("neg", (b,)) if a is None else make("sub", (a, b))


def _vanishes(e: Expr) -> bool:
    """Whether it is identically zero, in exact arithmetic."""
    import numpy as np

    symbols = [n for n in postorder((e,)) if n.op == "sym"]
    names = list(dict.fromkeys(str(a) for n in symbols for d in n.shape for a in dims.atoms(d)))
    for order in VARIED[:2]:  # X'X has an inverse only where X has more rows than columns
        sizes, rng = with_free(names, {}, (), order), np.random.default_rng(0)
        at = {s: rng.standard_normal(extent(s.type, sizes)) for s in symbols}
        if vanishes(e, At(at, sizes, {})):
            return True
    return False


def _with_symbols(e: Expr) -> Expr:
    return substitute((e,), {n: differential_symbol(n.args[0]) for n in postorder((e,)) if n.op == "d"})[0]


def _is_change(e: Expr) -> bool:
    return e.op == "sym" and str(e.attr).startswith("d ")


def _rewritten(laws: Sequence[tuple[Expr, ...]], e: Expr) -> Expr:
    """Each part rewritten once by the laws from left to right, from inside out."""
    done: dict[Expr, Expr] = {}
    for node in postorder((e,)):
        new = rebuild(node, tuple([done[a] for a in node.args])) if node.args else node
        done[node] = next(_uses(laws, new), new)
    return done[e]


def _uses(laws: Sequence[tuple[Expr, ...]], node: Expr) -> Iterator[Expr]:
    for left, right in laws:
        for bound in matches(left, node) if left.op == node.op else ():
            with suppress(Unfit):
                yield instantiate(right, without_stand_ins(bound), None)
