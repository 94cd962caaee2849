"""Sums over samples in print: an expression in which letters stand for sums, written with these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from matcalc.expr.nodes import Expr
from matcalc.notation.write.render import ATOM, PROD, SUM, Piece, pieces, wrap
from matcalc.notation.write.style import Style


class Slice(NamedTuple):
    """What x_i is: an array, which of its axes the index runs along, and its text and LaTeX."""

    array: Expr
    place: int
    shown: tuple[str, str]


class Total(NamedTuple):
    """A sum: its term, and ``Σ_{i=1}^n`` as text and in LaTeX."""

    term: Expr
    head: tuple[str, str]


class Samples(NamedTuple):
    """``whole`` with a letter for each sum, and variables for slices."""

    whole: Expr
    totals: Mapping[Expr, Total]
    slices: Mapping[Expr, Slice]


def sampled(s: Samples, style: Style, names: Mapping[Expr, str]) -> str:
    """The formula; a sum at its end needs no brackets."""
    done = {own: Piece(x.shown[style.latex], ATOM, "sym") for own, x in s.slices.items()}
    for letter, (term, head) in s.totals.items():
        inner = pieces((term,), style, names, done)[term]
        done[letter] = Piece(f"{head[style.latex]} {wrap(inner, PROD, style)}", SUM, "bigop")
    text = pieces((s.whole,), style, names, done)[s.whole].text
    last = next((done[x].text for x in s.totals if text.endswith(style.parens(done[x].text))), None)
    return text if last is None else text.removesuffix(style.parens(last)) + last
