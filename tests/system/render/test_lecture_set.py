"""The pages of the lecture: KaTeX and MathJax accept every formula on them, in sentences and in derivations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.places import ROOT
from tests.system.render import tools

pytestmark = pytest.mark.render

PAGES = sorted((ROOT / "docs" / "lecture").rglob("*.md"))


def formulas(page: Path) -> list[str]:
    """All of a page's formulas: what stands in code is none."""
    return tools.displays(re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL))


def test_there_are_formulas() -> None:
    assert sum(len(formulas(page)) for page in PAGES) > 50


@pytest.mark.parametrize("package", ["katex", "mathjax"])
def test_web_pages_set_every_formula(package: str) -> None:
    tools.require(package)
    assert tools.refused(package, [one for page in PAGES for one in formulas(page)]) == []
