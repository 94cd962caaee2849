"""Matrix expressions to SymPy's and back, for exchange: the operators that both have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import NoRuleError
from matcalc.expr.nodes import Expr, eye, make, ones, postorder, sym, times, transpose, zeros
from matcalc.expr.table import TABLE, Type
from matcalc.notation.foreign.scalar_formulas import FUNCTIONS, from_sympy, to_sympy


def to_sympy_matrix(e: Expr) -> Any:
    """The expression with SymPy's matrices: columns are n×1, rows 1×n. Raises ``NoRuleError``."""
    import sympy

    done: dict[Expr, Any] = {}
    for node in postorder((e,)):
        args = [done[a] for a in node.args]
        done[node] = _to(sympy, node, args)
    return done[e]


def _to(S: Any, node: Expr, args: list[Any]) -> Any:
    kind = node.type[0]
    if node.op in _MATRIX and (kind != "s" or any(a.type[0] != "s" for a in node.args)):
        return _MATRIX[node.op](S, node, *args)
    if kind == "s" and all(a.type[0] == "s" for a in node.args):
        holes = [sym(f"#{i}", a.type) for i, a in enumerate(node.args)]
        formula = to_sympy(make(node.op, tuple(holes), node.attr, node.type))
        return formula.xreplace(dict(zip((to_sympy(h) for h in holes), args, strict=True)))
    if node.op in FUNCTIONS and len(args) == 1:
        t = S.Dummy("t")
        return args[0].applyfunc(S.Lambda(t, getattr(S, FUNCTIONS[node.op])(t)))
    raise NoRuleError(f"'{TABLE[node.op].words}' has no counterpart in SymPy's matrices")


def _size(S: Any, d: Dim) -> Any:
    """A dimension: a number, or a polynomial in positive integer symbols."""
    if isinstance(d, int):
        return S.Integer(d)
    if isinstance(d, str):
        return S.Symbol(d, integer=True, positive=True)
    terms = d.terms if isinstance(d, dims.Poly) else ()
    return S.Add(*[S.Mul(c, *[_size(S, a) for a in mono]) for mono, c in terms])


def _sizes(S: Any, node: Expr) -> tuple[Any, Any]:
    return _size(S, node.type[1]), _size(S, node.type[2])


def _product(S: Any, node: Expr, a: Any, b: Any) -> Any:
    return S.Trace(a * b) if node.type[0] == "s" else a * b


def _inner(S: Any, node: Expr, a: Any, b: Any) -> Any:
    return S.Trace(S.MatMul(a.T, b))


def _sum(S: Any, node: Expr, a: Any) -> Any:
    rows, columns = a.shape
    return S.Trace(S.OneMatrix(1, rows) * a * S.OneMatrix(columns, 1))


_MATRIX: dict[str, Callable[..., Any]] = {
    "sym": lambda S, node: S.MatrixSymbol(node.attr, *_sizes(S, node)),
    "eye": lambda S, node: S.Identity(_size(S, node.type[1])),
    "zeros": lambda S, node: S.ZeroMatrix(*_sizes(S, node)),
    "ones": lambda S, node: S.OneMatrix(*_sizes(S, node)),
    "fill": lambda S, node, a: a * S.OneMatrix(*_sizes(S, node)),
    "add": lambda S, node, a, b: a + b,
    "sub": lambda S, node, a, b: a - b,
    "neg": lambda S, node, a: -a,
    "scale": lambda S, node, a, b: a * b,
    "div": lambda S, node, a, b: a / b,
    "matmul": _product,
    "T": lambda S, node, a: a.T,
    "hadamard": lambda S, node, a, b: S.HadamardProduct(a, b),
    "hdiv": lambda S, node, a, b: S.HadamardProduct(a, S.HadamardPower(b, -1)),
    "hpow": lambda S, node, a, b: S.HadamardPower(a, b),
    "mpow": lambda S, node, a: a**node.attr,
    "kron": lambda S, node, a, b: S.KroneckerProduct(a, b),
    "inv": lambda S, node, a: a.inverse(),
    "det": lambda S, node, a: S.Determinant(a),
    "logdet": lambda S, node, a: S.log(S.Abs(S.Determinant(a))),
    "tr": lambda S, node, a: S.Trace(a),
    "trpow": lambda S, node, a: S.Trace(a**node.attr),
    "diagm": lambda S, node, a: S.diagonalize_vector(a),
    "inner": _inner,
    "sum": _sum,
    "norm2": lambda S, node, a: S.sqrt(S.Trace(a.T * a)),
    "sqnorm": lambda S, node, a: S.Trace(a.T * a),
}


