"""Results by the names of values that their parts make up: (A x - s x)/(xᵀ x) where s = xᵀ A x/(xᵀ x) is what was differentiated.

A quotient says what it is the quotient of: from s = N/D follows N = s D, from σ = √t that t = σ². What was centred sums to 0. These
are put in, and where the result is shorter then it is written so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.shortest import shortest
from matcalc.algebra.normal.terms import Ground
from matcalc.algebra.normal.tidied import tidied
from matcalc.engine.derivation import Formula, is_long, printed_length
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, below, is_zero, make, num, substitute, sym, times

LOOKED_UP = 8  # characters: what it costs a reader to look a value up


class Folded(NamedTuple):
    """A result by the names of values, and what was put in for that; perhaps lines before it, and the laws by which the second
    of them follows from the first."""

    form: Formula
    put_in: tuple[Formula, ...]
    before: tuple[Formula, ...] = ()
    laws: tuple[Ground, ...] = ()


class Folds:
    """What parts of results are by the names of values; ``given`` are those that a reader knows, ``bodies`` what names stand for
    by those before them."""

    def __init__(
        self, waypoints: Iterable[tuple[str, Expr]], given: Collection[str], bodies: Mapping[Expr, Expr], n: Normalizer
    ) -> None:
        self.n = n
        self.bodies = {body: q for q, body in bodies.items() if body.args}
        self.given = given
        self.symbols = {e: sym(name, e.type) for name, e in waypoints if e.args}
        known = {e: q for e, q in self.symbols.items() if q.attr in given}
        self.relations = {part: value for e, q in known.items() for part, value in self._parts(e, q, known)}
        self.centred = {make("sum", (q,)): num(0) for e, q in self.symbols.items() if self._is_centred(e)}

    def _parts(self, e: Expr, value: Expr, known: Mapping[Expr, Expr]) -> Iterator[tuple[Expr, Expr]]:
        """N and q D for q = N/D, t and q² for q = √t, and so on for N and t."""
        while e.op == "div" or (e.op == "sqrt" and e.type[0] == "s"):
            value = times(substitute((e.args[1],), dict(known))[0], value) if e.op == "div" else make("pow", (value, num(2)))
            e = e.args[0]
            for part in (e, self.n.normal(e), self.symbols.get(e, e)) if e.args else ():
                yield part, value
                if part.op == "sqnorm":
                    yield make("norm2", part.args), make("sqrt", (value,))

    def _is_centred(self, e: Expr) -> bool:
        """x - mean(x): the sum of its entries is 0."""
        return e.op in SUMS and e.type[0] == "c" and is_zero(self.n.normal(make("sum", (e,))))

    def apart(self, box: Formula, filled: Expr) -> Folded | None:
        """The box without sums that are 0, from ``filled``, the same value by all names; None where it is no shorter."""
        filled = substitute((filled,), self.bodies)[0]
        wide = self.n.expanding.normal(filled)
        without = substitute((wide,), self.centred)[0]
        if without is wide:
            return None
        form = self.n.normal(without)
        found = self._named(box, substitute((form,), self.relations)[0])
        if printed_length(found) >= printed_length(box):
            return None
        lines = self._by_names(box, tidied(filled)), self._named(box, form)
        return Folded(found, _new(found, lines[1]), lines, self._laws(filled, wide))

    def folded(self, box: Formula) -> Folded | None:
        """The box by these names; None where it is no shorter."""
        if is_long(box) or set(below((box.expr,))).isdisjoint(self.relations):
            return None
        known = {e: q for e, q in self.symbols.items() if q.attr in self.given}
        found = self._named(box, substitute((box.expr,), {**known, **self.relations})[0])
        pays = printed_length(found)[0] + LOOKED_UP <= printed_length(box)[0]
        return Folded(found, _new(found, box) or self._used(box)) if pays else None

    def _used(self, box: Formula) -> tuple[Formula, ...]:
        """The names that parts of a result make up, where it has them elsewhere already."""
        inside = set(below((box.expr,)))
        values = [value for part, value in self.relations.items() if part in inside]
        return tuple([Formula(e, {e: str(q.attr)}) for e, q in self.symbols.items() if q in set(below(values))])

    def _laws(self, filled: Expr, wide: Expr) -> tuple[Ground, ...]:
        """By which the derivative as it is put together is multiplied out, and which of its sums are 0."""
        back = {q: e for e, q in self.symbols.items()}
        sums = [q.args[0] for q in below((wide,)) if q in self.centred]
        laws = (*self.n.expanding.grounds(filled), *(("centred", back[q]) for q in sums), *self.n.grounds(wide))
        return tuple(dict.fromkeys(laws))

    def _named(self, box: Formula, form: Expr) -> Formula:
        return self._by_names(box, tidied(shortest(self.n, form)))

    def _by_names(self, box: Formula, form: Expr) -> Formula:
        inside = set(below((form,)))
        put_in = {q: e for e, q in self.symbols.items() if q in inside}
        return box._replace(expr=substitute((form,), put_in)[0], names={**box.names, **{e: str(q.attr) for q, e in put_in.items()}})


def _new(form: Formula, before: Formula) -> tuple[Formula, ...]:
    """What is called by its name in one line, and not in that before it."""
    return tuple([Formula(e, {e: name}) for e, name in form.names.items() if e not in before.names])
