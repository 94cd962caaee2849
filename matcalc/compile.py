"""From rule rows to pullbacks and local Jacobians of each operator, for each kind of its operands.

Nothing here is a formula: the differential row of an operator is instantiated for the kinds
at hand, and the adjoint (or vec) rows carry an upstream cotangent along the path to each differential.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from matcalc import expr
from matcalc.dims import mul
from matcalc.errors import NoRuleError
from matcalc.expr import Expr, make, num, sym, transpose
from matcalc.index import einsum_type, parse_subscripts
from matcalc.ops import TABLE, Type
from matcalc.rule import Book, R, differential_name

Builder = Callable[[list[Expr], Any], Expr]  # (values of g, arguments, result), attr of the operator
MAX_MPOW = 64


class Pullback(NamedTuple):
    """The cotangent of one argument: ``build([g, *args, value], attr)``, and the rows that made it."""

    rule: R
    rules: tuple[R, ...]
    build: Builder
    identity: bool  # the cotangent passes unchanged


class Local(NamedTuple):
    """The Jacobian of a vector-valued operator by one vector argument."""

    rule: R
    rules: tuple[R, ...]
    build: Builder


class Compiler:
    """Looks up rows for operators and remembers what it compiled; rows are never changed."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.differentials: dict[str, list[R]] | None = None
        self.pullbacks: dict[Any, Pullback | None] = {}
        self.locals: dict[Any, Local | None] = {}
        self.tangents: dict[Any, Local] = {}

    # -- rows ---------------------------------------------------------------------

    def differential(self, op: str, name: str = "") -> R:
        """The differential row of an operator. Raises ``NoRuleError`` naming it."""
        if self.differentials is None:
            self.differentials = {}
            for row in self.book.groups["differential"]:
                if not row.disabled:
                    self.differentials.setdefault(row.sides[0].op, []).append(row)
        rows = self.differentials.get(op)
        if not rows:
            words = TABLE[op].words
            raise NoRuleError(
                f"no differential rule for the operator '{name or op}' ({words})",
                hint=f'add a row to rules/differential.py: R("{op}", "d({TABLE[op].plain}(X)) = …", "X[m,n]", "source:place")',
            )
        return rows[0]

    def pattern(self, node: Expr) -> tuple[Expr, list[Expr], list[Expr], R]:
        """(dy, arguments, differentials of the arguments, row) for the kinds of ``node``, on pattern variables."""
        row = self.differential(node.op)
        arguments = pattern_arguments(node)
        tangents = [sym(differential_name(str(a.attr)), a.type) for a in arguments]
        result = Type(node.type[0], *pattern_result(node, arguments)[1:])
        left, right = row.sides[:2]
        bound: dict[Expr, Expr] = {}
        for variable, actual, tangent in zip(left.args, arguments, tangents, strict=False):
            bound[variable] = actual
            bound[sym(differential_name(str(variable.attr)), variable.type)] = tangent
        if node.op in ("fill", "unvec"):
            bound[sym("#like", left.type)] = sym("like", result)
        return instantiate(right, bound, result), arguments, tangents, row

    # -- pullbacks ------------------------------------------------------------------

    def pullback(self, node: Expr, slot: int) -> Pullback:
        """How the cotangent of ``node`` reaches its argument ``slot``."""
        identity = (node.op, tuple([a.type[0] for a in node.args]), node.type[0], slot, _attr_key(node))
        if identity not in self.pullbacks:
            self.pullbacks[identity] = self._compile_pullback(node, slot)
        found = self.pullbacks[identity]
        assert found is not None
        return found

    def _compile_pullback(self, node: Expr, slot: int) -> Pullback:
        if node.op in ("mpow", "trpow"):
            return _power_pullback(node, self.differential("matmul"))
        if node.op == "einsum":
            row = self.differential("matmul")
            return Pullback(row, (row,), _einsum_pullback(slot), False)
        dy, arguments, tangents, row = self.pattern(node)
        g = sym("G", Type(node.type[0], *pattern_result(node, arguments)[1:]))
        used: list[R] = []
        total: Expr | None = None
        for path in paths(dy, tangents[slot]):
            cotangent = self.carry(g, path, tangents[slot], used, node)
            total = cotangent if total is None else make("add", (total, cotangent))
        if total is None:
            total = expr.zeros(arguments[slot].type)
        main = row if row.name not in RING else (next((r for r in used if r.name not in SILENT), row))
        if main.name in MINOR:
            main = next((r for r in reversed(used) if r.name not in MINOR), main)
        names = [g, *arguments]
        build = closure(total, names, make_value(node, arguments))
        return Pullback(main, (row, *used), build, total is g)

    def carry(self, g: Expr, path: list[Expr], tangent: Expr, used: list[R], node: Expr) -> Expr:
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

    def adjoint(self, g: Expr, node: Expr, path: list[Expr]) -> tuple[R, Expr, Expr] | None:
        """The first adjoint row whose left side matches: (row, new cotangent, new position)."""
        for row in self.book.groups["adjoint"]:
            if row.disabled:
                continue
            upstream, left, downstream, linear = row.sides
            bound: dict[Expr, Expr] = {}
            if left.op != node.op or not fits(upstream, g) or not match(left, node, bound) or linear not in bound:
                continue
            target = bound[linear]
            if not leads_on(node, target, path, [e for v, e in bound.items() if v is not linear and v.attr != "#like"]):
                continue
            bound[upstream] = g
            return row, instantiate(downstream, bound, target.type), target
        return None

    # -- tangents --------------------------------------------------------------------

    def tangent(self, node: Expr, slot: int) -> Local:
        """The part of the differential of ``node`` that comes from argument ``slot``: ``build([dA, *args, value], attr)``."""
        identity = (node.op, tuple([a.type[0] for a in node.args]), node.type[0], slot, _attr_key(node))
        if identity not in self.tangents:
            self.tangents[identity] = self._compile_tangent(node, slot)
        return self.tangents[identity]

    def _compile_tangent(self, node: Expr, slot: int) -> Local:
        if node.op in ("mpow", "trpow", "einsum"):
            row = self.differential("matmul")
            return Local(row, (row,), _einsum_tangent(slot) if node.op == "einsum" else _power_tangent(node.op))
        dy, arguments, tangents, row = self.pattern(node)
        others = {t: expr.zeros(t.type) for i, t in enumerate(tangents) if i != slot}
        piece = prune(expr.substitute((dy,), others)[0])
        return Local(row, (row,), closure(piece, [tangents[slot], *arguments], make_value(node, arguments)))

    # -- local Jacobians ----------------------------------------------------------------

    def local(self, node: Expr, slot: int) -> Local | None:
        """Jacobian of a scalar or vector node by a scalar or vector argument, or None if it has more axes."""
        identity = (node.op, tuple([a.type[0] for a in node.args]), node.type[0], slot, _attr_key(node))
        if identity not in self.locals:
            self.locals[identity] = self._compile_local(node, slot)
        return self.locals[identity]

    def _compile_local(self, node: Expr, slot: int) -> Local | None:
        if node.op in ("mpow", "trpow", "einsum") or node.type[0] in "mt" or node.args[slot].type[0] in "mt":
            return None
        dy, arguments, tangents, row = self.pattern(node)
        used: list[R] = []
        total: Expr | None = None
        for path in paths(dy, tangents[slot]):
            jacobian = self.compose(path, tangents[slot], used)
            if jacobian is None:
                return None
            if jacobian.type[0] == "s" and node.type[0] != "s" and node.args[slot].type[0] != "s":
                jacobian = expr.times(jacobian, identity_map(arguments[slot].type))
            total = jacobian if total is None else make("add", (total, jacobian))
        if total is None:
            return None
        return Local(row, (row, *used), closure(total, [sym("G", node.type), *arguments], make_value(node, arguments)))

    def compose(self, path: list[Expr], tangent: Expr, used: list[R]) -> Expr | None:
        """Product of the matrices of the linear operators along a path."""
        total: Expr | None = None
        at = 0
        while path[at] is not tangent:
            node = path[at]
            if node.op in ("add", "sub") and node.args[0] is path[at + 1] or node.op == "add":
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

    def vec_row(self, node: Expr, path: list[Expr]) -> tuple[R, Expr | None, Expr] | None:
        for row in self.book.groups["vec"]:
            left, right = row.sides[:2]
            inner = left.args[0] if left.op == "vec" else left
            bound: dict[Expr, Expr] = {}
            if row.disabled or inner.op != node.op or not match(inner, node, bound):
                continue
            matrix = next((a for a in right.args if a.op != "vec"), None) if right.op != "vec" else None
            holder = right if right.op == "vec" else next(a for a in right.args if a.op == "vec")
            variable = holder.args[0]
            target = bound.get(variable)
            if target is None or not leads_on(node, target, path, [e for v, e in bound.items() if v is not variable and v.attr != "#like"]):
                continue
            return row, instantiate(matrix, bound, None) if matrix is not None else None, target
        return None


