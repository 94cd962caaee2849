"""Formulas in MathML Core, from our LaTeX. Every leaf is escaped; no element has an attribute from a name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import escape

from matcalc.expr.errors import visible
from matcalc.printers.tex_tree import LIMITS, NOTHING, STILL, Tree, folded, tree

ACCENTS = {"hat": "^", "tilde": "~", "bar": "¯", "dot": "˙", "ddot": "¨", "check": "ˇ", "breve": "˘", "acute": "´", "grave": "`",
           "mathring": "˚", "vec": "→", "underline": "_"}  # fmt: skip
LETTERS = frozenset("∞⊤…")  # no space around
UNARY = frozenset("+−")
THIN = '<mspace width="0.17em"/>'
_NAMES = {"script": ("SCRIPT",), "fraktur": ("FRAKTUR", "BLACK-LETTER"), "bold-italic": ("BOLD ITALIC", "BOLD")}
_ROWS = {"bmatrix": "[]", "cases": "{ "}


def mathml(latex: str) -> str:
    """The formula as a ``math`` element."""
    return f"<math>{folded(tree(latex), _written)}</math>"


def _written(t: Tree, args: list[str]) -> str:
    """A row without an element around."""
    if t.kind in ("id", "num", "op"):
        return _leaf(t)
    if t.kind == "text":
        return _element("mtext", t.text)
    if t.kind == "space":
        return f'<mspace width="{t.text}em"/>'
    if t.kind == "row":
        return _inside(t, args)
    if t.kind == "sqrt":
        return f"<msqrt>{args[0]}</msqrt>"
    if t.kind == "fence":
        left, right = (_fence(c, t.font != STILL) for c in t.text)
        return f"<mrow>{left}{args[0]}{right}</mrow>"
    if t.kind == "table":
        left, right = map(_fence, _ROWS.get(t.text, "  "))
        rows = "".join(f"<mtr>{row}</mtr>" for row in args)
        return f"<mrow>{left}<mtable>{rows}</mtable>{right}</mrow>"
    if t.kind == "cells":
        return "".join(f"<mtd>{cell}</mtd>" for cell in args)
    parts = [_one(part, text) for part, text in zip(t.args, args, strict=True)]
    if t.kind == "frac":
        return f"<mfrac>{''.join(parts)}</mfrac>"
    if t.kind == "accent":
        name = "munder" if t.text == "underline" else "mover"
        return f'<{name}>{parts[0]}<mo stretchy="false">{ACCENTS[t.text]}</mo></{name}>'
    return _scripts(t, parts)


def _one(t: Tree, text: str) -> str:
    """One element, as the elements need that count theirs."""
    return f"<mrow>{text}</mrow>" if t.kind == "row" else text


def _inside(t: Tree, args: list[str]) -> str:
    """The parts in a row; a word stands a little apart from its factors, a sign before one operand close to it."""
    out, before = [], NOTHING
    for part, text in zip(t.args, args, strict=True):
        if part == NOTHING:
            continue
        bracketed = "fence" in (part.kind, part.kind == "scripts" and part.args[0].kind)
        word = _is_word(before) and part.kind not in ("op", "space") and not bracketed
        if before is not NOTHING and (word or (_is_word(part) and before.kind not in ("op", "space", "row"))):
            out.append(THIN)
        if part.text in UNARY and before.kind == "op":
            text = text.replace("<mo>", '<mo form="prefix">')
        out.append(text if part.kind != "row" else f"<mrow>{text}</mrow>")
        before = part
    return "".join(out)


def _is_word(t: Tree) -> bool:
    return t.kind == "id" and len(t.text) > 1


def _leaf(t: Tree) -> str:
    text = "".join([_letter(c, t.font) for c in t.text]) if t.font not in ("", "upright", "italic") else t.text
    if t.kind == "num":
        return _element("mn", text)
    if t.kind == "op" and t.text not in LETTERS:
        return _fence(t.text, t.text not in "()[]{}|‖")
    return _element("mi", text, ' mathvariant="normal"' if t.font == "upright" and len(text) == 1 else "")


def _element(name: str, text: str, attribute: str = "") -> str:
    r"""The text in an element; in one more behind each $ and \, so that no program that looks for LaTeX in a page finds any."""
    pieces = [f"<{name}{attribute}>{_shown(piece)}</{name}>" for piece in re.split(r"(?<=[$\\])(?=.)", text)]
    return pieces[0] if len(pieces) == 1 else f"<mrow>{''.join(pieces)}</mrow>"


def _shown(text: str) -> str:
    return escape(visible(text), quote=False).replace(" ", "&#160;")


@lru_cache(maxsize=1024)
def _letter(c: str, font: str) -> str:
    """The letter of a font; MathML Core has no other way."""
    if not c.isalnum():
        return c
    name = unicodedata.name(c).replace("LATIN ", "").replace("GREEK ", "").replace("LETTER ", "")
    for word in _NAMES.get(font, (font.upper(),)):
        for whole in (f"MATHEMATICAL {word} {name}", f"{word} {name}"):
            try:
                return unicodedata.lookup(whole)
            except KeyError:
                continue
    return c


def _fence(c: str, grows: bool = True) -> str:
    still = "" if grows else ' stretchy="false"'
    return "" if c == " " else _element("mo", c, still)


def _scripts(t: Tree, parts: list[str]) -> str:
    base, below, above = t.args
    under, over, both = ("munder", "mover", "munderover") if base.text in LIMITS else ("msub", "msup", "msubsup")
    name = both if NOTHING not in (below, above) else under if above == NOTHING else over
    shown = [text for part, text in zip(t.args[1:], parts[1:], strict=True) if part != NOTHING]
    return f"<{name}>{parts[0]}{''.join(shown)}</{name}>"
