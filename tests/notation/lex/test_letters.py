"""Letters by convention."""

from __future__ import annotations

import pytest

from matcalc.notation.lex.habits import base_of, is_increment, is_letter


@pytest.mark.parametrize(("text", "base"), [("x_1", "x"), ("theta_0", "theta"), ("W", "W"), ("h^(l)", "h")])
def test_the_letter_behind_a_label(text: str, base: str) -> None:
    assert base_of(text) == base


@pytest.mark.parametrize(
    ("name", "yes"), [("x", True), ("x_1", True), ("lambda", True), ("loss", False), ("Wx", False), ("mu_k", True)]
)
def test_one_letter(name: str, yes: bool) -> None:
    assert is_letter(name) is yes


def test_increments() -> None:
    assert all(map(is_increment, ("Deltax", "Deltax_1", "Deltatheta", "DeltaW")))
    assert not any(map(is_increment, ("Delta", "Delta_x", "deltax")))
