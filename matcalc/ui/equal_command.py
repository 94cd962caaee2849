"""``matcalc equal``: whether two expressions are the same, why, and where not."""

from __future__ import annotations

import sys
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from matcalc.printers.example import where
from matcalc.printers.terminal import folded
from matcalc.ui.arguments import ExpressionCommand, about_expressions, chosen, expression_arguments
from matcalc.ui.console import CONTEXT, refuse, say

if TYPE_CHECKING:
    from matcalc.check.verdict import Verdict
    from matcalc.expr.dims import Dim

EXAMPLES = """
Examples:

\b
  matcalc equal "tanh(z)" "2*sigmoid(2*z) - 1"
  matcalc equal "tr(A*B)" "tr(B*A)"
  matcalc equal "x'*A*x" "x'*A'*x" --format json
  matcalc equal "logdet(A)" "2*sum(log(diag(chol(A))))" --assume A=spd
"""
UNEQUAL = 4  # the exit code


@click.command(cls=ExpressionCommand, context_settings=CONTEXT, epilog=EXAMPLES, short_help="Whether two expressions are the same.")
@click.argument("expressions", nargs=-1, metavar="A B")
@about_expressions
@chosen("--format", "form", choices=("text", "json"), default="text", help="Default: text.")
@click.option("--seed", type=int, default=0, help="Seed of the random points.")
def equal(expressions: tuple[str, ...], form: str, seed: int, **options: Any) -> int:
    """Whether A and B are the same: by normal form, in exact arithmetic, or at random points. Exit code 0, or 4 if not."""
    if len(expressions) != 2:
        refuse(f"two expressions are expected, and there are {len(expressions)}: put each in quotes")
    from matcalc import api

    verdict = api.equal(*expressions, **expression_arguments(options), seed=seed)
    if form == "json":
        from matcalc.printers.jsonout import dumps

        say(dumps(as_data(verdict)))
    else:
        lines = told(expressions[0], expressions[1], verdict).split("\n")
        typed = [line.startswith("  hint ") for line in lines]  # again, as it stands there
        say("\n".join([line if whole else folded(line, sys.stdout) for line, whole in zip(lines, typed, strict=True)]))
    return 0 if verdict else UNEQUAL


def told(left: str, right: str, verdict: Verdict) -> str:
    """In words: what holds, how it was found, and where the sides differ."""
    title = "equal" if verdict else "not equal"
    error = f" (largest relative difference {verdict.error:.1e})" if verdict.error and isfinite(verdict.error) else ""
    rows = [("left", left), ("right", right), ("how", verdict.how + error)]
    if verdict.sizes is not None:
        rows += [("sizes", f"{_size(verdict.sizes[0])} and {_size(verdict.sizes[1])}")]
        rows += [("read" if not i else "", note) for i, note in enumerate(verdict.notes)]
        if turned(*verdict.sizes) and not set(right) & set("=;\n"):
            rows += [("hint", f"one is as large as the other transposed: compare with ({right})^T")]
    elif verdict:
        rows += [("note" if not i else "", note) for i, note in enumerate(verdict.notes)]
    elif verdict.counterexample is None:
        rows += [("where", "at every point: they agree in all digits of a double, and differ beyond")]
    elif verdict.counterexample is not None:
        rows += where(verdict.counterexample)
    width = max(len(label) for label, _ in rows)
    return "\n".join([title, *(f"  {label:<{width}}  {text}" for label, text in rows)])


def turned(one: tuple[Dim, ...], other: tuple[Dim, ...]) -> bool:
    """Whether these are the sizes of an array and of its transpose."""
    one, other = ((*shape, 1) if len(shape) == 1 else shape for shape in (one, other))
    return len(one) == 2 and one == other[::-1]


def _size(shape: tuple[Dim, ...]) -> str:
    """As in a derivation: a scalar is [1×1], a vector [n×1]."""
    if not shape:
        return "a scalar"
    return f"[{'×'.join(map(_text, shape if len(shape) > 1 else (*shape, 1)))}]"


def _text(size: Dim) -> str:
    from matcalc.expr.dims import text

    return text(size)


def as_data(verdict: Verdict) -> dict[str, Any]:
    """The verdict for JSON."""
    found = verdict.counterexample
    return {
        "equal": verdict.equal,
        "how": verdict.how,
        "max_relative_error": verdict.error if isfinite(verdict.error) else None,
        "notes": list(verdict.notes),
        "sizes": verdict.sizes and [[_text(d) for d in shape] for shape in verdict.sizes],
        "counterexample": found
        and {
            "values": {name: x.tolist() for name, x in found.values.items()},
            "a": found.left.tolist(),
            "b": found.right.tolist(),
            "entry": list(found.entry),
            "ratio": found.ratio,
            "factor": None if found.factor is None else str(found.factor),
            "difference": None if found.offset is None else str(found.offset),
            "transposed": found.turned,
        },
    }
