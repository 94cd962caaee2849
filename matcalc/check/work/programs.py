"""A NumPy function of somebody's, walked as a tree on small arrays: nothing of it is executed.

What is known is listed here: arithmetic, indices, loops over arrays, and functions of NumPy by name. All else is refused by name.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from matcalc.expr.errors import LimitError, ParseError, ShapeError, UsageError
from matcalc.notation.lex.python_trees import tree_of

MOST = 20_000  # nodes that are walked in one call
LARGEST = 10**7  # numbers that one of them may make
Value = Any  # an array, a number, a tuple or a function of the program


def _power(a: Value, b: Value) -> Value:
    """Whole numbers stay whole while they are small; no number grows without end."""
    if isinstance(a, int) and isinstance(b, int) and abs(a) <= 1000 and 0 <= b <= 12:
        return a**b
    return np.power(np.asarray(a, float), b)


_BINARY: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.MatMult: operator.matmul,
    ast.Pow: _power, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt,
    ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
_UNARY: dict[type[ast.AST], Callable[[Any], Any]] = {
    ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_, ast.Invert: operator.invert,
}  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NUMPY = _words("""
    abs absolute add amax amin arange arccos arcsin arctan argmax argmin array asarray atleast_1d atleast_2d
    broadcast_to ceil clip column_stack concatenate cos cosh cross cumprod cumsum diag diagonal divide dot e
    einsum equal exp expand_dims expm1 eye flip float64 floor full full_like greater greater_equal heaviside
    hstack identity inf inner isclose kron less less_equal log log10 log1p log2 logaddexp logical_and logical_not
    logical_or matmul max maximum mean min minimum multiply ndim negative newaxis ones ones_like outer pi power
    prod ravel reciprocal repeat reshape roll shape sign sin sinh size sqrt square squeeze stack std subtract sum
    swapaxes take tan tanh tensordot tile trace transpose tril triu var vdot vstack where zeros zeros_like
""")
# The numbers that these are called with count entries, or each entry of one argument is spread over another.
_GROWING = _words("arange broadcast_to diag einsum eye full identity kron ones outer range repeat tensordot tile zeros")
_LINALG = _words("cholesky cond det eigh inv matrix_power norm pinv slogdet solve")
_METHODS = _words("""
    all any argmax argmin astype clip copy cumsum diagonal dot flatten item max mean min prod ravel repeat reshape
    round squeeze std sum swapaxes take trace transpose var
