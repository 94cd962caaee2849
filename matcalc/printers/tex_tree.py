r"""Our LaTeX as a tree, from which other languages for typeset mathematics are written: a formula is written once, as LaTeX.

It reads what :mod:`matcalc.notation.write` and :mod:`matcalc.printers.setting` write; of any other macro the name is kept as
a word. Nothing here recurses: formulas may be nested as deep as they like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from matcalc.notation.lex.macros import UNICODE
from matcalc.notation.write.lettering import COMBINING, GREEK_LETTERS
from matcalc.notation.write.sums_as_written import SIGNS as BINDERS
from matcalc.printers.prose import lettered, spoken

_TOKEN = re.compile(
    r"\\(?:begin|end)\{\w+\}|\\(?:left|right)(?:\\[A-Za-z]+|\\.|[^A-Za-z])|\\text\{(?:[^{}\\]|\\text\{U\+\w+\}|\\.|\{\})*\}|\\\\(?:\[\w+\])?"
    r"|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S",
    re.DOTALL,
)
_FENCE = re.compile(r"(left|right)([^A-Za-z].*)", re.DOTALL)
FONTS = {"mathrm": "upright", "mathbf": "bold", "boldsymbol": "bold-italic", "mathcal": "script", "mathsf": "sans-serif",
         "mathtt": "monospace", "mathit": "italic", "mathfrak": "fraktur", "mathbb": "double-struck"}  # fmt: skip
ACCENTS = frozenset((*COMBINING, "vec", "underline"))
SIGNS = {macro[1:]: sign for sign, macro in UNICODE.items() if macro[0] == "\\"} | {
    "cdot": "·", "neq": "≠", "leq": "≤", "geq": "≥", "star": "⋆", "prime": "′", "ldots": "…", "sim": "~", "mid": "|",
    "colon": ":", "surd": "√", "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|", "vert": "|", "Vert": "‖",
    "ulcorner": "⌜", "urcorner": "⌝", "backslash": "\\",
}  # fmt: skip
SIGNS |= {f"var{name}": letter for name, letter in GREEK_LETTERS.items() if f"var{name}" not in SIGNS} | GREEK_LETTERS | SIGNS
LIMITS = frozenset(SIGNS.get(latex[1:], latex[1:]) for _, latex in BINDERS.values())  # what a range stands below
SPACES = {",": 0.17, " ": 0.25, ";": 0.28, "quad": 1.0, "qquad": 2.0}
_OPENING = {")": "(", "]": "[", r"\rVert": "‖", r"\rvert": "|", r"\rangle": "⟨"}
STILL = "still"  # of brackets that do not grow
MARKS = {"_", "^", "'"}
Out = TypeVar("Out")


class Tree(NamedTuple):
    """``kind``: id, num, op, text, space, row, frac, sqrt, scripts (base, below, above), accent, fence, table (of cells)."""

    kind: str
    text: str = ""  # of a leaf; the accent; both fences; the environment
    args: tuple[Tree, ...] = ()
    font: str = ""


NOTHING = Tree("row")


def _row(parts: Sequence[Tree]) -> Tree:
    return parts[0] if len(parts) == 1 else Tree("row", args=tuple(parts))


def folded(root: Tree, write: Callable[[Tree, list[Out]], Out]) -> Out:
    """What ``write`` makes of the root and of what it made of its parts."""
    out: list[Out] = []
    todo = [(root, False)]
    while todo:
        node, ready = todo.pop()
        if not ready and node.args:
            todo.append((node, True))
            todo += [(a, False) for a in reversed(node.args)]
            continue
        start = len(out) - len(node.args)
        out[start:] = [write(node, out[start:])]
    return out[0]


def tree(latex: str) -> Tree:
    """The formula as a row, or as the one thing that it is."""
    reader = _Reader()
    for token in _TOKEN.findall(latex):
        reader.take(token)
    return reader.whole()


class _Open:
    """Something whose parts are being read: a row, or a macro that waits for ``needs`` arguments."""

    def __init__(self, kind: str, text: str = "", needs: int = 0, base: Tree = NOTHING) -> None:
        self.kind, self.text, self.needs, self.base = kind, text, needs, base
        self.parts: list[Tree] = []
        self.cells: list[Tree] = []
        self.rows: list[Tree] = []

    def row(self) -> Tree:
        return _row(self.parts)


class _Reader:
    def __init__(self) -> None:
        self.open = [_Open("row")]

    def whole(self) -> Tree:
        while len(self.open) > 1:
            self.close()
        return self.open[0].row()

    def take(self, token: str) -> None:
        name = token[1:] if token[0] == "\\" else ""
        if token == "{":
            self.open.append(_Open("group"))
        elif token == "}":
            self.close()
        elif token in MARKS:
            self.mark(token)
        elif fence := _FENCE.fullmatch(name):
            if fence[1] == "left":
                self.open.append(_Open("fence", fence[2]))
            else:
                self.close(fence[2])
        elif name.startswith("begin{"):
            self.open.append(_Open("table", name[6:-1]))
        elif name.startswith("end{"):
            self.end_row()
            table = self.open.pop()
            self.put(Tree("table", table.text, tuple(table.rows)))
        elif token == "&":
            self.end_cell()
        elif name[:1] == "\\":
            self.end_row()
        elif name in _NEEDS:
            self.open.append(_Open(*_NEEDS[name]))
        elif token.isdigit() and self.open[-1].needs:  # x^12 is x^1 2
            for digit in token:
                self.put(Tree("num", digit))
        else:
            self.put(_leaf(token, name))
            if token in _OPENING:
                self.enclose(_OPENING[token])

    def close(self, right: str = ".") -> None:
        """The end of a group, or of what stands between fences."""
        while self.open[-1].needs:
            self.put(NOTHING)
        if len(self.open) == 1:
            return
        found = self.open.pop()
        inside = found.row()
        if found.kind == "fence":
            inside = Tree("fence", _fence(found.text) + _fence(right), (inside,))
        self.put(inside)

    def enclose(self, left: str) -> None:
        """What stands in plain brackets is one thing, so that a script belongs to all of it."""
        parts, opening = self.open[-1].parts, Tree("op", left)
        start = next((i for i in reversed(range(len(parts) - 1)) if parts[i] == opening), None)
        if start is not None:
            parts[start:] = [Tree("fence", left + parts[-1].text, (_row(parts[start + 1 : -1]),), STILL)]

    def end_cell(self) -> None:
        table = self.open[-1]
        table.cells.append(table.row())
        table.parts = []

    def end_row(self) -> None:
        self.end_cell()
        table = self.open[-1]
        table.rows.append(Tree("cells", args=tuple(table.cells)))
        table.cells = []

    def mark(self, mark: str) -> None:
        parts = self.open[-1].parts
        base = parts.pop() if parts else NOTHING
        if mark == "'":
            self.put(_marked(base, "^", Tree("op", "′")))
        else:
            self.open.append(_Open("script", mark, 1, base))

    def put(self, part: Tree) -> None:
        """A part that has been read, and every macro of which it was the last argument."""
        top = self.open[-1]
        top.parts.append(part)
        while top.needs and len(top.parts) == top.needs:
            self.open.pop()
            made = _made(top)
            top = self.open[-1]
            top.parts.append(made)


_NEEDS = {"frac": ("frac", "", 2), "tfrac": ("frac", "", 2), "sqrt": ("sqrt", "", 1)}
_NEEDS |= {name: ("font", font, 1) for name, font in FONTS.items()} | {name: ("accent", name, 1) for name in ACCENTS}


def _made(found: _Open) -> Tree:
    if found.kind == "script":
        return _marked(found.base, found.text, found.parts[0])
    if found.kind == "font":
        return _in_font(found.parts[0], found.text)
    return Tree(found.kind, found.text, tuple(found.parts))


def _marked(base: Tree, mark: str, script: Tree) -> Tree:
    """The base with one more script; primes and a power stand in a row."""
    inner, below, above = base.args if base.kind == "scripts" else (base, NOTHING, NOTHING)
    taken = below if mark == "_" else above
    if taken != NOTHING and (mark == "_" or taken.args or taken.text.strip("′")):  # only primes stand beside a power
        inner, below, above = base, NOTHING, NOTHING
    if mark == "_":
        below = script
    elif above == NOTHING or script.text == "′":
        above = script._replace(text=above.text + script.text)
    else:
        above = Tree("row", args=(above, script))
    return Tree("scripts", args=(inner, below, above))


def _leaf(token: str, name: str) -> Tree:
    if name.startswith("text{"):
        letter = lettered(token, "{}")
        return Tree("id", letter, font="upright") if len(letter) == 1 else Tree("text", spoken(name[5:-1]))
    if name in SIGNS:
        return Tree("id" if SIGNS[name].isalpha() else "op", SIGNS[name])
    if name in SPACES or token == "~":
        return Tree("space", str(SPACES.get(name, SPACES[" "])))
    if name:
        return Tree("id" if name.isalpha() else "op", name, font="upright" if name.isalpha() else "")
    kind = "num" if token[0].isdigit() else "id" if token.isalpha() else "op"
    return Tree(kind, "−" if token == "-" else token)


def _fence(latex: str) -> str:
    """One character; a blank for a fence that is not shown."""
    return " " if latex in (".", "") else SIGNS.get(latex[1:], latex[1:]) if latex[0] == "\\" else latex


def _in_font(t: Tree, font: str) -> Tree:
    """The letters and digits below in a font; those of one word become one leaf, as do the characters of a quoted name."""
    if not t.args:
        return Tree("num" if t.kind == "num" else "id", t.text, font=font) if t.kind in ("id", "num", "op", "text") else t
    if t.kind == "row" and (word := "".join(map(_character, t.args))):
        return Tree("id", word, font=font)
    return t._replace(args=tuple(_in_font(part, font) for part in t.args))


def _character(t: Tree) -> str:
    """As it stands in a word: blanks, quotes, and the accents that stand for the character ^, included."""
    if t.kind in ("space", "accent"):
        return " " if t.kind == "space" else "^"
    inside = "".join(map(_character, t.args))
    if t.kind == "fence":
        return t.text[0] + inside + t.text[1]
    return inside or t.text.replace("−", "-").replace("′", "'")
