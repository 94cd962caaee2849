"""What the points of a check have shown of an expression: the branches that its operators took, and the parts that were not 0.

A line is no better tested than what its points show. Where relu(z) is 0 at each of them, an answer that forgets it passes, and
so does a wrong formula for the branch that no entry took.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

import numpy as np

from matcalc.expr.groups import CHOICES, DERIVED, SUMS
from matcalc.expr.nodes import Expr, postorder
from matcalc.expr.table import TABLE
from matcalc.numeric import evaluation
from matcalc.numeric.branches import ALL, AT_ZERO, DISTANCES, count, taken
from matcalc.numeric.entrywise_functions import NAMED, Array
from matcalc.numeric.evaluation import Functions
from matcalc.numeric.magnitudes import largest
from matcalc.numeric.properties import DISCRETE
from matcalc.numeric.sampling import VARIED, Place
from matcalc.numeric.stand_ins import Elementwise

# How far out further points are, in the order in which they are tried: near ones test more exactly.
SCALES = (1, 1, 1, 16, 1, 512, 1, 16384)
MODES = (("", "positive"), ("", ""), ("", "small"))
AT_MOST = 3 * len(VARIED)  # further points that are looked for

# Properties by which an entry is on one side of zero.
ONE_SIDED = DISCRETE - {"sign"} | {"positive", "nonnegative", "probability", "unit-interval", "above-one"}

# Operators that do not depend on an argument where it lies on one of their branches.
LEAVES_OUT = frozenset(("relu", "hardtanh", "max2", "min2"))

Part = tuple[Expr, Expr | None]  # a node; and of a function that the input defines, a node of its body


Body = tuple[Expr, Expr]  # of a function that the text defines: its parameter, and its formula


class Seen(NamedTuple):
    """What is still to be seen; nothing of what never changes."""

    bodies: Mapping[str, Body]
    functions: Functions
    order: tuple[Expr, ...]  # the nodes of the expression and of what was derived, arguments first
    roots: frozenset[Expr]  # the expression, and what was derived
    branched: tuple[Expr, ...]
    own: frozenset[Expr]  # nodes of the expression
    zero: frozenset[Expr]  # so far 0 wherever they were visible
    always_zero: frozenset[Expr]  # so far 0 at all points
    branches: Mapping[Part, frozenset[int]]  # those that were taken where it was visible
    met: Mapping[Part, frozenset[int]]  # those that were taken
    faint: frozenset[Part]  # sums, and the terms that so far were lost beside the other one

    @property
    def looks(self) -> bool:
        """Whether another point could show more."""
        return bool(self.branched or self.zero or self.faint)

    @property
    def missing(self) -> bool:
        return bool(self.zero) or any(len(found) < wanted(part) for part, found in self.branches.items())

    def after(self, known: Mapping[Expr, Array]) -> Seen:
        """With what one more point shows."""
        visible = self._visible(known)
        zero = frozenset(e for e in self.zero if e not in visible or not known[e].any())
        always_zero = frozenset(e for e in self.always_zero if not known[e].any())
        branches, met = dict(self.branches), dict(self.met)
        for node in self.branched:
            for part, found in self._taken(node, known):
                met[part] = met.get(part, frozenset()) | found
                branches[part] = branches.get(part, frozenset()) | (found if node in visible else frozenset())
        faint = frozenset((e, term) for e, term in self.faint if term and _is_lost(term, e, known))
        return self._replace(zero=zero, always_zero=always_zero, branches=branches, met=met, faint=faint)

    def _visible(self, known: Mapping[Expr, Array]) -> Set[Expr]:
        """Nodes on which a root depends at a point: nothing that is multiplied by 0 there, or that a branch leaves out."""
        zero = {e for e in self.order if not known[e].any()}
        if not zero and not any(n.op in LEAVES_OUT for n in self.branched):
            return set(self.order)
        found = set(self.roots)
        for node in reversed(self.order):
            if node not in found:
                continue
            if node.op in LEAVES_OUT:
                found.update(_that_count(node, [known[a] for a in node.args]))
            else:
                slots = [] if zero.isdisjoint(node.args) else [i for i, a in enumerate(node.args) if a in zero]
                slots = [i for i in slots if TABLE[node.op].is_linear(i)]
                found.update(a for i, a in enumerate(node.args) if set(slots) <= {i})
        return found

    def one_sided(self) -> list[Expr]:
        """Nodes of which a branch was not met; that always the same entry is the largest, or what is said of a function that
        nothing is known of, is no news."""
        known = [(e, inner or e) for (e, inner), found in self.met.items() if len(found) < wanted((e, inner))]
        known = [(e, n) for e, n in known if e in self.own]
        return [e for e, n in known if n.op in DISTANCES or (n.op == "fn" and is_smooth(self.functions[n.attr[0]]))]

    def elsewhere(self, k: int) -> tuple[Sequence[int], Place]:
        """Sizes of a further point, and a place at which there is something new to be seen."""
        modes = MODES[k % len(MODES)]
        return VARIED[k % len(VARIED)], Place(SCALES[k % len(SCALES)], modes, len(modes), self._is_more)

    def _is_more(self, known: Mapping[Expr, Array]) -> bool:
        return self.after(known)._progress > self._progress

    @property
    def _progress(self) -> int:
        return sum(min(len(found), wanted(part)) for part, found in self.branches.items()) - len(self.zero)

    def _taken(self, node: Expr, known: Mapping[Expr, Array]) -> Iterator[tuple[Part, frozenset[int]]]:
        arguments = [known[a] for a in node.args]
        if node.op in ALL:
            yield (node, None), taken(node.op, arguments)
        elif node.attr[0] in self.bodies:
            yield from (((node, inner), found) for inner, found in self._in_body(self.bodies[node.attr[0]], arguments[0]))
        else:
            op = operator_of(self.functions.get(node.attr[0]))
            if op:
                yield (node, None), taken(op, arguments)

    def _in_body(self, own: Body, x: Array) -> Iterator[tuple[Expr, frozenset[int]]]:
        """Branches inside a function that the input defines, at the entries of ``x``."""
        parameter, body = own
        nodes = [n for n in postorder((body,)) if n.op in ALL or (n.op == "fn" and n.attr[0] in self.bodies)]
        known = evaluation.values([a for n in nodes for a in n.args], {parameter: x.reshape(-1, 1, 1)}, {}, self.functions)
        for n in nodes:
            if n.op in ALL:
                yield n, taken(n.op, [known[a] for a in n.args])
            else:
                yield from self._in_body(self.bodies[n.attr[0]], known[n.args[0]])


def _that_count(node: Expr, arguments: Sequence[Array]) -> list[Expr]:
    """Arguments of which some entry counts."""
    if node.op in CHOICES:
        sides = taken(node.op, arguments)  # 0: the first is the larger
        return [a for i, a in enumerate(node.args) if (i if node.op == "max2" else 1 - i) in sides]
    counts = arguments[0] > 0 if node.op == "relu" else np.abs(arguments[0]) < 1
    return list(node.args) if counts.any() else []


LOST = 1e-5  # of the other term: an error of a thousandth of this is not seen


def _is_lost(term: Expr, e: Expr, known: Mapping[Expr, Array]) -> bool:
    small, large = (largest(known[x]) for x in (term, e))
    return 0 < small < LOST * large


def nothing_seen(
    output: Expr,
    derived: Sequence[Expr],
    bodies: Mapping[str, Body],
    functions: Functions,
    assume: Mapping[str, frozenset[str]],
) -> Seen:
    """Before the first point; ``bodies`` are the functions that the text defines."""

    def branches(node: Expr) -> bool:
        if node.op == "fn":
            return bool(node.attr[0] in bodies or operator_of(functions.get(node.attr[0])))
        return node.op in ALL and not _declared_on_one_side(node, assume)

    own = _moving((output,))
    every, roots = own, [output]
    branched = [e for e in own if branches(e)]
    if branched or functions:
        decided = {_decided(e) for e in branched}
        further = [e for e in _moving(derived) if e not in own and branches(e) and _decided(e) not in decided]
        if further:
            every, roots = _moving((output, *derived)), [output, *derived]
            branched += further
    found = frozenset(roots).intersection(every)
    faint = frozenset((e, a) for e in own if e.op in SUMS for a in e.args if a in own)
    return Seen(
        bodies, functions, tuple(every), found, tuple(branched), frozenset(own), frozenset(own), frozenset(own), {}, {}, faint
    )


def _decided(node: Expr) -> tuple[Expr, ...]:
    """What decides which branch is taken: of max(a, b), and of step(a - b), it is the same."""
    return node.args[0].args if node.op == "step" and node.args[0].op == "sub" else node.args


def _moving(roots: Sequence[Expr]) -> dict[Expr, None]:
    """Nodes that depend on a variable, in their order; nothing that depends on a differential."""
    found: dict[Expr, None] = {}
    still: set[Expr] = set()
    for node in postorder(roots):
        if node.op in DERIVED or not still.isdisjoint(node.args):
            still.add(node)
        elif node.op == "sym" or not found.keys().isdisjoint(node.args):
            found[node] = None
    return found


def _declared_on_one_side(node: Expr, assume: Mapping[str, frozenset[str]]) -> bool:
    x = node.args[0]
    return node.op in AT_ZERO and x.op == "sym" and bool(ONE_SIDED & assume.get(str(x.attr), frozenset()))


def wanted(part: Part) -> int:
    node, inner = part
    return count((inner or node).op) if (inner or node).op in ALL else 2


def is_smooth(function: object) -> bool:
    return isinstance(function, Elementwise) and function.analytic


def operator_of(function: object) -> str | None:
    """The operator with branches that a given function is; of what is not known, they may be on both sides of 0."""
    if not isinstance(function, Elementwise):
        return None
    if not function.analytic:
        return "sign"
    return next((op for op in ALL & NAMED.keys() if NAMED[op] is function.derivatives), None)
