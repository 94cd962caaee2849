"""Matching the left side of a rule row, and instantiating its right side for the kinds at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from matcalc.algebra.index.index_form import einsum_type
from matcalc.expr import dims, nodes, slices
from matcalc.expr.dims import Dim
from matcalc.expr.groups import JOINTLY, PAIRWISE, SHAPED, SIZED
from matcalc.expr.nodes import Expr, make, sym, transpose
from matcalc.expr.slices import INDEXED, PLACED
from matcalc.expr.table import TABLE, Type

Bound = Mapping[Expr, Expr]
NOTHING: Bound = MappingProxyType({})
LIKE = "#like"  # how a match calls what a fill is shaped like, and where an index stands


def variables(root: Expr) -> list[Expr]:
    return [n for n in nodes.postorder((root,)) if n.op == "sym"]


def stand_in(variable: Expr) -> bool:
    """Whether a bound variable says only what a result is shaped like, or where an index stands."""
    return str(variable.attr).startswith(LIKE)


def without_stand_ins(bound: Bound) -> dict[Expr, Expr]:
    """What a match binds but for what results are shaped like: the variables, and where indices stand."""
    return {v: e for v, e in bound.items() if not stand_in(v) or str(v.attr)[len(LIKE) :].isdecimal()}


def contains(root: Expr, leaf: Expr) -> bool:
    return any(n is leaf for n in nodes.postorder((root,)))


def paths(root: Expr, leaf: Expr) -> Iterator[list[Expr]]:
    """Every way from the root down to the leaf."""
    if root is leaf:
        yield [root]
    for a in dict.fromkeys(root.args):
        for rest in paths(a, leaf):
            yield [root, *rest]


def leading_on(left: Expr, linear: Expr, node: Expr, path: list[Expr]) -> Iterator[dict[Expr, Expr]]:
    """The ways to match a linear operator in which the path goes on at the operand called ``linear``. The terms of a sum each
    have a path of their own; in every other operator only one operand holds the differential."""
    for bound in matches(left, node) if left.op == node.op else ():
        target = bound.get(linear)
        if node.op in JOINTLY:
            if path[path.index(node) + 1] is target:
                yield bound
        elif target in path and not any(contains(e, path[-1]) for v, e in bound.items() if v is not linear and not stand_in(v)):
            yield bound


def fits(variable: Expr, actual: Expr) -> bool:
    """A matrix variable takes any kind; scalar, column and row variables only their own."""
    return variable.type[0] in ("m", actual.type[0])


def matches(pattern: Expr, node: Expr, bound: Bound = NOTHING) -> Iterator[dict[Expr, Expr]]:
    """Every way to bind the variables of ``pattern`` so that it becomes ``node``: both orders of what commutes are tried."""
    if pattern.op == "sym":
        if pattern not in bound:
            if fits(pattern, node):
                yield {**bound, pattern: node}
        elif bound[pattern] is node:
            yield dict(bound)
    elif pattern.op == "T" and node.op != "T" and node.type[0] == pattern.type[0] == "r":
        yield from matches(pattern.args[0], transpose(node), bound)
    elif pattern.op == "fill" and node.type[0] == "s":
        yield from matches(pattern.args[0], node, bound)
    elif pattern.op == node.op and len(pattern.args) == len(node.args):
        placed = _placed(pattern, node, bound)
        if placed is not None:
            yield from _all(pattern.args, node.args, placed)
            if TABLE[pattern.op].commutes:
                yield from _all(pattern.args[::-1], node.args, placed)


def _all(patterns: tuple[Expr, ...], actual: tuple[Expr, ...], bound: Bound) -> Iterator[dict[Expr, Expr]]:
    """Every way in which each of the patterns becomes its node."""
    if not patterns:
        yield dict(bound)
    elif len(patterns) == 1:
        yield from matches(patterns[0], actual[0], bound)
    else:
        for found in matches(patterns[0], actual[0], bound):
            yield from _all(patterns[1:], actual[1:], found)


def _placed(pattern: Expr, node: Expr, bound: Bound) -> Bound | None:
    """With what the attributes of the node say; None where it has others than the pattern."""
    op = pattern.op
    if op in ("num", "const"):
        return bound if pattern.attr == node.attr else None
    if op in INDEXED:
        return {**bound, **indices(pattern, node)}
    if op in SIZED:
        return {**bound, sym(f"{LIKE} {op}", pattern.type): sym(op, node.type)} if fits(pattern, node) else None
    if op in SHAPED:
        like = bound.get(sym(LIKE, pattern.type), node)
        if pattern.type[0] not in ("m", node.type[0]) or like.type[0] != node.type[0]:
            return None
        return {**bound, sym(LIKE, pattern.type): like}
    return bound


def match(pattern: Expr, node: Expr) -> dict[Expr, Expr] | None:
    """The first way to bind the variables of ``pattern`` so that it becomes ``node``, or None."""
    return next(matches(pattern, node, NOTHING), None)


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


def size_map(bound: dict[Expr, Expr]) -> dict[Dim, Dim]:
    out: dict[Dim, Dim] = {1: 1}
    for variable, actual in bound.items():
        _, rows, cols = variable.type
        if isinstance(rows, str):
            out.setdefault(rows, actual.type[1])
        if isinstance(cols, str):
            out.setdefault(cols, actual.type[2])
    return out


def same_sizes(bound: Bound) -> bool:
    """Whether what a row calls by one letter has one size: tr(A ⊗ B) is tr(A) tr(B) for square A and B only."""
    known: dict[Dim, Dim] = {}
    sizes = ((s, t) for v, e in bound.items() if not stand_in(v) for s, t in zip(v.type[1:], e.type[1:], strict=True))
    return all(known.setdefault(s, t) == t for s, t in sizes if isinstance(s, str))


def _instance(node: Expr, args: list[Expr], bound: dict[Expr, Expr], sizes: dict[Dim, Dim], target: Type | None) -> Expr:
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
    if op in SIZED or op == "dim":
        return _leaf(node, sizes)
    if op in PLACED:
        names = {s: d for s, d in sizes.items() if isinstance(s, str)}
        own = Type("c", dims.substitute(node.type.rows, names), 1) if op == "unit" else node.type
        return slices.placed(op, tuple(args), slices.renamed(node.attr, sizes), own)
    if op in ("num", "const", "sym"):
        return node
    if op == "hdiv" and args[1].type[0] == "s":
        return make("div", tuple(args))
    if op in PAIRWISE and args[0].type != args[1].type:
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


def _leaf(node: Expr, sizes: dict[Dim, Dim]) -> Expr:
    kind, rows, cols = node.type
    if node.op == "dim":
        return nodes.dimension(sizes[node.attr])
    rows, cols = (dims.substitute(d, {str(a): sizes[a] for a in dims.atoms(d)}) for d in (rows, cols))
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
