"""Values that somebody has named, found in what is differentiated."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.check.work.cut_values import cut_at
from matcalc.check.work.world import points_of
from matcalc.expr.nodes import postorder

DIMS = {"A": ("m", "n"), "x": ("n",), "b": ("m",), "y": ("m",)}


@pytest.mark.parametrize(
    ("whole", "part", "stands"),
    [
        ("norm2(A*x - b)^2", "A*x - b", True),
        ("norm2(A*x - b)^2", "A*x", True),
        ("sum(exp(A*x)) - y'*A*x", "A*x", True),
        ("norm2(A*x + b - y)^2", "A*x - y", True),
        ("x'*A'*y", "A*x", True),
        ("norm2(A*x - b)^2 + norm2(x)^2", "A*x - b", True),
        ("norm2(b)^2 + y'*A*x", "A*x - b", False),
    ],
)
def test_cuts(whole: str, part: str, stands: bool) -> None:
    e, p = (matcalc.parse(text, dims=DIMS) for text in (whole, part))
    points = points_of(e._problem, [e.node, p.node], {}, {}, 0)
    found = cut_at(points, e.node, p.node)
    assert (found is not None) is stands
    if found is not None:
        assert p.node in postorder((found,))
        assert all(abs(point.value(found) - point.value(e.node)).max() < 1e-9 for point in points)
