"""Numbers and letters where no factor stands: ones beside transposes, powers and labels that lost their place, Euler's number."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError

DIMS = {"x": ("n",), "y": ("n",), "A": ("n", "n"), "s": (), "t": ()}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("xᵀ1", "x'*ones(n)"), ("1'*A*1", "ones(n)'*A*ones(n)"), ("A - 1xᵀ", "A - ones(n)*x'"), ("1ᵀx", "ones(n)'*x"),
        ("x'*(1)", "x'"), ("‖x‖2", "norm2(x)"), ("‖A‖F", "normF(A)"), ("‖x‖1", "norm1(x)"), ("e^s", "exp(s)"),
        ("e^2 + e^s", "e^2 + exp(s)"), ("(s - t)(2)", "2*(s - t)"),
    ],
)  # fmt: skip
def test_what_is_meant(text: str, same: str) -> None:
    dims = {name: shape for name, shape in DIMS.items() if name in text}
    assert matcalc.equal(text, same, dims)


@pytest.mark.parametrize(
    ("text", "said"),
    [("(s - t)2", "the number 2 right behind a bracket has two readings"), ("3'*x", "a number is transposed")],
)
def test_what_is_asked_about(text: str, said: str) -> None:
    with pytest.raises(AmbiguityError, match=said) as caught:
        matcalc.parse(text, {name: shape for name, shape in DIMS.items() if name in text})
    for reading in caught.value.readings:
        assert matcalc.parse(text, DIMS, **reading.kwargs).shape == ()
    assert [r.text for r in caught.value.readings] == (["(s - t)^2", "(s - t)*2"] if "2" in text else [])
