"""Signs between two values: what ``+``, ``*``, ``/`` and ``⊗`` mean for their kinds."""

from __future__ import annotations

from matcalc.expr.errors import AmbiguityError
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.conventions import ask_about_loose, refuse_turned_number
from matcalc.notation.meaning.tape import Scope


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
        ask_about_loose(scope, left, right, at)
        if lk == "s":
            left = _fill(scope, left, scope.type(right), at, op)
        else:
            right = _fill(scope, right, scope.type(left), at, op)
    return scope.apply(op, (left, right), at)


def _fill(scope: Scope, i: int, type: Type, at: Ast, op: str) -> int:
    entry = scope.original(i)
    if op in ("add", "sub") and type.kind == "m" and entry.op == "sym":
        name = scope.text(i)
        scope.warnings.append(f"'{name}' is added to every entry of a matrix; write {name}*eye for a multiple of the identity")
    if scope.flexible and op in ("add", "sub"):
        scope.doubt(i, at, "a {} of the same sizes as the other side, or a scalar in every entry")
    return scope.put("fill", (i,), None, type, at)


def product(scope: Scope, op: str, left: int, right: int, at: Ast) -> int:
    """What a product sign means for these kinds."""
    lk, rk = scope.type(left)[0], scope.type(right)[0]
    if op == "/":
        top, bottom = scope.tape[left], scope.tape[right]
        if top.op == bottom.op == "num" and bottom.attr:
            return scope.put("num", (), top.attr / bottom.attr, SCALAR, at)
        return scope.apply("div", (left, right), at)
    if op == "kron":
        if "s" in lk + rk:
            return product(scope, "*", left, right, at)
        if lk == rk == "c":
            a, b = scope.text(left), scope.text(right)
            raise AmbiguityError(
                f"{a} ⊗ {b} of two columns has several readings: Kronecker, outer or elementwise product",
                span=(at.start, at.end), hint=f"write kron({a}, {b}), {a}*{b}' or {a} .* {b}",
            )  # fmt: skip
        return scope.apply("kron", (left, right), at)
    if op == "./":
        if rk == "s":
            return scope.apply("div", (left, right), at)
        return pairwise(scope, "hdiv", left, right, at)
    if lk == "s":
        if scope.flexible and rk in "cm" and scope.text(left)[:1].isupper():
            scope.doubt(left, at, "a product with a {}, or with a scalar")
        return scope.apply("scale", (left, right), at)
    if rk == "s":
        if lk == "r" and scope.latex and scope.original(right).op == "const":
            refuse_turned_number(scope, "pi", at, True)  # x^T pi
        if scope.flexible and lk in "mr" and op != ".*":
            text = scope.text(left)
            text = text.replace("{", "{{").replace("}", "}}")
            scope.doubt(right, at, f"the product of {text} and a {{}}, or {text} times a scalar")
        return scope.apply("scale", (right, left), at)
    if op == ".*":
        return scope.apply("hadamard", (left, right), at)
    if op == "dot" and lk == rk == "c":
        return scope.apply("matmul", (scope.apply("T", (left,), at), right), at)
    return scope.apply("matmul", (left, right), at)


__all__ = ["negated", "pairwise", "product"]
