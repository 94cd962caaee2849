"""Formulas in Unicode: products of derivatives have dots."""

from __future__ import annotations

import matcalc
from matcalc.engine.derivation import Equation
from matcalc.printers.in_text import write


def test_products_of_derivatives_have_dots_and_others_none() -> None:
    d = matcalc.derive("s = u'*f(W*x + b)", wrt="x")
    via = next(step.via for step in d.steps if step.lhs.text == "∂s/∂x")
    assert via is not None and write(via) == "∂s/∂z · ∂z/∂x" and via.text == "∂s/∂z ∂z/∂x"
    assert write(d.steps[0].rhs) == "W x + b"


def test_sums_of_such_products_and_equations() -> None:
    d = matcalc.derive("h = f(W*x); a = f(A*h); s = u'*h + v'*a", wrt="x")
    shown = [write(step.via) for step in d.steps if step.via is not None]
    assert any(" + " in text and " · " in text for text in shown), shown
    step = d.steps[0]
    assert write(Equation(step.lhs, step.rhs)) == f"{write(step.lhs)} = {write(step.rhs)}"
