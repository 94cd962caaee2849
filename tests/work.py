"""How much a call does, counted and not timed: the same on every machine, however busy it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from matcalc.expr import nodes


def calls(run: Callable[[], Any]) -> int:
    """The number of function calls that ``run`` makes, those of C functions included."""
    count = 0

    def seen(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    nodes._sweep()  # or nodes of earlier tests are swept out meanwhile, and the calls that this takes would count
    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count
