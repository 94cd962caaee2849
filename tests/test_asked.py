"""What could be silently misread, and is asked about: found by people who tried."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.errors import AmbiguityError, MatcalcError, NoRuleError

N = {"x": ("n",), "f": ("C",), "p": ("n",), "s": ("n",), "A": ("n", "n"), "b": ("n",), "z": ("C",)}

ASKED: list[tuple[str, type[MatcalcError], str]] = [
    (r"-\log\frac{e^{f_y}}{\sum_j e^{f_j}}", AmbiguityError, "'f_y' has two readings: an entry or a slice of f"),
    (r"\log p_y", AmbiguityError, "'p_y' has two readings"),
    (r"A_{ab}", AmbiguityError, "'A_ab' has two readings"),
    ("x_1 + x_2", AmbiguityError, "'x_1' has two readings"),
    ("s_k", AmbiguityError, "'s_k' has two readings"),
    (r"A^{(2)} x", AmbiguityError, "two readings: a power of A, or an object of its own"),
    (r"A^{(-1)T} b", AmbiguityError, "two readings: a power of A, or an object of its own"),
    (r"A^{-1^T} b", AmbiguityError, "the transpose in the exponent"),
    (r"\sum_{i\in S} x_i^2", NoRuleError, "the set S is not declared"),
    (r"\prod_{i\in\Omega} x_i", NoRuleError, "the set Omega is not declared"),
    (r"\max_{i\in S} x_i", NoRuleError, "the set S is not declared"),
]


@pytest.mark.parametrize(("text", "error", "words"), ASKED, ids=[t for t, *_ in ASKED])
def test_two_readings_are_not_guessed(text: str, error: type[MatcalcError], words: str) -> None:
    with pytest.raises(error) as caught:
        matcalc.parse(text, N)
    assert words in caught.value.message and caught.value.hint and "^" in str(caught.value)


def test_an_entry_of_a_defined_vector_is_asked_about() -> None:
    text = r"L=-\log\frac{e^{z_y}}{\sum_j e^{z_j}},\quad z=Wx+b"
    with pytest.raises(AmbiguityError, match="'z_y' has two readings"):
        matcalc.parse(text, {"W": ("C", "d"), "x": ("d",), "b": ("C",)}, notation="latex")


def test_a_variable_that_does_not_occur_is_named() -> None:
    d = matcalc.derive(r"\bar{x}^\top\bar{x}", wrt="x", dims={"x": ("n",)})
    assert any("'x' does not occur in the expression, so its derivative is zero" in w for w in d.warnings)


def test_a_word_for_a_set_is_said_to_be_everything() -> None:
    d = matcalc.derive(r"\sum_{i\in Vocab} x_i^2", wrt="x", dims={"x": ("n",)})
    assert d.result.plain == "2*x" and any("all values of i" in w for w in d.warnings)


def test_the_transpose_of_a_whole_power_is_right() -> None:
    rng = np.random.default_rng(0)
    at: dict[str, Any] = {"A": rng.normal(size=(3, 3)) + 3 * np.eye(3), "b": rng.normal(size=3)}
    dims = {"A": ("n", "n"), "b": ("n",)}
    for text in (r"A^{{-1}^T} b", r"A^{-T} b", r"(A^{-1})^T b"):
        assert np.allclose(matcalc.parse(text, dims).evaluate(at), np.linalg.inv(at["A"]).T @ at["b"])
