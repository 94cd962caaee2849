"""``matcalc train``: a training script from a loss and data, and its run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from matcalc.ui.arguments import ExpressionCommand, about_expression, chosen, expression_arguments, pairs, read_input, several
from matcalc.ui.console import CONTEXT, refuse, say, warn

OPTIMISERS = ("sgd", "momentum", "adagrad", "rmsprop", "adam", "sparse-adam")
FIRST_LINE = '"""Minimises a loss by its gradients, which matcalc derived.'  # of a script of ours
EXAMPLES = """
Examples:

\b
  matcalc train "J = mean((X*w - y).^2)" --data houses.csv --roles X=data,y=targets:price --rate search
  matcalc train "J = mean(softplus(X*w + b) - y .* (X*w + b))" --dim b= --data breast-cancer \\
      --roles X=data,y=labels,b=parameter --scale standard --rate 0.02
  matcalc train "J = \\frac1N \\sum_{i=1}^N -\\log \\frac{e^{f_{y_i}}}{\\sum_c e^{f_c}},
      f = W_2 \\tanh(W_1 x_i + b_1) + b_2" --data digits --roles X=data,y=labels --size m=64 \\
      --scale standard --plot curves.svg
"""


@click.command(cls=ExpressionCommand, context_settings=CONTEXT, epilog=EXAMPLES, short_help="Train on derived gradients.")
@click.argument("expression", nargs=-1)
@click.option("--data", metavar="DATA", required=True, help="digits, breast-cancer, or a file .npz .csv.")
@several("--roles", metavar="NAME=ROLE", help="data, labels, signs, targets, parameter or a number; data:COLUMN says where.")
@several("--size", metavar="NAME=NUMBER", help="A size that the data do not tell, such as that of a hidden layer.")
@chosen("--optimiser", "--optimizer", choices=OPTIMISERS, default="adam", help="Default: adam.")
@click.option("--rate", "--lr", default="0.001", metavar="R", help="Learning rate, or search: a power of ten; default: 0.001.")
@click.option(
    "--schedule", default="constant", metavar="S", help="constant, halving:EPOCHS, exponential:DECAY, cyclical:TOP:STEPS."
)
@click.option("--epochs", type=int, default=20, help="Default: 20.")
@click.option("--batch", type=int, default=32, help="Samples in a batch; default: 32.")
@click.option("--l2", type=float, default=0.0, metavar="L", help="Adds L times the squares of all weights to the loss.")
@click.option("--start", default="xavier", metavar="R", help="Weights: xavier, r of uniform(-r, r), or a file .npz.")
@chosen("--scale", choices=("none", "standard"), default="none", help="standard: features with mean 0 and spread 1.")
@click.option("--test", type=float, default=0.2, metavar="PART", help="The part that is held out; default: 0.2.")
@click.option("--seed", type=int, default=0, help="Of the split, the start and the batches.")
@click.option("-o", "script", metavar="FILE.py", help="The script; its files stand beside it. Default: train_DATA.py.")
@several("--plot", metavar="FILE", help="Loss and gradient norms by epoch: .svg .png .pdf")
@click.option("--no-run", is_flag=True, help="Write the script, and do not run it.")
@about_expression
@chosen("--color", choices=("auto", "always", "never"), default="auto", help="Of messages; default: auto (NO_COLOR).")
def train(expression: tuple[str, ...], file: str | None, **options: Any) -> int:
    """Write a NumPy script that minimises the loss EXPRESSION by its derived gradients, and run it."""
    text, color = read_input(expression, file), options["color"]
    path = script_path(options["script"], options["data"])
    from matcalc import training

    require_plots(options["plot"])
    roles = pairs(options["roles"], "--roles", "data", lists=True)
    about = expression_arguments(options)
    prepared = training.prepare(
        text, options["data"], roles, sizes=sizes_of(options["size"]), name=path.stem, about=about, **how(options)
    )
    for warning in prepared.derivation.warnings:
        warn("warning", warning, color)
    for note in prepared.notes:
        warn("note", note, color)
    prepared.write(path.parent)
    warn("note", f"wrote {path} and {path.stem}-data.npz", color)
    if options["no_run"]:
        return 0
    code, _ = training.run(path, say)
    if code == 0:
        draw(training.outcome(path), options["plot"], color)
    return code


def how(options: Mapping[str, Any]) -> dict[str, Any]:
    """The choices of the command line. Raises ``click.UsageError`` for a rate that is none."""
    same = ("optimiser", "schedule", "epochs", "batch", "seed", "test", "l2", "start", "scale")
    rate: Any = options["rate"]
    if rate != "search":
        try:
            rate = float(rate)
        except ValueError:
            refuse(f"--rate {rate}: write a number, or search")
    return {name: options[name] for name in same} | {"rate": rate}


def sizes_of(words: Iterable[str]) -> dict[str, int]:
    """``m=64`` as ``{"m": 64}``."""
    found = pairs(words, "--size", "64", lists=True)
    for name, text in found.items():
        if not re.fullmatch(r"[1-9]\d{0,8}", text):
            refuse(f"--size {name}={text}: write a whole number from 1 on")
    return {name: int(text) for name, text in found.items()}


def script_path(given: str | None, data: str) -> Path:
    """Where the script goes: as asked, else by the data; a file of somebody else's is not overwritten then."""
    if given is not None:
        if os.path.splitext(given)[1] != ".py":
            refuse(f"-o {given}: the script is a file .py")
        return Path(given)
    stem = re.sub(r"\W+", "_", os.path.splitext(os.path.basename(data))[0])
    path = Path(f"train_{stem}.py")
    if path.exists() and not path.read_text("utf-8", errors="replace").startswith(FIRST_LINE):
        refuse(f"{path} is there, and it is no script of matcalc: name another file with -o FILE.py")
    return path


def require_plots(paths: Iterable[str]) -> None:
    """Before anything is trained. Raises ``click.UsageError``, ``UsageError`` where no picture could be drawn."""
    from matcalc.printers.pictures.plots import require_ending, require_matplotlib

    for path in paths:
        require_ending(path)
        require_matplotlib()


def draw(outcome: Any, paths: Iterable[str], color: str) -> None:
    from matcalc.printers.pictures.curves import panels
    from matcalc.printers.pictures.plots import plot

    for path in paths:
        plot(panels(outcome.epochs), path)
        warn("note", f"wrote {path}", color)
