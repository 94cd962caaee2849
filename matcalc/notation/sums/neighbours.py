r"""Neighbours and parts of an axis under a sum: ``\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2`` is one over slices, x[2:n] and x[1:n-1]."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import MatcalcError
from matcalc.notation.lex.syntax import Ast, walk
from matcalc.notation.meaning.block_matrices import Place, part
from matcalc.notation.meaning.size_arguments import read_size
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.sums.bounds import other_count
from matcalc.notation.sums.family import axis, no_form


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
