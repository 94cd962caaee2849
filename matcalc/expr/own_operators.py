"""Operators that a user defines by a formula. Their names carry their rows, so that no table of the program changes for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from matcalc.expr import dims
from matcalc.expr.nodes import Expr, postorder, rebuild, resized, substitute
from matcalc.expr.shapes import Op
from matcalc.expr.table import Type

V = TypeVar("V")  # a value, in whatever arithmetic


class Own(str):
    """The name of such an operator, told apart by all that defines it: two files may each have an operator ``comm``."""

    text: str  # all that defines it
    row: Op
    parameters: tuple[Expr, ...]
    body: Expr
    whole: bool  # it has a differential of its own; else it is read as its formula

    def __reduce__(self) -> Any:
        return own_operator, (self.row.plain, self.parameters, self.body, self.text, self.whole)


def own_operator(name: str, parameters: tuple[Expr, ...], body: Expr, text: str, whole: bool) -> Own:
    """The operator ``name(parameters) = body``; ``text`` is the row."""
    text = "\n".join((text, *sorted({n.op for n in postorder((body,)) if isinstance(n.op, Own)})))
    own = Own(f"{name} {sha256(f'{text} {whole}'.encode()).hexdigest()[:16]}")
    own.text, own.parameters, (own.body,), own.whole = text, parameters, written_out((body,)), whole
    shape = f"{' '.join(_pattern(p.type) for p in parameters)} -> {_pattern(body.type)}"
    own.row = Op(own, shape, words=f"{name}, defined by you", plain=name)
    return own


def _pattern(t: Type) -> str:
    """The type as a shape rule writes it."""
    sizes = {"s": (), "c": (t.rows,), "r": (t.cols,)}.get(t.kind, (t.rows, t.cols))
    return t.kind + (f"({','.join(dims.text(d, '*').replace(' ', '') for d in sizes)})" if sizes else "")


def written_out(roots: Iterable[Expr], whole: bool = True) -> tuple[Expr, ...]:
    """The roots with such operators as their formulas; of those with a differential of their own only where ``whole``."""
    roots = tuple(roots)
    done: dict[Expr, Expr] = {}
    for node in postorder(roots):
        args = tuple([done[a] for a in node.args])
        if isinstance(node.op, Own) and (whole or not node.op.whole):
            done[node] = formula(node.op, args)
        else:
            done[node] = node if args == node.args else rebuild(node, args)
    return tuple([done[r] for r in roots])


def formula(own: Own, args: tuple[Expr, ...]) -> Expr:
    """The formula on these arguments."""
    body, *parameters = resized((own.body, *own.parameters), sizes_of(own, [a.type for a in args]))
    return substitute((body,), dict(zip(parameters, args, strict=True)))[0]


def sizes_of(own: Own, types: Sequence[Type]) -> dict[str, dims.Dim]:
    """The sizes of the parameters, by their names, for arguments of these types."""
    pairs = [p for v, t in zip(own.parameters, types, strict=True) for p in zip(v.type[1:], t[1:], strict=True)]
    return {name: size for name, size in pairs if isinstance(name, str)}


def computed(
    node: Expr, values: Sequence[V], sizes: Mapping[str, int], compute: Callable[[Expr, Mapping[str, int], list[V]], V]
) -> V:
    """The value of such an operator, where its arguments have these ``values``: that of its formula, node by node."""
    own = node.op
    assert isinstance(own, Own)
    inside = {name: dims.value(d, sizes) for name, d in sizes_of(own, [a.type for a in node.args]).items()}
    done = dict(zip(own.parameters, values, strict=True))
    for part in postorder((own.body,)):
        if part not in done:
            done[part] = compute(part, inside, [done[a] for a in part.args])
    return done[own.body]
