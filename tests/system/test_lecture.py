"""docs/lecture and examples/lecture: all that is made there is what matcalc gives today."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.source


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lecture_make", ROOT / "docs" / "lecture" / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


make = tool()
SLOW = {"11", "12"}  # plots of all functions and training take seconds
INDEX = (ROOT / "docs" / "lecture" / "README.md").read_text("utf-8")


def cases(paths: list[Path], language: bool = False) -> list[Any]:
    return [
        pytest.param(
            path,
            id=f"{path.parent.name}-{path.stem}" if language else path.stem,
            marks=[pytest.mark.slow] * (path.name[:2] in SLOW),
        )
        for path in paths
    ]


PAGES = cases(make.pages(), language=True)


@pytest.mark.sample(7)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_matcalc_gives(page: Path) -> None:
    same = make.masked(make.made(page, again=False)) == make.masked(page.read_text("utf-8"))
    assert same, f"python docs/lecture/make.py {page.name[:2]} makes it again; git diff says what is new"


@pytest.mark.parametrize("page", PAGES)
def test_pictures_are_what_matcalc_draws(page: Path) -> None:
    for path, drawn, same in make.pictures(page, again=False):
        assert path.exists(), path
        assert not same or path.read_bytes() == drawn


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_what_is_measured_says_the_same_with_other_numbers(page: Path) -> None:
    for found in make.MADE.finditer(page.read_text("utf-8")):
        if found["command"] and make.asked_in(found["how"]).measured:
            told = make.part_of(found["command"], found["how"], page.name[:2])
            assert words_alone(told) == words_alone(found["part"]), "--measure makes it again"


def words_alone(text: str) -> list[str]:
    return re.sub(r"-?\d[\d,.e+-]*", "0", text).split()


def prose(page: Path) -> str:
    """A page without what is made, without code and without what stands in links."""
    text = make.MADE.sub("", page.read_text("utf-8"))
    return re.sub(r"```.*?```|`[^`\n]*`|\]\([^)]*\)", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("page", make.pages(), ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_no_mathematics_is_typed(page: Path) -> None:
    """Letters may be named in a sentence; whatever has a sign of a computation or a dollar comes from matcalc."""
    assert re.findall(r"\$|[^\n]*[=∂∑Σᵀ√≠≤≥∘].*|\w \+ \w.*|\\\w+.*", prose(page)) == []
    assert "$?$" not in page.read_text("utf-8")
    assert re.findall(r"[^\s(]\$[^$\n]*\$<!--=", page.read_text("utf-8")) == [], "GitHub wants a blank before a formula"


def asked(page: Path) -> list[str]:
    """What is asked for on a page, in whichever language."""
    return [
        re.sub(" --lang zh|-zh(?=.svg)", "", found["asked"] or found["command"])
        for found in make.MADE.finditer(page.read_text("utf-8"))
    ]


def test_both_languages_show_the_same() -> None:
    english, chinese = (
        {page.name: asked(page) for page in make.pages() if page.parent.name == language} for language in make.LANGUAGES
    )
    assert english == chinese
    assert {name[:2] for name in english} == {path.name[:2] for path in make.examples()}


def test_no_derivation_on_a_chinese_page_is_in_english() -> None:
    """Code stays as it is; warnings, and what other commands print, are English everywhere."""
    told = [c for page in make.pages() if page.parent.name == "zh" for c, _ in make.commands(page) if " --code " not in c]
    assert [c for c in told if c.startswith(("matcalc derive", "matcalc graph")) and not c.endswith("--lang zh")] == []


def test_the_index_lists_all_points() -> None:
    rows = re.findall(
        r"^\| (\d+) \| \[[^\]]+\]\((en/\S+)\) \| \[[^\]]+\]\((zh/\S+)\) \| \[\S+\]\(\.\./\.\./examples/lecture/(\S+)\) \|",
        INDEX,
        re.MULTILINE,
    )
    assert [int(row[0]) for row in rows] == [int(path.name[:2]) for path in make.examples()]
    for at, language in enumerate(make.LANGUAGES, 1):
        assert [row[at] for row in rows] == [f"{language}/{page.name}" for page in make.pages() if page.parent.name == language]
    assert [row[3] for row in rows] == [path.name for path in make.examples()]


@pytest.mark.parametrize(
    "page", [*make.pages(), ROOT / "docs" / "lecture" / "README.md"], ids=lambda page: f"{page.parent.name}-{page.stem}"
)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", page.read_text("utf-8"))
    assert links and [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


# -- what would be seen -------------------------------------------------------------------------


def a_page(folder: Path, text: str) -> Path:
    page = folder / "99-planted.md"
    page.write_text(text, encoding="utf-8")
    return page


DERIVED = '```console\n$ matcalc derive "s = x\'*A*x" --wrt x --format markdown\n```\n\n<!-- made -->\n<!-- /made -->\n'


def test_a_wrong_formula_is_seen(tmp_path: Path) -> None:
    text = make.made(a_page(tmp_path, DERIVED + "\nSo $?$<!--= d(s)/d(x) #2 -->, or $?$<!--= result x -->.\n"))
    right = r"\nabla_{x} s = \left(A + A^{\top}\right) x"
    assert right in text and make.made(a_page(tmp_path, text)) == text
    wrong = a_page(tmp_path, text.replace(r"A + A^{\top}", "2 A"))
    assert make.masked(make.made(wrong)) != make.masked(wrong.read_text("utf-8"))


@pytest.mark.parametrize(
    "text, said",
    [
        ("$?$<!--= tanh(z) == 2*sigmoid(z) - 1 -->", "not equal"),
        (DERIVED + "$?$<!--= d(s)/d(A) -->", "no line"),
        (DERIVED + "$?$<!--= result A -->", "no line"),
        (DERIVED.replace("--wrt x", "--wrt q"), "exit code 2"),
        (DERIVED.replace("<!-- made -->", "<!-- made exit 4 -->"), "exit code 0"),
    ],
)
def test_what_matcalc_does_not_give_is_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        make.made(a_page(tmp_path, text))


def test_masks_leave_the_numbers_that_count() -> None:
    assert make.masked("error 2.4e-15 after 0.50 ms") == make.masked("error 1.1e-16 after 12,345.6 ms")
    assert make.masked("5 points, s = 3.79") != make.masked("5 points, s = 3.78")


# -- examples -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("example", cases(make.examples()))
def test_an_example_prints_what_stands_beside_it(example: Path) -> None:
    assert make.masked(make.printed(example)) == make.masked(example.with_suffix(".out").read_text("utf-8"))


@pytest.mark.parametrize("example", make.examples(), ids=lambda path: path.stem)
def test_an_example_is_short(example: Path) -> None:
    text = example.read_text("utf-8")
    assert text.startswith('"""') and 5 <= len(text.splitlines()) <= 25


def test_the_notebook_is_made_of_the_examples() -> None:
    assert make.masked(make.NOTEBOOK.read_text("utf-8")) == make.masked(make.notebook())


@pytest.mark.slow
def test_the_notebook_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    cells = [cell for cell in json.loads(make.NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert len(cells) == len(make.examples()) + len(make.SHOWN)
    for cell in cells:
        (output,) = cell["outputs"]
        if output["output_type"] == "execute_result":
            assert repr(eval("".join(cell["source"]), names)) == "".join(output["data"]["text/plain"]), cell["id"]
            continue
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
        assert make.masked(told.getvalue()) == make.masked("".join(output["text"])), cell["id"]
