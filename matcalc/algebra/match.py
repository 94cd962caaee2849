"""Matching the left side of a rule row, and instantiating its right side for the kinds at hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matcalc.algebra.index.index_form import einsum_type
from matcalc.expr import dims, nodes, slices
from matcalc.expr.nodes import Expr, make, sym, transpose
from matcalc.expr.slices import INDEXED, PLACED
from matcalc.expr.table import TABLE, Type

JOINS = frozenset(("add", "sub", "vcat", "hcat"))  # linear in all operands together
LIKE = "#like"  # how a match calls what a fill is shaped like, and where an index stands


def variables(root: Expr) -> list[Expr]:
    return [n for n in nodes.postorder((root,)) if n.op == "sym"]


def stand_in(variable: Expr) -> bool:
    """Whether a bound variable says only what a result is shaped like, or where an index stands."""
    return str(variable.attr).startswith(LIKE)


def contains(root: Expr, leaf: Expr) -> bool:
    return any(n is leaf for n in nodes.postorder((root,)))


def paths(root: Expr, leaf: Expr) -> Iterator[list[Expr]]:
    """Every way from the root down to the leaf."""
    if root is leaf:
        yield [root]
    for a in dict.fromkeys(root.args):
        for rest in paths(a, leaf):
            yield [root, *rest]


def leads_on(node: Expr, target: Expr, path: list[Expr], others: list[Expr]) -> bool:
    """Whether ``target`` is where the path goes on. The terms of a sum each have a path of their own;
    in every other operator only one operand holds the differential."""
    if node.op in JOINS:
        return path[path.index(node) + 1] is target
    return target in path and not any(contains(e, path[-1]) for e in others)


def fits(variable: Expr, actual: Expr) -> bool:
    """A matrix variable takes any kind; scalar, column and row variables only their own."""
    return variable.type[0] in ("m", actual.type[0])


def match(pattern: Expr, node: Expr, bound: dict[Expr, Expr], exact: bool = False) -> bool:
    """Bind the variables of ``pattern`` so that it becomes ``node``."""
    if pattern.op == "sym":
        if pattern in bound:
            return bound[pattern] is node
        if pattern.type[0] != node.type[0] and (exact or pattern.type[0] != "m"):
            return False
        bound[pattern] = node
        return True
    if pattern.op == "T" and node.op != "T" and node.type[0] == pattern.type[0] == "r":
        return match(pattern.args[0], transpose(node), bound, exact)
    if pattern.op == "fill" and node.type[0] == "s":
        return match(pattern.args[0], node, bound, exact)
    if pattern.op != node.op or len(pattern.args) != len(node.args):
        return False
    if pattern.op in ("num", "const"):
        return bool(pattern.attr == node.attr)
    if pattern.op in INDEXED:
        bound.update(indices(pattern, node))
    if pattern.op in ("fill", "unvec"):
        like = bound.setdefault(sym(LIKE, pattern.type), node)
        if like.type[0] != node.type[0] or (pattern.type[0] not in ("m", node.type[0])):
            return False
    return all(match(p, a, bound, exact) for p, a in zip(pattern.args, node.args, strict=True))


def indices(pattern: Expr, node: Expr) -> dict[Expr, Expr]:
    """What the indices in a pattern are in a node: symbols whose sizes they are, so that the sizes follow from them."""
    return {
        sym(f"{LIKE}{k}", Type("c", wanted, 1)): sym(f"{LIKE}{k}", Type("c", found, 1))
        for k, (wanted, found) in enumerate(zip(pattern.attr, node.attr, strict=True))
    }


class Unfit(KeyError):
    """A row about matrices that does not apply to what it was matched with: an operator that has no such operand."""


def instantiate(pattern: Expr, bound: dict[Expr, Expr], target: Type | None) -> Expr:
    """The pattern on actual arguments, every product resolved anew for their kinds. Raises ``Unfit``."""
    sizes = size_map(bound)
    done: dict[Expr, Expr] = {}
    for node in nodes.postorder((pattern,)):
        done[node] = bound[node] if node in bound else _instance(node, [done[a] for a in node.args], bound, sizes, target)
    return done[pattern]


def size_map(bound: dict[Expr, Expr]) -> dict[Any, Any]:
    out: dict[Any, Any] = {1: 1}
    for variable, actual in bound.items():
        for s, t in zip(variable.type[1:], actual.type[1:], strict=True):
            if isinstance(s, str):
                out.setdefault(s, t)
    return out


def _instance(node: Expr, args: list[Expr], bound: dict[Expr, Expr], sizes: dict[Any, Any], target: Type | None) -> Expr:
    op = node.op
    if op == "einsum":
        return make("einsum", tuple(args), node.attr, einsum_type(node.attr, [a.type for a in args]))
    if op == "unvec":
        like = [e.type for v, e in bound.items() if v.type == node.type]
        return make("unvec", tuple(args), None, like[0] if like else target)
    if op == "fill":
        like = [e.type for v, e in bound.items() if v.type == node.type]
        kind, rows, cols = node.type
        own = Type(kind, sizes[rows], sizes[cols]) if not like and target is None else target
        return nodes.fill(args[0], like[0] if like else own)  # type: ignore[arg-type]
    if op in ("matmul", "scale"):
        return nodes.times(*args)
    if op in ("hadamard", "inner"):
        return nodes.hadamard(*args) if op == "hadamard" else inner(*args)
    if op == "T":
        return transpose(args[0])
    if op in ("sum", "tr") and args[0].type[0] == "s":
        return args[0]
    if op in ("eye", "ones", "zeros", "dim"):
        return _leaf(node, sizes)
    if op in PLACED:
        own = Type("c", dims.substitute(node.type.rows, sizes), 1) if op == "unit" else node.type
        return slices.placed(op, tuple(args), slices.renamed(node.attr, sizes), own)
    if op in ("num", "const", "sym"):
        return node
    if op == "hdiv" and args[1].type[0] == "s":
        return make("div", tuple(args))
    if op in ("add", "sub", "hdiv", "max2", "min2", "huber2", "epow") and args[0].type != args[1].type:
        args = _level(args)
    if args and "".join([a.type[0] for a in args]) not in TABLE[op].alternatives:
        raise Unfit(op)
    return make(op, tuple(args), node.attr)


def _level(args: list[Expr]) -> list[Expr]:
    """A fill beside something takes its shape."""
    a, b = args
    if a.op == "fill" or a.type[0] == "s":
        return [nodes.fill(a.args[0] if a.op == "fill" else a, b.type), b]
    if b.op == "fill" or b.type[0] == "s":
        return [a, nodes.fill(b.args[0] if b.op == "fill" else b, a.type)]
    return args


def _leaf(node: Expr, sizes: dict[Any, Any]) -> Expr:
    kind, rows, cols = node.type
    if node.op == "dim":
        return nodes.dimension(sizes[node.attr])
    rows, cols = sizes[rows], sizes[cols]
    if kind == "m" and node.op != "eye" and cols == 1:
        kind = "c"
    return make(node.op, (), None, Type(kind, rows, cols))


def inner(a: Expr, b: Expr) -> Expr:
    """⟨a, b⟩ as people write it for this kind."""
    if a.type[0] == "s":
        return nodes.times(a, b)
    if a.type[0] == "c":
        return make("matmul", (transpose(a), b))
    if a.type[0] == "r":
        return make("matmul", (a, transpose(b)))
    return make("sum", (make("hadamard", (a, b)),))
