"""Random points at which a derivation is checked: sizes, leaves, points inside the domain."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from typing import Any, NamedTuple

import numpy as np

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import NoValueError, ShapeError, UsageError
from matcalc.expr.groups import CHOICES, WHOLE_POWERS
from matcalc.expr.nodes import Expr, postorder, shape_of, transpose
from matcalc.expr.qualities import SQUARE
from matcalc.expr.table import TABLE
from matcalc.numeric import branches
from matcalc.numeric.entrywise_functions import Array
from matcalc.numeric.evaluation import Functions, values
from matcalc.numeric.kernels import inward
from matcalc.numeric.magnitudes import largest, repeats
from matcalc.numeric.properties import DISCRETE, HOLDS, NONE, Properties, Rng, Shape, eigenvalues, sample_one, symmetrised
from matcalc.numeric.small_sizes import AS_THEY_ARE, Relations, as_they_are, solve

SIZES = range(2, 8)


# ---------------------------------------------------------------- sizes


def choose_sizes(
    names: Sequence[str],
    ties: Iterable[tuple[Dim, Dim]] = (),
    avoid: Iterable[int] = (),
    limits: Iterable[tuple[Dim, Dim]] = (),
) -> dict[Any, int]:
    """Small sizes with the equations ``ties`` and a ≤ b for each of the ``limits``, different from each other and from
    ``avoid`` if possible. Raises ``ShapeError`` where there are none."""
    return with_free(names, related_sizes(Relations(ties=tuple(ties), limits=tuple(limits)), avoid), avoid)


# Lists of sizes that differ in what could make an identity: which of two sizes is larger, odd and even, one entry.
VARIED = ((2, 3, 4, 5, 6, 7), (5, 4, 3, 2, 7, 6), (4, 6, 2, 8), (3, 5, 7, 1), (1, 2, 3, 4, 5), (2, 1, 4, 3, 6), (1,))


def related_sizes(found: Relations, avoid: Iterable[int]) -> dict[Any, int]:
    """Sizes of the names that are tied to others, and stand-ins of the numbers. Raises ``ShapeError``."""
    if not (found.ties or found.limits or found.numbers):
        return {}
    sizes = solve(found, frozenset(avoid))
    if sizes is None and found.numbers and max(found.numbers) <= AS_THEY_ARE:
        sizes = solve(as_they_are(found), frozenset(avoid))
    if sizes is None:
        signs = ((" = ", found.ties), (" ≤ ", found.limits))
        times = "·" if found.numbers else ""
        shown = ", ".join(f"{dims.text(a, times)}{sign}{dims.text(b, times)}" for sign, pairs in signs for a, b in pairs[:6])
        raise ShapeError(f"no small sizes satisfy {shown}", hint="declare sizes as names: --dim A=n,m" if found.numbers else None)
    return dict(sizes)


def with_free(
    names: Sequence[str], sizes: Mapping[Any, int], avoid: Iterable[int], sizes_of_names: Sequence[int] = SIZES
) -> dict[Any, int]:
    """With sizes of the names that are free, taken from the list in its order."""
    sizes, used = dict(sizes), {*avoid, *sizes.values()}
    spare = cycle(sizes_of_names)
    for name in names:
        if name not in sizes:
            free = [size for size in sizes_of_names if size not in used]
            sizes[name] = free[0] if free else next(spare)
            used.add(sizes[name])
    return sizes


# ---------------------------------------------------------------- leaves


def sample(
    symbols: Iterable[Expr],
    sizes: Mapping[str, int],
    assume: Mapping[str, Properties] | None = None,
    rng: Rng | None = None,
    modes: Iterator[str] | None = None,
    scale: float = 1.0,
) -> dict[Expr, Array]:
    """Values of the symbols, as they are inside; ``modes`` adds a property where it fits, ``scale`` what is declared allows."""
    rng = rng or np.random.default_rng(0)
    env = {}
    for symbol in symbols:
        shape = tuple(dims.value(d, sizes) for d in shape_of(symbol.type))
        declared = (assume or {}).get(symbol.attr, NONE)
        extra = _suited(next(modes) if modes else "", shape, declared)
        try:
            x = sample_one(shape, declared | extra, rng, symbol.attr)
        except UsageError:
            if not extra:
                raise
            x = sample_one(shape, declared, rng, symbol.attr)
        if scale != 1 and all(HOLDS[p](scale * x) for p in declared):
            x = scale * x
        env[symbol] = inward(x, symbol.type.kind)
    return env


def _suited(mode: str, shape: Shape, declared: Properties) -> Properties:
    if mode in SQUARE and (len(shape) != 2 or shape[0] != shape[1]):
        mode = "positive" if mode == "near-identity" else ""
    return frozenset({mode} - {""} - declared)


# ---------------------------------------------------------------- points in the domain

MARGIN = 1e-3
TIED = 1e-12  # of the largest value: at random points only what is the same function near them is so near
LARGEST = 1e10


def _gap(x: Array) -> bool:
    """Whether the largest entry stands out."""
    top = np.sort(x, axis=None)[-2:]
    return len(top) < 2 or bool(top[1] - top[0] > MARGIN)


def _one_entry(x: Array) -> bool:
    """Whether the largest entry stands out; those that tie with it are the same function, as in x 1', and make no kink."""
    top = x.max()
    below = x[x < top - TIED * abs(top)]
    return bool((top - below > MARGIN).all())


