"""The form of a line, and the line by what sums to 1."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.engine.line_forms import as_written
from matcalc.notation.write.render import TEXT, render
from tests.nodes import read


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2*A'*(A*x) + 2*x", "2Aᵀ A x + 2x"),  # no longer than 2(Aᵀ A x + x)
        ("A'*(A*x)/2 + x/2", "(Aᵀ A x + x)/2"),
        ("A*x + B*x", "(A + B) x"),
    ],
)
def test_a_factor_stands_before_each_term_where_that_is_shorter(text: str, shown: str) -> None:
    assert render(as_written(Normalizer(), read(text), {}), TEXT) == shown


@pytest.mark.slow
def test_a_transposed_sum_has_any_number_of_terms() -> None:
    """As a weight that a net of a thousand layers shares; and minus stays minus."""
    names = [f"x{k}" for k in range(2000)]
    of = as_written(Normalizer(), read("(" + " + ".join(names) + " - y)'", dict.fromkeys([*names, "y"], ("n",))), {})
    assert render(of, TEXT).replace("(", "").startswith("x₀") and render(of, TEXT).replace("ᵀ", "").rstrip(")").endswith("- y")


@pytest.mark.parametrize(
    ("text", "wrt", "before", "after", "why"),
    [
        ("p = softmax(z); s = -y'*log(p)", "z", "(sum(y) p - y)ᵀ", "(p - y)ᵀ", "y sums to 1"),
        ("P = softmax(Z); L = -sum(Y.*log(P))/n", "Z", "(P ∘ (Y 𝟏 𝟏ᵀ) - Y)/n", "(P - Y)/n", "each row of Y sums to 1"),
    ],
)
def test_that_labels_sum_to_one_is_a_line_of_its_own(text: str, wrt: str, before: str, after: str, why: str) -> None:
    d = matcalc.derive(text, wrt=wrt, assume={"y" if "y" in text else "Y": "one-hot"})
    texts = [s.rhs.text for s in d.trace.steps]
    at = texts.index(before)
    assert texts[at + 1] == after and d.trace.steps[at + 1].note.format(*[f.text for f in d.trace.steps[at + 1].about]).startswith(
        why
    )
    assert d.replay() and d.checked is not None and d.checked.passed


def test_without_labels_nothing_sums_to_one() -> None:
    d = matcalc.derive("p = softmax(z); s = -y'*log(p)", wrt="z")
    assert d.result.text == "sum(y) p - y"


LOGISTIC = [
    ("p = sigmoid(w'*x + b); s = -y*log(p) - (1 - y)*log(1 - p)", "(p - y) x"),
    ("s = -y*log(sigmoid(w'*x + b)) - (1 - y)*log(1 - sigmoid(w'*x + b))", "(σ(wᵀ x + b) - y) x"),
    ("p = sigmoid(w'*x + b); s = -(y*log(p) + (1 - y)*log(1 - p))/n", "(p - y) x/n"),
    ("p = sigmoid(w'*x + b); s = -c*y*log(p) - (1 - y)*log(1 - p)", "(p (1 - y) - c y (1 - p)) x"),
    ("p = sigmoid(X*w); s = -(c .* v)'*log(p) - (1 - v)'*log(1 - p)", "Xᵀ (p ∘ (1 - v) - c ∘ v ∘ (1 - p))"),
]


@pytest.mark.parametrize(("text", "gradient"), LOGISTIC, ids=[text for text, _ in LOGISTIC])
def test_what_the_derivative_of_a_logarithm_is_divided_by_cancels_where_it_arrives(text: str, gradient: str) -> None:
    sizes = {"y": (), "b": (), "n": (), "v": ("n",)} | ({"c": ()} if " v" not in text else {"c": ("n",)})
    d = matcalc.derive(text, wrt="w", dims={name: shape for name, shape in sizes.items() if name in text})
    assert d.result.text == gradient and d.replay()
    assert any("a quotient cancels" in s.note and s.lhs.expr.args[-1] is not d.problem.symbols["w"] for s in d.steps)


@pytest.mark.parametrize("text", ["s = sum(sqrt(1 + (X*w - y).^2))", "h = tanh(X*w); s = -y'*log(1 + h)"])
def test_where_no_quotient_cancels_there_is_no_further_line(text: str) -> None:
    d = matcalc.derive(text, wrt="w", dims={"y": ("n",)})
    assert not any("cancels" in s.note and s.lhs.expr.args[-1] is not d.problem.symbols["w"] for s in d.steps) and d.replay()


def test_a_line_that_was_tried_says_the_last_names() -> None:
    """δ is δ₁ where there are two, also in lines in which something might have cancelled."""
    d = matcalc.derive("m = mean(x); r = sqrt(sum((x - m).^2)/n); h = (x - m)/r; s = g'*h", wrt="x")
    text = d.to_text()
    assert "δ₁" in text and "δ₂" in text and "δ " not in text and "δ_" not in text


def test_a_derivative_says_by_what_it_is_also_where_that_has_a_value() -> None:
    """What cancels is looked for by values; ∂s/∂z in it stays what it is (the value of z was put in for it)."""
    d = matcalc.derive(r"\max_{i}w_i\log(w_i/v_i)")
    assert d.checked is not None and d.checked.passed and d.replay()


@pytest.mark.parametrize(
    ("text", "wrt", "line"),
    [
        ("norm2(W*x - y)^2", "W", "∂s/∂z = 2zᵀ"),
        ("r = W*x; s = norm2(r - y)^2", "W", "∂s/∂r = 2(r - y)ᵀ"),
        ("h = exp(x); s = a'*h - sum(b .* log(h))", "x", "∂s/∂h = (a - b ⊘ h)ᵀ"),
    ],
)
def test_a_row_that_adds_up_transposes_is_the_transpose_of_their_sum(text: str, wrt: str, line: str) -> None:
    assert line in [step.text for step in matcalc.derive(text, wrt=wrt).steps]


@pytest.mark.parametrize(
    ("text", "wrt", "labels"),
    [
        ("logdet(S) + a'*inv(S)*a", "S", "log-determinant; inverse"),
        ("norm2(W*x - y)^2 + t*norm2(W)^2", "W", "outer product; squared norm"),
        ("norm2(W*x - y)^2", "W", ""),
    ],
)
def test_a_line_of_several_terms_names_the_rule_of_each(text: str, wrt: str, labels: str) -> None:
    (line,) = [s for s in matcalc.derive(text, wrt=wrt).steps if s.kind == "chain" and str(s.node.attr) == wrt]  # type: ignore[union-attr]
    assert line.reason == labels


@pytest.mark.parametrize(
    ("text", "wrt", "before", "after", "words"),
    [
        ("x'*A*x/2 - b'*x", "x", "(xᵀ (A + Aᵀ) - 2bᵀ)/2", "xᵀ A - bᵀ", "A is symmetric"),
        ("tr(X*A*X')", "X", "X (A + Aᵀ)", "2X A", "A is symmetric"),
        ("sqrt(x'*inv(A)*x)", "x", "xᵀ (A⁻¹ + A⁻ᵀ)/(2√t)", "xᵀ A⁻¹/√t", "A⁻¹ is symmetric"),
    ],
)
def test_that_a_matrix_is_symmetric_is_a_line_of_its_own(text: str, wrt: str, before: str, after: str, words: str) -> None:
    d = matcalc.derive(text, wrt=wrt, assume={"A": "spd"})
    lines = [s for s in d.steps if s.lhs.text == f"∂s/∂{wrt}"]
    assert [s.rhs.text for s in lines][:2] == [before, after]
    assert words in d.to_text()
    d.replay().require()


def test_a_line_names_all_rules_that_it_needs() -> None:
    (line,) = [s for s in matcalc.derive("z = X*w; s = sum(max(0, z).^2)", wrt="w").steps if s.lhs.text == "∂s/∂z"]
    assert line.reason == "maximum; power rule"


def test_brackets_alone_make_no_further_member() -> None:
    (line,) = [s for s in matcalc.derive("norm2(A*x - b)^2", wrt="x").steps if s.lhs.text == "∂s/∂x"]
    assert list(dict.fromkeys(f.text for f in line.chain)) == ["∂s/∂x", "∂s/∂z ∂z/∂x", "2zᵀ A"]


def test_a_mean_is_no_reason_to_take_a_difference_apart() -> None:
    """The gradient of what was standardised, with x - μ in it from the first line on."""
    d = matcalc.derive("m = mean(x); v = var(x); z = (x - m)/sqrt(v + e); s = g'*z", wrt="x", dims={"e": ()})
    assert d.result.text == "(g - (gᵀ z) z/n - sum(g)/n)/√(e + v)" and d.replay()
    assert {"∂v/∂x = 2(x - m)ᵀ/n"} <= {s.text for s in d.steps}
