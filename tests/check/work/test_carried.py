"""One slip is one finding: what follows from a wrong line is told apart from a further slip."""

from __future__ import annotations

import pytest

import matcalc

OLS, SCORE = ("s = norm2(A*x - b)^2", "x"), ("s = u'*f(W*x + b)", "W")


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("problem", "work"),
    [  # the line that begins with ! is wrong, those with > follow from it
        (OLS, "r = A*x - b;!ds = r'*A*dx;>ds/dx = A'*r"),
        (OLS, "r = A*x - b;!ds = 2*r'*A'*dx;>ds/dx = 2*A*r"),  # sizes do not fit
        (OLS, "r = A*x - b;s = r'*r;!s = x'*A'*A*x - b'*A*x + b'*b;>ds/dx = 2*A'*A*x - A'*b"),
        (OLS, "r = A*x - b;s = r'*r;!ds/dr = r;dr/dx = A;>ds/dx = r'*A;>ds/dx = A'*(A*x - b);ds/dx = 2*A'*r"),
        (OLS, "r = A*x - b;s = r'*r;ds/dr = 2*r;!dr/dx = -A;>ds/dx = -2*A'*r"),
        (OLS, "r = A*x - b;s = r'*r;!ds/dr = r;!ds/dx = -A'*r"),  # a further one
        (SCORE, "z = W*x + b;s = u'*f(z);!ds/dz = u;ds/dW = ds/dz*x';>ds/dW = u*x'"),
        (SCORE, "z = W*x + b;s = u'*f(z);!ds/dz = u'*diag(f(z));>ds/dW = (u .* f(z))*x'"),
        (SCORE, "z = W*x + b;h = f(z);s = u'*h;!dh = f(z) .* dz;ds = u'*dh;>ds = u'*(f(z) .* (dW*x));>ds/dW = (u .* f(z))*x'"),
        (SCORE, "z = W*x + b;s = u'*f(z);!dz = dW'*x;ds = (u .* f'(z))'*dz;>ds = (u .* f'(z))'*dW'*x"),
    ],
)
def test_what_follows_from_a_wrong_line(problem: tuple[str, str], work: str) -> None:
    rows = work.split(";")
    report = matcalc.check_work("\n".join(row.lstrip("!>") for row in rows), *problem)
    wrong = next(k for k, row in enumerate(rows) if row[0] == "!")
    marks = [
        ">" if x.finding.carried is not None else "" if x.finding.verdict in ("right", "layout") else "!" for x in report.lines
    ]
    assert marks == [row[0] if row[0] in "!>" else "" for row in rows] and report.first_wrong == wrong
    assert {x.finding.carried for x in report.lines} <= {None, wrong + 1}
    assert all(f"line {wrong + 1}" in x.finding.relation for x in report.lines if x.finding.carried)


def test_a_true_line_that_does_not_follow() -> None:
    report = matcalc.check_work("r = A*x - b\ns = r'*r\nds/dx = A'*r = 2*A'*r", *OLS)
    assert [x.finding.against for x in report.lines] == [None, None, None, 3]
    assert report.lines[-1].finding.verdict == "right"
