"""What belongs to the whole process and is not ours to change."""

from __future__ import annotations

import decimal
import gc
import importlib
import locale
import random
import sys
import threading
import warnings
from typing import Any


def warm_up(quick: bool = False) -> None:
    """Other people's modules, imported before anything is compared: some set up a filter of their own."""
    for name in ("mpmath", "numpy", *(() if quick else ("scipy.linalg", "scipy.special", "sympy"))):
        importlib.import_module(name)


def of_the_process() -> dict[str, Any]:
    """Precision, collector, filters, error states, limits, random states: as they are now, in this thread."""
    import mpmath
    import numpy as np

    return {
        "mpmath": (mpmath.mp.prec, mpmath.mp.dps, mpmath.mp.pretty, mpmath.mp.trap_complex, mpmath.iv.prec, mpmath.fp.prec),
        "gc": (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() > 0),  # frozen objects that end are counted no more
        "warnings": (list(warnings.filters), warnings.showwarning, warnings._showwarnmsg_impl),  # type: ignore[attr-defined]
        "decimal": repr(decimal.getcontext().copy().flags) + repr((decimal.getcontext().prec, decimal.getcontext().traps)),
        "numpy": (np.geterr(), np.geterrcall(), np.get_printoptions()),
        "numpy random": repr(np.random.get_state(legacy=False)),
        "random": random.getstate(),
        "recursion": sys.getrecursionlimit(),
        "locale": locale.setlocale(locale.LC_ALL),
        "hooks": (sys.excepthook, sys.displayhook, sys.stdout, sys.stderr, sys.gettrace(), sys.getprofile()),
        "digits": sys.get_int_max_str_digits(),
    }


def changed(before: dict[str, Any]) -> set[str]:
    """What is no longer as it was."""
    now = of_the_process()
    return {name for name, value in before.items() if now[name] != value}


def watch(before: dict[str, Any], done: threading.Event, found: set[str]) -> None:
    """Look again and again, as another thread of the user's would."""
    while not done.wait(0.002):
        found |= changed(before)
