r"""Properties that a sentence says of names: ``A \text{ symmetric}``, ``for symmetric A``, ``where A is positive definite``."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from matcalc.expr.qualities import FILLERS, TELLING, said_in
from matcalc.notation.lex.syntax import Statement, Token
from matcalc.notation.meaning.stated import closing, fact

_ENDS = (",", ";")


class Asides(NamedTuple):
    """The tokens without the names of which words only say something; what they say; what of it is not read."""

    tokens: list[Token]
    facts: list[Statement]
    notes: tuple[str, ...]


def taken_out(tokens: list[Token]) -> Asides:
    """What words say of names, apart from the formula."""
    facts: list[Statement] = []
    notes: list[str] = []
    drop: set[int] = set()
    for i, t in enumerate(tokens):
        if not _is_prose(t):
            continue
        qualities = said_in(t.mark)
        names, gone = _before(tokens, i, drop) or (_after(tokens, i) if qualities else None) or ([], [])
        span = (min([t.start, *(n.start for n in names)]), max([t.end, *(n.end for n in names)]))
        if not qualities and names and gone and _describes(t.mark):
            notes.append(f"what the text says of '{names[0].text}' in words is not read: '{t.mark.strip()}'")
        elif not qualities:
            continue
        for q in qualities:
            facts += [fact(n, "stated", (), span) if q == "scalar" else fact(n, "holds", q, span) for n in names]
        drop.update(gone)
    return Asides([t for i, t in enumerate(tokens) if i not in drop] if drop else tokens, facts, tuple(notes))


def around(text: str, tokens: list[Token]) -> tuple[str, ...]:
    """What is to be said of the words before and behind a formula that stands between signs."""
    parts = [p.strip(" $.,:;!?\n") for p in (text[: tokens[0].start], text[tokens[-2].end if len(tokens) > 1 else 0 :])]
    said = " and ".join(f"'{p}'" for p in parts if p and not {"\\", "%"} & set(p))
    return (f"the words beside the formula are not read: {said}",) if said else ()


def _describes(words: str) -> bool:
    """``is the learning rate``."""
    return words.split()[0].lower() in ("is", "are", "denotes", "denote", "being", "represents") if words.strip() else False


def _is_prose(t: Token) -> bool:
    return t.kind == "cmd" and t.text == "words"


def _is_end(t: Token) -> bool:
    return t.kind == "end" or _is_prose(t) or (t.kind == "op" and t.text in _ENDS)


def _before(tokens: list[Token], i: int, drop: Collection[int]) -> tuple[list[Token], list[int]] | None:
    """The names before the words at ``i``, and the places that say nothing but them: ``A, B \\text{ symmetric}``."""
    start = i
    while start and not _is_end(tokens[start - 1]):
        start -= 1
    if i > 1 and _is_aside(tokens, i - 2) and tokens[i + 1].text == ")" and tokens[i - 1].kind == "name":
        return [tokens[i - 1]], [i - 2, i - 1, i + 1]  # (A symmetric)
    if start == i or tokens[start].kind != "name" or (i - start > 1 and tokens[start + 1].text != "in"):
        return None
    names, gone = [tokens[start]], [start] if i - start == 1 else []
    while start > 2 and tokens[start - 1].text == "," and tokens[start - 2].kind == "name" and _is_end(tokens[start - 3]):
        gone += [start - 1, start - 2]
        start -= 2
        names.append(tokens[start])
    if start and tokens[start - 1].kind == "op" and gone and start - 1 not in drop:
        gone.append(start - 1)  # the comma
    return names, gone


def _is_aside(tokens: list[Token], i: int) -> bool:
    """Whether a bracket opens at a place, and not that of a function."""
    return tokens[i].text == "(" and (not i or (tokens[i].space and tokens[i - 1].kind not in ("np", "fn", "attr")))


def _after(tokens: list[Token], i: int) -> tuple[list[Token], list[int]] | None:
    """The name behind the words at ``i``: ``for symmetric A``."""
    if i + 2 >= len(tokens) or tokens[i + 1].kind != "name":
        return None
    if tokens[i + 2].text == "in":
        return [tokens[i + 1]], []
    return ([tokens[i + 1]], [i + 1]) if _is_end(tokens[i + 2]) else None


def by_entries(tokens: list[Token]) -> list[Token]:
    r"""``\operatorname{diag}(d_1, \dots, d_n)`` as the diagonal matrix of the vector d."""
    if not any([t.kind == "op" and t.text == "..." for t in tokens]):
        return tokens
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        out.append(tokens[i])
        i += 1
        if tokens[i - 1].text == "(" and i > 1 and tokens[i - 2].kind == "fn" and tokens[i - 2].text == "diag":
            close = closing(tokens, i - 1)
            if (name := _enumerated(tokens[i:close])) is not None:
                out.append(name)
                i = close
    return out


def _enumerated(inside: list[Token]) -> Token | None:
    """The name of the vector whose entries are listed from the first to the last."""
    text = "".join(t.text for t in inside)
    found = _LIST.fullmatch(text)
    return inside[0]._replace(text=found["name"], end=inside[-1].end) if found else None


_LIST = re.compile(r"(?P<name>[A-Za-z]+)_\{?1\}?,(?:(?P=name)_\{?\d\}?,)*\.\.\.,(?P=name)_\{?\w+\}?")


def diagonal(pieces: list[list[Token]], declared: Collection[str]) -> tuple[list[list[Token]], list[Statement]]:
    """``D = diag(d)`` of a declared D, where d stands nowhere else: D is diagonal, and d only names its entries."""
    if not any([len(p) == 7 and p[2].text == "diag" for p in pieces]):
        return pieces, []
    texts = [t.text for p in pieces for t in p if t.kind == "name"]
    rest: list[list[Token]] = []
    facts: list[Statement] = []
    for p in pieces:
        shown = [t.text for t in p[1:4]] == ["=", "diag", "("] and len(p) == 7 and p[4].kind == "name"
        if shown and p[0].text in declared and p[4].text not in declared and texts.count(p[4].text) == 1:
            facts.append(fact(p[0], "holds", "diagonal", (p[0].start, p[-1].end)))
        else:
            rest.append(p)
    return rest, facts


def with_prose(tokens: list[Token], known: Collection[str]) -> list[Token]:
    """Plain text: words of a sentence in one token, ``where A is symmetric``; what is declared is a name."""
    if not any([t.text in _TELLING or t.text in ("is", "are") for t in tokens]):
        return tokens
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        end = i
        while _is_word(tokens, end, i, known) and tokens[end + 1].text not in ("(", "=", "["):
            end += 1
        run = tokens[i:end]
        if any(t.text in _TELLING for t in run) or (len(run) > 1 and run[0].text in ("is", "are")):
            out.append(Token("cmd", "words", run[0].start, run[-1].end, run[0].space, " ".join(t.text for t in run)))
            i = end
        else:
            out.append(tokens[i])
            i += 1
    return out


def _is_word(tokens: list[Token], i: int, start: int, known: Collection[str]) -> bool:
    t = tokens[i]
    if t.kind != "name" or t.text in known:
        return False
    if t.text == "a":  # is a symmetric matrix
        return i > start and tokens[i - 1].text in ("is", "be") and tokens[i + 1].kind == "name" and len(tokens[i + 1].text) > 1
    return len(t.text) > 1 and (t.text in FILLERS or t.text in _TELLING or bool(said_in(t.text)))


_TELLING = TELLING | {"where"}

__all__ = ["by_entries", "diagonal", "taken_out", "with_prose"]
