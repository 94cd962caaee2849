"""In brief: the results, and of the lines before only what they mention."""

from __future__ import annotations

import re

import pytest

import matcalc

DIMS = {"X": ("n", "m"), "W": ("m", "k"), "Y": ("n", "k"), "g": ()}


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
