"""The three styles in which an expression is written: plain, Unicode text, LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import Expr, own_sizes
from matcalc.expr.subscripts import parse_subscripts
from matcalc.expr.table import TABLE, Type
from matcalc.notation.lex.lexer_plain import GREEK
from matcalc.notation.write.lettering import is_word, latex_name, quoted_name

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
GREEK_LETTERS = {name: letter for letter, name in GREEK.items()}
ENTRY_POWERS = ("hpow", "epow")
SUBSCRIPTS = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Style:
    """Plain notation: what :func:`matcalc.parse` reads. Names in ``quoted`` stand in quotes, for without them they would
    look like something else of the same derivation (:mod:`matcalc.notation.write.signs`)."""

    plain, latex = True, False

    def __init__(self, quoted: frozenset[str] = frozenset()) -> None:
        self.quoted = quoted

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

    def padded(self, inside: str, first: Dim, count: Dim, total: Dim, cols: bool) -> str:
        return f"{'padcols' if cols else 'padrows'}({inside}, {self.dim(first)}, {self.dim(total)})"

    def partial(self, top: str, bottom: str, level: int) -> str:
        return f"d({top})/d({bottom})"

    def second(self, top: str, first: str, then: str) -> str:
        return f"d(d({top})/d({first}))/d({then})"

    def stacked(self, top: str, first: str, then: str) -> str:
        """The second derivative by two columns, a row for each entry of the first."""
        return f"d(d({top})/d({first}))/d({then}')"

    def tied(self, fraction: str, structure: str) -> str:
        """The derivative by a matrix with tied entries: another sign than that with all entries free."""
        return f"{fraction}|{structure}"

    def along(self, differential: str, direction: str) -> str:
        """The differential of a gradient along a direction: another sign than that with dx in it."""
        return f"{differential}[{direction}]"

    def differential(self, a: str, level: int) -> str:
        """A variable of its own: ``dx``; the differential of anything else is not read back."""
        if a.isidentifier():
            return f"d{a}"
        return f"`d{a[1:]}" if a[0] == a[-1] == "`" and "`" not in a[1:-1] else f"d({a})"


class Text(Style):
    """Unicode for the terminal: ``δᵀxᵀ``, ``u ∘ f′(z)``."""

    plain, latex = False, False

    def name(self, text: str) -> str:
        if not is_word(text) or text in self.quoted:
            return f"`{text}`"
        base, _, label = text.partition("_")
        letters = base.rstrip("0123456789")
        digits = base[len(letters) :]
        shown = GREEK_LETTERS.get(letters, letters) + digits.translate(SUBSCRIPTS)
        if label.isdigit():
            return shown + label.translate(SUBSCRIPTS)
        return f"{shown}_{label}" if label else shown

    def dim(self, d: Dim) -> str:
        return dims.text(d, "·")

    def const(self, attr: str) -> str:
        return GREEK_LETTERS.get(attr, attr)

    def eye(self, t: Type) -> str:
        return "I"

    def commutation(self, attr: tuple[Dim, Dim]) -> str:
        return f"K_{self.dim(attr[0])},{self.dim(attr[1])}"

    def ones(self, t: Type, word: str = "1") -> str:
        return "𝟏ᵀ" if t.kind == "r" else "𝟏𝟏ᵀ" if t.kind == "m" else "𝟏"

    def zeros(self, t: Type) -> str:
        return "0"

    def product(self, a: str, b: str, op: str, left: str = "", right: str = "") -> str:
        number = a[-1:].isascii() and a[-1:].isdigit()
        if number and b[:1].isdigit():
            return f"{a}·{b}"
        close = (number and a.replace(".", "").isdigit()) or (b[:1] in "(√‖|" and not a[-1:].isalnum())
        return f"{a}{b}" if close or (number and a[-1:] == a) else f"{a} {b}"

    def hadamard(self, a: str, b: str, op: str) -> str:
        return f"{a} ⊘ {b}" if op == "hdiv" else f"{a} ∘ {b}"

    def power(self, base: str, exponent: str, atomic: bool, op: str) -> str:
        dot = "∘" if op in ENTRY_POWERS else ""
        if re.fullmatch(r"-?\d+", exponent):
            return f"{base}^∘{exponent}" if dot else base + exponent.translate(SUPERSCRIPTS)
        return f"{base}{'.' if dot else ''}^{exponent}" if atomic else f"{base}{'.' if dot else ''}^({exponent})"

    def transpose(self, a: str) -> str:
        return f"{a}ᵀ"

    def inverse(self, a: str) -> str:
        return f"{a}⁻¹"

    def inverse_transpose(self, a: str) -> str:
        return a[:-2] + "⁻ᵀ"

    def inverse_power(self, a: str, n: int) -> str:
        return a[:-2] + str(-n).translate(SUPERSCRIPTS)

    def apply(self, name: str, order: int, argument: str) -> str:
        return f"{self.name(name)}{'′' * order}({argument})"

    def call(self, node: Expr, arguments: Sequence[str]) -> str:
        if node.op in ("norm1", "norm2"):
            return f"‖{arguments[0]}‖" + ("₁" if node.op == "norm1" else "")
        if node.op == "sqnorm":
            return f"‖{arguments[0]}‖²"
        if node.op == "trpow":
            return f"tr({arguments[0]}{str(node.attr).translate(SUPERSCRIPTS)})"
        if node.op == "abs" and node.type[0] == "s":  # |A| is a determinant, |x| may be a norm
            return f"|{arguments[0]}|"
        if node.op == "sqrt":
            return f"√({arguments[0]})" if not arguments[0].isalnum() else f"√{arguments[0]}"
        if node.op == "sigmoid":
            return f"σ({arguments[0]})"
        if node.op == "einsum":
            return einsum_text(node, arguments, self)
        return super().call(node, arguments)

    def unit(self, n: Dim, i: Dim) -> str:
        shown = self.dim(i)
        return "e" + shown.translate(SUBSCRIPTS) if shown.isdigit() else f"e_{shown}" if shown.isalnum() else f"e_({shown})"

    def padded(self, inside: str, first: Dim, count: Dim, total: Dim, cols: bool) -> str:
        return self.blocks(_with_zeros(inside, first, count, total, cols))

    def partial(self, top: str, bottom: str, level: int) -> str:
        return f"∂{top}/∂{bottom}" if level >= 5 else f"∂{top}/∂({bottom})"

    def second(self, top: str, first: str, then: str) -> str:
        return f"∂²{top}/∂{first}²" if first == then else f"∂²{top}/∂{first}∂{then}"

    def stacked(self, top: str, first: str, then: str) -> str:
        return f"∂²{top}/∂{first}∂{then}ᵀ"

    def differential(self, a: str, level: int) -> str:
        return f"d{a}" if level >= 5 else f"d({a})"


class Latex(Style):
    """LaTeX with the macros that KaTeX, MathJax, GitHub and amsmath all accept."""

    plain, latex = False, True

    def name(self, text: str) -> str:
        return quoted_name(text) if text in self.quoted else latex_name(text)

    def parens(self, text: str) -> str:
        return rf"\left({text}\right)"

    def dim(self, d: Dim) -> str:
        return dims.text(d, " ")

    def const(self, attr: str) -> str:
        return rf"\{attr}"

    def eye(self, t: Type) -> str:
        return f"I_{{{self.dim(t.rows)}}}"

    def commutation(self, attr: tuple[Dim, Dim]) -> str:
        return f"K_{{{self.dim(attr[0])},{self.dim(attr[1])}}}"

    def ones(self, t: Type, word: str = "ones") -> str:
        if t.kind == "m":
            return rf"\mathbf{{1}}_{{{self.dim(t.rows)} \times {self.dim(t.cols)}}}"
        one = rf"\mathbf{{1}}_{{{self.dim(t.rows if t.kind != 'r' else t.cols)}}}"
        return one + r"^{\top}" if t.kind == "r" else one

    def zeros(self, t: Type) -> str:
        return "0"

    def fraction(self, top: str, bottom: str) -> str:
        return rf"\frac{{{top}}}{{{bottom}}}"

    def product(self, a: str, b: str, op: str, left: str = "", right: str = "") -> str:
        if self.spaced(b, left):
            return rf"{a} \cdot {b}"
        if b.startswith(r"\mathrm{d}"):
            return rf"{a} \, {b}"
        return f"{a} {b}"

    def spaced(self, b: str, left: str) -> bool:
        return b[:1].isdigit() or (b.startswith(r"\frac") and left in ("num", "frac", "dim"))

    def hadamard(self, a: str, b: str, op: str) -> str:
        return rf"{a} \oslash {b}" if op == "hdiv" else rf"{a} \odot {b}"

    def kron(self, a: str, b: str) -> str:
        return rf"{a} \otimes {b}"

    def power(self, base: str, exponent: str, atomic: bool, op: str) -> str:
        return f"{base}^{{\\odot {exponent}}}" if op in ENTRY_POWERS else f"{base}^{{{exponent}}}"

    def transpose(self, a: str) -> str:
        return rf"{a}^{{\top}}"

    def inverse(self, a: str) -> str:
        return f"{a}^{{-1}}"

    def inverse_transpose(self, a: str) -> str:
        return a[: -len("^{-1}")] + r"^{-\top}"

    def inverse_power(self, a: str, n: int) -> str:
        return a[: -len("^{-1}")] + f"^{{{-n}}}"

    def apply(self, name: str, order: int, argument: str) -> str:
        return rf"{self.name(name)}{chr(39) * order}\left({argument}\right)"

    def call(self, node: Expr, arguments: Sequence[str]) -> str:
        form = self.form(node)
        if "{0}" in form:
            return form.format(*arguments, attr=node.attr)
        arguments = [*arguments, *map(self.dim, own_sizes(node))]
        if node.op == "einsum":
            return einsum_text(node, arguments, self)
        return rf"{form}\left({', '.join(arguments)}\right)"

    def trace(self, inside: str) -> str:
        return rf"\mathrm{{tr}}\left({inside}\right)"

    def form(self, node: Expr) -> str:
        """How the operator is written for operands of these kinds."""
        row = TABLE[node.op]
        form = row.latex_of.get("".join([a.kind for a in node.args]), row.latex) if row.latex_of else row.latex
        if row.twin and node.kind == "m" and node.type.rows == node.type.cols:  # the dot says: of each entry
            return (rf"\mathrm{{{row.plain}}}" if "{0}" in form else form) + "."
        return form

    def blocks(self, rows: Sequence[Sequence[str]]) -> str:
        return r"\begin{bmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{bmatrix}"

    def slice(self, base: str, places: Sequence[str], bare: bool) -> str:
        """``x_3`` would be a name, so the entries of a name stand in brackets: ``[x]_3``."""
        colons = any(":" in place for place in places)
        inside = base if bare and colons else rf"\left[{base}\right]"
        return f"{inside}_{{{','.join(places)}}}"

    def unit(self, n: Dim, i: Dim) -> str:
        return rf"\mathbf{{e}}_{{{self.dim(i)}}}"

    def padded(self, inside: str, first: Dim, count: Dim, total: Dim, cols: bool) -> str:
        return self.blocks(_with_zeros(inside, first, count, total, cols))

    def partial(self, top: str, bottom: str, level: int) -> str:
        below = bottom if level >= 5 else self.parens(bottom)
        return rf"\frac{{\partial {top}}}{{\partial {below}}}"

    def second(self, top: str, first: str, then: str) -> str:
        below = rf"\partial {first}^2" if first == then else rf"\partial {first} \, \partial {then}"
        return rf"\frac{{\partial^2 {top}}}{{{below}}}"

    def stacked(self, top: str, first: str, then: str) -> str:
        return rf"\frac{{\partial^2 {top}}}{{\partial {first} \, \partial {then}^{{\top}}}}"

    def tied(self, fraction: str, structure: str) -> str:
        return rf"\left.{fraction}\right|_{{\text{{{structure}}}}}"

    def along(self, differential: str, direction: str) -> str:
        return rf"{differential}\left[{direction}\right]"

    def differential(self, a: str, level: int) -> str:
        return rf"\mathrm{{d}}{a}" if level >= 5 else rf"\mathrm{{d}}{self.parens(a)}"


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


def _with_zeros(inside: str, first: Dim, count: Dim, total: Dim, cols: bool) -> list[list[str]]:
    """Blocks of zeros before and after, where there are any."""
    before = [] if first == 1 else ["0"]
    after = [] if dims.add(first, count) == dims.add(total, 1) else ["0"]
    cells = [*before, inside, *after]
    return [cells] if cols else [[c] for c in cells]


PLAIN, TEXT, LATEX = Style(), Text(), Latex()
