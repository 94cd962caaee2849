"""Lines of a sweep: local derivatives by vec rows, what comes from above by adjoint rows, their layout."""

from __future__ import annotations

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.tidied import tidied
from matcalc.check.replay.outcome import DoesNotFollow, Stuck
from matcalc.check.replay.record import Record
from matcalc.check.replay.rowcalc import differential_symbol, sum_terms
from matcalc.check.zeros import Asked, is_proved
from matcalc.engine.derivation import Formula, Step
from matcalc.expr import nodes
from matcalc.expr.nodes import Expr, added, below, make, num, postorder, size_text, substitute, sym, transpose
from matcalc.expr.table import Type


def chain(record: Record, step: Step) -> None:
    """∂s/∂q: what comes from above, carried through each definition that uses q, added up."""
    q = step.node
    users = record.users.get(q, []) if q is not None else []
    own = q is not None and step.lhs.expr in (record.partial(q), *([] if users else [record.turned(q)]))
    if q is None or not own or not _same_size(record, step.rhs.type, step.lhs.type):
        raise DoesNotFollow("the left side is not the derivative that the line is about")
    if len(step.through) != len(users) or set(step.through) != set(users):
        raise DoesNotFollow(f"q = {q.attr} enters {', '.join(str(u.attr) for u in users) or 'nothing'}")
    used: set[str] = set()
    rebuilt = from_above(record, q, step.through, used)
    if rebuilt is None:
        rebuilt = nodes.zeros(step.lhs.type)
        used.add("independent")
    record.require_rules(step, used | {"chain"})
    record.require_same(rebuilt, step.rhs.expr, "does not follow from the lines above")
    if step.via is not None:
        _require_via(record, step, step.via)
        _require_put_in(record, step, step.via)


def from_above(record: Record, q: Expr, through: tuple[Expr, ...], used: set[str]) -> Expr | None:
    """∂s/∂q from the lines so far, as its line is laid out; None where q enters nothing."""
    values = []
    for p in through:
        if p is not record.out and record.partial(p) not in record.recorded:
            raise DoesNotFollow(f"there is no line before it for the derivative by {p.attr}")
        values.append((_by_jacobians if record.out.type[0] == "c" else _arriving)(record, q, p, used))
    if not values:
        return None
    return transpose(added(values)) if q.type[0] == "c" and record.out.type[0] != "c" else added(values)


def _arriving(record: Record, q: Expr, p: Expr, used: set[str]) -> Expr:
    """What p sends to q: the upstream gradient of p, moved through d(body of p)."""
    g = num(1) if p is record.out else record.partial(p)
    g = transpose(g) if p.type[0] == "c" else g
    found, rules = record.differential(p)
    used |= rules | record.rows.named_by_compiler(record.bodies[p], q) | record.rows.compounds(record.bodies[p], {q})
    value = record.rows.carry(g, found[record.bodies[p]], set(found.values()), differential_symbol(q), used)
    return nodes.zeros(q.type) if value is None else value


def _by_jacobians(record: Record, q: Expr, p: Expr, used: set[str]) -> Expr:
    """∂y/∂p · ∂p/∂q."""
    used |= record.rows.named_by_compiler(record.bodies[p], q)
    local = _matrix(record, p, q, used)
    return local if p is record.out else nodes.times(record.partial(p), local)


def _require_via(record: Record, step: Step, via: Formula) -> None:
    """The product in the middle of a chain line: Σ ∂s/∂p · ∂p/∂q over what q enters."""
    q = step.node
    assert q is not None
    known: dict[Expr, Expr] = {}
    for p, term in zip(step.through, sum_terms(via.expr, len(step.through)), strict=True):
        if p is record.out:
            record.require_same(_matrix(record, p, q, set()), term, "has a term in the middle that is not the derivative")
            continue
        symbol = next((e for e in record.recorded if e.op == "partial" and e.args == (p, q)), None)
        if symbol is None or term is not nodes.times(record.partial(p), symbol):
            raise DoesNotFollow(f"the middle does not go through the line for the derivative of {p.attr}")
        known[symbol] = record.recorded[symbol]
        record.unused.pop(symbol, None)
    record.require_same(substitute((via.expr,), known)[0], step.rhs.expr, "is not the product in the middle")


def _require_put_in(record: Record, step: Step, via: Formula) -> None:
    """What stands for a derivative in the product behind the one in the middle is what its last line gives, as it is written."""
    at = next((i for i, f in enumerate(step.members) if f.expr is via.expr), len(step.members))
    known = {p: e for p, e in record.recorded.items() if p not in via.names}
    for f in step.members[at + 1 : -1]:
        if record.normal(substitute((via.expr,), known)[0]) is not record.normal(f.expr):
            raise DoesNotFollow("what is put in is not what its line gives")


