"""The vec form: d vec(Y)/d vec(X)' as NumPy's reshape of the tensor of the derivative, column by column."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.engine.vecform import vec_form
from matcalc.notation.write.program import plain
from tests.nodes import evaluated

RNG = np.random.default_rng(10)
SHAPES = {"A": ("m", "n"), "X": ("n", "k"), "B": ("k", "m"), "x": ("n",), "S": ("n", "n")}
SIZES = {"n": 3, "m": 2, "k": 4}
ARRAYS = {name: RNG.normal(size=[SIZES[d] for d in shape]) for name, shape in SHAPES.items()}
TEXTS = [
    ("A*X*B", "X"), ("A*X", "X"), ("A*X", "A"), ("X'", "X"), ("S*S", "S"), ("S*x", "S"), ("X .* X", "X"), ("A*S*x", "S"),
    ("inv(S)", "S"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wrt"), TEXTS)
def test_stacked_columns(text: str, wrt: str) -> None:
    dims = {k: v for k, v in SHAPES.items() if k in text}
    d = matcalc.derive(text, wrt=wrt, kind="jacobian", dims=dims, check=False)
    e, (outer, inner) = d.trace.results[0].expr, d.trace.results[0].axes
    at = {k: v for k, v in ARRAYS.items() if k in dims}
    tensor = np.asarray(d.result.evaluate(at))
    found = evaluated(vec_form(e, outer, inner), {k: v for k, v in at.items() if f"sym[{k}]" in repr(e)}, SIZES)
    order = [*range(outer)][::-1] + [*range(outer, outer + inner)][::-1]
    want = tensor.transpose(order).reshape(int(np.prod(tensor.shape[:outer])), -1)  # column by column
    assert np.allclose(np.reshape(found, want.shape), want)


def test_as_magnus_and_neudecker_write_it() -> None:
    """d vec(AXB) = (B' ⊗ A) d vec X."""
    d = matcalc.derive("A*X*B", wrt="X", kind="jacobian", dims={k: SHAPES[k] for k in "AXB"}, check=False)
    result = d.trace.results[0]
    assert plain(vec_form(result.expr, *result.axes)) == "kron(B', A)"
