"""Directions of matrices with tied entries."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.check.tied import tied_direction


@pytest.mark.parametrize(
    "structure", ["symmetric", "skew", "diagonal", "lower-triangular", "upper-triangular", "toeplitz", "symmetric-toeplitz"]
)
def test_tied_entries_have_the_structure_and_as_many_parameters(structure: str) -> None:
    from matcalc.numeric.properties import HOLDS

    free, direction = tied_direction(np.random.default_rng(0), structure, 4)
    assert HOLDS[structure](direction)
    count = {"symmetric": 10, "skew": 6, "diagonal": 4, "lower-triangular": 10, "upper-triangular": 10, "toeplitz": 7}
    assert np.count_nonzero(free) == count.get(structure, 4)
