"""Which operator a piece of text is, for the kinds of its operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import MatcalcError
from tests.meanings import require_refused, require_same, require_value


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("diag(diag(x))", "diag(diag(x))"),
        ("(A)'*x", "A'*x"),
        ("|s|", "abs(s)"),
        ("inner(x, y)", "x'*y"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("diag(x)", lambda x: np.diag(x)),
    ("diag(A)", lambda A: np.diag(A)),
    ("tr(A)", lambda A: np.trace(A)),
    ("exp(W)", lambda W: np.exp(W)),
    ("max(x)", lambda x: x.max()),
    ("max(x, y)", lambda x, y: np.maximum(x, y)),
    ("softmax(x)", lambda x: np.exp(x) / np.exp(x).sum()),
    ("softmax(W)", lambda W: np.exp(W) / np.exp(W).sum(1, keepdims=True)),
    ("x'*(y'*x)", lambda x, y: x * (y @ x)),
    ("2*x - y/3 + 1", lambda x, y: 2 * x - y / 3 + 1),
    ("relu(x - 1)", lambda x: np.maximum(x - 1, 0)),
    ("sum(W)", lambda W: W.sum()),
    ("vec(W)", lambda W: W.ravel(order="F")),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tr(W)", "W"),
        ("det(x)", "x"),
        ("inv(W)", "W"),
        ("logdet(x)", "x"),
        ("diag(W)", "W"),
        ("exp()", "exp"),
        ("exp(x, y)", "exp"),
        ("tr(A, B)", "tr"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


@pytest.mark.parametrize("text", [r"\frac{x^T y}{|x||y|}", r"\frac{x^T y}{|x|\,\|y\|}", "x'*y/|x|"])
def test_a_vector_between_bars_below_a_fraction_is_a_norm(text: str) -> None:
    """Nothing is divided by a vector."""
    d = matcalc.derive(text, wrt="x")
    assert "norm2(x)" in d.value.plain and any("|x| of a vector is read as its norm" in w for w in d.warnings)
    with pytest.raises(MatcalcError, match="two readings"):
        matcalc.derive(r"|x|^2 + y^T x", wrt="x", dims={"x": ("n",)})


def test_a_column_of_the_identity_is_no_identity_of_a_size() -> None:
    """I_{\\cdot 1} was an identity with ':' rows."""
    for text in (r"A I_{\cdot 1}", r"A I_{:,1}", r"A \left[I_n\right]_{\cdot 1}"):
        assert matcalc.parse(text, {"A": ("n", "n")}, notation="latex").plain == "A*eye(n)[:,1]"
    assert matcalc.parse(r"x^\top \mathbf{1}_{:}", {"x": ("n",)}, notation="latex").plain == "x'*ones(n)"


@pytest.mark.parametrize("text", ["A[:,2]'*b", "x[3]*c'*A*x"])
def test_unit_vectors_are_read_as_they_are_printed(text: str) -> None:
    """``b \\mathbf{e}_{2}^{\\top}`` was read as b times a variable e_2."""
    dims: dict[str, Any] = {"A": ("n", "n")}
    latex = matcalc.derive(text, "A" if "x" not in text else "x", dims=dims).result
    again = matcalc.parse(latex.latex + " + 0 A", dims=dims) if latex.shape == ("n", "n") else matcalc.parse(latex.latex, dims=dims)
    assert r"\mathbf{e}" in latex.latex and matcalc.equal(again, latex.plain, dims=dims)


def test_a_bold_e_with_a_number_is_a_unit_vector_where_nothing_says_otherwise() -> None:
    text = r"\mathbf{e}_1^\top A \mathbf{e}_{12}"
    e = matcalc.parse(text)
    assert e.plain == "unit(n, 1)'*A*unit(m, 12)" and not {"e_1", "e_12"} & set(matcalc.derive(text).dims)
    warnings = matcalc.derive(text, "A").warnings
    assert any("'e_12' is read as the unit vector" in w and "--dim e_12=n says otherwise" in w for w in warnings)
    for known in ({"wrt": "e_1"}, {"wrt": r"\mathbf{e}_1"}, {"dims": {"e_1": ("n",)}, "wrt": "e_1"}):
        assert matcalc.derive(r"\mathbf{e}_1^\top x", **known).result.plain == "x"
    for other in (
        r"\mathbf{e}^\top x + \mathbf{e}_1^\top y",
        r"\mathbf{e}_0^\top x",
        r"\mathbf{e}_1 = x - y; \mathbf{e}_1^\top \mathbf{e}_1",
    ):
        assert "unit" not in matcalc.parse(other).plain
    with pytest.raises(MatcalcError, match="two objects"):
        matcalc.parse(r"\mathbf{e}_1 + e_1")


def test_a_unit_vector_of_no_size_is_a_question() -> None:
    with pytest.raises(MatcalcError, match="does not follow") as refused:
        matcalc.parse(r"b \mathbf{e}_2^\top")
    assert refused.value.hint is not None and r"\mathrm{unit}(n, 2)" in refused.value.hint and "--dim e_2=n" in refused.value.hint
    assert matcalc.parse(r"b \mathrm{unit}(n, 2)^\top").plain == "b*unit(n, 2)'"
    assert matcalc.parse(r"b \mathbf{e}_2^\top", {"e_2": ("n",)}).plain == "b*e_2'"
