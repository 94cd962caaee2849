"""The outside tools that set our LaTeX: pdflatex, KaTeX and MathJax, each strict and under a time limit."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TIMEOUT = 120
# Debian lets TeX read any file unless openin_any says otherwise: p(aranoid) keeps it inside its folder.
TEX_SETTINGS = {"openin_any": "p", "openout_any": "p", "shell_escape": "f", "max_print_line": "1000"}

DISPLAYS = re.compile(
    r"""\\begin\{(?P<name>(?:align|alignat|gather|equation|multline)\*?)\}.*?\\end\{(?P=name)\}
      | \\\[(?P<bracket>.*?)\\\]
      | \$\$(?P<dollars>.*?)\$\$
      | ```math\n(?P<fence>.*?)\n```
      | \\\((?P<paren>.*?)\\\)
      | (?<![\\$])\$(?P<dollar>[^$\n]+?)(?<!\\)\$""",
    re.DOTALL | re.VERBOSE,
)


class TexError(AssertionError):
    """pdflatex refused a source; the message is the part of its log that says why."""


def require(*tools: str) -> None:
    """Skip the test where a tool (pdflatex, pdftotext, node, katex, mathjax, typst) is missing; in CI fail it."""
    missing = [tool for tool in tools if not available(tool)]
    if missing:
        say = pytest.fail if os.environ.get("MATCALC_CI") == "1" else pytest.skip
        say(f"not installed: {', '.join(missing)}")


def available(tool: str) -> bool:
    if tool in ("katex", "mathjax"):
        return shutil.which("node") is not None and node_modules(tool) is not None
    if tool == "typst":  # a package with its compiler inside
        return importlib.util.find_spec("typst") is not None
    return shutil.which(tool) is not None


def node_modules(package: str) -> Path | None:
    """The node_modules folder that holds package: MATCALC_NODE_MODULES, else one here or further up."""
    given = os.environ.get("MATCALC_NODE_MODULES")
    places = [Path(given)] if given else [up / "node_modules" for up in (HERE, *HERE.parents[:3], Path.cwd())]
    return next((place for place in places if (place / package).is_dir()), None)


def pdflatex(tex_source: str, workdir: Path, engine: str = "pdflatex") -> Path:
    """Compile a whole document in workdir and give the PDF's path."""
    (workdir / "main.tex").write_text(tex_source, encoding="utf-8")
    flags = ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
    try:
        done = subprocess.run(
            [engine, *flags, "main.tex"],
            cwd=workdir,
            env=os.environ | {"HOME": os.environ.get("HOME", str(workdir))} | TEX_SETTINGS,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TexError(f"pdflatex: no end after {TIMEOUT} s") from None
    pdf = workdir / "main.pdf"
    if done.returncode or not pdf.is_file():
        raise TexError(complaint(done.stdout.decode("utf-8", "replace")))
    return pdf


def complaint(log: str) -> str:
    """The error in a TeX log with the lines that follow it, or else the log's end."""
    lines = log.splitlines()
    first = next((k for k, line in enumerate(lines) if line.startswith("!")), max(len(lines) - 12, 0))
    return "\n".join(lines[first : first + 12])


def overfull(workdir: Path, points: float = 1.0) -> list[str]:
    """The lines of the last run's log that report a box sticking out by more than so many points."""
    log = (workdir / "main.log").read_text(encoding="utf-8", errors="replace")
    found = re.finditer(r"Overfull \\[hv]box \(([\d.]+)pt too (?:wide|high)\).*", log)
    return [match.group() for match in found if float(match.group(1)) > points]


def pdf_text(pdf: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, timeout=TIMEOUT, check=True)
    return done.stdout.decode("utf-8")


def katex(formulas: Sequence[str]) -> list[str]:
    """The formulas that KaTeX refuses, each with its error; empty when all is well."""
    return refused("katex", formulas)


def mathjax(formulas: Sequence[str]) -> list[str]:
    """The formulas that MathJax refuses, each with its error; empty when all is well."""
    return refused("mathjax", formulas)


def refused(package: str, formulas: Sequence[str]) -> list[str]:
    """Feed all formulas to one node process: starting it costs more than many formulas."""
    unique = list(dict.fromkeys(formulas))
    if not unique:
        return []
    done = subprocess.run(
        ["node", HERE / f"{package}.cjs"],
        input=json.dumps(unique).encode(),
        env=os.environ | {"NODE_PATH": str(node_modules(package))},
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    problems = json.loads(done.stdout)
    assert len(problems) == len(unique), "a formula got no answer"
    return [f"{problem}\n    in: {one}" for one, problem in zip(unique, problems, strict=True) if problem]


def displays(text: str) -> list[str]:
    """The formulas in a LaTeX or Markdown text, as a page hands them to KaTeX: an align* block whole."""
    return [
        next(
            (body for name, body in hit.groupdict().items() if name != "name" and body is not None),
            hit.group(),
        )
        for hit in DISPLAYS.finditer(text)
    ]


def document(body: str) -> str:
    """The least document that a reader pastes our fragments into: amsmath and amssymb, nothing else."""
    return "\\documentclass{article}\n\\usepackage{amsmath,amssymb}\n\\begin{document}\n" + body + "\n\\end{document}\n"
