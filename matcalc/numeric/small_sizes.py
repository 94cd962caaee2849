"""Small sizes at which a derivation is checked: for names, and in place of the numbers that a user gives as sizes.

A number above ``dims.SMALL`` is a size like any other: what holds for x of 1000 entries by the rules holds for x of 5.
So the check runs at a smaller number in its place, and every relation between sizes is kept: equal ones stay equal,
sums stay sums (the parts of a block), products stay products (vec, the Kronecker product), a slice stays inside of what
it is cut from, and the smaller stays smaller. ``relations`` reads these off the shape rules of all operators at hand;
``solve`` finds the smallest sizes that fulfil them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations_with_replacement, pairwise
from typing import NamedTuple

from matcalc.expr import dims, size_equations, slices
from matcalc.expr.dims import Dim, Poly
from matcalc.expr.nodes import Expr, shape_of
from matcalc.expr.subscripts import parse_subscripts
from matcalc.expr.table import TABLE, Type

Tie = tuple[Dim, Dim]
WIDTHS = (2, 4, 8, 40)  # how many sizes are tried for each name: few at first, so that a bad choice is soon undone
STEPS = 1000  # choices that are tried with each width
AS_THEY_ARE = 40  # numbers up to this can be checked as they are, where they have no stand-ins


class Relations(NamedTuple):
    """Numbers above ``SMALL``; what must hold between them, called by their names; what holds besides; other numbers."""

    numbers: tuple[int, ...] = ()
    ties: tuple[Tie, ...] = ()
    limits: tuple[Tie, ...] = ()
    besides: tuple[Tie, ...] = ()
    small: frozenset[int] = frozenset()


def named(d: Dim) -> Dim:
    """The size with a name in place of each number that has a stand-in: 1000 is called ``1000``."""
    if isinstance(d, int):
        return str(d) if d > dims.SMALL else dims.mul(-1, str(-d)) if d < -dims.SMALL else d
    if isinstance(d, Poly) and any(abs(c) > dims.SMALL for _, c in d.terms):
        total: Dim = 0
        for mono, c in d.terms:
            product = named(c)
            for atom in mono:
                product = dims.mul(product, atom)
            total = dims.add(total, product)
        return total
    return d


def has_numbers(nodes: Iterable[Expr]) -> bool:
    """Whether a size above 1 is a number: what follows from names alone are names."""
    return any(
        isinstance(d, int) and d > 1
        for node in nodes
        for d in (*_sizes(node.type), *(node.attr if node.op in _SIZED else (node.attr,) if node.op == "dim" else ()))
    )


def relations(nodes: Iterable[Expr], ties: Iterable[Tie]) -> Relations:
    """What holds between the sizes of all ``nodes``."""
    found: dict[Tie, None] = {(named(a), named(b)): None for a, b in ties}
    limits: dict[Tie, None] = {}
    seen: set[Dim] = {d for pair in found for d in pair}
    for node in nodes:
        own, args = _named_type(node.type), tuple([_named_type(a.type) for a in node.args])
        attr = tuple([named(d) for d in node.attr]) if node.op in _SIZED else node.attr
        seen.update(_sizes(own), attr if node.op in _SIZED else (), (named(node.attr),) if node.op == "dim" else ())
        for a, b in _claims(node.op, attr, own, args):
            if a != b:
                found[(a, b)] = None
        if node.op in slices.LIMITED:
            limits.update(dict.fromkeys(p for p in slices.limits_of(node.op, attr, own, args) if dims.at_most(*p) is not True))
    used = [*seen, *(d for pair in (*found, *limits) for d in pair)]
    numbers = sorted({int(str(a)) for d in used for a in dims.atoms(d) if str(a).isdigit()})
    small = frozenset(d for d in seen if isinstance(d, int) and d > 1)
    return Relations(tuple(numbers), tuple(found), tuple(limits), tuple(_besides(numbers, found)), small)


_SIZED = frozenset(op.name for op in TABLE.values() if op.sizes) - {"dim"}  # whose attribute holds several


def _named_type(t: Type) -> Type:
    return Type(t.kind, tuple([named(d) for d in t.rows]) if t.kind == "t" else named(t.rows), named(t.cols))


def _sizes(t: Type) -> tuple[Dim, ...]:
    return (*t.rows, t.cols) if t.kind == "t" else (t.rows, t.cols)


def _claims(op: str, attr: object, own: Type, args: tuple[Type, ...]) -> Iterator[Tie]:
    """What the shape rule of an operator says of the sizes of its arguments and its own."""
    if op in slices.INDEXED:
        yield from zip(_sizes(slices.result(op, attr, args[0])), _sizes(own), strict=True)  # type: ignore[arg-type]
    elif op == "unvec":
        yield args[0].rows, dims.mul(own.rows, own.cols)
    elif op == "commutation":
        yield own.rows, dims.mul(*attr)  # type: ignore[misc]
    elif op == "convmatrix":
        yield own.rows, dims.sub(dims.add(own.cols, args[0].rows), 1)
    elif op == "hankel":
        yield args[0].rows, dims.sub(dims.add(own.rows, own.cols), 1)
    elif op == "einsum":
        yield from _contracted(str(attr), own, args)
    elif TABLE[op].shape:
        found = TABLE[op].alternatives.get("".join([t.kind for t in args]))
        if found is not None:
            bound: dict[Dim, Dim] = {}
            for pattern, t in zip(found.arguments, args, strict=True):
                have = (t.cols,) if t.kind == "r" else (t.rows, t.cols) if t.kind != "t" else ()
                for name, size in zip(pattern, have, strict=False):
                    yield bound.setdefault(name, size), size
            if own.kind != "t":
                yield from zip(_sizes(found.result(args)), _sizes(own), strict=True)


def _contracted(text: str, own: Type, args: tuple[Type, ...]) -> Iterator[Tie]:
    inputs, output = parse_subscripts(text)
    pairs = [p for names, t in zip((*inputs, output), (*args, own), strict=True) for p in zip(names, shape_of(t), strict=True)]
    letters: dict[str, Dim] = {}
    for name, d in pairs:
        if len(name) == 1:
            yield letters.setdefault(name, d), d
    for name, d in pairs:
        if len(name) > 1 and all(c in letters for c in name):
            product: Dim = 1
            for c in name:
                product = dims.mul(product, letters[c])
            yield product, d


def _besides(numbers: Sequence[int], ties: Collection[Tie]) -> Iterator[Tie]:
    """Products and sums among the numbers that no operator asks for: kept as well, where that is possible."""
    told = {a for pair in ties for d in pair for a in dims.atoms(d)}
    if len(numbers) > 60:
        return
    for n in numbers:
        if str(n) in told:
            continue
        pairs = list(combinations_with_replacement([m for m in numbers if m < n], 2))
        made = [dims.mul(str(a), str(b)) for a, b in pairs if a * b == n] + [
            dims.add(str(a), str(b)) for a, b in pairs if a + b == n
        ]
        if made:
            yield str(n), made[0]


# ---------------------------------------------------------------- solving


class _Search:
    """Sizes one after the other, each the smallest that is possible; what follows from others is computed."""

    def __init__(
        self,
        names: Sequence[str],
        following: Mapping[str, Dim],
        ties: Sequence[Tie],
        limits: Sequence[Tie],
        avoid: Collection[int],
        width: int,
    ) -> None:
        self.names = names
        self.width = width
        self.following = following
        self.ties = [(a, b, frozenset(map(str, dims.atoms(a) + dims.atoms(b)))) for a, b in ties]
        self.limits = [(a, b, frozenset(map(str, dims.atoms(a) + dims.atoms(b)))) for a, b in limits]
        self.avoid = frozenset(avoid)
        self.steps = 0

    def run(self, known: dict[str, int], alike: bool, low: int) -> dict[str, int] | None:
        """``alike``: two names may have the same size. None where there is no solution, or none was found in time."""
        self.steps += 1
        done = self.followed(known) if self.steps < STEPS else None
        if done is None or not self.holds(done):
            return None
        name = next((n for n in self.names if n not in done), None)
        if name is None:
            whole = done | {n: dims.value(d, done) for n, d in self.following.items()}
            return None if not alike and self.repeats(whole) else whole
        for size in self.candidates(name, done, alike, low):
            found = self.run({**done, name: size}, alike, low)
            if found is not None:
                return found
        return None

    def repeats(self, sizes: Mapping[str, int]) -> bool:
        return len(set(sizes.values())) < len(sizes) or not self.avoid.isdisjoint(sizes.values())

    def candidates(self, name: str, done: Mapping[str, int], alike: bool, low: int) -> list[int]:
        used = self.avoid.union(done.values())
        if name.isdigit():  # above all smaller numbers
            floor = max([low - 1, *(size for n, size in done.items() if n.isdigit() and int(n) < int(name))])
            low = floor if alike and floor >= low else floor + 1
        span = range(low, low + self.width + len(used))
        return [*[s for s in span if s not in used][: self.width], *(s for s in span if alike and s in used)]

    def followed(self, known: Mapping[str, int]) -> dict[str, int] | None:
        """With what the equations with one unknown say; None where one has no solution."""
        done, progress = dict(known), True
        while progress:
            progress = False
            for a, b, names in self.ties:
                unknown = names.difference(done)
                if not unknown:
                    if dims.value(a, done) != dims.value(b, done):
                        return None
                elif len(unknown) == 1:
                    (name,) = unknown
                    size = _solved(a, b, name, done)
                    if size is None:
                        return None
                    if size:
                        done[name] = size
                        progress = True
        return done

    def holds(self, done: Mapping[str, int]) -> bool:
        return all(dims.value(a, done) <= dims.value(b, done) for a, b, names in self.limits if names <= done.keys())


def _solved(a: Dim, b: Dim, name: str, known: Mapping[str, int]) -> int | None:
    """The size of the one unknown in ``a = b``: None where there is none, 0 where it does not stand there linearly."""
    rest = dims.substitute(dims.sub(a, b), dict(known))
    constant = slope = 0
    for mono, c in dims.terms(rest):
        if not mono:
            constant = c
        elif mono == (name,):
            slope = c
        else:
            return 0
    if not slope:
        return 0 if not constant else None
    size = -constant // slope
    return size if size >= 1 and size * slope == -constant else None


def _order(names: Collection[str], ties: Sequence[Tie]) -> list[str]:
    """Parts before wholes: a size that is alone on a side of an equation follows from the others."""
    wholes = {d for pair in ties for d in pair if isinstance(d, str)}
    words, numbers = sorted(n for n in names if not n.isdigit()), sorted((n for n in names if n.isdigit()), key=int)
    parts = [n for n in words if n not in wholes] + [n for n in words if n in wholes]
    return parts + numbers


@lru_cache(maxsize=256)
def solve(found: Relations, avoid: frozenset[int]) -> Mapping[str | int, int] | None:
    """Sizes for all names and numbers that are related, different from each other and from ``avoid`` where possible; None
    where there are none, or none was found."""
    names = {str(a) for pair in (*found.ties, *found.limits) for d in pair for a in dims.atoms(d)} | set(map(str, found.numbers))
    for ties, limits in _plans(found):
        following, rest = size_equations.eliminated(ties)
        bounds = [(dims.substitute(a, following), dims.substitute(b, following)) for a, b in limits]
        order = _order(names.difference(following), rest)
        for alike, low in ((False, 2), (True, 2), (True, 1)):
            floor = [(low, d) for d in following.values()]
            for width in WIDTHS:
                sizes = _Search(order, following, rest, [*bounds, *floor], avoid, width).run({}, alike, low)
                if sizes is not None:
                    return {int(n) if n.isdigit() else n: size for n, size in sizes.items()}
    return None


def _plans(found: Relations) -> Iterator[tuple[list[Tie], list[Tie]]]:
    """What is asked for, and less of it where that cannot be had; what operators need is always asked for."""
    ties, limits = list(found.ties), list(found.limits)
    if found.numbers:
        rising = [(dims.add(str(a), 1), str(b)) for a, b in pairwise(found.numbers)]
        above = [(dims.add(max(found.small), 1), str(found.numbers[0]))] if found.small else []
        if found.besides:
            yield [*ties, *found.besides], [*limits, *rising, *above]
        yield ties, [*limits, *rising, *above]
        yield ties, [*limits, *above]
    yield ties, limits


def as_they_are(found: Relations) -> Relations:
    """The same with each number as it is."""
    true: dict[str, Dim] = {str(n): n for n in found.numbers}

    def put(pairs: Iterable[Tie]) -> tuple[Tie, ...]:
        return tuple((dims.substitute(a, true), dims.substitute(b, true)) for a, b in pairs)

    return Relations(ties=put(found.ties), limits=put(found.limits))
