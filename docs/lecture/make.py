"""The lecture, made again: every formula, output and picture on its pages is what matcalc gives.

    python docs/lecture/make.py [--check | --measure] [NN …]

The prose of a page is typed, its mathematics is not. Two marks say what stands in a page:

* a console fence with one command of matcalc, or ``python examples/lecture/…``, and below it ``<!-- made … -->`` to
  ``<!-- /made -->``: what the command gives. Markdown stands as it is, anything else in a fence, below it the picture that was
  written. ``measured``: its numbers are times or results of long computations; they are not compared, and ``--measure`` alone
  makes them again; ``exit N``: its exit code; ``from "…"`` and ``to "…"``: what comes before and after is left out;
  ``picture "…"``: words for those who do not see it;
* ``$…$<!--= ASKED -->``, a formula in a sentence: ``d(s)/d(W)`` is the line of the last derivation above that has this left
  side (``d(s)/d(W) #2`` the second one), ``result W`` a result of it, ``A == B`` an equation that matcalc.equal has to confirm,
  ``read A`` an expression as matcalc writes it.

The examples in examples/lecture are run, what they print stands beside them; the notebook is made of both.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import itertools
import json
import os
import re
import runpy
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: times are those of one thread

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LANGUAGES = ("en", "zh")
PICTURES = HERE / "pictures"
EXAMPLES = ROOT / "examples" / "lecture"
NOTEBOOK = EXAMPLES / "lecture.ipynb"
SHOWN = {
    "01": "d",
    "02": "one",
    "03": "softmax",
    "04": "d",
    "05": "d",
    "07": "graph",
}  # what the notebook shows of an example beside what it prints

BLOCK = r"^```console\n\$ (?P<command>[^\n]+)\n```\n\n<!-- made(?P<how>[^\n]*) -->\n(?P<part>.*?)<!-- /made -->$"
SLOT = r"\$(?P<formula>[^$\n]*)\$<!--= (?P<asked>[^\n]*?) -->"
MADE = re.compile(f"{BLOCK}|{SLOT}", re.MULTILINE | re.DOTALL)
# What differs from machine to machine: rounding errors, times, and how many points a check drew.
MASKS = (
    (r"\d(?:\.\d+)?e[-+]\d+", "E"),
    (r"\d[\d,.]* (?:ms|µs|s)\b", "T"),
    (r"at \d+ random points", "at random points"),
    (r"\d+ 个随机点", "个随机点"),
)
# Pictures that we draw line by line are the same everywhere; those of matplotlib are not.
OURS = ("graph",)


class Ran(NamedTuple):
    code: int
    out: str
    err: str
    files: dict[str, bytes]


class Asked(NamedTuple):
    """What stands behind the word ``made``."""

    measured: bool
    code: int
    start: str
    end: str
    words: str


def masked(text: str) -> list[str]:
    """The words of a text, without what differs from machine to machine."""
    for pattern, mask in MASKS:
        text = re.sub(pattern, mask, text)
    return text.split()


# -- commands ------------------------------------------------------------------------------------


@functools.cache
def ran(command: str) -> Ran:
    """A command of a page, in this process and in a folder of its own."""
    from click.testing import CliRunner

    from matcalc.cli import main

    name, *words = shlex.split(command)
    if name == "python":  # an example, by its path from the top of the repository
        return Ran(0, printed(ROOT / words[0]), "", {})
    assert name == "matcalc", command
    try:
        runner = CliRunner(mix_stderr=False)  # type: ignore[call-arg]
    except TypeError:  # click 8.2 and later keep them apart anyway
        runner = CliRunner()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        columns = "140" if words[0] == "functions" else "100"  # one table is as wide
        done = runner.invoke(main, words, env={"NO_COLOR": "1", "COLUMNS": columns, "MATCALC_DEBUG": ""})
        files = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
    return Ran(done.exit_code, done.stdout, done.stderr, files)


def option(command: str, *names: str) -> str | None:
    words = shlex.split(command)
    return next((after for word, after in itertools.pairwise(words) if word in names), None)


def asked_in(how: str) -> Asked:
    words = shlex.split(how)
    values = dict(itertools.pairwise(words))
    return Asked(
        "measured" in words,
        int(values.get("exit", 0)),
        values.get("from", ""),
        values.get("to", ""),
        values.get("picture", "the picture"),
    )


def part_of(command: str, how: str, number: str) -> str:
    """What stands below a command. Raises ``ValueError`` where its exit code is another one."""
    asked, done = asked_in(how), ran(command)
    if done.code != asked.code:
        raise ValueError(f"{command}: exit code {done.code}\n{done.err}")
    notes = "".join(line for line in done.err.splitlines(keepends=True) if not line.startswith("note: wrote"))
    shown = done.out
    if asked.start:
        shown = "…\n" + shown[shown.index(asked.start) :]
    if asked.end:
        shown = shown[: shown.index(asked.end)] + "…\n"
    kind = fence(command)
    if kind == "text":
        notes, shown = "", notes + shown
    parts = [f"```text\n{notes}```\n"] if notes else []
    if shown:
        parts += [shown if kind == "markdown" else f"```{kind}\n{shown}```\n"]
    if name := option(command, "-o", "--plot"):
        parts += [f"![{asked.words}](../pictures/{number}-{name})\n"]
    return "\n".join(parts)


def fence(command: str) -> str:
    """What kind of text a command prints."""
    return option(command, "--format") or ("python" if option(command, "--code") else "text")


# -- formulas in sentences -----------------------------------------------------------------------


def formula(asked: str, command: str) -> str:
    """The LaTeX for a slot; ``command`` is the last derivation above it. Raises ``ValueError`` where nothing fits."""
    import matcalc

    if asked.startswith("read "):
        return matcalc.parse(asked.removeprefix("read ")).latex
    if " == " in asked:
        left, right = asked.split(" == ")
        if not matcalc.equal(left, right):
            raise ValueError(f"these are not equal: {asked}")
        return f"{matcalc.parse(left).latex} = {matcalc.parse(right).latex}"
    told = derivation(command)
    if asked.startswith("result "):
        name = asked.removeprefix("result ")
        lines = [{"lhs": box[0], "rhs": box[1]} for box in boxes(told) if box[2] == name]
    else:
        asked, _, count = asked.partition(" #")
        lines = [line for line in told["steps"] if line["lhs"]["plain"] == asked][int(count or 1) - 1 :]
    if not lines:
        raise ValueError(f"{command} has no line {asked!r}: {', '.join(line['lhs']['plain'] for line in told['steps'])}")
    return f"{lines[0]['lhs']['latex']} = {lines[0]['rhs']['latex']}"


def boxes(told: dict[str, Any]) -> Iterator[tuple[dict[str, str], dict[str, str], str]]:
    """Left side, right side and variable of each result: the left side is that of a line by the same variable."""
    for result in told["results"]:
        ending = f"/d({result['wrt']})"
        lefts = [line["lhs"] for line in told["steps"] if line["lhs"]["plain"].endswith(ending)]
        if lefts:
            yield lefts[-1], result, result["wrt"]


@functools.cache
def derivation(command: str) -> dict[str, Any]:
    """A derivation as JSON: the same command with another format."""
    words = shlex.split(command)
    at = words.index("--format") if "--format" in words else len(words)
    done = ran(shlex.join([*words[:at], *words[at + 2 :], "--format", "json"]))
    found: dict[str, Any] = json.loads(done.out)
    return found


# -- pages ---------------------------------------------------------------------------------------


def pages(numbers: Sequence[str] = ()) -> list[Path]:
    found = [path for language in LANGUAGES for path in sorted((HERE / language).glob("*.md"))]
    return [path for path in found if not numbers or path.name[:2] in numbers]


def made(page: Path, again: bool = True) -> str:
    """The page with every part and every formula made again; ``again`` says whether measured ones are made too."""
    last = ""

    def put(found: re.Match[str]) -> str:
        nonlocal last
        if found["asked"] is not None:
            return f"${formula(found['asked'], last)}$<!--= {found['asked']} -->"
        if found["command"].startswith("matcalc derive "):
            last = found["command"]
        if asked_in(found["how"]).measured and not again and found["part"].strip():
            return found[0]
        part = part_of(found["command"], found["how"], page.name[:2])
        return f"```console\n$ {found['command']}\n```\n\n<!-- made{found['how']} -->\n\n{part}\n<!-- /made -->"

    return MADE.sub(put, page.read_text("utf-8"))


def commands(page: Path) -> list[tuple[str, str]]:
    """The commands of a page, and how what they give is shown."""
    return [(found["command"], found["how"]) for found in MADE.finditer(page.read_text("utf-8")) if found["command"]]


def pictures(page: Path, again: bool) -> Iterator[tuple[Path, bytes, bool]]:
    """Where the pictures of a page stand, what is in them, and whether they are the same everywhere."""
    for command, how in commands(page):
        name = option(command, "-o", "--plot")
        path = PICTURES / f"{page.name[:2]}-{name}"
        if name and (again or not path.exists() or not asked_in(how).measured):
            yield path, ran(command).files[name], shlex.split(command)[1] in OURS


# -- examples ------------------------------------------------------------------------------------


def examples(numbers: Sequence[str] = ()) -> list[Path]:
    return [path for path in sorted(EXAMPLES.glob("[0-9][0-9]_*.py")) if not numbers or path.name[:2] in numbers]


def printed(example: Path) -> str:
    """What an example prints when it runs alone."""
    words, about = [sys.executable, str(example)], {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(words, capture_output=True, check=False, encoding="utf-8", cwd=folder, env=os.environ | about)
    if done.returncode:
        raise ValueError(f"{example.name}: {done.stderr}")
    return done.stdout


def notebook() -> str:
    """The examples as one notebook, with what they print."""
    cells: list[dict[str, Any]] = [
        text_cell("# The lecture, point by point\n\nMade by docs/lecture/make.py of the files beside it.", "top")
    ]
    for path in examples():
        number = path.name[:2]
        title = f"{int(number)}. " + " · ".join(title_of(page) for page in pages([number]))
        doc, _, code = path.read_text("utf-8").removeprefix('"""').partition('"""\n')
        cells.append(text_cell(f"## {title}\n\n{doc}", f"text-{number}"))
        cells.append(code_cell(code.strip(), path.with_suffix(".out").read_text("utf-8"), f"code-{number}"))
        if number in SHOWN:
            cells.append(shown_cell(SHOWN[number], path, f"shown-{number}"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def title_of(page: Path) -> str:
    return page.read_text("utf-8").partition("\n")[0].partition(". ")[2]


def text_cell(text: str, name: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text.splitlines(keepends=True)}


def shown_cell(name: str, example: Path, cell: str) -> dict[str, Any]:
    """A cell that ends with a name of the example: as formulas, or as a picture."""
    with contextlib.redirect_stdout(io.StringIO()):
        value = runpy.run_path(str(example))[name]
    rich = {"image/svg+xml": value.to_svg()} if hasattr(value, "to_svg") else {"text/markdown": value.to_markdown()}
    data = {mime: text.splitlines(keepends=True) for mime, text in {**rich, "text/plain": repr(value)}.items()}
    output = {"data": data, "execution_count": None, "metadata": {}, "output_type": "execute_result"}
    return {"cell_type": "code", "execution_count": None, "id": cell, "metadata": {}, "outputs": [output], "source": [name]}


def code_cell(code: str, output: str, name: str) -> dict[str, Any]:
    shown = [{"name": "stdout", "output_type": "stream", "text": output.splitlines(keepends=True)}]
    lines = code.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "id": name, "metadata": {}, "outputs": shown, "source": lines}


# -- the command ---------------------------------------------------------------------------------


def wanted(numbers: Sequence[str], again: bool) -> Iterator[tuple[Path, bytes, bool]]:
    """Every file that is made, what it holds, and whether it is compared."""
    for page in pages(numbers):
        yield page, made(page, again).encode(), True
        yield from pictures(page, again)
    for example in examples(numbers):
        yield example.with_suffix(".out"), printed(example).encode(), True


def and_the_notebook(made_before: Iterator[tuple[Path, bytes, bool]]) -> Iterator[tuple[Path, bytes, bool]]:
    """The same, and the notebook, which is made of what was made before."""
    yield from made_before
    yield NOTEBOOK, notebook().encode(), True


def differs(path: Path, new: bytes) -> bool:
    return not path.exists() or masked(path.read_text("utf-8")) != masked(new.decode())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="*", metavar="NN", help="points of the lecture; default: all")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="write nothing, and say what differs")
    how.add_argument("--measure", action="store_true", help="measure anew as well")
    given = parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    wrong = 0
    for path, new, compared in and_the_notebook(wanted(given.numbers, again=given.measure)):
        if differs(path, new) and (compared or not path.exists() or given.measure):
            wrong += 1
            print(f"{'differs' if given.check else 'made'}: {path.relative_to(ROOT).as_posix()}")
            if not given.check:
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(new)
    return 1 if given.check and wrong else 0


if __name__ == "__main__":
    sys.exit(main())
