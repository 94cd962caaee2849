"""Sizes in generated code: read off the shapes of the arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from matcalc.codegen.ir.graph import Shape
from matcalc.codegen.products.identifiers import Names
from matcalc.expr.dims import Dim, Poly, Var
from matcalc.expr.errors import UsageError

Atom = str | Var
Equation = tuple[str, Dim]  # text of a number in the source, and the size that it is


class Parameter(NamedTuple):
    """A parameter of the generated function: the Python name of a variable, with its shape."""

    name: str
    shape: Shape


class Sizes:
    """Texts of sizes. ``ties`` are equations between them; ``lines`` give the simple ones names; ``lists`` are no arrays yet."""

    def __init__(
        self,
        names: Names,
        parameters: Mapping[str, Parameter],
        ties: Sequence[tuple[Dim, Dim]],
        lists: Collection[str] = (),
    ) -> None:
        self.names = names
        self.ties = ties
        self.lines: list[str] = []
        self.known: dict[str, str] = {}
        arrays = sorted(parameters, key=lambda n: n in lists)  # of labels, which may be lists, the size is asked last
        shapes = {n: f"np.shape({parameters[n].name})" if n in lists else f"{parameters[n].name}.shape" for n in arrays}
        self.axes: list[Equation] = [(f"{shapes[n]}[{i}]", d) for n in arrays for i, d in enumerate(parameters[n].shape)]
        self.direct: dict[Dim, str] = {}
        for text, d in self.axes:
            self.direct.setdefault(d, text)

    def text(self, d: Dim) -> str:
        """The size as an expression. Raises ``UsageError`` where no argument tells it."""
        if isinstance(d, int):
            return str(d)
        if isinstance(d, str) and "//" in d:
            return " // ".join([self.text(int(part) if part.isdigit() else part) for part in d.split("//")])
        if isinstance(d, str):
            return self.known.get(d) or self.read(d)
        if d in self.direct:
            return self.direct[d]
        assert isinstance(d, Poly)
        parts = [self.product(mono, c) for mono, c in sorted(d.terms, key=lambda term: term[1] < 0)]
        return " + ".join(parts).replace("+ -", "- ")

    def product(self, mono: Sequence[Atom], c: int) -> str:
        number = [str(abs(c))] if abs(c) != 1 or not mono else []
        return ("-" if c < 0 else "") + " * ".join([*number, *[self.text(str(a)) for a in mono]])

    def read(self, d: str) -> str:
        """Give the size a name at the top of the function."""
        source = self.direct.get(d) or self.solved(d, self.axes) or self.solved(d, self.tied())
        if source is None:
            raise UsageError(f"the size {d} cannot be read off any argument, so no code can be generated")
        name = self.known[d] = self.names.give(d)
        self.lines.append(f"{name} = {source}")
        return name

    def readable(self, d: Dim) -> bool:
        return isinstance(d, int) or d in self.direct or d in self.known

    def tied(self) -> list[Equation]:
        """Equations between sizes of which one side can be read."""
        both = [pair for a, b in self.ties for pair in ((a, b), (b, a))]
        return [(self.text(a), b) for a, b in both if self.readable(a)]

    def solved(self, d: str, equations: Sequence[Equation]) -> str | None:
        """d from ``a·d + rest`` where all else can be read: n where an axis has the size 3n + 1."""
        for text, size in equations:
            if not isinstance(size, Poly):
                continue
            own = [(mono, c) for mono, c in size.terms if d in mono]
            others = [str(a) for mono, _ in size.terms for a in mono if a != d]
            if len(own) == 1 and own[0][0].count(d) == 1 and all(map(self.readable, others)):
                (mono, c), rest = own[0], [term for term in size.terms if d not in term[0]]
                return self.quotient(text, rest, self.product([a for a in mono if a != d], c))
        return None

    def quotient(self, text: str, rest: Sequence[tuple[Sequence[Atom], int]], divisor: str) -> str:
        """``(text - rest) // divisor``"""
        top = " + ".join([text, *[self.product(mono, -c) for mono, c in rest]]).replace("+ -", "- ")
        if divisor == "1":
            return top
        if divisor == "-1":
            return " + ".join([self.product(mono, c) for mono, c in rest]).replace("+ -", "- ") + f" - {text}"
        simple = divisor.isidentifier() or divisor.isdigit()
        return f"{f'({top})' if rest else top} // {divisor if simple else f'({divisor})'}"
