"""Turns source that was generated here into a function: the only place that compiles and runs source.

Nothing of a user's text is in the source but names that were made identifiers and what stands in the
docstring. All the same the syntax tree is held against a list of what generated code consists of.
"""

from __future__ import annotations

import ast
import itertools
import linecache
import weakref
from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

import numpy as np

from matcalc.codegen.products.identifiers import MODULES
from matcalc.codegen.targets.helpers import HELPERS
from matcalc.expr.errors import MatcalcError
from matcalc.notation.lex.python_trees import tree_of

NODES = (
    *(ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Expr, ast.Assign, ast.AugAssign, ast.Return),
    *(ast.Name, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.Call, ast.keyword, ast.Attribute, ast.If),
    *(ast.Subscript, ast.Slice, ast.UnaryOp, ast.UAdd, ast.USub, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div),
    *(ast.For, ast.List),  # of range() only, and of rows that are stacked
    *(ast.FloorDiv, ast.Pow, ast.MatMult, ast.Compare, ast.Gt, ast.GtE, ast.Lt, ast.LtE, ast.BoolOp, ast.Or, ast.IfExp),
)
# What may stand after a dot: by what stands before it, and for arrays.
METHODS = """
    T argmax argmin astype copy dtype eps flat imag max min prod ravel real reshape shape sum tiny type
"""
FUNCTIONS = {
    "np": """
        abs arange arccos arccosh arcsin arcsinh arctan arctanh broadcast_to cbrt clip column_stack
        concatenate convolve correlate cos cosh cumprod cumsum diag diagonal e einsum exp expm1 eye
        finfo float64 full heaviside hstack inf kron linalg log log1p
        maximum minimum nan ones ones_like outer pad pi repeat shape sign sin sinh sqrt tan tanh tile trace
        tril triu var vdot vstack where zeros zeros_like
    """,
    "np.linalg": "cholesky det eigh eigvalsh inv matrix_power norm pinv slogdet solve svd",
    "scipy": "linalg special",
    "scipy.linalg": """
        cho_factor cho_solve cosm expm expm_frechet fractional_matrix_power get_lapack_funcs logm lu_factor lu_solve
        polar sinm sqrtm
    """,
    "scipy.special": "digamma erf erfc gammaln huber ndtr polygamma",
    "": METHODS,
}
ALLOWED = {owner: frozenset(names.split()) for owner, names in FUNCTIONS.items()}
IMPORTS = frozenset(("numpy", "scipy.linalg", "scipy.special"))
_numbers = itertools.count(1)


class GeneratedCodeError(MatcalcError):
    """Generated source has something in it that generated source never has: a defect of matcalc."""

    kind = "internal"
    exit_code = 1


def check_source(source: str) -> ast.Module:
    """The syntax tree without its imports. Raises :class:`GeneratedCodeError`."""
    tree = tree_of(source)
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    for statement in tree.body:
        if isinstance(statement, ast.Import) and all(a.name in IMPORTS for a in statement.names):
            continue
        if not isinstance(statement, ast.FunctionDef):
            raise refused(statement)
    known = {f.name for f in functions} | MODULES | {"range"}
    for f in functions:
        if not is_helper(f):
            check_function(f, known)
    tree.body = list(functions)
    return tree


def is_helper(f: ast.FunctionDef) -> bool:
    """Whether a function is a helper of ours, word for word."""
    return f.name in HELPERS and ast.dump(f) == _helper(f.name)


@cache
def _helper(name: str) -> str:
    return ast.dump(tree_of(HELPERS[name]).body[0])


def check_function(f: ast.FunctionDef, known: set[str]) -> None:
    """Only listed syntax, only names that the function has, only listed functions and methods."""
    a = f.args
    if f.decorator_list or f.returns or a.defaults or a.vararg or a.kwarg or a.kwonlyargs or a.posonlyargs:
        raise refused(f)
    inside = list(ast.walk(f))
    stored = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    local = {p.arg for p in a.args} | stored
    if local & MODULES:
        raise refused(f)
    for node in inside:
        nested = isinstance(node, ast.FunctionDef) and node is not f
        unknown = isinstance(node, ast.Name) and node.id not in local and node.id not in known
        foreign = isinstance(node, ast.Attribute) and not is_listed(node)
        if nested or unknown or foreign or not isinstance(node, NODES):
            raise refused(node)


def is_listed(node: ast.Attribute) -> bool:
    """Whether an attribute is a listed function of a listed module, or a listed method."""
    return isinstance(node.ctx, ast.Load) and node.attr in ALLOWED.get(dotted(node.value), ALLOWED[""])


def dotted(node: ast.expr) -> str:
    """``np.linalg`` for that module; empty for any other expression."""
    if isinstance(node, ast.Name):
        return node.id if node.id in MODULES else ""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in MODULES:
        return f"{node.value.id}.{node.attr}"
    return ""


def refused(node: ast.AST) -> GeneratedCodeError:
    text = ast.unparse(node)[:60]
    return GeneratedCodeError(f"generated code is not run: line {getattr(node, 'lineno', 1)} has {text!r}")


def compile_source(source: str, name: str) -> Callable[..., Any]:
    """The function ``name`` of generated source. Raises :class:`GeneratedCodeError` for other source."""
    tree = check_source(source)
    space: dict[str, Any] = {"__name__": "matcalc.generated", "np": np}
    if "import scipy." in source:
        import scipy.linalg
        import scipy.special

        space["scipy"] = scipy
    filename = f"<matcalc {name} {next(_numbers)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)  # for tracebacks and inspect
    code: CodeType = compile(tree, filename, "exec", dont_inherit=True)
    exec(code, space)
    found: Callable[..., Any] = space[name]
    weakref.finalize(found, linecache.cache.pop, filename, None)
    return found
