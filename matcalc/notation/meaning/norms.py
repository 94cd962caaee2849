"""Which norm a sign, a subscript or an argument means."""

from __future__ import annotations

import re
from fractions import Fraction

from matcalc.expr.errors import AmbiguityError, NoRuleError, instead
from matcalc.expr.table import SCALAR
from matcalc.notation.kinds.letter_habits import usual_kind
from matcalc.notation.lex.habits import DEGREES, SPACES, is_letter
from matcalc.notation.lex.syntax import LOWERED, Ast
from matcalc.notation.meaning.conventions import look_up
from matcalc.notation.meaning.tape import Scope


def which_norm(label: Ast) -> str:
    """The subscript of the norm that ``norm(x, 1)``, ``norm(x, inf)`` or ``norm(X, 'fro')`` is."""
    label = label.args[0] if label.kind == "keyword" and label.value == "ord" else label
    return str(label.value) if label.kind in ("num", "name", "string") else label.kind


FROBENIUS = ("F", "Fro", "fro", "mathrmF")
EUCLIDEAN = ("", "2", *FROBENIUS)  # subscripts of the norm of a vector
ENTRYWISE = ("1,1",)  # subscripts of the norms of matrices that have a name of their own
LARGEST = ("infty", "inf", "∞")
SPECTRAL = ("2->2", "op", "spec")


def norm(scope: Scope, node: Ast) -> int:
    """‖x‖ with its subscript. Raises ``AmbiguityError`` where a matrix has two norms of that name, ``NoRuleError``."""
    i = scope.infer(node.args[0])
    which, kind = node.value, scope.type(i)[0]
    if node.mark == LOWERED:
        scope.warnings.append(f"the {which} right behind ‖…‖ is read as its label: ‖…‖_{which}")
    if which == "0":
        raise NoRuleError("the 0-'norm' counts entries and is not differentiable", span=node.span, hint="use norm1")
    if which in FROBENIUS or (which in ("", "2") and kind != "m"):
        return scope.apply("norm2", (i,), node)
    if which == "" and kind == "m":
        scope.warnings.append(f"‖{scope.text(i)}‖ of a matrix is read as the Frobenius norm")
        return scope.apply("norm2", (i,), node)
    if which in ENTRYWISE or (which == "1" and kind != "m"):
        return scope.apply("norm1", (i,), node)
    if which in SPECTRAL and kind == "m":
        return scope.apply("normspec", (i,), node)
    if which in LARGEST and kind != "m":
        return scope.apply("max", (scope.apply("abs", (i,), node),), node)
    if which in ("*", "nuc"):
        return scope.apply("normnuc", (i,), node)
    if kind == "m" and (found := _of_matrix(scope, node, which)) is not None:
        return found
    if kind != "m" and (found := _by_label(scope, i, which, node)) is not None:
        return found
    if which in ("1", "2", *LARGEST):
        raise _two_readings(scope, node, which, scope.text(i))
    raise NoRuleError(
        f"there is no operator for the norm with subscript {which}",
        span=node.span,
        hint="known: 1, 2, 3 …, inf, F (fro), * (nuc); the name of a declared matrix or scalar",
    )


_INVERSE = "^-1"
SCHATTEN = {"S_1": "normnuc", "S_2": "norm2", "S_inf": "normspec"}


def _of_matrix(scope: Scope, node: Ast, which: str) -> int | None:
    """``‖X‖_{2,1}``, ``‖X‖_{S_p}``, and ``‖X‖_p`` of another p than 1, 2 and ∞, with a notice where it has two meanings."""
    x, of = scope.source[node.args[0].start : node.args[0].end].strip(), node.args[0]
    if which in SCHATTEN:
        return scope.apply(SCHATTEN[which], (scope.infer(of),), node)
    if which.removeprefix("ell_") in ("2,1", "21"):
        scope.warnings.append(
            f"‖{x}‖_{{2,1}} is read as the sum of the 2-norms of the rows; ‖({x})ᵀ‖_{{2,1}} is the sum over the columns"
        )
        return scope.infer(node._replace(kind="call", value=("norm21", 0)))
    degree = which.removeprefix("S_")
    p = _degree(scope, degree, node)
    if p is None or degree in ("1", "2") or (degree.isdigit() and len(degree) > 1):
        return None
    if p.kind != "num":
        scope.warnings.append(f"where {degree} < 2, ‖{x}‖_{which} has no derivative where a singular value is 0")
    if degree == which:
        scope.warnings.append(
            f"‖{x}‖_{which} of a matrix is read as the Schatten norm, that of the singular values; "
            f"norm(vec({x}), {which}) in plain notation is that of the entries"
        )
    return scope.infer(node._replace(kind="call", args=(of, p), value=("schatten", 0)))


