"""Source with sparse gradients: what it returns, says and refuses."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import matcalc
from matcalc.codegen.products.runtime import compile_source

WINDOW = "J = u'*tanh(W*vec(L[idx,:]') + b)"
DIMS = {"L": ("V", "d"), "idx": (5,)}
RNG = np.random.default_rng(2)
AT = {
    "L": RNG.normal(size=(9, 2)),
    "idx": np.array([7, 3, 7, 0, 3]),
    "W": RNG.normal(size=(4, 10)),
    "u": RNG.normal(size=4),
    "b": np.ones(4),
}


def test_a_pair_beside_ordinary_gradients() -> None:
    d = matcalc.derive(WINDOW, wrt=["L", "W"], dims=DIMS)
    given = [AT[n] for n in d.problem.symbols]
    value, ((at, rows), by_w) = d.function("sparse")(*given)
    other, (whole, dense) = d.function()(*given)
    assert value == other and np.array_equal(by_w, dense) and np.array_equal(at, AT["idx"]) and at is not AT["idx"]
    found = np.zeros_like(whole)
    np.add.at(found, at, rows)
    assert np.allclose(found, whole, rtol=1e-13) and not whole[[1, 2, 4, 5, 6, 8]].any()


def test_the_update_that_stands_in_the_source() -> None:
    source = matcalc.derive(WINDOW, wrt="L", dims=DIMS).to_code("sparse")
    assert "add_rows(L, *grad_L) adds them in place" in " ".join(source.split())
    add = compile_source(source, "add_rows")
    a = np.zeros((3, 2))
    assert add(a, np.array([2, 0, 2]), np.array([[1.0, 2], [3, 4], [10, 20]])) is a
    assert np.array_equal(a, [[3, 4], [0, 0], [11, 22]])


def test_single_precision_stays() -> None:
    d = matcalc.derive(WINDOW, wrt="L", dims=DIMS)
    _, (_, rows) = d.function("sparse")(*(AT[n] if n == "idx" else AT[n].astype(np.float32) for n in d.problem.symbols))
    assert rows.dtype == np.float32


def test_the_function_can_be_pickled() -> None:
    function = matcalc.derive(WINDOW, wrt="L", dims=DIMS).function("sparse")
    again = pickle.loads(pickle.dumps(function))
    given = [AT[n] for n in function.originals]
    assert all(np.array_equal(a, b) for a, b in zip(function(*given)[1], again(*given)[1], strict=True))


@pytest.mark.parametrize("text", ["u'*tanh(W*x)", "sum(L[idx,:]) + sum(L.^2)", "sum(L[:,idx])"])
def test_what_is_dense_is_refused(text: str) -> None:
    d = matcalc.derive(text, wrt="W" if "W" in text else "L", dims={k: v for k, v in DIMS.items() if k in text})
    with pytest.raises(matcalc.UsageError, match="no gradient is sparse: any row may move in the results for") as error:
        d.to_code("sparse")
    assert "--code numpy" in str(error.value.hint) and d.to_code("numpy")


def test_integers_outside_are_refused() -> None:
    d = matcalc.derive(WINDOW, wrt="L", dims=DIMS)
    with pytest.raises(matcalc.MatcalcError, match="labels are integers from 0 to 8"):
        d.function("sparse")(*(np.full(5, 9) if n == "idx" else AT[n] for n in d.problem.symbols))
