"""From rule rows to pullbacks and local Jacobians of each operator, for each kind of its operands.

Nothing here is a formula: the differential row of an operator is instantiated for the kinds
at hand, and the adjoint (or vec) rows carry an upstream cotangent along the path to each differential.
"""

from __future__ import annotations

from string import ascii_uppercase
from typing import Any, NamedTuple

from matcalc.algebra.closures import (
    BY_CLOSURE,
    INDEX,
    Builder,
    closure,
    einsum_pullback,
    einsum_tangent,
    power_pullback,
    power_tangent,
)
from matcalc.algebra.match import LIKE, fits, indices, instantiate, leading_on, paths
from matcalc.algebra.rule import Book, Rule, differential_name
from matcalc.expr import nodes
from matcalc.expr.dims import Dim, mul
from matcalc.expr.errors import NoRuleError
from matcalc.expr.groups import CARRIED, SHAPED, SUMS, WHOLE_POWERS
from matcalc.expr.nodes import Expr, make, num, sym
from matcalc.expr.slices import INDEXED, indexed, result
from matcalc.expr.table import TABLE, Type


class Pullback(NamedTuple):
    """The cotangent of one argument: ``build([g, *args, value])``, and the rows that made it."""

    rule: Rule
    rules: tuple[Rule, ...]
    build: Builder
    identity: bool  # the cotangent passes unchanged


def _row_to_add(op: str) -> str:
    """A differential row for what the operator takes, to be filled in."""
    arguments = TABLE[op].shape.partition("|")[0].partition("->")[0].split() or ["*"]
    names = [ascii_uppercase[i] for i in range(len(arguments))] if len(arguments) > 1 else ["X"]
    sizes = {"*": "[m,n]", "s": "[]"}
    declared = [sizes.get(a) or a[1:].replace("(", "[1," if a[0] == "r" else "[").replace(")", "]") for a in arguments]
    variables = " ".join([name + size for name, size in zip(names, declared, strict=True)])
    return f'R("{op}", "d({TABLE[op].plain}({", ".join(names)})) = …", "{variables}", "source:place")'


class Local(NamedTuple):
    """The Jacobian of a vector-valued operator by one vector argument."""

    rule: Rule
    rules: tuple[Rule, ...]
    build: Builder


