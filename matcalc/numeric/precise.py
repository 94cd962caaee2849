"""Values with eighty digits: a second opinion where rounding errors could hide a mistake, or look like one.

Arrays hold mpmath numbers, and differences with a tiny step take the place of complex steps. Logarithm, sine and cosine of
matrices have no kernel here: they would take seconds. The numbers belong to a context
of our own, so that a user's mpmath keeps its precision; some functions of mpmath change that of their context while they
run, so one thread computes at a time.
Independent of rules/ on purpose: its formulas judge those of the rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from threading import RLock
from typing import Any

import numpy as np
from mpmath import MPContext

from matcalc.expr import dims
from matcalc.expr.groups import CARRIED, ENTRY_POWERS, SIZED
from matcalc.numeric import kernels, linear, stand_ins
from matcalc.numeric.entrywise_functions import Array
from matcalc.numeric.kernels import At, Kernel
from matcalc.numeric.stand_ins import Exact

DIGITS = 80
FARTHEST = 240  # decades that doubles can tell of
mp = MPContext()
mp.dps = DIGITS
_ONE_AT_A_TIME = RLock()


class NotPrecise(Exception):
    """An operator or a function that has no kernel here."""


class Precise(Exact):
    """Stands for the functions of a check, and says that it runs with eighty digits, and two more for each decade by which
    the values lie apart: these are for what is that much smaller, and for the smaller steps that it takes."""

    def __init__(self, decades: int = 0) -> None:
        super().__init__()
        told = min(decades, FARTHEST)
        self.rounding = 10.0 ** -(40 + told)
        self.step = 10.0 ** -(25 + told / 2)
        self.outer_step = 2.0 ** -(27 + told // 2)  # of which multiples are exact

    def power_of_ten(self, exponent: int) -> Any:
        """A number that is too small for a float."""
        return mp.mpf(10) ** exponent

    def array(self, x: Array) -> Array:
        return precise(x)

    def kernel(self, op: str) -> Kernel:
        try:
            return KERNELS[op]
        except KeyError:
            raise NotPrecise(op) from None


@contextmanager
def many_digits(given: Mapping[str, Any], digits: int = DIGITS, decades: int = 0) -> Iterator[Precise]:
    """Within, numbers have eighty digits, or more: two for each decade by which values lie apart. Raises ``NotPrecise`` where
    functions of the user's stand in the way."""
    if given:
        raise NotPrecise(", ".join(given))
    with _ONE_AT_A_TIME:
        before = mp.dps
        mp.dps = digits + 2 * decades
        try:
            yield Precise(decades)
        finally:
            mp.dps = before


def precise(x: Array) -> Array:
    """The same numbers, with more digits to come."""
    return np.asarray(_number(x))


_number = np.vectorize(lambda v: mp.mpf(float(v)) if isinstance(v, (float, int, np.number)) else v, otypes=[object])


def _each(f: Callable[[Any], Any]) -> Kernel:
    """Entry by entry; no number where the value is not real."""

    def real(v: Any) -> Any:
        value = f(v)
        return mp.nan if isinstance(value, mp.mpc) else value

    def run(at: At, x: Array) -> Array:
        return np.asarray(np.vectorize(cache(real), otypes=[object])(precise(x)))

    return run


def _scalar(value: Any) -> Array:
    out = np.empty((1, 1), object)
    out[0, 0] = value
    return out


def _fraction(value: Fraction) -> Any:
    return mp.mpf(value.numerator) / value.denominator


def _power(x: Array, p: Array) -> Array:
    run = np.vectorize(lambda v, e: mp.power(v, int(e) if e == int(e) else e), otypes=[object])
    return np.asarray(run(precise(x), precise(p)))


_exp, _log, _sqrt = (np.vectorize(f, otypes=[object]) for f in (mp.exp, mp.log, mp.sqrt))
_ALL, _ROW = (-2, -1), (-1,)


