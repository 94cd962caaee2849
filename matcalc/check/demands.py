"""What must hold of a derivation wherever it is evaluated."""

from __future__ import annotations

from collections.abc import Callable

from matcalc.check.judged import Trace
from matcalc.expr import dims, size_equations
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import shape_of


def require_shapes(trace: Trace) -> None:
    """A result of the wrong shape is wrong even where it is zero. Raises ``CheckError``."""
    problem, results = trace.problem, trace.results
    out, types = problem.output.shape, problem.types
    for r in results:
        names = [n.strip() for n in r.wrt.split(",")]
        shapes = [shape_of(types[n]) for n in names if n in types]
        if r.part or r.kind == "differential" or len(shapes) != len(names):
            continue
        first = shapes[0]
        wanted = {"gradient": first, "hvp": first, "jacobian": (*out, *first), "hessian": first + first,
                  "mixed": first + shapes[-1]}[r.kind]  # fmt: skip
        got, both = r.expr.shape, (wanted,) if r.layout == "shape" else (wanted, wanted[::-1])
        if got not in both and not any(size_equations.agree(got, w, problem.ties) for w in both):
            shown = [f"[{'×'.join([dims.text(d, '·') for d in shape])}]" for shape in (got, wanted)]
            raise CheckError(f"the result has the shape {shown[0]} and should have {shown[1]}; it is not shown",
                             hint="this is a defect in matcalc; please report it")  # fmt: skip


DEMANDS: tuple[Callable[[Trace], None], ...] = (
    require_shapes,
)  # fmt: skip