def _singular_values(x: Array) -> Array:
    return np.asarray(np.linalg.svd(x, compute_uv=False))


def _all_gaps(x: Array) -> bool:
    """Whether no two entries are near each other."""
    return bool((np.diff(np.sort(x, axis=None)) > MARGIN).all())


def _off_kinks(op: str) -> Callable[..., Any]:
    """No entry near a kink; on it exactly (a structural 0), a convention settles the value: sign(0) = 0."""
    return lambda *x: all(((np.abs(d) > MARGIN) | (d == 0)).all() for d in branches.DISTANCES[op](*x))


def _apart(op: str) -> Callable[..., Any]:
    """No two arguments near each other, but for those that are the same function, as on the diagonal of max(A, A')."""

    def apart(*x: Array) -> bool:
        tied = TIED * max(map(largest, x))
        return all(((np.abs(d) > MARGIN) | (np.abs(d) <= tied)).all() for d in branches.DISTANCES[op](*x))

    return apart


def _all_apart(op: str) -> Callable[..., Any]:
    return lambda *x: all((np.abs(d) > MARGIN).all() for d in branches.DISTANCES[op](*x))


def _off_negative_axis(x: Array) -> Any:
    e = np.linalg.eigvals(x)
    return ((e.real > 0.01) | (np.abs(e.imag) > 0.05)).all()


# Op.domain -> whether an argument is comfortably inside.
INSIDE: dict[str, Callable[[Array], Any]] = {
    "positive": lambda x: (x > MARGIN).all(),
    "unit-interval": lambda x: (np.abs(x) < 0.95).all(),
    "above-one": lambda x: (x > 1 + MARGIN).all(),
    "above-minus-one": lambda x: (x > MARGIN - 1).all(),
    "small": lambda x: (np.abs(np.cos(x)) > 0.1).all(),
    "nonzero": lambda x: (np.abs(x) > MARGIN).all(),
    "invertible": lambda x: np.linalg.cond(x).max() < 1e5,
    "full-rank": lambda x: np.linalg.cond(x).max() < 1e4,
    "spd": lambda x: eigenvalues(symmetrised(x)).min() > 0.01,
    "near-identity": _off_negative_axis,
}


@dataclass(frozen=True, slots=True)
class _Ties:
    """For a kink where two tie: whether none is near, where what ties is one function; and where it may part, by chance, or
    when a line moves one side alone."""

    of_one_function: Callable[..., Any]
    at_all: Callable[..., Any]

    def __call__(self, *x: Array) -> Any:
        return self.of_one_function(*x)


# Operator -> whether its arguments are far from where it is not differentiable.
SMOOTH: dict[str, Callable[..., Any]] = {
    **{op: _off_kinks(op) for op in TABLE if TABLE[op].breaks and TABLE[op].kink},
    "norm2": lambda x: np.abs(x).max() > MARGIN,
    "max": _Ties(_one_entry, _gap),
    "min": _Ties(lambda x: _one_entry(-x), lambda x: _gap(-x)),
    **{op: _Ties(_apart(op), _all_apart(op)) for op in CHOICES},
    "rowmax": _Ties(lambda x: all(map(_one_entry, x)), lambda x: all(map(_gap, x))),
    "normspec": lambda x: _gap(_singular_values(x)),
    "normnuc": lambda x: np.linalg.cond(x).max() < 1e3 and np.abs(x).max() > MARGIN,
    "eigvals": lambda x: _all_gaps(eigenvalues(symmetrised(x))),
    "svdvals": lambda x: _all_gaps(np.append(_singular_values(x), 0)),
    "eigmax": lambda x: _gap(eigenvalues(symmetrised(x))),
}
SMOOTH |= {op: SMOOTH[row.jumps] for op, row in TABLE.items() if row.jumps in SMOOTH}

