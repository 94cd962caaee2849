"""Results with the sum over samples that the input has: −S⁻¹ Σ_i (x_i − μ) for −S⁻¹ (X − 1μᵀ)ᵀ 1.

A product whose inner axis is that of the samples is the sum of the products of its rows: Xᵀ Y = Σ_i x_i y_iᵀ. The row of an
expression is the same expression of the rows of its arrays, where it acts on each row by itself. Where something does not, the
result stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.rule import Book
from matcalc.engine.derivation import Formula, Step, Trace, is_long
from matcalc.expr.dims import Dim
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, fill, make, num, operands, postorder, rebuild, sym, times, transpose
from matcalc.expr.table import TABLE, Type
from matcalc.notation.lex.syntax import Ast, walk
from matcalc.notation.meaning.problem import Lift, Problem
from matcalc.notation.write.sampled import Samples, Slice, Total
from matcalc.notation.write.spelled import spellings
from matcalc.notation.write.style import Spelled
from matcalc.notation.write.sums_as_written import before_body, written

RULE = "term-by-term"
OF_ENTRIES = {"hadamard": "scale", "hdiv": "div", "hpow": "pow"}  # what stands for these between numbers
OF_ROWS = {"softmaxr": "softmax", "logsoftmaxr": "logsoftmax", "logsumexpr": "logsumexp", "rowsum": "sum", "rowmax": "max"}
ONE = num(1)


class _NoForm(Exception):
    """Something does not act on each sample by itself."""


class _Axis(NamedTuple):
    """An index over samples, with the slices of arrays that stand under its sum, and how its sum begins in print."""

    size: Dim
    slices: Mapping[Expr, Expr]  # array -> its slice
    turned: frozenset[Expr]  # arrays whose columns are the samples
    head: tuple[str, str]


def with_sums(trace: Trace, problem: Problem, properties: Mapping[str, frozenset[str]], book: Book) -> Trace:
    """The trace with a further line, and a further box, for each result that is a sum over the samples of the input."""
    spelled = spellings(problem) if problem.lifts else ()
    found: dict[Expr, Slice] = {}
    axes = [axis for lift in problem.lifts if (axis := _axis(lift, spelled, found)) is not None]
    if not axes or len({axis.size for axis in axes}) < len(axes):
        return trace
    normal = Normalizer(properties)
    boxes: list[Step] = []
    lines: dict[Expr, Step] = {}
    row = book.rows()[RULE]
    for box in trace.boxes:
        boxes.append(box)
        form = _form(box.rhs, axes, normal, found) if not box.members and not is_long(box.rhs) else None
        if form is not None:
            boxes.append(box._replace(rhs=form, members=()))
            lines[box.lhs.expr] = Step("reached", RULE, book.source(row), Formula(box.lhs.expr), form, None, (RULE,), box.node,
                                       (), row.words)  # fmt: skip
    last = {s.lhs.expr: i for i, s in enumerate(trace.steps) if s.kind in ("chain", "shape", "reached")}
    steps = [line for i, s in enumerate(trace.steps)
             for line in ((s, lines[s.lhs.expr]) if last.get(s.lhs.expr) == i and s.lhs.expr in lines else (s,))]  # fmt: skip
    return trace._replace(boxes=tuple(boxes), steps=tuple(steps))


def _axis(lift: Lift, spelled: Spelled, found: dict[Expr, Slice]) -> _Axis | None:
    """The index of a sum over samples; None where the sum is another one, or what stands under it are no slices."""
    name, binder = lift.body.value
    written_as = lift.node.value[1]
    if name != "sum" or len(binder.names) != 1 or len(lift.body.args) > 1 or written_as.where or written_as.member:
        return None
    (index,) = binder.names
    slices: dict[Expr, Expr] = {}
    turned: set[Expr] = set()
    for node in walk(lift.body.args[0]):
        if node.kind == "index" or (node.kind in ("label", "picked") and index in _letters(node)):
            return None
        if node.kind != "entry" or index not in node.value[1]:
            continue
        k, places, token = node.value
        array = lift.values[k]
        if array.op != "sym" or tuple(p for p in places if p != ":") != (index,):
            return None
        if places[-1] == index and len(places) == 2:
            turned.add(array)
        slices[array] = _slice(array, places, token, index, spelled, found)
    sizes = {a.type.cols if a in turned else a.type.rows for a in slices}
    if len(sizes) != 1:
        return None
    return _Axis(sizes.pop(), slices, frozenset(turned), before_body(lift.node, spelled))


def _letters(node: Ast) -> set[str]:
    return {a.value for a in walk(node) if a.kind == "name"} | {c for c in (node.value or ()) if isinstance(c, str)}


def _slice(array: Expr, places: Sequence[str], token: Ast, index: str, spelled: Spelled, found: dict[Expr, Slice]) -> Expr:
    """x_i as a variable of its own."""
    kind = Type("c", array.type.rows if places[-1] == index else array.type.cols, 1) if ":" in places else ONE.type
    own = sym(f"{array.attr}[{','.join(places)}]", kind)
    found[own] = Slice(array, list(places).index(index), written(token, (index,), spelled=spelled))
    return own


def _form(f: Formula, axes: Sequence[_Axis], normal: Normalizer, slices: Mapping[Expr, Slice]) -> Formula | None:
    """The formula with sums; None where it has none."""
    maker = _Maker(f, axes, normal)
    with suppress(_NoForm):
        whole = maker.form(f.expr)
        if maker.totals:
            inside = postorder((whole, *(t.term for t in maker.totals.values())))
            used = {own: slices[own] for own in inside if own in slices}
            return f._replace(samples=Samples(whole, maker.totals, used))
    return None


class _Maker:
    """One formula."""

    def __init__(self, f: Formula, axes: Sequence[_Axis], normal: Normalizer) -> None:
        self.axes = axes
        self.names = f.names
        self.normal = normal.normal
        self.totals: dict[Expr, Total] = {}
        sizes = {axis.size for axis in axes}
        self.sampled = {n for n in postorder((f.expr,)) if not sizes.isdisjoint(n.type[1:])}
        self.above: set[Expr] = set()
        for n in postorder((f.expr,)):
            if n in self.sampled or not self.above.isdisjoint(n.args):
                self.above.add(n)

    def form(self, e: Expr) -> Expr:
        """An expression without an axis of samples, with sums in it."""
        if e not in self.above or e in self.names:
            return e
        if e in self.sampled:
            raise _NoForm
        if e.op == "matmul":
            return self.product(list(operands(e, ("matmul",), self.names)))
        if e.op in ("sum", "sqnorm") and e.args[0] in self.sampled:
            axis = self.axis(e.args[0].type.rows)
            return self.total(axis, self.reduced(e.op, e.args[0], axis))
        return rebuild(e, tuple([self.form(a) for a in e.args]))

    def axis(self, size: Dim) -> _Axis:
        axis = next((axis for axis in self.axes if axis.size == size), None)
        if axis is None:
            raise _NoForm
        return axis

    def total(self, axis: _Axis, term: Expr) -> Expr:
        if set(axis.slices.values()).isdisjoint(postorder((term,))):
            raise _NoForm
        letter = sym(f"Σ{len(self.totals)}", term.type)
        self.totals[letter] = Total(term, axis.head)
        return letter

    def product(self, factors: list[Expr]) -> Expr:
        """The product at the first axis of samples in it as a sum; what stands before it and behind is a factor, or in the sum
        where that makes a number of the rows."""
        at = next((i for i, a in enumerate(factors[:-1]) if a.type.cols in [axis.size for axis in self.axes]), None)
        if at is None:
            return _multiplied([self.form(a) for a in factors])
        axis, before, behind = self.axis(factors[at].type.cols), factors[:at], factors[at + 1 :]
        end = 1 + next((i for i, a in enumerate(behind) if a.type.cols != axis.size), len(behind))
        left = self.row(transpose(factors[at]), axis)
        if before and before[0].type.kind == "r":
            left, before = times(transpose(left), transpose(self.product(before))), []
        rows, rest = behind[:end], behind[end:]
        if rest and rest[-1].type.kind == "c":
            rows, rest = [*rows, *rest], []
        term = _outer(left, self.row(_multiplied(rows), axis))
        return _multiplied(
            [*([self.product(before)] if before else []), self.total(axis, term), *([self.product(rest)] if rest else [])]
        )

    # -- rows --------------------------------------------------------------------------------------

    def row(self, e: Expr, axis: _Axis) -> Expr:
        """The row of an array at a sample, as a column or a number."""
        if e.type.rows != axis.size:
            raise _NoForm
        if e in axis.slices and e not in axis.turned:
            return axis.slices[e]
        if e.op == "T":
            return self.of_transpose(e.args[0], axis)
        if e.op == "ones" or e.op == "fill":
            value = ONE if e.op == "ones" else self.form(e.args[0])
            return fill(value, Type("c", e.type.cols, 1)) if e.type.kind == "m" else value
        if e.op in ("scale", "div"):
            scalar, array = e.args if e.op == "scale" else e.args[::-1]
            rest = (self.form(scalar), self.row(array, axis))
            return times(*rest) if e.op == "scale" else make("div", rest[::-1])
        if e.op == "matmul":
            return self.of_product(list(operands(e, ("matmul",))), axis)
        if e.op in OF_ROWS:
            return self.reduced(OF_ROWS[e.op], e.args[0], axis)
        return self.of_entries(e, axis)

    def of_entries(self, e: Expr, axis: _Axis) -> Expr:
        """What acts on each entry."""
        if not (TABLE[e.op].elementwise or e.op in SUMS or e.op == "neg" or e.op in OF_ENTRIES):
            raise _NoForm
        args = tuple([a if a.type.kind == "s" else self.row(a, axis) for a in e.args])
        if e.op == "hadamard" and (number := next((n for n in map(_in_every_entry, args) if n is not None), None)) is not None:
            return _scaled(number, next((a for a in args if _in_every_entry(a) is None), args[1]))
        if e.type.kind == "c" and e.op in OF_ENTRIES:
            return make(OF_ENTRIES[e.op], args)
        return rebuild(e, args) if e.op != "fn" else make("fn", args, e.attr)

    def of_transpose(self, inner: Expr, axis: _Axis) -> Expr:
        if inner in axis.turned:
            return axis.slices[inner]
        if inner.op == "matmul":
            return self.row(_multiplied([transpose(a) for a in reversed(list(operands(inner, ("matmul",))))]), axis)
        if inner.op in ("scale", "div") or inner.op in OF_ENTRIES or TABLE[inner.op].elementwise or inner.op in (*SUMS, "neg"):
            return self.row(rebuild(inner, tuple([transpose(a) for a in inner.args])), axis)
        raise _NoForm

    def of_product(self, factors: list[Expr], axis: _Axis) -> Expr:
        """aᵀ B as Bᵀ a; the row of diag(v) A is v_i times that of A."""
        first, *others = factors
        if first.type.kind == "c" or first.op == "diagm":
            number = self.row(first.args[0] if first.op == "diagm" else first, axis)
            rest = _multiplied(others)
            return _scaled(number, self.row(rest, axis) if first.op == "diagm" else transpose(self.form(rest)))
        row, rest = self.row(first, axis), self.product(others)
        turned = transpose(rest)
        return times(self.normal(turned) if rest.type.kind == "m" else turned, row)

    def reduced(self, op: str, e: Expr, axis: _Axis) -> Expr:
        """The sum, or another function, of the entries of a row."""
        if op == "sum" and e.op == "hadamard" and e.type.kind == "m":
            left, right = (self.row(a, axis) for a in e.args)
            return make("matmul", (transpose(left), right))
        row = self.row(e, axis)
        if row.type.kind == "s":
            return row if op == "sum" else make("pow", (row, num(2)))
        return make(op, (row,))


def _multiplied(factors: Sequence[Expr]) -> Expr:
    total = factors[0]
    for factor in factors[1:]:
        total = times(total, factor)
    return total


def _in_every_entry(e: Expr) -> Expr | None:
    """The number that is all entries of a column: a 1 or fill(a)."""
    if e.op == "fill":
        return e.args[0]
    if e.op == "ones":
        return ONE
    return e.args[0] if e.op == "scale" and e.type.kind == "c" and e.args[1].op == "ones" else None


def _scaled(number: Expr, e: Expr) -> Expr:
    return e if number is ONE else number if e is ONE else times(number, e)


def _outer(left: Expr, right: Expr) -> Expr:
    """l rᵀ of two rows; a number stands in front."""
    if left.op == "scale" and left.type.kind == "c":
        return times(left.args[0], _outer(left.args[1], right))
    if right.op == "scale" and right.type.kind == "c":
        return times(right.args[0], _outer(left, right.args[1]))
    if "s" not in (left.type.kind, right.type.kind):
        return make("matmul", (left, transpose(right)))
    number, other = (left, transpose(right)) if left.type.kind == "s" else (right, left)
    return _scaled(number, other)


__all__ = ["RULE", "with_sums"]
