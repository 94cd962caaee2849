r"""Properties that a sentence says of names: ``A \text{ symmetric}``, ``for symmetric A``, ``where A is positive definite``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from matcalc.expr.errors import ParseError
from matcalc.expr.qualities import FILLERS, NOUNS, PHRASES, denied_in, noun_in, property_in, said_in
from matcalc.notation.lex.sentence_words import ASKING
from matcalc.notation.lex.syntax import Statement, Token, closing
from matcalc.notation.meaning.stated import fact

_ENDS = (",", ";")


class Asides(NamedTuple):
    """The tokens without the names of which words only say something; what they say; what of it is not read; what they ask."""

    tokens: list[Token]
    facts: list[Statement]
    notes: tuple[str, ...]
    by: tuple[str, ...] = ()  # with respect to x
    order: int = 0  # of the derivative, where the words name it


def taken_out(tokens: list[Token]) -> Asides:
    """What words say of names, apart from the formula. Raises ``ParseError`` for a property of nobody."""
    tokens = _sized(tokens)
    facts: list[Statement] = []
    notes: list[str] = []
    drop: set[int] = set()
    by: list[str] = []
    loose: list[str] = []
    order = 0
    for i, t in enumerate(tokens):
        if not _is_prose(t):
            continue
        order = max(order, next((n for n, words in _ORDERS.items() if words.search(t.mark)), 0))
        if _BY.search(t.mark):
            names, gone = _listed(tokens, i + 1)
            by += [n.text for n in names]
            drop.update(gone)
            continue
        said, names, gone = _said_of(tokens, i, drop)
        facts += said
        unread = list[str]()
        if all(s.body.kind == "kind" for s in said):
            _refuse_operation(tokens, i)
            unread = _unread(t, names, bool(gone)) if _loose(t.mark) or not said else []
            notes += unread
            loose += [] if unread or (names and gone) else _loose(t.mark)
        if said or unread or _describes(t.mark):
            drop.update(gone)
    if loose:
        notes.append("the words beside the formula are not read: " + " and ".join(f"'{p}'" for p in loose))
    return Asides([t for i, t in enumerate(tokens) if i not in drop] if drop else tokens, facts, tuple(notes), tuple(by), order)


_ORDERS = {2: re.compile(r"\b(?:Hessian|second (?:order )?(?:partial )?derivatives?)\b", re.I)}
_BY = re.compile(r"(?:with respect to|w\.?\s?r\.?\s?t\.?|^by)(?: the)?(?: (?:matrix|vector|variable|parameter)s?)?$", re.I)
_SIZE = re.compile(r"(?<!\w)(\w)×(\w)(?!\w)")
_FORWARD = re.compile(r"(?:and|for|with|where|let|if|given|suppose|assume|assuming|all|every|any|an?|the|some) \w", re.I)


def _said_of(tokens: list[Token], i: int, drop: Collection[int]) -> tuple[list[Statement], list[Token], list[int]]:
    """What the words at ``i`` state, the names they speak of, and the places that say nothing but them."""
    words = tokens[i].mark
    sizes = _SIZE.search(words)
    words = _SIZE.sub(" ", words)
    qualities, noun = said_in(words), noun_in(words)
    forward = _FORWARD.match(words) is not None
    tells = bool(qualities or sizes or noun)
    after = _after(tokens, i) if tells else None
    names, gone = (after if forward else None) or _before(tokens, i, drop) or after or ([], [])
    span = (min([tokens[i].start, *(n.start for n in names)]), max([tokens[i].end, *(n.end for n in names)]))
    values: list[tuple[str, object]] = [("stated", ()) if q == "scalar" else ("holds", q) for q in qualities]
    if sizes:
        values.append(("stated", tuple(int(a) if a.isdecimal() else a for a in sizes.groups())))
    elif noun and "scalar" not in qualities:
        values.append(("kind", noun))
    return [fact(n, kind, value, span) for n in names for kind, value in values], names, gone


def _sized(tokens: list[Token]) -> list[Token]:
    """``an $n \\times m$ matrix`` as words alone."""
    out: list[Token] = []
    for i, t in enumerate(tokens):
        parts = tokens[i - 3 : i]
        if i > 3 and _is_prose(t) and _is_prose(tokens[i - 4]) and [p.text for p in parts][1] in ("*", "times"):
            a, _, b = parts
            if {a.kind, b.kind} <= {"name", "num"} and noun_in(t.mark) == "m":
                del out[-4:]
                t = t._replace(start=tokens[i - 4].start, mark=f"{tokens[i - 4].mark} {a.text}×{b.text} {t.mark}")
        out.append(t)
    return out


def _unread(t: Token, names: list[Token], gone: bool) -> list[str]:
    """A note about words that describe a name and are not understood. Raises ``ParseError`` for a property of nobody."""
    if names and (property_in(t.mark) or denied_in(t.mark) or (gone and _describes(t.mark))):
        return [f"what the text says of '{names[0].text}' in words is not read: '{t.mark.strip()}'"]
    if said := property_in(t.mark):
        raise ParseError(
            f"what is '{said}' is not clear in '{t.mark.strip()}'", span=t.span,
            hint=f"name it in the words, as in 'A is {said}', or leave them out and declare it: --assume A={PHRASES[said]}",
        )  # fmt: skip
    return []


_OPERATIONS = "|".join(
    str.split("""
    logs? logarithms? exp exponential sum trace tr det determinant norm inverse transpose square root product mean average
    expectation variance entries diagonal
