"""The command line: ``matcalc derive`` and the commands of :mod:`matcalc.ui`.

The result goes to standard output, everything else to standard error. Exit codes: 0 done and verified, 2 the
input, 3 no rule, 4 a check failed, 1 a bug of ours. Only click is imported before a command runs.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from matcalc import __version__
from matcalc.engine import KINDS, LAYOUTS, STYLES
from matcalc.printers.formats import ALL, ENGINES, ENVIRONMENTS, FORMATS, KNOWN, PARTS, Shown, by_ending, shown_as, written
from matcalc.ui.arguments import (
    ExpressionCommand,
    about_expression,
    chosen,
    expression_arguments,
    names_of,
    ones,
    pairs,
    read_input,
    several,
    sizes,
)
from matcalc.ui.check_command import check
from matcalc.ui.code_command import check_code
from matcalc.ui.console import CONTEXT, guarded, refuse, save, say, warn
from matcalc.ui.equal_command import equal
from matcalc.ui.functions_command import functions
from matcalc.ui.grade_command import grade
from matcalc.ui.gradient_command import check_gradient
from matcalc.ui.graph_command import graph
from matcalc.ui.mcp_command import mcp
from matcalc.ui.rules_command import rules
from matcalc.ui.train_command import train
from matcalc.ui.vectorise_command import vectorise

EXAMPLES = """
Examples:

\b
  matcalc derive "s = u^T f(W x + b)"
  matcalc derive "s = u' h; h = f(z); z = W*x + b" --wrt W --wrt b
  matcalc derive "norm2(A*x - b)^2" --dim A=m,n --document -o fit.tex
  matcalc derive "-y'*log(softmax(W*x + b))" --assume y=one-hot --code numpy
  matcalc derive "\\mathrm{tr}(A X B X^\\top)" --wrt X --detail full
"""


class Program(click.Group):
    """The group of commands, with our exit codes and no traceback."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        if args is None:  # a process of our own: a tenth of a short one's time went into looking for garbage among its modules
            gc.set_threshold(50_000)
        words = list(sys.argv[1:] if args is None else args)
        standalone = extra.pop("standalone_mode", True)
        run: Callable[..., Any] = super().main
        code = guarded(lambda: run(words, *rest, standalone_mode=False, **extra), words)
        if standalone:
            sys.exit(code)
        return code


# -- derive ------------------------------------------------------------------------------------


@click.group(cls=Program, context_settings=CONTEXT, epilog=EXAMPLES)
@click.version_option(__version__, prog_name="matcalc")
def main() -> None:
    """Matrix derivatives with the work shown, every line verified numerically."""


