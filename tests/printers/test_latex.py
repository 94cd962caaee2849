"""LaTeX: well formed, safe, complete. What TeX makes of it: tests/system/render."""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest

import matcalc
from matcalc.expr.errors import UsageError
from matcalc.printers.formats import ENVIRONMENTS, Shown
from matcalc.printers.jsonout import to_dict
from matcalc.printers.latex import to_latex

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
        assert r"\text{outer product}" in text and "23 lines checked" in text
    assert r"Gradients of \(s = u^{\top} f(W x + b)\)" in document
    assert "shape convention" in document and r"Signs: \(\odot\) elementwise product; " in document


def test_a_name_is_introduced_left_of_the_equals_sign() -> None:
    text = to_latex(derived(SCORE))
    assert text.count(r"\delta = \frac{\partial s}{\partial z} &=") == 1


def test_the_source_stays_in_its_comment() -> None:
    text = to_latex(matcalc.derive("s = u'*h;\n\nh = f(z);\r\nz = W*x"))
    assert text.splitlines()[0] == "% matcalc derive: s = u'*h; h = f(z); z = W*x"


@pytest.mark.parametrize("columns", [1, 2])
def test_a_page_of_one_or_two_columns(columns: int) -> None:
    d = derived(SCORE)
    text, page = d.to_latex(columns=columns), d.to_latex(document=True, columns=columns)
    assert balanced(text) and balanced(page) and (",twocolumn]" in page) == (columns == 2)
    beside, behind = r"&\quad& \text{chain rule}", r"\quad \text{chain rule}"
    assert ((beside in text) == (columns == 1) and behind in text.replace(beside, "")) or columns == 1
    with pytest.raises(matcalc.MatcalcError, match="columns is 3, not 1 or 2"):
        d.to_latex(columns=3)


def test_a_note_stands_below_its_line_and_on_its_page() -> None:
    text = derived(SCORE).to_latex()
    line = text[text.index(r"\frac{\partial s}{\partial W} &=") :].partition(r"\nabla")[0]
    assert r"\text{Only }z_{i}" in line and all(row.endswith(r"\\*") for row in line.splitlines()[:2])


def test_a_long_formula_stands_below_the_title() -> None:
    page = to_latex(derived("-y'*log(softmax(W*x + b))"), document=True, columns=2)
    title, _, below = page.partition("\\par}\n")
    assert title.endswith(r"Gradients of \(s\)") and below.startswith(r"\begin{align*}")
    assert r"Gradients of \(s =" in to_latex(derived(SCORE), document=True)


def test_results_and_named_derivatives_have_labels_on_request() -> None:
    text = derived(SCORE).to_latex(labels="eq:net")
    assert re.findall(r"\\label\{(.*?)\}", text) == [f"eq:net:{name}" for name in ("delta", "u", "W", "x", "b")]
    rows = [row for row in text.splitlines() if "&" in row]
    assert rows and all((r"\label" in row) != (r"\notag" in row) for row in rows) and "alignat*" not in text
    assert balanced(text) and r"\label" not in derived(SCORE).to_latex() + derived(SCORE).to("markdown", labels="eq")
    entries = to_latex(matcalc.derive("softmax(W*x)", wrt="W"), shown=Shown("results", labels="eq"))
    assert len(set(re.findall(r"\\label\{(.*?)\}", entries))) == entries.count(r"\label") > 1
    with pytest.raises(matcalc.MatcalcError, match="no prefix of a LaTeX label"):
        derived(SCORE).to_latex(labels="a}b")


# -- Markdown ------------------------------------------------------------------------------------


# -- HTML ----------------------------------------------------------------------------------------


# -- JSON ----------------------------------------------------------------------------------------


# ---------------------------------------------------------------- notes and values


def test_the_formula_in_the_note_on_tied_entries_is_set_as_one() -> None:
    text = matcalc.derive("tr(A*X*B*X)", wrt="X", structure={"X": "symmetric"}).to_latex()
    assert r"G = A^{\top} X B^{\top} + B^{\top} X A^{\top}\text{.}" in text and r"free (Frobenius) is}" in text


def test_functions_of_the_input_are_written_with_their_letter_and_their_definition() -> None:
    d = matcalc.derive("s = u'*sigma(W*x); sigma(z) = 1/(1 + exp(-z))", wrt="x")
    assert "σ acts on each entry, σ′ is its derivative" in d.to_text() and "<mi>σ</mi></math> acts on each entry" in d.to_html()
    value = to_dict(d)["value"]["plain"]
    assert value == d.value.plain and value.startswith("sigma(z) = ")
    assert matcalc.parse(value, d.dims).shape == ()


def test_sizes_of_several_letters_have_no_asterisk() -> None:
    d = matcalc.derive("u'*W*x", dims={"W": ("n", "3*d+1")}, check=False)
    assert r"W \in \mathbb{R}^{n \times 3 d + 1}" in d.to_latex(document=False)


def test_environments() -> None:
    d = derived(SCORE)
    texts = {name: d.to_latex(environment=name) for name in ENVIRONMENTS}
    for name, text in texts.items():
        assert balanced(text) and text.count(rf"\begin{{{name}") >= 2 + (name == "aligned")
    assert r"&\quad&" not in texts["align"].partition(r"\boxed")[0] and "z &= W x + b && [n" in texts["align"]
    assert "&" not in texts["gather"].partition(r"\boxed")[0] and r"z = W x + b \quad [n" in texts["gather"]
    assert texts["alignat"] == d.to_latex()
    for options in ({"environment": "equation"}, {"environment": "aligned", "labels": "eq"}, {"environment": 3}):
        with pytest.raises(UsageError):
            d.to_latex(**options)


def test_numbers_of_what_is_put_in() -> None:
    text = derived(SCORE).to_latex(labels="eq")
    assert r"\delta\ \text{\eqref{eq:delta}}\text{ put in}" in text and text.count(r"\label{eq:delta}") == 1
    assert r"\eqref" not in derived(SCORE).to_latex()


def test_letters_of_other_scripts() -> None:
    d = matcalc.derive("norm2(`中`)^2", check=False)
    assert "U+4E2D" in d.to_latex() and "中" not in d.to_latex().partition("\n")[2]
    text = d.to_latex(document=True, engine="xelatex")
    assert r"\text{中}" in text and "U+" not in text and "ctex" in text and "ctex" not in d.to_latex(document=True)
    assert "setmainfont" not in text
    assert "setmainfont" in matcalc.derive("norm2(`б`)^2", check=False).to_latex(document=True, engine="xelatex")
    assert "中" in d.to_html() and "中" in d.to_typst()
    with pytest.raises(UsageError):
        d.to_latex(engine="tex")
