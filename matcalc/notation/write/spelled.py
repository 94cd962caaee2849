r"""Names in LaTeX as the input spells them: ``\hat y_t``, ``W^{[1]}``, ``\boldsymbol\theta``.

The text of the input is data and is never printed. A spelling is written anew from its TeX tokens, with the user's macros put in;
only tokens that make names get through, and only where our own lexer reads what was written as the same name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from matcalc.expr.errors import MatcalcError
from matcalc.notation.lex.latex_scan import Raw, braces, expand, scan
from matcalc.notation.lex.macros import ACCENTS, FONTS, GREEK, SWITCHES, UNICODE, words
from matcalc.notation.lex.syntax import Token
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write.lettering import latex_name

Macros = tuple[tuple[str, str], ...]
# Fonts that pdflatex with amssymb, KaTeX and MathJax all have; the others by what they are read as.
SAFE = frozenset(words(r"\mathrm \mathbf \boldsymbol \mathcal \mathsf \mathtt \mathit \mathfrak \mathbb \text \vec \underline"))
INSTEAD = {"word": r"\mathrm", "text": r"\text", "bold": r"\mathbf", "arrow": r"\vec", "cal": r"\mathcal", "bb": r"\mathbb",
           "frak": r"\mathfrak", "sf": r"\mathsf"}  # fmt: skip
ITALIC = dict.fromkeys((r"\bm", r"\mathbfit", r"\pmb"), r"\boldsymbol")
_PLAIN = re.compile(r"[A-Za-z0-9()\[\]|+\-,*';]|\\(?:star|prime|dagger|ell|vert|mid)")
_WORD = re.compile(r"[A-Za-z0-9.\-]+|\\_")
_GREEK = frozenset("\\" + g for g in GREEK) - {r"\omicron"}  # which pdflatex lacks


class _Other(Exception):
    """A token that no name has."""


@lru_cache(maxsize=4096)
def spelled(name: str, text: str, mark: str = "", macros: Macros = ()) -> str | None:
    """``name`` as ``text`` spells it, in the font of ``mark`` where the text begins inside of one; None where it is no spelling
    of this name."""
    from matcalc.notation.lex.lexer_latex import tokenize_latex

    try:
        raw = scan(text, (name,))
        raw = expand(raw, dict(macros), text) if macros else raw
        writer = _Writer(raw, braces(raw, text))
        shown = writer.written(mark)
        tokens = tokenize_latex(shown, (name,))[:-1]
    except (_Other, MatcalcError):
        return None
    whole = len(tokens) == 1 or name.endswith(")")  # π(a|s), which the parser puts together
    read = "".join([t.text for t in tokens if t.text not in ("{", "}")])
    apart = f"{read}_{tokens[0].mark}" if whole and tokens and tokens[0].mark else read  # a name of two that the fonts keep apart
    return shown if whole and name in (read, apart) else None


class _Writer:
    def __init__(self, raw: Sequence[Raw], partner: dict[int, int]) -> None:
        self.raw = raw
        self.partner = partner

    def written(self, mark: str) -> str:
        start, stop = 0, len(self.raw)
        while start < stop and self.partner.get(start) == stop - 1 and self.raw[start + 1][0] not in SWITCHES:
            start, stop = start + 1, stop - 1
        if start == stop:
            raise _Other
        first, at = self.unit(start)
        fonts = {FONTS.get(t[0]) or SWITCHES.get(t[0]) for t in self.raw}
        if mark in INSTEAD and mark not in fonts:
            macro = r"\boldsymbol" if mark == "bold" and first[0] == "\\" else INSTEAD[mark]
            first = f"{macro}{{{first}}}"
        return first + self.sequence(at, stop, first).replace("](", "]{}(")  # no link in Markdown

    def sequence(self, i: int, stop: int, before: str = "") -> str:
        out = ""
        while i < stop:
            text, i = self.unit(i)
            out += glued(out or before, text)
        return out

    def unit(self, i: int) -> tuple[str, int]:
        """A letter, a sign, a group or a macro with its argument, and where to go on."""
        t = self.raw[i][0]
        if t == "{":
            return self.group(i)
        if t in ("_", "^"):
            text, i = self.argument(i + 1)
            return t + text, i
        if t in ACCENTS:
            text, i = self.argument(i + 1)
            return t + glued(t, text), i
        if t in FONTS:
            return self.font(i)
        return self.sign(t), i + 1

    def sign(self, t: str) -> str:
        if _PLAIN.fullmatch(t) or t in _GREEK:
            return t
        if t in UNICODE:
            return self.sign(UNICODE[t])
        if "\U0001d400" <= t <= "\U0001d7cb":  # 𝐱: the mark says the font
            import unicodedata

            return self.sign(unicodedata.normalize("NFKC", t))
        raise _Other

    def group(self, i: int) -> tuple[str, int]:
        close = self.partner[i]
        style = SWITCHES.get(self.raw[i + 1][0])
        inside = self.sequence(i + 1 + (style is not None), close)
        return f"{INSTEAD.get(style or '', '')}{{{inside}}}", close + 1

    def argument(self, i: int) -> tuple[str, int]:
        """An argument; one that is a macro with an argument of its own gets braces."""
        if i >= len(self.raw):
            raise _Other
        text, after = self.unit(i)
        t = self.raw[i][0]
        return (f"{{{text}}}" if t in ACCENTS or t in FONTS else text), after

    def font(self, i: int) -> tuple[str, int]:
        t = self.raw[i][0]
        style = FONTS[t]
        macro = t if t in SAFE else ITALIC.get(t) or INSTEAD.get(style, "")
        if style in ("word", "text") and i + 1 in self.partner:
            close = self.partner[i + 1]
            inside = self.raw[i + 2 : close]
            if all(_WORD.fullmatch(w[0]) for w in inside):
                blank = " " if style == "text" else ""
                return macro + "{" + "".join([(blank if w[3] and k else "") + w[0] for k, w in enumerate(inside)]) + "}", close + 1
        text, i = self.argument(i + 1)
        return macro + (text if text[0] == "{" else f"{{{text}}}" if not macro or text[0] == "\\" else glued(macro, text)), i


def glued(before: str, text: str) -> str:
    """``text``, to stand behind ``before``: a blank ends the name of a macro."""
    return f" {text}" if text[:1].isalpha() and re.search(r"\\[A-Za-z]+$", before) else text


def spellings(problem: Problem) -> tuple[tuple[str, str], ...]:
    """The names that the input spells otherwise than they are printed by themselves, and how."""
    if not problem.spelled:
        return ()
    macros = tuple(problem.macros.items())
    found: list[tuple[str, str]] = []
    for name, (token, label) in _first(problem).items():
        text = problem.source[token.start : token.end] + label
        if not token.mark and (len(text) < 2 or (text[1:] == name and name.isalpha())):
            continue
        shown, usual = spelled(name, text, token.mark, macros), latex_name(name)
        if shown is not None and usual not in (shown, f"\\{shown}") and ("\\" in shown or _bare(shown) != _bare(usual)):
            found.append((name, shown))
    return tuple(found)


def _first(problem: Problem) -> dict[str, tuple[Token, str]]:
    """Where each name stands first; of one that gets its label later, ``h_{t+1} = …``, where its letter does, and the label."""
    first = {name: (Token("name", name, *span), "") for name, span in problem.places.items()}
    for name, _ in problem.definitions:
        base, mark, label = name.partition("_")
        if mark and base in problem.spelled:
            first[name] = problem.spelled[base], mark + label
    return first | {name: (token, "") for name, token in problem.spelled.items()}


def _bare(latex: str) -> str:
    """Without braces and blanks, which nobody sees."""
    return re.sub(r"[{} ]", "", latex)
