"""A family: one value for each value of the bound indices, kept as one array; its factors, where it is a product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce as fold
from typing import Any, NamedTuple

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import LimitError, NoRuleError, ShapeError
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.lex.habits import EINSUM
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.tape import Scope


class Part(NamedTuple):
    """A factor of a product of scalars: a scalar, a column or a matrix over one or two indices, or a tensor."""

    core: int
    labels: tuple[str, ...]


class Family(NamedTuple):
    """``core`` on the tape holds the values: axes ``labels`` first, then the axis of a vector.

    ``inner``: ``s`` a scalar for each index, ``c`` a column, ``r`` a row, ``o`` an outer product (``core`` and
    ``other`` hold its two factors), ``C`` or ``R`` a sum of columns or rows over different indices, x_i - x_j (``terms``,
    without a core), ``w`` columns (in ``terms``) with weights over two indices, a_ij x_j; with no labels, the kind of the
    constant.
    """

    core: int
    labels: tuple[str, ...]
    inner: str
    other: int = -1
    parts: tuple[int, tuple[Part, ...]] = (-1, ())  # a core, and the factors of scalars whose product it is
    terms: tuple[Family, ...] = ()
    signs: str = ""  # + or - of each term

    @property
    def factors(self) -> tuple[Part, ...]:
        return self.parts[1] if self.parts[0] == self.core else (Part(self.core, self.labels),)

    def contracts(self, index: str | None = None) -> bool:
        """Whether a sum (over the index) is a product of matrices and vectors, not a sum of the entries of one array."""
        shapes = {p.labels for p in self.factors if p.labels}
        if any(len(labels) > 2 for labels in shapes) or not shapes:
            return False
        after = {x for labels in shapes if index in labels for x in labels if x != index}
        return len(after) <= 2 and (len(shapes) > 1 or (len(self.factors) > 1 and len(*shapes) == 1))

    def is_tensor(self, indices: tuple[str, ...]) -> bool:
        """Whether a sum over the indices is an einsum of several factors, no product of matrices."""
        labels = {x for p in self.factors for x in p.labels}
        many = any(len(p.labels) > 2 for p in self.factors) or len(labels.difference(indices)) > 2
        return len(self.factors) > 1 and many and labels.issuperset(indices)


def axis_size(scope: Scope, f: Family, label: str) -> Dim:
    return axis(scope.type(f.core), f.labels.index(label))


def axis(t: Type, i: int) -> Dim:
    sizes: Sequence[Dim] = t.rows if t.kind == "t" else (t.cols, t.cols) if t.kind == "r" else (t.rows, t.cols)
    return sizes[i]


def array_type(sizes: tuple[Dim, ...]) -> Type:
    """The type of an array of scalars with these sizes."""
    if not sizes:
        return SCALAR
    return Type("t", sizes, 1) if len(sizes) > 2 else Type("cm"[len(sizes) - 1], *sizes, *(1,) * (2 - len(sizes)))


def no_form(scope: Scope, node: Ast) -> NoRuleError:
    text, base = scope.source[node.start : node.end], node.args[0] if node.args else node
    hint = "in matrix form such things are sum(…), X*w, diag(s)*X"
    if node.kind == "index" and base.kind == "name" and any(a.kind == "sum" for a in node.args[1:]):  # x_{i+1}
        x = base.value
        hint = f"neighbours are slices in plain notation, {x}[2:n] beside {x}[1:n-1], where {x} has n entries"
    elif not scope.slices:
        hint += "; or say what an indexed token is a slice of, with --index (index=…)"
    return NoRuleError(f"'{text}' under a sum has no matrix form here", span=node.span, hint=hint)


# Sums of products of entries as products of matrices: Σ_j A_ij x_j is A x, Σ_k A_ik B_kj is A B, Σ_ij u_i A_ij x_j is uᵀ A x


def first_changed(f: Family, change: Callable[[int], int]) -> Family:
    """The family after a scaling or a change of sign, done to the core and to one of the factors."""
    changed = f._replace(core=change(f.core))
    if len(f.factors) == 1:
        return changed
    first, *others = f.factors
    return changed._replace(parts=(changed.core, (Part(change(first.core), first.labels), *others)))


def summed(scope: Scope, factors: Sequence[Part], index: str, node: Ast) -> list[Part]:
    """The factors of the sum over the index; each factor has two indices at most. Two further indices stay as a matrix."""
    inside = [p for p in factors if index in p.labels]
    others = list(dict.fromkeys(x for p in inside for x in p.labels if x != index))
    vectors = [p.core for p in inside if p.labels == (index,)]
    matrices = {x: _over(scope, [p for p in inside if x in p.labels], (x, index), node) for x in others}
    outside = [p for p in factors if index not in p.labels]
    weight = _entrywise(scope, vectors, node) if vectors else None
    if not others:
        return [*outside, Part(_inner(scope, vectors, node), ())]
    left = matrices[others[0]]
    if len(others) == 1:
        core = scope.apply("rowsum", (left,), node) if weight is None else scope.apply("matmul", (left, weight), node)
    else:
        right = scope.apply("T", (matrices[others[1]],), node)
        if weight is not None:
            right = scope.apply("matmul", (scope.apply("diagm", (weight,), node), right), node)
        core = scope.apply("matmul", (left, right), node)
    return [*outside, Part(core, tuple(others))]


def einsum(scope: Scope, f: Family, indices: Sequence[str], node: Ast) -> Family:
    """Σ_jk T_ijk x_j y_k in one step."""
    labels = tuple([x for x in f.labels if x not in indices])
    core = contracted(scope, [p for p in f.factors if p.labels], labels, node)
    for p in f.factors:
        core = core if p.labels else scope.apply("scale", (p.core, core), node)
    return Family(core, labels, "s")


def contracted(scope: Scope, factors: Sequence[Part], labels: tuple[str, ...], node: Ast) -> int:
    """The sum of the products over all indices but ``labels``, as an einsum; an index has one size in all factors.

    Raises ``ShapeError`` and ``LimitError``."""
    found = list(dict.fromkeys(x for p in factors for x in p.labels))
    if len(found) > len(EINSUM):
        raise LimitError(f"a sum over {len(found)} indices at once, and {len(EINSUM)} is the limit", span=node.span,
                         hint="sum over some of them inside of brackets")  # fmt: skip
    letter = dict(zip(found, EINSUM, strict=False))
    sizes: dict[str, Any] = {}
    for p in factors:
        for i, x in enumerate(p.labels):
            size = axis(scope.type(p.core), i)
            if not scope.unifier.unify(sizes.setdefault(x, size), size):
                _refuse_sizes(scope, factors, x, node)
    text = ",".join(["".join(letter[x] for x in p.labels) for p in factors]) + "->" + "".join(letter[x] for x in labels)
    return scope.put("einsum", tuple([p.core for p in factors]), text, array_type(tuple([sizes[x] for x in labels])), node)


def _refuse_sizes(scope: Scope, factors: Sequence[Part], index: str, node: Ast) -> None:
    having = [p for p in factors if index in p.labels]
    scope.name_unknown(tuple([p.core for p in having]))
    found = [(p.core, axis(scope.type(p.core), i)) for p in having for i, x in enumerate(p.labels) if x == index]
    sizes = [f"{dims.text(size)} in '{scope.text(core)}'" for core, size in found]
    raise ShapeError(f"the index {index} has the sizes " + ", ".join(sizes), span=node.span,
                     hint="declare the sizes so that they agree: --dim NAME=n,m")  # fmt: skip


def _entrywise(scope: Scope, cores: Sequence[int], node: Ast) -> int:
    return fold(lambda a, b: scope.apply("hadamard", (a, b), node), cores)


def _over(scope: Scope, parts: Sequence[Part], labels: tuple[str, str], node: Ast) -> int:
    """The entrywise product of matrices over the two indices, in this order."""
    return _entrywise(scope, [p.core if p.labels == labels else scope.apply("T", (p.core,), node) for p in parts], node)


def _inner(scope: Scope, vectors: Sequence[int], node: Ast) -> int:
    """Σ_i u_i v_i: uᵀ (A x) where one of them is a product, else the sum of all entries."""
    products = [v for v in vectors if scope.original(v).op == "matmul"]
    if len(vectors) == 1 or not products:
        return scope.apply("sum", (_entrywise(scope, vectors, node),), node)
    others = list(vectors)
    others.remove(products[-1])
    row = scope.apply("T", (_entrywise(scope, others, node),), node)
    return scope.apply("matmul", (row, products[-1]), node)
