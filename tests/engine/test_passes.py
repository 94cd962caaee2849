"""The order of the two passes, and costs put together."""

from __future__ import annotations

import matcalc
from matcalc.engine.passes import Cost, in_order


def test_values_before_their_users_and_gradients_after_those_they_use() -> None:
    d = matcalc.derive("J = -y'*log(softmax(W2*tanh(W1*x+b1)+b2))", wrt=["W1", "b1", "W2", "b2"])
    forward, backward = in_order(d.steps)
    known = {str(s.attr) for s in d.problem.symbols.values()}
    for step in forward:
        assert {n for n in _names(step.rhs.expr)} <= known
        known.add(str(step.lhs.expr.attr))
    assert [s.lhs.expr.args[1].attr for s in backward[-4:]] == ["W1", "b1", "W2", "b2"] or len(backward) == 7
    assert [s.rhs.plain for s in backward] and all(s.lhs.expr.op == "partial" for s in backward)
    by = [s.lhs.expr.args[1] for s in backward]
    assert len(set(by)) == len(by)  # each gradient once
    for r in d.results:
        (line,) = [s for s in backward if s.lhs.expr.args[1].attr == r.wrt]
        assert line.rhs.shape == r.shape


def _names(e: object) -> set[str]:
    from matcalc.expr.nodes import names_in

    return names_in([e])  # type: ignore[list-item]


def test_what_is_saved() -> None:
    cost = Cost(10, 25, (("a", 15), ("b", 20)))
    assert cost.apart == 35 and cost.saved == 10


def test_laws_that_shorten_a_line_count_and_what_is_put_in_does_not() -> None:
    d = matcalc.derive("J = -y'*log(softmax(V*tanh(W*x + b)))", assume={"y": "one-hot"}, wrt=["V", "W", "b"])
    backward = {s.lhs.expr.args[1].attr: s.rhs.text for s in in_order(d.steps)[1]}
    assert backward["a"] == "(softmax(a) - y)ᵀ"  # y sums to 1
    assert backward["W"] == "δ₂ᵀ xᵀ" and backward["b"] == "δ₂ᵀ"


def test_blocks_have_their_lines_and_what_they_are_cut_from_its_own() -> None:
    d = matcalc.derive("J = u'*tanh(W*[x; y; z])", dims={"x": ("d",), "y": ("d",), "z": ("d",)})
    backward = {s.lhs.plain: s.rhs.text for s in in_order(d.steps)[1]}
    assert list(backward)[-3:] == ["d(J)/d(x)", "d(J)/d(y)", "d(J)/d(z)"] and backward["delta_window"] == "δ W"
