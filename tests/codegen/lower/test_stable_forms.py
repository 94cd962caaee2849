"""Functions in their stable forms before they become code, and rows about products wherever these stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.codegen.lower.stable_forms import stable_forms
from matcalc.notation.write.render import render

DIMS = {"a": (), "x": ("n",), "y": ("n",), "S": ("n", "n")}
FORMS = [
    ("log(2*sum(exp(x)))", "logsumexp(x) + log(2)"),
    ("log(sum(exp(x))/n)", "logsumexp(x) - log(n)"),
    ("log(3*a)", "log(3*a)"),  # no digits would be won
    ("log(1/(1 + exp(-a)))", "-softplus(-a)"),
    ("log(ones(n) - x)", "log1p(-x)"),
    ("sum(log(x + 1) .* silu(y))", "sum(log1p(x) .* (y .* sigmoid(y)))"),
    ("log(2*det(S))", "log(det(S)) + log(2)"),  # its sign is looked at when it is lowered
]


@pytest.mark.parametrize(("text", "wanted"), FORMS, ids=[t for t, _ in FORMS])
def test_forms(text: str, wanted: str) -> None:
    (found,) = stable_forms([matcalc.parse(text, DIMS).node])
    assert render(found) == wanted


FAR = [1000.0, -1000.0]
PRODUCTS: list[tuple[str, dict[str, Any], float, Any]] = [
    ("sum(sinh(x).^3 ./ cosh(x).^3 .* y)", {"x": FAR, "y": [2.0, 1.0]}, 1.0, [0.0, 0.0]),
    ("sinh(a)/cosh(a)", {"a": 1000.0}, 1.0, 0.0),
    ("sum(y .* exp(2*x) ./ (1 + exp(2*x)).^2)", {"x": FAR, "y": [2.0, 1.0]}, 0.0, [0.0, 0.0]),
    ("sum(y .* exp(x).^2 ./ (exp(x) + 1).^2)", {"x": FAR, "y": [2.0, 1.0]}, 2.0, [0.0, 0.0]),
    ("exp(a)^3/(1 + exp(a))^3", {"a": 1000.0}, 1.0, 0.0),
    ("1/(1 + exp(a))^2", {"a": -1000.0}, 1.0, 0.0),
]


@pytest.mark.parametrize(("text", "at", "value", "slope"), PRODUCTS, ids=[t for t, *_ in PRODUCTS])
def test_products_do_not_overflow(text: str, at: dict[str, Any], value: float, slope: Any) -> None:
    d = matcalc.derive(text, wrt=next(iter(at)), dims=DIMS, check=False)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        got, found = d.function()(**at)
    assert got == pytest.approx(value, rel=1e-12)
    assert np.allclose(found, slope, atol=1e-300)
