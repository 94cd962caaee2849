"""What parse and derive give back: an expression, and one derivative."""

from __future__ import annotations

import numpy as np

import matcalc
from tests.test_api import DIMS, TEXT


def test_the_value() -> None:
    d = matcalc.derive(TEXT, dims={"W": ("n", "m")})
    assert d.value.plain == "u'*f(W*x + b)" and d.value.shape == () and d.value.latex.startswith(r"u^{\top}")
    at = {"u": np.ones(2), "W": np.ones((2, 3)), "x": np.ones(3), "b": np.zeros(2)}
    assert np.allclose(d.value.evaluate(at, functions={"f": np.sin}), 2 * np.sin(3))
    assert matcalc.derive("A*x", dims=DIMS).value.shape == ("n",)
