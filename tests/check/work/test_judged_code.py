"""Gradient functions against the derivative: by walking them, and by what a process gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import matcalc
from matcalc.check.work.cases import as_derived
from matcalc.check.work.judged_code import executed
from matcalc.check.work.own_process import Limits

SOURCE = """
import numpy as np
print("noise")

def mean(X, w, y):
    return 2 * X.T @ (X @ w - y) / len(y)

def summed(X, w, y):
    return 2 * X.T @ (X @ w - y)

def spread(X, w, y):
    return 2 * X.T @ ((X @ w)[:, None] - y) / len(y)

def single(X, w, y):
    X, w, y = (a.astype(np.float32) for a in (X, w, y))
    return 2 * X.T @ (X @ w - y) / len(y)

def single_slip(X, w, y):
    X, w, y = (a.astype(np.float32) for a in (X, w, y))
    return 2.02 * X.T @ (X @ w - y) / len(y)

def classy(X, w, y):
    class Kept: pass
    Kept.r = X @ w - y
    return {"w": -2 * X.T @ Kept.r / len(y), "loss": 3.0}

def many(X, w, y):
    return 1.0, 2 * X.T @ (X @ w - y) / len(y)

def plus(X, w, y):
    return 2 * X.T @ (X @ w + y) / len(y)

def axis(X, W, b, Y):
    R = X @ W + b - Y
    return 2 * R.sum(axis=1)
"""
MEAN = ("1/n*norm2(X*w - y)^2", "w", {"X": ("n", "d")})


def judged(file: Path, function: str, item: str = "", problem: Any = MEAN) -> Any:
    text, wrt, dims = problem
    d = matcalc.derive(text, wrt=wrt, dims=dims)
    asked = as_derived(d.problem, d.trace, d.result.data, d.assume, d.functions)
    return executed(asked, str(file), function, {}, item, Limits(60))


@pytest.mark.sample(5)
@pytest.mark.parametrize(
    ("function", "item", "verdict", "words"),
    [
        ("mean", "", "right", "equal"),
        ("summed", "", "factor", "it is n times what is right: a sum for a mean"),
        ("spread", "", "wrong-other", "broadcasting"),
        ("single", "", "right", "single precision"),
        ("single_slip", "", "wrong-other", ""),
        ("classy", "w", "sign", ""),
        ("many", "2", "right", ""),
        ("plus", "", "sign", "in line 31"),
    ],
)
def test_functions_that_are_run(tmp_path: Path, function: str, item: str, verdict: str, words: str) -> None:
    file = tmp_path / "grads.py"
    file.write_text(SOURCE, "utf-8")
    report = judged(file, function, item)
    assert report.verdict == verdict and words in report.relation


def test_a_sum_over_the_wrong_axis(tmp_path: Path) -> None:
    file = tmp_path / "grads.py"
    file.write_text(SOURCE, "utf-8")
    problem = ("norm2(X*W + ones(n)*b' - Y)^2", "b", {"X": ("n", "d"), "Y": ("n", "k")})
    assert judged(file, "axis", "", problem).verdict == "wrong-axis"


def test_walked() -> None:
    source = "def grad(X, w, y):\n    return {} * X.T @ (X @ w - y) / len(y)"
    assert matcalc.check_work(source.format(2), *MEAN[:2], dims=MEAN[2]).verdict == "right"
    assert "a mean for a sum" in matcalc.check_work(source.format(2), "norm2(X*w - y)^2", "w", dims=MEAN[2]).relation
