r"""One letter in two fonts: ``\mathbf{x}`` beside x, ``\mathcal{L}`` beside L. One object, or two?

``\mathbf{x}`` with entries x_i is one; a calligraphic letter is another than the same letter in any other font; of the others,
bold, sans-serif, Fraktur, upright or none, :mod:`matcalc.notation.meaning.readings` tries both, and asks where both can be read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import NamedTuple

from matcalc.expr.errors import AmbiguityError
from matcalc.notation.kinds.letter_habits import letter_costs
from matcalc.notation.kinds.walk import RANK
from matcalc.notation.lex.habits import SIZES, is_letter
from matcalc.notation.lex.latex_fonts import LETTERS
from matcalc.notation.lex.macros import FONTS
from matcalc.notation.lex.syntax import Token

CAL = "cal"
VECTORIAL = ("bold", "arrow")
# In the order in which a font takes the letter, where a letter stands in several and is one.
MACRO = {
    "bold": r"\mathbf{%s}", "arrow": r"\vec{%s}", "bb": r"\mathbb{%s}", "frak": r"\mathfrak{%s}", "sf": r"\mathsf{%s}",
    "word": r"\mathrm{%s}", "": "%s", CAL: r"\mathcal{%s}",
}  # fmt: skip
_FONTED = frozenset(MACRO) - {""}
_DERIVATIVES = ("partial", "d", "nabla")
_FONT = re.compile(r"(\\[A-Za-z]+)\s*\{\s*([^{}]*?)\s*\}")
_IDENTITY = "I"  # of one meaning in every font


class TwoFonts(AmbiguityError):
    """A letter that stands in two fonts, in each as a value of its own."""


class Settled(NamedTuple):
    """The tokens, with names of their own for letters in another font, and what is to be said."""

    tokens: list[Token]
    notes: tuple[str, ...] = ()


def settled(tokens: list[Token], declared: Collection[str], source: str, chosen: str = "") -> Settled:
    """Names apart where fonts keep them apart. ``chosen``: whether a letter in two fonts is ``one`` object or ``two``.

    Raises ``TwoFonts``.
    """
    if _FONTED.isdisjoint([t.mark for t in tokens]):
        return Settled(tokens)
    tokens, notes = _as_declared(tokens, declared)
    fonts = _fonts(tokens)
    for n in sorted(n for n, marks in fonts.items() if CAL in marks and len(marks) > 1):
        fonts[n].discard(CAL)
        tokens, note = _apart(tokens, n, CAL, _kept(fonts[n]))
        notes += (note,)
    letters = sorted(n for n, marks in fonts.items() if len(marks) > 1 and is_letter(n) and n != _IDENTITY)
    twofold = {n: fonts[n] for n in letters if n not in declared}
    if not twofold:
        return Settled(tokens, notes)
    if chosen == "one":
        return Settled(tokens, (*notes, *[f"{_told(n, marks)} are read as one object" for n, marks in twofold.items()]))
    if chosen == "two":
        for n, marks in twofold.items():
            kept = _kept(marks)
            for mark in [m for m in MACRO if m in marks and m != kept]:
                tokens, note = _apart(tokens, n, mark, kept)
                notes += (note,)
        return Settled(tokens, notes)
    raise _question(tokens, twofold, source)


def _as_declared(tokens: list[Token], declared: Collection[str]) -> tuple[list[Token], tuple[str, ...]]:
    r"""The tokens, where a name is declared with its font, ``\mathcal{X}``: it is no letter in another font that is another."""
    fonted = {d: (found[2], FONTS[found[1]]) for d in declared if (found := _FONT.fullmatch(d)) and found[1] in FONTS}
    names = {(letter, LETTERS.get(style, style)): d for d, (letter, style) in fonted.items()}
    letters = {letter for letter, _ in names}
    names |= {(d, ""): d for d in letters & set(declared)}
    marks = {d: mark for (_, mark), d in names.items()}
    out: list[Token] = []
    notes: dict[str, None] = {}
    for t in tokens:
        letter = fonted[t.text][0] if t.text in fonted else t.text
        if t.kind == "name" and letter in letters:
            own = names.get((letter, t.mark), t.text)
            if (letter, t.mark) not in names and CAL in (t.mark, marks.get(t.text)):
                own = f"{letter}_{CAL}" if t.mark == CAL else letter
                notes[f"'{MACRO[t.mark] % letter}' is another name than '{t.text}', which is declared: it is called {own}"] = None
            t = t._replace(text=own)
        out.append(t)
    return out, tuple(notes)


def _fonts(tokens: list[Token]) -> dict[str, set[str]]:
    """The letters that stand in a font, each with the fonts that it has."""
    found: dict[str, set[str]] = {}
    for t in tokens:
        if t.kind == "name" and t.mark in (*VECTORIAL, CAL):
            found.setdefault(t.text, set()).add(t.mark)
    for t in _values(tokens):
        found.setdefault(t.text, set()).add(t.mark)
    return found


def _kept(marks: Collection[str]) -> str:
    """The font in which a letter keeps its name: none, where it stands without one."""
    return "" if "" in marks else next(m for m in MACRO if m in marks)


def _values(tokens: list[Token]) -> list[Token]:
    r"""Letters that are not bold, as values: no entries x_i, no X of ``f(X) = …``, no L of ``\partial L`` or ``L = …``."""
    heads = _heads(tokens)
    return [
        t for i, (t, after) in enumerate(pairwise(tokens))
        if t.kind == "name" and t.mark not in (*VECTORIAL, CAL) and is_letter(t.text) and after.text not in ("_", "=")
        and i not in heads and not (t.mark and i > 1 and tokens[i - 2].text == "_")
        and not (i and tokens[i - 1].kind == "cmd" and tokens[i - 1].text in _DERIVATIVES)
    ]  # fmt: skip


def _apart(tokens: list[Token], name: str, mark: str, kept: str) -> tuple[list[Token], str]:
    """The tokens with another name for the letter in this font, and a sentence that says so."""
    own = f"{name}_{mark}"
    renamed = [t._replace(text=own) if t.kind == "name" and t.mark == mark and t.text == name else t for t in tokens]
    return renamed, f"'{MACRO[mark] % name}' and '{MACRO[kept] % name}' are read as two names, {own} and {name}"


def _told(name: str, marks: Collection[str]) -> str:
    if set(marks) == {"bold", ""}:
        return f"'{name}' in bold and '{name}' not in bold"
    return " and ".join(f"'{MACRO[m] % name}'" for m in MACRO if m in marks)


def _question(tokens: list[Token], twofold: Mapping[str, Collection[str]], source: str) -> TwoFonts:
    lead = {n: next(m for m in MACRO if m in marks) for n, marks in twofold.items()}
    told = {t.span for t in _values(tokens)}
    places = [
        t for t in tokens
        if t.kind == "name" and t.text in lead and t.mark != lead[t.text] and (t.mark in VECTORIAL or t.span in told)
    ]  # fmt: skip
    first = places[0]
    whole = (0, 0, "")  # so that what is replaced is no other x
    one = (whole, *[(t.start, t.end, MACRO[lead[t.text]] % _letter(source[t.start : t.end])) for t in places])
    two = (whole, *[(t.end, t.end, rf"_{{\text{{{t.mark or 'plain'}}}}}") for t in places])
    said = f"'{first.text}' stands here in bold and not in bold" if "bold" in twofold[first.text] else (
        f"'{first.text}' stands here in two fonts, as {_told(first.text, twofold[first.text])}"
    )  # fmt: skip
    costs = letter_costs(first.text, "bold" in twofold[first.text])
    sizes = ",".join(SIZES[: RANK[min(costs, key=costs.__getitem__)]])
    return TwoFonts(
        f"{said}: one object, or two?", span=first.span,
        hint=f"write it alike everywhere, or declare it (--dim {first.text}={sizes}); for two objects, use two names",
        ways=(one, two),
    )  # fmt: skip


def _letter(written: str) -> str:
    """The letter as it is written, without its font."""
    bare = _FONT.fullmatch(written)
    return bare[2] if bare else written


def _heads(tokens: list[Token]) -> set[int]:
    """Places of the X in ``f(X) = …``, where a font says nothing."""
    found: set[int] = set()
    for i, t in enumerate(tokens):
        if t.text == "(" and i and tokens[i - 1].kind in ("name", "fn") and (i < 2 or tokens[i - 2].text == ";"):
            end = next((k for k in range(i, len(tokens)) if tokens[k].text == ")"), i)
            if tokens[min(end + 1, len(tokens) - 1)].text == "=":
                found.update(range(i, end))
    return found
