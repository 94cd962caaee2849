"""The plain style, in which an expression is written so that it can be read again; the others say where they differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import Expr, own_sizes
from matcalc.expr.subscripts import parse_subscripts
from matcalc.expr.table import TABLE, Type

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
ENTRY_POWERS = ("hpow", "epow")
Spelled = tuple[tuple[str, str], ...]  # names, and how LaTeX writes them


class Style:
    """Plain notation: what :func:`matcalc.parse` reads. Names in ``quoted`` stand in quotes, for without them they would
    look like something else of the same derivation (:mod:`matcalc.notation.write.signs`); ``spelled`` says how LaTeX input
    spells its names (:mod:`matcalc.notation.write.spelled`)."""

    plain, latex = True, False

    def __init__(self, quoted: frozenset[str] = frozenset(), spelled: Spelled = ()) -> None:
        self.quoted = quoted
        self.spelled = dict(spelled)

    def name(self, text: str) -> str:
        return text if _IDENTIFIER.match(text) else f"`{text}`"

    def parens(self, text: str) -> str:
        return f"({text})"

    def dim(self, d: Dim) -> str:
        return dims.text(d, "*")

    def const(self, attr: str) -> str:
        return attr

    def eye(self, t: Type) -> str:
        return f"eye({self.dim(t.rows)})"

    def commutation(self, attr: tuple[Dim, Dim]) -> str:
        return f"commutation({self.dim(attr[0])}, {self.dim(attr[1])})"

    def ones(self, t: Type, word: str = "ones") -> str:
        if t.kind == "t":
            return f"{word}({', '.join(self.dim(d) for d in t.rows)})"
        if t.kind == "m":
            return f"{word}({self.dim(t.rows)}, {self.dim(t.cols)})"
        if t.kind == "r":
            return f"{word}({self.dim(t.cols)})'"
        return f"{word}({self.dim(t.rows)})"

    def zeros(self, t: Type) -> str:
        return self.ones(t, "zeros")

    def fraction(self, top: str, bottom: str) -> str:
        return f"{top}/{bottom}"

    def product(self, a: str, b: str, op: str, left: str = "", right: str = "") -> str:
        return f"{a}*{b}"

    def spaced(self, b: str, left: str) -> bool:
        """Whether a sign must stand before the factor ``b``."""
        return False

    def kron(self, a: str, b: str) -> str:
        return f"{a} ⊗ {b}"

    def hadamard(self, a: str, b: str, op: str) -> str:
        return f"{a} ./ {b}" if op == "hdiv" else f"{a} .* {b}"

    def power(self, base: str, exponent: str, atomic: bool, op: str) -> str:
        sign = ".^" if op in ENTRY_POWERS else "^"
        return f"{base}{sign}{exponent}" if atomic else f"{base}{sign}({exponent})"

    def transpose(self, a: str) -> str:
        return f"{a}'"

    def inverse(self, a: str) -> str:
        return f"inv({a})"

    def inverse_transpose(self, a: str) -> str:
        return f"inv({a})'"

    def inverse_power(self, a: str, n: int) -> str:
        """``X⁻²`` of the power 2 of ``a``, an inverse as :meth:`inverse` writes it."""
        return f"{a}^{n}"

    def apply(self, name: str, order: int, argument: str) -> str:
        return f"{self.name(name)}{chr(39) * order}({argument})"

    def call(self, node: Expr, arguments: Sequence[str]) -> str:
        form = TABLE[node.op].plain
        if "{" in form:
            return form.format(*arguments, attr=node.attr)
        if node.op == "einsum":
            arguments = [f"'{node.attr}'", *arguments]
        arguments = [*arguments, *map(self.dim, own_sizes(node))]
        return f"{TABLE[node.op].plain}({', '.join(arguments)})"

    def trace(self, inside: str) -> str:
        return f"tr({inside})"

    def blocks(self, rows: Sequence[Sequence[str]]) -> str:
        return "[" + "; ".join(", ".join(row) for row in rows) + "]"

    def slice(self, base: str, places: Sequence[str], bare: bool) -> str:
        """``bare``: the base is a name."""
        return f"{base}[{','.join(places)}]"

    def unit(self, n: Dim, i: Dim) -> str:
        return f"unit({self.dim(n)}, {self.dim(i)})"

    def padded(self, inside: str, of: Type, first: Dim, total: Dim, cols: bool) -> str:
        return f"{'padcols' if cols else 'padrows'}({inside}, {self.dim(first)}, {self.dim(total)})"

    def partial(self, top: str, bottom: str, level: int) -> str:
        return f"d({top})/d({bottom})"

    def gradient(self, top: str, bottom: str, level: int) -> str:
        """The derivative of a scalar in the shape of what it is by."""
        return self.partial(top, bottom, level)

    def second(self, top: str, first: str, then: str) -> str:
        return f"d(d({top})/d({first}))/d({then})"

    def stacked(self, top: str, first: str, then: str) -> str:
        """The second derivative by two columns, a row for each entry of the first."""
        return f"d(d({top})/d({first}))/d({then}')"

    def tied(self, fraction: str, structure: str) -> str:
        """The derivative by a matrix with tied entries: another sign than that with all entries free."""
        return f"{fraction}|{structure}"

    def cases(self, rows: Sequence[tuple[str, str]]) -> str:
        """One of several values, each with its condition."""
        return f"{{{'; '.join(f'{condition}: {value}' for value, condition in rows)}}}"

    def along(self, differential: str, direction: str) -> str:
        """The differential of a gradient along a direction: another sign than that with dx in it."""
        return f"{differential}[{direction}]"

    def differential(self, a: str, level: int) -> str:
        """A variable of its own: ``dx``; the differential of anything else is not read back."""
        if a.isidentifier():
            return f"d{a}"
        return f"`d{a[1:]}" if a[0] == a[-1] == "`" and "`" not in a[1:-1] else f"d({a})"


def einsum_text(node: Expr, arguments: Sequence[str], style: Style) -> str:
    """An einsum by its entries: ``{[i = k] (VᵀV)_jl}_ijkl``, sums over repeated indices written out; a scalar has no braces."""
    latex = style.latex
    inputs, result = parse_subscripts(node.attr)
    free, output = "".join(result), node.attr.partition("->")[2]
    parts: list[str] = []
    summed = ""
    for operand, text, subscripts in zip(node.args, arguments, inputs, strict=True):
        axes = [x if len(x) == 1 else f"({x})" for x in subscripts]
        letters = "".join(axes)
        summed += "".join(c for c in dict.fromkeys("".join(subscripts)) if c not in free + summed)
        if operand.op == "eye":
            parts.insert(0, f"[{axes[0]} = {axes[1]}]")
        elif operand.op != "ones":
            base = text if len(text) == 1 or re.fullmatch(r"[^\Wᵀ⁰¹²³⁴-⁹]+|\\[A-Za-z]+", text) else style.parens(text)
            parts.append(base if not letters else f"{base}_{{{letters}}}" if latex else f"{base}_{letters}")
    sigma = (rf"\sum_{{{summed}}} " if latex else f"Σ_{summed} ") if summed else ""
    body = sigma + (r"\, " if latex else " ").join(parts or ["1"])
    if not output:
        return body
    return rf"\left\{{{body}\right\}}_{{{output}}}" if latex else f"{{{body}}}_{output}"


def with_zeros(inside: str, of: Type, first: Dim, total: Dim, cols: bool, zeros: Callable[[Type], str]) -> list[list[str]]:
    """Blocks of zeros before and after something, where there are any; ``cols`` is of what is turned."""

    def block(count: Dim) -> list[str]:
        if of.kind == "c":
            return [zeros(Type("r", 1, count) if cols else Type("c", count, 1))]
        return [zeros(Type("m", of.cols, count) if cols else Type("m", count, of.cols))]

    before = [] if first == 1 else block(dims.sub(first, 1))
    last = dims.sub(dims.add(first, of.rows), 1)
    after = [] if last == total else block(dims.sub(total, last))
    cells = [*before, inside, *after]
    return [cells] if cols else [[c] for c in cells]
