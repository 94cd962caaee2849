"""LaTeX, Markdown, HTML and JSON: well formed, safe, complete. What TeX makes of it: tests/system/render."""

from __future__ import annotations

import functools
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

import matcalc
from matcalc.expr.errors import ParseError, ShapeError
from matcalc.printers.breaking import broken, em
from matcalc.printers.html import escape as escape_html
from matcalc.printers.html import to_html
from matcalc.printers.jsonout import dumps, error_dict, to_dict, to_json
from matcalc.printers.latex import FRAGMENT, PAGE, to_latex
from matcalc.printers.markdown import escape, to_markdown
from matcalc.printers.prose import prose, text_latex
from matcalc.printers.setting import align, tidy
from matcalc.printers.story import tell

SCORE = "s = u^T f(W x + b)"
EXPRESSIONS = [
    SCORE,
    "norm2(A*x - b)^2",
    "-y'*log(softmax(W*x + b))",
    "tr(A*X*B*X')",
    "x'*A*x/(x'*x)",
    "s = u'*a_2; a_2 = f(z_2); z_2 = W_2*a_1 + b_2; a_1 = f(z_1); z_1 = W_1*x + b_1",
    "+".join(f"x{i}'*A*y{i}" for i in range(1, 60)),
]
each = pytest.mark.parametrize("expression", EXPRESSIONS)


@functools.cache
def derived(expression: str) -> Any:
    return matcalc.derive(expression)


def balanced(text: str) -> bool:
    """Braces, environments and \\left \\right in pairs."""
    depth = 0
    for hit in re.finditer(r"\\.|[{}]", text):
        depth += {"{": 1, "}": -1}.get(hit.group(), 0)
        if depth < 0:
            return False
    environments: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", text):
        if kind == "end" and (not environments or environments.pop() != name):
            return False
        if kind == "begin":
            environments.append(name)
    return depth == 0 and not environments and text.count(r"\left") == text.count(r"\right")


# -- LaTeX ---------------------------------------------------------------------------------------


@each
@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
def test_latex_is_well_formed(expression: str, detail: str) -> None:
    for document in (False, True):
        text = to_latex(derived(expression), document, detail)
        assert balanced(text)
        assert text.isascii()
        assert not re.search(r"\\\\\s*\[(?!\d+pt\])", text), "TeX reads a bracket after a new row as a length"
        assert not re.search(r"\^\{\\top\}\^", text), "double superscript"


def test_fragment_and_document() -> None:
    fragment, document = to_latex(derived(SCORE)), to_latex(derived(SCORE), document=True)
    assert r"\documentclass" not in fragment and r"\end{document}" not in fragment
    assert document.count(r"\begin{document}") == document.count(r"\end{document}") == 1
    assert set(re.findall(r"\\usepackage(?:\[.*?\])?\{(.*?)\}", document)) == {"geometry", "amsmath,amssymb"}
    for text in (fragment, document):
        assert text.startswith("% matcalc derive: s = u^T f(W x + b)\n")
        assert r"W \in \mathbb{R}^{n \times m}" in text and r"\boxed{" in text
        assert r"\text{outer product}" in text and "19 lines checked" in text
    assert r"Gradients of \(s = u^{\top} f(W x + b)\)" in document
    assert "shape convention" in document and r"\odot\) multiplies entry by entry" in document


def test_a_name_is_introduced_left_of_the_equals_sign() -> None:
    text = to_latex(derived(SCORE))
    assert text.count(r"\delta = \frac{\partial s}{\partial z} &=") == 1


def test_the_source_stays_in_its_comment() -> None:
    text = to_latex(matcalc.derive("s = u'*h;\n\nh = f(z);\r\nz = W*x"))
    assert text.splitlines()[0] == "% matcalc derive: s = u'*h; h = f(z); z = W*x"


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


def test_estimated_widths() -> None:
    assert em("x") < em("x + y") < em("x + y + z")
    assert em(r"\frac{a + b + c}{x}") < em("a + b + c x")
    assert em(r"x^{\top}") < em(r"x \top")
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
    assert broken(r"= (a + b + c) (d + e + f)", 7) == ["= (a + b + c)", r"\quad {} \cdot (d + e + f)"]
    assert broken(r"= \lVert abcdefghijklm \rVert", 3) == [r"= \lVert abcdefghijklm \rVert"]


def test_brackets_grow_only_where_they_must() -> None:
    assert tidy(r"f\left(z\right)") == "f(z)"
    assert tidy(r"\left(\left(a\right)^{\top} + b\right)") == r"((a)^{\top} + b)"
    assert tidy(r"\left(\frac{a}{b}\right)") == r"\left(\frac{a}{b}\right)"


