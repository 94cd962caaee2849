"""Symbolic dimensions: ints, names, and small polynomials of names, with unification.

A dimension is an ``int``, a ``str`` (a symbol such as ``n``), a :class:`Poly` (a sum of products,
which concatenation, ``vec`` and Kronecker products make) or, while sizes are being
inferred, a :class:`Var`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Union


class Var:
    """An unknown size; ``ref`` is what it was found to be."""

    __slots__ = ("number", "ref")

    def __init__(self, number: int) -> None:
        self.number = number
        self.ref: Dim | None = None

    def __repr__(self) -> str:
        return f"?{self.number}" if self.ref is None else repr(self.ref)


class Poly(NamedTuple):
    """A polynomial in canonical order: ``((monomial, coefficient), ...)``."""

    terms: tuple[tuple[tuple[str | Var, ...], int], ...]


Dim = Union[int, str, Var, Poly]  # noqa: UP007 (evaluated at run time, with a forward reference)


def _key(atom: str | Var) -> tuple[int, str]:
    return (1, f"{atom.number:09d}") if isinstance(atom, Var) else (0, atom)


def walk(d: Dim) -> Dim:
    """What ``d`` is known to be so far (follows variables, also inside polynomials)."""
    if d.__class__ is str or d.__class__ is int:
        return d
    while d.__class__ is Var:
        if d.ref is None:
            return d
        d = d.ref
    if d.__class__ is Poly:
        atoms = [a for mono, _ in d.terms for a in mono]
        if any(a.__class__ is Var and a.ref is not None for a in atoms):
            return _substitute(d)
    return d


def _substitute(p: Poly) -> Dim:
    total: Dim = 0
    for mono, coefficient in p.terms:
        product: Dim = coefficient
        for atom in mono:
            product = mul(product, walk(atom))
        total = add(total, product)
    return total


def terms(d: Dim) -> list[tuple[tuple[str | Var, ...], int]]:
    """The monomials of a size with their coefficients."""
    return list(monomials(d).items())


def monomials(d: Dim) -> dict[tuple[str | Var, ...], int]:
    if isinstance(d, int):
        return {(): d} if d else {}
    if isinstance(d, Poly):
        return dict(d.terms)
    return {(d,): 1}


def collected(terms: Mapping[tuple[str | Var, ...], int]) -> Dim:
    kept = {m: c for m, c in terms.items() if c}
    if not kept:
        return 0
    if len(kept) == 1:
        ((mono, c),) = kept.items()
        if not mono:
            return c
        if c == 1 and len(mono) == 1:
            return mono[0]
    order = sorted(kept.items(), key=lambda t: (-len(t[0]), [_key(a) for a in t[0]]))
    return Poly(tuple(order))


def add(a: Dim, b: Dim) -> Dim:
    """Sum of two dimensions (concatenation)."""
    a, b = walk(a), walk(b)
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    terms = monomials(a)
    for mono, c in monomials(b).items():
        terms[mono] = terms.get(mono, 0) + c
    return collected(terms)


def mul(a: Dim, b: Dim) -> Dim:
    """Product of two dimensions (``vec``, Kronecker product)."""
    a, b = walk(a), walk(b)
    if a == 1:
        return b
    if b == 1:
        return a
    terms: dict[tuple[str | Var, ...], int] = {}
    for m1, c1 in monomials(a).items():
        for m2, c2 in monomials(b).items():
            mono = tuple(sorted(m1 + m2, key=_key))
            terms[mono] = terms.get(mono, 0) + c1 * c2
    return collected(terms)


def sub(a: Dim, b: Dim) -> Dim:
    """Difference of two dimensions (what a slice leaves)."""
    return add(a, mul(-1, b))


def at_most(a: Dim, b: Dim) -> bool | None:
    """Whether ``a <= b`` for all sizes from 1 on; None where that depends on the sizes."""
    rest = sub(b, a)
    if isinstance(rest, int):
        return rest >= 0
    terms = monomials(rest)
    free = terms.pop((), 0)
    if any(x.__class__ is Var for mono in terms for x in mono):
        return None
    if all(c > 0 for c in terms.values()) and sum(terms.values()) + free >= 0:
        return True
    return False if all(c < 0 for c in terms.values()) and sum(terms.values()) + free < 0 else None


def substitute(d: Dim, values: Mapping[str, Dim]) -> Dim:
    """The dimension with names replaced by other dimensions."""
    total: Dim = 0
    for mono, c in monomials(walk(d)).items():
        product: Dim = c
        for a in mono:
            product = mul(product, values.get(a, a) if isinstance(a, str) else a)
        total = add(total, product)
    return total


def quotient(a: Dim, b: Dim) -> Dim:
    """a / b where it divides exactly. Raises ``ValueError`` where it does not."""
    a, b = walk(a), walk(b)
    terms = monomials(b)
    if len(terms) == 1:
        ((mono, c),) = terms.items()
        found = divided(a, mono, c)
        if found is not None:
            return found
    raise ValueError(f"{text(a)} is not a multiple of {text(b)}")


def atoms(d: Dim) -> list[str | Var]:
    """The symbols and unknowns in ``d``."""
    d = walk(d)
    if isinstance(d, Poly):
        return [a for mono, _ in d.terms for a in mono]
    return [] if isinstance(d, int) else [d]


def text(d: Dim, times: str = "") -> str:
    """``n``, ``3``, ``mn``, ``2n+1``; ``times`` goes between the factors of a product."""
    d = walk(d)
    if not isinstance(d, Poly):
        return "?" if isinstance(d, Var) else str(d)
    out = []
    for mono, c in sorted(d.terms, key=lambda term: term[1] < 0):
        names = times.join("?" if isinstance(a, Var) else a for a in mono)
        if abs(c) != 1 or not mono:
            names = f"{abs(c)}{times if mono else ''}{names}"
        out.append(f"-{names}" if c < 0 else names)
    return "+".join(out).replace("+-", "-")


SMALL = 7  # numbers up to this are checked as they are


def value(d: Dim, sizes: Mapping[str, int]) -> int:
    """The number that ``d`` stands for. Raises ``KeyError`` for a symbol without a size.

    ``sizes`` may have stand-ins for numbers above ``SMALL``: the number itself is their key.
    """
    if d.__class__ is int:
        return sizes.get(d, d)  # type: ignore[call-overload,no-any-return]
    if d.__class__ is str:
        return sizes[d]
    total = 0
    for mono, c in monomials(walk(d)).items():
        if not -SMALL <= c <= SMALL:
            c = sizes.get(c, c) if c > 0 else -sizes.get(-c, -c)  # type: ignore[call-overload]
        for a in mono:
            c *= sizes[str(a)]
        total += c
    return total


def divided(d: Dim, mono: tuple[str | Var, ...], c: int) -> Dim | None:
    out: dict[tuple[str | Var, ...], int] = {}
    for m, k in monomials(d).items():
        rest = list(m)
        for atom in mono:
            if atom not in rest:
                return None
            rest.remove(atom)
        if k % c:
            return None
        out[tuple(rest)] = k // c
    return collected(out)
