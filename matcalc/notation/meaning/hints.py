"""What to do next when sizes or kinds do not fit, or a name is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.groups import PAIRWISE
from matcalc.expr.table import TABLE, Type


def nearest(text: str, names: list[str]) -> str | None:
    import difflib

    near = difflib.get_close_matches(text, names, 1, 0.5)
    return near[0] if near else None


def kind_hint(op: str, types: Sequence[Type], texts: Sequence[str], takes: Sequence[str]) -> str | None:
    """``takes``: the kinds of operands that the operator has, one letter for each operand."""
    kinds = "".join(t[0] for t in types)
    if op == "matmul" and kinds in ("cc", "cm"):
        if kinds == "cc" and _differ(types[0].rows, types[1].rows):
            return f"both are columns, of different sizes: did you mean {texts[0]}*{turned(texts[1])}?"
        entries = f" or {texts[0]} .* {texts[1]}?" if kinds == "cc" else ""
        return f"'{texts[0]}' is a column: did you mean {turned(texts[0])}*{texts[1]}?" + entries
    if op == "matmul" and kinds in ("rr", "mr"):
        return f"'{texts[1]}' is a row: transpose it"
    if op in PAIRWISE:
        if set(kinds) == {"c", "m"}:
            vector = texts[kinds.index("c")]
            return f"spread the vector over the rows or columns explicitly: ones(N)*{turned(vector)} or {vector}*ones(N)'"
        if set(kinds) == {"c", "r"}:
            return "one is a column and the other a row: transpose one of them"
    if op == "div":
        if kinds == "cm":
            return "division by a matrix is not defined: the solution of A*y = b is inv(A)*b"
        matrix = f"{texts[0]}*inv({texts[1]}), or " if kinds[1] == "m" else ""
        return f"division by a matrix or vector is not defined: write {matrix}{texts[0]} ./ {texts[1]} for the entries"
    if TABLE[op].square:
        return "it needs a square matrix"
    return "it takes " + " or ".join(dict.fromkeys(" and ".join(WORDS[k] for k in kinds) for kinds in takes))


def _differ(one: Dim, other: Dim) -> bool:
    """Whether two sizes are known to differ."""
    a, b = dims.walk(one), dims.walk(other)
    return a != b and not isinstance(a, dims.Var) and not isinstance(b, dims.Var)


def meant(op: str, types: Sequence[Type], texts: Sequence[str]) -> list[str]:
    """What may be meant by a product that there is not, as it would be written."""
    kinds = "".join(t[0] for t in types)
    if op == "matmul" and kinds == "cc":
        outer = f"{texts[0]}*{turned(texts[1])}"
        alike = [f"{turned(texts[0])}*{texts[1]}", outer, f"{texts[0]} .* {texts[1]}"]
        return [outer] if _differ(types[0].rows, types[1].rows) else alike
    return []


def size_hint(op: str, types: Sequence[Type], texts: Sequence[str]) -> str | None:
    if op == "matmul":
        left, right = types
        inner = f"{dims.text(left[2])} and {dims.text(right[1])} differ"
        if left[1] == right[1] and left[0] in "mc":
            return f"{inner}; did you mean {turned(texts[0])}*{texts[1]}?"
        return f"the inner sizes must agree: {inner}"
    if TABLE[op].square and types[0][1] != types[0][2]:
        (_, rows, cols), name = types[0], texts[0].rstrip("'")
        said = f"it needs a square matrix: {dims.text(rows)} and {dims.text(cols)} differ"
        if name.isidentifier() and isinstance(rows, str) and isinstance(cols, str):
            said += f"; where they are equal: --dim {name}={rows},{rows} (dims={{'{name}': ('{rows}', '{rows}')}})"
        return said
    if len(types) == 2 and types[0][1:] == types[1][:0:-1]:
        if turned(texts[0]) == texts[1] or turned(texts[1]) == texts[0]:
            return (
                f"only a square matrix has the sizes of its transpose: {dims.text(types[0][1])} and {dims.text(types[0][2])} differ"
            )
        return f"is a transpose missing: {turned(texts[0])} or {turned(texts[1])}?"
    if len(types) == 2:
        return "both sides must have the same sizes"
    return None


WORDS = {"s": "a scalar", "c": "a column", "r": "a row", "m": "a matrix", "t": "a tensor"}


def turned(text: str) -> str:
    """The text of the transpose."""
    if text.endswith("'") and text[:-1].isidentifier():
        return text[:-1]
    return f"{text}'" if text.isidentifier() or in_brackets(text) else f"({text})'"


def in_brackets(text: str) -> bool:
    """Whether one pair of brackets, or one call, holds all of the text."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0 and not (c.isalnum() or c == "_") and i < len(text) - 1:
            return False
    return text.endswith(")")


def declaration(name: str, shape: Sequence[Dim]) -> str:
    """As the command line takes it: ``--dim x=n``; ``--dim x=n*m,1``, for a product alone may be two sizes."""
    sizes = [dims.text(d, "*") for d in shape]
    return f"--dim {quote(f'{name}=' + ','.join(sizes + ['1'] * (len(sizes) == 1 and '*' in sizes[0])))}"
