"""The book of rules that ships with matcalc."""

from __future__ import annotations

from functools import lru_cache

from matcalc.algebra.rule import Book, make_book


@lru_cache(maxsize=1)
def book() -> Book:
    """All rules that ship with matcalc."""
    from matcalc.rules import (
        adjoint,
        compound,
        convention,
        differential,
        identity,
        inward,
        laws,
        rewrite,
        ring,
        sense,
        stable,
        structure,
        unfolding,
        vec,
    )
    from matcalc.rules.sources import SOURCES

    groups = {
        "differential": differential.ROWS,
        "compound": compound.ROWS,
        "adjoint": adjoint.ROWS,
        "vec": vec.ROWS,
        "rewrite": rewrite.ROWS,
        "inward": inward.ROWS,
        "stable": stable.ROWS,
        "structure": structure.ROWS,
        "laws": laws.ROWS,
        "ring": ring.ROWS,
        "convention": convention.ROWS,
        "identity": identity.ROWS,
        "unfolding": unfolding.ROWS,
        "meaning": sense.ROWS,
    }
    return make_book(groups, SOURCES)
