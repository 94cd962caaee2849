"""Names as LaTeX input spells them, in LaTeX and in Unicode; what is no name never gets through."""

from __future__ import annotations

import re

import numpy as np
import pytest

import matcalc
from matcalc.notation.write.render import LATEX, TEXT
from matcalc.notation.write.signs import quoting
from matcalc.notation.write.spelled import glued, spelled, spellings
from tests.hostile_names import NAMES

NAMED = {  # a text: the letters of its names in LaTeX and in Unicode, by hand
    r"\mathcal{L} = \|\mathbf{A}\mathbf{x} - \hat y\|^2": ({"A": (r"\mathbf{A}", "A"), "x": (r"\mathbf{x}", "x"),
                                                          "y_hat": (r"\hat y", "ŷ"), "L": (r"\mathcal{L}", "L")}),
    r"\|\hat y_t - \tilde W x_t\|^2": {"y_hat_t": (r"\hat y_t", "ŷ_t"), "W_tilde": (r"\tilde W", "W̃"), "x_t": ("x_{t}", "x_t")},
    r"\|W^{[1]} x\|^2": {"W^[1]": ("{W^{[1]}}", "W^[1]")},
    r"\|W^{(l)T} \boldsymbol\theta\|^2": {"W^(l)": ("{W^{(l)}}", "W^(l)"), "theta": (r"\boldsymbol{\theta}", "θ")},
    r"\mathcal{L}_{\mathrm{DPO}} = \log\pi_\theta(y_w|x)": {"L_DPO": (r"\mathcal{L}_{\mathrm{DPO}}", "L_DPO"),
                                                           "pi_theta(y_w|x)": (r"\pi_\theta(y_w|x)", "π_θ(y_w|x)")},
    r"\mathrm{tr}(H P_{k|k-1} H^T)": {"P_k|k-1": ("P_{k|k-1}", "P_{k|k-1}")},
    r"\|A x_{\text{museums}} - x^\star\|^2": {"x_museums": (r"x_{\text{museums}}", "x_museums"), "x^star": (r"{x^\star}", "x^⋆")},
    r"\hat\theta^T Y_+ \hat\theta": {"Y_+": ("Y_{+}", "Y₊"), "theta_hat": (r"\hat\theta", "θ̂")},
    r"\|\mathbf{Wx} + {\bf b}\|^2": {"W": (r"\mathbf{W}", "W"), "x": (r"\mathbf{x}", "x"), "b": (r"\mathbf{b}", "b")},
    r"\|\mathbf{h}_{t-1} - \bm{\mu}\|^2": {"h_{t-1}": (r"\mathbf{h}_{t-1}", "h_{t-1}"), "mu": (r"\boldsymbol{\mu}", "μ")},
    r"\hat\mathbf{x}^T \overline{\vec a}": {"x_hat": (r"\hat{\mathbf{x}}", "x̂"), "a_bar": (r"\overline{\vec a}", "ā")},
}  # fmt: skip


@pytest.mark.sample(3)
@pytest.mark.parametrize("text", NAMED)
def test_names_are_printed_as_they_were_typed(text: str) -> None:
    d = matcalc.derive(text)
    found = spellings(d.problem)
    latex, shown = (quoting(style, frozenset(), found) for style in (LATEX, TEXT))
    names = {*d.problem.symbols, *(name for name, _ in d.problem.definitions)}
    assert names >= set(NAMED[text])
    for name, letters in NAMED[text].items():
        assert (latex.name(name), shown.name(name)) == letters
        assert spelled(name, letters[0]) is not None  # which is read back
        for output in (d.to_latex(), d.to_markdown().replace(" _", "_"), d.to_html()):
            assert letters[0] in output
        for output in (d.to_text(), d.to_html()):
            assert letters[1] in output
    assert "_hat" not in d.to_text() and "_tilde" not in d.to_text() and "ulcorner" not in d.to_latex()


@pytest.mark.parametrize(
    "text", [r"\|\hat y_t - \tilde W \mathbf{x}\|^2", r"\|W^{[1]} x - \boldsymbol\theta_0\|^2", r"\mathrm{tr}(H P_{k|k-1} H^T)"]
)
def test_results_are_read_back(text: str) -> None:
    """LaTeX keeps the author's order, -2(y - W x) xᵀ, where plain notation may have the negative of it: the values are compared."""
    d = matcalc.derive(text)
    rng, sizes = np.random.default_rng(0), {"n": 3, "m": 4}
    at = {name: rng.standard_normal([sizes[str(size)] for size in shape]) for name, shape in d.problem.dims.items()}
    for r in d.results:
        got, plain = matcalc.parse(r.latex, d.problem.dims, notation="latex"), matcalc.parse(r.plain, d.problem.dims)
        assert got.shape == plain.shape and np.allclose(got.evaluate(at), plain.evaluate(at), rtol=1e-12), r.latex


def test_macros_of_the_user_are_written_out() -> None:
    d = matcalc.derive(r"\loss = \x^T \A{1} \x", macros={"loss": r"\mathcal{R}", "x": r"{\bf x}", "A": r"\mathbf{A}^{(#1)}"})
    assert r"\mathcal{R} = \mathbf{x}^{\top} {\mathbf{A}^{(1)}} \mathbf{x}" in d.to_markdown()
    same = matcalc.derive(r"\newcommand{\x}{\mathbf{x}} \def\loss{\mathcal{R}} \loss = \x^T A \x")
    assert r"\mathcal{R} = \mathbf{x}^{\top} A \mathbf{x}" in same.to_markdown()
    assert not re.search(r"\\(loss|x|A)(?![A-Za-z])", d.to_latex().partition("\n")[2])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x", r"\input{x}"), ("x", "$x$"), ("x", "x y"), ("x", "y"), ("x", r"\text{a$b}"), ("x_a", r"x_{\text{\}}}"),
        ("W", r"\mathbf{W x}"), ("x", ""), ("x", "{}"), ("x", r"\htmlData{a=b}{x}"), ("x", r"\undefined x"), ("x", r"\hat"),
    ],
)  # fmt: skip
def test_what_does_not_spell_the_name_is_not_used(name: str, text: str) -> None:
    assert spelled(name, text) is None


def test_only_macros_of_names_get_through() -> None:
    for name in NAMES:
        shown = spelled(name, name) or ""
        macros = set(re.findall(r"\\[A-Za-z]+|\\.|[$%#&~<>]", shown))
        assert macros <= {r"\mathrm", r"\text", r"\star", r"\_"}, name


def test_fonts_that_not_all_have_are_written_in_one_that_they_have() -> None:
    assert spelled("x", r"\symbf{x}") == r"\mathbf{x}" and spelled("L", r"\mathscr L") == r"\mathcal L"
    assert spelled("x", "𝐱", "bold") == r"\mathbf{x}" and spelled("x_t", r"x_\mathrm{t}") == r"x_{\mathrm{t}}"
    assert glued(r"\hat", "y") == " y" and glued("x", "y") == "y"


def test_a_greek_letter_without_its_backslash_is_that_letter() -> None:
    import matcalc

    latex = matcalc.derive("sum_{i=1}^n (x_i - mu)'*inv(S)*(x_i - mu)", wrt="mu").to_latex(only="results")
    assert r"\mu" in latex and "mu" not in latex.replace(r"\mu", "").partition("\n")[2]
