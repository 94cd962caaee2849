"""Indices and labels on the left of an equation."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from tests.differences import slopes


def test_what_stands_below_the_name_on_the_left_is_a_label_where_it_is_a_value_on_the_right() -> None:
    d = matcalc.derive(r"L_q = -\log \sum_i e^{q^T k_i}", wrt="q", dims={"q": ("d",)}, index={"k_i": "K[i,:]"})
    assert d.value.plain == "-log(sum(exp(K*q)))" and d["q"].plain == "-K'*softmax(K*q)" and not d.warnings


def test_what_stands_below_it_on_both_sides_is_an_index() -> None:
    d = matcalc.derive(r"z_i = a_i^T q + c_i", wrt="q", notation="latex", index={"a_i": "A[i,:]"})
    assert d.value.plain == "A*q + c" and d.value.shape == ("n",)


N, D = 4, 2
POINTS = np.random.default_rng(0).standard_normal((N, D))


def kernel(x: np.ndarray, i: int, j: int) -> float:
    return float(np.exp(-((x[i] - x[j]) ** 2).sum()))


def conditional(x: np.ndarray) -> np.ndarray:
    """Of t-SNE: the similarity of j to i, over all others than i."""
    return np.array([[kernel(x, i, j) / sum(kernel(x, i, k) for k in range(N) if k != i) for j in range(N)] for i in range(N)])


SIMILARITY = r"\frac{\exp(-\|x_i-x_j\|^2)}{\sum_{k\ne i}\exp(-\|x_i-x_k\|^2)}"


def test_a_sum_over_others_than_an_index_of_the_left_side_is_one_for_each_of_it() -> None:
    rows = matcalc.derive(rf"p_{{ij}} = {SIMILARITY}", wrt="x")
    assert np.allclose(rows.value.evaluate({"X": POINTS}), conditional(POINTS))
    turned = matcalc.derive(rf"p_{{j|i}} = {SIMILARITY}", wrt="x")  # the first index counts the rows
    assert np.allclose(turned.value.evaluate({"X": POINTS}), conditional(POINTS).T)
    one = matcalc.derive(r"p_i = \sum_{k \ne i} \exp(-\|x_i-x_k\|^2)", wrt="x")
    assert np.allclose(one.value.evaluate({"X": POINTS}), [sum(kernel(POINTS, i, k) for k in range(N) if k != i) for i in range(N)])


def test_the_loss_of_tsne() -> None:
    p = np.random.default_rng(1).uniform(0.1, 1, (N, N))
    text = r"C = \sum_i\sum_j p_{j|i}\log\frac{p_{j|i}}{q_{j|i}}, q_{j|i} = " + SIMILARITY
    d = matcalc.derive(text, wrt="X")

    def loss(at: dict[str, np.ndarray]) -> float:
        return float((p.T * np.log(p.T / conditional(at["X"]))).sum())

    at = {"X": POINTS}
    assert np.allclose(d.value.evaluate({**at, "p": p}), loss(at))
    assert np.allclose(d["X"].evaluate({**at, "p": p}), slopes(loss, "X", at), atol=1e-8)


def test_a_bar_below_a_name_is_a_label_where_nothing_runs_over_both() -> None:
    assert "P_{k|k-1}" in matcalc.derive(r"\operatorname{tr}(H P_{k|k-1} H^T)", wrt="H").to_text()
    assert "P_{t|k}" in matcalc.derive(r"\operatorname{tr}(H P_{t|k} H^T)", wrt="H").to_text()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"\max_i a_i^T x", "max(A*x)"),
        (r"\max_i |a_i^T x - b_i|", "max(abs(A*x - b))"),
        (r"\min_i (a_i^\top x + b_i)", "min(A*x + b)"),
    ],
)
def test_rows_of_a_maximum_are_read_as_those_of_a_sum(text: str, plain: str) -> None:
    d = matcalc.derive(text, wrt="x")
    assert d.value.plain == plain and "read as the rows of a matrix A" in d.warnings[0]
