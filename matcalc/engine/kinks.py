"""Notices of where an expression is not differentiable, and what its derivative is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache

from matcalc.algebra.book import book
from matcalc.algebra.roots import SPREAD, THROUGH_0, Roots, roots_with
from matcalc.engine.derivation import Trace
from matcalc.expr.errors import UsageError
from matcalc.expr.groups import CHOICES, POWERS
from matcalc.expr.nodes import Expr as Node
from matcalc.expr.nodes import fill, is_zero, make, postorder, written_size, zeros
from matcalc.expr.own_operators import Own, written_out
from matcalc.expr.table import CALLS, SYNONYMS, TABLE, Type
from matcalc.notation.meaning.problem import Problem, Scalar
from matcalc.notation.write.render import TEXT, render

ROOTS = frozenset(("norm2", "sqrt", "cbrt", "pow", "hpow"))
ROOT = "a root"  # below a line, or what became of one
FIRST = frozenset(("gradient", "jacobian", "differential"))
PRODUCTS = frozenset(("hadamard", "scale"))
BENT = {"huber2": "an argument is as large as the threshold"}  # the other operators with a branch have theirs at 0
ZERO_THERE = frozenset(("abs", "relu", "norm1"))  # where these have a kink they are 0, or have an entry that is
STEPS = frozenset([op.name for op in TABLE.values() if op.elementwise and op.jumps])
STILL = SPREAD | {"abs"}  # 0 where the argument is, and only there
VANISHING = STILL | (THROUGH_0 - STEPS)  # 0 where the argument is, and continuous there


@cache
def _jumps(op: str) -> frozenset[str]:
    """What jumps in the derivative of an operator where it has a kink, by its row: ``sign`` for ``abs``."""
    if not TABLE[op].kink:
        return frozenset((ROOT,))
    right = book().about("differential", op)[-1].sides[1]
    return frozenset(n.op for n in postorder((right,)) if n.args and not book().about("adjoint", n.op)) - {op}


def kinks(
    problem: Problem,
    trace: Trace,
    wrt: Sequence[str],
    given: Mapping[str, object],
    properties: Mapping[str, frozenset[str]],
) -> list[str]:
    """A notice for each operator that is not differentiable everywhere, on the way to a variable.

    Those inside the functions of the input, and functions that are ``given`` by their names, are on the way too. One
    whose derivative does not jump any more has no notice: the square of a norm, or of ``abs(x)``.
    """
    problem = _with_formulas(problem)
    found: dict[tuple[str, str], str] = {}
    inside = {f: _kinks_of(f, problem, given) for f in (*problem.functions, *problem.scalars)}
    kinked = any(TABLE[op].kink for op in problem.ops) or any(inside.values())
    first = kinked and all(r.kind in FIRST for r in trace.results)
    written = _written_out([r.expr for r in trace.results], problem.scalars) if first else []
    left = _jumping(written)
    left |= {ROOT} if Roots().below(written) or left & STEPS else set()
    value = _jumping(_written_out([problem.output], problem.scalars)) & STEPS if first else set()
    for node in moving((problem.output,), wrt) if kinked else ():
        if node.op == "fn":
            own = first and node.attr[0] in problem.scalars
            still = {k for k in inside[node.attr[0]] if not own or k[1] in value or left & (_jumps(k[1]) or {k[1]})}
            found.update((k, kink) for k, kink in inside[node.attr[0]].items() if k in still)
        elif TABLE[node.op].kink and node.op != "norm2" and not (first and _jumps(node.op) and _jumps(node.op).isdisjoint(left)):
            found["", node.op] = TABLE[node.op].kink
    said = _bends(problem, trace, wrt)
    without = _without_value(problem, trace, roots_with(properties), {where for where, _ in found}) if found else {}
    said += [f"{TABLE[op].plain}{where} is not differentiable where {_with(kink, without.get((where, op), ()))}"
            for (where, op), kink in found.items()]  # fmt: skip
    return said + (_kinks_of_roots(problem, trace, roots_with(properties)) if problem.ops & ROOTS else [])


def _with_formulas(problem: Problem) -> Problem:
    """The problem with the operators that a file of rules defines as their formulas, where there are some."""
    if not any(isinstance(op, Own) for op in problem.ops):
        return problem
    (output,) = written_out((problem.output,))
    return problem._replace(output=output, ops=frozenset(n.op for n in postorder((output,))))


def _bends(problem: Problem, trace: Trace, wrt: Sequence[str]) -> list[str]:
    """A notice for each operator that has a first derivative everywhere and, where it changes its branch, no second one."""
    if all(r.kind in FIRST for r in trace.results):
        return []
    from matcalc.numeric.branches import DISTANCES

    bent = dict.fromkeys(n.op for n in moving((problem.output,), wrt) if n.op in DISTANCES and not TABLE[n.op].kink)
    return [f"{TABLE[op].plain} has no second derivative where {BENT.get(op, 'an argument is 0')}" for op in bent]


def _written_out(roots: Sequence[Node], scalars: Mapping[str, Scalar]) -> list[Node]:
    """The same expressions with the bodies of the input's own functions in their place."""
    if not scalars:
        return [*roots]
    done: dict[Node, Node] = {}
    for node in postorder(roots):
        args = tuple([done[a] for a in node.args])
        own = scalars.get(node.attr[0]) if node.op == "fn" else None
        if own is not None:
            (body,) = _written_out([own.bodies[node.attr[1]]], scalars)
            done[node] = _of_each_entry(body, own.parameter, args[0])
        else:
            done[node] = node if args == node.args else make(node.op, args, node.attr, node.type)
    return [done[r] for r in roots]