RING = frozenset(("sum", "difference", "negation", "scaling", "division", "product", "transpose", "hadamard",
                  "sum-of-entries", "trace", "constant-entries", "row-sums", "column-sums", "vec",
                  "diagonal-matrix", "diagonal-of"))  # fmt: skip
SILENT = frozenset(("sum-rule", "sum-rule-right", "difference-rule", "sum", "difference"))
# Rows that a reader sees at a glance; a line is named after another of its rows if it has one.
MINOR = SILENT | {"transpose-rule", "sign-rule", "scaling-rule", "division-rule", "difference-rule-right"}


def prune(root: Expr) -> Expr:
    """Terms and products with a zero taken out."""
    done: dict[Expr, Expr] = {}
    for node in expr.postorder((root,)):
        args = tuple([done[a] for a in node.args])
        zero = [expr.is_zero(a) for a in args]
        if node.op in ("add", "sub") and any(zero):
            left, right = args
            done[node] = left if zero[1] else (right if node.op == "add" else make("neg", (right,)))
        elif any(zero) and node.op in _ZERO_PRODUCTS and (node.op not in ("div", "hdiv") or zero[0]):
            done[node] = expr.zeros(node.type)
        else:
            done[node] = node if args == node.args else make(node.op, args, node.attr, node.type)
    return done[root]


