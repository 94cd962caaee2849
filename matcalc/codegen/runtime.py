"""Turns source that was generated here into a function: the only place that compiles and runs source.

Nothing of a user's text is in the source but names that were made identifiers and what stands in the
docstring. All the same the syntax tree is held against a list of what generated code consists of.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import Any

import numpy as np

from matcalc.errors import MatcalcError, UsageError
from matcalc.expr import Expr, shape_of
from matcalc.numeric import bind, from_user

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
        "abs arange arccos arcsin arctan bincount broadcast_to column_stack concatenate cos cosh cumprod cumsum diag diagonal e einsum exp eye finfo float64 "
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


class Generated:
    """A generated function. Arrays go in by position or by name, generic functions as ``f=(f, df)`` or ``f=f, df=df``.

    Names are those of the text (also where they are no Python names: ``**{"W^Q": array}``) or of the source.
    """

    def __init__(
        self,
        run: Callable[..., Any],
        source: str,
        symbols: Sequence[Expr],
        functions: Mapping[tuple[str, int], str],
        tables: Mapping[str, Callable[[int], Any]],
    ) -> None:
        self.run = run
        self.source = source
        self.symbols = tuple(symbols)
        self.functions = functions
        self.tables = tables
        self.shapes = [shape_of(s.type) for s in symbols]
        self.__name__ = self.__qualname__ = run.__name__
        self.__doc__ = run.__doc__
        self.parameters = run.__code__.co_varnames[: run.__code__.co_argcount]
        originals = [str(s.attr) for s in symbols]
        self.places = {name: i for i, name in enumerate(self.parameters)} | {name: i for i, name in enumerate(originals)}

    def __repr__(self) -> str:
        return f"<{self.__name__}({', '.join(self.parameters)})>"

    def __call__(self, *arrays: Any, **named: Any) -> Any:
        """(value, derivative), or (value, tuple of derivatives). Raises ``UsageError`` or ``ShapeError`` for bad arguments."""
        if len(arrays) > len(self.parameters):
            raise UsageError(f"{len(arrays)} arguments were given, there are {len(self.parameters)}: {', '.join(self.parameters)}")
        values: dict[int, Any] = dict(enumerate(arrays))
        for name, value in named.items():
            self.place(values, name, value)
        for i, (f, order) in enumerate(self.functions, len(self.symbols)):
            if i not in values and f in self.tables:
                values[i] = self.tables[f](order)
        missing = [self.parameters[i] for i in range(len(self.parameters)) if i not in values]
        if missing:
            raise UsageError(f"no value was given for {', '.join(missing)}", hint=f"the arguments are {', '.join(self.parameters)}")
        count = len(self.symbols)
        prepared = self.arrays([values[i] for i in range(count)])
        return self.run(*prepared, *[values[i] for i in range(count, len(self.parameters))])

    def place(self, values: dict[int, Any], name: str, value: Any) -> None:
        """Note one argument given by name."""
        orders = [order for f, order in self.functions if f == name]
        if orders and (isinstance(value, str) or isinstance(value, (tuple, list))):
            table = from_user(value, name)
            for order in orders:
                values[self.places[self.functions[name, order]]] = table(order)
            return
        i = self.places[self.functions[name, 0]] if orders else self.places.get(name)
        if i is None or i in values:
            what = "is given twice" if i is not None else "is not an argument"
            raise UsageError(f"'{name}' {what}", hint=f"the arguments are {', '.join(self.parameters)}")
        values[i] = value

    def arrays(self, given: list[Any]) -> list[Any]:
        """The arguments as floating-point arrays of the declared shapes; single numbers take the precision of the arrays."""
        found = [np.asarray(x) for x in given]
        sizes: dict[Any, int] = {}
        for shape, x in zip(self.shapes, found, strict=True):
            fits = len(shape) == x.ndim and all(
                (sizes.setdefault(d, n) if isinstance(d, str) else d) == n for d, n in zip(shape, x.shape, strict=True)
            )
            if not fits or x.dtype.kind not in "biufc":
                bind(self.symbols, dict(zip([str(s.attr) for s in self.symbols], given, strict=True)))  # says what is wrong
        kinds = [x.dtype for x in found if x.ndim and x.dtype.kind in "fc"] or [x.dtype for x in found if x.dtype.kind in "fc"]
        common = np.result_type(*kinds) if kinds else np.dtype(float)
        return [
            x.astype(common)[()] if not x.ndim or x.dtype.kind in "biu" else x for x in found
        ]
