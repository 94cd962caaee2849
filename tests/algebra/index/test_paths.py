"""Sums at shared nodes: a derivative with many terms is the one that is multiplied out, and is as long as the graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.algebra.index import paths
from matcalc.expr.nodes import postorder
from tests.system.test_growth import nested, squares_and_more

ROOM = {"A": ("n", "n"), "x": ("n",)}
RNG = np.random.default_rng(0)
ARRAYS = {"A": RNG.normal(size=(3, 3)) / 2, "x": RNG.normal(size=3), "W": RNG.normal(size=(3, 3)), "u": RNG.normal(size=3)}
CASES = {
    "a matrix, then a vector": {"expression": nested("tanh(A*", 4), "dims": ROOM, "kind": "mixed", "wrt": ["A", "x"]},
    "a vector, then a matrix": {"expression": nested("tanh(A*", 4), "dims": ROOM, "kind": "mixed", "wrt": ["x", "A"]},
    "a vector twice": {"expression": nested("tanh(A*", 4), "dims": ROOM, "kind": "hessian", "wrt": "x"},
    "a matrix twice": {"expression": nested("tanh(A*", 3), "dims": ROOM, "kind": "hessian", "wrt": "A"},
    "with a property": {"expression": "x'*A*x*" + nested("tanh(A*", 3), "dims": ROOM, "kind": "mixed", "wrt": ["x", "A"],
                        "assume": {"A": "symmetric"}},
    "layer norms": {"expression": "u'*layernorm(W*layernorm(W*x))", "kind": "hessian", "wrt": "x"},
    "scalars": {**squares_and_more(4), "kind": "hessian", "dims": {"x": ("n",)}},
    "no path": {"expression": "u'*W*x", "kind": "hessian", "wrt": "x"},
}  # fmt: skip


@pytest.mark.sample(4)
@pytest.mark.parametrize("problem", CASES.values(), ids=CASES)
def test_summed_and_multiplied_out_are_the_same(problem: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    values = []
    for many in (10**9, 1):
        monkeypatch.setattr(paths, "MANY", many)
        d = matcalc.derive(**problem)
        assert d.checked is not None and d.checked.passed
        symmetric = {"A": ARRAYS["A"] + ARRAYS["A"].T} if "assume" in problem else {}
        given = {**ARRAYS, **symmetric}
        values.append(d.results[0].evaluate({name: given[name] for name in d.dims}))
    assert np.allclose(values[0], values[1], rtol=1e-9, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("wrt", [["A", "x"], ["x", "A"], ["x", "x"]])
def test_terms_of_deep_functions_are_linear_in_the_depth(wrt: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """There are n (n + 1)/2 pairs of layers."""
    lowered: list[int] = []
    original = paths.close
    monkeypatch.setattr(paths, "close", lambda *a: (lowered.append(1), original(*a))[1])

    def terms(n: int) -> int:
        lowered.clear()
        how: dict[str, Any] = {"kind": "hessian", "wrt": "x"} if wrt == ["x", "x"] else {"kind": "mixed", "wrt": wrt}
        matcalc.derive("(" + nested("tanh(A*", n) + ")^2", dims=ROOM, check=False, **how)
        return len(lowered)

    assert terms(30) > 30 and terms(60) < 2.2 * terms(30)


@pytest.mark.sample(2)
@pytest.mark.parametrize("op", ["tanh", "softmax"])
def test_results_of_deep_functions_are_linear_in_the_depth(op: str) -> None:
    """The Jacobian of each layer by x is a product as long as the depth, and stands in the derivative by A of each layer."""

    def sizes(n: int) -> tuple[int, int]:
        d = matcalc.derive(f"sum({nested(f'{op}(A*', n)}.^2)", dims=ROOM, kind="mixed", wrt=["A", "x"], check=False)
        return len(postorder([r.expr for r in d.trace.results])), max(len(s.text) for s in d.steps)

    (nodes, longest), (more, longer) = sizes(20), sizes(40)
    assert more < 2.2 * nodes and longer < 3 * longest


@pytest.mark.slow
def test_hessians_of_any_depth() -> None:
    """What had four times as many terms at each step."""
    for text in ("u'*" + "softmax(W*" * 12 + "x" + ")" * 12, "u'*" + "layernorm(W*" * 12 + "x" + ")" * 12):
        d = matcalc.derive(text, "x", kind="hessian")
        assert d.checked is not None and d.checked.passed and len(d.to_text()) < 40_000


@pytest.mark.parametrize(
    ("op", "slot", "found"), [("dsqrtm", 1, True), ("dsqrtm", 0, False), ("hadamard", 1, False), ("sum", 0, False)]
)
def test_the_vec_row_of_an_argument_that_is_a_matrix(op: str, slot: int, found: bool) -> None:
    assert (paths.vec_row(op, slot) is not None) is found
