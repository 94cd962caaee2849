"""How to train, as it is asked for: checked, with a message for what is none of the choices."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
    for name in ("epochs", "batch"):
        whole = getattr(c, name)
        if not isinstance(whole, int) or isinstance(whole, bool) or whole < 1:
            raise UsageError(f"{name} is {whole!r}, not a whole number from 1 on", hint=f"{name}: {getattr(Choices, name)}")
    if not isinstance(c.seed, int) or isinstance(c.seed, bool) or c.seed < 0:
        raise UsageError(f"seed is {c.seed!r}, not a whole number from 0 on", hint="seed: 0")
    if c.rate != "search":
        _number("rate", c.rate, 0, math.inf, "a positive number, or search")
    _number("l2", c.l2, -1, math.inf, "a number from 0 on")
    if c.l2 < 0:
        raise UsageError(f"l2 is {c.l2!r}, not a number from 0 on", hint="l2: 0.0001")
    if c.test != 0:
        _number("test", c.test, 0, 1, "a part between 0 and 1")
    read_schedule(c.schedule)


def read_start(start: object) -> float | str:
    """``xavier``, r of uniform(−r, r), or the path of a file. Raises ``UsageError``."""
    if start == "xavier":
        return "xavier"
    try:
        r = float(str(start))
    except ValueError:
        if str(start).lower().endswith(".npz") and os.path.exists(str(start)):
            return str(start)
        hint = "start: xavier, 0.1, or a file of parameters such as parameters.npz"
        raise UsageError(f"start is {start!r}: neither xavier, nor a number, nor a file .npz that is there", hint=hint) from None
    _number("start", r, 0, math.inf, "a positive number")
    return r


def read_schedule(text: str) -> tuple[str, dict[str, float]]:
    """``halving:10`` as the name of a function and its arguments. Raises ``UsageError``."""
    name, *words = str(text).split(":")
    options = SCHEDULES.get(name)
    hint = f"one of {FORMS}"
    if options is None or len(words) != len(options):
        raise UsageError(f"'{text}' is no schedule", hint=hint)
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
    if word not in choices:
        raise UsageError(f"{what} is {word!r}", hint=f"one of {', '.join(choices)}")


def _number(what: str, number: object, above: float, below: float, words: str) -> None:
    if not isinstance(number, int | float) or isinstance(number, bool) or not above < number < below:
        raise UsageError(f"{what} is {number!r}, not {words}", hint=f"{what}: {getattr(Choices, what)}")
