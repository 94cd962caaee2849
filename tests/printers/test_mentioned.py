"""In brief: the results, and of the lines before only what they mention."""

from __future__ import annotations

import re

import pytest

import matcalc
from matcalc.printers.story import tell

DIMS = {"X": ("n", "m"), "W": ("m", "k"), "Y": ("n", "k"), "g": ()}


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("text", "dims", "wrt"),
    [
        ("Z = X*W; L = sum((g*batchnorm(Z) - Y).^2)", DIMS, "W"),
        ("s = u^T layernorm(f(W x))", {}, "W"),
        ("L = sum((softmax(Q*K'/sqrt(d))*V - Y).^2)", {"d": ()}, "Q"),
        ("s = u^T f(W x + b)", {}, "W"),
    ],
)
@pytest.mark.parametrize("form", ["text", "latex", "markdown"])
def test_every_derivative_in_a_result_is_defined_above(text: str, dims: dict[str, tuple[str, ...]], wrt: str, form: str) -> None:
    d = matcalc.derive(text, wrt=wrt, dims=dims)
    if form != "text":
        out = getattr(d, f"to_{form}")(detail="brief")
        assert len(out) <= len(getattr(d, f"to_{form}")(detail="normal"))
        return
    out = d.to_text(detail="brief")
    body, result = out.split("Result\n")
    names = set(re.findall(r"∂\w+/∂\w+|δ\w?", result.split("=", 1)[1]))
    for name in names:
        assert re.search(rf"^ +(∂\w+/∂\w+ = )?{name} = ", body, re.MULTILINE) or f"{name} = ∂" in body, name


def test_lines_that_no_result_mentions_are_left_out() -> None:
    d = matcalc.derive("s = u^T f(W x + b)")
    assert "Backward" not in d.to_text(detail="brief")
    assert "Backward" in d.to_text(detail="normal")


CASES = [
    ("-log(softmax(W*x + b)[y])", {}, ("p", "e_y")),
    (r"J = \frac1N \sum_{i=1}^N -\log \frac{e^{f_{y_i}}}{\sum_{c} e^{f_c}}, f = W x_i + b", {}, ("P",)),
    ("-t'*logsoftmax(A*h)", {"t": "one-hot"}, ("p",)),
]


@pytest.mark.sample(3)
@pytest.mark.parametrize("text, assume, names", CASES)
@pytest.mark.parametrize("form", ["text", "latex", "markdown", "html"])
def test_cases_that_were_asked_for_are_shown(text: str, assume: dict[str, str], names: tuple[str, ...], form: str) -> None:
    """All of them, the line that takes both together, and what their letters stand for."""
    told, plain = matcalc.derive(text, assume=assume, cases=True), matcalc.derive(text, assume=assume)
    lines = [step for step in told.steps if step.kind == "case"]
    shown = [line for line in tell(told, "brief").lines if line.kind == "case"]
    assert len(lines) == len(shown) == 3
    out = told.to(form, "brief")
    assert "the right class" in out and "any other class" in out and len(out) > len(plain.to(form, "brief"))
    if form == "text":
        for name in names:
            assert re.search(rf"^ +{name} = ", out, re.MULTILINE), name
        assert "both in one" in out
