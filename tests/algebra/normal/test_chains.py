"""Products of matrices: inverses, powers, transposes and traces, and what declared properties add."""

from __future__ import annotations

import pytest

from tests.laws import form, require_law

LAWS = [
    ("(2*A)*(3*x)", "6*A*x"),
    ("A*(-x)", "-A*x"),
    ("x'*y*z", "(x'*y)*z"),
    ("x*y'*z", "(y'*z)*x"),
    ("A*x*y'*z", "(y'*z)*A*x"),
    ("A*A", "A^2"),
    ("A^2*A", "A^3"),
    ("A^2*inv(A)", "A"),
    ("inv(A)*inv(A)", "inv(A)^2"),
    ("A*inv(A)*x", "x"),
    ("inv(A)*A", "eye(n)"),
    ("inv(inv(A))", "A"),
    ("inv(A*B)", "inv(B)*inv(A)"),
    ("inv(2*A)", "inv(A)/2"),
    ("(A*B)^2", "A*B*A*B"),
    ("(2*A)^3", "8*A^3"),
    ("eye(n)*A", "A"),
    ("A*eye(n)", "A"),
    ("A^0", "eye(n)"),
    ("(A')'", "A"),
    ("(A*B)'", "B'*A'"),
    ("(A + B)'", "A' + B'"),
    ("inv(A')", "inv(A)'"),
    ("(x*y')'", "y*x'"),
    ("y'*x", "x'*y"),
    ("y'*A'*x", "x'*A*y"),
    ("inv(A)'", "inv(A)'"),
    ("tr(A*B*C)", "tr(A*B*C)"),
    ("tr(B*C*A)", "tr(A*B*C)"),
    ("tr(C*A*B)", "tr(A*B*C)"),
    ("tr(C'*B'*A')", "tr(A*B*C)"),
    ("tr(A')", "tr(A)"),
    ("tr(A + B)", "tr(A) + tr(B)"),
    ("tr(2*A)", "2*tr(A)"),
    ("tr(x*y')", "x'*y"),
    ("tr(A'*A)", "norm2(A)^2"),
    ("tr(A*A')", "norm2(A)^2"),
    ("tr(eye(n))", "n"),
    ("sum(ones(n))", "n"),
    ("ones(n)'*x", "sum(x)"),
    ("A*ones(n, n)*ones(n, n)", "n*A*ones(n, n)"),
    ("x'*ones(n, n)*ones(n)", "n*sum(x)"),
    ("(ones(n)'*ones(n, n)*x)*y", "n*sum(x)*y"),
    ("sum(x .* y)", "x'*y"),
    ("sum(2*x + y)", "2*sum(x) + sum(y)"),
]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)


@pytest.mark.parametrize(
    ("text", "assume", "want"),
    [
        ("A'*x", {"A": "symmetric"}, "A*x"),
        ("(S*A)'", {"S": "symmetric"}, "A'*S"),
        ("inv(S)'", {"S": "spd"}, "inv(S)"),
        ("Q'*Q", {"Q": "orthogonal"}, "eye(n)"),
        ("Q*Q'*A", {"Q": "orthogonal"}, "A"),
        ("tr(S*A) - tr(A'*S)", {"S": "symmetric"}, "0"),
        ("ones(n)'*y", {"y": "probability"}, "1"),
    ],
)
def test_declared_properties(text: str, assume: dict[str, str], want: str) -> None:
    assert form(text, **assume) == want
    assert form(text) != want
