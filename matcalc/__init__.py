"""matcalc: matrix derivatives with the work shown, every line verified.

What ``dir(matcalc)`` shows, and the names of ``matcalc.training``, are for users; every other module is private and may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matcalc.expr.errors import (
    AmbiguityError,
    CheckError,
    LimitError,
    MatcalcError,
    NoRuleError,
    ParseError,
    ShapeError,
    UsageError,
)

if TYPE_CHECKING:
    from matcalc import training
    from matcalc.api import Derivation, Expr, Result, check_work, derive, equal, parse, vectorise
    from matcalc.check.own_gradients import check_gradient

__version__ = "0.1.0"
_API = ("Derivation", "Expr", "Result", "check_work", "derive", "equal", "parse", "vectorise")
__all__ = [
    "AmbiguityError",
    "CheckError",
    "Derivation",
    "Expr",
    "LimitError",
    "MatcalcError",
    "NoRuleError",
    "ParseError",
    "Result",
    "ShapeError",
    "UsageError",
    "check_gradient",
    "check_work",
    "derive",
    "equal",
    "parse",
    "training",
    "vectorise",
]


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    if name == "check_gradient":
        from matcalc.check.own_gradients import check_gradient

        return check_gradient
    if name in _API:
        from matcalc import api

        return getattr(api, name)
    if name == "training":
        from importlib import import_module

        return import_module("matcalc.training")
    raise AttributeError(f"module 'matcalc' has no attribute {name!r}")
