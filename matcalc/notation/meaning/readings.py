"""From a text to the problem that it states; where it has several meanings, an error with each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from matcalc.expr.dims import Dim
from matcalc.expr.errors import AmbiguityError, Arguments, MatcalcError, Reading, UsageError, Way, edited, one_of
from matcalc.expr.nodes import postorder, variable_shape
from matcalc.expr.shapes import Op
from matcalc.notation.lex.characters import require_name
from matcalc.notation.lex.latex_names import accented, as_known, has_accents, spellings
from matcalc.notation.lex.latex_scan import closed, macros_in
from matcalc.notation.lex.syntax import Text
from matcalc.notation.meaning.carried_functions import taken_out
from matcalc.notation.meaning.carried_functions import words as carried_words
from matcalc.notation.meaning.declarations import declared_types, read_slices
from matcalc.notation.meaning.hints import declaration
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.meaning.resolve import resolve
from matcalc.notation.parse.statements import Names, read
from matcalc.notation.parse.two_fonts import TwoFonts
from matcalc.notation.write.program import readable

_UNIT = re.compile(r"e_\d+")  # as a variable: what is a unit vector else
_POWER = re.compile(r"\\?[A-Za-z]+\s*\^\s*(\d|\{\d\})")  # as a variable: \sigma^2
_PART = re.compile(r"[_\[]")  # where the indices of z_2, z[2] begin
MOST = 4  # readings that an error lists
V = TypeVar("V")
NOTATIONS = ("plain", "latex")
Completed = Callable[[Problem, Mapping[str, object]], Problem]


@dataclass(frozen=True)
class Said:
    """What the call says about a text."""

    dims: Mapping[str, Sequence[Dim]] = field(default_factory=dict)
    notation: str | None = None
    functions: Mapping[str, object] = field(default_factory=dict)
    output: str | None = None
    index: Mapping[str, str] = field(default_factory=dict)
    define: Sequence[str] = ()
    square: frozenset[str] = frozenset()
    macros: Mapping[str, str] | None = None
    scalar: bool | None = None  # whether the output has to be one; None: nobody said
    meant: Mapping[str, str] = field(default_factory=dict)  # parts of the text, and what stands for them
    asked: Sequence[str] = ()  # variables that are asked about: words that are names
    held: Sequence[str] = ()  # names that the text defines and that are variables all the same
    operators: Mapping[str, tuple[Op, ...]] = field(default_factory=dict)  # that rules of the user's define
    completed: Completed = field(kw_only=True)  # makes the functions that the text defines ready to use


def read_problem(
    text: str,
    dims: Mapping[str, Sequence[Dim]] | None = None,
    notation: str | None = None,
    functions: Mapping[str, object] | None = None,
    output: str | None = None,
    index: Mapping[str, str] | None = None,
    define: Sequence[str] = (),
    square: frozenset[str] = frozenset(),
    macros: Mapping[str, str] | None = None,
    scalar: bool | None = None,
    meant: Mapping[str, str] | None = None,
    asked: str | Sequence[str] = (),
    held: Sequence[str] = (),
    operators: Mapping[str, tuple[Op, ...]] | None = None,
    *,
    completed: Completed,
) -> Problem:
    """The text, understood. Raises ``ParseError``, ``AmbiguityError``, ``ShapeError``, ``UsageError``."""
    said = Said(dims or {}, notation, functions or {}, output, index or {}, define, square, macros, scalar, meant or {},
                () if asked == "all" else (asked,) if isinstance(asked, str) else asked, held, operators or {},
                completed=completed)  # fmt: skip
    try:
        return _read(text, said)
    except MatcalcError as error:
        error.span = error.span and inside(error.source or text, *error.span)
        if error.ways:
            error.readings = (*error.readings, *_readings(text, said, error))[:MOST]
        error.readings = told_apart(error.readings)
        raise


def _read(text: str, said: Said) -> Problem:
    """The text with a letter in two fonts as one object or as two, where only one of both can be read."""
    try:
        return _read_with(text, said)
    except TwoFonts as question:
        found: dict[str, Problem | MatcalcError] = {}
        for fonts in ("one", "two"):
            try:
                found[fonts] = _read_with(text, said, fonts)
            except MatcalcError as error:
                found[fonts] = error
        read = [p for p in found.values() if isinstance(p, Problem)]
        if len(read) == 1:
            return read[0]
        other = found["two"]
        if isinstance(other, MatcalcError) and not (read or isinstance(found["one"], AmbiguityError) or _meet(other, question)):
            raise other from None
        raise question from None


def _meet(one: MatcalcError, other: MatcalcError) -> bool:
    """Whether they are about the same place."""
    return bool(one.span and other.span) and max(one.span[0], other.span[0]) < min(one.span[1], other.span[1])  # type: ignore[index]


_QUOTED = re.compile(r"`([^`\n]+)`")  # what is a name whatever it looks like


def _read_with(text: str, said: Said, fonts: str = "") -> Problem:
    if said.notation is not None:
        one_of("notation", said.notation, NOTATIONS)
    values, shapes = taken_out(said.dims, _QUOTED.findall("\n".join((text, *said.define))) if "`" in text or said.define else ())
    declared, carried = declared_types(shapes), declared_types(values)
    sizes = {a for shape in said.dims.values() for a in shape if isinstance(a, str)}
    known = frozenset(map(require_name, said.functions)) | carried_words(carried)
    slices = read_slices(said.index)
    words = {name for name in said.asked if name.isalpha() and len(name) > 1 and re.search(rf"\b{name}\b", text)}
    powers = {spellings(name)[0] for name in said.asked if _POWER.fullmatch(name)}
    vectors = {spelled for name in said.asked if _UNIT.fullmatch(spelled := spellings(name)[0])}
    names = Names({*declared, *sizes, *slices, *words, *powers, *vectors}, known.union(said.operators), said.macros, fonts)
    read = read_all(as_meant(text, said.meant), said.define, names, said.notation)
    problem = resolve(read, declared, known, said.output, said.square, slices, said.scalar, said.asked, carried, said.held,
                      said.operators)  # fmt: skip
    _refuse_bases(powers, problem)
    macros = macros_in(text, said.macros)
    if macros or read.names:
        problem = problem._replace(spelled=read.names, macros=macros)
    if problem.own:
        problem = said.completed(problem, said.functions)
    names_with_accents = [name for name in said.dims if "\\" not in name] if has_accents(text) else ()
    others = {name: other for name in names_with_accents if (other := accented(name, text)) not in said.dims}
    notes = tuple(f"the {other} of the text is the declared '{name}'" for name, other in others.items() if name in problem.symbols)
    return problem._replace(warnings=(*problem.warnings, *notes)) if notes else problem


def at_intermediate(
    problem: Problem, wrt: str | Sequence[str], declared: Mapping[str, Sequence[Dim]], read: Callable[..., Problem]
) -> Problem:
    """The problem where some variables are names that the text defines: read again without their definitions, since what they
    are made of does not move with them. Raises ``UsageError`` where another variable is part of one of them."""
    values = dict(problem.definitions)
    known = {**values, **problem.symbols}
    asked = [n for n in ([wrt] if isinstance(wrt, str) else wrt) if isinstance(n, str)]
    names = [as_known(n if as_known(n, known) in known else _PART.split(n)[0], known) for n in asked]
    held = list(dict.fromkeys([n for n in names if n in values and n != problem.output_name]))
    if not held:
        return problem
    for n in held:
        inside = {str(e.attr) for e in postorder((values[n],)) if e.op == "sym"}
        inside |= {m for m in held if m != n and values[m] in set(postorder((values[n],)))}
        for other in [m for m in names if m in inside]:
            raise UsageError(f"'{n}' is made of '{other}': it is not clear which of them is held where the other moves",
                             hint=f"differentiate by '{n}' or by '{other}'")  # fmt: skip
    arrays = {said.partition("[")[0] for said in problem.indexed.values()}
    sizes = {n: shape for n, shape in problem.dims.items() if n not in arrays and n not in problem.labels}
    shapes = {n: variable_shape(values[n].type) for n in held}
    found = read({**sizes, **declared, **shapes}, held=held, output=problem.output_name)
    there = set(postorder((found.output,)))  # without what only the held names are made of
    found = found._replace(definitions=tuple([d for d in found.definitions if d[1] in there]),
                           symbols={n: e for n, e in found.symbols.items() if e in there})  # fmt: skip
    notes = [f"'{n}' is a variable here: what it is made of, {n} = {readable(values[n])}, does not move" for n in held]
    kept = tuple(w for w in problem.warnings if w not in found.warnings)
    return found._replace(warnings=(*kept, *found.warnings, *notes))


def _refuse_bases(powers: Iterable[str], problem: Problem) -> None:
    r"""Raises ``UsageError`` where ``\sigma^2`` is to be a variable and σ stands in the text too, which moves with it."""
    for power in powers:
        base = power.partition("^")[0]
        if base in problem.symbols and as_known(power, problem.symbols) in problem.symbols:
            message = f"'{power}' is no variable of its own: '{base}' stands in the text beside it"
            raise UsageError(message, hint=f"differentiate by '{base}'")


def as_meant(text: str, meant: Mapping[str, str]) -> str:
    """The text with what is meant in place of what is written. Raises ``UsageError`` for what is not in it."""
    for written, other in meant.items():
        if not written or written not in text:
            raise UsageError(f"'{written}' does not stand in the text", hint="write a part of it as it stands there")
        before, after = (r"(?<![^\W_])" * written[0].isalnum(), r"(?![^\W_])" * written[-1].isalnum())
        parts = re.split(before + re.escape(written) + after, text)  # tA, and not that of betA
        text = other.join(parts) if len(parts) > 1 else text.replace(written, other)
    return text


def inside(text: str, start: int, end: int) -> tuple[int, int]:
    """What stands between the braces where a place in LaTeX is a whole group: what is typed there instead needs them."""
    group = 2 < end - start <= len(text) - start and text[start] == "{" and closed(text, start) == end
    return (start + 1, end - 1) if group else (start, end)


# ---------------------------------------------------------------- answers to a question


def _readings(text: str, said: Said, error: MatcalcError, depth: int = 1) -> Iterator[Reading]:
    """The meanings that an error asks about, of which each can be read; further questions about them included."""
    for way in error.ways:
        more = _arguments(as_meant(text, said.meant), error, way)
        changed = _with(said, more)
        try:
            yield _reading(text, said, changed, _read(text, changed))
        except MatcalcError as further:
            inner = _readings(text, changed, further, depth - 1) if depth else ()
            for reading in (*further.readings, *inner):
                yield reading._replace(kwargs=_chosen(said, _with(changed, reading.kwargs)))


def _with(said: Said, more: Arguments) -> Said:
    return replace(
        said,
        dims={**said.dims, **more.get("dims", {})},
        functions={**said.functions, **more.get("functions", {})},
        output=more.get("output", said.output),
        index={**said.index, **more.get("index", {})},
        meant={**said.meant, **more.get("meant", {})},
    )


def _chosen(said: Said, changed: Said) -> Arguments:
    """The arguments that lead from one to the other."""
    more: Arguments = {}
    if dims := _added(changed.dims, said.dims):
        more["dims"] = dims
    if functions := _added(changed.functions, said.functions):
        more["functions"] = functions
    if changed.output is not None and changed.output != said.output:
        more["output"] = changed.output
    if index := _added(changed.index, said.index):
        more["index"] = index
    if meant := _added(changed.meant, said.meant):
        more["meant"] = meant
    return more


def _added(now: Mapping[str, V], before: Mapping[str, V]) -> dict[str, V]:
    return {name: value for name, value in now.items() if name not in before or before[name] != value}


def _arguments(text: str, error: MatcalcError, way: Way) -> Arguments:
    """The arguments that choose a way: itself, or what is meant by the part of the text."""
    if isinstance(way, dict):
        return way
    edits = [(*inside(text, first, last), new) for first, last, new in way]
    start = min([edit[0] for edit in edits] + ([error.span[0]] if error.span else []))
    end = max([edit[1] for edit in edits] + ([error.span[1]] if error.span else []))
    return {"meant": {text[start:end]: edited(text, edits, start, end)}}


def told_apart(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """With words for the kinds of names where readings would look alike: W x' b of a number W, and of a vector."""
    texts = [r.text for r in readings]
    shapes = [r.kwargs.get("dims", {}) for r in readings]
    out = []
    for reading, own in zip(readings, shapes, strict=True):
        others = [s for t, s in zip(texts, shapes, strict=True) if t == reading.text and s is not own]
        names = [n for n, shape in own.items() if any(n not in o or _kind(o[n]) != _kind(shape) for o in others)]
        words = [f"{n} is {_kind(own[n])}" for n in names]
        words += [f"{f} acts on each entry" for f in reading.kwargs.get("functions", ()) if others]
        out.append(reading._replace(text=f"{reading.text}, where {' and '.join(words)}") if words else reading)
    return tuple(out)


