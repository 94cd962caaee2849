"""Calls whose arguments are sizes, subscripts or shapes, and calls that stand for several operators."""

from __future__ import annotations

import re
from functools import reduce as fold

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import ParseError, ShapeError
from matcalc.expr.nodes import shape_of, type_of, variable_type
from matcalc.expr.table import Type
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning import block_matrices, class_losses, reductions
from matcalc.notation.meaning.hints import turned
from matcalc.notation.meaning.operations import cross, skew
from matcalc.notation.meaning.size_arguments import read_size
from matcalc.notation.meaning.tape import Scope, Typed

_AXES = r"(?:[A-Za-z]|\([A-Za-z]+\))*"
_SUBSCRIPTS = re.compile(rf"{_AXES}(?:,{_AXES})*->{_AXES}")


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
            raise ParseError(f"write {node.value[0]}(1), or ones(n)", span=(node.start, node.end))
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


def _subscripts(node: Ast) -> tuple[str, list[list[str]], list[str]]:
    """The text of the first argument, and the axes in it. Raises ``ParseError``."""
    from matcalc.expr.subscripts import parse_subscripts

    if not node.args or node.args[0].kind != "string":
        raise ParseError("einsum needs subscripts first: einsum('ij,jk->ik', A, B)", span=(node.start, node.end))
    text, span = node.args[0].value, (node.args[0].start, node.args[0].end)
    if not _SUBSCRIPTS.fullmatch(text):
        once = "".join(sorted(c for c in set(text) if c.isalpha() and text.count(c) == 1))  # what NumPy takes
        given = f"{text}->{once}" if re.fullmatch(r"[A-Za-z]+(,\s*[A-Za-z]+)*", text) else "ij,jk->ik"
        raise ParseError(f"'{text}' does not say which axes go into which", span=span,
                         hint=f"write the axes of each operand and of the result: '{given}'")  # fmt: skip
    inputs, output = parse_subscripts(text)
    flat = "".join(output)
    twice = [c for c in flat if flat.count(c) > 1]
    if twice:
        raise ParseError(f"einsum: the result has the index {twice[0]} twice", span=span,
                         hint="name each axis of the result once; a diagonal matrix is diag(x)")  # fmt: skip
    return text, inputs, output


def _einsum(scope: Scope, node: Ast) -> int:
    """einsum('ij,jk->ik', A, B), with composite axes in parentheses: 'ij,kl->(ik)(jl)'."""
    text, inputs, output = _subscripts(node)
    operands = tuple([scope.infer(a) for a in node.args[1:]])
    if len(inputs) != len(operands):
        raise ParseError(f"'{text}' describes {len(inputs)} operands, {len(operands)} given", span=(node.start, node.end),
                         hint="write the axes of each operand, with commas between: einsum('ij,jk->ik', A, B)")  # fmt: skip
    sizes: dict[str, Dim] = {}
    axes: list[tuple[str, Dim]] = []
    if not any(inputs) and all(scope.type(i)[0] == "s" for i in operands):
        return fold(lambda a, b: scope.apply("scale", (a, b), node), operands)
    for letters, operand in zip(inputs, operands, strict=True):
        shape = shape_of(scope.type(operand))
        if len(letters) != len(shape):
            sizes_of = f"{scope.text(operand)}={','.join('nmp'[: len(letters)])}"
            declared = f", or declare it: --dim {sizes_of}" if scope.tape[operand].op == "sym" and len(letters) < 4 else ""
            raise ShapeError(
                f"einsum: '{scope.text(operand)}' is {scope.size(operand)}, and '{''.join(letters)}' names {len(letters)} axes",
                span=(node.start, node.end),
                hint=f"name {len(shape)} {'axis' if len(shape) == 1 else 'axes'}{declared}",
            )
        axes.extend(zip(letters, shape, strict=True))
    for name, size in sorted(axes, key=lambda pair: len(pair[0]) > 1):  # plain indices first: they give the parts of composite ones
        _bind_axis(scope, node, sizes, name, size)
    missing = [c for axis in output for c in axis if c not in sizes]
    if missing:
        raise ParseError(f"einsum: the index {missing[0]} of the result is in no operand", span=(node.start, node.end),
                         hint="give it to an operand, such as ones(n)")  # fmt: skip
    return scope.put("einsum", operands, text, type_of(tuple(_axis_size(sizes, axis) for axis in output)), node)


def _bind_axis(scope: Scope, node: Ast, sizes: dict[str, Dim], name: str, size: Dim) -> None:
    if len(name) > 1:
        known = [c for c in name if c in sizes]
        if len(known) == len(name) and not scope.unifier.unify(_axis_size(sizes, name), size):
            raise ShapeError(f"einsum: the composite index ({name}) does not fit", span=(node.start, node.end))
        for c in name:
            sizes.setdefault(c, scope.unifier.fresh())
        scope.unifier.unify(_axis_size(sizes, name), size)
    elif name not in sizes:
        sizes[name] = size
    elif not scope.unifier.unify(sizes[name], size):
        one, two = dims.text(sizes[name]), dims.text(size)
        raise ShapeError(f"einsum: the index {name} has the sizes {one} and {two}", span=(node.start, node.end),
                         hint="give axes of different sizes different letters, or declare the sizes equal")  # fmt: skip


