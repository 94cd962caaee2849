"""Functions that the text defines, as they are written: in plain notation, and as lines of a derivation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matcalc.engine.derivation import Check, Formula, Step, Trace
from matcalc.engine.own_functions.numbers import POINTS
from matcalc.expr.nodes import Expr, postorder
from matcalc.notation.meaning.problem import Scalar
from matcalc.notation.write.render import render


def in_use(roots: Iterable[Expr], scalars: Mapping[str, Scalar]) -> dict[str, int]:
    """The functions below ``roots`` and in the bodies of those, with the highest order of derivative."""
    found: dict[str, int] = {}
    todo = list(roots)
    while todo:
        for node in postorder((todo.pop(),)):
            name, order = node.attr if node.op == "fn" else ("", 0)
            if name in scalars:
                todo.extend(scalars[name].bodies[k] for k in range(found.get(name, -1) + 1, order + 1))
                found[name] = max(order, found.get(name, 0))
    return {name: found[name] for name in scalars if name in found}


def definitions(root: Expr, scalars: Mapping[str, Scalar]) -> tuple[str, ...]:
    """``sigma(z) = 1/(1 + exp(-z))`` for every function in use: what makes plain notation stand alone."""
    used = [scalars[name].bodies for name in in_use((root,), scalars)]
    return tuple(f"{render(bodies.applied(0))} = {render(bodies[0])}" for bodies in used)


def with_definitions(trace: Trace, scalars: Mapping[str, Scalar]) -> Trace:
    """The trace with results whose plain notation says what the functions in them are."""
    results = [r._replace(definitions=definitions(r.expr, scalars)) for r in trace.results]
    return trace._replace(results=tuple(results))


def steps(trace: Trace, scalars: Mapping[str, Scalar]) -> tuple[Step, ...]:
    """``σ(z) = …`` as given, and ``σ′(z) = …`` with its check, for what the lines and results hold."""
    lines = []
    used = in_use([s.rhs.expr for s in trace.steps] + [r.expr for r in trace.results], scalars)
    for name, top in used.items():
        bodies = scalars[name].bodies
        for order in range(top + 1):
            lhs, rhs = Formula(bodies.applied(order)), Formula(bodies[order])
            _, source, error = bodies.known[order]
            rule = "scalar-derivative" if order else "definition"
            check = Check(error, len(POINTS), "complex step")
            lines.append(Step("definition", rule, source, lhs, rhs, check=check))
    return tuple(lines)


__all__ = ["definitions", "in_use", "steps", "with_definitions"]
