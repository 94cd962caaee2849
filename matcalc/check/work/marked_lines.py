"""What somebody's work is made of: its formulas with words for derivatives, and the names that its lines define."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from matcalc.check.work import work_names
from matcalc.check.work.derivative_signs import DIFFERENTIAL, SLOPE, Marked, Sign, indexed, marked
from matcalc.check.work.entry_lines import for_each, free_letters, is_entry, with_capitals
from matcalc.check.work.misfits import meant_by
from matcalc.check.work.work_names import Reader, head
from matcalc.check.work.world import Values, World, evaluated, formula, named
from matcalc.check.work.written_chains import Chain, is_function_of
from matcalc.expr.errors import MatcalcError
from matcalc.expr.nodes import Expr


class Work(NamedTuple):
    """What was written: its chains, with words for derivatives."""

    chains: tuple[Chain, ...]
    members: tuple[tuple[Marked, ...], ...]


def signs_of(work: Work) -> Iterator[Sign]:
    for members in work.members:
        for member in members:
            yield from member.signs


def marked_work(world: World, found: Sequence[Chain], functions: Mapping[str, str]) -> Work:
    words = work_names.words()
    defined = {n for c in found if len(c.members) > 1 and (n := head(c.members[0].text)) is not None}
    own = {name for name in (world.problem.output_name,) if name is not None}
    values = work_names.differentials(world) | defined | own | {"L", "J", "f", "s", r"\ell", r"\mathcal{L}", "E", "loss", "F", "C"}
    members, free, symbols = [], frozenset[str](), work_names.spellings(world.problem.symbols)
    known = {*map(named, defined), *(indexed(n)[0] for n in defined), *world.types}
    small = {n.lower() for n in known if len(n) == 1 and n.isupper()} - known - {indexed(n)[0] for n in world.problem.indexed}
    lefts = {c.members[0].text.strip() for c in found if len(c.members) > 1}
    applied = {t for t in lefts if t.endswith(")") and head(t) is not None and not is_function_of(t)}
    for c in found:
        texts = [work_names.with_steps(m.text, world.latex) for m in c.members]
        texts = [with_capitals(work_names.without_arguments(text, applied), small) for text in texts]
        texts = [work_names.with_functions(text, functions, world.names, world.latex) for text in texts]
        first = [] if c.continued else [marked(texts[0], world.latex, values, words, (), symbols)]
        free = free_letters(world, first[0], defined) if first else free
        members.append((*first, *(marked(text, world.latex, values, words, free, symbols) for text in texts[len(first) :])))
    return _as_programs_call(world, Work(tuple(found), tuple(members)))


def _as_programs_call(world: World, work: Work) -> Work:
    """With gradients for differentials where a line says what that of a variable is: dW = δ x' is ∂L/∂W, as programs call it."""
    heads = [m[0].alone for m in work.members if len(m) > 1]
    own = [named(s.of) for s in heads if s is not None and s.kind == DIFFERENTIAL]
    if not any(n in world.problem.symbols for n in own) or world.problem.output_name in own:
        return work
    return work._replace(members=tuple(tuple(map(_with_slopes, members)) for members in work.members))


def _with_slopes(member: Marked) -> Marked:
    return member._replace(
        signs=tuple(s._replace(kind=SLOPE, of="", by=s.of) if s.kind == DIFFERENTIAL else s for s in member.signs)
    )


def objectives(world: World, work: Work) -> frozenset[str]:
    """Names of the value that the whole problem is about: that of the problem, and those that are differentiated and that
    nothing else is made of."""
    bys = {named(s.by) for s in signs_of(work)}
    asked = {named(s.of) for s in signs_of(work) if re.fullmatch(r"\\?\w+(_\{?\w+\}?)?", s.of)}
    heads = [named(x) for c in work.chains if len(c.members) > 1 and (n := head(c.members[0].text)) for x in (n, indexed(n)[0])]
    known = {*world.problem.symbols, *world.names, *(n for n, _ in world.problem.definitions if n != world.problem.output_name)}
    own = {n for n in (world.problem.output_name,) if n is not None}
    found = {*own, *[n for n in asked if n not in known and n not in bys]}
    if own & asked:  # beside dJ/dw an L of which nothing is said is another value
        return frozenset(own)
    open_ones = {n for n in found if n not in heads}
    if open_ones:
        return frozenset(open_ones | own)
    used = {n for n in found if any(_uses(m.text, n) for members in work.members for m in members[1:])}
    return frozenset(found - used | own)


