"""The squares of weights beside a loss: a scalar of the same variables and one number."""

from __future__ import annotations

import matcalc
from matcalc.engine.penalty import with_penalty


def test_a_number_times_the_squares() -> None:
    problem = matcalc.parse("norm2(W*x + b)^2 + a", {"a": (), "W": ("n", "m")})._problem
    name, found = with_penalty(problem, ["W", "b", "a"])
    want = matcalc.parse("norm2(W*x + b)^2 + a + l2*(tr(W'*W) + b'*b + a^2)", {**found.dims})
    assert name == "l2" and found.symbols["l2"].kind == "s" and matcalc.equal(matcalc.answers.Expr(found.output, found), want)


def test_the_name_is_one_that_nobody_has() -> None:
    problem = matcalc.parse("l2*w'*w", {"l2": ()})._problem
    assert with_penalty(problem, ["w"])[0] == "l21"
