"""Long formulas by named parts: what they share is written once, and the names stand for what was there."""

from __future__ import annotations

import matcalc
from matcalc.engine.parts import with_parts
from matcalc.expr.nodes import written_size

LONG = "+".join(f"exp(x'*A{i}*x)*norm2(tanh(A{i}*x))" for i in range(9))


def test_short_formulas_stay_as_they_are() -> None:
    trace = matcalc.derive("s = u'*tanh(W*x + b)", check=False).trace
    assert with_parts(trace) == trace and not any(s.kind == "part" for s in trace.steps)


def test_long_ones_are_written_by_parts_that_are_lines() -> None:
    d = matcalc.derive(LONG, kind="hessian", wrt="x", check=False)
    parts = [s for s in d.steps if s.kind == "part"]
    names = [s.lhs.text for s in parts]
    assert parts and len(set(names)) == len(names)
    assert all(written_size(s.rhs.expr, s.rhs.names) < 400 for s in parts)


def test_a_part_is_what_it_names() -> None:
    d = matcalc.derive(LONG.replace("range(9)", "range(3)"), kind="hessian", wrt="x")
    parts = [s for s in d.steps if s.kind == "part"]
    assert parts and all(s.check is not None and s.check.max_relative_error < 1e-8 for s in parts)


def test_a_name_is_not_one_of_the_inputs() -> None:
    d = matcalc.derive(f"{LONG} + p_1*x'*x", kind="hessian", wrt="x", dims={"p_1": ()}, check=False)
    parts = [s.lhs.plain for s in d.steps if s.kind == "part"]
    assert parts and "p_1" not in parts


def test_a_line_that_ends_in_a_result_ends_in_its_formula() -> None:
    """The sums of lines are written as the input has them, those of results are not: the long line was taken for another one."""
    text = "cos(t - einsum('i,i->', h, ones(p))^2) + sum(h); k = z'*v; h = sin(v)*k^3/(norm2(u/(k^2 + 1))^2 + 1)"
    dims = {"v": ("p",), "u": ("n",), "z": ("p",), "t": ()}
    d = matcalc.derive(text, "v", kind="hessian", dims=dims, style="differential")
    assert any(s.kind == "part" for s in d.steps) and d.results[0].data.named.expr in {s.rhs.expr for s in d.trace.steps}
