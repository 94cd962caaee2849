"""What a function of the table stands for: its call, its formula, its arguments."""

from __future__ import annotations

from matcalc.derivation import Formula
from matcalc.expr import Expr
from matcalc.notation.composites import Composite, meaning
from matcalc.notation.printer import LATEX, TEXT, Style


def meant(row: Composite) -> tuple[Formula, Formula, tuple[Expr, ...]]:
    """A function as it is called, its formula, and the arguments for which it holds."""
    found = meaning(row)
    texts = [", ".join(_argument(a, style) for a in row.head) for style in (TEXT, LATEX)]
    name = LATEX.name(row.name)
    head = Formula(found.formula, shown=(f"{row.name}({texts[0]})", rf"{name}\left({texts[1]}\right)"))
    return head, Formula(found.formula), found.arguments


def _argument(text: str, style: Style) -> str:
    """A parameter, or ``axis=0``."""
    name, sign, value = text.partition("=")
    return style.name(name) + sign + value
