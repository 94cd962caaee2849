"""Widths of formulas, and the rows of those that are too wide."""

from __future__ import annotations

from matcalc.printers.breaking import ENTRYWISE, FACTOR, SUM, broken, em, opened, segments
from tests.printers.test_latex import balanced


def test_estimated_widths() -> None:
    assert em("x") < em("x + y") < em("x + y + z")
    assert em(r"\frac{a + b + c}{x}") < em("a + b + c x")
    assert em(r"x^{\top}") < em(r"x \top")
    assert em(r"\left(x\right)") > em("(x)") and em(r"\tfrac{a + b}{x}") == em(r"\frac{a + b}{x}")
    assert 4 < em(r"[n \times m][m \times 1]") < 8


def test_a_wide_formula_is_broken() -> None:
    wide = " + ".join(f"A_{{{i}}} x_{{{i}}}" for i in range(30))
    for latex in (
        wide,
        rf"B \left({wide}\right)^{{\top}}",
        rf"\frac{{{wide}}}{{2}}",
        wide.replace("+", r"\odot"),
    ):
        rows = broken("= " + latex, 20)
        assert len(rows) > 2 and max(map(em, rows)) <= 20
        assert all(balanced(row) and r"\left" not in row for row in rows)
        assert all(row.startswith(r"\quad {} ") for row in rows[1:])
    assert broken("= a + b", 20) == ["= a + b"]
    assert broken(r"= (a + b + c) (d + e + f)", 7) == ["= (a + b + c)", r"\quad {} (d + e + f)"]
    assert broken(r"= \lVert abcdefghijklm \rVert", 3) == [r"= \lVert abcdefghijklm \rVert"]


def test_a_row_may_end_before_signs_and_factors_and_nowhere_else() -> None:
    ranks = {part.text.strip(): part.rank for part in segments("a + b \\odot c d")}
    assert ranks == {"a": SUM, "+ b": SUM, r"\odot c": ENTRYWISE, "d": FACTOR}
    assert [part.text for part in segments(r"\frac{a + b}{c} x_{i j}")] == [r"\frac{a + b}{c} ", "x_{i j}"]
    assert [part.text.strip() for part in segments(r"\log z")] == [r"\log z"]  # a macro keeps its argument
    assert [part.text.strip() for part in segments(r"\sum_{k} a_{k}")] == [r"\sum_{k} a_{k}"]


def test_inside_of_brackets_a_break_is_worse() -> None:
    inside = next(part for part in segments("f (a + b)") if part.text.startswith("+ b"))
    assert inside.rank == 3 + SUM


def test_the_parts_are_the_whole() -> None:
    latex = r"A^{\top} (x + \frac{y}{2}) - \lVert z \rVert b"
    assert "".join(part.text for part in segments(latex)) == latex.replace("  ", " ")


def test_a_wide_fraction_is_opened() -> None:
    wide = " + ".join(["a"] * 30)
    assert opened(rf"\frac{{{wide}}}{{2}}", 10) == rf"\frac{{1}}{{2}} \bigl({wide}\bigr)"
    assert opened(r"\left\{a\right\}", 10) == r"\bigl\{a\bigr\}"
    assert opened(r"\frac{a}{2}", 10) == r"\frac{a}{2}" and opened(r"\left(a\right)", 10) == r"\bigl(a\bigr)"
