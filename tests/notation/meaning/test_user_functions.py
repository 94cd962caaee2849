"""Functions that the text defines: with a name, entry by entry, or put in place."""

from __future__ import annotations

import pytest

from matcalc.api import read_problem
from matcalc.expr.errors import MatcalcError
from matcalc.expr.nodes import postorder


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("q(x); q(v) = v'*A*v", "x'*A*x"),
        ("q(x) + q(y); q(v) = a*v'*v", "a*x'*x + a*y'*y"),
        ("sum(g(x)); g(v) = a*v.^2", "sum(a*x.^2)"),
    ],
)
def test_other_bodies_are_put_in_place(text: str, other: str) -> None:
    dims = {"A": ("n", "n"), "x": ("n",), "y": ("n",), "a": ()}
    assert read_problem(text, dims).output is read_problem(other, dims).output


def test_a_body_of_its_parameter_alone_has_a_name() -> None:
    p = read_problem("u'*g(x); g(t) = t^2 + 1")
    assert set(p.own) == {"g"} and any(n.op == "fn" for n in postorder((p.output,)))


@pytest.mark.parametrize(
    "text",
    ["q(x, y); q(v) = v'*v", "g(x); g(pi) = pi^2", "g(x); g(t) = g(t)", "q(x); q(v, w) = v'*w", "u'*g(x); g(t) = det(t)*A"],
)
def test_definitions_that_make_no_sense(text: str) -> None:
    with pytest.raises(MatcalcError):
        read_problem(text, {"x": ("n",), "y": ("n",), "A": ("n", "n"), "u": ("n",)})


def test_chains_of_definitions_end() -> None:
    links = "; ".join(f"g{i}(v) = g{i + 1}(v)'*g{i + 1}(v)*v" for i in range(60))
    with pytest.raises(MatcalcError):
        read_problem(f"g0(x); {links}; g60(v) = v'*v*v", {"x": ("n",)})
