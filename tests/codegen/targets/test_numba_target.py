"""NumPy source that numba compiles: any numbers go in, the results have their precision."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc


def test_precision_lists_and_layouts() -> None:
    pytest.importorskip("numba")
    d = matcalc.derive("a*x'*S*x", dims={"S": ("n", "n"), "x": ("n",), "a": ()}, wrt="x", check=False)
    run, S = d.function("numba"), np.arange(9.0).reshape(3, 3)
    for given in (S, S.T.copy().T, S.tolist()):
        value, gradient = run(2, [1, 2, 3], given)
        assert np.allclose(value, d.function()(2, [1, 2, 3], S)[0]) and gradient.dtype == float
    assert run(2, np.ones(3, np.float32), S.astype(np.float32))[1].dtype == np.float32


def test_functions_of_the_users() -> None:
    numba = pytest.importorskip("numba")
    d = matcalc.derive("sum(f(x))", dims={"x": ("n",)}, check=False)
    _, gradient = d.function("numba")(np.array([1.0, 2.0]), f=(numba.njit(lambda x: x**2), numba.njit(lambda x: 2 * x)))
    assert np.allclose(gradient, [2, 4])


def test_what_numba_lacks_is_refused_by_name() -> None:
    with pytest.raises(matcalc.NoRuleError, match="no numba code can be generated for the operator 'erf'"):
        matcalc.derive("sum(erf(x))", dims={"x": ("n",)}, check=False).to_code("numba")


def test_numbers_are_returned_as_they_are() -> None:
    """They have no copy(): value c was refused by the compiler."""
    d = matcalc.derive("c", "c", dims={"c": ()}, check=False)
    compiled = d.to_code("numba").partition("def _compiled")[2]
    assert "return c, " in compiled and ".copy()" not in compiled
