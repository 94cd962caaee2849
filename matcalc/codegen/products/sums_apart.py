"""The sums over indices of a text taken apart: their terms as texts, each derived by itself, and what is made of the sums."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from matcalc.codegen.products.calling import task_of
from matcalc.codegen.products.looped import Slice
from matcalc.codegen.products.vectorised_sums import Sum, Vectorised
from matcalc.expr.dims import Dim
from matcalc.expr.errors import AmbiguityError, NoRuleError, ParseError, ShapeError, UsageError
from matcalc.expr.nodes import Expr, below, names_in, substitute, sym, variable_shape
from matcalc.expr.table import SCALAR
from matcalc.notation.lex.habits import LABEL_INDEX, UNFOLDED, WEIGHTS
from matcalc.notation.lex.syntax import Relation, walk
from matcalc.notation.meaning.problem import Lift, Problem
from matcalc.notation.sums.lifts import EACH, indices

Slices = Mapping[str, Slice]  # names of a term that are parts of arrays


class Reader(NamedTuple):
    """What the porch hands down: ``derive``, ``parse`` and ``Expr``."""

    derive: Callable[..., Any]
    parse: Callable[..., Any]
    of: Callable[[Expr, Problem], Any]  # an expression as users have it

    def read(self, text: str, said: Mapping[str, Any]) -> Any:
        return self.parse(text, **{k: v for k, v in said.items() if k in PARSED})


def vectorise(reader: Reader, text: str, over: str | None, wrt: str | Sequence[str], said: Mapping[str, Any]) -> Vectorised:
    """The sum over an index in ``text``, or a value for each index, without the index. Raises ``UsageError`` for none."""
    read = reader.read(text, said)
    said = {k: v for k, v in said.items() if k != "define"}  # which stands in the text that was read
    found = _of_sums(reader, read._problem, wrt, said) if read._problem.lifts else _of_each(reader, read, over, said)
    return found.compared(said.get("seed", 0))


PARSED = frozenset("dims notation functions output index define meant rules".split())  # noqa: SIM905


def _of_sums(reader: Reader, problem: Problem, wrt: str | Sequence[str], said: Mapping[str, Any]) -> Vectorised:
    """The outermost sums of the text; definitions beside one stand beside its term too."""
    arrays = {part.partition("[")[0] for part in problem.indexed.values()}  # which the sums alone name again
    sizes = {**{n: s for n, s in problem.dims.items() if n not in arrays}, **said.get("dims", {})}
    said = {**said, "notation": "latex" if problem.spelled else "plain"}  # a part of the text may not show it
    lifts = _outermost(problem)
    each = lifts[0].node.value[0] == EACH
    if not each and problem.output.kind != "s":
        raise UsageError("what is made of the sums is no number", hint=r"a number, such as '\sum_i (w^T x_i - y_i)^2 + w^T w'")
    whole = reader.derive(problem.source, wrt, **{**said, "dims": sizes})
    sums = tuple(_summand(reader, whole, lift, said) for lift in lifts)
    if each or lifts[0].expr is problem.output:
        return Vectorised(whole, sums, whole.problem.output if each else None)
    names = {lift.expr: f"total{k or ''}" for k, lift in enumerate(lifts)}
    (left,) = substitute((problem.output,), {e: sym(n, SCALAR) for e, n in names.items()})
    of = problem._replace(dims={**problem.dims, **dict.fromkeys(names.values(), ())})
    used = names_in([left])
    kept = {k: v for k, v in said.items() if k in ("functions", "assume", "seed", "check", "rules")}
    rest = reader.derive(reader.of(left, of), [*names.values(), *(w for w in whole.wrt if w in used)], **kept)
    sizes = _counts(problem, whole, rest.problem.symbols, names.values())
    return Vectorised(whole, sums, None, rest, tuple(names.values()), sizes)


def _outermost(problem: Problem) -> list[Lift]:
    """The sums of numbers that the output is made of, without those inside of others; or the values that it collects."""
    found = {lift.expr: lift for lift in sorted(problem.lifts, key=lambda one: (-one.node.start, one.node.end))}
    usable = {e: lift for e, lift in found.items() if (lift.node.value[0] == "sum" and e.kind == "s") or e is problem.output}
    inside = below((problem.output,), usable)
    kept = [usable[e] for e in inside if e in usable]
    if not kept or kept[0].node.value[0] not in ("sum", EACH):
        some = next(iter(problem.lifts))
        if some.node.value[0] == "sum":
            raise UsageError("the terms of the sum are no numbers", hint=r"a sum of numbers, such as '\sum_i (w^T x_i - y_i)^2'")
        raise UsageError("a loop is written for sums", hint=r"as in '\sum_i (w^T x_i - y_i)^2'")
    return kept


def _summand(reader: Reader, whole: Any, lift: Lift, said: Mapping[str, Any]) -> Sum:
    """One term of a sum, or of a sum of sums."""
    source, bodies = whole.problem.source, whole.problem.bodies
    inner, binders = lift.node, []
    while inner.kind == "bigop" and inner.value[0] == lift.node.value[0]:
        binders.append(inner.value[1])
        inner = inner.args[0]
    letters = tuple(name for binder in binders for name in binder.names)
    if twice := set(letters) & indices(inner) or {i for i in letters if letters.count(i) > 1}:
        raise UsageError(f"the index {min(twice)} is that of two sums, one inside of the other",
                         hint="give the inner sum another letter")  # fmt: skip
    if any(binder.member for binder in binders):
        raise _unlike_a_loop()
    text, parts = _respelled(whole.problem, lift, (inner.start, inner.end), letters)
    name, (start, end) = next(b for b in bodies if b[1][0] <= lift.node.start and lift.node.end <= b[1][1])
    before, after = source[:start], source[end:]
    alone = not (before.strip() or after.strip())
    said = (
        {**said, "output": name}
        if before.strip() and name and lift.node.value[0] != EACH
        else {k: v for k, v in said.items() if k != "output"}
    )
    asked = text if alone else f"{before}({text}){after}", letters, said, lift.node.value[0] == EACH
    try:
        one = _first_read(lambda slices: _term(reader, whole, *asked, slices), {**_slices(whole.problem, letters), **parts}, parts)
    except (ParseError, AmbiguityError, NoRuleError, ShapeError) as error:
        if alone:
            raise
        raise UsageError(f"one term by itself, '{text}', is not understood: {error.message}",
                         hint="write what the other definitions stand for inside of the sum") from error  # fmt: skip
    return one._replace(signs=tuple(_condition(r, letters) for binder in binders for r in binder.where))


def _respelled(problem: Problem, lift: Lift, span: tuple[int, int], letters: Sequence[str]) -> tuple[str, dict[str, Slice]]:
    """The term as text, and the parts of arrays in it. K_ij under a sum over j inside of it is entry j of a row with a new name."""
    start, end = span
    text, slices = problem.source[start:end], dict[str, Slice]()
    new = iter([c for c in UNFOLDED if not any(c in n.lower() for n in (*problem.symbols, *problem.dims, *letters))])
    entries = {n.start: n for n in walk(lift.body) if n.kind == "entry" and start <= n.start and n.end <= end}
    for _, node in sorted(entries.items(), reverse=True):
        k, places, token = node.value
        array = lift.values[k]
        if array.op != "sym" or not set(letters).intersection(places):
            continue
        inner = [p for p in places if p not in letters and p != ":"]
        part = Slice(str(array.attr), tuple(":" if p in inner else p for p in places))
        if inner:
            name = next((n for n, known in slices.items() if known == part), None) or next(new, None)
            if name is None:
                raise _unlike_a_loop()
            text = f"{text[: node.start - start]}{name}_{{{inner[0]}}}{text[node.end - start :]}"
        else:
            name = token.value if token.kind == "name" else f"{token.args[0].value}_{''.join(p for p in places if p != ':')}"
        slices[name] = part
    return text, slices


def _first_read(read: Callable[[Slices], Sum], most: Slices, least: Slices) -> Sum:
    """With the names that other definitions may have too; where these are another sum's, with those of the term alone."""
    try:
        return read(most)
    except ParseError as error:
        try:
            return read(least)
        except ParseError:
            raise error from None


