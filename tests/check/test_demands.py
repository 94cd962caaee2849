"""What must hold of a derivation wherever it is evaluated: results have the shapes that were asked for."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.check.demands import DEMANDS, require_shapes
from matcalc.check.judged import Trace
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import zeros
from matcalc.expr.table import Type


def judged(text: str, wrong: Type | None = None) -> Trace:
    d = matcalc.derive(text, wrt="x", check=False)
    results = [r if wrong is None else r._replace(expr=zeros(wrong)) for r in d.trace.results]
    return Trace(d.problem, d.trace.steps, results, d.trace.waypoints, {}, {}, 0, 2)


def test_shapes() -> None:
    assert require_shapes in DEMANDS
    require_shapes(judged("a'*x"))
    with pytest.raises(CheckError, match=r"has the shape \[k\]"):
        require_shapes(judged("a'*x", Type("c", "k", 1)))


def test_every_derivation_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from matcalc.check import report

    def refuse(trace: Trace) -> None:
        raise CheckError(f"{len(trace.steps)} lines")

    monkeypatch.setattr(report, "DEMANDS", (refuse,))
    with pytest.raises(CheckError, match="lines"):
        matcalc.derive("a'*x", wrt="x")
