"""Minima in words, ``minimize f(x) over x``, ``argmin_x f(x)`` and ``\\text{minimize } …``: with the sign ``\\min_x``, which says
that the minimum is not taken."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from matcalc.expr.errors import NoRuleError
from matcalc.notation.lex.syntax import Token

_SIGN = re.compile(r"(arg(?= ?m))? ?([mM]in|[mM]ax)(imi[sz]e)?(?:_([A-Za-z]\w*))?\Z")
STARTS = frozenset(("min", "max", "arg", "Min", "Max"))  # of the words that say a minimum
OVER = (("over",), ("wrt",), ("with", "respect", "to"))
CONDITIONS = (("subject", "to"), ("such", "that"))
LEFT_OUT = "'{}' is left out: what is differentiated is the function behind it"


def in_signs(tokens: list[Token], known: Collection[str]) -> tuple[list[Token], tuple[str, ...]]:
    """The tokens, and what was left out. Raises ``NoRuleError`` for conditions beside a minimum."""
    if not any([w[:3] in STARTS and _SIGN.match(w) for w in [t.text if t.text != "words" else _word(t) for t in tokens]]):
        return tokens, ()
    out: list[Token] = []
    notes: list[str] = []
    start = True
    i = 0
    while i < len(tokens):
        t, found = tokens[i], _SIGN.match(_word(tokens[i])) if start else None
        start = t.text in (";", "=") or (t.text == "words" and t.kind == "cmd" and found is None)
        after = tokens[i + 1] if i + 1 < len(tokens) else t
        begins = after.kind in ("name", "num", "open", "cmd", "fn", "np") or after.text in ("_", "-")
        called = after.text == "(" and not after.space
        if found is None or t.text in known or not any(found.group(1, 3, 4)) or not begins or called:
            out.append(t)
            i += 1
            continue
        end = next((k for k in range(i, len(tokens)) if tokens[k].text == ";" or tokens[k].kind == "end"), len(tokens) - 1)
        head, body = _read(t, found, tokens[i + 1 : end])
        out += [*head, *body]
        notes += [] if head else [LEFT_OUT.format(_word(t))]
        i = end
    return out, tuple(notes)


def _read(t: Token, found: re.Match[str], behind: list[Token]) -> tuple[list[Token], list[Token]]:
    """The sign with its variables, and the function; no sign where nobody names them."""
    words = [_word(b) for b in behind]
    for k in range(len(words)):
        if any(_at(words, k, c) for c in CONDITIONS):
            raise NoRuleError("conditions beside a minimum are not read", span=(behind[k].start, behind[-1].end),
                              hint="type the function alone, or its Lagrangian")  # fmt: skip
    sign = t._replace(kind="cmd", text=(found[1] or "") + found[2].lower(), mark="")
    if behind and behind[0].text == "_":
        return [sign], behind
    if found[4]:
        return _over(sign, [t._replace(kind="name", text=found[4], mark="")]), behind
    for k in range(len(words)):
        said = next((phrase for phrase in OVER if _at(words, k, phrase)), ())
        names = behind[k + (1 if words[k] == " ".join(said) else len(said)) :]
        if said and names and all(n.kind == "name" for n in names[::2]) and {n.text for n in names[1::2]} <= {","}:
            return _over(sign, names), behind[:k]
    return [], behind


def _at(words: Sequence[str], k: int, phrase: tuple[str, ...]) -> bool:
    return words[k] == " ".join(phrase) or tuple(words[k : k + len(phrase)]) == phrase


def _over(sign: Token, names: Sequence[Token]) -> list[Token]:
    opener, closer = sign._replace(kind="open", text="{"), sign._replace(kind="close", text="}")
    return [sign, sign._replace(kind="op", text="_"), opener, *names, closer]


def _word(t: Token) -> str:
    """A name, or the words of a ``\\text{…}``."""
    return t.text if t.kind == "name" else t.mark.strip() if t.kind == "cmd" and t.text == "words" else ""
