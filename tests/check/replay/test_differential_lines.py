"""Lines by differentials and by entries: contracted with directions they are what the rows give, and altered ones are not."""

from __future__ import annotations

from typing import Any

import pytest

from matcalc.check.replay.differential_lines import by_axes, contracted, direction
from matcalc.expr.nodes import make, transpose
from tests.nodes import read
from tests.replays import altered, derived

DIMS = {"A": ("n", "n"), "x": ("n",)}
CASES: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("x'*A*x", {"style": "differential", "dims": DIMS}, ("differential", "result")),
    ("x'*A*x", {"kind": "hessian", "wrt": "x", "dims": DIMS}, ("differential", "result")),
    ("s = u'*tanh(W*x)", {"style": "elementwise"}, ("entries",)),
    ("logdet(A)", {"structure": {"A": "symmetric"}, "dims": {"A": ("n", "n")}}, ("structure",)),
    ("z = W*x", {"wrt": "W_{23}", "dims": {"W": (3, 4)}}, ("selected",)),
    ("Z = A*X*B", {"wrt": "X[2,:]", "dims": {"X": (3, 4)}}, ("selected",)),
]


@pytest.mark.sample(3)
@pytest.mark.parametrize(("text", "options", "kinds"), CASES, ids=[f"{c[0]} {c[2]}" for c in CASES])
def test_true_lines_follow_and_altered_ones_do_not(text: str, options: dict[str, Any], kinds: tuple[str, ...]) -> None:
    d = derived(text, **options)
    assert d.replay()
    found = list(altered(d, *kinds))
    assert found
    for step, report in found:
        assert not report, (step.kind, step.rule)


def test_contractions() -> None:
    """The last axes of a Jacobian summed against a direction."""
    x = read("x")
    d = direction(x)
    assert d is not x and d.type == x.type and d is not make("d", (x,))
    assert contracted(read("A"), [d]).type == x.type
    assert by_axes(transpose(x)) is x and by_axes(x) is x
