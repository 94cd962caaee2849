"""Sums, means, extremes, norms and softmax along an axis, as NumPy and PyTorch call them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from matcalc.expr.errors import AmbiguityError, NoRuleError, ParseError, ShapeError, instead
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.lex.python_names import FLAT
from matcalc.notation.lex.syntax import Ast, whole_number
from matcalc.notation.meaning import class_losses
from matcalc.notation.meaning.block_matrices import stacked
from matcalc.notation.meaning.broadcasting import upright
from matcalc.notation.meaning.tape import Scope, Typed

AXES = ("axis", "dim")
KEEP = ("keepdims", "keepdim")
ORDERS = ("ord", "p")
DEGREES = ("ddof", "correction", "unbiased")
GIVEN = "#given"  # the operand, on the tape already
ONE_PER_ROW = frozenset(("softmax", "logsoftmax", "logsumexp"))  # of a matrix: of each row, in this notation


class Options(NamedTuple):
    """The arguments of a reduction besides its operand."""

    axis: int | None = None
    keep: bool = False
    order: Ast | None = None
    degrees: int | None = None  # what the variance divides by is n less this


def reduce(scope: Scope, node: Ast) -> int:
    """``np.sum(X, axis=0)`` and its like, on the tape. Raises ``ParseError``, ``ShapeError``, ``AmbiguityError``."""
    name, family = node.value[0].removeprefix("np."), node.value[1]
    operand, options = node.args[0], _options(node, name)
    i = scope.infer(operand)
    kind = scope.type(i)[0]
    axis = _axis(scope, i, options.axis, node)
    if name in ("var", "std"):
        _refuse_degrees(scope, node, name, family, options)
    if name == "norm":
        return _kept(scope, _norm(scope, i, family, options, axis, node), axis, options.keep, node)
    if name == "prod" and kind == "m" and axis is None:
        i = scope.apply("vec", (i,), node)
    if name in ONE_PER_ROW and kind == "m" and axis is None:
        return _all_entries(scope, i, name, family, node)
    return _kept(scope, _apply(scope, name, i, axis, node), axis, options.keep and name not in ("softmax", "logsoftmax"), node)


def _apply(scope: Scope, name: str, i: int, axis: int | None, node: Ast) -> int:
    """The function of this notation on what is on the tape."""
    start, end = scope.spans[i]
    arguments = [Ast("name", start, end, (), GIVEN)]
    if axis is not None:
        _refuse_axis(scope, name, i, node)
        number = node._replace(kind="num", args=(), value=Fraction(axis))
        arguments.append(node._replace(kind="keyword", args=(number,), value="axis"))
    return scope.infer_with({GIVEN: i}, node._replace(kind="call", args=tuple(arguments), value=(name, 0)))


def _refuse_axis(scope: Scope, name: str, i: int, node: Ast) -> None:
    from matcalc.notation.meaning.formula_rows import table

    if not any(place.startswith("axis=") for row in table().get(name, ()) for place in row.head):
        raise NoRuleError(f"{name} along an axis has no formula here: '{scope.text(i)}'", span=node.span,
                          hint=f"{name} of all entries is known; of one row: {name}(X[1,:])")  # fmt: skip


# ---------------------------------------------------------------- arguments


def _options(node: Ast, name: str) -> Options:
    places = [a for a in node.args[1:] if a.kind != "keyword"]
    found: dict[str, Any] = {}
    if name == "norm" and places:
        found["order"] = places.pop(0)
    if places:
        found["axis"] = _whole(places.pop(0))
    if places:
        raise ParseError(f"{name} has more arguments here than are read", span=places[0].span,
                         hint=f"write {name}(X, axis=0)")  # fmt: skip
    for a in node.args[1:]:
        if a.kind != "keyword":
            continue
        (value,) = a.args
        if a.value in AXES and "axis" not in found:
            found["axis"] = _whole(value)
        elif a.value in KEEP and value.kind == "string":
            found["keep"] = value.value == "True"
        elif a.value in ORDERS and name == "norm" and "order" not in found:
            found["order"] = value
        elif a.value in DEGREES and name in ("var", "std"):
            found["degrees"] = int(value.value == "True") if value.kind == "string" else _whole(value)
        else:
            raise ParseError(f"'{a.value}' is not an argument that is read with {name}", span=a.span,
                             hint="axis (dim) and keepdims are read")  # fmt: skip
    if isinstance(order := found.get("order"), Ast) and order.kind == "string" and order.value == "None":
        del found["order"]
    return Options(**found)


def _whole(a: Ast) -> int | None:
    """The number of an axis; ``None`` as Python has it."""
    if a.kind == "string" and a.value == "None":
        return None
    if (axis := whole_number(a)) is not None:
        return axis
    raise ParseError("an axis is a whole number", span=a.span, hint="0 counts along the columns, 1 along the rows")


def _axis(scope: Scope, i: int, axis: int | None, node: Ast) -> int | None:
    """The axis of a matrix, 0 or 1; ``None`` for all entries. Raises ``ShapeError``."""
    kind = scope.type(i)[0]
    if axis is None:
        return None
    if kind in "st":
        said = f"'{scope.text(i)}' is {scope.size(i)}, and axes are read of vectors and matrices"
        raise ShapeError(said, span=node.span,
                         hint="leave the axis out, or write a sum over an index")  # fmt: skip
    count = 2 if kind == "m" else 1
    if kind != "m" and (kind == "r" or upright(scope, i)):
        scope.name_unknown((i,))
        raise ShapeError(f"an axis of '{scope.text(i)}', {scope.size(i)}, has no reading here", span=node.span,
                         hint="leave the axis out, or name a 1-D array")  # fmt: skip
    if not -count <= axis < count:
        scope.name_unknown((i,))
        raise ShapeError(f"there is no axis {axis}: '{scope.text(i)}' is {scope.size(i)} and has {count}",
                         span=node.span, hint="axes count from 0; -1 is the last")  # fmt: skip
    return axis % 2 if kind == "m" else None


def _kept(scope: Scope, i: int, axis: int | None, keep: bool, node: Ast) -> int:
    """The result with the axis kept: 1×n for axis 0, m×1 for axis 1."""
    if not keep or scope.type(i)[0] != "c" or axis is None:
        return i
    i = scope.apply("T", (i,), node) if axis == 0 else scope.put("copy", (i,), None, scope.type(i), node)
    scope.python.upright.add(i)
    return i


# ---------------------------------------------------------------- those that differ between libraries


def _refuse_degrees(scope: Scope, node: Ast, name: str, family: str, options: Options) -> None:
    """NumPy divides by n, PyTorch by n - 1 unless it is told not to."""
    if options.degrees is None and family not in ("numpy",):
        x = scope.source[node.args[0].start : node.args[0].end]
        if family == "torch":
            message = f"torch.{name} divides by n - 1, and {name} here by n"
        else:
            message = f"'.{name}()' has two readings: NumPy divides by n, PyTorch by n - 1"
        raise AmbiguityError(message, span=node.span,
                             hint=f"write np.{name}({x}) to divide by n; for n - 1 write the formula out",
                             ways=[instead(node.span, f"np.{name}({x})")])  # fmt: skip
    if options.degrees not in (None, 0):
        raise ParseError(f"{name} divides by n here, not by n - {options.degrees}", span=node.span,
                         hint="write the formula out, or leave that argument out")  # fmt: skip


def _squares(scope: Scope, i: int, node: Ast) -> int:
    two = scope.put("num", (), Fraction(2), SCALAR, node)
    return scope.put("hpow", (i, two), None, scope.type(i), node)


def _all_entries(scope: Scope, i: int, name: str, family: str, node: Ast) -> int:
    """softmax and logsumexp of a matrix without an axis: of all entries in SciPy, of each row in JAX."""
    if family == "jax":
        return _apply(scope, name, i, None, node)
    if family == "special" and name == "logsumexp":
        return scope.apply("logsumexp", (scope.apply("vec", (i,), node),), node)
    text = scope.text(i)
    raise AmbiguityError(
        f"{name} of the matrix '{text}' without an axis has several readings: over all entries, each row or each column",
        span=node.span, hint=f"write axis=1 for each row, axis=0 for each column: {name}({text}, axis=1)",
        ways=[instead((node.end - 1, node.end), f", axis={axis})") for axis in (1, 0)],
    )  # fmt: skip


def _norm(scope: Scope, i: int, family: str, options: Options, axis: int | None, node: Ast) -> int:
    """``np.linalg.norm`` and ``torch.norm``: they agree on vectors, and differ on matrices with a number as order."""
    order = "" if options.order is None else _order(options.order)
    kind = scope.type(i)[0]
    entrywise = family in ("torch", "method")
    if axis is not None:
        if order == "1":
            return _apply(scope, "sum", scope.apply("abs", (i,), node), axis, node)
        if order in ("", "2"):
            squares = _squares(scope, i, node)
            return scope.apply("sqrt", (_apply(scope, "sum", squares, axis, node),), node)
    elif kind != "m" or order in ("", "fro", "nuc") or (entrywise and order in ("1", "2")):
        found = order if kind != "m" or order in ("", "fro", "nuc") else {"1": "1,1", "2": "F"}[order]
        return _norm_of_tool(scope, i, found or "F", node)
    elif not entrywise and order == "2":
        return scope.apply("normspec", (i,), node)
    elif not entrywise and order in ("1", "inf"):
        sums = scope.apply("colsum" if order == "1" else "rowsum", (scope.apply("abs", (i,), node),), node)
        return scope.apply("max", (sums,), node)
    raise ParseError(f"the norm of order {order} is not read here", span=node.span,
                     hint="orders 1, 2, inf, 'fro' and 'nuc' are read; 1 and 2 along an axis")  # fmt: skip


def _norm_of_tool(scope: Scope, i: int, which: str, node: Ast) -> int:
    return scope.infer_with({GIVEN: i}, node._replace(kind="norm", args=(Ast("name", *scope.spans[i], (), GIVEN),), value=which))


def _order(a: Ast) -> str:
    return str(a.value) if a.kind in ("num", "name", "string") else a.kind


# ---------------------------------------------------------------- shapes


def shape(scope: Scope, node: Ast) -> int:
    """``X.shape[0]``, ``len(x)``: a size as a number."""
    axis = int(node.value[0].removeprefix("np.shape"))
    labels = class_losses.rows(scope, node.args[0]) if axis == 0 else None
    i = scope.infer(node.args[0]) if labels is None else labels
    kind, rows, cols = scope.type(i)
    if kind not in "cm" or axis >= (2 if kind == "m" else 1) or (kind == "c" and upright(scope, i)):
        scope.name_unknown((i,))
        raise ShapeError(f"'{scope.text(i)}' is {scope.size(i)}, and has no axis {axis} here", span=node.span,
                         hint="a vector has the axis 0, a matrix 0 and 1")  # fmt: skip
    return scope.put("dim", (), cols if kind == "m" and axis in (1, -1) else rows, SCALAR, node)


def size(scope: Scope, node: Ast) -> int:
    """``X.size``: the number of entries."""
    from matcalc.expr import dims

    i = scope.infer(node.args[0])
    kind, rows, cols = scope.type(i)
    if kind not in "crm":
        raise ShapeError(f"'{scope.text(i)}' is {scope.size(i)}", span=node.span, hint="size is of a vector or a matrix")
    return scope.put("dim", (), dims.mul(rows, cols), SCALAR, node)


def reshaped(scope: Scope, node: Ast) -> int:
    """``x[:, None]``, ``x[None, :]``, ``x.reshape(-1)``, ``X.ravel()``: a vector as n×1, 1×n or 1-D array."""
    meaning = node.value[0].removeprefix("np.")
    i = scope.infer(node.args[0])
    kind = scope.type(i)[0]
    if meaning == "flat" and kind == "m":  # row by row
        return scope.apply("vec", (scope.apply("T", (i,), node),), node)
    if kind not in "cr" or (meaning in ("row", "column") and (kind == "r" or upright(scope, i))):
        scope.name_unknown((i,))
        raise ShapeError(f"'{scope.text(i)}' is {scope.size(i)}, and is read as another shape only where it is a 1-D array",
                         span=node.span, hint="leave it out, or write the formula with matrices")  # fmt: skip
    if meaning == "flat" or meaning == "squeeze":
        return _plain(scope, i, node)
    out = scope.put("copy", (i,), None, scope.type(i), node) if meaning == "column" else scope.apply("T", (i,), node)
    scope.python.upright.add(out)
    return out


def _plain(scope: Scope, i: int, node: Ast) -> int:
    """A vector as a 1-D array. An operator between, so that it is no longer an n×1 array."""
    kind, rows, cols = scope.type(i)
    if not upright(scope, i):
        return scope.apply("T", (i,), node) if kind == "r" else i
    return scope.put("vec", (i,), None, Type("c", cols if kind == "r" else rows, 1), node)


def joined(scope: Scope, node: Ast) -> int:
    """``np.concatenate([x, y])``, ``np.vstack``, ``np.stack``: 1-D arrays behind each other, or as the rows of a matrix."""
    name = node.value[0].removeprefix("np.")
    operands = [a for a in node.args if a.kind != "keyword"]
    said = [a.args[0] for a in node.args if a.kind == "keyword" and a.value in AXES]
    if len(operands) > 2 and operands[-1].kind in ("num", "neg"):
        said.append(operands.pop())
    axis = _whole(said[0]) if said else 0
    parts = [scope.infer(a) for a in operands]
    if len(parts) < 2 or axis not in (0, 1, -1):
        raise ParseError(f"{name} takes two arrays or more, and an axis 0 or 1", span=node.span,
                         hint=f"write {name}([x, y])")  # fmt: skip
    flat = all(scope.type(i).kind == "c" and not upright(scope, i) for i in parts)
    if name == "vstack" or (name == "stack" and axis == 0):
        return stacked(scope, [scope.apply("T", (i,), node) if flat else i for i in parts], True, node)
    below = flat if name == "hstack" else name == "concatenate" and (axis == 0 or (flat and axis == -1))
    return stacked(scope, parts, below, node)


def of_flat_arrays(scope: Scope, node: Ast) -> int:
    """``np.inner(x, y)``, ``np.outer(x, y)``: of 1-D arrays. Raises ``ParseError`` for a matrix, also where ``*`` in it could be a
    matrix product and so make it none: NumPy has a value of its own there."""
    name = node.value[0].removeprefix("np.")
    for a in node.args:
        i = scope.infer(a)
        if scope.type(i)[0] == "m":
            raise ParseError(f"{name} is read of 1-D arrays, and '{scope.text(i)}' is {scope.size(i)}", span=a.span,
                             hint="write A @ x, np.sum(np.multiply(A, B)), or X.ravel() for its entries in one row")  # fmt: skip
    return scope.infer(node._replace(value=(FLAT[name], 0)))


BUILDERS: dict[str, Typed] = {
    **{f"np.{name}": of_flat_arrays for name in FLAT},
    **dict.fromkeys(("np.concatenate", "np.hstack", "np.vstack", "np.stack", "np.column_stack"), joined),
    **dict.fromkeys(("np.sum", "np.mean", "np.max", "np.min", "np.prod", "np.var", "np.std", "np.norm"), reduce),
    **dict.fromkeys(("np.softmax", "np.logsumexp", "np.cumsum", "np.logsoftmax"), reduce),
    **dict.fromkeys(("np.shape0", "np.shape1", "np.shape-1"), shape),
    **{"np.size": size},
    **dict.fromkeys(("np.column", "np.row", "np.flat", "np.squeeze"), reshaped),
}
