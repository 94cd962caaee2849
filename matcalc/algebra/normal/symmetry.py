"""What is known of an expression: by what is declared of variables, or symmetric by structure."""

from __future__ import annotations

from matcalc.algebra.normal.terms import SUMS_TO_ONE, SYMMETRIC, Normal, chain_of
from matcalc.expr.nodes import Expr, transpose
from matcalc.expr.table import TABLE


def has(n: Normal, e: Expr, names: frozenset[str]) -> bool:
    if e.op == "sym":
        found = n.properties.get(e.attr)
        return bool(found and found & names)
    if names is SYMMETRIC:
        return e.type[0] == "m" and e.type[1] == e.type[2] and is_symmetric(n, e)
    return e.op in ("softmax",) and names is SUMS_TO_ONE


def is_symmetric(n: Normal, e: Expr) -> bool:
    """Symmetric by its structure: diag(v), A + Aᵀ, A Aᵀ, X S Xᵀ, inverses and powers of these."""
    stack = [e] if e not in n.symmetric else []
    while stack:  # what stands below first: a Hessian can be deeper than Python calls may be
        below = [a for a in stack[-1].args if a not in n.symmetric]
        stack += below
        if not below:
            node = stack.pop()
            n.symmetric[node] = node.op != "sym" and _symmetric(n, node)
    return n.symmetric[e]


def _symmetric(n: Normal, e: Expr) -> bool:
    how = TABLE[e.op].symmetric
    if how == "always" or (how == "kept" and all(a.type[0] == "s" or n.has(a, SYMMETRIC) for a in e.args)):
        return True
    if e.op == "add":
        a, b = e.args
        return transpose(a) is b or transpose(b) is a
    if e.op == "matmul":
        chain = chain_of(e)
        middle = len(chain) // 2
        ends = all(transpose(f) is g for f, g in zip(chain[:middle], reversed(chain), strict=False))
        return ends and (len(chain) % 2 == 0 or n.has(chain[middle], SYMMETRIC))
    return False