class Compiler:
    """Looks up rows for operators and remembers what it compiled; rows are never changed."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.pullbacks: dict[Any, Pullback | None] = {}
        self.locals: dict[Any, Local | None] = {}
        self.tangents: dict[Any, Local] = {}
        self.both: dict[Any, tuple[Pullback, Local | None]] = {}

    # -- rows ---------------------------------------------------------------------

    def differential(self, op: str, name: str = "", node: Expr | None = None) -> Rule:
        """The differential row of an operator, for the kinds of a node's arguments. Raises ``NoRuleError`` naming it."""
        rows = self.book.about("differential", op)
        if node is not None:
            rows = tuple([r for r in rows if all(fits(v, a) for v, a in zip(r.sides[0].args, node.args, strict=False))])
        if not rows and op in CARRIED:
            raise NoRuleError(f"{TABLE[op].words} would have to be differentiated once more, and that has no sign here",
                              hint="ask for first derivatives; the Hessian without second derivatives of r (Gauss-Newton) is "
                              "J_r'*H*J_r, where H is the Hessian by a variable in place of r(x)")  # fmt: skip
        if not rows:
            words = TABLE[op].words
            raise NoRuleError(
                f"no differential rule for the operator '{name or op}' ({words})",
                hint=f"add a row to rules/differential.py: {_row_to_add(op)}",
            )
        return rows[0]

    def pattern(self, node: Expr) -> tuple[Expr, list[Expr], list[Expr], Rule]:
        """(dy, arguments, differentials of the arguments, row) for the kinds of ``node``, on pattern variables."""
        row = self.differential(node.op, node=node)
        arguments = pattern_arguments(node)
        tangents = [sym(differential_name(str(a.attr)), a.type) for a in arguments]
        result = Type(node.type[0], *pattern_result(node, arguments)[1:])
        left, right = row.sides[:2]
        bound: dict[Expr, Expr] = {}
        turn = -1 if number_first(node) else 1
        for variable, actual, tangent in zip(left.args[::turn], arguments, tangents, strict=False):
            bound[variable] = actual
            bound[sym(differential_name(str(variable.attr)), variable.type)] = tangent
        if node.op in SHAPED:
            bound[sym(LIKE, left.type)] = sym("like", result)
        if node.op in INDEXED:
            bound |= indices(left, make_value(node, arguments))
        return instantiate(right, bound, result), arguments, tangents, row

    def moves(self, node: Expr, slot: int) -> tuple[Pullback, Local | None]:
        """Pullback and local Jacobian together: what backpropagation takes at each argument."""
        identity = _identity(node, slot)
        found = self.both.get(identity)
        if found is None:
            found = self.both[identity] = self.pullback(node, slot), self.local(node, slot)
        return found

    # -- pullbacks ------------------------------------------------------------------

    def pullback(self, node: Expr, slot: int) -> Pullback:
        """How the cotangent of ``node`` reaches its argument ``slot``."""
        identity = _identity(node, slot)
        if identity not in self.pullbacks:
            self.pullbacks[identity] = self._compile_pullback(node, slot)
        found = self.pullbacks[identity]
        assert found is not None
        return found

    def _compile_pullback(self, node: Expr, slot: int) -> Pullback:
        if node.op in WHOLE_POWERS:
            row = self.differential("matmul")
            return Pullback(row, (row,), power_pullback(node.op), False)
        if node.op == "einsum":
            row = self.differential("matmul")
            return Pullback(row, (row,), einsum_pullback(slot), False)
        dy, arguments, tangents, row = self.pattern(node)
        g = sym("G", Type(node.type[0], *pattern_result(node, arguments)[1:]))
        used: list[Rule] = []
        cotangents = [self.carry(g, path, tangents[slot], used, node) for path in paths(dy, tangents[slot])]
        total = nodes.added(cotangents or [nodes.zeros(arguments[slot].type)])
        main = row if row.role not in ("ring", "silent") else next((r for r in used if r.role != "silent"), row)
        if main.role in GLANCE:
            main = next((r for r in reversed(used) if r.role not in GLANCE), main)
        names = [g, *arguments]
        build = closure(total, names, make_value(node, arguments))
        return Pullback(main, (row, *used), build, total is g)

    def carry(self, g: Expr, path: list[Expr], tangent: Expr, used: list[Rule], node: Expr) -> Expr:
        """Move the cotangent from the root of the path to the differential at its end."""
        at = 0
        while path[at] is not tangent:
            step = self.adjoint(g, path[at], path)
            if step is None:
                raise NoRuleError(f"no adjoint rule for '{TABLE[path[at].op].words}', met in the differential of '{node.op}'",
                                  hint="add a row to rules/adjoint.py: <G, op(L)> = <…, L>")  # fmt: skip
            row, g, target = step
            used.append(row)
            at = path.index(target)
        return g

    def adjoint(self, g: Expr, node: Expr, path: list[Expr]) -> tuple[Rule, Expr, Expr] | None:
        """The first adjoint row whose left side matches: (row, new cotangent, new position)."""
        for row in self.book.about("adjoint", node.op):
            upstream, left, downstream, linear = row.sides
            for bound in leading_on(left, linear, node, path) if fits(upstream, g) else ():
                target = bound[linear]
                return row, instantiate(downstream, {**bound, upstream: g}, target.type), target
        return None

    # -- tangents --------------------------------------------------------------------

    def tangent(self, node: Expr, slot: int) -> Local:
        """The part of the differential of ``node`` that comes from argument ``slot``: ``build([dA, *args, value])``."""
        identity = _identity(node, slot)
        if identity not in self.tangents:
            self.tangents[identity] = self._compile_tangent(node, slot)
        return self.tangents[identity]

    def _compile_tangent(self, node: Expr, slot: int) -> Local:
        if node.op in BY_CLOSURE:
            row = self.differential("matmul")
            return Local(row, (row,), einsum_tangent(slot) if node.op == "einsum" else power_tangent(node.op))
        dy, arguments, tangents, row = self.pattern(node)
        others = {t: nodes.zeros(t.type) for i, t in enumerate(tangents) if i != slot}
        piece = prune(nodes.substitute((dy,), others)[0])
        return Local(row, (row,), closure(piece, [tangents[slot], *arguments], make_value(node, arguments)))

    # -- local Jacobians ----------------------------------------------------------------

    def local(self, node: Expr, slot: int) -> Local | None:
        """Jacobian of a scalar or vector node by a scalar or vector argument, or None if it has more axes."""
        identity = _identity(node, slot)
        if identity not in self.locals:
            self.locals[identity] = self._compile_local(node, slot)
        return self.locals[identity]

    def _compile_local(self, node: Expr, slot: int) -> Local | None:
        if node.op in BY_CLOSURE or node.type[0] in "mt" or node.args[slot].type[0] in "mt":
            return None
        dy, arguments, tangents, row = self.pattern(node)
        used: list[Rule] = []
        jacobians = []
        for path in paths(dy, tangents[slot]):
            jacobian = self.compose(path, tangents[slot], used)
            if jacobian is None:
                return None
            if jacobian.type[0] == "s" and node.type[0] != "s" and node.args[slot].type[0] != "s":
                jacobian = nodes.times(jacobian, identity_map(arguments[slot].type))
            jacobians.append(jacobian)
        if not jacobians:
            return None
        total = nodes.added(jacobians)
        return Local(row, (row, *used), closure(total, [sym("G", node.type), *arguments], make_value(node, arguments)))

    def compose(self, path: list[Expr], tangent: Expr, used: list[Rule]) -> Expr | None:
        """Product of the matrices of the linear operators along a path."""
        total: Expr | None = None
        at = 0
        while path[at] is not tangent:
            node = path[at]
            if (node.op in SUMS and node.args[0] is path[at + 1]) or node.op == "add":
                at += 1
                continue
            step = self.vec_row(node, path)
            if step is None:
                return None
            row, matrix, target = step
            used.append(row)
            if matrix is not None:
                total = matrix if total is None else compose_maps(total, matrix)
            at = path.index(target)
        return total if total is not None else identity_map(tangent.type)

    def vec_row(self, node: Expr, path: list[Expr]) -> tuple[Rule, Expr | None, Expr] | None:
        for row in self.book.about("vec", node.op):
            right = row.sides[1]
            matrix = next((a for a in right.args if a.op != "vec"), None) if right.op != "vec" else None
            holder = right if right.op == "vec" else next(a for a in right.args if a.op == "vec")
            variable = holder.args[0]
            for bound in leading_on(row.subject, variable, node, path):
                return row, instantiate(matrix, bound, None) if matrix is not None else None, bound[variable]
        return None


