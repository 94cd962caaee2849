"""Declared names, compared with source text as LaTeX readers do: without fonts, braces and blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from matcalc.notation.lex import macros
from matcalc.notation.lex.lexer_plain import greek_to_ascii
from matcalc.notation.lex.syntax import Token

_WORDLIKE = ("name", "num")
_NUMBERED = re.compile(r"([A-Za-z]+)(_?)(\d+)")
_GREEK = frozenset(macros.GREEK)


class _Patterns(NamedTuple):
    fonts: re.Pattern[str]
    accented: re.Pattern[str]
    run_together: re.Pattern[str]  # \hat{A} without backslash and braces
    accent_after: re.Pattern[str]  # Ahat


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    """Compiled when a name needs them: compiling takes longer than reading a short formula."""
    fonts = "|".join(f[1:] for f in (*macros.FONTS, *macros.SWITCHES))
    accents = "|".join(a[1:] for a in macros.ACCENTS)
    return _Patterns(
        re.compile(rf"\\(?:{fonts})(?![A-Za-z])\s*"),
        re.compile(rf"(?:\\({accents})\s*\{{?\s*|(?:^|(?<=\s))({accents})\s+)\\?([A-Za-z]+)\}}?"),
        re.compile(rf"^({accents})([A-Za-z])(?=$|[_^])"),
        re.compile(rf"^([A-Za-z])({accents})(?=$|[_^])"),
    )


def _accented(match: re.Match[str]) -> str:
    accent = macros.ACCENTS["\\" + (match[1] or match[2])]
    return f"{match[3]}_{accent}"


def spellings(name: str) -> list[str]:
    """How ``name`` looks as the texts of its tokens, one after the other."""
    if len(name) < 4 and name.isascii() and not any(c in "\\{} " for c in name):
        return [name]
    known = _patterns()
    text = known.accented.sub(_accented, known.fonts.sub("", greek_to_ascii(name)))
    text = re.sub(r"[{}\\\s]", "", text).replace("^prime", "'").replace("ln(", "log(")
    text = "".join(macros.UNICODE.get(c, c).lstrip("\\") for c in text)
    return [text, known.run_together.sub(r"\2_\1", known.accent_after.sub(r"\1_\2", text))]


def as_known(name: str, known: Iterable[str]) -> str:
    """A name as it was typed, in the spelling of those that are known: ``W_{hh}`` for W_hh, ``\\mathbf{x}`` for x."""
    if name in (names := tuple(known)):
        return name
    font = next((m for macro, m in macros.FONTS.items() if name.startswith(macro)), "")
    if font and (own := f"{spellings(name)[0]}_{font}") in names:  # \\mathbf{x} beside x
        return own
    mine = {bare(s) for s in spellings(name)}
    return next((other for other in names if not mine.isdisjoint(map(bare, spellings(other)))), name)


def accented(name: str, text: str) -> str:
    """``rdot``, where the text has ``\\dot``, as the text's own name ``r_dot``; any other name as it is."""
    other = spellings(name)[-1]
    mark = other.partition("_")[2]
    written = (macro for macro, accent in macros.ACCENTS.items() if accent == mark)
    return other if other != name and any(macro in text for macro in written) else name


def has_accents(text: str) -> bool:
    """Whether a LaTeX text puts an accent on anything."""
    return "\\" in text and any([macro in text for macro in macros.ACCENTS])


def bare(spelling: str) -> str:
    """Without the brackets of a label: ``W^[1]`` and ``W^(1)`` are W^1."""
    return spelling.translate(_BRACKETS)


_BRACKETS = str.maketrans("", "", "()[]{} ")


@lru_cache(maxsize=256)
def slice_bases(token: str) -> frozenset[str]:
    """What an indexed token is an entry or a slice of, as its tokens spell it: x for ``x_i`` and ``x^{(i)}``, y_hat for
    ``\\hat{y}_i``."""
    return frozenset(s.rpartition("^(" if s.endswith(")") and "^(" in s else "_")[0] for s in spellings(token))


def index_letters(names: Iterable[str]) -> frozenset[str]:
    """Letters that may be indices in the names of entries: ``i`` and ``j`` of ``W_{ij}``."""
    return frozenset(c for name in names for text in re.split(r"[_\[]", name, maxsplit=1)[1:] for c in text if c.isalpha())


class Names:
    """``declared``: spelling to name. ``heads``: everything that a spelling begins with and goes beyond."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self.declared: dict[str, str] = {}
        self.heads: set[str] = set()
        self.compact: dict[str, str] = {}  # names of several characters, without marks
        for name in self.names:
            for spelling in spellings(name):
                self._add(spelling, name)
        for name in self.names:
            self._add_variants(name)

    def _add(self, spelling: str, name: str) -> None:
        self.declared.setdefault(spelling, name)
        self.heads.update(spelling[:k] for k in range(1, len(spelling)))

    def _add_variants(self, name: str) -> None:
        """``b_1`` where ``b1`` is declared, and the other way round."""
        numbered = _NUMBERED.fullmatch(name)
        if numbered:
            base, mark, number = numbered.groups()
            self._add(f"{base}{number}" if mark else f"{base}_{number}", name)
        elif len(name) > 1 and name.isalnum() and name not in _GREEK:
            self.compact[name] = name

    def alias(self, text: str) -> str:
        """The declared name that is ``text`` without its ``_`` and ``^``; else ``text`` itself."""
        return self.compact.get(text.replace("_", "").replace("^", ""), text) if self.compact else text

    def match(self, tokens: list[Token], i: int) -> tuple[int, str]:
        """Where the longest declared name that begins at ``tokens[i]`` ends, and the name; or ``(i, "")``."""
        first = tokens[i].text
        if first not in self.heads:
            return (i + 1, self.declared[first]) if first in self.declared else (i, "")
        best, text, depth = (i, ""), "", 0
        for j in range(i, len(tokens)):
            t = tokens[j]
            if t.text == "{" and t.kind == "open":
                depth += 1
                continue
            if t.text == "}" and t.kind == "close":
                depth -= 1
            else:
                if j > i and t.space and t.kind in _WORDLIKE and tokens[j - 1].kind in _WORDLIKE:
                    break
                text += t.text
            if depth < 0 or (text not in self.heads and text not in self.declared):
                break
            if depth == 0 and text in self.declared:
                best = (j + 1, self.declared[text])
        return best


@lru_cache(maxsize=64)
def names_of(declared: tuple[str, ...]) -> Names:
    """``Names`` of these."""
    return Names(declared)


# Names that a formula defines with a number as their last script: ``h_1 = …``, ``\sigma^2 = …``


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
