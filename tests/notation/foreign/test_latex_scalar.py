"""Bodies in LaTeX by latex2sympy2: only tokens of an allow-list reach it, and they mean what they say."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from matcalc.expr.errors import MatcalcError
from matcalc.notation.foreign.latex_scalar import read as body
from matcalc.notation.foreign.latex_scalar import rewritten
from tests.nodes import evaluated, read

T = read("t")


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\frac{1}{1+e^{-t}}", "1/(1 + exp(-t))"),
        (r"\log t", "log(t)"),
        (r"t^2 + 3 t", "t^2 + 3*t"),
        (r"\sqrt{1 + t^2}", "sqrt(1 + t^2)"),
    ],
)
def test_what_it_reads_is_what_was_written(latex: str, plain: str) -> None:
    found = body(latex, T)
    if found is None:  # latex2sympy2 is absent
        assert importlib.util.find_spec("latex2sympy2") is None
        return
    for at in (0.4, 1.7):
        assert np.isclose(evaluated(found, {"t": at}), evaluated(read(plain), {"t": at}))


def test_logarithms_are_natural() -> None:
    assert r"\ln" in rewritten(r"\log(t)", "t") and r"\log" not in rewritten(r"\log(t)", "t")


@pytest.mark.parametrize(
    "text", [r"\input{x} t", "q t", r"\write18 t", "t" + "+t" * 500, "{" * 40 + "t" + "}" * 40, "t 12345678901234567890", "t; t"]
)
def test_nothing_else_reaches_it(text: str) -> None:
    with pytest.raises(MatcalcError):
        rewritten(text, "t")
