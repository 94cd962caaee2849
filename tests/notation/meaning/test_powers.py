"""Powers: of a number, of each entry, of a square matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg

import matcalc
from matcalc.expr.errors import ShapeError
from tests.meanings import problem, require_refused, require_same, require_value


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("A^1", "A"),
        ("x.^1", "x.^1"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("s^2", lambda s: s**2),
    ("s^t", lambda s, t: s**t),
    ("2^s", lambda s: 2**s),
    ("x.^2", lambda x: x**2),
    ("x.^s", lambda x, s: x**s),
    ("2.^x", lambda x: 2**x),
    ("x.^y", lambda x, y: x**y),
    ("A^3", lambda A: A @ A @ A),
    ("A^(-1)", lambda A: np.linalg.inv(A)),
    ("A^(-2)", lambda A: np.linalg.inv(A @ A)),
    ("A^0", lambda A: np.eye(3)),
    ("A.^2", lambda A: A**2),
    ("(A*A')^(1/2)", lambda A: scipy.linalg.sqrtm(A @ A.T)),
    ("(A*A')^(-1/2)", lambda A: np.linalg.inv(scipy.linalg.sqrtm(A @ A.T))),
    ("(A*A')^0.3", lambda A: scipy.linalg.fractional_matrix_power(A @ A.T, 0.3)),
    ("(A*A')^(-3/2)", lambda A: np.linalg.inv(np.real(scipy.linalg.sqrtm(np.linalg.matrix_power(A @ A.T, 3))))),
    ("s^(1/2)", lambda s: np.sqrt(s)),
    ("s^-2", lambda s: s**-2.0),
    ("norm2(x)^2", lambda x: x @ x),
    ("x.^(-1)", lambda x: 1 / x),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x^2", "x.^2"),
        ("W^2", "square"),
        ("A^x", "A"),
        ("A^sqrt(2)", "no fraction"),
        ("A^(10^13)", "limit"),
        ("W.^A", "W"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


def test_in_plain_notation_a_notice_says_which_power() -> None:
    """X^0.5 is of each entry in NumPy's books, of the matrix in MATLAB's."""
    assert [w for w in problem("tr(A^0.5)").warnings if "A.^0.5 is of each entry" in w]
    assert problem("tr(A^2)").warnings == () and problem(r"\operatorname{tr}(A^{1/2})", notation="latex").warnings == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"(a \times b)^2", lambda a, b, v: np.sum(np.cross(a, b) ** 2)),
        (r"\frac12\vec v^2", lambda a, b, v: v @ v / 2),
        (r"(a + b\times v)^2", lambda a, b, v: np.linalg.norm(a + np.cross(b, v)) ** 2),
    ],
)
def test_the_square_of_a_length_as_physicists_write_it(text: str, value: Callable[..., Any]) -> None:
    a, b, v = np.random.default_rng(2).normal(size=(3, 3))
    e = matcalc.parse(text)
    at = {n: x for n, x in zip("abv", (a, b, v), strict=True) if n in e._problem.symbols}
    assert np.allclose(e.evaluate(at), value(a, b, v), rtol=1e-12)
    assert any("its product with itself" in w for w in e._problem.warnings)


def test_other_squares_of_vectors_stay_refused() -> None:
    require_refused("(x - y)^2", "power of a vector")
    require_refused(r"(x - y)^2", "power of a vector", notation="latex")


@pytest.mark.parametrize("text", [r"\|A x - b\|^2 + x^\alpha", r"\|A x - b\|^2 + x^3"])
def test_another_power_of_a_vector_is_no_step(text: str) -> None:
    with pytest.raises(ShapeError, match="power of a vector") as caught:
        matcalc.derive(text, "x", dims={"x": ("n",)})
    assert "for the entries" in (caught.value.hint or "")