_ZERO_PRODUCTS = frozenset(("einsum", "unvec", "phi", "dexpm", "dlogm", "dsqrtm", "dsinm", "dcosm", "scale", "matmul", "hadamard", "neg", "T", "sum", "tr", "fill", "div", "hdiv", "diagm", "diagv",
                            "rowsum", "colsum", "kron", "vec", "inner"))  # fmt: skip


def compose_maps(a: Expr, b: Expr) -> Expr:
    """Matrix of the composed map; a column times a scalar stays a column."""
    return expr.times(a, b)


def identity_map(t: Type) -> Expr:
    return num(1) if t[0] == "s" else expr.eye(t[2] if t[0] == "r" else t[1])


def _attr_key(node: Expr) -> Any:
    """What of the attribute changes the pullback: nothing for a generic f; the exponent of a matrix power."""
    return node.attr if node.op in ("mpow", "trpow", "einsum") else None


def pattern_arguments(node: Expr) -> list[Expr]:
    """Pattern variables A1, A2 … with the kinds of the arguments and sizes of their own."""
    kinds = "".join([a.type[0] for a in node.args])
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


def _own(size: Any) -> Any:
    """A size name that no variable of a user can have."""
    return f"#{size}" if isinstance(size, str) else size


def pattern_result(node: Expr, arguments: list[Expr]) -> Type:
    if not TABLE[node.op].shape:
        sizes = {"s": (1, 1), "c": ("#i", 1), "r": (1, "#i"), "m": ("#i", "#j"), "t": ("#i", 1)}[node.type[0]]
        return Type(node.type[0], *sizes)
    return make(node.op, tuple(arguments), _pattern_attr(node)).type


def _pattern_attr(node: Expr) -> Any:
    return ("f", 0) if node.op == "fn" else node.attr


def make_value(node: Expr, arguments: list[Expr]) -> Expr:
    """The node itself, on the pattern variables."""
    if not TABLE[node.op].shape:
        return make(node.op, tuple(arguments), None, pattern_result(node, arguments))
    return make(node.op, tuple(arguments), _pattern_attr(node))


def variables(root: Expr) -> list[Expr]:
    return [n for n in expr.postorder((root,)) if n.op == "sym"]


def contains(root: Expr, leaf: Expr) -> bool:
    return any(n is leaf for n in expr.postorder((root,)))


