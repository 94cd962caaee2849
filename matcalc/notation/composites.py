"""The functions of the table :mod:`matcalc.composites`, put in place where they are called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from matcalc import dims
from matcalc.composites import NAMES, ROWS
from matcalc.composites import composite as canonical
from matcalc.errors import LimitError, NoRuleError, ParseError, ShapeError
from matcalc.expr import Expr, size_text, sym
from matcalc.notation.hints import WORDS
from matcalc.notation.own import MAX_NESTING, MAX_TAPE, rewritten
from matcalc.notation.syntax import Ast
from matcalc.ops import CALLS, SCALAR, SYNONYMS, Type, parse_dim

if TYPE_CHECKING:
    from matcalc.notation.resolve import Scope

_ROW = re.compile(r"(?P<name>\w+)\((?P<head>[^)]*)\) = (?P<body>.*)")
_PLACE = re.compile(r"(\w+)(?:\[([^\]]*)\])?")
EACH = "each"  # the kind of a parameter that stands for each entry


class Composite(NamedTuple):
    """A row, read."""

    name: str
    head: tuple[str, ...]  # parameters, and keywords that must stand there: ``axis=0``
    parameters: tuple[tuple[str, str, tuple[str, ...]], ...]  # name, kind and sizes
    body: str
    source: str

    @property
    def entries(self) -> bool:
        """Whether it acts on each entry."""
        return all(kind == EACH for _, kind, _ in self.parameters)

    @property
    def call(self) -> str:
        return f"{self.name}({', '.join(self.head)})"


class Meaning(NamedTuple):
    """What a function in use means, for the reader."""

    name: str
    head: tuple[str, ...]
    formula: Expr
    arguments: tuple[Expr, ...]  # those with sizes; none where it acts entry by entry
    source: str


@lru_cache(maxsize=1)
def table() -> dict[str, tuple[Composite, ...]]:
    """The rows by name."""
    out: dict[str, tuple[Composite, ...]] = {}
    for text, where, source in ROWS:
        m = _ROW.fullmatch(text)
        assert m is not None, text
        head = tuple(a.strip() for a in m["head"].split(","))
        parameters = tuple([(p[1], EACH, ()) if p[2] is None else (p[1], *_kind(p[2])) for p in _PLACE.finditer(where)])
        row = Composite(m["name"], head, parameters, m["body"], source)
        out[row.name] = (*out.get(row.name, ()), row)
    return out


def _kind(sizes: str) -> tuple[str, tuple[str, ...]]:
    parts = tuple(s.strip() for s in sizes.split(",") if s.strip())
    if len(parts) == 2 and parts[0] == "1":
        return "r", parts[1:]
    return "scm"[len(parts)], parts


@lru_cache(maxsize=256)
def bodies(row: Composite) -> tuple[tuple[str | None, Ast], ...]:
    """The definitions that the row ends in, and then its body."""
    from matcalc.notation.statements import Names, read

    sizes = {s for _, _, own in row.parameters for s in own}
    local = {part.partition("=")[0].strip() for part in row.body.split(";")[1:]}
    main, *rest = read(row.body, Names({*(name for name, _, _ in row.parameters), *sizes, *local}), "plain")
    return (*((s.name, s.body) for s in reversed(rest)), (None, main.body))


def knows(scope: Scope, node: Ast) -> bool:
    """Whether the call is of a function of the table; one of the user's has precedence, and so has an operator."""
    name = node.value[0].rstrip(".")
    if name in scope.own or name in scope.known_functions:
        return False
    operator = SYNONYMS.get(name, name)
    if operator not in CALLS:
        return canonical(name) is not None
    keyword = any(a.kind == "keyword" for a in node.args)
    if operator not in NAMES or keyword:
        return operator in NAMES
    fits = any(row.entries or len(row.head) == len(node.args) for row in table()[operator])
    return fits and all(op.arity != len(node.args) for op in CALLS[operator])


