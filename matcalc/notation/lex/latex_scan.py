"""LaTeX source to TeX tokens, one character or macro each: no white space, no comments, macros expanded."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar, cast

from matcalc.expr.errors import LimitError, MatcalcError, ParseError
from matcalc.notation.lex.habits import CONSTANTS, MATRIX_GREEK, SCALAR_GREEK
from matcalc.notation.lex.macros import ACCENTS, FONTS, FRACTIONS, SIZES, SPACES, bare_name
from matcalc.notation.lex.sentence_words import SAYING, with_prose
from matcalc.notation.lex.syntax import Span, Token

Raw = tuple[str, int, int, bool]  # text, start, end, white space before it

NESTING = 100  # levels of braces
T = TypeVar("T")
EXPANSIONS = 10_000  # of user macros, in one formula
EXPANDED = 100_000  # TeX tokens that these may make

_BLANK = r"[ \t\n\r\f\v\xa0\u2002-\u200a\u202f\u205f]"
# These are compiled when a text is LaTeX.
_TOKEN = (
    rf"((?>{_BLANK}*(?:%[^\n]*\n?{_BLANK}*)*))"
    r"(\\\\(?:\[-?[\d.]+ ?[a-z]{2}\]|\*)?|\\[A-Za-z]+|\\.|w\.r\.t\.?|[A-Za-z]+|\.[*/^]|:=|#\d|.|\Z)"
)
_APPLIED = rf"\.?{_BLANK}*(?:\(|\[|\\left|\\\{{|\\[bB]igg?l?(?![A-Za-z]))"
_LEFT_SIDE = (
    r"(?:^|[,;\n]|\\\\|\\q?quad|\\[ >!]|\$|\\\[|\\begin\{[a-z*]+\})[\s&~]*"
    r"([A-Za-z]{3,})\s*(?:\([^()=]*\)|)\s*[&:]*="
)
_ONE_ARGUMENT = frozenset(("^", "_", ".^", r"\sqrt", *FRACTIONS, *FONTS, *ACCENTS))
_DELIMITERS = {"$": "$", r"\[": r"\]", r"\(": r"\)"}


def scan(text: str, names: Collection[str] = ()) -> list[Raw]:
    """TeX tokens of ``text``. A run of letters is one only where it is a function or a name being defined."""
    words = _left_sides(text, names) if "=" in text else frozenset()
    tokens = re.findall(_TOKEN, text, re.DOTALL)
    prose = _prose(text, tokens, names)
    raw: list[Raw] = []
    space, end, told = False, 0, 0
    opened: list[str] = []
    for gap, token in tokens:
        if gap:
            space = True
            end += len(gap)
        start, end = end, end + len(token)
        if start < told:
            continue
        if start in prose and not opened:
            told, space = prose[start], _as_text(raw, text, (start, prose[start]), space)
            continue
        if len(token) == 1:
            if token == "~":
                space = True
                continue
            raw.append((token, start, end, space))
            if token in "([{":
                opened.append(token)
            elif token in ")]}" and opened:
                opened.pop()
        elif token in (r"\quad", r"\qquad") and opened[-1:] == ["["]:
            raw.append((",", start, end, space))  # [x_1 \quad x_2]
        elif token in SPACES:
            space = True
            continue
        elif not token:
            break
        elif not token.isalpha() or _is_word(token, words, names, text, end, raw):
            raw.append((token, start, end, space))
        else:
            raw.append((token[0], start, start + 1, space))
            raw += [(c, k, k + 1, False) for k, c in enumerate(token[1:], start + 1)]
        space = False
    return raw


def _prose(text: str, tokens: list[tuple[str, str]], names: Collection[str]) -> dict[int, int]:
    """Where words of sentences begin and end."""
    found = {m.start(): m.end() for m in re.finditer(_REMARK, text)} if "quad" in text else {}
    if SAYING.isdisjoint([t for _, t in tokens]):
        return found
    seen: list[Token] = []
    end = 0
    for gap, t in tokens:
        kind = "name" if t.isalpha() or t.startswith("w.r") else "cmd" if t.startswith("\\") else "op" if t else "end"
        end += len(gap) + len(t)
        seen.append(Token(kind, "wrt" if t.startswith("w.r") else t.removeprefix("\\"), end - len(t), end))
    return found | {t.start: t.end for t in with_prose(seen, names) if t.mark}


def _as_text(raw: list[Raw], text: str, span: Span, space: bool) -> bool:
    r"""Adds words of a sentence as ``\text{…}``; a full stop before them ends a statement."""
    start, end = span
    if raw and raw[-1][0] == ".":
        raw[-1] = (",", *raw[-1][1:])
    letters = [(c, k, k + 1, text[k - 1 : k].isspace()) for k, c in enumerate(text[start:end], start) if not c.isspace()]
    raw += [(r"\text", start, start, space), ("{", start, start, False), *letters, ("}", end, end, True)]
    return False


# A word in brackets at the end of a row, after a wide blank: the input, the output.
_REMARK = r"(?:(?<=quad)|(?<=quad )|(?<=quad~))\([A-Za-z]{3,}(?: [A-Za-z]+)*\)(?=\s*(?:\\\\|\\end\{|[,;\n]|\Z))"


def _left_sides(text: str, names: Collection[str]) -> frozenset[str]:
    """Words that the text defines (``loss = …``, ``activation(x) = …``), but no products of known letters."""

    def is_word(run: str) -> bool:
        small = sum(c.islower() for c in run)
        if run.isupper():  # RSS = …, where the letters do not stand for themselves
            return bool(names) and not any(c in names for c in run) and all(text.count(c) == run.count(c) for c in run)
        return small > 1 and not bare_name(run) and not all(c in names for c in run)

    return frozenset(filter(is_word, (m[1] for m in re.finditer(_LEFT_SIDE, text))))


def _is_word(run: str, words: frozenset[str], names: Collection[str], text: str, end: int, raw: list[Raw]) -> bool:
    """Is the run being defined, or a function? One that is not applied is for the reader to refuse."""
    if raw and raw[-1][0] in _ONE_ARGUMENT:
        return False
    if run in words or run in CONSTANTS:
        return True
    if run in names:
        return False
    if run in SCALAR_GREEK or run in MATRIX_GREEK:  # lambda; mu, where the text has no macros at all
        return len(run) > 3 or "\\" not in text
    if bare_name(run) is None:
        return False
    bare = run[1:].islower() and not all(c in names for c in run)
    return bare or re.compile(_APPLIED).match(text, end) is not None


def strip_delimiters(raw: list[Raw]) -> list[Raw]:
    r"""Without the ``$ … $``, ``\[ … \]`` around the whole or around parts of a sentence, and without a full stop at the end."""
    raw = _without_dollars(raw)
    while raw:
        if raw[-1][0] in (".", ",", "?") and (len(raw) == 1 or raw[-2][0] not in SIZES):
            raw = raw[:-1]
        elif len(raw) > 1 and _DELIMITERS.get(raw[0][0]) == raw[-1][0]:
            raw = raw[1:-1]
        else:
            break
    return raw


def _without_dollars(raw: list[Raw]) -> list[Raw]:
    r"""``Let $A$ be symmetric. Differentiate $$x^T A x$$``: without the signs, and what stands outside of them as ``\text{…}``."""
    signs = [] if _SIGNS.isdisjoint([t[0] for t in raw]) else _formula_signs(raw)
    if len(signs) % 2 or not signs:
        return raw
    out: list[Raw] = []
    end = 0
    for (first, start), (stop, after) in zip(signs[::2], signs[1::2], strict=True):
        outside = _outside(raw[end:first])
        if outside is None and not end and raw[first - 1][0] in ("}", ","):  # the formula stands before all signs
            outside = raw[:first]
        if outside is None:
            return raw
        out += [*outside, *raw[start:stop]]
        end = after
    outside = _outside(raw[end:])
    return raw if outside is None else [*out, *outside]


def _formula_signs(raw: list[Raw]) -> list[tuple[int, int]]:
    """Where the signs around formulas stand outside of all braces; ``$$`` is one."""
    found: list[tuple[int, int]] = []
    depth = 0
    for i, t in enumerate(raw):
        depth += (t[0] == "{") - (t[0] == "}")
        if depth or t[0] not in _SIGNS:
            continue
        if t[0] == "$" and found and found[-1] == (i - 1, i) and raw[i - 1][0] == "$":
            found[-1] = i - 1, i + 1
        else:
            found.append((i, i + 1))
    return found


_SIGNS = frozenset(("$", *_DELIMITERS, *_DELIMITERS.values()))


def _outside(part: list[Raw]) -> list[Raw] | None:
    r"""What stands between two formulas as ``\text{…}``; None where it is no prose."""
    if all(t[0] in ".,:;!?" for t in part):
        return [(",", *part[0][1:])] if part else []
    if not _is_prose(part):
        return None
    told = [t for t in part if t[0] not in (r"\text", "{", "}")]
    start, end = told[0][1], told[-1][2]
    return [(r"\text", start, start, True), ("{", start, start, False), *told, ("}", end, end, True)]


_WORDS = frozenset(("of", "to", "in", "by", "is", "be", "or", "if"))


def _is_prose(part: list[Raw]) -> bool:
    """Whether nothing but words and punctuation stands there, and words that are no product of letters."""
    letters = [t for t in part if t[0].isalpha()]
    words = "".join(" " * (space or not i) + token for i, (token, _, _, space) in enumerate(letters)).split()
    rest = all(t[0] in (*".,:;!?'()-", r"\text", "{", "}") for t in part if not t[0].isalpha())
    return rest and (not words or any(len(w) > 2 or w.lower() in _WORDS for w in words))


def braces(raw: list[Raw], source: str) -> dict[int, int]:
    """Index of each opening brace to that of its partner."""
    partner: dict[int, int] = {}
    stack: list[int] = []
    for i, (text, start, end, _) in enumerate(raw):
        if text == "{":
            stack.append(i)
            if len(stack) > NESTING:
                raise LimitError(f"braces are nested deeper than {NESTING} levels", span=(start, end), source=source)
        elif text == "}":
            if not stack:
                hint = r"delete it, or write \} for a brace that is printed"
                raise ParseError("'}' closes no '{'", span=(start, end), source=source, hint=hint)
            partner[stack.pop()] = i
    if stack:
        _, start, end, _ = raw[stack[-1]]
        message = f"expected '}}' to close '{{' at column {start - source.rfind(chr(10), 0, start)}"
        raise ParseError(message, span=(start, end), source=source, hint="add the missing '}'")
    return partner


def expand(raw: list[Raw], macros: Mapping[str, str], source: str) -> list[Raw]:
    """User macros replaced by their text; what comes of a call stands where the call stood."""
    table = {"\\" + name.lstrip("\\"): scan(text) for name, text in macros.items()}
    todo, done, calls = raw[::-1], [], 0
    while todo:
        token = todo.pop()
        if token[0] not in table:
            done.append(token)
            continue
        calls += 1
        body = _call(token, table[token[0]], todo, source)
        if calls > EXPANSIONS or len(todo) + len(body) + len(done) > EXPANDED:
            hint = f"at most {EXPANSIONS} expansions are made, to {EXPANDED} pieces; does the macro use itself?"
            raise LimitError(f"{token[0]} expands without end", span=token[1:3], source=source, hint=hint)
        todo += body[::-1]
    return done


def in_full(said: T, macros: Mapping[str, str]) -> T:
    r"""A name as the text has it, with the user's macros in it expanded: ``\Sg`` is ``\Sigma``; of a mapping its keys, of a
    sequence each. What is no name is as it is."""
    return cast("T", _in_full(said, macros)) if macros else said


def _in_full(said: object, macros: Mapping[str, str]) -> object:
    if isinstance(said, str):
        named = "\\" in said and any("\\" + name.lstrip("\\") in said for name in macros)
        try:
            return "".join(_spaced(expand(scan(said), macros, said))) if named else said
        except MatcalcError:  # a macro that uses itself: where the text has it, the reader says so
            return said
    if isinstance(said, Mapping):
        return {_in_full(name, macros): value for name, value in said.items()}
    return type(said)(_in_full(name, macros) for name in said) if isinstance(said, (tuple, list)) else said


def _spaced(raw: Iterable[Raw]) -> Iterator[str]:
    """The tokens as text: a blank ends the name of a macro."""
    before = ""
    for token, *_ in raw:
        yield f" {token}" if token[0].isalpha() and before[:1] == "\\" and before[-1].isalpha() else token
        before = token


def _call(token: Raw, body: list[Raw], todo: list[Raw], source: str) -> list[Raw]:
    """The expansion of one call, whose arguments are taken off ``todo``."""
    name, start, end, space = token
    count = max((int(t[0][1:]) for t in body if t[0][0] == "#"), default=0)
    arguments: list[list[Raw]] = []
    for k in range(count):
        argument = _argument(todo)
        if not argument:
            hint = f"its definition uses #{count}: write {name}{'{…}' * count}"
            raise ParseError(f"{name} misses argument {k + 1}", span=(start, end), source=source, hint=hint)
        end = max(end, argument[-1][2])
        arguments.append(argument[1:-1] if argument[0][0] == "{" else argument)
    out: list[Raw] = []
    for t in body:
        if t[0][0] == "#" and t[0] != "#0":
            out += [(a[0], start, end, a[3]) for a in arguments[int(t[0][1:]) - 1]]
        else:
            out.append((t[0], start, end, t[3]))
    return [(*out[0][:3], space), *out[1:]] if out else []


def _argument(todo: list[Raw]) -> list[Raw]:
    """One argument, braces and all; empty if there is none."""
    if not todo or todo[-1][0] == "}":
        return []
    taken, depth = [todo.pop()], 0
    depth += taken[0][0] == "{"
    while depth and todo:
        taken.append(todo.pop())
        depth += {"{": 1, "}": -1}.get(taken[-1][0], 0)
    return taken


# Macros that a text defines itself, or a preamble does: ``\newcommand``, ``\def``, ``\DeclareMathOperator``


_HEAD = (  # compiled when a text is LaTeX
    r"\\(?:(?P<new>(?:re)?newcommand|providecommand)|(?P<operator>DeclareMathOperator)|(?P<plain>def|gdef))(?![A-Za-z])\*?\s*"
    r"(?:\{\s*(?P<braced>\\[A-Za-z]+)\s*\}|(?P<bare>\\[A-Za-z]+))\s*"
    r"(?:\[(?P<count>\d)\]\s*(?P<default>\[[^\]]*\])?|(?P<marks>(?:#\d)+))?\s*(?=\{)"
)
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")


def taken_out(text: str) -> tuple[str, dict[str, str]]:
    r"""The text with blanks in place of its definitions, and what they say: ``{"\\norm": "\\lVert #1\\rVert"}``.

    Raises ``ParseError`` for a definition that is never closed, or has an argument that may be left out.
    """
    found: dict[str, str] = {}
    for (start, end), name, body in _definitions(text):
        found[name] = body
        text = text[:start] + " " * (end - start) + text[end:]
    return text, found


def macros_in(text: str, others: Mapping[str, str] | None) -> dict[str, str]:
    """The ``others`` and those that the text defines; where it cannot be read, the reader says so."""
    try:
        return {**(others or {}), **taken_out(text)[1]}
    except ParseError:
        return dict(others or {})


def of_preamble(text: str) -> dict[str, str]:
    """The macros of a file of definitions, whatever else stands there. Raises ``ParseError``."""
    text = _COMMENT.sub("", text)
    try:
        return taken_out(text)[1]
    except ParseError as error:
        error.source = text
        raise


def _definitions(text: str) -> Iterator[tuple[Span, str, str]]:
    at = 0
    while "\\" in text and (head := re.compile(_HEAD).search(text, at)) is not None:
        end = closed(text, head.end())
        name = head["braced"] or head["bare"]
        if end is None or head["default"]:
            what = "is never closed" if end is None else "has an argument that may be left out, which is not read"
            raise ParseError(f"the definition of {name} {what}", span=head.span(), hint=rf"write \newcommand{{{name}}}{{…}}")
        body = text[head.end() + 1 : end - 1]
        yield (head.start(), end), name, rf"\operatorname{{{body}}}" if head["operator"] else body
        at = end


def closed(text: str, start: int) -> int | None:
    """The place behind the brace that closes the one at ``start``."""
    depth = 0
    for brace in re.finditer(r"\\.|[{}]", text[start:], re.DOTALL):
        depth += (brace[0] == "{") - (brace[0] == "}")
        if depth == 0 and brace[0] == "}":
            return start + brace.end()
    return None