def test_words_become_latex() -> None:
    assert prose("50 % of {c} & $x ~ #1") == r"50 \% of \{c\} \& \$x \textasciitilde{} \#1"
    assert prose("the row ∂s/∂x is turned") == r"the row \(\partial s/\partial x\) is turned"
    assert prose("only z_i sees W_ij") == r"only \(z_{i}\) sees \(W_{ij}\)"
    assert prose("X⁻¹ yᵀ δ ≥ z₁₂") == r"X\(^{-1}\) y\(^{\top}\) \(\delta\) \(\geq\) z\(_{12}\)"
    assert prose("error 2.4e-15") == r"error 2.4\(\times 10^{-15}\)"
    assert prose("bad \x1b[31m 中") == r"bad \(\cdot\)[31m ?"
    assert text_latex(r"only \(z_{i}\) sees") == r"\text{only }z_{i}\text{ sees}"


# -- Markdown ------------------------------------------------------------------------------------


@each
def test_markdown(expression: str) -> None:
    text = to_markdown(derived(expression))
    assert text.count("$$\n") % 2 == 0 and r"\(" not in text and r"\[" not in text
    blocks = re.findall(r"^\$\$\n(.*?)\n\$\$$", text, re.DOTALL | re.MULTILINE)
    assert len(blocks) > len(tell(derived(expression)).sections)
    assert all(balanced(block) and "\n\n" not in block for block in blocks)
    assert "✓ " in text
    assert escape("a_b*c <i> [x](y) `z`") == r"a\_b\*c \<i\> \[x\](y) \`z\`"


# -- HTML ----------------------------------------------------------------------------------------


class Checker(HTMLParser):
    """Collects tags, and fails where they do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@each
def test_html(expression: str) -> None:
    page = to_html(derived(expression))
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert not checker.open
    assert not checker.seen & {"script", "link", "img", "iframe", "math"}
    assert not any(name.startswith("on") for name in checker.attributes) and "http" not in page
    assert page.count("<details>") == len(tell(derived(expression)).lines)
    assert r"\[ " in page and "∂s/∂" in page
    assert page.startswith("<!DOCTYPE html>")
    assert to_html(derived(expression), document=False).startswith("<article")


def test_html_is_escaped() -> None:
    assert escape_html("<script>&\x00") == "&lt;script&gt;&amp;·"


# -- JSON ----------------------------------------------------------------------------------------


@each
def test_json_follows_the_schema(expression: str) -> None:
    data = json.loads(to_json(derived(expression), {"numpy": "code"}))
    assert " ".join(data) == "schema expression value dims reading definitions results steps check code warnings"
    assert data["schema"] == 2 and data["expression"] == expression and data["code"] == {"numpy": "code"}
    assert list(data["value"]) == ["name", "plain", "latex", "shape"] and data["value"]["shape"] == []
    for result in data["results"]:
        assert list(result) == ["wrt", "kind", "layout", "shape", "plain", "latex"]
        again = matcalc.parse(result["plain"], dims={n: tuple(s) for n, s in data["dims"].items()})
        assert list(again.shape) == result["shape"]
    for step in data["steps"]:
        assert list(step) == ["rule", "source", "lhs", "rhs", "check"]
        assert list(step["lhs"]) == list(step["rhs"]) == ["plain", "latex", "shape"]
        assert list(step["check"]) == ["max_relative_error", "points"]
    assert data["check"]["passed"] is True and data["check"]["points"] == 2


def test_json_without_check() -> None:
    data = to_dict(matcalc.derive("x'*A*x", check=False))
    assert data["check"] is None and all(step["check"] is None for step in data["steps"])


def test_sizes_in_json() -> None:
    data = to_dict(matcalc.derive("x'*A*x", dims={"A": (3, 3)}))
    assert data["dims"] == {"x": [3], "A": [3, 3]}


def test_errors_in_json() -> None:
    error = ShapeError("no", span=(1, 3), hint="so")
    assert error_dict(error) == {"error": {"kind": "shape", "message": "no", "span": [1, 3], "hint": "so"}}
    assert error_dict(ParseError("x"))["error"]["span"] is None
    internal = error_dict(KeyError("x"))["error"]
    assert internal["kind"] == "internal" and internal["message"] == "KeyError: 'x'"
    assert dumps({"x": "a\udc80b"}).encode("utf-8")


# ---------------------------------------------------------------- notes and values


def test_the_formula_in_the_note_on_tied_entries_is_set_as_one() -> None:
    text = matcalc.derive("tr(A*X*B*X)", wrt="X", structure={"X": "symmetric"}).to_latex()
    assert r"free (Frobenius) is \(G = A^{\top} X B^{\top} + B^{\top} X A^{\top}\)." in text


def test_functions_of_the_input_are_written_with_their_letter_and_their_definition() -> None:
    d = matcalc.derive("s = u'*sigma(W*x); sigma(z) = 1/(1 + exp(-z))", wrt="x")
    assert "σ acts on each entry, σ′ is its derivative" in d.to_text() and "σ acts on each entry" in d.to_html()
    value = to_dict(d)["value"]["plain"]
    assert value == d.value.plain and value.startswith("sigma(z) = ")
    assert matcalc.parse(value, d.dims).shape == ()
