"""Lines by differentials and by entries: each is contracted with directions, and must be what the rows give along them.

∂y/∂x = J is J·dx = dy for every dx, so nothing is read off here: dy comes from the differential rows, and J is put in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from matcalc.algebra.rule import Rule
from matcalc.check.replay.chain_lines import from_above
from matcalc.check.replay.outcome import DoesNotFollow, Stuck
from matcalc.check.replay.record import Record
from matcalc.check.replay.rowcalc import differential_symbol
from matcalc.engine.derivation import Step
from matcalc.expr import nodes
from matcalc.expr.groups import DERIVED, SUMS
from matcalc.expr.nodes import Expr, make, postorder, shape_of, substitute, sym, transpose, type_of
from matcalc.expr.slices import indexed, unit
from matcalc.notation.lex.habits import EINSUM

# Rules that say how a derivative is written, not what it is.
READING = frozenset(("differential-of", "put-in", "one-moves", "read-off", "independent", "derive-again", "direction",
                     "entries", "sees-alone", "sum-over-entries", "sum-rule", "product", "variable-itself"))  # fmt: skip
PLAIN = frozenset(("sym", "num", "matmul", "T", *SUMS))  # in any line
HELD = {  # what of a row holds by which declarations
    "probability": frozenset(("probability", "one-hot")),
    "symmetric": frozenset(("symmetric", "spd", "diagonal", "laplacian", "symmetric-toeplitz")),
}
COMPLAINT = "is not what the differential rows give"


def differential(record: Record, step: Step) -> None:
    """dq = …, vec(dq) = …, and d(∂s/∂a) = …, along the variables that the line came through."""
    lhs, moving = step.lhs.expr, step.through
    if not moving or not set(moving) <= set(record.wrt):
        raise DoesNotFollow("the line is about nothing that moves")
    stacked = lhs.op == "vec"
    (p,) = lhs.args[0].args if stacked else lhs.args
    if p.op == "partial":
        return _second(record, step, p.args[1], moving[0], differential_symbol(moving[0]))
    used: set[str] = set()
    found = record.differentials(moving, used)
    if p not in record.bodies:
        raise DoesNotFollow(f"{p.attr} is not defined")
    rebuilt = found.get(p, nodes.zeros(p.type))
    inside = {q for q in (*record.bodies, *moving) if q is not p and (q in moving or q in found)}
    record.require_rules(step, used | READING | record.rows.compounds(record.bodies[p], inside) | _forms(record, step, rebuilt))
    written = {make("d", (q,)): found.get(q, nodes.zeros(q.type)) for q in (*record.bodies, *record.wrt)}
    record.require_same(make("vec", (rebuilt,)) if stacked else rebuilt, step.rhs.expr, COMPLAINT, written, record.assume)
    return None


def _forms(record: Record, step: Step, before: Expr) -> set[str]:
    """Laws of one of whose sides all signs stand in the line: those of products and sums, and what its form shows; and those of
    what is not 0 where it was divided by ``before``."""
    signs, earlier = ({e.op for e in postorder((e,))} | PLAIN for e in (step.rhs.expr, before))
    ring = record.rows.book.groups["ring"]
    known = {row.name for row in ring if row.holds_always and any(_signs(side) <= signs for side in row.sides)}
    known |= {row.name for row in ring if _is_held(row, {p for x in nodes.names_in((before,)) for p in record.assume.get(x, ())})}
    return known | {row.name for row in ring if _divides(row) and _signs(row.sides[0]) <= earlier}


def _is_held(row: Rule, declared: set[str]) -> bool:
    """Whether it asks for what is declared of something in the line: that y sums to 1, that S is symmetric."""
    asked = {c for _, conditions in row.variables.values() for c in conditions}
    held = {condition for condition, among in HELD.items() if among & declared}
    return (bool(asked) and asked <= held) or (row.name == "rows-sum-to-one" and "probability" in held)


def _divides(row: Rule) -> bool:
    """Whether it asks only that something is not 0."""
    return {c for _, conditions in row.variables.values() for c in conditions} == {"nonzero"}


def _signs(e: Expr) -> set[str]:
    return {node.op for node in postorder((e,))}


def result(record: Record, step: Step) -> None:
    """∂y/∂x = J, ∂²s/∂a∂b = H, d(∂s/∂a)[v] = H v, and d of the output as a whole."""
    lhs, rhs, x = step.lhs.expr, step.rhs.expr, step.node
    if lhs.op == "d" and lhs.args[0] is record.out:
        return differential(record, step)
    if x is None or not lhs.args or lhs.op not in DERIVED:
        raise DoesNotFollow("the left side is not the derivative that the line is about")
    if lhs.op == "d":
        (v,) = step.through
        return _second(record, step, lhs.args[0].args[1], x, v)
    if lhs.args[0].op == "partial":
        return _second(record, step, lhs.args[0].args[1], x, None)
    if lhs.args != (record.out, x):
        raise DoesNotFollow("the left side is not the derivative that the line is about")
    used: set[str] = set()
    along = record.differentials((x,), used).get(record.out, nodes.zeros(record.out.type))
    record.require_rules(step, used | READING)
    j = transpose(rhs) if lhs.attr == "turned" and rhs.type[0] in "mcr" else rhs
    require_contraction(record, j, (x,), along, record.assume)
    return None


def _second(record: Record, step: Step, a: Expr, b: Expr, v: Expr | None) -> None:
    """The second derivative: along a direction of a, then along ``v`` of b, in which the right side is already taken, or
    along a direction that it is contracted with."""
    used: set[str] = set()
    e = record.originals[record.out]
    first = record.rows.differentiate(e, {a}, used).get(e, nodes.zeros(e.type))
    along_a = direction(a)
    first = substitute((first,), {differential_symbol(a): along_a})[0]
    second = record.rows.differentiate(first, {b}, used).get(first, nodes.zeros(e.type))
    once = {q: e for q, e in record.recorded.items() if q.op == "partial" and q.args[1] is a}
    compounds = {row for e in once.values() for row in record.rows.compounds(e, {b})}
    for gradient in once.values():  # in the form in which it was told: 2A x has a factor that xᵀ A + xᵀ Aᵀ had not
        record.rows.differentiate(gradient, {b}, used)
    record.require_rules(step, used | READING | compounds | _forms(record, step, second))
    if v is None:
        require_contraction(record, step.rhs.expr, (along_a, differential_symbol(b)), second, record.assume)
        return
    changes = {b: v} | {q: substitute((e,), {differential_symbol(b): v})[0] for q, e in record.differentials((b,), set()).items()}
    written = {make("d", (q,)): e for q, e in changes.items()}
    rhs = make("unvec", (step.rhs.expr,), None, a.type) if step.lhs.expr.op == "vec" else step.rhs.expr
    second = substitute((second,), {differential_symbol(b): v})[0]
    record.require_same(second, contracted(rhs, (along_a,)), COMPLAINT, written, record.assume)


def selected(record: Record, step: Step) -> None:
    """Some entries of a derivative: what the part of the variable is, of the derivative."""
    x, (part,), out = step.node, step.through, record.out
    lines = [e for e in record.recorded if x is not None and e.op == "partial" and e.args == (out, x) and e.attr != "numerator"]
    whole = next((e for e in lines if e.type.kind != "r"), None)
    if x is None or whole is None or step.lhs.expr.args != (out, part):
        raise DoesNotFollow("no line before it gives the derivative by the whole array")
    record.require_rules(step, {"entries", "sees-alone"}, sourced=False)
    if whole.type.kind == "t":
        move = sym(f"direction of {step.lhs.text}", part.type)
        got, want = contracted(step.rhs.expr, (move,)), contracted(whole, (_spread(part, x, move),))
        return record.require_same(want, got, "is not that part of the derivative")
    if whole.type.kind == "m" and x.type.kind == "c":  # a row for each entry of the output
        rebuilt = whole if part is x else indexed("col", whole, *part.attr)
    else:
        rebuilt = substitute((part,), {x: whole})[0]
    record.require_same(rebuilt, step.rhs.expr, "is not that part of the derivative")


def _spread(part: Expr, x: Expr, move: Expr) -> Expr:
    """An array like x that is ``move`` at the part, and 0 elsewhere."""
    if part is x:
        return move
    (below,) = part.args
    if part.op == "T":
        return _spread(below, x, transpose(move))
    at = unit(below.type.cols if part.op == "col" else below.type.rows, part.attr[0])
    return _spread(below, x, nodes.times(move, at) if part.op == "entry" else make("matmul", (move, transpose(at))))


def direction(a: Expr) -> Expr:
    """Another direction of a than its differential."""
    return sym(f"direction of {a.attr}", a.type)


def require_contraction(
    record: Record, j: Expr, along: Sequence[Expr], dy: Expr, assume: Mapping[str, frozenset[str]] | None = None
) -> None:
    """J contracted with directions (or with the differentials of variables) is dy."""
    directions = [differential_symbol(x) if x in record.wrt or x in record.bodies else x for x in along]
    record.require_same(by_axes(dy), contracted(j, directions), COMPLAINT, assume=assume)


def contracted(j: Expr, directions: Sequence[Expr]) -> Expr:
    """The last axes of ``j`` summed against directions, in the order of these."""
    shape = shape_of(j.type)
    letters = EINSUM[: len(shape)]
    own = [len(shape_of(d.type)) for d in directions]
    lead = len(shape) - sum(own)
    if lead < 0:
        raise DoesNotFollow("the right side has too few axes")
    parts, at = [], lead
    for count in own:
        parts.append(letters[at : at + count])
        at += count
    factors = [(d, p) for d, p in zip(directions, parts, strict=True) if p]
    value = j
    if factors:
        args = (j, *(d for d, _ in factors))
        value = make("einsum", args, f"{','.join([letters, *(p for _, p in factors)])}->{letters[:lead]}", type_of(shape[:lead]))
    for d, p in zip(directions, parts, strict=True):
        value = value if p else nodes.times(d, value)
    return by_axes(value)


def by_axes(e: Expr) -> Expr:
    """A row as the column of its entries: one axis is one axis."""
    return transpose(e) if e.type[0] == "r" else e


def entries(record: Record, step: Step) -> None:
    """z_k, ∂s/∂W_ij and ∂z_k/∂W_ij = …, each for all indices at once."""
    lhs, rhs, q = step.lhs.expr, step.rhs.expr, step.node
    if lhs.op == "sym":
        record.require_rules(step, {"entries"}, sourced=False)
        return record.require_same(by_axes(record.bodies.get(lhs, lhs)), by_axes(rhs), "is not what it is defined as")
    if q is None or not lhs.args or lhs.args[-1] is not q:
        raise DoesNotFollow("the left side is not the derivative that the line is about")
    used: set[str] = set()
    if lhs.attr == "jacobian":
        (p,) = step.through
        dy = record.rows.differentiate(record.bodies[p], {q}, used).get(record.bodies[p], nodes.zeros(p.type))
        record.require_rules(step, used | READING, sourced=False)
        require_contraction(record, rhs, (q,), dy)
        record.values[lhs] = record.valued(rhs)  # what a sum over entries multiplies; the derivative itself has a line of its own
        return None
    rebuilt = from_above(record, q, step.through, used)
    record.require_rules(step, used | READING, sourced=False)
    record.require_same(by_axes(nodes.zeros(q.type) if rebuilt is None else rebuilt), by_axes(rhs), COMPLAINT)
    return None


# The free parameters behind tied entries, from a matrix that has the structure: where each stands once.
FREE: dict[str, Callable[[Expr], Expr]] = {
    "symmetric": lambda d: transpose(make("tril", (transpose(d),))),
    "skew": lambda d: transpose(make("tril", (transpose(d),))),
    "diagonal": lambda d: d,
    "lower-triangular": lambda d: d,
    "upper-triangular": lambda d: d,
}


def structure(record: Record, step: Step) -> None:
    """Tied entries: Σ parameter × entry is what the gradient gives along the matrix that the parameters make."""
    x, rhs, (_, name, *_) = step.node, step.rhs.expr, step.lhs.expr.attr
    record.require_rules(step, {"tied-entries", f"{name}-entries"}, sourced=False)
    lines = [e for e in record.values if e.args == (record.out, x) and e.attr in (None, "jacobian", "turned")]
    gradient = next((transpose(e) if e.attr == "turned" else e for e in lines), None)
    if x is None or gradient is None:
        raise DoesNotFollow("no line before it gives the gradient with all entries free")
    if name not in FREE:
        raise Stuck(f"no row says what the free parameters of a {name} matrix are")
    d = direction(x)
    rhs = transpose(rhs) if "turned" in (step.lhs.expr.attr or ()) else rhs
    given, rebuilt = [make("sum", (make("hadamard", pair),)) for pair in ((rhs, FREE[name](d)), (gradient, d))]
    assume = {**record.assume, str(d.attr): frozenset((name,))}
    record.require_same(rebuilt, given, "is not the answer for tied entries", assume=assume)


def stacked(record: Record, step: Step, value: Expr) -> None:
    """The derivative between stacked columns, by the result ``value``: K vec(dx) = vec(dy); vec(da)' H vec(dx) = d²s."""
    (x,), (y, _) = step.through, step.lhs.expr.args
    directions = [direction(x)]
    if y.op == "partial":
        (a,) = y.args[1].args or (y.args[1],)
        directions.insert(0, sym(f"first direction of {a.attr}", a.type))
    columns = [make("vec", (d,)) if d.type[0] == "m" else d for d in directions]
    rebuilt, given = contracted(value, directions), by_axes(nodes.times(step.rhs.expr, columns[-1]))
    if y.op == "partial":
        given = nodes.times(transpose(columns[0]), given)
    record.require_same(
        make("vec", (rebuilt,)) if rebuilt.type[0] == "m" else rebuilt, given, "is not the result by stacked columns"
    )
