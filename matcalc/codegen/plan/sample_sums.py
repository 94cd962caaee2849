"""Which arrays of a plan are sums over samples, so that what blocks of samples give is added up.

Along a size N each array is ``fixed``, the same for all blocks; of ``rows``, of which each sample has its own, along the one axis
of that size; a ``sum`` over the samples; or none of these. Sums are kept by what is linear, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from matcalc.codegen.ir.graph import Node, Shape
from matcalc.codegen.plan.kernel_nodes import Kernels
from matcalc.expr.dims import Dim, atoms
from matcalc.expr.nodes import postorder
from matcalc.expr.table import TABLE

FIXED, ROWS, SUM = "fixed", "rows", "sum"
BY_ENTRIES = frozenset("lin prod square pow powv pick step guard max2 min2 huber2 fn".split())  # noqa: SIM905
LINEAR = frozenset("sum T col slice trace diagv diagm tril vec reshape expand".split())  # noqa: SIM905
ALIKE = frozenset(("ones", "zeros", "expand"))  # each sample's are the same
AT_LABELS = frozenset(("gather", "plusat", "scattered"))


class Split(NamedTuple):
    """An array as what is added over the blocks, and what no sample is in; either may be missing."""

    added: Node | None
    rest: Node | None


class Samples:
    """The states of all arrays below some roots, along the size of one name; ``mixing`` is the first that has none."""

    def __init__(self, roots: Sequence[Node], size: str) -> None:
        self.size = size
        self.mixing: Node | None = None
        self.states: dict[Node, str | None] = {}
        for node in postorder(roots):
            state = self.states[node] = self.state(node)
            if state is None and self.mixing is None:
                self.mixing = node

    def axis(self, shape: Shape) -> int | None:
        """The axis of the samples, where there is one."""
        return shape.index(self.size) if shape.count(self.size) == 1 else None

    def has(self, d: Dim) -> bool:
        return not isinstance(d, int) and any(self.size in str(a).split("//") for a in atoms(d))

    def state(self, node: Node) -> str | None:
        """Of one array, with those of its arguments at hand."""
        among = {self.states[a] for a in node.args}
        sized = [d for d in node.shape if self.has(d)]
        if sized and (sized != [self.size] or None in among):
            return None
        if among <= {FIXED}:
            return FIXED if not sized else ROWS if node.op in ("sym", *ALIKE) else None
        if None in among:
            return None
        if among == {ROWS} or among == {ROWS, FIXED}:
            return self.of_rows(node)
        return SUM if not sized and self.is_linear(node) else None

    def is_linear(self, node: Node) -> bool:
        """Whether an array is a sum because some of its arguments are, none of them of rows."""
        states = [self.states[a] for a in node.args]
        count = states.count(SUM)
        if node.op == "lin":
            return count == len(states)
        if node.op == "prod":
            (at,) = [i for i, s in enumerate(states) if s == SUM] if count == 1 else (-1,)
            return at >= 0 and node.attr[1][at] > 0 and ROWS not in states
        if node.op in ("mm", "dot", "inner", "outer", "kron", "einsum"):
            return count == 1 and ROWS not in states
        return node.op in LINEAR and (node.op != "slice" or not any(self.has(d) for d in _spans(node)))

    def of_rows(self, node: Node) -> str | None:
        if node.op in BY_ENTRIES or (node.op in TABLE and TABLE[node.op].elementwise):
            return self.along(node)
        rule = _RULES.get(node.op)
        return rule(self, node) if rule else None

    def along(self, node: Node) -> str | None:
        """Entry by entry: rows where the samples of all stand along one axis, counted from the last."""
        axis = self.axis(node.shape)
        if axis is None:
            return None
        places = [(i - len(a.shape)) for a in node.args if (i := self.axis(a.shape)) is not None]
        return ROWS if {*places} == {axis - len(node.shape)} else None

    def reduced(self, node: Node) -> str | None:
        summed = node.attr is None or node.attr == self.axis(node.args[0].shape)
        if node.op == "sum":
            return SUM if summed else ROWS
        return None if summed else ROWS

    def product(self, node: Node) -> str | None:
        """A matrix product: over the samples, where they are what it sums over in both factors."""
        a, b = node.args
        contracted = [len(a.shape) - 1, 0]
        for i, flip in enumerate(node.attr):
            if flip and len(node.args[i].shape) == 2:
                contracted[i] = 1 - contracted[i]
        there = [self.axis(x.shape) for x in (a, b)]
        if there == contracted:
            return SUM
        return ROWS if (there[0] is None) != (there[1] is None) and self.axis(node.shape) is not None else None

    def paired(self, node: Node) -> str | None:
        there = [self.axis(x.shape) for x in node.args]
        if node.attr and None not in there:
            there[1] = 1 - (there[1] or 0)
        return SUM if there[0] is not None and there[0] == there[1] else None

    def script(self, node: Node) -> str | None:
        words, _, out = str(node.attr).partition("->")
        places = [(word, self.axis(a.shape)) for word, a in zip(words.split(","), node.args, strict=True)]
        letters = {word[i] for word, i in places if i is not None}
        if len(letters) != 1 or any(word.count(c) != (i is not None) for word, i in places for c in letters):
            return None
        return ROWS if letters <= {*out} else SUM

    def one_of_two(self, node: Node) -> str | None:
        return ROWS if [self.states[a] for a in node.args].count(ROWS) == 1 and self.axis(node.shape) is not None else None

    def kept(self, node: Node) -> str | None:
        return ROWS if self.axis(node.shape) is not None else None

    def sliced(self, node: Node) -> str | None:
        axis = self.axis(node.args[0].shape)
        return ROWS if axis is not None and node.attr[axis] is None and not any(self.has(d) for d in _spans(node)) else None

    def at_labels(self, node: Node) -> str | None:
        own = {self.axis(a.shape) for a in node.args} | {self.axis(node.shape)}
        return ROWS if own == {0} and all(self.states[a] == ROWS for a in node.args) else None


_RULES: dict[str, Callable[[Samples, Node], str | None]] = {
    **dict.fromkeys(("sum", "max", "min"), Samples.reduced),
    "mm": Samples.product,
    **dict.fromkeys(("dot", "inner"), Samples.paired),
    "expand": Samples.along,
    "einsum": Samples.script,
    "outer": Samples.one_of_two,
    **dict.fromkeys(("T", "col"), Samples.kept),
    "slice": Samples.sliced,
    **dict.fromkeys(AT_LABELS, Samples.at_labels),
}


def _spans(node: Node) -> list[Dim]:
    """The sizes that a slice is between."""
    return [d for p in node.attr if p is not None for d in (p if isinstance(p, tuple) else (p,))]


def split(k: Kernels, samples: Samples, node: Node) -> Split | None:
    """A root as a sum over blocks and a rest; None where it is no such."""
    state = samples.states[node]
    if state in (SUM, FIXED):
        return Split(node, None) if state == SUM else Split(None, node)
    if node.op == "adddiag" and samples.states[node.args[0]] == SUM and samples.states[node.args[1]] == FIXED:
        d = node.args[1]
        return Split(node.args[0], k.make("diagm" if d.shape else "eye", (d,), None, node.shape))
    if node.op == "lin":
        parts = [split(k, samples, a) for a in node.args]
        return None if None in parts else Split(*[_terms(k, node, [p and p[i] for p in parts]) for i in (0, 1)])
    return _scaled(k, samples, node) if node.op == "prod" else None


def _terms(k: Kernels, node: Node, parts: Sequence[Node | None]) -> Node | None:
    """What is left of a sum."""
    pairs = [(p, c) for p, c in zip(parts, node.attr, strict=True) if p is not None]
    return k.lin([p for p, _ in pairs], [c for _, c in pairs]) if pairs else None


def _scaled(k: Kernels, samples: Samples, node: Node) -> Split | None:
    """A product of which one factor is split, and the others are fixed."""
    coef, signs = node.attr
    parts = [split(k, samples, a) for a in node.args]
    moving = [i for i, p in enumerate(parts) if p is None or p.added is not None]
    if len(moving) != 1 or (part := parts[moving[0]]) is None or signs[moving[0]] < 0:
        return None

    def with_(factor: Node | None) -> Node | None:
        return None if factor is None else k.prod([factor if i in moving else a for i, a in enumerate(node.args)], signs, coef)

    return Split(with_(part.added), with_(part.rest))
