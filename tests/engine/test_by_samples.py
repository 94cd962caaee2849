"""Results term by term, where the input has a sum over samples: which form they have, and where there is none."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.engine.by_samples import RULE

FORMS: dict[str, tuple[dict[str, Any], str, str]] = {
    "sum_{i=1}^n (x_i - m)' * inv(S) * (x_i - m)": ({"wrt": "m", "assume": {"S": "spd"}}, "-2S⁻¹ Σ_{i=1}^n (x_i - m)", ""),
    "sum_{i=1}^n (x_i - m)' * inv(S) * (x_i - m) + 0*logdet(S)": (
        {"wrt": "S", "assume": {"S": "spd"}}, "-S⁻¹ (Σ_{i=1}^n (x_i - m)(x_i - m)ᵀ) S⁻¹", ""),
    "-sum_{i=1}^n (y_i*log(sigmoid(w'*x_i)) + (1-y_i)*log(1-sigmoid(w'*x_i)))": (
        {"wrt": "w"}, "Σ_{i=1}^n (σ(wᵀ x_i) - y_i) x_i", ""),
    "1/n * sum_{i=1}^n log(1 + exp(-y_i*w'*x_i))": ({"wrt": "w"}, "-(Σ_{i=1}^n y_i σ(-y_i wᵀ x_i) x_i)/n", ""),
    "sum_{i=1}^n log(sum_{c=1}^k exp(w_c'*x_i))": ({"wrt": "W"}, "Σ_{i=1}^n softmax(W x_i) x_iᵀ", ""),
    "sum_{i=1}^n ||A*x_i - y_i||^2": ({"wrt": "A"}, "2Σ_{i=1}^n (A x_i - y_i) x_iᵀ", ""),
    "sum_{i=1}^n a_i*(x_i'*A*x_i)": ({"wrt": "A"}, "Σ_{i=1}^n a_i x_i x_iᵀ", ""),
    "sum_{i=1}^n (w'*x_i - y_i)^2": ({"wrt": "w", "kind": "hessian"}, "2Σ_{i=1}^n x_i x_iᵀ", ""),
    r"\frac{1}{2}\sum_{i=1}^N (y_i - \mathbf{w}^T \mathbf{x}_i)^2": (
        {"wrt": "w"}, "-Σ_{i=1}^N (y_i - wᵀ x_i) x_i",
        r"-\sum_{i=1}^{N} (y_{i} - \mathbf{w}^{\top} \mathbf{x}_{i}) \mathbf{x}_{i}"),
}  # fmt: skip


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", FORMS)
def test_the_result_term_by_term(text: str) -> None:
    options, shown, latex = FORMS[text]
    d = matcalc.derive(text, **options)
    box = d.trace.boxes[-1]
    assert box.rhs.text == shown
    assert box.check is not None and box.check.max_relative_error < 1e-10
    assert shown in d.to_text(width=200)
    assert latex in d.to_latex()
    d.replay().require()


@pytest.mark.parametrize(
    "text", ["sum((X*w - y).^2)", "sum_{i \\ne j} w'*x_i*y_j", "sum_{i=1}^n sum_{j=1}^n w_i*K_ij*w_j", "prod_{i=1}^n w_i"]
)
def test_no_sum_where_the_input_has_none_over_samples(text: str) -> None:
    d = matcalc.derive(text, wrt="w")
    assert all(box.rhs.samples is None for box in d.trace.boxes)
    assert RULE not in [step.rule for step in d.steps]


def test_a_false_sum_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from matcalc.engine import by_samples
    from matcalc.expr.errors import CheckError
    from matcalc.expr.nodes import make

    true = by_samples._outer
    monkeypatch.setattr(by_samples, "_outer", lambda a, b: make("neg", (true(a, b),)))
    with pytest.raises(CheckError):
        matcalc.derive("sum_{i=1}^n (w'*x_i - y_i)^2", wrt="w")
