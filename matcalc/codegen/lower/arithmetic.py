"""How sums, products, powers, traces and norms are lowered: (lowering, expression, its arguments)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from matcalc.codegen.ir.entrywise_values import role_of
from matcalc.codegen.ir.graph import ONE, Factor, Node, Ref, Val, opened, shape_of
from matcalc.codegen.lower import stable_products as stable
from matcalc.codegen.lower.lowered import Lowering
from matcalc.expr.nodes import Expr
from matcalc.expr.table import Type

LONG = 16  # factors of a product
MANY = 8  # outer products in a sum
EXPANDED = 3  # matrix powers up to this one are written as products
HALF = Fraction(1, 2)


def add(low: Lowering, e: Expr, *_: Val) -> Val:
    parts = low.terms(e)
    if len(parts) >= MANY:
        parts = outer_products_at_once(low, parts)
    return low.algebra.add(parts, e.type) if len(parts) > 1 else parts[0]


def outer_products_at_once(low: Lowering, parts: list[Val]) -> list[Val]:
    """Many products of a column and a row as one matrix product: that of all columns and all rows, without an array for each."""
    outer: list[Val] = []
    others: list[Val] = []
    for v in parts:
        (outer if [f.role for f in v.chain] == ["c", "r"] else others).append(v)
    if len(outer) < MANY:
        return parts
    columns = [low.algebra.node(v._replace(chain=v.chain[:1])) for v in outer]
    rows = [v.chain[1].node for v in outer]
    beside = low.graph.make("hcat", tuple(columns), "c" * len(outer), (*columns[0].shape, len(outer)))
    below = low.graph.make("vcat", tuple(rows), "r" * len(outer), (len(outer), *rows[0].shape))
    return [Val(ONE, chain=(Factor("M", beside), Factor("M", below))), *others]


def times(low: Lowering, e: Expr, a: Val, b: Val) -> Val:
    """Products are flattened, so that their order can be chosen; not so long ones that others use too."""
    if len(a.chain) + len(b.chain) > LONG:
        a, b = (whole(low, x, v) if low.uses[x] > 1 else v for x, v in zip(e.args, (a, b), strict=True))
    return low.algebra.times(a, b)


def whole(low: Lowering, e: Expr, v: Val) -> Val:
    """The product as one factor."""
    if len(v.chain) < 2:
        return v
    node, flip = low.algebra.ref(Val(ONE, chain=v.chain))
    return low.algebra.times(v._replace(chain=()), low.algebra.array(node, role_of(e.type), flip))


def over(low: Lowering, e: Expr, a: Val, s: Val) -> Val:
    return low.algebra.over(a, s)


def hadamard(low: Lowering, e: Expr, a: Val, b: Val) -> Val:
    if e.type.kind == "s":
        return low.algebra.times(a, b) if e.op == "hadamard" else low.algebra.over(a, b)
    sign = ONE if e.op == "hadamard" else -ONE
    if e.type.kind == "m" and a.coef and b.coef:
        pairs = [(a, b, sign), (b, a, ONE)] if sign > 0 else [(a, b, sign)]
        for v, other, k in pairs:
            if len(v.chain) == 1 and v.chain[0].role == "D":
                return diagonal_part(low, v, other, k)
    return low.algebra.hadamard([(a, ONE), (b, sign)], e.type)


def diagonal_part(low: Lowering, d: Val, other: Val, k: Fraction) -> Val:
    """diag(v) ∘ A = diag(v ∘ diag(A))"""
    n = d.chain[0].node.shape[0]
    vector = Type("c", n, 1)
    pair = [(d._replace(chain=(Factor("c", d.chain[0].node),)), ONE), (diagonal_of(low, other), k)]
    v = low.algebra.hadamard(pair, vector)
    return v._replace(chain=(Factor("D", low.algebra.node(Val(ONE, chain=v.chain))),))


def power(low: Lowering, e: Expr, base: Val, exponent: Val) -> Val:
    """A power, of a scalar or of each entry."""
    algebra, number = low.algebra, not (exponent.nums or exponent.dens)
    if not number:
        if base.chain:
            node, flip = algebra.ref(base)
            return low.made(e, "powv", (node, algebra.node(exponent)), None, flip)
        return low.made(e, "powv", (algebra.node(base), algebra.node(exponent)))
    whole, rest = divmod(exponent.coef, 1)
    if exponent.coef < 0 and rest:
        whole, rest = whole + 1, rest - 1
    v = algebra.ones(e.type)
    if e.type.kind == "s":
        v = algebra.times(v, algebra.power(base, int(whole)))
    elif whole:
        v = algebra.hadamard([(base, Fraction(whole))], e.type)
    if not rest:
        return v
    square = stable.root(algebra, base) if abs(rest) == HALF else None
    root = square or low.mapped(e, base, *(("sqrt",) if abs(rest) == HALF else ("pow", abs(rest))))
    if e.type.kind == "s":
        return algebra.times(v, root) if rest > 0 else algebra.over(v, root)
    return algebra.hadamard([(v, ONE), (root, Fraction(1 if rest > 0 else -1))], e.type)


def matrix_power(low: Lowering, e: Expr, v: Val) -> Val:
    k = e.attr
    if not k:
        return low.algebra.eye(e.type.rows)
    if k < 0:
        v, k = low.algebra.inverse(v), -k
    if k == 1:
        return v
    scalars, (node, flip) = low.pure(v)
    power = low.algebra.power(scalars, k)
    if len(v.chain) == 1 and v.chain[0].role == "D":
        powers = {Ref(v.chain[0].node): Fraction(k)}
        vector = low.algebra.from_powers(powers, "c", v.chain[0].node.shape)
        return power._replace(chain=(Factor("D", low.algebra.node(vector)),))
    if k <= EXPANDED:
        return power._replace(chain=v.chain * k) if len(v.chain) == 1 else low.algebra.times(power, repeated(low, v, k))
    shape = node.shape
    return low.algebra.times(power, low.algebra.array(low.graph.make("mpow", (node,), k, shape), "M", flip))


def repeated(low: Lowering, v: Val, k: int) -> Val:
    chain = Val(ONE, chain=v.chain)
    total = chain
    for _ in range(k - 1):
        total = low.algebra.times(total, chain)
    return total


def trace_power(low: Lowering, e: Expr, v: Val) -> Val:
    square = e.args[0].type
    half = abs(e.attr) // 2
    if half == 0:
        return (
            trace(low, v if e.attr > 0 else low.algebra.inverse(v)) if e.attr else low.algebra.scalar(low.algebra.size(square.rows))
        )
    if e.attr < 0:
        v = low.algebra.inverse(v)
    node, flip = low.algebra.ref(v)
    powers = [node if k == 1 else low.graph.make("mpow", (node,), k, node.shape) for k in (half, abs(e.attr) - half)]
    return trace(low, Val(ONE, chain=tuple([Factor("M", p, flip) for p in powers])))


# ---------------------------------------------------------------- sums, traces, diagonals


def total(low: Lowering, v: Val) -> Val:
    """The sum of all entries, as a product with ones."""
    shape = shape_of(v.chain)
    if not v.chain:
        return v
    if v.chain[0].role == "N":
        scalars, (node, _) = low.pure(v)
        return low.algebra.times(scalars, low.algebra.scalar(low.graph.make("sumall", (node,))))
    only = v.chain[0]
    if len(v.chain) == 1 and only.node.op == "diagchain":
        node = low.graph.make("tracechain", only.node.args, only.node.attr)
        return low.algebra.times(v._replace(chain=()), low.algebra.scalar(node))
    if len(v.chain) == 1 and only.node.op == "diagv":
        return low.algebra.times(v._replace(chain=()), trace(low, low.algebra.array(only.node.args[0], "M")))
    if len(v.chain) == 1 and only.node.op == "mul" and only.node.attr == (2,):
        return low.algebra.times(v._replace(chain=()), low.algebra.scalar(square_sum(low, only.node.args[0])))
    row, column = (Factor(role, low.graph.make("ones", shape=(d,))) for role, d in (("r", shape[0]), ("c", shape[-1])))
    if len(shape) == 2:
        v = low.algebra.times(Val(ONE, chain=(row,)), v)
    elif v.chain[-1].role == "c" and v.chain[0].role != "r":
        return low.algebra.times(Val(ONE, chain=(row,)), v)
    return low.algebra.times(v, Val(ONE, chain=(column,)))


def square_sum(low: Lowering, x: Node) -> Node:
    """The sum of the squares of all entries."""
    if len(x.shape) == 1:
        chain = opened(x).chain if x.op == "term" and opened(x) == Val(ONE, chain=opened(x).chain) else ()
        chain = chain or (Factor("c", x),)
        return low.algebra.closed(low.algebra.turned(chain) + chain)
    return low.graph.make("inner", (x, x))


def distributed(low: Lowering, e: Expr, step: Callable[[Lowering, Val], Val]) -> Val:
    """A linear map to a scalar; it passes a sum that nothing else uses if that saves a matrix product."""
    x = e.args[0]
    if x not in low.inner:
        return step(low, low.vals[x])
    parts = low.terms(x)
    if any(sum(f.role in "MI" for f in v.chain) > 1 for v in parts):
        return low.algebra.add([step(low, v) for v in parts], e.type)
    return step(low, low.algebra.add(parts, x.type) if len(parts) > 1 else parts[0])


def trace(low: Lowering, v: Val) -> Val:
    """tr is cyclic: an outer product inside closes to a scalar; the rest is summed without the product."""
    algebra = low.algebra
    if not v.chain:
        return v
    scalars, chain = v._replace(chain=()), v.chain
    middle = next((i for i, f in enumerate(chain) if f.role == "r"), None)
    if middle is not None:
        return algebra.times(scalars, algebra.times(Val(ONE, chain=chain[middle:]), Val(ONE, chain=chain[:middle])))
    if len(chain) == 1 and chain[0].role == "D":
        return algebra.times(scalars, total(low, Val(ONE, chain=(Factor("c", chain[0].node),))))
    if len(chain) == 1:
        node = algebra.ref(Val(ONE, chain=chain)).node
        return algebra.times(scalars, algebra.scalar(low.graph.make("trace", (node,))))
    roles = tuple([(f.role, f.flip) for f in chain])
    node = low.graph.make("tracechain", tuple([f.node for f in chain]), roles)
    return algebra.times(scalars, algebra.scalar(node))


def inner(low: Lowering, e: Expr, a: Val, b: Val) -> Val:
    """⟨A, B⟩ = sum(A ∘ B)"""
    t = e.args[0].type
    if t.kind == "s":
        return low.algebra.times(a, b)
    if t.kind in "cr":
        row, column = (x if (x.chain[0].role == "r") == (i == 0) else low.algebra.flip(x) for i, x in enumerate((a, b)))
        return low.algebra.times(row, column)
    return total(low, low.algebra.hadamard([(a, ONE), (b, ONE)], t))


def squared_norm(low: Lowering, e: Expr, v: Val) -> Val:
    if not v.chain:
        return low.algebra.power(v, 2)
    t = e.args[0].type
    if t.kind == "t":
        return total(low, low.algebra.hadamard([(v, Fraction(2))], t))
    scalars = low.algebra.power(v._replace(chain=()), 2)
    if t.kind in "cr":
        row = v.chain if t.kind == "r" else low.algebra.flip(v).chain
        column = low.algebra.flip(Val(ONE, chain=row))
        return low.algebra.times(scalars, low.algebra.times(Val(ONE, chain=row), column))
    node = low.algebra.ref(Val(ONE, chain=v.chain)).node
    return low.algebra.times(scalars, low.algebra.scalar(low.graph.make("inner", (node, node))))


def norm(low: Lowering, e: Expr, v: Val) -> Val:
    if not v.chain:
        return low.made(e, "abs", (low.algebra.node(v._replace(coef=abs(v.coef))),))
    node = low.algebra.ref(v._replace(coef=ONE)).node
    return Val(abs(v.coef), (low.graph.make("norm2", (node,)),))


def norm1(low: Lowering, e: Expr, v: Val) -> Val:
    inner = low.algebra.ref(v._replace(coef=ONE)).node
    node = low.graph.make("abs", (inner,), None, inner.shape)
    role = role_of(e.args[0].type)
    return low.algebra.times(Val(abs(v.coef)), total(low, low.algebra.array(node, role)))


def diagonal_of(low: Lowering, v: Val) -> Val:
    """diag(A) as a column, without the product that A may be."""
    algebra, chain = low.algebra, v.chain
    scalars = v._replace(chain=())
    n = shape_of(chain)[0]
    t = Type("c", n, 1)
    ends: list[tuple[Val, Fraction]] = []
    while len(chain) > 1 and chain[0].role == "D":
        ends.append((Val(ONE, chain=(Factor("c", chain[0].node),)), ONE))
        chain = chain[1:]
    while len(chain) > 1 and chain[-1].role == "D":
        ends.append((Val(ONE, chain=(Factor("c", chain[-1].node),)), ONE))
        chain = chain[:-1]
    middle = next((i for i, f in enumerate(chain) if f.role == "r"), None)
    if middle is not None:
        ends += [(Val(ONE, chain=chain[:middle]), ONE), (algebra.flip(Val(ONE, chain=chain[middle:])), ONE)]
    elif len(chain) == 1:
        f = chain[0]
        node = algebra.ref(Val(ONE, chain=chain)).node
        body = f.node if f.role == "D" else low.graph.make("diagv", (node,), None, (n,))
        ends.append((algebra.array(body, "c"), ONE))
    else:
        roles = tuple([(f.role, f.flip) for f in chain])
        body = low.graph.make("diagchain", tuple([f.node for f in chain]), roles, (n,))
        ends.append((algebra.array(body, "c"), ONE))
    return algebra.times(scalars, algebra.hadamard(ends, t))


def diagonal_matrix(low: Lowering, e: Expr, v: Val) -> Val:
    return v._replace(chain=(Factor("D", low.algebra.node(Val(ONE, chain=v.chain))),))


def row_sums(low: Lowering, e: Expr, v: Val) -> Val:
    ones = Factor("c", low.graph.make("ones", shape=(e.args[0].type.cols,)))
    return low.algebra.times(v, Val(ONE, chain=(ones,)))


def column_sums(low: Lowering, e: Expr, v: Val) -> Val:
    ones = Factor("r", low.graph.make("ones", shape=(e.args[0].type.rows,)))
    return low.algebra.flip(low.algebra.times(Val(ONE, chain=(ones,)), v))
