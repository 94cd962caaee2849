"""Formulas in Unicode, as lines of text have them: a product of derivatives has dots between its factors."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.engine.derivation import Equation, Formula, all_factors, sum_terms
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr
from matcalc.notation.write.render import TEXT, Style, render


def write(formula: Formula | Equation) -> str:
    """A formula in Unicode; a product of derivatives has dots between its factors."""
    if isinstance(formula, Equation):
        return f"{write(formula.lhs)} = {write(formula.rhs)}"
    e = formula.lettering.applied(formula.written, formula.names)
    if formula.shown or formula.samples or formula.entries is not None:
        return formula.text
    style = formula.lettering.style(TEXT)
    if e.op in ("add", "sub", "matmul", "scale") and _has_partial(e, formula.names):
        return _dotted(e, formula.names, style)
    return render(e, style, formula.names)


def _has_partial(e: Expr, names: Mapping[Expr, str]) -> bool:
    return any(f.op == "partial" and f not in names for term in sum_terms(e) for f in all_factors(term))


def _dotted(e: Expr, names: Mapping[Expr, str], style: Style) -> str:
    if e.op in SUMS:
        left, right = (_dotted(a, names, style) for a in e.args)
        if e.args[1].op == "neg" or (e.op == "sub" and e.args[1].op in SUMS):
            right = f"({right})"
        return f"{left} {'+' if e.op == 'add' else '-'} {right}"
    parts = all_factors(e)
    if len(parts) < 2 or not _has_partial(e, names):
        return render(e, style, names)
    wrapped = [render(f, style, names) for f in parts]
    loose = [f.op in SUMS or f.op == "neg" for f in parts]
    return " · ".join(f"({t})" if wrap else t for t, wrap in zip(wrapped, loose, strict=True))
