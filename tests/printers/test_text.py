"""The derivation as text: what it says and in which order, and that it fits any terminal."""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest

import matcalc
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import size_text
from matcalc.printers import words
from matcalc.printers.story import reasons, tell
from matcalc.printers.text import broken, chain_rows, columns, rows, to_text

SCORE = "s = u^T f(W x + b)"
EXPRESSIONS = [
    SCORE,
    "s = u^T h; h = f(z); z = W x + b",
    "norm2(A*x - b)^2",
    "-y'*log(softmax(W*x + b))",
    "tr(A*X*B*X')",
    "logdet(X)",
    "x'*A*x/(x'*x)",
    "sum(log(1 + exp(-y .* (X*w))))",
]
WIDTHS = (30, 40, 60, 72, 80, 100, 120, 200)


@functools.cache
def derived(expression: str, **options: Any) -> Any:
    return matcalc.derive(expression, **options)


def flat(text: str) -> str:
    return " ".join(text.replace("┃", " ").split())


def test_the_lecture_in_its_order() -> None:
    text = to_text(derived(SCORE), width=120)
    parts = ["Gradients of s = uᵀ f(W x + b)", "Given  u [n×1], W [n×m], x [m×1], b [n×1]"]
    parts += ["f acts on each entry", "Forward", "z = W x + b", "h = f(z)", "s = uᵀ h"]
    parts += ["Backward", "∂s/∂h = uᵀ", "∂h/∂z = diag(f′(z))"]
    parts += ["δ = ∂s/∂z = ∂s/∂h · ∂h/∂z", "= (u ∘ f′(z))ᵀ", "∂s/∂W = δᵀ xᵀ", "Results", "┃ ∂s/∂W", "✓ "]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_a_derivative_is_named_once_and_then_used() -> None:
    text = to_text(derived(SCORE), width=120)
    assert text.count("δ = ∂s/∂z") == 1
    assert "∂s/∂x = δ · ∂z/∂x = δ W" in text
    assert "· ∂z/∂z" not in text
    assert "δ I" not in text, "nobody wants to see a multiplication by one"


def test_the_chain_rule_shows_the_factors_it_multiplies() -> None:
    assert "∂s/∂h · ∂h/∂z = uᵀ diag(f′(z)) = (u ∘ f′(z))ᵀ" in to_text(derived(SCORE), width=120)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_step_and_result_is_there_with_sizes_and_rule(expression: str) -> None:
    d = derived(expression)
    text = flat(to_text(d, width=400))
    for step in d.steps:
        assert flat(f"= {step.rhs.text}") in text
    for line in tell(d).lines:
        assert line.sizes(size_text) in text and all(part in text for part in reasons(line.rule))
    for r in d.trace.results:
        assert flat(f"= {r.text}") in text
    assert f"✓ {len(tell(d).lines)} lines checked at 2 random points" in text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
def test_it_fits_the_terminal(expression: str, width: int, detail: str) -> None:
    text = to_text(derived(expression), detail, width)
    assert max(map(columns, text.splitlines())) <= width
    assert text == "\n".join(line.rstrip() for line in text.splitlines())


def test_columns_stand_below_each_other() -> None:
    shown = rows(derived(SCORE), width=120)
    assert len({row.split for row in shown if row.split}) == 1
    lines = [row for row in shown if row.style == "line" and "∂s/∂W" in row.text]
    assert re.search(r"δᵀ xᵀ +\[n×m\] = \[n×1\]\[1×m\] +outer product$", lines[0].text)


def test_a_narrow_terminal_stacks_sizes_and_rule() -> None:
    lines = to_text(derived(SCORE), width=60).splitlines()
    at = next(i for i, line in enumerate(lines) if "∂s/∂W = δᵀ xᵀ" in line)
    assert lines[at].endswith("[n×m] = [n×1][1×m]")
    assert lines[at + 1].strip() == "outer product"
    assert lines[at].index("[n×m]") == lines[at + 1].index("outer")
    narrow = to_text(derived(SCORE), width=40).splitlines()
    at = next(i for i, line in enumerate(narrow) if "∂s/∂W = δᵀ xᵀ" in line)
    assert narrow[at + 1].strip() == "[n×m] = [n×1][1×m], outer product"


def test_long_sizes_keep_their_column() -> None:
    text = to_text(derived("tr(A*X*B*X')"), width=80)
    assert re.search(r"∂s/∂A = X Bᵀ Xᵀ +\[n×n\] = \[n×m\]\[m×m\]\[m×n\] +linear map", text)


