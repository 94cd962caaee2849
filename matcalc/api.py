"""The public interface: derive, check, parse, equal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from matcalc import derivation as data
from matcalc.compile import Compiler
from matcalc.dims import Dim
from matcalc.engine.backprop import backprop
from matcalc.engine.recognise import recognise
from matcalc.engine.waypoints import cut
from matcalc.errors import MatcalcError, UsageError
from matcalc.expr import Expr as Node
from matcalc.expr import postorder, type_of
from matcalc.notation.definitions import read_all
from matcalc.notation.printer import LATEX, TEXT, render
from matcalc.notation.program import plain
from matcalc.notation.resolve import Problem, resolve
from matcalc.notation.statements import Names, looks_like_latex
from matcalc.ops import TABLE
from matcalc.rule import Book, make_book

if TYPE_CHECKING:
    from matcalc.check import CheckReport

KINDS = ("gradient", "jacobian", "hessian", "hvp", "mixed", "differential")
LAYOUTS = ("shape", "numerator", "denominator")
STYLES = ("backprop", "differential", "elementwise")
_NAME = re.compile(r"[^\W\d]\w*\Z")


@lru_cache(maxsize=1)
def book() -> Book:
    """All rules that ship with matcalc."""
    from matcalc.rules import adjoint, convention, differential, rewrite, sources, vec

    groups = {
        "differential": differential.ROWS,
        "adjoint": adjoint.ROWS,
        "vec": vec.ROWS,
        "rewrite": rewrite.ROWS,
        "convention": convention.ROWS,
    }
    return make_book(groups, sources.SOURCES)


@lru_cache(maxsize=1)
def compiler() -> Compiler:
    return Compiler(book())


def read_problem(
    text: str,
    dims: Mapping[str, Sequence[Dim]] | None = None,
    notation: str | None = None,
    functions: Mapping[str, Any] | None = None,
    output: str | None = None,
    index: Mapping[str, str] | None = None,
    define: Sequence[str] = (),
    square: frozenset[str] = frozenset(),
) -> Problem:
    """The text, understood. Raises ``ParseError``, ``AmbiguityError``, ``ShapeError``, ``UsageError``."""
    declared = {name: declared_type(name, shape) for name, shape in (dims or {}).items()}
    sizes = {a for shape in (dims or {}).values() for a in shape if isinstance(a, str)}
    known = frozenset(functions or ())
    slices = read_slices(index or {})
    statements, source = read_all(text, define, Names({*declared, *sizes, *slices}, known), notation)
    latex = looks_like_latex(text) if notation is None else notation == "latex"
    problem = resolve(statements, source, declared, known, output, latex=latex, square=square, slices=slices)
    if problem.scalars:
        from matcalc.scalars import complete

        problem = complete(problem, functions or {}, by_rules)
    return problem


_FONTS = re.compile(r"\\(?:mathbf|boldsymbol|bm|mathrm|mathit|mathcal|mathbb|mathsf|text|vec|bf)\s*")
_SLICE = re.compile(r"\s*([^\[\]]+?)\s*\[([^\[\]]*)\]\s*\Z")


def read_slices(index: Mapping[str, str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """``{"x_i": "X[i,:]"}``: what an indexed token is a slice of. Raises ``UsageError``."""
    out = {}
    for token, text in index.items():
        m = _SLICE.match(text)
        if m is None:
            raise UsageError(f"index: '{text}' is not a slice", hint="write X[i,:], X[:,j], X[i,j] or y[i]")
        name = _FONTS.sub("", token).replace("{", "").replace("}", "").replace("\\", "").strip()
        out[name] = (m[1], tuple(p.strip() for p in m[2].split(",")))
    return out


# Properties that only a square matrix has.
SQUARE = frozenset(("symmetric", "spd", "skew", "invertible", "positive-det", "near-identity", "diagonal", "lower-triangular",
                    "upper-triangular", "orthogonal", "toeplitz", "symmetric-toeplitz", "laplacian"))  # fmt: skip


def square_names(assume: Mapping[str, str] | None, structure: Mapping[str, str] | None) -> frozenset[str]:
    return frozenset(n for n, p in as_properties({**(assume or {}), **(structure or {})}).items() if p & SQUARE)


def by_rules(body: Node, variable: Node) -> Node:
    """The derivative of a scalar formula by the rule rows: what there is without SymPy."""
    trace = backprop(compiler(), cut(body, None, (), {variable}, {str(variable.attr)}), [variable])
    return trace.results[0].expr


def own_functions(problem: Problem) -> dict[str, Any]:
    """The functions that the text defines, ready to evaluate."""
    if not problem.scalars:
        return {}
    from matcalc.scalars import tables

    return dict(tables(problem.scalars))


def declared_type(name: str, shape: Sequence[Dim]) -> Any:
    """Type of a declared shape. Raises ``UsageError`` for too many axes or a size that is no name."""
    if isinstance(shape, str):
        shape = tuple(s.strip() for s in shape.split(",") if s.strip())
    if len(shape) > 3:
        raise UsageError(f"'{name}' is declared with {len(shape)} axes; at most 3 are supported", hint=f"declare {name} as (n, m)")
    out: list[Dim] = []
    for size in shape:
        if isinstance(size, bool) or not isinstance(size, (int, str)):
            raise UsageError(f"size {size!r} of '{name}' is neither a number nor a name", hint=f"declare {name} as ('n', 'm')")
        if isinstance(size, str) and size.isdigit():
            size = int(size)
        if isinstance(size, str) and not _NAME.match(size):
            raise UsageError(f"size {size!r} of '{name}' is not a name", hint="sizes are numbers or identifiers, such as n")
        if isinstance(size, int) and size < 1:
            raise UsageError(f"size {size} of '{name}' is not positive")
        out.append(size)
    return type_of(tuple(out))


class Expr:
    """An expression that was read: ``plain``, ``latex``, ``shape``, ``evaluate(arrays)``."""

    def __init__(self, node: Node, problem: Problem) -> None:
        self.node = node
        self._problem = problem
        self._declared = {n: type_of(s) for n, s in problem.dims.items()}

    @property
    def plain(self) -> str:
        return "; ".join((*definitions_in(self.node, self._problem), plain(self.node)))

    @property
    def latex(self) -> str:
        return render(self.node, LATEX)

    @property
    def shape(self) -> tuple[Dim, ...]:
        return data.public_shape(self.node.type)

    def __repr__(self) -> str:
        return render(self.node, TEXT)

    def evaluate(self, arrays: Mapping[str, Any], functions: Mapping[str, Any] | None = None) -> Any:
        """Value at ``arrays`` (name to array: vectors 1-D, scalars 0-D), with generic functions as in ``derive``."""
        return evaluate(self.node, self._declared, arrays, {**own_functions(self._problem), **(functions or {})})


def definitions_in(node: Node, problem: Problem) -> tuple[str, ...]:
    """The input's definitions of the functions below ``node``, in plain notation."""
    if not problem.scalars:
        return ()
    from matcalc.scalars import definitions

    return definitions(node, problem.scalars)


