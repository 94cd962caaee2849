"""A second derivative by its factors: what has n² numbers, or n²m², is not formed where it is a product of smaller arrays."""

from __future__ import annotations

from typing import NamedTuple

from matcalc.codegen.products.task import Task
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import Expr, rebuild, sym
from matcalc.notation.write.program import plain

OUTER = ("einsum", "kron")
PRODUCTS = ("neg", "scale", "matmul", *OUTER)

HINT = "leave out --factors; --code linear-operator multiplies vectors by it"


class Product(NamedTuple):
    """A product with names in the places of those factors that are neither arguments nor the identity, and these factors."""

    whole: Expr
    factors: dict[str, Expr]


def factored(task: Task) -> Task:
    """The task with the factors of its one result in the place of that. Raises ``UsageError`` where that is no product."""
    if task.doc.kind != "hessian" or len(task.results) != 1:
        raise UsageError("factors are those of a Hessian by one variable", hint="take --kind hessian and one --wrt")
    (name, e), prefix = task.results[0], "hess"
    found = product_of(e, f"{prefix}_{name}")
    names = [n.removeprefix(f"{prefix}_") for n in found.factors]
    said = f"the Hessian is {plain(found.whole)}"
    formulas = [f"{plain(f)}{f'; {said}' if k == 0 else ''}" for k, f in enumerate(found.factors.values())]
    pairs = tuple(zip(names, found.factors.values(), strict=True))
    return task._replace(results=pairs, doc=task.doc._replace(formulas=tuple(formulas)))


def product_of(e: Expr, name: str) -> Product:
    """Its factors by names such as ``hess_W``; of several with numbers behind. Raises ``UsageError`` where it is none."""
    own = list(dict.fromkeys(_own(e)))
    if not own or own == [e]:
        why = "made of the arguments alone" if not own else "no product"
        raise UsageError(f"this Hessian, {plain(e)}, is {why}: it has no factors to be computed apart", hint=HINT)
    names = [name] if len(own) == 1 else [f"{name}_{k}" for k in range(1, len(own) + 1)]
    put = {f: sym(n, f.type) for f, n in zip(own, names, strict=True)}
    return Product(_put(e, put), dict(zip(names, own, strict=True)))


def _own(e: Expr, whole: bool = True) -> list[Expr]:
    """The factors to be computed, from the left; of a product over more axes a matrix product is one."""
    if not e.args:
        return []
    return [f for a in e.args for f in _own(a, whole and e.op not in OUTER)] if _is_product(e, whole) else [e]


def _put(e: Expr, put: dict[Expr, Expr], whole: bool = True) -> Expr:
    if e in put:
        return put[e]
    return rebuild(e, tuple(_put(a, put, whole and e.op not in OUTER) for a in e.args)) if _is_product(e, whole) else e


def _is_product(e: Expr, whole: bool) -> bool:
    return e.op in ("T", "diagm") or (whole and e.op in PRODUCTS)
