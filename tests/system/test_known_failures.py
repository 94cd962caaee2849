"""Expressions that SymPy 1.14 (or its development version) differentiates wrongly, or not at all: right here.

From the list of known failures and from a measured comparison; the issue or the place is named with each.
Each answer is judged by the oracle of the soundness job, and compared with the closed form that is given.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from tests import soundness

N = ("n", "n")
SHAPES: dict[str, tuple[Any, ...]] = {
    "X": N,
    "A": N,
    "B": N,
    "F": ("m", "n"),
    "x": ("n",),
    "a": ("n",),
    "q": (),
}

# where, expression, variable, kind, closed form, shapes that differ from SHAPES
CASES: list[tuple[str, str, str, str, str, dict[str, tuple[Any, ...]]]] = [
    ("26561", "tr(X) + 1", "X", "gradient", "eye(n)", {}),
    ("25118", "tr(F'*F) - 3", "F", "gradient", "2*F", {}),
    ("27406", "tr(A'*A) + tr(B'*B)", "A", "gradient", "2*A", {}),
    ("23364", "(q*X)*(q*X)", "q", "jacobian", "2*q*X*X", {}),
    ("log det", "log(det(X))", "X", "gradient", "inv(X)'", {}),
    ("exp tr", "exp(tr(A*X))", "X", "gradient", "exp(tr(A*X))*A'", {}),
    ("product of traces", "(tr(X) + 3)*tr(2*X)", "X", "gradient", "(4*tr(X) + 6)*eye(n)", {}),
    ("trace of Hadamard", "tr(A.*X)", "X", "gradient", "diag(diag(A))", {}),
    ("trace of Hadamard, twice", "tr(X.*(X.*B))", "X", "gradient", "2*diag(diag(X).*diag(B))", {}),
    ("root", "sqrt(x'*x)", "x", "gradient", "x/norm2(x)", {}),
    ("negative power", "tr(X^-2)", "X", "gradient", "-2*inv(X)'*inv(X)'*inv(X)'", {}),
    ("Kronecker", "tr(kron(X, A))", "X", "gradient", "tr(A)*eye(n)", {}),
    ("trace of square", "tr(X*X)", "X", "gradient", "2*X'", {}),
    ("layer", "u'*f(W*x + b)", "W", "gradient", "(u .* f'(W*x + b))*x'",
     {"u": ("m",), "W": ("m", "n"), "b": ("m",)}),
    ("sum of traces", "tr(A*X) + tr(B*X)", "X", "gradient", "A' + B'", {}),
    ("trace and a number", "tr(A*X) + 1", "X", "gradient", "A'", {}),
    ("square of det", "det(X)^2", "X", "gradient", "2*det(X)^2*inv(X)'", {}),
    ("log tr", "log(tr(X))", "X", "gradient", "eye(n)/tr(X)", {"X": N}),
    ("1/tr", "1/tr(X)", "X", "gradient", "-eye(n)/tr(X)^2", {}),
    ("quotient", "tr(X'*X)/tr(X)", "X", "gradient", "2*X/tr(X) - tr(X'*X)/tr(X)^2*eye(n)", {}),
    ("quadratic form", "x'*A*x", "x", "gradient", "(A + A')*x", {}),
    ("inverse form", "a'*inv(X)*a", "X", "gradient", "-inv(X)'*a*a'*inv(X)'", {}),
    ("softmax", "softmax(x)", "x", "jacobian", "diag(softmax(x)) - softmax(x)*softmax(x)'", {}),
    ("direction", "A*x/norm2(x)", "x", "jacobian", "A/norm2(x) - A*x*x'/norm2(x)^3", {"A": ("m", "n")}),
    ("trace of a scalar", "tr(a'*(x.*y))", "x", "gradient", "a.*y", {"y": ("n",)}),
    ("Hessian of a layer", "u'*tanh(W*x + b)", "x", "hessian",
     "-2*W'*diag(u.*tanh(W*x + b).*(1 - tanh(W*x + b).^2))*W", {"u": ("m",), "W": ("m", "n"), "b": ("m",)}),
    ("factorisation", "norm2(T - U*V')^2 + c*norm2(U)^2", "U", "gradient", "2*(U*V' - T)*V + 2*c*U",
     {"T": ("m", "p"), "U": ("m", "r"), "V": ("p", "r"), "c": ()}),
    ("Gaussian process", "x'*inv(A*A' + eye(n))*x/2 + logdet(A*A' + eye(n))/2", "A", "gradient", "", {}),
    ("Gaussian process, by the kernel", "x'*inv(X)*x/2 + logdet(X)/2", "X", "gradient",
     "inv(X)'/2 - inv(X)'*x*x'*inv(X)'/2", {}),
    ("cross-entropy", "-y'*log(softmax(W*x))", "W", "gradient", "(sum(y)*softmax(W*x) - y)*x'",
     {"y": ("m",), "W": ("m", "n")}),
    ("logistic loss", "sum(log(1 + exp(-y.*(F*w))))", "w", "gradient", "-F'*(y.*sigmoid(-y.*(F*w)))",
     {"y": ("m",), "w": ("n",)}),
    ("word2vec", "-log(sigmoid(u'*v)) - sum(log(sigmoid(-U*v)))", "v", "gradient",
     "(sigmoid(u'*v) - 1)*u + U'*sigmoid(U*v)", {"u": ("n",), "v": ("n",), "U": ("m", "n")}),
    ("two layers", "u'*tanh(W*tanh(M*x))", "M", "gradient", "",
     {"u": ("p",), "W": ("p", "m"), "M": ("m", "n")}),
    ("two layers with cross-entropy", "-y'*log(softmax(W*tanh(M*x + b)))", "M", "gradient", "",
     {"y": ("p",), "W": ("p", "m"), "M": ("m", "n"), "b": ("m",)}),
    ("root of a trace", "sqrt(tr(X'*X))", "X", "gradient", "X/norm2(X)", {}),
    ("bell", "exp(-x'*A*x/2)", "x", "hessian", "", {}),
    ("diagonal", "a'*diag(x)*A*x", "x", "gradient", "a.*(A*x) + A'*(a.*x)", {}),
    ("Hadamard with itself", "sum(X.*X.*X)", "X", "gradient", "3*X.^2", {}),
    ("sum of log", "sum(log(X.^2 + 1))", "X", "gradient", "2*X./(X.^2 + 1)", {}),
]  # fmt: skip


def shapes_of(expression: str, differing: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    names = soundness.generator.names_in(expression)
    return {k: v for k, v in {**SHAPES, **differing}.items() if k in names}


@pytest.mark.sample(6)
@pytest.mark.parametrize("where, expression, wrt, kind, closed, differing", CASES, ids=[c[0] for c in CASES])
def test_right_where_sympy_is_not(
    where: str, expression: str, wrt: str, kind: str, closed: str, differing: dict[str, tuple[Any, ...]]
) -> None:
    dims = shapes_of(expression, differing)
    entry: dict[str, Any] = {"expression": expression, "dims": dims, "wrt": wrt, "kind": kind}
    if expression.startswith("log(tr"):
        entry["assume"] = {"X": "spd"}
    if expression in ("log(det(X))",):
        entry["assume"] = {"X": "spd"}
    verdict = soundness.judge(soundness.case_of(entry), styles=True)
    assert verdict.status == "right", f"{verdict.status}: {verdict.message}\n{verdict.plain}"
    if closed:
        same = matcalc.equal(verdict.plain, closed, dims=dims, assume=entry.get("assume"))
        assert same, f"{verdict.plain} is not {closed}"


def test_an_entry_of_a_matrix() -> None:
    """17229: ∂M₁₁/∂M is a single-entry matrix, not zero."""
    try:
        d = matcalc.derive("M[1,2]", wrt="M", dims={"M": ("m", "n")})
    except matcalc.NoRuleError:
        pytest.xfail("entries cannot be read yet")
    M = np.arange(20.0).reshape(4, 5) + 1
    got = matcalc.parse(d.result.plain, dims=d.dims).evaluate({"M": M})
    assert sorted(np.unique(got)) == [0, 1]
    assert got.sum() == 1
    assert (got * M).sum() == d.value.evaluate({"M": M})


def test_a_symbolic_power() -> None:
    """∂ tr(Xᵏ)/∂X = k (Xᵀ)ᵏ⁻¹, not the diagonal of a Hadamard power."""
    try:
        d = matcalc.derive("tr(X^k)", wrt="X", dims={"X": N, "k": ()})
    except matcalc.NoRuleError:
        pytest.xfail("symbolic powers of matrices have no rule yet")
    X = np.random.default_rng(0).standard_normal((3, 3)) + 3 * np.eye(3)
    got = matcalc.parse(d.result.plain, dims=d.dims).evaluate({"X": X, "k": 3})
    assert np.allclose(got, 3 * (X @ X).T)


def test_gradients_that_are_zero_are_proved() -> None:
    """SymPy says 0 where it does not know; here 0 means that the variable is not there."""
    d = matcalc.derive("x'*A*x", wrt="B", dims={"x": ("n",), "A": N, "B": N})
    assert not d.result.evaluate({"x": np.ones(3), "A": np.eye(3), "B": np.eye(3)}).any()
    for text in ("log(det(X))", "exp(tr(A*X))", "1/tr(X)", "det(X)^2"):
        assert matcalc.derive(text, wrt="X", dims=shapes_of(text, {})).result.plain not in (
            "0",
            "zeros(n, n)",
        )