def _axis_size(sizes: dict[str, Dim], axis: str) -> Dim:
    total: Dim = 1
    for c in axis:
        total = dims.mul(total, sizes[c])
    return total


def _fill_like(scope: Scope, node: Ast) -> int:
    """fill(a, X): the scalar a in every entry of something shaped like X."""
    a, like = scope.infer(node.args[0]), scope.infer(node.args[1])
    return scope.put("fill", (a,), None, scope.type(like), node)


def _unvec(scope: Scope, node: Ast) -> int:
    """unvec(v, m, n), or unvec(v, X) for something shaped like X."""
    v = scope.infer(node.args[0])
    if len(node.args) == 2:
        like = scope.type(scope.infer(node.args[1]))
    elif len(node.args) == 3:
        like = variable_type((read_size(scope, node.args[1]), read_size(scope, node.args[2])))
    else:
        raise ParseError("unvec takes a vector and two sizes: unvec(v, m, n)", span=(node.start, node.end))
    if like.kind == "m" and not scope.unifier.unify(dims.mul(like.rows, like.cols), scope.type(v).rows):
        raise ShapeError(f"unvec: '{scope.text(v)}' is {scope.size(v)}", span=(node.start, node.end), hint="its length must be m*n")
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
                span=(node.start, node.end),
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
            return ShapeError(message, span=(node.start, node.end), hint=f"write {node.value[0]}({turned(scope.text(x))})")

        scope.deferred.append(wide)
        return scope.apply(op, (x,), node)

    return build


def _shifted(scope: Scope, node: Ast) -> int:
    """convmatrix(w, n) and hankel(x, k): with n or k columns."""
    name = node.value[0]
    if len(node.args) != 2:
        raise ParseError(f"{name} takes a vector and the number of columns: {name}(w, n)", span=(node.start, node.end))
    w = scope.infer(node.args[0])
    kind, length, _ = scope.type(w)
    if kind != "c":
        raise ShapeError(f"{name}: '{scope.text(w)}' is {scope.size(w)}", span=(node.start, node.end), hint="it takes a column")
    cols = read_size(scope, node.args[1])
    rows = dims.add(length, dims.sub(cols, 1)) if name == "convmatrix" else dims.add(dims.sub(length, cols), 1)
    return scope.put(name, (w,), None, Type("m", rows, cols), node)


def _correlation(scope: Scope, node: Ast) -> int:
    if len(node.args) != 2:
        raise ParseError(f"{node.value[0]} takes 2 arguments, {len(node.args)} given", span=(node.start, node.end),
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
        return ShapeError(message, span=(node.start, node.end), hint=hint)

    scope.deferred.append(long)
    return scope.apply("corr", (x, w), node)


def _only(scope: Scope, node: Ast) -> int:
    if len(node.args) != 1:
        raise ParseError(f"{node.value[0]} takes 1 argument, {len(node.args)} given", span=(node.start, node.end),
                         hint=f"write {node.value[0]}(X)")  # fmt: skip
    return scope.infer(node.args[0])


def _commutation(scope: Scope, node: Ast) -> int:
    """commutation(m, n): K with K vec(X) = vec(X') for X m×n."""
    if len(node.args) != 2:
        raise ParseError("commutation takes two sizes: commutation(m, n)", span=(node.start, node.end))
    m, n = _sizes(scope, node)
    size = dims.mul(m, n)
    return scope.put("commutation", (), (m, n), Type("m", size, size), node)


def _inner(scope: Scope, node: Ast) -> int:
    """inner(A, B): ⟨A, B⟩; in a rule row it stays, for the row is about all kinds."""
    if len(node.args) != 2:
        raise ParseError(f"inner takes 2 arguments, {len(node.args)} given", span=(node.start, node.end),
                         hint="write inner(A, B)")  # fmt: skip
    if scope.in_row:
        return scope.apply("inner", (scope.infer(node.args[0]), scope.infer(node.args[1])), node)
    return scope.infer(node._replace(kind="angle", value=None))


def _cross(scope: Scope, node: Ast) -> int:
    """cross(a, b), and crossmatrix(a), the matrix of v ↦ a × v."""
    parts = [scope.infer(a) for a in node.args]
    if len(parts) != 1 + (node.value[0] == "cross"):
        raise ParseError(f"{node.value[0]} does not take so many arguments: {len(parts)}", span=(node.start, node.end),
                         hint="write cross(a, b) or crossmatrix(a)")  # fmt: skip
    return skew(scope, parts[0], node) if len(parts) == 1 else cross(scope, parts[0], parts[1], node)


BUILDERS: dict[str, Typed] = {
    "cross": _cross,
    "crossmatrix": _cross,
    "einsum": _einsum,
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
