"""The tape: nodes with unknown sizes, and all that is known while a text is being typed.

The tape keeps arguments before the nodes that use them, so nothing recurses over long sums or chains of definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import Any, NamedTuple

from matcalc.expr import dims, nodes
from matcalc.expr.dims import Dim
from matcalc.expr.errors import MatcalcError, ParseError, ShapeError, instead
from matcalc.expr.groups import SUMS
from matcalc.expr.table import TABLE, Op, Type
from matcalc.expr.unification import Unifier
from matcalc.notation.kinds.search import NOTHING, Reading
from matcalc.notation.lex import habits
from matcalc.notation.lex.syntax import Ast, Span, Statement
from matcalc.notation.meaning.formula_rows import Composite
from matcalc.notation.meaning.hints import kind_hint, meant, size_hint
from matcalc.notation.meaning.integer_labels import Label
from matcalc.notation.meaning.problem import Own
from matcalc.notation.meaning.stated import Facts, disagreement

_entry = tuple.__new__  # a third of the time of Entry(…)


class Entry(NamedTuple):
    """One node on the tape."""

    op: str
    args: tuple[int, ...]
    attr: Any
    type: Type


class Draft(NamedTuple):
    """A lift while sizes are unknown: expressions are places on the tape."""

    node: Ast
    place: int
    body: Ast
    values: tuple[int, ...]


class Python:
    """What is known of the arrays of a text in Python."""

    def __init__(self, stars: dict[Span, str], products: frozenset[Span], targets: frozenset[str] = frozenset()) -> None:
        self.stars = stars  # asterisks that may be either product, with their operands; shared by all readings
        self.products = products  # of these, the matrix products of the reading at hand
        self.targets = targets  # names that stand where a loss takes integer labels
        self.upright: set[int] = set()  # vectors on the tape that are n×1 or 1×n arrays
        self.columns: set[object] = set()  # names of vectors that stand at the right of ``@``


_NO_FACTS = Facts(MappingProxyType({}), MappingProxyType({}), MappingProxyType({}))


def _no_letters() -> Reading:
    return NOTHING


class Scope:
    """The state of one resolution: tape, sizes, names."""

    def __init__(
        self, typed: Typed, source: str, declared: Mapping[str, Type], sizes: frozenset[str], functions: frozenset[str]
    ) -> None:
        self.typed = typed  # what a part of the syntax tree is: rows of the table of handlers call each other through it
        self.source = source
        self.declared = declared
        self.sizes = sizes  # dimension symbols: usable as numbers
        self.known_functions = functions
        self.tape: list[Entry] = []
        self.spans: list[tuple[int, int]] = []
        self.unifier = Unifier()
        self.symbols: dict[str, int] = {}  # variables
        self.values: dict[str, int] = {}  # definitions already read
        self.generic: dict[str, None] = {}
        self.operators: Mapping[str, tuple[Op, ...]] = {}  # that rules of the user's define
        self.own: dict[str, Statement] = {}  # functions that the text defines, and what own.py knows of them
        self.own_kinds: dict[str, str] = {}
        self.bodies: Mapping[str, Own] = {}
        self.meanings: dict[Composite, None] = {}  # functions of the table that were put in place
        self.frame: dict[str, int] = {}  # parameters of the function that is being put in place
        self.nesting, self.in_row = 0, False  # in_row: reads an equation of a rule
        self.warnings: list[str] = []
        self.latex, self.numpy = False, ""  # the first sign that only NumPy has
        self.deferred: list[Callable[[], MatcalcError | None]] = []  # questions to ask when the sizes are known
        self.assumed: dict[str, str] = {}
        self.bound: set[str] = set()  # indices of the sums around
        self.labels: Mapping[str, Label] = {}  # names that are integer labels
        self.apart: frozenset[str] = frozenset()  # names such as u_o that are no members of the u_k of a sum
        self.runs: dict[str, Any] = {}  # of these, those that run over a part of an axis: sums.neighbours.Run
        self.masks: list[tuple[int, int, tuple[str, ...]]] = []  # of restricted sums around: the mask, 1 - mask, and its indices
        self.slices: dict[str, tuple[str, tuple[str, ...]]] = {}  # x_i -> ("X", ("i", ":"))
        self.lifts: list[Draft] = []  # the outermost sums
        self.equal: list[tuple[int, int]] = []  # values, and further members of chained equalities
        self.readings: dict[int, tuple[Ast, int]] = {}  # id of a part of the sum at hand -> where it is on the tape
        self.expansions: dict[int, tuple[Ast, Ast]] = {}  # id of a call under a sum -> the body put in place
        self.square: frozenset[str] = frozenset()  # matrices that a declared property makes square
        self.statements: Sequence[Statement] = ()
        self.facts = _NO_FACTS  # what the text states of names
        self.letters: Callable[[], Reading] = _no_letters  # kinds of names that nobody declared, inferred when asked for
        self.rows: Mapping[str, str] = {}  # kinds of the arrays of which the vectors x_i are rows
        self.python = Python({}, frozenset())
        self.carried: Mapping[str, Type] = {}  # unspecified functions of vectors and numbers: sizes of their values
        self.avoided: frozenset[str] = frozenset()  # letters that no size without a name gets

    def infer(self, node: Ast) -> int:
        """Index on the tape of the typed node."""
        return self.typed(self, node)

    def infer_with(self, operands: Mapping[str, int], node: Ast) -> int:
        """The same, where these names stand for what is on the tape already."""
        outer, self.frame = self.frame, {**self.frame, **operands}
        try:
            return self.infer(node)
        finally:
            self.frame = outer

    # -- the tape ---------------------------------------------------------------

    def put(self, op: str, args: tuple[int, ...], attr: object, type: Type, at: Ast) -> int:
        self.tape.append(_entry(Entry, (op, args, attr, type)))
        self.spans.append(at[1:3])
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
        wanted, found = self.facts.types[name], self.type(i)
        if wanted.kind != found.kind or not all(map(self.unifier.unify, wanted[1:], found[1:])):
            raise disagreement(name, wanted, self.size(i), self.spans[i])

    def text(self, i: int) -> str:
        start, end = self.spans[i]
        return self.source[start:end].strip()

    def size(self, i: int) -> str:
        kind, rows, cols = self.tape[i].type
        return "1×1 (a scalar)" if kind == "s" else nodes.size_text(Type(kind, *([rows, cols])))

    def apply(self, op: str, args: tuple[int, ...], at: Ast, attr: object = None) -> int:
        """The operator on typed arguments; raises ``ShapeError`` naming both operands and their sizes."""
        tape, row = self.tape, TABLE[op]
        types = tuple([tape[i].type for i in args])
        found = row.alternatives.get("".join([t[0] for t in types]))
        if found is None:
            if (meaning := meant_thin(op, types)) is not None:
                op, order, ways = meaning
                return self.apply(
                    op, tuple([self.by_steps(args[i], way, at) for i, way in zip(order, ways, strict=True)]), at, attr
                )
            texts = [self.text(i) for i in args]
            error = self.misfit(row.words, args, at, kind_hint(op, types, texts, list(row.alternatives)))
            error.ways = tuple([instead(at.span, way) for way in meant(op, types, texts)])
            error.operands = f"{op} {''.join([t[0] for t in types])}"
            raise self.with_second_point(op, args, error)
        if found.tied and not self.fit(found.arguments, types):
            self.name_unknown(args)  # before the hint speaks of them
            raise self.misfit(row.words, args, at, size_hint(op, types, [self.text(i) for i in args]))
        return self.put(op, args, attr, found.result(types), at)

    def with_second_point(self, op: str, args: tuple[int, ...], error: ShapeError) -> ShapeError:
        """Of ``x - x'`` the reading that x' is no row, but a point beside x."""
        turned = [i for i in args if self.original(i).op == "T" and self.text(i).endswith(("'", r"\prime"))]
        points = [self.original(i).attr for i in args if i not in turned and self.original(i).op == "sym"]
        if op not in SUMS or len(turned) != 1 or [self.original(self.original(turned[0]).args[0]).attr] != points:
            return error
        if not self.latex:
            other = f"{points[0]}_2"
            error.hint = f"{error.hint}; or, where {points[0]}' is a point of its own, call it {other}"
            error.ways = (*error.ways, instead(self.spans[turned[0]], other))
        else:
            size = dims.walk(self.type(turned[0]).cols)
            point = f"{points[0]}'"
            error.hint = f'{error.hint}; or, where {point} is a point of its own: --dim "{point}={dims.text(size)}"'
            error.ways = (*error.ways, {"dims": {point: (size,)}})
        return error

    def by_steps(self, i: int, steps: Steps, at: Ast) -> int:
        """One operator after the other; messages speak of the result as of the value itself."""
        span = self.spans[i]
        for op in steps:
            i = self.apply(op, (i,), at)
            self.spans[i] = span
        return i

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
        return ShapeError(f"{words}: the sizes do not fit: " + ", ".join(parts), span=at.span, hint=hint)

    def name_unknown(self, args: tuple[int, ...]) -> None:
        """Letters for sizes that are not known yet, so that a message can speak of them."""
        used = set(self.sizes) | set(self.symbols) | set(self.values)
        free = iter([s for s in habits.SIZES if s not in used])
        for i in args:
            for d in self.tape[i].type[1:]:
                for a in dims.atoms(d) if not isinstance(d, tuple) or isinstance(d, dims.Poly) else ():
                    if isinstance(a, dims.Var) and a.ref is None:
                        a.ref = next(free, "?")


Typed = Callable[[Scope, Ast], int]


# Values with a size that is known to be 1: an n×1 matrix is a column, a 1×n matrix a row, and what has one entry a number


Steps = tuple[str, ...]  # operators, one after the other


def meant_thin(op: str, types: Sequence[Type]) -> tuple[str, tuple[int, ...], tuple[Steps, ...]] | None:
    """The operator that is meant where the kinds of its arguments do not fit, which argument comes first, and what is done to
    each before; none where no size of 1 helps. A size that is not known yet is taken to be none."""
    if op == "matmul":
        left, right = types
        one = [_has_one_entry(t) for t in types]
        if any(one) and dims.walk(left.cols) == dims.walk(right.rows) == 1:
            number = int(one[1])
            return "scale", (number, 1 - number), (("sum",), ())
    for found in sorted(product(*map(_routes, types)), key=lambda found: sum(len(steps) for _, steps in found)):
        if "".join(kind for kind, _ in found) in TABLE[op].alternatives:
            return op, tuple(range(len(types))), tuple([steps for _, steps in found])
    return None


def alike_thin(types: Sequence[Type | None], kinds: str) -> list[Steps]:
    """What makes all blocks of a row or a column of the first of the ``kinds`` that one of them has and the sizes let the
    others have; nothing where there is no such kind. A block without a type is left as it is."""
    for kind in kinds:
        ways = [() if t is None else dict(_routes(t)).get(kind) for t in types]
        if any(t is not None and t.kind == kind for t in types) and None not in ways:
            return [way for way in ways if way is not None]
    return [()] * len(types)


def _routes(type: Type) -> Iterator[tuple[str, Steps]]:
    """The kinds that a value may have by its sizes, and how they are reached; its own at once."""
    kind, rows, cols = type
    yield kind, ()
    if kind == "m" and dims.walk(cols) == 1:
        yield "c", ("vec",)
    if kind == "m" and dims.walk(rows) == 1:
        yield "r", ("vec", "T")
    if kind in "cr" and _has_one_entry(type):
        yield "r" if kind == "c" else "c", ("T",)


def _has_one_entry(type: Type) -> bool:
    kind, rows, cols = type
    return kind in "crm" and dims.walk(rows) == dims.walk(cols) == 1


# Sizes in the text: numbers, dimension symbols, sums, differences and products of them


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
