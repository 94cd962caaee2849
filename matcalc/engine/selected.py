"""Derivatives by entries, rows and columns: selected from the derivative by the whole array, in a line of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from matcalc.algebra.index.common_entries import factored, opened
from matcalc.algebra.index.lifting import contracted
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.engine.derivation import MEANT, Formula, Result, Step, Trace, with_program
from matcalc.engine.part_names import WHOLE, Part, Place
from matcalc.engine.vecform import as_einsum, by_terms
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import Expr, make, shape_of, sym, transpose, type_of, zeros
from matcalc.expr.slices import indexed, unit
from matcalc.expr.subscripts import parse_subscripts
from matcalc.notation.lex.habits import OUTER

GIVES = ("chain", "shape", "result", "zero")  # lines that say what ∂s/∂q is
Asked = str | Part
OF_PARTS = "entries"  # the style of derivatives by parts: elementwise where that can be said
BY_ENTRIES = ("elementwise", OF_PARTS)


def require_selectable(asked: Sequence[Asked], kind: str, layout: str, structure: Collection[str]) -> None:
    """Raises ``UsageError`` for parts of arrays where the kind, the layout or tied entries leave them no derivative."""
    for part in asked:
        if isinstance(part, str):
            continue
        if kind not in ("gradient", "jacobian"):
            raise UsageError(f"'{part.label}' is a part of '{part.array}', and there is no {kind} by a part",
                             hint=f"differentiate by '{part.array}', and take the entries of the {kind}")  # fmt: skip
        if part.picked is not None and kind != "gradient":
            raise UsageError(f"'{part.label}' is picked by an integer label, and only gradients by such parts are supported",
                             hint=f"differentiate by '{part.array}'")  # fmt: skip
        if part.array in structure:
            raise UsageError(f"the entries of '{part.array}' are tied, so '{part.label}' does not move alone",
                             hint=f"differentiate by '{part.array}', or drop the structure")  # fmt: skip
        if layout != "shape":
            raise UsageError(f"'{part.label}' is a part of '{part.array}', whose derivative by parts has the shape of the part",
                             hint=f"leave out the layout, or differentiate by '{part.array}'")  # fmt: skip


def selected(e: Expr, part: Part) -> Expr:
    """What stands at the places of a part in an array; in a Jacobian of a column by a column they are those of its columns."""
    if e.type.kind == "r":
        e = transpose(e)
    first, last = (WHOLE, *part.places)[-2:]
    if part.picked is not None:  # by a one-hot vector
        return make("matmul", (transpose(e), part.picked) if first or e.type.kind == "c" else (e, part.picked))
    if e.type.kind == "c":
        return indexed("entry", e, last) if isinstance(last, int) else e
    if isinstance(last, int):
        column = indexed("col", e, last)
        return indexed("entry", column, first) if isinstance(first, int) else column
    return indexed("col", transpose(e), first) if isinstance(first, int) else e


def _taken(e: Expr, count: int, places: Sequence[Place]) -> Expr:
    """What stands at places of the variable in a derivative with ``count`` axes of the output and more than two in all."""
    shape = shape_of(e.type)
    fixed = {count + k: p for k, p in enumerate(places) if isinstance(p, int)}
    kept = [k for k in range(len(shape)) if k not in fixed]
    if e.op == "zeros":
        return zeros(type_of(tuple([shape[k] for k in kept])))
    e = as_einsum(e)
    inputs, output = parse_subscripts(e.attr)
    letters = ",".join(["".join([x if len(x) == 1 else f"({x})" for x in axes]) for axes in (*inputs, *(output[k] for k in fixed))])
    units = tuple([unit(shape[k], p) for k, p in fixed.items()])
    out = "".join([output[k] for k in kept])
    return contracted(make("einsum", (*e.args, *units), f"{letters}->{out}", type_of(tuple([shape[k] for k in kept]))))


def style_for(asked: Sequence[Asked], kind: str, style: str) -> str:
    """The style in which a kind is derived."""
    if kind == "differential":
        return kind
    return OF_PARTS if kind in ("gradient", "jacobian") and style == "backprop" and has_parts(asked) else style


def has_parts(asked: Sequence[Asked]) -> bool:
    return any(isinstance(a, Part) for a in asked)


def with_selected(trace: Trace, asked: Sequence[Asked], properties: Mapping[str, frozenset[str]]) -> Trace:
    """The results in the order in which they were asked for, those by parts with a line each."""
    if not has_parts(asked):
        return trace
    n = Normalizer(properties)
    whole = {r.wrt: r for r in trace.results}
    steps, results = list(trace.steps), []
    for a in asked:
        if isinstance(a, str):
            results.append(whole[a])
            continue
        step, result = _by_part(trace, whole[a.array], a, n)
        steps.append(step)
        results.append(result)
    return trace._replace(steps=tuple(steps), results=with_program(results))


def _by_part(trace: Trace, r: Result, part: Part, n: Normalizer) -> tuple[Step, Result]:
    line = next(s for s in reversed(trace.steps) if s.kind in GIVES and s.node is not None and s.node.attr == r.wrt)
    variable, out = line.node, line.lhs.expr.args[0]
    assert variable is not None
    count = len(shape_of(out.type)) if r.kind == "jacobian" else 0
    tensor = r.expr.type.kind == "t"

    def at(e: Expr) -> Expr:
        if not part.chosen:
            return e
        return by_terms(e, lambda term: _taken(term, count, part.places)) if tensor else selected(e, part)

    value, node = n.normal(at(r.expr)), selected(variable, part)
    labels = (_free(count, part) if tensor or part.of else (WHOLE,) * count) + _labels(part)
    derivative = make("partial", (out, node), None, value.type)
    if part.member:
        lhs = Formula(derivative, of=make("partial", (out, sym(part.member, node.type)), None, value.type))
    else:
        lhs = Formula(derivative, entries=labels, of=make("partial", (out, variable), None, r.expr.type))
    named, via = _at(value, r.named, part, labels), None
    if line.rhs.expr is not r.expr and line.rhs.type == r.expr.type:
        via = _at(at(line.rhs.expr), line.rhs, part, labels)
    step = Step("selected", "entries", line.source, lhs, named, via, (), variable, (node,))
    step = _seen(step, trace, labels[count:])
    return step, r._replace(expr=value, named=named, axes=(count, len(shape_of(node.type))), part=part, moved=node, line=None)


def _seen(step: Step, trace: Trace, labels: Sequence[str]) -> Step:
    """With the reason of the line by all entries for these: only z_2 sees W_23."""
    said = [(s, *s.of) for s in trace.steps if s.node is step.node and len(s.of) == 2]
    line, value, whole = next((f for f in said if isinstance(f[2], Formula) and f[2].expr is step.node), (step, None, None))
    if value is None or WHOLE in labels or any(x.startswith(MEANT) for x in labels):
        return step
    assert isinstance(value, Formula) and isinstance(whole, Formula)
    at = dict(zip(whole.entries or (), labels, strict=True))
    of = tuple([f._replace(entries=tuple([at.get(x, x) for x in f.entries or ()])) for f in (value, whole)])
    return step._replace(rule="sees-alone", reason=line.reason, of=of)


def _labels(part: Part) -> tuple[str, ...]:
    """The indices of the part; the name of a label is one of the input."""
    return tuple([MEANT + x if x and part.picked else x for x in part.labels])


def _free(count: int, part: Part) -> tuple[str, ...]:
    """Indices of the output, beside those of the part; none where the part has an axis that is taken whole."""
    if part.of:
        return part.of
    letters = [c for c in OUTER if c not in part.letters]
    return (WHOLE,) * count if WHOLE in part.places else tuple(letters[:count])


def variable_as_asked(part: Part, variable: Expr) -> Formula:
    """What is differentiated by, as it is called."""
    node = selected(variable, part)
    return Formula(node, of=sym(part.member, node.type)) if part.member else Formula(node, entries=_labels(part), of=variable)


def _at(value: Expr, whole: Formula, part: Part, labels: tuple[str, ...]) -> Formula:
    """A value, written by the entries of the whole; a row or column that is taken out of it is written as it is."""
    if part.picked or (WHOLE in labels and part.chosen):
        return whole._replace(expr=value)
    return whole._replace(
        expr=value, entries=labels, of=whole.expr if WHOLE in labels else factored(opened(whole.expr, whole.names), whole.names)
    )
