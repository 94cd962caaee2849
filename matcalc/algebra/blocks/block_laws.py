"""The laws of blocks and slices: a slice of blocks is a block, blocks that are slices of one thing are that thing."""

from __future__ import annotations

from collections.abc import Callable

from matcalc.algebra.blocks.cutting import cut_col, cut_entry, cut_rows, padded, stacked
from matcalc.algebra.normal.factoring import build
from matcalc.algebra.normal.terms import ONE, Chain, Factors, Linear, Normal, Rational, atom, chain_expr, merge_factors
from matcalc.expr import nodes
from matcalc.expr.groups import JOINED
from matcalc.expr.nodes import Expr, transpose
from matcalc.expr.slices import PLACED

WHOLE = PLACED | JOINED  # what cutting leaves is in normal form
CUTS = frozenset(("entry", "col", "rows"))
OPEN = frozenset(("add", "sub", "neg", "scale", "div", "matmul"))  # a part of blocks that has terms and factors
Piece = tuple[Rational, Factors, Chain]


def _each_term(n: Normal, node: Expr, law: Callable[[Chain], Piece]) -> Linear:
    """A linear operator goes through sums and scalar factors."""
    out: Linear = {}
    for (factors, chain), c in n.linears[node.args[0]].items():
        k, f, cut = law(chain)
        term = (merge_factors(factors, f), cut)
        out[term] = out.get(term, 0) + c * k
    return {t: c for t, c in out.items() if c}


def _as_piece(n: Normal, e: Expr) -> Piece:
    if nodes.is_zero(e):
        return 0, (), (e,)
    core = e.args[0] if e.op == "T" else e
    if core.op in WHOLE and not _opens(n, core):
        return (ONE, ((e, ONE),), ()) if e.type[0] == "s" else (ONE, (), (e,))
    n.visit(e)
    c, (factors, chain) = n.as_term(e)
    return c, factors, chain


def _opens(n: Normal, e: Expr) -> bool:
    """Whether a slice is of something that has terms or factors."""
    return e.op in CUTS and e.args[0].op in OPEN and n.visit(e.args[0]) != atom(e.args[0])


def _times(n: Normal, left: Piece, right: Chain) -> Piece:
    if not left[0] or not right:
        return left
    k, f, chain = n.join(left[2], right)
    return left[0] * k, merge_factors(left[1], f), chain


def rows(n: Normal, node: Expr) -> Linear:
    """(A B)[i:j,:] = A[i:j,:] B"""
    return _each_term(n, node, lambda chain: _times(n, _as_piece(n, cut_rows(chain[0], *node.attr)), chain[1:]))


def padrows(n: Normal, node: Expr) -> Linear:
    """Zeros above and below a product stand around the whole of it."""
    return _each_term(n, node, lambda chain: _as_piece(n, padded(chain_expr(chain), *node.attr)))


def col(n: Normal, node: Expr) -> Linear:
    """(A B)[:,j] = A B[:,j], and (x y')[:,j] = y_j x"""
    (j,) = node.attr

    def law(chain: Chain) -> Piece:
        last = chain[-1]
        if last.type[0] == "r":
            k, f, _ = _as_piece(n, cut_entry(transpose(last), j))
            return k, f, chain[:-1]
        cut = cut_col(last, j)
        if len(chain) == 1 or nodes.is_zero(cut):
            return _as_piece(n, cut)
        return n.join(chain[:-1], (cut,))

    return _each_term(n, node, law)


def entry(n: Normal, node: Expr) -> Linear:
    """(A x)[i] = A[i,:]' x"""
    (i,) = node.attr

    def law(chain: Chain) -> Piece:
        first = chain[0]
        if len(chain) == 1:
            return _as_piece(n, cut_entry(first, i))
        if first.type[0] == "c":
            return _times(n, _as_piece(n, cut_entry(first, i)), chain[1:])
        cut = cut_col(n.turn(first), i)
        if nodes.is_zero(cut):
            return 0, (), ()
        return n.join((transpose(cut),), chain[1:])

    return _each_term(n, node, law)


def vcat(n: Normal, node: Expr) -> Linear:
    """Blocks are built from their parts; a factor that all of them share stands in front."""
    parts = [n.as_term(a) for a in node.args]
    if not any(c for c, _ in parts):
        return {}
    shared = parts[0][0], parts[0][1][0]
    if all((c, f) == shared for c, (f, _) in parts):
        blocks = [build(n, {((), chain): ONE}, a.type) for a, (_, (_, chain)) in zip(node.args, parts, strict=True)]
        return _scaled(n, stacked(blocks), *shared)
    return _scaled(n, stacked([n.build_of(a) for a in node.args]), ONE, ())


def _scaled(n: Normal, e: Expr, c: Rational, factors: Factors) -> Linear:
    form = atom(e) if e.op in ("vcat", "padrows") else n.visit(e)
    return {(merge_factors(factors, f), chain): c * k for (f, chain), k in form.items()}


def hcat(n: Normal, node: Expr) -> Linear:
    """The same for blocks beside each other: the transpose of blocks below each other, where both are matrices."""
    if all(a.type[0] == "m" for a in node.args):
        turned = [transpose(n.build_of(a)) for a in node.args]
        whole = stacked(turned)
        if whole.op != "vcat":
            return {(f, n.reverse(chain)): c for (f, chain), c in _scaled(n, whole, ONE, ()).items()}
    args = [n.build_of(a) for a in node.args]
    if all(nodes.is_zero(a) for a in args):
        return {}
    return atom(nodes.make("hcat", tuple(args)))


BLOCK_LAWS: dict[str, Callable[[Normal, Expr], Linear]] = {
    "rows": rows, "padrows": padrows, "col": col, "entry": entry, "vcat": vcat, "hcat": hcat,
}  # fmt: skip