def test_a_formula_torn_by_its_column_stands_over_the_columns_beside_it() -> None:
    text = matcalc.derive("norm2(X*w-y)^2", wrt="X", kind="hessian").to_text(width=80)
    rows = text.split("Derivation")[1].split("Result")[0].splitlines()
    at = next(i for i, row in enumerate(rows) if "∂²s" in row)
    assert rows[at].endswith("∂²s/∂X_ij∂X_kl = 2 [i = k] w_j w_l")
    assert rows[at + 1].split() == ["[n×m×n×m]", "derived", "once", "more"]


def test_detail() -> None:
    d = derived(SCORE)
    brief, normal, full = (to_text(d, detail) for detail in ("brief", "normal", "full"))
    assert "Backward" not in brief and "Results" in brief and "Forward" in brief
    assert len(brief) < len(normal) < len(full)
    assert "Sources" in full and "[1] " in full and "Sources" not in normal
    assert re.search(r"outer product \[\d\] \d", full), "rule, source and error of the line"
    assert words.LAYOUTS["shape"].split(".")[0] in flat(full)
    with pytest.raises(UsageError, match="detail"):
        to_text(d, "endless")


def test_without_a_check_nothing_is_claimed() -> None:
    text = to_text(matcalc.derive("x'*A*x", check=False))
    assert "✓" not in text and text.endswith("not checked")


def test_a_long_result_is_told_by_the_names_of_the_lines() -> None:
    layers = "; ".join(f"h_{k + 1} = f(W_{k}*h_{k} + b_{k})" for k in range(12))
    text = to_text(matcalc.derive(f"{layers}; s = u'*h_12", check=False))
    result = next(line for line in text.splitlines() if line.startswith("┃ ∂s/∂W₀"))
    assert "δ" in result
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("kind, title", [("hessian", "Hessian of s"), ("differential", "Differential of s")])
def test_other_kinds(kind: str, title: str) -> None:
    text = to_text(matcalc.derive("x'*A*x", "x", kind=kind))
    assert text.startswith(title) and "Derivation" in text and "┃ " in text


def test_columns_of_text() -> None:
    assert columns("δᵀ = ∂s/∂z") == 10
    assert columns("𝟏ᵀ") == 2
    assert columns("中文") == 4
    assert columns("x\N{COMBINING CIRCUMFLEX ACCENT}") == 1


def test_an_equality_breaks_at_its_signs_and_aligns() -> None:
    assert list(chain_rows(["a", "b + c", "d"], 40)) == ["a = b + c = d"]
    assert list(chain_rows(["a", "b + c", "ddddddd"], 12)) == ["a = b + c", "  = ddddddd"]


def test_cases_break_between_each_other() -> None:
    assert broken("{c = y: p_y - 1; c ≠ y: p_c}", 22, 2) == ["{c = y: p_y - 1;", "  c ≠ y: p_c}"]


def test_a_formula_breaks_outside_of_brackets() -> None:
    assert broken("(a + b) c + (d + e) f", 14, 2) == ["(a + b) c", "  + (d + e) f"]
    assert broken("abcdefghijklmnop", 5, 2) == ["abcdefghijklmnop"], "nowhere to break"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("s = z*z'; z = A*x", {"wrt": "x"}),
        ("2*(A*x)*(A*x)'", {"wrt": "x"}),
        ("det(A*X)", {"wrt": "X", "kind": "hessian"}),
    ],
)
def test_no_matrix_of_a_value_on_the_way_is_called_the_derivative(text: str, options: dict[str, str]) -> None:
    """dz = A dx is a line of these; ∂vec(Y)/∂x = A would be false."""
    d = matcalc.derive(text, dims={"A": ("n", "n"), "x": ("n",), "X": ("n", "n")}, **options)  # type: ignore[arg-type]
    results = d.to_text().split("Result")[1]
    assert "= A" not in results.replace("= A_ik", "") and "vec(" not in results


@pytest.mark.parametrize(("text", "shown"), [("A*X*B", "Bᵀ ⊗ A"), ("inv(X)", "-Yᵀ ⊗ Y"), ("A*X*b", "bᵀ ⊗ A")])
def test_stacked_columns_are_shown_of_the_output(text: str, shown: str) -> None:
    d = matcalc.derive(text, dims={"A": ("n", "n"), "B": ("n", "n"), "b": ("n",), "X": ("n", "n")}, wrt="X")
    assert shown in d.to_text().split("Result")[1]