def _kind(shape: Sequence[Dim]) -> str:
    return "a row" if len(shape) == 2 and shape[0] == 1 else KINDS.get(len(shape), "an array")


KINDS = {0: "a number", 1: "a vector", 2: "a matrix"}


def _reading(text: str, said: Said, changed: Said, problem: Problem) -> Reading:
    from shlex import quote

    kwargs = _chosen(said, changed)
    options = [declaration(n, shape) for n, shape in kwargs.get("dims", {}).items()]
    options += [f"--index {quote(f'{n}={v}')}" for n, v in kwargs.get("index", {}).items()]
    options += [f"--output {quote(v)}" for v in [kwargs.get("output")] if v]
    options += [f"--function {quote(n if v is None else f'{n}={v}')}" for n, v in kwargs.get("functions", {}).items()]
    command = " ".join(("matcalc derive", quote(as_meant(text, changed.meant)), *options))
    return Reading(readable(problem.output), kwargs, command)


# The statements of a text together with definitions that were given beside it (``--define``)


def read_all(text: str, define: Sequence[str], names: Names, notation: str | None = None) -> Text:
    """Text and definitions, read; all spans point into both, one behind the other."""
    define = (define,) if isinstance(define, str) else tuple(define)
    if not define:
        return read(text, names, notation)
    source = "; ".join((text, *define))
    later: list[Text] = []
    offset = len(text) + 2
    try:
        for one in define:
            later.append(read(" " * offset + one, names._replace(defines=True)))
            offset += len(one) + 2
        beside = [s for t in later for s in t.statements]
        if any(s.name is None for s in beside):
            raise UsageError(f"'{define[-1]}' defines nothing", hint="write name(z) = formula, such as g(z) = z*tanh(z)")
        heads = frozenset(s.name for s in beside if s.name and s.parameters)
        first = read(text, names._replace(functions={*names.functions, *heads}), notation)
    except MatcalcError as error:
        error.source = source
        raise
    numpy = next((t.numpy for t in (first, *later) if t.numpy), "")
    sums, labels = any(t.sums for t in (first, *later)), any(t.labels for t in (first, *later))
    tokens = {name: token for t in (*reversed(later), first) for name, token in t.names.items()}
    return first._replace(statements=first.statements + beside, source=source, numpy=numpy, sums=sums, labels=labels, names=tokens)
