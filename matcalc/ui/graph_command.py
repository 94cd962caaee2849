"""``matcalc graph``: the computation graph of an expression, as a picture."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from matcalc.expr.errors import UsageError
from matcalc.printers.formats import ALL, GRAPH_FORMATS, KNOWN
from matcalc.printers.terminal import folded
from matcalc.ui.arguments import ExpressionCommand, about_expression, chosen, expression_arguments, read_input, several
from matcalc.ui.console import CONTEXT, save, say, warn
from matcalc.ui.derived_at import derived, point

if TYPE_CHECKING:
    from matcalc.printers.pictures.graph_picture import GraphPicture

EXAMPLES = """
Examples:

\b
  matcalc graph "f = (x+y)*max(y,z)" --at x=1,y=2,z=0
  matcalc graph "s = u^T f(W x + b)" -o net.svg -o net.mmd
  matcalc graph "s = u^T tanh(W x + b)" --at values.npz -o net.tex
  matcalc graph "s = u^T tanh(W x + b)" --at random --seed 1
"""
ENDINGS = {row.ending: name for name, row in GRAPH_FORMATS.items()}


@click.command(cls=ExpressionCommand, context_settings=CONTEXT, epilog=EXAMPLES, short_help="Draw the computation graph.")
@click.argument("expression", nargs=-1)
@several("--at", metavar="VALUES", help="Numbers: x=1,y=2 or a file (.npz .json .csv) or random; default: formulas.")
@about_expression
@chosen("--format", "form", choices=tuple(GRAPH_FORMATS), help="Default: text, or by the file's name.")
@chosen("--lang", choices=KNOWN["lang"], default=ALL.lang, help="Of the words in the picture; default: en.")
@several("-o", "outputs", metavar="FILE", help=f"Write here: {' '.join(ENDINGS)}")
@click.option("--graphviz", is_flag=True, help="Let Graphviz place the boxes of an SVG: dot must be installed.")
@click.option("--seed", type=int, default=0, help="Seed of random points.")
@chosen("--color", choices=("auto", "always", "never"), default="auto", help="Of messages; default: auto (NO_COLOR).")
def graph(expression: tuple[str, ...], file: str | None, **options: Any) -> int:
    """Draw the computation graph of EXPRESSION: one node an operation, values forward, gradients back."""
    text, at, color = read_input(expression, file), point(options["at"]), options["color"]
    d = derived(text, at, expression_arguments(options) | {"check": False, "seed": options["seed"]})
    drawn = d.graph(at, options["seed"], options["lang"])
    for warning in d.warnings:
        warn("warning", warning, color)
    if not options["outputs"]:
        form = options["form"] or "text"
        text = written(drawn, form, options["graphviz"])
        say(folded(text, sys.stdout) if form == "text" else text)
    for path in options["outputs"]:
        by_name = ENDINGS.get(os.path.splitext(path)[1].lower())
        save(path, written(drawn, options["form"] or by_name or "text", options["graphviz"]))
        known = by_name or options["form"]
        warn("note", f"wrote {path}" + ("" if known else " as text; --format says which format"), color)
    return 0


def written(drawn: GraphPicture, form: str, graphviz: bool) -> str:
    """The graph in a format; an SVG by Graphviz where that was asked for. Raises ``UsageError`` where it is not installed."""
    if form != "svg" or not graphviz:
        return drawn.to(form)
    import subprocess

    hint = "install Graphviz, or leave --graphviz out: matcalc places the boxes itself"
    try:
        done = subprocess.run(["dot", "-Tsvg"], input=drawn.to_dot(), capture_output=True, check=True, encoding="utf-8")
    except FileNotFoundError:
        raise UsageError("Graphviz is not installed: there is no program dot", hint=hint) from None
    except subprocess.CalledProcessError as error:
        raise UsageError(f"Graphviz refuses the graph: {error.stderr.strip()}", hint=hint) from None
    return done.stdout
