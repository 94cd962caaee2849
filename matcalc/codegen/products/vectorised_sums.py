"""A loop over an index beside the form without one that takes its place: both as code, derived from one sum, and timed.

The form without an index is what the reader makes of Σ_i …, a line that is checked. Where there is no sum, as in z_i = W x_i, it is
the gradient of Σ_i ⟨v_i, z_i⟩ by V: the sum is linear in V, so the z_i are the rows of its gradient (CS224n: always matrices, not
loops).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from matcalc.codegen.products.calling import Code, code_of, task_of
from matcalc.codegen.products.looped import Slice, joined, loop_source
from matcalc.codegen.products.runtime import compile_source
from matcalc.codegen.products.timing import arrays_of, functions_of, shortest
from matcalc.expr.dims import Dim, atoms, value
from matcalc.expr.errors import AmbiguityError, CheckError, LimitError, ParseError, UsageError
from matcalc.expr.nodes import Expr, postorder, variable_shape
from matcalc.expr.table import TABLE
from matcalc.notation.lex.habits import LABEL_INDEX, WEIGHTS
from matcalc.notation.lex.syntax import walk
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.sums.lifts import EACH, indices

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


class Vectorised(NamedTuple):
    """A sum over an index, ``letter``, in both forms: ``whole`` is the derivation of that without the index, ``term`` of one term.

    ``slices`` are the variables of the term that are parts of arrays, ``counts`` those that are sizes of arrays: the N of a_i - N.
    ``form`` is the value where the terms are stacked, no sum.
    """

    whole: Any
    term: Any
    letter: str
    slices: Mapping[str, Slice]
    form: Expr | None
    counts: Mapping[str, tuple[str, int]] = MappingProxyType({})  # name of the term -> array and axis

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
        whole, term = self.product, code_of(self.term, "one_term", None if self.form is None else self.term.problem.output)
        own = {str(s.attr): p for s, p in zip(whole.symbols, whole.parameters, strict=False)}
        named = {str(s.attr): p for s, p in zip(term.symbols, term.parameters, strict=False)}
        slices = {p: self.slices[n]._replace(array=own[self.slices[n].array]) for n, p in named.items() if n in self.slices}
        lengths = {
            p: f"np.shape({own[array]})[{axis}]" for n, p in named.items() for array, axis in [self.counts.get(n, ("", 0))] if array
        }
        pairs = [(named[n], slices[named[n]].array if n in self.slices else own[n]) for n in self.term.wrt if self.form is None]
        floats = [p for n, p in own.items() if n not in self.whole.problem.labels]
        asked = slices, whole.parameters, pairs, "in_a_loop", self.term.problem.output.kind == "s", lengths, floats
        return whole._replace(source=loop_source(term, *asked), name="in_a_loop")

    @property
    def code(self) -> str:
        """One source with both functions."""
        return joined(self.loop.source, self.product.source)

    def times(self, seed: int = 0) -> Times:
        """Both measured at random arrays; sizes that nobody gave are typical ones. Raises ``CheckError`` where they differ."""
        problem = self.whole.problem
        counts = {d for part in self.slices.values() for d in (problem.dims[part.array][int(part.column)],) if isinstance(d, str)}
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
    """The largest, over numbers, arrays and tuples of these; an empty tuple stands for no derivatives."""
    import numpy as np

    if isinstance(b, tuple) and not isinstance(a, tuple):
        b = b[0]
    if isinstance(a, tuple):
        return max(relative_difference(x, y) for x, y in zip(a, b, strict=True))
    if np.shape(a) != np.shape(b):
        return math.inf
    with np.errstate(all="ignore"):
        alike = (a == b) | (np.isnan(a) & np.isnan(b))  # neither has a value
        gaps = np.where(alike, 0.0, np.abs(np.subtract(a, b)))
    return float(gaps.max() / max(1.0, np.abs(b, where=np.isfinite(b), out=np.zeros(np.shape(b))).max()))


class Reader(NamedTuple):
    """What the porch hands down: ``derive`` and ``parse``."""

    derive: Callable[..., Any]
    parse: Callable[..., Any]

    def read(self, text: str, said: Mapping[str, Any]) -> Any:
        return self.parse(text, **{k: v for k, v in said.items() if k in PARSED})


def vectorise(reader: Reader, text: str, over: str | None, wrt: str | Sequence[str], said: Mapping[str, Any]) -> Vectorised:
    """The sum over an index in ``text``, or a value for each index, without the index. Raises ``UsageError`` for none."""
    read = reader.read(text, said)
    said = {k: v for k, v in said.items() if k != "define"}  # which stands in the text that was read
    found = _of_sum(reader, read._problem, wrt, said) if read._problem.lifts else _of_each(reader, read, over, said)
    return found.compared(said.get("seed", 0))


PARSED = frozenset("dims notation functions output index define meant rules".split())  # noqa: SIM905


def _of_sum(reader: Reader, problem: Problem, wrt: str | Sequence[str], said: Mapping[str, Any]) -> Vectorised:
    """The outermost sum of the text; definitions beside it stand beside the term too."""
    lift = min(problem.lifts, key=lambda one: (one.expr is not problem.output, one.node.start, -one.node.end))
    (kind, binder), source = lift.node.value, problem.source
    inside = source[lift.node.args[0].start : lift.node.args[0].end]
    if len(binder.names) != 1 or binder.where or kind not in ("sum", EACH):
        raise _of_several(binder.names)
    if binder.names[0] in indices(lift.node.args[0]):
        raise UsageError(f"the index {binder.names[0]} is that of two sums, one inside of the other",
                         hint="give the inner sum another letter")  # fmt: skip
    if kind == "sum" and lift.expr.kind != "s":
        raise UsageError("the terms of the sum are no numbers", hint=r"a sum of numbers, such as '\sum_i (w^T x_i - y_i)^2'")
    itself = source[lift.node.start : lift.node.end]
    if not _is_multiple(problem.output, lift.expr, {one.expr for one in problem.lifts}):
        raise UsageError(f"a loop is written for one sum, and more than '{itself}' stands in the text",
                         hint=f"write '{itself}' by itself, with factors inside of the sum")  # fmt: skip
    before, after = source[: lift.node.start], source[lift.node.end :]
    arrays = {part.partition("[")[0] for part in problem.indexed.values()}  # which the sum alone names again
    sizes = {**{n: s for n, s in problem.dims.items() if n not in arrays}, **said.get("dims", {})}
    notation = {"notation": "latex" if problem.spelled else "plain"}  # a part of the text may not show it
    said = {**said, **notation}
    alone = not (before.strip() or after.strip())
    whole = reader.derive(source, wrt, **{**said, "dims": sizes})
    one = f"{{({inside})}}" if itself.startswith("{") else f"({inside})"  # \frac{\sum_i …}{N}
    term, form = inside if alone else f"{before}{one}{after}", whole.problem.output if kind == EACH else None
    try:
        return _with_term(reader, whole, term, binder.names[0], said, form)
    except (ParseError, AmbiguityError) as error:
        if inner := [m for n in walk(lift.node.args[0]) if n.kind == "bigop" for m in n.value[1].names]:
            raise _of_several((*binder.names, *inner)) from error
        if alone:
            raise
        raise UsageError(f"one term by itself, '{term}', is not understood: {error.message}",
                         hint="write what the other definitions stand for inside of the sum") from error  # fmt: skip


def _is_multiple(e: Expr, of: Expr, sums: set[Expr]) -> bool:
    """Whether it is ``of`` with signs and factors that are no sums in front, as they stand before each term too: (1/N) Σ_i t_i."""
    while e is not of:
        (slot, *more) = [i for i, a in enumerate(e.args) if of in postorder((a,))] or [-1]
        others = [a for i, a in enumerate(e.args) if i != slot]
        if more or e.kind != "s" or not TABLE[e.op].is_linear(slot) or not sums.isdisjoint(postorder(others)):
            return False
        e = e.args[slot]
    return True


def _of_several(letters: Sequence[str]) -> UsageError:
    runs = f", and '{' '.join(letters)}' are several" if len(letters) > 1 else ""
    return UsageError(f"a loop is written for one sum over one index{runs}",
                      hint=r"as in '\sum_i (w^T x_i - y_i)^2'; '\sum_i a_i k_i^T a' for \sum_{i,j} K_{ij} a_i a_j")  # fmt: skip


def _of_each(reader: Reader, read: Any, over: str | None, said: Mapping[str, Any]) -> Vectorised:
    """A value for each index: its sum with weights is linear in these, and its gradient by them is what is looked for."""
    problem: Problem = read._problem
    found = sorted({name.rpartition("_")[2] for name in problem.symbols if name.rpartition("_")[2] in LABEL_INDEX and "_" in name})
    if over is None and len(found) > 1:
        raise UsageError(f"there are several indices: {', '.join(found)}", hint=f"--over {found[0]}")
    index = over or next(iter(found), "")
    if index not in found:
        raise UsageError(f"nothing has the index {index}" if index else "nothing in the text has an index",
                         hint="a sum such as \\sum_i f(x_i), or a value for each i such as 'z_i = W x_i'")  # fmt: skip
    if problem.output.kind not in "sc":
        raise UsageError("the value for each index is neither a number nor a column", hint="a column, such as 'W x_i'")
    if problem.own:
        name = next(iter(problem.own))
        raise UsageError(f"a value for each index is vectorised without the definition of a function, and '{name}' is defined",
                         hint=f"write its formula in place of '{name}'")  # fmt: skip
    text = problem.source.partition("=")[2] if problem.output_name else problem.source
    v = next(w for w in WEIGHTS if not any(n.split("_")[0].lower() == w for n in problem.symbols))
    weighted = f"{v}_{index} ({read.latex})" if problem.output.kind == "s" else f"{v}_{index}^{{\\top}} ({read.latex})"
    shared = {n: s for n, s in problem.dims.items() if not n.endswith(f"_{index}")}
    by = v if problem.output.kind == "s" else v.upper()
    whole = reader.derive(
        f"\\sum_{{{index}}} {weighted}", by, **{**said, "dims": {**shared, **said.get("dims", {})}, "notation": "latex"}
    )
    return _with_term(reader, whole, text, index, {k: v for k, v in said.items() if k != "output"}, whole.result.data.expr)


def _with_term(reader: Reader, whole: Any, text: str, index: str, said: Mapping[str, Any], form: Expr | None) -> Vectorised:
    """With the derivation of one term, in which x_i is a name."""
    problem = whole.problem
    known = {n: s for n, s in {**problem.dims, **said.get("dims", {})}.items() if n in problem.symbols}
    candidates = [*problem.indexed, *(f"{n}_{index}" for n in problem.symbols)]
    slices = {n: part for n in candidates if (part := _slice(problem, n, index)) is not None}
    parts = {n: _part_shape(problem, part) for n, part in slices.items() if part.array not in problem.labels}
    own = {**said, "dims": {**known, **parts}}
    alone = reader.read(text, own)._problem
    names = alone.symbols
    if form is None and alone.output.kind != "s":
        raise UsageError(f"in '{text}' the index {index} stands below something that is no name",
                         hint=f"write it with vectors that have the index, k_{index}^T a for (K a)_{index}")  # fmt: skip
    slices, own["dims"] = ({n: x for n, x in found.items() if n in names} for found in (slices, own["dims"]))
    if not slices:
        raise UsageError(f"nothing in '{text}' has the index {index}", hint=f"an array with it, such as x_{index}")
    by = [n for w in whole.wrt for n in names if n == w or (n in slices and slices[n].array == w)]
    term = reader.derive(text, "all" if form is not None else by, **own)
    arrays = [str(s.attr) for s in task_of(whole, None).symbols]
    counts = _counts(problem, arrays, [n for n in term.problem.symbols if n not in slices and n not in arrays])
    return Vectorised(whole, term, index, slices, form, counts)


def _counts(problem: Problem, arrays: Sequence[str], names: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Where the sizes are found that stand in the term as numbers. Raises ``UsageError`` for other names that only the term has."""
    places = {d: (n, k) for n in arrays for k, d in enumerate(problem.dims[n]) if isinstance(d, str)}
    for name in names:
        if name not in places:
            raise UsageError(f"'{name}' is a name of the term by itself, and the whole text reads it otherwise",
                             hint="take names of one letter, or of one letter with an index")  # fmt: skip
    return {name: places[name] for name in names}


def _slice(problem: Problem, name: str, index: str) -> Slice | None:
    """The part of an array that a name of the term is: x_i is X[i,:], and y_i an entry of y."""
    base, _, letter = name.rpartition("_")
    if letter != index:
        return None
    array, _, axes = problem.indexed.get(name, f"{base}[{index}]").partition("[")
    return Slice(array, axes.startswith(":")) if array in problem.symbols else None


def _part_shape(problem: Problem, part: Slice) -> tuple[Dim, ...]:
    """Of a row, a column or an entry; a vector that lies is a row of entries."""
    shape = variable_shape(problem.symbols[part.array].type)
    return shape[:1] if part.column else shape[1:]
