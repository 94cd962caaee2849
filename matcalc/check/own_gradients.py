"""Somebody's own gradient function against their own function: entry by entry, or along directions of random signs.

A complex step where the function takes it, else central differences with one Richardson step; what is left of a difference
after rounding and truncation is a fault, unless the slopes from both sides differ: then the function has a kink there.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matcalc.check.points import generator
from matcalc.expr.errors import LimitError, UsageError, visible

Array = npt.NDArray[np.float64]
Value = Any  # what somebody's functions take and give
TINY, MOST, DIRECTIONS = 1e-30, 2000, 20  # complex step; entries that are all looked at; directions where there are more
MARGIN = 100  # times the estimated error of a difference: what is larger is a fault


class Look(NamedTuple):
    """One entry, or direction: the slope that the gradient gives, the measured one, and how well that is known."""

    name: str
    place: tuple[int, ...] | None  # from 1; None of a direction
    analytic: float
    numeric: float
    unsure: float  # the error of the measured slope
    kink: bool = False

    @property
    def agrees(self) -> bool:
        return self.kink or abs(self.analytic - self.numeric) <= self.unsure


class OwnCheck(NamedTuple):
    """What was seen: the worst look first; ``power`` is the smallest error in a single entry that would have been seen."""

    looks: tuple[Look, ...]
    method: str
    power: float
    relation: str

    @property
    def passed(self) -> bool:
        return all(look.agrees for look in self.looks)

    def __bool__(self) -> bool:
        return self.passed

    def to_text(self) -> str:
        """In words."""
        count, kinks = len(self.looks), [look for look in self.looks if look.kink]
        what = "directions" if self.looks and self.looks[0].place is None else "entries"
        rows = ["the gradient is right" if self.passed else f"the gradient is wrong{f': {self.relation}' if self.relation else ''}"]
        for look in [x for x in self.looks if not x.agrees][:5]:
            rows.append(f"  {_label(look)}: {look.analytic:.6g} is given, and {look.numeric:.6g} measured")
        rows += [f"  {_label(look)}: the function has a kink there, and no derivative" for look in kinks[:5]]
        rows.append(f"{count} {what} by {self.method}; an error of {self.power:.1e} in a single entry would have been seen")
        return "\n".join(rows)


def _label(look: Look) -> str:
    if look.place is None:
        return "a direction"
    return f"{look.name}[{','.join(map(str, look.place))}]" if look.place else look.name


class _Function(NamedTuple):
    """The function of named arrays, whatever way it takes them."""

    call: Callable[..., Value]
    arrays: Mapping[str, Array]
    way: str  # dict | tuple | one

    def given(self, moved: Mapping[str, Value]) -> Value:
        arrays = {**self.arrays, **moved}
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # that complex numbers are cast, which shows in the value
                return self.call(**arrays) if self.way == "dict" else self.call(*arrays.values())
        except Exception as error:  # a function of somebody's, which may raise anything
            raise UsageError(f"the function fails at these arrays: {type(error).__name__}: {visible(str(error))[:300]}",
                             hint="call it with them first") from error  # fmt: skip

    def value(self, moved: Mapping[str, Value]) -> Value:
        found = np.asarray(_plain(self.given(moved)))
        if found.dtype.kind not in "biufc":
            raise UsageError("the function gives no number", hint="a gradient is of one number")
        if found.size != 1:
            raise UsageError(f"the function gives {found.size} numbers, and a gradient is of one", hint="sum them up")
        return found.reshape(())[()]


def _plain(x: Value) -> Value:
    """The array in a tensor of another library."""
    return x.detach().cpu().numpy() if hasattr(x, "detach") else x


def check_gradient(
    fn: Callable[..., Value], grad: Callable[..., Value], at: Value, *, directions: int | None = None, seed: int = 0
) -> OwnCheck:
    """Whether ``grad`` is the gradient of ``fn`` at these arrays.

    ``at`` is an array or a number, a sequence of these (arguments in order), or a mapping (arguments by name). ``grad`` takes the
    same and gives an array for each. All entries are looked at, or ``directions`` of random signs, the default where there are
    many entries. Raises ``UsageError`` where the function gives no number, or the gradient has other sizes.

    >>> import matcalc
    >>> matcalc.check_gradient(lambda x: x @ x, lambda x: 2 * x, [1.0, 2.0]).passed
    True
    """
    function = _function(fn, at)
    slopes = _gradients(function._replace(call=grad))
    total = sum(g.size for g in slopes.values())
    for what, given, least in (("directions", 1 if directions is None else directions, 1), ("seed", seed, 0)):
        if type(given) is not int or not least <= given <= (MOST if least else 2**63):
            raise UsageError(f"{what} is to be a whole number", hint=f"{what}={least or 7}")
    single = np.result_type(np.asarray(_plain(function.given({}))).dtype, np.float32) == np.float32
    method = _method(function, slopes, seed, single)
    along = _entries(slopes) if directions is None and total <= MOST else _signs(slopes, directions or DIRECTIONS, seed)
    looks = tuple(sorted((_look(function, slopes, way, method, single) for way in along), key=lambda k: (k.agrees, -_gap(k))))
    power = max((k.unsure for k in looks if not k.kink), default=0.0)
    entries = looks[0].place is not None if looks else False
    return OwnCheck(looks, method, power, _relation(slopes, looks) if entries and not all(k.agrees for k in looks) else "")


def _gap(look: Look) -> float:
    return abs(look.analytic - look.numeric)


def _function(fn: Callable[..., Value], at: Value) -> _Function:
    if not callable(fn):
        raise UsageError("fn is no function", hint="give check_gradient(fn, grad, at)")
    way = "dict" if isinstance(at, Mapping) else "tuple" if isinstance(at, tuple) else "one"
    named = at if way == "dict" else {f"argument {k + 1}": x for k, x in enumerate(at)} if way == "tuple" else {"x": at}
    try:
        arrays = {str(n): np.array(_plain(x), float) for n, x in named.items()}
    except (TypeError, ValueError):
        raise UsageError(
            "at holds what is no array of numbers", hint='give an array, a tuple of arrays, or {"W": W, "b": b}'
        ) from None
    if not arrays or not any(x.size for x in arrays.values()):
        raise UsageError("at is empty", hint='give an array, a tuple of arrays, or {"W": W, "b": b}')
    if sum(x.size for x in arrays.values()) > 10**7:
        raise LimitError("there are more than ten million entries", hint="check a smaller case")
    return _Function(fn, arrays, way)


def _gradients(gradient: _Function) -> dict[str, Array]:
    """The gradient at the point, by the names of the arguments. Raises ``UsageError`` for other sizes."""
    if not callable(gradient.call):
        raise UsageError("grad is no function", hint="give check_gradient(fn, grad, at)")
    found = gradient.given({})
    if not isinstance(found, (Mapping, tuple, list)) or (len(gradient.arrays) == 1 and not isinstance(found, (Mapping, tuple))):
        found = (found,)
    pairs = dict(found) if isinstance(found, Mapping) else dict(zip(gradient.arrays, found, strict=False))
    if isinstance(found, (tuple, list)) and len(found) != len(gradient.arrays):
        raise UsageError(f"grad gives {len(found)} arrays for {len(gradient.arrays)} arguments", hint="give one for each")
    out = {}
    for name, g in pairs.items():
        if name not in gradient.arrays:
            raise UsageError(f"grad gives an array for '{name}', which is no argument", hint=f"it has {', '.join(gradient.arrays)}")
        try:
            array, like = np.asarray(_plain(g), float), gradient.arrays[name]
        except (TypeError, ValueError):
            raise UsageError(
                f"grad gives no array of numbers for '{name}'", hint="a gradient has the shape of its variable"
            ) from None
        if array.shape != like.shape:
            turned = " (it is transposed)" if array.T.shape == like.shape else ""
            raise UsageError(f"the gradient by '{name}' has shape {array.shape}, and '{name}' has {like.shape}{turned}",
                             hint="a gradient has the shape of its variable")  # fmt: skip
        out[name] = array
    return out


Way = tuple[str, tuple[int, ...] | None, Mapping[str, Array]]  # a name, a place, the direction


def _entries(slopes: Mapping[str, Array]) -> Iterator[Way]:
    for name, g in slopes.items():
        for place in np.ndindex(g.shape):
            direction = np.zeros(g.shape)
            direction[place] = 1.0
            yield name, tuple(i + 1 for i in place), {name: direction}


def _signs(slopes: Mapping[str, Array], count: int, seed: int) -> Iterator[Way]:
    """Directions of which each entry is 1 or −1: a fault in a single entry is seen whole along each of them."""
    rng = generator(seed)
    for _ in range(count):
        yield "", None, {name: rng.choice((-1.0, 1.0), g.shape) for name, g in slopes.items()}


def _method(function: _Function, slopes: Mapping[str, Array], seed: int, single: bool) -> str:
    """A complex step, where it gives what differences give."""
    (way,) = _signs(slopes, 1, seed + 1)
    slope = _complex(function, way[2])
    if slope is None:
        return "central differences"
    numeric, unsure = _differences(function, way[2], single)
    return "complex steps" if abs(slope - numeric) <= unsure + 1e-6 * abs(numeric) else "central differences"


def _complex(function: _Function, direction: Mapping[str, Array]) -> float | None:
    try:
        found = function.value({n: function.arrays[n] + 1j * TINY * d for n, d in direction.items()})
    except UsageError:  # it takes no complex numbers
        return None
    return float(np.imag(found)) / TINY if np.iscomplexobj(found) and np.isfinite(found) else None


def _differences(function: _Function, direction: Mapping[str, Array], single: bool) -> tuple[float, float]:
    """The slope, and how large its error may be: of rounding, and of truncation by the two steps."""
    size = max(1.0, *(float(np.abs(function.arrays[n]).max(initial=0)) for n in direction))
    h = (2e-2 if single else 1e-4) * size
    rounding = float(np.finfo(np.float32 if single else np.float64).eps)

    def value(t: float) -> float:
        return float(function.value({n: function.arrays[n] + t * d for n, d in direction.items()}))

    ends = [(value(t), value(-t)) for t in (h, h / 2)]
    coarse, fine = ((a - b) / (2 * t) for (a, b), t in zip(ends, (h, h / 2), strict=True))
    top = max(abs(x) for pair in ends for x in pair)
    return (4 * fine - coarse) / 3, MARGIN * rounding * top / h + abs(fine - coarse) + rounding * abs(fine)


def _look(function: _Function, slopes: Mapping[str, Array], way: Way, method: str, single: bool) -> Look:
    name, place, direction = way
    analytic = float(sum(np.sum(slopes[n] * d) for n, d in direction.items()))
    if method == "complex steps":
        numeric = _complex(function, direction)
        if numeric is not None:
            return Look(name, place, analytic, numeric, 1e-9 * max(abs(numeric), _scale(slopes)))
    numeric, unsure = _differences(function, direction, single)
    look = Look(name, place, analytic, numeric, unsure + 1e-9 * _scale(slopes))
    return look._replace(kink=_has_kink(function, direction, single))


def _scale(slopes: Mapping[str, Array]) -> float:
    return max((float(np.abs(g).max(initial=0)) for g in slopes.values()), default=0.0)


def _has_kink(function: _Function, direction: Mapping[str, Array], single: bool) -> bool:
    """Whether the slopes from the two sides differ, by the same at every step: a curve would make them meet."""
    middle = float(function.value({}))
    gaps = []
    for h in (1e-2, 1e-3) if single else (1e-4, 1e-6):
        ends = [float(function.value({n: function.arrays[n] + t * d for n, d in direction.items()})) for t in (h, -h)]
        gaps.append((ends[0] + ends[1] - 2 * middle) / h)
    return abs(gaps[0]) > 1e-3 and abs(gaps[1] - gaps[0]) < 0.1 * abs(gaps[0])


def _relation(slopes: Mapping[str, Array], looks: Sequence[Look]) -> str:
    """What all of a wrong gradient is of the right one: a multiple, its transpose."""
    true = {name: np.zeros(g.shape) for name, g in slopes.items()}
    for look in looks:
        true[look.name][tuple(i - 1 for i in look.place or ())] = look.numeric
    for name, g in slopes.items():
        own = true[name]
        times = float(np.vdot(own, g) / np.vdot(own, own)) if own.any() else 0.0
        if times and abs(times - 1) > 1e-4 and np.allclose(g, times * own, rtol=1e-4, atol=1e-6 * np.abs(own).max()):
            means = [f"1/{n}: a mean for a sum" for x in slopes.values() for n in x.shape if n > 1 and abs(times * n - 1) < 1e-4]
            return f"by {name} it is {means[0] if means else f'{times:.6g} times what is right'}"
        if g.ndim == 2 and g.shape == g.T.shape and not np.allclose(g, own) and np.allclose(g.T, own, rtol=1e-4):
            return f"by {name} it is transposed"
    return ""