def evaluate(node: Node, declared: Mapping[str, Any], arrays: Mapping[str, Any], functions: Mapping[str, Any] | None) -> Any:
    """The public value of a node. Raises ``UsageError`` or ``ShapeError`` for arrays that do not fit."""
    from matcalc import numeric
    from matcalc.expr import sym

    env, sizes = numeric.bind([sym(n, t) for n, t in declared.items()], arrays)
    table = {name: numeric.from_user(value, name) for name, value in (functions or {}).items()}
    (value,) = numeric.evaluate([node], env, sizes, table)
    return numeric.to_public(value.real, node.type)


def parse(
    text: str,
    dims: Mapping[str, Sequence[Dim]] | None = None,
    *,
    notation: str | None = None,
    functions: Mapping[str, Any] | None = None,
    output: str | None = None,
    index: Mapping[str, str] | None = None,
    define: Sequence[str] = (),
) -> Expr:
    """Read an expression in any of the notations. Shapes are inferred where ``dims`` does not give them."""
    problem = read_problem(text, dims, notation, functions, output, index, define)
    return Expr(problem.output, problem)


class Result:
    """One derivative."""

    def __init__(self, owner: Derivation, result: data.Result) -> None:
        self._owner = owner
        self.data = result

    def __getattr__(self, name: str) -> Any:
        if name in ("wrt", "kind", "layout", "plain", "latex", "text", "shape", "expr"):
            return getattr(self.data, name)
        raise AttributeError(name)

    def __repr__(self) -> str:
        return self.data.text

    @property
    def vec(self) -> Expr:
        """The same derivative in vec form, d vec(Y)/d vec(X)': Kronecker products and commutation matrices."""
        from matcalc.engine.vecform import vec_form
        from matcalc.normal import normal

        outer, inner = self.data.axes
        return Expr(normal(vec_form(self.data.expr, outer, inner)), self._owner.problem)

    def evaluate(self, arrays: Mapping[str, Any], functions: Mapping[str, Any] | None = None) -> Any:
        """Value of the printed formula at ``arrays``, in the shapes of the corpus conventions."""
        owner = self._owner
        table = {**own_functions(owner.problem), **owner.functions, **(functions or {})}
        return evaluate(self.data.expr, owner.declared, arrays, table)


