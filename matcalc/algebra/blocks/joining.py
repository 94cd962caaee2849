"""Paddings in a sum: blocks that stand below each other are one block, and a padding that fills the whole is none."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.algebra.blocks.cutting import same
from matcalc.algebra.normal.terms import Linear, Normal, Term
from matcalc.algebra.normal.written_terms import term_expr
from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import Expr, make

Block = tuple[Dim, Expr, Expr]  # first row, what stands there, one of the paddings


def join_paddings(n: Normal, form: Linear) -> Linear:
    """Blocks with zeros around them that stand on, or next to, each other are one block."""
    for turned in (False, True):
        form = _joined_paddings(n, form, turned)
    return form


def _paddings(form: Linear, turned: bool) -> Iterator[tuple[Term, Expr]]:
    for term in form:
        (f,) = term[1] if len(term[1]) == 1 else (None,)
        core = f.args[0] if f is not None and turned and f.op == "T" else None if turned else f
        if core is not None and core.op == "padrows":
            yield term, core


def _joined_paddings(n: Normal, form: Linear, turned: bool) -> Linear:
    found = list(_paddings(form, turned))
    if len(found) < 2:
        return form
    groups: list[Block] = []
    for term, pad in found:
        inner = term_expr(form[term], term[0], (pad.args[0],), pad.args[0].type)
        at = next((i for i, (first, x, _) in enumerate(groups) if same(first, pad.attr[0]) and x.type == inner.type), None)
        if at is None:
            groups.append((pad.attr[0], inner, pad))
        else:
            first, x, _ = groups[at]
            groups[at] = first, make("add", (x, inner)), pad
    merged = _neighbours(groups)
    if len(merged) == len(found):
        return form
    rest = {t: c for t, c in form.items() if all(t is not term for term, _ in found)}
    for first, x, pad in merged:
        whole = make("padrows", (x,), (first, pad.attr[1]), pad.type)
        if same(x.type.rows, pad.attr[1]):
            whole = x
        for (f, chain), c in n.visit(whole).items():
            term = (f, n.reverse(chain) if turned else chain)
            rest[term] = rest.get(term, 0) + c
    return {t: c for t, c in rest.items() if c}


def _neighbours(groups: list[Block]) -> list[Block]:
    """Blocks of which one ends where another begins, below each other."""
    groups = list(groups)
    while True:
        pair = next(
            ((a, b) for a in groups for b in groups if a is not b and same(dims.add(a[0], a[1].type.rows), b[0])),
            None,
        )
        if pair is None:
            return groups
        (first, x, pad), (_, y, _) = pair
        groups = [g for g in groups if g is not pair[0] and g is not pair[1]]
        groups.append((first, make("vcat", (x, y)), pad))
