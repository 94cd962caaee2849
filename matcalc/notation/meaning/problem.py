"""What the reader hands over: a text that has been understood."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from matcalc.expr.dims import Dim
from matcalc.expr.nodes import Expr
from matcalc.notation.lex.syntax import Ast, Span
from matcalc.notation.meaning.formula_rows import Composite


class Lift(NamedTuple):
    """``node`` as it was written became ``expr``. Only :mod:`matcalc.check.loops` reads ``body`` and ``values``."""

    node: Ast
    expr: Expr
    body: Ast
    values: tuple[Expr, ...]  # what the nodes ``value`` and ``entry`` of the body stand for


class Problem(NamedTuple):
    """A text that has been understood."""

    definitions: tuple[tuple[str, Expr], ...]  # in dependency order
    output: Expr
    output_name: str | None
    symbols: dict[str, Expr]  # in order of first use
    dims: dict[str, tuple[Dim, ...]]
    ties: tuple[tuple[Dim, Dim], ...]
    functions: tuple[str, ...]  # unspecified elementwise functions in use
    warnings: tuple[str, ...]
    source: str
    scalars: dict[str, Any]  # the elementwise functions that the text defines: own.Own, then scalars.Scalar
    assumed: Mapping[str, str] = MappingProxyType({})  # properties stated in the text, such as S = Sᵀ
    ops: frozenset[str] = frozenset()  # the operators that occur
    meanings: tuple[Composite, ...] = ()  # functions in use that stand for formulas
    lifts: tuple[Lift, ...] = ()  # sums over indices, with the expressions that they became
    equal: tuple[tuple[Expr, Expr, Span], ...] = ()  # what the text says is equal, and where
    indexed: Mapping[str, str] = MappingProxyType({})  # x_i -> X[i,:]
    places: Mapping[str, Span] = MappingProxyType({})  # where each symbol stands first


__all__ = ["Lift", "Problem"]
