"""What a name of one letter is by the table of conventions; letters with labels."""

from __future__ import annotations

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
