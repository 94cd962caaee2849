"""The names that NumPy, SciPy, JAX and PyTorch have for what is read."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.expr.errors import MatcalcError
from matcalc.notation.lex import python_names
from tests.pythons import value

A = np.array([[1.0, 2.0, -1.0], [0.5, 3.0, 1.5]])
x = np.array([0.3, -0.4, 0.8])


@pytest.mark.parametrize(
    "code",
    [
        "np.sum(A)", "np.mean(A, axis=0) @ x", "np.max(x)", "np.abs(x).sum()", "np.linalg.norm(x)",
        "np.dot(x, x)", "np.exp(x).sum()",
        "np.add(x, x).sum()", "np.multiply(x, x).sum()", "np.power(x, 2).sum()", "np.ones_like(x) @ x", "np.var(x)",
        "np.trace(A @ A.T)",
        "np.maximum(x, 0).sum()", "np.log1p(x**2).sum()", "np.einsum('ij,j->i', A, x).sum()", "np.outer(x, x).sum()",
        "np.square(x).sum()",
        "np.transpose(A).sum()", "np.sqrt(np.sum(x**2))", "np.clip(x, -0.5, 0.5).sum()", "np.linalg.det(A @ A.T)",
    ],
)  # fmt: skip
def test_numpy_has_the_same_value(code: str) -> None:
    """The same text is run by NumPy."""
    assert np.isclose(value(code, A=A, x=x), eval(code, {"np": np, "A": A, "x": x}))


def test_each_name_has_one_meaning() -> None:
    tables = (python_names.SIGNS, python_names.POWERS, python_names.FILLED, python_names.LIKE, python_names.CONSTANTS)
    names = [name for table in tables for name in table]
    assert len(names) == len(set(names)) and python_names.METHODS <= python_names.FUNCTIONS


@pytest.mark.parametrize("code", ["np.fft(x)", "np.random.randn(3) @ x", "x.sum2()", "np.sort(x).sum()"])
def test_names_that_are_not_read_are_refused(code: str) -> None:
    with pytest.raises(MatcalcError):
        value(code, x=x)
