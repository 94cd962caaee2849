"""Sums, products and reductions of families: one value for each value of the bound indices, kept as one array."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce as fold

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import ParseError, ShapeError
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.lex.syntax import Ast, Binder
from matcalc.notation.meaning.broadcasting import product
from matcalc.notation.meaning.operations import pairwise
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.sums.family import Family, Part, axis_size, contracted, first_changed, no_form, summed

Product = Callable[[Scope, Family, Family, Ast], Family]
Reducer = Callable[[Scope, Family, str, Binder, Ast], Family]


def _ones(scope: Scope, size: Dim, node: Ast) -> int:
    return scope.put("ones", (), None, Type("c", size, 1), node)


def spread(scope: Scope, f: Family, labels: tuple[str, ...], like: Family, node: Ast) -> int:
    """The values of f over all of ``labels``, where ``like`` gives the sizes that f lacks."""
    if f.labels == labels:
        return f.core
    t = scope.type(like.core)
    if not f.labels:
        if f.inner == "s":
            return scope.put("fill", (f.core,), None, t, node)
        row = f.core if f.inner == "r" else scope.apply("T", (f.core,), node)
        return scope.apply("matmul", (_ones(scope, axis_size(scope, like, labels[0]), node), row), node)
    if f.inner == "s" and len(labels) == 2:
        other = next(x for x in labels if x not in f.labels) if len(f.labels) == 1 else ""
        if len(f.labels) == 2:
            return scope.apply("T", (f.core,), node)
        size = axis_size(scope, like, other)
        if f.labels[0] == labels[0]:
            return scope.apply("matmul", (f.core, scope.apply("T", (_ones(scope, size, node),), node)), node)
        return scope.apply("matmul", (_ones(scope, size, node), scope.apply("T", (f.core,), node)), node)
    if f.inner != "s":
        raise no_form(scope, node)
    return _spread_tensor(scope, f, labels, like, node)


def _spread_tensor(scope: Scope, f: Family, labels: tuple[str, ...], like: Family, node: Ast) -> int:
    missing = [Part(_ones(scope, axis_size(scope, like, x), node), (x,)) for x in labels if x not in f.labels]
    return contracted(scope, [Part(f.core, f.labels), *missing], labels, node)


def align(scope: Scope, a: Family, b: Family, node: Ast) -> tuple[int, int, tuple[str, ...]]:
    """Both families over the union of their indices."""
    if a.inner != b.inner and a.labels and b.labels:
        raise no_form(scope, node)
    labels = a.labels + tuple(x for x in b.labels if x not in a.labels)
    return spread(scope, a, labels, b, node), spread(scope, b, labels, a, node), labels


def add(scope: Scope, op: str, a: Family, b: Family, node: Ast) -> Family:
    if not a.labels and not b.labels:
        core = pairwise(scope, op, a.core, b.core, node)
        return Family(core, (), scope.type(core)[0])
    if {"o", "w"} & {a.inner, b.inner}:
        raise no_form(scope, node)
    spread_out = a.inner == b.inner and a.inner in "cr" and a.labels and b.labels and a.labels != b.labels
    if spread_out or a.inner in SUMS or b.inner in SUMS:
        return _beside(scope, a, b if op == "add" else _opposite(b), node)
    for one, other in ((a, b), (b, a)):
        if one.inner == "s" and one.labels and other.inner in "cr" and not other.labels:
            raise _each_number_plus_vector(scope, one, other, node)
    left, right, labels = align(scope, a, b, node)
    return Family(scope.apply(op, (left, right), node), labels, a.inner if a.labels else b.inner)


def _each_number_plus_vector(scope: Scope, one: Family, other: Family, node: Ast) -> ShapeError:
    """``w^T x_i + b``, where b is a vector."""
    text = scope.text(other.core)
    which = " and ".join(one.labels)
    a_name = scope.tape[other.core].op == "sym"
    scalar = f", or declare a scalar: --dim {text}= (dims={{'{text}': ()}})" if a_name else ""
    return ShapeError(
        f"'{text}' is {scope.size(other.core)}, and stands beside a number for each {which}",
        span=node.span, hint=f"take an entry of the vector{scalar}",
    )  # fmt: skip


SUMS = ("C", "R")


def _beside(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    """x_i - x_j, which no array holds: its terms, for the products that follow."""
    if a.inner.upper() != b.inner.upper() or a.inner not in "crCR":
        raise no_form(scope, node)
    terms = (a.terms or (a,)) + (b.terms or (b,))
    labels = tuple(dict.fromkeys(x for f in terms for x in f.labels))
    return Family(-1, labels, a.inner.upper(), terms=terms, signs=(a.signs or "+") + (b.signs or "+"))


def _each(f: Family, change: Callable[[Family], Family]) -> Family:
    """A linear operation on every term of a sum."""
    terms = tuple([change(t) for t in f.terms])
    return f._replace(terms=terms, inner=terms[0].inner.upper())


def _signed(f: Family) -> list[tuple[str, Family]]:
    return list(zip(f.signs, f.terms, strict=True)) if f.terms else [("+", f)]


def _total(scope: Scope, terms: Sequence[tuple[bool, Family]], node: Ast) -> Family:
    """Σ ± f, with a term that is added in front."""
    (_, total), *others = sorted(terms, key=lambda t: not t[0])
    if not any(plus for plus, _ in terms):
        total = negated(scope, total, node)
    for plus, f in others:
        total = add(scope, "add" if plus else "sub", total, f, node)
    return total


def squared_norm(scope: Scope, f: Family, node: Ast) -> Family:
    """‖x_i - x_j‖² = x_iᵀ x_i + x_jᵀ x_j - 2 x_iᵀ x_j"""
    signed, two = _signed(f), Family(scope.put("num", (), Fraction(2), SCALAR, node), (), "s")
    squares, twice = [], []
    for k, (s, x) in enumerate(signed):
        squares.append((True, multiply(scope, turned(scope, x, node), x, node)))
        for t, y in signed[:k]:
            product = multiply(scope, turned(scope, y, node), x, node)
            twice.append((s == t, multiply(scope, two, product, node)))
    return _total(scope, squares + twice, node)


def _opposite(f: Family) -> Family:
    """A sum of terms with the other signs; another family as a sum of one term."""
    terms, signs = (f.terms, f.signs) if f.terms else ((f,), "+")
    return f._replace(terms=terms, signs=signs.translate(str.maketrans("+-", "-+")), inner=f.inner.upper())


def negated(scope: Scope, f: Family, node: Ast) -> Family:
    if f.inner in SUMS:
        return _opposite(f)
    return first_changed(f, lambda core: scope.apply("neg", (core,), node))


def turned(scope: Scope, f: Family, node: Ast) -> Family:
    """The transpose of vectors."""
    if f.inner in SUMS:
        return _each(f, lambda t: turned(scope, t, node))
    if f.inner not in ("c", "r"):
        raise no_form(scope, node)
    other = "r" if f.inner == "c" else "c"
    return f._replace(inner=other) if f.labels else Family(scope.apply("T", (f.core,), node), (), other)


def divide(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    if a.inner in SUMS and b.inner == "s":
        return _each(a, lambda t: divide(scope, t, b, node))
    if not b.labels:
        return first_changed(a, lambda core: scope.apply("div", (core, b.core), node))
    if b.inner != "s":
        raise no_form(scope, node)
    inverse = scope.apply(
        "hdiv",
        (scope.put("fill", (scope.put("num", (), Fraction(1), SCALAR, node),), None, scope.type(b.core), node), b.core),
        node,
    )
    return multiply(scope, a, b._replace(core=inverse), node)


def multiply(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    """The product of two families, for each pair of kinds."""
    if not a.labels and not b.labels:
        core = product(scope, "*", a.core, b.core, node)
        return Family(core, (), scope.type(core)[0])
    if a.inner in SUMS or b.inner in SUMS:
        pairs = [(s == t, multiply(scope, x, y, node)) for s, x in _signed(a) for t, y in _signed(b)]
        return _total(scope, pairs, node)
    handler = _PRODUCTS.get((a.inner, b.inner))
    if handler is None:
        raise no_form(scope, node)
    return handler(scope, a, b, node)


def _scalars(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    """One for each index; products over several indices also remember their factors."""
    product = _entrywise(scope, a, b, node)
    if a.labels == b.labels and len(a.factors) == len(b.factors) == 1:
        return product
    return product._replace(parts=(product.core, a.factors + b.factors))


def _entrywise(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    if not a.labels:
        return b._replace(core=scope.apply("scale", (a.core, b.core), node))
    if not b.labels:
        return a._replace(core=scope.apply("scale", (b.core, a.core), node))
    if a.labels == b.labels:
        return a._replace(core=scope.apply("hadamard", (a.core, b.core), node))
    if len(a.labels) == len(b.labels) == 1:
        row = scope.apply("T", (b.core,), node)
        return Family(scope.apply("matmul", (a.core, row), node), a.labels + b.labels, "s")
    labels = a.labels + tuple(x for x in b.labels if x not in a.labels)
    if len(labels) == 2:
        left, right, labels = align(scope, a, b, node)
        return Family(scope.apply("hadamard", (left, right), node), labels, "s")
    return Family(contracted(scope, [Part(f.core, f.labels) for f in (a, b)], labels, node), labels, "s")


def _scalar_vector(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    """s_i x_i is diag(s) X; s_i v is s vᵀ."""
    if not a.labels:
        return b._replace(core=scope.apply("scale", (a.core, b.core), node))
    if not b.labels:
        row = b.core if b.inner == "r" else scope.apply("T", (b.core,), node)
        return Family(scope.apply("matmul", (a.core, row), node), a.labels, b.inner)
    if a.labels != b.labels:
        if b.inner != "c" or len(a.labels) != 2 or not set(b.labels) <= set(a.labels):
            raise no_form(scope, node)
        return Family(a.core, a.labels, "w", terms=(b,))
    return b._replace(core=scope.apply("matmul", (scope.apply("diagm", (a.core,), node), b.core), node))


def _matrix_weighted(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    """W (a_ij x_j) is a_ij (W x_j)."""
    return b._replace(terms=(multiply(scope, a, b.terms[0], node),))


def _constant_weighted(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    if a.labels:
        raise no_form(scope, node)
    return b._replace(terms=(multiply(scope, a, b.terms[0], node),))


def _sum_weighted(scope: Scope, f: Family, index: str, node: Ast) -> Family:
    """Σ_j a_ij x_j: the rows of A X; Σ_i a_ij x_j is (Σ_i a_ij) x_j."""
    (vectors,) = f.terms
    if vectors.labels != (index,):
        return multiply(scope, _sum_scalars(scope, Family(f.core, f.labels, "s"), index, node), vectors, node)
    weights = f.core if f.labels[1] == index else scope.apply("T", (f.core,), node)
    (other,) = [x for x in f.labels if x != index]
    return Family(scope.apply("matmul", (weights, vectors.core), node), (other,), "c")


def _row_column(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    """x_iᵀ w is X w; x_iᵀ y_i the row sums of X ∘ Y; u_iᵀ v_j is U Vᵀ."""
    if not b.labels:
        return Family(scope.apply("matmul", (a.core, b.core), node), a.labels, "s")
    if not a.labels:
        column = scope.apply("T", (a.core,), node)
        return Family(scope.apply("matmul", (b.core, column), node), b.labels, "s")
    if a.labels == b.labels:
        both = scope.apply("hadamard", (a.core, b.core), node)
        return Family(scope.apply("rowsum", (both,), node), a.labels, "s")
    turned = scope.apply("T", (b.core,), node)
    return Family(scope.apply("matmul", (a.core, turned), node), a.labels + b.labels, "s")


def _matrix_column(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    """A x_i: the rows of X Aᵀ."""
    return b._replace(
        core=fold(lambda rows, factor: scope.apply("matmul", (rows, factor), node), _turned_factors(scope, a.core, node), b.core)
    )


def _turned_factors(scope: Scope, core: int, node: Ast) -> list[int]:
    """Those of the transpose of a product."""
    entry = scope.tape[core]
    if entry.op == "matmul":
        return [k for factor in reversed(entry.args) for k in _turned_factors(scope, factor, node)]
    return [entry.args[0] if entry.op == "T" else scope.apply("T", (core,), node)]


def _row_matrix(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    return a._replace(core=scope.apply("matmul", (a.core, b.core), node))


def _outer(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    if a.labels and b.labels and a.labels != b.labels:
        raise no_form(scope, node)
    labels = a.labels or b.labels
    return Family(spread(scope, a, labels, b, node), labels, "o", spread(scope, b, labels, a, node))


def _scaled_outer(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    """s_i (x_i y_iᵀ) is (s_i x_i) y_iᵀ."""
    return b._replace(core=multiply(scope, a, Family(b.core, b.labels, "c"), node).core)


def _matrix_outer(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    """A (x_i y_iᵀ) is (A x_i) y_iᵀ."""
    return b._replace(core=_matrix_column(scope, a, b, node).core)


def _outer_matrix(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    return a._replace(other=scope.apply("matmul", (a.other, b.core), node))


def _outer_column(scope: Scope, a: Family, b: Family, node: Ast) -> Family:
    """(x_i y_iᵀ) z is x_i (y_iᵀ z)."""
    inner = multiply(scope, Family(a.other, a.labels, "r"), b, node)
    return multiply(scope, inner, Family(a.core, a.labels, "c"), node)


def _swapped(handler: Product) -> Product:
    return lambda scope, a, b, node: handler(scope, b, a, node)


_PRODUCTS: dict[tuple[str, str], Product] = {
    ("s", "s"): _scalars, ("s", "c"): _scalar_vector, ("s", "r"): _scalar_vector, ("c", "s"): _swapped(_scalar_vector),
    ("r", "s"): _swapped(_scalar_vector), ("r", "c"): _row_column, ("m", "c"): _matrix_column, ("r", "m"): _row_matrix,
    ("c", "r"): _outer, ("s", "o"): _scaled_outer, ("o", "s"): _swapped(_scaled_outer),
    ("m", "w"): _matrix_weighted, ("s", "w"): _constant_weighted, ("w", "s"): _swapped(_constant_weighted),
    ("m", "o"): _matrix_outer, ("o", "m"): _outer_matrix, ("o", "c"): _outer_column,
}  # fmt: skip


def _sum_over(scope: Scope, f: Family, index: str, binder: Binder, node: Ast) -> Family:
    if index not in f.labels:
        return _repeat(scope, f, binder, node)
    if f.inner == "s":
        if f.contracts(index):
            factors = summed(scope, f.factors, index, node)
            total = fold(lambda a, b: multiply(scope, a, b, node), [Family(p.core, p.labels, "s") for p in factors])
            return total._replace(parts=(total.core, tuple(factors)))
        return _sum_scalars(scope, f, index, node)
    if f.inner == "w":
        return _sum_weighted(scope, f, index, node)
    if len(f.labels) != 1:
        raise no_form(scope, node)
    if f.inner == "o":
        turned = scope.apply("T", (f.core,), node)
        return Family(scope.apply("matmul", (turned, f.other), node), (), "m")
    rows, weights = _unweighted(scope, f.core)
    if weights is None:
        weights = _ones(scope, axis_size(scope, f, index), node)
    column = scope.apply("matmul", (scope.apply("T", (rows,), node), weights), node)
    return Family(column if f.inner == "c" else scope.apply("T", (column,), node), (), f.inner)


def _unweighted(scope: Scope, core: int) -> tuple[int, int | None]:
    """X and s of the rows s_i x_iᵀ, which are diag(s) X."""
    product = scope.original(core)
    scaling = scope.original(product.args[0]) if product.op == "matmul" else product
    return (product.args[1], scaling.args[0]) if scaling.op == "diagm" else (core, None)


def _sum_scalars(scope: Scope, f: Family, index: str, node: Ast) -> Family:
    if len(f.labels) == 1:
        inner = scope.original(f.core)  # Σ_i Σ_k x_ik² in one sum
        return Family(scope.apply("sum", inner.args if inner.op == "rowsum" else (f.core,), node), (), "s")
    rest = tuple(x for x in f.labels if x != index)
    if len(f.labels) == 2:
        return Family(scope.apply("rowsum" if index == f.labels[1] else "colsum", (f.core,), node), rest, "s")
    return Family(contracted(scope, [Part(f.core, f.labels)], rest, node), rest, "s")


def _repeat(scope: Scope, f: Family, binder: Binder, node: Ast) -> Family:
    """A sum of equal terms: as many as the index has values."""

    if binder.upper is None:
        raise ParseError("how many terms has this sum? Its body does not depend on the index", span=node.span,
                         hint=r"give the limits: \sum_{i=1}^N")  # fmt: skip
    upper = binder.upper
    number = int(upper.value) if upper.kind == "num" and upper.value.denominator == 1 else 0
    count = scope.put("dim", (), number, SCALAR, upper) if number > dims.SMALL else scope.infer(upper)
    if scope.original(count).op not in ("dim", "num"):  # n, 2n where n is no size of anything: the loop reads the number here
        scope.readings[id(upper)] = upper, count
    return f._replace(core=scope.apply("scale", (count, f.core), node))


def _extreme(op: str) -> Reducer:
    def run(scope: Scope, f: Family, index: str, binder: Binder, node: Ast) -> Family:
        if f.inner != "s" or index not in f.labels:
            raise no_form(scope, node)
        if set(f.labels) <= set(binder.names):  # all indices at once
            return Family(scope.apply(op, (f.core,), node), (), "s") if f.labels else f
        raise no_form(scope, node)

    def all_at_once(scope: Scope, f: Family, index: str, binder: Binder, node: Ast) -> Family:
        return run(scope, f, index, binder, node) if f.labels else f

    return all_at_once


def _product_over(scope: Scope, f: Family, index: str, binder: Binder, node: Ast) -> Family:
    if f.inner != "s" or f.labels != (index,):
        raise no_form(scope, node)
    return Family(scope.apply("prod", (f.core,), node), (), "s")


REDUCERS: dict[str, Reducer] = {"sum": _sum_over, "max": _extreme("max"), "min": _extreme("min"), "prod": _product_over}
