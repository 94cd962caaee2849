"""What bars, line ends and the letter Σ are, which depends on what stands around them."""

from __future__ import annotations

from itertools import takewhile

from matcalc.expr.errors import ParseError
from matcalc.notation.lex.habits import SUMMED
from matcalc.notation.lex.macros import BIG_OPERATORS, words
from matcalc.notation.lex.syntax import LETTERS, Token, depths

_CONTINUES = frozenset(words("+ - * / .* ./ kron dot ^ .^ _ ' , ; = propto approx <= >= < > in != : ."))
SIGNS = ("+", "-", "=", "*", "dot", ",", ";")  # before an operand


def resolve_bars(tokens: list[Token], source: str) -> list[Token]:
    """Tokens of kind ``bar`` to ``open``, ``close`` or ``op``; adjacent ``|`` are one ``||`` if that fits."""
    if not any(t.kind == "bar" for t in tokens):
        return tokens
    pairs = _with_pairs(tokens)
    unclosed: Token | None = None
    for attempt in (pairs, tokens) if len(pairs) < len(tokens) else (tokens,):
        bars = _Bars(attempt)
        if bars.unclosed is None:
            return bars.out
        unclosed = unclosed or bars.unclosed
    assert unclosed is not None
    raise ParseError(
        f"the bar '{unclosed.text}' has no partner",
        span=unclosed.span,
        source=source,
        hint=r"say which bars belong together: \left| … \right|, \lVert … \rVert",
    )


def _with_pairs(tokens: list[Token]) -> list[Token]:
    out: list[Token] = []
    for t in tokens:
        if t.kind == "bar" and t.text == "|" and out and out[-1][:2] == ("bar", "|") and not t.space:
            out[-1] = out[-1]._replace(text="||", end=t.end)
        else:
            out.append(t)
    return out


