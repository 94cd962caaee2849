"""What lines and results mention by name, each once with what it stands for: a table for readers of the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from matcalc.engine.derivation import OF_ENTRIES, Formula, Step
from matcalc.expr.groups import DERIVED
from matcalc.expr.nodes import Expr, reached
from matcalc.printers.story import Derivation


class Definition(NamedTuple):
    """``name`` stands for ``value``; a derivative without a name of its own is called ``d(s)/d(z)``."""

    name: Formula
    value: Formula


def definitions(d: Derivation) -> Iterator[Definition]:
    """Named values, named parts and named derivatives, and the derivatives that other lines mention: in the order of
    their lines, so that each uses only names before it, sizes and variables."""
    mentioned = _mentioned(d.trace.steps)
    said: set[Expr] = set()
    for step in d.steps:
        lhs = step.lhs.expr
        named = step.kind in ("definition", "part") or lhs in step.lhs.names or (lhs in mentioned and step.kind not in OF_ENTRIES)
        if named and lhs not in said:
            said.add(lhs)
            yield Definition(step.lhs, step.rhs)


def _mentioned(steps: tuple[Step, ...]) -> set[Expr]:
    """Derivatives and differentials that stand in right sides."""
    return {node for names, roots in _by_names(steps) for node in _derived(names, roots)}


def _derived(names: Mapping[Expr, str], roots: list[Expr]) -> list[Expr]:
    met = reached(roots, lambda node: () if node.op in DERIVED or node in names else node.args)
    return [node for node in met if node.op in DERIVED]


def _by_names(steps: tuple[Step, ...]) -> Iterator[tuple[Mapping[Expr, str], list[Expr]]]:
    """The right sides that are written with the same names, together."""
    groups: dict[int, tuple[Mapping[Expr, str], list[Expr]]] = {}
    for step in steps:
        names = step.rhs.names
        inside = step.rhs.expr.args if step.rhs.expr in names else (step.rhs.expr,)
        groups.setdefault(id(names), (names, []))[1].extend(inside)
    yield from groups.values()
