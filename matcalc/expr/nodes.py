"""The one expression node: immutable and hash-consed, so that equality is identity."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from types import MappingProxyType
from typing import Any, Protocol, TypeVar
from weakref import ref

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.table import SCALAR, TABLE, Type


class Expr:
    """An operator applied to arguments, with its type. Made only by :func:`make`."""

    __slots__ = ("__weakref__", "_hash", "args", "attr", "op", "type")

    op: str
    args: tuple[Expr, ...]
    attr: Any
    type: Type
    _hash: int | None

    @property
    def kind(self) -> str:
        return self.type[0]

    @property
    def shape(self) -> tuple[Dim, ...]:
        """Public shape: () for a scalar, (n,) for a vector, (m, n) for a matrix."""
        return shape_of(self.type)

    def __reduce__(self) -> Any:
        return make, (self.op, self.args, self.attr, self.type)

    def __repr__(self) -> str:
        inner = ", ".join(map(repr, self.args))
        return f"{self.op}{'' if self.attr is None else f'[{self.attr}]'}({inner})"


TYPED = frozenset(op for op, row in TABLE.items() if row.shape)  # the arguments determine the type
_new = object.__new__
_LOCK = threading.RLock()  # held while the table is changed; what reads it needs none


class _Tables(dict[str, "dict[Any, ref[Expr]]"]):
    """By operator; generated code has some without a row in the operator table."""

    def __missing__(self, op: str) -> dict[Any, ref[Expr]]:
        with _LOCK:
            return self.setdefault(op, {})


_INTERNED = _Tables()
_TYPES: dict[Type, Type] = {}
SPARE = 20_000  # entries of dead nodes that may wait for the next sweep
_sweep_at = SPARE
_entries = 0  # in the table, at most


def make(op: str, args: tuple[Expr, ...] = (), attr: Any = None, type: Type | None = None) -> Expr:
    """The node ``op(args)``; the same arguments give the same object.

    ``type`` is needed for leaves and where the operator's shape rule does not determine it.
    """
    key = (args if attr is None else (args, attr)) if op in TYPED else (args, attr, type)  # _key, which a call would slow down
    found = _INTERNED[op].get(key)
    node = None if found is None else found()
    return _entered(op, args, attr, _type_by_rule(op, args) if type is None else type) if node is None else node


def _key(op: str, args: tuple[Expr, ...], attr: Any, type: Type | None) -> Any:
    """What tells the nodes of an operator apart: mostly the arguments alone, a tuple that the node has anyway."""
    if op in TYPED:
        return args if attr is None else (args, attr)
    return args, attr, type


def _type_by_rule(op: str, args: tuple[Expr, ...]) -> Type:
    if len(args) == 2:
        a, b = args[0].type, args[1].type
        return TABLE[op].alternatives[a[0] + b[0]].result((a, b))
    if len(args) == 1:
        one = args[0].type
        return TABLE[op].alternatives[one[0]].result((one,))
    return TABLE[op].result(tuple([a.type for a in args]))


def _entered(op: str, args: tuple[Expr, ...], attr: Any, type: Type) -> Expr:
    """The node, new in the table unless another thread was here in between."""
    global _entries
    with _LOCK:
        type = _TYPES.setdefault(type, type)  # few types have many nodes: less for the collector to look at
        key = _key(op, args, attr, type)
        table = _INTERNED[op]
        found = table.get(key)
        node = None if found is None else found()
        if node is None:
            node = _new(Expr)
            node.op, node.args, node.attr, node.type, node._hash = op, args, attr, type, None
            table[key] = ref(node)
            _entries += 1
            if _entries > _sweep_at:
                _sweep()
    return node


def _sweep() -> None:
    """Forget nodes that nobody holds, and then what only they held. (Weak dictionaries cost more at each look-up.)"""
    global _sweep_at, _entries
    for name, table in list(_INTERNED.items()):
        dead = [(name, key) for key, found in list(table.items()) if found() is None]
        while dead:
            op, key = dead.pop()
            del _INTERNED[op][key]
            args = key[0] if key[0].__class__ is tuple else key
            inside = {(a.op, _key(a.op, a.args, a.attr, a.type)) for a in args}
            del key, args
            dead += [(op, key) for op, key in inside if _INTERNED[op][key]() is None]
    _TYPES.clear()
    _entries = sum(map(len, _INTERNED.values()))
    _sweep_at = 2 * _entries + SPARE


def shape_of(t: Type) -> tuple[Dim, ...]:
    kind, rows, cols = t
    if kind == "s":
        return ()
    if kind == "c":
        return (rows,)
    if kind == "r":
        return (cols,)
    return rows if kind == "t" else (rows, cols)


def type_of(shape: tuple[Dim, ...]) -> Type:
    """Scalar, column, matrix or tensor type of a public shape."""
    if not shape:
        return SCALAR
    if len(shape) == 1:
        return Type("c", shape[0], 1)
    return Type("m", shape[0], shape[1]) if len(shape) == 2 else Type("t", tuple(shape), 1)


def variable_type(shape: tuple[Dim, ...]) -> Type:
    """The type of a declared variable: n×1 is a column, and 1×n a row, as books write them; other shapes are as they are."""
    if len(shape) == 2 and shape != (1, 1) and 1 in shape:
        return Type("c", shape[0], 1) if shape[1] == 1 else Type("r", 1, shape[1])
    return type_of(shape)


def variable_shape(t: Type) -> tuple[Dim, ...]:
    """The shape by which a variable is declared: that of a row has two sizes."""
    return (1, *shape_of(t)) if t.kind == "r" else shape_of(t)


def size_text(t: Type) -> str:
    """``[n×m]``: how the sizes of a factor are printed; a scalar is ``[1×1]``."""
    if t.kind == "t":
        return "[" + "×".join(dims.text(d, "·") for d in t.rows) + "]"
    return f"[{dims.text(t.rows, '·')}×{dims.text(t.cols, '·')}]"


def sym(name: str, type: Type) -> Expr:
    return make("sym", (), name, type)


def num(value: int | Fraction) -> Expr:
    known = _DIGITS.get(value) if value.__class__ is int else None
    return known or make("num", (), Fraction(value), SCALAR)


_DIGITS = {i: make("num", (), Fraction(i), SCALAR) for i in range(10)}  # hashing a Fraction is slow


def dimension(d: Dim) -> Expr:
    """The size ``d`` used as a number. One that has a stand-in in the check stays a size: what holds, holds for any."""
    return num(d) if isinstance(d, int) and d <= dims.SMALL else make("dim", (), d, SCALAR)


def eye(n: Dim) -> Expr:
    return make("eye", (), None, Type("m", n, n))


def ones(t: Type) -> Expr:
    return num(1) if t.kind == "s" else make("ones", (), None, t)


def zeros(t: Type) -> Expr:
    return num(0) if t.kind == "s" else make("zeros", (), None, t)


def fill(s: Expr, t: Type) -> Expr:
    """The scalar ``s`` in every entry."""
    return s if t.kind == "s" else make("fill", (s,), None, t)


def transpose(a: Expr) -> Expr:
    """Aᵀ; a scalar is its own transpose and a double transpose is dropped."""
    if a.op == "T":
        return a.args[0]
    return a if a.type[0] == "s" else make("T", (a,))


def times(a: Expr, b: Expr) -> Expr:
    """The product that ``*`` means for these kinds: scaling, or matrix product."""
    if a.type[0] == "s":
        return make("scale", (a, b))
    if b.type[0] == "s":
        return make("scale", (b, a))
    return make("matmul", (a, b))


def hadamard(a: Expr, b: Expr) -> Expr:
    """The product that ``.*`` means; one side may be a scalar."""
    if a.type[0] == "s" or b.type[0] == "s":
        return times(a, b)
    return make("hadamard", (a, b))


def is_zero(e: Expr) -> bool:
    return e.op == "zeros" or (e.op == "num" and not e.attr)


def is_one(e: Expr) -> bool:
    return e.op == "num" and e.attr == 1


class _WithArguments(Protocol):
    @property
    def args(self) -> tuple[Any, ...]: ...


N = TypeVar("N", bound=_WithArguments)  # nodes of expressions, or of what code computes


def postorder(roots: Iterable[N]) -> list[N]:
    """All nodes below ``roots``, arguments before the nodes that use them, each once."""
    found: dict[N | None, None] = {}
    stack: list[N | None] = []
    for root in roots:
        if root in found:
            continue
        stack.append(root)
        while stack:
            node = stack.pop()
            if node is None:  # what stands below is complete
                found[stack.pop()] = None
            elif node not in found:
                if node.args:
                    stack.append(node)
                    stack.append(None)
                    stack.extend(node.args[::-1])
                else:
                    found[node] = None
    return list(found)  # type: ignore[arg-type]


def below(roots: Iterable[Expr], closed: Container[Expr] = ()) -> list[Expr]:
    """All nodes below ``roots``, each once, in no order that means something: half the work of :func:`postorder`. What stands
    below those that are ``closed`` is left out where it stands nowhere else."""
    order = list(dict.fromkeys(roots))
    seen = set(order)
    for node in order:  # which grows meanwhile
        if node not in closed:
            for a in node.args:
                if a not in seen:
                    seen.add(a)
                    order.append(a)
    return order


def reached(start: Iterable[N], step: Callable[[N], Iterable[N]]) -> list[N]:
    """All that steps lead to, each once; of what a step leads to the last is looked at first."""
    found: dict[N, None] = {}
    stack = list(start)
    while stack:
        node = stack.pop()
        if node not in found:
            found[node] = None
            stack.extend(step(node))
    return list(found)


def operands(e: Expr, inside: Container[str], whole: Container[Expr] = ()) -> Iterator[Expr]:
    """What operators of these names put together, inside each other as well: the factors of a product, from left to right.
    Nodes that are ``whole`` are not taken apart."""
    stack = [e]
    while stack:
        node = stack.pop()
        if node.op in inside and node not in whole:
            stack.extend(node.args[::-1])
        else:
            yield node


def has_more_nodes(e: Expr, count: int) -> bool:
    """Whether the graph below ``e`` has more nodes than that, each counted once; no more are looked at."""
    seen, stack = {e}, [e]
    while stack and len(seen) <= count:
        new = [a for a in dict.fromkeys(stack.pop().args) if a not in seen]
        seen.update(new)
        stack += new
    return len(seen) > count


def rebuild(node: Expr, args: tuple[Expr, ...]) -> Expr:
    """The same operator on other arguments; the type follows from them where it can."""
    return make(node.op, args, node.attr, None if node.op in TYPED or node.op.__class__ is not str else node.type)


def added(terms: Sequence[Expr]) -> Expr:
    """The sum of one term or more, from left to right."""
    return reduce(lambda total, term: make("add", (total, term)), terms)


def own_sizes(node: Expr) -> tuple[Dim, ...]:
    """The sizes that must be written with an operator, because its arguments do not tell them."""
    return {"unvec": node.type[1:], "convmatrix": node.type[2:], "hankel": node.type[2:]}.get(node.op, ())


def substitute(roots: tuple[Expr, ...], values: dict[Expr, Expr]) -> tuple[Expr, ...]:
    """The roots with each key of ``values`` replaced, bottom-up."""
    done = dict(values)
    for node in postorder(roots):
        if node not in done:
            args = tuple([done[a] for a in node.args])
            done[node] = node if args == node.args else rebuild(node, args)
    return tuple(done[r] for r in roots)


NAMED = frozenset(("sym", "fn"))  # leaves and functions that the text names


def names_in(roots: Iterable[Expr]) -> set[str]:
    """Variables and functions that occur."""
    found = postorder(tuple(roots))
    return {str(e.attr if e.op == "sym" else e.attr[0]) for e in found if e.op in NAMED}


def resized(roots: tuple[Expr, ...], sizes: Mapping[str, Dim]) -> tuple[Expr, ...]:
    """The roots with other sizes in the place of those that are keys of ``sizes``."""

    def put(d: Any) -> Any:
        return tuple(map(put, d)) if isinstance(d, tuple) and not isinstance(d, dims.Poly) else dims.substitute(d, sizes)

    done: dict[Expr, Expr] = {}
    for node in postorder(roots):
        attr = put(node.attr) if TABLE[node.op].sizes else node.attr
        kind, rows, cols = node.type
        done[node] = make(node.op, tuple([done[a] for a in node.args]), attr, Type(kind, put(rows), put(cols)))
    return tuple([done[r] for r in roots])


def depends(root: Expr, on: set[Expr], order: Sequence[Expr] = ()) -> set[Expr]:
    """Nodes below ``root`` (itself included) that contain one of ``on``; the ``order`` is its postorder, where that is at hand."""
    found: set[Expr] = set()
    for node in order or postorder((root,)):
        if node in on or not found.isdisjoint(node.args):
            found.add(node)
    return found


def written_size(root: Expr, names: Mapping[Expr, str] = MappingProxyType({})) -> int:
    """How many nodes the expression has as it is written: a shared part counts each time, a name once."""
    size: dict[Expr, int] = {}
    stack = [root]
    while stack:
        node = stack[-1]
        args = () if node in names and node is not root else node.args
        todo = [a for a in args if a not in size]
        if todo:
            stack.extend(todo)
            continue
        size[stack.pop()] = 1 + sum([size[a] for a in args])
    return size[root]