def _degree(scope: Scope, label: str, node: Ast) -> Ast | None:
    """The p of a p-norm, a number or a name."""
    if label.isdigit():
        return node._replace(kind="num", args=(), value=Fraction(label))
    if label not in DEGREES and label not in scope.declared and label not in scope.values:
        return None
    name = node._replace(kind="name", args=(), value=label, mark="")
    return name if scope.type(scope.infer(name)).kind == "s" else None


def _by_label(scope: Scope, x: int, which: str, node: Ast) -> int | None:
    """``‖x‖_3`` and ``‖x‖_p`` of a declared scalar: (Σ |x_i|^p)^(1/p); ``‖x‖_M`` of a declared matrix: (xᵀ M x)^(1/2)."""
    degree = _degree(scope, which, node)
    if degree is not None:
        p = scope.infer(degree)
        power = scope.put("hpow", (scope.apply("abs", (x,), node), p), None, scope.type(x), node)
        root = scope.apply("div", (scope.put("num", (), Fraction(1), SCALAR, node), p), node)
        return scope.apply("pow", (scope.apply("sum", (power,), node), root), node)
    metric = matrix(scope, node)
    if metric is None:
        return None
    column = x if scope.type(x).kind == "c" else scope.apply("T", (x,), node)
    form = scope.apply("matmul", (scope.apply("T", (column,), node), scope.apply("matmul", (metric, column), node)), node)
    return scope.apply("sqrt", (form,), node)


def matrix(scope: Scope, node: Ast) -> int | None:
    """The matrix that the label of a norm names, M or M^{-1}."""
    name = node.value.removesuffix(_INVERSE)
    if name not in scope.declared and name not in scope.values:
        if not is_letter(name) or usual_kind(name) != "m" or name in SPACES:
            return None
        scope.warnings.append(f"‖x‖_{node.value} is read as the root of xᵀ {node.value} x, with a matrix {name}")
    i = look_up(scope, name, node)
    if scope.type(i).kind != "m":
        return None
    return i if name == node.value else scope.apply("inv", (i,), node)


def _two_readings(scope: Scope, node: Ast, which: str, x: str) -> AmbiguityError:
    """Of a matrix: the norm of its entries, or that of the linear map."""
    first, second, latex = {
        "1": (
            f"norm1({x}) (sum of entries)",
            f"max(colsum(abs({x}))) (the largest column sum)",
            r"\|X\|_{1,1} for the sum of the entries",
        ),
        "2": (f"norm2({x}) (Frobenius)", f"normspec({x}) (spectral)", r"\|X\|_F or \|X\|_{2\to2}"),
    }.get(which, (f"max(abs({x})) (the largest entry)", f"max(rowsum(abs({x}))) (the largest row sum)", ""))
    hint = "write the one that is meant in plain notation" + (f", or {latex}" if latex else "")
    shown = "∞" if which in LARGEST else which
    calls = [call.partition(" (")[0] + node.mark.replace(LOWERED, "") for call in (first, second)]
    if scope.latex:
        calls = [_CALLED.sub(r"\\operatorname{\1}", call) for call in calls]
    return AmbiguityError(
        f"‖·‖_{shown} of a matrix has two readings: {first} or {second}", span=node.span, hint=hint,
        ways=[instead(node.span, call) for call in calls],
    )  # fmt: skip


_CALLED = re.compile(r"(?<![\\A-Za-z])(norm1|norm2|normspec|max|colsum|rowsum|abs)(?=\()")
