"""Functions of the table put in place where they are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.expr.errors import AmbiguityError
from tests.meanings import require_refused, require_same, require_value

VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("mean(x)", lambda x: x.mean()),
    ("var(W)", lambda W: W.var()),
    ("mse(x, y)", lambda x, y: ((x - y) ** 2).mean()),
    ("cossim(x, y)", lambda x, y: x @ y / np.linalg.norm(x) / np.linalg.norm(y)),
    ("leakyrelu(x - 1, s)", lambda x, s: np.where(x > 1, x - 1, s * (x - 1))),
    ("clip(x, s/2, 1)", lambda x, s: np.clip(x, s / 2, 1)),
    ("mean(W, axis=0)", lambda W: W.mean(0)),
    ("norminf(x)", lambda x: np.abs(x).max()),
    ("logit(s/2)", lambda s: np.log(s / 2 / (1 - s / 2))),
    ("normalize(x)", lambda x: x / np.linalg.norm(x)),
    ("LayerNorm(x)", lambda x: (x - x.mean()) / x.std()),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mean(x, y)", "mean"),
        ("cossim(x, b)", "cossim"),
        ("mse(x)", "mse"),
        ("mean(W, axis=2)", "axis"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


def test_a_function_of_the_users_goes_before() -> None:
    own = read_problem("mean(t0); mean(t) = t^2", {"t0": ()})
    assert "mean" in own.scalars or own.output.op in ("pow", "fn")


def test_formulas_call_each_other() -> None:
    require_same("hardsigmoid(s)", "(hardtanh(s/3) + 1)/2")


def test_an_axis_by_its_place_is_counted_as_the_text_counts() -> None:
    """NumPy counts axes from 0 and MATLAB from 1: a 1 says which only beside a sign that NumPy alone has."""
    require_same("sum(sum(W, 2).^2)", "sum(sum(W, axis=1).^2)")
    require_same("sum(sum(W, 0).^2)", "sum(sum(W, axis=0).^2)")
    require_same("np.exp(sum(W, 1)) @ b", "exp(sum(W, axis=1))'*b")
    for name in ("sum", "mean", "var", "std"):
        with pytest.raises(AmbiguityError, match=rf"the 1 in {name}\(W, 1\) has two readings") as asked:
            matcalc.derive(f"sum({name}(W, 1).^2) + 1", "W")
        assert [r.kwargs for r in asked.value.readings] == [
            {"meant": {f"{name}(W, 1)": f"{name}(W, axis={axis})"}} for axis in (1, 0)
        ]
