"""First derivatives of elementwise functions, entry by entry, by their differential rows."""

from __future__ import annotations

from functools import lru_cache

from matcalc.algebra.book import book
from matcalc.algebra.pullbacks import Compiler
from matcalc.expr.nodes import Expr, fill, num


@lru_cache(maxsize=1)
def _compiler() -> Compiler:
    return Compiler(book())


def has_slope(op: str) -> bool:
    return bool(book().about("differential", op))


def slope(e: Expr) -> Expr:
    """f'(z) for e = f(z): what the row says of d(f(z)) where every entry of d(z) is 1."""
    return _compiler().tangent(e, 0).build([fill(num(1), e.type), *e.args, e])
