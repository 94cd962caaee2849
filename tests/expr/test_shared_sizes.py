"""Sizes of names that stand in two texts."""

from __future__ import annotations

import matcalc
from matcalc.expr.dims import add
from matcalc.expr.shared_sizes import shared_sizes


def test_both_texts_say_something() -> None:
    left, right = {"A": ("n", "m"), "B": ("m", "k")}, {"B": ("n", "m"), "A": ("m", "k")}  # A*B and B*A
    assert shared_sizes(left, right) == {"A": ("n", "m"), "B": ("m", "n")}
    assert shared_sizes({"A": ("n", "m")}, {"A": ("n", "n"), "x": ("k",)}) == {"A": ("n", "n"), "x": ("k",)}


def test_a_name_of_one_text_is_kept_from_a_size_of_the_other() -> None:
    """Both texts call a size n, and mean two."""
    assert shared_sizes({"x": ("n",)}, {"y": ("n",)}) == {"x": ("n",), "y": ("n1",)}


def test_sums_of_sizes() -> None:
    found = shared_sizes({"x": (add("n", "m"),), "y": ("m",)}, {"x": ("k",)})
    assert found is not None and found["x"] == (add("n", "m"),)


def test_what_does_not_fit() -> None:
    assert shared_sizes({"x": ("n",)}, {"x": ()}) is None
    assert shared_sizes({"x": (2,)}, {"x": (3,)}) is None
    assert shared_sizes({"x": ("n",)}, {"x": ("m",)}, declared=("n", "m")) is None


def test_texts_that_one_after_the_other_do_not_fit() -> None:
    """A*B alone leaves A [n×m] and B [m×k] open; det(A) alone says that A is square."""
    assert matcalc.equal("det(A*B)", "det(A)*det(B)")
    assert matcalc.equal("A*B", "B*A").sizes == (("n", "n"), ("m", "m"))
    assert matcalc.equal("tr(A*B)", "tr(B*A)")
