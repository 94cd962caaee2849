"""Labels of lines lead to rows, and rows have an identity as lines write it."""

from __future__ import annotations

import pytest

from matcalc.algebra.book import book
from matcalc.algebra.identities import called, identity
from matcalc.notation.write.render import LATEX

LABELS = (
    ("trace-is-cyclic", ["trace-is-cyclic"]),
    ("trace is cyclic", ["trace-is-cyclic"]),
    ("transpose", ["transpose", "transpose-rule"]),
    ("log-determinant", ["logdet"]),
    ("chain rule", ["chain"]),
    ("δ put in", ["put-in"]),
    ("∂s/∂z, h and (A + B)⁻¹ put in", ["put-in"]),
    ("S⁻¹ is symmetric", ["symmetric"]),
    ("A is symmetric", ["symmetric"]),
    ("δ put in; transpose of a product", ["put-in", "transpose-of-product"]),
    ("only z_i sees W_ij", ["sees-alone"]),
    ("… is symmetric too", []),
    ("no such label", []),
)


@pytest.mark.parametrize(("label", "names"), LABELS)
def test_what_a_label_names(label: str, names: list[str]) -> None:
    assert [row.name for row in called(book(), label)] == names


def test_each_row_is_called_by_its_name_and_by_its_words() -> None:
    for row in book().rows().values():
        assert called(book(), row.name)[0] is row and row in called(book(), row.words), row


IDENTITIES = (
    ("trace-is-cyclic", "tr(A B) = tr(B A)"),
    ("product", "d(A B) = dA B + A dB"),
    ("inverse", "d(X⁻¹) = -X⁻¹ dX X⁻¹"),
    ("chain", "⟨g, W l⟩ = ⟨Wᵀ g, l⟩"),
    ("constant-entries", "d(a 𝟏 𝟏ᵀ) = da 𝟏 𝟏ᵀ"),
    ("put-in", ""),
)


@pytest.mark.parametrize(("name", "text"), IDENTITIES)
def test_the_identity_of_a_row(name: str, text: str) -> None:
    assert identity(book().rows()[name]) == text


def test_every_row_but_a_convention_has_an_identity() -> None:
    for row in book().rows().values():
        for style in ({}, {"style": LATEX}):
            assert bool(identity(row, **style)) == (row.group != "convention"), row
    assert identity(book().rows()["chain"], LATEX) == r"\langle g, W l \rangle = \langle W^{\top} g, l \rangle"
