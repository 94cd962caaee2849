"""From text and declarations to a problem, and from a problem to numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from matcalc import dims
from matcalc.declarations import NOTATIONS, by_ascii_names, declared_types, one_of, read_slices
from matcalc.derivation import Step, Trace
from matcalc.dims import Dim
from matcalc.errors import ShapeError
from matcalc.expr import Expr as Node
from matcalc.expr import postorder
from matcalc.kinks import moving
from matcalc.notation.characters import require_name
from matcalc.notation.definitions import read_all
from matcalc.notation.printer import TEXT, render
from matcalc.notation.problem import Problem
from matcalc.notation.resolve import resolve
from matcalc.notation.stated import taken_in
from matcalc.notation.statements import Names, looks_like_latex
from matcalc.ops import TABLE
from matcalc.roots import at_zeros


def read_problem(
    text: str,
    dims: Mapping[str, Sequence[Dim]] | None = None,
    notation: str | None = None,
    functions: Mapping[str, Any] | None = None,
    output: str | None = None,
    index: Mapping[str, str] | None = None,
    define: Sequence[str] = (),
    square: frozenset[str] = frozenset(),
    by_rules: Callable[[Node, Node], Node] | None = None,
    macros: Mapping[str, str] | None = None,
) -> Problem:
    """The text, understood. Raises ``ParseError``, ``AmbiguityError``, ``ShapeError``, ``UsageError``."""
    if notation is not None:
        one_of("notation", notation, NOTATIONS)
    declared = declared_types(dims or {})
    sizes = {a for shape in (dims or {}).values() for a in shape if isinstance(a, str)}
    known = frozenset(map(require_name, functions or ()))
    slices = read_slices(index or {})
    statements, source = read_all(text, define, Names({*declared, *sizes, *slices}, known, macros), notation)
    statements, stated = taken_in(statements, declared)
    latex = looks_like_latex(text) if notation is None else notation == "latex"
    problem = resolve(statements, source, declared, known, output, latex=latex, square=square, slices=slices, stated=stated)
    if problem.scalars:
        from matcalc.scalars import complete

        problem = complete(problem, functions or {}, by_rules)
    return problem


def own_functions(problem: Problem) -> dict[str, Any]:
    """The functions that the text defines, ready to evaluate."""
    if not problem.scalars:
        return {}
    from matcalc.scalars import tables

    return dict(tables(problem.scalars))


def definitions_in(node: Node, problem: Problem) -> tuple[str, ...]:
    """The input's definitions of the functions below ``node``, in plain notation."""
    if not problem.scalars:
        return ()
    from matcalc.scalars import definitions

    return definitions(node, problem.scalars)


def evaluate(
    node: Node,
    declared: Mapping[str, Any],
    arrays: Mapping[str, Any],
    functions: Mapping[str, Any] | None,
    ties: Iterable[tuple[Dim, Dim]] = (),
    derived_from: Node | None = None,
) -> Any:
    """The public value of a node. Raises ``UsageError`` or ``ShapeError`` for arrays that do not fit.

    ``ties`` are equations between sizes that hold in the expression. A node that is derived from another one has a value where
    a norm is 0 too (see ``roots``).
    """
    from matcalc import numeric
    from matcalc.expr import sym

    env, sizes = numeric.bind([sym(n, t) for n, t in declared.items()], by_ascii_names(arrays) or {})
    for a, b in ties:
        if sizes.keys() >= {str(atom) for atom in (*dims.atoms(a), *dims.atoms(b))} and dims.value(a, sizes) != dims.value(
            b, sizes
        ):
            one, two = (f"{dims.text(d, '·')} is {dims.value(d, sizes)}" for d in (a, b))
            raise ShapeError(f"the sizes do not fit: {one} and {two} in the arrays, and the expression needs them to be equal")
    table = {name: numeric.from_user(value, name) for name, value in (by_ascii_names(functions) or {}).items() if value is not None}
    (value,) = numeric.evaluate([node], env, sizes, table)
    if derived_from is not None:
        value = at_zeros(value, node, derived_from, env, sizes, table)
    return numeric.to_public(value.real, node.type)


def own_steps(problem: Problem, trace: Trace) -> tuple[Step, ...]:
    if not problem.scalars:
        return ()
    from matcalc.scalars import steps

    return steps(trace, problem.scalars)


def narrower(problem: Problem, trace: Trace) -> list[str]:
    """A notice where a derivative is written with what has no value at some points where the expression has one."""
    if not problem.ops & {"powm", "prod"}:
        return []
    results = {n.op for n in postorder([r.expr for r in trace.results])}
    found = []
    if "powm" in problem.ops and results & {"logm", "dlogm"}:
        found.append("the derivative of a power of a matrix is written with its logarithm: no eigenvalue may be zero or negative")
    if "prod" in problem.ops and "hdiv" in results:
        found.append("the derivative of prod(x) is written as prod(x) ./ x: no entry may be 0")
    return found


def other_layout(trace: Trace, layout: str) -> list[str]:
    """A notice for each derivative that does not stand in the layout that was asked for."""
    return [
        f"the derivative by {r.wrt} is not in {layout} layout: "
        + ("a mixed derivative has the axes of the first variable, then of the second" if r.kind == "mixed" else
           "with more than two axes, those of the output come before those of the variable")
        for r in trace.results if r.layout != layout
    ]  # fmt: skip


INVERTIBLE = frozenset(("spd", "invertible", "positive-det", "near-identity", "orthogonal"))
PRODUCTS = frozenset(("sym", "num", "dim", "neg", "scale", "matmul", "T", "det", "inv"))


def singular(problem: Problem, trace: Trace, assume: Mapping[str, frozenset[str]]) -> list[str]:
    """A notice for each determinant whose derivative stands with an inverse: det(X) X⁻¹ is adj(X), also of a singular X."""
    if "det" not in problem.ops:
        return []
    nodes = postorder([r.expr for r in trace.results])
    inverses = {n.args[0] for n in nodes if n.op == "inv"}
    value = postorder((problem.output,))
    needed = {n.args[0] for n in value if n.op in ("inv", "logdet")}
    needed |= {n.args[-1].args[0] for n in value if n.op in ("log", "div") and n.args[-1].op == "det"}
    return [
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
        for name in [render(x, TEXT)]
        if not (x.op == "sym" and INVERTIBLE & assume.get(x.attr, frozenset()))
    ]


def _adjugate_of(x: Node, in_code: bool) -> str:
    name = render(x, TEXT)
    code = ", as the NumPy code does" if in_code else ""
    product = f"det({name}) inv({name})"
    return (
        f"the derivative of det({name}) is written for an invertible {name}; a singular one needs adj({name}) for {product}{code}"
    )
