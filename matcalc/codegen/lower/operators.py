"""How each operator of the table is lowered. Signatures: (lowering, expression, values of its arguments)."""

from __future__ import annotations

from matcalc.codegen.ir.entrywise_values import role_of
from matcalc.codegen.ir.graph import ONE, ZERO, Factor, Node, Ref, Val, broadcast
from matcalc.codegen.lower import arithmetic, block_slices
from matcalc.codegen.lower import stable_products as stable
from matcalc.codegen.lower.lowered import Lowering
from matcalc.codegen.lower.lowering import Rule
from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.groups import CARRIED
from matcalc.expr.nodes import Expr
from matcalc.expr.nodes import shape_of as public_shape
from matcalc.expr.subscripts import letter_sizes, parse_subscripts
from matcalc.expr.table import TABLE

# ---------------------------------------------------------------- leaves


def symbol(low: Lowering, e: Expr) -> Val:
    return low.made(e, "sym", (), e.attr)


def number(low: Lowering, e: Expr) -> Val:
    return Val(e.attr)


def constant(low: Lowering, e: Expr) -> Val:
    return low.made(e, "const", (), e.attr)


def size(low: Lowering, e: Expr) -> Val:
    return low.algebra.scalar(low.algebra.size(e.attr))


def zeros(low: Lowering, e: Expr) -> Val:
    return ZERO._replace(chain=low.algebra.ones(e.type).chain)


def fill(low: Lowering, e: Expr, v: Val) -> Val:
    return low.algebra.times(v, low.algebra.ones(e.type))


# ---------------------------------------------------------------- rearrangements


def transpose(low: Lowering, e: Expr, v: Val) -> Val:
    return low.algebra.flip(v)


def vec(low: Lowering, e: Expr, v: Val) -> Val:
    """Column by column: the transpose, read row by row."""
    if e.args[0].kind != "m":
        return low.algebra.flip(v) if e.args[0].kind == "r" else v
    scalars, (node, flip) = low.pure(v)
    return low.algebra.times(scalars, low.made(e, "vec", (node,), "C" if flip else "F"))


def unvec(low: Lowering, e: Expr, v: Val) -> Val:
    scalars, (node, _) = low.pure(v)
    return low.algebra.times(scalars, low.made(e, "reshape", (node,), None, flip=True))


def kron(low: Lowering, e: Expr, a: Val, b: Val) -> Val:
    kinds = e.args[0].kind + e.args[1].kind
    if kinds in ("cr", "rc"):
        return low.algebra.times(a, b) if kinds == "cr" else low.algebra.times(b, a)
    (s, x), (t, y) = low.pure(a), low.pure(b)
    flip = x.flip and y.flip
    nodes = (x.node, y.node) if flip else (low.algebra.explicit(x), low.algebra.explicit(y))
    return low.algebra.times(low.algebra.times(s, t), low.made(e, "kron", nodes, kinds, flip))


def einsum(low: Lowering, e: Expr, *vals: Val) -> Val:
    """Transposed operands swap their letters; axes in parentheses are opened before, and made after."""
    inputs, output = parse_subscripts(e.attr.replace(" ", ""))
    sizes = letter_sizes(inputs, [public_shape(a.type) for a in e.args], divided)
    total, nodes, letters = Val(ONE), [], []
    for v, names in zip(vals, inputs, strict=True):
        scalars, r = low.pure(v)
        total = low.algebra.times(total, scalars)
        flat = "".join(names)
        if len(flat) > len(names):
            r = Ref(low.graph.make("reshape", (low.algebra.explicit(r),), None, tuple([sizes[c] for c in flat])))
        if r.node.shape:
            nodes.append(r.node)
            letters.append(flat[::-1] if r.flip else flat)
        elif r.node is not low.algebra.one:
            total = low.algebra.times(total, low.algebra.scalar(r.node))
    flat = "".join(output)
    if not nodes:
        return total
    shape = tuple([sizes[c] for c in flat])
    node = low.graph.make("einsum", tuple(nodes), f"{','.join(letters)}->{flat}", shape)
    return low.algebra.times(
        total, low.made(e, "reshape", (node,)) if len(flat) > len(output) else low.algebra.array(node, role_of(e.type))
    )


def divided(d: Dim, by: Dim) -> Dim:
    """d / by; where only the sizes at hand can tell that it divides, a name of its own."""
    try:
        return dims.quotient(d, by)
    except ValueError:
        return f"{dims.text(d, '*')}//{by}"


def linear(low: Lowering, e: Expr, v: Val) -> Val:
    """An operator that scalar factors pass, and transposes do not."""
    scalars, r = low.pure(v)
    return low.algebra.times(scalars, low.made(e, e.op, (low.algebra.explicit(r),), e.args[0].kind))


