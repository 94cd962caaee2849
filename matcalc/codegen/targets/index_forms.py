"""Sums over indices; those with an identity matrix put the rest onto a diagonal, and make no zeros but those of the result."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.codegen.ir.graph import Node
from matcalc.codegen.targets.printing import ATOM, Text, Writer, args, call


def einsum(w: Writer, node: Node) -> Text:
    words, _, out = node.attr.partition("->")
    pairs = list(zip(node.args, words.split(","), strict=True))
    if len(pairs) > 1 and (found := next((p for p in pairs if _is_identity(w, *p, words, out)), None)):
        return _on_diagonal(w, [p for p in pairs if p is not found], found, out)
    optimize = ["optimize=True"] if len(node.args) > 2 else []
    return call("np.einsum", f'"{node.attr}"', *args(w, node), *optimize)


def _is_identity(w: Writer, a: Node, word: str, words: str, out: str) -> bool:
    """Whether an operand is an identity matrix with two axes of the result, one of which nothing else has."""
    one = a.op == "eye" and a.args[0].op == "num" and a.args[0].attr == 1 and w.is_single(a)
    return one and all(c in out for c in word) and any(words.count(c) == 1 for c in word)


def _on_diagonal(w: Writer, others: Sequence[tuple[Node, str]], identity: tuple[Node, str], out: str) -> Text:
    """The other operands where the indices of the identity matrix agree: its first axis is for them, or one for all."""
    i, j = sorted(out.index(c) for c in identity[1])
    words, texts = [word for _, word in others], [w.text(a).code for a, _ in others]
    own = [c for c in identity[1] if any(c in word for word in words)]
    inside = "".join([*own, *(c for c in out if c not in identity[1])])
    optimize = ["optimize=True"] if len(others) > 2 else []
    summed = call("np.einsum", f'"{",".join(words)}->{inside}"', *texts, *optimize)
    rest = w.text(others[0][0]) if words == [inside] else summed
    one = rest.code if own else f"{rest.at(ATOM)}[None]"
    return call(w.helper("_on_diagonal"), one, w.size(identity[0].shape[0]), str(i), str(j))
