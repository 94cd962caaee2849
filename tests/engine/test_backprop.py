"""Backpropagation: local derivative × upstream, from the output back; lines that say what NumPy finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc

RNG = np.random.default_rng(4)
W, x, b, u = RNG.normal(size=(2, 3)), RNG.normal(size=3), RNG.normal(size=2), RNG.normal(size=2)
ARRAYS = {"W": W, "x": x, "b": b, "u": u}


def test_the_network_of_the_lecture() -> None:
    """δ = u ∘ (1 − tanh² z); ∂s/∂W = δ xᵀ, ∂s/∂b = δ, ∂s/∂x = Wᵀ δ, ∂s/∂u = h (CS224n)."""
    d = matcalc.derive("s = u'*tanh(W*x + b)")
    delta = u * (1 - np.tanh(W @ x + b) ** 2)
    wanted = {"W": np.outer(delta, x), "b": delta, "x": W.T @ delta, "u": np.tanh(W @ x + b)}
    for result in d.results:
        assert np.allclose(result.evaluate(ARRAYS), wanted[result.wrt], rtol=1e-12)


def test_the_order_of_the_lines() -> None:
    d = matcalc.derive("s = u'*tanh(W*x + b)")
    kinds = [s.kind for s in d.steps]
    assert kinds[:3] == ["definition"] * 3 and "definition" not in kinds[3:]
    backward = [str(s.node.attr) for s in d.steps if s.kind == "chain" and s.node is not None]
    assert backward.index("h") < backward.index("z") < backward.index("x")  # from the output back


def test_a_value_that_two_paths_use_gets_both_contributions() -> None:
    d = matcalc.derive("s = sum(h) + h'*h; h = exp(x)", wrt="x")
    at = {"x": x}
    assert np.allclose(d.result.evaluate(at), np.exp(x) + 2 * np.exp(2 * x), rtol=1e-12)
    arrivals = [s for s in d.steps if s.kind == "chain" and s.node is not None and str(s.node.attr) == "h"]
    assert len(arrivals) == 1  # the sum is one line


@pytest.mark.parametrize(("layout", "shape"), [("shape", ("m", "n")), ("numerator", ("n", "m")), ("denominator", ("m", "n"))])
def test_layouts(layout: str, shape: tuple[str, ...]) -> None:
    d = matcalc.derive("u'*W*x", wrt="W", dims={"W": ("m", "n")}, layout=layout)
    assert d.result.shape == shape
    value = d.result.evaluate({k: ARRAYS[k] for k in "uWx" if k in d.result.plain})
    assert np.allclose(value, np.outer(u, x) if layout != "numerator" else np.outer(x, u))


def test_what_the_output_does_not_depend_on_is_zero() -> None:
    d = matcalc.derive("x'*x", wrt=["x", "y"], dims={"x": ("n",), "y": ("m",)})
    assert [r.plain for r in d.results] == ["2*x", "zeros(m)"]


def test_lines_are_linear_in_the_depth() -> None:
    def count(n: int) -> int:
        text: Any = "x"
        for i in range(n):
            text = f"tanh(W{i}*{text})"
        return sum(step.kind != "reached" for step in matcalc.derive(f"sum({text})", check=False).steps)

    assert count(16) - count(12) == count(12) - count(8) > 0
