"""Numbers and matrices modulo a large prime, and functions of them that depend on their argument alone (see exact.py)."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from matcalc.numeric.entrywise_functions import Array
from matcalc.numeric.stand_ins import Exact


class Unlucky(Exception):
    """A division by zero modulo the prime: another point is to be drawn."""


class Undecided(Exception):
    """The arithmetic has no value for an operator, or no points with a property."""


class Residues(Exact):
    """Stands for the functions of a check, and computes modulo a prime."""

    def __init__(self, p: int, seed: int) -> None:
        super().__init__()
        self.p = p
        self.seed = seed
        self.table: dict[Any, int] = {}

    def array(self, x: Array) -> Array:
        """Whole numbers and binary fractions as residues."""
        return each(x, lambda v: self.residue(Fraction(float(v))) if isinstance(v, (float, np.floating)) else int(v) % self.p)

    def residue(self, value: Fraction) -> int:
        return value.numerator * self.inverse(value.denominator) % self.p

    def inverse(self, v: int) -> int:
        if v % self.p == 0:
            raise Unlucky
        return pow(v, -1, self.p)

    def drawn(self, *key: Any) -> int:
        """A random residue that depends on the key alone."""
        found = self.table.get(key)
        if found is None:
            found = self.table[key] = random.Random(repr((self.seed, self.p, key))).randrange(1, self.p)
        return found


# ---------------------------------------------------------------- matrices of residues


def each(x: Array, f: Callable[[Any], int]) -> Array:
    out = np.empty(np.shape(x), object)
    flat, given = out.reshape(-1), np.asarray(x).reshape(-1)
    for i in range(flat.size):
        flat[i] = f(given[i])
    return out


def whole(x: Array) -> Array:
    """Exact small integers of a kernel that makes ones and zeros."""
    return each(x, int)


def _eliminated(x: list[list[int]], p: int) -> tuple[list[list[int]], int]:
    """The rows [A | B] brought to [I | A⁻¹B], and det A, by Gauss and Jordan. Raises ``Unlucky`` for a singular A."""
    n, det = len(x), 1
    for j in range(n):
        pivot = next((i for i in range(j, n) if x[i][j]), None)
        if pivot is None:
            raise Unlucky
        if pivot != j:
            x[j], x[pivot], det = x[pivot], x[j], -det
        det = det * x[j][j] % p
        factor = pow(x[j][j], -1, p)
        x[j] = [v * factor % p for v in x[j]]
        for i in range(n):
            f = x[i][j]
            if i != j and f:
                x[i] = [(v - f * w) % p for v, w in zip(x[i], x[j], strict=True)]
    return x, det % p


def inverse(x: Array, p: int) -> Array:
    n = len(x)
    rows = [[*map(int, row), *(int(i == k) for k in range(n))] for i, row in enumerate(x.tolist())]
    found = np.empty((n, n), object)
    for i, row in enumerate(_eliminated(rows, p)[0]):
        found[i] = row[n:]
    return found


def determinant(x: Array, p: int) -> int:
    try:
        return _eliminated([list(row) for row in x.tolist()], p)[1]
    except Unlucky:
        return 0


def adjugate(x: Array, p: int) -> Array:
    n = len(x)
    out = np.empty((n, n), object)
    for i in range(n):
        for j in range(n):
            minor = np.delete(np.delete(x, j, 0), i, 1)
            out[i, j] = (-1) ** (i + j) * (determinant(minor, p) if n > 1 else 1)
    return out


def power_of(x: Array, k: int, p: int) -> Array:
    if k < 0:
        x, k = inverse(x, p), -k
    total = whole(np.eye(len(x)))
    while k:
        total = total @ x % p if k & 1 else total
        x, k = x @ x % p, k >> 1
    return total


def pseudo_inverse(x: Array, p: int) -> Array:
    return inverse(x.T @ x % p, p) @ x.T if x.shape[0] >= x.shape[1] else x.T @ inverse(x @ x.T % p, p)


def polynomial(m: Residues, name: str, x: Array, degree: int = 0) -> Array:
    """A function of matrices: a polynomial of the name's own, of a degree that four matrices with their derivatives leave free."""
    n = len(x)
    total = np.zeros_like(x)
    for k in range(degree or 8 * n):
        total = total @ x % m.p
        for i in range(n):
            total[i, i] = (total[i, i] + m.drawn("matrix", name, k)) % m.p
    return total


def _exponential(m: Residues, x: Array, degree: int) -> Array:
    """f(x) f(-x)⁻¹: of -x it is the inverse."""
    return polynomial(m, "expm", x, degree) @ inverse(polynomial(m, "expm", -x % m.p, degree), m.p)