def _softmax(axes: tuple[int, ...]) -> Kernel:
    def run(at: At, x: Array) -> Array:
        e = _exp(precise(x))
        return np.asarray(e / e.sum(axes, keepdims=True))

    return run


def _logsumexp(axes: tuple[int, ...], of: Callable[[Array, Array], Array]) -> Kernel:
    return lambda at, x: np.asarray(of(x, _log(_exp(precise(x)).sum(axes, keepdims=True))))


def _repeated(at: At, x: Array) -> Array:
    """A power of a matrix, by squaring: the exponent may be 10⁹."""
    x, k = precise(x), int(at.node.attr)
    if k < 0:
        x, k = _inv(x), -k
    total = None
    while k:
        total = (x if total is None else total @ x) if k % 2 else total
        x, k = x @ x, k // 2
    return np.asarray(total)


def _of_each(f: Callable[..., Array]) -> Callable[..., Array]:
    """A function of one matrix, or of a few, over the batch axes; of those that are alike once: where one node after the other
    moves, most are."""

    def run(*arrays: Array) -> Array:
        lead = np.broadcast_shapes(*(x.shape[:-2] for x in arrays))
        stacks = [np.broadcast_to(precise(x), (*lead, *x.shape[-2:])).reshape(-1, *x.shape[-2:]) for x in arrays]
        known: dict[tuple[Any, ...], Array] = {}
        every = [(tuple([v for m in each for v in m.flat]), each) for each in zip(*stacks, strict=True)]
        for entries, each in every:
            if entries not in known:
                known[entries] = f(*each)
        found = np.stack([known[entries] for entries, _ in every])
        return np.asarray(found.reshape(*lead, *found.shape[1:]))

    return run


def _stacked(f: Callable[..., Array]) -> Kernel:
    run = _of_each(f)
    return lambda at, *x: run(*x)


_det = _of_each(lambda m: _scalar(mp.det(mp.matrix(m.tolist()))))
_inv = _of_each(lambda m: np.array((mp.matrix(m.tolist()) ** -1).tolist(), object))


def _by_svd(f: Callable[[Array, Array, Array], Array]) -> Kernel:
    """A function of u, s and v' of one matrix u diag(s) v', over the batch axes."""
    return _stacked(lambda m: f(*(np.array(part.tolist(), object) for part in mp.svd_r(mp.matrix(m.tolist())))))


def _by_eigh(f: Callable[[Array, Array], Array]) -> Kernel:
    """A function of the eigenvalues w, ascending, and of v of the symmetric part v diag(w) v', over the batch axes."""

    def one(m: Array) -> Array:
        w, v = (np.array(part.tolist(), object) for part in mp.eigsy(mp.matrix(((m + m.T) / 2).tolist())))
        return f(w, v * _leading_signs(v.T))

    return _stacked(one)


def _adjugate(x: Array) -> Array:
    """From minors, so that a singular matrix has one too."""
    n = len(x)
    out = np.full((n, n), mp.one, object)
    for i, j in np.ndindex((n, n) if n > 1 else (0, 0)):
        out[i, j] = (-1) ** (i + j) * mp.det(mp.matrix(np.delete(np.delete(x, j, 0), i, 1).tolist()))
    return out


def _pinv(at: At, x: Array) -> Array:
    x = precise(x)
    t = linear.transpose(x)
    return np.asarray(_inv(t @ x) @ t if x.shape[-2] >= x.shape[-1] else t @ _inv(x @ t))


def _cholesky(x: Array) -> Array:
    return np.array(mp.cholesky(mp.matrix(((x + x.T) / 2).tolist())).tolist(), object)


def _sqrtm(x: Array) -> Array:
    """No number where the root is not real."""
    found = np.array(mp.sqrtm(mp.matrix(x.tolist())).tolist(), object)
    top = max(map(abs, found.flat))
    real = np.vectorize(lambda v: mp.re(v) if abs(mp.im(v)) <= mp.eps**0.5 * top else mp.nan, otypes=[object])
    return np.asarray(real(found))


