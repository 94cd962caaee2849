"""What ordinary points do not show: other branches, terms that are 0 there. Faults that hide behind it are caught nevertheless."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.algebra.pullbacks import Compiler
from matcalc.expr.errors import CheckError
from matcalc.expr.table import TABLE
from matcalc.numeric.branches import ALL, taken
from tests.faults import BLIND, clean, false_lines, outcome, with_row
from tests.slices import slices
from tests.system.test_engine_faults import ENGINE


@pytest.mark.slow
@pytest.mark.rounding
def test_probes_are_derived_and_true_and_all_of_them_is_seen() -> None:
    for text in BLIND:
        assert not list(false_lines(clean(text), text))
        for seed in range(10):
            assert clean(text).check(seed).notices == ()


@pytest.mark.sample(8)
@pytest.mark.parametrize("fault", slices(ENGINE, 4))
def test_a_wrong_engine_is_caught_where_little_is_seen(fault: str) -> None:
    assert outcome(ENGINE[fault], BLIND, len(BLIND))[1] == []


# Rows that are right on one branch.
ROWS = {
    "relu always open": ("relu", "d(relu(X)) = d(X)"),
    "relu always shut": ("relu", "d(relu(X)) = 0*d(X)"),
    "abs of what is positive": ("abs", "d(abs(X)) = d(X)"),
    "abs of what is negative": ("abs", "d(abs(X)) = -d(X)"),
    "hardtanh without its lower end": ("hardtanh", "d(hardtanh(X)) = step(1 - X) .* d(X)"),
    "hardtanh without its ends": ("hardtanh", "d(hardtanh(X)) = d(X)"),
    "elu of what is positive": ("elu", "d(elu(X)) = d(X)"),
    "elu of what is negative": ("elu", "d(elu(X)) = exp(X) .* d(X)"),
    "the first is the larger": ("maximum", "d(max(A, B)) = d(A)"),
    "the second is the larger": ("maximum", "d(max(A, B)) = d(B)"),
    "the first is the smaller": ("minimum", "d(min(A, B)) = d(A)"),
    "the second is the smaller": ("minimum", "d(min(A, B)) = d(B)"),
    "all entries are positive": ("norm-1", "d(norm1(X)) = sum(d(X))"),
}


@pytest.mark.sample(5)
@pytest.mark.parametrize("fault", slices(ROWS, 3))
def test_a_row_for_one_branch_is_caught(fault: str) -> None:
    wrong = with_row(*ROWS[fault])
    caught, shown = outcome(lambda patch: patch.setattr("matcalc.deriving.compiler", lambda: Compiler(wrong)), BLIND, len(BLIND))
    assert caught and not shown


# ---------------------------------------------------------------- what was not met is said

AT_POINTS = {"norm2", "eigmax", "eigvals", "svdvals", "normnuc", "normspec"}  # kinks of these part no two branches


def test_every_operator_with_branches_is_known() -> None:
    assert {op.name for op in TABLE.values() if op.kink} - ALL == AT_POINTS
    x = np.array([[3.0], [-0.5]])
    assert taken("relu", [x]) == {0, 1} and taken("abs", [x[:1]]) == {0} and taken("max2", [x, x + 1]) == {1}
    assert taken("hardtanh", [x[1:]]) == {1, 2} and taken("max", [x]) == {0} and taken("rowmax", [x.T]) == {0}


NOT_MET = "not every branch of {} was met at the points of the check"


@pytest.mark.parametrize(
    ("text", "what"),
    [("relu(x'*x)*(b'*x)", "relu(xᵀ x)"), ("sum(abs(exp(x)))", "abs(exp(x))"), ("b'*f(x.*x); f(t) = max(t, 0)", "f(x ∘ x)")],
)  # fmt: skip
def test_a_branch_that_is_never_taken_is_told(text: str, what: str) -> None:
    d = matcalc.derive(text, wrt="x")
    assert any(NOT_MET.format(what) in w for w in d.warnings), d.warnings
    d.check(seed=3)
    assert sum(NOT_MET.format(what) in w for w in d.warnings) == 1


@pytest.mark.parametrize("text", ["sum(relu(x - 1000))", "norm1(x)", "sum(max(x, y))", "norm2(A*x - b)^2", "s = u'*relu(W*x + b)"])
def test_nothing_is_told_where_all_was_met(text: str) -> None:
    for seed in range(5):
        assert matcalc.derive(text, seed=seed).checked.notices == ()  # type: ignore[union-attr]
    assert not any("branch" in w for w in matcalc.derive("norm1(x)", assume={"x": "positive"}).warnings)


def test_what_has_branches_is_not_zero_because_it_is_at_all_points() -> None:
    for text in ("sum(elu(x - 9) - expm1(x - 9))", "sum(elu(x + 9) - x)", "sum(softsign(x - 9).*(1 - x + 9) - x)"):
        assert matcalc.derive(text, wrt="x").result.plain != "0"
    assert not matcalc.equal("elu(x - 9)", "expm1(x - 9)", {"x": ()})


# ---------------------------------------------------------------- terms that are lost beside others

LOST = ("1e12*(x'*x) + b'*x", "norm2(A*x - b)^2 + x'*x*1e-11", "exp(20 + x'*x) + b'*x")


@pytest.mark.parametrize("text", LOST)
def test_a_term_is_missed_that_rounding_hides(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    d = matcalc.derive(text, wrt="x")
    assert not any("so small" in w for w in d.warnings)
    ENGINE["another output is differentiated"](monkeypatch)
    with pytest.raises(CheckError, match="failed its numeric check"):
        matcalc.derive(text, wrt="x")


@pytest.mark.sample(2)
@pytest.mark.parametrize("kind", ["hessian", "hvp"])
def test_second_derivatives_hold_to_many_digits(kind: str) -> None:
    extra: dict[str, Any] = {"direction": "v", "dims": {"v": ("n",), "x": ("n",)}} if kind == "hvp" else {}
    d = matcalc.derive("1e9*(b'*x)*(x'*A*x) + sum(exp(x)) + sum(relu(x).^2)", wrt="x", kind=kind, **extra)
    assert not any("so small" in w for w in d.warnings)


def test_what_cannot_be_judged_so_finely_is_told() -> None:
    d = matcalc.derive("b'*A*b + 1e9*tr(logm(A))", wrt="A", dims={"A": ("n", "n"), "b": ("n",)})
    assert sum("bᵀ A b is so small beside what it is added to" in w for w in d.warnings) == 1


# ---------------------------------------------------------------- variables with few values


@pytest.mark.parametrize("declared", ["binary", "one-hot", "count", "sign"])
def test_a_product_that_is_zero_at_most_points_is_no_zero(declared: str) -> None:
    for seed in range(5):
        d = matcalc.derive("x'*x*prod(y)", wrt="x", dims={"x": ("m",), "y": ("n",)}, assume={"y": declared}, seed=seed)
        got = d.result.evaluate({"x": [1.0, 2.0], "y": [1.0]})
        assert d.result.plain == "2*prod(y)*x" and np.allclose(got, [2.0, 4.0])


def test_why_there_is_no_point_is_told() -> None:
    with pytest.raises(CheckError, match=r"no random point was found .*: 1 ⊘ y needs what is not 0") as caught:
        matcalc.derive("x'*x*sum(1 ./ y)", wrt="y", dims={"x": ("m",), "y": ("n",)}, assume={"y": "one-hot"})
    assert caught.value.hint is not None and "'y' is declared one-hot: drop that" in caught.value.hint
    with pytest.raises(CheckError, match=r"log\(-xᵀ x\) needs what is positive"):
        matcalc.derive("log(-x'*x)", wrt="x")


# ---------------------------------------------------------------- points near zero and far from it


def nested(body: str, times: int, last: str) -> str:
    lines = [f"z{k} = {body.replace('t', f'z{k + 1}')}" for k in range(times)]
    return "; ".join([*lines, f"z{times} = {last}"])


@pytest.mark.parametrize("kind", ["gradient", "hvp"])
def test_what_overflows_at_ordinary_points_is_checked_nearer_to_zero(kind: str) -> None:
    extra: dict[str, Any] = {"direction": "v"} if kind == "hvp" else {}
    d = matcalc.derive(nested("t*t + t", 12, "x'*x"), wrt="x", kind=kind, dims={"x": ("n",), "v": ("n",)}, **extra)
    x, v, h = np.array([0.1, -0.2, 0.05]), np.array([1.0, 2.0, -1.0]), 1e-20

    def gradient(x: Any) -> Any:
        t, slope = x @ x, 2 * x
        for _ in range(12):
            t, slope = t * t + t, (2 * t + 1) * slope
        return slope

    want = gradient(x) if kind == "gradient" else np.imag(gradient(x + 1j * h * v)) / h
    assert np.allclose(d.result.evaluate({"x": x, "v": v} if extra else {"x": x}), want, rtol=1e-10)


def test_what_has_a_value_far_out_only_is_checked_there() -> None:
    d = matcalc.derive("log(log(log(log(t))))", dims={"t": ()})
    t = 1e8
    want = 1 / (t * math.log(t) * math.log(math.log(t)) * math.log(math.log(math.log(t))))
    assert math.isclose(float(d.result.evaluate({"t": t})), want, rel_tol=1e-12)
