"""A wrong line as it should be: with its slip undone, times a number, or as the derivation has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import NamedTuple

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.check.work.derivative_signs import told
from matcalc.check.work.left_out import Part, put_in
from matcalc.check.work.relations import ratio, same
from matcalc.check.work.work_names import by_their_names
from matcalc.check.work.world import Formula, Values, World, evaluated, named, typed
from matcalc.expr.errors import MatcalcError
from matcalc.expr.nodes import Expr, make, num, substitute, sym, times, transpose
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.write.render import render


def inverse(number: Fraction | float | None) -> Fraction:
    return 1 / Fraction(number) if number else Fraction(1)


def _multiple(number: Fraction, e: Expr) -> Expr:
    """The formula times a number, which its own one takes in."""
    if e.op == "neg":
        return _multiple(-number, e.args[0])
    if e.op == "scale" and e.args[0].op == "num":
        return _multiple(number * Fraction(e.args[0].attr), e.args[1])
    return e if number == 1 else make("neg", (_multiple(-number, e),)) if number < 0 else times(num(number), e)


class Correcting(NamedTuple):
    """Writes formulas that are right in plain notation, with the derivative signs of the line."""

    world: World
    one: Formula
    slopes: Mapping[str, Sequence[Values]]
    want: Sequence[Values]
    parts: Sequence[Part] = ()

    def of(self, body: Ast) -> str:
        """The formula with another body; empty where that, with the first layout of each sign, is not right."""
        with suppress(MatcalcError):
            return self._written(self._typed(body))
        return ""

    def whole(self, formulas: Sequence[Expr]) -> str:
        """The formula times a number, or one of the known forms."""
        every = list(self._candidates(formulas))
        return next((text for want in self.want for e in every if (text := self._written(e, (want,)))), "")

    def _candidates(self, formulas: Sequence[Expr]) -> Iterator[Expr]:
        with suppress(MatcalcError):
            e = self._typed(self.one.body)
            value = evaluated(self.world, e, self._first)
            found = next((t for w in self.want if (t := ratio(value, w)) is not None), None)
            if found is not None and isinstance(found.number, Fraction):
                yield _multiple(inverse(found.number), e)
        names = {e: sym(n, e.type) for n, e in self.world.formulas.items() if e.args}
        for e in formulas:
            put = substitute((e,), names)[0] if e not in names else e
            yield from (put, Normalizer({}).normal(transpose(put)))

    @property
    def _first(self) -> dict[str, Values]:
        return {s.word: self.slopes[s.word][0] for s in self.one.signs}

    def _typed(self, body: Ast) -> Expr:
        return typed(self.world, self.one.with_body(body), {w: v.type for w, v in self._first.items()})

    def _written(self, e: Expr, wants: Sequence[Values] = ()) -> str:
        with suppress(MatcalcError):
            value = evaluated(self.world, e, self._first)
            if any(same(value, w) for w in wants or self.want):
                return told(by_their_names(render(put_in(e, self.parts))), self.one.signs, named)
        return ""
