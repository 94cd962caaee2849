"""Functions that a program defines, ``def softmax(x): …`` and ``relu = lambda x: …``: those that it calls become functions of the
text, ``softmax(x) = …``, with what their lines name put in; of one that nobody calls the body is the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from matcalc.expr.errors import ParseError
from matcalc.notation.lex.syntax import Token

DEF = "def"  # the kind of a token that stands for a head; its end is where the body ends
_PARAMETERS = re.compile(r"\((.*)\)|lambda ([^:]*):", re.DOTALL)
_INDENT = re.compile(r"[ \t]*")


def body_end(text: str, head: int, end: int) -> int:
    """Where the body of a function ends whose head stands at ``head`` and ends at ``end``: its own line, or the lines that are
    indented further than the head."""
    line = text.find("\n", end)
    if line < 0 or text[end:line].partition("#")[0].strip():
        return len(text) if line < 0 else line
    depth = head - (text.rfind("\n", 0, head) + 1)
    while line >= 0:
        after = text.find("\n", line + 1)
        there = text[line + 1 : len(text) if after < 0 else after]
        if there.strip() and _INDENT.match(there).end() <= depth:  # type: ignore[union-attr]
            return line
        line = after
    return len(text)


def taken_in(tokens: list[Token]) -> list[Token]:
    """The tokens without heads. Raises ``ParseError`` for several functions that nobody calls, and for what is no formula."""
    if DEF not in [t.kind for t in tokens]:
        return tokens
    called = {t.text for t, after in pairwise(tokens) if t.kind == "name" and after.text == "("}
    out: list[Token] = []
    alone = 0
    i = 0
    while i < len(tokens):
        t = tokens[i]
        named = t.kind == DEF and t.mark == "" and len(out) > 1 and out[-1].text == "=" and out[-2].kind == "name"
        name = out[-2].text if named else t.mark
        if t.kind != DEF:
            out.append(t)
            i += 1
        elif name in called:
            j = next((k for k in range(i + 1, len(tokens)) if _ends(tokens[k], t, named)), len(tokens) - 1)
            del out[len(out) - 2 * named :]
            out += _function(name, t, tokens[i + 1 : j])
            i = j
        else:
            alone += bool(t.mark)
            if alone > 1:
                raise ParseError("a second function is defined here", span=(t.start, t.start + len(t.text)),
                                 hint="paste the body of the one that is meant")  # fmt: skip
            i += 1
    return out


def _ends(t: Token, head: Token, named: bool) -> bool:
    """Whether the body is over: a lambda with its line, a function where its lines end."""
    return t.kind == "end" or (t.text == ";" if named else t.start >= head.end)


def _function(name: str, head: Token, body: Sequence[Token]) -> Iterator[Token]:
    """``name(parameters) = …``, where the head stands."""
    given = _PARAMETERS.search(head.text)
    parameters = [p.split(":")[0].strip() for p in ((given[1] or given[2]) if given else "").split(",") if p.strip()]
    place = (head.start, head.start + len(head.text))
    if not parameters or not all(p.isidentifier() for p in parameters):
        raise ParseError(f"the parameters of '{name}' are not read", span=place, hint=f"write def {name}(x, y): without defaults")
    for k, p in enumerate([name, "(", *",".join(parameters).replace(",", " , ").split(), ")", "="]):
        yield Token({"(": "open", ")": "close", ",": "op", "=": "op"}.get(p, "name"), p, *place, k == 0)
    yield from _value(name, place, list(_statements(body)))
    yield Token("op", ";", head.end, head.end)


def _value(name: str, place: tuple[int, int], lines: list[list[Token]]) -> list[Token]:
    """What the function returns, with all that its lines name put in."""
    local: dict[str, list[Token]] = {}
    for k, line in enumerate(lines):
        texts = [t.text for t in line[:3]]
        if texts[:1] == ["return"] or (k == len(lines) - 1 == 0 and "=" not in texts[1:2]):
            return _put_in(line[texts[0] == "return" :], local)
        augmented = texts[1:2] != ["="] and texts[2:3] == ["="] and line[1].kind == "op"
        if line[0].kind != "name" or not (augmented or texts[1:2] == ["="]):
            raise ParseError(f"in '{name}', which is called, this line is neither an assignment nor a return",
                             span=(line[0].start, line[-1].end), hint="write the function as a formula")  # fmt: skip
        value = _bracketed(_put_in(line[2 + augmented :], local))
        local[line[0].text] = _bracketed([*_put_in(line[:1], local), line[1], *value]) if augmented else value
    raise ParseError(f"'{name}' returns nothing", span=place, hint="end it with return …")


def _bracketed(value: list[Token]) -> list[Token]:
    first, last = value[0], value[-1]
    return [Token("open", "(", first.start, first.start, True), *value, Token("close", ")", last.end, last.end)]


def _put_in(line: list[Token], local: dict[str, list[Token]]) -> list[Token]:
    return [x for t in line for x in (local.get(t.text, [t]) if t.kind == "name" else [t])]


def _statements(body: Sequence[Token]) -> Iterator[list[Token]]:
    line: list[Token] = []
    for t in body:
        if t[:2] == ("op", ";"):
            if line:
                yield line
            line = []
        else:
            line.append(t)
    if line:
        yield line
