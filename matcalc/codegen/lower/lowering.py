"""From the shared graph of an expression and its derivatives to the graph that code is generated from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matcalc.algebra.roots import Roots, roots_with
from matcalc.codegen.ir.entrywise_values import Algebra, role_of
from matcalc.codegen.ir.graph import ONE, Factor, Node, Ref, Val, is_ones
from matcalc.expr.nodes import Expr, postorder
from matcalc.expr.nodes import shape_of as public_shape
from matcalc.expr.table import TABLE

SUMS = frozenset(("add", "sub", "neg"))
Rule = Callable[..., Val]


class Lowering:
    """Values of all expressions below ``roots`` and ``named``, by a rule for each operator.

    Sums in ``named`` are kept whole.
    """

    def __init__(self, algebra: Algebra, rules: Mapping[str, Rule], roots: Sequence[Expr], named: Sequence[Expr]) -> None:
        self.algebra = algebra
        self.rules = rules
        self.graph = algebra.graph
        self.vals: dict[Expr, Val] = {}
        self.uses: dict[Expr, int] = {}
        order = postorder(roots)
        for e in order:
            for a in e.args:
                self.uses[a] = self.uses.get(a, 0) + 1
        keep = {*roots, *named}
        # a sum inside a sum, used nowhere else, is collected with the outer one
        takers = {*SUMS, "tr", "sum"}
        self.inner = {a for e in order if e.op in takers for a in e.args if a.op in SUMS and self.uses[a] == 1} - keep
        value = set(postorder(roots[:1]))
        free = _free_roots(roots[0], order, roots_with(algebra.properties))
        for e in sorted(order, key=lambda e: e not in value):
            if e not in self.inner:
                self.vals[e] = self.lower(e)
                if e in free:
                    algebra.free_roots |= _roots_in(self.vals[e])
            if e is roots[0]:
                algebra.ref(self.vals[e])
        for e in postorder(named):
            if e not in self.inner and e not in self.vals:
                self.vals[e] = self.lower(e)

    def lower(self, e: Expr) -> Val:
        rule = self.rules.get(e.op)
        if rule is not None:
            return rule(self, e, *[self.vals[a] for a in e.args if a in self.vals])
        if TABLE[e.op].elementwise:
            return self.entrywise(e, e.op)
        return self.made(e, e.op, [self.algebra.node(self.vals[a]) for a in e.args])  # whose form the target knows

    # -- helpers ------------------------------------------------------------------------

    def made(self, e: Expr, op: str, args: Sequence[Node] = (), attr: Any = None, flip: bool = False) -> Val:
        """A node with the shape of ``e`` (when ``flip``, of its transpose)."""
        shape = public_shape(e.type)
        node = self.graph.make(op, tuple(args), attr, shape[::-1] if flip else shape)
        return self.algebra.array(node, role_of(e.type), flip)

    def pure(self, v: Val) -> tuple[Val, Ref]:
        """Its scalars, and the rest as a node: for operators that are linear."""
        return v._replace(chain=()), self.algebra.ref(Val(ONE, chain=v.chain))

    def entrywise(self, e: Expr, op: str, attr: Any = None) -> Val:
        """A function of each entry; of a vector only, where a vector is repeated."""
        return self.mapped(e, self.vals[e.args[0]], op, attr)

    def mapped(self, e: Expr, v: Val, op: str, attr: Any = None) -> Val:
        constant = [f for f in v.chain if is_ones(f) and f.role != "D"]
        if v.chain and len(constant) == len(v.chain):
            inner = self.graph.make(op, (self.algebra.node(v._replace(chain=())),), attr)
            return self.algebra.times(self.algebra.scalar(inner), self.algebra.ones(e.type))
        if e.type.kind == "m" and len(v.chain) > 1 and len(constant) == 1:
            column = constant[0] is v.chain[-1] and constant[0].role == "r" and v.chain[-2].role == "c"
            if column or (constant[0] is v.chain[0] and constant[0].role == "c" and v.chain[1].role == "r"):
                rest = v._replace(chain=v.chain[:-1] if column else v.chain[1:])
                x = self.algebra.node(rest)
                inner = self.graph.make(op, (x,), attr, x.shape)
                side = Factor("c" if column else "r", inner)
                return Val(ONE, chain=(side, constant[0]) if column else (constant[0], side))
        node, flip = self.algebra.ref(v)
        return self.made(e, op, (node,), attr, flip)

    def terms(self, e: Expr) -> list[Val]:
        """The terms of the whole tree of sums of which ``e`` is the root, with their signs."""
        parts: list[Val] = []
        stack = [(e, 1)]
        while stack:
            x, sign = stack.pop()
            if x.op not in SUMS or (x is not e and x not in self.inner):
                v = self.vals[x]
                parts.append(v._replace(coef=sign * v.coef))
            elif x.op == "neg":
                stack.append((x.args[0], -sign))
            else:
                stack.append((x.args[1], -sign if x.op == "sub" else sign))
                stack.append((x.args[0], sign))
        return parts


def _free_roots(value: Expr, order: Sequence[Expr], roots: Roots) -> set[Expr]:
    """The roots that may be 0: the value does not divide by them."""
    found = [e for e in order if roots.is_root(e)]
    forbidden = roots.poles(value) if found else set()
    return {e for e in found if roots.is_free(e, forbidden)}


def _roots_in(v: Val) -> set[Node]:
    return {n for n in (*v.nums, *[f.node for f in v.chain]) if n.op in ("norm2", "sqrt")}
