"""Sizes in the text: numbers, dimension symbols, sums, differences and products of them."""

from __future__ import annotations

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import ParseError
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.tape import Scope


def read_size(scope: Scope, a: Ast, differences: bool = True) -> Dim:
    """The size that a part of the text stands for."""
    if a.kind == "num" and a.value.denominator == 1 and a.value > 0:
        return int(a.value)
    total: Dim
    if a.kind == "name":
        i = scope.frame.get(a.value, -1)
        total = scope.tape[i].attr if i >= 0 and scope.tape[i].op == "dim" else a.value  # a size of what a function was given
        return total
    if a.kind == "call" and a.value[0].startswith(("np.shape", "np.size")):
        total = scope.tape[scope.infer(a)].attr
        return total
    if a.kind == "prod" and set(a.value) <= {"*", " ", "times"}:
        total = 1
        for f in a.args:
            total = dims.mul(total, read_size(scope, f, differences))
        return total
    if a.kind == "sum" and (differences or set(a.value) == {"+"}):
        total = 0
        for sign, f in zip(a.value, a.args, strict=True):
            part = read_size(scope, f, differences)
            total = dims.add(total, part) if sign == "+" else dims.sub(total, part)
        return total
    raise ParseError("a size must be a number, a dimension symbol, or a product of these", span=a.span)
