"""A false line about an entry is found: another entry, or a factor."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import matcalc
from matcalc.engine.derivation import Step
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import Expr, make, num, substitute


def twice(e: Expr) -> Expr:
    return make("scale", (num(2), e))


def beside(e: Expr) -> Expr:
    """x[2] in place of x[3]."""
    entry = next(n for n in e.args if n.op == "entry" and n.attr == (3,))
    return substitute((e,), {entry: make("entry", entry.args, (2,), entry.type)})[0]


@pytest.mark.parametrize("spoil", [twice, beside])
def test_a_false_entry_is_found(spoil: Callable[[Expr], Expr]) -> None:
    d = matcalc.derive("s = u' * tanh(W*x + b)", wrt="W_{23}", check=False)
    (r,) = d.trace.results
    wrong = r.named._replace(expr=spoil(r.expr))

    def spoiled(step: Step) -> Step:
        return step._replace(rhs=wrong, members=()) if step.kind == "selected" else step

    d.trace = d.trace._replace(
        steps=tuple(map(spoiled, d.trace.steps)),
        boxes=tuple(map(spoiled, d.trace.boxes)),
        results=(r._replace(expr=wrong.expr, named=wrong),),
    )
    with pytest.raises(CheckError, match="failed its numeric check"):
        d.check()
    assert not d.replay()
