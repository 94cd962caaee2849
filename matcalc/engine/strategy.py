"""Which engine answers a question, and what it needs to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from matcalc.algebra.normal.normal_form import normalizers
from matcalc.algebra.pullbacks import Compiler
from matcalc.algebra.rule import Book
from matcalc.engine import derivation as data
from matcalc.engine.backprop import backprop
from matcalc.engine.part_names import Part, of_entry, part_called
from matcalc.engine.recognise import recognise
from matcalc.engine.selected import BY_ENTRIES, OF_PARTS, Asked
from matcalc.engine.vectorised import vectorised
from matcalc.engine.waypoints import cut
from matcalc.engine.windows import in_blocks
from matcalc.expr.dims import atoms
from matcalc.expr.errors import NoRuleError, UsageError
from matcalc.expr.nodes import Expr as Node
from matcalc.expr.nodes import below, size_text, substitute, variable_shape, variable_type
from matcalc.notation.lex.latex_names import as_known, slice_bases, spellings
from matcalc.notation.lex.lexer_plain import greek_to_ascii
from matcalc.notation.meaning.problem import Problem


def choose_variables(problem: Problem, wrt: str | Sequence[str]) -> list[Node]:
    """Symbols of the variables. Raises ``UsageError`` for a name that is not in the expression."""
    from matcalc.expr.nodes import sym

    if wrt == "all":
        inside = set(below((problem.output,)))
        found = [s for name, s in problem.symbols.items() if s in inside and name not in problem.labels]
        if not found:
            raise UsageError(
                "the expression has no variables: there is nothing to differentiate by", hint="write a name, such as x'*x"
            )
        return found
    if isinstance(wrt, str):
        wrt = [wrt]
    if not isinstance(wrt, Sequence) or not wrt or not all(isinstance(name, str) for name in wrt):
        raise UsageError(f"wrt is {wrt!r}: it names no variable", hint="wrt='x', wrt=['W', 'b'] or wrt='all'")
    out = []
    seen: set[str] = set()
    for name in [as_known(name, problem.symbols) for name in map(greek_to_ascii, wrt)]:
        if name in seen:
            raise UsageError(f"'{name}' is named twice in wrt", hint="name each variable once")
        seen.add(name)
        if name in problem.labels:
            others = ", ".join(n for n in problem.symbols if n not in problem.labels)
            what = f"'{name}' is an integer label, so there is no derivative by it"
            raise UsageError(what, hint=f"one can differentiate by: {others}")
        if name in problem.symbols:
            out.append(problem.symbols[name])
        elif name in problem.dims:
            out.append(sym(name, variable_type(problem.dims[name])))
        else:
            known = ", ".join(n for n in problem.symbols if n not in problem.labels)
            what = "is defined in the input" if name in dict(problem.definitions) else "is not a variable of the expression"
            raise UsageError(f"'{name}' {what}, so there is no derivative by it", hint=f"one can differentiate by: {known}")
    return out


def asked_of(problem: Problem, wrt: str | Sequence[str]) -> tuple[Problem, str | Sequence[Asked]]:
    """``wrt`` with W in place of w where the text has only rows w_i of W, and a notice that says so; and with parts of arrays
    for names such as ``W_{23}``."""
    if wrt == "all":
        return problem, wrt
    asked: list[Asked] = []
    notes: list[str] = []
    for name in [wrt] if isinstance(wrt, str) else wrt:
        known = not isinstance(name, str) or as_known(greek_to_ascii(name), problem.symbols) in problem.symbols
        found = None if known else _array(problem, name)
        part = None if known or found else part_called(problem, greek_to_ascii(name))
        if found:
            token, array, said = found
            notes.append(f"the derivative by '{name}' is that by {array}, of which {token} is {said}")
        if problem.at:
            part = of_entry(problem, name, part)
        if part and part.letters:
            whole = f"the whole derivative of '{problem.output_name}' by '{part.array}'" if part.of else f"the whole '{part.array}'"
            which = f"stands for every {' and '.join(part.letters)}: values and code are those of {whole}"
            notes.append(f"'{part.label}' {which}")
        if part and part.picked is not None:
            notes.append(f"'{part.label}' is what the integer label '{part.picked.attr}' picks of '{part.array}': the derivative "
                         f"by it is that part of the derivative by '{part.array}', wherever '{part.array}' stands")  # fmt: skip
        asked.append(part or (found[1] if found else name))
    return (problem._replace(warnings=(*problem.warnings, *notes)) if notes else problem), asked


def variables_of(asked: str | Sequence[Asked]) -> str | Sequence[str]:
    """The variables that must move for what is asked for. Raises ``UsageError`` for a part that is named twice."""
    if isinstance(asked, str):
        return asked
    parts = [(a.array, a.places) for a in asked if isinstance(a, Part)]
    for a in asked:
        if isinstance(a, Part) and parts.count((a.array, a.places)) > 1:
            raise UsageError(f"'{a.label}' is named twice in wrt", hint="name each variable once")
    whole = [a for a in asked if not isinstance(a, Part)]
    return [*whole, *dict.fromkeys(array for array, _ in parts if array not in whole)]


def _array(problem: Problem, name: str) -> tuple[str, str, str] | None:
    """The token, the array and the slice that the name of its rows means."""
    mine = spellings(name)
    for token, said in problem.indexed.items():
        array = said.partition("[")[0]
        if array in problem.symbols and not slice_bases(token).isdisjoint(mine):
            return token, array, said
    return None


def run_engine(
    compiler: Compiler,
    problem: Problem,
    variables: list[Node],
    kind: str,
    layout: str,
    style: str,
    properties: Mapping[str, frozenset[str]],
    direction: str | None,
    constant: dict[Node, Node],
) -> data.Trace:
    """The derivation. ``constant`` are parts whose operator has a kink where its argument always is, and their values."""
    taken = {*problem.symbols, *problem.functions, *problem.carried, *(str(a) for s in problem.shapes for a in s), *problem.dims}
    problem, settled = with_settled(compiler, problem, constant)
    output, definitions, rewrites = recognise(compiler, problem, set(variables), properties)
    rewrites = vectorised(compiler, problem) + settled + rewrites
    graph = cut(output, problem.output_name, definitions, set(variables), taken)
    if kind not in ("jacobian", "differential"):
        require_scalar(problem, kind)
    if kind == "gradient" and style != "differential":
        trace = backprop(compiler, graph, variables, kind, layout, properties)
        if style in BY_ENTRIES:
            from matcalc.engine.by_entries import with_entries

            with suppress(*((NoRuleError,) if style == OF_PARTS else ())):
                trace = with_entries(compiler, graph, trace)
        elif layout != "numerator":
            trace = in_blocks(trace, compiler.book, normalizers(properties, variables)[0])
        return trace._replace(steps=rewrites + trace.steps)
    if kind == "jacobian" and style in ("backprop", OF_PARTS):
        from matcalc.engine.chain import by_chain_rule

        chained = by_chain_rule(compiler, graph, variables, layout, properties)
        if chained is not None:
            return chained._replace(steps=rewrites + chained.steps)
    from matcalc.engine.by_differentials import differential

    along = choose_direction(problem, kind, direction)
    trace = differential(compiler, graph, variables, kind, layout, properties, along)
    if kind == "jacobian" and style in BY_ENTRIES:
        from matcalc.engine.by_entries import jacobians_by_entries

        with suppress(*((NoRuleError,) if style == OF_PARTS else ())):
            trace = jacobians_by_entries(compiler, graph, trace)
    return trace._replace(steps=rewrites + trace.steps)


SINGULAR_NOTE = "{} is singular, whatever its variables are"


def with_settled(compiler: Compiler, problem: Problem, parts: dict[Node, Node]) -> tuple[Problem, tuple[data.Step, ...]]:
    """The problem with ‖x − x‖ = 0 and max(x, x) = x put in place, and a step for each: their operators have a kink there."""
    if not parts:
        return problem, ()
    output, *named = substitute((problem.output, *(e for _, e in problem.definitions)), parts)
    definitions = tuple((name, e) for (name, _), e in zip(problem.definitions, named, strict=True))
    return problem._replace(output=output, definitions=definitions), tuple([_settled(compiler, e, v) for e, v in parts.items()])


def _settled(compiler: Compiler, e: Node, value: Node) -> data.Step:
    """That a part is constant: its terms cancel, or it is the determinant of what has no inverse anywhere."""
    rule = data.SINGULAR if e.op == "det" else data.CANCELLING
    step = data.Step("rewrite", rule, compiler.book.source(compiler.book.rows()[rule]), data.Formula(e), data.Formula(value))
    return step if e.op != "det" else step._replace(note=SINGULAR_NOTE, about=(data.Formula(e.args[0]),))


# Structures that points can be drawn with; the others say only how entries are tied.
DRAWN = ("symmetric", "diagonal", "skew", "lower-triangular", "upper-triangular", "toeplitz", "symmetric-toeplitz")


def with_structure(
    book: Book,
    trace: data.Trace,
    structure: Mapping[str, str],
    variables: list[Node],
    kind: str,
    properties: Mapping[str, frozenset[str]],
) -> data.Trace:
    """The answers for tied entries, simplified by what is declared, for nothing is differentiated any more.

    Raises ``UsageError`` for a name that is not differentiated by."""
    from matcalc.algebra.normal.normal_form import Normalizer
    from matcalc.engine.structured import tie

    names = [str(v.attr) for v in variables]
    for name in structure:
        if name not in names:
            raise UsageError(
                f"structure is given for '{name}', which is not differentiated by", hint=f"variables: {', '.join(names)}"
            )
    if kind != "gradient":
        raise UsageError(f"structure applies to gradients, not to kind '{kind}'", hint="ask for kind='gradient'")
    return tie(trace, structure, Normalizer(properties), book.source(book.rows()["tied-entries"]))


def choose_direction(problem: Problem, kind: str, direction: str | None) -> Node | None:
    """The object that holds the direction of a Hessian-vector product."""
    from matcalc.expr.nodes import sym

    if kind != "hvp":
        return None
    if direction is None:
        raise UsageError("a Hessian-vector product needs a direction, and none was given",
                         hint="direction='v' (--direction v): any name that is free")  # fmt: skip
    return problem.symbols[direction] if direction in problem.symbols else sym(direction, variable_type(problem.dims[direction]))


def with_direction(problem: Problem, variables: list[Node], direction: str | None) -> Problem:
    """With the direction of a Hessian-vector product declared: like the variable, where nothing else is said of it."""
    if direction is None or direction in problem.symbols or direction in problem.dims:
        return problem
    sizes = {a for shape in problem.dims.values() for d in shape for a in atoms(d)}
    if direction in (*sizes, *(name for name, _ in problem.definitions), *problem.functions, *problem.scalars):
        raise UsageError(f"the direction '{direction}' is a name of the input", hint="give it another name")
    if len({v.type for v in variables}) > 1:
        known = ", ".join(f"'{v.attr}' is {size_text(v.type)}" for v in variables)
        raise UsageError(f"one direction '{direction}' goes with one variable, and the sizes differ: {known}",
                         hint=f"take one variable, such as wrt='{variables[0].attr}' (--wrt {variables[0].attr})")  # fmt: skip
    return problem._replace(dims={**problem.dims, direction: variable_shape(variables[0].type)})


def with_differentials(problem: Problem, variables: list[Node]) -> Problem:
    """With dx declared for each variable x. Raises ``UsageError`` where that is a name of the input."""
    taken = {*problem.symbols, *problem.dims, *(name for name, _ in problem.definitions)}
    directions = [data.direction_of(v) for v in variables]
    for v, d in zip(variables, directions, strict=True):
        if d.attr in taken:
            raise UsageError(f"'{d.attr}' is a name of the input, and would also be the differential of '{v.attr}'",
                             hint=f"give '{d.attr}' another name")  # fmt: skip
    return problem._replace(dims={**problem.dims, **{str(d.attr): variable_shape(d.type) for d in directions}})


def require_scalar(problem: Problem, kind: str) -> None:
    from matcalc.expr.errors import ShapeError
    from matcalc.expr.nodes import size_text

    t = problem.output.type
    if t.kind != "s":
        raise ShapeError(
            f"a {kind} needs a scalar, and this expression is {size_text(t)}",
            span=(0, len(problem.source)),
            hint="ask for kind='jacobian', or take a scalar of it, such as sum(…) or tr(…)",
        )
