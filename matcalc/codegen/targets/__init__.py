"""Source text: the forms of each kernel in a library, and the body of a function. One target, one file ``NAME_target.py``.

Such a file has a function ``source``, which is given a ``Task`` of :mod:`matcalc.codegen.products.task`, and is found by its name.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

ENDING = "_target"


def names() -> tuple[str, ...]:
    """The targets that there are."""
    return tuple(sorted(m.name.removesuffix(ENDING) for m in iter_modules(__path__) if m.name.endswith(ENDING)))


def source_in(target: str) -> Callable[..., str]:
    """The function that writes the source of a target."""
    written: Callable[..., str] = import_module(f"{__name__}.{target}{ENDING}").source
    return written