def complete_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Variables of the expression that has been typed so far."""
    try:
        from matcalc.deriving import read_problem

        text = " ".join(ctx.params.get("expression") or ())
        known = read_problem(text, sizes(ctx.params.get("dim") or ())).symbols
    except Exception:  # nothing to offer; a completion must stay silent
        return []
    return [name for name in known if name.startswith(incomplete)]


@main.command(cls=ExpressionCommand, context_settings=CONTEXT, epilog=EXAMPLES)
@click.argument("expression", nargs=-1)
@about_expression
@several("--wrt", metavar="NAME", shell_complete=complete_names, help="Differentiate by this; default: all.")
@chosen("--kind", choices=KINDS, help="Default: gradient of a scalar, else jacobian.")
@click.option("--direction", metavar="NAME", help="For hvp: the variable that holds the direction.")
@chosen("--layout", choices=LAYOUTS, help="How results are laid out; default: shape.")
@chosen("--style", choices=STYLES, help="How it argues; both, all: side by side. Default: backprop.")
@chosen("--detail", choices=("brief", "normal", "full"), default="normal", help="How much is shown.")
@click.option("--cases", is_flag=True, help="By scores: the right class, any other one, then both.")
@several("--structure", metavar="NAME=S", help="Its entries are tied: symmetric, diagonal …")
@chosen("--format", "form", choices=tuple(FORMATS), help="Default: text, or by the file's name.")
@click.option("--document", is_flag=True, help="A complete file: LaTeX for pdflatex, or Typst.")
@chosen("--columns", choices=("1", "2"), default="1", help="Of the LaTeX page that it goes on; default: 1.")
@chosen("--only", choices=PARTS, default="all", help="One part, without heading; results bring what they name.")
@click.option("--no-sizes", is_flag=True, help="Formulas without their sizes.")
@click.option("--no-reasons", is_flag=True, help="Lines without rules and notes.")
@click.option("--exercise", is_flag=True, help="Right sides are blank; the answers stand behind.")
@click.option("--labels", metavar="PREFIX", default="", help="LaTeX with numbers: \\\\label{PREFIX:W} at the result by W.")
@chosen("--environment", choices=ENVIRONMENTS, default="alignat", help="Of the lines in LaTeX; default: alignat.")
@chosen("--engine", choices=ENGINES, help="Of LaTeX: xelatex for letters of every script.")
@chosen("--lang", choices=KNOWN["lang"], default=ALL.lang, help="Of the words of the derivation; default: en.")
@click.option("--graph", "drawn", is_flag=True, help="With the computation graph, in HTML, Markdown, Typst and a LaTeX --document.")
@several(
    "--code",
    metavar="TARGET",
    help="numpy numba jax torch array-api dask scipy; class, torch-function, jax-vjp: both passes; "
    "linear-operator: products with it; sparse: moving rows.",
)
@click.option("--no-value", is_flag=True, help="Code of the derivative alone.")
@click.option("--factors", is_flag=True, help="Code of a Hessian's factors, where it is a product: it is not formed.")
@click.option("--with-gradient", is_flag=True, help="Code of a Hessian, or its product, with the gradient before it.")
@click.option("--assert-sizes", is_flag=True, help="Code that refuses arrays whose sizes do not fit, by name.")
@click.option(
    "--explain", "explained", is_flag=True, help="What each line of the NumPy code costs; with --code dask also what is sent."
)
@several("-o", "outputs", metavar="FILE", help=f"Write here: {' '.join(row.ending for row in FORMATS.values())} .py")
@click.option("--trace", "traced", is_flag=True, help="Both passes, numbered: what is kept, what sharing saves.")
@click.option("--no-check", is_flag=True, help="Do not verify the lines numerically.")
@click.option("--replay", is_flag=True, help="Rebuild every line from the rules as well, and say how that went.")
@click.option("--seed", type=int, help="Seed of the random check points.")
@chosen("--color", choices=("auto", "always", "never"), default="auto", help="Default: auto (NO_COLOR).")
def derive(expression: tuple[str, ...], file: str | None, **options: Any) -> int:
    """Derive EXPRESSION step by step; '-' reads it from standard input."""
    text = read_input(expression, file)
    arguments = derive_arguments(options)
    from matcalc import api

    for name in ones(options["dim"]):
        warn("note", f"'{name}' is a scalar: --dim {name}=1,1 is a matrix of one entry", options["color"])
    d = api.derive(text, **arguments)
    for warning in d.warnings:
        warn("warning", warning, options["color"])
    for claim in d.reading.claims:
        if claim.agrees:
            warn("note", claim.said, options["color"])
    if options["replay"]:
        _say_replay(d.replay(), options["color"])
    write_results(d, options)
    return 0


def _say_replay(report: Any, color: str) -> None:
    """How the replay went. Raises ``ReplayError`` where a line does not follow: nothing is shown then."""
    if report.wrong:
        report.require()
    count, *gaps = str(report).splitlines()
    warn("note", count, color)
    for gap in gaps:
        warn("warning", gap, color)


def derive_arguments(options: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments of ``matcalc.derive``; only what was asked for."""
    same = ("kind", "direction", "layout", "style", "seed")
    given: dict[str, Any] = {name: options[name] for name in same}
    names = names_of(options["wrt"])
    given["wrt"] = "all" if names == ["all"] else names or None
    given["structure"] = pairs(options["structure"], "--structure", "symmetric", lists=True)
    arguments = {name: value for name, value in given.items() if value not in (None, {}, [])} | expression_arguments(options)
    return arguments | ({"check": False} if options["no_check"] else {}) | ({"cases": True} if options["cases"] else {})


def write_results(d: Any, options: Mapping[str, Any]) -> None:
    """To the files that were named, else to standard output."""
    form, outputs = options["form"] or ("latex" if options["document"] else None), options["outputs"]
    wanted = {"value": not options["no_value"], "sizes": options["assert_sizes"], "gradient": options["with_gradient"]}
    wanted |= {"factors": True} if options["factors"] else {}
    code = {target: d.to_code(target, **wanted) for target in options["code"]}
    if options["no_value"] and not (code or options["explained"]):
        refuse("--no-value is about code; add --code numpy")
    for option in ("assert_sizes", "with_gradient", "factors"):
        if options[option] and not code:
            refuse(f"--{option.replace('_', '-')} is about code; add --code numpy")
    if options["traced"] or options["explained"]:
        say(traced(d, options) if options["traced"] else costs(d, options))
        return
    if not outputs:
        if form or not code:
            say(*rendered(d, form or "text", options, code))
        if code and form != "json":
            say("\n".join(code.values()))
    for path in outputs:
        suffix = os.path.splitext(path)[1].lower()
        if suffix == ".py":
            text = "\n".join(code.values()) if code else d.to_code("numpy")
        else:
            by_name = by_ending(suffix) or form or "text"
            text, _ = rendered(d, options["form"] or by_name, {**options, "color": "never"}, code)
        save(path, text)
        known = suffix == ".py" or by_ending(suffix) or options["form"]
        warn("note", f"wrote {path}" + ("" if known else f" as {by_name}; --format says which format"), options["color"])


