"""One problem, derived again: of another kind, by the same variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.check.work.own_process import Limits
from matcalc.deriving import Argued, checked_code, derivation, of_kind
from matcalc.expr.errors import UsageError


def argued(text: str, wrt: str, seed: int | None = 0, dims: Any = None) -> tuple[Argued, object]:
    problem = matcalc.parse(text, dims)._problem
    return Argued([problem.symbols[wrt]], "shape", "backprop", {}, None, book(), None, {}, seed), problem


def test_checked_where_a_seed_is_given() -> None:
    how, problem = argued("x'*A*x", "x")
    for seed in (0, None):
        d = derivation(how._replace(seed=seed), problem, "gradient")  # type: ignore[arg-type]
        assert matcalc.equal(d.result, "(A + A')*x") and (d.checked is not None) is (seed is not None)


def test_the_kind_is_found_out() -> None:
    for text, kind in (("x'*x", "gradient"), ("2*x", "jacobian")):
        how, problem = argued(text, "x")
        assert of_kind(problem, how.variables, None, None)[1] == kind  # type: ignore[arg-type]


def test_a_differential_takes_no_name_of_the_input() -> None:
    how, problem = argued("x'*dx", "x", dims={"dx": ("n",)})
    with pytest.raises(UsageError, match="'dx' is a name of the input"):
        of_kind(problem, how.variables, "differential", None)  # type: ignore[arg-type]


def test_code_of_somebody_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text("def grad(x):\n    return 3 * x\n", "utf-8")
    d = matcalc.derive("x'*x", wrt="x")
    assert "3/2 times" in checked_code(d, str(file), "grad", {}, "", Limits(60)).to_text()
