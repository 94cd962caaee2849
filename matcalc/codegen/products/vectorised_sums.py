"""A loop over an index beside the form without one that takes its place: both as code, derived from one sum, and timed.

The form without an index is what the reader makes of Σ_i …, a line that is checked. Where there is no sum, as in z_i = W x_i, it is
the gradient of Σ_i ⟨v_i, z_i⟩ by V: the sum is linear in V, so the z_i are the rows of its gradient (CS224n: always matrices, not
loops).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from matcalc.codegen.products.calling import Code, code_of
from matcalc.codegen.products.looped import Loop, Rest, Slice, joined, loop_source, stacked_source
from matcalc.codegen.products.runtime import compile_source
from matcalc.codegen.products.timing import arrays_of, functions_of, shortest
from matcalc.expr.dims import atoms, value
from matcalc.expr.errors import CheckError, LimitError
from matcalc.expr.nodes import Expr

SAME = 1e-9
TYPICAL = 100  # what a size is that nobody gave
TERMS = 500  # and the number of terms
MOST = 10**7  # numbers in an array
FEW = 3  # the smallest size at which both are compared


class Times(NamedTuple):
    """Seconds of one call, the shortest of several rounds; the largest difference of what both gave, and the sizes."""

    loop: float
    product: float
    error: float
    sizes: Mapping[str, int]


class Sum(NamedTuple):
    """One sum over indices, the ``letters``: ``term`` is the derivation of one term, in which x_i is a name.

    ``slices`` are the variables of the term that are parts of arrays, ``sizes`` those that are sizes of arrays: the N of a_i - N.
    ``signs`` are what restricts the letters, as code.
    """

    term: Any
    letters: tuple[str, ...]
    slices: Mapping[str, Slice]
    sizes: Mapping[str, tuple[str, int]] = MappingProxyType({})  # name of the term -> array and axis
    signs: tuple[str, ...] = ()

    def axis(self, letter: str) -> tuple[str, int]:
        """An array, and its axis that the letter runs over."""
        return next((part.array, part.places.index(letter)) for part in self.slices.values() if letter in part.places)


class Vectorised(NamedTuple):
    """Sums over indices in both forms: ``whole`` is the derivation of that without indices.

    ``rest`` derives what is made of the ``sums``, which have the names ``totals`` there: None where the one sum is all.
    ``form`` is the value where the terms are stacked, no sum.
    """

    whole: Any
    sums: tuple[Sum, ...]
    form: Expr | None
    rest: Any = None
    totals: tuple[str, ...] = ()
    sizes: Mapping[str, tuple[str, int]] = MappingProxyType({})  # those of the rest, as those of a term

    @property
    def plain(self) -> str:
        """The form without the index, in plain notation."""
        return str(self.whole.result.plain if self.is_gradient else self.whole.value.plain)

    @property
    def is_gradient(self) -> bool:
        """Whether the form is the gradient of a sum with weights, and not the value of what is derived."""
        return self.form is not None and self.form is not self.whole.problem.output

    @property
    def product(self) -> Code:
        """The function of the form without the index: ``at_once``."""
        return code_of(self.whole, "at_once", self.form)

    @property
    def loop(self) -> Code:
        """The function that calls that of one term for each: ``in_a_loop``."""
        whole, labels = self.product, self.whole.problem.labels
        own = {str(s.attr): p for s, p in zip(whole.symbols, whole.parameters, strict=False)}
        floats = [p for n, p in own.items() if n not in labels]
        names = ("one_term", *(f"one_term_{k}" for k in range(2, len(self.sums) + 1)))
        loops = [self._looped(one, name, own) for one, name in zip(self.sums, names, strict=True)]
        if self.form is not None:
            scalars = self.sums[0].term.problem.output.kind == "s"
            source = stacked_source(loops[0], whole.parameters, floats, "in_a_loop", scalars)
        else:
            source = loop_source(loops, self._rest(own), whole.parameters, [own[w] for w in self.whole.wrt], floats, "in_a_loop")
        return whole._replace(source=source, name="in_a_loop")

    def _looped(self, one: Sum, name: str, own: Mapping[str, str]) -> Loop:
        term = code_of(one.term, name, None if self.form is None else one.term.problem.output)
        named = _parameters(term)
        slices = {named[n]: part._replace(array=own[part.array]) for n, part in one.slices.items() if n in named}
        counts = tuple((i, f"np.shape({own[array]})[{axis}]") for i in one.letters for array, axis in [one.axis(i)])
        by = [(n, one.slices[n].array if n in one.slices else n) for n in one.term.wrt if self.form is None]
        results = tuple((named[n], own[array]) for n, array in by if array in self.whole.wrt)
        return Loop(term, slices, _passed(named, own, one.sizes), counts, one.signs, results)

    def _rest(self, own: Mapping[str, str]) -> Rest | None:
        if self.rest is None:
            return None
        code = code_of(self.rest, "the_rest")
        named = _parameters(code)
        results = tuple(named[n] for n in self.rest.wrt)
        return Rest(code, tuple(named[n] for n in self.totals), results, _passed(named, own, self.sizes))

    @property
    def code(self) -> str:
        """One source with both functions."""
        return joined(self.loop.source, self.product.source)

    def times(self, seed: int = 0) -> Times:
        """Both measured at random arrays; sizes that nobody gave are typical ones. Raises ``CheckError`` where they differ."""
        problem = self.whole.problem
        axes = [one.axis(i) for one in self.sums for i in one.letters]
        counts = {d for array, axis in axes for d in (problem.dims[array][axis],) if isinstance(d, str)}
        sizes = {name: TERMS if name in counts else TYPICAL for name in self._sizes()}
        if (largest := self._largest(sizes)) > MOST:
            raise LimitError(f"an array of {largest} numbers is too large to be timed", hint="declare smaller sizes")
        first, second, given = self._ready(sizes, seed)
        return Times(
            shortest(lambda: first(*given)), shortest(lambda: second(*given)), _apart(first(*given), second(*given)), sizes
        )

    def compared(self, seed: int) -> Vectorised:
        """Both were run at a small random point, and gave the same: no code that nobody ran is shown."""
        import numpy as np

        sizes = {name: k for k, name in enumerate(self._sizes(), FEW)}
        if self._largest(sizes) > MOST:  # declared so; what one call costs then is not spent unasked
            return self
        first, second, given = self._ready(sizes, seed)
        try:
            with np.errstate(all="ignore"):
                _apart(first(*given), second(*given))
        except (ValueError, TypeError, IndexError) as error:
            raise CheckError(f"the loop cannot be run: {error}", hint="report it: matcalc is wrong here") from error
        return self

    def _sizes(self) -> list[str]:
        return sorted({str(a) for shape in self.whole.problem.dims.values() for d in shape for a in atoms(d)})

    def _largest(self, sizes: Mapping[str, int]) -> int:
        return max(math.prod(value(d, sizes) for d in shape) for shape in self.whole.problem.dims.values())

    def _ready(self, sizes: Mapping[str, int], seed: int) -> tuple[Any, Any, list[Any]]:
        """Both functions, and arguments of given sizes."""
        loop, product = self.loop, self.product
        arrays = arrays_of(product.symbols, sizes, self.whole.problem.labels, self.whole.assume, seed)
        given = [*arrays, *functions_of(product.functions, self.whole.functions)]
        return compile_source(loop.source, loop.name), compile_source(product.source, product.name), given


def _apart(first: Any, second: Any) -> float:
    """The difference of both, which is none."""
    error = relative_difference(first, second)
    if not error < SAME:
        raise CheckError(f"the loop and the form without an index differ by {error:.1e}", hint="report it: matcalc is wrong here")
    return error


def relative_difference(a: Any, b: Any) -> float:
    """The largest, over numbers, arrays and tuples of these."""
    import numpy as np

    if isinstance(a, tuple):
        return max(relative_difference(x, y) for x, y in zip(a, b, strict=True))
    if np.shape(a) != np.shape(b):
        return math.inf
    with np.errstate(all="ignore"):
        alike = (a == b) | (np.isnan(a) & np.isnan(b))  # neither has a value
        gaps = np.where(alike, 0.0, np.abs(np.subtract(a, b)))
    return float(gaps.max() / max(1.0, np.abs(b, where=np.isfinite(b), out=np.zeros(np.shape(b))).max()))


def _parameters(code: Code) -> dict[str, str]:
    """What the arrays of a function are called in it."""
    return {str(s.attr): p for s, p in zip(code.symbols, code.parameters, strict=False)}


def _passed(named: Mapping[str, str], own: Mapping[str, str], sizes: Mapping[str, tuple[str, int]]) -> dict[str, str]:
    """What the parameters of a function are in the loop that calls it; sizes are those of arrays."""
    lengths = {named[n]: f"np.shape({own[array]})[{axis}]" for n, (array, axis) in sizes.items() if n in named}
    return {**{p: own[n] for n, p in named.items() if n in own}, **lengths}
