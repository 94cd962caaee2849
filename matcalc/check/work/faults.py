"""What a derivative becomes by a fault in the chain rule: a path forgotten, turned or scaled; a local derivative left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import NamedTuple

import numpy as np

from matcalc.check.points import Point
from matcalc.check.work.derivative_signs import Marked
from matcalc.check.work.world import Values, World, evaluated, formula, laid_out, typed
from matcalc.expr.errors import MatcalcError
from matcalc.expr.groups import PRODUCTS, SUMS
from matcalc.expr.nodes import Expr, depends, postorder, rebuild, shape_of, zeros
from matcalc.notation.write.render import render
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array

MOST = 60  # nodes that are looked at, those next to the result


class Path(NamedTuple):
    """All that goes through one value on the way: the derivative without it, and with the identity for its local derivative."""

    node: Expr
    without: Values  # as if the value did not move
    identity: tuple[Values, ...]  # as if it moved as one of its arguments does
    diagonal: tuple[Values, ...]  # as if each entry moved with the same entry of the argument alone


def paths(world: World, of: Expr, by: Expr | None) -> Iterator[Path]:
    """The values between ``by`` and ``of``, inner ones last; with no ``by``, those on the way of a differential."""
    start = {by} if by is not None else {n for n in postorder((of,)) if n.op == "sym" and str(n.attr) in world.moving}
    moving = depends(of, start)
    for node in postorder((of,))[: -MOST - 1 : -1]:
        if node in moving and node is not of and node not in start:
            still = [held(world, k, of, by, node) for k in range(len(world.points))]
            ways = [a for a in dict.fromkeys(node.args) if a in moving and a.type == node.type]
            local = [[_local(world, k, of, by, node, a, False) + h for k, h in enumerate(still)] for a in ways]
            alone = [[_local(world, k, of, by, node, a, True) + h for k, h in enumerate(still)] for a in ways]
            yield Path(node, _laid_out(still, of, by), *(tuple(_laid_out(x, of, by) for x in found) for found in (local, alone)))


def _laid_out(found: Sequence[Array], of: Expr, by: Expr | None) -> Values:
    return laid_out(found, of, by)[0] if by is not None else Values(of.type, tuple(found))


class Part(NamedTuple):
    """A term or a factor of an expression, and the value of the expression without it."""

    node: Expr
    is_term: bool
    value: Values


class Faults(NamedTuple):
    """The faults of each derivative, and of each of its forms, which all lines about it share."""

    paths: Callable[[Expr, Expr | None], tuple[Path, ...]]
    parts: Callable[[Expr], tuple[Part, ...]]


def faults(world: World) -> Faults:
    return Faults(cache(lambda of, by: tuple(paths(world, of, by))), cache(lambda e: tuple(without_parts(world, e))))


def without_parts(world: World, e: Expr) -> Iterator[Part]:
    """The expression with one term of one of its sums left out, or one factor of one of its products, each in its place."""
    for part, is_term, rest in islice(_without(e), MOST):
        with suppress(MatcalcError):
            if rest.type != e.type or not is_term:  # it is not known to fit: what it says is read again
                rest = typed(world, formula(world._replace(latex=False), Marked(render(rest), ())), {})
            yield Part(part, is_term, evaluated(world, rest, {}))


def _without(e: Expr) -> Iterator[tuple[Expr, bool, Expr]]:
    for k, part in enumerate(e.args):
        if e.op in SUMS:
            yield part, True, rebuild(e, (*e.args[:k], zeros(part.type), *e.args[k + 1 :]))
        elif e.op in PRODUCTS and len(e.args) == 2:
            yield part, False, e.args[1 - k]
        for gone, is_term, rest in _without(part):
            with suppress(KeyError):  # no such operator of these kinds
                yield gone, is_term, rebuild(e, (*e.args[:k], rest, *e.args[k + 1 :]))


def _moved(world: World, k: int, of: Expr, by: Expr | None, held: Mapping[Expr, Array]) -> Array:
    """The derivative, or the differential, at a point where some values do not move."""
    point = world.points[k]
    if by is not None:
        return evaluation.jacobian(of, by, {**point.env, by: point.value(by), **held}, point.sizes, point.functions)
    along = {n: world.moving[str(n.attr)][k] for n in postorder((of,)) if n.op == "sym" and str(n.attr) in world.moving}
    return evaluation.directional([of], {**point.env, **held}, along, point.sizes, point.functions)[0]


def held(world: World, k: int, of: Expr, by: Expr | None, node: Expr) -> Array:
    """The derivative, or the differential, as if the node did not move."""
    return _moved(world, k, of, by, {node: world.points[k].value(node)})


def _local(world: World, k: int, of: Expr, by: Expr | None, node: Expr, argument: Expr, entries: bool) -> Array:
    """What comes through the node, moving as its argument does, or each entry as it moves with its own entry alone."""
    inner = _moved(world, k, argument, by, {})
    if entries:
        own = _own_slopes(world.points[k], node, argument, by is None)
        inner = (own if by is None else own.reshape(own.shape + (1,) * (inner.ndim - own.ndim))) * inner
    return through(world, k, of, by, node, inner=inner)


def through(
    world: World, k: int, of: Expr, by: Expr | None, node: Expr, inner: Array | None = None, outer: Array | None = None
) -> Array:
    """What comes through the node, with the derivatives at hand in the places of the true ones."""
    point = world.points[k]
    here = {**point.env, node: point.value(node)}
    inner = _moved(world, k, node, by, {}) if inner is None else inner
    if by is None and outer is None:
        return evaluation.directional([of], here, {node: inner}, point.sizes, point.functions)[0]
    outer = evaluation.jacobian(of, node, here, point.sizes, point.functions) if outer is None else outer
    if by is None:
        whole = np.tensordot(outer, evaluation.to_public(inner, node.type), len(shape_of(node.type)))
        return evaluation.to_internal(whole, of.type)
    axes = outer.ndim - len(shape_of(of.type))
    return np.tensordot(outer, inner, axes) if axes else outer.reshape(outer.shape + (1,) * inner.ndim) * inner


def _own_slopes(point: Point, node: Expr, argument: Expr, inside: bool) -> Array:
    """The derivative of each entry by the same entry of the argument; with as many axes as values have ``inside``."""
    whole = evaluation.jacobian(node, argument, {**point.env, argument: point.value(argument)}, point.sizes, point.functions)
    count = whole.ndim // 2
    own = np.diag(whole.reshape(int(np.prod(whole.shape[:count])), -1)).reshape(whole.shape[:count])
    return evaluation.to_internal(own, node.type) if inside else own
