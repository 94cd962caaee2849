"""What is computed, kernel by kernel: products ordered, stable forms expanded, work shared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from math import prod

from matcalc.codegen.ir.covers import Covers
from matcalc.codegen.ir.entrywise_values import Algebra
from matcalc.codegen.ir.graph import ONE, Chain, Factor, Node, Ref, Shape, Val, count_uses, is_ones, nominal, opened
from matcalc.codegen.lower.matrix_chains import Products
from matcalc.codegen.lower.positive import is_positive
from matcalc.codegen.plan.kernel_nodes import Kernels, Scalars
from matcalc.codegen.plan.unformed import multiplied, unformed
from matcalc.expr.nodes import postorder
from matcalc.expr.table import TABLE

ENTRYWISE = frozenset([op.name for op in TABLE.values() if op.elementwise]) | {
    "log1p",
    "pow",
    "powv",
}
EINSUM = {False: "ij", True: "ji"}


class Resolved(dict[Node, Ref]):
    """Kernels by node; one that was to be avoided is made where it is needed after all."""

    def __init__(self, resolve: Callable[[Node], Ref]) -> None:
        self.resolve = resolve

    def __missing__(self, node: Node) -> Ref:
        return self.resolve(node)


class Plan:
    """Kernels for the nodes below ``roots``; sizes whose names are ``few`` count as small."""

    def __init__(self, algebra: Algebra, roots: Sequence[Node], named: set[Node], few: Collection[str] = ()) -> None:
        self.algebra = algebra
        self.named = named
        self.k = Kernels()
        self.done = Resolved(self.resolve)
        self.order = list(postorder(roots))
        self.uses = count_uses(roots)
        self.products = Products(self.k, algebra, self.done, self.uses, named, few)
        self.inverted = {n.args[0] for n in self.order if n.op == "inv"}
        self.settle({node for node in self.order if self.uses[node] > 1})
        self.unformed = unformed(self.order, roots, self.products)
        inside = {a for node in self.unformed for a in node.args if a.op == "term" and self.uses[a] == 1}
        self.order = [node for node in self.order if node not in self.unformed and node not in inside]
        self.settle(self.order)
        self.covers = Covers(self.order)
        for node in self.order:
            self.resolve(node)

    def settle(self, nodes: Iterable[Node]) -> None:
        """Their products are computed as they are."""
        chains = [opened(node).chain for node in nodes if node.op == "term"]
        self.products.certain |= {self.products.canonical(chain)[0] for chain in chains if len(chain) > 1}

    def resolve(self, node: Node) -> Ref:
        """The kernel of a node whose arguments have theirs."""
        if node not in self.done:
            self.done[node] = STEPS.get(node.op, other)(self, node)
        return self.done[node]

    def ref(self, f: Factor) -> Ref:
        """The array that a factor is."""
        if f.role == "I":
            f = self.products.inverted(f)
        if f.role == "D":
            n = f.node.shape[0] if f.node.shape else None
            return Ref(self.k.make("diagm", (f.node,), None, (n, n)))  # type: ignore[arg-type]
        return Ref(f.node, f.flip and f.role == "M")

    def full(self, r: Ref, shape: Shape) -> Ref:
        """The array with its whole shape."""
        own = r.node.shape[::-1] if r.flip else r.node.shape
        return r if own == shape else Ref(self.k.expand(self.k.explicit(r), shape))

    def product(self, v: Val) -> Ref:
        """A term: scalars times a chain."""
        k = self.k
        apart = next((f.node for f in v.chain if f.node in self.unformed), None)
        if apart is not None:
            return self.termwise(v, apart)
        scalars = self.scalars(v)
        if not v.chain:
            return Ref(k.scaled(k.number(1), scalars))
        if v.chain[0].role == "N" and self.uses[v.chain[0].node] == 1:
            return Ref(self.scaled_sum(self.products.node(v.chain[0].node), scalars))
        summed = self.sum_of_product(v.chain)
        if summed is not None:
            return Ref(k.scaled(summed, scalars))
        if len(v.chain) == 2 and all(is_ones(f) for f in v.chain) and v.chain[0].role == "c":
            return Ref(k.expand(k.scaled(k.number(1), scalars), v.chain[0].node.shape + v.chain[1].node.shape))
        if v.chain[0].role == "D" and len(v.chain) == 1 and is_ones(v.chain[0]):
            n = v.chain[0].node.shape[0]
            return Ref(k.make("eye", (k.scaled(k.number(1), scalars),), None, (n, n)))
        weighted = self.weighted_gram(v.chain)
        if weighted is not None:
            return self.ref(self.products.scale(weighted, scalars))
        return self.ref(self.products.product(v.chain, scalars))

    def scaled_sum(self, x: Node, scalars: Scalars) -> Node:
        """A sum over indices with its smallest operand scaled, which has fewer numbers than the sum."""
        of = [i for i, a in enumerate(x.args) if a.op != "eye"] if x.op == "einsum" else []
        least = min(of, key=lambda i: prod(nominal(d) for d in x.args[i].shape), default=None)
        if least is None or scalars.trivial:
            return self.k.scaled(x, scalars)
        args = (*x.args[:least], self.k.scaled(x.args[least], scalars), *x.args[least + 1 :])
        return self.k.make("einsum", args, x.attr, x.shape)

    def termwise(self, v: Val, node: Node) -> Ref:
        """A product with a sum that is not formed: the sum of the products of its terms, scaled as a whole."""
        parts = multiplied(node, v.chain)
        refs, flip = self.k.aligned([self.product(part._replace(coef=abs(part.coef))) for part in parts])
        total = self.k.lin(refs, [ONE if part.coef > 0 else -ONE for part in parts])
        return Ref(self.k.scaled(total, self.scalars(v)), flip)

    def scalars(self, v: Val) -> Scalars:
        return Scalars(v.coef, *[tuple([self.products.node(n) for n in group]) for group in (v.nums, v.dens)])

    def weighted_gram(self, chain: Chain) -> Factor | None:
        """A'diag(d)A = Y'Y with Y = diag(√d)A: NumPy computes half of a product of a matrix with itself."""
        if len(chain) != 3 or chain[1].role != "D" or chain[2].role != "M" or self.algebra.turned(chain) != chain:
            return None
        if not is_positive(self.algebra, chain[1].node, strictly=False):
            return None
        root = Factor("D", self.k.map("sqrt", self.products.node(chain[1].node)))
        right = self.products.join(root, self.products.leaf(chain[2]))
        left = right._replace(flip=not right.flip)
        return self.products.join(left, right)

    def sum_of_product(self, chain: Chain) -> Node | None:
        """The sum of an entrywise product that nothing else uses, without that product."""
        inner = [f for f in chain if not is_ones(f)]
        if len(inner) != 1 or len(chain) == 1 or inner[0].node.op != "mul" or self.uses[inner[0].node] > 1:
            return None
        if chain[0].role != "r" or chain[-1].role != "c":
            return None
        x = inner[0].node
        refs = self.factors(x)
        above = [i for i, (_, e) in enumerate(refs) if e > 0]
        if sum(refs[i][1] for i in above) < 2:
            return None
        last = refs[above[-1]][0]
        refs[above[-1]] = last, refs[above[-1]][1] - 1
        rest = self.entrywise([(r, e) for r, e in refs if e])
        if len(x.shape) == 1:
            return self.k.dot(rest.node, last.node)
        return self.k.inner(rest, last)

    def factors(self, node: Node) -> list[tuple[Ref, int]]:
        """The factors of an entrywise product, as products that are computed anyway where there are some."""
        return [(self.resolve(a), int(e)) for a, e in self.covers.product(node)]

    def entrywise(self, refs: Sequence[tuple[Ref, int]]) -> Ref:
        nodes, flip = self.k.aligned([r for r, _ in refs])
        powers = [self.k.power(n, abs(e)) for n, (_, e) in zip(nodes, refs, strict=True)]
        return Ref(self.k.prod(powers, [1 if e > 0 else -1 for _, e in refs]), flip)


# ---------------------------------------------------------------- one step an operator


def term(plan: Plan, node: Node) -> Ref:
    return plan.product(opened(node))


def sums(plan: Plan, node: Node) -> Ref:
    coefs, count = node.attr
    base = len(node.args) - count
    refs, numbers = [], []
    for a, c in plan.covers.total(node):
        if a.op == "term" and plan.uses[a] == 1 and abs(c) != 1:
            v = opened(a)
            refs.append(plan.product(v._replace(coef=v.coef * abs(c))))
            c = Fraction(1 if c > 0 else -1)
        else:
            refs.append(plan.resolve(a))
        numbers.append(c)
    nodes, flip = plan.k.aligned(refs)
    total = plan.k.lin(nodes, numbers)
    if count:
        d = plan.k.lin([plan.products.node(a) for a in node.args[base:]], coefs[base:])
        total = plan.k.make("adddiag", (plan.k.expand(total, node.shape), d), None, node.shape)
    return Ref(total, flip)


def products(plan: Plan, node: Node) -> Ref:
    return plan.entrywise(plan.factors(node))


def transpose(plan: Plan, node: Node) -> Ref:
    r = plan.done[node.args[0]]
    return Ref(r.node, not r.flip)


def sigmoid(plan: Plan, node: Node) -> Ref:
    """With e = exp(-|x|): 1 / (1 + e) where x ≥ 0, e / (1 + e) elsewhere."""
    x, flip = plan.done[node.args[0]]
    e = _decay(plan.k, x)
    top = plan.k.make("pick", (x, e), node.attr, x.shape)
    return Ref(plan.k.prod([top, plan.k.lin([plan.k.number(1), e], (ONE, ONE))], (1, -1)), flip)


def softplus(plan: Plan, node: Node) -> Ref:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))"""
    x, flip = plan.done[node.args[0]]
    e = _decay(plan.k, x)
    positive = plan.k.map("relu", plan.k.prod([x], (1,), Fraction(node.attr)))
    return Ref(plan.k.lin([positive, plan.k.map("log1p", e)], (ONE, ONE)), flip)


