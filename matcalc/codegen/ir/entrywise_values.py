"""Entrywise products and sums of values, kept in a form in which equal computations are the same node."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from matcalc.codegen.ir.graph import ONE, ZERO, Chain, Factor, Node, Powers, Ref, Val, broadcast, is_ones, shape_of
from matcalc.codegen.ir.values import Values, accumulate, add_power, role_of
from matcalc.codegen.lower import stable_products as stable
from matcalc.expr.dims import Dim
from matcalc.expr.table import SCALAR, Type


class Algebra(Values):
    """Makes sums and entrywise products too."""

    finished = stable.finished

    def from_powers(self, powers: Powers, role: str, shape: tuple[Dim, ...]) -> Val:
        if self.once and not self.free_roots.isdisjoint([r.node for r in powers]):
            powers = {
                Ref(stable.guard(self, r.node), r.flip) if e == -1 and r.node in self.free_roots else r: e
                for r, e in powers.items()
            }
        return super().from_powers(powers, role, shape)

    # -- entrywise products --------------------------------------------------------------

    def hadamard(self, factors: Sequence[tuple[Val, Fraction]], t: Type) -> Val:
        """The entrywise product of arrays of one type, each with an integer exponent."""
        scalars = Val(ONE)
        parts: dict[str, Powers] = {"all": {}, "c": {}, "r": {}}
        for v, e in factors:
            whole = Val(v.coef, v.nums, v.dens)
            if not v.coef:
                return ZERO._replace(chain=self.ones(t).chain) if e > 0 else self.over(self.ones(t), ZERO)
            scalars = self.times(scalars, self.power(whole, int(e)))
            self.collect(parts, v.chain, e)
        scalars = stable.fold(self, parts, scalars, t)
        role = role_of(t)
        ends = {"c": t.rows, "r": t.cols}
        if role != "M" or parts["all"]:
            body = self.from_powers(parts["all"], role, self._public(t))
            left, right = (self._diagonal(parts[k], ends[k]) for k in "cr")
            return self.times(self.times(self.times(scalars, left), body), right)
        column, row = (self.from_powers(parts[k], k, (ends[k],)) for k in "cr")
        return self.times(self.times(scalars, column), row)

    def _public(self, t: Type) -> tuple[Dim, ...]:
        if t.kind == "t":
            return tuple(t.rows)
        return {"c": (t.rows,), "r": (t.cols,), "m": (t.rows, t.cols)}[t.kind]

    def _diagonal(self, powers: Powers, n: Dim) -> Val:
        if not powers:
            return Val(ONE)
        v = self.from_powers(powers, "c", (n,))
        return v._replace(chain=(Factor("D", self.node(Val(ONE, chain=v.chain))),))

    def collect(self, parts: dict[str, Powers], chain: Chain, e: Fraction) -> None:
        """Add the entrywise factors of a product: what varies along rows only, columns only, and the rest."""
        vector = len(shape_of(chain)) == 1
        start, end = 0, len(chain)
        while end - start > 1 and chain[start].role == "D":
            add_power(parts["all" if vector else "c"], Ref(chain[start].node), e)
            start += 1
        while end - start > 1 and chain[end - 1].role == "D":
            add_power(parts["all" if vector else "r"], Ref(chain[end - 1].node), e)
            end -= 1
        chain = chain[start:end]
        middle = next((i for i, f in enumerate(chain) if f.role == "r"), None)
        if vector or middle is None or not any(f.role == "c" for f in chain):
            if not (len(chain) == 1 and is_ones(chain[0]) and chain[0].role != "D"):
                add_power(parts["all"], self.ref(Val(ONE, chain=chain)), e)
            return
        for key, side in (("c", chain[:middle]), ("r", chain[middle:])):
            if not is_ones(side[0]) or len(side) > 1:
                add_power(parts[key], self.ref(Val(ONE, chain=side)), e)

    # -- sums ------------------------------------------------------------------------------

    def add(self, parts: Sequence[Val], t: Type) -> Val:
        """The sum of values of one type; terms in the same array are collected."""
        entries: dict[Node, Fraction] = {}
        diagonal: dict[Node, Fraction] = {}
        units: dict[Node, Val] = {}
        refs: list[tuple[Ref, Val]] = []
        for v in parts:
            unit = v._replace(coef=ONE)
            if v.coef and t.kind == "m" and len(v.chain) == 1 and v.chain[0].role == "D":
                key = self.node(self._on_diagonal(unit))
                accumulate(diagonal, key, v.coef)
                units[key] = unit
            elif v.coef:
                refs.append((self.spread(unit), v))
        if t.kind == "m" and not diagonal and refs and all(r.node.op == "col" or not r.node.shape for r, _ in refs):
            return self._column_sum(refs, t)
        flip = t.kind == "m" and self._mostly_flipped([r for r, _ in refs])
        for r, v in refs:
            key = self.explicit(self._turn(r)) if flip else self.explicit(r)
            accumulate(entries, key, v.coef)
            units[key] = v._replace(coef=ONE)
        if not entries and not diagonal:
            return ZERO._replace(chain=self.ones(t).chain)
        if len(entries) + len(diagonal) == 1:
            ((key, c),) = (*entries.items(), *diagonal.items())
            return units[key]._replace(coef=c * units[key].coef)
        if not entries:
            return self._diagonal_sum([self._on_diagonal(units[k])._replace(coef=c) for k, c in diagonal.items()], t.rows)
        folded = stable.one_minus(self, entries, t, flip) if not diagonal else None
        return folded or self._registered(entries, diagonal, t, flip)

    def _on_diagonal(self, v: Val) -> Val:
        """The diagonal: a vector, or a scalar for a multiple of the identity."""
        f = v.chain[0]
        return v._replace(chain=() if is_ones(f) else (Factor("c", f.node),))

    def _column_sum(self, refs: Sequence[tuple[Ref, Val]], t: Type) -> Val:
        """u 1' + v 1' = (u + v) 1'"""
        column = Type("c", t.rows, 1)
        parts = [
            (self.array(r.node.args[0], "c") if r.node.shape else self.times(self.scalar(r.node), self.ones(column)))
            for r, _ in refs
        ]
        total = self.add([self.times(Val(v.coef), p) for p, (_, v) in zip(parts, refs, strict=True)], column)
        return self.times(total, Val(ONE, chain=self.ones(t).chain[1:]))

    def _diagonal_sum(self, parts: Sequence[Val], n: Dim) -> Val:
        """diag(u) + diag(v) = diag(u + v)"""
        if not any(v.chain for v in parts):
            return self.times(self.add(parts, SCALAR), self.eye(n))
        t = Type("c", n, 1)
        v = self.add([v if v.chain else self.times(v, self.ones(t)) for v in parts], t)
        return v._replace(chain=(Factor("D", self.node(Val(ONE, chain=v.chain))),))

    def _mostly_flipped(self, refs: list[Ref]) -> bool:
        whole = [r for r in refs if len(r.node.shape) == 2 and 1 not in r.node.shape]
        return bool(whole) and min(whole, key=lambda r: (r.node.number, r.flip)).flip

    def _turn(self, r: Ref) -> Ref:
        """The transpose of a term, also of one that broadcasts."""
        if r.node.op == "col":
            return Ref(r.node.args[0])
        if len(r.node.shape) == 1:
            return Ref(self.column(r.node))
        return Ref(r.node, not r.flip and bool(r.node.shape))

    def column(self, vector: Node) -> Node:
        """The vector as an n×1 array, that broadcasts along rows."""
        return self.graph.make("col", (vector,), None, (vector.shape[0], 1))

    def spread(self, v: Val) -> Ref:
        """The node of a term in a sum, no larger than broadcasting needs."""
        chain = v.chain
        first, last = (chain[0], chain[-1]) if chain else (None, None)
        if first is None or last is None:
            return self.ref(v)
        if len(chain) == 1:
            return self.ref(v._replace(chain=())) if is_ones(first) and first.role != "D" else self.ref(v)
        if first.role == "c" and is_ones(first) and chain[1].role == "r":
            rest = () if len(chain) == 2 and is_ones(last) else chain[1:]
            return self.ref(v._replace(chain=rest))
        if last.role == "r" and is_ones(last) and chain[-2].role == "c":
            return Ref(self.column(self.node(v._replace(chain=chain[:-1]))))
        return self.ref(v)

    def _registered(self, entries: dict[Node, Fraction], diagonal: dict[Node, Fraction], t: Type, flip: bool) -> Val:
        """A sum that is a multiple of an earlier one is that one, scaled."""
        items = [*entries.items(), *[(self.graph.make("onto", (n,)), c) for n, c in diagonal.items()]]
        first = min(items, key=lambda item: item[0].number)[1]
        key = frozenset([(n, c / first) for n, c in items])
        if key not in self.sums:
            same = len({abs(c) for _, c in items}) == 1
            divisor = abs(first) if same else ONE
            coefs = tuple([c / divisor for _, c in items])
            args = (*entries, *diagonal)
            shape = broadcast([n.shape for n in entries]) if not diagonal else (t.rows, t.cols)
            self.sums[key] = self.graph.make("lin", args, (coefs, len(diagonal)), shape), first / divisor
        node, scale = self.sums[key]
        return self.array_or_spread(node, t, flip)._replace(coef=first / scale)

    def array_or_spread(self, node: Node, t: Type, flip: bool) -> Val:
        """A node as a value of the type; one that broadcasts becomes a product with ones."""
        ones = self.ones(t).chain
        if not node.shape and t.kind != "s":
            return Val(ONE, (node,), (), ones)
        if t.kind == "m" and len(node.shape) == 1:
            vector = (Factor("r", node),) if not flip else (Factor("c", node),)
            return Val(ONE, chain=(ones[0], *vector) if not flip else (*vector, ones[1]))
        return self.array(node, role_of(t), flip)


__all__ = ["Algebra", "role_of"]
