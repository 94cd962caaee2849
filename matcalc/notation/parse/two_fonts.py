r"""One letter in two fonts: ``\mathbf{x}`` beside x, ``\mathcal{L}`` beside L. One object, or two?

``\mathbf{x}`` with entries x_i is one; a calligraphic letter is another than the same letter in another font; of the others
:mod:`matcalc.problems` tries both, and asks where both can be read.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import NamedTuple

from matcalc.expr.errors import AmbiguityError
from matcalc.notation.lex.letters import is_letter
from matcalc.notation.lex.syntax import Token

CAL = "cal"
VECTORIAL = ("bold", "arrow")
MACRO = {"bold": r"\mathbf{%s}", "arrow": r"\vec{%s}", CAL: r"\mathcal{%s}"}
_DERIVATIVES = ("partial", "d", "nabla")


class TwoFonts(AmbiguityError):
    """A letter that stands in bold, and as a value of its own also not in bold."""


class Settled(NamedTuple):
    """The tokens, with names of their own for letters in another font, and what is to be said."""

    tokens: list[Token]
    notes: tuple[str, ...] = ()


def settled(tokens: list[Token], declared: Collection[str], source: str, chosen: str = "") -> Settled:
    """Names apart where fonts keep them apart. ``chosen``: whether a letter in two fonts is ``one`` object or ``two``.

    Raises ``TwoFonts``.
    """
    if not any([t.mark in MACRO for t in tokens]):
        return Settled(tokens)
    tokens, notes = _without(tokens, CAL, _beside(tokens, CAL, declared))
    twofold = {n for mark in VECTORIAL for n in _beside(tokens, mark, declared)}
    if not twofold:
        return Settled(tokens, notes)
    if chosen == "one":
        return Settled(tokens, (*notes, *[f"'{n}' in bold and '{n}' not in bold are read as one object" for n in sorted(twofold)]))
    if chosen == "two":
        for mark in VECTORIAL:
            tokens, more = _without(tokens, mark, twofold)
            notes += more
        return Settled(tokens, notes)
    raise _question(tokens, twofold, source)


def _beside(tokens: list[Token], mark: str, declared: Collection[str]) -> set[str]:
    """Letters that stand in a font, and as values of their own without one. A declared name is one object."""
    marked = {t.text for t in tokens if t.kind == "name" and t.mark == mark}
    return {t.text for t in _plain(tokens)} & marked - set(declared)


def _plain(tokens: list[Token]) -> list[Token]:
    """Letters without a font, where they are values: no entries x_i, no X of ``f(X) = …``, no L of ``\\partial L`` or ``L = …``."""
    heads = _heads(tokens)
    return [
        t for i, (t, after) in enumerate(pairwise(tokens))
        if t.kind == "name" and not t.mark and is_letter(t.text) and after.text not in ("_", "=") and i not in heads
        and not (i and tokens[i - 1].kind == "cmd" and tokens[i - 1].text in _DERIVATIVES)
    ]  # fmt: skip


def _without(tokens: list[Token], mark: str, names: Collection[str]) -> tuple[list[Token], tuple[str, ...]]:
    """The tokens with other names for letters in this font, and a sentence for each."""
    found = {t.text for t in tokens if t.kind == "name" and t.mark == mark and t.text in names}
    if not found:
        return tokens, ()
    renamed = [
        t._replace(text=f"{t.text}_{mark}") if t.kind == "name" and t.mark == mark and t.text in found else t for t in tokens
    ]
    return renamed, tuple([f"'{MACRO[mark] % n}' and '{n}' are read as two names, {n}_{mark} and {n}" for n in sorted(found)])


def _question(tokens: list[Token], names: Collection[str], source: str) -> TwoFonts:
    places = [t for t in _plain(tokens) if t.text in names]
    first = places[0]
    marks = {t.text: t.mark for t in tokens if t.mark in VECTORIAL}
    whole = (0, 0, "")  # so that what is replaced is no other x
    one = (whole, *[(t.start, t.end, MACRO[marks[t.text]] % source[t.start : t.end]) for t in places])
    two = (whole, *[(t.end, t.end, r"_{\text{plain}}") for t in places])
    return TwoFonts(
        f"'{first.text}' stands here in bold and not in bold: one object, or two?", span=(first.start, first.end),
        hint=f"write it alike everywhere, or declare it (--dim {first.text}=n); for two objects, use two names", ways=(one, two),
    )  # fmt: skip


def _heads(tokens: list[Token]) -> set[int]:
    """Places of the X in ``f(X) = …``, where a font says nothing."""
    found: set[int] = set()
    for i, t in enumerate(tokens):
        if t.text == "(" and i and tokens[i - 1].kind in ("name", "fn") and (i < 2 or tokens[i - 2].text == ";"):
            end = next((k for k in range(i, len(tokens)) if tokens[k].text == ")"), i)
            if tokens[min(end + 1, len(tokens) - 1)].text == "=":
                found.update(range(i, end))
    return found


__all__ = ["TwoFonts", "settled"]
