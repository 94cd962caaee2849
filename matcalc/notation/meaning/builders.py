"""Calls whose arguments are sizes, subscripts or shapes, and calls that stand for several operators."""

from __future__ import annotations

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import ParseError, ShapeError
from matcalc.expr.nodes import variable_type
from matcalc.expr.table import Type
from matcalc.notation.lex.habits import SIZES
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning import block_matrices, class_losses, reductions, subscripted
from matcalc.notation.meaning.hints import declaration, turned
from matcalc.notation.meaning.operations import cross, skew
from matcalc.notation.meaning.tape import Scope, Typed, read_size


def _sizes(scope: Scope, node: Ast) -> list[Dim]:
    """Sizes given as arguments: numbers, dimension symbols and products of them."""
    out: list[Dim] = []
    for a in node.args:
        out.append(read_size(scope, a))
    return out


def _ones(scope: Scope, node: Ast) -> int:
    op = "zeros" if node.value[0] == "zeros" else "ones"
    if node.value[0] in ("vector", "matrix"):
        if node.args[0].value != 1 or len(node.args) != 1:
            raise ParseError(f"write {node.value[0]}(1), or ones(n)", span=node.span)
        shape: list[Dim] = [scope.unifier.fresh()]
    else:
        shape = _sizes(scope, node)
    if len(shape) == 1:
        return scope.put(op, (), None, Type("c", shape[0], 1), node)
    if len(shape) == 2:
        return scope.put(op, (), None, Type("m", shape[0], shape[1]), node)
    return scope.put(op, (), None, Type("t", tuple(shape), 1), node)


def _eye(scope: Scope, node: Ast) -> int:
    (n,) = _sizes(scope, node)
    return scope.put("eye", (), None, Type("m", n, n), node)


def _fill_like(scope: Scope, node: Ast) -> int:
    """fill(a, X): the scalar a in every entry of something shaped like X."""
    if len(node.args) != 2:
        raise ParseError(f"fill takes 2 arguments, {len(node.args)} given", span=node.span, hint="write fill(a, X)")
    a, like = scope.infer(node.args[0]), scope.infer(node.args[1])
    if scope.type(a).kind != "s":
        raise ShapeError(f"fill: '{scope.text(a)}' is {scope.size(a)}", span=node.span, hint="it must be a scalar")
    return scope.put("fill", (a,), None, scope.type(like), node)


def _unvec(scope: Scope, node: Ast) -> int:
    """unvec(v, m, n), or unvec(v, X) for something shaped like X."""
    v = scope.infer(node.args[0])
    if len(node.args) == 2:
        like = scope.type(scope.infer(node.args[1]))
    elif len(node.args) == 3:
        like = variable_type((read_size(scope, node.args[1]), read_size(scope, node.args[2])))
    else:
        raise ParseError("unvec takes a vector and two sizes: unvec(v, m, n)", span=node.span)
    if not scope.unifier.unify(dims.mul(like.rows, like.cols), scope.type(v).rows):
        raise ShapeError(f"unvec: '{scope.text(v)}' is {scope.size(v)}", span=node.span, hint="its length must be m*n")
    return scope.put("unvec", (v,), None, like, node)


def _singular_values(scope: Scope, node: Ast) -> int:
    """svdvals(X): of X or X', whichever has no more columns than rows."""
    x = _only(scope, node)
    rows, cols = (dims.walk(d) for d in scope.type(x)[1:])
    if scope.type(x)[0] == "m" and dims.at_most(cols, rows) is not True:
        if dims.at_most(rows, cols) is not True:
            text, a, b = scope.text(x), dims.text(rows), dims.text(cols)
            other = turned(text)
            raise ShapeError(
                f"svdvals({text}) has min({a}, {b}) entries, and nothing says which of {a} and {b} is smaller",
                span=node.span,
                hint=f"declare the sizes as numbers, or write singularvalues({text}) if {b} ≤ {a}, singularvalues({other}) if not",
            )
        x = scope.apply("T", (x,), node)
    return scope.apply("svdvals", (x,), node)


def _tall(op: str) -> Typed:
    def build(scope: Scope, node: Ast) -> int:
        x = _only(scope, node)

        def wide() -> ShapeError | None:
            kind, rows, cols = scope.type(x)
            rows, cols = dims.walk(rows), dims.walk(cols)
            if kind != "m" or not isinstance(rows, int) or not isinstance(cols, int) or cols <= rows:
                return None
            message = f"{node.value[0]} takes a matrix with no more columns than rows, and '{scope.text(x)}' is {scope.size(x)}"
            return ShapeError(message, span=node.span, hint=f"write {node.value[0]}({turned(scope.text(x))})")

        scope.deferred.append(wide)
        return scope.apply(op, (x,), node)

    return build


