"""What lines and results mention, with what it stands for: each formula uses only names before it."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.nodes import Expr, postorder
from matcalc.printers.shared import definitions


@pytest.mark.parametrize("text", ["s = u'*f(W*x + b)", "x'*A*x", "norm2(tanh(A*x))^2", "s = a'*y; y = softmax(z); z = W*a"])
def test_each_uses_what_stands_before_it(text: str) -> None:
    said: set[Expr] = set()
    for definition in definitions(matcalc.derive(text, check=False)):
        inside = [e for e in postorder((definition.value.expr,)) if e.op in ("partial", "d")]
        assert definition.name.expr not in said and set(inside) <= said
        said.add(definition.name.expr)


def test_values_come_first_and_then_derivatives() -> None:
    found = [d.name.text for d in definitions(matcalc.derive("s = u'*f(W*x + b)", check=False))]
    assert found[:3] == ["z", "h", "s"] and any("∂s/∂z" in name or name == "δ" for name in found)


def test_what_nothing_mentions_is_left_out() -> None:
    """Of the gradients of a sum nothing uses the other."""
    names = [d.name.expr for d in definitions(matcalc.derive("s = x'*y", check=False))]
    assert not any(e.op == "partial" for e in names)
