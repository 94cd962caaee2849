"""What Typst makes of our output: every example and every hostile name compiles, and is there to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import matcalc
from matcalc.printers.typst import string
from tests.hostile_names import NAMES
from tests.printers.test_latex import EXPRESSIONS, derived
from tests.slices import slices
from tests.system.render import tools
from tests.system.render.test_hostile_pages import derivations

pytestmark = pytest.mark.render


def compiled(text: str, folder: Path) -> bytes:
    """The document as PDF, by a compiler that sees an empty folder and no fonts but its own."""
    tools.require("typst")
    import typst

    file = folder / "main.typ"
    file.write_text(text, encoding="utf-8")
    found: Any = typst.compile(str(file), root=str(folder), ignore_system_fonts=True)
    return bytes(found)


@pytest.mark.slow
@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
def test_examples(detail: str, tmp_path: Path) -> None:
    tools.require("typst")
    for text in EXPRESSIONS:
        assert compiled(derived(text).to_typst(document=True, detail=detail), tmp_path).startswith(b"%PDF")


@pytest.mark.slow
@pytest.mark.parametrize("part", slices(range(4), 4))
def test_hostile_names(part: int, tmp_path: Path) -> None:
    tools.require("typst", "pdftotext")
    some = derivations()[part::4]
    parts = [d.to_typst() for d in some]
    assert len(parts) > 50 and len(NAMES) >= 300
    pdf = tmp_path / "main.pdf"
    pdf.write_bytes(compiled("#set page(width: 40cm)\n" + "\n".join(parts), tmp_path))
    words = "".join(tools.pdf_text(pdf).split())
    assert "root:" not in words and "etc/passwd" in words and any("etc/passwd" in d.wrt[0] for d in some)


def test_a_planted_name_is_refused(tmp_path: Path) -> None:
    tools.require("typst")
    with pytest.raises(Exception, match="file"):
        compiled('#read("/etc/passwd")', tmp_path)
    assert compiled(f"#{string(chr(34) + '#read(1)' + chr(92))}", tmp_path).startswith(b"%PDF")


@pytest.mark.slow
def test_parts_pictures_and_wide_formulas(tmp_path: Path) -> None:
    tools.require("typst")
    d = matcalc.derive("s = " + " + ".join(f"x'*A_{i}*tanh(A_{i}*A_{i}*x)" for i in range(1, 9)), check=False)
    for text in (d.to_typst(), d.to("typst", graph=True), d.to("typst", only="results", sizes=False), d.to_typst(detail="full")):
        assert compiled(text, tmp_path).startswith(b"%PDF")
