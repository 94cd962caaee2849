"""From the syntax tree to typed expressions: what each ``*`` means, and the size of everything.

Nodes are first written on a tape with unknown sizes; unification solves the sizes; then the
expressions are made. The tape keeps arguments before the nodes that use them, so
nothing here recurses over long sums or chains of definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from matcalc import dims, expr
from matcalc.dims import Dim, Unifier
from matcalc.errors import AmbiguityError, MatcalcError, ShapeError, UsageError
from matcalc.expr import Expr
from matcalc.notation.arrays import Python, by_asterisks
from matcalc.notation.conventions import (
    another_reading,
    ask_about_doubts,
    conventional,
    refuse_turned_number,
    refuse_unbound,
    turned,
)
from matcalc.notation.counts import counts, exponents, literal
from matcalc.notation.hints import kind_hint, size_hint
from matcalc.notation.lifts import Draft, Lift
from matcalc.notation.prepared import prepared, value_of
from matcalc.notation.stated import disagreement
from matcalc.notation.syntax import Ast, Span, Statement
from matcalc.ops import SCALAR, TABLE, Type

if TYPE_CHECKING:
    from matcalc.notation.composites import Composite

SIZE_NAMES = ("n", "m", "k", "p", "q", "r", "l", "d", "t", "v", "w")


class Entry(NamedTuple):
    """One node on the tape."""

    op: str
    args: tuple[int, ...]
    attr: Any
    type: Type


class Problem(NamedTuple):
    """A text that has been understood."""

    definitions: tuple[tuple[str, Expr], ...]  # in dependency order
    output: Expr
    output_name: str | None
    symbols: dict[str, Expr]  # in order of first use
    dims: dict[str, tuple[Dim, ...]]
    ties: tuple[tuple[Dim, Dim], ...]
    functions: tuple[str, ...]  # unspecified elementwise functions in use
    warnings: tuple[str, ...]
    source: str
    scalars: dict[str, Any]  # the elementwise functions that the text defines: own.Own, then scalars.Scalar
    assumed: Mapping[str, str] = MappingProxyType({})  # properties stated in the text, such as S = Sᵀ
    ops: frozenset[str] = frozenset()  # the operators that occur
    meanings: tuple[Composite, ...] = ()  # functions in use that stand for formulas
    lifts: tuple[Lift, ...] = ()  # sums over indices, with the expressions that they became
    equal: tuple[tuple[Expr, Expr, Span], ...] = ()  # what the text says is equal, and where
    indexed: Mapping[str, str] = MappingProxyType({})  # x_i -> X[i,:]


class Scope:
    """The state of one resolution: tape, sizes, names."""

    def __init__(self, source: str, declared: Mapping[str, Type], sizes: frozenset[str], functions: frozenset[str]) -> None:
        self.source = source
        self.declared = declared
        self.sizes = sizes  # dimension symbols: usable as numbers
        self.known_functions = functions
        self.tape: list[Entry] = []
        self.spans: list[tuple[int, int]] = []
        self.unifier = Unifier()
        self.symbols: dict[str, int] = {}
        self.values: dict[str, int] = {}  # definitions already read
        self.generic: dict[str, None] = {}
        self.own: dict[str, Statement] = {}  # functions that the text defines, and what own.py knows of them
        self.own_kinds: dict[str, str] = {}
        self.bodies: dict[str, Any] = {}
        self.meanings: dict[Composite, None] = {}  # functions of the table that were put in place
        self.frame: dict[str, int] = {}  # parameters of the function that is being put in place
        self.nesting = 0
        self.in_row = False  # reads an equation of a rule
        self.warnings: list[str] = []
        self.latex = False
        self.deferred: list[Callable[[], MatcalcError | None]] = []  # questions to ask when the sizes are known
        self.assumed: dict[str, str] = {}
        self.bound: set[str] = set()  # indices of the sums around
        self.slices: dict[str, tuple[str, tuple[str, ...]]] = {}  # x_i -> ("X", ("i", ":"))
        self.lifts: list[Draft] = []  # the outermost sums
        self.equal: list[tuple[int, int]] = []  # values, and further members of chained equalities
        self.readings: dict[int, tuple[Ast, int]] = {}  # id of a part of the sum at hand -> where it is on the tape
        self.expansions: dict[int, tuple[Ast, Ast]] = {}  # id of a call under a sum -> the body put in place
        self.square: frozenset[str] = frozenset()  # matrices that a declared property makes square
        self.statements: Sequence[Statement] = ()
        self.stated: Mapping[str, Type] = {}  # sizes of names, as the text states them
        self.arrays: frozenset[str] = frozenset()  # letters that are scalars by convention, and arrays here
        self.flexible: dict[str, Ast] = {}  # letters that convention made scalars
        self.python = Python({}, frozenset())
        self.doubts: dict[str, tuple[Ast, str]] = {}  # such letters where an array would fit as well: both readings

    @cached_property
    def turned(self) -> dict[str, str]:
        return turned(self.statements)

    def infer(self, node: Ast) -> int:
        """Index on the tape of the typed node."""
        from matcalc.notation.typing import infer

        return infer(self, node)

    # -- the tape ---------------------------------------------------------------

    def put(self, op: str, args: tuple[int, ...], attr: Any, type: Type, at: Ast) -> int:
        self.tape.append(Entry(op, args, attr, type))
        self.spans.append((at.start, at.end))
        return len(self.tape) - 1

    def original(self, i: int) -> Entry:
        """The entry that a use of a name stands for."""
        entry = self.tape[i]
        while entry.op == "copy":
            entry = self.tape[entry.args[0]]
        return entry

    def type(self, i: int) -> Type:
        return self.tape[i].type

    def agree(self, name: str, i: int) -> None:
        """A defined name has the size that the text states. Raises ``ShapeError``."""
        wanted, found = self.stated[name], self.type(i)
        if wanted.kind != found.kind or not all(map(self.unifier.unify, wanted[1:], found[1:])):
            raise disagreement(name, wanted, self.size(i), self.spans[i])

    def doubt(self, i: int, at: Ast, readings: str) -> None:
        """Remember that the scalar by convention at ``i`` could be an array as well."""
        entry = self.original(i)
        if entry.op == "sym" and entry.attr in self.flexible:
            self.doubts.setdefault(entry.attr, (at, readings))

    def text(self, i: int) -> str:
        start, end = self.spans[i]
        return self.source[start:end].strip()

    def size(self, i: int) -> str:
        kind, rows, cols = self.tape[i].type
        return "1×1 (a scalar)" if kind == "s" else expr.size_text(Type(kind, *([rows, cols])))

    def apply(self, op: str, args: tuple[int, ...], at: Ast, attr: Any = None) -> int:
        """The operator on typed arguments; raises ``ShapeError`` naming both operands and their sizes."""
        types = tuple([self.tape[i].type for i in args])
        row = TABLE[op]
        found = row.alternatives.get("".join([t[0] for t in types]))
        if found is None:
            raise self.misfit(row.words, args, at, kind_hint(op, types, [self.text(i) for i in args], list(row.alternatives)))
        if not self.fit(found.arguments, types):
            raise self.misfit(row.words, args, at, size_hint(op, types, [self.text(i) for i in args]))
        return self.put(op, args, attr, found.result(types), at)

    def fit(self, patterns: tuple[tuple[Dim, ...], ...], types: tuple[Type, ...]) -> bool:
        bound: dict[Dim, Dim] = {}
        for pattern, (kind, rows, cols) in zip(patterns, types, strict=True):
            have = (cols,) if kind == "r" else (rows, cols)
            if kind == "t":
                axes: Any = rows
                first: Any = bound.setdefault(pattern[0], axes)
                if len(first) != len(axes) or not all(map(self.unifier.unify, first, axes)):
                    return False
                continue
            for name, size in zip(pattern, have, strict=False):
                if name in bound:
                    if not self.unifier.unify(bound[name], size):
                        return False
                else:
                    bound[name] = size
        return True

    def misfit(self, words: str, args: tuple[int, ...], at: Ast, hint: str | None) -> ShapeError:
        self.name_unknown(args)
        parts = [f"'{self.text(i)}' is {self.size(i)}" for i in args]
        return ShapeError(f"{words}: the sizes do not fit: " + ", ".join(parts), span=(at.start, at.end), hint=hint)

    def name_unknown(self, args: tuple[int, ...]) -> None:
        """Letters for sizes that are not known yet, so that a message can speak of them."""
        used = set(self.sizes) | set(self.symbols) | set(self.values)
        free = iter([s for s in SIZE_NAMES if s not in used])
        for i in args:
            for d in self.tape[i].type[1:]:
                for a in dims.atoms(d) if not isinstance(d, tuple) or isinstance(d, dims.Poly) else ():
                    if isinstance(a, dims.Var) and a.ref is None:
                        a.ref = next(free, "?")

    # -- names --------------------------------------------------------------------

    def name(self, text: str, at: Ast) -> int:
        if text in self.frame:
            return self.frame[text]
        if text in self.values:
            return self.values[text]
        if text in self.symbols:
            return self.symbols[text]
        if text in self.declared:
            return self.symbol(text, self.declared[text], at)
        if text in self.sizes:
            return self.put("dim", (), text, SCALAR, at)
        if text in ("pi", "π"):
            refuse_turned_number(self, text, at)
            return self.put("const", (), "pi", SCALAR, at)
        if text in ("eye", "I"):
            n = self.unifier.fresh()
            return self.put("eye", (), None, Type("m", n, n), at)
        if text == "1vec":
            return self.put("ones", (), None, Type("c", self.unifier.fresh(), 1), at)
        if text in self.slices:
            from matcalc.notation.entries import selected

            if (chosen := selected(self, text, at)) is not None:
                return chosen
        if "_" in text or "^" in text:
            refuse_unbound(self, text, at)
        return self.symbol(text, conventional(self, text, at), at)

    def symbol(self, text: str, type: Type, at: Ast) -> int:
        if text in self.square and type.kind == "m" and not self.unifier.unify(type.rows, type.cols):
            raise ShapeError(
                f"'{text}' is declared square by its property, and its sizes are {expr.size_text(type)}",
                span=(at.start, at.end), hint="declare equal sizes, or drop the property",
            )  # fmt: skip
        index = self.put("sym", (), text, type, at)
        self.symbols[text] = index
        return index


def resolve(
    statements: list[Statement],
    source: str,
    declared: Mapping[str, Type],
    functions: frozenset[str] = frozenset(),
    output: str | None = None,
    extra_sizes: frozenset[str] = frozenset(),
    latex: bool = False,
    square: frozenset[str] = frozenset(),
    slices: Mapping[str, tuple[str, tuple[str, ...]]] | None = None,
    stated: Mapping[str, Type] | None = None,
) -> Problem:
    """Types, sizes and meaning of the statements. Errors carry the span in ``source``.

    ``stated`` are types that the text gives: a declaration, or of a defined name something to agree with.
    """
    if stated:
        defined = {s.name for s in statements}
        declared = {**declared, **{n: t for n, t in stated.items() if n not in defined}}
    sizes = frozenset(a for t in declared.values() for a in _atoms(t)) | extra_sizes
    if "\\sum" in source or "∑" in source:
        from matcalc.notation.limits import counts

        sizes |= counts((s.body for s in statements), slices or {}) - {s.name for s in statements}

    stars: dict[Span, str] = {}

    def scope_of(arrays: frozenset[str], products: frozenset[Span]) -> Scope:
        scope = Scope(source, declared, sizes - frozenset(declared), functions)
        scope.latex, scope.square, scope.slices = latex, square, dict(slices or {})
        scope.statements, scope.arrays, scope.stated, scope.python = statements, arrays, stated or {}, Python(stars, products)
        return scope

    def reading(products: frozenset[Span]) -> Problem:
        def attempt(arrays: frozenset[str]) -> Problem:
            return _resolved(scope_of(arrays, products), statements, output)

        scope = scope_of(frozenset(), products)
        try:
            problem = _resolved(scope, statements, output)
        except ShapeError as error:
            return another_reading(attempt, statements, scope, error)
        if scope.doubts:
            ask_about_doubts(attempt, scope)
        return problem

    try:
        return by_asterisks(reading, stars)
    except MatcalcError as error:
        error.source = source if error.source is None else error.source
        raise


def _resolved(scope: Scope, statements: list[Statement], output: str | None) -> Problem:
    from matcalc.notation.dependencies import order_definitions

    ordered, final = order_definitions(prepared(scope, statements), scope, output)
    roots: list[tuple[str | None, int]] = []
    for statement in ordered:
        index = value_of(scope, statement)
        if statement.name is not None and statement.name not in scope.own:
            scope.values[statement.name] = index
            if statement.name in scope.stated:
                scope.agree(statement.name, index)
        roots.append((statement.name, index))
    _settle(scope)
    if scope.own:
        from matcalc.notation.own import read_bodies

        scope.bodies = read_bodies(scope)
    return finish(scope, roots, final)


def _settle(scope: Scope) -> None:
    """All sizes that follow, and the questions that had to wait for them."""
    if not scope.unifier.settle():
        raise ShapeError("the sizes contradict each other", hint="declare the sizes with --dim")
    for question in scope.deferred:
        error = question()
        if error is not None:
            raise error


def _atoms(t: Type) -> list[str]:
    both = [*t.rows] if t.kind == "t" else [t.rows, t.cols]
    return [a for d in both for a in dims.atoms(dims.walk(d)) if isinstance(a, str)]


def finish(scope: Scope, roots: list[tuple[str | None, int]], final: str | None) -> Problem:
    _name_sizes(scope)
    nodes: list[Expr] = []
    sizes = counts(scope)
    powers = exponents(scope) if sizes else frozenset()
    for i, entry in enumerate(scope.tape):
        kind, rows, cols = entry.type
        if kind == "t":
            known = Type(kind, tuple([dims.walk(d) for d in rows]), cols)
        else:
            known = SCALAR if kind == "s" else Type(kind, dims.walk(rows), dims.walk(cols))
        if entry.op == "T" and scope.original(entry.args[0]).op == "T":
            nodes.append(nodes[scope.original(entry.args[0]).args[0]])
        elif entry.op == "copy":
            nodes.append(nodes[entry.args[0]])
        elif entry.op == "num" and sizes and i not in powers:
            nodes.append(literal(entry.attr, sizes) or expr.num(entry.attr))
        elif entry.op == "dim":
            nodes.append(expr.dimension(dims.walk(entry.attr)))
        else:
            attr = entry.attr
            nodes.append(expr.make(entry.op, tuple([nodes[a] for a in entry.args]), attr, known))
    definitions = tuple((name, nodes[i]) for name, i in roots if name is not None)
    output = next(nodes[i] for name, i in reversed(roots) if name == final)
    symbols = {name: nodes[i] for name, i in scope.symbols.items()}
    shapes = {name: e.shape for name, e in symbols.items()}
    shapes |= {n: expr.shape_of(t) for n, t in scope.declared.items() if n not in shapes}
    ties = tuple((dims.walk(a), dims.walk(b)) for a, b in scope.unifier.tied)
    return Problem(
        definitions, output, final, symbols, shapes, ties, tuple(scope.generic), tuple(dict.fromkeys(scope.warnings)),
        scope.source, scope.bodies,
        dict(scope.assumed),
        ops=frozenset([e.op for e in scope.tape]) - {"copy"},
        meanings=tuple(scope.meanings),
        lifts=tuple([d.finish(nodes, sizes) for d in scope.lifts]),
        equal=tuple([(nodes[a], nodes[b], scope.spans[b]) for a, b in scope.equal]),
        indexed={token: f"{array}[{','.join(places)}]" for token, (array, places) in scope.slices.items()},
    )  # fmt: skip


_SIZED = frozenset(("sym", "eye", "ones", "zeros", "dim", "fill", "einsum", "padrows"))  # whose sizes the text may name


def _name_sizes(scope: Scope) -> None:
    """Give the sizes that stayed free a name each, in the order of the symbols that have them."""
    said = {a for e in scope.tape if e.op in _SIZED for a in _atoms(e.type)}
    used = said | set(scope.sizes) | set(scope.symbols) | set(scope.values) | set(scope.declared)
    pool = [s for s in SIZE_NAMES if s not in used]
    count = 0
    for index in scope.symbols.values():
        kind, rows, cols = scope.tape[index].type
        for d in (rows, cols):
            d = dims.walk(d) if kind != "t" else 1
            if isinstance(d, dims.Var):
                if count < len(pool):
                    d.ref = pool[count]
                else:
                    d.ref = f"n_{count - len(pool) + 1}"
                count += 1
    for i, entry in enumerate(scope.tape):
        sized = entry.op in ("eye", "ones", "zeros", "dim") and entry.type.kind != "t"
        if sized and any(isinstance(a, dims.Var) for d in entry.type[1:] for a in dims.atoms(d)):
            raise AmbiguityError(
                f"the size of '{scope.text(i)}' does not follow from the context",
                span=scope.spans[i],
                hint="give it: ones(n), eye(n)",
            )


__all__ = ["Problem", "Scope", "UsageError", "resolve"]
