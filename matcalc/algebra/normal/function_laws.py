"""The laws of single functions: norms, diag, vec, Kronecker products, softmax, matrix functions."""

from __future__ import annotations

from collections.abc import Callable

from matcalc.algebra.normal.entrywise import is_ones
from matcalc.algebra.normal.factoring import build
from matcalc.algebra.normal.index_sums import einsum
from matcalc.algebra.normal.terms import ONE, Chain, Linear, Normal, Term, atom, chain_expr, magnitude, merge_factors, power_of
from matcalc.expr import nodes
from matcalc.expr.groups import CALLED_PAIRWISE, SLOPES, SUMS_ALONG
from matcalc.expr.nodes import Expr, make
from matcalc.expr.table import SCALAR, Type


def norm(n: Normal, node: Expr) -> Linear:
    """A positive coefficient goes through a norm: ‖cx‖ = |c|‖x‖."""
    c, (factors, chain) = n.as_term(node.args[0])
    if c == 0:
        return {}
    op, power = ("norm1", 1) if node.op == "norm1" else ("norm2", 2 if node.op == "sqnorm" else 1)
    alone = bool(chain) and not factors and node.args[0].type[0] != "s"
    inner = build(n, {((), chain): ONE}, node.args[0].type) if alone else n.build_of(node.args[0])
    (((found, _), k),) = n.by_rows(make(op, (inner,))).items()
    front = k * (magnitude(c) if alone else 1)
    if alone and c != 1:
        n.note("norm-of-scaled")
    return {(tuple((b, e * power) for b, e in found), ()): power_of(front, power)}


def linear(n: Normal, node: Expr) -> Linear:
    """What is linear in its argument goes through sums and scalar factors."""
    out: Linear = {}
    for (factors, chain), c in n.linears[node.args[0]].items():
        for (f, ch), k in n.by_rows(make(node.op, (chain_expr(chain),), node.attr, node.type)).items():
            term = (merge_factors(factors, f), ch)
            out[term] = out.get(term, 0) + c * k
    return {t: c for t, c in out.items() if c}


def as_there(n: Normal, term: Term, total: Linear) -> Term:
    """The term as the sum has it: X 1 is the like of rowsum(X), and each stays as it is written where it is alone."""
    (factors, chain), before = term, len(n.noted)
    found: Term | None = None
    if len(chain) == 1:
        product = _as_product(n, chain)
        found = (factors, product) if product and (factors, product) in total else None
    elif chain and (is_ones(chain[-1]) or is_ones(_core(chain))):
        found = next((t for t in total if t[0] == factors and len(t[1]) == 1 and _as_product(n, t[1]) == chain), None)
    if found is None:
        del n.noted[before:]
        return term
    alone = chain if len(chain) == 1 else found[1]
    n.note("row-sums-as-product" if _core(alone).op == "rowsum" else "column-sums-as-product")
    return found


def _as_product(n: Normal, chain: Chain) -> Chain:
    """The sums of rows or columns, or their transpose, as a product with 1; empty for anything else."""
    core = _core(chain)
    if core.op not in SUMS_ALONG:
        return ()
    x = core.args[0] if core.op == "rowsum" else nodes.transpose(core.args[0])
    form = n.visit(make("matmul", (x, nodes.ones(Type("c", x.type[2], 1)))))
    (factors, product), c = next(iter(form.items()), (((), ()), 0))
    if len(form) != 1 or factors or c != 1:
        return ()
    return product if core is chain[0] else n.reverse(product)


def _core(chain: Chain) -> Expr:
    return chain[0].args[0] if chain[0].op == "T" else chain[0]


def frechet(n: Normal, node: Expr) -> Linear:
    """L(A, E) is linear in E; where E commutes with A, it is L(A, I) E."""
    out: Linear = {}
    _, (_, base) = n.as_term(node.args[0])
    whole = n.build_of(node.args[0])
    for (factors, chain), c in n.linears[node.args[1]].items():
        along = make(node.op, (whole, nodes.eye(node.type[1])))
        if chain == base and chain[0].op != "eye" and n.visit(along) != atom(along):
            k, (f, slope) = n.as_term(along)
            k2, f2, product = n.join(slope, chain)
            form: Linear = {(merge_factors(f, f2), product): k * k2}
        else:
            form = n.by_rows(make(node.op, (whole, chain_expr(chain))))
        for (f, ch), k in form.items():
            term = (merge_factors(factors, f), ch)
            out[term] = out.get(term, 0) + c * k
    return {t: c for t, c in out.items() if c}


def extremes(n: Normal, node: Expr) -> Linear:
    """max, min and Huber's function with the same scalar in every entry: the scalar. Of rows: the transpose of that of columns."""
    if node.type[0] == "r":
        column = make(node.op, tuple([nodes.transpose(n.build_of(a)) for a in node.args]))
        return {(f, n.reverse(chain)): c for (f, chain), c in n.visit(column).items()}
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


def logarithm(n: Normal, node: Expr) -> Linear | None:
    """log of a scalar in every entry: the log of it in every entry."""
    same = _same_everywhere(n, node.args[0]) if node.type[0] in "cm" else None
    return None if same is None else n.visit(nodes.fill(make("log", (same,)), node.type))


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
    """Scalars leave a Kronecker product and a convolution."""
    (c1, (f1, left)), (c2, (f2, right)) = n.as_term(node.args[0]), n.as_term(node.args[1])
    if not c1 * c2:
        return {}
    factors = merge_factors(f1, f2)
    product = n.by_rows(make(node.op, (chain_expr(left), chain_expr(right))))
    return {(merge_factors(factors, f), chain): c * c1 * c2 for (f, chain), c in product.items()}


def determinant(n: Normal, node: Expr) -> Linear | None:
    """The determinant of 0 is 0."""
    return None if n.linears[node.args[0]] else {}


FUNCTION_LAWS: dict[str, Callable[[Normal, Expr], Linear | None]] = {
    **dict.fromkeys(("norm2", "norm1", "sqnorm"), norm),
    **dict.fromkeys(("diagm", "diagv", "unvec", "convmatrix", "hankel"), linear),
    **dict.fromkeys(("kron", "conv", "corr"), bilinear),
    **dict.fromkeys(CALLED_PAIRWISE, extremes),
    **dict.fromkeys(SLOPES, frechet),
    "einsum": einsum, "det": determinant, "epow": powers, "log": logarithm,
}  # fmt: skip