def _dsqrtm(at: At, x: Array, e: Array) -> Array:
    """The upper right block of the root of [[X, E], [0, X]]."""
    x, e = np.broadcast_arrays(precise(x), precise(e))
    n = x.shape[-1]
    whole = np.concatenate([np.concatenate([x, e], -1), np.concatenate([0 * x, x], -1)], -2)
    return np.asarray(_stacked(_sqrtm)(at, whole)[..., :n, n:])


def _leading_signs(vt: Array) -> Array:
    """With which the largest entry of each right vector is positive, as in :mod:`matcalc.numeric.linear`."""
    return np.array([1 if v[abs(v).argmax()] > 0 else -1 for v in vt], object)


GUARD = 20  # bits for what Taylor's series rounds away


def _expm(*x: Array) -> tuple[Array, ...]:
    """exp X, and its derivatives along further matrices: Taylor's series of X/2ˢ squared s times, the derivatives carried along."""
    x = tuple(np.broadcast_arrays(*map(precise, x)))
    norm = abs(x[0]).sum(-1).max(initial=mp.zero)
    if not mp.isfinite(norm):
        return tuple(0 * a + mp.nan for a in x)
    small = math.isqrt(mp.prec) // 6 + 1  # the norm becomes 2 to the power of -small, or less
    squarings = max(0, int(mp.mag(norm)) + small) if norm else 0
    with mp.workprec(mp.prec + GUARD + 2 * squarings):
        total = _taylor(tuple(mp.ldexp(1, -squarings) * a for a in x), small)
        for _ in range(squarings):
            total = _product(total, total)
    return tuple(mp.one * a for a in total)


def _taylor(x: tuple[Array, ...], small: int) -> tuple[Array, ...]:
    """The same of a matrix with a norm of at most 2 to the power of ``-small``: K terms by 2√K products, as blocks of
    powers (Paterson and Stockmeyer 1973)."""
    count, bits = 1, 0.0  # the derivative of a term is no larger than the term before
    while bits < mp.prec:
        bits += small + math.log2(count)
        count += 1
    width = math.isqrt(count) + 1
    none = tuple(0 * a for a in x)
    powers = [(none[0] + precise(np.eye(x[0].shape[-1])), *none[1:])]
    for _ in range(width):
        powers.append(_product(powers[-1], x))
    total = none
    for start in reversed(range(0, count + 1, width)):
        total = _product(total, powers[width])
        for k in range(width):
            total = tuple(t + a / mp.factorial(start + k) for t, a in zip(total, powers[k], strict=True))
    return total


def _product(a: tuple[Array, ...], b: tuple[Array, ...]) -> tuple[Array, ...]:
    """Of two matrices, with its derivatives."""
    return a[0] @ b[0], *(a[0] @ db + da @ b[0] for da, db in zip(a[1:], b[1:], strict=True))


def _unspecified(at: At, x: Array) -> Array:
    name, order = at.node.attr
    return np.asarray(stand_ins.generic(name, order, _sin)(precise(x)))


def _carried(op: str) -> Kernel:
    plain = kernels.PLAIN[op]
    return lambda at, v, x: plain(precise(v), precise(x), _sin, precise)


_sin = np.vectorize(mp.sin, otypes=[object])


def _sigmoid(v: Any) -> Any:
    return 1 / (1 + mp.exp(-v))


def _normcdf(v: Any) -> Any:
    return mp.erfc(-v / mp.sqrt(2)) / 2


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(mp, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos",
                                            "atan", "asinh", "acosh", "atanh", "sign", "erf", "erfc", "log1p", "expm1")},
    "sigmoid": _sigmoid,
    "softplus": lambda v: mp.log1p(mp.exp(v)),
    "logsigmoid": lambda v: -mp.log1p(mp.exp(-v)),
    "relu": lambda v: max(v, mp.zero),
    "step": lambda v: mp.mpf(v > 0),
    "abs": abs,
    "hardtanh": lambda v: max(min(v, mp.one), -mp.one),
    "elu": lambda v: v if v > 0 else mp.expm1(v),
    "gelu": lambda v: v * _normcdf(v),
    "silu": lambda v: v * _sigmoid(v),
    "softsign": lambda v: v / (1 + abs(v)),
    "cbrt": lambda v: mp.sign(v) * mp.cbrt(abs(v)),
    "normcdf": _normcdf,
    "normpdf": mp.npdf,
    "lgamma": lambda v: mp.log(abs(mp.gamma(v))),
    "digamma": mp.digamma,
    "trigamma": lambda v: mp.psi(1, v),
}  # fmt: skip

