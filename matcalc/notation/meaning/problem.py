"""What the reader hands over: a text that has been understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from matcalc.expr.dims import Dim
from matcalc.expr.errors import MatcalcError
from matcalc.expr.nodes import Expr, variable_shape, variable_type
from matcalc.expr.table import Op, Type
from matcalc.notation.lex.syntax import Ast, Span, Token
from matcalc.notation.meaning.formula_rows import Composite


class Lift(NamedTuple):
    """``node`` as it was written became ``expr``. Only :mod:`matcalc.check.loops` reads ``body`` and ``values``."""

    node: Ast
    expr: Expr
    body: Ast
    values: tuple[Expr, ...]  # what the nodes ``value`` and ``entry`` of the body stand for


class Own(NamedTuple):
    """What our own parser makes of the body of a function that the text defines; ``error`` where it cannot read it."""

    parameter: Expr
    body: Expr | None
    others: tuple[Expr, ...]  # further members of a chained equality
    error: MatcalcError | None
    span: Span
    tex: str | None  # the body in LaTeX, for another reader


class Known(NamedTuple):
    """A body, who found it, and how far it is from complex steps of the one before."""

    formula: Expr
    source: str
    error: float


class Derivatives(Protocol):
    """The body of a function and its derivatives by order, each made and verified when it is first asked for."""

    @property
    def known(self) -> Sequence[Known]: ...
    def __getitem__(self, order: int, /) -> Expr: ...
    def applied(self, order: int) -> Expr: ...


class Scalar(NamedTuple):
    """A function that the text defines: ``bodies[k]`` is its k-th derivative, in the symbol ``parameter``."""

    parameter: Expr
    bodies: Derivatives


class Claim(NamedTuple):
    """What a text says a derivative is: ``\\frac{\\partial s}{\\partial W} = \\delta x^T``."""

    function: str | None  # None: the formula at ``body``
    body: Span
    by: tuple[str, ...]
    order: int
    right: Span
    span: Span  # of the whole equation


class Judged(NamedTuple):
    """A claim that was compared with what is derived; frozen data of ``d.reading``."""

    function: str
    by: tuple[str, ...]
    right: str
    span: Span
    agrees: bool | None  # None: it could not be compared
    said: str  # in words


class Problem(NamedTuple):
    """A text that has been understood. Nothing changes it: what is found out later makes another one."""

    definitions: tuple[tuple[str, Expr], ...]  # in dependency order
    output: Expr
    output_name: str | None
    symbols: Mapping[str, Expr]  # in order of first use
    dims: Mapping[str, tuple[Dim, ...]]
    ties: tuple[tuple[Dim, Dim], ...]
    functions: tuple[str, ...]  # unspecified elementwise functions in use
    warnings: tuple[str, ...]
    source: str
    own: Mapping[str, Own] = MappingProxyType({})  # the elementwise functions that the text defines, as they are read
    scalars: Mapping[str, Scalar] = MappingProxyType({})  # the same, ready to use
    assumed: Mapping[str, str] = MappingProxyType({})  # properties stated in the text, such as S = Sᵀ
    ops: frozenset[str] = frozenset()  # the operators that occur
    meanings: tuple[Composite, ...] = ()  # functions in use that stand for formulas
    lifts: tuple[Lift, ...] = ()  # sums over indices, with the expressions that they became
    bodies: tuple[tuple[str | None, Span], ...] = ()  # where what is defined stands, and what is asked about
    equal: tuple[tuple[Expr, Expr, Span], ...] = ()  # what the text says is equal, and where
    by: tuple[str, ...] = ()  # the variables that a derivative sign in the text names
    order: int = 0  # of that derivative
    claims: tuple[Claim, ...] = ()  # what the text says that derivatives are
    judged: tuple[Judged, ...] = ()  # the same, compared with what is derived
    at: tuple[str, ...] = ()  # the letters of the entry of the output that it asks about
    indexed: Mapping[str, str] = MappingProxyType({})  # x_i -> X[i,:]
    labels: frozenset[str] = frozenset()  # symbols that are one-hot vectors of integer labels
    places: Mapping[str, Span] = MappingProxyType({})  # where each symbol stands first
    spelled: Mapping[str, Token] = MappingProxyType({})  # in LaTeX, the first token of each name
    macros: Mapping[str, str] = MappingProxyType({})  # the user's own, and those that the text defines
    carried: Mapping[str, Type] = MappingProxyType({})  # unspecified functions of vectors and numbers: sizes of their values
    operators: Mapping[str, tuple[Op, ...]] = MappingProxyType({})  # that rules of the user's define
    numpy: str = ""  # the first sign that only NumPy has, as it is written

    @property
    def shapes(self) -> tuple[tuple[Dim, ...], ...]:
        """Of all names with a size, and of the values of unspecified functions."""
        return (*self.dims.values(), *(variable_shape(t) for t in self.carried.values()))

    @property
    def types(self) -> dict[str, Type]:
        """Of all names with a size: a matrix of one column is a matrix where it was found to be one."""
        return {**{n: variable_type(s) for n, s in self.dims.items()}, **{n: e.type for n, e in self.symbols.items()}}
