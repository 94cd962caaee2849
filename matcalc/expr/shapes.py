"""Kinds, sizes and shape rules of operators: the machinery below the table in table.py.

A shape rule is written ``arguments -> result``; alternatives are separated by ``|``:
``s`` is a scalar, ``c(n)`` a column, ``r(n)`` a row, ``m(m,n)`` a matrix and ``*`` anything
(the same everywhere in one rule).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from matcalc.expr import dims
from matcalc.expr.dims import Dim

KINDS = "scrmt"  # scalar, column, row, matrix, tensor


class Type(NamedTuple):
    """Kind and sizes of an expression; a column is n×1, a row 1×n, a tensor has ``rows`` = its axes."""

    kind: str
    rows: Any  # a Dim; of a tensor, the tuple of its sizes
    cols: Dim


SCALAR = Type("s", 1, 1)
_new = tuple.__new__  # skips the keyword handling of a named tuple, which costs as much as the rest of making a node


class Alternative(NamedTuple):
    """One line of a shape rule, ready to use: sizes of each argument, and of the result."""

    arguments: tuple[tuple[Dim, ...], ...]
    kind: str
    result: Callable[[tuple[Type, ...]], Type]
    tied: bool  # whether a size stands in more than one place: else all sizes fit


@dataclass(frozen=True, eq=False)
class Op:
    """One operator, and all that is known of it."""

    name: str
    shape: str
    _: KW_ONLY
    words: str
    told: str = ""  # what it is, for one who knows neither its sign nor its words
    letters: str = ""  # what its value is called, where its own derivative speaks of it
    plain: str = ""  # its name where none is given
    latex: str = ""
    latex_of: Mapping[str, str] = field(
        default_factory=dict
    )  # for operands of one kind, where LaTeX has two meanings for the other form
    signs: bool = False  # it is written with signs or brackets, never called by its name
    sizes: bool = False  # its attribute is made of sizes
    domain: str = ""
    kink: str = ""  # where it is not differentiable
    least: str = ""  # where a sum of squares is 0: its square root has a kink there
    elementwise: bool = False
    commutes: bool = False  # in its two arguments
    exponent: bool = False  # its second argument is one
    whole: bool = False  # its attribute is an exponent that is a whole number
    sized: bool = False  # a leaf that has nothing but its sizes
    shaped: bool = False  # its sizes are those of what it stands beside: neither its arguments nor its attribute tell them
    carried: int | None = None  # the first argument says which function it is; the order of its derivative
    stands: bool = False  # it stands for a derivative
    linear: str = ""  # the arguments in each of which it is linear, the others being fixed: "0 1"; "*" is all of them
    jointly: bool = False  # linear in all of its arguments together
    slope_of: str = ""  # the matrix function whose derivative it is
    sign: str = ""  # of every entry, wherever it is defined: "+", "0+"; or "kept" where no argument has a negative entry
    zero: bool = False  # 0 where all of its arguments are, if it has a value there
    breaks: tuple[int, ...] = ()  # where an entry of its argument passes from one formula to another
    jumps: str = ""  # not even continuous where this operator has a kink
    divides: bool = False  # where it is not smooth divides the other points, as 0 divides the numbers
    many: bool = False  # it takes one of many angles
    symmetric: str = ""  # a square value of it is symmetric: "always", or "kept" where all matrices are that it is given
    twin: str = ""  # the matrix function that has the same sign
    gate: str = ""  # what it does with an upstream gradient: a key of printers.words.GATES

    def __post_init__(self) -> None:
        plain = self.plain or self.name
        given = {"plain": plain, "latex": self.latex or rf"\mathrm{{{plain}}}"}
        given["symmetric"] = self.symmetric or "kept" * (self.elementwise or self.shape == "* * -> *")
        for fact, value in (given | {"zero": self.zero or self.jointly or bool(self.linear)}).items():
            object.__setattr__(self, fact, value)

    @cached_property
    def positive(self) -> bool:
        return self.sign == "+"

    @cached_property
    def nonnegative(self) -> bool:
        return self.sign in ("+", "0+")

    @cached_property
    def alternatives(self) -> dict[str, Alternative]:
        """Argument kinds (``"mc"``) to the alternative that covers them."""
        found: dict[str, Alternative] = {}
        for line in self.shape.split("|"):
            left, right = line.split("->")
            for kind in KINDS if "*" in left.split() else "-":
                sides = [[_ANY[kind] if part == "*" else part for part in side.split()] for side in (left, right)]
                arguments = [_pattern(p) for p in sides[0]]
                result = _pattern(sides[1][0])
                key = "".join(k for k, _ in arguments)
                found.setdefault(key, _alternative(arguments, result))
        return found

    def is_linear(self, slot: int) -> bool:
        """Whether it is linear in that argument; a sum is so only in all of its arguments together."""
        return self.linear == "*" or str(slot) in self.linear.split()

    @cached_property
    def multilinear(self) -> bool:
        """Whether it is linear in each of its arguments: made of sums and products of their entries."""
        return self.linear == "*" or (bool(self.linear) and (not self.shape or len(self.linear.split()) == self.arity))

    def vanishes(self, zero: Sequence[bool]) -> bool:
        """Whether it is 0, if it has a value, where those of its arguments are of which this is said."""
        return any(z and self.is_linear(i) for i, z in enumerate(zero)) or (self.zero and bool(zero) and all(zero))

    @cached_property
    def square(self) -> bool:
        """Whether it takes square matrices only."""
        matrices = [p for found in self.alternatives.values() for p in found.arguments if len(p) == 2] if self.shape else []
        return bool(matrices) and all(rows == cols for rows, cols in matrices)

    @property
    def arity(self) -> int:
        return len(self.shape.split("->")[0].split())

    def result(self, types: tuple[Type, ...]) -> Type:
        """Type of the result for arguments that are known to fit. Raises ``KeyError`` if none fits."""
        return self.alternatives["".join([t[0] for t in types])].result(types)


_ANY = {"s": "s", "c": "c(i)", "r": "r(i)", "m": "m(i,j)", "t": "t(i)", "-": ""}


def _pattern(text: str) -> tuple[str, tuple[str, ...]]:
    kind, _, sizes = text.partition("(")
    return kind, tuple(sizes.rstrip(")").split(",")) if sizes else ()


def parse_dim(text: str) -> Dim:
    """A size such as ``m*n`` or ``j-i+1``."""
    total: Dim = 0
    for part in filter(None, text.replace("-", "+-").split("+")):
        product: Dim = -1 if part.startswith("-") else 1
        part = part.removeprefix("-")
        for factor in part.split("*"):
            product = dims.mul(product, int(factor) if factor.isdigit() else factor)
        total = dims.add(total, product)
    return total


def _alternative(arguments: list[tuple[str, tuple[str, ...]]], result: tuple[str, tuple[str, ...]]) -> Alternative:
    where: dict[str, tuple[int, int]] = {}
    for i, (kind, sizes) in enumerate(arguments):
        for j, size in enumerate(sizes):
            where.setdefault(size, (i, 2 if kind == "r" else 1 + j))
    kind, sizes = result
    same = next((i for i, argument in enumerate(arguments) if argument == result), None)
    parsed = tuple(tuple(parse_dim(s) for s in ss) for _, ss in arguments)
    found = _result_function(kind, sizes, where) if same is None else lambda types: types[same]
    return Alternative(parsed, kind, found, len(set(chain(*parsed))) < sum(map(len, parsed)))


def _result_function(kind: str, sizes: tuple[str, ...], where: dict[str, tuple[int, int]]) -> Callable[[tuple[Type, ...]], Type]:
    if kind == "s":
        return lambda types: SCALAR
    readers = [_reader(size, where) for size in sizes]
    if kind == "m" and all(size in where for size in sizes):  # the usual case, without a call for each size
        (i, j), (k, m) = (where[size] for size in sizes)
        return lambda types: _new(Type, ("m", types[i][j], types[k][m]))
    if kind == "m":
        rows, cols = readers
        return lambda types: Type("m", rows(types), cols(types))
    (only,) = readers
    if kind == "r":
        return lambda types: Type("r", 1, only(types))
    if sizes[0] in where:
        i, j = where[sizes[0]]
        return lambda types: _new(Type, (kind, types[i][j], 1))
    return lambda types: Type(kind, only(types), 1)


def _reader(size: str, where: dict[str, tuple[int, int]]) -> Callable[[tuple[Type, ...]], Dim]:
    if size in where:
        i, j = where[size]
        return lambda types: types[i][j]
    if size.lstrip("-").isdigit():
        fixed = int(size)
        return lambda types: fixed
    if "-" in size[1:]:
        size = size[0] + size[1:].replace("-", "+-")
    if size[0] == "-" and "+" not in size:
        size = f"-1*{size[1:]}"
    combine, parts = (dims.add, size.split("+")) if "+" in size else (dims.mul, size.split("*"))
    readers = [_reader(p, where) for p in parts]

    def read(types: tuple[Type, ...]) -> Dim:
        total = readers[0](types)
        for r in readers[1:]:
            total = combine(total, r(types))
        return total

    return read