class _Bars:
    """One walk over the tokens: ``out``, and the bar that found no partner."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.out: list[Token] = []
        self.unclosed: Token | None = None
        self.stack: list[tuple[Token, bool]] = []  # what is open; is it a big operator's range?
        self.operand = True  # is an operand expected?
        self.ranged = False  # did a big operator or its range just end?
        for i, t in enumerate(tokens):
            if t.kind == "bar":
                self.bar(i, t)
            else:
                self.step(t)
                self.out.append(t)
        self.unclosed = self.unclosed or next((t for t, _ in self.stack if t.text in ("|", "||")), None)

    def step(self, t: Token) -> None:
        """Any other token."""
        ranged, self.ranged = self.ranged, False
        self.operand = t.kind in ("open", "fn", "cmd", "words", "line") or (t.kind == "op" and t.text != "'")
        if t.kind == "open":
            self.stack.append((t, ranged and t.text == "{"))
        elif t.kind == "close":
            opened, self.ranged = self.stack.pop() if self.stack else (t, False)
            self.operand = self.ranged
            if opened.text in ("|", "||") and opened.text != t.text:
                self.unclosed = self.unclosed or opened
        elif t.kind in ("cmd", "fn"):
            self.ranged = t.text in BIG_OPERATORS
            self.operand = not t.text.startswith("end:")
        elif t.kind == "op" and t.text in ("_", "^"):
            self.ranged = ranged

    def innermost(self) -> str:
        return self.stack[-1][0].text if self.stack else ""

    def bar(self, i: int, t: Token) -> None:
        if not self.operand and self.innermost() == t.text:
            self.close(t)
        elif not self.operand and t.text == "||" and self.innermost() == "|":
            middle = (t.start + t.end) // 2
            self.close(t._replace(text="|", end=middle))
            self.bar(i, t._replace(text="|", start=middle, space=False))
        elif self.operand or self.comes_again(i, t.text):
            t = t._replace(kind="open")
            self.stack.append((t, False))
            self.out.append(t)
            self.operand, self.ranged = True, False
        else:
            self.out.append(t._replace(kind="op"))
            self.operand, self.ranged = True, False

    def close(self, t: Token) -> None:
        self.stack.pop()
        self.out.append(t._replace(kind="close"))
        self.operand, self.ranged = False, False

    def comes_again(self, i: int, text: str) -> bool:
        """Does such a bar follow in the same brackets?"""
        behind = takewhile(lambda pair: pair[1] >= 0, depths(self.tokens, i + 1))
        return any(t.kind == "bar" and not depth and t.text == text for t, depth in behind)


def resolve_lines(tokens: list[Token], source: str) -> list[Token]:
    r"""``\\`` and line breaks to ``;`` where a statement ends there, to nothing where one goes on."""
    if "\n" not in source and not any(t.kind == "line" for t in tokens):
        return tokens
    out: list[Token] = []
    depth = 0
    for i, t in enumerate(tokens):
        if t.kind == "line":
            if depth <= 0 and out and not _unfinished(out[-1]) and _begins(tokens, i + 1):
                out.append(t._replace(kind="op", text=";"))
            continue
        if depth <= 0 and out and _new_line(out[-1], t, source) and _begins_definition(tokens, i):
            out.append(Token("op", ";", out[-1].end, out[-1].end))
        depth += t.kind == "open" or t.text.startswith("begin:")
        depth -= t.kind == "close" or t.text.startswith("end:")
        out.append(t)
    return out


def _unfinished(t: Token) -> bool:
    return t.kind in ("open", "fn", "cmd", "words") or (t.kind == "op" and t.text != "'")


def _begins(tokens: list[Token], i: int) -> bool:
    """Does a statement begin at ``tokens[i]``?"""
    if i >= len(tokens):
        return False
    t = tokens[i]
    return t.kind not in ("close", "line", "T") and not (t.kind == "op" and t.text in _CONTINUES)


def _new_line(before: Token, t: Token, source: str) -> bool:
    return "\n" in source[before.end : t.start] and not _unfinished(before)


def _begins_definition(tokens: list[Token], i: int) -> bool:
    """``name =``, ``name_i =`` or ``name(…) =``."""
    if tokens[i].kind != "name":
        return False
    for t, depth in depths(tokens, i + 1):
        if depth == 0 and t.kind == "op" and t.text == "=":
            return True
        if depth < 0 or (depth == 0 and not (t.kind == "close" or (t.kind == "op" and t.text in ("_", "^")))):
            return False
    return False


def resolve_sums(tokens: list[Token], source: str) -> list[Token]:
    """``Σᵢ`` in front of what has that index: the sign of a sum, typed with the letter."""
    if "Σ" not in source:
        return tokens
    letters = [t.text == "Sigma" and source[t.start] == "Σ" and _sums(tokens[:i], tokens[i + 1 :]) for i, t in enumerate(tokens)]
    return [t._replace(kind="cmd", text="sum", mark=LETTERS) if s else t for t, s in zip(tokens, letters, strict=True)]


def _sums(before: list[Token], after: list[Token]) -> bool:
    """Whether what follows a Σ has its index, and what stands before is no factor of a matrix."""
    texts = [t.text for t in after]
    label = texts[2 : texts.index("}")] if texts[:1] == ["_"] else []
    rest = after[len(label) + 3 * bool(label) :]
    if "=" in label or not rest:  # Σ_{i=1}^n
        return "=" in label
    sign = next((k for k in range(len(before) - 1, -1, -1) if before[k].text in SIGNS), -1)
    term = [t.text for t in before[sign + 1 :]]
    if term[-1:] in (["T"], ["'"]) or (
        term and before[-1].kind == "name" and (term[-1].isupper() or not label) and "/" not in term[-2:]
    ):
        return False
    if rest[0].kind not in ("name", "num", "open", "fn", "cmd", "bar") or not (label or (rest[0].space and term[-1:] != ["}"])):
        return False
    end = next((k for k, t in enumerate(rest) if t.text in ("=", ";")), len(rest))
    return not {*label}.intersection(term) and any(
        t.text in (label or SUMMED) and (label or rest[k - 2].text == "_") for k, t in enumerate(rest[:end]) if t.kind == "name"
    )
