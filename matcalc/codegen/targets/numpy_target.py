"""NumPy source of one function: the value and all derivatives in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from matcalc.codegen.ir.entrywise_values import Algebra
from matcalc.codegen.ir.graph import Node, Ref, Val, count_uses
from matcalc.codegen.lower.lowered import Lowering
from matcalc.codegen.lower.lowering import lowered
from matcalc.codegen.lower.operators import RULES
from matcalc.codegen.lower.positive import is_positive_definite
from matcalc.codegen.lower.stable_forms import stable_forms
from matcalc.codegen.plan.body import FREE, Body
from matcalc.codegen.plan.gathers import without_one_hot
from matcalc.codegen.plan.kernel_nodes import Kernels
from matcalc.codegen.plan.ownership import owned
from matcalc.codegen.plan.planning import Plan
from matcalc.codegen.plan.rows_first import rows_first
from matcalc.codegen.products.document import Entry, array_type
from matcalc.codegen.products.signatures import Signature
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets.assembly import PREFIX, assembled, entries_of
from matcalc.codegen.targets.dialects import Dialect
from matcalc.codegen.targets.numpy_forms import PRINTERS
from matcalc.codegen.targets.printing import ARITHMETIC, Text, in_precision, is_bare
from matcalc.expr.nodes import Expr, shape_of
from matcalc.notation.lex.habits import RANKS

DIALECT = Dialect("numpy", PRINTERS, raw_functions=False)
FIRST = frozenset(("gradient", "jacobian", "differential", "pullback"))


class Written(NamedTuple):
    """What goes into a source: names, lines, what is returned, and what the docstring says of that."""

    sig: Signature
    body: Body
    returned: list[str]
    entries: list[Entry]
    roots: list[Node]  # of the value, then of the results


def source(task: Task, dialect: Dialect = DIALECT) -> str:
    """Source of the function, which returns the value and the result or a tuple of results."""
    task = dialect.fitting(task)
    made = written(task, dialect=dialect)
    return assembled(made.sig, made.body, made.returned, task.name, task.doc, made.entries)


def written(
    task: Task, pairs: Callable[[Kernels, Node], tuple[Node, Node] | None] | None = None, dialect: Dialect = DIALECT
) -> Written:
    """The lines that compute the value, and after them the results; those that ``pairs`` takes apart are two arrays each."""
    plan = planned(task, pairs)
    body = plan.body(task, plan.roots, dialect)
    texts = iter(returned_texts(body, plan.roots))
    returned = [_tuple([next(texts) for _ in part]) for part in plan.parts]
    return Written(body.sig, body, returned, plan.entries, plan.roots)


class Planned(NamedTuple):
    """What is computed, before it is written: the arrays of the value and of each result, and what they are called."""

    kernels: Kernels
    parts: Sequence[Sequence[Node]]
    hints: Mapping[Node, str]
    positive: set[Node]
    entries: list[Entry]

    @property
    def roots(self) -> list[Node]:
        """Of the value, then of the results."""
        return [node for part in self.parts for node in part]

    def body(self, task: Task, roots: Sequence[Node], dialect: Dialect) -> Body:
        """The lines that compute the roots, of which the first is the value."""
        body = Body(self.kernels, task.signature, self.hints, self.positive, task.ties, {task.doc.upstream}, dialect=dialect)
        body.write([Ref(node) for node in roots])
        return body


def planned(task: Task, pairs: Callable[[Kernels, Node], tuple[Node, Node] | None] | None = None) -> Planned:
    """The arrays that a task computes, each once, in stable forms; the derivatives alone where that is asked for."""
    value, results, doc, sig = task.value, task.results, task.doc, task.signature
    found = stable_forms([value, *[e for _, e in results], *[e for _, e in task.waypoints]], task.assume)
    expressions, named_forms = found[doc.alone : len(results) + 1], found[len(results) + 1 :]
    waypoints = [*zip([n for n, _ in task.waypoints], named_forms, strict=True)]
    algebra = Algebra(task.assume, doc.kind in FIRST)
    lowering = lowered(algebra, RULES, expressions, [e for _, e in waypoints])
    refs = [algebra.ref(lowering.vals[e]) for e in expressions]
    named = {algebra.ref(lowering.vals[e]).node for _, e in waypoints if e in lowering.vals}
    plan = Plan(algebra, [r.node for r in refs], named, () if task.labels else RANKS)  # words and classes are many
    kernels = [
        plan.full(Ref(plan.done[r.node].node, plan.done[r.node].flip != r.flip), shape_of(e.type))
        for r, e in zip(refs, expressions, strict=True)
    ]
    kernels, moved = without_one_hot(plan.k, kernels, task.labels)
    if pairs:
        kernels, moved = rows_first(plan.k, kernels, moved)
    prefixes = [PREFIX.get("gradient" if i < doc.gradients else doc.kind, "d") for i in range(len(results))]
    called = [sig.parameters[n].name if n in sig.parameters else n for n, _ in results]
    names = [f"{prefix}_{name}" for prefix, name in zip(prefixes, called, strict=True)]
    hints = {moved.get(node, node): name for node, name in _hints(plan, lowering, waypoints).items()}
    parts = [(pairs and pairs(plan.k, plan.k.explicit(r))) or (plan.k.explicit(r),) for r in kernels]
    roots = [node for part in parts for node in part]
    own = parts[len(parts) - len(names) :]
    _name_results(roots, [n for name, part in zip(names, own, strict=True) for n in _names_of(name, part)], hints)
    output = waypoints[-1][0] if waypoints and waypoints[-1][1].type == value.type else "value"
    types = [" of int and ".join(array_type(node.shape) for node in part) for part in parts]
    entries = entries_of([output, *names][doc.alone :], types, [doc.value, *doc.formulas][doc.alone :])
    return Planned(plan.k, parts, hints, {moved.get(node, node) for node in _positive(plan)}, entries)


def returned_texts(body: Body, roots: Sequence[Node]) -> list[str]:
    """The results: arrays of their own; of the library's also where they are numbers."""
    numbers = body.dialect.arrays_only
    found = owned(roots, [body.text(r) for r in roots], body.dialect.copied, numbers and not body.dialect.plain_numbers)
    bare = [numbers and is_bare(r) and r.op in ARITHMETIC for r in roots]
    return [in_precision(body, Text(code)).code if b else code for code, b in zip(found, bare, strict=True)]


def _names_of(name: str, part: Sequence[Node]) -> list[str]:
    return [name] if len(part) == 1 else [f"{name}_at", f"{name}_rows"]


def _tuple(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def _positive(plan: Plan) -> set[Node]:
    """Kernels of the matrices that can be factorised by Cholesky."""
    square = [n for n in plan.order if len(n.shape) == 2 and n.shape[0] == n.shape[1]]
    return {plan.done[n].node for n in square if is_positive_definite(plan.algebra, n)}


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
    found = plan.products.lookup(v.chain) if len(v.chain) > 1 and v == Val(v.coef, chain=v.chain) and v.coef == 1 else None
    return None if found is None or found.flip else found.node


def _name_results(roots: Sequence[Node], names: Sequence[str], hints: dict[Node, str]) -> None:
    """grad_W for what is nothing but a result."""
    uses = count_uses(roots)
    for node, name in zip(roots[len(roots) - len(names) :], names, strict=True):
        if uses[node] == 1 and node.op not in FREE:
            hints.setdefault(node, name)
