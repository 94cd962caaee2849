"""What keeps generated code finite where the formula as written overflows or divides by zero, and has to be searched for.

Equations of one variable are rows (stable_forms.py, product_rows.py). Here are those about factors that do not commute or stand
apart: exp(z) anywhere in a product that is divided by its sum, the inverse beside the determinant, the root whose square is there.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.codegen.ir.graph import ONE, ZERO, Chain, Factor, Node, Powers, Ref, Val, cancel, is_ones, opened, turned
from matcalc.codegen.ir.values import Values, role_of
from matcalc.codegen.lower.product_rows import complement, folded, multiply, signed
from matcalc.expr.table import Type

# ---------------------------------------------------------------- recognising


def sum_of_exp(node: Node) -> tuple[Node, bool | None] | None:
    """(exp(z), None) for the sum of all entries, (exp(Z), flip) for those of the rows of Z or of its transpose."""
    if node.op != "term":
        return None
    v = opened(node)
    roles = "".join([f.role for f in v.chain])
    if v.coef != 1 or v.nums or v.dens or roles not in ("rc", "Mc", "rMc"):
        return None
    exps = [f for f in v.chain if f.node.op == "exp"]
    if len(exps) != 1 or not all(is_ones(f) for f in v.chain if f is not exps[0]):
        return None
    return exps[0].node, exps[0].flip if roles == "Mc" else None


def _sigmoid_of_minus(algebra: Values, z: Node) -> Node:
    base, sign = signed(algebra, z)
    return algebra.graph.make("sigmoid", (base,), -sign, z.shape)


# ---------------------------------------------------------------- products


def finished(algebra: Values, v: Val) -> Val:
    """A whole product, before it becomes an array."""
    if any(n.op == "det" for n in v.nums):
        v = _adjugate(algebra, v)
    if v.dens or len(v.nums) > 1:
        v = _quotients(algebra, v)
    if v.dens:
        v = _softmax(algebra, v)
        v = _norms(algebra, v)
    return v


def _norms(algebra: Values, v: Val) -> Val:
    """x'x = ‖x‖² where the norm is there; what a derivative divides by a norm is 0 at 0 (see ``matcalc.algebra.roots``)."""
    dens: list[Node] = []
    for d in v.dens:
        z = squared(algebra, d)
        norm = None if z is None else algebra.graph.known("norm2", (z,), None, ())
        dens += [d] if norm is None else [norm, norm]
    norms = {d.args[0]: d for d in dens if d.op == "norm2"}
    nums = [n for m in v.nums for n in [norms.get(squared(algebra, m) or m, m)] * (2 if squared(algebra, m) in norms else 1)]
    above, below = cancel(tuple(nums), tuple(dens))
    v = v._replace(nums=above, dens=below)
    return v._replace(dens=tuple([guard(algebra, d) if below.count(d) == 1 and _vanishes(algebra, v, d) else d for d in below]))


def guard(algebra: Values, root: Node) -> Node:
    """The root, or 1 where it is 0."""
    return algebra.graph.make("guard", (root,), None, root.shape)


def _vanishes(algebra: Values, v: Val, root: Node) -> bool:
    """Whether all that is divided by the root is 0 where it is: so in a first derivative, and where its argument is a factor."""
    return root in algebra.free_roots and (algebra.once or (root.op == "norm2" and _carries(v, root.args[0])))


def squared(algebra: Values, node: Node) -> Node | None:
    """z, where the node is z'z, or the sum of the squares of all entries of z."""
    if node.op == "inner" and node.args[0] is node.args[1]:
        return node.args[0]
    v = opened(node) if node.op == "term" else ZERO
    half = len(v.chain) // 2
    if not v.coef or not half or v != Val(ONE, chain=v.chain) or algebra.turned(v.chain[:half]) != v.chain[half:]:
        return None
    return algebra.ref(Val(ONE, chain=v.chain[half:])).node


