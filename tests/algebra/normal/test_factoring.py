"""What terms share is written once: common factors out, scalars in front."""

from __future__ import annotations

import pytest

from tests.laws import form, require_law

LAWS = [
    ("A*B + A*C", "A*(B + C)"),
    ("A*C + B*C", "(A + B)*C"),
    ("A*x + A'*x", "(A + A')*x"),
    ("A*x + B*x + C*x", "(A + B + C)*x"),
    ("x*y' + z*y'", "(x + z)*y'"),
    ("x*y' + x*z'", "x*(y + z)'"),
    ("2*W'*W*x - 2*W'*w", "2*W'*(W*x - w)"),
    ("diag(x) + diag(y)", "diag(x + y)"),
    ("x .* z - y .* z", "z .* (x - y)"),
    ("x ./ z + y ./ z", "(x + y) ./ z"),
    ("x - x .* y", "x .* (1 - y)"),
    ("sum(x)*x - sum(x)*y + z", "sum(x)*(x - y) + z"),
    ("-A*(x - y)", "A*(y - x)"),
    ("6*x + 9*y", "3*(2*x + 3*y)"),
    ("s*t*x + s*y", "s*(t*x + y)"),
    ("a*x - b*x", "(a - b)*x"),
    ("a*x - b*x + y", "(a - b)*x + y"),
    ("a*A*x + b*A*x", "(a + b)*A*x"),
    ("A'*B'*C' + C'*A'", "(C*B*A + A*C)'"),
    ("A'*B'*C' + C'*A", "A'*B'*C' + C'*A"),
    ("A'*B' - B'*A'", "A'*B' - B'*A'"),
    ("A' + B'", "A' + B'"),
    ("inv(A)' - inv(A)'*B'*inv(A)'", "inv(A)' - inv(A)'*B'*inv(A)'"),
    ("A*x + B*x + y", "(A + B)*x + y"),
]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)


def test_what_shares_nothing_stays_a_sum() -> None:
    assert form("A*x + B*y") == "A*x + B*y" and form("s*x + t*y") == "s*x + t*y"
