"""TikZ source."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from matcalc.printers.pictures.captions import Picture
from matcalc.printers.pictures.tikz import to_tikz
from tests.printers.pictures.drawn import lecture, net


def test_nodes_and_arrows() -> None:
    text = to_tikz(lecture().picture)
    assert text.count(r"\draw[->") == 7 and r"\(f = a b\)" in text and text.count("{value,") == 0
    assert text.count(r"\node[value,") == 7 == text.count(r"\node[grad,") and text.count("{") == text.count("}")


def has(*files: str) -> bool:
    """Whether TeX finds them."""
    tool = shutil.which("kpsewhich")
    return tool is not None and all(subprocess.run([tool, f], capture_output=True, timeout=60).stdout for f in files)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None or not has("tikz.sty"), reason="no LaTeX with TikZ")
@pytest.mark.parametrize("picture", [lecture().picture, net(2)])
def test_pdflatex_sets_it(picture: Picture, tmp_path: Path) -> None:
    source = to_tikz(picture)
    if not has("standalone.cls"):  # which cuts the page to the picture, and is nothing that we wrote
        source = source.replace(r"\documentclass[border=6pt]{standalone}", r"\documentclass{article}\pagestyle{empty}")
    (tmp_path / "graph.tex").write_text(source, "utf-8")
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "graph.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "graph.pdf").stat().st_size > 1000
