"""Answers for tied entries, against the slope along a matrix that is tied so."""

from __future__ import annotations

import numpy as np

from matcalc.check import differences
from matcalc.check.measure import floor, magnitude, relative, zero_or
from matcalc.check.points import Point
from matcalc.engine.derivation import Step
from matcalc.expr.nodes import Expr
from matcalc.numeric.evaluation import Array
from matcalc.numeric.magnitudes import largest


def is_tied(step: Step) -> bool:
    """Whether the line says what the derivative for tied entries is."""
    attr = step.lhs.expr.attr
    return step.lhs.expr.op == "partial" and isinstance(attr, tuple) and attr[0] == "tied"


def check_structure(point: Point, step: Step, output: Expr) -> float:
    """Σ over free parameters of parameter × entry, against the slope along the matrix that the parameters make."""
    x = step.node
    assert x is not None
    free, direction = tied_direction(point.rng, step.lhs.expr.attr[1], point.value(step.rhs.expr).shape[-1])
    want = differences.first(point, point.output, {x: direction})
    free = free.T if "turned" in step.lhs.expr.attr else free
    scale = max(magnitude(point, step.rhs.expr), floor(point, output, step.rhs.expr))
    got = (point.value(step.rhs.expr) * free).sum(keepdims=True).reshape(1, 1)
    along_any = largest(differences.first(point, point.output, {x: point.rng.standard_normal(direction.shape)}))
    top = max(point.largest_below(step.rhs.expr), floor(point, output, step.rhs.expr) / point.rounding)
    if along_any > 1e-3 * top:  # the gradient with all entries free is seen: what cancels in it hides no mistake
        return relative(got, want, max(scale, 1e-3 * along_any))
    error = relative(got, want, scale)
    return zero_or(point, output, step.rhs.expr, got, want, error)


def tied_direction(rng: np.random.Generator, structure: str, n: int) -> tuple[Array, Array]:
    """Random free parameters, each at one place of a matrix, and the matrix with tied entries that they make."""
    t = rng.standard_normal((n, n))
    if structure == "diagonal":
        return np.diag(np.diag(t)), np.diag(np.diag(t))
    if structure in ("lower-triangular", "upper-triangular"):
        t = np.tril(t) if structure.startswith("lower") else np.triu(t)
        return t, t
    if structure in ("symmetric", "skew"):
        t = np.triu(t, 0 if structure == "symmetric" else 1)
        return t, t + t.T - np.diag(np.diag(t)) if structure == "symmetric" else t - t.T
    free = np.zeros((n, n))
    free[0] = t[0]
    if structure == "toeplitz":
        free[:, 0] = t[:, 0]
        return free, sum(np.eye(n, k=k) * (free[0, k] if k >= 0 else free[-k, 0]) for k in range(1 - n, n))
    return free, sum(np.eye(n, k=k) * free[0, abs(k)] for k in range(1 - n, n))
