"""How to train, as it is asked for: checked, with a message for what is none of the choices."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real

from matcalc.expr.errors import UsageError

OPTIMISERS = ("sgd", "momentum", "adagrad", "rmsprop", "adam", "sparse-adam")
SCHEDULES: Mapping[str, Mapping[str, Callable[[str], float]]] = {
    "constant": {},
    "halving": {"every": int},
    "exponential": {"decay": float},
    "cyclical": {"top": float, "half": int},
}
FORMS = "constant, halving:EPOCHS, exponential:DECAY, cyclical:TOP:STEPS"
SCALES = ("none", "standard")


@dataclass(frozen=True)
class Choices:
    """Each with what is done where nothing is said. ``rate`` may be search; ``start`` is xavier, r of uniform(−r, r), or a file."""

    optimiser: str = "adam"
    rate: float | str = 0.001
    schedule: str = "constant"
    epochs: int = 20
    batch: int = 32
    seed: int = 0
    test: float = 0.2
    l2: float = 0.0
    start: float | str = "xavier"
    scale: str = "none"


def require(c: Choices) -> None:
    """Raises ``UsageError`` for what cannot be done."""
    _one_of("optimiser", c.optimiser, OPTIMISERS)
    _one_of("scale", c.scale, SCALES)
    for name, least in (("epochs", 1), ("batch", 1), ("seed", 0)):
        whole = getattr(c, name)
        if not is_whole(whole, least):
            raise UsageError(
                f"{name} is {_said(whole)}, not a whole number from {least} on", hint=f"{name}: {getattr(Choices, name)}"
            )
    if not (isinstance(c.rate, str) and c.rate == "search"):
        _number("rate", c.rate, lambda x: x > 0, "a positive number, or search")
    _number("l2", c.l2, lambda x: x >= 0, "a number from 0 on")
    _number("test", c.test, lambda x: 0 <= x < 1, "a part between 0 and 1")
    read_schedule(c.schedule)
    read_start(c.start)


def read_start(start: object) -> float | str:
    """``xavier``, r of uniform(−r, r), or the path of a file. Raises ``UsageError``."""
    if isinstance(start, str) and start == "xavier":
        return "xavier"
    try:
        r = float(str(start))
    except ValueError:
        if isinstance(start, str | os.PathLike) and str(start).lower().endswith(".npz") and os.path.isfile(start):
            return str(start)
        hint = "start: xavier, 0.1, or a file of parameters such as parameters.npz"
        raise UsageError(
            f"start is {_said(start)}: neither xavier, nor a number, nor a file .npz that is there", hint=hint
        ) from None
    _number("start", r, lambda x: x > 0, "a positive number")
    return r


def read_schedule(text: object) -> tuple[str, dict[str, float]]:
    """``halving:10`` as the name of a function and its arguments. Raises ``UsageError``."""
    name, *words = text.split(":") if isinstance(text, str) else [""]
    options = SCHEDULES.get(name)
    hint = f"one of {FORMS}"
    if options is None or len(words) != len(options):
        raise UsageError(f"{_said(text)} is no schedule", hint=hint)
    found = {}
    for (option, kind), word in zip(options.items(), words, strict=True):
        try:
            found[option] = kind(word)
        except ValueError:
            found[option] = math.nan
        if not 0 < found[option] < math.inf:
            raise UsageError(f"'{word}' in the schedule '{text}' is no positive {'whole ' * (kind is int)}number", hint=hint)
    return name, found


def _one_of(what: str, word: object, choices: tuple[str, ...]) -> None:
    if not isinstance(word, str) or word not in choices:
        raise UsageError(f"{what} is {_said(word)}", hint=f"one of {', '.join(choices)}")


def is_whole(value: object, least: int) -> bool:
    """Whether a value is a whole number, of Python or of NumPy, that is large enough; True is none."""
    return isinstance(value, int | Integral) and type(value) is not bool and int(value) >= least


def _number(what: str, number: object, holds: Callable[[float], bool], words: str) -> None:
    fine = isinstance(number, int | float | Real) and type(number) is not bool
    if not fine or not math.isfinite(found := float(number)) or not holds(found):  # type: ignore[arg-type]
        raise UsageError(f"{what} is {_said(number)}, not {words}", hint=f"{what}: {getattr(Choices, what)}")


def _said(value: object) -> str:
    """A value in a message: itself where that is short."""
    text = repr(value)
    return text if len(text) <= 60 and text.isprintable() else f"of type {type(value).__name__}"
