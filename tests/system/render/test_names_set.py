"""Names as they were typed are set by TeX and by web pages, fonts and accents and all."""

from __future__ import annotations

from pathlib import Path

import pytest

import matcalc
from tests.notation.write.test_spelled import NAMED
from tests.system.render import tools

FONTS = (r"\mathscr{L} = \|\bm{A} \symbf x - \mathbfit{b}\|^2 + \mathfrak{c}^T \mathsf{d}", r"\|{\cal W}\vec{x} - \mathring{y}\|^2")


@pytest.mark.parametrize("package", ["katex", "mathjax"])
def test_web_pages_set_every_name(package: str) -> None:
    tools.require(package)
    done = [matcalc.derive(text, check=False) for text in (*NAMED, *FONTS)]
    shown = [one for d in done for one in (*tools.displays(d.to_latex()), *tools.displays(d.to_markdown()))]
    assert shown and tools.refused(package, shown) == []


@pytest.mark.slow
def test_tex_sets_every_name(tmp_path: Path) -> None:
    tools.require("pdflatex")
    fragments = [matcalc.derive(text, check=False).to_latex() for text in (*NAMED, *FONTS)]
    tools.pdflatex(tools.document("\n\n".join(fragments)), tmp_path)
