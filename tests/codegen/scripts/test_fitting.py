"""Sizes of data and parameters: told, solved, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from matcalc.codegen.scripts.fitting import laid_out, sample_axes
from matcalc.expr.dims import add, mul
from matcalc.expr.errors import ShapeError, UsageError

DATA = {"X": ("N", "n"), "y": ("N",)}
PARAMETERS = {"W": ("n", "k"), "b": ("k",)}


def laid(arrays: dict[str, tuple[int, ...]], given: dict[str, int] | None = None, **more: Any) -> Any:
    known = {"data": DATA, "parameters": PARAMETERS, "classes": {"y": ("k", 7)}} | more
    ties, limits = known.pop("ties", ()), known.pop("limits", ())
    return laid_out(known["data"], "y", known["parameters"], arrays, given or {}, ties, limits, known["classes"])


def test_sizes_by_data() -> None:
    found = laid({"X": (50, 3), "y": (50,)})
    assert found.shapes == {"W": (3, 7), "b": (7,)} and found.axes == {"X": 0, "y": 0} and found.samples == "N"
    assert laid({"X": (50, 3), "y": (50,)}, {"k": 10}).shapes == {"W": (3, 10), "b": (10,)}


def test_columns_may_be_samples() -> None:
    found = laid({"X": (3, 50), "y": (50,), "A": (3, 3)}, data={"X": ("n", "N"), "y": ("N",), "A": ("n", "n")})
    assert found.axes == {"X": 1, "y": 0, "A": None}


def test_composed_sizes_are_solved() -> None:
    """Windows of five vectors: X has 5d + 1 columns."""
    found = laid({"X": (9, 251), "y": (9,)}, data={"X": ("N", add(mul(5, "d"), 1)), "y": ("N",)}, parameters={"L": ("k", "d")})
    assert found.shapes == {"L": (7, 50)}
    with pytest.raises(ShapeError, match=r"'X' \[N×5d\] is given as 9×251"):
        laid({"X": (9, 251), "y": (9,)}, {"d": 50}, data={"X": ("N", mul(5, "d")), "y": ("N",)}, parameters={"L": ("k", "d")})


def test_equations_of_the_text_count() -> None:
    assert laid({"X": (9, 6), "y": (9,)}, ties=[("m", mul(2, "n"))], parameters={"W": ("m", "n"), "b": ("k",)}).shapes["W"] == (
        12,
        6,
    )
    with pytest.raises(ShapeError, match="at most"):
        laid({"X": (9, 6), "y": (9,)}, limits=[("n", 5)])


@pytest.mark.parametrize("arrays, given, said", [
    ({"X": (50, 3), "y": (40,)}, {}, "'y' [N] is given as 40, and N is 50\nhint: of N: 'X' has 50, 'y' has 40"),
    ({"X": (50, 3), "y": (50,)}, {"n": 4}, "'X' [N×n] is given as 50×3, and n is 4\nhint: of n: --size n=4, 'X' has 3"),
    ({"X": (50,), "y": (50,)}, {}, "'X' [N×n] is given as 50"),
])  # fmt: skip
def test_what_does_not_fit(arrays: dict[str, Any], given: dict[str, int], said: str) -> None:
    with pytest.raises(ShapeError) as caught:
        laid(arrays, given)
    assert said in str(caught.value)


def test_a_size_that_nobody_tells() -> None:
    with pytest.raises(UsageError, match=r"the data do not tell the size m of W \[n×m\], b \[m\]") as caught:
        laid({"X": (50, 3), "y": (50,)}, parameters={"W": ("n", "m"), "b": ("m",)}, classes={})
    assert caught.value.hint == "--size m=32"
    with pytest.raises(UsageError, match="there is no size 'q': the sizes are N, k, n"):
        laid({"X": (50, 3), "y": (50,)}, {"q": 3})


@pytest.mark.parametrize("data, parameters, said, hint", [
    ({"y": ()}, {}, "the loss is that of one sample", "\\sum_{i=1}^N"),
    ({"y": (100,)}, {}, "'y' has 100 samples by its declaration", "--dim y=N"),
    ({"y": ("N",), "K": ("N", "N")}, {}, "'K' [N×N] has no axis that could be cut in batches", "a row for each sample"),
    ({"y": ("N",)}, {"b": ("N",)}, "'b' [N] has an entry for each of the N samples", "--dim b= --roles b=parameter"),
    ({"y": ("N",)}, {"B": ("N", "m")}, "'B' [N×m] has an entry for each of the N samples", "ones(N)*B', with --dim B=m"),
])  # fmt: skip
def test_losses_that_cannot_be_cut_in_batches(data: Any, parameters: Any, said: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        sample_axes(data, "y", parameters)
    assert said in str(caught.value) and hint in str(caught.value.hint)