GLANCE = ("minor", "silent")  # roles of rows that a reader sees at a glance


def prune(root: Expr) -> Expr:
    """Terms and products with a zero taken out."""
    done: dict[Expr, Expr] = {}
    for node in nodes.postorder((root,)):
        args = tuple([done[a] for a in node.args])
        zero = [nodes.is_zero(a) for a in args]
        if node.op in SUMS and any(zero):
            left, right = args
            done[node] = left if zero[1] else (right if node.op == "add" else make("neg", (right,)))
        elif TABLE[node.op].vanishes(zero):
            done[node] = nodes.zeros(node.type)
        else:
            done[node] = node if args == node.args else make(node.op, args, node.attr, node.type)
    return done[root]


def compose_maps(a: Expr, b: Expr) -> Expr:
    """Matrix of the composed map; a column times a scalar stays a column."""
    return nodes.times(a, b)


def identity_map(t: Type) -> Expr:
    return num(1) if t[0] == "s" else nodes.eye(t[2] if t[0] == "r" else t[1])


def _identity(node: Expr, slot: int) -> tuple[str, str, str, int, bool]:
    """What pullback and local Jacobian depend on: few, whatever is derived. What is built takes the attribute."""
    args = node.args
    kinds = args[0].type[0] if len(args) == 1 else "".join([a.type[0] for a in args])
    return node.op, kinds, node.type[0], slot, number_first(node)


def number_first(node: Expr) -> bool:
    """Whether the first operand of a commutative operator with a kink holds no variable, and the second one does.

    The row is then read with the operands exchanged: max(0, z) has the derivative of max(z, 0), also where they tie.
    """
    row = TABLE[node.op]
    if not (row.commutes and row.kink):
        return False
    return [any(n.op == "sym" for n in nodes.postorder((a,))) for a in node.args] == [False, True]


def pattern_arguments(node: Expr) -> list[Expr]:
    """Pattern variables A1, A2 … with the kinds of the arguments and sizes of their own."""
    kinds = "".join([a.type[0] for a in node.args])
    if node.op in INDEXED:
        return [sym("A1", Type("c", "#i", 1) if kinds == "c" else Type("m", "#i", "#j"))]
    if node.op == "unvec":
        return [sym("A1", Type("c", mul("#i", "#j"), 1))]
    if not TABLE[node.op].shape:
        return [sym("A1", Type("s", 1, 1))]
    found = TABLE[node.op].alternatives[kinds]
    out = []
    for i, (kind, sizes) in enumerate(zip(kinds, found.arguments, strict=True)):
        named = [_own(s) for s in sizes]
        t = {"s": lambda s: Type("s", 1, 1), "c": lambda s: Type("c", s[0], 1), "r": lambda s: Type("r", 1, s[0]),
             "m": lambda s: Type("m", s[0], s[1]), "t": lambda s: Type("t", s[0], 1)}[kind](named)  # fmt: skip
        out.append(sym(f"A{i + 1}", t))
    return out


def _own(size: Dim) -> Dim:
    """A size name that no variable of a user can have."""
    return f"#{size}" if isinstance(size, str) else size


def pattern_result(node: Expr, arguments: list[Expr]) -> Type:
    if node.op in INDEXED:
        return result(node.op, _pattern_indices(node), arguments[0].type)
    if not TABLE[node.op].shape:
        sizes: dict[str, tuple[Dim, Dim]] = {"s": (1, 1), "c": ("#i", 1), "r": (1, "#i"), "m": ("#i", "#j"), "t": ("#i", 1)}
        rows, cols = sizes[node.type[0]]
        return Type(node.type[0], rows, cols)
    return make_value(node, arguments).type


def _pattern_indices(node: Expr) -> tuple[str, ...]:
    return tuple([f"{INDEX}{k}" for k in range(len(node.attr))])


def make_value(node: Expr, arguments: list[Expr]) -> Expr:
    """The node itself, on the pattern variables."""
    if node.op in INDEXED:
        return indexed(node.op, arguments[0], *_pattern_indices(node))
    if not TABLE[node.op].shape:
        return make(node.op, tuple(arguments), None, pattern_result(node, arguments))
    return make(node.op, tuple(arguments), ("f", 0) if node.op == "fn" else node.attr)
