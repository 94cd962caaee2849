"""matcalc: matrix derivatives with the work shown, every line verified."""

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
    from matcalc.api import Derivation, Expr, Result, check_work, derive, equal, parse

__version__ = "0.1.0"
_API = ("Derivation", "Expr", "Result", "check_work", "derive", "equal", "parse")
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
    "check_work",
    "derive",
    "equal",
    "parse",
]


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _API:
        from matcalc import api

        return getattr(api, name)
    raise AttributeError(f"module 'matcalc' has no attribute {name!r}")
