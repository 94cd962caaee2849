"""Blocks and slices for tests: what has one normal form, and the same value by the kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

import matcalc
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.expr.nodes import Expr, postorder
from matcalc.notation.write.render import PLAIN, render
from tests.nodes import evaluated

SIZES = {"n": 4, "m": 5, "p": 3, "k": 2}
DIMS: dict[str, tuple[Any, ...]] = {
    "x": ("n",), "y": ("m",), "z": ("p",), "w": ("n",), "a": (), "b": (), "A": ("m", "n"), "B": ("p", "n"), "C": ("m", "p"),
    "X": ("m", "n"), "S": ("n", "n"), "P": ("p", "p"), "v": ("k",),
}  # fmt: skip


def read(text: str) -> Expr:
    return matcalc.parse(text, DIMS).node


def same_value(*roots: Expr) -> bool:
    rng = np.random.default_rng(1)
    names = {s.attr for s in postorder(roots) if s.op == "sym"}
    at = {name: rng.standard_normal([SIZES[d] for d in shape]) for name, shape in DIMS.items() if name in names}
    one, two = (evaluated(e, {k: v for k, v in at.items() if any(s.attr == k for s in postorder((e,)))}, SIZES) for e in roots)
    return one.shape == two.shape and bool(np.allclose(one, two))


def require_one_form(left: str, right: str) -> None:
    a, b = read(left), read(right)
    n = Normalizer()
    assert n.normal(a) is n.normal(b), (render(n.normal(a), PLAIN), render(n.normal(b), PLAIN))
    assert same_value(a, b) and same_value(a, n.normal(a))
