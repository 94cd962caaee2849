"""Differentiation by substitution of rule rows alone: what a replay rebuilds lines by.

A body is differentiated by putting in differential rows; an upstream gradient is moved through that
differential by adjoint rows, and for a local Jacobian vec rows multiply up. No row is compiled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from matcalc.algebra.match import fits, indices, instantiate, matches, stand_in
from matcalc.algebra.pullbacks import Compiler, identity_map, number_first
from matcalc.algebra.rule import Book, Rule, differential_name
from matcalc.check.replay.outcome import Stuck
from matcalc.expr import nodes
from matcalc.expr.groups import JOINTLY, WHOLE_POWERS
from matcalc.expr.nodes import Expr, added, depends, make, num, operands, postorder, sym
from matcalc.expr.slices import INDEXED
from matcalc.expr.table import TABLE, Type
from matcalc.notation.write.render import TEXT, render

LONG_POWER = 64


class Rows:
    """The rows of a book by what they are for; a rule that was used is remembered by name."""

    def __init__(self, book: Book) -> None:
        enabled = {g: [r for r in rows if not r.disabled] for g, rows in book.groups.items()}
        self.book = book
        self.compiler = Compiler(book)  # asked for names only
        self.names = book.rows()
        self.adjoint = enabled["adjoint"]
        self.vec = enabled["vec"]
        self.compound = enabled.get("compound", [])
        self.differential: dict[str, list[Rule]] = {}
        for row in enabled["differential"]:
            self.differential.setdefault(row.sides[0].op, []).append(row)

    # -- d(body), by differential rows --------------------------------------------------

    def differentiate(self, body: Expr, moving: set[Expr], used: set[str]) -> dict[Expr, Expr]:
        """The differential of each node of ``body`` that moves with ``moving``, in symbols ``d x``."""
        found: dict[Expr, Expr] = {}
        live = depends(body, moving)
        for node in postorder((body,)):
            if node not in live:
                continue
            if node in moving:
                found[node] = differential_symbol(node)
            else:
                found[node] = self.d(node, [found.get(a) for a in node.args], used)
        return found

    def d(self, node: Expr, changes: Sequence[Expr | None], used: set[str]) -> Expr:
        """The differential of one operator, from the differentials of its arguments (None: does not move)."""
        if node.op in WHOLE_POWERS:
            assert changes[0] is not None
            return self.d_power(node, changes[0], used)
        if node.op == "einsum":
            used.add("product")
            return added([with_operand(node, i, c) for i, c in enumerate(changes) if c is not None])
        rows = self.differential.get(node.op, ())
        row = next((r for r in rows if all(map(fits, r.sides[0].args, node.args))), None)
        if row is None:
            raise Stuck(f"no differential rule for the operator '{node.op}'")
        used.add(row.name)
        left, right = row.sides
        bound: dict[Expr, Expr] = indices(left, node) if node.op in INDEXED else {}
        turn = -1 if number_first(node) else 1  # max(0, x) is read as max(x, 0): where they are equal, the number counts
        for variable, argument, change in zip(left.args[::turn], node.args, changes, strict=True):
            bound[variable] = argument
            d = sym(differential_name(str(variable.attr)), variable.type)
            bound[d] = nodes.zeros(argument.type) if change is None else change
        if node.op == "fn":
            right = renamed(right, *node.attr)
        return instantiate(right, bound, node.type)

    def d_power(self, node: Expr, change: Expr, used: set[str]) -> Expr:
        """d(X^n) by the product rule, n times; a trace of a power at once, for a trace is cyclic."""
        (x,), n = node.args, node.attr
        used.add("product")
        if node.op == "trpow":
            rest = nodes.eye(x.type[1]) if n == 1 else matrix_power(x, n - 1)
            return make("scale", (num(n), make("tr", (make("matmul", (rest, change)),))))
        if abs(n) > LONG_POWER:
            raise Stuck(f"the differential of the power {n} has too many terms to replay")
        total = change
        for k in range(1, n):
            term = make("matmul", (matrix_power(x, k), change))
            total = make("add", (make("matmul", (total, x)), term))
        return total

    def named_by_compiler(self, body: Expr, q: Expr) -> set[str]:
        """Rules by which the compiler may name a line that comes through ``body`` to ``q``."""
        live = depends(body, {q})
        names = {r.name for r in self.adjoint[:1]}
        for node in live:
            for slot, a in enumerate(node.args):
                if a in live:
                    back = self.compiler.pullback(node, slot)
                    names |= {back.rule.name, *(r.name for r in back.rules)}
        return names

    def compounds(self, body: Expr, moving: set[Expr]) -> set[str]:
        """The compound rows whose left side stands in ``body``, what moves where it moves there."""
        live = depends(body, moving)
        products = [_parts(node, live) for node in live if node.op == "matmul"]
        return {row.name for row in self.compound if any(_are_of(row, parts) for parts in products)}

    # -- ⟨g, d(body)⟩ = Σ ⟨…, d x⟩, by adjoint rows ----------------------------------------

    def carry(self, g: Expr, change: Expr, knots: set[Expr], leaf: Expr, used: set[str]) -> Expr | None:
        """The cotangent of ``leaf``, where ``g`` is that of ``change``, an expression linear in the leaf.

        What arrives at a node is added up in ``knots``, the differentials of the nodes of a body; elsewhere,
        within the right side of a row, each way is gone by itself.
        """
        live = depends(change, {leaf})
        found: dict[Expr, list[Expr]] = {change: [g]}
        for node in reversed(postorder((change,))):
            if node is leaf or node not in live or node not in found:
                continue
            for upstream in [added(found[node])] if node in knots else found[node]:
                if node.op == "einsum":
                    slot = next(i for i, a in enumerate(node.args) if a in live)
                    found.setdefault(node.args[slot], []).append(turned_einsum(node, slot, upstream))
                    continue
                for row, bound, target in self.steps(self.adjoint, node, live, upstream):
                    used.add(row.name)
                    bound[row.sides[0]] = upstream
                    found.setdefault(target, []).append(cotangent(row.sides[2], bound, target.type))
        return added(found[leaf]) if leaf in found else None

    def steps(
        self, rows: Sequence[Rule], node: Expr, live: set[Expr], g: Expr | None = None
    ) -> Iterator[tuple[Rule, dict[Expr, Expr], Expr]]:
        """How a linear operator is passed: its row, bindings, and the operand that goes on.

        Each term of a sum and each block goes on by itself; any other operator has one operand that moves.
        """
        if node.op in JOINTLY:
            for slot, a in enumerate(node.args):
                if a in live:
                    yield self.fitting(rows, node, live, g, slot)
        else:
            yield self.fitting(rows, node, live, g, None)

    def fitting(
        self, rows: Sequence[Rule], node: Expr, live: set[Expr], g: Expr | None, slot: int | None
    ) -> tuple[Rule, dict[Expr, Expr], Expr]:
        for row in rows:
            left, linear = linear_side(row)
            if left.op != node.op or (g is not None and not fits(row.sides[0], g)):
                continue
            if slot is not None and not TABLE[node.op].commutes and left.args[slot] is not linear:
                continue
            for bound in matches(left, node):
                moving = [v for v, e in bound.items() if e in live and not stand_in(v)]
                if moving == [linear] if slot is None else bound.get(linear) is node.args[slot]:
                    return row, bound, bound[linear]
        raise Stuck(f"no rule moves past '{TABLE[node.op].words}' in {render(node, TEXT)}")

    # -- the matrix of d(body), by vec rows ----------------------------------------------

    def matrices(self, change: Expr, leaf: Expr, used: set[str]) -> Expr | None:
        """The Jacobian that multiplies vec(leaf) in ``change``; None where ``change`` has no leaf."""
        live = depends(change, {leaf})
        found: dict[Expr, Expr] = {change: identity_map(change.type)}
        for node in reversed(postorder((change,))):
            if node is leaf or node not in live or node not in found:
                continue
            if node.op == "add" or (node.op == "sub" and node.args[0] in live):
                for a in node.args if node.op == "add" else node.args[:1]:
                    if a in live:
                        _accumulate(found, a, found[node])
            if node.op == "add" or (node.op == "sub" and node.args[1] not in live):
                continue
            slots = [1] if node.op == "sub" else [i for i, a in enumerate(node.args) if a in live] if node.op in JOINTLY else [None]
            for slot in slots:
                row, bound, target = self.fitting(self.vec, node, live, None, slot)
                used.add(row.name)
                matrix = matrix_of(row)
                step = found[node]
                if matrix is not None:
                    step = nodes.times(step, instantiate(matrix, bound, None))
                _accumulate(found, target, step)
        return found.get(leaf)


def _parts(product: Expr, live: Collection[Expr]) -> list[Expr | None]:
    """Its factors that move, and None for each run of others."""
    out: list[Expr | None] = []
    for e in operands(product, ("matmul",)):
        if e in live or out[-1:] != [None]:
            out.append(e if e in live else None)
    return out


def _are_of(row: Rule, parts: Sequence[Expr | None]) -> bool:
    """Whether the factors are those of the row; what does not move in the row may be missing."""
    names = [name for name, (_, conditions) in row.variables.items() if "fixed" not in conditions]
    left = row.sides[0]
    wanted = _parts(left, depends(left, {n for n in postorder((left,)) if n.op == "sym" and n.attr in names}))
    bound: dict[Expr, Expr] = {}
    rest = list(parts)
    for part in wanted:
        if part is None:
            rest = rest[1:] if rest[:1] == [None] else rest
            continue
        found = next(matches(part, rest[0], bound), None) if rest and rest[0] is not None else None
        if found is None:
            return False
        bound, rest = found, rest[1:]
    return not rest


def _accumulate(found: dict[Expr, Expr], at: Expr, value: Expr) -> None:
    found[at] = make("add", (found[at], value)) if at in found else value


def cotangent(pattern: Expr, bound: dict[Expr, Expr], target: Type) -> Expr:
    """The right side of an adjoint row, which has the type of the operand."""
    if pattern.op == "einsum":
        args = tuple([instantiate(a, bound, None) for a in pattern.args])
        return make("einsum", args, pattern.attr, target)
    return instantiate(pattern, bound, target)


def with_operand(node: Expr, slot: int, operand: Expr) -> Expr:
    """An einsum with another operand in one place; it is linear in each."""
    return make(node.op, (*node.args[:slot], operand, *node.args[slot + 1 :]), node.attr, node.type)


def turned_einsum(node: Expr, slot: int, g: Expr) -> Expr:
    """⟨g, einsum(…, L, …)⟩ = ⟨einsum(…, g, …), L⟩: the subscripts of the result and of L change places."""
    inputs, _, result = str(node.attr).replace(" ", "").partition("->")
    scripts = inputs.split(",")
    mine, scripts[slot] = scripts[slot], result
    if len(set(mine)) < len(mine):
        raise Stuck(f"an operand of einsum with the subscripts '{mine}' cannot be replayed")
    args = [*node.args[:slot], g, *node.args[slot + 1 :]]
    target = node.args[slot].type
    free = [c for c in mine if c not in "()" and not any(c in s for s in scripts)]
    if "(" in mine and free:
        raise Stuck(f"an operand of einsum with the subscripts '{mine}' cannot be replayed")
    for c, size in zip(mine, nodes.shape_of(target), strict=False):
        if c in free:
            args.append(nodes.ones(Type("c", size, 1)))
            scripts.append(c)
    return make("einsum", tuple(args), f"{','.join(scripts)}->{mine}", target)


def differential_symbol(q: Expr) -> Expr:
    return sym(differential_name(str(q.attr)), q.type)


def linear_side(row: Rule) -> tuple[Expr, Expr]:
    """The linear operator of an adjoint or vec row, and its operand."""
    if len(row.sides) == 4:
        return row.sides[1], row.sides[3]
    left, right = row.sides
    holder = right if right.op == "vec" else next(a for a in right.args if a.op == "vec")
    return (left.args[0] if left.op == "vec" else left), holder.args[0]


def matrix_of(row: Rule) -> Expr | None:
    right = row.sides[1]
    return None if right.op == "vec" else next(a for a in right.args if a.op != "vec")


def sum_terms(e: Expr, count: int) -> list[Expr]:
    """The terms of a + b + c, of which there are ``count``; a term may be a sum itself."""
    out: list[Expr] = []
    for _ in range(count - 1):
        if e.op != "add":
            raise Stuck("the middle has too few terms")
        e, last = e.args
        out.append(last)
    return [e, *reversed(out)]


def renamed(pattern: Expr, name: str, order: int) -> Expr:
    """A rule about f, said of the function with that name, which may itself be a derivative."""
    done: dict[Expr, Expr] = {}
    for node in postorder((pattern,)):
        args = tuple([done[a] for a in node.args])
        attr = (name, order + node.attr[1]) if node.op == "fn" else node.attr
        done[node] = make(node.op, args, attr, node.type)
    return done[pattern]


def matrix_power(x: Expr, n: int) -> Expr:
    return x if n == 1 else make("mpow", (x,), n)
