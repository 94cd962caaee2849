"""Notices of what a derivation holds for: which points, which layout, which rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.engine.derivation import SINGULAR, Trace
from matcalc.engine.kinks import moving, short_text
from matcalc.expr.nodes import Expr as Node
from matcalc.expr.nodes import postorder
from matcalc.expr.table import TABLE
from matcalc.notation.meaning.problem import Problem

INVERTIBLE = frozenset(("spd", "invertible", "positive-det", "near-identity", "orthogonal"))
PRODUCTS = frozenset(("sym", "num", "dim", "neg", "scale", "matmul", "T", "det", "inv", "pow", "add", "eye", "exp"))


def narrower(problem: Problem, trace: Trace) -> list[str]:
    """A notice where a derivative is written with what has no value at some points where the expression has one."""
    if "powm" not in problem.ops or not any(n.op in ("logm", "dlogm") for n in postorder([r.expr for r in trace.results])):
        return []
    return ["the derivative of a power of a matrix is written with its logarithm: no eigenvalue may be zero or negative"]


def other_layout(trace: Trace, layout: str) -> list[str]:
    """A notice for each derivative that does not stand in the layout that was asked for."""
    return [
        f"the derivative by {r.wrt} is not in {layout} layout: "
        + ("a mixed derivative has the axes of the first variable, then of the second" if r.kind == "mixed" else
           "with more than two axes, those of the output come before those of the variable")
        for r in trace.results if r.layout != layout
    ]  # fmt: skip


def singular(problem: Problem, trace: Trace, assume: Mapping[str, frozenset[str]]) -> list[str]:
    """A notice for each determinant whose derivative stands with an inverse: det(X) X⁻¹ is adj(X), also of a singular X."""
    if "det" not in problem.ops:
        return []
    none = [s.lhs.expr for s in trace.steps if s.kind == "rewrite" and s.rule == SINGULAR]
    nodes = postorder([r.expr for r in trace.results])
    inverses = {n.args[0] for n in nodes if n.op == "inv"}
    value = postorder((problem.output,))
    needed = {n.args[0] for n in value if n.op in ("inv", "logdet")}
    needed |= {n.args[-1].args[0] for n in value if n.op in ("log", "div") and n.args[-1].op == "det"}
    return [
        f"{short_text(e)} is 0, and so is its derivative, for {short_text(e.args[0])} is singular whatever its variables are"
        for e in none
    ] + [
        _adjugate_of(x, x in inverses and all(n.op in PRODUCTS for n in nodes))
        for x in dict.fromkeys(n.args[0] for n in value if n.op == "det" and n.args[0].type[0] == "m")
        if inverses and x not in needed and not (x.op == "sym" and INVERTIBLE & assume.get(x.attr, frozenset()))
    ]


def ranks(problem: Problem, wrt: Sequence[str], assume: Mapping[str, frozenset[str]]) -> list[str]:
    """A notice for each argument that must have full rank for its operator to be continuous, by the operator's row."""
    if not any(TABLE[op].domain == "full-rank" for op in problem.ops):
        return []
    found = dict.fromkeys((n.op, n.args[0]) for n in moving((problem.output,), wrt) if TABLE[n.op].domain == "full-rank")
    return [
        f"{TABLE[op].plain}({name}) is not continuous where {name} has less than full rank: there its derivative holds for changes "
        "that keep the rank"
        for op, x in found
        for name in [short_text(x)]
        if not (x.op == "sym" and INVERTIBLE & assume.get(x.attr, frozenset()))
    ]


def _adjugate_of(x: Node, in_code: bool) -> str:
    name = short_text(x)
    code = ", as the NumPy code does (evaluate() refuses it)" if in_code else ""
    product = f"det({name}) inv({name})"
    return (
        f"the derivative of det({name}) is written for an invertible {name}; a singular one needs adj({name}) for {product}{code}"
    )
