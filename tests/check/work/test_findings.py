"""The order in which slips are looked for: what explains the whole answer comes before what explains a part."""

from __future__ import annotations

import pytest

import matcalc


@pytest.mark.parametrize(
    ("answer", "relation"),
    [
        ("3*(A + A')*x", "it is 3 times what is right"),
        ("-(A + A')*x", "it is −1 times what is right"),
        ("n*(A + A')*x", "it is n times what is right: a sum for a mean"),
        ("2*A*x", "it is right only where A is symmetric, which is not stated"),
        ("A*x", "the term"),
    ],
)
def test_relations(answer: str, relation: str) -> None:
    assert matcalc.check_work(answer, "x'*A*x", "x", dims={"x": ("n",)}).relation.startswith(relation)


def test_the_line_is_shown_with_its_slip_undone() -> None:
    report = matcalc.check_work("r = A*x - b\nds/dx = 2*A*r", "s = norm2(A*x - b)^2", "x")
    found = report.lines[-1].finding
    assert (report.verdict, found.correct, found.rule) == ("transpose", "2*A'*r", "chain")
    report = matcalc.check_work("r = A*x - b\nds = 2*r*A*dx", "s = norm2(A*x - b)^2", "x")
    assert (report.verdict, report.lines[-1].finding.correct) == ("transpose", "2*r'*A*dx")
    report = matcalc.check_work(
        r"\mathrm{d}s = -2 (x - \mu) S^{-1} \mathrm{d}\mu", "s = (x - mu)'*inv(S)*(x - mu)", "mu", assume={"S": "spd"}
    )
    assert (report.verdict, report.lines[-1].finding.correct) == ("transpose", "-2*(x - mu)'*inv(S)*dmu")


def test_what_cannot_be_read_is_refused_or_not_called_right() -> None:
    for answer in ("q*x", "A*", "x*x*x"):
        try:
            verdict = matcalc.check_work(answer, "x'*A*x", "x").verdict
        except matcalc.MatcalcError:
            continue
        assert verdict not in ("right", "layout")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("2*X'*(X*w - y)/n", "1/n times what is right: a mean for a sum"),
        ("X'*(X*w - y)/n", "1/(2 n) times"),
        ("X'*(X*w - y)*n", "n/2 times"),
        ("6*n*X'*(X*w - y)/5", "3 n/5 times"),
        ("2*n*X'*(X*w - y)", "n times what is right: a sum for a mean"),
    ],
)
def test_factors_made_of_sizes_are_named(answer: str, words: str) -> None:
    """They differ at the points of other sizes, every one of which is another."""
    report = matcalc.check_work(answer, "norm2(X*w - y)^2", "w", dims={"X": ("n", "d")})
    assert report.verdict == "factor" and words in report.relation
