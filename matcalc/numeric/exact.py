"""Exact arithmetic modulo large primes: whether terms cancel is decided here, and never by rounding.

An expression of + − × ÷, powers, inverse, determinant, trace, Kronecker products, blocks, slices and sums is a rational
function of the entries of its variables. Its value at a random point modulo a prime p is an integer without error. A
rational function that is not zero, of total degree d (that of its numerator), vanishes at a uniformly random point with
chance at most d/p (Schwartz 1980; Zippel 1979). Both primes here are above 2⁶⁰ and every decision takes an
independent point for each of them at each of several sizes, so a wrong "it is zero" has a chance below (d/2⁶⁰)² at any of these
sizes: 10⁻²⁴ for a degree of a million. That a prime divides all coefficients is as unlikely. Division by zero draws again.

Functions that are not rational take values that depend on the function and its argument alone: exp and log on a random
table with exp(−v) = 1/exp(v) and log(1/v) = −log(v), sine and cosine on the unit circle, functions of matrices as random
polynomials, with the same relations (every analytic function agrees with one of that degree, together with its derivative, at
the matrices that occur: Higham, Functions of Matrices, sec. 1.2), the others on random tables, also those with branches
(sign, max, …).
A zero that holds whatever these values are is a zero. The opposite does not follow: sin² + cos² = 1 is seen,
exp(a + b) = exp(a)·exp(b) is not, and many digits decide.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from matcalc.expr.errors import UsageError
from matcalc.expr.groups import DERIVED
from matcalc.expr.nodes import Expr
from matcalc.numeric import evaluation
from matcalc.numeric.entrywise_functions import Array
from matcalc.numeric.modular import Modular
from matcalc.numeric.properties import DISCRETE, Properties
from matcalc.numeric.residues import Undecided, Unlucky, each, inverse, whole

PRIMES = (2305843009213691579, 2305843009213690799)  # p and (p − 1)/2 are prime
POINTS = 1  # for each prime, at each of the sizes that are taken
TRIES = 8  # draws of one point


# ---------------------------------------------------------------- points

# Properties that do not say how entries hang together, but where they lie: entries are taken to be free.
_FREE = DISCRETE | frozenset({"positive", "nonnegative", "nonzero", "unit-interval", "above-one", "small", "invertible",
                               "near-identity", "positive-det", "spd"})  # fmt: skip


def _turned(x: Array) -> Array:
    """Symmetric, with the entries on and above the diagonal."""
    return np.asarray(np.triu(x) + np.triu(x, 1).T)


def _laplacian(x: Array) -> Array:
    w = _turned(x) - np.diag(np.diag(x))
    return np.asarray(np.diag(w.sum(0)) - w)


def _orthogonal(m: Modular, x: Array) -> Array:
    """(I − S)(I + S)⁻¹ of a skew S (Cayley), a reflection in half of all draws."""
    s, one = np.triu(x, 1) - np.triu(x, 1).T, whole(np.eye(len(x)))
    q = (one - s) @ inverse((one + s) % m.p, m.p)
    if x[0, 0] % 2:
        q[0] = -q[0]
    return np.asarray(q)


def _reflection(m: Modular, x: Array) -> Array:
    """I − 2P with a projection P of any rank."""
    one, v = whole(np.eye(len(x))), x[:, : x[0, 0] % (len(x) + 1)]
    return np.asarray(one - 2 * v @ inverse(v.T @ v % m.p, m.p) @ v.T) if v.size else one


def _unit(m: Modular, x: Array) -> Array:
    """The first unit vector, reflected at a random plane."""
    flat = x.reshape(-1)
    found = -2 * flat * flat[0] * m.inverse(int((flat * flat).sum()))
    found[0] += 1
    return np.asarray(found.reshape(x.shape))


def _normalised(m: Modular, x: Array) -> Array:
    return np.asarray(x * each(x.sum(-1 if x.shape[-1] > 1 else 0, keepdims=True) % m.p, m.inverse))


def _toeplitz(x: Array, symmetric: bool) -> Array:
    lag = np.arange(len(x)) - np.arange(len(x))[:, None]
    return np.asarray(np.where(lag >= 0, x[0][np.abs(lag)], x[0 if symmetric else -1][np.abs(lag)]))


_STRUCTURED: dict[frozenset[str], Callable[[Modular, Array], Array]] = {
    frozenset({"symmetric"}): lambda m, x: _turned(x),
    frozenset({"skew"}): lambda m, x: np.triu(x, 1) - np.triu(x, 1).T,
    frozenset({"diagonal"}): lambda m, x: np.diag(np.diag(x)),
    frozenset({"symmetric", "diagonal"}): lambda m, x: np.diag(np.diag(x)),
    frozenset({"lower-triangular"}): lambda m, x: np.tril(x),
    frozenset({"upper-triangular"}): lambda m, x: np.triu(x),
    frozenset({"laplacian"}): lambda m, x: _laplacian(x),
    frozenset({"toeplitz"}): lambda m, x: _toeplitz(x, False),
    frozenset({"symmetric-toeplitz"}): lambda m, x: _toeplitz(x, True),
    frozenset({"toeplitz", "symmetric"}): lambda m, x: _toeplitz(x, True),
    frozenset({"orthogonal"}): _orthogonal,
    frozenset({"orthogonal", "symmetric"}): _reflection,
    frozenset({"probability"}): _normalised,
    frozenset({"unit"}): _unit,
}


def _drawn(m: Modular, symbol: Expr, real: Array, declared: Properties, salt: int) -> Array:
    """A symbol's entries, uniform among those that have its properties. Raises ``Undecided`` where none can be made."""
    tied = declared - _FREE | ({"symmetric"} if "spd" in declared else frozenset())
    rng = random.Random(f"{m.seed} {m.p} {symbol.attr} {salt}")
    x = each(real, lambda _: rng.randrange(1, m.p))
    if not tied:
        return x
    make = _STRUCTURED.get(frozenset(tied))
    if make is None or x.ndim != 2:
        raise Undecided(", ".join(sorted(declared)))
    return np.asarray(make(m, x), object) % m.p