def _of_each_entry(body: Node, parameter: Node, argument: Node) -> Node:
    """A formula of one number, of each entry of the argument."""
    done = {parameter: argument}
    for node in postorder((body,)):
        if node not in done:
            args = [done[a] for a in node.args]
            arrays = [a.type.kind != "s" for a in args]
            if any(arrays) and len(args) == 2:
                op = {"scale": "hadamard", "div": "hdiv", "pow": "hpow" if not arrays[1] else "epow"}.get(node.op, node.op)
                kept = 1 if op == "hpow" else None  # an exponent that is a number stays one
                args = [a if a.type.kind != "s" or i == kept else _spread(a, argument.type) for i, a in enumerate(args)]
                done[node] = make(op, tuple(args), node.attr)
            else:
                done[node] = node if tuple(args) == node.args else make(node.op, tuple(args), node.attr)
    return done[body]


def _spread(number: Node, t: Type) -> Node:
    return zeros(t) if is_zero(number) else fill(number, t)


def _jumping(roots: Sequence[Node]) -> set[str]:
    """The operators below ``roots``, without sign(z) and step(z) where another factor is 0 when z is: sign(z) |z| is z."""
    nodes = postorder(roots)
    inside = {a for n in nodes if n.op in PRODUCTS for a in n.args if a.op in PRODUCTS}
    found = {n.op for n in nodes if n.op not in STEPS} | {n.op for n in roots}
    for n in nodes:
        factors = n.args if n.op not in PRODUCTS else () if n in inside else _factors(n)
        vanishing = {e for f in factors if f.op not in STEPS for e in _below(f, VANISHING)} if n.op in PRODUCTS else set()
        found |= {f.op for f in factors if f.op in STEPS and vanishing.isdisjoint(_below(f.args[0], STILL))}
    return found


def _factors(product: Node) -> list[Node]:
    """Those of an entrywise product, each once."""
    seen, stack = {product}, [product]
    while stack:
        for a in stack.pop().args:
            if a not in seen:
                seen.add(a)
                stack += [a] if a.op in PRODUCTS else []
    return [n for n in seen if n.op not in PRODUCTS]


def _below(e: Node, ops: frozenset[str]) -> Iterator[Node]:
    """``e`` and what is inside operators of which each entry is 0 where that of the argument is."""
    yield e
    while True:
        if e.op in ops or (e.op in POWERS and e.args[1].op == "num" and e.args[1].attr > 0):
            e = e.args[0]
        elif e.op in CHOICES and "relu" in ops and any(map(is_zero, e.args)):
            e = e.args[is_zero(e.args[0])]
        else:
            return
        yield e


def moving(roots: Sequence[Node], wrt: Sequence[str]) -> Iterator[Node]:
    """The operators below ``roots`` that depend on a variable."""
    found: set[Node] = set()
    for node in postorder(roots):
        if (node.op == "sym" and node.attr in wrt) or any(a in found for a in node.args):
            found.add(node)
            if node.args:
                yield node


def _kinks_of(name: str, problem: Problem, given: Mapping[str, object]) -> dict[tuple[str, str], str]:
    """The kinks of a function: those of the operators in its body, or of the operator that it is."""
    scalars = problem.scalars
    if name not in scalars:
        op = CALLS.get(SYNONYMS.get(str(given.get(name)), str(given.get(name))), (TABLE["fn"],))[0]
        return {(f" (for {name})", op.name): op.kink} if op.kink and op.elementwise else {}
    found: dict[tuple[str, str], str] = {}
    todo, seen = [name], {name}
    while todo:
        scalar = scalars[todo.pop()]
        for node in moving([scalar.bodies[0]], (str(scalar.parameter.attr),)):
            if TABLE[node.op].kink or Roots().is_root(node):
                found[f" in {name}", node.op] = TABLE[node.op].kink or "its argument is 0"
            inner = node.attr[0] if node.op == "fn" else ""
            if inner in scalars and inner not in seen:
                seen.add(inner)
                todo.append(inner)
    return found


