"""The lines that say how a sum over indices became an expression without indices."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.engine.vectorised import RULE

DIMS = {"A": ("m", "n"), "x": ("n",), "y": ("n",), "X": ("m", "n"), "w": ("n",)}


def sums(text: str, **options: object) -> list[object]:
    d = matcalc.derive(text, dims={k: v for k, v in DIMS.items() if k in text}, **options)  # type: ignore[arg-type]
    return [s for s in d.steps if s.rule == RULE]


@pytest.mark.parametrize(
    ("text", "right"),
    [(r"\sum_{i=1}^{n} x_i y_i", "sum(x ∘ y)"), (r"\sum_{i=1}^n x_i^2", "sum(x^∘2)"), (r"\sum_i \exp(x_i)", "sum(exp(x))")],
)
def test_the_line_and_its_check(text: str, right: str) -> None:
    (line,) = sums(text)
    assert "∑" in line.chain[0].text or "Σ" in line.chain[0].text  # type: ignore[attr-defined]
    assert line.rhs.text == right and line.check.max_relative_error < 1e-12  # type: ignore[attr-defined]


def test_the_sentence_says_why() -> None:
    (line,) = sums(r"\sum_{i=1}^{n} x_i y_i")
    assert "all terms at once" in line.note  # type: ignore[attr-defined]


def test_without_sums_there_is_no_line() -> None:
    assert sums("x'*y") == []


def test_each_sum_has_one() -> None:
    assert len(sums(r"\sum_i x_i y_i + \sum_i \exp(x_i)")) == 2
