"""The plain style: what it writes is read again."""

from __future__ import annotations

import pytest

from matcalc.notation.write.render import render
from matcalc.notation.write.style import Style
from tests.meanings import read


@pytest.mark.parametrize(
    "text",
    [
        "A*x", "x'*y", "x .* y", "x ./ y", "x.^2", "s^t", "inv(A)", "inv(A)'", "inv(A)^2", "kron(A, B)", "tr(A)",
        "eye(n)", "ones(n)", "zeros(m, n)",
        "f'(x)", "f''(x)", "unit(n, 2)", "padrows(x, 2, n+2)", "commutation(m, n)", "x/s", "-x", "2*x - y", "softmax(x)", "pi*s",
    ],
)  # fmt: skip
def test_round_trips(text: str) -> None:
    e = read(text)
    assert render(e, Style()) == text and read(render(e)) is e


def test_names_that_need_quotes() -> None:
    style = Style()
    assert style.name("x") == "x" and Style().name("W^Q") == "`W^Q`"


def test_pieces() -> None:
    style = Style()
    assert style.parens("a + b") == "(a + b)" and style.fraction("a", "b") == "a/b" and style.transpose("A") == "A'"
    assert style.apply("f", 2, "x") == "f''(x)" and style.dim(3) == "3" and style.power("x", "2", True, "hpow") == "x.^2"
