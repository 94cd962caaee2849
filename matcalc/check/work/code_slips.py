"""Single slips in a NumPy function: an axis, ``*`` for ``@``, a sign, a factor. Each edit undoes one, as a tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import NamedTuple

from matcalc.check.work.programs import Program

ORDER = ("wrong-axis", "transpose", "elementwise-for-matrix", "sign", "wrong-order", "missing-factor")
REDUCTIONS = frozenset(("sum", "mean", "max", "min", "prod", "std", "var"))
AXES = [(axis, keep) for keep in (False, True) for axis in (0, 1, None)]


class CodeEdit(NamedTuple):
    """A function that differs in one place: the slip that it undoes, in the words of a verdict, and what it is."""

    verdict: str
    words: str
    program: Program


def edits(one: Program) -> Iterator[CodeEdit]:
    """Functions that differ from this one by one slip, the most usual slips first; the axes of all sums may be one slip."""
    nodes = [node for node in ast.walk(one.function) if isinstance(node, ast.expr)]
    found = [(*change, node) for node in nodes for change in _changes(node)]
    for verdict, words, new, node in sorted(found, key=lambda row: ORDER.index(row[0])):
        yield CodeEdit(verdict, f"{words} in line {node.lineno}", _with(one, {id(node): new}))
    for axis, keep in AXES:
        every = {id(n): _over(n, axis, keep) for n in nodes if isinstance(n, ast.Call) and _is_reduction(n)}
        yield CodeEdit("wrong-axis", "sums run over another axis", _with(one, every))


def _with(one: Program, new: Mapping[int, ast.expr]) -> Program:
    """The function with other nodes in the places of some."""
    return one._replace(function=deepcopy(one.function, dict(new)))


def _changes(node: ast.expr) -> Iterator[tuple[str, str, ast.expr]]:
    if isinstance(node, ast.Call) and _is_reduction(node):
        for axis, keep in AXES:
            yield "wrong-axis", "a sum or mean runs over another axis", _over(node, axis, keep)
    if not isinstance(node, ast.BinOp):
        return
    left, right = node.left, node.right
    if isinstance(node.op, (ast.Mult, ast.MatMult)):
        other = ast.MatMult() if isinstance(node.op, ast.Mult) else ast.Mult()
        yield "elementwise-for-matrix", "* and @ are confused", ast.BinOp(left, other, right)
        yield "wrong-order", "factors stand in the wrong order", ast.BinOp(right, node.op, left)
    if isinstance(node.op, ast.MatMult):
        yield "transpose", "a transpose is misplaced", ast.BinOp(_turned(left), node.op, right)
        yield "transpose", "a transpose is misplaced", ast.BinOp(left, node.op, _turned(right))
    if isinstance(node.op, (ast.Add, ast.Sub)):
        yield (
            "sign",
            "the sign of one term is turned",
            ast.BinOp(left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), right),
        )


def _is_reduction(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in REDUCTIONS


def _over(node: ast.Call, axis: int | None, keep: bool) -> ast.Call:
    """The sum or mean over this axis, or over all."""
    whole = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    of = node.args[: int(isinstance(whole, ast.Name) and whole.id in ("np", "numpy"))]  # else it is a method
    said = [k for k in node.keywords if k.arg not in ("axis", "keepdims")]
    said += [ast.keyword("axis", ast.Constant(axis))] * (axis is not None) + [ast.keyword("keepdims", ast.Constant(True))] * keep
    return ast.Call(node.func, of, said)


def _turned(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Attribute) and node.attr == "T" else ast.Attribute(node, "T", ast.Load())


def with_factors(one: Program, names: Sequence[str]) -> Iterator[CodeEdit]:
    """What is returned, or what a line assigns, times something that was left out."""
    for node in ast.walk(one.function):
        if isinstance(node, (ast.Return, ast.Assign)) and node.value is not None:
            for name in names:
                for op in (ast.Mult(), ast.MatMult()):
                    product = ast.BinOp(node.value, op, ast.Name(name, ast.Load()))
                    words = f"the factor {name} is missing in line {node.lineno}"
                    yield CodeEdit("missing-factor", words, _with(one, {id(node.value): product}))