TYING = frozenset(op for op, smooth in SMOOTH.items() if isinstance(smooth, _Ties))
PARTIAL = WHOLE_POWERS | SMOOTH.keys() | {op for op, row in TABLE.items() if row.domain}  # not smooth, or of no value, somewhere


def _power_defined(node: Expr, base: Array, exponent: Array) -> bool:
    whole = bool((exponent == np.round(exponent)).all())
    if whole and not any(n.op == "sym" for n in postorder(node.args[1:])):
        return bool((exponent >= 0).all() or INSIDE["nonzero"](base))
    return bool(INSIDE["positive"](base))


def in_domain(node: Expr, arguments: Sequence[Array], moves: bool = True, by_chance: bool = False) -> bool:
    """Whether an operator has a value at ``arguments``, with something to spare; and is smooth there, where they move.

    ``by_chance``: what is equal among them need not be the same function, as where they are drawn from a few values."""
    op = TABLE[node.op]
    if op.domain == "power":
        return _power_defined(node, *arguments)
    where, _, domain = op.domain.rpartition(":")
    if op.domain == "positive" and op.zero and not moves:  # a root of 0
        return bool((arguments[0] >= 0).all())
    if domain in INSIDE and not INSIDE[domain](arguments[int(where or 0)]):
        return False
    if node.op in WHOLE_POWERS and node.attr < 0 and not INSIDE["invertible"](arguments[0]):
        return False
    if not moves or node.op not in SMOOTH:
        return True
    apart = by_chance if node.op not in CHOICES else by_chance or not _same_entries(*node.args)  # max(z, a) with z = max(1, a)
    smooth = SMOOTH[node.op]
    return bool((smooth.at_all if apart and isinstance(smooth, _Ties) else smooth)(*arguments))


def _same_entries(a: Expr, b: Expr) -> bool:
    """Whether both have the same entries, in another order; else one of them may be moved without the other."""
    return a is transpose(b) or transpose(a) is b


# What an operator needs of an argument, in words; of the others it needs that they are not where it has a kink.
NEEDS = {
    "positive": "needs what is positive",
    "nonzero": "needs what is not 0",
    "unit-interval": "needs what is between -1 and 1",
    "above-one": "needs what is above 1",
    "above-minus-one": "needs what is above -1",
    "invertible": "needs a matrix that can be inverted, and not almost singular",
    "full-rank": "needs a matrix of full rank",
    "spd": "needs a symmetric positive definite matrix",
    "near-identity": "needs a matrix without zero or negative eigenvalues",
    "power": "needs a positive base",
}


def _near_kink(op: str) -> str:
    row = TABLE[TABLE[op].jumps or op]
    return f"comes too near to where {row.kink.partition(' (')[0] or 'it is not smooth'}"


TOO_LARGE = "has no value, or grows too large"


def first_obstacle(
    known: Mapping[Expr, Array], moving: Collection[str] | None = None, few: Collection[str] = ()
) -> tuple[Expr, str] | None:
    """The first node whose value is not finite, or too large, or whose operator is not inside its domain; and what it needs.

    How large a constant may be is the user's to say: 1e200 x'x is as good as x'x. Where none of the variables that are ``moving``
    (None: all are) reaches a kink, the value there is as good as another; a jump must not be left to rounding. Variables of
    ``few`` values tie by chance, and so do equal entries of one that moves: in a symmetric matrix each moves alone.
    """
    chance, constant, still = set[Expr](), set[Expr](), set[Expr]()
    limit = LARGEST
    parts = not TYING.isdisjoint([node.op for node in known])
    for node, value in known.items():
        op, args = node.op, node.args
        if op != "sym" and constant.issuperset(args):
            constant.add(node)
            limit = max(limit, LARGEST * largest(value))
        if moving is not None and (node.attr not in moving if op == "sym" else still.issuperset(args)):
            still.add(node)
        if node.attr in few or (parts and node not in still and repeats(value)) if op == "sym" else not chance.isdisjoint(args):
            chance.add(node)
        if op in PARTIAL and all([a in known for a in args]):
            smooth = node not in constant and not (node in still and not TABLE[op].jumps)
            if not in_domain(node, [known[a] for a in args], smooth, node in chance):
                return node, NEEDS.get(TABLE[op].domain.rpartition(":")[2]) or _near_kink(op)
        if not largest(value) < limit:  # so of NaN
            return node, TOO_LARGE
    return None


