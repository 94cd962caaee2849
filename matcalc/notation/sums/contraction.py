"""Sums of products of entries as products of matrices: Σ_j A_ij x_j is A x, Σ_k A_ik B_kj is A B, Σ_ij u_i A_ij x_j is uᵀ A x."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce as fold
from typing import Any

from matcalc.expr import dims
from matcalc.expr.errors import LimitError, ShapeError
from matcalc.notation.lex.habits import EINSUM
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.sums.family import Family, Part, array_type, axis


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
