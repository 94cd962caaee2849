"""Differentials with dx at the right end, and the forms from which derivatives are read off: values stay the same."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.engine.facing import canonical, facing
from matcalc.expr.nodes import Expr, make, postorder, substitute, sym
from tests.nodes import evaluated, read

RNG = np.random.default_rng(8)
SHAPES = {**dict.fromkeys("ABM", (3, 3)), **dict.fromkeys("xyv", (3,))}
ARRAYS = {name: RNG.normal(size=shape) for name, shape in SHAPES.items()}
NAMES = {**dict.fromkeys("ABM", ("n", "n")), **dict.fromkeys("xyv", ("n",))}


def parse(text: str) -> Expr:
    return matcalc.parse(text, NAMES).node


def with_d(text: str, name: str) -> Expr:
    """The text with the differential of ``name`` in the place of v or M."""
    place = sym("v", read("x").type) if name == "x" else sym("M", read("A").type)
    return substitute((parse(text),), {place: make("d", (read(name),))})[0]


def value(e: Expr) -> np.ndarray:
    back = {n: sym("v" if n.args[0].attr == "x" else "M", n.type) for n in postorder((e,)) if n.op == "d"}
    e = substitute((e,), back)[0]
    return evaluated(e, {k: a for k, a in ARRAYS.items() if f"sym[{k}]" in repr(e)})


@pytest.mark.parametrize(
    ("text", "name"),
    [("v'*A*x", "x"), ("v .* y", "x"), ("tr(M*B)", "A"), ("x'*A*v", "x"), ("v'*x + y'*v", "x"), ("tr(B*M*A)", "A")],
)
def test_the_value_is_the_same_and_the_differential_stands_right(text: str, name: str) -> None:
    e = with_d(text, name)
    found = facing(Normalizer(), e)
    assert np.allclose(value(found), value(e))
    for node in postorder((found,)):
        if node.op in ("matmul", "hadamard"):
            assert node.args[0].op != "d"


@pytest.mark.parametrize(
    ("y", "x", "derivative", "form"),
    [
        ("s", "x", "A*x", "(A*x)'*v"),
        ("s", "A", "x*y'", "tr((x*y')'*M)"),
        ("x", "x", "A", "A*v"),
    ],
)
def test_forms_to_read_off(y: str, x: str, derivative: str, form: str) -> None:
    """ds = gᵀ dx, ds = tr(Gᵀ dX), dy = J dx."""
    found = canonical(Normalizer(), read(y), read(x), read(derivative))
    assert found is not None
    assert np.allclose(value(found), value(parse(form)))


def test_what_does_not_move_stands_first_in_an_entrywise_product() -> None:
    moved = facing(Normalizer(), with_d("(1 - y) .* (y .* v)", "x"))
    assert [e.op for e in moved.args] == ["hadamard", "d"] and "d" not in {e.op for e in postorder((moved.args[0],))}