# Kernels that only add, multiply, divide, compare and move entries, on arrays of any numbers.
_SHARED = kernels.POLYNOMIAL | {
    *("hdiv", "div", "max2", "min2", "huber2", "max", "min", "argmax1", "argmin1", "rowmax", "rowargmax1", "variance"),
    *(SIZED | {"commutation", "unit"}),
}


def _shared(op: str) -> Kernel:
    return lambda at, *arrays: precise(kernels.run_plainly(at, [precise(a) for a in arrays]))  # ones are numbers of ours, too


KERNELS: dict[str, Kernel] = {
    **{op: _shared(op) for op in _SHARED},
    **{name: _each(f) for name, f in FUNCTIONS.items()},
    "num": lambda at: _scalar(_fraction(at.node.attr)),
    "const": lambda at: _scalar(+getattr(mp, at.node.attr)),
    "dim": lambda at: _scalar(mp.mpf(dims.value(at.node.attr, at.sizes))),
    **dict.fromkeys(ENTRY_POWERS, lambda at, x, p: _power(x, p)),
    "mpow": _repeated,
    "trpow": lambda at, x: linear.trace(_repeated(at, x)),
    "norm1": lambda at, x: np.asarray(abs(precise(x)).sum((-2, -1), keepdims=True)),
    "norm2": lambda at, x: np.asarray(_sqrt((precise(x) * precise(x)).sum((-2, -1), keepdims=True))),
    "inv": lambda at, x: _inv(x),
    "det": lambda at, x: _det(x),
    "normnuc": _by_svd(lambda u, s, vt: np.asarray(s.sum(keepdims=True))),
    "normspec": _by_svd(lambda u, s, vt: np.asarray(s[:1])),
    "svdvals": _by_svd(lambda u, s, vt: s),
    "svdleft": _by_svd(lambda u, s, vt: np.asarray(u * _leading_signs(vt))),
    "svdright": _by_svd(lambda u, s, vt: np.asarray(vt.T * _leading_signs(vt))),
    "polar": _by_svd(lambda u, s, vt: np.asarray(u @ vt)),
    "topdirection": _by_svd(lambda u, s, vt: np.asarray(u[:, :1] @ vt[:1])),
    "eigvals": _by_eigh(lambda w, v: w),
    "eigvecs": _by_eigh(lambda w, v: v),
    "eigmax": _by_eigh(lambda w, v: w[-1:]),
    "eigvecmax": _by_eigh(lambda w, v: v[:, -1:]),
    "chol": _stacked(_cholesky),
    "adj": _stacked(_adjugate),
    "pinv": _pinv,
    "sqrtm": _stacked(_sqrtm),
    "dsqrtm": _dsqrtm,
    "expm": _stacked(lambda x: _expm(x)[0]),
    "dexpm": _stacked(lambda x, e: _expm(x, e)[1]),
    "logdet": lambda at, x: _log(abs(_det(x))),
    "softmax": _softmax(_ALL),
    "softmaxr": _softmax(_ROW),
    "logsumexp": _logsumexp(_ALL, lambda x, total: total),
    "logsumexpr": _logsumexp(_ROW, lambda x, total: total),
    "logsoftmax": _logsumexp(_ALL, lambda x, total: x - total),
    "logsoftmaxr": _logsumexp(_ROW, lambda x, total: x - total),
    "fn": _unspecified,
    **{name: _carried(name) for name in CARRIED},
}
