"""What a variable can be declared to be: how such a value is drawn, adjusted and recognised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from matcalc.expr.errors import UsageError
from matcalc.expr.qualities import SQUARE
from matcalc.numeric.entrywise_functions import Array

Rng = np.random.Generator
Shape = tuple[int, ...]
Properties = frozenset[str]

NONE: Properties = frozenset()
REDRAWS = 40


def _free(rng: Rng, shape: Shape) -> Array:
    if not shape:
        return np.asarray(rng.uniform(0.5, 1.5) * (-1.0, 1.0)[rng.integers(2)])
    return np.asarray(0.8 * rng.standard_normal(shape))


def _one_hot(rng: Rng, shape: Shape) -> Array:
    return np.eye(shape[-1])[rng.integers(shape[-1], size=shape[:-1])]


def _binary(rng: Rng, shape: Shape) -> Array:
    """Zeros and ones, of both some."""
    x = rng.choice([0.0, 1.0], shape)
    if x.size > 1 and x.min() == x.max():
        x.flat[rng.integers(x.size)] = 1 - x.flat[0]
    return np.asarray(x)


def _toeplitz(rng: Rng, shape: Shape) -> Array:
    n = shape[0]
    lag = np.arange(n) - np.arange(n)[:, None]
    return np.asarray(0.8 * rng.standard_normal(2 * n - 1)[lag + n - 1])


def _symmetric_toeplitz(rng: Rng, shape: Shape) -> Array:
    n = shape[0]
    return np.asarray(0.8 * rng.standard_normal(n)[np.abs(np.arange(n) - np.arange(n)[:, None])])


def _laplacian(rng: Rng, shape: Shape) -> Array:
    w = np.triu(rng.uniform(0.1, 1.0, shape), 1)
    w = w + w.T
    return np.asarray(np.diag(w.sum(1)) - w)


def _spd(rng: Rng, shape: Shape) -> Array:
    b = rng.standard_normal(shape)
    return np.asarray(b @ b.T / shape[0] + 0.5 * np.eye(shape[0]))


def _near_identity(rng: Rng, shape: Shape) -> Array:
    return np.asarray(np.eye(shape[0]) + 0.25 * rng.standard_normal(shape) / np.sqrt(shape[0]))


def _triangular(rng: Rng, shape: Shape) -> Array:
    return np.asarray(np.tril(0.8 * rng.standard_normal(shape), -1) + _diagonal(rng, shape))


def _diagonal(rng: Rng, shape: Shape) -> Array:
    return np.diag(rng.uniform(0.5, 2.0, shape[0]))


def _skew(rng: Rng, shape: Shape) -> Array:
    b = 0.8 * rng.standard_normal(shape)
    return np.asarray((b - b.T) / np.sqrt(2))


def _reflection(rng: Rng, shape: Shape) -> Array:
    v = _unit(rng.standard_normal(shape[0]))
    return np.asarray(np.eye(shape[0]) - 2 * np.outer(v, v))


def _unit(x: Array) -> Array:
    return np.asarray(x / np.sqrt((x * x).sum()))


def symmetrised(x: Array) -> Array:
    return np.asarray((x + x.T) / 2)


def _made_spd(x: Array) -> Array:
    s = symmetrised(x)
    return s if eigenvalues(s).min() > 0.1 else np.asarray(s @ s / len(s) + 0.5 * np.eye(len(s)))


def _normalised(x: Array) -> Array:
    return np.asarray(np.abs(x) / np.abs(x).sum(-1, keepdims=True))


# How a leaf is drawn, the most particular property first.
DRAW: dict[str, Callable[[Rng, Shape], Any]] = {
    "one-hot": _one_hot,
    "one-hot-columns": lambda rng, shape: _one_hot(rng, shape[::-1]).T,
    "laplacian": _laplacian,
    "orthogonal": lambda rng, shape: np.linalg.qr(rng.standard_normal(shape))[0],
    "symmetric-toeplitz": _symmetric_toeplitz,
    "toeplitz": _toeplitz,
    "diagonal": _diagonal,
    "lower-triangular": _triangular,
    "upper-triangular": lambda rng, shape: _triangular(rng, shape).T,
    "near-identity": _near_identity,
    "spd": _spd,
    "skew": _skew,
    "sign": lambda rng, shape: rng.choice([-1.0, 1.0], shape),
    "binary": _binary,
    "count": lambda rng, shape: rng.integers(0, 5, shape).astype(float),
    "probability": lambda rng, shape: _normalised(rng.uniform(0.3, 1.5, shape)),
    "unit-interval": lambda rng, shape: rng.uniform(0.1, 0.9, shape),
    "above-one": lambda rng, shape: rng.uniform(1.2, 3.0, shape),
    "positive": lambda rng, shape: rng.uniform(0.5, 2.0, shape),
    "nonnegative": lambda rng, shape: rng.uniform(0.1, 2.0, shape),
    "small": lambda rng, shape: 0.3 * rng.standard_normal(shape),
    "unit": lambda rng, shape: _unit(rng.standard_normal(shape)),
    "symmetric": lambda rng, shape: symmetrised(0.8 * rng.standard_normal(shape)),
    "positive-det": lambda rng, shape: rng.standard_normal(shape),
    "invertible": lambda rng, shape: rng.standard_normal(shape),
    "nonzero": lambda rng, shape: rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape),
}

# Two properties for which adjusting a drawn value would not do.
DRAW_BOTH: dict[Properties, Callable[[Rng, Shape], Any]] = {
    frozenset({"orthogonal", "symmetric"}): _reflection,
    frozenset({"toeplitz", "symmetric"}): _symmetric_toeplitz,
    frozenset({"binary", "positive"}): lambda rng, shape: np.ones(shape),
    frozenset({"count", "positive"}): lambda rng, shape: rng.integers(1, 5, shape).astype(float),
}

# How a value drawn for another property is brought to have this one as well.
ADJUST: dict[str, Callable[[Array], Any]] = {
    "symmetric": symmetrised,
    "spd": _made_spd,
    "diagonal": lambda x: x * np.eye(len(x)),
    "lower-triangular": np.tril,
    "upper-triangular": np.triu,
    "above-one": lambda x: 1.2 + np.abs(x),
    "positive": np.abs,
    "nonnegative": np.abs,
    "small": lambda x: 0.3 * x,
    "unit": _unit,
    "probability": _normalised,
}


def _newton(x: Array, gram: Callable[[Array], Array], one: Any) -> Array:
    """x (3 − x'x)/2, again and again: each time it has twice as many digits in which x'x is one."""
    for _ in range(DOUBLINGS):
        x = x @ (3 * one - gram(x)) / 2 if np.ndim(one) else x * (3 * one - gram(x)) / 2
    return np.asarray(x)


DOUBLINGS = 7  # of 16 digits: to more than a thousand

# How what holds to the precision of a double is made to hold to that of the entries, numbers of any kind.
REFINE: dict[str, Callable[[Array], Array]] = {
    "probability": lambda x: np.asarray(x / x.sum(-1, keepdims=True)),
    "unit": lambda x: _newton(x, lambda x: (x * x).sum(), 1),
    "orthogonal": lambda x: _newton(x, lambda x: np.asarray(x.T @ x), np.eye(len(x), dtype=int)),
    "laplacian": lambda x: np.asarray(x - np.diag(x.sum(-1))),
}


def refined(x: Array, properties: Properties) -> Array:
    for p in sorted(properties & REFINE.keys()):
        x = REFINE[p](x)
    return x


DISCRETE = frozenset({"one-hot", "one-hot-columns", "sign", "binary", "count"})  # few values: entries are on no way to others
CONES = frozenset(  # of all positive multiples as well
    {
        *("symmetric", "skew", "spd", "diagonal", "lower-triangular", "upper-triangular", "toeplitz", "symmetric-toeplitz"),
        *("laplacian", "invertible", "positive-det", "positive", "nonnegative", "nonzero"),
    }
)
WITH_ZEROS = frozenset({"diagonal", "lower-triangular", "upper-triangular"})  # positive means: elsewhere


def eigenvalues(x: Array) -> Array:
    return np.asarray(np.linalg.eigvalsh(x))


def _same(x: Any, y: Any) -> bool:
    return bool(np.allclose(x, y, rtol=0, atol=1e-9))


def _constant_diagonals(x: Array) -> bool:
    return _same(x[1:, 1:], x[:-1, :-1])


def _has_unit_rows(x: Array) -> bool:
    return bool(np.isin(x, (0, 1)).all()) and _same(x.sum(-1), 1)


HOLDS: dict[str, Callable[[Array], Any]] = {
    "one-hot": _has_unit_rows,
    "one-hot-columns": lambda x: _has_unit_rows(x.T),
    "laplacian": lambda x: _same(x, x.T) and _same(x.sum(0), 0) and (x - np.diag(np.diag(x)) <= 0).all(),
    "orthogonal": lambda x: _same(x @ x.T, np.eye(len(x))),
    "symmetric-toeplitz": lambda x: _same(x, x.T) and _constant_diagonals(x),
    "toeplitz": _constant_diagonals,
    "diagonal": lambda x: _same(x, np.diag(np.diag(x))),
    "lower-triangular": lambda x: _same(x, np.tril(x)),
    "upper-triangular": lambda x: _same(x, np.triu(x)),
    "near-identity": lambda x: np.linalg.norm(x - np.eye(len(x)), 2) < 0.9,
    "spd": lambda x: _same(x, x.T) and eigenvalues(x).min() > 0.05,
    "skew": lambda x: _same(x, -x.T),
    "sign": lambda x: _same(np.abs(x), 1),
    "binary": lambda x: np.isin(x, (0, 1)).all(),
    "count": lambda x: (x >= 0).all() and _same(x, np.round(x)),
    "probability": lambda x: (x >= 0).all() and _same(x.sum(-1), 1),
    "unit-interval": lambda x: (x > 0).all() and (x < 1).all(),
    "above-one": lambda x: (x > 1).all(),
    "positive": lambda x: (x > 0).all(),
    "nonnegative": lambda x: (x >= 0).all(),
    "small": lambda x: (np.abs(x) < 1.5).all(),
    "unit": lambda x: _same((x * x).sum(), 1),
    "symmetric": lambda x: _same(x, x.T),
    "positive-det": lambda x: np.linalg.det(x) > 0 and np.linalg.cond(x) < 15,
    "invertible": lambda x: np.linalg.cond(x) < 15,
    "nonzero": lambda x: (np.abs(x) > 0.05).all(),
}


def sample_one(shape: Shape, properties: Properties, rng: Rng, name: str = "the variable") -> Array:
    """A random array of the public ``shape`` that has all ``properties``."""
    if not properties:
        return _free(rng, shape)
    unknown = sorted(properties - DRAW.keys())
    if unknown:
        raise UsageError(f"{name}: {unknown[0]!r} is not a property", hint=f"known are {', '.join(DRAW)}")
    for p in sorted(properties & SQUARE):
        if len(shape) != 2 or shape[0] != shape[1]:
            raise UsageError(f"{name} cannot be {p}: that needs a square matrix, and its shape is {shape}")
    if properties & WITH_ZEROS:
        properties = frozenset("nonnegative" if p == "positive" else p for p in properties - {"nonzero"})
    both = next((pair for pair in DRAW_BOTH if pair <= properties), NONE)
    first = next((p for p in DRAW if p in properties), "")
    make = DRAW_BOTH[both] if both else DRAW.get(first, _free)
    others = [p for p in DRAW if p in properties and p != first and p not in both]
    for _ in range(REDRAWS):
        x = np.asarray(make(rng, shape), float)
        for p in others:
            x = np.asarray(ADJUST[p](x)) if p in ADJUST and not HOLDS[p](x) else x
        if np.isfinite(x).all() and all(HOLDS[p](x) for p in properties):
            return x
    raise UsageError(f"no sample of {name} is {', '.join(sorted(properties))} at once")