def root(algebra: Values, v: Val) -> Val | None:
    """√(z'z) = ‖z‖"""
    z = squared(algebra, v.nums[0]) if len(v.nums) == 1 and v == Val(ONE, v.nums) else None
    return None if z is None else Val(ONE, (algebra.graph.make("norm2", (z,)),))


def _adjugate(algebra: Values, v: Val) -> Val:
    """det(A) inv(A) = adj(A), which a singular matrix has too."""
    for i, f in enumerate(v.chain):
        found = next((n for n in v.nums if n.op == "det" and f.role == "I" and n.args[0] is f.node), None)
        if found is not None:
            nums = list(v.nums)
            nums.remove(found)
            adjugate = Factor("M", algebra.graph.make("adj", (f.node,), None, f.node.shape), f.flip)
            return v._replace(nums=tuple(nums), chain=(*v.chain[:i], adjugate, *v.chain[i + 1 :]))
    return v


def _quotients(algebra: Values, v: Val) -> Val:
    """Scalars by the rows about entrywise products."""
    powers: Powers = {}
    for nodes, e in ((v.nums, ONE), (v.dens, -ONE)):
        for n in nodes:
            multiply(powers, Ref(n), e)
    before = dict(powers)
    folded(algebra, powers)
    if powers == before:
        return v
    out = Val(v.coef, chain=v.chain)
    for r, e in powers.items():
        out = algebra.times(out, algebra.power(algebra.scalar(r.node), int(e)))
    return out


def _softmax(algebra: Values, v: Val) -> Val:
    """exp(z) / sum(exp(z)) = softmax(z), wherever in the product exp(z) stands."""
    for d in v.dens:
        found = sum_of_exp(d)
        if found is None or found[1] is not None:
            continue
        e = found[0]
        new = algebra.graph.make("softmax", (e.args[0],), None, e.shape)
        dens = list(v.dens)
        dens.remove(d)
        chain = _replaced(algebra, v.chain, e, new)
        if chain is not None:
            return v._replace(dens=tuple(dens), chain=chain)
        for i, n in enumerate(v.nums):
            inner = _replaced(algebra, opened(n).chain, e, new) if n.op == "term" else None
            if inner is not None:
                rest = Val(v.coef, (*v.nums[:i], *v.nums[i + 1 :]), tuple(dens), v.chain)
                return algebra.times(rest, algebra.scalar(algebra.closed(inner)))
    return v


def _replaced(algebra: Values, chain: Chain, old: Node, new: Node) -> Chain | None:
    """The product with one factor, or one entrywise factor of a factor, exchanged."""
    for i, f in enumerate(chain):
        node: Node | None = new if f.node is old else None
        if f.node.op == "mul" and old in f.node.args and f.node.attr[f.node.args.index(old)] > 0:
            powers = {Ref(a): k for a, k in zip(f.node.args, f.node.attr, strict=True)}
            powers[Ref(old)] -= 1
            powers = {r: k for r, k in powers.items() if k}
            powers[Ref(new)] = powers.get(Ref(new), Fraction(0)) + 1
            role = "M" if len(f.node.shape) == 2 else "c"
            (factor,) = algebra.from_powers(powers, role, f.node.shape).chain
            node = algebra.explicit(Ref(factor.node, factor.flip))
        if node is not None:
            return (*chain[:i], Factor(f.role, node, f.flip), *chain[i + 1 :])
    return None


def _carries(v: Val, z: Node) -> bool:
    """Whether the product has z as a factor, so that it vanishes with it."""
    pieces = [v.chain, *[opened(n).chain for n in v.nums if n.op == "term"]]
    wanted = opened(z).chain if z.op == "term" else ()
    for chain in pieces:
        for i, f in enumerate(chain):
            if f.node is z or (f.node.op == "mul" and z in f.node.args):
                return True
            for part in (wanted, turned(wanted)):
                if part and _same(chain[i : i + len(part)], part):
                    return True
    return False


