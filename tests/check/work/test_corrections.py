"""The wrong line as it should be, in its own words where one edit mends it."""

from __future__ import annotations

import pytest

import matcalc

OLS, SCORE = ("s = norm2(A*x - b)^2", "x"), ("s = u'*f(W*x + b)", "W")
NAMES = "r = A*x - b\nz = W*x + b\n"


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("problem", "line", "correct"),
    [
        (OLS, "ds = r'*A*dx", "2*r'*A*dx"),
        (OLS, "ds/dx = -2*A'*r", "2*A'*r"),
        (OLS, "ds/dx = -4*A'*r", "2*A'*r"),
        (OLS, "ds/dx = 2*A*r", "2*A'*r"),
        (OLS, "ds/dx = 2*A'*A*x + 2*A'*b", "2*A'*A*x - 2*A'*b"),
        (OLS, "ds/dx = 2*A'*A*x - A'*b", "2*A'*A*x - 2*A'*b"),
        (OLS, "ds/dx = 2*r", "2*A'*r"),
        (OLS, "ds/dx = A", "2*A'*r"),
        (SCORE, "ds/dz = u", "u .* f'(z)"),
        (SCORE, "ds/dz = u .* f(z)", "u .* f'(z)"),
        (SCORE, "ds/dz = u'*diag(f'(z))*diag(u)", "u .* f'(z)"),
        (SCORE, "ds/dW = u .* f'(z)", "(u .* f'(z))*x'"),
    ],
)
def test_the_line_that_should_stand_there(problem: tuple[str, str], line: str, correct: str) -> None:
    names = NAMES.splitlines()[problem is SCORE]
    found = matcalc.check_work(f"{names}\n{line}", *problem).lines[-1].finding
    assert found.verdict not in ("right", "layout") and found.correct in (correct, f"({correct})'")