def acceptable(known: Mapping[Expr, Array], moving: Collection[str] | None = None, few: Collection[str] = ()) -> bool:
    """Whether all values are finite, none is too large, and every operator is inside its domain."""
    return first_obstacle(known, moving, few) is None


def of_few_values(assume: Mapping[str, Properties] | None) -> frozenset[str]:
    """The variables that are drawn from a few values."""
    return frozenset(name for name, held in (assume or {}).items() if held & DISCRETE)


# Plain points first; in the end each leaf gets a property of its own.
MIXED = ("", "small", "unit-interval", "positive", "near-identity", "spd", "above-one")
MODES = ("", "", *MIXED, *MIXED)


def _modes(attempt: int, rng: Rng, first: Sequence[str]) -> Iterator[str]:
    while True:
        yield first[attempt] if attempt < len(first) else str(rng.choice(MIXED))


class Place(NamedTuple):
    """How points are drawn: how large, with which properties first, how often, and what they must show."""

    scale: float = 1.0
    modes: Sequence[str] = MODES
    tries: int = 14
    wanted: Callable[[Mapping[Expr, Array]], bool] = lambda known: True
    accepts: Callable[[Mapping[Expr, Array], Collection[str] | None, Collection[str]], bool] = acceptable


NEAR = Place()
ANYWHERE = Place(accepts=lambda known, moving, few: all(np.isfinite(x).all() for x in known.values()), tries=9)
MANY = 400  # nodes, of which one in EARLY is looked at first: what is no point is mostly none from the first layer on
EARLY = 16
# With one sign, smaller, larger, and turned by more than pi: where ordinary points overflow, are kinks, or only a principal branch.
SCALES = (-1, 1 / 4, 8, 1 / 16, 64, 1 / 64, 1e3, 1 / 256, 1e5, 1e7)
FAR = (*(Place(x, ("", "positive")[x < 0 :], 2) for x in SCALES), Place(8, ("skew",) * 6, 6))


def draw(
    roots: Sequence[Expr],
    symbols: Sequence[Expr],
    sizes: Mapping[str, int],
    functions: Functions | None = None,
    assume: Mapping[str, Properties] | None = None,
    rng: Rng | None = None,
    place: Place = NEAR,
    moving: Collection[str] | None = None,
    inside: Sequence[Expr] | None = None,
) -> dict[Expr, Array] | None:
    """Values of ``symbols`` and of all nodes, at which all ``roots`` are finite, and smooth where what is ``moving`` reaches them;
    None when no try finds some. ``inside`` are these nodes, where they are known."""
    rng, few = rng or np.random.default_rng(0), of_few_values(assume)
    nodes = postorder(roots) if inside is None else inside
    early = nodes[: len(nodes) // EARLY] if len(nodes) > MANY else []
    for attempt in range(place.tries):
        env = sample(symbols, sizes, assume, rng, _modes(attempt, rng, place.modes), place.scale)
        try:
            with np.errstate(all="ignore"):
                known = values(early, env, sizes, functions) if early else {}
                if early and not place.accepts(known, moving, few):
                    continue
                values(roots, env, sizes, functions, known, nodes[len(known) :])
                if place.accepts(known, moving, few) and place.wanted(known):
                    return known
        except (UsageError, np.linalg.LinAlgError):
            continue
    return None


def looks(
    roots: Sequence[Expr],
    symbols: Sequence[Expr],
    sizes: Mapping[str, int],
    functions: Functions | None = None,
    assume: Mapping[str, Properties] | None = None,
) -> Iterator[Mapping[Expr, Array]]:
    """Values of all nodes at random points, inside the domain or not; up to the first that cannot be computed, which is no
    number."""
    rng = np.random.default_rng(0)
    for attempt in range(len(MODES)):
        known: dict[Expr, Array] = {}
        try:
            env = sample(symbols, sizes, assume, rng, _modes(attempt, rng, MODES))
            values(roots, env, sizes, functions, known)
        except NoValueError:
            known[next(n for n in postorder(roots) if n not in known)] = np.full((1, 1), np.nan)
        except (UsageError, np.linalg.LinAlgError):
            continue
        yield known


def obstacle(
    points: Iterable[Mapping[Expr, Array]], moving: Collection[str] | None = None, few: Collection[str] = ()
) -> tuple[Expr, str] | None:
    """What stands in the way at most of some points."""
    found: list[tuple[Expr, str]] = []
    for known in points:
        with np.errstate(all="ignore"), suppress(np.linalg.LinAlgError):
            found += filter(None, [first_obstacle(known, moving, few)])
    return max(found, key=found.count, default=None)