def _decay(k: Kernels, x: Node) -> Node:
    return k.map("exp", k.prod([k.map("abs", x)], (1,), -ONE))


def softmax(plan: Plan, node: Node) -> Ref:
    """All of the family share the largest entry, the exponentials and their sum."""
    k = plan.k
    x, flip = plan.done[node.args[0]]
    axis = node.attr if node.attr is None or not flip else 1 - node.attr
    reduced: Shape = () if axis is None else (x.shape[1 - axis],)
    top = k.make("max", (x,), axis, reduced)
    shifted = k.lin([x, k.along(top, axis)], (ONE, -ONE))
    e = k.map("exp", shifted)
    total = k.total(e, axis)
    if node.op == "softmax":
        return Ref(k.prod([e, k.along(total, axis)], (1, -1)), flip)
    log = k.map("log", total)
    if node.op == "logsumexp":
        return Ref(k.lin([top, log], (ONE, ONE)))
    return Ref(k.lin([shifted, k.along(log, axis)], (ONE, -ONE)), flip)


def trace_of_product(plan: Plan, node: Node) -> Ref:
    """tr(P Q) = sum(P ∘ Qᵀ), the product cut in two where that is cheapest."""
    p = plan.products
    chain = tuple([Factor(role, n, flip) for (role, flip), n in zip(node.attr, node.args, strict=True)])
    special = next((i for i, f in enumerate(chain) if f.role == "D"), None)
    if special is not None:
        rest = chain[special + 1 :] + chain[:special]
        return Ref(plan.k.dot(plan.products.node(chain[special].node), diagonal(plan, rest)))
    n = len(chain)
    if n > 6:
        parts = [chain[: n // 2], chain[n // 2 :]]
    else:
        table = p.table(chain + chain, n)
        best = min(
            ((table.cost[i, i + m] + table.cost[i + m, i + n], i, m) for i in range(n) for m in range(1, n) if i + m <= n),
            key=lambda c: c[0],
        )
        _, i, m = best
        double = chain + chain
        parts = [double[i : i + m], double[i + m : i + n]]
    solved = any(len(part) == 1 and part[0].role == "I" and part[0].node not in plan.inverted for part in parts)
    a, b = (p.product(part) if len(part) > 1 else plan.products.leaf(part[0]) for part in parts)
    if solved:  # tr(A⁻¹ B) by solving, not by inverting
        a, b = (b, a) if b.role == "I" and a.role != "I" else (a, b)
        return Ref(plan.k.make("trace", (plan.ref(p.join(a, b)).node,)))
    left, right = plan.ref(a), plan.ref(b)
    return Ref(plan.k.inner(left, Ref(right.node, not right.flip)))


def diagonal(plan: Plan, chain: Chain) -> Node:
    """diag(P Q), row by row, without the product."""
    p, k = plan.products, plan.k
    if len(chain) == 1:
        r = plan.ref(plan.products.leaf(chain[0]))
        return k.make("diagv", (r.node,), None, (r.node.shape[0],))
    if any(f.role == "I" for f in (chain[0], chain[-1])) and len(chain) == 2:
        r = plan.ref(p.product(chain))
        return k.make("diagv", (r.node,), None, (r.node.shape[0],))
    n = len(chain)
    table = p.table(chain) if n <= 12 else None
    m = n // 2 if table is None else min(range(1, n), key=lambda m: table.cost[0, m] + table.cost[m, n])
    a, b = (plan.ref(p.product(part) if len(part) > 1 else plan.products.leaf(part[0])) for part in (chain[:m], chain[m:]))
    script = f"{EINSUM[a.flip]},{EINSUM[not b.flip]}->i"
    rows = a.node.shape[1] if a.flip else a.node.shape[0]
    return k.make("einsum", (a.node, b.node), script, (rows,))


def diagonal_of_product(plan: Plan, node: Node) -> Ref:
    chain = tuple([Factor(role, n, flip) for (role, flip), n in zip(node.attr, node.args, strict=True)])
    return Ref(diagonal(plan, chain))


def inner(plan: Plan, node: Node) -> Ref:
    return Ref(plan.k.inner(*[plan.done[a] for a in node.args]))


def number(plan: Plan, node: Node) -> Ref:
    """A number that a matrix and its transpose share."""
    return Ref(plan.k.make(node.op, (plan.done[node.args[0]].node,), node.attr))


def diagonal_matrix(plan: Plan, node: Node) -> Ref:
    x = plan.products.node(node.args[0])
    eye = node.args[0].op == "ones"
    return Ref(plan.k.make("eye" if eye else "diagm", (plan.k.number(1) if eye else x,), None, node.shape))


def inverse(plan: Plan, node: Node) -> Ref:
    x, flip = plan.done[node.args[0]]
    return Ref(plan.k.make("inv", (x,), None, x.shape), flip)


def power(plan: Plan, node: Node) -> Ref:
    x, flip = plan.done[node.args[0]]
    whole = int(node.attr)
    rest = node.attr - whole
    parts = [plan.k.power(x, whole)] if whole else []
    if rest == Fraction(1, 2):
        parts.append(plan.k.map("sqrt", x))
    elif rest:
        parts = [plan.k.map("pow", x, node.attr)]
    return Ref(plan.k.prod(parts, [1] * len(parts)), flip)


def other(plan: Plan, node: Node) -> Ref:
    """The operator on the kernels of its arguments."""
    if node.op in ENTRYWISE:
        nodes, flip = plan.k.aligned([plan.done[a] for a in node.args])
        return Ref(plan.k.make(node.op, tuple(nodes), node.attr, node.shape[::-1] if flip else node.shape), flip)
    if node.op == "sumall":
        return Ref(plan.k.total(plan.done[node.args[0]].node))
    return Ref(plan.k.make(node.op, tuple([plan.products.node(a) for a in node.args]), node.attr, node.shape))


STEPS: dict[str, Callable[[Plan, Node], Ref]] = {
    "term": term,
    "lin": sums,
    "mul": products,
    "T": transpose,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "softmax": softmax,
    "logsumexp": softmax,
    "logsoftmax": softmax,
    "tracechain": trace_of_product,
    "diagchain": diagonal_of_product,
    "inner": inner,
    **dict.fromkeys(("trace", "det", "logdet", "norm2", "normspec", "normnuc", "eigmax"), number),
    "inv": inverse,
    "diagm": diagonal_matrix,
    "pow": power,
}