class Derivation:
    """What :func:`derive` gives back: results by variable, the value, the steps, and printers."""

    def __init__(self, problem: Problem, trace: data.Trace, kind: str, layout: str, style: str, assume: Mapping[str, frozenset[str]],
                 functions: Mapping[str, Any], wrt: Sequence[str]) -> None:  # fmt: skip
        self.problem = problem
        self.trace = trace
        self.kind = kind
        self.layout = layout
        self.style = style
        self.assume = assume
        self.functions = functions
        self.wrt = tuple(wrt)
        self.own_steps = own_steps(problem, trace)  # the input's functions and their derivatives, each checked by itself
        self.steps = self.own_steps + trace.steps
        self.checked: CheckReport | None = None
        self.warnings = (*problem.warnings, *kinks(problem, wrt))
        self.dims = problem.dims
        self.source = problem.source

    @cached_property
    def declared(self) -> dict[str, Any]:
        return {n: type_of(s) for n, s in self.problem.dims.items()}

    @cached_property
    def value(self) -> Expr:
        return Expr(self.problem.output, self.problem)

    @cached_property
    def results(self) -> tuple[Result, ...]:
        return tuple(Result(self, r) for r in self.trace.results)

    @property
    def result(self) -> Result:
        """The one result. Raises ``UsageError`` when there are several."""
        if len(self.results) != 1:
            raise UsageError(f"there are {len(self.results)} results: {', '.join(self.wrt)}", hint="take one: d['W']")
        return self.results[0]

    def __getitem__(self, name: str) -> Result:
        for r in self.results:
            if r.wrt == name:
                return r
        raise KeyError(f"no derivative by '{name}' was asked for; there are: {', '.join(self.wrt)}")

    # -- printers ---------------------------------------------------------------------

    def to_text(self, detail: str = "normal", width: int | None = None) -> str:
        """The derivation as Unicode text for a terminal of ``width`` columns."""
        from matcalc.printers.text import to_text

        return to_text(self, detail, width)

    def to_latex(self, document: bool = False, detail: str = "normal") -> str:
        """The derivation in LaTeX: a fragment for amsmath, or a whole document."""
        from matcalc.printers.latex import to_latex

        return to_latex(self, document, detail)

    def to_markdown(self, detail: str = "normal") -> str:
        from matcalc.printers.markdown import to_markdown

        return to_markdown(self, detail)

    def to_html(self, detail: str = "normal") -> str:
        from matcalc.printers.html import to_html

        return to_html(self, detail)

    def to_dict(self) -> dict[str, Any]:
        """The JSON schema, version 1, as a dictionary."""
        from matcalc.printers.jsonout import to_dict

        return to_dict(self)

    def to_json(self) -> str:
        from matcalc.printers.jsonout import to_json

        return to_json(self)

    def __repr__(self) -> str:
        return "\n".join(f"{r.wrt}: {r.text}" for r in self.results)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _repr_latex_(self) -> str:
        return self.to_latex()

    def _repr_html_(self) -> str:
        return self.to_html()

    # -- code ---------------------------------------------------------------------------

    def to_code(self, target: str = "numpy", name: str | None = None) -> str:
        """Source of one function that computes the value and all derivatives."""
        _one_of("target", target, ("numpy",))
        from matcalc.codegen import source_of

        return source_of(self, name)

    def function(self, target: str = "numpy") -> Any:
        """The callable: ``function(**arrays) -> (value, derivative)``, or a tuple of derivatives in wrt order."""
        _one_of("target", target, ("numpy",))
        from matcalc.codegen import function_of

        return function_of(self)

    def check(self, seed: int = 0, points: int = 2) -> CheckReport:
        """Verify every line and every result numerically. Raises ``CheckError`` naming the first false line."""
        from matcalc.check import check_trace
        from matcalc.numeric import from_user

        given = {**own_functions(self.problem), **self.functions}
        table = {name: from_user(value, name) for name, value in given.items() if value is not None}
        checked, self.checked = check_trace(
            self.problem, self.trace.steps, self.trace.results, self.trace.waypoints, self.assume, table, seed, points
        )
        self.steps = self.own_steps + checked
        return self.checked


