"""What stands for an elementwise function of a user's: a known one, a callable, or one drawn at random."""

from __future__ import annotations

import math
import warnings
import zlib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

import numpy as np
from numpy.polynomial import Polynomial

from matcalc.derivatives import NAMED, Array, Derivatives, Unary
from matcalc.errors import UsageError
from matcalc.ops import CALLS, SYNONYMS


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
    tail = Polynomial((0, 0, b / 2)).deriv(order)
    return lambda x: a * w**order * sin(w * x + phase + order * math.pi / 2) + tail(x)


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
    """The derivative of that order of ``name`` at ``x``. Raises :class:`NotAnalytic` where a step is lost."""
    try:
        f = functions[name]
    except KeyError:
        hint = f"functions={{{name!r}: 'tanh'}}"
        raise UsageError(f"no function was given for {name}", hint=hint) from None
    run = f(order)
    if not np.iscomplexobj(x) or getattr(f, "analytic", False):
        return np.asarray(run(x))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            y = np.asarray(run(x))
    except Exception as error:
        raise NotAnalytic from error
    t, h = x.imag / (np.abs(x.imag).max() or 1), 1e-5
    slope = (run(x.real + h * t) - run(x.real - h * t)) / (2 * h)
    if not np.allclose(y.imag / (np.abs(x.imag).max() or 1), slope, rtol=1e-4, atol=1e-6):
        raise NotAnalytic(name)
    return y
