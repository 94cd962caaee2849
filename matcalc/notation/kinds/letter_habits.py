"""What the letter of a name says about its kind."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from matcalc.notation.kinds.elimination import Kinds
from matcalc.notation.lex import habits
from matcalc.notation.lex.habits import is_increment, is_letter
from matcalc.notation.lex.syntax import QUAD, Statement


def usual_kind(text: str) -> str:
    """What the letter alone says."""
    return min((cost, kind) for kind, cost in letter_costs(text, False).items())[1]


def member_costs(base: str, indices: int, bold: bool = False) -> Mapping[Kinds, int]:
    """What x_i is under a sum over i."""
    one = habits.BOLD_MEMBER if bold else habits.CAPITAL_MEMBER if base[:1].isupper() else habits.MEMBER
    costs = habits.TWO_INDICES if indices > 1 else one
    return {(k,): c for k, c in costs.items()}


@lru_cache(maxsize=4096)
def letter_costs(text: str, bold: bool) -> habits.Costs:
    """What the letter of a name says."""
    if "|" in text and "(" in text:  # p(y|x)
        return habits.NUMBER
    if text in habits.PI:
        return habits.NO_LETTER
    if text in habits.CONSTANTS:
        return habits.NUMBER
    if is_increment(text):
        return letter_costs(text.removeprefix("Delta"), bold)
    base = base_of(text)
    letter = base.removesuffix("_hat").removesuffix("_tilde").removesuffix("_bar")
    single = len(letter) == 1 or (letter[:1].isupper() and letter.lower() in _GREEK) or letter in _GREEK
    upper = letter[:1].isupper()
    if bold:
        return habits.BOLD_CAPITAL if upper else habits.BOLD
    if letter in habits.BY_LETTER:
        costs = habits.BY_LETTER[letter]
    elif not single:
        costs = habits.CAPITAL if upper else habits.WORD
    elif upper:
        costs = habits.CAPITAL if len(letter) == 1 else habits.CAPITAL_GREEK
    else:
        costs = habits.GREEK if letter in _GREEK else habits.LOWER
    label = text[len(base) :].strip("_^{}()") if text[len(base) : len(base) + 1] in ("_", "^") else ""  # b1 is no entry of b
    change = habits.DIGIT if label.isdigit() else habits.LETTER if label else 0
    return {k: max(0, c + (change if k == "s" else 0)) for k, c in costs.items()}


_GREEK = (habits.SCALAR_GREEK - {"eps"}) | {"pi"}


def is_word(text: str) -> bool:
    """Whether a name is a run of letters, and no letter."""
    base = base_of(text)
    return len(base) > 1 and base.isalpha() and not is_letter(text) and text not in habits.CONSTANTS


def base_of(text: str) -> str:
    return text.partition("_")[0].partition("^")[0].rstrip("0123456789") or text


def beside_siblings(s: Statement) -> bool:
    r"""``X_{window} = [X_a \quad X_b]``: what is made is of the same kind as its parts, vectors below each other or blocks."""
    if s.name is None or s.others or s.body.kind != "blocks" or s.body.mark != QUAD:
        return False
    parts = {base_of(a.value) if a.kind == "name" else "" for a in s.body.args}
    return s.body.value == len(s.body.args) > 1 and parts == {base_of(s.name)}
