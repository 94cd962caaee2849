"""Signs between two values: what ``+``, ``*``, ``/`` and ``⊗`` mean for their kinds."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce as fold

from matcalc.expr import dims
from matcalc.expr.errors import AmbiguityError, ShapeError, Way, instead
from matcalc.expr.groups import SUMS
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.lex.habits import PI, SIZES
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.tape import Entry, Scope


def negated(scope: Scope, i: int, at: Ast) -> int:
    """Minus a value; of a number, the negative number."""
    entry = scope.tape[i]
    if entry.op == "num":
        return scope.put("num", (), -entry.attr, SCALAR, at)
    return scope.apply("neg", (i,), at)


def pairwise(scope: Scope, op: str, left: int, right: int, at: Ast) -> int:
    """An elementwise operator; a scalar beside an array stands in every entry."""
    lk, rk = scope.type(left)[0], scope.type(right)[0]
    if lk != rk and "s" in (lk, rk):
        _notice_scalar_function(scope, left if rk == "s" else right, right if rk == "s" else left)
        if lk == "s":
            left = _fill(scope, left, scope.type(right), at, op)
        else:
            right = _fill(scope, right, scope.type(left), at, op)
    return scope.apply(op, (left, right), at)


def _unscaled(scope: Scope, i: int) -> Entry:
    """Without signs and numbers before it."""
    entry = scope.original(i)
    while entry.op in ("neg", "scale", "div"):
        entry = scope.original(entry.args[0 if entry.op == "div" else -1])
    return entry


def _notice_scalar_function(scope: Scope, i: int, number: int) -> None:
    """``f(x) + λᵀ(Ax - b)``: an unspecified f acts on each entry, and the number beside it hints at another reading."""
    if scope.original(number).op in ("num", "dim"):
        return
    entry = _unscaled(scope, i)
    f = str(entry.attr[0]) if entry.op == "fn" else ""
    if f in scope.generic and f not in scope.known_functions and not scope.frame:
        scope.warnings.append(
            f"{f} is read as acting on each entry, so the number beside it is added to each entry; sum({f}(…)) is a number"
        )


def _fill(scope: Scope, i: int, type: Type, at: Ast, op: str) -> int:
    entry = scope.original(i)
    if op in SUMS and entry.op == "const" and scope.text(i).lstrip("\\") in PI:
        scope.warnings.append(f"'{scope.text(i)}' is the number 3.14…, beside every entry: --dim pi={SIZES[0]} says a vector")
    if op in SUMS and (entry.op not in ("num", "dim", "const") if type.kind == "m" else _is_product(scope, i)):
        name, what = scope.text(i), {"m": "matrix", "t": "tensor"}.get(type.kind, "vector")
        hint = f"; write {name}*eye for a multiple of the identity" if entry.op == "sym" and type.kind == "m" else ""
        scope.warnings.append(f"'{name}' is a number, and added to every entry of a {what}{hint}")
    return scope.put("fill", (i,), None, type, at)


def _is_product(scope: Scope, i: int) -> bool:
    """An inner product or a quadratic form; a mean or a largest entry beside a vector surprises nobody."""
    return _unscaled(scope, i).op == "matmul"


def _quotients(scope: Scope, left: int, right: int, at: Ast) -> tuple[Way, ...]:
    """What a quotient by an array may mean: that of the entries, and of matrices the product with the inverse."""
    a, b, span = scope.text(left), scope.text(right), at.span
    by_entries = rf"(({a}) \oslash ({b}))" if scope.latex else f"(({a}) ./ ({b}))"
    matrices = scope.type(left).kind == scope.type(right).kind == "m"
    return (instead(span, by_entries), *([instead(span, f"({a}*inv({b}))")] if matrices else []))


def product(scope: Scope, op: str, left: int, right: int, at: Ast) -> int:
    """What a product sign means for these kinds."""
    lk, rk = scope.type(left)[0], scope.type(right)[0]
    if op == "/":
        top, bottom = scope.tape[left], scope.tape[right]
        if top.op == bottom.op == "num" and bottom.attr:
            return scope.put("num", (), top.attr / bottom.attr, SCALAR, at)
        try:
            return scope.apply("div", (left, right), at)
        except ShapeError as error:
            error.ways = _quotients(scope, left, right, at) if rk != "s" else ()
            raise
    if op == "kron":
        if "s" in lk + rk:
            return product(scope, "*", left, right, at)
        if lk == rk == "c":
            a, b = scope.text(left), scope.text(right)
            raise AmbiguityError(
                f"{a} ⊗ {b} of two columns has several readings: Kronecker, outer or elementwise product",
                span=at.span, hint=f"write kron({a}, {b}), {a}*{b}' or {a} .* {b}",
                ways=[instead(at.span, way) for way in _tensor_products(scope, a, b)],
            )  # fmt: skip
        return scope.apply("kron", (left, right), at)
    if op == "./":
        if rk == "s":
            return scope.apply("div", (left, right), at)
        return pairwise(scope, "hdiv", left, right, at)
    if lk == "s":
        return scope.apply("scale", (left, right), at)
    if rk == "s":
        return scope.apply("scale", (right, left), at)
    if op == ".*":
        return scope.apply("hadamard", (left, right), at)
    if op == "times" and lk == rk == "c":
        return cross(scope, left, right, at)
    if op == "conv":
        return _convolved(scope, left, right, at)
    if op == "dot" and lk == rk == "c":
        return scope.apply("matmul", (scope.apply("T", (left,), at), right), at)
    _notice_identity(scope, (left, right))
    return scope.apply("matmul", (left, right), at)


def _notice_identity(scope: Scope, factors: tuple[int, int]) -> None:
    """``ω^T I ω``: a product needs no identity, so I may be a matrix of that name, as of moments of inertia."""
    left, right = factors
    identity = left if scope.original(left).op == "eye" else right if scope.original(right).op == "eye" else None
    if identity is not None and scope.text(identity) == "I" and not scope.numpy:
        said = (
            f"'I' is read as the identity, which a product does not need: --dim I={SIZES[0]},{SIZES[0]} says a matrix of that name"
        )
        scope.warnings.append(said)


def _tensor_products(scope: Scope, a: str, b: str) -> tuple[str, ...]:
    """The meanings of a ⊗ b, as the text would write them."""
    if scope.latex:
        return rf"\operatorname{{kron}}({a}, {b})", rf"({a} {b}^\top)", rf"({a} \odot {b})"
    return f"kron({a}, {b})", f"({a}*{b}')", f"({a} .* {b})"


def _convolved(scope: Scope, left: int, right: int, at: Ast) -> int:
    r"""``h \\ast x`` of two vectors; of matrices the product."""
    a, b = scope.text(left), scope.text(right)
    if scope.type(left).kind == scope.type(right).kind == "c":
        scope.warnings.append(f"{a} ∗ {b} is read as the convolution of the vectors, with all their overlaps")
        return scope.apply("conv", (left, right), at)
    scope.warnings.append(f"{a} ∗ {b} is read as a matrix product")
    return scope.apply("matmul", (left, right), at)


def cross(scope: Scope, left: int, right: int, at: Ast) -> int:
    """a × b of vectors with three entries, as the product of the skew matrix of a and b. Raises ``ShapeError``."""
    if not any(dims.walk(scope.type(i).rows) == 3 for i in (left, right)):
        a, b = scope.text(left), scope.text(right)
        scope.warnings.append(f"{a} × {b} is read as the cross product of vectors with three entries")
    if not (scope.unifier.unify(scope.type(left).rows, 3) and scope.unifier.unify(scope.type(right).rows, 3)):
        raise scope.misfit("cross product", (left, right), at, "it is of two vectors with three entries")
    return scope.apply("matmul", (skew(scope, left, at), right), at)


def skew(scope: Scope, a: int, at: Ast) -> int:
    """The matrix of v ↦ a × v. Raises ``ShapeError``."""
    if scope.type(a).kind != "c" or not scope.unifier.unify(scope.type(a).rows, 3):
        raise scope.misfit("cross product", (a,), at, "it is of vectors with three entries")
    x, y, z = (scope.apply("entry", (a,), at, (i,)) for i in (1, 2, 3))
    return _skew(scope, x, y, z, at)


def _skew(scope: Scope, x: int, y: int, z: int, at: Ast) -> int:
    """[0, -z, y; z, 0, -x; -y, x, 0]"""
    nothing = scope.put("num", (), Fraction(0), SCALAR, at)
    rows = ((nothing, -z, y), (z, nothing, -x), (-y, x, nothing))
    columns = []
    for column in zip(*rows, strict=True):
        parts = [negated(scope, -e, at) if e < 0 else e for e in column]
        entries = [scope.put("fill", (e,), None, Type("c", 1, 1), at) for e in parts]
        columns.append(fold(lambda a, b: scope.apply("vcat", (a, b), at), entries))
    return fold(lambda a, b: scope.apply("hcat", (a, b), at), columns)
