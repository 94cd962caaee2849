"""Which names an index stands in, and between which limits it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.expr.errors import NoRuleError
from matcalc.numeric.evaluation import bind, evaluate
from tests.hints import ways
from tests.meanings import require_refused, require_value

VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("\\sum_{i=1}^n x_i", lambda x: x.sum()),
    ("\\sum_i x_i y_i", lambda x, y: x @ y),
    ("\\sum_{j=1}^n A_{jj}", lambda A: np.trace(A)),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\\sum_{i=1}^m x_i", "m"),
        ("\\sum_{i=2}^n x^{(i)}", "part"),
        ("\\sum_{i=1}^n W_{ij} x_i", ""),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


def test_the_upper_limit_names_the_axis() -> None:
    p = read_problem(r"\sum_{i=1}^N x_i y_i", notation="latex")
    assert p.dims["x"] == p.dims["y"] == ("N",)


def test_one_slice_that_is_said_holds_for_every_index() -> None:
    """x_j is X[j,:] where x_i was said to be X[i,:]."""
    p = read_problem(r"\sum_{i,j} x_i^T x_j", {"X": ("m", "n")}, index={"x_i": "X[i,:]"})
    X = np.arange(6.0).reshape(3, 2)
    want = sum(X[i] @ X[j] for i in range(3) for j in range(3))
    env, sizes = bind(p.symbols.values(), {"X": X})
    assert np.isclose(evaluate([p.output], env, sizes)[0].item(), want)


@pytest.mark.parametrize(
    "text",
    [
        r"\sum_{k=1}^K (x-\mu_k)^\top \Sigma_k^{-1} (x-\mu_k)",
        r"\sum_{h=1}^H \|W_h x - y\|^2",
        r"\sum_{k} \log\det \Sigma_k",
        r"\log \sum_k \pi_k \mathcal N(x|\mu_k,\Sigma_k)",
        r"\sum_i \sum_k r_{ik} (x_i-\mu_k)^\top \Sigma_k^{-1} (x_i-\mu_k)",
    ],
)
def test_a_matrix_for_each_index_is_refused_and_the_term_is_read(text: str) -> None:
    """And never read with vectors and numbers that happen to fit: W_h x of vectors W_h and a number x."""
    with pytest.raises(NoRuleError, match="is a matrix for each index") as refused:
        matcalc.derive(text)
    hinted = ways(refused.value, text)
    assert not hinted if r"\sum_i" in text or r"\log \sum" in text else matcalc.derive(hinted[0][1], check=False).results


def test_a_row_beside_sums_is_said_in_the_hint() -> None:
    text = r"-b^\top v-\sum_i\log(1+e^{c_i+W_iv})"
    with pytest.raises(NoRuleError, match="is a matrix for each index") as refused:
        matcalc.derive(text, "W")
    assert r"where 'W_i' is a row, W_{i\cdot} says so" in str(refused.value.hint)
    assert matcalc.derive(text.replace("W_i", r"W_{i\cdot}"), "W").result.plain == "-sigmoid(W*v + c)*v'"
    assert matcalc.derive(text.replace("W_iv", r"W_i^\top v"), "W_i").result.plain == "-sigmoid(W*v + c)*v'"


def test_a_slice_of_a_stack_that_an_option_names_is_refused_too() -> None:
    with pytest.raises(NoRuleError, match="'y_i' is a matrix for each index"):
        matcalc.derive(r"\sum_{i}|y_i|", dims={"y": ("n", "m", "k")}, index={"y_i": "y[i]"})
