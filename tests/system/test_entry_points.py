"""Every public callable, every parameter, odd values: a result, or an error that says what is accepted."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import CheckError, MatcalcError, UsageError
from matcalc.options import PARAMETERS


class Rude:
    """An object that raises whatever is asked of it."""

    def __repr__(self) -> str:
        raise RuntimeError("no")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    __hash__ = None  # type: ignore[assignment]


ODD = {
    "None": None,
    "True": True,
    "3": 3,
    "-1": -1,
    "10**30": 10**30,
    "3.5": 3.5,
    "nan": float("nan"),
    "inf": float("inf"),
    "1j": 1j,
    "bytes": b"x",
    "list": [],
    "list of None": [None],
    "list of lists": [["x"]],
    "tuple": (),
    "dict": {},
    "dict of None": {None: None},
    "dict of numbers": {3: 4},
    "dict of x": {"x": None},
    "dict of x 3": {"x": 3},
    "dict of x object": {"x": object()},
    "dict of x list": {"x": [[]]},
    "dict of x text": {"x": "x"},
    "dict of x nan": {"x": float("nan")},
    "dict of x ragged": {"x": [[1], [1, 2]]},
    "set": {"x"},
    "object": object(),
    "class": object,
    "rude": Rude(),
    "function": len,
    "nul": "\x00",
    "empty": "",
    "blank": " ",
    "word": "x",
    "surrogate": "\ud800",
    "long": "x" * 100_000,
    "long sum": "x+" * 300 + "x",
    "backquote": "`",
    "comma": ",",
    "name=": "x=",
    "slash": "/",
    "array": np.ones(3),
    "array 0-d": np.array(3),
    "object array": np.array([None, "x"], dtype=object),
    "text array": np.array(["x"]),
    "generator": (c for c in "x"),
    "range": range(2),
    "exception": ValueError("x"),
    "module": np,
}


def derivation() -> matcalc.Derivation:
    return matcalc.derive("u'*f(W*x+b)", check=False)


def calls() -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Public callables by name, each with arguments that are right."""
    d = derivation()
    arrays = {"u": np.ones(2), "W": np.ones((2, 3)), "x": np.ones(3), "b": np.ones(2)}
    right: dict[str, dict[str, Any]] = {
        "derive": {"expression": "x'*x", "check": False},
        "parse": {"text": "x'*x"},
        "equal": {"a": "x'*x", "b": "norm2(x)^2"},
        "Derivation.__getitem__": {"name": "W"},
        "Derivation.to": {"form": "text"},
        "Derivation.check_work": {"work": "2*x"},
        "check_work": {"work": "2*x", "of": "x'*x", "wrt": "x"},
        "Expr.evaluate": {"arrays": arrays, "functions": {"f": "tanh"}},
        "Result.evaluate": {"arrays": arrays, "functions": {"f": "tanh"}},
    }
    found: dict[str, Callable[..., Any]] = {name: getattr(matcalc, name) for name in ("check_work", "derive", "parse", "equal")}
    for owner in (d, d["W"], d.value):
        for name, function in inspect.getmembers(type(owner), inspect.isfunction):
            if not name.startswith("_") or name == "__getitem__":
                found[f"{type(owner).__name__}.{name}"] = function.__get__(owner)
    return {name: (call, right.get(name, {})) for name, call in found.items()}


CALLS = calls()
PAIRS = [(name, p) for name, (call, _) in CALLS.items() for p in inspect.signature(call).parameters]


def failures(name: str, parameter: str) -> Iterator[str]:
    call, right = CALLS[name]
    for what, value in ODD.items():
        try:
            call(**{**right, parameter: value})
        except MatcalcError as error:
            if not str(error).isprintable() and any(not c.isprintable() and c != "\n" for c in str(error)):
                yield f"{what}: what cannot be printed"
            if len(error.message) > 2000:
                yield f"{what}: a message of {len(error.message)} characters"
            if isinstance(error, CheckError) or error.kind == "error":
                yield f"{what}: {type(error).__name__} {error}"
        except Exception as error:
            yield f"{what}: {type(error).__name__} {str(error)[:200]}"


