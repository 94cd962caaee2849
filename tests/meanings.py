"""What a text means, for tests: the expression that another text says in one way, its value by NumPy, or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.expr.errors import MatcalcError
from matcalc.expr.nodes import Expr
from matcalc.notation.meaning.problem import Problem

DIMS: dict[str, tuple[str, ...]] = {
    **{"s": (), "t": (), "x": ("n",), "y": ("n",), "b": ("m",), "z": ("k",)},
    **{"A": ("n", "n"), "B": ("n", "n"), "W": ("m", "n"), "V": ("m", "n"), "K": ("n", "k")},
}
SIZES = {"n": 3, "m": 2, "k": 4}


def problem(text: str, **options: Any) -> Problem:
    return read_problem(text, options.pop("dims", DIMS), **options)


def read(text: str, **options: Any) -> Expr:
    return problem(text, **options).output


def require_same(text: str, other: str) -> None:
    """Both texts are read as one expression."""
    assert read(text) is read(other), (read(text), read(other))


def arrays(seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    found = {name: np.asarray(rng.uniform(0.3, 1.7, [SIZES[d] for d in shape])) for name, shape in DIMS.items()}
    for name in "AB":
        found[name] = found[name] + 2 * np.eye(3)
    return found


def require_value(text: str, f: Callable[..., Any]) -> None:
    """The text has the value of NumPy's formula, whose arguments are called as the names in the text."""
    names = f.__code__.co_varnames[: f.__code__.co_argcount]
    at = {name: array for name, array in arrays().items() if name in names}
    found = matcalc.parse(text, {k: v for k, v in DIMS.items() if k in names}).evaluate(at)
    assert np.allclose(found, f(**at), rtol=1e-10), text


def require_refused(text: str, *words: str, error: type[MatcalcError] = MatcalcError, **options: Any) -> MatcalcError:
    """Refused, and the message or its hint has these words."""
    with pytest.raises(error) as caught:
        problem(text, **options)
    shown = str(caught.value)
    assert [word for word in words if word not in shown] == [], shown
    return caught.value
