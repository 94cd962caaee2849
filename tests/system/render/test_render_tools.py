"""The harness itself: good formulas pass every tool, bad ones fail, no file outside the folder is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.render import tools

pytestmark = pytest.mark.render

EXAMPLE = r"""\begin{align*}
z &= \underbrace{W}_{n\times m}\, x + b && [n\times 1] \\
\delta &= \partial s / \partial z = u^{\top} \odot f'(z)^{\top} && [1\times n] = [1\times n][n\times n] \\
\frac{\partial s}{\partial W} &= \delta^{\top} x^{\top} && \text{(outer product)}
\end{align*}"""

GOOD = [
    EXAMPLE,
    r"\mathrm{tr}(A^{-1} B) + \lVert A x - b \rVert_{2}^{2}",
    r"\begin{aligned} a &= b \\ &\underset{1\times 1}{=} c \end{aligned}",
    r"\begin{bmatrix} A & B \\ C & D \end{bmatrix} \otimes I_{n} \oslash \boldsymbol{\Sigma}",
    r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\log\det X \;\langle G, \mathrm{d}X \rangle \in \mathbb{R}^{n\times m}",
    r"\exp\Bigl(\sum_{i=1}^{n} x_{i}\Bigr) \tag{chain}",
]
BAD = [r"\nosuchmacro{x}", r"\frac{1", r"\left( x", r"\begin{bmatrix} 1", r"x^2^3", r"a } b"]
KATEX_REFUSES = [r"\mbox{$x$}", r"\begin{align*} a \label{x} \end{align*}", "é"]
MATHJAX_REFUSES = [r"\bm{x}", r"\coloneqq"]


@pytest.mark.parametrize("package, own", [("katex", KATEX_REFUSES), ("mathjax", MATHJAX_REFUSES)])
def test_formulas(package: str, own: list[str]) -> None:
    tools.require(package)
    assert tools.refused(package, GOOD) == []
    bad = BAD + own
    assert len(tools.refused(package, GOOD + bad)) == len(bad)
    assert tools.refused(package, []) == []


def test_an_error_names_its_formula() -> None:
    tools.require("katex", "mathjax")
    for refused in (tools.katex, tools.mathjax):
        (error,) = refused(["a + b", r"\nosuchmacro{x}"])
        assert r"in: \nosuchmacro{x}" in error


def test_pdflatex_sets_the_good_ones(tmp_path: Path) -> None:
    tools.require("pdflatex", "pdftotext")
    body = "\n\n".join(one if "align*" in one else f"\\[ {one} \\]" for one in GOOD)
    pdf = tools.pdflatex(tools.document(body), tmp_path)
    assert "outer product" in tools.pdf_text(pdf)


@pytest.mark.sample(3)
@pytest.mark.parametrize("bad", [BAD[0], BAD[1], BAD[2], r"\input{../secret}"])
def test_pdflatex_refuses(bad: str, tmp_path: Path) -> None:
    tools.require("pdflatex")
    (tmp_path / "secret.tex").write_text("secret")
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(tools.TexError, match=r"(?m)^!"):
        tools.pdflatex(tools.document(f"\\[ {bad} \\]"), work)


@pytest.mark.slow
def test_overfull_lines_are_seen(tmp_path: Path) -> None:
    tools.require("pdflatex")
    tools.pdflatex(tools.document(r"\[ " + "x + " * 80 + r"y \]"), tmp_path)
    assert tools.overfull(tmp_path)
    tools.pdflatex(tools.document(r"\[ x \]"), tmp_path)
    assert tools.overfull(tmp_path) == []


def test_displays() -> None:
    text = f"Let $x$ and \\(y\\) be.\n{EXAMPLE}\n\\[ a \\]\n$$\nb\n$$\n```math\nc\n```\nIt costs \\$5."
    assert [one.strip() for one in tools.displays(text)] == ["x", "y", EXAMPLE, "a", "b", "c"]


def test_a_missing_tool_skips_and_in_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCALC_CI", "0")
    with pytest.raises(pytest.skip.Exception, match="nosuchtool"):
        tools.require("nosuchtool")
    monkeypatch.setenv("MATCALC_CI", "1")
    with pytest.raises(pytest.fail.Exception, match="nosuchtool"):
        tools.require("nosuchtool")