def test_all_of_the_interface_is_tried() -> None:
    assert {"derive", "parse", "equal", "Expr.evaluate", "Result.evaluate", "Derivation.check", "Derivation.function"} <= set(CALLS)
    assert ("derive", "macros") in PAIRS and ("Derivation.to_text", "width") in PAIRS and len(PAIRS) > 45
    public = {p for name, p in PAIRS if name in ("derive", "equal", "parse")}
    assert public <= set(PARAMETERS)


@pytest.mark.sample(24)
@pytest.mark.parametrize("name, parameter", PAIRS)
def test_odd_values(name: str, parameter: str) -> None:
    bad = list(failures(name, parameter))
    assert not bad, "\n".join(bad)


def test_a_planted_fault_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PARAMETERS, "direction", PARAMETERS["direction"]._replace(holds=lambda value: True))
    assert list(failures("derive", "direction"))


@pytest.mark.parametrize("ask, said", [
    (lambda d: matcalc.equal(3, "x"), "a is 3, not a text"),
    (lambda d: matcalc.derive(d), "d['x']"),
    (lambda d: matcalc.derive("x'*x", kind="hvp", direction=["V", "v"]), "direction is ['V', 'v'], not a name"),
    (lambda d: d.check("…"), "seed is '…', not a whole number"),
    (lambda d: d.check(points=0), "points is 0"),
    (lambda d: d.to_text(detail="much"), "one of brief, normal, full"),
    (lambda d: d.to_text(width="wide"), "width is 'wide'"),
    (lambda d: d.to_code(target="fortran"), "one of array-api, class, "),
    (lambda d: d.to_code(target=["numpy"]), "target is ['numpy']"),
    (lambda d: d["W"].evaluate([1, 2]), "evaluate({'W': W"),
    (lambda d: d[3], "there are: u, W, x, b"),
    (lambda d: matcalc.derive("x'*x", layout=None), "layout is None"),
    (lambda d: matcalc.derive("x'*x", assume=["x"]), "assume={'A': 'spd'}"),
    (lambda d: matcalc.derive("x'*x", seed=-1), "seed is -1"),
    (lambda d: matcalc.derive("x'*x", check="no"), "check is 'no'"),
])  # fmt: skip
def test_what_is_accepted_is_said(ask: Callable[[Any], Any], said: str) -> None:
    with pytest.raises(UsageError) as error:
        ask(derivation())
    assert said in str(error.value)


def test_a_name_without_a_result_is_a_key_error_too() -> None:
    with pytest.raises(KeyError, match="no derivative by 'q'"):
        derivation()["q"]


def test_results_stand_where_expressions_do() -> None:
    d = matcalc.derive("u'*f(W*x+b)", functions={"f": "tanh"})
    assert matcalc.equal(d["W"], "(u .* (1 - tanh(W*x+b).^2))*x'") and matcalc.equal("u .* (1 - tanh(W*x+b).^2)", d["b"])
    assert not matcalc.equal(d["W"], "u*x'") and matcalc.equal(d["W"], d["W"]) and matcalc.equal(d["x"], matcalc.parse(d["x"]))
    quadratic = matcalc.derive("x'*A*x", "x", assume={"A": "symmetric"})
    assert matcalc.equal(quadratic["x"], "2*A*x"), "what is assumed of A goes along"
    assert not matcalc.equal(matcalc.derive("x'*A*x", "x")["x"], "2*A*x")
    second = matcalc.derive(quadratic["x"], "x")
    assert second["x"].plain == "2*A" and not second.warnings
    own = matcalc.derive("sum(g(x)); g(z) = z*exp(z)")["x"]
    assert matcalc.equal(own, "exp(x) + x.*exp(x)") and matcalc.derive(own, "x")["x"].plain
    assert matcalc.equal(matcalc.derive("`a+b`'*x", "x", dims={"a+b": ("n",), "x": ("n",)})["x"], "`a+b`")
