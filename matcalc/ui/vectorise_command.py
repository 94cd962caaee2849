"""``matcalc vectorise``: sums over indices, or a value for each index, as loops and without indices."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from matcalc.printers.terminal import folded
from matcalc.ui.arguments import ExpressionCommand, about_expression, expression_arguments, names_of, read_input, several
from matcalc.ui.console import CONTEXT, save, say, warn

EXAMPLES = r"""
Examples:

\b
  matcalc vectorise "z_i = W x_i" --time --dim W=5,300
  matcalc vectorise "\sum_{i=1}^N (w^T x_i - y_i)^2" --wrt w --time
  matcalc vectorise "\sum_i u^T f(W x_i)" -o both.py
  matcalc vectorise "\sum_{i,j} K_{ij} a_i a_j + \lambda a^T a"
"""


@click.command(cls=ExpressionCommand, context_settings=CONTEXT, epilog=EXAMPLES, short_help="A loop, and the matrices for it.")
@click.argument("expression", nargs=-1)
@several("--wrt", metavar="NAME", help="Derivatives of a sum by these; default: all.")
@click.option("--over", metavar="INDEX", help="The index, where several stand in the text.")
@about_expression
@click.option("--time", "timed", is_flag=True, help="Run both, at 500 terms and sizes of 100 where --dim says nothing.")
@several("-o", "outputs", metavar="FILE", help="Write the code here: .py")
@click.option("--seed", type=int, default=0, help="Seed of the random check points.")
def vectorise(expression: tuple[str, ...], file: str | None, timed: bool, over: str | None, **options: Any) -> int:
    """Sums over indices, or a value for each index, as loops and without indices: both as code, checked, timed."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # before NumPy is loaded: times are compared at one thread
    text = read_input(expression, file)
    from matcalc import api

    found = api.vectorise(text, over, names_of(options["wrt"]) or "all", **expression_arguments(options), seed=options["seed"])
    code = found.code
    times = found.times(options["seed"]) if timed else None
    for path in options["outputs"]:
        save(path, code)
        warn("note", f"wrote {path}")
    words = [folded("\n".join(lines), sys.stdout) for lines in (told(found), _measured(times) if times else [])]
    say("\n\n".join(filter(None, (words[0], "" if options["outputs"] else code.rstrip(), words[1]))))
    return 0


def told(found: Any) -> list[str]:
    """What stands for the loops, and why."""
    whole, first = found.whole, found.sums[0]
    indices = " and ".join(dict.fromkeys(i for one in found.sums for i in one.letters))
    rows = [("term", f"{one.term.value!r}, where {_where(one)}") for one in found.sums]
    if found.rest is not None:
        rows += [("of the sums", f"{found.rest.value!r}, where {', '.join(map(_total, found.totals, found.sums))}")]
    rows += [(f"without {indices}", f"{found.plain}{_place(found)}")]
    if found.is_gradient:
        i = first.letters[0]
        rows += [
            ("because", f"it is the gradient of {whole.value!r} by {whole.wrt[0]}, and that is the sum of ⟨v_{i}, term⟩ over {i}")
        ]
    rows += [("by the lines", step.text) for step in whole.steps if step.kind == "rewrite"]
    if (report := whole.checked) is not None:
        rows += [("checked", f"✓ at {report.points} random points, largest relative error {report.max_relative_error:.0e}")]
    from matcalc.printers.text import columns, pad

    width = max(columns(name) for name, _ in rows)
    return [f"{pad(name, width)}  {text}" for name, text in rows]


def _where(one: Any) -> str:
    """Which parts of arrays the names of the term are."""
    return ", ".join(f"{name} = {part.at({})}" for name, part in one.slices.items())


def _total(name: str, one: Any) -> str:
    return f"{name} = Σ_{','.join(one.letters)} of {one.term.value!r}"


def _place(found: Any) -> str:
    if found.form is None:
        return ""
    term = found.sums[0].term.problem.output
    return f", {'entry' if term.kind == 's' else 'row'} {found.sums[0].letters[0]} is the term"


def _measured(times: Any) -> list[str]:
    sizes = ", ".join(f"{name} = {n}" for name, n in times.sizes.items())
    rows = [("loop", times.loop), ("without the index", times.product)]
    head = "Measured here, one thread" + (f", at {sizes}" if sizes else "")
    lines = [head, *(f"  {what:<20}{1e6 * t:>12,.1f} µs" for what, t in rows)]
    return [
        *lines,
        f"  the loop takes {times.loop / times.product:.1f} times as long; both give the same (difference {times.error:.0e})",
    ]