def derive(
    expression: str,
    wrt: str | Sequence[str] = "all",
    dims: Mapping[str, Sequence[Dim]] | None = None,
    kind: str | None = None,
    *,
    direction: str | None = None,
    structure: Mapping[str, str] | None = None,
    index: Mapping[str, str] | None = None,
    define: Sequence[str] = (),
    layout: str = "shape",
    style: str = "backprop",
    assume: Mapping[str, str] | None = None,
    functions: Mapping[str, Any] | None = None,
    output: str | None = None,
    check: bool = True,
    notation: str | None = None,
    seed: int = 0,
) -> Derivation:
    """Derive gradients, Jacobians or Hessians of ``expression`` and show the work.

    See the README for the parameters. Raises ``MatcalcError`` and its kinds; with ``check=True`` no line
    is returned that did not survive its numeric check.
    """
    _one_of("kind", kind or "gradient", KINDS)
    if kind == "differential":
        style = "differential"
    _one_of("layout", layout, LAYOUTS)
    _one_of("style", style, STYLES)
    problem = read_problem(expression, dims, notation, functions, output, index, define, square_names(assume, structure))
    properties = as_properties({**problem.assumed, **(assume or {})})
    variables = choose_variables(problem, wrt)
    kind = kind or ("gradient" if problem.output.kind == "s" else "jacobian")
    try:
        for name, tied in (structure or {}).items():
            properties[name] = properties.get(name, frozenset()) | ({tied} if tied in DRAWN else set())
        trace = run_engine(problem, variables, kind, layout, style, properties, direction)
        if structure:
            trace = with_structure(trace, structure, variables, kind)
        if problem.scalars:
            from matcalc.scalars import with_definitions

            trace = with_definitions(trace, problem.scalars)
    except MatcalcError as error:
        error.source = expression if error.source is None else error.source
        raise
    result = Derivation(problem, trace, kind, layout, style, properties, functions or {}, [str(v.attr) for v in variables])
    if check:
        result.check(seed)
    return result


def own_steps(problem: Problem, trace: data.Trace) -> tuple[data.Step, ...]:
    if not problem.scalars:
        return ()
    from matcalc.scalars import steps

    return steps(trace, problem.scalars)


def kinks(problem: Problem, wrt: Sequence[str]) -> list[str]:
    """A notice for each operator that is not differentiable everywhere, on the way to a variable."""
    if not any(TABLE[op].kink for op in problem.ops):
        return []
    moving: set[Node] = set()
    found: dict[str, str] = {}
    for node in postorder((problem.output,)):
        if (node.op == "sym" and node.attr in wrt) or any(a in moving for a in node.args):
            moving.add(node)
            if TABLE[node.op].kink and node.args:
                found[TABLE[node.op].plain] = TABLE[node.op].kink
    return [f"{name} is not differentiable where {kink}" for name, kink in found.items()]


def equal(
    a: str,
    b: str,
    dims: Mapping[str, Sequence[Dim]] | None = None,
    *,
    assume: Mapping[str, str] | None = None,
    functions: Mapping[str, Any] | None = None,
    notation: str | None = None,
    seed: int = 0,
) -> Verdict:
    """Whether two expressions are the same: by their normal forms where these agree, else at random points."""
    from matcalc.normal import Normalizer

    declared: dict[str, Sequence[Dim]] = dict(dims or {})
    left = read_problem(a, declared, notation, functions)
    right = read_problem(b, {**left.dims, **declared}, notation, functions)
    properties = as_properties(assume)
    if left.scalars or right.scalars:
        from matcalc.scalars import told_apart

        right, own = told_apart(left, right)
        functions = {**own, **(functions or {})}
    if left.output.type != right.output.type:
        return Verdict(False, "sizes differ", 0.0)
    n = Normalizer(properties)
    if n.normal(left.output) is n.normal(right.output):
        return Verdict(True, "normal forms agree", 0.0)
    from matcalc.check import difference

    error = difference(left, right, properties, functions or {}, seed)
    return Verdict(error < 1e-9, "numerically, at 3 random points", error)


