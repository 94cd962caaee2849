r"""Neighbours and parts of an axis under a sum: ``\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2`` is one over slices, x[2:n] and x[1:n-1]."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import AmbiguityError, MatcalcError, NoRuleError, instead
from matcalc.notation.lex.syntax import Ast, walk
from matcalc.notation.meaning.block_matrices import Place, part
from matcalc.notation.meaning.conventions import look_up
from matcalc.notation.meaning.tape import Scope, read_size
from matcalc.notation.sums.bounds import other_count, places_of, template
from matcalc.notation.sums.family import Family, Part, axis, contracted, no_form


@dataclass
class Run:
    """From where to where an index runs; where the sum does not say its end, the array with the farthest neighbour does."""

    first: int
    last: Dim | None
    farthest: int  # c of the x_{i+c} that is farthest
    beyond: dict[str, int]  # the same by the name of the array


def runs(scope: Scope, node: Ast) -> dict[str, Run]:
    """The indices of a big operator of which a neighbour occurs, or that do not run from the first entry."""
    binder = node.value[1]
    found: dict[str, Run] = {}
    for name in binder.names:
        offsets = [(str(a.args[0].value), c) for a, c in _offsets(node.args[0], name)]
        lower = int(binder.lower.value) if binder.lower is not None and binder.lower.kind == "num" else None
        if all(c == 0 for _, c in offsets) and (lower or 0) < 2:
            continue
        if not offsets:
            continue
        if binder.where or (binder.lower is not None and lower is None):
            raise no_form(scope, node)
        first = 1 - min([0, *(c for _, c in offsets)]) if lower is None else lower
        last = None if binder.upper is None else _limit(scope, binder.upper, node)
        beyond = {array: max(c for other, c in offsets if other == array) for array, _ in offsets}
        found[name] = Run(first, last, max(beyond.values()), beyond)
    return found


def _limit(scope: Scope, upper: Ast, node: Ast) -> Dim:
    try:
        return read_size(scope, upper)
    except MatcalcError:
        raise no_form(scope, node) from None


def _offsets(node: Ast, name: str) -> Iterator[tuple[Ast, int]]:
    """Nodes with the index, and the c of ``x_{i+c}``."""
    for n in walk(node):
        for a in n.args[1:] if n.kind == "index" and n.args[0].kind == "name" else ():
            if (c := offset(a, name)) is not None:
                yield n, c


def offset(place: Ast, name: str | None = None) -> int | None:
    """The c of ``i + c``; None for another index."""
    base, number = (place.args[0], place.args[1]) if place.kind == "sum" and len(place.args) == 2 else (place, None)
    if base.kind != "name" or (name is not None and base.value != name) or (place.kind == "sum" and place.value[0] == "-"):
        return None
    if number is None:
        return 0
    if number.kind != "num" or number.value.denominator != 1:
        return None
    return int(number.value) if place.value[1] == "+" else -int(number.value)


def sliced(scope: Scope, node: Ast, core: int, places: tuple[Ast | str, ...]) -> tuple[int, tuple[str, ...]]:
    """The part of the array that the places run over, and the letters of its axes. Raises ``NoRuleError``."""
    t, found = scope.type(core), list[Place]()
    if len(places) != {"m": 2}.get(t.kind, 1):
        raise other_count(scope, core, tuple(map(str, range(len(places)))), node)
    letters = tuple([p if isinstance(p, str) else str((p.args[0] if p.kind == "sum" else p).value) for p in places])
    for k, (p, letter) in enumerate(zip(places, letters, strict=True)):
        c, run = (0 if isinstance(p, str) else offset(p)), scope.runs.get(letter)
        if c is None or (run is None and c):
            raise no_form(scope, node)
        if run is None:
            found.append(())
            continue
        size, most = axis(t, k), run.beyond.get(_base(node), c)
        if run.last is None and most == run.farthest:
            run.last = dims.sub(size, most)
            scope.warnings.append(f"the sum over {letter} runs from {run.first} as far as all that it adds up is there")
        if run.last is None:
            raise no_form(scope, node)
        first, last = dims.add(run.first, c), dims.add(run.last, c)
        if isinstance(dims.walk(size), dims.Var):
            scope.unifier.unify(size, dims.add(run.last, most))
        found.append(() if first == 1 and dims.walk(size) == dims.walk(last) else (first, last))
    return (part(scope, core, found, node) if any(found) else core), letters


def _base(node: Ast) -> str:
    return str(node.args[0].value if node.kind == "index" else node.value.partition("_")[0].partition("^")[0])


def entries(scope: Scope, node: Ast, core: int, places: tuple[Ast | str, ...]) -> tuple[int, tuple[str, ...]]:
    """The same, remembered for who follows the sum term by term."""
    cut, letters = sliced(scope, node, core, places)
    base = node._replace(kind="name", args=(), value="")
    names = tuple([Ast("name", node.start, node.end, (), x) for x in letters])
    scope.readings[id(base)] = base, cut
    scope.expansions[id(node)] = node, node._replace(kind="index", args=(base, *names), value=None)
    return cut, letters


def unlimited(scope: Scope, node: Ast) -> Ast:
    """The sum over the whole of these parts."""
    name, binder = node.value
    made = node._replace(value=(name, binder._replace(lower=None, upper=None)))
    scope.expansions[id(node)] = node, made
    return made


# Tokens with indices inside a sum: x_i is a row of X, a_ij an entry of A, a_ii one of its diagonal


def of_token(scope: Scope, node: Ast) -> Family:
    """A token that is a slice of an array: x_i is X[i,:]."""
    if node.value in scope.bound:
        before, i = scope.source[: node.start], node.value
        if (b := before[-1:]).isalpha() and not before[-2:-1].isalpha() and before[-2:-1] != "\\":
            raise AmbiguityError(
                f"'{b}{i}' has two readings: an entry of {b}, or its product with the number {i}", span=(node.start - 1, node.end),
                hint=f"write {b}_{i}; numbers 1, …, n are not read as factors", ways=[instead(node.span, f"_{i}")],
            )  # fmt: skip
        raise NoRuleError(f"the index {node.value} is used as a number, and that has no matrix form here", span=node.span,
                          hint="write both indices in braces, K_{ij}, or declare a vector of the numbers 1, …, n")  # fmt: skip
    array = scope.slices[node.value][0] if node.value in scope.slices else node.value
    core, places = look_up(scope, array, node), places_of(scope, node.value) or ()
    if scope.runs.keys() & set(places):
        core, places = entries(scope, node, core, places)
    return at_places(scope, core, places, node)


def of_part(scope: Scope, node: Ast) -> Family | None:
    """``x_{i+1}``, and ``x_i`` beside it; None for what no part of an axis is summed over."""
    base, *indices = node.args
    if all(i.kind == "name" and i.value not in scope.runs for i in indices):
        return None
    found = template(scope, base.value, len(indices))
    given = iter(indices)
    core = look_up(scope, found[0], node) if found else scope.infer(base)
    places = tuple([p if p == ":" else next(given) for p in found[1]]) if found else tuple(indices)
    return at_places(scope, *entries(scope, node, core, places), node)


def at_places(scope: Scope, core: int, places: tuple[str, ...], node: Ast) -> Family:
    """An array whose axes have these labels; ":" is an axis that stays."""
    t = scope.type(core)
    if len(places) != {"c": 1, "r": 1, "m": 2}.get(t.kind, len(t.rows) if t.kind == "t" else 0):
        raise other_count(scope, core, places, node)
    if ":" not in places:
        return diagonal_if_repeated(scope, core, places, node)
    if t.kind != "m":
        raise no_form(scope, node)
    if places[0] == ":":
        core = scope.apply("T", (core,), node)
    label = next(p for p in places if p != ":")
    return Family(core, (label,), "c")


def diagonal_if_repeated(scope: Scope, core: int, places: tuple[str, ...], node: Ast) -> Family:
    """x_ii is the diagonal."""
    if len(places) == 2 and places[0] == places[1]:
        return Family(scope.apply("diagv", (core,), node), places[:1], "s")
    if len(set(places)) < len(places):
        labels = tuple(dict.fromkeys(places))
        return Family(contracted(scope, [Part(core, places)], labels, node), labels, "s")
    if scope.type(core)[0] == "r":
        core = scope.apply("T", (core,), node)
    return Family(core, places, "s")