""")
_ATTRIBUTES = _words("T shape size ndim")
_BUILTINS: dict[str, Callable[..., Any]] = {
    "abs": abs, "enumerate": enumerate, "float": float, "int": int, "len": len, "list": list, "max": max, "min": min,
    "range": range, "reversed": reversed, "sum": sum, "tuple": tuple, "zip": zip,
}  # fmt: skip
# LinAlgError is a ValueError.
_FAILURES = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, MemoryError)


class Program(NamedTuple):
    """A function of the source, and the other ones beside it."""

    function: ast.FunctionDef
    beside: tuple[ast.stmt, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(a.arg for a in self.function.args.args)


def program(source: str, name: str | None = None) -> Program:
    """The function ``name``, or the last one. Raises ``ParseError`` for what is no Python, ``UsageError`` where there is none."""
    try:
        tree = tree_of(source)
    except SyntaxError as error:
        raise ParseError(f"line {error.lineno}: this is no Python: {error.msg}", hint="give the source of a function") from None
    except (RecursionError, MemoryError, ValueError) as error:
        raise LimitError(f"the function cannot be read: {error}", hint="write it with fewer brackets") from None
    functions = [s for s in tree.body if isinstance(s, ast.FunctionDef) and name in (None, s.name)]
    if not functions:
        raise UsageError("there is no function" + (f" '{name}'" if name else ""), hint="write def grad(X, y, w): … return …")
    return Program(functions[-1], tuple(s for s in tree.body if s is not functions[-1]))


class _Return(Exception):
    def __init__(self, value: Value) -> None:
        self.value = value


class _Walk:
    def __init__(self) -> None:
        self.left = MOST

    def refuse(self, node: ast.AST, what: str) -> UsageError:
        line = getattr(node, "lineno", 0)
        return UsageError(f"line {line}: {what} is not known here, and nothing is executed", hint="use NumPy on arrays")

    def block(self, statements: Iterable[ast.stmt], names: dict[str, Value]) -> None:
        for statement in statements:
            self.statement(statement, names)

    def statement(self, node: ast.stmt, names: dict[str, Value]) -> None:
        if isinstance(node, ast.Return):
            raise _Return(None if node.value is None else self.value(node.value, names))
        if isinstance(node, ast.Assign):
            value = self.value(node.value, names)
            for target in node.targets:
                self.assign(target, value, names)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self.assign(node.target, self.value(node.value, names), names)
        elif isinstance(node, ast.AugAssign):
            load = ast.Expression(body=node.target).body
            self.assign(node.target, self.binary(node.op, self.value(load, names), self.value(node.value, names), node), names)
        elif isinstance(node, ast.For):
            for item in self.value(node.iter, names):
                self.assign(node.target, item, names)
                self.block(node.body, names)
        elif isinstance(node, ast.If):
            self.block(node.body if self.value(node.test, names) else node.orelse, names)
        elif isinstance(node, ast.FunctionDef):
            names[node.name] = self.function(node.args, node.body, names)
        elif isinstance(node, ast.Expr):
            if not isinstance(node.value, ast.Constant):
                self.value(node.value, names)
        elif not isinstance(node, (ast.Pass, ast.Import, ast.ImportFrom, ast.Assert)):
            raise self.refuse(node, type(node).__name__)

    def assign(self, target: ast.expr, value: Value, names: dict[str, Value]) -> None:
        if isinstance(target, ast.Name):
            names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part, item in zip(target.elts, value, strict=True):
                self.assign(part, item, names)
        elif isinstance(target, ast.Subscript):
            self.value(target.value, names)[self.index(target.slice, names)] = value
        else:
            raise self.refuse(target, type(target).__name__)

    def function(self, args: ast.arguments, body: Sequence[ast.stmt] | ast.expr, outer: dict[str, Value]) -> Callable[..., Value]:
        defaults = [self.value(d, outer) for d in args.defaults]
        parameters = [a.arg for a in args.args]

        def call(*given: Value, **named: Value) -> Value:
            bound = dict(zip(parameters[len(parameters) - len(defaults) :], defaults, strict=True))
            inner = {**outer, **bound, **dict(zip(parameters, given, strict=False)), **named}
            if isinstance(body, ast.expr):
                return self.value(body, inner)
            try:
                self.block(body, inner)
            except _Return as found:
                return found.value
            return None

        return call

    def value(self, node: ast.expr, names: dict[str, Value]) -> Value:
        self.left -= 1
        if self.left < 0:
            raise LimitError(
                f"the function takes more than {MOST:,} steps on small arrays", hint="write its loops as array operations"
            )
        handler = getattr(self, f"of_{type(node).__name__}", None)
        if handler is None:
            raise self.refuse(node, type(node).__name__)
        return handler(node, names)

    def of_Constant(self, node: ast.Constant, names: dict[str, Value]) -> Value:
        return node.value

    def of_Name(self, node: ast.Name, names: dict[str, Value]) -> Value:
        if node.id in names:
            return names[node.id]
        if node.id in _BUILTINS:
            return _BUILTINS[node.id]
        raise self.refuse(node, f"the name '{node.id}'")

    def of_BinOp(self, node: ast.BinOp, names: dict[str, Value]) -> Value:
        return self.binary(node.op, self.value(node.left, names), self.value(node.right, names), node)

    def binary(self, op: ast.AST, left: Value, right: Value, node: ast.AST) -> Value:
        found = _BINARY.get(type(op))
        if found is None:
            raise self.refuse(node, f"the operator {type(op).__name__}")
        counts = isinstance(left, (list, tuple, str)) or isinstance(right, (list, tuple, str))
        require_small(node, (left, right), counted=counts and isinstance(op, ast.Mult))
        return found(left, right)

    def of_UnaryOp(self, node: ast.UnaryOp, names: dict[str, Value]) -> Value:
        return _UNARY[type(node.op)](self.value(node.operand, names))

    def of_Compare(self, node: ast.Compare, names: dict[str, Value]) -> Value:
        left = self.value(node.left, names)
        found: Value = True
        for op, right in zip(node.ops, node.comparators, strict=True):
            other = self.value(right, names)
            found = (
                np.logical_and(found, self.binary(op, left, other, node))
                if found is not True
                else self.binary(op, left, other, node)
            )
            left = other
        return found

    def of_BoolOp(self, node: ast.BoolOp, names: dict[str, Value]) -> Value:
        each = [bool(self.value(v, names)) for v in node.values]
        return all(each) if isinstance(node.op, ast.And) else any(each)

    def of_IfExp(self, node: ast.IfExp, names: dict[str, Value]) -> Value:
        return self.value(node.body if self.value(node.test, names) else node.orelse, names)

    def of_Lambda(self, node: ast.Lambda, names: dict[str, Value]) -> Value:
        return self.function(node.args, node.body, names)

    def of_Tuple(self, node: ast.Tuple, names: dict[str, Value]) -> Value:
        return tuple(self.of_List(node, names))

    def of_List(self, node: ast.List | ast.Tuple, names: dict[str, Value]) -> list[Value]:
        found = [self.value(e, names) for e in node.elts]
        require_small(node, (found, found), counted=False)  # or lists of lists would grow unseen
        return found

    def of_ListComp(self, node: ast.ListComp, names: dict[str, Value]) -> Value:
        if len(node.generators) != 1:
            raise self.refuse(node, "a comprehension over two loops")
        one, inner, out = node.generators[0], dict(names), []
        for item in self.value(one.iter, names):
            self.assign(one.target, item, inner)
            if all(self.value(test, inner) for test in one.ifs):
                out.append(self.value(node.elt, inner))
        return out

    of_GeneratorExp = of_ListComp

    def of_Subscript(self, node: ast.Subscript, names: dict[str, Value]) -> Value:
        whole, index = self.value(node.value, names), self.index(node.slice, names)
        require_small(node, (whole, index), counted=False)
        return whole[index]

    def index(self, node: ast.expr, names: dict[str, Value]) -> Value:
        if isinstance(node, ast.Slice):
            return slice(*(None if p is None else self.value(p, names) for p in (node.lower, node.upper, node.step)))
        if isinstance(node, ast.Tuple):
            return tuple(self.index(e, names) for e in node.elts)
        return self.value(node, names)

    def of_Attribute(self, node: ast.Attribute, names: dict[str, Value]) -> Value:
        path = _path(node)
        if path[0] in ("np", "numpy") and path[0] not in names:
            if len(path) == 2 and path[1] in _NUMPY:
                return getattr(np, path[1])
            if len(path) == 3 and path[1] == "linalg" and path[2] in _LINALG:
                return getattr(np.linalg, path[2])
            raise self.refuse(node, ".".join(path))
        whole = self.value(node.value, names)
        if node.attr in _ATTRIBUTES or node.attr in _METHODS:
            return getattr(np.asarray(whole), node.attr)
        raise self.refuse(node, f".{node.attr}")

    def of_Call(self, node: ast.Call, names: dict[str, Value]) -> Value:
        function = self.value(node.func, names)
        given: list[Value] = []
        for a in node.args:
            given += list(self.value(a.value, names)) if isinstance(a, ast.Starred) else [self.value(a, names)]
        named = {k.arg: self.value(k.value, names) for k in node.keywords if k.arg is not None}
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        square = given[:1] if name in ("eye", "identity", "diag") else []
        require_small(node, (*given, *square, *named.values(), getattr(function, "__self__", None)), counted=name in _GROWING)
        return function(*given, **{k: v for k, v in named.items() if k not in ("out", "dtype")})


def require_small(node: ast.AST, values: Iterable[Value], counted: bool) -> None:
    """Refuses what may become large before it is made: the two largest values spread over each other, or where the numbers count
    entries, as in ``zeros(n)`` and ``[0]*n``, the product of all."""
    sizes = sorted((_size(v, counted) for v in values), reverse=True)
    if np.prod(np.array(sizes if counted else sizes[:2], float)) > LARGEST:
        line = getattr(node, "lineno", 0)
        raise LimitError(
            f"line {line}: this may make more than {LARGEST:,} numbers, and it is tried on small arrays",
            hint="use the sizes of the arrays",
        )


def _size(value: Value, counted: bool) -> float:
    """How many numbers a value holds; where it counts entries, how many it asks for."""
    if isinstance(value, np.ndarray) and (value.size > 1 or not counted):
        return float(max(1, value.size))
    if isinstance(value, (list, tuple, str)):
        sizes = [1.0 if isinstance(v, str) else _size(v, counted) for v in value]
        return max(1.0, float(np.prod(sizes)) if counted and isinstance(value, tuple) else sum(sizes))
    if isinstance(value, range):
        return float(len(value))
    if isinstance(value, int) and not counted:
        return 1.0 + value.bit_length()
    if counted and isinstance(value, (int, float, np.number, np.ndarray)):
        number = abs(float(np.ravel(value)[0])) if np.size(value) else 1.0
        return max(number, 1 / number) if number else 1.0
    return 1.0


def _path(node: ast.expr) -> list[str]:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id if isinstance(node, ast.Name) else "", *names[::-1]]


def called(one: Program, arrays: Mapping[str, Value]) -> Value:
    """What the function gives at the arrays. Raises ``UsageError`` for what is not known here, and for arrays that do not fit."""
    walk, names = _Walk(), dict[str, Value]()
    try:
        with np.errstate(all="ignore"):
            walk.block(one.beside, names)
            args, given = one.function.args, {p: np.copy(arrays[p]) for p in one.parameters if p in arrays}
            needed = one.parameters[: len(one.parameters) - len(args.defaults)]  # the others have values: eps=1e-5
            missing = [p for p in needed if p not in arrays]
            if missing:
                raise UsageError(
                    f"the argument '{missing[0]}' is none of the problem", hint=f"say what it is: names={{'{missing[0]}': 'X'}}"
                )
            return walk.function(args, one.function.body, names)(**given)
    except _FAILURES as error:
        raise ShapeError(f"the function fails at small arrays: {error}") from None
