"""docs/training.md: its command runs as shown, up to digits, and its tables name what there is."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from matcalc import training
from matcalc.codegen.scripts.choices import FORMS, OPTIMISERS, SCHEDULES
from tests.places import ROOT
from tests.slices import slices
from tests.test_cli import run

PAGE = (ROOT / "docs" / "training.md").read_text("utf-8")
SESSIONS = re.findall(r"^```console\n\$ (matcalc [^\n]*)\n(.*?)^```\n", PAGE, re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\d+\.\d+%?")


def without_digits(text: str) -> list[str]:
    return [NUMBER.sub("N", line) for line in text.splitlines() if not line.startswith("warning: ")]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "output"), SESSIONS)
def test_what_the_command_gives(command: str, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    done = run(*shlex.split(command)[1:])
    assert done.exit_code == 0, done.stderr
    shown = without_digits(output)
    assert [line for line in shown if line.startswith("note: ")] == without_digits(done.stderr)
    told = iter(without_digits(done.stdout))
    assert all(line in told for line in shown if line != "…" and not line.startswith("note: "))  # in this order
    assert float(re.findall(r"([\d.]+)%", done.stdout)[0]) >= 96
    assert (tmp_path / "digits.svg").exists() and (ROOT / "docs" / "training" / "digits.svg").exists()


def norms() -> list[tuple[str, str, list[float]]]:
    """f, the start and the norms by layer, as the page has them."""
    _, _, rest = PAGE.partition("<!-- norms -->\n")
    rows = [line.strip("| ").split(" | ") for line in rest.partition("<!-- /norms -->")[0].splitlines()[2:]]
    return [(row[0].strip("`"), row[1], [float(cell) for cell in row[2:8]]) for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("row", slices(norms(), 4), ids=lambda row: "-".join(row[:2]))
def test_norms_by_layer(row: tuple[str, str, list[float]], tmp_path: Path) -> None:
    f, start, shown = row
    pytest.importorskip("sklearn")
    (text,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    more = {"sizes": dict.fromkeys("mkpqr", 30), "scale": "standard", "epochs": 1, "start": start, "about": {"functions": {"f": f}}}
    found = training.train(text, "digits", {"X": "data", "y": "labels"}, tmp_path, **more).epochs[0]["gradient_norms"]
    assert [found[f"W_{k}"] for k in range(6, 0, -1)] == pytest.approx(shown, rel=0.1)


def test_the_tables_are_complete() -> None:
    assert SESSIONS and all(f"| `{name}` |" in PAGE for name in OPTIMISERS)
    assert all(f"| `{name}" in PAGE for name in SCHEDULES) and all(form.partition(":")[0] in PAGE for form in FORMS.split(", "))


def test_the_python_of_the_page(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        example = doctest.DocTestParser().get_doctest(block, {"folder": tmp_path}, "training.md", None, 0)
        assert doctest.DocTestRunner().run(example).failed == 0
