"""What the labels of lines name: the rows of the rules by what lines call them, and the identity of a row as lines write it."""

from __future__ import annotations

import re

from matcalc.algebra.rule import Book, Rule, differential_name
from matcalc.expr.nodes import Expr, make, ones, postorder, rebuild, sym, times
from matcalc.expr.table import Type
from matcalc.notation.write.render import TEXT, Style, render

PAIRING = {False: "⟨{}, {}⟩ = ⟨{}, {}⟩", True: r"\langle {}, {} \rangle = \langle {}, {} \rangle"}
CHANGE = {False: "d({})", True: r"d\left({}\right)"}


def called(book: Book, label: str) -> tuple[Rule, ...]:
    """The rows that a label names: one by its own name first, all that are called so in words; of several labels those of each."""
    parts = [part.strip() for part in label.split(";")]
    return tuple(dict.fromkeys(row for part in parts for row in _in_words(book, part)))


def _in_words(book: Book, label: str) -> list[Rule]:
    """By the very words, before words that are said of any formula."""
    named = [book.rows()[label]] if label in book.rows() else []
    rows = named + [row for row in book.rows().values() if row.words == label and row.name != label]
    return rows or [row for row in book.rows().values() if "{}" in row.label and _pattern(row).fullmatch(label)]


def _pattern(row: Rule) -> re.Pattern[str]:
    return re.compile(".+".join(map(re.escape, row.label.split("{}"))))


def identity(row: Rule, style: Style = TEXT) -> str:
    """``tr(A B) = tr(B A)``; of a differential row ``d(A B) = dA B + A dB``, of an adjoint row ``⟨G, W l⟩ = ⟨Wᵀ G, l⟩``;
    nothing of a convention, whose equation only stands for it."""
    if row.group == "convention":
        return ""
    sides = [render(_written(e, row), style) for e in row.sides]
    if len(sides) == 4:
        return PAIRING[style.latex].format(*sides)
    if row.group in CHANGING:
        sides[0] = CHANGE[style.latex].format(sides[0])
    return " = ".join(sides)


CHANGING = ("differential", "compound")


def _written(e: Expr, row: Rule) -> Expr:
    """The side of a row as lines write it: differentials as such, and a scalar in every entry as a multiple of ones."""
    names = {differential_name(name): name for name in row.variables}
    done: dict[Expr, Expr] = {}
    for node in postorder((e,)):
        args = tuple([done[a] for a in node.args])
        done[node] = node if args == node.args else rebuild(node, args)
        if node.op == "sym" and node.attr in names:
            done[node] = make("d", (sym(names[str(node.attr)], node.type),))
        elif node.op == "fill" and args[0].op != "num":  # 1 - σ(X) is written so everywhere
            done[node] = make("scale", (args[0], _ones(node.type)))
    return done[e]


def _ones(t: Type) -> Expr:
    return ones(t) if t.kind != "m" else times(ones(Type("c", t.rows, 1)), ones(Type("r", 1, t.cols)))
