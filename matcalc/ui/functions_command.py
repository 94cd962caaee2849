"""``matcalc functions``: what is known of a function, and how it looks."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import TYPE_CHECKING

import click

from matcalc.expr.errors import MatcalcError, UsageError
from matcalc.printers.terminal import folded
from matcalc.ui.console import CONTEXT, say, warn

if TYPE_CHECKING:
    from matcalc.printers.pictures.plots import Panel

EXAMPLES = """
Examples:

\b
  matcalc functions
  matcalc functions "hard tanh"
  matcalc functions gelu --plot gelu.svg
  matcalc functions --plot activations.png
"""
WIDTH, HEIGHT, POINTS = 5.0, 10.0, 401  # of the window; and points of a curve
BESIDE, JUMP = 1e-9, 1e-3  # how near to a kink a curve goes on, and what is no step


def complete_functions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from matcalc.ui.function_facts import known

    return [name for name in known() if name.startswith(incomplete)]


@click.command(context_settings=CONTEXT, epilog=EXAMPLES, short_help="Look at the functions.")
@click.argument("name", required=False, shell_complete=complete_functions)
@click.option("--plot", "path", metavar="FILE", help="Draw value and derivative: .svg .png .pdf (needs matplotlib).")
def functions(name: str | None, path: str | None) -> int:
    """What is known of NAME: formula, derivative, range, saturation, kinks; without NAME, of all activation functions."""
    from matcalc.ui.function_facts import overview, sheets

    if path is not None:
        from matcalc.printers.pictures.plots import plot, require_ending

        require_ending(path)
        plot(panels(name), path)
    say(overview(sys.stdout) if name is None else folded("\n\n".join(sheet.text() for sheet in sheets(name)), sys.stdout))
    if path is not None:
        warn("note", f"wrote {path}")
    return 0


def panels(name: str | None) -> list[Panel]:
    """Value and derivative of a function in each of its forms, or of all activations. Raises ``UsageError``."""
    from matcalc.expr import activations, formulas
    from matcalc.expr.table import CALLS
    from matcalc.ui.function_facts import named

    called = None if name is None else named(name)
    rows = [row for row in activations.ROWS if called in (None, row.name)]
    if rows:
        return [panel(row.call, row.arguments, row.parameters, row.kinks) for row in rows]
    assert called is not None
    one = any(op.elementwise and op.arity == 1 for op in CALLS.get(called, ())) or any(
        text.startswith(f"{called}(x) ") and where == "x" for text, where, _ in formulas.ROWS
    )
    if not one:
        raise UsageError(
            f"'{called}' is no function of one number, so it has no plot", hint="plots are drawn of functions of each entry"
        )
    return [panel(f"{called}(z)", ("z",), {}, ())]


def panel(call: str, arguments: tuple[str, ...], parameters: dict[str, str], kinks: tuple[str, ...]) -> Panel:
    """The curves, interrupted where the derivative jumps."""
    from matcalc.printers.pictures.plots import Line, Panel
    from matcalc.ui.function_facts import derivative

    d = derivative(call, arguments)
    given = {name: float(Fraction(value)) for name, value in parameters.items()}
    breaks = sorted(given[k] if k in given else float(Fraction(k)) for k in kinks)
    low, high = min([-WIDTH, *(b - 2 for b in breaks)]), max([WIDTH, *(b + 2 for b in breaks)])
    grid = {low + (high - low) * i / (POINTS - 1) for i in range(POINTS)}
    xs = sorted(grid | {b + side for b in breaks for side in (-BESIDE, 0.0, BESIDE)})
    curves = [[_at(what, arguments[0], x, given) for x in xs] for what in (d.value, d.result)]
    lines = tuple(Line(label, xs, _interrupted(xs, ys, breaks)) for label, ys in zip(("value", "derivative"), curves, strict=True))
    notes = (", ".join(f"{k} = {v}" for k, v in parameters.items()),) if parameters else ()
    return Panel(call, lines, arguments[0], notes=notes)


def _interrupted(xs: list[float], ys: list[float], breaks: list[float]) -> list[float]:
    """Without what lies outside of the window, and without the step where a value jumps."""
    at = {i for i, x in enumerate(xs) if x in breaks and abs(ys[i + 1] - ys[i - 1]) > JUMP}
    return [float("nan") if i in at or abs(y) > HEIGHT else y for i, y in enumerate(ys)]


def _at(what: object, variable: str, x: float, given: dict[str, float]) -> float:
    """A value, or no number where there is none."""
    try:
        return float(what.evaluate({variable: x, **given}))  # type: ignore[attr-defined]
    except MatcalcError:
        return float("nan")
