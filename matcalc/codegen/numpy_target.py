"""NumPy source of one function: the value and all derivatives in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.codegen.algebra import Algebra
from matcalc.codegen.document import WIDTH, Doc, Entry, array_type, docstring, formula
from matcalc.codegen.helpers import HELPERS
from matcalc.codegen.ir import Node, Ref, Val
from matcalc.codegen.kernels import Kernels
from matcalc.codegen.lowering import Lowering
from matcalc.codegen.names import Names
from matcalc.codegen.operators import RULES
from matcalc.codegen.plan import Plan
from matcalc.codegen.positive import is_positive_definite
from matcalc.codegen.printing import ATOM
from matcalc.codegen.sizes import Parameter
from matcalc.codegen.writing import FREE, INDENT, Body
from matcalc.dims import Dim
from matcalc.expr import Expr, shape_of

SEEN_THROUGH = ("T", "col", "diagv", "reshape", "vec")  # may share memory with their argument


def numpy_source(
    value: Expr,
    results: Sequence[tuple[str, Expr]],
    symbols: Sequence[Expr],
    waypoints: Sequence[tuple[str, Expr]],
    functions: Sequence[str],
    name: str,
    doc: Doc,
    assume: Mapping[str, frozenset[str]] | None = None,
    ties: Sequence[tuple[Dim, Dim]] = (),
) -> str:
    """Source of ``name(*symbols, *functions)``, which returns the value and the result or the tuple of results.

    ``results`` and ``waypoints`` are (name, expression): by which variable it is, and what an intermediate
    value is called. ``assume`` holds declared properties of variables, of which spd and symmetric are used;
    ``ties`` equations between sizes.
    """
    algebra = Algebra(assume)
    expressions = [value, *[e for _, e in results]]
    lowering = Lowering(algebra, RULES, expressions, [e for _, e in waypoints])
    algebra.guarding = True
    refs = [algebra.ref(lowering.vals[e]) for e in expressions]
    named = {algebra.ref(lowering.vals[e]).node for _, e in waypoints if e in lowering.vals}
    plan = Plan(algebra, [r.node for r in refs], named)
    sig = signature(value, results, symbols, functions)
    kernels = [
        plan.full(_turned(plan.done[r.node], r.flip), shape_of(e.type))
        for r, e in zip(refs, expressions, strict=True)
    ]
    hints = _hints(plan, lowering, waypoints)
    spd = {plan.done[n].node for n in plan.order if len(n.shape) == 2 and is_positive_definite(algebra, n)}
    body = Body(plan.k, sig.names, sig.parameters, sig.functions, hints, spd, ties)
    _name_results(plan.k, kernels, [n for n, _ in results], hints, sig, PREFIX.get(doc.kind, "d"))
    body.write(kernels[0], kernels[1:])
    returned = _returned(plan.k, body, kernels)
    return assembled(sig, body, returned, name, doc, expressions, [n for n, _ in results], waypoints)


def _turned(r: Ref, flip: bool) -> Ref:
    return Ref(r.node, r.flip != flip)


def _hints(plan: Plan, lowering: Lowering, waypoints: Sequence[tuple[str, Expr]]) -> dict[Node, str]:
    """The names that intermediate values have in the derivation."""
    hints: dict[Node, str] = {}
    for name, e in waypoints:
        v = lowering.vals.get(e)
        kernel = _kernel(plan, v) if v is not None else None
        if kernel is not None and kernel.op not in FREE:
            hints.setdefault(kernel, name)
    return hints


def _kernel(plan: Plan, v: Val) -> Node | None:
    r = plan.algebra.ref(v)
    done = plan.done.get(r.node)
    if done is not None:
        return done.node if done.flip == r.flip else None
    found = (
        plan.products.lookup(v.chain)
        if len(v.chain) > 1 and v == Val(v.coef, chain=v.chain) and v.coef == 1
        else None
    )
    return None if found is None or found.flip else found.node


def _name_results(
    k: Kernels,
    kernels: Sequence[Ref],
    wrt: Sequence[str],
    hints: dict[Node, str],
    sig: Signature,
    prefix: str,
) -> None:
    """grad_W for what is nothing but a result."""
    from matcalc.codegen.ir import count_uses

    roots = [k.explicit(r) for r in kernels]
    uses = count_uses(roots)
    for node, name in zip(roots[1:], wrt, strict=True):
        if uses[node] == 1 and node.op not in FREE and node not in hints:
            parameter = sig.parameters.get(name)
            hints[node] = f"{prefix}_{parameter.name if parameter else name}"


def _returned(k: Kernels, body: Body, kernels: Sequence[Ref]) -> list[str]:
    """What the function returns; never an argument itself, and no array twice."""
    seen: set[Node] = set()
    out = []
    for i, r in enumerate(kernels):
        node = k.explicit(r)
        text = body.text(node)
        base = node
        while base.op in SEEN_THROUGH:
            base = base.args[0]
        shared = base.op == "sym" or base in seen or node.op == "diagv"
        seen.add(base)
        if node.op == "num":
            out.append(repr(float(node.attr)))
            continue
        out.append(
            f"{text.at(ATOM)}.copy()" if shared and node.shape and (i or base.op == "sym") else text.code
        )
    return out