def apply(scope: Scope, node: Ast) -> int:
    """The formula, on the tape. Raises ``ParseError``, ``ShapeError``, ``LimitError``, ``NoRuleError``."""
    candidates = _candidates(node)
    if len(scope.tape) > MAX_TAPE or scope.nesting >= MAX_NESTING:
        raise LimitError(f"'{node.value[0]}' and the functions in it expand to too much", span=(node.start, node.end),
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


def under_sum(scope: Scope, node: Ast) -> Ast | None:
    """The formula with the arguments put in, where it acts on each entry and holds under a sum over indices."""
    row, bound = _candidates(node)[0]
    if not row.entries:
        return None
    from matcalc.notation.lifts import replaced

    scope.meanings[row] = None
    ((_, body),) = bodies(row)
    return replaced(_at(rewritten(scope, body, row.head[0], True), node), bound)


def _candidates(node: Ast) -> list[tuple[Composite, dict[str, Ast]]]:
    """The rows whose heads the arguments fit, with the argument of each parameter."""
    name, order = node.value
    name = name.rstrip(".")
    rows = table()[canonical(SYNONYMS.get(name, name)) or name]
    if order:
        raise NoRuleError(f"{name}{chr(39) * order}(…) is not known: {name} stands for a formula", span=(node.start, node.end),
                          hint="differentiate the expression without the prime")  # fmt: skip
    found = [(row, bound) for row in rows if (bound := _bound(row, node.args)) is not None]
    if not found:
        calls = list(dict.fromkeys(row.call for row in rows))
        counts = sorted({len(row.head) for row in rows} | {op.arity for op in CALLS.get(rows[0].name, ())})
        need = " or ".join(map(str, counts))
        said = f"{name} takes {need} argument{'s' * (counts != [1])}, {len(node.args)} given"
        if len(node.args) in counts:
            said = f"{name} is not known with these arguments"
        raise ParseError(said, span=(node.start, node.end), hint=f"write {' or '.join(calls)}")
    return found


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
            if given is None or _number(given) not in (int(wanted), int(wanted) - 2):
                return None
        else:
            value = named.pop(key, None) or next(places, None)
            if value is None:
                return None
            bound[key] = value
    return None if named else bound


def _number(node: Ast) -> int | None:
    """The whole number that the tree is; axis -1 is the last, -2 the first of two."""
    if node.kind == "neg" and node.args[0].kind == "num":
        return -int(node.args[0].value)
    return int(node.value) if node.kind == "num" and node.value.denominator == 1 else None


def _fitting(scope: Scope, node: Ast, rows: list[tuple[Composite, dict[str, int]]]) -> tuple[Composite, dict[str, int]]:
    """The first row for arguments of these kinds."""
    for row, named in rows:
        if all(kind in (EACH, scope.type(named[p])[0]) for p, kind, _ in row.parameters):
            return row, named
    arguments = tuple(rows[0][1].values())
    scope.name_unknown(arguments)
    parts = ", ".join(f"'{scope.text(i)}' is {scope.size(i)}" for i in arguments)
    kinds = [" and ".join(WORDS[kind] for _, kind, _ in row.parameters if kind != EACH) for row, _ in rows]
    raise ShapeError(f"{node.value[0]}: the sizes do not fit: {parts}", span=(node.start, node.end),
                     hint=f"it takes {' or '.join(dict.fromkeys(kinds))}")  # fmt: skip


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


@lru_cache(maxsize=256)
def meaning(row: Composite) -> Meaning:
    """The formula of a row as an expression in its parameters."""
    from matcalc.notation.resolve import Scope, finish

    declared = {name: _type(kind, sizes) for name, kind, sizes in row.parameters}
    sizes = frozenset(s for _, _, own in row.parameters for s in own)
    scope = Scope(row.body, declared, sizes, frozenset())
    for name, body in bodies(row):
        i = scope.infer(body)
        if name is not None:
            scope.values[name] = i
    sized = tuple([sym(name, declared[name]) for name, _, sizes in row.parameters if sizes])
    return Meaning(row.name, row.head, finish(scope, [("#", i)], "#").output, sized, row.source)


def sentence(row: Composite) -> str:
    """``mean(x) means sum(x)/n, for x [n×1]``."""
    from matcalc.notation.program import plain

    found = meaning(row)
    return f"{row.call} means {plain(found.formula)}, {extent(found.arguments)}"


def extent(arguments: Sequence[Expr]) -> str:
    """For what arguments a formula holds, in words."""
    return "for " + ", ".join(f"{a.attr} {size_text(a.type)}" for a in arguments) if arguments else "entry by entry"


def _type(kind: str, sizes: tuple[str, ...]) -> Type:
    if kind in (EACH, "s"):
        return SCALAR
    parsed = [parse_dim(s) for s in sizes]
    return Type("r", 1, parsed[0]) if kind == "r" else Type(kind, parsed[0], parsed[1] if kind == "m" else 1)


__all__ = ["Composite", "Meaning", "apply", "extent", "knows", "meaning", "sentence", "under_sum"]
