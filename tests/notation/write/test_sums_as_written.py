"""Sums as they were written: read back as the same tree, and nothing of the input goes into LaTeX as it stands."""

from __future__ import annotations

import pytest

from matcalc.notation.parse.statements import Names
from matcalc.notation.parse.statements import read as parse
from matcalc.notation.write.sums_as_written import written
from tests.meanings import read


def tree(text: str):  # type: ignore[no-untyped-def]
    (statement,) = parse(text, Names(("x", "y", "A", "w", "W")), "latex").statements
    return statement.body


@pytest.mark.parametrize(
    "text",
    [
        r"\sum_{i=1}^n x_i y_i", r"\sum_{i,j} A_{ij} x_j", r"\sum_i (x_i - y_i)^2", r"\prod_i x_i", r"\max_i x_i",
        r"\sum_i \log x_i + s", r"\left( \sum_i x_i \right)^2", r"\frac{\sum_i x_i}{n}",
    ],
)  # fmt: skip
def test_latex_is_read_back(text: str) -> None:
    node = tree(text)
    _, latex = written(node)
    assert read(latex, notation="latex") is read(text, notation="latex")


def test_unicode() -> None:
    assert (
        written(tree(r"\sum_{i=1}^n x_i y_i"))[0].startswith("Σ_{i=1}^n x_i y_i")
        or "Σ" in written(tree(r"\sum_{i=1}^n x_i y_i"))[0]
    )
    assert "Π" in written(tree(r"\prod_i x_i"))[0]


def test_brackets_by_level() -> None:
    text, latex = written(tree(r"\sum_i x_i + s"), (), 4)
    assert text.startswith("(") and text.endswith(")") and r"\left(" in latex
