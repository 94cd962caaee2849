"""Words of sentences among the tokens of a text: what stands in no formula, and such words with others around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from matcalc.expr.qualities import FILLERS, NOUNS, TELLING, noun_in, said_in
from matcalc.notation.lex.syntax import Token

ASKING = frozenset(
    str.split("""
    find compute calculate differentiate derive determine evaluate consider suppose assume what take show prove minimize minimise
    maximize maximise gradient gradients derivative derivatives partial jacobian hessian function objective loss cost expression
    following otherwise else such so hence thus over subject on respect how do i you can please my it this of in by as at first
    second order want wrt since because
""")
)


def with_prose(tokens: list[Token], known: Collection[str]) -> list[Token]:
    """Words of a sentence in one token, ``where A is symmetric``; what is declared is a name."""
    if SAYING.isdisjoint([t.text for t in tokens]):
        return tokens
    counts = Counter([t.text for t in tokens if t.text in NOUNS])
    known = {*known, *(n for n, k in counts.items() if k > 1)}
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        end = i
        while _is_word(tokens, end, i, known) and tokens[end + 1].text not in ("(", "=", "["):
            end += 1 + 3 * _is_size(tokens[end + 1 : end + 5])
        run = tokens[i:end]
        before = [t.text for t in run] in (["for"], ["with"]) and tokens[end].kind == "name" and tokens[end + 1].text in _TELLING
        asks = any(t.text.lower() in _ASKED for t in run) and (len(run) > 1 or run[0].text.lower() in _NO_NAMES)
        opens = run and run[0].text in _OPENING and tokens[end].kind != "op" and (not i or tokens[i - 1].text in _STOPS)
        if opens or before or asks or any(t.text in _TELLING for t in run) or (len(run) > 1 and run[0].text in ("is", "are")):
            said = _SPACED_SIZE.sub(r"\1×\2", " ".join(t.text for t in run))
            out.append(Token("cmd", "words", run[0].start, run[-1].end, run[0].space, said))
            i = end
        elif tokens[i].text == "of" and [t.text[:1] for t in tokens[max(i - 2, 0) : i]] in (["/", "d"], ["x", ")"]):
            i += 1  # d/dx of f
        else:
            out.append(tokens[i])
            i += 1
    return out


def _is_word(tokens: list[Token], i: int, start: int, known: Collection[str]) -> bool:
    t = tokens[i]
    if t.text == "a":  # is a symmetric matrix
        after = tokens[i + 1 : i + 2]
        return i > start and tokens[i - 1].text in ("is", "be") and (_is_long(after[0]) or _is_size(tokens[i + 1 : i + 5]))
    if t.text == "I" and i > start:
        return tokens[i - 1].text in ("do", "can")
    if t.kind != "name" or t.text in known:
        return False
    return len(t.text) > 1 and (t.text.lower() in FILLERS | NOUNS | ASKING or t.text in _TELLING or bool(said_in(t.text)))


def _is_long(t: Token) -> bool:
    return t.kind == "name" and len(t.text) > 1


def _is_size(tokens: Sequence[Token]) -> bool:
    """Whether ``m x n matrix`` stands there."""
    return len(tokens) == 4 and tokens[1].text in ("x", "by", "times", "*") and noun_in(tokens[3].text) == "m"


_SPACED_SIZE = re.compile(r"(?<!\w)(\w) (?:x|by|times|\*) (\w)(?=(?: \w+)* matri)")
_OPENING = frozenset(str.split("Let Suppose Consider Given Find Compute Differentiate Show Prove What How"))
_STOPS = (".", ";", ",")
_TELLING = TELLING | {"where"}
_ASKED = frozenset(("gradient", "derivative", "hessian", "jacobian", "respect", "wrt", "differentiate"))
_NO_NAMES = frozenset(("wrt", "differentiate"))
SAYING = _TELLING | _ASKED | _OPENING | {"of", "is", "are", "Gradient", "Derivative", "Hessian", "Jacobian", "Differentiate"}
