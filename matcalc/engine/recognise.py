"""Compositions recognised before differentiating: log(softmax(x)), log(1 + exp(x)), log(det(X)) …"""

from __future__ import annotations

from matcalc.algebra.index.lifting import matrix_form
from matcalc.algebra.pullbacks import Compiler
from matcalc.algebra.rewriting import rewritten
from matcalc.algebra.rule import Rule
from matcalc.engine.derivation import Formula, Step
from matcalc.expr.nodes import Expr, make, postorder
from matcalc.notation.meaning.problem import Problem

HEADS = frozenset(("div", "hdiv", "hadamard", "log", "log1p"))  # heads of the left sides of the rewrite rows (a test compares)
INDICES = "sum-over-indices"


def recognise(
    compiler: Compiler, problem: Problem, moving: set[Expr]
) -> tuple[Expr, tuple[tuple[str, Expr], ...], tuple[Step, ...]]:
    """The computation rewritten, and a step for each use: by the rewrite rows where a variable is involved, and sums over
    indices that are products of matrices."""
    rows = compiler.book.groups["rewrite"]
    output, definitions = problem.output, problem.definitions
    heads = (HEADS | {"einsum"}) & problem.ops
    if not heads:
        return output, definitions, ()
    steps: list[Step] = []
    done: dict[Expr, Expr] = {}
    live: set[Expr] = set()
    for node in postorder((output, *(e for _, e in definitions))):
        args = tuple([done[a] for a in node.args])
        new = node if args == node.args else make(node.op, args, node.attr, node.type)
        if node in moving or any(a in live for a in node.args):
            live.add(node)
        if new.op in heads and (node in live or new.op == "einsum"):
            found = rewritten(rows, new) if new.op != "einsum" else _without_indices(compiler, new)
            if found is not None:
                row, better = found
                steps.append(Step("rewrite", row.name, compiler.book.source(row), Formula(new), Formula(better)))
                new = better
        done[node] = new
    return done[output], tuple((n, done[e]) for n, e in definitions), tuple(steps)


def _without_indices(compiler: Compiler, node: Expr) -> tuple[Rule, Expr] | None:
    form = matrix_form(node)
    return None if form is None else (compiler.book.rows()[INDICES], form)