def _rotation(sine: bool) -> Callable[[Residues, Array, int], Array]:
    """2t(1 + t²)⁻¹ or (1 - t²)(1 + t²)⁻¹ of an odd t, the tangent of the half."""

    def run(m: Residues, x: Array, degree: int) -> Array:
        t = (polynomial(m, "tanm", x, degree) - polynomial(m, "tanm", -x % m.p, degree)) % m.p
        one, square = whole(np.eye(len(x))), t @ t % m.p
        return (2 * t if sine else one - square) @ inverse((one + square) % m.p, m.p)

    return run


MATRIX_FUNCTIONS: dict[str, Callable[[Residues, Array, int], Array]] = {
    "expm": _exponential,
    "sinm": _rotation(True),
    "cosm": _rotation(False),
    **{name: lambda m, x, degree, name=name: polynomial(m, name, x, degree) for name in ("logm", "sqrtm")},  # type: ignore[misc]
}


def matrix_function(m: Residues, name: str, x: Array) -> Array:
    return MATRIX_FUNCTIONS[name](m, x, 8 * len(x))


def frechet(m: Residues, name: str, x: Array, e: Array) -> Array:
    """Its derivative at x along e, the upper right block of the function of [[x, e], [0, x]]."""
    n = len(x)
    return MATRIX_FUNCTIONS[name](m, np.block([[x, e], [np.zeros_like(x), x]]), 8 * n)[:n, n:]


# ---------------------------------------------------------------- functions of one number


def exp(m: Residues, v: int) -> int:
    if not v:
        return 1
    return m.drawn("exp", v) if 2 * v < m.p else m.inverse(m.drawn("exp", m.p - v))


def log(m: Residues, v: int) -> int:
    """log|v|"""
    v = min(v, m.p - v)
    w = m.inverse(v)
    w = min(w, m.p - w)
    return 0 if v == 1 else m.drawn("log", v) if v < w else -m.drawn("log", w)


def _half_angle(m: Residues, v: int) -> int:
    return 0 if not v else m.drawn("angle", v) if 2 * v < m.p else -m.drawn("angle", m.p - v)


def _sin(m: Residues, v: int) -> int:
    t = _half_angle(m, v)
    return 2 * t * m.inverse(1 + t * t)


def _cos(m: Residues, v: int) -> int:
    t = _half_angle(m, v)
    return (1 - t * t) * m.inverse(1 + t * t)


def _tanh(m: Residues, v: int) -> int:
    e = exp(m, v) ** 2
    return (e - 1) * m.inverse(e + 1)


def _sigmoid(m: Residues, v: int) -> int:
    e = exp(m, v)
    return e * m.inverse(1 + e)


def half(m: Residues) -> int:
    return (m.p + 1) // 2


def _odd(name: str) -> Callable[[Residues, int], int]:
    """Some function with f(−v) = −f(v)."""
    return lambda m, v: 0 if not v else m.drawn(name, v) if 2 * v < m.p else -m.drawn(name, m.p - v)


def _softplus(m: Residues, v: int) -> int:
    return log(m, (1 + exp(m, v)) % m.p)


def _normcdf(m: Residues, v: int) -> int:
    return half(m) + _odd("normcdf")(m, v)


def _normpdf(m: Residues, v: int) -> int:
    return m.drawn("normpdf", min(v, m.p - v))


FUNCTIONS: dict[str, Callable[[Residues, int], int]] = {
    "exp": exp,
    "log": log,
    "expm1": lambda m, v: exp(m, v) - 1,
    "log1p": lambda m, v: log(m, (1 + v) % m.p),
    "sin": _sin,
    "cos": _cos,
    "tan": lambda m, v: _sin(m, v) * m.inverse(_cos(m, v)),
    "sinh": lambda m, v: (exp(m, v) - exp(m, -v % m.p)) * half(m),
    "cosh": lambda m, v: (exp(m, v) + exp(m, -v % m.p)) * half(m),
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "logsigmoid": lambda m, v: -_softplus(m, -v % m.p),
    "silu": lambda m, v: v * _sigmoid(m, v),
    "normcdf": _normcdf,
    "normpdf": _normpdf,
    "gelu": lambda m, v: v * _normcdf(m, v),
    "erfc": lambda m, v: 1 - _odd("erf")(m, v),
    **{name: _odd(name) for name in ("asin", "atan", "asinh", "atanh", "erf", "cbrt")},
    **{name: lambda m, v, name=name: m.drawn(name, v) for name in ("acos", "acosh", "lgamma", "digamma", "trigamma")},  # type: ignore[misc]
    "sqrt": lambda m, v: v and m.drawn("sqrt", v),
}
