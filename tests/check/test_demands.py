"""What holds wherever one evaluates: a result has the shape that its kind and its layout ask for."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.check import report
from matcalc.check.demands import require_shapes
from matcalc.check.judged import Trace
from matcalc.expr.errors import CheckError
from tests.nodes import SHAPES, read

QUADRATIC, LINEAR = "x'*A*x", "W*x"


def trace_with(text: str, found: str = "", **options: Any) -> Trace:
    """The derivation of ``text`` with ``found`` as its result."""
    d = matcalc.derive(text, check=False, dims={name: shape for name, shape in SHAPES.items() if name in text}, **options)
    results = [r._replace(expr=read(found)) if found else r for r in d.trace.results]
    return Trace(d.problem, d.trace.steps, results, d.trace.waypoints, d.assume, {}, 0, 2)


@pytest.mark.parametrize(
    ("text", "options"),
    [(QUADRATIC, {"wrt": "x"}), (QUADRATIC, {"wrt": "A"}), (QUADRATIC, {"wrt": "x", "kind": "hessian"}), (LINEAR, {"wrt": "x"})],
)
def test_what_is_derived_has_its_shape(text: str, options: dict[str, Any]) -> None:
    require_shapes(trace_with(text, **options))


@pytest.mark.parametrize(
    ("text", "found", "shape"),
    [
        (QUADRATIC, "x'*x", "[n]"),  # a number as the gradient by a vector
        (QUADRATIC, "x*x'", "[n]"),
        (QUADRATIC, "b - b", "[n]"),  # zero, but not of the right length
        (LINEAR, "x", "[m×n]"),
        (LINEAR, "A", "[m×n]"),
    ],
)
def test_another_shape_is_a_defect(text: str, found: str, shape: str) -> None:
    with pytest.raises(CheckError, match="has the shape") as caught:
        require_shapes(trace_with(text, found, wrt="x"))
    assert f"should have {shape}" in caught.value.message


def test_only_a_layout_may_turn_a_result() -> None:
    require_shapes(trace_with(LINEAR, "W'", wrt="x", layout="denominator"))
    with pytest.raises(CheckError, match="should have"):
        require_shapes(trace_with("sum(W*x)", "W'", wrt="W"))


def test_every_derivation_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(trace: Trace) -> None:
        raise CheckError(f"{len(trace.steps)} lines")

    monkeypatch.setattr(report, "DEMANDS", (refuse,))
    with pytest.raises(CheckError, match="lines"):
        matcalc.derive("a'*x", wrt="x")


def test_sizes_that_numbers_tie_are_the_same_and_those_that_contradict_each_other_are_refused() -> None:
    d = matcalc.derive("sum((v*u').*A)", "u", dims={"u": ("2*n",), "v": ("n",), "A": ("n", 1000)})
    assert d.result.plain == "A'*v"
    with pytest.raises(matcalc.MatcalcError, match="no small sizes satisfy 3p = n\\+1, 3p = n"):
        matcalc.derive("tr(kron(P, eye(p))*X)", dims={"P": (3, 3), "X": ("n+1", "n")})
