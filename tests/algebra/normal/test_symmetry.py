"""Symmetric by structure, from what is declared."""

from __future__ import annotations

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.symmetry import is_symmetric
from tests.laws import read


def test_symmetric_by_structure() -> None:
    n = Normalizer({"S": frozenset({"symmetric"})})
    for text in ("A + A'", "A*A'", "A'*S*A", "diag(x)", "inv(S)", "S^3", "2*S"):
        assert is_symmetric(n, read(text)), text
    for text in ("A", "A*S", "A - A'", "A'*B*A", "S*diag(x)"):
        assert not is_symmetric(n, read(text)), text
