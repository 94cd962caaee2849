"""A family: one value for each value of the bound indices, kept as one array; its factors, where it is a product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matcalc.expr.dims import Dim
from matcalc.expr.errors import NoRuleError
from matcalc.expr.table import SCALAR, Type
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
