"""Reports on somebody's work: the place, the line as it should be, the rule; nothing that was typed is obeyed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import matcalc
from matcalc.answers import CheckedWork

WORK = "r = A*x - b\ns = r'*r\nds = r'*A*dx\nds/dx = A'*r\nds/dx = 2*A'*r"
LATEX = r"""\begin{align}
z &= W x + b \\ h &= f(z) \\ s &= u^\top h \\
\frac{\partial s}{\partial z} &= u^\top \\
\frac{\partial s}{\partial W} &= u x^\top
\end{align}"""
HOSTILE = "r = A*x - b\nds/dx = 2*A'*r + <script>alert(1)</script>\nds/dx = \x1b[31m2*A'*`r`|"


def report(work: str = WORK) -> CheckedWork:
    return matcalc.check_work(work, "s = norm2(A*x - b)^2", "x")


def test_text() -> None:
    text = report().to_text()
    assert text.startswith("a factor is off: it is 1/2 times what is right\nline 3:\n  ds = r'*A*dx\n       ^^^^^^^\n")
    assert "  correct: ds = 2*r'*A*dx\n  rule: " in text
    assert "\n✗   3  ds = r'*A*dx   (it is 1/2 times what is right)" in text
    assert "\n↪   4  ds/dx = A'*r   (it follows from line 3, which is wrong)" in text
    assert "\n✓   5  ds/dx = 2*A'*r   (true, but it does not follow from line 4, which is wrong)" in text


def test_links_lead_to_what_is_there() -> None:
    link = report().to_text().partition("docs/rules/")[2].partition(")")[0]
    page, _, anchor = link.partition("#")
    assert f"\n## {anchor}\n" in (Path(__file__).parents[2] / "docs" / "rules" / page).read_text("utf-8")


def test_lines_are_those_of_the_file() -> None:
    assert "line 3:\n  \\frac{\\partial s}{\\partial z} &= u^\\top" in matcalc.check_work(LATEX).to_text()


def test_markdown_and_html() -> None:
    assert "| ✗ | 3 | `ds = r'*A*dx` |" in report().to_markdown()
    page = report().to_html()
    assert page.count("<tr") == 5 and '<tr class="wrong">' in page and '<tr class="carried">' in page


def test_nothing_is_obeyed() -> None:
    found = report(HOSTILE)
    assert "<script>" not in found.to_html() and "\x1b" not in "".join([found.to_text(), found.to_html(), found.to_markdown()])
    work = LATEX.replace(r"u x^\top", r"u x^\top \input{/etc/passwd}")
    assert r"\input" not in matcalc.check_work(work).to_latex().replace(r"\textbackslash{}input", "")


@pytest.mark.sample(2)
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs TeX")
@pytest.mark.parametrize("work", [WORK, LATEX, HOSTILE])
def test_documents_compile(work: str, tmp_path: Path) -> None:
    found = matcalc.check_work(work) if work is LATEX else report(work)
    (tmp_path / "work.tex").write_text(found.to_latex(document=True), "utf-8")
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "work.tex"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
