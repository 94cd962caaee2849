"""Elementwise operators on arrays, with their derivatives of every order.

All are safe for a complex step: they branch on the real part and never conjugate.
Independent of rules/ on purpose: these derivatives judge those of the rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Unary = Callable[[Any], Any]  # of an array, entry by entry
Derivatives = Callable[[int], Unary]  # order -> derivative of that order


# ---------------------------------------------------------------- values


def power(base: Array, exponent: Array) -> Array:
    """``base ** exponent``; whole exponents by multiplication, so that a negative base keeps its step."""
    if not (np.iscomplexobj(base) or np.iscomplexobj(exponent)):
        return np.asarray(np.power(base, exponent))
    first = exponent.flat[0]
    if (exponent == first).all() and first.imag == 0 and float(first.real).is_integer():
        return _whole_power(base, int(first.real))
    return np.asarray(np.exp(exponent * np.log(base)))


def _whole_power(x: Array, k: int) -> Array:
    if k < 0:
        return np.asarray(1 / _whole_power(x, -k))
    result = np.ones_like(x)
    while k:
        if k & 1:
            result = result * x
        x, k = x * x, k >> 1
    return result


def _decay(x: Array) -> Array:
    """exp(-|x|)"""
    return np.asarray(np.exp(np.where(x.real >= 0, -x, x)))


def sigmoid(x: Array) -> Array:
    e = _decay(x)
    return np.asarray(np.where(x.real >= 0, 1, e) / (1 + e))


def softplus(x: Array) -> Array:
    return np.asarray(np.where(x.real >= 0, x, 0) + np.log1p(_decay(x)))


def absolute(x: Array) -> Array:
    return np.asarray(x * np.sign(x.real))


def relu(x: Array) -> Array:
    return np.where(x.real > 0, x, 0)


def step(x: Array) -> Array:
    return np.asarray(x.real > 0, float)


def sign(x: Array) -> Array:
    return np.asarray(np.sign(x.real))


def _where_positive(x: Array, above: Array, below: Array) -> Array:
    return np.where(x.real > 0, above, below)


def silu(x: Array) -> Array:
    return np.asarray(x * sigmoid(x))


def normcdf(x: Array) -> Array:
    """Φ(x), with its digits also where it is small."""
    from scipy import special

    return np.asarray(special.erfc(-x / math.sqrt(2)) / 2 if np.iscomplexobj(x) else special.ndtr(x))


def normpdf(x: Array) -> Array:
    return np.asarray(np.exp(-x * x / 2) / math.sqrt(2 * math.pi))


def gelu(x: Array) -> Array:
    return np.asarray(x * normcdf(x))


def elu(x: Array) -> Array:
    return _where_positive(x, x, np.expm1(np.where(x.real > 0, 0, x)))


def softsign(x: Array) -> Array:
    return np.asarray(x / (1 + absolute(x)))


def hardtanh(x: Array) -> Array:
    return np.where(np.abs(x.real) < 1, x, np.sign(x.real))


def huber(x: Array, y: Array) -> Array:
    """x²/2 where |x| ≤ y, y (|x| - y/2) elsewhere."""
    size = absolute(x)
    return np.where(size.real <= y.real, x * x / 2, y * (size - y / 2))


def cbrt(x: Array) -> Array:
    """The real root; of a complex step, by one step of Newton from the real root, which is exact to first order."""
    root = np.cbrt(x.real)
    return root + 1j * x.imag / (3 * root * root) if np.iscomplexobj(x) else np.asarray(root)


def _special(name: str, complex_name: str = "") -> Unary:
    """A function of scipy.special, and the one that takes its place for complex arguments."""

    def run(x: Array) -> Array:
        from scipy import special

        return np.asarray(getattr(special, complex_name if complex_name and np.iscomplexobj(x) else name)(x))

    return run


def polygamma(order: int) -> Unary:
    """SciPy's is for real arguments: a step t of the imaginary part adds the next derivative times t."""

    def run(x: Array) -> Array:
        from scipy import special

        value = np.asarray(special.polygamma(order, x.real))
        return value + 1j * x.imag * special.polygamma(order + 1, x.real) if np.iscomplexobj(x) else value

    return run


# ---------------------------------------------------------------- derivatives of every order


def _zero(x: Array) -> Array:
    return np.zeros(np.shape(x))


def _cycle(*functions: Unary) -> Derivatives:
    return lambda order: functions[order % len(functions)]


def _then(value: Unary, derivative: Derivatives) -> Derivatives:
    """A function whose derivative is a known one."""
    return lambda order: derivative(order - 1) if order else value


def _polynomial(*coefficients: float) -> Any:
    """The constant one first. NumPy's package of polynomials is not loaded before somebody needs one."""
    from numpy.polynomial import Polynomial

    return Polynomial(coefficients)


def _at(p: Any, x: Any) -> Any:
    """The value of a polynomial, by Horner's rule."""
    first, *rest = p.coef[::-1]
    total = first + x * 0
    for c in rest:
        total = c + total * x
    return total


def _autonomous(value: Unary, *coefficients: float) -> Derivatives:
    """y' = p(y) for a polynomial p: every derivative is a polynomial in y."""

    @cache
    def derivative(order: int) -> Unary:
        if not order:
            return value
        p, q = _polynomial(*coefficients), _polynomial(0, 1)
        for _ in range(order):
            q = q.deriv() * p
        return lambda x: _at(q, value(x))

    return derivative