def own_names(work: Work) -> tuple[set[str], set[str]]:
    """Names that the work defines, and names of what it differentiates."""
    heads = {named(n) for c in work.chains if len(c.members) > 1 and (n := head(c.members[0].text))}
    return heads, {named(s.of) for s in signs_of(work)}


def _uses(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", text))


def with_definitions(world: World, work: Work, reader: Reader) -> World:
    """The world with the names that the lines define, in whatever order these stand."""
    open_ones = [
        (c, m) for c, m in zip(work.chains, work.members, strict=True) if len(c.members) > 1 and _defines(world, c, reader)
    ]
    progress = True
    while progress and open_ones:
        progress = False
        for one in list(open_ones):
            with suppress(MatcalcError):
                world = _defined(world, one[0], one[1], reader)
                open_ones.remove(one)
                progress = True
        for one in list(open_ones) if not progress else ():
            with suppress(MatcalcError):
                meant = meant_by(world, formula(world, one[1][1])) if not any(m.signs for m in one[1]) else None
                if meant is not None:
                    world = with_values(world, {_name(one[0]): meant})
                    open_ones.remove(one)
                    progress = True
    return world


def undefined(world: World, work: Work, reader: Reader) -> dict[str, int]:
    """The names whose definitions give no value, each with the place of that."""
    every = [c for c in work.chains if len(c.members) > 1 and _defines(world, c, reader)]
    return {_name(c): c.members[0].span[0] for c in reversed(every)}


def _defines(world: World, chain: Chain, reader: Reader) -> bool:
    name = head(chain.members[0].text)
    return name is not None and named(name) not in {*world.problem.symbols, *world.names, *reader.objective}


def _name(chain: Chain) -> str:
    return named(head(chain.members[0].text) or "")


def _defined(world: World, chain: Chain, members: Sequence[Marked], reader: Reader) -> World:
    name = _name(chain)
    for member in members[1:]:
        if member.alone is not None:
            value = _laid_out(world, reader.slopes(world, member)[member.alone.word], members[1:])
            return world._replace(names={**world.names, name: value}, slopes=world.slopes | {name})
    family = for_each(name, members[1])
    if family is not None and family[0] not in {*world.problem.symbols, *world.names}:
        with suppress(MatcalcError):
            one_formula = formula(world, family[1])
            return work_names.with_name(world, family[0], one_formula, reader.slopes(world, one_formula))
    one_formula = formula(world, members[1])
    return work_names.with_name(world, name, one_formula, reader.slopes(world, one_formula))


def _laid_out(world: World, ways: Sequence[Values], members: Sequence[Marked]) -> Values:
    """In the layout of what the derivative is said to be: δ = ∂s/∂z = uᵀ diag(f′(z)) is a row. Else in the shape convention."""
    for member in members:
        with suppress(MatcalcError):
            e = None if member.signs else work_names.sign_free(world, formula(world, member))
            if e is not None:
                return next((way for way in ways if way.type == e.type), ways[0])
    return ways[0]


def with_objective(world: World, names: Collection[str]) -> World:
    """With the value of the whole problem by its names, for formulas that speak of it: (A x - J x)/x'x."""
    whole = world.problem.output
    return with_values(world, {n: whole for n in names if n not in world.types and not is_entry(world, n)})


def with_values(world: World, values: Mapping[str, Expr]) -> World:
    """With names for values of the problem."""
    known = {n: evaluated(world, e, {}) for n, e in values.items()}
    return world._replace(names={**world.names, **known}, formulas={**world.formulas, **values})


def with_moving(world: World, work: Work) -> World:
    """Directions for what has a differential in the work; for the variable where nothing has."""
    symbols = world.problem.symbols
    found = {named(s.of) for s in signs_of(work) if s.kind == DIFFERENTIAL} & symbols.keys()
    names = found or set(world.variables)
    directions = [p.directions([symbols[n] for n in sorted(names)]) for p in world.points]
    return world._replace(moving={n: tuple(d[symbols[n]] for d in directions) for n in names})


__all__ = [
    "Work",
    "marked_work",
    "objectives",
    "own_names",
    "signs_of",
    "undefined",
    "with_definitions",
    "with_moving",
    "with_objective",
]