def _condition(r: Relation, letters: Sequence[str]) -> str:
    if any(side.kind != "name" or side.value not in letters for side in (r.left, r.right)):
        raise _unlike_a_loop()
    return f"{{{r.left.value}}} {r.sign} {{{r.right.value}}}"


def _unlike_a_loop() -> UsageError:
    return UsageError("no loop is written for what the indices run over here",
                      hint=r"sums over whole axes, over i < j or i ≠ j, or from i on: '\sum_i \sum_{j=i}^n K_{ij}'")  # fmt: skip


def _of_each(reader: Reader, read: Any, over: str | None, said: Mapping[str, Any]) -> Vectorised:
    """A value for each index: its sum with weights is linear in these, and its gradient by them is what is looked for."""
    problem: Problem = read._problem
    found = sorted({name.rpartition("_")[2] for name in problem.symbols if name.rpartition("_")[2] in LABEL_INDEX and "_" in name})
    if over is None and len(found) > 1:
        raise UsageError(f"there are several indices: {', '.join(found)}", hint=f"--over {found[0]}")
    index = over or next(iter(found), "")
    if index not in found:
        raise UsageError(f"nothing has the index {index}" if index else "nothing in the text has an index",
                         hint="a sum such as \\sum_i f(x_i), or a value for each i such as 'z_i = W x_i'")  # fmt: skip
    if problem.output.kind not in "sc":
        raise UsageError("the value for each index is neither a number nor a column", hint="a column, such as 'W x_i'")
    if problem.own:
        name = next(iter(problem.own))
        raise UsageError(f"a value for each index is vectorised without the definition of a function, and '{name}' is defined",
                         hint=f"write its formula in place of '{name}'")  # fmt: skip
    text = problem.source.partition("=")[2] if problem.output_name else problem.source
    v = next(w for w in WEIGHTS if not any(n.split("_")[0].lower() == w for n in problem.symbols))
    weighted = f"{v}_{index} ({read.latex})" if problem.output.kind == "s" else f"{v}_{index}^{{\\top}} ({read.latex})"
    shared = {n: s for n, s in problem.dims.items() if not n.endswith(f"_{index}")}
    by = v if problem.output.kind == "s" else v.upper()
    whole = reader.derive(
        f"\\sum_{{{index}}} {weighted}", by, **{**said, "dims": {**shared, **said.get("dims", {})}, "notation": "latex"}
    )
    one = _term(
        reader, whole, text, (index,), {k: v for k, v in said.items() if k != "output"}, True, _slices(whole.problem, (index,))
    )
    return Vectorised(whole, (one,), whole.result.data.expr)


