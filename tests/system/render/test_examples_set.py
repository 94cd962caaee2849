"""Every example, derived and set: pdflatex compiles it, KaTeX and MathJax accept every formula of it.

An example is a file examples/*.txt: one input of `matcalc derive`, after an optional line `# what it shows`.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import pytest

from matcalc.printers.formats import ENVIRONMENTS
from tests.places import ROOT
from tests.slices import slices
from tests.system.render import tools
from tests.system.test_cases_own import CASES

pytestmark = pytest.mark.render

EXAMPLES = {path.stem: path for path in sorted((ROOT / "examples").glob("*.txt"))}
# Refused by one of GitHub, KaTeX, MathJax and plain amsmath.
UNSAFE = re.compile(
    r"""\\(operatorname|bm|mbox|phantom|mathrlap|coloneqq|underbracket|DeclareMathOperator|label|ref|intertext)
        (?![a-zA-Z]) | \\begin\{multline | \$ | @\{""",
    re.VERBOSE,
)


def expression(path: Path) -> str:
    """The example's input: the file without its comment lines."""
    return "\n".join(line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")).strip()


@functools.cache
def derivation(name: str) -> Any:
    """Derived once for all tests; the caller must not change it."""
    import matcalc

    return matcalc.derive(expression(EXAMPLES[name]))


@functools.cache
def formulas(name: str) -> list[str]:
    """Every formula it can show: the fragment's, the Markdown's, each step's and each result's."""
    done = derivation(name)
    return [*tools.displays(done.to_latex()), *tools.displays(done.to_markdown()), *inner_formulas(name)]


def inner_formulas(name: str) -> list[str]:
    """The sides of each step and the results, as Python code gets them."""
    done = derivation(name)
    sides = [side.latex for step in done.steps for side in (step.lhs, step.rhs)]
    return sides + [result["latex"] for result in done.to_dict()["results"]]


example = pytest.mark.parametrize("name", EXAMPLES)


def test_there_are_examples() -> None:
    assert EXAMPLES


@example
def test_every_step_is_shown(name: str) -> None:
    assert derivation(name).steps
    assert tools.displays(derivation(name).to_latex())


@pytest.mark.parametrize("package", ["katex", "mathjax"])
def test_web_pages_set_every_formula(package: str) -> None:
    tools.require(package)
    assert tools.refused(package, [one for name in EXAMPLES for one in formulas(name)]) == []


@example
def test_only_safe_macros(name: str) -> None:
    assert [hit.group() for one in formulas(name) for hit in UNSAFE.finditer(one)] == []


@pytest.mark.sample(16)
@example
@pytest.mark.parametrize("columns", [1, 2])
def test_document_compiles(name: str, columns: int, tmp_path: Path) -> None:
    """No line runs into the margin; small print is not alone on a page, nor is a box without its heading."""
    tools.require("pdflatex", "pdftotext")
    pdf = tools.pdflatex(derivation(name).to_latex(document=True, columns=columns), tmp_path)
    assert tools.overfull(tmp_path) == [], "a line runs into the margin"
    text = tools.pdf_text(pdf)
    assert text.strip()
    if columns == 1:
        last = next(page for page in text.split("\f") if " random points" in page)
        assert re.search(r"^ *Results?\.", last, re.MULTILINE)


@pytest.mark.slow
def test_fragments_need_amsmath_and_amssymb_only(tmp_path: Path) -> None:
    tools.require("pdflatex")
    fragments = [derivation(name).to_latex() for name in EXAMPLES]
    inner = [f"\\[ {one} \\]" for name in EXAMPLES for one in inner_formulas(name)]
    tools.pdflatex(tools.document("\n\n".join(fragments + inner)), tmp_path)


def question(case: dict[str, Any]) -> Any:
    """What tests/cases_own.jsonl asks, unchecked: the values are looked at elsewhere."""
    import matcalc

    dims = {name: tuple(shape) for name, shape in case["dims"].items()}
    return matcalc.derive(
        case["plain"], dims=dims, wrt=case["wrt"], kind=case["kind"], direction=case.get("direction"), check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("detail", ["normal", "full"])
@pytest.mark.parametrize("columns", [1, 2])
def test_an_article_of_one_or_two_columns_has_no_overfull_box(columns: int, detail: str, tmp_path: Path) -> None:
    tools.require("pdflatex")
    derived = [*map(derivation, EXAMPLES), *map(question, CASES)]
    text = tools.document("\n\n".join(d.to_latex(detail=detail, columns=columns) for d in derived))
    tools.pdflatex(text.replace("{article}", "[twocolumn]{article}" if columns == 2 else "{article}", 1), tmp_path)
    assert tools.overfull(tmp_path, 0.0) == []


@pytest.mark.sample(8)
@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_fits_an_article(environment: str, columns: int, tmp_path: Path) -> None:
    tools.require("pdflatex")
    text = tools.document("\n\n".join(derivation(name).to_latex(environment=environment, columns=columns) for name in EXAMPLES))
    tools.pdflatex(text.replace("{article}", "[twocolumn]{article}" if columns == 2 else "{article}", 1), tmp_path)
    assert tools.overfull(tmp_path, 0.0) == []


@pytest.mark.sample(3)
@pytest.mark.parametrize("environment", ["alignat", "align", "gather"])
def test_reasons_refer_to_numbers(environment: str, tmp_path: Path) -> None:
    tools.require("pdflatex", "pdftotext")
    source = tools.document(derivation("score").to_latex(labels="eq:score", environment=environment))
    tools.pdflatex(source, tmp_path)
    assert len(re.findall(r"δ \(1\) put in", tools.pdf_text(tools.pdflatex(source, tmp_path)))) > 1


@pytest.mark.slow
def test_letters_of_every_script(tmp_path: Path) -> None:
    """Names in Chinese and Cyrillic: as they are for xelatex, as their code points for pdflatex."""
    tools.require("pdflatex", "xelatex", "pdftotext")
    import matcalc

    d = matcalc.derive("norm2(`权重`*x - `б`)^2", dims={"权重": ("n", "m"), "x": ("m",), "б": ("n",)}, check=False)
    said = tools.pdf_text(tools.pdflatex(d.to_latex(document=True, engine="xelatex"), tmp_path, "xelatex"))
    log = (tmp_path / "main.log").read_text("utf-8", "replace")
    assert "权重" in said and "U+" not in said and "Missing character: There is no 权" not in log
    assert tools.overfull(tmp_path, 0.0) == []
    assert "U+6743" in tools.pdf_text(tools.pdflatex(d.to_latex(document=True), tmp_path))


@pytest.mark.slow
def test_labels_are_there_to_refer_to(tmp_path: Path) -> None:
    tools.require("pdflatex", "pdftotext")
    text = (
        derivation("score").to_latex(labels="eq:score") + r"\par The row \eqref{eq:score:delta} and the matrix \eqref{eq:score:W}."
    )
    tools.pdflatex(tools.document(text), tmp_path)
    said = tools.pdf_text(tools.pdflatex(tools.document(text), tmp_path))
    assert "(1) and the matrix (" in said and "??" not in said and tools.overfull(tmp_path, 0.0) == []


@functools.cache
def side_by_side(name: str) -> Any:
    """By all routes; the caller must not change it."""
    import matcalc

    return matcalc.derive(expression(EXAMPLES[name]), style="all", check=False)


@pytest.mark.parametrize("package", ["katex", "mathjax"])
def test_web_pages_set_routes_and_chinese_words(package: str) -> None:
    tools.require(package)
    pages = [side_by_side(name).to_markdown(lang=lang) for name in EXAMPLES for lang in ("en", "zh")]
    assert tools.refused(package, [one for page in pages for one in tools.displays(page)]) == []


@pytest.mark.slow
@pytest.mark.parametrize("columns", [1, 2])
def test_articles_of_all_routes_have_no_overfull_box(columns: int, tmp_path: Path) -> None:
    tools.require("pdflatex")
    text = tools.document("\n\n".join(side_by_side(name).to_latex(columns=columns) for name in EXAMPLES))
    tools.pdflatex(text.replace("{article}", "[twocolumn]{article}" if columns == 2 else "{article}", 1), tmp_path)
    assert tools.overfull(tmp_path, 0.0) == []


@pytest.mark.slow
@pytest.mark.parametrize("columns", [1, 2])
def test_articles_in_chinese_have_no_overfull_box(columns: int, tmp_path: Path) -> None:
    tools.require("xelatex", "pdftotext")
    body = "\n\n".join(side_by_side(name).to_latex(columns=columns, lang="zh") for name in EXAMPLES)
    text = tools.document(body).replace(
        "\\begin{document}", "\\usepackage[scheme=plain]{ctex}\n\\tracinglostchars=3\n\\begin{document}", 1
    )
    pdf = tools.pdflatex(text.replace("{article}", "[twocolumn]{article}" if columns == 2 else "{article}", 1), tmp_path, "xelatex")
    assert tools.overfull(tmp_path, 0.0) == [] and "链式法则" in tools.pdf_text(pdf)


@pytest.mark.slow
@pytest.mark.parametrize("name", slices(EXAMPLES, len(EXAMPLES)))
def test_a_chinese_document_compiles(name: str, tmp_path: Path) -> None:
    tools.require("xelatex", "pdftotext")
    said = tools.pdf_text(tools.pdflatex(derivation(name).to_latex(document=True, lang="zh"), tmp_path, "xelatex"))
    assert tools.overfull(tmp_path) == [] and "个随机点处检验" in said.replace(" ", "").replace("\n", "")
