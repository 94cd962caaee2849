"""What is no array, does not fit, has no entries or no value: in evaluate() and in code only errors of ours come out."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc import MatcalcError, UsageError


class Broken:
    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("nothing to be read here")


ITSELF: list[Any] = []
ITSELF.append(ITSELF)
ODD: dict[str, Any] = {
    "no entries": [], "no columns": [[]], "no rows": np.zeros((0, 2)), "ragged": [[1, 2], [3]], "text": "abc", "texts": ["a", "b"],
    "digits": ["1", "2"], "bytes": b"ab", "none": None, "nones": [None, 1], "dict": {"a": 1}, "set": {1, 2}, "itself": ITSELF,
    "objects": np.array([1, "a"], object), "huge": 10**400, "huges": [10**400, 1], "date": datetime.date(2020, 1, 1),
    "dates": np.array(["2020-01-01"] * 2, "datetime64[D]"), "complex": [1j, 2], "masked": np.ma.array([1.0, 2], mask=[0, 1]),
    "function": len, "type": int, "iterator": iter([1, 2]), "broken": Broken(), "fields": np.zeros(2, [("a", float)]),
    "nan": [np.nan, 1],
    "nans": np.full((2, 2), np.nan), "infinite": np.full((2, 2), np.inf), "singular": np.ones((2, 2)), "negative": -np.eye(2),
    "number": 2.0, "bool": True, "vector": np.ones(2), "longer": np.ones(3), "row": np.ones((1, 2)),
    "3-D": np.ones((2, 2, 2)),
}  # fmt: skip
TEXTS = [
    "norm2(x)", "x'*A*x", "sum(exp(x) .* y)", "max(x)", "mean(x)", "std(x)", "softmax(x)", "logsumexp(x)", "layernorm(x)", "x[2]*y",
    "x[1:2]", "sum(corr(x, y))", "a*b", "det(A)", "logdet(A)", "inv(A)", "A^3", "tr(expm(A))", "normspec(A)", "normnuc(A)",
    "eigmax(A)",
    "y'*eigvals(A)", "sum(pinv(A))", "sum(sqrtm(A))", "sum(chol(A))", "sum(rowmax(A))", "kron(A, A)", "cumsum(x)", "prod(x)",
]  # fmt: skip
DIMS: dict[str, tuple[str, ...]] = {"x": ("n",), "y": ("n",), "A": ("n", "n"), "a": (), "b": ()}
FREE = {"x[2]*y": {"y": ("m",)}, "sum(corr(x, y))": {"y": ("m",)}}


Call = Callable[[dict[str, Any]], Any]


def calls(text: str) -> tuple[list[str], list[Call]]:
    """The names, and the value, each derivative and the code as functions of the arrays."""
    known = {**DIMS, **FREE.get(text, {})}
    d = matcalc.derive(text, dims={n: s for n, s in known.items() if n in re.findall(r"\w+", text)}, check=False)
    f = d.function()
    return list(f.originals), [d.value.evaluate, *[r.evaluate for r in d.results], lambda at: f(**at)]


def of_no_entries(names: list[str]) -> dict[str, Any]:
    return {n: np.zeros([0] * len(DIMS[n])) for n in names}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", TEXTS)
def test_only_errors_of_ours_come_out(text: str) -> None:
    good = {"x": np.ones(2), "y": np.ones(2), "A": 2 * np.eye(2), "a": 1.0, "b": 2.0}
    names, found = calls(text)
    for name, odd, call in itertools.product(names, ODD.values(), found):
        with contextlib.suppress(MatcalcError):
            call({n: odd if n == name else good[n] for n in names})


NO_ARRAYS = ["ragged", "itself", "broken", "text", "none", "dict", "huges", "objects", "dates", "masked", "complex"]


@pytest.mark.parametrize("what", NO_ARRAYS)
def test_what_is_no_array_is_named_and_told_what_to_do(what: str) -> None:
    for call in calls("x'*A*x")[1]:
        with pytest.raises(UsageError) as caught:
            call({"x": ODD[what], "A": np.eye(2)})
        assert caught.value.message.startswith("x ") and caught.value.hint


EMPTY = [("norm2(x)", 0), ("x'*A*x", 0), ("sum(exp(x) .* y)", 0), ("norm1(x)", 0), ("det(A)", 1), ("tr(A*A)", 0), ("normnuc(A)", 0)]
NONE = ["max(x)", "min(x)", "mean(x)", "var(x)", "std(x)", "eigmax(A)", "sum(rowmax(A))*max(x)", "x[1]^2"]


@pytest.mark.parametrize(("text", "value"), EMPTY)
def test_sums_and_products_of_no_entries(text: str, value: float) -> None:
    names, found = calls(text)
    first, *slopes, (again, code) = [call(of_no_entries(names)) for call in found]
    assert first == again == value
    for a, b in zip(slopes, code if isinstance(code, tuple) else (code,), strict=True):
        assert np.shape(a) == np.shape(b) and np.size(a) == 0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", NONE)
def test_what_has_no_value_without_entries_says_so(text: str) -> None:
    names, (value, *_, code) = calls(text)
    for call in (value, code):
        with pytest.raises(MatcalcError, match=r"\(0|of 0") as caught:
            call(of_no_entries(names))
        assert caught.value.hint


@pytest.mark.parametrize(
    "text, dims, arrays",
    [
        ("sum(x[3:5])*y", {"x": ("n",)}, {"x": [1, 2]}),
        ("x[7]*y", {"x": ("n",)}, {"x": [1, 2]}),
        ("sum(X[:,2:4])*y", {"X": ("n", "m")}, {"X": [[1, 2], [3, 4]]}),
        ("sum(corr(x, w))*y", {"x": ("n",), "w": ("k",)}, {"x": [1, 2], "w": [1, 2, 3]}),
        ("sum(kron(x, w) + z)*y", {"x": ("n",), "w": ("k",), "z": ("p",)}, {"x": [1, 2], "w": [1, 2], "z": [3]}),
    ],
)
def test_sizes_that_the_expression_needs_are_asked_for_in_code_as_in_evaluate(text: str, dims: Any, arrays: Any) -> None:
    """NumPy gives less for a slice that is longer than its array, and broadcasts one entry: the sum was another one."""
    d = matcalc.derive(text, wrt="y", dims={**dims, "y": ()})
    for call in (lambda: d.function()(**arrays, y=1), lambda: pickle.loads(pickle.dumps(d.function()))(**arrays, y=1),
                 lambda: d.result.evaluate({**arrays, "y": 1})):  # fmt: skip
        with pytest.raises(matcalc.ShapeError):
            call()
