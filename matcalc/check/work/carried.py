"""What a line should say after an earlier one went wrong: a slip that is carried on is no further slip."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import NamedTuple

import numpy as np

from matcalc.check.work.cut_values import cut_at
from matcalc.check.work.faults import held, through
from matcalc.check.work.known_lines import is_one
from matcalc.check.work.relations import ratio, same
from matcalc.check.work.world import Values, World, evaluated, laid_out, transposed
from matcalc.expr import dims
from matcalc.expr.errors import MatcalcError
from matcalc.expr.nodes import Expr, postorder, shape_of, substitute
from matcalc.numeric import evaluation
from matcalc.numeric.evaluation import Array

MOST = 12  # slips whose consequences are looked for


class Slip(NamedTuple):
    """A wrong line: what it speaks of, what it says, and what is true."""

    line: int
    verdict: str
    relation: str
    of: Expr
    by: Expr | None  # of a derivative; None for a differential
    is_value: bool  # of ``of`` itself
    got: Values | None  # None where sizes do not fit
    true: Values
    formula: Expr | None  # of a value: what stands there
    read_off: Callable[[Expr], Sequence[Array]]  # of a differential: what it says that the derivative is
    expected: Callable[[Expr, Expr | None, bool], Sequence[Values]] = lambda of, by, is_value: ()  # what follows, found once

    def is_about(self, of: Expr | None, by: Expr | None, is_value: bool) -> bool:
        """Whether it speaks of the same derivative, or value."""
        return (self.of, self.by, self.is_value) == (of, by, is_value)


def carried(slips: Sequence[Slip], of: Expr, by: Expr | None, is_value: bool, found: Sequence[Values]) -> Slip | None:
    """The slip from which a wrong line follows."""
    every = ((slip, expected) for slip in slips[:MOST] for expected in slip.expected(of, by, is_value))
    return next((slip for slip, e in every if any(same(v, e) or same(transposed(v), e) for v in found)), None)


def expecting(world: World, slip: Slip) -> Slip:
    """The slip that knows what follows from it, for each derivative or value."""

    @cache
    def expected(of: Expr, by: Expr | None, is_value: bool) -> Sequence[Values]:
        found: list[Values] = []
        with suppress(MatcalcError, ValueError):
            found.extend(_expected(world, slip, of, by, is_value))
        return found

    return slip._replace(expected=expected)


def multiplied(slip: Slip, of: Expr, found: Sequence[Values], want: Sequence[Values]) -> bool:
    """Whether a line is off by the number by which an earlier one is, of what it is made of."""
    times = ratio(slip.got, slip.true) if slip.got is not None else None
    if times is None or times.number in (None, 0) or slip.of not in postorder((of,)):
        return False
    return any((own := ratio(v, w)) is not None and own.number == times.number for v in found for w in want)


def is_again(slip: Slip, verdict: str, relation: str) -> bool:
    """Whether a line whose sizes do not fit has the slip of an earlier one in the same place."""
    return verdict == slip.verdict and _bare(relation) == _bare(slip.relation)


def _bare(relation: str) -> str:
    return re.sub(r"\^\{?\\?(?:top|intercal|prime|T)\}?|['ᵀ⊤\s]", "", relation)


def _expected(world: World, slip: Slip, of: Expr, by: Expr | None, is_value: bool) -> Iterator[Values]:
    alike = is_one(world, slip.of, of)
    if slip.got is None:
        return
    if slip.is_value:
        if slip.formula is not None and slip.formula.type == slip.of.type:
            yield _of_formula(world, slip, slip.formula, of, by, is_value)
    elif is_value:
        return
    elif alike and (by is slip.by or (by is not None and is_one(world, slip.by, by))):
        yield slip.got
    elif alike and slip.by is None and by is not None:
        yield laid_out(slip.read_off(by), of, by)[0]
    elif alike and slip.by is not None:
        yield from _by_outer(world, slip, slip.got, of, by, slip.by)
    elif slip.by is None or (by is not None and is_one(world, slip.by, by)):
        yield from _by_inner(world, slip, slip.got, of, by)


def _of_formula(world: World, slip: Slip, formula: Expr, of: Expr, by: Expr | None, is_value: bool) -> Values:
    """The value, or the derivative, of what is made of the wrong formula."""
    whole = cut_at(world.points, of, slip.of)
    (put,) = substitute((whole if whole is not None else of,), {slip.of: formula})
    if is_value:
        return evaluated(world, put, {})
    if by is None:
        return Values(of.type, tuple(_differential(world, k, put) for k in range(len(world.points))))
    return laid_out([evaluation.jacobian(put, by, p.env, p.sizes, p.functions) for p in world.points], of, by)[0]


def _differential(world: World, k: int, of: Expr) -> Array:
    point = world.points[k]
    along = {n: world.moving[str(n.attr)][k] for n in postorder((of,)) if n.op == "sym" and str(n.attr) in world.moving}
    return evaluation.directional([of], point.env, along, point.sizes, point.functions)[0]


def _by_outer(world: World, slip: Slip, got: Values, of: Expr, by: Expr | None, node: Expr) -> Iterator[Values]:
    """∂s/∂x through ∂s/∂z, which is wrong."""
    whole = cut_at(world.points, of, node)
    if whole is None:
        return
    for turned in (False, True):
        with suppress(ValueError):
            outer = [_public(x, turned, of, node, p.sizes) for x, p in zip(got.at, world.points, strict=True)]
            found = [held(world, k, whole, by, node) + through(world, k, whole, by, node, outer=x) for k, x in enumerate(outer)]
            yield _as_values(found, of, by)


def _by_inner(world: World, slip: Slip, got: Values, of: Expr, by: Expr | None) -> Iterator[Values]:
    """∂s/∂x through ∂z/∂x, or ds through dz, which is wrong."""
    node = slip.of
    whole = cut_at(world.points, of, node)
    if whole is None:
        return
    for turned in (False, True) if by is not None else (False,):
        with suppress(ValueError):
            inner: Sequence[Array] = got.at
            if by is not None and slip.by is None:
                inner = slip.read_off(by)
            elif by is not None:
                inner = [_public(x, turned, node, by, p.sizes) for x, p in zip(got.at, world.points, strict=True)]
            found = [held(world, k, whole, by, node) + through(world, k, whole, by, node, inner=x) for k, x in enumerate(inner)]
            yield _as_values(found, of, by)


def _as_values(found: Sequence[Array], of: Expr, by: Expr | None) -> Values:
    return laid_out(found, of, by)[0] if by is not None else Values(of.type, tuple(found))


def _public(x: Array, turned: bool, of: Expr, by: Expr, sizes: Mapping[str, int]) -> Array:
    """A Jacobian with rows and columns by the axes of both. Raises ``ValueError`` where it has other sizes."""
    left, right = (tuple(dims.value(d, sizes) for d in shape_of(e.type)) for e in (of, by))
    wanted = (*left, *right)
    x = x.T if turned else x
    shape = (*wanted, *(1,) * (2 - len(wanted)))
    if len(wanted) > 2 or x.shape not in (shape, shape[::-1] if len(wanted) < 2 else shape):
        raise ValueError(shape)
    return x.reshape(wanted)


def read_off(world: World, of: Expr, along: Callable[[World], Sequence[Values]], by: Expr) -> list[Array]:
    """What a wrong differential says that the derivative is: its value in worlds that move along each direction."""
    columns: list[Array] = []
    for k, point in enumerate(world.points):
        names = {n: Values(v.type, v.at[k : k + 1]) for n, v in world.names.items()}
        shape = point.value(by).shape
        found = []
        for i in range(int(np.prod(shape))):
            direction = np.zeros(shape)
            direction.flat[i] = 1.0
            there = world._replace(points=(point,), names=names, moving={str(by.attr): (direction,)})
            found.append(evaluation.to_public(along(there)[0].at[0], of.type))
        columns.append(np.stack(found, -1).reshape(*found[0].shape, *evaluation.to_public(point.value(by), by.type).shape))
    return columns
