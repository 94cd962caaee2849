"""What may have been left out of a formula: factors and terms of the forms that are right, each by a name for edits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from matcalc.check.work.world import World, evaluated
from matcalc.expr.groups import PRODUCTS, SUMS
from matcalc.expr.nodes import Expr, postorder, substitute, sym, transpose

MOST = 24  # parts that are looked at
TERM, FACTOR, SUM = "term", "factor", "sum"


class Part(NamedTuple):
    """A factor or a term (ones that sum), and the name that stands for it in an edited formula."""

    kind: str
    node: Expr
    word: str


def parts_of(formulas: Sequence[Expr], symbols: Sequence[Expr]) -> tuple[Part, ...]:
    """The parts of the formulas, small ones first, each once, and the symbols as factors."""
    every = dict.fromkeys([*_parts(formulas), *((FACTOR, s) for s in symbols)])
    small = sorted(every, key=lambda row: len(postorder((row[1],))))[:MOST]
    return tuple(Part(kind, node, f"qqpart{k}") for k, (kind, node) in enumerate(small))


def _parts(formulas: Sequence[Expr]) -> Iterator[tuple[str, Expr]]:
    for e in postorder(formulas):
        kind = TERM if e.op in SUMS else FACTOR if e.op in PRODUCTS else ""
        for node in e.args if kind else ():
            if node.type.kind != "t" and (kind == TERM or node.op != "num"):
                bare = transpose(node) if node.op == "T" else node
                yield SUM if kind == FACTOR and bare.op == "ones" else kind, bare


def with_parts(world: World, parts: Sequence[Part]) -> World:
    """The world in which the words stand for the parts."""
    return world._replace(names={**world.names, **{p.word: evaluated(world, p.node, {}) for p in parts}})


def put_in(e: Expr, parts: Sequence[Part]) -> Expr:
    """A formula with the parts in the places of their words."""
    return substitute((e,), _symbols(parts))[0]


def _symbols(parts: Sequence[Part]) -> dict[Expr, Expr]:
    return {sym(p.word, p.node.type): p.node for p in parts}
