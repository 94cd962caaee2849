"""``matcalc check-gradient``: every entry of a gradient against differences, as it is checked by hand."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from matcalc.printers import terminal
from matcalc.ui.arguments import ExpressionCommand, about_expression, chosen, expression_arguments, read_input, several
from matcalc.ui.console import CONTEXT, refuse, say, warn
from matcalc.ui.derived_at import derived, point

if TYPE_CHECKING:
    from matcalc.check.central_differences import Entry, GradientCheck, Sweep, Tick

EXAMPLES = """
Examples:

\b
  matcalc check-gradient "s = u^T tanh(W x + b)"
  matcalc check-gradient "f = (x+y)*max(y,z)" --at x=1,y=2,z=0 --h 1e-5
  matcalc check-gradient "-y'*log(softmax(W*x + b))" --assume y=one-hot --wrt W
  matcalc check-gradient "s = u^T tanh(W x + b)" --sweep --plot sweep.svg
"""
FAILED = 4  # the exit code
SILENT, WIDE = 0.5, 30  # seconds before a progress bar appears, and its width


@click.command(
    "check-gradient",
    cls=ExpressionCommand,
    context_settings=CONTEXT,
    epilog=EXAMPLES,
    short_help="Check a gradient entry by entry.",
)
@click.argument("expression", nargs=-1)
@several("--at", metavar="VALUES", help="Numbers: x=1,y=2 or a file (.npz .json .csv) or random; default: random.")
@several("--wrt", metavar="NAME", help="Check the gradient by this; default: all.")
@click.option("--h", "step", type=float, default=1e-4, help="The step of the differences; default: 1e-4.")
@click.option("--sweep", is_flag=True, help="Show how the error depends on h.")
@click.option("--plot", "path", metavar="FILE", help="Draw that: .svg .png .pdf (needs matplotlib).")
@click.option("--rows", type=click.IntRange(0), default=20, help="How many entries are shown, the worst first; default: 20.")
@about_expression
@click.option("--seed", type=int, default=0, help="Seed of the random point.")
@chosen("--color", choices=("auto", "always", "never"), default="auto", help="Of messages; default: auto (NO_COLOR).")
def check_gradient(expression: tuple[str, ...], file: str | None, **options: Any) -> int:
    """Check the gradient of EXPRESSION against (f(x+h) - f(x-h))/2h, for every entry. Exit code 0, or 4 where one differs."""
    if options["path"] is not None:
        from matcalc.printers.pictures.plots import require_ending

        require_ending(options["path"])
    text, at = read_input(expression, file), point(options["at"])
    names = [name for word in options["wrt"] for name in re.split(r"[,\s]+", word) if name]
    arguments: dict[str, Any] = {"seed": options["seed"], "kind": "gradient"} | ({"wrt": names} if names else {})
    d = derived(text, at, expression_arguments(options) | arguments)
    if d.problem.order == 2:
        refuse("the text asks for a second derivative, and gradients are checked so: leave its sign out")
    for warning in d.warnings:
        warn("warning", warning, options["color"])
    sweep = options["sweep"] or options["path"] is not None
    with progress() as tick:
        report = d.check_gradient(at, options["step"], seed=options["seed"], sweep=sweep, tick=tick)
    where = "the given point" if isinstance(at, dict) else "a random point"
    say(terminal.folded(told(report, d.problem.output_name or "f", where, options["rows"]), sys.stdout))
    if options["path"] is not None:
        draw(report, options["path"])
        warn("note", f"wrote {options['path']}", options["color"])
    return 0 if report.passed else FAILED


@contextmanager
def progress() -> Iterator[Tick]:
    """A bar on a terminal, once it takes longer; nothing elsewhere."""
    stream, start, drawn = sys.stderr, monotonic(), 0

    def tick(done: int, of: int) -> None:
        nonlocal drawn
        part = WIDE * done // of
        if stream is not None and stream.isatty() and monotonic() - start > SILENT and part > drawn:
            drawn = part
            click.echo(f"\r[{'#' * part}{'.' * (WIDE - part)}] {done} of {of} entries", nl=False, err=True)

    try:
        yield tick
    finally:
        if drawn:
            click.echo("\r" + " " * (WIDE + 40) + "\r", nl=False, err=True)


# -- in words ------------------------------------------------------------------------------------


def told(report: GradientCheck, output: str, where: str, rows: int) -> str:
    """The whole report: entries, costs, the sweep, and the verdict."""
    sizes = ", ".join(f"{name} {'×'.join(map(str, shape)) or 'a number'}" for name, shape in report.shapes.items())
    blocks = [
        f"Gradient of {output} against ({output}(x+h) - {output}(x-h))/2h, h = {report.h:g}\n"
        f"at {where} ({sizes}), where {output} = {report.value:.6g}",
        _entries(report, rows),
        _costs(report),
    ]
    blocks += [_sweep(report.sweep)] if report.sweep else []
    blocks += ["\n".join(report.kinks)] if report.kinks else []
    return "\n\n".join([*blocks, verdict(report)])


def verdict(report: GradientCheck) -> str:
    count, wrong = len(report.entries), sum(not e.agrees for e in report.entries)
    excused = sum(bool(e.why) for e in report.entries)
    if wrong:
        return f"✗ {wrong} of {count} entries differ from the difference quotients"
    beside = f"; {excused} of them with a note" if excused else ""
    return f"✓ {count} entries agree, largest relative error {report.error:.1e}{beside}"


def _entries(report: GradientCheck, rows: int) -> str:
    shown = report.entries[:rows]
    table = [("entry", "analytic", "numeric", "relative error", ""), *map(_cells, shown)]
    rest = report.entries[rows:]
    more = (
        f"\n  and {len(rest)} more, with errors up to {max((e.error for e in rest if not e.why), default=0.0):.1e}" if rest else ""
    )
    return terminal.table(table, sys.stdout) + more


def _cells(e: Entry) -> tuple[str, ...]:
    where = f"{e.name}[{','.join(map(str, e.place))}]" if e.place else e.name
    note = e.why or ("" if e.agrees else "differs")
    return where, f"{e.analytic: .9g}", f"{e.numeric: .9g}", f"{e.error:.1e}", note


def _costs(report: GradientCheck) -> str:
    table = [("what it costs", "evaluations", "time", "relative error")]
    for c in report.costs:
        table.append((c.method, str(c.evaluations), _time(c.seconds), "" if c.error is None else f"{c.error:.1e}"))
    return terminal.table(table, sys.stdout)


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.2f} ms"


def _sweep(sweep: tuple[Sweep, ...]) -> str:
    best = min(sweep, key=lambda row: row.two_sided)
    table = [("h", "two-sided error", "one-sided error", "")]
    for row in sweep:
        what = "smallest" if row is best else "truncation" if row.h > best.h else "rounding"
        table.append((f"{row.h:.0e}", f"{row.two_sided:.1e}", f"{row.one_sided:.1e}", what))
    note = "  of the whole gradient; two-sided truncation falls with h², one-sided with h, and rounding grows with 1/h"
    return terminal.table(table, sys.stdout) + "\n" + note


def draw(report: GradientCheck, path: str) -> None:
    """The errors over h, on logarithmic axes."""
    from matcalc.printers.pictures.plots import Line, Panel, plot

    hs = [row.h for row in report.sweep]
    two, one = ([getattr(row, side) for row in report.sweep] for side in ("two_sided", "one_sided"))
    lines = (Line("two-sided, (f(x+h) - f(x-h))/2h", hs, two), Line("one-sided, (f(x+h) - f(x))/h", hs, one))
    notes = ("left: rounding; right: truncation; dotted: the h of the check",)
    title = "Relative error of the gradient by differences"
    plot([Panel(title, lines, "h", "relative error", log=True, marks=(report.h,), notes=notes)], path)