def costs(d: Any, options: Mapping[str, Any]) -> str:
    """What the lines of code cost, in place of the derivation. Raises ``UsageError`` beside options that ask for something else."""
    _require_alone("--explain", {**options, "code": [c for c in options["code"] if c not in ("numpy", "dask")]})
    from matcalc.codegen.products import explained
    from matcalc.printers import cost_table

    value, rows = not options["no_value"], explained.rows_of(d, not options["no_value"])
    sent = explained.sent(d, value) if "dask" in options["code"] else None
    return cost_table.to_text(rows, explained.total(rows), sent, options["lang"])


def traced(d: Any, options: Mapping[str, Any]) -> str:
    """The two passes in place of the derivation. Raises ``UsageError`` beside options that ask for something else."""
    _require_alone("--trace", options)
    from matcalc.printers import pass_table, terminal

    width = terminal.width_of(sys.stdout) or pass_table.WIDTH
    return pass_table.to_text(d.passes(measured=True), width, options["lang"])


def _require_alone(what: str, options: Mapping[str, Any]) -> None:
    for name, option in (
        ("form", "--format"),
        ("outputs", "-o"),
        ("code", "--code"),
        ("drawn", "--graph"),
        ("document", "--document"),
    ):
        if options[name]:
            refuse(f"{what} prints a table in place of the derivation, and does not go with {option}")


def rendered(d: Any, form: str, options: Mapping[str, Any], code: Mapping[str, str]) -> tuple[str, bool]:
    """The derivation in one format, and whether it has colours."""
    from matcalc.options import label_prefix

    detail = options["detail"]
    if options["drawn"] and ("picture" not in FORMATS[form].takes or (form == "latex" and not options["document"])):
        refuse("--graph: pictures stand in HTML, Markdown, Typst and LaTeX with --document; matcalc graph draws them alone")
    prefix, sizes = label_prefix(options["labels"], options["environment"]), not options["no_sizes"]
    rest = prefix, options["environment"], options["exercise"], options["lang"]
    shown = shown_as(Shown(options["only"], sizes, not options["no_reasons"], *rest))
    _require_fitting(form, shown, options["columns"], options["engine"])
    if form == "text":
        from matcalc.printers import terminal

        coloured = terminal.wants_color(options["color"], sys.stdout)
        return terminal.show(d, detail, terminal.width_of(sys.stdout), coloured, shown), coloured
    given = {name: options[name] for name in ("document", "engine", "lang")}
    given |= {"columns": int(options["columns"]), "shown": shown}
    picture = d.graph(lang=options["lang"]).picture if options["drawn"] else None
    return written(d, form, detail=detail, code=code, picture=picture, **given), False


def _require_fitting(form: str, shown: Shown, columns: str, engine: str | None) -> None:
    """Refuse what the format would leave out. Raises ``UsageError``."""
    takes = FORMATS[form].takes
    asked = columns != "1" or shown.labels or shown.environment != ALL.environment or engine
    if asked and "columns" not in takes:
        refuse(f"--columns, --labels, --environment and --engine are about LaTeX, not {form}; add --format latex or --document")
    if shown._replace(lang=ALL.lang) != ALL and "shown" not in takes:
        others = ", ".join(name for name, row in FORMATS.items() if "shown" in row.takes)
        refuse(f"--only, --no-sizes, --no-reasons and --exercise are not for {form}: they go with --format {others}")


main.add_command(check)
main.add_command(check_code)
main.add_command(check_gradient)
main.add_command(equal)
main.add_command(grade)
main.add_command(functions)
main.add_command(graph)
main.add_command(mcp)
main.add_command(rules)
main.add_command(train)
main.add_command(vectorise)


@main.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the completion script of SHELL. In bash: eval "$(matcalc completion bash)"."""
    from click.shell_completion import get_completion_class

    known = get_completion_class(shell)
    assert known is not None
    script = known(main, {}, "matcalc", "_MATCALC_COMPLETE")
    say(script.source_template % script.source_vars())
