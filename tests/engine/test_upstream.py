"""The pullback as a gradient: of ⟨upstream, value⟩."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.engine.upstream import with_upstream


@pytest.mark.parametrize("text, dims, want", [
    ("x'*x", {}, "upstream*x'*x"), ("A*x", {}, "upstream'*A*x"), ("x'*A", {}, "upstream*(x'*A)'"),
    ("A*B", {}, "sum(upstream .* (A*B))"), ("upstream*x", {"upstream": ()}, "upstream1'*(upstream*x)"),
])  # fmt: skip
def test_a_scalar_for_every_kind(text: str, dims: dict[str, tuple[str, ...]], want: str) -> None:
    problem = matcalc.parse(text, dims)._problem
    name, found = with_upstream(problem)
    again = matcalc.parse(want, {**problem.dims, **found.dims})
    assert found.output.type.kind == "s" and name not in problem.symbols and name in found.symbols
    assert matcalc.equal(matcalc.answers.Expr(found.output, found), again)
