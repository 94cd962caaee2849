"""Threads give what one thread gives, and nothing that belongs to the whole process is changed."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import threading
import warnings
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.numeric import stand_ins
from tests import state
from tests.places import ROOT


def run(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.threads", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_threads_give_what_one_gives() -> None:
    found = run("40", "--quick")
    assert (found["calls"], found["different"], found["state"]) == (40, [], [])


@pytest.mark.slow
def test_a_rule_book_that_is_filled_lazily_is_found() -> None:
    assert run("16", "--quick", "--plant", "lazily_filled")["different"]


# ---------------------------------------------------------------- state of the process


def fails(*_: Any) -> Any:
    raise RuntimeError("no value")


CALLS: dict[str, dict[str, Any]] = {
    "eighty digits": {"expression": "sum(sigmoid(100*x))"},
    "terms cancel": {"expression": "tr(inv(X)*(A*X))", "wrt": "X"},
    "no sizes": {"expression": "x*A*x"},
    "no text": {"expression": "x2'*"},
    "own function": {"expression": "f(t)=1/(1+exp(-t)); sum(f(x))"},
    "user's function": {"expression": "u'*f(x)", "functions": {"f": (math.tanh, lambda t: 1 - math.tanh(t) ** 2)}},
    "user's false function": {"expression": "u'*f(x)", "functions": {"f": (math.tanh, math.sin)}},
    "user's function fails": {"expression": "u'*f(x)", "functions": {"f": (fails, fails)}},
    "no derivative": {"expression": "u'*f(x)", "functions": {"f": (math.tanh,)}},
    "a rule is missing": {"expression": "sum(eigvecs(X))", "wrt": "X", "kind": "hessian"},
    "division by zero": {"expression": "sum(x)/(0*sum(y))"},
    "latex": {"expression": r"s = u^\top \sigma(x); \sigma(z) = \frac{z}{1+e^{-z}}"},
}


@pytest.mark.sample(5)
@pytest.mark.parametrize("case", CALLS)
def test_the_state_of_the_process_is_left_alone(case: str) -> None:
    state.warm_up()
    before = state.of_the_process()
    try:
        d = matcalc.derive(**CALLS[case])
        assert d.to_text() and d.to_code() and d.to_latex() and d.to_json() and d.to_html()
    except (matcalc.MatcalcError, RuntimeError):
        pass
    assert not state.changed(before)


def test_a_change_of_state_is_seen() -> None:
    before = state.of_the_process()
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        assert state.changed(before) == {"numpy", "warnings"}
    assert not state.changed(before)


# ---------------------------------------------------------------- what threads share


@pytest.mark.slow
def test_one_derivation_printed_by_all() -> None:
    """Derivatives of the input's functions are made while they are printed: in order, and each once."""
    wanted = matcalc.derive("g(t)=t^3*sin(t); s = u'*g(x)", "x", check=False)
    alone = matcalc.derive("g(t)=t^3*sin(t); s = u'*g(x)", "x", check=False)
    bodies = wanted.problem.scalars["g"].bodies
    expected = [alone.problem.scalars["g"].bodies[k] for k in range(5)]
    found: list[list[Any]] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        found.append([bodies[k] for k in range(5)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == [expected] * 8 and len(bodies.known) == 5


# ---------------------------------------------------------------- slopes of the user's functions, without complex numbers

SLOPES: dict[str, tuple[Any, Any]] = {
    "sin": (np.sin, np.cos),
    "exp": (np.exp, np.exp),
    "cube": (lambda t: t**3, lambda t: 3 * t**2),
    "log": (lambda t: np.log(np.abs(t)), lambda t: 1 / t),
    "of one number": (np.vectorize(math.tanh), lambda t: 1 - np.tanh(t) ** 2),
    "root, out of its domain": (np.vectorize(lambda t: math.sqrt(t + 3)), lambda t: 0.5 / np.sqrt(t + 3)),
    "two pieces": (lambda t: np.where(t > 0, t * t, 0.0), lambda t: np.where(t > 0, 2 * t, 0.0)),
    "steep": (lambda t: np.tanh(20 * t) / 20, lambda t: 1 - np.tanh(20 * t) ** 2),
}


@pytest.mark.parametrize("name", SLOPES)
def test_slopes_by_real_differences(name: str) -> None:
    f, derivative = SLOPES[name]
    x = np.array([-2.7, -1.3, -0.61, -0.02, -0.003, 0.002, 0.03, 0.4, 1.7, 2.9])
    with np.errstate(all="ignore"):
        found, off = stand_ins.slope(f, x)
    wanted = derivative(x)
    assert np.abs(found - wanted).max() <= 1e-9 * np.abs(wanted).max()
    assert (np.abs(found - wanted) <= 10 * off + 1e-15).all()


def test_a_users_function_never_sees_a_complex_number() -> None:
    seen: set[str] = set()

    def f(t: Any) -> Any:
        seen.add(np.asarray(t).dtype.kind)
        out = np.zeros(np.shape(t))
        out[t > 0] = t[t > 0] ** 2  # a complex step would be dropped here, with a warning
        return out

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        d = matcalc.derive("u'*f(W*x+b)", functions={"f": (f, lambda t: np.where(t > 0, 2 * t, 0.0))})
    assert d.checked and d.checked.passed and seen == {"f"}


def test_a_steep_function_of_the_users_keeps_its_digits() -> None:
    steep = (lambda t: np.tanh(100 * t), lambda t: 100 * (1 - np.tanh(100 * t) ** 2))
    for seed in range(10):
        assert matcalc.derive("u'*f(W*x+b)", functions={"f": steep}, seed=seed).checked


@pytest.mark.parametrize("off", [1e-6, 1e-7])
def test_a_slightly_false_derivative_of_the_users_is_found(off: float) -> None:
    with pytest.raises(matcalc.CheckError, match="failed its numeric check"):
        matcalc.derive("u'*f(x)", functions={"f": (math.sin, lambda t: math.cos(t) + off)})
