"""Of which arrays the members of a sum are slices."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.notation.meaning.one_reading import members_of


def test_members_are_what_their_slices_say() -> None:
    """Declared slices leave nothing to ask about y_i and x_i."""
    slices = {"x_i": ("X", ("i", ":")), "y_i": ("y", ("i",)), "Z_{ij}": ("T", ("i", "j", ":"))}
    found = members_of(slices)
    assert found["x", 1] == "c" and found["y", 1] == "s" and found["Z", 2] == "c"


def test_a_matrix_of_vectors_is_not_called_like_the_end_of_a_sum() -> None:
    d = matcalc.derive(r"\sum_{i=1}^N (n_i^T x)^2", wrt="x")
    assert set(d.dims) == {"ns", "x"} and d.dims["ns"][0] == "N"


@pytest.mark.parametrize(
    ("dims", "lines"),
    [
        ({"X": ("n", "m")}, "rows"),
        ({"X": ("n", "m"), "w": ("m",)}, "rows"),
        ({"X": ("m", "n"), "w": ("m",)}, "columns"),
        ({"X": ("m", "n"), "y": ("n",)}, "columns"),
    ],
)
@pytest.mark.parametrize("text", [r"\sum_i (w^T x_i - y_i)^2", "sum_i (w'*x_i - y_i)^2"])
def test_the_vectors_of_a_declared_matrix_are_its_rows_or_where_its_sizes_say_so_its_columns(
    dims: dict[str, tuple[str, ...]], lines: str, text: str
) -> None:
    """The x_i were those of another matrix, of which nobody had spoken, and the derivative by X was 0."""
    d = matcalc.derive(text, wrt=["w", "X"], dims=dims)
    assert any(f"the {lines} of X" in note for note in d.warnings) and set(d.dims) == {"X", "w", "y"}
    rng = np.random.default_rng(0)
    rows, w, y = rng.standard_normal((4, 3)), rng.standard_normal(3), rng.standard_normal(4)
    X = rows if lines == "rows" else rows.T
    by_w, by_rows = 2 * rows.T @ (rows @ w - y), 2 * np.outer(rows @ w - y, w)
    found = [np.asarray(r.evaluate({"X": X, "w": w, "y": y})) for r in d.results]
    assert np.allclose(found[0], by_w) and np.allclose(found[1], by_rows if lines == "rows" else by_rows.T)


def test_what_is_noticed_of_a_declared_matrix_says_the_other_way() -> None:
    text, dims = r"\sum_i (w^T x_i - y_i)^2", {"X": ("n", "m")}
    (note,) = matcalc.derive(text, wrt="w", dims=dims).warnings
    said = dict([note.rpartition("--index ")[2].partition(" says")[0].strip("'").split("=")])
    assert matcalc.derive(text, wrt="w", dims=dims, index=said).result.plain == "2*X*(X'*w - y)"
