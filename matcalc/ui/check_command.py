"""``matcalc check``: somebody's own answer or derivation, and the first place where it goes wrong."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from matcalc.printers.terminal import folded
from matcalc.ui.arguments import ExpressionCommand, about_expressions, chosen, expression_arguments, pairs, read_file, several
from matcalc.ui.console import CONTEXT, refuse, say

EXAMPLES = """
Examples:

\b
  matcalc check "norm2(A*x - b)^2" --wrt x --answer "2*A'*(A*x - b)"
  matcalc check "s = u^T f(W x + b)" --wrt W --answer "d*x'; d = u .* f'(W*x + b)"
  matcalc check "tr(X*A)" --wrt X --work homework.tex
  matcalc check homework.md
"""
WRONG, UNREAD = 4, 2  # exit codes
FORMS = ("text", "latex", "markdown", "html", "json")


@click.command(cls=ExpressionCommand, context_settings=CONTEXT, epilog=EXAMPLES, short_help="Check your own work.")
@click.argument("expression", nargs=-1, metavar="EXPR | FILE | -")
@click.option("--wrt", metavar="NAME", help="The variable of the derivative.")
@click.option("--answer", metavar="TEXT", help="What you have got.")
@click.option("--work", metavar="F", help="A file with your lines; '-' is standard input.")
@several("--name", metavar="NAME=EXPR", help="What a name of your work stands for.")
@click.option("--kind", metavar="KIND", help="gradient, jacobian or hessian.")
@about_expressions
@click.option("--output", metavar="NAME", help="The defined name that is differentiated.")
@chosen("--format", "form", choices=FORMS, default="text", help="Default: text.")
@click.option("--explain", is_flag=True, help="Below each line, ours from the one before it.")
@click.option("--document", is_flag=True, help="With --format latex, a document that compiles.")
@click.option("--seed", type=int, default=0, help="Seed of the random points.")
def check(expression: tuple[str, ...], answer: str | None, work: str | None, form: str, **options: Any) -> int:
    """Whether your answer, or each line of your work, is right, and if not, where and how: exit code 0, 4 or 2 (not understood)."""
    from matcalc import api

    if options["document"] and form != "latex":
        refuse("--document is for LaTeX: add --format latex")
    if options["explain"] and form != "text":
        refuse("--explain is for text: leave --format out")
    problem, text, kind = _asked(expression, answer, work)
    said = expression_arguments(options) | {"seed": options["seed"]}
    names = pairs(options["name"], "--name", "A*x - b")
    report = api.check_work(text, problem, options["wrt"], names=names, form=kind, kind=options["kind"], **said)
    more = {name: True for name in ("document", "explain") if options[name]}
    shown = getattr(report, f"to_{form}")(**more)
    say("\n".join(folded(row, sys.stdout) for row in shown.split("\n")) if form == "text" else shown.rstrip("\n"))
    return {"right": 0, "not-understood": UNREAD}.get(report.verdict, WRONG)


def _asked(expression: tuple[str, ...], answer: str | None, work: str | None) -> tuple[str | None, str, str | None]:
    """The problem, the work, and its form where it is known."""
    if len(expression) != 1:
        refuse(f"one expression or file is expected, and there are {len(expression)}: put it in quotes")
    if answer is not None and work is not None:
        refuse("--answer and --work exclude each other")
    if answer is not None:
        return expression[0], answer, "answer"
    if work is not None:
        return expression[0], read_file(None if work == "-" else work), None
    if expression[0] != "-" and not os.path.exists(expression[0]):
        refuse(f"there is no file {expression[0]}: give your work with --answer TEXT or --work FILE")
    return None, read_file(None if expression[0] == "-" else expression[0]), None
