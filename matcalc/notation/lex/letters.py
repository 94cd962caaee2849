"""What a name of one letter is by the table of conventions."""

from __future__ import annotations

import re

from matcalc.notation.lex.habits import MATRIX_GREEK, SCALAR_GREEK


def base_of(text: str) -> str:
    return text.partition("_")[0].partition("^")[0]


def is_letter(name: str) -> bool:
    """Whether a name is one letter, perhaps with a label: λ, x_1."""
    base = base_of(name)
    return len(base) == 1 or base in SCALAR_GREEK or base in MATRIX_GREEK or base == "pi"


def is_increment(text: str) -> bool:
    """Whether a name is a letter behind Δ."""
    return text.startswith("Delta") and is_letter(text.removeprefix("Delta") or "--")


def greek_words(text: str) -> list[str]:
    r"""Greek letters that a LaTeX text spells without a backslash: lambda anywhere, mu where it has no macros at all."""
    shortest = 4 if "\\" in text else 2
    return [w for w in dict.fromkeys(_GREEK_WORD.findall(text)) if len(w) >= shortest]


_GREEK_WORD = re.compile(rf"(?<![\\A-Za-z])(?:{'|'.join(sorted(SCALAR_GREEK | MATRIX_GREEK))})(?![A-Za-z])")
