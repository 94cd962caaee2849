"""What a caller says beside the expression: sizes, slices, properties, choices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from matcalc.dims import Dim
from matcalc.errors import UsageError
from matcalc.expr import type_of

_NAME = re.compile(r"[^\W\d]\w*\Z")
_FONTS = re.compile(r"\\(?:mathbf|boldsymbol|bm|mathrm|mathit|mathcal|mathbb|mathsf|text|vec|bf)\s*")
_SLICE = re.compile(r"\s*([^\[\]]+?)\s*\[([^\[\]]*)\]\s*\Z")
# Properties that only a square matrix has.
SQUARE = frozenset(("symmetric", "spd", "skew", "invertible", "positive-det", "near-identity", "diagonal", "lower-triangular",
                    "upper-triangular", "orthogonal", "toeplitz", "symmetric-toeplitz", "laplacian"))  # fmt: skip


def declared_type(name: str, shape: Sequence[Dim]) -> Any:
    """Type of a declared shape. Raises ``UsageError`` for too many axes or a size that is no name."""
    if isinstance(shape, str):
        shape = tuple(s.strip() for s in shape.split(",") if s.strip())
    if len(shape) > 3:
        raise UsageError(f"'{name}' is declared with {len(shape)} axes; at most 3 are supported", hint=f"declare {name} as (n, m)")
    out: list[Dim] = []
    for size in shape:
        if isinstance(size, bool) or not isinstance(size, (int, str)):
            raise UsageError(f"size {size!r} of '{name}' is neither a number nor a name", hint=f"declare {name} as ('n', 'm')")
        if isinstance(size, str) and size.isdigit():
            size = int(size)
        if isinstance(size, str) and not _NAME.match(size):
            raise UsageError(f"size {size!r} of '{name}' is not a name", hint="sizes are numbers or identifiers, such as n")
        if isinstance(size, int) and size < 1:
            raise UsageError(f"size {size} of '{name}' is not positive")
        out.append(size)
    return type_of(tuple(out))


def read_slices(index: Mapping[str, str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """``{"x_i": "X[i,:]"}``: what an indexed token is a slice of. Raises ``UsageError``."""
    out = {}
    for token, text in index.items():
        m = _SLICE.match(text)
        if m is None:
            raise UsageError(f"index: '{text}' is not a slice", hint="write X[i,:], X[:,j], X[i,j] or y[i]")
        name = _FONTS.sub("", token).replace("{", "").replace("}", "").replace("\\", "").strip()
        out[name] = (m[1], tuple(p.strip() for p in m[2].split(",")))
    return out


def as_properties(assume: Mapping[str, str] | None) -> dict[str, frozenset[str]]:
    return {n: frozenset(re.split(r"[,\s]+", p.strip())) for n, p in (assume or {}).items()}


def square_names(assume: Mapping[str, str] | None, structure: Mapping[str, str] | None) -> frozenset[str]:
    return frozenset(n for n, p in as_properties({**(assume or {}), **(structure or {})}).items() if p & SQUARE)


def one_of(what: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise UsageError(f"{what} '{value}' is not known", hint=f"one of {', '.join(choices)}")
