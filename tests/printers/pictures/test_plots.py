"""Plots: files by their endings, the same bytes each time, and what is said where matplotlib is missing."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.dom import minidom

import pytest

from matcalc.expr.errors import UsageError
from matcalc.printers.pictures.plots import INSTALL, Line, Panel, plot

CURVE = Panel("a$b$c", (Line("value", (1.0, 2.0, 3.0), (1.0, float("nan"), float("inf"))),), "x_1", "y", notes=("a = 1",))


@pytest.mark.slow
@pytest.mark.parametrize(("ending", "start"), [(".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_files(ending: str, start: bytes, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    one, other = (tmp_path / f"{name}{ending}" for name in "ab")
    plot([CURVE], str(one))
    plot([CURVE, CURVE, CURVE], str(other), columns=2)
    assert one.read_bytes().startswith(start) and len(other.read_bytes()) > len(one.read_bytes())
    before = one.read_bytes()
    plot([CURVE], str(one))
    assert one.read_bytes() == before


@pytest.mark.slow
def test_an_svg_is_xml_and_names_are_no_mathematics(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "a.svg"
    plot([CURVE._replace(log=True, marks=(2.0,))], str(path))
    assert minidom.parse(str(path)).documentElement.tagName == "svg"  # type: ignore[union-attr]
    assert "<!-- a$b$c" in path.read_text("utf-8")  # the title as it was given, no formula


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'a\.txt' is no name of a picture"):
        plot([CURVE], "a.txt")


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(UsageError, match="cannot write"):
        plot([CURVE], str(tmp_path / "none" / "a.svg"))


def test_without_matplotlib_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match="not installed") as caught:
        plot([CURVE], "a.svg")
    assert caught.value.hint == INSTALL and INSTALL.startswith("pip install")
