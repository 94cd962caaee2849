"""``matcalc check-code``: a gradient function of somebody's own file against the derivation; the file is run, and that is said."""

from __future__ import annotations

import sys
from typing import Any

import click

from matcalc.printers.terminal import folded
from matcalc.ui.arguments import ExpressionCommand, about_expressions, chosen, expression_arguments, pairs, read_file, several
from matcalc.ui.check_command import FORMS, UNREAD, WRONG
from matcalc.ui.console import CONTEXT, refuse, say

EXAMPLES = """
Examples:

\b
  matcalc check-code grads.py:grad "1/n*norm2(X*w - y)^2" --wrt w --dim X=n,d
  matcalc check-code grads.py:backward "norm2(X*W + ones(n)*b' - Y)^2" --wrt b --item db
  matcalc check-code grads.py:grad "u'*tanh(W*x)" --wrt W --read
"""


@click.command(
    "check-code", cls=ExpressionCommand, context_settings=CONTEXT, epilog=EXAMPLES, short_help="Check your gradient code."
)
@click.argument("where", metavar="FILE.py:FUNCTION")
@click.argument("expression", nargs=-1, metavar="EXPR")
@click.option("--wrt", metavar="NAME", help="The variable of the derivative.")
@several("--name", metavar="NAME=EXPR", help="What a parameter of your function stands for.")
@click.option("--item", metavar="K", default="", help="Which of several results: a number from 1, or a key.")
@click.option("--read", is_flag=True, help="Walk the function as a tree, and run nothing.")
@click.option("--seconds", type=click.IntRange(1, 3600), default=20, help="How long your function may take. Default: 20.")
@click.option("--megabytes", type=click.IntRange(64, 1 << 20), default=8192, help="How much memory it may take. Default: 8192.")
@about_expressions
@click.option("--output", metavar="NAME", help="The defined name that is differentiated.")
@chosen("--format", "form", choices=FORMS, default="text", help="Default: text.")
def check_code(where: str, expression: tuple[str, ...], form: str, **options: Any) -> int:
    """Whether your function gives the derivative, on small random arrays. THIS RUNS YOUR FILE, in a process of its own with limits
    of time and memory, unless --read is given. Parameters are names of the expression. Exit code as of check."""
    path, sign, function = where.rpartition(":")
    if not sign or not function.isidentifier():
        refuse(f"{where}: write FILE.py:FUNCTION")
    if len(expression) != 1:
        refuse(f"one expression is expected, and there are {len(expression)}: put it in quotes")
    from matcalc import api, deriving
    from matcalc.check.work.own_process import Limits

    asked = api.derive(expression[0], "all" if options["wrt"] is None else options["wrt"], **expression_arguments(options))
    names = pairs(options["name"], "--name", "X")
    if options["read"]:
        report = asked.check_work(read_file(path), names, "numpy")
    else:
        limits = Limits(options["seconds"], options["megabytes"])
        click.echo(f"running {function} of {path}, in a process of its own ({limits.seconds} s, {limits.megabytes} MB)", err=True)
        report = deriving.checked_code(asked, path, function, names, options["item"], limits)
    shown = getattr(report, f"to_{form}")()
    say("\n".join(folded(row, sys.stdout) for row in shown.split("\n")) if form == "text" else shown.rstrip("\n"))
    return {"right": 0, "not-understood": UNREAD}.get(report.verdict, WRONG)