def paths(root: Expr, leaf: Expr) -> Iterator[list[Expr]]:
    """Every way from the root down to the leaf."""
    if root is leaf:
        yield [root]
    for a in dict.fromkeys(root.args):
        for rest in paths(a, leaf):
            yield [root, *rest]


def leads_on(node: Expr, target: Expr, path: list[Expr], others: list[Expr]) -> bool:
    """Whether ``target`` is where the path goes on. The terms of a sum each have a path of their own;
    in every other operator only one operand holds the differential."""
    if node.op in ("add", "sub"):
        return path[path.index(node) + 1] is target
    return target in path and not any(contains(e, path[-1]) for e in others)


def fits(variable: Expr, actual: Expr) -> bool:
    """A matrix variable takes any kind; scalar, column and row variables only their own."""
    return variable.type[0] in ("m", actual.type[0])


def match(pattern: Expr, node: Expr, bound: dict[Expr, Expr], exact: bool = False) -> bool:
    """Bind the variables of ``pattern`` so that it becomes ``node``."""
    if pattern.op == "sym":
        if pattern in bound:
            return bound[pattern] is node
        if pattern.type[0] != node.type[0] and (exact or pattern.type[0] != "m"):
            return False
        bound[pattern] = node
        return True
    if pattern.op == "T" and node.op != "T" and node.type[0] == pattern.type[0] == "r":
        return match(pattern.args[0], transpose(node), bound, exact)
    if pattern.op == "fill" and node.type[0] == "s":
        return match(pattern.args[0], node, bound, exact)
    if pattern.op != node.op or len(pattern.args) != len(node.args):
        return False
    if pattern.op in ("num", "const"):
        return pattern.attr == node.attr
    if pattern.op in ("fill", "unvec"):
        like = bound.setdefault(sym("#like", pattern.type), node)
        if like.type[0] != node.type[0] or (pattern.type[0] not in ("m", node.type[0])):
            return False
    return all(match(p, a, bound, exact) for p, a in zip(pattern.args, node.args, strict=True))


def instantiate(pattern: Expr, bound: dict[Expr, Expr], target: Type | None) -> Expr:
    """The pattern on actual arguments, every product resolved anew for their kinds."""
    sizes = size_map(bound)
    done: dict[Expr, Expr] = {}
    for node in expr.postorder((pattern,)):
        done[node] = bound[node] if node in bound else _instance(node, [done[a] for a in node.args], bound, sizes, target)
    return done[pattern]


def size_map(bound: dict[Expr, Expr]) -> dict[Any, Any]:
    out: dict[Any, Any] = {1: 1}
    for variable, actual in bound.items():
        for s, t in zip(variable.type[1:], actual.type[1:], strict=True):
            if isinstance(s, str):
                out.setdefault(s, t)
    return out


def _instance(node: Expr, args: list[Expr], bound: dict[Expr, Expr], sizes: dict[Any, Any], target: Type | None) -> Expr:
    op = node.op
    if op == "einsum":
        return make("einsum", tuple(args), node.attr, einsum_type(node.attr, [a.type for a in args]))
    if op == "unvec":
        like = [e.type for v, e in bound.items() if v.type == node.type]
        return make("unvec", tuple(args), None, like[0] if like else target)
    if op == "fill":
        like = [e.type for v, e in bound.items() if v.type == node.type]
        kind, rows, cols = node.type
        own = Type(kind, sizes[rows], sizes[cols]) if not like and target is None else target
        return expr.fill(args[0], like[0] if like else own)  # type: ignore[arg-type]
    if op in ("matmul", "scale"):
        return expr.times(*args)
    if op in ("hadamard", "inner"):
        return expr.hadamard(*args) if op == "hadamard" else inner(*args)
    if op == "T":
        return transpose(args[0])
    if op in ("sum", "tr") and args[0].type[0] == "s":
        return args[0]
    if op in ("eye", "ones", "zeros", "dim"):
        return _leaf(node, sizes)
    if op in ("num", "const", "sym"):
        return node
    if op == "hdiv" and args[1].type[0] == "s":
        return make("div", tuple(args))
    if op in ("add", "sub", "hdiv", "max2", "min2") and args[0].type != args[1].type:
        args = _level(args)
    return make(op, tuple(args), node.attr)


