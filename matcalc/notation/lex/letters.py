"""What a name of one letter is by the table of conventions; letters and words that are signs."""

from __future__ import annotations

import re
from collections.abc import Collection

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


# Σᵢ in front of what has that index: a sum, typed with the letter. These are compiled when they are used: few texts need them.
_SIGMA = (
    r"(?P<before>(?:^|[=+\-−()·*,;\d½¼¾]|/[ ]*\w|[∇∂]_?\{?\w+\}?)[ ]*)Σ"
    r"(?=(?:_?\{?(?P<i>[ᵢⱼₖₙₜijknt]|[ᵢⱼₖ]{2})\}?)(?![\w⁻^ᵀ'=,.)]).*(?:(?P=i)|_)|[ ]+[^=;]*(?:[ᵢⱼₖ]|_[ijk](?!\w)))"
)
# sum_i (y_i - t_i)^2, prod_j x_j: the sign, and what it is of, which stands there as no value of a program does
_LETTERS = (
    r"(?<![\w\\])(?P<word>sum|prod)(?=_(?:[ijknt](?!\w)|\{[^{}]*\})(?:\^\S+)?[ ]*[(\[|‖\w\\](?!=))(?!.*\b(?:sum|prod)_\w+[ ]*=)"
)


_PAIR = r"(?<![\w\\])(sum|prod)_([ijkl][jklm])(?!\w)(?=[ ]*[(\[|‖\w\\])"  # sum_ij A_ij


def with_sums(text: str, declared: Collection[str]) -> str:
    """The text with signs of sums and products where these are typed as letters, each where it was."""
    if "Σ" in text:
        text = re.sub(_SIGMA, lambda found: f"{found['before']}∑", text)
    if not any(word in text for word in _SUMS) or any(n.startswith(_SUMS) for n in declared):
        return text
    text = re.sub(_PAIR, lambda found: f"{'∑' if found[1] == 'sum' else ' ∏'}_{{{found[2]}}}", text)
    return re.sub(_LETTERS, lambda found: "  ∑" if found["word"] == "sum" else "   ∏", text)


_SUMS = ("sum_", "prod_")
