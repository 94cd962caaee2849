"""Python names of what goes into a generated function."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from matcalc.codegen.products.extents import Parameter
from matcalc.codegen.products.identifiers import Names
from matcalc.codegen.targets.helpers import HELPERS
from matcalc.expr.dims import Dim
from matcalc.expr.groups import CARRIED
from matcalc.expr.nodes import Expr, postorder, shape_of
from matcalc.expr.table import TABLE


class Signature:
    """Python names of the variables and of the functions that the user passes."""

    def __init__(
        self, symbols: Sequence[Expr], functions: Sequence[str], orders: Mapping[str, int], labels: Collection[str] = (),
        whole: Mapping[tuple[str, int], Expr] = MappingProxyType({}), reserved: Collection[str] = (), asserted: bool = False,
    ) -> None:  # fmt: skip
        self.asserted = asserted  # sizes are held against each other
        self.names = Names((*HELPERS, *reserved))
        self.whole = whole  # of functions that act on their argument as a whole: a use of each
        self.functions: dict[tuple[str, int], str] = {}
        base = self.names.give_all(functions)
        for f in functions:
            self.functions[f, 0] = base[f]
        for f in functions:
            for k in range(1, max(orders.get(f, 1), 1) + 1):
                self.functions[f, k] = self.names.give(f"d{'' if k == 1 else k}{base[f]}")
        self.functions = {key: self.functions[key] for f in functions for key in self.functions if key[0] == f}
        self.names.reserved |= set(self.functions.values())
        given = self.names.give_all([str(s.attr) for s in symbols])
        self.parameters = {str(s.attr): Parameter(given[str(s.attr)], shape_of(s.type)) for s in symbols}
        self.classes: dict[str, Dim] = {}  # how many values an integer label has
        for name in [n for n in self.parameters if n in labels]:
            parameter = self.parameters[name]
            self.classes[name] = parameter.shape[-1]
            self.parameters[name] = parameter._replace(shape=parameter.shape[:-1])

    @property
    def arguments(self) -> list[str]:
        """All parameters: variables, then f, df, d2f, then those of the next function."""
        return [*[p.name for p in self.parameters.values()], *self.functions.values()]


def signature(
    value: Expr,
    results: Sequence[tuple[str, Expr]],
    symbols: Sequence[Expr],
    functions: Sequence[str],
    labels: Collection[str] = (),
    reserved: Collection[str] = (),
    asserted: bool = False,
) -> Signature:
    """Names of the parameters, by what the expressions use; ``labels`` are given as integers, ``reserved`` is taken."""
    orders: dict[str, int] = {}
    whole: dict[tuple[str, int], Expr] = {}
    for e in postorder((value, *[r for _, r in results])):
        if e.op == "fn" or e.op in CARRIED:
            name, order = e.attr if e.op == "fn" else (str(e.args[0].attr), TABLE[e.op].carried or 0)
            orders[name] = max(orders.get(name, 1), order)
            whole |= {(name, order): e} if e.op in CARRIED else {}
    names = list(dict.fromkeys((*functions, *orders)))
    return Signature(symbols, [f for f in names if f in orders], orders, labels, whole, reserved, asserted)