class At(NamedTuple):
    """Where a question is asked: values of all nodes at a real point, which is in the domain; sizes; what is declared."""

    real: Mapping[Expr, Array]
    sizes: Mapping[str, int]
    assume: Mapping[str, Properties]
    seed: int = 0
    opaque: frozenset[str] = frozenset()  # operators of which nothing is to be known


def _values(roots: Sequence[Expr], m: Modular, at: At, moved: Expr | None = None, salt: int = 0) -> list[Array]:
    """Values of the roots; ``moved`` is a node that is drawn freely, another time for each ``salt``."""
    env = {}
    for e, value in at.real.items():
        if e is moved:
            env[e] = _drawn(m, e, value, frozenset(), salt)
        elif e.op == "sym" or e.op in DERIVED:
            env[e] = _drawn(m, e, value, at.assume.get(str(e.attr), frozenset()), 0)
    return evaluation.evaluate(roots, env, at.sizes, m)


def decided(question: Callable[[Modular], bool], at: At) -> bool | None:
    """Whether the answer is yes at every point; None where this arithmetic cannot tell, or no point was found."""
    for i in range(POINTS):
        for p in PRIMES:
            answer = None
            for attempt in range(TRIES):
                try:
                    answer = question(Modular(p, at.seed + 101 * i + 10007 * attempt, at.opaque))
                    break
                except Unlucky:
                    continue
                except (Undecided, UsageError, ValueError, TypeError):
                    return None
            if not answer:
                return answer
    return True


def vanishes(e: Expr, at: At) -> bool | None:
    """Whether an expression is identically zero at these sizes, on all branches of its operators; None: not decided."""
    return decided(lambda m: not _values([e], m, at)[0].any(), at)


def independent(y: Expr, x: Expr, at: At) -> bool | None:
    """Whether ``y`` is the same for all values of ``x``, a variable or a node of its graph: then ∂y/∂x = 0."""

    def same(m: Modular) -> bool:
        first, second = (_values([y], m, at, x, salt)[0] for salt in (1, 2))
        return not (first - second).any()

    return decided(same, at)