def _algebraic(value: Unary, factor: float, base: tuple[float, ...], exponent: float) -> Derivatives:
    """y' = factor * base(x)**exponent: every derivative is a polynomial times a power of base."""

    @cache
    def derivative(order: int) -> Unary:
        if not order:
            return value
        b, p, e = _polynomial(*base), _polynomial(factor), exponent
        for _ in range(order - 1):
            p, e = p.deriv() * b + e * b.deriv() * p, e - 1
        return lambda x: _at(p, x) * power(_at(b, x), np.asarray(e))

    return derivative


@cache
def _error_function(order: int) -> Unary:
    if not order:
        return _special("erf")
    p = _polynomial(2 / math.sqrt(math.pi))
    for _ in range(order - 1):
        p = p.deriv() - _polynomial(0, 2) * p
    return lambda x: _at(p, x) * np.exp(-x * x)


def _digamma(order: int) -> Unary:
    return polygamma(order) if order else _special("digamma")


def _normpdf(order: int) -> Unary:
    """Polynomials times φ: p ↦ p' - x p."""
    if not order:
        return normpdf
    p = _polynomial(1)
    for _ in range(order):
        p = p.deriv() - _polynomial(0, 1) * p
    return lambda x: _at(p, x) * normpdf(x)


_normcdf = _then(normcdf, _normpdf)


def _times_argument(value: Unary, factor: Derivatives) -> Derivatives:
    """x f(x); Leibniz: x f⁽ᵏ⁾ + k f⁽ᵏ⁻¹⁾."""
    return lambda order: (lambda x: x * factor(order)(x) + order * factor(order - 1)(x)) if order else value


def _elu(order: int) -> Unary:
    if not order:
        return elu
    above = 1 if order == 1 else 0
    return lambda x: _where_positive(x, np.full(np.shape(x), above), np.exp(np.where(x.real > 0, 0, x)))


def _softsign(order: int) -> Unary:
    if not order:
        return softsign
    c = (-1) ** (order - 1) * math.factorial(order)
    return lambda x: c * sign(x) ** (order - 1) / (1 + absolute(x)) ** (order + 1)


def _cbrt(order: int) -> Unary:
    c = math.prod(1 / 3 - k for k in range(order))
    return lambda x: c * cbrt(x) / _whole_power(x, order)


def _log_sigmoid(order: int) -> Unary:
    if not order:
        return lambda x: -softplus(-x)
    inner = _sigmoid(order - 1)
    return lambda x: (-1) ** (order - 1) * inner(-x)


_sigmoid = _autonomous(sigmoid, 0, 1, -1)
_sign = _then(sign, lambda order: _zero)
_step = _then(step, lambda order: _zero)

NAMED: dict[str, Derivatives] = {
    "exp": _cycle(np.exp),
    "log": _algebraic(np.log, 1, (0, 1), -1),
    "sqrt": _algebraic(np.sqrt, 0.5, (0, 1), -0.5),
    "sin": _cycle(np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)),
    "cos": _cycle(np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), np.sin),
    "tan": _autonomous(np.tan, 1, 0, 1),
    "sinh": _cycle(np.sinh, np.cosh),
    "cosh": _cycle(np.cosh, np.sinh),
    "tanh": _autonomous(np.tanh, 1, 0, -1),
    "asin": _algebraic(np.arcsin, 1, (1, 0, -1), -0.5),
    "acos": _algebraic(np.arccos, -1, (1, 0, -1), -0.5),
    "atan": _algebraic(np.arctan, 1, (1, 0, 1), -1),
    "asinh": _algebraic(np.arcsinh, 1, (1, 0, 1), -0.5),
    "acosh": _algebraic(np.arccosh, 1, (-1, 0, 1), -0.5),
    "atanh": _algebraic(np.arctanh, 1, (1, 0, -1), -1),
    "sigmoid": _sigmoid,
    "softplus": _then(softplus, _sigmoid),
    "logsigmoid": _log_sigmoid,
    "relu": _then(relu, _step),
    "step": _step,
    "abs": _then(absolute, _sign),
    "sign": _sign,
    "erf": _error_function,
    "erfc": lambda order: (lambda x: -_error_function(order)(x)) if order else _special("erfc"),
    "hardtanh": lambda order: (_zero if order > 1 else lambda x: step(1 - absolute(x))) if order else hardtanh,
    "elu": _elu,
    "normcdf": _normcdf,
    "normpdf": _normpdf,
    "gelu": _times_argument(gelu, _normcdf),
    "silu": _times_argument(silu, _sigmoid),
    "softsign": _softsign,
    "log1p": _algebraic(np.log1p, 1, (1, 1), -1),
    "expm1": lambda order: np.exp if order else np.expm1,
    "cbrt": _cbrt,
    "lgamma": _then(_special("gammaln", "loggamma"), _digamma),
    "digamma": _digamma,
    "trigamma": lambda order: polygamma(order + 1),
}

__all__ = ["NAMED", "Array", "Derivatives", "Unary", "absolute", "polygamma", "power"]
