"""Rows of aligned blocks: formulas, sizes and rules on the width of a page."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.printers.breaking import em
from matcalc.printers.latex import FRAGMENT, PAGE
from matcalc.printers.prose import text_latex
from matcalc.printers.setting import align, left_side, prose_em, right_rows, tidy, wrapped, write
from matcalc.printers.story import tell
from tests.printers.test_latex import SCORE, derived, each


@each
@pytest.mark.parametrize("width", [*FRAGMENT.values(), *PAGE.values()])
def test_rows_fit_the_page(expression: str, width: float) -> None:
    for section in tell(derived(expression)).sections:
        rows = [row for rows in align(section.lines, width) for row in rows]
        assert all(em(row.right) <= width for row in rows)
        total = sum(max(em(getattr(row, side)) for row in rows) for side in ("left", "right", "sizes"))
        assert total <= width + 1


def test_where_sizes_and_rules_stand() -> None:
    """Beside the formulas, in one column beside them, or below: what the width allows."""
    lines = tell(matcalc.derive(SCORE, style="elementwise")).sections[1].lines
    reason = r"\text{only }z_{i}\text{ sees }W_{ij}"
    for width, column in ((40, "rule"), (24, "sizes"), (14, "right")):
        rows = [row for rows in align(lines, width) for row in rows]
        assert any(reason in text_latex(getattr(row, column)) for row in rows)
        assert column == "rule" or not any(row.rule for row in rows)
        assert column != "right" or not any(row.sizes for row in rows)


def test_long_formulas_have_half_of_the_page() -> None:
    lines = tell(matcalc.derive("norm2(softmax(Q*K'/sqrt(d))*V - G)^2", wrt="d")).sections[1].lines
    rows = [row for rows in align(lines, PAGE[1]) for row in rows]
    assert max(em(row.right) for row in rows) > PAGE[1] / 2 and not any(
        row.right.startswith(r"\quad {} \mathbf{1}") for row in rows
    )


def test_a_note_stands_below_its_line_in_rows_that_fit() -> None:
    line, *_ = tell(derived(SCORE)).results
    note = r"only \(z_{i}\) sees \(W_{ij}\), and " * 4
    first, *below = align([line], 15, [note])[0]
    rows = [row.right for row in below if r"\text" in row.right]
    assert len(rows) > 3 and max(map(em, rows)) <= 15 and not any(row.sizes or row.left for row in below)
    assert " ".join(rows).count("W_{ij}") == 4 and first.left


def test_words_are_wrapped_between_words_and_in_long_formulas() -> None:
    assert wrapped("one two three", 4) == ["one two", "three"] and wrapped("", 4) == []
    formula = " + ".join(["a_{1}"] * 12)
    rows = wrapped(rf"so \({formula}\), and", 8)
    assert len(rows) > 2 and max(map(prose_em, rows)) <= 8.5 and rows[-1].endswith("and")


def test_a_long_left_side_stands_above() -> None:
    line = tell(matcalc.derive("x'*A*x", wrt="x", kind="hessian")).results[0]
    rows = align([line], 4)[0]
    assert rows[0].left == "" and not rows[0].right.startswith("=") and any(row.right.startswith("= ") for row in rows)
    assert align([line], 40)[0][0].left


def test_brackets_grow_only_where_they_must() -> None:
    assert tidy(r"f\left(z\right)") == "f(z)"
    assert tidy(r"\left(\left(a\right)^{\top} + b\right)") == r"((a)^{\top} + b)"
    assert tidy(r"\left(\frac{a}{b}\right)") == r"\left(\frac{a}{b}\right)"


def test_a_differential_before_a_factor_has_brackets() -> None:
    assert tidy(r"A \, \mathrm{d}X B") == r"A \, (\mathrm{d}X) B" and tidy(r"\mathrm{d}X_{1}^{\top} \Sigma") == (
        r"(\mathrm{d}X_{1}^{\top}) \Sigma"
    )
    for text in (
        r"A \, \mathrm{d}x",
        r"\mathrm{d}x + b",
        r"\mathrm{d}x \odot y",
        r"\mathrm{d}s = A",
        r"\mathrm{d}X \, \mathrm{d}Y",
    ):
        assert tidy(text) == text
    assert r"A \, (\mathrm{d}X) B X^{\top}" in matcalc.derive("tr(A*X*B*X')", wrt="X", style="differential").to_latex()


def test_members_of_an_equality_share_rows_while_they_fit() -> None:
    line = next(line for line in tell(matcalc.derive(SCORE)).lines if len(line.chain) > 2)
    members = [write(member) for member in left_side(line)[1]]
    (row,) = right_rows(members, 1e9)
    assert row.count("= ") == len(members)
    assert len(right_rows(members, 4)) >= len(members)


def test_a_named_derivative_stands_left_with_its_name() -> None:
    line = next(line for line in tell(matcalc.derive(SCORE)).lines if "δ" in line.chain[0].text)
    left, members = left_side(line)
    assert left.startswith(r"\delta = \frac{\partial s}") and len(members) == len(line.chain) - 2
