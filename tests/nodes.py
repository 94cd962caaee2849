"""Expressions for tests, read from text: ``read("A*x")`` with the sizes of ``SHAPES``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

import matcalc
from matcalc.expr.nodes import Expr, postorder
from matcalc.numeric.evaluation import bind, evaluate, to_public

SHAPES: dict[str, tuple[str | int, ...]] = {
    **{"s": (), "t": ()},
    **{"x": ("n",), "y": ("n",), "z": ("n",), "b": ("m",), "u": ("m",)},
    **{"A": ("n", "n"), "B": ("n", "n"), "W": ("m", "n"), "V": ("m", "n")},
}


def read(text: str, shapes: Mapping[str, tuple[str | int, ...]] = SHAPES) -> Expr:
    return matcalc.parse(text, dict(shapes)).node


def evaluated(node: Expr, arrays: Mapping[str, npt.ArrayLike], sizes: Mapping[str, int] = MappingProxyType({})) -> np.ndarray:
    """The value by the referee, arrays as a user gives them; ``sizes`` are those that no array tells."""
    bound, found_sizes = bind([e for e in postorder((node,)) if e.op == "sym"], arrays)
    (found,) = evaluate((node,), bound, {**sizes, **found_sizes})
    return to_public(found, node.type)
