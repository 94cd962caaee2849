"""The laws of single functions: norms, diag, vec, Kronecker products, softmax, matrix functions."""

from __future__ import annotations

from collections.abc import Callable

from matcalc.algebra.normal.chains import diagonal_of, raise_factor
from matcalc.algebra.normal.entrywise import is_ones
from matcalc.algebra.normal.factoring import build
from matcalc.algebra.normal.index_sums import einsum
from matcalc.algebra.normal.terms import ONE, Linear, Normal, atom, chain_expr, magnitude, merge_factors, power_of, ratio
from matcalc.expr import nodes
from matcalc.expr.nodes import Expr, make
from matcalc.expr.table import SCALAR, TABLE


def norm(n: Normal, node: Expr) -> Linear:
    """A positive coefficient goes through a norm: ‖cx‖ = |c|‖x‖."""
    c, (factors, chain) = n.as_term(node.args[0])
    if c == 0:
        return {}
    if node.args[0].type[0] == "r":  # ‖xᵀ‖ = ‖x‖
        return n.visit(make(node.op, (nodes.transpose(node.args[0]),)))
    if node.args[0].type[0] == "s" or not chain or factors:
        inner = n.build_of(node.args[0])
        if node.op == "sqnorm":
            return {(((make("norm2", (inner,)), 2),), ()): ONE}
        return atom(nodes.rebuild(node, (inner,)))
    inner = build(n, {((), chain): ONE}, node.args[0].type)
    power = 2 if node.op == "sqnorm" else ONE
    norm = make("norm1" if node.op == "norm1" else "norm2", (inner,))
    return {(((norm, power),), ()): power_of(magnitude(c), int(power))}


def unvec(n: Normal, node: Expr) -> Linear:
    """unvec is linear, and undoes vec."""
    out: Linear = {}
    for (factors, chain), c in n.linears[node.args[0]].items():
        v = chain_expr(chain)
        inner = v.args[0] if v.op == "vec" and v.args[0].type == node.type else make("unvec", (v,), None, node.type)
        form = n.visit(inner) if inner.op != "unvec" else atom(inner)
        for (f, ch), k in form.items():
            term = (merge_factors(factors, f), ch)
            out[term] = out.get(term, 0) + c * k
    return {t: c for t, c in out.items() if c}


def shifted(n: Normal, node: Expr) -> Linear:
    """The matrix of a convolution is linear in the vector."""
    out: Linear = {}
    for (factors, chain), c in n.linears[node.args[0]].items():
        term = (factors, (make(node.op, (chain_expr(chain),), None, node.type),))
        out[term] = out.get(term, 0) + c
    return {t: c for t, c in out.items() if c}


DERIVATIVES = {"dexpm": "expm", "dsinm": "cosm", "dlogm": "inv"}


def frechet(n: Normal, node: Expr) -> Linear:
    """L(A, E) is linear in E; where A and E commute (E = I, E = A) it is f'(A) E."""
    out: Linear = {}
    _, (_, base) = n.as_term(node.args[0])
    whole = n.build_of(node.args[0])
    for (factors, chain), c in n.linears[node.args[1]].items():
        commutes = (len(chain) == 1 and chain[0].op == "eye") or chain == base
        if commutes and node.op == "dsqrtm":  # of the root: A^(-1/2) E/2
            k, f, product = n.join(raise_factor(make("sqrtm", (whole,)), -1), chain)
            k = ratio(k, 2)
        elif commutes and node.op in DERIVATIVES:
            name = DERIVATIVES[node.op]
            slope = raise_factor(whole, -1) if name == "inv" else (make(name, (whole,)),)
            k, f, product = n.join(slope, chain)
        else:
            k, f, product = ONE, (), (make(node.op, (whole, chain_expr(chain))),)
        term = (merge_factors(factors, f), product)
        out[term] = out.get(term, 0) + c * k
    return {t: c for t, c in out.items() if c}


def spectral(n: Normal, node: Expr) -> Linear:
    """f(A') = f(A)' for the matrix functions."""
    whole = n.build_of(node.args[0])
    if whole.op == "T":
        return {((), n.reverse((make(node.op, whole.args),))): ONE}
    return atom(make(node.op, (whole,)))


ROW_TURNS = frozenset(("softmax", "logsoftmax"))


def sign(n: Normal, node: Expr) -> Linear:
    """sign of what is positive everywhere is 1."""
    inner = n.build_of(node.args[0])
    core = inner.args[0] if inner.op == "T" else inner
    if TABLE[core.op].positive:
        return {((), () if node.type[0] == "s" else (nodes.ones(node.type),)): ONE}
    if node.type[0] == "r":
        return {(f, n.reverse(ch)): c for (f, ch), c in n.visit(make("sign", (nodes.transpose(inner),))).items()}
    return atom(make("sign", (inner,)))