def bilinear(low: Lowering, e: Expr, a: Val, b: Val) -> Val:
    """An operator on two vectors that scalar factors of both pass."""
    (s, x), (t, y) = low.pure(a), low.pure(b)
    return low.algebra.times(low.algebra.times(s, t), low.made(e, e.op, (low.algebra.explicit(x), low.algebra.explicit(y))))


def joined(low: Lowering, e: Expr, *vals: Val) -> Val:
    """One concatenation of all blocks: those of one in it are its own."""
    parts: list[Node] = []
    kinds = ""
    for a, v in zip(e.args, vals, strict=True):
        node = low.algebra.node(v)
        inside = node.op == a.op == e.op
        parts += node.args if inside else [node]
        kinds += node.attr if inside else a.kind
    return low.made(e, e.op, parts, kinds)


# ---------------------------------------------------------------- entry by entry


def generic(low: Lowering, e: Expr, v: Val) -> Val:
    return low.mapped(e, v, "fn", e.attr)


def carried(low: Lowering, e: Expr, carrier: Val, v: Val) -> Val:
    """A function of the user that acts on its argument as a whole, or a derivative of it; the carrier is nothing but its name."""
    return low.made(e, "applied", (low.algebra.node(v),), (str(e.args[0].attr), TABLE[e.op].carried))


def log(low: Lowering, e: Expr, v: Val) -> Val:
    """The determinant itself may overflow; where it is negative there is no logarithm."""
    if len(v.nums) == 1 and v.nums[0].op == "det" and v == Val(ONE, v.nums):
        return low.algebra.scalar(low.graph.make("logdet", v.nums[0].args, "signed"))
    return low.entrywise(e, "log")


def root(low: Lowering, e: Expr, v: Val) -> Val:
    return stable.root(low.algebra, v) or low.entrywise(e, "sqrt")


def signed(low: Lowering, e: Expr, v: Val) -> Val:
    """sigmoid, softplus, step: the sign of the argument is noted, so that both signs share their work."""
    return low.mapped(e, v._replace(coef=abs(v.coef)), e.op, -1 if v.coef < 0 else 1)


def absolute(low: Lowering, e: Expr, v: Val) -> Val:
    return low.algebra.times(Val(abs(v.coef)), low.mapped(e, v._replace(coef=ONE), "abs"))


def sign(low: Lowering, e: Expr, v: Val) -> Val:
    own = ONE if v.coef > 0 else -ONE
    return low.algebra.times(Val(own), low.mapped(e, v._replace(coef=abs(v.coef)), "sign"))


def pairwise(low: Lowering, e: Expr, a: Val, b: Val, op: str = "") -> Val:
    """An operator on two, entry by entry; a repeated scalar or vector broadcasts."""
    algebra = low.algebra
    nodes = [algebra.explicit(algebra.spread(v)) for v in (a, b)]
    if broadcast([n.shape for n in nodes]) != public_shape(e.type):
        nodes = [algebra.node(v) for v in (a, b)]
    return low.made(e, op or e.op, nodes)


# ---------------------------------------------------------------- extremes and the softmax family


def extreme(low: Lowering, e: Expr, v: Val) -> Val:
    return low.made(e, e.op, (low.algebra.ref(v).node,)) if v.chain else v


def indicator(low: Lowering, e: Expr, v: Val) -> Val:
    node, flip = low.algebra.ref(v)
    return low.made(e, e.op, (node,), None, flip) if v.chain else Val(ONE)


def row_extreme(low: Lowering, e: Expr, v: Val) -> Val:
    """The largest entry of each row of cX is |c| times that of X, or, where c is negative, c times the smallest."""
    most, scale = ("max", v.coef) if v.coef > 0 else ("min", v.coef)
    node, flip = low.algebra.ref(v._replace(coef=ONE))
    axis = 0 if flip else 1
    if e.op == "rowargmax1":
        return low.made(e, "onehot", (node,), (most, axis))
    return low.algebra.times(Val(scale), low.made(e, most, (node,), axis))


def softmax(low: Lowering, e: Expr, v: Val) -> Val:
    """Of a vector, or of each row: along an axis of the array that is there."""
    op = e.op.removesuffix("r")
    node, flip = low.algebra.ref(v)
    axis = None if op == e.op else 0 if flip else 1
    return low.made(e, op, (node,), axis, flip and op != "logsumexp")


# ---------------------------------------------------------------- matrices


def inverse(low: Lowering, e: Expr, v: Val) -> Val:
    return low.algebra.inverse(v)


def determinant(low: Lowering, e: Expr, v: Val) -> Val:
    """No determinant is taken of what is diagonal, or of a transpose."""
    if not v.chain:
        return v if e.op == "det" else low.made(e, "log", (low.algebra.node(v),))
    if len(v.chain) == 1 and v.chain[0].role == "D" and e.op == "det":
        return low.made(e, "prodall", (low.algebra.node(_diagonal(low, v)),))
    if len(v.chain) == 1 and v.chain[0].role == "D":
        vector = low.algebra.node(_diagonal(low, v))
        size = low.graph.make("abs", (vector,), None, vector.shape)
        logs = low.graph.make("log", (size,), None, vector.shape)
        return arithmetic.total(low, low.algebra.array(logs, "c"))
    return low.made(e, e.op, (low.algebra.ref(v).node,))


