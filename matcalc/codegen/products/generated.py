"""A generated function as the user calls it: arguments by any of their names, checked, in one precision."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from matcalc.codegen.products.runtime import compile_source
from matcalc.codegen.targets import dialect_of
from matcalc.expr import size_equations
from matcalc.expr.dims import Dim
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import Expr, shape_of, sym, type_of
from matcalc.expr.table import Type
from matcalc.notation.lex.lexer_plain import greek_to_ascii
from matcalc.numeric.evaluation import array_of, bind, from_user, laid_flat, no_value, require_entries

Needs = tuple[tuple[tuple[Dim, Dim], ...], tuple[tuple[Dim, Dim], ...]]  # equations between sizes, and a ≤ b


class Generated:
    """A generated function. Arrays go in by position or name, functions as ``f=(f, df)`` or ``f=f, df=df``.

    Names are those of the text (also where they are no Python names: ``**{"W^Q": array}``) or of the source.
    """

    def __init__(
        self,
        source: str,
        name: str,
        symbols: Sequence[Expr],
        functions: Mapping[tuple[str, int], str],
        given: Mapping[str, Any],
        needs: Needs = ((), ()),
        labels: frozenset[str] = frozenset(),
        whole: frozenset[str] = frozenset(),
        target: str = "numpy",
    ) -> None:
        self.target = target
        self.dialect = dialect_of(target)
        self.foreign = not self.dialect.looked_into  # arrays of another library, which are not looked into
        self.whole = whole  # functions that act on their argument as a whole
        self.labels = labels  # given as integers
        self.needs = needs  # what sizes must fulfil (size_equations.require)
        run = self.run = compile_source(source, name, self.dialect)
        self.source = source
        self.symbols = tuple(symbols)
        self.functions = functions
        self.given = given
        self.tables: Mapping[str, Any] = {f: self.by_orders(v, f) for f, v in given.items()}
        self.shapes = [shape_of(s.type)[: -1 if str(s.attr) in labels else None] for s in symbols]
        self.__name__ = self.__qualname__ = run.__name__
        self.__doc__ = run.__doc__
        self.__wrapped__ = run  # for inspect.signature and inspect.getsource
        code: Any = run.__code__
        self.parameters: tuple[str, ...] = code.co_varnames[: code.co_argcount]
        self.originals = [str(s.attr) for s in symbols]
        self.slots = {name: i for i, name in enumerate(self.parameters)}
        self.places = self.slots | {name: i for i, name in enumerate(self.originals)}

    def __reduce__(self) -> tuple[Any, ...]:
        """By its source: a copy in another process compiles it again."""
        symbols = tuple((str(s.attr), tuple(s.type)) for s in self.symbols)
        return restored, (
            self.source,
            self.__name__,
            symbols,
            dict(self.functions),
            dict(self.given),
            self.needs,
            self.labels,
            self.whole,
            self.target,
        )

    def __repr__(self) -> str:
        return f"<{self.__name__}({', '.join(self.parameters)})>"

    def __call__(self, /, *arrays: Any, **named: Any) -> Any:
        """(value, derivative), or (value, tuple of derivatives); without the value where the code is of the derivative alone.

        Raises ``UsageError`` or ``ShapeError`` for arguments that do not fit, or have no value.
        """
        if len(arrays) > len(self.parameters):
            raise self.misused(f"{len(arrays)} arguments were given instead of {len(self.parameters)}")
        values: dict[int, Any] = dict(enumerate(arrays))
        for name, value in named.items():
            self.place(values, name, value)
        for i, (f, order) in enumerate(self.functions, len(self.symbols)):
            if i not in values and f in self.tables:
                values[i] = self.tables[f](order)
        missing = [name for i, name in enumerate(self.parameters) if i not in values]
        if missing:
            raise self.misused(f"no value was given for {', '.join(missing)}")
        count = len(self.symbols)
        if self.dialect.paths and any(isinstance(values[i], (str, tuple)) for i in range(count)):
            return self.run(*[values[i] for i in range(len(self.parameters))])
        prepared = self.checked([values[i] for i in range(count)])
        shapes = {name: tuple(x.shape) for name, x in zip(self.originals, prepared, strict=True)}
        try:
            found = self.run(*prepared, *[values[i] for i in range(count, len(self.parameters))])
        except (ArithmeticError, IndexError, ValueError) as error:
            raise no_value(error, shapes) from error
        if not self.foreign:
            require_entries(list(_arrays(found)), shapes)
        return found

    def by_orders(self, value: Any, name: str) -> Callable[[int], Any]:
        """What was given for a function, by the order of the derivative."""
        if name not in self.whole and not self.dialect.raw_functions:
            return from_user(value, name)
        orders = tuple(value) if isinstance(value, (tuple, list)) else (value,)

        def of(order: int) -> Any:
            if isinstance(value, str):
                raise self.misused(f"{name} is {value!r}, and {self.target} code takes functions of that library")
            if order >= len(orders) or not callable(orders[order]):
                raise self.misused(f"{name}: its derivative of order {order} is needed")
            return orders[order]

        return of

    def misused(self, message: str) -> UsageError:
        return UsageError(message, hint=f"the arguments are {', '.join(self.parameters)}")

    def place(self, values: dict[int, Any], name: str, value: Any) -> None:
        """Note one argument given by name, a Greek letter as itself or spelled out."""
        said, known = name, {*self.places, *(f for f, _ in self.functions)}
        name = name if name in known else greek_to_ascii(name)
        orders = [order for f, order in self.functions if f == name]
        if orders and isinstance(value, (str, tuple, list)):
            table = self.by_orders(value, name)
            for order in orders:
                values[self.slots[self.functions[name, order]]] = table(order)
            return
        i = self.slots[self.functions[name, 0]] if orders else self.places.get(name)
        if i is None or i in values:
            raise self.misused(f"'{said}' {'is not an argument' if i is None else 'is given twice'}")
        values[i] = value

    def checked(self, given: list[Any]) -> list[Any]:
        """Arrays of the declared shapes; their precision is settled in the source."""
        if self.foreign:
            given = [x if hasattr(x, "shape") else array_of(x, n) for x, n in zip(given, self.originals, strict=True)]
        found = [
            laid_flat(x if self.foreign else array_of(x, n), s.type)
            for x, n, s in zip(given, self.originals, self.symbols, strict=True)
        ]
        if not self.fit(found):
            said = [unit_array(x) for x in given] if self.foreign else given
            bind(self.as_integers(), dict(zip(self.originals, said, strict=True)))  # says what is wrong
        if any(self.needs):
            pairs = [p for shape, x in zip(self.shapes, found, strict=True) for p in zip(shape, x.shape, strict=True)]
            size_equations.require({d: n for d, n in pairs if isinstance(d, str)}, *self.needs)
        return found

    def as_integers(self) -> list[Expr]:
        """The variables, with labels as the integers that they are given as."""
        types = [type_of(shape) if name in self.labels else s.type
                 for name, shape, s in zip(self.originals, self.shapes, self.symbols, strict=True)]  # fmt: skip
        return [sym(name, t) for name, t in zip(self.originals, types, strict=True)]

    def fit(self, found: Sequence[Any]) -> bool:
        """Whether all are real numbers, with the declared axes, and sizes of one name agree."""
        sizes: dict[str, int] = {}
        for shape, x in zip(self.shapes, found, strict=True):
            if len(shape) != x.ndim or not (self.foreign or x.dtype.kind in "biuf"):
                return False
            for d, n in zip(shape, x.shape, strict=True):
                if (sizes.setdefault(d, n) if isinstance(d, str) else d) != n:
                    return False
        return True


def unit_array(x: Any) -> Any:
    """An array of the same sizes that NumPy can look into."""
    import numpy as np

    return np.broadcast_to(1.0, tuple(x.shape))


def _arrays(found: Any) -> Iterator[Any]:
    """All arrays of what was returned: a sparse gradient is two."""
    for x in found if isinstance(found, tuple) else (found,):
        yield from _arrays(x) if isinstance(x, tuple) else (x,)


def restored(
    source: str,
    name: str,
    symbols: Sequence[tuple[str, tuple[Any, ...]]],
    functions: Mapping[tuple[str, int], str],
    given: Mapping[str, Any],
    needs: Needs = ((), ()),
    labels: frozenset[str] = frozenset(),
    whole: frozenset[str] = frozenset(),
    target: str = "numpy",
) -> Generated:
    """What was pickled, or copied."""
    return Generated(source, name, [sym(n, Type(*t)) for n, t in symbols], functions, given, needs, labels, whole, target)
