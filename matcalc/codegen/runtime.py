"""Turns source that was generated here into a function: the only place that compiles and runs source.

Nothing of a user's text is in the source but names that were made identifiers and what stands in the
docstring. All the same the syntax tree is held against a list of what generated code consists of.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable
from types import CodeType
from typing import Any

import numpy as np

from matcalc.errors import MatcalcError

NODES = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.If,
    ast.Name, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.Call, ast.keyword, ast.Attribute, ast.Subscript, ast.Slice,
    ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow, ast.MatMult, ast.UnaryOp, ast.USub,
    ast.Compare, ast.Gt, ast.GtE, ast.Lt, ast.BoolOp, ast.Or, ast.IfExp,
)  # fmt: skip
METHODS = frozenset(
    ("T", "argmax", "argmin", "copy", "dtype", "eps", "flat", "max", "min", "prod", "ravel", "real", "reshape", "shape", "sum", "tiny")
)
FUNCTIONS = {
    "np": frozenset(
        "abs arange arccos arcsin arctan bincount broadcast_to column_stack concatenate cos cosh cumprod cumsum diag diagonal e einsum exp eye finfo "
        "full heaviside hstack inf kron linalg log log1p maximum minimum ones ones_like outer pi repeat sign sin sinh sqrt tan tanh "
        "tile trace tril triu vdot vstack where zeros zeros_like".split()
    ),
    "np.linalg": frozenset("cholesky det eigh eigvalsh inv matrix_power norm pinv slogdet solve svd".split()),
    "scipy": frozenset(("linalg", "special")),
    "scipy.linalg": frozenset(
        "cho_factor cho_solve cosm expm expm_frechet get_lapack_funcs logm lu_factor lu_solve polar sinm sqrtm".split()
    ),
    "scipy.special": frozenset(("digamma", "erf", "gammaln", "polygamma")),
}
IMPORTS = frozenset(("numpy", "scipy.linalg", "scipy.special"))


class GeneratedCodeError(MatcalcError):
    """Generated source has something in it that generated source never has: a defect of matcalc."""

    kind = "internal"
    exit_code = 1


def check_source(source: str) -> ast.Module:
    """The syntax tree without its imports. Raises :class:`GeneratedCodeError`."""
    tree = ast.parse(source)
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    rest = [n for n in tree.body if not isinstance(n, ast.FunctionDef)]
    for statement in rest:
        if not isinstance(statement, ast.Import) or any(a.name not in IMPORTS for a in statement.names):
            raise refused(statement)
    known = {f.name for f in functions} | {"np", "scipy"}
    for f in functions:
        check_function(f, known)
    tree.body = list(functions)
    return tree


def check_function(f: ast.FunctionDef, known: set[str]) -> None:
    """Only listed syntax, only names that the function has, only listed functions and methods."""
    if f.decorator_list or f.returns or f.args.defaults or f.args.vararg or f.args.kwarg or f.args.kwonlyargs:
        raise refused(f)
    local = {a.arg for a in f.args.args} | {n.id for n in ast.walk(f) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    if local & {"np", "scipy"}:
        raise refused(f)
    for node in ast.walk(f):
        if not isinstance(node, NODES) or (isinstance(node, ast.FunctionDef) and node is not f):
            raise refused(node)
        if isinstance(node, ast.Name) and node.id not in local | known:
            raise refused(node)
        if isinstance(node, ast.Attribute):
            check_attribute(node)


def check_attribute(node: ast.Attribute) -> None:
    owner = ast.unparse(node.value) if isinstance(node.value, (ast.Name, ast.Attribute)) else ""
    if node.attr not in (FUNCTIONS[owner] if owner in FUNCTIONS else METHODS) or not isinstance(node.ctx, ast.Load):
        raise refused(node)


def refused(node: ast.AST) -> GeneratedCodeError:
    return GeneratedCodeError(f"generated code is not run: line {getattr(node, 'lineno', 1)} has {ast.unparse(node)[:60]!r}")


def compile_source(source: str, name: str) -> Callable[..., Any]:
    """The function ``name`` of generated source. Raises :class:`GeneratedCodeError` for source of another kind."""
    tree = check_source(source)
    space: dict[str, Any] = {"__name__": "matcalc.generated", "np": np}
    if "import scipy." in source:
        import scipy.linalg
        import scipy.special

        space["scipy"] = scipy
    filename = f"<matcalc {name} {hash(source) & 0xFFFFFFFF:08x}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    code: CodeType = compile(tree, filename, "exec", dont_inherit=True)
    exec(code, space)
    return space[name]  # type: ignore[no-any-return]
