"""What an undeclared letter is: by its alphabet, by how it is used, and when to ask."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, MatcalcError

# text, number of axes of its names, and whether a notice says that a scalar letter became an array
READ: list[tuple[str, dict[str, int], bool]] = [
    (r"\theta^\top x", {"theta": 1, "x": 1}, True),
    ("θ'*x", {"theta": 1, "x": 1}, True),
    ("d'*x", {"d": 1, "x": 1}, True),
    (r"\mathrm{tr}(C^\top X)", {"C": 2, "X": 2}, False),
    (r"\|y - X\beta\|^2", {"y": 1, "X": 2, "beta": 1}, True),
    ("norm2(y - X*beta)^2 + lambda*norm1(beta)", {"y": 1, "X": 2, "beta": 1, "lambda": 0}, True),
    (r"\langle\theta, x\rangle", {"theta": 1, "x": 1}, True),
    (r"\mu^\top\Sigma^{-1}\mu", {"mu": 1, "Sigma": 2}, True),
    ("A*diag(lambda)*A'", {"A": 2, "lambda": 1}, True),
    ("softmax(theta)", {"theta": 1}, True),
    (r"A\alpha - b", {"A": 2, "alpha": 1, "b": 1}, True),
    (r"(x - \mu)^\top \Sigma^{-1} (x - \mu)", {"x": 1, "mu": 1, "Sigma": 2}, True),
    (r"X\beta", {"X": 2, "beta": 1}, True),
    (r"\pi^\top x", {"pi": 1, "x": 1}, True),
    (r"(\mu - \pi)'(\tau\Sigma)^{-1}(\mu - \pi)", {"mu": 1, "pi": 1, "tau": 0, "Sigma": 2}, True),
    (r"x^\top x + const", {"x": 1, "const": 0}, False),
    (r"x^\top x + \text{const.}", {"x": 1, "const": 0}, False),
    ("x'*x + const", {"x": 1, "const": 0}, False),
    (r"\|J \Delta\theta - e\|^2", {"J": 2, "Deltatheta": 1, "e": 1}, False),
    # a capital letter is a matrix, where it does not stand for a number
    ("tr(C)^2", {"C": 2}, False),
    (r"\det N", {"N": 2}, True),
    ("A B C", {"A": 2, "B": 2, "C": 2}, False),
    (r"\mathrm{tr}(A (B \odot C))", {"A": 2, "B": 2, "C": 2}, False),
    # a bold letter is an array: the input says it, so no notice
    (r"\mathbf{X}\boldsymbol{\beta}", {"X": 2, "beta": 1}, False),
    (r"\boldsymbol\mu^\top \mathbf{x}", {"mu": 1, "x": 1}, False),
    (r"\mathbf{C}\mathbf{d}", {"C": 2, "d": 1}, False),
    # in front of something, a Greek letter is a scalar
    ("lambda*x'*x", {"lambda": 0, "x": 1}, False),
    (r"\frac{\lambda}{2}\|w\|^2", {"lambda": 0, "w": 1}, False),
    (r"\frac{C}{N}\|w\|^2", {"C": 0, "N": 0, "w": 1}, True),
    (r"\lambda(x^\top x - 1)", {"lambda": 0, "x": 1}, False),
    ("λ(x'*x - 1)", {"lambda": 0, "x": 1}, False),
    (r"\beta X", {"beta": 0, "X": 2}, False),
    ("n*x'*x", {"n": 0, "x": 1}, False),
    ("L = -log sigmoid(y w'x)", {"y": 0, "w": 1, "x": 1}, True),  # a label
    (r"\log(1 + e^{-y(w\cdot x + b)})", {"y": 0, "w": 1, "x": 1, "b": 0}, True),
]


@pytest.mark.parametrize(("text", "axes", "notice"), READ, ids=[t for t, *_ in READ])
def test_letters(text: str, axes: dict[str, int], notice: bool) -> None:
    d = matcalc.derive(text, wrt=next(iter(axes)), kind="jacobian", check=False)
    assert {name: len(shape) for name, shape in d.dims.items()} == axes
    assert any("is read as a" in w for w in d.warnings) == notice


# text, and the letters of which two readings are near
ASKED = [
    ("A*d", {"A", "d"}),
    ("a*x", {"a", "x"}),
    ("f(x, y) = x^2*y + sin(x*y)", {"y"}),  # x is a number: so y may be one
    ("x^2*y + sin(x*y)", {"y"}),
    ("softmax(alpha*gamma)", {"alpha", "gamma"}),
    ("A*quu", {"quu"}),
    ("-0.5*sum(1 + log(sigma.^2) - mu.^2)", {"mu", "sigma"}),
    (r"A\alpha + B\beta", {"alpha", "beta"}),
]


@pytest.mark.parametrize(("text", "letters"), ASKED, ids=[t for t, _ in ASKED])
def test_letters_that_are_asked_about(text: str, letters: set[str]) -> None:
    """Each reading that is listed is read, to another value; so are the hint's declarations."""
    with pytest.raises(AmbiguityError, match=r"(two|three) readings") as caught:
        matcalc.derive(text)
    error = caught.value
    assert error.span is not None and len(error.readings) in (2, 3)
    assert all(letters <= set(r.kwargs["dims"]) for r in error.readings)
    nodes = [matcalc.parse(text, **r.kwargs).node for r in error.readings]
    assert len(set(nodes)) == len(nodes)
    assert [matcalc.parse(r.text, **r.kwargs).node for r in error.readings] == nodes
    for r in error.readings:
        said = dict(word.split("=") for word in shlex.split(r.command) if "=" in word and not word.startswith(text))
        declared = {name: tuple(filter(None, sizes.split(","))) for name, sizes in said.items()}
        assert declared == r.kwargs["dims"] and r.command.startswith("matcalc derive")


def test_a_declaration_ends_the_question() -> None:
    v = {"X": np.array([[1.0, 2.0], [3.0, 5.0], [8.0, 13.0]])}
    assert np.allclose(matcalc.parse("X*beta", {"beta": ("p",)}).evaluate({**v, "beta": np.array([1.0, 10.0])}), [21, 53, 138])
    assert np.allclose(matcalc.parse("X*beta", {"beta": ()}).evaluate({**v, "beta": np.array(2.0)}), 2 * v["X"])


def test_what_fits_in_no_way_keeps_its_message() -> None:
    with pytest.raises(MatcalcError, match="sizes do not fit"):
        matcalc.parse("lambda*(x*A*x)", {"x": ("n",), "A": ("n", "n")})