def softmax(n: Normal, node: Expr) -> Linear:
    """softmax(log softmax(x)) = softmax(x); softmax(x') = softmax(x)'."""
    inner = n.build_of(node.args[0])
    if inner.type[0] == "r":
        return {(f, n.reverse(ch)): c for (f, ch), c in n.visit(make("softmax", (nodes.transpose(inner),))).items()}
    again = inner.op in ("logsoftmax", "logsoftmaxr")
    return atom(make(node.op, (inner.args[0] if again else inner,)))


def log_sum_exp(n: Normal, node: Expr) -> Linear:
    inner = n.build_of(node.args[0])
    return n.visit(make("logsumexp", (nodes.transpose(inner),))) if inner.type[0] == "r" else atom(make("logsumexp", (inner,)))


def extremes(n: Normal, node: Expr) -> Linear:
    """max, min and Huber's function with the same scalar in every entry: the scalar."""
    same = [_same_everywhere(n, a) if a.type[0] in "crm" else None for a in node.args]
    args = [n.build_of(a) if s is None else nodes.fill(s, a.type) for s, a in zip(same, node.args, strict=True)]
    return atom(make(node.op, tuple(args)))


def powers(n: Normal, node: Expr) -> Linear:
    """x.^y with a scalar in every entry of x or of y; (x').^(y') = (x.^y)'."""
    base, exponent = node.args
    if node.type[0] == "r":
        column = make("epow", (nodes.transpose(base), nodes.transpose(exponent)))
        return {(f, n.reverse(ch)): c for (f, ch), c in n.visit(column).items()}
    same = _same_everywhere(n, exponent)
    if same is not None:
        return n.visit(make("hpow", (n.build_of(base), same)))
    inside = _same_everywhere(n, base)
    return atom(make("epow", (n.build_of(base) if inside is None else nodes.fill(inside, base.type), n.build_of(exponent))))


def logarithm(n: Normal, node: Expr) -> Linear:
    """log of a scalar in every entry: the log of it in every entry."""
    inner = node.args[0]
    same = _same_everywhere(n, inner) if node.type[0] in "cm" else None
    if same is not None:
        return n.visit(nodes.fill(make("log", (same,)), node.type))
    if node.type[0] == "r":
        return {(f, n.reverse(ch)): c for (f, ch), c in n.visit(make("log", (nodes.transpose(n.build_of(inner)),))).items()}
    return atom(make("log", (n.build_of(inner),)))


def _same_everywhere(n: Normal, e: Expr) -> Expr | None:
    """The scalar that is every entry, as far as the normal form shows it."""
    form = n.linears[e]
    if not form or not all(len(chain) == 1 and is_ones(chain[0]) for _, chain in form):
        return None
    total: Linear = {}
    for (factors, _), c in form.items():  # ones may stand in two spellings, as 𝟏ᵀ and as a row of ones
        total[factors, ()] = total.get((factors, ()), 0) + c
    total = {t: c for t, c in total.items() if c}
    return build(n, total, SCALAR) if total else None


def bilinear(n: Normal, node: Expr) -> Linear:
    """Scalars leave a Kronecker product and a convolution; I ⊗ I = I."""
    (c1, (f1, left)), (c2, (f2, right)) = n.as_term(node.args[0]), n.as_term(node.args[1])
    if not c1 * c2:
        return {}
    a, b = chain_expr(left), chain_expr(right)
    product = nodes.eye(node.type[1]) if a.op == b.op == "eye" else make(node.op, (a, b))
    return {(merge_factors(f1, f2), (product,)): c1 * c2}


def determinant(n: Normal, node: Expr) -> Linear:
    """A scalar is its own determinant; that of 0 is 0."""
    if not n.linears[node.args[0]]:
        return {}
    return n.linears[node.args[0]] if node.args[0].type[0] == "s" else atom(make("det", (n.build_of(node.args[0]),)))


def diagonal(n: Normal, node: Expr) -> Linear:
    """diag is linear; diag(diag(v)) = v."""
    out: Linear = {}
    for (factors, chain), c in n.linears[node.args[0]].items():
        for k, f, ch in diagonal_of(node.op, chain):
            term = (merge_factors(factors, f), ch)
            out[term] = out.get(term, 0) + c * k
    return {t: c for t, c in out.items() if c}


FUNCTION_LAWS: dict[str, Callable[[Normal, Expr], Linear]] = {
    "norm2": norm, "norm1": norm, "sqnorm": norm, "diagm": diagonal, "diagv": diagonal, "unvec": unvec, "kron": bilinear,
    "conv": bilinear, "corr": bilinear, "convmatrix": shifted, "hankel": shifted,
    "einsum": einsum, "det": determinant, "sign": sign, "softmax": softmax, "softmaxr": softmax, "logsumexp": log_sum_exp,
    "max2": extremes, "min2": extremes, "huber2": extremes, "epow": powers, "log": logarithm,
    "dexpm": frechet, "dlogm": frechet, "dsqrtm": frechet, "dsinm": frechet, "dcosm": frechet,
    "expm": spectral, "logm": spectral, "sqrtm": spectral, "sinm": spectral, "cosm": spectral,
}  # fmt: skip
