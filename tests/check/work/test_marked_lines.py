"""Names that the lines of a work define, those for each sample among them; laws that speak of matrices of their own."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc

SAMPLES = (r"L = \frac1n \sum_{i=1}^n (w^T x_i + b - y_i)^2", "b", {"dims": {"b": ()}})
DEFINED = r"Write $r_i = w^T x_i + b - y_i$, so $L = \frac1n \sum_i r_i^2$ and $\frac{\partial r_i}{\partial b} = 1$. "


def found(work: str, text: str, wrt: str, more: dict[str, Any]) -> tuple[str, str]:
    report = matcalc.check_work(work, text, wrt, **more)
    return report.verdict, report.relation


@pytest.mark.parametrize(
    ("line", "verdict", "words"),
    [
        (r"\frac1n\sum_i 2 r_i \cdot 1 = \frac2n \sum_i (w^T x_i + b - y_i)", "right", ""),
        (r"\frac1n\sum_i r_i", "factor", "1/2 times"),
        (r"2 \sum_i r_i", "factor", "n times what is right: a sum for a mean"),
        (r"\frac2n r_i", "missing-sum", "the sum over i is missing"),
        (r"2 r_i", "missing-sum", "with it, it is n times what is right"),
    ],
)
def test_what_is_defined_for_each_sample(line: str, verdict: str, words: str) -> None:
    got = found(DEFINED + rf"So $\frac{{\partial L}}{{\partial b}} = {line}$.", *SAMPLES)
    assert got[0] == verdict and words in got[1], got


def test_of_one_sample_no_sum_is_missed() -> None:
    text = DEFINED + r"For a single example $\frac{\partial L}{\partial b} = 2 r_i$."
    assert found(text, *SAMPLES)[0] == "not-understood"


@pytest.mark.parametrize(
    ("law", "verdict"),
    [
        ("tr(M) = tr(M')", "right"),
        (r"$\operatorname{tr}(M) = \operatorname{tr}(M^T)$ and $\operatorname{tr}(PQ) = \operatorname{tr}(QP)$", "right"),
        ("tr(M) = 2*tr(M')", "factor"),
    ],
)
def test_laws_about_matrices_of_their_own(law: str, verdict: str) -> None:
    end = r"$\nabla_X f = A^T B^T$" if "$" in law else "grad f = A'*B'"
    assert found(f"{law}\n{end}", "f = tr(A*X*B)", "X", {})[0] == verdict


@pytest.mark.parametrize(("line", "verdict"), [("J = A'*diag(f'(B*x))*B", "right"), ("J_g = A'*diag(f'(B*x))*B'", "transpose")])
def test_a_jacobian_may_be_called_so(line: str, verdict: str) -> None:
    assert found(f"u = B*x\n{line}", "g = A'*f(B*x)", "x", {})[0] == verdict


def test_stars_of_programs() -> None:
    """Where sizes fit no matrix product, as those of two columns, a star is that of each entry."""
    problem = ("s = u'*sigmoid(W*x)", "W", {})
    work = "h = sigmoid(W*x)\nds/dh = u\nds/dz = u*h*(1 - h), where z = W*x\nds/dW = {}"
    assert found(work.format("(u*h*(1 - h))*x'"), *problem)[0] == "right"
    assert found(work.format("(u*h*(1 + h))*x'"), *problem)[0] == "sign"
    told = matcalc.check_work(work.format("(u*h*(1 - h))*x'"), problem[0], problem[1]).to_text()
    assert told.count("with * entry by entry)") == 2
