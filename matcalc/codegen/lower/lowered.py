"""The values of all expressions of a graph, as far as they are lowered; what the rules of the operators read and make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from matcalc.codegen.ir.entrywise_values import Algebra, role_of
from matcalc.codegen.ir.graph import ONE, Factor, Node, Ref, Val, is_ones
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr
from matcalc.expr.nodes import shape_of as public_shape

SIGNED_SUMS = SUMS | {"neg"}


class Lowering:
    """Values so far, how often each expression is used, and the sums that are collected with the one around them."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self.graph = algebra.graph
        self.vals: dict[Expr, Val] = {}
        self.uses: Counter[Expr] = Counter()  # of names that no result needs: none
        self.inner: set[Expr] = set()

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
            if x.op not in SIGNED_SUMS or (x is not e and x not in self.inner):
                v = self.vals[x]
                parts.append(v._replace(coef=sign * v.coef))
            elif x.op == "neg":
                stack.append((x.args[0], -sign))
            else:
                stack.append((x.args[1], -sign if x.op == "sub" else sign))
                stack.append((x.args[0], sign))
        return parts