def _term(
    reader: Reader, whole: Any, text: str, letters: Sequence[str], said: Mapping[str, Any], stacked: bool, slices: Slices
) -> Sum:
    """The derivation of one term, in which x_i is a name."""
    problem = whole.problem
    known = {n: s for n, s in {**problem.dims, **said.get("dims", {})}.items() if n in problem.symbols}
    parts = {n: _part_shape(problem, part) for n, part in slices.items() if part.array not in problem.labels}
    own = {**said, "dims": {**known, **parts}}
    alone = reader.read(text, own)._problem
    names = alone.symbols
    if not stacked and alone.output.kind != "s":
        i = letters[0]
        raise UsageError(f"in '{text}' the index {i} stands below something that is no name",
                         hint=f"write it with vectors that have the index, k_{i}^T a for (K a)_{i}")  # fmt: skip
    slices, own["dims"] = ({n: x for n, x in found.items() if n in names} for found in (slices, own["dims"]))
    if bare := [i for i in letters if i in names]:
        raise UsageError(f"one term by itself, '{text}', is not understood: another definition has the index {bare[0]} too",
                         hint="write what the other definitions stand for inside of the sum")  # fmt: skip
    if lost := [i for i in letters if not any(i in part.places for part in slices.values())]:
        raise UsageError(f"nothing in '{text}' has the index {lost[0]}", hint=f"an array with it, such as x_{lost[0]}")
    by = [n for w in whole.wrt for n in names if n == w or (n in slices and slices[n].array == w)]
    term = reader.derive(text, "all" if stacked or not by else by, **own)
    return Sum(term, tuple(letters), slices, _counts(problem, whole, term.problem.symbols, slices))


def _counts(problem: Problem, whole: Any, names: Iterable[str], known: Collection[str]) -> dict[str, tuple[str, int]]:
    """Where the sizes are found that stand in a part as numbers. Raises ``UsageError`` for other names that only the part has."""
    arrays = [str(s.attr) for s in task_of(whole, None).symbols]
    places = {d: (n, k) for n in arrays for k, d in enumerate(problem.dims[n]) if isinstance(d, str)}
    sizes = [name for name in names if name not in known and name not in arrays]
    for name in sizes:
        if name not in places:
            raise UsageError(f"'{name}' is a name of the term by itself, and the whole text reads it otherwise",
                             hint="take names of one letter, or of one letter with an index")  # fmt: skip
    return {name: places[name] for name in sizes}


def _slices(problem: Problem, letters: Sequence[str]) -> dict[str, Slice]:
    """The parts of arrays that names of a term can be: x_i is X[i,:], y_i an entry of y, K_ij one of K."""
    found = {}
    for name, part in problem.indexed.items():
        array, _, written = part[:-1].partition("[")
        axes = tuple(written.split(","))
        if array in problem.symbols and {":", *letters}.issuperset(axes):
            found[name] = Slice(array, axes)
    for array, e in problem.symbols.items():
        count = len(variable_shape(e.type))
        for places in product(letters, repeat=min(count, 1) if array in problem.labels else count):
            if places:
                found.setdefault(f"{array}_{''.join(places)}", Slice(array, places))
    return found


def _part_shape(problem: Problem, part: Slice) -> tuple[Dim, ...]:
    """Of a row, a column or an entry."""
    shape = variable_shape(problem.symbols[part.array].type)
    return tuple(d for d, place in zip(shape, part.places, strict=False) if place == ":")
