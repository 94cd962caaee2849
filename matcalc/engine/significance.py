"""What an answer means: said of lines that have a form for which a row of the rules knows it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Set
from string import Formatter
from typing import NamedTuple

from matcalc.algebra.rewriting import fitting
from matcalc.algebra.rule import MEANING, Book
from matcalc.engine.derivation import Formula, is_long
from matcalc.expr.groups import DERIVED, SUMS
from matcalc.expr.nodes import Expr, postorder, sym

TOLD = ("chain", "shape", "reached", "result", "box")  # kinds of lines that say what a derivative is


class Meaning(NamedTuple):
    """Words that are said of a formula, with letters in braces for others; and the row that says so."""

    of: Formula
    words: str
    letters: Mapping[str, Formula]
    row: str


def meanings(lines: Iterable[tuple[Formula, Formula]], book: Book, properties: Mapping[str, frozenset[str]]) -> Iterator[Meaning]:
    """What the sides of lines mean, each row once: of a whole right side by the left one, of a part of it by that part."""
    said: set[str] = set()
    for lhs, rhs in lines:
        if lhs.expr.op not in DERIVED or is_long(rhs):
            continue
        for meaning in _of_line(lhs, rhs, book, properties, said):
            if meaning.row not in said:
                said.add(meaning.row)
                yield meaning


def _of_line(
    lhs: Formula, rhs: Formula, book: Book, properties: Mapping[str, frozenset[str]], said: Container[str]
) -> Iterator[Meaning]:
    """What the rows mean there, but for those of which that is ``said``."""
    laid = rhs.expr.args[0] if rhs.expr.op == "T" and rhs.expr.args[0].op in SUMS else None  # (p - y)ᵀ is said of the gradient
    about = {node: book.headed(MEANING, node.op) for node in postorder((rhs.expr,)) if node is not laid}
    found = [(node, new) for node, rows in about.items() if rows and (new := [row for row in rows if row.name not in said])]
    closed: Set[Expr] = frozenset()
    if found:
        closed = {inner for node in rhs.names for inner in postorder(node.args)} - rhs.names.keys()
    for node, rows in found:
        for row, bound in fitting(rows, node, properties) if node not in closed else ():
            letters = [name for _, name, _, _ in Formatter().parse(row.label) if name]
            known = {name: rhs._replace(expr=bound[sym(name, row.variables[name][0])]) for name in letters}
            yield Meaning(lhs if node is rhs.expr else rhs._replace(expr=node), row.label, known, row.name)
