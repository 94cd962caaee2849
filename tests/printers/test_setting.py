"""Rows of aligned blocks: formulas, sizes and rules on the width of a page."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.dims import add, mul
from matcalc.expr.table import Type
from matcalc.printers.breaking import em
from matcalc.printers.latex import FRAGMENT, PAGE
from matcalc.printers.setting import align, axis, left_side, right_rows, size, tidy
from matcalc.printers.story import tell
from tests.printers.test_latex import SCORE, derived, each


@each
@pytest.mark.parametrize("width", [FRAGMENT, PAGE])
def test_rows_fit_the_page(expression: str, width: float) -> None:
    for section in tell(derived(expression)).sections:
        rows = [row for rows in align(section.lines, width) for row in rows]
        assert all(em(row.right) <= width for row in rows)
        total = sum(max(em(getattr(row, side)) for row in rows) for side in ("left", "right", "sizes"))
        assert total <= width + 1


def test_rules_stand_below_the_sizes_on_a_narrow_page() -> None:
    lines = tell(matcalc.derive(SCORE, style="elementwise")).sections[1].lines
    rows = [row for rows in align(lines, 20) for row in rows]
    assert not any(row.rule for row in rows)
    assert any(row.sizes == r"\text{only }z_{i}\text{ sees }W_{ij}" for row in rows)


def test_brackets_grow_only_where_they_must() -> None:
    assert tidy(r"f\left(z\right)") == "f(z)"
    assert tidy(r"\left(\left(a\right)^{\top} + b\right)") == r"((a)^{\top} + b)"
    assert tidy(r"\left(\frac{a}{b}\right)") == r"\left(\frac{a}{b}\right)"


def test_sizes_of_axes_are_set_with_times() -> None:
    assert size(Type("m", "n_1", 3)) == r"[n_{1} \times 3]" and size(Type("t", ("m", "n", 2), 1)) == r"[m \times n \times 2]"
    assert axis(add(mul(2, "n"), 1)) == "2 n + 1" and axis("n") == "n"


def test_members_of_an_equality_share_rows_while_they_fit() -> None:
    line = next(line for line in tell(matcalc.derive(SCORE)).lines if len(line.chain) > 2)
    _, members = left_side(line)
    (row,) = right_rows(members, 1e9)
    assert row.count("= ") == len(members)
    assert len(right_rows(members, 4)) >= len(members)


def test_a_named_derivative_stands_left_with_its_name() -> None:
    line = next(line for line in tell(matcalc.derive(SCORE)).lines if "δ" in line.chain[0].text)
    left, members = left_side(line)
    assert left.startswith(r"\delta = \frac{\partial s}") and len(members) == len(line.chain) - 2
