"""The functions of the table :mod:`matcalc.expr.formulas`, put in place where they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache

from matcalc.expr import dims
from matcalc.expr.errors import AmbiguityError, LimitError, NoRuleError, ParseError, ShapeError, instead
from matcalc.expr.formulas import NAMES
from matcalc.expr.formulas import composite as canonical
from matcalc.expr.table import CALLS, SCALAR, SYNONYMS, Type
from matcalc.notation.lex.syntax import Ast, walk, whole_number
from matcalc.notation.meaning.formula_rows import EACH, Composite, table
from matcalc.notation.meaning.hints import WORDS
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.meaning.user_functions import MAX_NESTING, MAX_TAPE, rewritten


@lru_cache(maxsize=256)
def bodies(row: Composite) -> tuple[tuple[str | None, Ast], ...]:
    """The definitions that the row ends in, and then its body."""
    from matcalc.notation.parse.statements import Names, read

    sizes = {s for _, _, own in row.parameters for s in own}
    local = {part.partition("=")[0].strip() for part in row.body.split(";")[1:]}
    main, *rest = read(row.body, Names({*(name for name, _, _ in row.parameters), *sizes, *local}), "plain").statements
    return (*((s.name, s.body) for s in reversed(rest)), (None, main.body))


def knows(scope: Scope, node: Ast) -> bool:
    """Whether the call is of a function of the table; one of the user's has precedence, and so has an operator."""
    name = node.value[0].rstrip(".")
    if name in scope.own or name in scope.known_functions:
        return False
    operator = SYNONYMS.get(name, name)
    if operator not in CALLS:
        return canonical(name) is not None
    if operator not in NAMES:
        return False
    if any([a.kind == "keyword" for a in node.args]):
        return True
    fits = any(row.entries or len(row.head) == len(node.args) for row in table()[operator])
    return fits and all(op.arity != len(node.args) for op in CALLS[operator])


def apply(scope: Scope, node: Ast) -> int:
    """The formula, on the tape. Raises ``ParseError``, ``ShapeError``, ``LimitError``, ``NoRuleError``."""
    candidates = _candidates(_axis_by_place(scope, node))
    if len(scope.tape) > MAX_TAPE or scope.nesting >= MAX_NESTING:
        raise LimitError(f"'{node.value[0]}' and the functions in it expand to too much", span=node.span,
                         hint="name parts of the expression: s = u'*h; h = mean(z)")  # fmt: skip
    given = {id(a): scope.infer(a) for a in candidates[0][1].values()}
    row, named = _fitting(scope, node, [(r, {p: given[id(a)] for p, a in bound.items()}) for r, bound in candidates])
    frame = {**_sizes(scope, node, row, named), **named}
    scope.meanings[row] = None
    outer = scope.frame, scope.own, scope.known_functions
    scope.frame, scope.own, scope.known_functions = frame, {}, frozenset()  # the names of the row, not those of the text
    scope.nesting += 1
    try:
        for name, body in bodies(row):
            frame[name or ""] = i = scope.infer(_placed(scope, row, body, node))
    finally:
        scope.frame, scope.own, scope.known_functions = outer
        scope.nesting -= 1
    return scope.put("copy", (i,), None, scope.type(i), node)


def under_sum(scope: Scope, node: Ast, kind_of: Callable[[Ast], str]) -> Ast | None:
    """The formula with the arguments put in, where it holds under a sum over indices: no size and no name of its own in it."""
    from matcalc.notation.sums.lifts import replaced

    for row, bound in _candidates(node):
        if row.entries or all(kind in (EACH, kind_of(bound[p])) for p, kind, _ in row.parameters):
            (_, body), *others = bodies(row)
            sizes = {s for _, _, names in row.parameters for s in names}
            if others or sizes & {n.value for n in walk(body) if n.kind == "name"}:
                return None
            scope.meanings[row] = None
            return replaced(_placed(scope, row, body, node), bound)
    return None


def _candidates(node: Ast) -> list[tuple[Composite, dict[str, Ast]]]:
    """The rows whose heads the arguments fit, with the argument of each parameter."""
    name, order = node.value
    name = name.rstrip(".")
    rows = table()[canonical(SYNONYMS.get(name, name)) or name]
    if order:
        raise NoRuleError(f"{name}{chr(39) * order}(…) is not known: {name} stands for a formula", span=node.span,
                          hint="differentiate the expression without the prime")  # fmt: skip
    found = [(row, bound) for row in rows if (bound := _bound(row, node.args)) is not None]
    if not found:
        calls = list(dict.fromkeys(row.call for row in rows))
        counts = sorted({len(row.head) for row in rows} | {op.arity for op in CALLS.get(rows[0].name, ())})
        need = " or ".join(map(str, counts))
        said = f"{name} takes {need} argument{'s' * (counts != [1])}, {len(node.args)} given"
        if len(node.args) in counts:
            said = f"{name} is not known with these arguments"
        raise ParseError(said, span=node.span, hint=f"write {' or '.join(calls)}")
    return found