# ---------------------------------------------------------------- from SymPy


def from_sympy_matrix(e: Any) -> Expr:
    """A SymPy matrix expression (or scalar made of them) as ours. Raises ``NoRuleError`` for other nodes."""
    name = type(e).__name__
    if name in _LEAVES:
        return _LEAVES[name](e)
    if name in _NODES:
        return _NODES[name](e, [from_sympy_matrix(a) for a in e.args if name != "MatPow" or a is e.base])
    if getattr(e, "is_Matrix", False):
        raise NoRuleError(f"SymPy's {name} has no counterpart here")
    if e.is_Add or e.is_Mul:
        return _fold(_plus if e.is_Add else _times, [from_sympy_matrix(a) for a in e.args])
    return from_sympy(e)


def _dim(d: Any) -> Dim:
    if d.is_Integer:
        return int(d)
    if d.is_Symbol:
        return str(d.name)
    if d.is_Add or d.is_Mul:
        total: Dim = 0 if d.is_Add else 1
        for a in d.args:
            total = (dims.add if d.is_Add else dims.mul)(total, _dim(a))
        return total
    raise NoRuleError(f"the size {d} is not a polynomial of names")


def _type(e: Any) -> Type:
    rows, columns = (_dim(d) for d in e.shape)
    return Type("c" if columns == 1 else "r" if rows == 1 else "m", rows, columns)


def _fold(combine: Callable[[Expr, Expr], Expr], parts: list[Expr]) -> Expr:
    total = parts[0]
    for p in parts[1:]:
        total = combine(total, p)
    return total


def _plus(a: Expr, b: Expr) -> Expr:
    return make("sub", (a, b.args[0])) if b.op == "neg" else make("add", (a, b))


def _times(a: Expr, b: Expr) -> Expr:
    return make("neg", (b,)) if a.op == "num" and a.attr == -1 else times(a, b)


def _element(e: Any) -> Expr:
    """The entry of a 1×1 product, as (u'*x)[0, 0] is."""
    inner = from_sympy_matrix(e.args[0])
    if inner.type[0] != "s":
        raise NoRuleError("entries of a matrix have no counterpart here")
    return inner


_LEAVES: dict[str, Callable[[Any], Expr]] = {
    "MatrixSymbol": lambda e: sym(e.name, _type(e)),
    "Identity": lambda e: eye(_dim(e.shape[0])),
    "ZeroMatrix": lambda e: zeros(_type(e)),
    "OneMatrix": lambda e: ones(_type(e)),
    "MatrixElement": _element,
}
_NODES: dict[str, Callable[[Any, list[Expr]], Expr]] = {
    "MatAdd": lambda e, a: _fold(_plus, a),
    "MatMul": lambda e, a: _fold(_times, a),
    "HadamardProduct": lambda e, a: _fold(lambda x, y: make("hadamard", (x, y)), a),
    "KroneckerProduct": lambda e, a: _fold(lambda x, y: make("kron", (x, y)), a),
    "Transpose": lambda e, a: transpose(a[0]),
    "Inverse": lambda e, a: make("inv", (a[0],)),
    "Trace": lambda e, a: a[0] if a[0].type[0] == "s" else make("tr", (a[0],)),
    "Determinant": lambda e, a: make("det", (a[0],)),
    "MatPow": lambda e, a: make("mpow", (a[0],), int(e.exp)),
}
