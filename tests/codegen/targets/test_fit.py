"""Shape assertions on request: what does not fit is named with its sizes, in every library."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.codegen.products.runtime import check_source
from matcalc.codegen.targets import BEYOND, dialect_of
from matcalc.expr.errors import UsageError
from tests.codes import executed

TEXT = "s = u' * tanh(W*x + b)"
RIGHT = {"u": (3,), "W": (3, 4), "x": (4,), "b": (3,)}
WRONG: list[tuple[dict[str, tuple[int, ...]], str]] = [
    ({"x": (5,)}, "W is 3x4, x is 5: the columns of W (m) are the rows of x"),
    ({"b": (2,)}, "u is 3, b is 2: the rows of u (n) are the rows of b"),
    ({"W": (4, 3)}, "u is 3, W is 4x3: the rows of u (n) are the rows of W"),
    ({"x": (4, 1)}, "x is 4x1, and is to be m"),
    ({"W": ()}, "W is a number, and is to be n x m"),
]


def run(text: str, target: str, shapes: dict[str, tuple[int, ...]], **options: Any) -> Any:
    """What the source gives or says of ones, in the arrays of its library."""
    source = matcalc.derive(text, check=False, **options).to_code(target, name="run", sizes=True)
    check_source(source, dialect_of(target))
    found = executed(source)["run"]
    names = found.__code__.co_varnames[: found.__code__.co_argcount]
    return found(*[np.ones(shapes[n]) for n in names])


@pytest.mark.parametrize("target", ["numpy", "jax", "torch", "numba", "array-api"])
def test_what_does_not_fit_is_said(target: str) -> None:
    pytest.importorskip({"array-api": "array_api_compat"}.get(target, target))
    for wrong, said in WRONG:
        with pytest.raises(ValueError) as error:
            run(TEXT, target, RIGHT | wrong, dims={"W": ("n", "m")})
        assert str(error.value) == said
    assert np.allclose(np.asarray(run(TEXT, target, RIGHT, dims={"W": ("n", "m")})[0]), 3 * np.tanh(5))


def test_numbers_and_sums_of_sizes() -> None:
    sizes = {"A": (4, 3), "x": (3,), "y": (4,)}
    with pytest.raises(ValueError, match=r"^y is 4: its rows are to be 5$"):
        run("y'*A*x", "numpy", sizes, dims={"A": (5, "m")})
    stacked = {"x": (2,), "y": (3,), "A": (5, 5)}
    run("[x; y]'*A*[x; y]", "numpy", stacked, dims={"x": "n", "y": "m"})  # n + m is no name: it is not looked at


def test_without_asking_nothing_is_looked_at() -> None:
    assert "_fit" not in matcalc.derive(TEXT, check=False).to_code()


@pytest.mark.parametrize("target", BEYOND)
def test_forms_that_do_not_look_say_so(target: str) -> None:
    with pytest.raises(UsageError, match="does not look at the sizes"):
        matcalc.derive(TEXT, wrt="x", check=False).to_code(target, sizes=True)