def _shifted(scope: Scope, node: Ast) -> int:
    """convmatrix(w, n) and hankel(x, k): with n or k columns."""
    name = node.value[0]
    if len(node.args) != 2:
        raise ParseError(f"{name} takes a vector and the number of columns: {name}(w, n)", span=node.span)
    w = scope.infer(node.args[0])
    kind, length, _ = scope.type(w)
    if kind != "c":
        raise ShapeError(f"{name}: '{scope.text(w)}' is {scope.size(w)}", span=node.span, hint="it takes a column")
    cols = read_size(scope, node.args[1])
    rows = dims.add(length, dims.sub(cols, 1)) if name == "convmatrix" else dims.add(dims.sub(length, cols), 1)
    return scope.put(name, (w,), None, Type("m", rows, cols), node)


def _correlation(scope: Scope, node: Ast) -> int:
    if len(node.args) != 2:
        raise ParseError(f"{node.value[0]} takes 2 arguments, {len(node.args)} given", span=node.span,
                         hint=f"write {node.value[0]}(x, w)")  # fmt: skip
    x, w = (scope.infer(a) for a in node.args)

    def long() -> ShapeError | None:
        n, k = (dims.walk(scope.type(i)[1]) for i in (x, w))
        if dims.at_most(k, n) is not False:
            return None
        message = (
            f"'{scope.text(w)}', {scope.size(w)}, is longer than '{scope.text(x)}', {scope.size(x)}: they meet nowhere as a whole"
        )
        hint = f"write {node.value[0]}({scope.text(w)}, {scope.text(x)})"
        return ShapeError(message, span=node.span, hint=hint)

    scope.deferred.append(long)
    return scope.apply("corr", (x, w), node)


def _only(scope: Scope, node: Ast) -> int:
    if len(node.args) != 1:
        raise ParseError(f"{node.value[0]} takes 1 argument, {len(node.args)} given", span=node.span,
                         hint=f"write {node.value[0]}(X)")  # fmt: skip
    return scope.infer(node.args[0])


def _commutation(scope: Scope, node: Ast) -> int:
    """commutation(m, n): K with K vec(X) = vec(X') for X m×n."""
    if len(node.args) != 2:
        raise ParseError("commutation takes two sizes: commutation(m, n)", span=node.span)
    m, n = _sizes(scope, node)
    size = dims.mul(m, n)
    return scope.put("commutation", (), (m, n), Type("m", size, size), node)


def _inner(scope: Scope, node: Ast) -> int:
    """inner(A, B): ⟨A, B⟩; in a rule row it stays, for the row is about all kinds."""
    if len(node.args) != 2:
        raise ParseError(f"inner takes 2 arguments, {len(node.args)} given", span=node.span,
                         hint="write inner(A, B)")  # fmt: skip
    if scope.in_row:
        return scope.apply("inner", (scope.infer(node.args[0]), scope.infer(node.args[1])), node)
    return scope.infer(node._replace(kind="angle", value=None))


def _cross(scope: Scope, node: Ast) -> int:
    """cross(a, b), and crossmatrix(a), the matrix of v ↦ a × v."""
    parts = [scope.infer(a) for a in node.args]
    if len(parts) != 1 + (node.value[0] == "cross"):
        raise ParseError(f"{node.value[0]} does not take so many arguments: {len(parts)}", span=node.span,
                         hint="write cross(a, b) or crossmatrix(a)")  # fmt: skip
    return skew(scope, parts[0], node) if len(parts) == 1 else cross(scope, parts[0], parts[1], node)


def unit_vector(scope: Scope, node: Ast, place: Ast) -> int:
    r"""``\mathbf{e}_1``, as unit vectors are printed."""
    name = f"e_{place.value}"
    said = f"'{name}' is read as the unit vector, whose entry {place.value} is 1: {declaration(name, SIZES[:1])} says otherwise"
    if said not in scope.warnings:
        scope.warnings.append(said)
    return scope.put("unit", (), (read_size(scope, place),), Type("c", scope.unifier.fresh(), 1), node)


BUILDERS: dict[str, Typed] = {
    "cross": _cross,
    "crossmatrix": _cross,
    "einsum": subscripted.einsum,
    "unvec": _unvec,
    "commutation": _commutation,
    "svdvals": _singular_values,
    "corr": _correlation,
    "convmatrix": _shifted,
    "hankel": _shifted,
    "singularvalues": _tall("svdvals"),
    "leftsingular": _tall("svdleft"),
    "rightsingular": _tall("svdright"),
    "fill": _fill_like,
    "inner": _inner,
    "vector": _ones,
    "ones": _ones,
    "zeros": _ones,
    "eye": _eye,
    **block_matrices.BUILDERS,
    **class_losses.BUILDERS,
    **reductions.BUILDERS,
}
