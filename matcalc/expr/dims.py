"""Symbolic dimensions: ints, names, and small polynomials of names, with unification.

A dimension is an ``int``, a ``str`` (a symbol such as ``n``), a :class:`Poly` (a sum of products,
which concatenation, ``vec`` and Kronecker products make) or, while sizes are being
inferred, a :class:`Var`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import gcd
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
    return list(_terms(d).items())


def _terms(d: Dim) -> dict[tuple[str | Var, ...], int]:
    if isinstance(d, int):
        return {(): d} if d else {}
    if isinstance(d, Poly):
        return dict(d.terms)
    return {(d,): 1}


def _collect(terms: Mapping[tuple[str | Var, ...], int]) -> Dim:
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
    terms = _terms(a)
    for mono, c in _terms(b).items():
        terms[mono] = terms.get(mono, 0) + c
    return _collect(terms)


def mul(a: Dim, b: Dim) -> Dim:
    """Product of two dimensions (``vec``, Kronecker product)."""
    a, b = walk(a), walk(b)
    if a == 1:
        return b
    if b == 1:
        return a
    terms: dict[tuple[str | Var, ...], int] = {}
    for m1, c1 in _terms(a).items():
        for m2, c2 in _terms(b).items():
            mono = tuple(sorted(m1 + m2, key=_key))
            terms[mono] = terms.get(mono, 0) + c1 * c2
    return _collect(terms)


def sub(a: Dim, b: Dim) -> Dim:
    """Difference of two dimensions (what a slice leaves)."""
    return add(a, mul(-1, b))


def at_most(a: Dim, b: Dim) -> bool | None:
    """Whether ``a <= b`` for all sizes from 1 on; None where that depends on the sizes."""
    rest = sub(b, a)
    if isinstance(rest, int):
        return rest >= 0
    terms = _terms(rest)
    free = terms.pop((), 0)
    if any(x.__class__ is Var for mono in terms for x in mono):
        return None
    if all(c > 0 for c in terms.values()) and sum(terms.values()) + free >= 0:
        return True
    return False if all(c < 0 for c in terms.values()) and sum(terms.values()) + free < 0 else None


def substitute(d: Dim, values: Mapping[str, Dim]) -> Dim:
    """The dimension with names replaced by other dimensions."""
    total: Dim = 0
    for mono, c in _terms(walk(d)).items():
        product: Dim = c
        for a in mono:
            product = mul(product, values.get(a, a) if isinstance(a, str) else a)
        total = add(total, product)
    return total


def quotient(a: Dim, b: Dim) -> Dim:
    """a / b where it divides exactly. Raises ``ValueError`` where it does not."""
    a, b = walk(a), walk(b)
    terms = _terms(b)
    if len(terms) == 1:
        ((mono, c),) = terms.items()
        found = _divide(a, mono, c)
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
    for mono, c in _terms(walk(d)).items():
        if not -SMALL <= c <= SMALL:
            c = sizes.get(c, c) if c > 0 else -sizes.get(-c, -c)  # type: ignore[call-overload]
        for a in mono:
            c *= sizes[str(a)]
        total += c
    return total


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
    rest = _terms(sub(a, b))
    return _collect({m: c for m, c in rest.items() if c > 0}), _collect({m: -c for m, c in rest.items() if c < 0})


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
                quotient = _divide(right, tuple(rest), c)
                if quotient is not None:
                    return unknown[0], quotient
    return None


def _divide(d: Dim, mono: tuple[str | Var, ...], c: int) -> Dim | None:
    out: dict[tuple[str | Var, ...], int] = {}
    for m, k in _terms(d).items():
        rest = list(m)
        for atom in mono:
            if atom not in rest:
                return None
            rest.remove(atom)
        if k % c:
            return None
        out[tuple(rest)] = k // c
    return _collect(out)


TRIED = 12


def _possible(a: Dim, b: Dim) -> bool:
    """Whether positive sizes can satisfy ``a = b``: tries small ones; of large numbers, only what is plain is known."""
    names = sorted({x for x in atoms(a) + atoms(b) if isinstance(x, str)})
    if any(isinstance(x, Var) for x in atoms(a) + atoms(b)):
        return True
    rest = _terms(sub(a, b))
    constant = rest.pop((), 0)
    if abs(constant) > TRIED:
        signs = {c > 0 for c in rest.values()}
        least = abs(sum(rest.values()))
        one_sided = len(signs) == 1 and (signs == {constant > 0} or least > abs(constant))
        return not one_sided and constant % gcd(*rest.values()) == 0
    return any(next(solutions([(a, b)], names, top), None) is not None for top in (TRIED, 40))


TRIES = 20_000  # choices after which a search for sizes gives up


def solutions(
    ties: Iterable[tuple[Dim, Dim]], names: Sequence[str], top: int, limits: Iterable[tuple[Dim, Dim]] = (), low: int = 2
) -> Iterator[dict[str, int]]:
    """Assignments of low..top to ``names`` that satisfy every equation in ``ties``, and a ≤ b for every pair in ``limits``.

    What an equation with one unknown says is computed, and a choice is undone as soon as an equation cannot be fulfilled any
    more: by the size of its terms, or because their common divisor does not divide what is known. Ends after ``TRIES`` choices.
    """
    equations = [_terms(sub(a, b)) for a, b in ties]
    bounds = [_terms(sub(a, b)) for a, b in limits]
    tries = 0

    def extend(done: dict[str, int], equations: list[Terms], bounds: list[Terms]) -> Iterator[dict[str, int]]:
        nonlocal tries
        tries += 1
        found: tuple[str, int] | None = None
        while True:
            if not all(_can_vanish(e, low, top) for e in equations) or any(_range(e, low, top)[0] > 0 for e in bounds):
                return
            equations = [e for e in equations if e]
            found = next((one for one in map(_alone, equations) if one is not None), None)
            if found is None:
                break
            if not low <= found[1] <= top:
                return
            done = {**done, found[0]: found[1]}
            equations, bounds = ([_with(e, *found) for e in each] for each in (equations, bounds))
        shortest = min(equations, key=lambda e: len({x for mono in e for x in mono}), default={})
        name = next((str(x) for mono in shortest for x in mono), next((n for n in names if n not in done), None))
        if name is None:
            yield done
            return
        for size in range(low, top + 1):
            if tries >= TRIES:
                return
            yield from extend({**done, name: size}, *([_with(e, name, size) for e in each] for each in (equations, bounds)))

    return extend({}, equations, bounds)


Terms = dict[tuple["str | Var", ...], int]  # of a polynomial


def _with(e: Terms, name: str, size: int) -> Terms:
    """The polynomial where ``name`` is a number."""
    out: Terms = {}
    for mono, c in e.items():
        rest = tuple([x for x in mono if x != name])
        out[rest] = out.get(rest, 0) + c * size ** (len(mono) - len(rest))
    return {mono: c for mono, c in out.items() if c}


def _alone(e: Terms) -> tuple[str, int] | None:
    """The one unknown of ``e = 0``, where it is linear and divides out; and its value."""
    unknown = [mono for mono in e if mono]
    if len(unknown) != 1 or len(unknown[0]) != 1 or e.get((), 0) % e[unknown[0]]:
        return None
    return str(unknown[0][0]), -e.get((), 0) // e[unknown[0]]


def _range(e: Terms, low: int, top: int) -> tuple[int, int]:
    """Bounds of a polynomial for unknowns from ``low`` to ``top``."""
    least = sum(c * (low if c > 0 else top) ** len(mono) for mono, c in e.items())
    return least, sum(c * (top if c > 0 else low) ** len(mono) for mono, c in e.items())


def _can_vanish(e: Terms, low: int, top: int) -> bool:
    least, most = _range(e, low, top)
    divisor = gcd(*[c for mono, c in e.items() if mono])
    constant = e.get((), 0)
    return least <= 0 <= most and (constant % divisor == 0 if divisor else constant == 0)


def eliminated(ties: Iterable[tuple[Dim, Dim]]) -> tuple[dict[str, Dim], list[tuple[Dim, Dim]]]:
    """What follows from the others (1000 = 784 + 216, 40000 = 1000·40), in terms of what is left; and the other equations."""
    following: dict[str, Dim] = {}
    rest: list[tuple[Dim, Dim]] = []
    for a, b in ties:
        zero = sub(substitute(a, following), substitute(b, following))
        alone = [(str(mono[0]), c) for mono, c in _terms(zero).items() if len(mono) == 1 and c in (1, -1)]
        alone = [(n, c) for n, c in alone if sum(n in map(str, mono) for mono, _ in _terms(zero).items()) == 1]
        if not alone:
            if zero != 0:
                rest.append((zero, 0))
            continue
        name, c = max(alone, key=lambda item: (item[0].isdigit(), int(item[0]) if item[0].isdigit() else item[1] > 0, item[0]))
        value = sub(name, mul(c, zero))
        following = {n: substitute(d, {name: value}) for n, d in following.items()}
        following[name] = value
        rest = [(substitute(d, {name: value}), 0) for d, _ in rest]
    return following, rest


def agree(some: Sequence[Dim], others: Sequence[Dim], ties: Iterable[tuple[Dim, Dim]]) -> bool:
    """Whether sizes that are written differently are the same under the equations ``ties``: p and 3k where p = 3k."""
    equations, pairs = list(ties), list(zip(some, others, strict=False))
    if len(some) != len(others) or not equations:
        return False
    following, _ = eliminated(equations)
    if all(substitute(a, following) == substitute(b, following) for a, b in pairs):
        return True
    names = sorted({str(a) for pair in (*equations, *pairs) for d in pair for a in atoms(d)})
    tried = list(islice(solutions(equations, names, 12), 60))
    return bool(tried) and all(value(a, sizes) == value(b, sizes) for a, b in pairs for sizes in tried)
