"""Equations between sizes: small solutions of them, and whether sizes agree wherever they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import gcd

from matcalc.expr.dims import Dim, Var, atoms, monomials, mul, sub, substitute, text, value
from matcalc.expr.errors import ShapeError

Terms = dict[tuple["str | Var", ...], int]  # of a polynomial

TRIES = 20_000  # choices after which a search for sizes gives up


def solutions(
    ties: Iterable[tuple[Dim, Dim]], names: Sequence[str], top: int, limits: Iterable[tuple[Dim, Dim]] = (), low: int = 2
) -> Iterator[dict[str, int]]:
    """Assignments of low..top to ``names`` that satisfy every equation in ``ties``, and a ≤ b for every pair in ``limits``.

    What an equation with one unknown says is computed, and a choice is undone as soon as an equation cannot be fulfilled any
    more: by the size of its terms, or because their common divisor does not divide what is known. Ends after ``TRIES`` choices.
    """
    equations = [monomials(sub(a, b)) for a, b in ties]
    bounds = [monomials(sub(a, b)) for a, b in limits]
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


def determined(ties: Iterable[tuple[Dim, Dim]]) -> dict[str, int]:
    """The sizes that the equations tell, each from one that has no other unknown."""
    found: dict[str, int] = {}
    equations = [monomials(sub(a, b)) for a, b in ties]
    while (alone := next((one for one in map(_alone, equations) if one is not None), None)) is not None:
        found[alone[0]] = alone[1]
        equations = [_with(e, *alone) for e in equations]
    return found


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
        alone = [(str(mono[0]), c) for mono, c in monomials(zero).items() if len(mono) == 1 and c in (1, -1)]
        alone = [(n, c) for n, c in alone if sum(n in map(str, mono) for mono, _ in monomials(zero).items()) == 1]
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
    following, rest = eliminated(equations)
    zero = {0, *(d for d, _ in rest), *(sub(0, d) for d, _ in rest)}  # 2n - 1000, where 2n = 1000
    if all(sub(substitute(a, following), substitute(b, following)) in zero for a, b in pairs):
        return True
    names = sorted({str(a) for pair in (*equations, *pairs) for d in pair for a in atoms(d)})
    tried = list(islice(solutions(equations, names, 12), 60))
    tried = tried or list(islice(solutions(equations, names, 12, low=1), 60))  # n·m = 1
    return bool(tried) and all(value(a, sizes) == value(b, sizes) for a, b in pairs for sizes in tried)


def require(sizes: Mapping[str, int], ties: Iterable[tuple[Dim, Dim]], limits: Iterable[tuple[Dim, Dim]]) -> None:
    """Sizes of arrays fulfil the equations ``ties``, and a ≤ b for each of the ``limits``, as far as the sizes are known.

    NumPy says nothing: it broadcasts one entry, and gives less for a slice that is longer than its array. Raises ``ShapeError``.
    """
    for word, pairs in (("equal to", ties), ("at most", limits)):
        for a, b in pairs:
            if sizes.keys() >= {str(atom) for d in (a, b) for atom in atoms(d)}:
                found = value(a, sizes), value(b, sizes)
                if found[0] != found[1] if word == "equal to" else found[0] > found[1]:
                    one, two = (d if isinstance(d, int) else f"{text(d, '·')} = {n}" for d, n in zip((a, b), found, strict=True))
                    raise ShapeError(f"the sizes do not fit: the expression needs {one} to be {word} {two}",
                                     hint="give arrays of other sizes; entries and slices lie inside of their arrays")  # fmt: skip
