"""Which rows of a matrix move: those that were looked up. The others have the gradient 0, and stay.

For word vectors in the rows of L that is what a lecture warns of: TV and telly are in the training data and move, television is
not, and stays where it was (CS224n, a pitfall of retraining word vectors).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from matcalc.engine.derivation import Equation, Formula, Step, product_factors, sum_terms
from matcalc.expr.nodes import Expr, dimension

ONE = "only row {} of {} moves, the others stay"
SEVERAL = "only rows {} of {} move, the others stay; a row that is looked up twice gets the sum"


def with_moving_rows(step: Step, labels: Collection[str]) -> Step:
    """The line of a gradient ∂s/∂L, with the remark which rows of L move; ``labels`` stand for integers. Without it where any
    row may move: a term is no product that begins with a unit vector."""
    L, lhs = step.node, step.lhs.expr
    if step.note or L is None or L.type.kind != "m" or step.kind not in ("chain", "result") or lhs.type != L.type:
        return step
    rows = list(dict.fromkeys(row for term in sum_terms(step.rhs.expr) for row in _rows(product_factors(term)[0], labels)))
    if None in rows:
        return step
    told: list[Formula | Equation] = [Formula(r) for r in rows if r is not None]
    listed = " and ".join(filter(None, (", ".join(["{}"] * (len(told) - 1)), "{}")))
    note = (SEVERAL if len(rows) > 1 or any(r.type.kind == "m" for r in rows if r is not None) else ONE).replace("{}", listed, 1)
    return step._replace(note=note, about=(*told, Formula(L)))


def _rows(first: Expr, labels: Collection[str]) -> Iterator[Expr | None]:
    """What the rows are called that a first factor picks: (a + b) xᵀ moves rows a and b."""
    for term in sum_terms(first) if first.type.kind == "c" else (first,):
        yield _row(product_factors(term)[0], labels)


def _row(first: Expr, labels: Collection[str]) -> Expr | None:
    """A label, or the number of a row; None where no one row is meant."""
    if first.op == "unit":
        return dimension(first.attr[0])
    turned = first.args[0] if first.op == "T" else first
    many = turned.type.kind == "m"
    return turned if turned.op == "sym" and turned.attr in labels and many == (first.op == "T") else None