def block(record: Record, step: Step) -> None:
    """∂s/∂q for a block q of a concatenation, which it enters alone: what comes from above, as the column that q is."""
    q = step.node
    if q is None or q.type[0] != "c" or step.lhs.expr is not record.turned(q) or step.rhs.type != step.lhs.type:
        raise DoesNotFollow("the left side is not the derivative that the line is about")
    if len(step.through) != 1 or list(step.through) != record.users.get(q):
        raise DoesNotFollow(f"q = {q.attr} enters {', '.join(str(u.attr) for u in record.users.get(q, [])) or 'nothing'}")
    used: set[str] = set()
    row = from_above(record, q, step.through, used)
    assert row is not None
    record.require_rules(step, used)
    record.require_same(transpose(row), step.rhs.expr, "does not follow from the lines above")


def _matrix(record: Record, p: Expr, q: Expr, used: set[str]) -> Expr:
    """The Jacobian of the body of p by q, by vec rows."""
    change = record.rows.differentiate(record.bodies[p], {q}, used)[record.bodies[p]]
    found = record.rows.matrices(change, differential_symbol(q), used)
    if found is None:
        raise DoesNotFollow(f"{p.attr} does not move with {q.attr}")
    return found


def local(record: Record, step: Step) -> None:
    """∂p/∂q between neighbours: the matrices of d(body of p), multiplied up."""
    (p,), q = step.through, step.node
    if q is None or p not in record.bodies or q not in record.moving:
        raise DoesNotFollow("the line is about nothing that is defined")
    used: set[str] = set()
    matrix = _matrix(record, p, q, used)
    if step.lhs.expr is not make("partial", (p, q), None, matrix.type) or step.rhs.type != matrix.type:
        raise DoesNotFollow(f"the derivative of {p.attr} by {q.attr} is {size_text(matrix.type)}")
    record.require_rules(step, used | record.rows.compounds(record.bodies[p], {q}) | {"sum-rule"})
    record.require_same(matrix, step.rhs.expr, "is not the local derivative")
    record.unused[step.lhs.expr] = step


def shape(record: Record, step: Step) -> None:
    """The shape convention: the row ∂s/∂q, turned into the column that q is. In numerator layout it is
    the derivative by a matrix that is turned."""
    q = step.node
    if q is None or step.rhs.type != record.turned(q).type or step.lhs.expr is not record.turned(q):
        raise DoesNotFollow("the left side is not the derivative that the line is about")
    row = record.partial(q)
    if step.through != (row,) or row not in record.recorded:
        raise DoesNotFollow(f"no line before it gives the derivative by {q.attr}")
    record.require_rules(step, {"shape-convention" if q.type[0] == "c" else "numerator-layout"})
    record.require_same(transpose(row), step.rhs.expr, "is not the transpose of the row")


def case(record: Record, step: Step) -> None:
    """A derivative at the entries that a one-hot label selects, at the others, or at all of them by cases."""
    q, lhs = step.node, step.lhs.expr
    mask, derivative = lhs.args if lhs.op == "hadamard" else (None, lhs)
    if q is None or derivative is not record.partial(q):
        raise DoesNotFollow("the left side is not the derivative that the line is about")
    rebuilt = from_above(record, q, step.through, set()) or nodes.zeros(derivative.type)
    record.require_rules(step, {"entries"}, sourced=False)
    if mask is None:
        known, free = Normalizer(record.assume).normal, {n: p - {"one-hot"} for n, p in record.assume.items()}
        record.require_same(known(record.unnamed(rebuilt, record.values)), step.rhs.expr, "is not the derivative", assume=free)
    else:
        _masked(record, mask, rebuilt, step.rhs.expr)


def _masked(record: Record, mask: Expr, derivative: Expr, rhs: Expr) -> None:
    """y ∘ D(y) = y ∘ D(1) and (1 − y) ∘ D(y) = (1 − y) ∘ D(0) for a y of zeros and ones that stands in D entry by entry."""
    y = next((n for n in postorder((mask,)) if n.op == "sym"), mask)
    masks = {_like(e, mask): e is y for e in (y, make("sub", (nodes.ones(y.type), y)))}
    if mask not in masks or "one-hot" not in record.assume.get(str(y.attr), ()) or rhs.op != "hadamard" or rhs.args[0] is not mask:
        raise DoesNotFollow("it is not about the entries that a one-hot label selects, or does not")
    whole = Normalizer(record.assume).normal(record.unnamed(derivative, record.values))
    at = [substitute((whole,), {y: e})[0] for e in (nodes.zeros(y.type), nodes.ones(y.type))]
    between = make("add", (at[0], make("hadamard", (_like(y, mask), make("sub", (at[1], at[0]))))))
    record.require_same(
        whole, between, "is about a derivative in which the label does not stand entry by entry", assume=record.assume
    )
    record.require_same(at[masks[mask]], rhs.args[1], "is not that part of the derivative", assume=record.assume)


def _like(e: Expr, mask: Expr) -> Expr:
    return transpose(e) if mask.type.kind == "r" else e