def _without_value(problem: Problem, trace: Trace, roots: Roots, places: set[str]) -> dict[tuple[str, str], list[str]]:
    """What has no value where an operator is 0 at its kink, for each kind of operator: then nothing counts there."""
    found: dict[tuple[str, str], list[str]] = {}
    inside = {f" in {f}": scalar.bodies.known[:2] for f, scalar in problem.scalars.items() if f" in {f}" in places}
    bodies = {where: [body.formula for body in known] for where, known in inside.items()}
    for where, (value, *results) in {"": [problem.output, *(r.expr for r in trace.results)], **bodies}.items():
        forbidden = roots.undefined(value)
        left = {p for e in results for p in roots.poles(roots.apart(e, forbidden)[0])}
        for node in postorder((value,)):
            if node.op in ZERO_THERE and (node in forbidden or node in left):
                found.setdefault((where, node.op), []).append(UNDEFINED if node in forbidden else OPEN)
    return found


def _with(kink: str, without: Collection[str]) -> str:
    """The place of a kink and what counts there, but for where there is no value."""
    return f"{kink[:-1]}; but where {'; but where '.join(sorted(set(without)))})" if without else kink


PARTS = {"rowsum": "row", "colsum": "column"}
SHORT = 40  # nodes as written
COUNTED = "0/0 counts as 0 there in a derivative"
OPEN = "the formula of the derivative has no value there"
UNDEFINED = "the expression itself divides by it or takes its logarithm: no value there"
POLE = "the expression itself divides by it: no value there"


def _kinks_of_roots(problem: Problem, trace: Trace, roots: Roots) -> list[str]:
    """A notice for each kind of root that a derivative divides by, with what counts where it is 0."""
    results = [r.expr for r in trace.results]
    found = roots.below(results)
    forbidden = roots.poles(problem.output)
    divisors = roots.others_below(results)
    powers = [e for e in divisors if e.op != "sqnorm"]
    divisors = powers if found or powers else [e for e in divisors if e not in forbidden]
    others = [
        f"the derivative divides by {said} and has no value where that is 0" for said in dict.fromkeys(map(short_text, divisors))
    ]
    left = {p for e in results for p in roots.poles(roots.apart(e, forbidden)[0])}
    where: dict[tuple[str, str], set[str]] = {}
    for root in found:
        there = POLE if not roots.is_free(root, forbidden) else COUNTED if left.isdisjoint(roots.vanishing(root)) else OPEN
        where.setdefault(_where_zero(root), set()).add(there)
    return [
        f"{what} is not differentiable where {zero} ({'; but where '.join(t for t in (COUNTED, OPEN, POLE) if t in there)})"
        for (what, zero), there in sorted(where.items())
    ] + others


def short_text(e: Node) -> str:
    """What is divided by; a long one by what it is, for written out it may be longer than any page."""
    return render(e, TEXT) if written_size(e) <= SHORT else f"a {TABLE[e.op].words} of what is not written out here"


def _where_zero(root: Node) -> tuple[str, str]:
    """What a root is called, and where it is 0."""
    if root.op == "norm2":
        return TABLE["norm2"].plain, TABLE["norm2"].kink
    below = [n.op for n in postorder((root,))]
    part = next((PARTS[op] for op in below if op in PARTS), None)
    if part is not None:
        return f"the norm of a {part}", f"the {part} is 0"
    return next(((f"sqrt({op})", TABLE[op].least) for op in below if op == "variance"), ("sqrt", "its argument is 0"))


AT_ZERO = frozenset(("binary", "one-hot", "one-hot-columns", "count"))  # properties by which entries are exactly 0


def refuse_at_kinks(
    problem: Problem,
    trace: Trace,
    wrt: Sequence[str],
    kind: str,
    properties: Mapping[str, frozenset[str]],
    given: Mapping[str, object],
) -> None:
    """Where a line of a second derivative is false: is it because the points that are asked for are kinks?
    Raises ``UsageError`` if so."""
    for name in wrt if kind in ("hessian", "hvp", "mixed") else ():
        said = sorted(properties.get(name, frozenset()) & AT_ZERO)
        found = kinks(problem, trace, [name], given, properties) if said else []
        if found:
            raise UsageError(
                f"'{name}' is declared {said[0]}, so entries of it are 0, and there may be no second derivative there: {found[0]}",
                hint="drop the property, or ask for the gradient",
            )