def _level(args: list[Expr]) -> list[Expr]:
    """A fill beside something takes its shape."""
    a, b = args
    if a.op == "fill" or a.type[0] == "s":
        return [expr.fill(a.args[0] if a.op == "fill" else a, b.type), b]
    if b.op == "fill" or b.type[0] == "s":
        return [a, expr.fill(b.args[0] if b.op == "fill" else b, a.type)]
    return args


def _leaf(node: Expr, sizes: dict[Any, Any]) -> Expr:
    kind, rows, cols = node.type
    if node.op == "dim":
        return expr.dimension(sizes[node.attr])
    rows, cols = sizes[rows], sizes[cols]
    if kind == "m" and node.op != "eye" and cols == 1:
        kind = "c"
    return make(node.op, (), None, Type(kind, rows, cols))


def inner(a: Expr, b: Expr) -> Expr:
    """⟨a, b⟩ as people write it for this kind."""
    if a.type[0] == "s":
        return expr.times(a, b)
    if a.type[0] == "c":
        return make("matmul", (transpose(a), b))
    if a.type[0] == "r":
        return make("matmul", (a, transpose(b)))
    return make("sum", (make("hadamard", (a, b)),))


def closure(pattern: Expr, names: list[Expr], value: Expr) -> Builder:
    """A function that builds the pattern on actual values, which it finds by position."""
    places: dict[Expr, int] = {n: i for i, n in enumerate(names)}
    places[value] = len(names)
    sizes: dict[Any, tuple[int, int]] = {}
    for i, n in enumerate([*names, value]):
        for j, s in enumerate(n.type[1:]):
            if isinstance(s, str):
                sizes.setdefault(s, (i, j + 1))
    return _close(pattern, places, sizes)


def _close(node: Expr, places: dict[Expr, int], sizes: dict[Any, tuple[int, int]]) -> Builder:
    if node in places:
        i = places[node]
        return lambda v, attr: v[i]
    op = node.op
    if op in ("num", "const"):
        return lambda v, attr: node
    if op in ("eye", "ones", "zeros", "dim"):
        return _sized_leaf(node, sizes)
    parts = [_close(a, places, sizes) for a in node.args]
    if op in ("fill", "unvec"):
        reader = _type_reader(node.type, sizes)
        (first,) = parts
        if op == "fill":
            return lambda v, attr: expr.fill(first(v, attr), reader(v))
        return lambda v, attr: make("unvec", (first(v, attr),), None, reader(v))
    if op == "einsum":
        text, known = node.attr, all(s in sizes for s in node.type[1:] if isinstance(s, str))
        shape = _type_reader(node.type, sizes) if known else None

        def contract(v: list[Expr], attr: Any) -> Expr:
            operands = tuple([p(v, attr) for p in parts])
            return make("einsum", operands, text, shape(v) if shape else einsum_type(text, [o.type for o in operands]))

        return contract
    if op == "T":
        (first,) = parts
        return lambda v, attr: transpose(first(v, attr))
    if op == "fn":
        (first,), order = parts, node.attr[1]
        return lambda v, attr: make("fn", (first(v, attr),), (attr[0], attr[1] + order))
    if op in ("add", "sub"):
        left, right = parts
        return lambda v, attr: _fold(op, left(v, attr), right(v, attr))
    if len(parts) == 2:
        left, right = parts
        return lambda v, attr: make(op, (left(v, attr), right(v, attr)))
    (first,) = parts
    return lambda v, attr: make(op, (first(v, attr),), node.attr)


def _fold(op: str, a: Expr, b: Expr) -> Expr:
    """Exponents such as 2 − 1 are computed."""
    if a.op == b.op == "num":
        return num(a.attr + b.attr if op == "add" else a.attr - b.attr)
    return make(op, (a, b))


def _type_reader(t: Type, sizes: dict[Any, tuple[int, int]]) -> Callable[[list[Expr]], Type]:
    kind = t[0]
    places = [sizes[s] if isinstance(s, str) else s for s in t[1:]]

    def read(v: list[Expr]) -> Type:
        rows, cols = (v[p[0]].type[p[1]] if isinstance(p, tuple) else p for p in places)
        return Type(kind, rows, cols)  # type: ignore[arg-type]

    return read


