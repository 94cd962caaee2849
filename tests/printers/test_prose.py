"""Words in LaTeX."""

from __future__ import annotations

from matcalc.printers.prose import coded, inline, is_wide, joined, lettered, parts, prose, spoken, text_latex, write_name


def test_words_become_latex() -> None:
    assert prose("50 % of {c} & $x ~ #1") == r"50 \% of \{c\} \& \$x \textasciitilde{} \#1"
    assert prose("the row ∂s/∂x is turned") == r"the row \(\partial s/\partial x\) is turned"
    assert prose("only z_i sees W_ij") == r"only \(z_{i}\) sees \(W_{ij}\)"
    assert prose("X⁻¹ yᵀ δ ≥ z₁₂") == r"X\(^{-1}\) y\(^{\top}\) \(\delta\) \(\geq\) z\(_{12}\)"
    assert prose("c ≠ y_i, a ∈ b") == r"c \(\neq\) \(y_{i}\), a \(\in\) b"
    assert prose("error 2.4e-15") == r"error 2.4\(\times 10^{-15}\)"
    assert prose("bad \x1b[31m 中 б") == r"bad \(\cdot\)[31m 中 \text{U+0431}"
    assert text_latex(r"only \(z_{i}\) sees") == r"\text{only }z_{i}\text{ sees}"


def test_formulas_that_touch_become_one() -> None:
    assert joined([inline("a"), inline("b"), " and ", inline("c")]) == r"\(a b\) and \(c\)"


def test_nothing_becomes_a_link() -> None:
    assert prose("[a](http://b)") == "[a]{}(http:{}//b)"


def test_names_are_set_as_the_formulas_set_them() -> None:
    assert prose("the matrix W_ij of `w`") == r"the matrix \(W_{ij}\) of \(w\)" and write_name("alpha_1") == r"\alpha_{1}"
    assert prose("only x̂_i sees ŷ and θ̂, says Möbius") == r"only \(\hat{x}_{i}\) sees \(\hat{y}\) and \(\hat{\theta}\), says Möbius"
    assert prose("only z_i sees W₂_ij, b_1 and ∂s/∂W₂") == (
        r"only \(z_{i}\) sees \({W_{2}}_{ij}\), \(b_{1}\) and \(\partial s/\partial W_{2}\)"
    )
    assert text_latex("plain words") == r"\text{plain words}" and text_latex(r"\(x\)") == "x"


def test_prose_taken_apart_again() -> None:
    text = "5% of a_b & {c} ~ \\ ^ and 3e-5"
    found = list(parts(prose(text)))
    assert found[0] == ("5% of ", False) and (r"\times 10^{-5}", True) in found
    assert list(parts(prose("5% & {c} ~ \\ ^ #"))) == [("5% & {c} ~ \\ ^ #", False)]
    assert spoken(prose("$x$")) == "$x$"
    assert spoken(prose("中 б 가")) == "中 б 가" and lettered(prose("б")) == r"\text{б}"
    assert coded(prose("中") + "б") == r"\text{U+4E2D}б" and is_wide("，") and not is_wide("б")
