"""What each parameter of the public functions accepts, and what is said where it is something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, SupportsIndex, TypeGuard

from matcalc.expr.errors import UsageError, one_of
from matcalc.expr.qualities import property_called


def macros_of(preamble: str) -> dict[str, str]:
    """What the macros of a LaTeX file stand for. Raises ``ParseError`` for a definition that is never closed."""
    from matcalc.notation.lex.latex_scan import of_preamble

    return of_preamble(preamble)


def label_prefix(text: str, environment: str) -> str:
    """What stands before the names in LaTeX labels. Raises ``UsageError`` for what TeX would not take."""
    if text and environment == "aligned":
        raise UsageError("lines in 'aligned' have no numbers of their own", hint="labels go with alignat, align and gather")
    if not re.fullmatch(r"[A-Za-z0-9:._-]*", text):
        raise UsageError(
            f"labels '{text}' is no prefix of a LaTeX label", hint="letters, digits and : . _ -, as in --labels eq:loss"
        )
    return text


MOST_POINTS = 1000


class Wanted(NamedTuple):
    holds: Callable[[object], bool]
    what: str
    hint: str


def _text(value: object) -> bool:
    return isinstance(value, str)


def _maybe_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _texts(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, Sequence) and all(isinstance(v, str) for v in value))


def _mapping(value: object) -> TypeGuard[Mapping[str, object] | None]:
    return value is None or (isinstance(value, Mapping) and all(isinstance(k, str) for k in value))


def _words(value: object) -> bool:
    return _mapping(value) and all(isinstance(v, str) for v in (value or {}).values())


def _functions(value: object) -> bool:
    return _mapping(value) and all(v is None or isinstance(v, str) or _callables(v) for v in (value or {}).values())


def _callables(value: object) -> bool:
    several = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    return bool(several) and all(callable(v) for v in several)


def _flag(value: object) -> bool:
    return isinstance(value, int) and value in (0, 1)


def _whole(least: int, most: int) -> Callable[[object], bool]:
    return lambda value: (
        isinstance(value, SupportsIndex) and getattr(value, "shape", ()) == () and least <= value.__index__() <= most
    )


TEXT = Wanted(_text, "a text", "derive(\"x'*A*x\"), or what parse() and derive() give back: an Expr, d['x']")
NAME = Wanted(_maybe_text, "a name", "a name as text, or None")
WORDS = "a mapping of names to words"
PARAMETERS = {
    **dict.fromkeys(("expression", "text", "a", "b", "work"), TEXT),
    **dict.fromkeys(("kind", "direction", "output", "notation", "over", "labels"), NAME),
    **dict.fromkeys(("layout", "style", "detail", "target", "form", "only", "environment", "engine", "lang"),
                    Wanted(_text, "a word", "see the README for the words")),
    "wrt": Wanted(_texts, "a name or several", "wrt='x', wrt=['W', 'b'] or wrt='all'"),
    "define": Wanted(_texts, "a list of definitions", "define=['g(z) = z*tanh(z)']"),
    "dims": Wanted(lambda v: v is None or isinstance(v, Mapping), "a mapping", "dims={'W': ('n', 'm'), 'x': ('m',), 's': ()}"),
    "assume": Wanted(_words, WORDS, "assume={'A': 'spd'}"),
    "structure": Wanted(_words, WORDS, "structure={'X': 'symmetric'}"),
    "names": Wanted(_words, "a mapping of names to expressions", "names={'r': 'A*x - b'}"),
    "index": Wanted(_words, "a mapping of tokens to slices", "index={'x_i': 'X[i,:]'}"),
    "meant": Wanted(_words, "a mapping of parts of the text to what is meant", "meant={'a/b c': '(a/b)*c'}"),
    "macros": Wanted(_words, "a mapping of macros to LaTeX", r"macros={r'\norm': r'\lVert #1\rVert'}"),
    "functions": Wanted(_functions, "a mapping of names to names, callables or tuples of callables",
                        "functions={'f': 'tanh'} or functions={'f': (f, df)}"),
    "arrays": Wanted(lambda v: v is not None and _mapping(v), "a mapping of names to arrays", "evaluate({'W': W, 'x': x})"),
    "at": Wanted(lambda v: v == "random" if isinstance(v, str) else _mapping(v), "a mapping of names to arrays, or 'random'",
                 "at={'x': 1, 'y': 2} or at='random'"),
    "rules": Wanted(_maybe_text, "the path of a rule file", "rules='my_rules.py'"),
    "check": Wanted(_flag, "True or False", "check=True"),
    "tick": Wanted(lambda v: v is None or callable(v), "a callable", "tick=lambda done, count: None"),
    "measured": Wanted(_flag, "True or False", "measured=True"),
    "graph": Wanted(_flag, "True or False", "graph=True"),
    "cases": Wanted(_flag, "True or False", "cases=True"),
    "value": Wanted(_flag, "True or False", "value=False"),
    "gradient": Wanted(_flag, "True or False", "gradient=True"),
    "factors": Wanted(_flag, "True or False", "factors=True"),
    "sizes": Wanted(_flag, "True or False", "sizes=True"),
    "document": Wanted(_flag, "True or False", "document=True"),
    "seed": Wanted(_whole(0, 2**63), "a whole number from 0 to 2^63 - 1", "seed=0"),
    "h": Wanted(lambda v: isinstance(v, (int, float)) and 0 < v < float("inf"), "a positive number", "h=1e-4"),
    "points": Wanted(_whole(1, MOST_POINTS), f"a whole number from 1 to {MOST_POINTS}", "points=2"),
    "exercise": Wanted(_flag, "True or False", "exercise=True"),
    **dict.fromkeys(("sizes", "reasons"), Wanted(_flag, "True or False", "sizes=False, reasons=False")),
    "whole": Wanted(_flag, "True or False", "whole=True"),
    "columns": Wanted(_whole(1, 2), "1 or 2", "columns=2"),
    "width": Wanted(lambda v: v is None or _whole(1, 10**6)(v), "a number of columns", "width=80"),
}  # fmt: skip
OPTIONAL = frozenset(name for name, wanted in PARAMETERS.items() if wanted.holds(None))


def structures(structure: Mapping[str, str] | None) -> dict[str, str]:
    from matcalc.engine.strategy import DRAWN

    found = {name: property_called(tied) for name, tied in (structure or {}).items()}
    for tied in found.values():
        one_of("structure", tied, DRAWN)
    return found


def require(**given: object) -> None:
    """Refuse what is not of the type that the parameter of this name has. Raises ``UsageError``."""
    for name, value in given.items():
        if value is None and name in OPTIONAL:
            continue
        wanted = PARAMETERS[name]
        if not wanted.holds(value):
            raise UsageError(f"{name} is {said(value)}, not {wanted.what}", hint=wanted.hint)


def said(value: object) -> str:
    """A value in a message: itself where that is short, else its type."""
    try:
        text = repr(value)
    except Exception:  # whatever an object of somebody else's does when it is shown
        text = ""
    return text if text and len(text) <= 60 and "\n" not in text else f"of type {type(value).__name__}"
