"""Turns source that was generated here into a function: the only place that compiles and runs source.

Nothing of a user's text is in the source but names that were made identifiers and what stands in the
docstring. All the same the syntax tree is held against a list of what generated code consists of.
"""

from __future__ import annotations

import ast
import itertools
import linecache
import sys
import weakref
from collections.abc import Callable, Collection, Mapping, Set
from functools import cache
from importlib import import_module
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

from matcalc.codegen.products.identifiers import MODULES
from matcalc.codegen.targets.helpers import HELPERS
from matcalc.expr.errors import MatcalcError, UsageError
from matcalc.notation.lex.python_trees import tree_of

if TYPE_CHECKING:
    from matcalc.codegen.targets.dialects import Dialect

NODES = (
    *(ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Expr, ast.Assign, ast.AugAssign, ast.Return),
    *(ast.Name, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.Call, ast.keyword, ast.Attribute, ast.If),
    *(ast.Subscript, ast.Slice, ast.UnaryOp, ast.UAdd, ast.USub, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div),
    *(ast.For, ast.List),  # of range() only, and of rows that are stacked
    *(
        ast.FloorDiv,
        ast.Pow,
        ast.MatMult,
        ast.Compare,
        ast.Eq,
        ast.NotEq,
        ast.Gt,
        ast.GtE,
        ast.Lt,
        ast.LtE,
        ast.BoolOp,
        ast.Or,
        ast.IfExp,
    ),
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
        cho_factor cho_solve cosm expm expm_frechet fractional_matrix_power get_lapack_funcs logm lu_solve
        polar sinm sqrtm
    """,
    "scipy.special": "digamma erf erfc gammaln huber ndtr polygamma",
    "": METHODS,
}
ALLOWED = {owner: frozenset(names.split()) for owner, names in FUNCTIONS.items()}
IMPORTS = frozenset(("import numpy as np", "import scipy.linalg", "import scipy.special"))
_numbers = itertools.count(1)


class GeneratedCodeError(MatcalcError):
    """Generated source has something in it that generated source never has: a defect of matcalc."""

    kind = "internal"
    exit_code = 1


def check_source(source: str, dialect: Dialect | None = None) -> ast.Module:
    """The syntax tree without its imports. Raises :class:`GeneratedCodeError`."""
    tree = tree_of(source)
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    listed = Listed.of(dialect)
    for statement in tree.body:
        if not isinstance(statement, ast.FunctionDef) and ast.unparse(statement) not in listed.imports:
            raise refused(statement)
    known = {f.name for f in functions} | listed.modules | {"range"}
    for f in functions:
        if not is_helper(f, listed.helpers):
            check_function(f, known, listed)
    tree.body = list(functions)
    return tree


class Listed(NamedTuple):
    """What a source may consist of beside its syntax."""

    imports: Collection[str] = IMPORTS
    helpers: Mapping[str, str] = HELPERS
    allowed: Mapping[str, Collection[str]] = ALLOWED
    modules: Set[str] = MODULES
    decorator: str = ""
    opening: str = ""  # of a statement that takes a module from the arguments

    @classmethod
    def of(cls, dialect: Dialect | None) -> Listed:
        """Of a library; of NumPy and SciPy where it lists nothing of its own."""
        if dialect is None or not dialect.allowed:
            return cls()
        allowed = {owner: frozenset(names.split()) for owner, names in dialect.allowed.items()}
        opening = dialect.opening.partition("{")[0]
        imports = (*dialect.imports, *(IMPORTS if "scipy" in allowed else ()))
        return cls(imports, dialect.helpers, allowed, frozenset(dialect.modules), dialect.decorator, opening)


def is_helper(f: ast.FunctionDef, helpers: Mapping[str, str] = HELPERS) -> bool:
    """Whether a function is a helper of ours, word for word."""
    return f.name in helpers and ast.dump(f) == _tree(helpers[f.name])


@cache
def _tree(text: str) -> str:
    return ast.dump(tree_of(text).body[0])


def check_function(f: ast.FunctionDef, known: Set[str], listed: Listed) -> None:
    """Only listed syntax, only names that the function has, only listed functions and methods."""
    a = f.args
    if (
        [ast.unparse(d) for d in f.decorator_list] not in ([], [listed.decorator])
        or f.returns
        or a.defaults
        or a.vararg
        or a.kwarg
        or a.kwonlyargs
        or a.posonlyargs
    ):
        raise refused(f)
    inside = list(ast.walk(f))
    stored = [n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    local = {p.arg for p in a.args} | {*stored}
    opened = [listed.opening.split()[0] for s in f.body if listed.opening and ast.unparse(s).startswith(listed.opening)]
    if [name for name in (*[p.arg for p in a.args], *stored) if name in listed.modules] != opened:
        raise refused(f)
    for node in inside:
        nested = isinstance(node, ast.FunctionDef) and node is not f
        unknown = isinstance(node, ast.Name) and node.id not in local and node.id not in known
        foreign = isinstance(node, ast.Attribute) and not is_listed(node, listed)
        if nested or unknown or foreign or not isinstance(node, NODES):
            raise refused(node)


def is_listed(node: ast.Attribute, listed: Listed) -> bool:
    """Whether an attribute is a listed function of a listed module, or a listed method."""
    methods = listed.allowed[""]
    return isinstance(node.ctx, ast.Load) and node.attr in listed.allowed.get(dotted(node.value, listed.modules), methods)


def dotted(node: ast.expr, modules: Set[str]) -> str:
    """``np.linalg`` for that module; empty for any other expression."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *names]) if isinstance(node, ast.Name) and node.id in modules else ""


def imported(source: str, dialect: Dialect | None) -> dict[str, Any]:
    """The modules that a source imports, by the names that they have in it."""
    space: dict[str, Any] = {}
    for line in source.splitlines():
        if line not in Listed.of(dialect).imports:
            continue
        _, path, *rest = line.split()  # import numpy as np, import scipy.linalg
        try:
            module = import_module(path)
        except ImportError as error:
            raise _absent(path, dialect) from error
        top = path.partition(".")[0]
        space[rest[-1] if rest else top] = module if rest else sys.modules[top]
    return space


def _absent(path: str, dialect: Dialect | None) -> UsageError:
    extra = f"'matcalc-derive[{dialect.extra}]'" if dialect and dialect.extra else path.partition(".")[0]
    return UsageError(f"{path} is not installed, and the code imports it", hint=f"pip install {extra}")


def refused(node: ast.AST) -> GeneratedCodeError:
    text = ast.unparse(node)[:60]
    return GeneratedCodeError(f"generated code is not run: line {getattr(node, 'lineno', 1)} has {text!r}")


def compile_source(source: str, name: str, dialect: Dialect | None = None) -> Callable[..., Any]:
    """The function ``name`` of generated source. Raises :class:`GeneratedCodeError` for other source, and ``UsageError`` where
    the library that it imports is not installed."""
    tree = check_source(source, dialect)
    space: dict[str, Any] = {"__name__": "matcalc.generated", **imported(source, dialect)}
    filename = f"<matcalc {name} {next(_numbers)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)  # for tracebacks and inspect
    code: CodeType = compile(tree, filename, "exec", dont_inherit=True)
    exec(code, space)
    found: Callable[..., Any] = space[name]
    weakref.finalize(found, linecache.cache.pop, filename, None)
    return found
