"""How a name is set, in Unicode and in LaTeX: letters, Greek, accents, labels; anything else upright and escaped."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from matcalc.notation.lex.habits import SCALAR_GREEK, is_increment
from matcalc.notation.lex.lexer_plain import GREEK

GREEK_LETTERS = {name: letter for letter, name in GREEK.items()}
COMBINING = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c",
             "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a"}  # fmt: skip
SUBSCRIPTS = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_ACCENTED = re.compile(rf"([A-Za-z]|{'|'.join(GREEK_LETTERS)}|var\w+|ell)(\d*)((?:_(?:{'|'.join(COMBINING)})(?![A-Za-z0-9]))+)(.*)")
# h_{t-1}, W^{(1)}, W^(1), x^*
_MARKED = re.compile(r"([A-Za-z]+)([_^])(\{[A-Za-z0-9,+\-*()\[\]]+\}|\([A-Za-z0-9,+\-]+\)|\[[A-Za-z0-9,+\-]+\]|[*+\-]|(?<=\^)star)")
_TYPED = re.compile(r"[\w|;,+*'()^\-]+")  # a label as the LaTeX reader makes it: k|k-1, theta(y|x)
_WORDS = re.compile(r"[A-Za-z]{2,}")
# A word with scripts: W^(1), x_{t+1}, y^*, c'. Any other name looks like a formula, a list or markup, and stands in quotes.
_SCRIPTED = re.compile(r"\w+([_^](\{[^{}]*\}|\([^()]*\)|\[[^\[\]]*\]|[*+-]|\w+)|['′ _])*")


def is_word(name: str) -> bool:
    """Whether a name can stand in a formula without quotes."""
    return name.isalnum() or _SCRIPTED.fullmatch(name) is not None


@lru_cache(maxsize=4096)
def latex_name(text: str) -> str:
    r"""``W1`` as W_{1}, ``theta_0`` as \theta_{0}, ``h_{t-1}`` as it is."""
    if not is_word(text):
        return quoted_name(text)
    if accented := _ACCENTED.fullmatch(text):
        letter, digits, accents, rest = accented.groups()
        bare = shown = latex_word(letter)
        for accent in accents[1:].split("_"):
            shown = rf"\{accent}{{{shown}}}"
        return latex_name(letter + digits + rest).replace(bare, shown, 1)
    marked = _MARKED.fullmatch(text)
    if marked:
        label = marked[3][1:-1] if marked[3][0] == "{" else marked[3]
        label = r"\star" if label == "star" else _WORDS.sub(_upright, label).replace("](", "]{}(")
        shown = f"{latex_word(marked[1])}{marked[2]}{{{label}}}"
        return f"{{{shown}}}" if marked[2] == "^" else shown  # braces: a transpose may follow
    base, under, label = text.partition("_")
    letters = base.rstrip("0123456789")
    digits = base[len(letters) :]
    shown = rf"\Delta {latex_word(letters[5:])}" if is_increment(letters) else latex_word(letters)
    if digits and not under:
        return f"{shown}_{{{digits}}}"
    shown += digits
    return f"{shown}_{{{_latex_label(label)}}}" if under else shown


@lru_cache(maxsize=4096)
def text_name(text: str) -> str:
    """``W1`` as W₁, ``theta_0`` as θ₀, ``y_hat_t`` as ŷ_t, ``W_tilde^[1]`` as W̃^[1]."""
    if accented := _ACCENTED.fullmatch(text):
        letter, digits, accents, rest = accented.groups()
        marks = "".join([COMBINING[accent] for accent in accents[1:].split("_")])
        bare = text_name(letter)
        return text_name(letter + digits + rest).replace(bare, unicodedata.normalize("NFC", bare + marks), 1)
    base, _, label = text.partition("_")
    letters = base.rstrip("0123456789")
    digits = base[len(letters) :]
    if digits and letters[-1:] == "^":  # a name and no power
        return f"`{GREEK_LETTERS.get(letters[:-1], letters[:-1])}^{digits}`"
    shown = "Δ" * is_increment(letters)
    letters = letters[5:] if shown else letters
    shown += GREEK_LETTERS.get(letters, letters) + digits.translate(SUBSCRIPTS)
    if label.isdigit() or label in ("+", "-"):
        return shown + label.translate(SUBSCRIPTS)
    if not label:
        return shown.removesuffix("star") + "⋆" if shown.endswith("^star") else shown
    if _TYPED.fullmatch(label):
        label = _WORDS.sub(lambda m: GREEK_LETTERS.get(m[0], m[0]), label)
        label = f"{{{label}}}" if "|" in label and "(" not in label else label
    return f"{shown}_{label}"


def quoted_name(text: str) -> str:
    """The name character by character, between corners."""
    return rf"\ulcorner\mathrm{{{escaped(text)}}}\urcorner "


def latex_word(word: str) -> str:
    """One name, safe in LaTeX: a letter, a Greek macro, or upright text."""
    if len(word) == 1 and word.isascii() and word.isalpha():
        return word
    if word == "eps":
        return r"\epsilon"
    if word in GREEK_LETTERS or word in SCALAR_GREEK:
        return rf"\{word}"
    return rf"\mathrm{{{escaped(word)}}}"


def _latex_label(label: str) -> str:
    parts = label.split("_")
    return (
        r"\,".join(p if p.isascii() and p.isalnum() and (len(p) == 1 or p.isdigit()) else latex_word(p) for p in parts if p)
        or r"\_"
    )


def _upright(word: re.Match[str]) -> str:
    return rf"\mathrm{{{word[0]}}}"


_UNSAFE = {
    " ": r"\ ",
    "<": "{<}",
    ">": "{>}",
    "|": r"\vert ",
    **{c: f"{{{c}}}" for c in "`[]:/"},  # links in Markdown
    "\\": r"\backslash ",
    "{": r"\{",
    "}": r"\}",
    "^": r"\hat{\ }",
    "_": r"\_",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "$": r"\$",
    "~": r"\sim ",
}


def escaped(text: str) -> str:
    r"""Characters as they may stand in ``\mathrm{…}``: no macro, no mark-up, no letter that pdflatex lacks."""
    return "".join(_UNSAFE.get(c, c if c.isascii() else _other(c)) for c in text)


def _other(c: str) -> str:
    """A letter of western Europe, a prime, or else the code point."""
    if c == "′":
        return "'"
    return rf"\text{{{c if 'À' <= c <= 'ÿ' and c not in '×÷' else f'U+{ord(c):04X}'}}}"
