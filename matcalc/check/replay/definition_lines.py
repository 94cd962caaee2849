"""Lines before the first derivative: what was rewritten, what is named, the functions of the input."""

from __future__ import annotations

from matcalc.algebra.match import instantiate, matches, without_stand_ins
from matcalc.algebra.rule import Rule
from matcalc.check.replay.outcome import DoesNotFollow
from matcalc.check.replay.record import Record
from matcalc.check.replay.rowcalc import differential_symbol
from matcalc.check.settled import is_settled
from matcalc.engine.derivation import Step, settled_by
from matcalc.expr.nodes import Expr, make, num, postorder, substitute

INDICES = "sum-over-indices"
PICKED = "picked-row-of-product"


def rewrite(record: Record, step: Step) -> None:
    """A part of the input, written otherwise by one row, or the constant that it is."""
    lhs, rhs = step.lhs.expr, step.rhs.expr
    if record.bodies or (step.node, step.through) != (None, ()):
        raise DoesNotFollow(f"'{step.rule}' rewrites nothing here")
    if settled_by((step,)):
        if not is_settled(record.problem, lhs, rhs, record.assume, {}):
            raise DoesNotFollow("the part is not constant")
    elif step.rule == "vectorised-sum" and lhs is rhs:
        return  # how the input is read, which the check follows term by term
    else:
        row = record.rows.names.get(step.rule)
        if step.rule == INDICES and lhs.op == "einsum":
            record.require_same(lhs, rhs, "is another product of matrices")
        elif row is None or row.disabled or (row.group not in ("rewrite", "inward") and row.name != PICKED):
            raise DoesNotFollow(f"'{step.rule}' rewrites nothing here")
        else:
            _use(row, step)
        record.require_rules(step, {step.rule})
    record.rewritten[lhs] = rhs
    record.idle.add(lhs)


def _use(row: Rule, step: Step) -> None:
    """One use of a rewrite row."""
    left, right = row.sides
    ways = list(matches(left, step.lhs.expr))
    if not ways:
        raise DoesNotFollow(f"the rule '{row.name}' is not about the left side")
    actual = [without_stand_ins(bound) for bound in ways]
    if all(instantiate(right, bound, step.lhs.type) is not step.rhs.expr for bound in actual):
        raise DoesNotFollow(f"the rule '{row.name}' gives another right side")


def define(record: Record, step: Step) -> None:
    """The name of a value, or a function of the input or its derivative."""
    p, body = step.lhs.expr, step.rhs.expr
    if p.op == "fn":
        return _function(record, step)
    if record.users:
        raise DoesNotFollow("the definitions come first")
    if p.op != "sym" or step.node is not p or p.type != body.type:
        raise DoesNotFollow("the left side is not the name of the right")
    if (step.rule, step.source, step.rules, step.via) != ("definition", "given", (), None):
        raise DoesNotFollow("a definition is not by a rule")
    record.define(p, body)


def _function(record: Record, step: Step) -> None:
    """f(z) = … as the input has it; f'(z) = … by the rows from the line before."""
    head, body = step.lhs.expr, step.rhs.expr
    (z,), (name, order) = head.args, head.attr
    if order == 0 and step.source == "given":
        record.functions[name, 0] = head, body
        return
    if (name, order - 1) not in record.functions:
        raise DoesNotFollow(f"no line before it gives {name}{'′' * (order - 1)}")
    below = _written_out(record, record.functions[name, order - 1][1])
    found = record.rows.differentiate(below, {z}, set()).get(below, num(0))
    slope = substitute((found,), {differential_symbol(z): num(1)})[0]
    record.functions[name, order] = head, body
    record.judge.require_same(slope, _written_out(record, body), "the right side is not the derivative of the line above", {})


def _written_out(record: Record, e: Expr) -> Expr:
    """With the functions of the input as what their lines say."""
    done: dict[Expr, Expr] = {}
    for node in postorder((e,)):
        args = tuple([done[a] for a in node.args])
        known = record.functions.get(node.attr) if node.op == "fn" else None
        if known is None:
            done[node] = node if args == node.args else make(node.op, args, node.attr, node.type)
        else:
            head, body = known
            done[node] = substitute((_written_out(record, body),), {head.args[0]: args[0]})[0]
    return done[e]


def name_part(record: Record, step: Step) -> None:
    """A name for a part of the formulas that follow."""
    if step.lhs.expr is not step.rhs.expr or step.lhs.expr not in step.lhs.names or step.rhs.names.get(step.rhs.expr):
        raise DoesNotFollow("the left side is not a name for the right")


def require_definitions(record: Record) -> None:
    """The definitions say what the problem says, and the names on record are theirs."""
    output = _after_rewriting(record, record.problem.output)
    if not record.bodies or list(record.originals.values())[-1] is not output or record.idle:
        raise DoesNotFollow("the definitions do not give the expression: one is missing or altered")
    if [(str(p.attr), e) for p, e in record.originals.items()] != list(record.waypoints):
        raise DoesNotFollow("the definitions are not those on record")
    for name, node in record.problem.definitions:
        other = next((e for p, e in record.originals.items() if p.attr == name), node)
        if other is not node and other is not _after_rewriting(record, node):
            raise DoesNotFollow(f"'{name}' is defined otherwise in the input")


def _after_rewriting(record: Record, e: Expr, within: frozenset[Expr] = frozenset()) -> Expr:
    """The expression with every rewrite on record carried out, innermost first, and then in what was written instead."""
    done: dict[Expr, Expr] = {}
    for node in postorder((e,)):
        args = tuple([done[a] for a in node.args])
        new = node if args == node.args else make(node.op, args, node.attr, node.type)
        if new in record.rewritten and new not in within:
            record.idle.discard(new)
            new = _after_rewriting(record, record.rewritten[new], within | {new})
        done[node] = new
    return done[e]
