"""Derivatives by entries, rows and columns: against the slope where these move and the rest of their array does not."""

from __future__ import annotations

import math

import numpy as np

from matcalc.check import differences
from matcalc.check.in_print import Setting
from matcalc.check.measure import floor, relative_at, zero_or
from matcalc.check.output_slopes import contract, is_turned
from matcalc.check.points import Point
from matcalc.engine.derivation import Step
from matcalc.expr.nodes import Expr
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array
from matcalc.numeric.kernels import extent


def check_part(point: Point, step: Step, output: Expr) -> float:
    """The right side contracted with a move of the part alone, against the slope of the output along it."""
    x, (part,) = step.node, step.through
    assert x is not None
    move, direction = part_moved(point, part, x)
    want = differences.wanted(differences.first(point, point.output, {x: direction}), point.output)
    got = differences.contraction(point, step.rhs.expr, (part, move))
    got, want, e = np.squeeze(got), np.squeeze(want), step.rhs.expr
    return zero_or(point, output, e, got, want, relative_at(point, got, want, e, least=floor(point, output, e)))


def check_case(at: Setting, step: Step) -> float:
    """A derivative at the entries that a mask of zeros and ones selects: against the slope where these move alone."""
    point, q, value = at.point, step.node, step.rhs.expr
    assert q is not None
    move = along = point.rng.standard_normal(extent(q.type, point.sizes))
    if step.lhs.expr.op == "hadamard":  # else all of them
        mask = point.value(step.lhs.expr.args[0])
        along = (mask.T if is_turned(step.lhs.expr, q) else mask) * move
    slope = differences.first(point, at.output, {at.named.get(q, q): along})
    got, want = (np.squeeze(x) for x in (contract(point.value(value), "gradient", q, move, is_turned(step.lhs.expr, q)), slope))
    error = relative_at(point, got, want, value, least=floor(point, at.output, value))
    return zero_or(point, at.output, value, got, want, error)


def part_moved(point: Point, part: Expr, x: Expr) -> tuple[Array, Array]:
    """A random move of the part, and of the array that has it: where each entry of the part comes from is found with an array of
    numbered entries."""
    shape = extent(x.type, point.sizes)
    numbered = np.arange(math.prod(shape), dtype=float).reshape(shape)
    places = evaluation.values([part], {**point.env, x: numbered}, point.sizes, point.functions)[part]
    move = point.rng.standard_normal(np.shape(places))
    direction = np.zeros(math.prod(shape))
    direction[np.asarray(places).astype(float).astype(int).ravel()] = move.ravel()
    return move, direction.reshape(shape)
