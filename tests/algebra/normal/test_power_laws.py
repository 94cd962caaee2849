"""Powers and roots of scalars and of entries."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.algebra.normal.normal_form import normal
from matcalc.notation.write.program import plain
from tests.laws import form, require_law

LAWS = [
    ("s*s", "s^2"),
    ("s^2/s", "s"),
    ("s*x/s", "x"),
    ("(s*t)^2", "s^2*t^2"),
    ("sqrt(s)*sqrt(s)", "s"),
    ("sqrt(s^2)", "sqrt(s^2)"),
    ("sqrt(x) .* sqrt(x)", "x"),
    ("x.^(1/2)", "sqrt(x)"),
    ("s^2*s^3", "s^5"),
    ("(s^2)^3", "s^6"),
    ("1/s/s", "1/s^2"),
    ("(2*s)^3", "8*s^3"),
    ("(x.^2).^2 ./ x", "x.^3"),
    ("(2*x).^3", "8*x.^3"),
    ("s^t*s^t", "(s^t)^2"),
    ("s^0", "1"),
]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("norm2(x)/(sqrt(n)*sqrt(m))", "norm2(x)/sqrt(m*n)"),
        ("sqrt(norm2(x)^2/n)*sqrt(n)", "norm2(x)"),
        ("sqrt(norm2(x)^2/4)", "norm2(x)/2"),
        ("(norm2(x)^2)^(3/2)", "norm2(x)^3"),
        ("sqrt(norm2(x)^2*s)", "sqrt(s)*norm2(x)"),
        ("sqrt(9*s)*sqrt(4)", "2*sqrt(9*s)"),
    ],
)
def test_roots_of_products(text: str, want: str) -> None:
    """A factor leaves a root where it is not negative. The values agree, and the form is that of the other writing."""
    sizes = {"x": ("n",), "s": (), "A": ("m", "n")}
    left, right = matcalc.parse(f"{text} + 0*sum(A)", sizes), matcalc.parse(f"{want} + 0*sum(A)", sizes)
    assert normal(left.node) is normal(right.node)
    at = {"x": np.array([1.0, -2.0, 3.0]), "s": 1.7, "A": np.ones((2, 3))}
    shown = matcalc.parse(f"{plain(normal(left.node))} + 0*sum(A)", sizes)
    assert np.isclose(shown.evaluate(at), left.evaluate(at))


def test_a_root_of_a_square_is_not_the_base() -> None:
    """s may be negative."""
    assert form("sqrt(s^2)") == "sqrt(s^2)" and form("(s^2)^(1/2)") == "sqrt(s^2)"
