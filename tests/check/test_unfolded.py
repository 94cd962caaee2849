"""Lines of unfolded rules by themselves: a false one is refused, whichever it is."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.check.unfolded import checked
from matcalc.engine.derivation import Formula
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import make, num

VARIABLES = {
    "y'*softmax(z)": "z",
    "-y'*log(softmax(z))": "z",
    "logdet(X)": "X",
    "tr(A*inv(X))": "X",
    "norm2(x)": "x",
    "x'*A*x/(x'*x)": "x",
}


@pytest.mark.parametrize("text", VARIABLES)
def test_each_line_with_a_false_right_side_is_refused(text: str) -> None:
    d = matcalc.derive(text, wrt=VARIABLES[text])
    steps = d.unfolded(True)
    assert len(checked(steps, {})) == len(steps)
    for i, step in enumerate(steps):
        if step.rules:
            false = make("scale", (num(3), step.rhs.expr))
            with pytest.raises(CheckError, match="failed its check"):
                checked((*steps[:i], step._replace(rhs=Formula(false)), *steps[i + 1 :]), {})


def test_what_is_declared_is_kept() -> None:
    d = matcalc.derive("logdet(S)", assume={"S": "spd"})
    assert all(step.check for step in d.unfolded(True))
