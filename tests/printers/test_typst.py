"""The derivation in Typst: only our commands, strings and escaped words around them. What Typst makes of it is in tests/system."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import matcalc
from matcalc.expr.table import TABLE
from matcalc.printers.formats import Shown
from matcalc.printers.story import tell
from matcalc.printers.typst import escaped, formula, markup, string, to_typst
from tests.mathml_reader import says
from tests.printers.test_latex import derived, each
from tests.printers.test_mathml import FORMULAS
from tests.typst_reader import said

COMMANDS = {"block", "emph", "grid", "h", "image", "let", "set", "show", "strut", "text", "true"}
FUNCTIONS = {"acute", "arrow", "attach", "bb", "bold", "breve", "cal", "caron", "cases", "circle", "display", "double", "frac",
             "frak", "grave", "h", "hat", "italic", "lr", "macron", "mat", "mono", "op", "sans", "sqrt", "tilde", "underline",
             "upright"}  # fmt: skip


def faults(text: str) -> Iterator[str]:
    """What Typst would take for something that is not ours. Strings and escaped characters mean nothing to it."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', re.sub(r'\\[^"u\w]', " ", text))
    if strange := set(re.findall(r"#([\w.]*)", bare)) - COMMANDS - {""}:
        yield f"commands {strange}"
    if strange := set(re.findall(r"([A-Za-z]+)\(", " ".join(bare.split("$")[1::2]))) - FUNCTIONS:
        yield f"functions {strange}"
    if found := re.findall(r"[`@<>]|//|/\*|\\u", re.sub(r"#let .*", "", bare)):
        yield f"marks {found}"
    yield from (f"unpaired {pair}" for pair in ("()", "[]", "{}") if bare.count(pair[0]) != bare.count(pair[1]))
    if bare.count("$") % 2:
        yield "a formula without end"


@pytest.mark.sample(3)
@each
def test_typst(expression: str) -> None:
    d = derived(expression)
    for text in (to_typst(d), to_typst(d, document=True, detail="full")):
        assert list(faults(text.partition("\n")[2])) == []
    assert text.count("#strut") == 3 * len(tell(d, "full").lines)
    assert text.startswith("// matcalc derive: ") and "#set page" in text and "#set page" not in to_typst(d)


@pytest.mark.parametrize(
    ("latex", "typst"),
    [
        (r"\frac{\partial s}{\partial W} = -\delta^{\top}", "frac(∂ s, ∂ W) = − δ^(⊤)"),
        (r"{W^{(1)}}^{\top} f'(z)^{2} + f'^{2}", r"attach(W^(\( 1 \)), t: ⊤) f' \( z \)^(2) + f'^(2)"),
        (r"\left\lVert x \right\rVert_2^2 \lVert z \rVert", "lr(‖ x ‖)_(2)^(2) lr(‖ z ‖)"),
        (r"\left(\frac{a}{b}\right)^{\top}", r"lr(\( frac(a, b) \))^(⊤)"),
        (r"\begin{bmatrix} a & \mathrm{b\ \&\ c} \\ 0 & d \end{bmatrix}", 'mat(delim: "[", a, op("b & c"); 0, d)'),
        (r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{else} \end{cases}", r'cases(1 & "if " x \> 0, 0 & "else")'),
        (r"f(a, b; c)", r"f \( a \, b \; c \)"),
        (r"\mathbf{1}_{n} \mathrm{d}X \hat{y} \bar{x}", "upright(bold(1))_(n) upright(d) X hat(y) macron(x)"),
        (r"\max_{i} \max(0, x)", r'op("max", limits: #true)_(i) op("max") \( 0 \, x \)'),
        (r"\mathrm{\"\backslash}", '"\\"\\\\"'),
    ],
)
def test_formulas(latex: str, typst: str) -> None:
    assert formula(latex).replace(f"op({typst})", typst) == typst


@pytest.mark.parametrize("latex", FORMULAS)
def test_formulas_say_what_the_latex_says(latex: str) -> None:
    assert said(formula(latex)) == says(latex.replace(r"\text{U+4E2D}", "中"))


def test_every_operator() -> None:
    for op, row in TABLE.items():
        for form in (row.latex, *(row.latex_of or {}).values()):
            latex = form.format(*"ABCDEFGH", attr=2) if "{0}" in form else form
            assert said(formula(latex)) == says(latex), op


def test_words_mean_nothing_to_typst() -> None:
    assert escaped("# *b* _i_ `r` $m$ <l> @r [c] // -- = + \\ log-det 1. x") == (
        r"\# \*b\* \_i\_ \`r\` \$m\$ \<l\> \@r \[c\] \/\/ \-\- \= \+ \\ log-det 1\. x"
    )
    assert markup(r"so \(x_{1}\), 5\% \& #") == r"so $x_(1)$, 5% & \#" and string('a"b\\\x1b') == '"a\\"b\\\\·"'


def test_parts_and_pictures() -> None:
    d = derived("s = u^T f(W x + b)")
    text = to_typst(d, shown=Shown("results", sizes=False, reasons=False))
    assert "*" not in text.replace("Given", "") and r"\times" not in text and "×" not in text and "#emph" not in text
    assert d.to("typst", graph=True).count("#image(bytes(") == 1 and d.to_typst() == to_typst(d)


def test_any_depth() -> None:
    assert formula(r"\frac{1}{1 + \sqrt{" * 3000 + "x" + "}}" * 3000).count("frac(") == 3000


def test_the_reader_sees_faults() -> None:
    for text in ("#read(1)", "$a", "$eval(x)$", "@x", "// x", "[x"):
        assert list(faults(text)), text
    assert matcalc.derive("x'*x", check=False).to_typst()


def test_a_formula_too_wide_for_the_title_stands_below_it() -> None:
    d = matcalc.derive("s = " + " + ".join(f"x'*A_{i}*A_{i}*A_{i}*x" for i in range(1, 12)), check=False)
    assert "= Gradients of $s$\n\n$display(s = x^(⊤) A_(1)" in to_typst(d, document=True)
