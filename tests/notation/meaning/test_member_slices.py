"""Of which arrays the members of a sum are slices."""

from __future__ import annotations

import matcalc
from matcalc.notation.meaning.member_slices import members_of


def test_members_are_what_their_slices_say() -> None:
    """Declared slices leave nothing to ask about y_i and x_i."""
    slices = {"x_i": ("X", ("i", ":")), "y_i": ("y", ("i",)), "Z_{ij}": ("T", ("i", "j", ":"))}
    found = members_of(slices)
    assert found["x", 1] == "c" and found["y", 1] == "s" and found["Z", 2] == "c"


def test_a_matrix_of_vectors_is_not_called_like_the_end_of_a_sum() -> None:
    d = matcalc.derive(r"\sum_{i=1}^N (n_i^T x)^2", wrt="x")
    assert set(d.dims) == {"ns", "x"} and d.dims["ns"][0] == "N"