def _same(a: Chain, b: Chain) -> bool:
    return [(f.node, f.flip) for f in a] == [(f.node, f.flip) for f in b]


# ---------------------------------------------------------------- entrywise


def fold(algebra: Values, parts: dict[str, Powers], scalars: Val, t: Type) -> Val:
    """The same identities entry by entry; ``parts`` is changed, what is left of the scalars is returned."""
    powers = parts["all"]
    folded(algebra, powers)
    _distribute(algebra, powers, t)
    for d in scalars.dens:
        found = sum_of_exp(d)
        if found is None or found[1] is not None:
            continue
        for r in (Ref(found[0]), Ref(found[0], True)):
            if powers.get(r, 0) > 0:
                _exchange(powers, r, algebra.graph.make("softmax", r.node.args, None, r.node.shape))
                dens = list(scalars.dens)
                dens.remove(d)
                scalars = scalars._replace(dens=tuple(dens))
                break
    for key in "cr":
        for r, e in list(parts[key].items()):
            found = sum_of_exp(r.node)
            if e >= 0 or found is None or found[1] is None:
                continue
            exps = Ref(found[0], found[1] != (key == "r"))
            if powers.get(exps, 0) > 0:
                axis = 0 if found[1] else 1
                _exchange(powers, exps, algebra.graph.make("softmax", exps.node.args, axis, exps.node.shape))
                multiply(parts[key], r, ONE)
    return scalars


def _distribute(algebra: Values, powers: Powers, t: Type) -> None:
    """σ(-z) (1 + z + exp(z)) = σ(-z) + z σ(-z) + σ(z): no factor overflows."""
    for r, e in list(powers.items()):
        if e != 1 or r.node.op != "lin" or r.node.attr[1] or r.flip:
            continue
        exps = [x for a in r.node.args for x in ((a, *a.args) if a.op == "mul" else (a,)) if x.op == "exp"]
        found = [s for s in (Ref(_sigmoid_of_minus(algebra, x.args[0])) for x in exps) if powers.get(s, 0) > 0]
        if not found or any(a.shape not in ((), r.node.shape) for a in r.node.args):
            continue
        role = role_of(t)
        factor = algebra.array(found[0].node, role)
        terms = []
        for a, c in zip(r.node.args, r.node.attr[0], strict=True):
            v = algebra.array(a, role) if a.shape else algebra.times(algebra.scalar(a), algebra.ones(t))
            terms.append(algebra.times(Val(c), algebra.hadamard([(v, ONE), (factor, ONE)], t)))
        total = algebra.add(terms, t)
        if total.nums or total.dens or len(total.chain) != 1:
            continue
        multiply(powers, r, -ONE)
        multiply(powers, found[0], -ONE)
        multiply(powers, Ref(algebra.node(total)), ONE)


def _exchange(powers: Powers, old: Ref, new: Node) -> None:
    multiply(powers, old, -ONE)
    multiply(powers, Ref(new, old.flip), ONE)


OPPOSITE = {1: -2, 2: -1, -1: 2, -2: 1}  # attributes of a step and of 1 - step: what is 1 at 0 has no name in the notation


def one_minus(algebra: Values, entries: dict[Node, Fraction], t: Type, flip: bool) -> Val | None:
    """1 - σ(z) = σ(-z): the left side has no digits left where σ is near 1. 1 - [z > 0] = [z ≤ 0], which can be a mask."""
    if len(entries) != 2 or algebra.one not in entries:
        return None
    c = entries[algebra.one]
    other = next(n for n in entries if n is not algebra.one)
    if entries[other] != -c:
        return None
    step = other.op == "step"
    node = algebra.graph.make("step", other.args, OPPOSITE[other.attr], other.shape) if step else complement(algebra, other)
    return None if node is None else algebra.array_or_spread(node, t, flip)._replace(coef=c)
