"""The lines between the last line of a derivative and its box: none is missing, each has its reasons, and every one is true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.algebra.book import book
from tests.differences import slopes
from tests.nodes import evaluated

CASES: dict[str, dict[str, Any]] = {
    "s = u^T f(W x + b)": {},
    "L = W2*h; s = norm2(L - y)^2 + lambda*norm2(W1)^2; h = tanh(W1*x + b1)": {},
    "h = sigmoid(X*w); L = -y'*log(h) - (1-y)'*log(1-h)": {"wrt": "w", "dims": {"y": ("n",)}},
    "-logdet(S)/2 - (x-m)'*inv(S)*(x-m)/2": {"dims": {"S": ("n", "n"), "x": ("n",), "m": ("n",)}, "assume": {"S": "spd"}},
    "norm2(T - U*V')^2": {},
    "sum(softmax(Q*K'/sqrt(d))*V .* G)": {},
    "u'*layernorm(x)": {},
    "logdet(X'*X)": {"wrt": "X"},
}


def chain(text: str, wrt: Any, **options: Any) -> list[tuple[str, str]]:
    """What follows the line that the rules give, each with its reasons."""
    d = matcalc.derive(text, wrt=wrt, **options)
    return [(s.rhs.text, s.note.format(*[f.text for f in s.about])) for s in d.trace.steps if s.kind == "reached"]


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", CASES)
def test_every_box_is_the_last_of_its_lines(text: str) -> None:
    d = matcalc.derive(text, **CASES[text])
    last = {s.lhs.expr: s.rhs.text for s in d.trace.steps}
    assert [last[b.lhs.expr] for b in d.boxes] == [b.rhs.text for b in d.boxes]
    assert d.replay(), d.replay()


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", [text for text in CASES if "layernorm" not in text])  # where the next line names the same laws
def test_a_line_left_out_is_a_gap(text: str) -> None:
    """The walk by the rows goes over no missing line: neither what is put in nor a law may be left out."""
    from matcalc.check.replay import replay

    d = matcalc.derive(text, **CASES[text])
    steps = d.trace.steps
    for i, step in enumerate(steps):
        if step.kind == "reached":
            report = replay(d.problem, d.trace._replace(steps=(*steps[:i], *steps[i + 1 :])), book(), d.assume, d.own_steps)
            assert not report, step.text


def test_what_is_put_in_is_named() -> None:
    assert ("(u ∘ f′(z)) xᵀ", "δ put in") in chain("z = W x + b; s = u^T f(z)", ["W", "x"])
    assert ("2Aᵀ (A x - b)", "δ and z put in") in chain("norm2(A*x - b)^2", ["x", "b"])
    two = chain("L = W2*h; s = norm2(L - y)^2; h = tanh(W1*x)", "all")
    assert ("2((W₂ᵀ a) ∘ (1 - h^∘2)) xᵀ", "δ₃, δ₂ and δ₁ put in") in two


def test_laws_are_named_and_what_they_need() -> None:
    found = chain("norm2(A*x - b)^2 + c*norm2(x)^2", "x")
    assert found == [("2Aᵀ (A x - b) + 2c x", "z put in")]
    found = chain("norm2(X*w - y)^2/n + c*norm2(w)^2/n", "w", dims={"n": ()})
    assert found == [("2(Xᵀ (X w - y) + c w)/n", "z put in")]
    symmetric = chain("Z = X'*X; logdet(Z)", "X")
    assert symmetric == [("2X Z⁻¹", "Z⁻¹ is symmetric; like terms")]
    spd = chain("y'*inv(S)*y", "S", assume={"S": "spd"})
    assert spd[-1] == ("-S⁻¹ y yᵀ S⁻¹", "S⁻¹ is symmetric")


def test_names_stay_where_laws_change_what_is_around_them() -> None:
    found = chain("-y'*inv(K + s*eye)*y/2 - logdet(K + s*eye)/2", "s", dims={"y": ("n",), "s": ()}, assume={"K": "spd"})
    assert ("tr(Z⁻¹ y yᵀ Z⁻¹ - Z⁻¹)/2", "Z⁻¹ is symmetric") in found


def test_a_result_for_tied_entries_is_the_last_of_its_lines() -> None:
    d = matcalc.derive("2*sum(log(diag(L)))", wrt="L", dims={"L": ("n", "n")}, structure={"L": "lower-triangular"})
    assert d.trace.steps[-1].rhs.text == d.result.text == "2tril(diag(1 ⊘ diag(L)))" and d.replay()


@pytest.mark.sample(6)
@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
@pytest.mark.parametrize("layout", ["denominator", "numerator"])
@pytest.mark.parametrize("tied", ["symmetric", "diagonal", "lower-triangular", "upper-triangular"])
def test_lines_for_tied_entries_are_checked_along_tied_matrices(tied: str, layout: str, style: str) -> None:
    for text in ("sum(exp(X*y))", "W = X*X'; logdet(W + eye) + tr(W)"):
        d = matcalc.derive(text, wrt="X", dims={"X": ("n", "n")}, structure={"X": tied}, layout=layout, style=style)
        assert d.replay(), d.replay()


def test_terms_that_cancel_in_logistic_regression() -> None:
    """In the line of the scores, as notes have it: what the derivative by h is divided by is a factor of the slope of sigmoid."""
    d = matcalc.derive("h = sigmoid(X*w); L = -y'*log(h) - (1-y)'*log(1-h)", wrt="w", dims={"y": ("n",)})
    found = [(s.rhs.text, s.note) for s in d.steps if s.kind == "reached"]
    assert found == [
        ("(h ∘ ((1 - y) ⊘ (1 - h) - y ⊘ h) ∘ (1 - h))ᵀ", "{} put in"),
        ("(h ∘ (1 - y) - y ∘ (1 - h))ᵀ", "a quotient cancels"),
        ("(h - y)ᵀ", "multiplied out; terms cancel"),
    ]
    assert d.result.text == "Xᵀ (h - y)" and d.replay()


def test_a_sign_is_no_common_factor() -> None:
    assert chain("norm2(A*x - b)^2", "b") == [("-2(A x - b)", "z put in")]


def test_a_box_is_the_shortest_of_its_lines_and_of_equally_short_ones_in_the_order_of_the_input() -> None:
    d = matcalc.derive("norm2(X - U*V')^2", wrt=["U", "V"])
    assert [b.rhs.text for b in d.boxes] == ["-2(X - U Vᵀ) V", "-2(X - U Vᵀ)ᵀ U"] == [r.text for r in d.results]
    d = matcalc.derive("h = tanh(W_1*x); z = W_2*h - y; norm2(z)^2 + lambda*norm2(W_2)^2", wrt="W_2")
    assert d.result.text == "2z hᵀ + 2λ W₂" and d.replay()
    spd = matcalc.derive("-logdet(S)/2 - (x-m)'*inv(S)*(x-m)/2", wrt="S", **CASES["-logdet(S)/2 - (x-m)'*inv(S)*(x-m)/2"])
    assert spd.result.text == "(S⁻¹ (x - m)(x - m)ᵀ S⁻¹ - S⁻¹)/2"


def test_nothing_follows_what_is_a_result_already() -> None:
    assert chain("a'*x", "x") == []
    assert chain("sum(exp(x))", "x") == [("exp(x)", "h put in")]


def test_a_deep_network_stays_with_its_names() -> None:
    text: Any = "x"
    for i in range(40):
        text = f"tanh(W{i}*{text})"
    lines = chain(f"sum({text})", "x", check=False)
    assert len(lines) <= 1


@pytest.mark.parametrize("text", ["norm2(A*x - b)^2 + c*norm2(x)^2", "x'*A*x/(x'*x)", "u'*layernorm(x)"])
def test_each_form_is_the_gradient(text: str) -> None:
    """Against differences of a formula of our own."""
    rng = np.random.default_rng(0)
    A, b, u, x, c = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=4), rng.normal(size=4), 0.7

    def of(at: dict[str, Any]) -> float:
        x = at["x"]
        if "layernorm" in text:
            return float(u @ (x - x.mean()) / x.std())
        return float(x @ A @ x / (x @ x)) if "/" in text else float(np.sum((A @ x - b) ** 2) + c * x @ x)

    d = matcalc.derive(text, wrt="x", dims={"A": ("n", "n")} if "A" in text else {})
    at = {name: value for name, value in {"A": A, "b": b, "u": u, "x": x, "c": c}.items() if name in d.problem.symbols}
    want, forms = slopes(of, "x", {"x": x}), [s.rhs.expr for s in d.trace.steps if s.kind == "reached"]
    for form in forms:
        assert np.allclose(evaluated(form, at, {"n": 4}).ravel(), want, atol=1e-6)
    assert forms or text.startswith("x'")


@pytest.mark.parametrize(
    ("text", "dims", "form"),
    [
        ("sum(a .* rowsum(X.^2))", {"X": ("n", "m"), "a": "n"}, "2diag(a) X"),
        ("sum(X .* (ones(n)*a') .* X)", {"X": ("n", "m"), "a": "m"}, "2X diag(a)"),
        ("sum(X .* (a*ones(m)') .* (B*X))", {"X": ("n", "m"), "a": "n"}, "diag(a) B X + Bᵀ diag(a) X"),
        ("sum(X .* (a*ones(m)') .* Y)", {"X": ("n", "m"), "a": "n"}, "Y ∘ (a 𝟏ᵀ)"),
    ],
)
def test_a_matrix_with_scaled_rows_or_columns_is_a_product_where_that_is_shorter(
    text: str, dims: dict[str, object], form: str
) -> None:
    d = matcalc.derive(text, wrt="X", dims=dims)
    assert d.trace.boxes[0].rhs.text == form
    d.replay().require()
