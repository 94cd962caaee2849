r"""Sentences in one box of words, ``\text{where $A$ is symmetric}``: their names and formulas as tokens of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from matcalc.expr.errors import ParseError
from matcalc.notation.lex.lexer_plain import GREEK
from matcalc.notation.lex.syntax import Token

Tokenize = Callable[[str], list[Token]]


class Piece(NamedTuple):
    """A part of a sentence: ``word``, ``name`` or ``formula``; ``comma`` where a clause ends."""

    kind: str
    text: str
    start: int  # in the sentence
    end: int


_BOX = re.compile(r"(?:\\[a-z]+\s*\{)?(.*?)\}?$", re.DOTALL)
_MATH = re.compile(r"(\$+)(.*?)\1(?![-])|\S+", re.DOTALL)
_WORD = re.compile(r"[(\[]*(?P<core>.*?)(?P<behind>[.,;:!?)\]]*)", re.DOTALL)
_RELATION = re.compile(r"[=<>∈≥≤≻⪰]|\\(?:in|succ|succeq|geq?|leq?)(?![A-Za-z])")
_SET = re.compile(r"\\mathbb|ℝ|\\R(?![A-Za-z])|R\^")  # x in R^n
_SIZES = re.compile(r"(?<![\w^])\$?(\w)\$?\s*-?(?:[×x]|\\times|by)-?\s*\$?(\w)\$?(?=[\s,.;)]|-dim|$)")
_LONG = re.compile(r"[A-Za-z]{2,}")
_VERBS = frozenset(("is", "are", "be", "and", "in", "has", "denotes", "being"))


def opened(tokens: list[Token], source: str, tokenize: Tokenize) -> list[Token]:
    """Tokens where every sentence in a box of words is taken apart."""
    boxes = [t for t in tokens if t.kind == "cmd" and t.text == "words" and not t.mark.isalpha()]
    if not boxes:
        return tokens
    names = {t.text: t for t in reversed(tokens) if t.kind == "name"}
    out: list[Token] = []
    for t in tokens:
        out += _Sentence(t, source, names, tokenize).tokens() if t in boxes else [t]
    return out


class _Sentence:
    """One box of words."""

    def __init__(self, box: Token, source: str, names: Mapping[str, Token], tokenize: Tokenize) -> None:
        self.box, self.names, self.tokenize = box, names, tokenize
        self.text, self.offset = box.mark, -1
        inside = _BOX.search(source, box.start, box.end)
        if inside is not None and "".join(inside[1].split()) == "".join(box.mark.split()):
            self.text, self.offset = inside[1], inside.start(1)

    def at(self, start: int, end: int) -> tuple[int, int]:
        """A place of the sentence in the source."""
        return (self.offset + start, self.offset + end) if self.offset >= 0 else self.box.span

    def tokens(self) -> list[Token]:
        out: list[Token] = []
        words: list[Piece] = []
        for p in [*_runs(self.pieces()), None]:
            if p is not None and p.kind == "word":
                words.append(p)
                continue
            if words:
                start, end = self.at(words[0].start, words[-1].end)
                out.append(Token("cmd", "words", start, end, True, " ".join(w.text for w in words)))
                words = []
            out += self.made(p) if p is not None else []
        nothing = Token("cmd", "words", self.box.start, self.box.start, True)
        if out and out[0].text != "words":  # a formula beside the box is none of this one
            out = [nothing, *out]
        if out and out[-1].text != "words":
            out.append(nothing._replace(start=self.box.end, end=self.box.end))
        return out

    def made(self, p: Piece) -> list[Token]:
        start, end = self.at(p.start, p.end)
        if p.kind == "comma":
            return [Token("op", ",", start, end)]
        if p.kind == "name":
            return [self.named(p.text)._replace(start=start, end=end, space=True)]
        try:
            inner = self.tokenize(p.text)[:-1]
        except ParseError as error:
            error.span = self.box.start, self.box.end
            raise
        return [t._replace(start=self.at(p.start + t.start, 0)[0], end=self.at(0, p.start + t.end)[1]) for t in inner]

    def named(self, text: str) -> Token:
        return self.names[GREEK.get(text, text.lstrip("\\"))]

    def pieces(self) -> Iterator[Piece]:
        """Words, names and what holds signs; a size such as ``n x m`` is one word."""
        text = _SIZES.sub(lambda m: f"{m[1]}×{m[2]}".ljust(m.end() - m.start(), "\0"), self.text)
        found = list(_MATH.finditer(text))
        for k, m in enumerate(found):
            if m[1]:
                inner = m[2].strip().rstrip(".,")
                yield Piece("name" if self.is_name(inner) else "formula", inner, m.start(2), m.end(2))
                continue
            start = m.start()
            word = _WORD.fullmatch(m[0].replace("\0", "").replace("$", ""))
            core = word["core"] if word else m[0]
            following = found[k + 1][0].strip("().,;:") if k + 1 < len(found) else ""
            kind = "word"
            if self.is_name(core) and not _is_article(core, following, k == 0):
                kind = "name"
            elif _RELATION.search(core) or _SET.match(core) or core == "0" or (core == "in" and _SET.match(following.lstrip("$"))):
                kind = "formula"
            if core:
                shown = r"\in" if kind == "formula" and core == "in" else core + "." * ("." in core)  # w.r.t.
                yield Piece(kind, shown, start, m.end())
            if word and ({",", ";", ":"} & set(word["behind"]) or ("." in word["behind"] and following[:1].isupper())):
                yield Piece("comma", ",", m.end(), m.end())

    def is_name(self, core: str) -> bool:
        return GREEK.get(core, core.lstrip("\\")) in self.names


def _is_article(word: str, following: str, first: bool) -> bool:
    """``a symmetric matrix``; A at the start of a sentence, ``A vector x``."""
    if not _LONG.fullmatch(following.replace("-", "")) or following in _VERBS:
        return False
    return word == "a" or (word == "A" and first and following in ("matrix", "vector", "scalar"))


def _runs(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours that make a formula together, ``x`` ``∈`` ``R^n``, as one."""
    run: list[Piece] = []
    for p in [*pieces, Piece("comma", "", 0, 0)]:
        if p.kind in ("name", "formula"):
            run.append(p)
            continue
        if any(_RELATION.search(q.text) for q in run):
            yield Piece("formula", " ".join(q.text for q in run), run[0].start, run[-1].end)
        else:
            yield from run
        run = []
        if p.text:
            yield p