class Verdict(NamedTuple):
    """Truth, how it was found, and the largest relative difference; true in a condition if equal."""

    equal: bool
    how: str
    error: float

    def __bool__(self) -> bool:
        return self.equal


def as_properties(assume: Mapping[str, str] | None) -> dict[str, frozenset[str]]:
    return {n: frozenset(re.split(r"[,\s]+", p.strip())) for n, p in (assume or {}).items()}


def _one_of(what: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise UsageError(f"{what} '{value}' is not known", hint=f"one of {', '.join(choices)}")


def choose_variables(problem: Problem, wrt: str | Sequence[str]) -> list[Node]:
    """Symbols of the variables. Raises ``UsageError`` for a name that is not in the expression."""
    from matcalc.expr import sym

    if wrt == "all":
        return list(problem.symbols.values())
    names = [wrt] if isinstance(wrt, str) else list(wrt)
    out = []
    for name in names:
        if name in problem.symbols:
            out.append(problem.symbols[name])
        elif name in problem.dims:
            out.append(sym(name, type_of(problem.dims[name])))
        else:
            known = ", ".join(problem.symbols)
            what = "is defined in the input" if name in dict(problem.definitions) else "is not a variable of the expression"
            raise UsageError(f"'{name}' {what}, so there is no derivative by it", hint=f"one can differentiate by: {known}")
    return out


def run_engine(problem: Problem, variables: list[Node], kind: str, layout: str, style: str, properties: Mapping[str, frozenset[str]],
               direction: str | None) -> data.Trace:  # fmt: skip
    taken = {*problem.symbols, *problem.functions, *(str(a) for s in problem.dims.values() for a in s)}
    output, definitions, rewrites = recognise(compiler(), problem, set(variables))
    graph = cut(output, problem.output_name, definitions, set(variables), taken)
    if kind != "jacobian":
        require_scalar(problem, kind)
    if kind == "gradient" and style != "differential":
        trace = backprop(compiler(), graph, variables, kind, layout, properties)
        if style == "elementwise":
            from matcalc.engine.elementwise import with_entries

            trace = with_entries(compiler(), graph, trace)
        return trace._replace(steps=rewrites + trace.steps)
    from matcalc.engine.differential import differential

    along = choose_direction(problem, kind, direction)
    trace = differential(compiler(), graph, variables, kind, layout, properties, along)
    return trace._replace(steps=rewrites + trace.steps)


# Structures that points can be drawn with; the others say only how entries are tied.
DRAWN = ("symmetric", "diagonal", "skew", "lower-triangular", "upper-triangular", "toeplitz", "symmetric-toeplitz")


def with_structure(trace: data.Trace, structure: Mapping[str, str], variables: list[Node], kind: str) -> data.Trace:
    """The answers for tied entries. Raises ``UsageError`` for a name that is not differentiated by."""
    from matcalc.engine.structured import tie
    from matcalc.normal import Normalizer

    names = [str(v.attr) for v in variables]
    for name in structure:
        if name not in names:
            raise UsageError(f"structure is given for '{name}', which is not differentiated by", hint=f"variables: {', '.join(names)}")
    if kind != "gradient":
        raise UsageError(f"structure applies to gradients, not to kind '{kind}'", hint="ask for kind='gradient'")
    return tie(trace, structure, Normalizer(), book().source(book().rows()["tied-entries"]))


def choose_direction(problem: Problem, kind: str, direction: str | None) -> Node | None:
    """The object that holds the direction of a Hessian-vector product."""
    from matcalc.expr import sym

    if kind != "hvp":
        return None
    if direction is None:
        raise UsageError("a Hessian-vector product needs a direction, and none was given",
                         hint="direction='v' (--direction v), with the sizes of the variable")  # fmt: skip
    if direction in problem.symbols:
        return problem.symbols[direction]
    if direction not in problem.dims:
        raise UsageError(f"the direction '{direction}' is not declared", hint=f"declare it: dims={{'{direction}': …}}")
    return sym(direction, type_of(problem.dims[direction]))


def require_scalar(problem: Problem, kind: str) -> None:
    from matcalc.errors import ShapeError
    from matcalc.expr import size_text

    t = problem.output.type
    if t.kind != "s":
        raise ShapeError(
            f"a {kind} needs a scalar, and this expression is {size_text(t)}",
            span=(0, len(problem.source)),
            hint="ask for kind='jacobian', or take a scalar of it, such as sum(…) or tr(…)",
        )
