"""Sums over indices as they were written, in the form that a plain loop can follow.

A lift is a big operator with the expression without indices that it became. Beside the tree as it was
written stands the same tree with its names understood: what does not depend on an index is a ``value``,
an entry or a slice of an array an ``entry``. Nothing here knows how the sum became a matrix product.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from matcalc.expr.dims import SMALL
from matcalc.expr.nodes import Expr, dimension
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.lex.latex_names import slice_bases
from matcalc.notation.lex.syntax import Ast, Binder
from matcalc.notation.meaning import norms
from matcalc.notation.meaning.conventions import look_up
from matcalc.notation.meaning.counts import literal
from matcalc.notation.meaning.problem import Lift
from matcalc.notation.meaning.tape import Draft, Scope

Places = tuple[str, ...]
EACH = "each"  # the big operator that only collects its values: p_j = …
_LETTERS = re.compile(r"_([a-z]+)\)?\Z")
_AXES = {"c": 1, "r": 1, "m": 2}


def finished(draft: Draft, nodes: list[Expr], counts: Collection[int]) -> Lift:
    """The lift, once the nodes are made."""
    return Lift(draft.node, nodes[draft.place], counted(draft.body, counts), tuple(nodes[i] for i in draft.values))


def counted(node: Ast, counts: Collection[int]) -> Ast:
    """The tree with sizes in place of the literal numbers that are sizes; an exponent is none."""
    if not counts:
        return node
    if node.kind == "num":
        return _counted(node, counts)
    kept = 1 if node.kind == "pow" else len(node.args)
    return node._replace(
        args=tuple([counted(a, counts) if isinstance(a, Ast) and k < kept else a for k, a in enumerate(node.args)])
    )


def draft(scope: Scope, node: Ast, index: int) -> Draft:
    """The big operator ``node``, which stands at ``index`` on the tape."""
    understood = _Understood(scope)
    body = understood.read(node, frozenset())
    return Draft(node, index, body, tuple(understood.values))


def replaced(node: Ast, names: Mapping[str, Ast]) -> Ast:
    """The tree with other trees in place of names: the body of a function, applied."""
    if node.kind == "name":
        return names.get(node.value, node)
    return node._replace(args=tuple([replaced(a, names) if isinstance(a, Ast) else a for a in node.args]))


def indices(node: Ast) -> set[str]:
    """The letters that stand under big operators in the tree."""
    own = set(node.value[1].names) if node.kind == "bigop" else set[str]()
    return own.union(*(indices(a) for a in node.args if isinstance(a, Ast)))


def _counted(node: Ast, counts: Collection[int]) -> Ast:
    size = literal(node.value, counts)
    return node if size is None else node._replace(kind="sized", value=(node.value, size))


class _Understood:
    """One pass over a big operator."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.values: list[int] = []

    def read(self, node: Ast, bound: frozenset[str]) -> Ast:
        if node.kind == "num":
            return node
        if node.kind in ("prod", "index", "name") and id(node) in self.scope.expansions:
            return self.read(self.scope.expansions[id(node)][1], bound)
        known = self.scope.readings.get(id(node))
        if known is not None and (not self.moves(node, bound) or self.in_frame(node) or self.of_matrix(node, bound)):
            return node._replace(kind="value", args=(), value=self.refer(known[1]))
        if node.kind == "name":
            token = self.token(node.value, bound)
            return self.entry(node, *token) if token else node
        if node.kind == "index":
            return self.index(node, bound)
        if node.kind == "bigop":
            return self.bigop(node, bound)
        if node.kind == "call":
            return self.call(node, bound)
        if node.kind == "label":
            name, letters = node.value
            return node._replace(value=(self.refer(self.scope.symbols[name]), letters))
        args = tuple([self.read(a, bound) for a in node.args])
        if node.kind == "norm" and (metric := norms.matrix(self.scope, node)) is not None:
            args = (*args, node._replace(kind="value", args=(), value=self.refer(metric)))
        return node._replace(args=args)

    def moves(self, node: Ast, bound: frozenset[str]) -> bool:
        """Whether the value depends on an index, or is itself a sum."""
        if node.kind == "name":
            token = self.token(node.value, bound)
            return node.value in bound or bool(token and bound.intersection(token[1]))
        if node.kind == "bigop":
            return True
        if node.kind == "label":
            return bool(bound.intersection(node.value[1]))
        if node.kind == "call" and self.expanded(node) is not node:
            return self.moves(self.expanded(node), bound)
        return any(isinstance(a, Ast) and self.moves(a, bound) for a in node.args)

    def of_matrix(self, node: Ast, bound: frozenset[str]) -> bool:
        """Whether it is a function of a matrix, such as a determinant, that knows no index: no loop takes its place."""
        if node.kind != "call" or node.value[0] in self.scope.own or node.value[0] in self.scope.known_functions:
            return False
        rows = CALLS.get(SYNONYMS.get(node.value[0], node.value[0]), ())
        return bool(rows) and "c" not in rows[0].alternatives and not self.depends(node, bound)

    def depends(self, node: Ast, bound: frozenset[str]) -> bool:
        """Whether an index occurs that a sum around binds, and none inside."""
        if node.kind == "bigop":
            bound = bound.difference(node.value[1].names)
        elif node.kind == "name":
            return self.moves(node, bound)
        return any(isinstance(a, Ast) and self.depends(a, bound) for a in node.args)

    def expanded(self, node: Ast) -> Ast:
        """The body of a function that the text defines, put in place."""
        known = self.scope.expansions.get(id(node))
        return known[1] if known else node

    def in_frame(self, node: Ast) -> bool:
        """Whether it is a function put in place for a constant argument: its body knows no index."""
        kind = self.scope.own_kinds.get(node.value[0], "named") if node.kind == "call" else "named"
        return kind != "named" and self.expanded(node) is node

    def refer(self, index: int) -> int:
        if index not in self.values:
            self.values.append(index)
        return self.values.index(index)

    def token(self, name: str, bound: frozenset[str]) -> tuple[str, Places] | None:
        """The array and the indices that one token stands for: ``x_i``, or ``pi_k`` for an array."""
        if name in self.scope.slices:
            return self.scope.slices[name]
        letters = _LETTERS.search(name)
        declared = self.scope.declared.get(name)
        if letters and declared and bound.issuperset(letters[1]):
            return (name, tuple(letters[1])) if len(letters[1]) == _AXES.get(declared.kind) else None
        return None

    def entry(self, node: Ast, array: str, places: Places) -> Ast:
        k = self.refer(look_up(self.scope, array, node))
        return node._replace(kind="entry", args=(), value=(k, places, node))

    def index(self, node: Ast, bound: frozenset[str]) -> Ast:
        base, *letters = node.args
        if any(i.kind == "label" for i in letters):
            return self.picked(node, bound)
        asked = tuple([i.value for i in letters])
        if base.kind == "name":
            array, places = self.scope.slices.get(base.value, ("", ()))
            if array and places.count(":") == len(asked):  # x_j^{(i)}, where x^{(i)} is a row
                given = iter(asked)
                return self.entry(node, array, tuple([next(given) if p == ":" else p for p in places]))
            for token, (array, places) in self.scope.slices.items():
                if base.value in slice_bases(token) and sum(p != ":" for p in places) == len(asked):
                    given = iter(asked)
                    return self.entry(node, array, tuple([p if p == ":" else next(given) for p in places]))
        inner = self.read(base, bound)
        if inner.kind == "value":
            return node._replace(kind="entry", args=(), value=(inner.value, asked, node))
        return node._replace(args=(inner,), value=asked)

    def picked(self, node: Ast, bound: frozenset[str]) -> Ast:
        """What a label selects: the array or value, and its places, with labels among them."""
        base, *places = node.args
        given = iter(places)
        axes = list(places)
        inner = None
        for token, (array, kept) in self.scope.slices.items() if base.kind == "name" else ():
            if base.value in slice_bases(token) and sum(p != ":" for p in kept) == len(places):
                inner = base._replace(kind="value", value=self.refer(look_up(self.scope, array, node)))
                axes = [base._replace(value=":") if p == ":" else next(given) for p in kept]
                break
        if inner is None and base.kind == "name":
            inner = base._replace(kind="value", value=self.refer(look_up(self.scope, base.value, node)))
        args = [self.read(a, bound) if a.kind == "label" else a for a in axes]
        return node._replace(kind="picked", args=(inner or self.read(base, bound), *args))

    def bigop(self, node: Ast, bound: frozenset[str]) -> Ast:
        name, binder = self.expanded(node).value
        inside = bound.union(binder.names)
        args = [self.read(node.args[0], inside)]
        member = str(binder.member)
        if binder.member is not None and (member in self.scope.declared or member in self.scope.symbols):
            args.append(self.entry(node, member, binder.names))
        for r in binder.where:
            sides = tuple([self.read(a, inside) if a.kind == "label" else a for a in (r.left, r.right)])
            args.append(node._replace(kind="indicator", args=sides, value=r.sign))
        lower, upper = (a if a is None else self.limit(a, bound) for a in (binder.lower, binder.upper))
        return node._replace(args=tuple(args), value=(name, Binder(binder.names, lower, upper)))

    def limit(self, node: Ast, bound: frozenset[str]) -> Ast:
        if node.kind == "num" and node.value > SMALL and node.value.denominator == 1:
            return node._replace(kind="sized", value=(node.value, dimension(int(node.value))))
        if node.kind == "name" and id(node) not in self.scope.readings:
            return node if node.value in bound else node._replace(kind="size")
        if id(node) in self.scope.readings:
            return self.read(node, bound)
        return node._replace(args=tuple([self.limit(a, bound) for a in node.args]))

    def call(self, node: Ast, bound: frozenset[str]) -> Ast:
        expanded = self.expanded(node)
        if expanded is not node:
            return node._replace(kind="applied", args=(self.read(expanded, bound),))
        name, order = node.value
        plain = SYNONYMS.get(name.rstrip("."), name.rstrip("."))
        given = name in self.scope.own or name in self.scope.known_functions
        if not given and plain == "sigma":
            plain = "sigmoid"
        kind = "fn" if given or order or plain not in CALLS else "call"
        value = (name if given else plain, order)
        return node._replace(kind=kind, args=tuple([self.read(a, bound) for a in node.args]), value=value)
