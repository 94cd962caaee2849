"""What printers find out of short texts is kept: all details and pages of a derivation, and all derivations, ask for the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

SHORT = 300  # characters of a text whose answer is kept
T = TypeVar("T")


def remembered(kept: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keeps that many answers of a function of a text alone."""

    def keeping(function: Callable[[str], T]) -> Callable[[str], T]:
        known = lru_cache(maxsize=kept)(function)

        @wraps(function)
        def asked(text: str) -> T:
            return known(text) if len(text) <= SHORT else function(text)

        return asked

    return keeping
