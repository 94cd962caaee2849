"""Length of the answers: printed characters of ours against those of the published closed form, over the corpus.

``python benchmarks/size.py [--show N]`` reads the closed form of each case of ../shared/corpus/cases.jsonl as matcalc reads NumPy,
and prints both by the same printer, each with the definitions of the names that stand in it; blanks do not count. Forms that are
no expressions (loops, comparisons, decompositions) are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import matcalc
from matcalc.api import read_problem
from matcalc.notation.write.render import TEXT, render

CORPUS = Path(os.environ.get("MATCALC_CORPUS", Path(__file__).resolve().parents[2] / "shared" / "corpus"))
USED = (
    "symmetric",
    "spd",
    "diagonal",
    "orthogonal",
    "skew",
    "one-hot",
    "probability",
    "positive",
    "invertible",
    "unit",
    "laplacian",
)
WIDE = 10**6  # columns: no line is broken


class Sized(NamedTuple):
    """A case: how many times as long our answer is, and both of them."""

    ratio: float
    name: str
    ours: tuple[str, ...]
    closed: tuple[str, ...]


def closed_form(case: dict[str, Any]) -> tuple[str, ...]:
    """The published formula, behind the definitions that its code makes. Raises ``MatcalcError``."""
    code = case["expected_numpy"]
    text = code.replace("return ", "answer = ") if "return " in code else f"answer = {code}"
    problem = read_problem(text, {n: tuple(s) for n, s in case["dims"].items()}, scalar=False)
    names: dict[Any, str] = {}
    lines = []
    for name, body in problem.definitions:
        if body.args and body is not problem.output:
            lines.append(f"{name} = {render(body, TEXT, names)}")
            names[body] = name
    return (*lines, f"= {render(problem.output, TEXT, names)}")


def answer(case: dict[str, Any]) -> tuple[str, ...]:
    """Our result, behind the lines that say what is named in it. Raises ``MatcalcError``."""
    assume = {n: ", ".join(p) if isinstance(p, list) else p for n, p in case.get("domain", {}).items()}
    options = {"direction": case["direction"]} if case["kind"] == "hvp" else {}
    d = matcalc.derive(
        case["plain"], wrt=case["wrt"], dims={n: tuple(s) for n, s in case["dims"].items()}, kind=case["kind"],
        output=case.get("output"), assume={n: p for n, p in assume.items() if p in USED}, check=False, **options,
    )  # fmt: skip
    text = d.to("text", width=WIDE, only="results", sizes=False, reasons=False)
    lines = list(filter(None, (line.strip() for line in text.splitlines())))
    boxes = [f"= {line.partition(' = ')[2]}" for line in lines if line.startswith("┃")]
    return (*(line for line in lines if not line.startswith("┃")), min(boxes, key=length))  # by entries, or as a matrix


def length(*lines: str) -> int:
    return sum(len("".join(line.split())) for line in lines)


def measured() -> Iterator[Sized]:
    for line in (CORPUS / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        try:
            closed, ours = closed_form(case), answer(case)
        except matcalc.MatcalcError:
            continue
        yield Sized(length(*ours) / length(*closed), case["id"], ours, closed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", type=int, default=0, help="print this many of the longest answers")
    shown = parser.parse_args().show
    found = sorted(measured())
    ratios = [f.ratio for f in found]
    within = sum(r <= 1.2 for r in ratios) / len(ratios)
    print(f"{len(found)} cases: characters of ours / of the closed form: median {statistics.median(ratios):.2f}, "
          f"worst {ratios[-1]:.2f}; {100 * within:.1f} % at most 1.2")  # fmt: skip
    for f in reversed(found[-shown:] if shown else []):
        print(f"{f.ratio:5.2f}  {f.name}\n        {'; '.join(f.ours)}\n        {'; '.join(f.closed)}")


if __name__ == "__main__":
    main()
