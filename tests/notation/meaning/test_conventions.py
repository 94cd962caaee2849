"""What an undeclared letter is: by its alphabet, by how it is used, and when to ask."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, MatcalcError

# text, number of axes of its names, and whether a notice says that a scalar letter became an array
READ: list[tuple[str, dict[str, int], bool]] = [
    (r"\theta^\top x", {"theta": 1, "x": 1}, False),
    ("θ'*x", {"theta": 1, "x": 1}, False),
    ("d'*x", {"d": 1, "x": 1}, False),
    (r"\mathrm{tr}(C^\top X)", {"C": 2, "X": 2}, False),
    (r"\|y - X\beta\|^2", {"y": 1, "X": 2, "beta": 1}, True),
    ("norm2(y - X*beta)^2 + lambda*norm1(beta)", {"y": 1, "X": 2, "beta": 1, "lambda": 0}, True),
    (r"\langle\theta, x\rangle", {"theta": 1, "x": 1}, True),
    (r"\mu^\top\Sigma^{-1}\mu", {"mu": 1, "Sigma": 2}, False),
    ("A*diag(lambda)*A'", {"A": 2, "lambda": 1}, True),
    ("softmax(theta)", {"theta": 1}, True),
    (r"A\alpha - b", {"A": 2, "alpha": 1, "b": 1}, True),
    # a bold letter is an array: the input says it, so no notice
    (r"\mathbf{X}\boldsymbol{\beta}", {"X": 2, "beta": 1}, False),
    (r"\boldsymbol\mu^\top \mathbf{x}", {"mu": 1, "x": 1}, False),
    (r"\mathbf{C}\mathbf{d}", {"C": 2, "d": 1}, False),
    (r"\mathbf{x} - \bm{\mu}", {"x": 1, "mu": 1}, False),
    # in front of something, a Greek letter is a scalar
    ("lambda*x'*x", {"lambda": 0, "x": 1}, False),
    (r"\frac{\lambda}{2}\|w\|^2", {"lambda": 0, "w": 1}, False),
    (r"\frac{C}{N}\|w\|^2", {"C": 0, "N": 0, "w": 1}, False),
    (r"\lambda(x^\top x - 1)", {"lambda": 0, "x": 1}, False),
    ("λ(x'*x - 1)", {"lambda": 0, "x": 1}, False),
    (r"\beta X", {"beta": 0, "X": 2}, False),
    ("n*x'*x", {"n": 0, "x": 1}, False),
]


@pytest.mark.parametrize(("text", "axes", "notice"), READ, ids=[t for t, *_ in READ])
def test_letters(text: str, axes: dict[str, int], notice: bool) -> None:
    d = matcalc.derive(text, wrt=next(iter(axes)), kind="jacobian", check=False)
    assert {name: len(shape) for name, shape in d.dims.items()} == axes
    assert any("is read as a" in w for w in d.warnings) == notice


ASKED = [
    (r"X\beta", "beta"),
    ("X*beta", "beta"),
    (r"y^\top (X\beta)", "beta"),
    ("A*d", "d"),
    ("x'*d", "d"),
    ("A B C", "C"),
    ("C*x", "C"),
    (r"(x - \mu)^\top \Sigma^{-1} (x - \mu)", "mu"),
    (r"A\alpha + B\beta", "alpha and beta"),
]


@pytest.mark.parametrize(("text", "letters"), ASKED, ids=[t for t, _ in ASKED])
def test_letters_that_are_asked_about(text: str, letters: str) -> None:
    with pytest.raises(AmbiguityError, match="two readings") as caught:
        matcalc.parse(text)
    assert caught.value.message.startswith(f"{letters} in") and f"declare {letters}" in (caught.value.hint or "")
    assert caught.value.span is not None
    array = ("p", "q") if letters == "C" else ("p",)
    shapes = [matcalc.parse(text, dict.fromkeys(letters.split(" and "), s)).node for s in ((), array)]
    assert shapes[0] is not shapes[1]


def test_a_declaration_ends_the_question() -> None:
    v = {"X": np.array([[1.0, 2.0], [3.0, 5.0], [8.0, 13.0]])}
    assert np.allclose(matcalc.parse("X*beta", {"beta": ("p",)}).evaluate({**v, "beta": np.array([1.0, 10.0])}), [21, 53, 138])
    assert np.allclose(matcalc.parse("X*beta", {"beta": ()}).evaluate({**v, "beta": np.array(2.0)}), 2 * v["X"])


def test_what_fits_in_two_ways_is_asked_about() -> None:
    with pytest.raises(AmbiguityError, match=r"if alpha .*or if beta") as caught:
        matcalc.parse("softmax(alpha*beta)")
    assert "declare" in (caught.value.hint or "")


def test_what_fits_in_no_way_keeps_its_message() -> None:
    with pytest.raises(MatcalcError, match="sizes do not fit"):
        matcalc.parse("lambda*(x*A*x)")