FROM_ONE = frozenset(("sum", "mean", "var", "std", "cumsum"))  # of which MATLAB counts the axis from 1


def _axis_by_place(scope: Scope, node: Ast) -> Ast:
    """``sum(X, 2)`` is along axis 1, which MATLAB calls 2. Raises ``AmbiguityError`` for ``sum(X, 1)`` in plain text."""
    name, last = node.value[0].rstrip("."), node.args[-1]
    axis = whole_number(last) if len(node.args) == 2 and name in FROM_ONE and not (scope.numpy or scope.in_row) else None
    if axis == 1:
        said, x = (scope.source[a.start : a.end] for a in (node, node.args[0]))
        both = "along each row, as NumPy counts, or down each column, as MATLAB does"
        raise AmbiguityError(f"the 1 in {said} has two readings: {both}", span=node.span,
                             hint=f"write {name}({x}, axis=1) or {name}({x}, axis=0)",
                             ways=[instead(last.span, way) for way in ("axis=1", "axis=0")])  # fmt: skip
    return node._replace(args=(node.args[0], last._replace(value=Fraction(1)))) if axis == 2 else node


def _bound(row: Composite, arguments: tuple[Ast, ...]) -> dict[str, Ast] | None:
    if len(arguments) != len(row.head):
        return None
    named = {a.value: a.args[0] for a in arguments if a.kind == "keyword"}
    places = iter([a for a in arguments if a.kind != "keyword"])
    bound: dict[str, Ast] = {}
    for place in row.head:
        key, _, wanted = place.partition("=")
        if wanted:
            given = named.pop(key, None) or next(places, None)  # sum(X, 0) is sum(X, axis=0)
            if given is None or whole_number(given) not in (int(wanted), int(wanted) - 2):
                return None
        else:
            value = named.pop(key, None) or next(places, None)
            if value is None:
                return None
            bound[key] = value
    return None if named else bound


def _fitting(scope: Scope, node: Ast, rows: list[tuple[Composite, dict[str, int]]]) -> tuple[Composite, dict[str, int]]:
    """The first row for arguments of these kinds."""
    for row, named in rows:
        if all(_takes(scope, kind, named[p]) for p, kind, _ in row.parameters):
            return row, {p: _zeros(scope, named[p], node) if kind == "c" else named[p] for p, kind, _ in row.parameters}
    arguments = tuple(rows[0][1].values())
    scope.name_unknown(arguments)
    parts = ", ".join(f"'{scope.text(i)}' is {scope.size(i)}" for i in arguments)
    kinds = [" and ".join(WORDS[kind] for _, kind, _ in row.parameters if kind != EACH) for row, _ in rows]
    raise ShapeError(f"{node.value[0]}: the sizes do not fit: {parts}", span=node.span,
                     hint=f"it takes {' or '.join(dict.fromkeys(kinds))}")  # fmt: skip


def _takes(scope: Scope, kind: str, i: int) -> bool:
    """Whether it is of the kind; a mean of 0 beside a vector is one of zeros."""
    entry = scope.original(i)
    return kind in (EACH, entry.type.kind) or (kind == "c" and entry.op == "num" and entry.attr == 0)


def _zeros(scope: Scope, i: int, node: Ast) -> int:
    return scope.put("zeros", (), None, Type("c", scope.unifier.fresh(), 1), node) if scope.type(i).kind == "s" else i


def _sizes(scope: Scope, node: Ast, row: Composite, named: Mapping[str, int]) -> dict[str, int]:
    """The sizes of the arguments under their names in the row, as numbers on the tape."""
    found: dict[str, dims.Dim] = {}
    for parameter, kind, names in row.parameters:
        _, rows, cols = scope.type(named[parameter])
        for name, size in zip(names, (cols,) if kind == "r" else (rows, cols), strict=False):
            if not scope.unifier.unify(found.setdefault(name, size), size):
                hint = "both must have the same sizes"
                raise scope.misfit(node.value[0], tuple(named.values()), node, hint)
    return {name: scope.put("dim", (), size, SCALAR, node) for name, size in found.items()}


def _placed(scope: Scope, row: Composite, body: Ast, node: Ast) -> Ast:
    return _at(rewritten(scope, body, row.head[0], True) if row.entries else body, node)


def _at(body: Ast, node: Ast) -> Ast:
    """The body where the call stands: what messages point to."""
    args = tuple([_at(a, node) if isinstance(a, Ast) else a for a in body.args])
    return body._replace(start=node.start, end=node.end, args=args)