def reached(record: Record, step: Step) -> None:
    """Another form of the line before it: by what its names stand for, and by laws of sums and products that play a part in it."""
    before = record.recorded.get(step.lhs.expr)
    above = record.latest.get(step.lhs.expr)
    if before is None or above is None or above.node is not step.node or step.through or step.via:
        raise DoesNotFollow("it does not stand below a line that gives the derivative that the line is about")
    if above.rhs.text == step.rhs.text:
        raise DoesNotFollow("it is the line before it")
    if step.rhs.samples is not None:  # the check adds its terms up
        record.require_rules(step, {"term-by-term"})
        record.require_same(above.rhs.expr, step.rhs.expr, "is not the line before it", assume=record.assume)
        return
    named = {step.rule, *step.rules}
    without = record.valued if "put-in" in named else record.unnamed
    one, other = without(before), without(step.rhs.expr)
    left, right = _laws(record, one), _laws(record, other)
    unsaid = {row.name for row in record.rows.book.groups["ring"] if row.role} | {"transpose-of-product"}
    record.require_rules(step, {"put-in", "rearranged", *SCALING, *unsaid, *left, *(_centred(record) if CENTRED in named else ())})
    record.require_same(before, step.rhs.expr, "is not the line before it", assume=record.assume)
    names = {str(p.attr) for p in record.bodies}
    hidden, shown = names & _visible(above.rhs) - _visible(step.rhs), names & _visible(step.rhs) - _visible(above.rhs)
    used = shown or (set() if hidden else names & _visible(step.rhs))
    if used and named == {"put-in"} and not any(e.op == "partial" for e in below((above.rhs.expr,))):
        inside = {str(q.attr) for p, e in record.bodies.items() if str(p.attr) in shown for q in below((e,)) if q.op == "sym"}
        put_in = used | hidden | (inside & names - _visible(above.rhs))
        if not _is_by_name(record, above.rhs._replace(expr=before), step.rhs, put_in):
            raise Stuck("it needs laws, and names none")
        return
    if "put-in" in named and not hidden and record.valued(before) is before is not step.rhs.expr:
        raise DoesNotFollow("nothing is put in")
    if "put-in" not in named and (hidden or not record.judge.is_same(one, other, record.assume)):
        raise DoesNotFollow("something is put in that the line does not name")
    unsaid |= named | (PROOF_OF_CENTRED if CENTRED in named else set())
    kept = Normalizer(record.assume).grounds(tidied(one))
    needed = {law for law, of in kept if of is None or of.op != "eye"} - right - unsaid
    if needed:
        raise Stuck(f"it needs more than it names: {', '.join(sorted(needed))}")


def _is_by_name(record: Record, before: Formula, after: Formula, put_in: set[str]) -> bool:
    """Whether a line is the one before it with what has a name in it now put in."""
    bodies = {p: e for p, e in record.bodies.items() if str(p.attr) in put_in}
    one, other = (_in_symbols(f) for f in (before, after))
    for _ in bodies:  # each may stand in others
        one, other = substitute((one, other), bodies)
    return record.normal(one) is record.normal(other)


def _in_symbols(f: Formula) -> Expr:
    """With what is written by a name as a variable of that name."""
    return substitute((f.expr,), {e: sym(name, e.type) for e, name in f.names.items()})[0]


CENTRED = "centred"
SCALING = ("rows-scaled", "columns-scaled")
PROOF_OF_CENTRED = {"sum-is-linear", "sum-of-ones", "terms-cancel"}


def _centred(record: Record) -> set[str]:
    """The law of what was centred, where a named value was."""
    sums = (make("sum", (e,)) for p, e in record.originals.items() if p.type[0] == "c")
    return {CENTRED} if any(nodes.is_zero(Normalizer(record.assume).normal(e)) for e in sums) else set()


def _visible(f: Formula) -> set[str]:
    """The names in print."""
    return {f.names.get(e) or str(e.attr) for e in below((f.expr,), f.names) if e in f.names or e.op == "sym"}


def _laws(record: Record, e: Expr) -> set[str]:
    """By which it comes to its normal form, and to that when multiplied out."""
    kept, wide = (Normalizer(record.assume, expand=expand) for expand in (False, True))
    return {*kept.used(e), *wide.used(e), *kept.used(wide.normal(e))}


def zero(record: Record, step: Step) -> None:
    """A derivative whose terms cancel: by the ring laws, or else the output is the same for every value of the variable."""
    q, lhs = step.node, step.lhs.expr
    if q is None or lhs not in record.recorded or step.through != (lhs,):
        raise DoesNotFollow("no line before it gives the derivative that the line is about")
    if step.rhs.expr is not nodes.zeros(lhs.type):
        raise DoesNotFollow("the right side is not zero")
    value = record.values[lhs]
    asked = Asked(record.problem, record.waypoints, record.assume, {}, 0)
    if not record.judge.is_same(value, step.rhs.expr, record.assume) and not is_proved(asked, value, q):
        if record.judge.differ(value, step.rhs.expr):
            raise DoesNotFollow("the terms do not cancel")
        raise Stuck("it is not proved that the terms cancel")


def _same_size(record: Record, a: Type, b: Type) -> bool:
    """Equal types, where the input may tie two sizes (p = 3n)."""
    ties = [{x, y} for x, y in record.problem.ties]
    return a[0] == b[0] and all(x == y or {x, y} in ties for x, y in zip(a[1:], b[1:], strict=True))
