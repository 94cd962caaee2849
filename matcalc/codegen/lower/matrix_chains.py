"""In which order a matrix product is computed: by cost, and what is there already costs nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from matcalc.codegen.ir.entrywise_values import Algebra
from matcalc.codegen.ir.graph import Chain, Factor, Node, Ref, extent, is_ones, nominal, opened, turned
from matcalc.codegen.plan.kernel_nodes import UNIT, Kernels, Scalars

LARGEST = 10**90  # size that is told from larger ones: its cube is still a float
DEEPEST = 8  # sums in sums that are multiplied by a vector term by term
WIDEST = 12  # longer chains are folded from the side of a vector
Key = tuple[tuple[int, str, bool], ...]


class Table(NamedTuple):
    """Costs and best splits of all parts ``i:j`` of a chain."""

    cost: dict[tuple[int, int], float]
    split: dict[tuple[int, int], int]


class Products:
    """Computes chains of factors whose nodes have their kernels in ``done``.

    ``uses`` counts how often a node is used, ``named`` are those that somebody wants. ``certain`` are keys of chains that are
    computed anyway. Sizes whose names are ``few`` count as small.
    """

    def __init__(
        self,
        kernels: Kernels,
        algebra: Algebra,
        done: Mapping[Node, Ref],
        uses: Mapping[Node, int],
        named: Collection[Node],
        few: Collection[str] = (),
    ) -> None:
        self.k = kernels
        self.algebra = algebra
        self.done = done
        self.uses = uses
        self.named = named
        self.few = few
        self.certain: set[Key] = set()
        self.symmetric: set[Node] = set()
        self.known: dict[Key, Factor] = {}

    def canonical(self, chain: Chain) -> tuple[Key, bool]:
        """What a chain and its transpose have in common, and whether this is the transpose."""
        own, other = (tuple([(f.node.number, f.role, f.flip) for f in c]) for c in (chain, self.algebra.turned(chain)))
        return (own, False) if own <= other else (other, True)

    def rows_of(self, f: Factor) -> int:
        return 1 if f.role in "rs" else nominal(f.node.shape[0] if f.role == "c" else extent(f, 0), self.few)

    def cols_of(self, f: Factor) -> int:
        return 1 if f.role in "cs" else nominal(f.node.shape[0] if f.role == "r" else extent(f, 1), self.few)

    # -- order ----------------------------------------------------------------------

    def table(self, chain: Chain, longest: int | None = None) -> Table:
        """Dynamic programming over the parts of a chain."""
        n = len(chain)
        cost: dict[tuple[int, int], float] = {(i, i + 1): 0.0 for i in range(n)}
        split: dict[tuple[int, int], int] = {}
        keys = {}
        for length in range(2, (longest or n) + 1):
            for i in range(n - length + 1):
                j = i + length
                keys[i, j] = self.canonical(chain[i:j])[0]
                best = float("inf")
                for m in range(i + 1, j):
                    c = cost[i, m] + cost[m, j] + self.step(chain, i, m, j)
                    if (i, m) in keys and keys[i, m] == keys.get((m, j)):
                        c -= cost[m, j]
                    if c < best or (c == best and chain[j - 1].role != "c"):
                        best, split[i, j] = c, m
                there = keys[i, j] in self.known or (keys[i, j] in self.certain and length < n)
                cost[i, j] = 0.0 if there else best
        return Table(cost, split)

    def step(self, chain: Chain, i: int, m: int, j: int) -> float:
        """Multiplications in joining the parts ``i:m`` and ``m:j``."""
        rows, inner, cols = (min(k, LARGEST) for k in (self.rows_of(chain[i]), self.rows_of(chain[m]), self.cols_of(chain[j - 1])))
        left, right = (chain[i] if m - i == 1 else None), (chain[m] if j - m == 1 else None)
        singles = [f.role for f in (left, right) if f is not None]
        if (left and left.role in "cr" and is_ones(left)) or (right and right.role in "cr" and is_ones(right)):
            return float(rows * inner * cols) / max(min(rows, inner, cols), 1)
        if "D" in singles:
            extra = 2.0 * inner**3 if "I" in singles else 0.0
            return extra + (rows * cols if singles != ["D", "D"] else rows)
        if singles == ["I", "I"]:
            return 4.0 * inner**3
        return float(rows * inner * cols)

    def cut(self, chain: Chain) -> Table | None:
        return self.table(chain) if len(chain) <= WIDEST else None

    # -- evaluation --------------------------------------------------------------------

    def product(self, chain: Chain, scalars: Scalars = UNIT) -> Factor:
        """The chain as one factor, its scalars multiplied in where they meet the fewest numbers."""
        table = self.cut(chain)
        if table is None:
            return self.scale(self.fold(chain), scalars)
        return self.part(chain, table, 0, len(chain), scalars)

    def fold(self, chain: Chain) -> Factor:
        """From the vector at an end, or from the left; a column that meets a row is an outer product."""
        middle = next((i for i, f in enumerate(chain) if f.role == "r" and i), None)
        if middle is not None and chain[0].role != "r":
            return self.join(self.fold(chain[:middle]), self.fold(chain[middle:]))
        from_right = chain[-1].role == "c" and not (chain[0].role == "r" and self._prefix(chain))
        done = self.leaf(chain[-1] if from_right else chain[0])
        for length in range(2, len(chain) + 1):
            part = chain[-length:] if from_right else chain[:length]
            found = self.lookup(part)
            if found is None:
                found = self.join(self.leaf(part[0]), done) if from_right else self.join(done, self.leaf(part[-1]))
                self.store(part, found)
            done = found
        return done

    def _prefix(self, chain: Chain) -> bool:
        return self.canonical(chain[:2])[0] in self.known

    def part(self, chain: Chain, table: Table, i: int, j: int, scalars: Scalars) -> Factor:
        if j - i == 1:
            return self.scale(self.leaf(chain[i]), scalars)
        found = self.lookup(chain[i:j])
        if found is None:
            m = table.split[i, j]
            sides = [self.size(chain, i, m), self.size(chain, m, j)]
            smaller = 0 if sides[0] <= sides[1] else 1
            pushed = not scalars.trivial and sides[smaller] < self.size(chain, i, j)
            own = [scalars if pushed and side == smaller else UNIT for side in (0, 1)]
            found = self.joined(chain, table, (i, m, j), own)
            if pushed:
                return found
            self.store(chain[i:j], found)
        return self.scale(found, scalars)

    def joined(self, chain: Chain, table: Table, at: tuple[int, int, int], own: list[Scalars]) -> Factor:
        i, m, j = at
        if m - i == 1 and chain[i].role == "M" and self.cols_of(chain[j - 1]) == 1:
            right = self.part(chain, table, m, j, own[1])
            found = self.spread(chain[i], right) if own[0].trivial else None
            return found or self.join(self.part(chain, table, i, m, own[0]), right)
        if j - m == 1 and chain[m].role == "M" and self.rows_of(chain[i]) == 1:
            left = self.part(chain, table, i, m, own[0])
            ((flipped,), (column,)) = self.algebra.turned((chain[m],)), self.algebra.turned((left,))
            found = self.spread(flipped, column) if own[1].trivial else None
            return turned((found,))[0] if found else self.join(left, self.part(chain, table, m, j, own[1]))
        return self.join(self.part(chain, table, i, m, own[0]), self.part(chain, table, m, j, own[1]))

    def size(self, chain: Chain, i: int, j: int) -> float:
        """Entries of a part; infinite where it is no place for scalars."""
        if j - i == 1 and (is_ones(chain[i]) or chain[i].role == "I"):
            return float("inf")
        if j - i == 1 and chain[i].role == "D":
            return self.rows_of(chain[i])
        return float(min(self.rows_of(chain[i]), LARGEST) * min(self.cols_of(chain[j - 1]), LARGEST))

    def lookup(self, part: Chain) -> Factor | None:
        key, flip = self.canonical(part)
        found = self.known.get(key)
        return turned((found,))[0] if found is not None and flip else found

    def store(self, part: Chain, done: Factor) -> None:
        key, flip = self.canonical(part)
        self.known[key] = turned((done,))[0] if flip else done

    def scale(self, f: Factor, scalars: Scalars) -> Factor:
        if scalars.trivial:
            return f
        if f.role == "I":
            f = self.inverted(f)
        if is_ones(f):
            s = self.k.scaled(self.k.number(1), scalars)
            return Factor(f.role, s if f.role == "D" else self.k.expand(s, f.node.shape))
        return f._replace(node=self.k.scaled(f.node, scalars))

    # -- joining two factors ---------------------------------------------------------------

    def join(self, a: Factor, b: Factor) -> Factor:
        if "s" in (a.role, b.role):
            s, x = (a, b) if a.role == "s" else (b, a)
            return x._replace(node=self.k.scaled(x.node, Scalars(nums=(s.node,))))
        if (a.role in "cr" and is_ones(a)) or (b.role in "cr" and is_ones(b)):
            return self.join_ones(a, b)
        if "D" in (a.role, b.role):
            return self.join_diagonal(a, b)
        if "I" in (a.role, b.role):
            return self.join_inverse(a, b)
        k = self.k
        roles = a.role + b.role
        if roles == "rc":
            return Factor("s", k.dot(a.node, b.node))
        if roles == "cr":
            return Factor("M", k.make("outer", (a.node, b.node), None, a.node.shape + b.node.shape))
        if roles == "Mc":
            return Factor("c", k.make("mm", (a.node, b.node), (a.flip, False), (extent(a, 0),)))
        if roles == "rM":
            return Factor("r", k.make("mm", (b.node, a.node), (not b.flip, False), (extent(b, 1),)))
        return Factor("M", k.make("mm", (a.node, b.node), (a.flip, b.flip), (extent(a, 0), extent(b, 1))))

    def join_ones(self, a: Factor, b: Factor) -> Factor:
        """Products with a vector of ones are sums, or repeat what is there."""
        k = self.k
        if a.role == "c" and b.role == "r":
            one, other = is_ones(a), b if is_ones(a) else a
            shape = a.node.shape + b.node.shape
            if one and is_ones(b):
                return Factor("M", k.expand(k.number(1), shape))
            return Factor("M", k.expand(other.node if one else k.column(other.node), shape))
        ones, x = (b, a) if b.role == "c" and is_ones(b) else (a, b)
        if x.role == "I":
            full = Factor(ones.role, k.make("ones", shape=ones.node.shape))
            return self.join_inverse(x, full) if ones is b else self.join_inverse(full, x)
        if x.role == "D":
            return Factor(ones.role, x.node)
        if x.role in "cr":
            return Factor("s", k.total(x.node.args[0] if x.node.op == "sum" else x.node))
        axis = 1 if (ones is b) != x.flip else 0
        return Factor(ones.role, k.total(x.node, axis))

    def join_diagonal(self, a: Factor, b: Factor) -> Factor:
        k = self.k
        if a.role == b.role == "D":
            return Factor("D", k.prod([a.node, b.node], (1, 1)))
        left = a.role == "D"
        d, x = (a, b) if left else (b, a)
        if x.role == "I":
            x = self.inverted(x)
        if x.role in "cr":
            return Factor(x.role, k.prod([d.node, x.node], (1, 1)))
        side = k.column(d.node) if left != x.flip and d.node.shape else d.node
        return Factor("M", k.prod([side, x.node], (1, 1)), x.flip)

    def join_inverse(self, a: Factor, b: Factor) -> Factor:
        """A⁻¹B by solving; BA⁻¹ as the transpose of such a solution."""
        if a.role == b.role == "I":
            b = self.inverted(b)
        if b.role == "I":
            (solved,) = turned((self.join_inverse(turned((b,))[0], turned((a,))[0]),))
            return solved
        right = b.node if b.role in "cr" else self.k.explicit(Ref(b.node, b.flip))
        return Factor(
            b.role,
            self.k.make("solve", (a.node, right), a.flip and a.node not in self.symmetric, right.shape),
        )

    def inverted(self, f: Factor) -> Factor:
        return Factor("M", self.k.make("inv", (f.node,), None, f.node.shape), f.flip and f.node not in self.symmetric)

    # -- factors and sums on their kernels -------------------------------------------------

    def node(self, source: Node) -> Node:
        return self.k.explicit(self.done[source])

    def leaf(self, f: Factor) -> Factor:
        """The factor on its kernel."""
        if f.role in "MI":
            r = self.done[f.node]
            if self.algebra.symmetric(f.node):
                self.symmetric.add(r.node)
            return Factor(f.role, r.node, f.flip != r.flip and not self.algebra.symmetric(f.node))
        return f._replace(node=self.node(f.node))

    def spread(self, f: Factor, x: Factor, depth: int = 0) -> Factor | None:
        """(A + u v' + diag(d)) x = A x + u (v'x) + d ∘ x, where the sum itself is not wanted."""
        node = f.node
        if node.op != "lin" or x.role != "c" or not self.better_spread(node):
            return None
        coefs, count = node.attr
        base = len(node.args) - count
        terms = [self.spread_term(a, f.flip, x, depth) for a in node.args[:base]]
        terms += [self.k.prod([self.node(a), x.node], (1, 1)) for a in node.args[base:]]
        n = node.shape[1 if f.flip else 0]
        return Factor("c", self.k.expand(self.k.lin(terms, coefs), (n,)))

    def better_spread(self, node: Node) -> bool:
        """Whether a sum is multiplied by a vector only, or all of its terms but one are vectors in truth."""
        if node in self.named:
            return False
        if self.uses[node] == 1:
            return True
        base = node.args[: len(node.args) - node.attr[1]]
        whole = [a for a in base if len(a.shape) == 2 and a.op != "col"]
        return sum(not (a.op == "term" and any(f.role == "c" for f in opened(a).chain)) for a in whole) < 2

    def spread_term(self, a: Node, flip: bool, x: Factor, depth: int) -> Node:
        """One term of a sum times a vector."""
        v = opened(a) if a.op == "term" and self.uses[a] == 1 and len(a.shape) == 2 else None
        if v is not None:
            chain = self.algebra.turned(v.chain) if flip else v.chain
            done = x
            for f in reversed(chain):
                done = self.join(self.leaf(f), done)
            scalars = Scalars(v.coef, *[tuple([self.node(n) for n in group]) for group in (v.nums, v.dens)])
            return self.k.scaled(done.node, scalars)
        if len(a.shape) == 2 and a.op != "col":
            inner, own = (a.args[0], True) if a.op == "T" else (a, False)
            f = Factor("M", inner, own != flip)
            nested = self.spread(f, x, depth + 1) if depth < DEEPEST else None
            return (nested or self.join(self.leaf(f), x)).node
        if not a.shape:
            return self.k.prod([self.node(a), self.k.total(x.node)], (1, 1))
        vector = self.node(a.args[0] if a.op == "col" else a)
        if (a.op == "col") != flip:
            return self.k.prod([vector, self.k.total(x.node)], (1, 1))
        return self.k.dot(vector, x.node)