""")
)
_BEFORE = re.compile(rf"\b(?:(?:{_OPERATIONS}) of(?: the)?|log|ln|exp|tr|det|sqrt|sum|minus|plus|times|twice|half|negative)$", re.I)
_BEHIND = re.compile(r"(?:plus|minus|times|squared|transposed|divided by|inverse)\b", re.I)


def _refuse_operation(tokens: list[Token], i: int) -> None:
    r"""``\text{the trace of } X``: words that are part of the formula. Raises ``ParseError``."""
    t = tokens[i]
    before, behind = (
        not _is_end(tokens[i + 1]) and _BEFORE.search(t.mark),
        i and not _is_end(tokens[i - 1]) and _BEHIND.match(t.mark),
    )
    if found := before or behind:
        raise ParseError(
            f"'{found[0]}' stands in words beside a formula, and words are no part of it", span=t.span,
            hint="write it as a formula, with its sign",
        )  # fmt: skip


def _loose(words: str) -> list[str]:
    """The words, where they say more than that a formula comes, or what is asked of it."""
    rest = [w for w in re.findall(r"[^\W\d_][\w'-]*", words) if w.lower() not in FILLERS | NOUNS | ASKING]
    return [words.strip(" .,:;!?")] if rest else []


def in_comments(text: str, mark: str, opened: Callable[[list[Token]], list[Token]], tokens: list[Token]) -> Asides:
    """What comments state of the names of a text: ``# A symmetric``."""
    if mark not in text and '"""' not in text:
        return Asides([], [], ())
    facts: list[Statement] = []
    notes: tuple[str, ...] = ()
    for found in re.finditer(rf"(?<!\\\\){mark}[ ]*(?P<line>[^\n]*)|\"{{3}}(?P<text>[^\"]*)\"{{3}}", text):
        part = "text" if found["line"] is None else "line"
        if not property_in(found[part]):
            continue
        box = Token("cmd", "words", found.start(part), found.end(part), True, found[part])
        comment = [t for t in opened([*tokens, box]) if t.start >= box.start and t.kind != "end"]
        try:
            said = taken_out([*comment, Token("end", "", box.end, box.end)])
        except ParseError:
            said = Asides([], [], ())
        facts += said.facts
        notes += () if said.facts else (f"a comment is not read: '{found[part].strip()}'",)
    return Asides([], facts, notes)


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
    one = tokens[i].mark.lower().startswith("is ")  # x, A is symmetric: no list
    while at := not one and _listed_before(tokens, start):
        gone += range(at, start)
        start = at
        names.append(tokens[start])
    if start and tokens[start - 1].kind == "op" and gone and start - 1 not in drop:
        gone.append(start - 1)  # the comma
    return names, gone


def _listed_before(tokens: list[Token], start: int) -> int:
    """The place of the name in a list before the one at ``start``: ``A, B``, ``A and B``; 0 where there is none."""
    at = start - 1
    while at > 0 and (tokens[at].text == "," or (_is_prose(tokens[at]) and tokens[at].mark == "and")):
        at -= 1
    return at if 0 < at < start - 1 and tokens[at].kind == "name" and _is_end(tokens[at - 1]) else 0


def _listed(tokens: list[Token], at: int) -> tuple[list[Token], list[int]]:
    """The names from a place on, ``W and b``, and their places."""
    found: list[int] = []
    while tokens[at].kind == "name" and _is_end(tokens[at + 1]):
        if _describes(tokens[at + 1].mark) or said_in(tokens[at + 1].mark):
            break
        found.append(at)
        at += 1
        while tokens[at].text == "," or (_is_prose(tokens[at]) and tokens[at].mark == "and"):
            at += 1
    return [tokens[i] for i in found], found


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
