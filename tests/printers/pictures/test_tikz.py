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


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX")
@pytest.mark.parametrize("picture", [lecture().picture, net(2)])
def test_pdflatex_sets_it(picture: Picture, tmp_path: Path) -> None:
    (tmp_path / "graph.tex").write_text(to_tikz(picture), "utf-8")
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "graph.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "graph.pdf").stat().st_size > 1000
