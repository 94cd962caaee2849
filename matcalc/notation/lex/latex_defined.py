r"""Names that a formula defines with a number as their last script: ``h_1 = …``, ``\sigma^2 = …``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matcalc.notation.lex.latex_names import Names
from matcalc.notation.lex.syntax import Token

SCRIPTS = ("_", "^")


_MAY_SEPARATE = frozenset(("line", "words", "op"))


def separates(t: Token) -> bool:
    """Whether a statement may begin after the token."""
    return t.kind in ("line", "words") or (t.kind == "op" and t.text in (",", ";"))


def defined(tokens: Sequence[Token], partner: Mapping[int, int], names: Names) -> list[str]:
    r"""``h_1 = …`` and ``\sigma^2 = …`` make names of ``h_1`` and ``\sigma^2``, everywhere; ``P^2 = P`` defines nothing."""
    if "=" not in [t.text for t in tokens]:
        return []
    heads: list[_Name] = []
    start, depth = True, 0
    for i, t in enumerate(tokens):
        if start and depth == 0 and t.kind == "name":
            heads.append(_scripted(tokens, partner, i))
        kind, start = t.kind, False
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind in _MAY_SEPARATE:
            start = separates(t)
    equal = [h for h in heads if h.end < len(tokens) and tokens[h.end].text == "="]
    own = {h.text for h in equal}
    return [
        h.text for h in equal
        if h.number and h.text not in names.declared
        and not (h.number == "^" and (h.base in names.declared or _is_power(h, tokens, partner, own)))
    ]  # fmt: skip


class _Name(NamedTuple):
    """A letter with all its scripts."""

    text: str
    base: str  # without the last script
    number: str  # the sign of the last script, if that is a number
    end: int  # where what follows begins


def _scripted(tokens: Sequence[Token], partner: Mapping[int, int], i: int) -> _Name:
    text = base = tokens[i].text
    number, j = "", i + 1
    while j < len(tokens) and tokens[j].kind == "op" and tokens[j].text in SCRIPTS:
        close = partner[j + 1]
        inner = tokens[j + 2 : close]
        number = tokens[j].text if len(inner) == 1 and inner[0].kind == "num" else ""
        base, text = text, text + tokens[j].text + "".join([t.text for t in inner])
        j = close + 1
    return _Name(text, base, number, j)


def _is_power(head: _Name, tokens: Sequence[Token], partner: Mapping[int, int], own: set[str]) -> bool:
    """Whether the letter stands elsewhere as a value of its own that nothing defines, so that its square is no other name.

    A letter with the power 0 or 1 bears labels: ``h^1 = …, h^2 = …``.
    """
    base = head.base
    if base in own:
        return False
    found = {_scripted(tokens, partner, i).text for i, t in enumerate(tokens) if t.kind == "name" and base.startswith(t.text)}
    used = base in found or any(f.startswith((f"{base}^T", f"{base}^top", f"{base}^-")) for f in found)
    return used and found.isdisjoint((f"{base}^0", f"{base}^1"))
