"""What stands for an elementwise function of a user's: a known one, a callable, or one drawn at random."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

import numpy as np

from matcalc.expr.errors import UsageError
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.numeric.entrywise_functions import NAMED, Array, Derivatives, Unary


class NotAnalytic(Exception):
    """A function did not take a complex step; real differences are to be used."""


# ---------------------------------------------------------------- what stands for a user's f


class Elementwise:
    """A function with its derivatives, ``order -> callable``; ``analytic``: complex steps are safe."""

    def __init__(self, derivatives: Derivatives, analytic: bool) -> None:
        self.derivatives = derivatives
        self.analytic = analytic

    def __call__(self, order: int) -> Unary:
        return self.derivatives(order)


@cache
def generic(name: str, order: int = 0, sin: Unary = np.sin) -> Unary:
    """A fixed smooth function for the unspecified ``name``, a different one for each; exact derivatives."""
    a, w, phase, b = np.random.default_rng(zlib.crc32(name.encode())).uniform((0.7, 0.6, 0.3, 0.3), (1.3, 1.4, 2.8, 0.7))
    high, turn = a * w**order, phase + order * math.pi / 2
    tail: Unary = (lambda x: b / 2 * x * x, lambda x: b * x, lambda x: b, lambda x: 0.0)[min(order, 3)]
    return lambda x: high * sin(w * x + turn) + tail(x)


class WithGeneric(dict[str, Derivatives]):
    """Functions by name; a name without one stands for :func:`generic`."""

    def __missing__(self, name: str) -> Derivatives:
        return Elementwise(lambda order: generic(name, order), True)


class Exact(WithGeneric):
    """An arithmetic of its own with many digits: its kernels, and the steps of its differences."""

    step: float
    outer_step: float  # of differences of differences
    rounding: float  # times the values on the way: what rounding errors are below

    def array(self, x: Array) -> Array:
        """The same numbers in this arithmetic."""
        raise NotImplementedError

    def kernel(self, op: str) -> Callable[..., Array]:
        """What computes an operator from its place and the values of its arguments."""
        raise NotImplementedError


def named(name: str) -> Elementwise | None:
    """The elementwise operator that users call ``name``."""
    for op in CALLS.get(SYNONYMS.get(name, name), ()):
        if op.name in NAMED:
            return Elementwise(NAMED[op.name], True)
    return None


def from_user(value: object, name: str = "f") -> Elementwise:
    """What was passed in ``functions={name: value}``: a known name, a callable, or ``(f, f', f'', …)``."""
    if isinstance(value, Elementwise):
        return value
    if isinstance(value, (str, np.ufunc)):
        called = value if isinstance(value, str) else value.__name__
        found = named(called)
        if found is not None:
            return found
        if isinstance(value, str):
            raise _unknown(name, called)
    orders = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if not orders or not all(callable(f) for f in orders):
        raise UsageError(
            f"functions[{name!r}] is {value!r}, which is neither a name, a callable nor a tuple of callables",
            hint=f"functions={{{name!r}: 'tanh'}} or functions={{{name!r}: ({name}, d{name})}}",
        )
    return Elementwise(lambda order: _given(orders, name, order), False)


def _unknown(name: str, called: str) -> UsageError:
    known = [plain for plain in CALLS if named(plain)]
    near = get_close_matches(called, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return UsageError(f"functions[{name!r}]: no elementwise function is called {called!r}", hint=hint)


def _given(orders: tuple[Any, ...], name: str, order: int) -> Unary:
    if order >= len(orders):
        wanted = ", ".join([name, *(f"{name}{chr(39) * k}" for k in range(1, order + 1))])
        raise UsageError(
            f"{name}: its derivative of order {order} is needed, but {len(orders) - 1} "
            f"derivative{'s were' if len(orders) != 2 else ' was'} given",
            hint=f"functions={{{name!r}: ({wanted})}}",
        )
    f = orders[order]
    return lambda x: _spread(f, x, name)


def _spread(f: Unary, x: Array, name: str) -> Array:
    """``f(x)`` entry by entry, also for an ``f`` that takes one number only or returns a constant."""
    try:
        y = np.asarray(f(x))
    except TypeError:
        y = np.asarray(np.vectorize(f)(x))
    if y.shape in ((), x.shape) and y.dtype.kind in "biufc":
        return np.broadcast_to(y, x.shape)
    raise UsageError(f"{name} is not elementwise: it made shape {y.shape} out of {x.shape}")


def apply(functions: Mapping[str, Derivatives], name: str, order: int, x: Array) -> Array:
    """The derivative of that order of ``name`` at ``x``. Raises :class:`NotAnalytic` where there is none to be had.

    A complex step is not shown to a function of the user's, which may drop it with a warning: the step goes on along
    differences of real values.
    """
    try:
        f = functions[name]
    except KeyError:
        hint = f"functions={{{name!r}: 'tanh'}}"
        raise UsageError(f"no function was given for {name}", hint=hint) from None
    run = f(order)
    if not np.iscomplexobj(x) or getattr(f, "analytic", False) or not (np.abs(x.imag) < A_STEP).all():
        return np.asarray(run(x))
    slopes = _known(f, order + 1, x.real, *slope(run, x.real))
    if not np.isfinite(slopes).all():
        raise NotAnalytic(name)
    return np.asarray(run(x.real) + 1j * x.imag * slopes)


A_STEP = 1e-7  # an imaginary part below this is the step of a derivative
WIDEST, HALVINGS = 0.1, 16


def slope(f: Unary, x: Array) -> tuple[Array, Array]:
    """The derivative of an elementwise function from real values only, and how far it may be off: central differences at
    widths that are halved, each three of them extrapolated (Richardson), and of these the two in a row that agree best."""
    widths = WIDEST * np.multiply.outer(0.5 ** np.arange(HALVINGS), np.maximum(1.0, np.abs(x)))
    plain = np.stack([_central(f, x, h) for h in widths])
    once = (4 * plain[1:] - plain[:-1]) / 3
    twice = (16 * once[1:] - once[:-1]) / 15
    apart = np.abs(np.diff(twice, axis=0)) + 2 * np.finfo(float).eps * np.abs(f(x)) / widths[3:]
    best = np.where(np.isnan(apart), np.inf, apart).argmin(0)[None]
    return np.take_along_axis(twice, best + 1, 0)[0], np.take_along_axis(apart, best, 0)[0]


def _central(f: Unary, x: Array, h: Array) -> Array:
    """(f(x + h) − f(x − h)) / 2h; no number where the function has no value so far away."""
    try:
        return np.asarray((f(x + h) - f(x - h)) / (2 * h), float)
    except (ArithmeticError, ValueError):
        return np.full(x.shape, np.nan)


def _known(f: Derivatives, order: int, x: Array, found: Array, off: Array) -> Array:
    """The derivative that the user gives, where differences cannot tell it from theirs; else theirs."""
    try:
        given = np.asarray(f(order)(x), float)
    except UsageError:  # there is none of that order
        return found
    return np.where(np.abs(given - found) <= 10 * off, given, found)
