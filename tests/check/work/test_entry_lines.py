"""Lines that speak of one entry, judged for all entries; the truths are those of a lecture and of elementary calculus."""

from __future__ import annotations

import pytest

import matcalc

LAYER = "z = W x + b; h = f(z); s = u' h"
DELTA = {"δ": "u .* f'(z)", r"\delta": "u .* f'(z)"}


@pytest.mark.parametrize("line", [
    "∂s/∂W_{ij} = δ_i x_j", r"\frac{\partial s}{\partial W_{ij}} = \delta_i x_j", "ds/dW_ij = δ_i x_j",
    "∂z_i/∂W_{ij} = x_j", "∂z_k/∂W_{ij} = δ_{ki} x_j", "∂s/∂x_j = Σ_i δ_i W_{ij}", "∂s/∂x_j = Σ_i ∂s/∂z_i ∂z_i/∂x_j",
    "∂s/∂W_{ij} = Σ_k δ_k ∂z_k/∂W_{ij} = δ_i ∂z_i/∂W_{ij} = δ_i x_j", r"\frac{\partial s}{\partial b_i} = \delta_i",
    r"\frac{\partial z_i}{\partial x_j} = W_{ij}", r"\frac{\partial h_i}{\partial z_j} = \delta_{ij} f'(z_i)",
])  # fmt: skip
def test_what_is_true_of_each_entry(line: str) -> None:
    last = r"$\frac{\partial s}{\partial W} = \delta x^T$" if "\\" in line else "∂s/∂W = δ x'"
    report = matcalc.check_work(f"${line}$\n{last}" if "\\" in line else f"{line}\n{last}", LAYER, "W", names=DELTA)
    assert report.verdict == "right", report.to_text()


@pytest.mark.parametrize("line, verdict, words", [
    ("∂s/∂W_{ij} = δ_j x_i", "transpose", "the indices i and j are exchanged"), ("∂s/∂W_{ij} = 2 δ_i x_j", "factor", "2 times"),
    ("∂s/∂x_j = Σ_i δ_i W_{ji}", "transpose", "the indices are exchanged: W_{ji}"), ("∂z_i/∂W_{ij} = x_i", "wrong-other", ""),
    ("∂s/∂W_{ij} = -δ_i x_j", "sign", "−1"), ("∂s/∂x_j = Σ_i u_i W_{ij}", "missing-factor", "derivative of"),
])  # fmt: skip
def test_what_is_not(line: str, verdict: str, words: str) -> None:
    report = matcalc.check_work(f"{line}\n∂s/∂W = δ x'", LAYER, "W", names=DELTA)
    assert (report.verdict, report.first_wrong) == (verdict, 0) and words in report.relation


def test_the_softmax_entry_by_entry() -> None:
    work = r"""\begin{align}
p &= \mathrm{softmax}(z), \quad J = -y^T \log p \\
\frac{\partial p_i}{\partial z_j} &= p_i (\delta_{ij} - p_j) \\
\frac{\partial J}{\partial z_j} &= -\sum_i \frac{y_i}{p_i} \frac{\partial p_i}{\partial z_j} \\
&= -\sum_i y_i (\delta_{ij} - p_j) \\
&= p_j \sum_i y_i - y_j \\
\frac{\partial J}{\partial z} &= (\sum_i y_i) p - y
\end{align}"""
    assert matcalc.check_work(work).verdict == "right"
    report = matcalc.check_work(work.replace(r"p_i (\delta_{ij} - p_j)", r"p_i (\delta_{ij} + p_j)"))
    assert (report.verdict, report.first_wrong) == ("sign", 1)


def test_an_answer_by_entries_is_one() -> None:
    report = matcalc.check_work("z = W x, s = u' z\n∂s/∂W_{ij} = u_i x_j")
    assert report.verdict == "right" and report.lines[-1].is_answer


def test_places_without_an_axis_are_refused() -> None:
    report = matcalc.check_work("∂s/∂x_{ij} = δ_i\n∂s/∂W = δ x'", LAYER, "W", names=DELTA)
    assert report.verdict == "not-understood" and "an index for each axis" in report.lines[0].finding.relation


def test_a_value_by_its_entries() -> None:
    for index, verdict in (("ij", "right"), ("ji", "transpose")):
        work = f"$y_i = \\sum_j A_{{{index}}} x_j$ $\\frac{{\\partial y_i}}{{\\partial x_k}} = A_{{ik}}$"
        assert matcalc.check_work(work, "y = A x", "x").verdict == verdict
