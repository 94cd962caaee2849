"""Kinks and borders that only rounding errors keep a point away from: the part is refused by its name, for no side is right.

So is what is singular, or divides by 0, whatever its variables are: that is decided in exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

import numpy as np

from matcalc.expr.dims import atoms, value
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import Expr, eye, is_zero, make, postorder, shape_of, written_size
from matcalc.expr.table import TABLE
from matcalc.notation.write.render import PLAIN, TEXT, render
from matcalc.numeric.branches import DISTANCES
from matcalc.numeric.entrywise_functions import Array

ROUNDED = 1e-11  # of the largest value on the way
SHORT = 60  # characters


def short(node: Expr) -> str:
    """The node as it is written, or what it is where that is long."""
    text = render(node, TEXT) if written_size(node) <= SHORT else ""
    return text if 0 < len(text) <= SHORT else TABLE[node.op].words


def bordered(n: Expr) -> bool:
    """Whether the node has a kink or a border that something computed may meet."""
    row = TABLE[n.op]
    exponent = n.args[1] if row.domain and len(n.args) == 2 else n
    if exponent.op == "num" and exponent.attr.denominator == 1 and exponent.attr > 0:  # x³ is smooth
        return False
    return bool(row.kink or row.breaks or row.domain) and any(a.args for a in n.args)


def refusal(roots: Sequence[Expr], points: Sequence[Mapping[Expr, Array]], exactly: bool = False) -> CheckError | None:
    """What is said of the first node that is within rounding errors of its kink, or border, at all points; each of them is the
    values of the nodes there. Where it is always there ``exactly``, that is said too, if it is asked for."""
    for n in postorder(roots) if points else ():
        if not bordered(n):
            continue
        shares = list(takewhile(lambda share: share < ROUNDED, (_share(n, known) for known in points)))
        if len(shares) == len(points) and (exactly or any(shares)):
            return CheckError(
                f"{short(n)} is taken where it is not smooth, or has no value, up to rounding errors, at every point that was "
                "tried; whether that is so for all values could not be proved, so nothing is shown",
                hint="if what is inside is always 0, or what is compared is always equal, write that in its place",
            )
    return None


def _share(n: Expr, known: Mapping[Expr, Array]) -> float:
    """How near an entry is to where the operator changes its formula, beside the largest value on the way."""
    inside = [known[m] for m in postorder(n.args) if m in known]
    top = max((float(np.max(np.abs(x), initial=0.0)) for x in inside), default=0.0)
    if not top or not np.isfinite(top) or any(a not in known for a in n.args):
        return 1.0
    if n.op in DISTANCES:
        return float(min(np.min(np.abs(d)) for d in DISTANCES[n.op](*[known[a] for a in n.args]))) / top
    return float(np.max(np.abs(known[n.args[1 if TABLE[n.op].domain.startswith("1:") else 0]]))) / top


SINGULAR = frozenset(("invertible", "spd", "near-identity"))  # domains in which no singular matrix is
NOT_ZERO = frozenset(("invertible", "nonzero", "positive"))  # and no 0


def never(
    n: Expr, known: Mapping[Expr, Array], sizes: Mapping[str, int], assume: Mapping[str, frozenset[str]]
) -> CheckError | None:
    """What is said of a node that has no value whatever its variables are, at these sizes; ``known`` are values at one point."""
    from matcalc.numeric import exact

    where, _, domain = TABLE[n.op].domain.rpartition(":")
    divides = domain == "power" and n.args[1].op == "num" and n.args[1].attr < 0  # (t - t)^-1
    if not divides and domain not in SINGULAR | NOT_ZERO:
        return None
    a = n.args[int(where or 0)]
    square = a.type.kind == "m" and domain in SINGULAR
    inside = postorder((a,))
    real = {s: known[s] for s in inside if s.op == "sym"}
    if not exact.vanishes(make("det", (a,)) if square else a, exact.At(real, sizes, assume)):
        return None
    names = dict.fromkeys(str(x) for m in inside for d in shape_of(m.type) for x in atoms(d))
    at = "".join(f", at {name} = {sizes[name]}" for name in names)
    why = (
        ""
        if is_zero(a)
        else f": {short(a)} is {'singular' if square else '0'} whatever its variables are (in exact arithmetic{at})"
    )
    asked = any(m.op == "det" and m.args[0] is a for m in known)  # by the rule of the determinant
    sized = " ".join([f"--dim {s.attr}={','.join(str(value(d, sizes)) for d in shape_of(s.type))}" for s in real])
    hint = "leave that part out, or mend it"
    if square:
        hint = f"its determinant is found to be 0 where sizes are numbers: {sized}" if asked and names else _lifted(n, a)
    return CheckError(f"{short(n)} has no value{why}", hint=hint)


def _lifted(n: Expr, a: Expr) -> str:
    """How a value is had all the same."""
    text = render(make(n.op, (make("add", (a, eye(a.type.rows))),)), PLAIN) if len(n.args) == 1 and written_size(a) <= SHORT else ""
    return "what can be inverted has a multiple of the identity in it" + (f": {text}" if 0 < len(text) <= SHORT else "")
