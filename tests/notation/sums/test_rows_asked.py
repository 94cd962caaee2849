"""``x_i`` under a sum where a vector must stand: asked about, and right as soon as it is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import ShapeError

Values = dict[str, Any]


def least_squares(v: Values) -> Any:
    return sum((v["y"][i] - v["w"] @ v["X"][i]) ** 2 for i in range(4))


def distances(v: Values) -> Any:
    return sum(float((v["X"][i] - v["w"]) @ (v["X"][i] - v["w"])) for i in range(4))


ROWS: list[tuple[str, str, Callable[[Values], Any]]] = [
    (r"\sum_{i=1}^N (y_i - w^\top x_i)^2", "w", least_squares),
    (r"\sum_{i=1}^N (y_i - x_i^\top w)^2", "w", least_squares),
    (r"\sum_{i=1}^N \|x_i - w\|^2", "w", distances),
]


@pytest.mark.parametrize(("text", "wrt", "truth"), ROWS, ids=[t for t, *_ in ROWS])
def test_an_undeclared_row_is_a_row_of_a_matrix(text: str, wrt: str, truth: Callable[[Values], Any]) -> None:
    """It stands where a vector must: the notice says so, and with index it is the same."""
    undeclared = matcalc.derive(text)
    assert any("the vectors x_i are read as the rows of a matrix X" in w for w in undeclared.warnings)
    assert len(undeclared.dims["X"]) == 2 and len(undeclared.dims["w"]) == 1
    rng = np.random.default_rng(0)
    at: Values = {"X": rng.normal(size=(4, 3)), "y": rng.normal(size=4), "w": rng.normal(size=3)}
    dims = {"X": ("N", "d"), "y": ("N",), "w": ("d",)}
    used = {k: d for k, d in dims.items() if k + "_" in text or k == "w" or k == "X"}
    r = matcalc.derive(text, wrt=wrt, dims=used, index={"x_i": "X[i,:]", "y_i": "y[i]"})[wrt]
    step = 1e-6 * np.eye(3)
    slopes = [(truth({**at, "w": at["w"] + e}) - truth({**at, "w": at["w"] - e})) / 2e-6 for e in step]
    assert undeclared[wrt].plain == r.plain
    found = matcalc.parse(r.plain, dims).evaluate({k: a for k, a in at.items() if k in r.plain})
    assert np.allclose(found, slopes, rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "options", "error", "words", "hint"),
    [
        (
            r"\sum_i (y_i - w^\top x_i - b)^2",
            {"b": ("N",)},
            ShapeError,
            "'b' is [N×1], and stands beside a number for each i",
            "entry",
        ),
        (
            r"\sum_i (y_i - w^\top z_i)^2",
            {"z": ("N", "d")},
            ShapeError,
            "'z' is [N×d] and has one index here",
            "--index z_i=z[i,:]",
        ),
    ],
)
def test_a_bias_under_a_sum(text: str, options: Any, error: Any, words: str, hint: str) -> None:
    dims = {"X": ("N", "d"), "y": ("N",), "w": ("d",), **options}
    with pytest.raises(error) as caught:
        matcalc.parse(text, dims, index={"x_i": "X[i,:]"})
    assert words in caught.value.message and hint in caught.value.hint and "^" in str(caught.value)


def test_an_undeclared_bias_under_a_sum_is_a_number() -> None:
    d = matcalc.derive(r"\sum_i (y_i - w^\top x_i - b)^2")
    assert d.dims["b"] == () and any("'b' is read as a scalar" in w for w in d.warnings)


def test_python_multiplies_with_a_sign() -> None:
    assert matcalc.parse("np.sum(X @ Wx)", {"Wx": ("n", "m")}).plain == "sum(X*Wx)"
    d = matcalc.derive("np.sum(X @ Wx)")
    assert len(d.dims["Wx"]) == 2 and any("'Wx' is read as one name" in w for w in d.warnings)
