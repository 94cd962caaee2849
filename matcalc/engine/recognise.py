"""Compositions recognised before differentiating: log(softmax(x)), log(1 + exp(x)), log(det(X)) …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from matcalc.algebra.index.lifting import matrix_form
from matcalc.algebra.pullbacks import Compiler
from matcalc.algebra.rewriting import Use, carried_out, rewritten, taken_inside
from matcalc.engine.derivation import Formula, Step
from matcalc.expr.nodes import Expr, make, postorder
from matcalc.notation.meaning.problem import Problem

HEADS = frozenset(
    ("div", "hdiv", "hadamard", "log", "log1p", "sum", "tr", "logdet")
)  # heads of the left sides of the rewrite rows (a test compares)
INDICES = "sum-over-indices"
PICKED = "picked-row-of-product"
Named = tuple[tuple[str, Expr], ...]


def recognise(
    compiler: Compiler, problem: Problem, moving: set[Expr], properties: Mapping[str, frozenset[str]]
) -> tuple[Expr, Named, tuple[Step, ...]]:
    """The computation rewritten, and a step for each use: by the rewrite rows where a variable is involved, and sums over
    indices that are products of matrices. What is one-hot picks the same when it does not move."""
    output, definitions = problem.output, problem.definitions
    if not (HEADS | {"einsum"}) & problem.ops:
        return output, definitions, ()
    still = {n: p for n, p in properties.items() if all(n != v.attr for v in moving)}
    labels = any("one-hot" in held for held in still.values())
    picked = _picked(compiler, postorder((output, *(e for _, e in definitions))), still) if labels else []
    output, definitions = carried_out(output, picked), tuple((n, carried_out(e, picked)) for n, e in definitions)
    output, definitions, steps = _by_rows(compiler, output, definitions, moving, still)
    return output, definitions, (*(_line(compiler, use) for use in picked), *steps)


def _by_rows(
    compiler: Compiler, output: Expr, definitions: Named, moving: set[Expr], still: Mapping[str, frozenset[str]]
) -> tuple[Expr, Named, list[Step]]:
    """Node by node, the innermost first."""
    heads = HEADS | {"einsum"}
    steps: list[Step] = []
    moved: list[Use] = []  # what stands below a logarithm, and perhaps elsewhere
    done: dict[Expr, Expr] = {}
    live: set[Expr] = set()
    for node in postorder((output, *(e for _, e in definitions))):
        args = tuple([done[a] for a in node.args])
        new = node if args == node.args else make(node.op, args, node.attr, node.type)
        if node in moving or any(a in live for a in node.args):
            live.add(node)
        if new.op in heads and (node in live or new.op == "einsum"):
            uses = _uses(compiler, new, still) if new.op != "einsum" else _without_indices(compiler, new)
            steps += [_line(compiler, use) for use in uses]
            moved += [u for u in uses if u.row.group == "inward" and u.left.op != "log"]
            new = carried_out(new, uses)
        done[node] = new
    found = [carried_out(done[e], moved) for e in (output, *(e for _, e in definitions))]
    return found[0], tuple((n, e) for (n, _), e in zip(definitions, found[1:], strict=True)), steps


def _line(compiler: Compiler, use: Use) -> Step:
    return Step("rewrite", use.row.name, compiler.book.source(use.row), Formula(use.left), Formula(use.right))


def _picked(compiler: Compiler, nodes: Sequence[Expr], properties: Mapping[str, frozenset[str]]) -> list[Use]:
    """Where the products of a vector with all rows stand too, the one with the row that a label picks is one of them."""
    known, row = set(nodes), compiler.book.rows()[PICKED]
    uses = []
    for node in nodes:
        found = rewritten((row,), node, properties) if node.op == "matmul" else None
        if found is not None and found[1].args[1] in known:
            uses.append(Use(row, node, found[1]))
    return uses


def _uses(compiler: Compiler, node: Expr, properties: Mapping[str, frozenset[str]]) -> Sequence[Use]:
    """The uses of rows by which a node is rewritten."""
    found = _better(compiler, node)
    if not found and node.op == "log":
        found = taken_inside(compiler.book.groups["inward"], node, properties, partial(_better, compiler))
    return found or ()


def _better(compiler: Compiler, node: Expr) -> Sequence[Use] | None:
    """The use of a rewrite row, for the argument as it is rewritten; nothing where code has a stable form, which is no step."""
    book = compiler.book
    found = rewritten(book.headed("rewrite", node.op), node)
    if found is not None:
        return [Use(found[0], node, found[1])]
    if node.op == "log":
        inner = rewritten(book.headed("rewrite", node.args[0].op), node.args[0])
        if inner is not None:
            use = Use(inner[0], node.args[0], inner[1])
            found_then = _better(compiler, make("log", (inner[1],)))
            return None if found_then is None else [use, *found_then]
        if rewritten([r for r in book.headed("stable", "log") if r.holds_always], node) is not None:
            return []
    return None


def _without_indices(compiler: Compiler, node: Expr) -> Sequence[Use]:
    form = matrix_form(node)
    return () if form is None else [Use(compiler.book.rows()[INDICES], node, form)]