def _sized_leaf(node: Expr, sizes: dict[Any, tuple[int, int]]) -> Builder:
    if node.op == "dim":
        i, j = sizes[node.attr]
        return lambda v, attr: expr.dimension(v[i].type[j])
    reader = _type_reader(node.type, sizes)
    return lambda v, attr: make(node.op, (), None, reader(v))


def _power_tangent(op: str) -> Builder:
    """Σ X^k dX X^(n−1−k), or n tr(X^(n−1) dX)."""

    def power(x: Expr, k: int) -> Expr | None:
        return None if k == 0 else x if k == 1 else make("mpow", (x,), k)

    def build(v: list[Expr], attr: int) -> Expr:
        dx, x = v[0], v[1]
        if op == "trpow":
            left = power(x, attr - 1)
            inside = dx if left is None else make("matmul", (left, dx))
            return make("scale", (num(attr), make("tr", (inside,))))
        if attr > MAX_MPOW:
            raise _too_many_terms(attr)
        total: Expr | None = None
        for k in range(attr):
            term, left, right = dx, power(x, k), power(x, attr - 1 - k)
            term = term if left is None else make("matmul", (left, term))
            term = term if right is None else make("matmul", (term, right))
            total = term if total is None else make("add", (total, term))
        assert total is not None
        return total

    return build


def _einsum_tangent(slot: int) -> Builder:
    """An einsum is linear in each operand."""

    def build(v: list[Expr], attr: str) -> Expr:
        operands = [*v[1:-1]]
        operands[slot] = v[0]
        return make("einsum", tuple(operands), attr, v[-1].type)

    return build


def _einsum_pullback(slot: int) -> Builder:
    """⟨G, einsum(…, L, …)⟩: G takes the place of L, and the subscripts of L become the result (Laue et al., 2020, theorem 8)."""

    def build(v: list[Expr], attr: str) -> Expr:
        inputs, output = parse_subscripts(attr)
        operands, mine = [v[0], *v[1:-1]], inputs[slot]
        subscripts = [output, *inputs]
        del operands[slot + 1], subscripts[slot + 1]
        if len(set(mine)) < len(mine) or any(len(a) > 1 for a in mine):
            raise NoRuleError(f"the derivative of an einsum by an operand with the subscripts '{''.join(mine)}' has no rule",
                              hint="write the diagonal or the composite index with diag, kron or vec")  # fmt: skip
        seen = {c for s in subscripts for axis in s for c in axis}
        for axis, size in zip(mine, expr.shape_of(v[slot + 1].type), strict=True):
            if axis not in seen:
                operands.append(expr.ones(Type("c", size, 1)))
                subscripts.append([axis])
        if v[0].type[0] == "s":
            del operands[0], subscripts[0]
        write = ["".join(a if len(a) == 1 else f"({a})" for a in s) for s in [*subscripts, mine]]
        text = ",".join(write[:-1]) + "->" + write[-1]
        out = make("einsum", tuple(operands), text, v[slot + 1].type)
        return make("scale", (v[0], out)) if v[0].type[0] == "s" else out

    return build


def _too_many_terms(n: int) -> NoRuleError:
    return NoRuleError(
        f"the differential of a matrix power has as many terms as its exponent ({n}); the limit is {MAX_MPOW}",
        hint="traces of powers, tr(X^n), have no such limit",
    )


def _power_pullback(node: Expr, product: R) -> Pullback:
    """d(Xⁿ) = Σ X^k dX X^(n−1−k): the product rule n times; tr(Xⁿ) needs it once, for a trace is cyclic."""

    def trace(v: list[Expr], attr: int) -> Expr:
        g, x = v[0], v[1]
        power = x if attr == 2 else make("mpow", (x,), attr - 1)
        return make("scale", (make("scale", (num(attr), g)), transpose(power)))

    def power(v: list[Expr], attr: int) -> Expr:
        if attr > MAX_MPOW:
            raise _too_many_terms(attr)
        g, x = v[0], transpose(v[1])
        total: Expr | None = None
        for k in range(attr):
            term = g
            if k:
                term = make("matmul", (x if k == 1 else make("mpow", (x,), k), term))
            rest = attr - 1 - k
            if rest:
                term = make("matmul", (term, x if rest == 1 else make("mpow", (x,), rest)))
            total = term if total is None else make("add", (total, term))
        assert total is not None
        return total

    return Pullback(product, (product,), trace if node.op == "trpow" else power, False)
