"""Who owns the arrays that a function returns: no result shares memory with an argument or with another result.

Few operators give an array that is not their own: a transpose, a slice, a diagonal is the memory of what it is taken
from. Everything else makes an array, so that a copy is taken only where the memory behind a result is the caller's, or
that of a result before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.codegen.ir.graph import Node
from matcalc.codegen.targets.printing import ATOM, UNARY, Text
from matcalc.expr.nodes import reached

# What may share memory with an argument; a function of the user's may return what it was given, or what it keeps.
VIEWS = frozenset(("T", "col", "diagv", "reshape", "vec", "slice", "take", "gather", "template", "fn", "applied"))
FOREIGN = frozenset(("sym", "fn", "applied"))  # the caller's memory
LOCKED = frozenset(("diagv",))  # NumPy gives a diagonal that cannot be written to
BOXED = frozenset(("prod", "pick", "einsum", "template", "fn", "applied"))  # a number of these may be an array without axes


def is_view(node: Node) -> bool:
    """Whether the array may share memory with that of an argument."""
    return node.op in VIEWS or (node.op == "einsum" and len(node.args) == 1)


def seen_through(node: Node) -> set[Node]:
    """The node and all those below it whose memory its array may share."""
    return set(reached((node,), lambda x: x.args if is_view(x) else ()))


def lent(node: Node) -> bool:
    """Whether the array may be the caller's, so that nothing may be written into it."""
    return node.op == "sym" or is_view(node)


def owned(roots: Sequence[Node], texts: Sequence[Text], copied: str, numbers: bool = False) -> list[str]:
    """What a function returns for its results, ``copied`` where they would share memory; never where that is empty.

    ``numbers``: those are arrays, too.
    """
    given: set[Node] = set()
    out = []
    for node, text in zip(roots, texts, strict=True):
        met = seen_through(node)
        memory = {n for n in met if not is_view(n) or n.op in FOREIGN}
        shared = bool(memory & given) or any(n.op in FOREIGN | LOCKED for n in met)
        given |= memory
        if node.op == "num":
            out.append(repr(float(node.attr)))
        elif not copied:
            out.append(text.code)
        elif shared and (node.shape or numbers):
            out.append(copied.format(text.at(ATOM)))
        elif shared and node.op in BOXED:
            out.append(f"+{text.at(UNARY)}")
        else:
            out.append(text.code)
    return out
