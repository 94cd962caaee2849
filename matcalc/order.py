"""A total order on expressions that depends on structure only, never on memory or history."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from matcalc.expr import Expr

# size (transposes are free), the first symbol, how often transposed, hash of the structure
Key = tuple[int, str, int, int]
_MASK = (1 << 61) - 1


def key(e: Expr) -> Key:
    """Sort key; computed once for each node, without recursion."""
    if e._hash is None:
        stack = [e]
        while stack:
            node = stack[-1]
            if node._hash is None:
                todo = [a for a in node.args if a._hash is None]
                if todo:
                    stack.extend(todo)
                    continue
                node._hash = _own_key(node)  # type: ignore[assignment]
            stack.pop()
    return e._hash  # type: ignore[return-value]


def _own_key(node: Expr) -> Key:
    keys: list[Any] = [a._hash for a in node.args]
    label = node.op if node.attr is None else f"{node.op}:{node.attr}"
    h = crc32(label.encode()) + crc32(repr(node.type).encode()) * 31
    for k in keys:
        h = (h * 1000003 + k[3] * 8191 + 7) & _MASK
    if node.op == "T":
        size, first, turned, _ = keys[0]
        return (size, first, turned + 1, h)
    if node.op == "sym":
        return (1, str(node.attr), 0, h)
    named = [k[1] for k in keys if k[1]]
    return (1 + sum(k[0] for k in keys), min(named) if named else "", 0, h)
