"""The lines of unfolded rules, each checked by itself: at random values of their operands, along random directions of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from matcalc.algebra.rule import differential_name
from matcalc.check.points import generator
from matcalc.check.rows.claims import Claim, Refuted
from matcalc.check.rows.tester import TOLERANCE, sample_together
from matcalc.engine.derivation import Check, Step
from matcalc.expr import dims
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import Expr, postorder, shape_of, substitute, sym
from matcalc.numeric.properties import NONE
from matcalc.numeric.sampling import related_sizes, with_free
from matcalc.numeric.small_sizes import Relations, has_numbers, relations

SEED, POINTS = 0, 2
KEPT = 256  # groups of lines whose errors are remembered
_FOUND: dict[tuple[object, ...], tuple[float, ...]] = {}


def checked(steps: Sequence[Step], assume: Mapping[str, frozenset[str]]) -> tuple[Step, ...]:
    """The lines with what their checks found. Raises ``CheckError`` for a false one."""
    return tuple([line for _, group in groupby(steps, lambda s: s.node) for line in _checked(list(group), assume)])


def _checked(group: Sequence[Step], assume: Mapping[str, frozenset[str]]) -> Iterator[Step]:
    """The lines about one operator, all at the same points; none where there are no such points."""
    same = _apart_from_letters(group, assume)
    found = _FOUND.get(same)
    if found is None:
        if len(_FOUND) >= KEPT:
            _FOUND.clear()
        found = _FOUND[same] = _errors(list(claims(group, assume)))
    for step, error in zip(group, found, strict=bool(found)):
        if not error <= TOLERANCE:
            raise CheckError(f"a line failed its check and is not shown: {step.text}",
                             hint=f"this is a defect in rule '{step.rule}' or in matcalc; please report it")  # fmt: skip
        yield step.checked(Check(error, POINTS, "directional differences"))


def _apart_from_letters(group: Sequence[Step], assume: Mapping[str, frozenset[str]]) -> tuple[object, ...]:
    """What lines say, whatever their variables are called: those of softmax are the same in every exercise."""
    nodes = postorder([e for s in group for e in (s.lhs.expr, s.rhs.expr, *s.through)])
    at = {e: i for i, e in enumerate(nodes)}
    held = [assume.get(str(e.attr), NONE) if e.op == "sym" else e.attr for e in nodes]
    what = [(e.op, attr, e.type, *[at[a] for a in e.args]) for e, attr in zip(nodes, held, strict=True)]
    lines = [(at[s.lhs.expr], at[s.rhs.expr], *[at[e] for e in s.through]) for s in group]
    return tuple(what), tuple(lines)


def _errors(said: Sequence[Claim]) -> tuple[float, ...]:
    """The largest of each claim; none where no values of the operands were found at which the lines can be judged."""
    rng, sizes = generator(SEED), _sizes(said)
    try:
        return tuple([max(at) for at in zip(*(sample_together(said, sizes, rng) for _ in range(POINTS)), strict=True)])
    except Refuted:
        return ()


def _sizes(said: Sequence[Claim]) -> Mapping[str, int]:
    """Small sizes that all differ, and stand-ins of numbers."""
    nodes = postorder([e for claim in said for e in (claim.left, claim.right, *claim.own.values())])
    names = list(dict.fromkeys(str(a) for n in nodes for d in shape_of(n.type) for a in dims.atoms(d)))
    return with_free(names, related_sizes(relations(nodes, ()) if has_numbers(nodes) else Relations(), ()), ())


def claims(group: Sequence[Step], assume: Mapping[str, frozenset[str]]) -> Iterator[Claim]:
    """What the lines about one operator say of its operands; what they name stands for what it is."""
    operands = {e: e for e in group[0].through}
    operands |= {s.rhs.expr: s.lhs.expr for s in group if s.rhs.expr in operands and s.lhs.expr.op == "sym"}
    named: dict[Expr, Expr] = {}
    for s in group:
        if s.lhs.expr.op == "sym" and s.rhs.expr not in operands:
            named.setdefault(s.lhs.expr, substitute((s.rhs.expr,), {**operands, **named})[0])
    changes = {n: _change(n.args[0]) for n in postorder([e for s in group for e in (s.lhs.expr, s.rhs.expr)]) if n.op == "d"}
    moves = {n.args[0]: d for n, d in changes.items() if n.args[0] in operands.values()}
    own = {_change(name): body for name, body in named.items()}
    for s in group:
        left, right = substitute((s.lhs.expr, s.rhs.expr), {**operands, **named, **changes})
        yield Claim("equal", left, right, moves, assume, own=own)


def _change(v: Expr) -> Expr:
    return sym(differential_name(str(v.attr)), v.type)
