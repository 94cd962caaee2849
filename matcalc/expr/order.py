"""A total order on expressions that depends on structure only, never on memory or history."""

from __future__ import annotations

from zlib import crc32

from matcalc.expr.nodes import Expr

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
    kind, rows, cols = node.type
    h = crc32(f"{node.op}:{node.attr}:{kind}:{rows}:{cols}".encode())
    if node.op == "sym":
        return (1, str(node.attr), 0, h)
    total, first = 1, ""
    for a in node.args:
        size, name, turned, inner = a._hash  # type: ignore[misc]
        h = (h * 1000003 + inner * 8191 + 7) & _MASK
        if node.op == "T":
            return (size, name, turned + 1, h)
        total += size
        if name and (not first or name < first):
            first = name
    return (total, first, 0, h)
