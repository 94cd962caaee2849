"""What becomes code: all that a target is given."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from matcalc.codegen.products.document import Doc
from matcalc.codegen.products.signatures import Signature, signature
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import Expr


class Task(NamedTuple):
    """A function ``name(*symbols, *functions)`` of a value and its derivatives.

    ``results`` and ``waypoints`` are (name, expression): by which variable it is, and what an intermediate value is called.
    ``assume`` holds declared properties of variables, of which spd and symmetric are used; ``ties`` equations between sizes;
    ``labels`` names of one-hot vectors that are given as integers; ``reserved`` what the target's source uses.
    Where it is ``asserted``, the source holds the sizes of its arguments against each other.
    """

    value: Expr
    results: Sequence[tuple[str, Expr]]
    symbols: Sequence[Expr]
    waypoints: Sequence[tuple[str, Expr]] = ()
    functions: Sequence[str] = ()
    name: str = "run"
    doc: Doc = Doc()
    assume: Mapping[str, frozenset[str]] = MappingProxyType({})
    ties: Sequence[tuple[Dim, Dim]] = ()
    labels: Collection[str] = frozenset()
    reserved: Collection[str] = ()
    asserted: bool = False

    @property
    def signature(self) -> Signature:
        """Python names of its variables and functions."""
        return signature(self.value, self.results, self.symbols, self.functions, self.labels, self.reserved, self.asserted)
