"""The vec form of a derivative: d vec(Y)/d vec(X)' as Kronecker products and commutation matrices (Magnus and Neudecker, ch. 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matcalc.expr import dims, nodes
from matcalc.expr.dims import Dim
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, make, transpose
from matcalc.expr.subscripts import parse_subscripts
from matcalc.expr.table import Type
from matcalc.notation.lex.habits import EINSUM


def vec_form(e: Expr, outer: int, inner: int) -> Expr:
    """A derivative with ``outer`` axes of the output and ``inner`` of the variable, both column-stacked."""
    return e if outer <= 1 and inner <= 1 else by_terms(e, lambda term: _stacked(term, outer))


def by_terms(e: Expr, form: Callable[[Expr], Expr]) -> Expr:
    """An array in a form that is linear in it, from the forms of its terms."""
    done: dict[Expr, Expr] = {}
    stack = [e]
    while stack:  # sums of thousands of terms are deeper than Python's stack
        node = stack[-1]
        todo = [a for a in _terms(node) if a not in done]
        stack.extend(todo)
        if not todo:
            done[stack.pop()] = _with_terms(node, done, form)
    return done[e]


def _terms(e: Expr) -> tuple[Expr, ...]:
    """The operands that have the form of a derivative themselves."""
    return e.args if e.op in SUMS or e.op == "neg" else e.args[1:] if e.op == "scale" else e.args[:1] if e.op == "div" else ()


def _with_terms(e: Expr, done: Mapping[Expr, Expr], form: Callable[[Expr], Expr]) -> Expr:
    """The form, that of the terms is known."""
    if e.op in SUMS or e.op == "neg":
        return make(e.op, tuple([done[a] for a in e.args]))
    if e.op == "scale":
        return nodes.times(e.args[0], done[e.args[1]])
    return make("div", (done[e.args[0]], e.args[1])) if e.op == "div" else form(e)


def as_einsum(e: Expr) -> Expr:
    """An array of any kind as an einsum of itself."""
    letters = EINSUM[: len(nodes.shape_of(e.type))]
    return e if e.op == "einsum" else make("einsum", (e,), f"{letters}->{letters}", e.type)


def _stacked(e: Expr, outer: int) -> Expr:
    if e.op == "zeros":
        shape = nodes.shape_of(e.type)
        return nodes.zeros(Type("m", _product(shape[:outer]), _product(shape[outer:])))
    e = as_einsum(e)
    return _kronecker(e, outer) or _grouped(e, outer)


def _product(shape: tuple[Dim, ...]) -> Dim:
    total: Dim = 1
    for d in shape:
        total = dims.mul(total, d)
    return total


def _grouped(e: Expr, outer: int) -> Expr:
    """The same einsum with the axes of output and variable each stacked into one."""
    inputs, output = parse_subscripts(e.attr)
    left = ",".join("".join(a if len(a) == 1 else f"({a})" for a in s) for s in inputs)
    rows, cols = "".join(reversed(output[:outer])), "".join(reversed(output[outer:]))
    shape = nodes.shape_of(e.type)
    text = f"{left}->" + "".join(f"({g})" if len(g) > 1 else g for g in (rows, cols))
    return make("einsum", e.args, text, nodes.type_of((_product(shape[:outer]), _product(shape[outer:]))))


def _kronecker(e: Expr, outer: int) -> Expr | None:
    """A[i,k] B[j,l] as B ⊗ A, A[i,l] B[j,k] as (B ⊗ A) K, F[i,j] [i=k] [j=l] as diag(vec F)."""
    inputs, output = parse_subscripts(e.attr)
    names = ["".join(s) for s in inputs]
    if any(len(a) > 1 for a in output) or any(len(n) != 2 for n in names) or outer != 2 or len(output) != 4:
        return _column(e, names, output, outer)
    i, j, p, q = output
    if len(names) == 2:
        for first, second, swapped in (((i, p), (j, q), False), ((i, q), (j, p), True)):
            a = next((_oriented(x, n, first) for x, n in zip(e.args, names, strict=True) if set(n) == set(first)), None)
            b = next((_oriented(x, n, second) for x, n in zip(e.args, names, strict=True) if set(n) == set(second)), None)
            if a is not None and b is not None and set(first) != set(second):
                product = make("kron", (b, a))
                return make("matmul", (product, _swap(e))) if swapped else product
    return _diagonal(e, names, output)


def _column(e: Expr, names: list[str], output: list[str], outer: int) -> Expr | None:
    """A vector by a matrix: b[j] A[i,k] over (i; j k) is b' ⊗ A and the like."""
    if outer != 1 or len(output) != 3 or len(names) != 2 or any(len(a) > 1 for a in output):
        return None
    i, j, k = output
    parts = dict(zip(names, e.args, strict=True))
    for name, x in parts.items():
        other = next((n for n in names if n is not name), None)
        if other is None or len(other) != 1 or len(name) != 2:
            continue
        v = parts[other]
        row = v if v.type[0] == "r" else transpose(v)
        if set(name) == {i, j} and other == k:
            return make("kron", (row, _oriented(x, name, (i, j))))
        if set(name) == {i, k} and other == j:
            return make("kron", (_oriented(x, name, (i, k)), row))
    return None


def _oriented(x: Expr, name: str, wanted: tuple[str, str]) -> Expr:
    return x if tuple(name) == wanted else transpose(x)


def _swap(e: Expr) -> Expr:
    m, n = nodes.shape_of(e.type)[2:]
    size = dims.mul(m, n)
    return make("commutation", (), (m, n), Type("m", size, size))


def _diagonal(e: Expr, names: list[str], output: list[str]) -> Expr | None:
    i, j, p, q = output
    if len(names) != 3:
        return None
    eyes = {frozenset(n) for n, x in zip(names, e.args, strict=True) if x.op == "eye"}
    if eyes != {frozenset((i, p)), frozenset((j, q))}:
        return None
    f, name = next((x, n) for n, x in zip(names, e.args, strict=True) if x.op != "eye")
    if set(name) <= {i, p} | {j, q} and len(name) == 2:
        rows_first = name[0] in (i, p)
        return make("diagm", (make("vec", (f if rows_first else transpose(f),)),))
    return None
