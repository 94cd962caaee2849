"""A generated function as the user calls it: arguments by any of their names, checked, in one precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matcalc.errors import UsageError
from matcalc.expr import Expr, shape_of


class Generated:
    """A generated function. Arrays go in by position or name, functions as ``f=(f, df)`` or ``f=f, df=df``.

    Names are those of the text (also where they are no Python names: ``**{"W^Q": array}``) or of the source.
    """

    def __init__(
        self,
        run: Callable[..., Any],
        source: str,
        symbols: Sequence[Expr],
        functions: Mapping[tuple[str, int], str],
        tables: Mapping[str, Callable[[int], Any]],
    ) -> None:
        self.run = run
        self.source = source
        self.symbols = tuple(symbols)
        self.functions = functions
        self.tables = tables
        self.shapes = [shape_of(s.type) for s in symbols]
        self.__name__ = self.__qualname__ = run.__name__
        self.__doc__ = run.__doc__
        code: Any = run.__code__
        self.parameters: tuple[str, ...] = code.co_varnames[: code.co_argcount]
        self.originals = [str(s.attr) for s in symbols]
        self.slots = {name: i for i, name in enumerate(self.parameters)}
        self.places = self.slots | {name: i for i, name in enumerate(self.originals)}

    def __repr__(self) -> str:
        return f"<{self.__name__}({', '.join(self.parameters)})>"

    def __call__(self, *arrays: Any, **named: Any) -> Any:
        """(value, derivative), or (value, tuple of derivatives).

        Raises ``UsageError`` or ``ShapeError`` for arguments that do not fit.
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
        prepared = self.arrays([values[i] for i in range(count)])
        return self.run(*prepared, *[values[i] for i in range(count, len(self.parameters))])

    def misused(self, message: str) -> UsageError:
        return UsageError(message, hint=f"the arguments are {', '.join(self.parameters)}")

    def place(self, values: dict[int, Any], name: str, value: Any) -> None:
        """Note one argument given by name."""
        from matcalc.numeric import from_user

        orders = [order for f, order in self.functions if f == name]
        if orders and isinstance(value, (str, tuple, list)):
            table = from_user(value, name)
            for order in orders:
                values[self.slots[self.functions[name, order]]] = table(order)
            return
        i = self.slots[self.functions[name, 0]] if orders else self.places.get(name)
        if i is None or i in values:
            raise self.misused(f"'{name}' {'is not an argument' if i is None else 'is given twice'}")
        values[i] = value

    def arrays(self, given: list[Any]) -> list[Any]:
        """Floating-point arrays of the declared shapes; single numbers take the precision of the arrays."""
        import numpy as np

        found = [np.asarray(x) for x in given]
        if not self.fit(found):
            from matcalc.numeric import bind

            bind(self.symbols, dict(zip(self.originals, given, strict=True)))  # says what is wrong
        floats = [x for x in found if x.dtype.kind in "fc"]
        kinds = [x.dtype for x in floats if x.ndim] or [x.dtype for x in floats]
        common = np.result_type(*kinds) if kinds else np.dtype(float)
        return [x.astype(common)[()] if not x.ndim or x.dtype.kind in "biu" else x for x in found]

    def fit(self, found: Sequence[Any]) -> bool:
        """Whether all are numeric, with the declared axes, and sizes of one name agree."""
        sizes: dict[str, int] = {}
        for shape, x in zip(self.shapes, found, strict=True):
            if len(shape) != x.ndim or x.dtype.kind not in "biufc":
                return False
            for d, n in zip(shape, x.shape, strict=True):
                if (sizes.setdefault(d, n) if isinstance(d, str) else d) != n:
                    return False
        return True
