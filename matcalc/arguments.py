"""What the parameters of the public interface accept, said in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from matcalc.errors import UsageError

MOST_POINTS = 1000


class Wanted(NamedTuple):
    holds: Callable[[Any], bool]
    what: str
    hint: str


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _maybe_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, Sequence) and all(isinstance(v, str) for v in value))


def _mapping(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping) and all(isinstance(k, str) for k in value))


def _words(value: Any) -> bool:
    return value is None or (_mapping(value) and all(isinstance(v, str) for v in value.values()))


def _functions(value: Any) -> bool:
    return value is None or (_mapping(value) and all(v is None or isinstance(v, str) or _callables(v) for v in value.values()))


def _callables(value: Any) -> bool:
    several = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    return bool(several) and all(callable(v) for v in several)


def _flag(value: Any) -> bool:
    return isinstance(value, int) and value in (0, 1)


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: hasattr(value, "__index__") and getattr(value, "shape", ()) == () and least <= value <= most


TEXT = Wanted(_text, "a text", "derive(\"x'*A*x\"), or what parse() and derive() give back: an Expr, d['x']")
NAME = Wanted(_maybe_text, "a name", "a name as text, or None")
WORDS = "a mapping of names to words"
PARAMETERS = {
    **dict.fromkeys(("expression", "text", "a", "b"), TEXT),
    **dict.fromkeys(("kind", "direction", "output", "notation"), NAME),
    **dict.fromkeys(("layout", "style", "detail", "target"), Wanted(_text, "a word", "see the README for the words")),
    "wrt": Wanted(_texts, "a name or several", "wrt='x', wrt=['W', 'b'] or wrt='all'"),
    "define": Wanted(_texts, "a list of definitions", "define=['g(z) = z*tanh(z)']"),
    "dims": Wanted(lambda v: v is None or isinstance(v, Mapping), "a mapping", "dims={'W': ('n', 'm'), 'x': ('m',), 's': ()}"),
    "assume": Wanted(_words, WORDS, "assume={'A': 'spd'}"),
    "structure": Wanted(_words, WORDS, "structure={'X': 'symmetric'}"),
    "index": Wanted(_words, "a mapping of tokens to slices", "index={'x_i': 'X[i,:]'}"),
    "macros": Wanted(_words, "a mapping of macros to LaTeX", r"macros={r'\norm': r'\lVert #1\rVert'}"),
    "functions": Wanted(_functions, "a mapping of names to names, callables or tuples of callables",
                        "functions={'f': 'tanh'} or functions={'f': (f, df)}"),
    "arrays": Wanted(lambda v: v is not None and _mapping(v), "a mapping of names to arrays", "evaluate({'W': W, 'x': x})"),
    "rules": Wanted(_maybe_text, "the path of a rule file", "rules='my_rules.py'"),
    "check": Wanted(_flag, "True or False", "check=True"),
    "document": Wanted(_flag, "True or False", "document=True"),
    "seed": Wanted(_whole(0, 2**63), "a whole number from 0 to 2^63 - 1", "seed=0"),
    "points": Wanted(_whole(1, MOST_POINTS), f"a whole number from 1 to {MOST_POINTS}", "points=2"),
    "width": Wanted(lambda v: v is None or _whole(1, 10**6)(v), "a number of columns", "width=80"),
}  # fmt: skip


def require(**given: Any) -> None:
    """Refuse what is not of the type that the parameter of this name has. Raises ``UsageError``."""
    for name, value in given.items():
        wanted = PARAMETERS[name]
        if not wanted.holds(value):
            raise UsageError(f"{name} is {said(value)}, not {wanted.what}", hint=wanted.hint)


def said(value: Any) -> str:
    """A value in a message: itself where that is short, else its type."""
    try:
        text = repr(value)
    except Exception:  # whatever an object of somebody else's does when it is shown
        text = ""
    return text if text and len(text) <= 60 and "\n" not in text else f"of type {type(value).__name__}"
