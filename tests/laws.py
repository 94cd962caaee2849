"""Laws of the normal form, one at a time: the form that is wanted, and the same value by the kernels, which know no law."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

import matcalc
from matcalc.algebra.normal.normal_form import normal
from matcalc.expr.nodes import Expr, names_in
from matcalc.notation.write.program import plain
from tests.nodes import evaluated

SHAPES: dict[str, tuple[str | int, ...]] = {
    **{"s": (), "t": (), "a": (), "b": ()},
    **{"x": ("n",), "y": ("n",), "z": ("n",), "w": ("m",), "u": ("m",), "v": ("k",)},
    **{"A": ("n", "n"), "B": ("n", "n"), "C": ("n", "n"), "S": ("n", "n"), "Q": ("n", "n")},
    **{"W": ("m", "n"), "V": ("m", "n"), "P": ("k", "n")},
}
SIZES = {"n": 4, "m": 5, "k": 2}


def read(text: str) -> Expr:
    return matcalc.parse(text, SHAPES).node


def form(text: str, **assume: str) -> str:
    properties = {name: frozenset(p.split(", ")) for name, p in assume.items()}
    return plain(normal(read(text), properties))


def arrays(seed: int = 0) -> dict[str, np.ndarray]:
    """Positive entries, so that roots and logarithms have a value; invertible matrices."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, shape in SHAPES.items():
        x = np.asarray(rng.uniform(0.3, 1.7, [SIZES[str(d)] for d in shape]))
        found[name] = x + 3 * np.eye(len(x)) if shape == ("n", "n") else x
    return found


def same_value(one: Expr, other: Expr, at: Mapping[str, np.ndarray] | None = None) -> bool:
    env = arrays() if at is None else at
    left, right = (evaluated(e, {k: v for k, v in env.items() if k in names_in((one, other))}, SIZES) for e in (one, other))
    return left.shape == right.shape and np.allclose(left, right, rtol=1e-9, atol=1e-11)


def require_law(text: str, want: str) -> None:
    """``text`` is written ``want``, which stays as it is; both have one value."""
    assert form(text) == want
    assert form(want) == want
    one, other = read(text), read(want)
    assert one.type == other.type and same_value(one, other)
