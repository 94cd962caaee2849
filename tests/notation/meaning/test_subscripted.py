"""Products by subscripts, and stacks of matrices: NumPy says what they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import MatcalcError, ShapeError
from matcalc.notation.meaning.subscripted import ranks
from matcalc.notation.parse.statements import Names, read

RNG = np.random.default_rng(8)
SIZES = {"A": (2, 5, 3), "C": (2, 3, 4), "x": (2, 3), "W": (3, 4), "v": (3,), "V": (4, 5), "u": (5,), "X": (5, 3)}
AT = {n: RNG.normal(size=s) for n, s in SIZES.items()}
TEXTS = {
    "np.sum(np.einsum('bij,bj->bi', A, x)**2)": "x",
    "np.sum(np.einsum('bij,bjk->bik', A, C)**2)": "A",
    "np.sum(np.einsum('...ij,...j->...i', A, x)**2)": "x",
    "np.sum(np.einsum('...i,ij->...j', X, W)**2)": "W",
    "np.sum(np.einsum('...i,ij', A, W)**2)": "W",
    "np.sum(np.einsum('...ij,...j->...i', A, v)**2)": "v",
    "np.sum((A @ C)**2)": "C",
    "np.sum((A @ W)**2)": "W",
    "np.sum((A @ v)**2)": "v",
    "np.sum((V @ A)**2)": "V",
    "np.sum((u @ A)**2)": "u",
}


@pytest.mark.parametrize("text", TEXTS)
def test_values_and_slopes(text: str) -> None:
    used = {n: AT[n] for n in AT if n in text.replace("np", "").replace("sum", "").replace("einsum", "")}
    d = matcalc.derive(text, TEXTS[text], {n: SIZES[n] for n in used})
    value, slope = d.function()(**{n: used[n] for n in d.dims})
    assert value == pytest.approx(float(eval(text, {"np": np, **used})))  # literal texts of this file
    for i in list(np.ndindex(slope.shape))[::3]:
        e = np.zeros(slope.shape)
        e[i] = 1e-6
        up, down = (eval(text, {"np": np, **used, TEXTS[text]: used[TEXTS[text]] + s * e}) for s in (1, -1))
        assert slope[i] == pytest.approx((up - down) / 2e-6, rel=1e-5, abs=1e-6)


def test_subscripts_tell_how_many_axes_a_name_has() -> None:
    text = "s = np.einsum('bij,bj->bi', A, x) @ w + np.einsum('ij,j->i', T, z)"
    assert ranks(read(text, Names()).statements, {"T"}) == {"A": "t", "x": "m", "z": "c"}
    both = "s = np.einsum('ij,j->', A, x) + np.einsum('ijk,k->', A, x)"
    assert ranks(read(both, Names()).statements, ()) == {"x": "c"}
    d = matcalc.derive("np.sum(np.einsum('bij,bj->bi', A, x)**2)", "x")
    assert {n: len(s) for n, s in d.dims.items()} == {"A": 3, "x": 2}
    assert len(matcalc.derive("torch.einsum('bd,kd->bk', x, W).sum()", "W").dims["x"]) == 2


def test_what_does_not_fit_is_refused() -> None:
    for text in ("np.sum(np.einsum('...ij,...j->...i', A, u))", "np.sum(A @ X)", "np.sum(np.einsum('ijk,k->', X, v))"):
        with pytest.raises(MatcalcError):
            matcalc.derive(text, dims=SIZES)


ONE = {"A": (1, 1), "B": (1, 3), "C": (3, 1), "x": (3,), "y": (1,), "a": ()}
ONES = [  # text, the array it is
    ("einsum('ij,jk->ik', A*A, B)", lambda v: v["A"] ** 2 * v["B"]),
    ("einsum('ij,ik->ijk', B*C, A)", lambda v: (v["B"] @ v["C"])[:, :, None] * v["A"]),
    ("einsum('i,ij->ij', B*C, A)", lambda v: v["B"] @ v["C"] * v["A"]),
    ("einsum('ij,kj->ikj', exp(C), A)", lambda v: np.einsum("ij,kj->ikj", np.exp(v["C"]), v["A"])),
    ("einsum('ij,j->i', x, y)", lambda v: v["x"] * v["y"]),
]


@pytest.mark.parametrize(("text", "value"), ONES)
def test_values_of_one_row_or_column_have_two_axes_where_letters_say_so(text: str, value: Callable[[Any], Any]) -> None:
    """So results with sizes of one are printed, whose matrices are read as columns, rows and numbers."""
    at = {n: RNG.normal(size=s) for n, s in ONE.items()}
    read_ = matcalc.parse(text, dims=ONE).evaluate({n: v[:, 0] if n == "C" else v for n, v in at.items() if n in text})
    assert np.allclose(np.ravel(read_), np.ravel(value(at)))


def test_a_letter_that_may_have_another_size_says_nothing_of_the_kind() -> None:
    texts = (
        "einsum('ij,j->i', x, z)",
        "einsum('ij,jk->ik', x, C*x')",
        "einsum('ii->', x)",
        "einsum('ij->', x)",
        "einsum('ii->', a)",
        "np.einsum('ij->ji', x)",
    )
    for text in texts:
        with pytest.raises(ShapeError, match="names 2 axes"):
            matcalc.parse(text, dims=ONE)
