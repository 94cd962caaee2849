"""The book of rules that ships with matcalc."""

from __future__ import annotations

from functools import lru_cache

from matcalc.algebra.rule import Book, make_book


@lru_cache(maxsize=1)
def book() -> Book:
    """All rules that ship with matcalc."""
    from matcalc.rules import adjoint, convention, differential, identity, laws, rewrite, ring, sources, stable, structure, vec

    groups = {
        "differential": differential.ROWS,
        "adjoint": adjoint.ROWS,
        "vec": vec.ROWS,
        "rewrite": rewrite.ROWS,
        "stable": stable.ROWS,
        "structure": structure.ROWS,
        "laws": laws.ROWS,
        "ring": ring.ROWS,
        "convention": convention.ROWS,
        "identity": identity.ROWS,
    }
    return make_book(groups, sources.SOURCES)
