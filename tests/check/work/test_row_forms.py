"""X_i, x_i and z_ik of matrices X and Z: rows, columns and entries, as the sizes say."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc

PROBLEM: dict[str, Any] = {
    "wrt": "W", "dims": {"X": ("n", "d"), "W": ("d", "K"), "Y": ("n", "K")}, "assume": {"Y": "one-hot"},
}  # fmt: skip


@pytest.fixture(scope="module")
def loss() -> matcalc.Derivation:
    return matcalc.derive("Z = X*W; L = -sum(Y .* logsoftmax(Z))", **PROBLEM)


RIGHT = [
    r"\frac{\partial L}{\partial W} = \sum_i X_i (P_i - Y_i)^T", r"\frac{\partial L}{\partial W} = \sum_i x_i (p_i - y_i)^T",
    r"\frac{\partial L}{\partial W} = \sum_i X_{i\cdot}^T (P_{i\cdot} - Y_{i\cdot})",
    r"\frac{\partial L}{\partial W} = \sum_i X_{i\cdot} (P_{i\cdot} - Y_{i\cdot})^T",
    r"\frac{\partial L}{\partial z_{ik}} = P_{ik} - Y_{ik}",
]  # fmt: skip


@pytest.mark.parametrize("definition", [
    r"P_{ik} = \frac{\exp(w_k^T x_i)}{\sum_j \exp(w_j^T x_i)}", r"P_{ik} = e^{z_{ik}} / \sum_j e^{z_{ij}}",
    r"P_{ik} = \mathrm{softmax}(z_i)_k", r"P = \mathrm{softmax}(Z)",
])  # fmt: skip
def test_they_are_read_as_they_fit(loss: matcalc.Derivation, definition: str) -> None:
    """Lines with X_i were called wrong: 'X' has one index."""
    report = loss.check_work("\n".join(f"$$ {line} $$" for line in (definition, *RIGHT)))
    assert [line.finding.verdict for line in report.lines] == ["right"] * 6


@pytest.mark.parametrize("line", [
    r"\sum_i X_i (Y_i - P_i)^T", r"\sum_i X_i (P_i + Y_i)^T", r"2 \sum_i x_i (p_i - y_i)^T", r"\sum_i (P_i - Y_i) X_i^T",
])  # fmt: skip
def test_what_is_wrong_is_not_right_for_that(loss: matcalc.Derivation, line: str) -> None:
    report = loss.check_work(f"$$ P = softmax(Z) $$\n$$ \\frac{{\\partial L}}{{\\partial W}} = {line} $$")
    assert report.verdict not in ("right", "needs-assumption") and (report.verdict != "layout" or line.endswith("X_i^T"))


def test_rows_that_sum_to_one_are_an_assumption() -> None:
    """The factor Y 𝟏 𝟏ᵀ was said to be missing."""
    report = matcalc.check_work("dL/dZ = softmax(Z) - Y", "L = -sum(Y .* logsoftmax(Z))", "Z", dims={"Z": ("n", "K")})
    assert report.verdict == "needs-assumption" and "each row of Y sum to one" in report.relation


def test_a_variable_that_does_not_stand_there_is_refused() -> None:
    """It was a traceback."""
    with pytest.raises(matcalc.MatcalcError, match="'x' is none"):
        matcalc.check_work("dy/dx = 0", "s = y'*y", "x", dims={"x": ("n",)})
