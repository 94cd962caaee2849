"""Rule sides as functions that build expressions; and the few rules that have no equation of fixed length (powers, einsum)."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_letters

from matcalc.algebra.index.index_form import einsum_type
from matcalc.expr import dims, nodes, slices
from matcalc.expr.dims import Dim
from matcalc.expr.errors import NoRuleError
from matcalc.expr.groups import SHAPED, SIZED, SUMS, WHOLE_POWERS
from matcalc.expr.nodes import Expr, added, make, num, transpose
from matcalc.expr.slices import PLACED
from matcalc.expr.subscripts import parse_subscripts
from matcalc.expr.table import Type

Builder = Callable[[list[Expr]], Expr]  # of what comes in, the arguments, and the value
BY_CLOSURE = WHOLE_POWERS | {"einsum"}  # operators whose differential is no equation of fixed length
MAX_MPOW = 64
INDEX = "#index"  # INDEX0 is the first index of the operator at hand


def closure(pattern: Expr, names: list[Expr], value: Expr) -> Builder:
    """A function that builds the pattern on actual values, which it finds by position."""
    places: dict[Expr, int] = {n: i for i, n in enumerate(names)}
    places[value] = len(names)
    sizes: dict[Dim, tuple[int, int]] = {}
    for i, n in enumerate([*names, value]):
        for j, s in enumerate(n.type[1:]):
            if isinstance(s, str):
                sizes.setdefault(s, (i, j + 1))
    return _close(pattern, places, sizes)


def _close(node: Expr, places: dict[Expr, int], sizes: dict[Dim, tuple[int, int]]) -> Builder:
    if node in places:
        i = places[node]
        return lambda v: v[i]
    op = node.op
    if op in ("num", "const"):
        return lambda v: node
    if op in SIZED or op == "dim":
        return _sized_leaf(node, sizes)
    parts = [_close(a, places, sizes) for a in node.args]
    if op in PLACED:
        return _placed(node, parts, sizes)
    if op in SHAPED:
        reader = _type_reader(node.type, sizes)
        (first,) = parts
        if op == "fill":
            return lambda v: nodes.fill(first(v), reader(v))
        return lambda v: make("unvec", (first(v),), None, reader(v))
    if op == "einsum":
        return _contraction(node, parts, sizes)
    if op == "T":
        (first,) = parts
        return lambda v: transpose(first(v))
    if op == "fn":
        (first,), order = parts, node.attr[1]
        return lambda v: make("fn", (first(v),), (v[-1].attr[0], v[-1].attr[1] + order))
    if op in SUMS:
        left, right = parts
        return lambda v: _fold(op, left(v), right(v))
    if len(parts) == 2:
        left, right = parts
        return lambda v: make(op, (left(v), right(v)))
    (first,) = parts
    return lambda v: make(op, (first(v),), node.attr)


def _contraction(node: Expr, parts: list[Builder], sizes: dict[Dim, tuple[int, int]]) -> Builder:
    text, known = node.attr, all(s in sizes for s in node.type[1:] if isinstance(s, str))
    shape = _type_reader(node.type, sizes) if known else None

    def contract(v: list[Expr]) -> Expr:
        operands = tuple([p(v) for p in parts])
        return make("einsum", operands, text, shape(v) if shape else einsum_type(text, [o.type for o in operands]))

    return contract


def _placed(node: Expr, parts: list[Builder], sizes: dict[Dim, tuple[int, int]]) -> Builder:
    """A slice or its like: its indices are made of sizes, and of the indices of the operator at hand."""
    own = _type_reader(node.type, sizes) if node.op == "unit" else None
    names = {str(a) for d in node.attr for a in dims.atoms(d)}
    read = {s: sizes[s] for s in names if s in sizes}
    given = {s: int(s.removeprefix(INDEX)) for s in names if s not in sizes}

    def build(v: list[Expr]) -> Expr:
        values = {s: v[i].type[j] for s, (i, j) in read.items()} | {s: v[-1].attr[k] for s, k in given.items()}
        t = own(v) if own else node.type
        return slices.placed(node.op, tuple([p(v) for p in parts]), slices.renamed(node.attr, values), t)

    return build


def _fold(op: str, a: Expr, b: Expr) -> Expr:
    """Exponents such as 2 − 1 are computed."""
    if a.op == b.op == "num":
        return num(a.attr + b.attr if op == "add" else a.attr - b.attr)
    return make(op, (a, b))


def _type_reader(t: Type, sizes: dict[Dim, tuple[int, int]]) -> Callable[[list[Expr]], Type]:
    kind = t[0]
    places = [sizes[s] if isinstance(s, str) else s for s in t[1:]]

    def read(v: list[Expr]) -> Type:
        rows, cols = (v[p[0]].type[p[1]] if isinstance(p, tuple) else p for p in places)
        return Type(kind, rows, cols)

    return read


def _sized_leaf(node: Expr, sizes: dict[Dim, tuple[int, int]]) -> Builder:
    if node.op == "dim":
        i, j = sizes[node.attr]
        return lambda v: nodes.dimension(v[i].type[j])
    reader = _type_reader(node.type, sizes)
    return lambda v: make(node.op, (), None, reader(v))


def power_tangent(op: str) -> Builder:
    """Σ X^k dX X^(n−1−k), or n tr(X^(n−1) dX)."""

    def build(v: list[Expr]) -> Expr:
        dx, x, n = v[0], v[1], v[-1].attr
        if op == "trpow":
            left = _power(x, n - 1)
            inside = dx if left is None else make("matmul", (left, dx))
            return make("scale", (num(n), make("tr", (inside,))))
        return _product_rule(dx, x, n)

    return build


def _power(x: Expr, k: int) -> Expr | None:
    return None if k == 0 else x if k == 1 else make("mpow", (x,), k)


def _product_rule(dx: Expr, x: Expr, n: int) -> Expr:
    """Σ X^k dX X^(n−1−k)."""
    if n > MAX_MPOW:
        raise _too_many_terms(n)
    terms = []
    for k in range(n):
        term, left, right = dx, _power(x, k), _power(x, n - 1 - k)
        term = term if left is None else make("matmul", (left, term))
        terms.append(term if right is None else make("matmul", (term, right)))
    return added(terms)


def einsum_tangent(slot: int) -> Builder:
    """An einsum is linear in each operand."""

    def build(v: list[Expr]) -> Expr:
        operands = [*v[1:-1]]
        operands[slot] = v[0]
        return make("einsum", tuple(operands), v[-1].attr, v[-1].type)

    return build


def einsum_pullback(slot: int) -> Builder:
    """⟨G, einsum(…, L, …)⟩: G takes the place of L, and the subscripts of L become the result (Laue et al., 2020, theorem 8)."""

    def build(v: list[Expr]) -> Expr:
        inputs, output = parse_subscripts(v[-1].attr)
        operands, mine = [v[0], *v[1:-1]], inputs[slot]
        subscripts = [output, *inputs]
        del operands[slot + 1], subscripts[slot + 1]
        if any(len(a) > 1 for a in mine):
            raise NoRuleError(f"the derivative of an einsum by an operand with the subscripts '{''.join(mine)}' has no rule",
                              hint="write the composite index with kron or vec")  # fmt: skip
        seen = {c for s in subscripts for axis in s for c in axis}
        target: list[str] = []
        for axis, size in zip(mine, nodes.shape_of(v[slot + 1].type), strict=True):
            if axis in target:  # a diagonal: the other entries are 0
                target.append(next(c for c in ascii_letters if c not in seen | {*mine, *target}))
                operands.append(nodes.eye(size))
                subscripts.append([axis, target[-1]])
                continue
            target.append(axis)
            if axis not in seen:
                operands.append(nodes.ones(Type("c", size, 1)))
                subscripts.append([axis])
        if v[0].type[0] == "s":
            del operands[0], subscripts[0]
        write = ["".join(a if len(a) == 1 else f"({a})" for a in s) for s in [*subscripts, target]]
        text = ",".join(write[:-1]) + "->" + write[-1]
        out = make("einsum", tuple(operands), text, v[slot + 1].type)
        return make("scale", (v[0], out)) if v[0].type[0] == "s" else out

    return build


def _too_many_terms(n: int) -> NoRuleError:
    return NoRuleError(
        f"the differential of a matrix power has as many terms as its exponent ({n}); the limit is {MAX_MPOW}",
        hint="traces of powers, tr(X^n), have no such limit",
    )


def power_pullback(op: str) -> Builder:
    """d(Xⁿ) = Σ X^k dX X^(n−1−k): the product rule n times; tr(Xⁿ) needs it once, for a trace is cyclic."""

    def trace(v: list[Expr]) -> Expr:
        g, x, n = v[0], v[1], v[-1].attr
        power = x if n == 2 else make("mpow", (x,), n - 1)
        return make("scale", (make("scale", (num(n), g)), transpose(power)))

    def power(v: list[Expr]) -> Expr:
        return _product_rule(v[0], transpose(v[1]), v[-1].attr)

    return trace if op == "trpow" else power
