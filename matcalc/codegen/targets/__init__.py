"""Source text: the forms of each kernel in a library, and the body of a function. One target, one file ``NAME_target.py``.

Such a file has a ``DIALECT``, which says how a library is written, or a function ``source``, which is given a ``Task`` of
:mod:`matcalc.codegen.products.task`; it is found by its name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matcalc.codegen.targets.dialects import Dialect

ENDING = "_target"
FLAT, CLASS, JAX, TORCH, OPERATOR = "scipy", "class", "jax-vjp", "torch-function", "linear-operator"
BEYOND = (FLAT, CLASS, JAX, TORCH, OPERATOR)  # more than one function of a task


def names() -> tuple[str, ...]:
    """The targets that there are."""
    files = [m.name.removesuffix(ENDING) for m in iter_modules(__path__) if m.name.endswith(ENDING)]
    return tuple(sorted(name.replace("_", "-") for name in files))


def callable_ones() -> tuple[str, ...]:
    """The targets whose source is one function."""
    return tuple(name for name in names() if name not in BEYOND)


def source_in(target: str) -> Callable[..., str]:
    """The function that writes the source of a target."""
    from matcalc.codegen.targets import numpy_target

    written: Callable[..., str] = getattr(_file(target), "source", None) or partial(numpy_target.source, dialect=dialect_of(target))
    return written


def dialect_of(target: str) -> Dialect:
    """How the source of a target is written; NumPy's where it says nothing of its own."""
    from matcalc.codegen.targets import numpy_target

    found: Dialect = getattr(_file(target), "DIALECT", numpy_target.DIALECT)
    return found


def _file(target: str) -> Any:
    return import_module(f"{__name__}.{target.replace('-', '_')}{ENDING}")
