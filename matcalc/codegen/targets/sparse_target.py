"""NumPy source whose gradients by looked-up matrices are pairs: which rows move, and by what."""

from __future__ import annotations

from matcalc.codegen.ir.graph import Node
from matcalc.codegen.plan.kernel_nodes import Kernels
from matcalc.codegen.plan.sparse_rows import sparse
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets.assembly import assembled
from matcalc.codegen.targets.numpy_target import written
from matcalc.expr.errors import UsageError

UPDATE = "add_rows"
PAIR = "the rows that move, and what they are: {0}({1}, *{2}) adds them in place"


def source(task: Task) -> str:
    """As ``numpy_target.source``; a gradient of which only looked-up rows are not 0 is a pair (integers, rows).

    Raises ``UsageError`` where no gradient is such.
    """
    found: list[Node] = []

    def pairs(k: Kernels, node: Node) -> tuple[Node, Node] | None:
        pair = sparse(k, node) if node.shape else None
        found.extend(pair or ())
        return pair

    made = written(task, pairs)
    if not found:
        asked = ", ".join(n for n, _ in task.results)
        raise UsageError(f"no gradient is sparse: any row may move in the results for {asked}",
                         hint="take --code numpy; sparse are those by L where only rows are used, L[i,:] or L[3,:]")  # fmt: skip
    made.body.helper(UPDATE)
    parameters = {f"grad_{p.name}": p.name for p in made.sig.parameters.values()}
    entries = [
        e._replace(text=[*e.text, PAIR.format(UPDATE, parameters.get(e.name, "a"), e.name)]) if " and " in e.type else e
        for e in made.entries
    ]
    return assembled(made.sig, made.body, made.returned, task.name, task.doc, entries)