def _diagonal(low: Lowering, v: Val) -> Val:
    f = v.chain[0]
    node = f.node if f.node.op != "ones" else low.graph.make("ones", shape=f.node.shape)
    return v._replace(chain=(Factor("c", node),))


def matrix_function(low: Lowering, e: Expr, v: Val) -> Val:
    """A function of a square matrix, or one that transposing its argument transposes."""
    node, flip = low.algebra.ref(v)
    return low.made(e, e.op, (node,), None, flip)


def matrix_number(low: Lowering, e: Expr, v: Val) -> Val:
    """A number that a matrix and its transpose share."""
    return low.made(e, e.op, (low.algebra.ref(v).node,))


def trace_of_power(low: Lowering, e: Expr, x: Val, exponent: Val) -> Val:
    matrix = low.algebra.node(x)
    power = low.graph.make("powm", (matrix, low.algebra.node(exponent)), None, matrix.shape)
    return arithmetic.trace(low, low.algebra.array(power, "M"))


def derivative_along(low: Lowering, e: Expr, a: Val, b: Val) -> Val:
    """The Fréchet derivative is linear in its second argument."""
    scalars, (node, flip) = low.pure(b)
    nodes = (low.algebra.node(a), low.algebra.explicit(Ref(node, flip)))
    return low.algebra.times(scalars, low.made(e, "frechet", nodes, e.op[1:]))


def product_of_entries(low: Lowering, e: Expr, v: Val) -> Val:
    return low.made(e, "prodall", (low.algebra.node(v),))


def _rules(*groups: tuple[str, Rule]) -> dict[str, Rule]:
    return {name: rule for names, rule in groups for name in names.split()}


RULES: dict[str, Rule] = _rules(
    ("sym", symbol),
    ("num", number),
    ("const", constant),
    ("dim", size),
    ("eye", lambda low, e: low.algebra.eye(e.type.rows)),
    ("ones", lambda low, e: low.algebra.ones(e.type)),
    ("zeros", zeros),
    ("fill", fill),
    ("add sub neg", arithmetic.add),
    ("scale matmul", lambda low, e, a, b: block_slices.placed(low, e, a, b) or arithmetic.times(low, e, a, b)),
    ("div", arithmetic.over),
    ("T", transpose),
    ("hadamard hdiv", arithmetic.hadamard),
    ("pow hpow", arithmetic.power),
    ("epow", lambda low, e, a, b: pairwise(low, e, a, b, "powv")),
    ("mpow", arithmetic.matrix_power),
    ("trpow", arithmetic.trace_power),
    ("inner", arithmetic.inner),
    ("sum", lambda low, e, *_: arithmetic.distributed(low, e, arithmetic.total)),
    ("tr", lambda low, e, *_: arithmetic.distributed(low, e, arithmetic.trace)),
    ("diagm", arithmetic.diagonal_matrix),
    ("diagv", lambda low, e, v: arithmetic.diagonal_of(low, v)),
    ("rowsum", arithmetic.row_sums),
    ("colsum", arithmetic.column_sums),
    ("norm1", arithmetic.norm1),
    ("norm2", arithmetic.norm),
    ("sqnorm", arithmetic.squared_norm),
    ("vec", vec),
    ("unvec", unvec),
    ("kron", kron),
    ("einsum", einsum),
    ("tril phi", linear),
    ("vcat hcat", joined),
    ("conv corr", bilinear),
    ("entry", block_slices.entry),
    ("col", block_slices.column),
    ("rows", block_slices.rows),
    ("padrows", block_slices.padrows),
    ("unit", block_slices.unit),
    ("fn", generic),
    (" ".join(CARRIED), carried),
    ("log", log),
    ("sqrt", root),
    ("sigmoid softplus step", signed),
    ("abs", absolute),
    ("sign", sign),
    ("max2 min2 huber2", pairwise),
    ("max min", extreme),
    ("argmax1 argmin1", indicator),
    ("rowmax rowargmax1", row_extreme),
    ("softmax softmaxr logsoftmax logsoftmaxr logsumexp logsumexpr", softmax),
    ("inv", inverse),
    ("det logdet", determinant),
    ("adj pinv expm logm sqrtm sinm cosm polar topdirection", matrix_function),
    ("dexpm dlogm dsqrtm dsinm dcosm", derivative_along),
    ("commutation", lambda low, e: low.made(e, "commutation", (), e.attr)),
    ("prod", product_of_entries),
    ("eigmax normspec normnuc", matrix_number),
    ("trpowm", trace_of_power),
)
