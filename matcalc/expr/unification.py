"""Unification of sizes: what is equal is made equal, and what that settles."""

from __future__ import annotations

from math import gcd

from matcalc.expr.dims import Dim, Poly, Var, atoms, collected, divided, monomials, sub, walk
from matcalc.expr.size_equations import solutions


class Unifier:
    """Solves equations between dimensions. Declared names differ from each other."""

    def __init__(self) -> None:
        self.variables: list[Var] = []
        self.tied: list[tuple[Dim, Dim]] = []

    def fresh(self) -> Var:
        v = Var(len(self.variables))
        self.variables.append(v)
        return v

    def unify(self, a: Dim, b: Dim) -> bool:
        """Make ``a`` and ``b`` equal; False when they cannot be.

        An equation between a compound size and another (``3m = p``) is kept in ``tied``:
        it restricts the sizes instead of contradicting them.
        """
        a, b = walk(a), walk(b)
        if a is b or a == b:
            return True
        for x, y in ((a, b), (b, a)):
            if isinstance(x, Var) and x not in atoms(y):
                x.ref = y
                return True
        if isinstance(a, Poly) or isinstance(b, Poly):
            less, more = _cancelled(a, b)
            if 0 in (less, more):
                return less == more
            if (less, more) != (a, b):
                return self.unify(less, more)
            self.tied.append((a, b))
            return self.settle()
        return False

    def settle(self) -> bool:
        """Use what has become known in the kept equations; False on a contradiction."""
        progress = True
        while progress:
            progress = False
            pending, self.tied = self.tied, []
            for a, b in pending:
                a, b = _cancelled(walk(a), walk(b))
                if a == b:
                    continue
                found = _solve(a, b)
                if found is not None:
                    found[0].ref = found[1]
                    progress = True
                elif isinstance(a, int) and isinstance(b, int):
                    return False
                else:
                    self.tied.append((a, b))
        return all(_possible(a, b) for a, b in self.tied)


def _cancelled(a: Dim, b: Dim) -> tuple[Dim, Dim]:
    """Both sides of an equation without the terms that they share, and without negative ones."""
    rest = monomials(sub(a, b))
    return collected({m: c for m, c in rest.items() if c > 0}), collected({m: -c for m, c in rest.items() if c < 0})


def _solve(a: Dim, b: Dim) -> tuple[Var, Dim] | None:
    """Solve ``a = b`` for a single unknown that occurs linearly, if it divides out."""
    if isinstance(a, Var):
        return (a, b) if a not in atoms(b) else None
    if isinstance(b, Var):
        return (b, a) if b not in atoms(a) else None
    for left, right in ((a, b), (b, a)):
        if isinstance(left, Poly) and len(left.terms) == 1:
            mono, c = left.terms[0]
            unknown = [x for x in mono if isinstance(x, Var)]
            if len(unknown) == 1 and unknown[0] not in atoms(right):
                rest = list(mono)
                rest.remove(unknown[0])
                quotient = divided(right, tuple(rest), c)
                if quotient is not None:
                    return unknown[0], quotient
    return None


TRIED = 12


def _possible(a: Dim, b: Dim) -> bool:
    """Whether positive sizes can satisfy ``a = b``: small ones are tried, where all are named; of unknown ones and of large
    numbers, only what is plain is known."""
    rest = monomials(sub(a, b))
    constant = rest.pop((), 0)
    signs = {c > 0 for c in rest.values()}
    least = abs(sum(rest.values()))
    one_sided = len(signs) == 1 and (signs == {constant > 0} or least > abs(constant))
    if one_sided or constant % gcd(*rest.values()):
        return False
    if abs(constant) > TRIED or any(isinstance(x, Var) for x in atoms(a) + atoms(b)):
        return True
    names = sorted({str(x) for x in atoms(a) + atoms(b)})
    return any(next(solutions([(a, b)], names, top), None) is not None for top in (TRIED, 40))
