"""Lines that hold of some entries only: right in the case that they name, and wrong where they name none."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc

SOFTMAX = ("p = softmax(z)", "z", {})
LOSS = ("J = -y'*log(softmax(f))", "f", {"assume": {"y": "one-hot"}})
LABEL = (r"J = -\log \frac{e^{f_y}}{\sum_{c=1}^{C} e^{f_c}}", "f", {})
WHOLE = r"\frac{\partial p}{\partial z} = \mathrm{diag}(p) - pp^T"


def found(work: str, problem: tuple[str, str, dict[str, Any]]) -> tuple[str, int | None, str]:
    report = matcalc.check_work(work, problem[0], problem[1], **problem[2])
    return report.verdict, report.first_wrong, report.relation


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("work", "problem"),
    [
        ("dp_i/dz_i = p_i (1 - p_i)\ndp_i/dz_j = -p_i p_j for i != j\ndp/dz = diag(p) - p p'", SOFTMAX),
        (r"Case $i = j$: $\frac{\partial p_i}{\partial z_j} = p_i(1 - p_i)$." "\n\n"
         r"Case $i \neq j$: $\frac{\partial p_i}{\partial z_j} = -p_i p_j$." f"\n\nTogether ${WHOLE}$.", SOFTMAX),
        (rf"\begin{{align}} \frac{{\partial p_i}}{{\partial z_j}} &= \begin{{cases}} p_i(1-p_i) & i=j \\ -p_i p_j & i\neq j "
         rf"\end{{cases}} \\ {WHOLE}\end{{align}}", SOFTMAX),
        (rf"$$\frac{{\partial p_i}}{{\partial z_j}} = \begin{{cases}} -p_i p_j, & \text{{if }} i \ne j, \\ p_i(1-p_i) & "
         rf"\text{{otherwise}} \end{{cases}}$$ $${WHOLE}$$", SOFTMAX),
        ("p = softmax(f)\nIf c is the correct class, dJ/df_c = p_c - 1.\nOtherwise, dJ/df_c = p_c.\nTogether dJ/df = p - y", LOSS),
        (r"Right class: $\frac{\partial J}{\partial f_y} = p_y - 1$. For $c \ne y$: $\frac{\partial J}{\partial f_c} = p_c$. "
         r"So $\nabla_f J = p - e_y$ where $p = \mathrm{softmax}(f)$.", LABEL),
    ],
)  # fmt: skip
def test_right_in_its_case(work: str, problem: tuple[str, str, dict[str, Any]]) -> None:
    verdict, first, relation = found(work, problem)
    assert (verdict, first) == ("right", None), relation


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("work", "problem", "verdict", "words"),
    [
        ("dp_i/dz_j = -p_i p_j\ndp/dz = diag(p) - p p'", SOFTMAX, "missing-term", "it holds only for i ≠ j"),
        ("dp_i/dz_j = p_i p_j for i ≠ j\ndp/dz = diag(p) - p p'", SOFTMAX, "sign", "for i ≠ j"),
        ("dp_i/dz_j = p_i for i ≠ j\ndp/dz = diag(p) - p p'", SOFTMAX, "wrong-other", ""),
        ("p = softmax(f)\ndJ/df_c = p_c\ndJ/df = p - y", LOSS, "missing-term", "it holds only for entries where y is 0"),
        (r"$p = \mathrm{softmax}(f)$, $\frac{\partial J}{\partial f_y} = 1 - p_y$, $\nabla_f J = p - e_y$", LABEL, "sign", "is 1"),
    ],
)  # fmt: skip
def test_wrong_in_its_case_or_without_one(work: str, problem: tuple[str, str, dict[str, Any]], verdict: str, words: str) -> None:
    got = found(work, problem)
    assert got[0] == verdict and got[1] is not None and words in got[2], got
