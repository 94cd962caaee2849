"""The two passes apart: what the second reads of the first."""

from __future__ import annotations

import matcalc
from matcalc.codegen.products.calling import task_of_class
from matcalc.codegen.targets.two_passes import Passes, passes


def both(text: str, **options: object) -> Passes:
    d = matcalc.derive(text, check=False, **options)
    return passes(task_of_class(d, d._pulled_back()))


def test_values_are_what_the_first_pass_computes() -> None:
    found = both("s = u' * tanh(W*x + b)", wrt="W")
    assert (found.arguments, found.values) == (["u", "W", "x", "b"], ["h"])
    assert found.saved() == ["u", "x", "h"] and found.saved(["b"]) == ["u", "x", "b", "h"]


def test_sizes_are_named_again_from_arguments() -> None:
    found = both("mean(X)", dims={"X": ("n", "m")})
    assert found.values == [] and all("X" in line for line in found.sizes) and found.sizes
    assert found.saved() == ["X"]
