"""The three styles in which an expression is written: plain, Unicode text, LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import Expr, own_sizes
from matcalc.expr.table import TABLE, Type
from matcalc.notation.lex.latex_names import spellings
from matcalc.notation.write.lettering import GREEK_LETTERS, SUBSCRIPTS, is_word, latex_name, quoted_name, text_name
from matcalc.notation.write.style import ENTRY_POWERS, Style, einsum_text, with_zeros

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_POWER = re.compile(r"([A-Za-z]+)\^(\d)")  # the name of a power that is a variable: sigma^2


@lru_cache(maxsize=4096)
def size_latex(t: Type) -> str:
    r"""``[m \times n]``: the size of a line or a factor."""
    axes: tuple[Dim, ...] = t.rows if t.kind == "t" else (t.rows, t.cols)
    return "[" + r" \times ".join(map(axis_latex, axes)) + "]"


def axis_latex(d: Dim) -> str:
    r"""A dimension: ``n``, ``n_{1}``, ``m n``, ``2 n + 1``."""
    return re.sub(r"[A-Za-z]\w*", lambda m: latex_name(m[0]), dims.text(d, " ").replace("*", " ")).replace("+", " + ")


class Text(Style):
    """Unicode for the terminal: ``δᵀxᵀ``, ``u ∘ f′(z)``."""

    plain, latex = False, False

    def name(self, text: str) -> str:
        power = _POWER.fullmatch(text)
        if power is not None and text not in self.quoted:
            return text_name(power[1]) + power[2].translate(SUPERSCRIPTS)
        if text in self.quoted or not (is_word(text) or text in self.spelled):
            return f"`{text}`"
        return text_name(spellings(text)[0] if text in self.spelled and "\\" in text else text)

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

    def padded(self, inside: str, of: Type, first: Dim, total: Dim, cols: bool) -> str:
        return self.blocks(with_zeros(inside, of, first, total, cols, self.zeros))

    def partial(self, top: str, bottom: str, level: int) -> str:
        return f"∂{top}/∂{bottom}" if level >= 5 else f"∂{top}/∂({bottom})"

    def gradient(self, top: str, bottom: str, level: int) -> str:
        return f"∇_{bottom} {top}" if level >= 5 else f"∇_({bottom}) {top}"

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
        if text in self.quoted:
            return quoted_name(text)
        shown = self.spelled.get(text)
        return latex_name(text) if shown is None else f"{{{shown}}}" if "^" in shown else shown  # braces: a transpose may follow

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
            sizes = [
                f"({d})" if set(d) & set("+-") else d for d in map(self.dim, (t.rows, t.cols))
            ]  # n - 2 × m has another reading
            return rf"\mathbf{{1}}_{{{sizes[0]} \times {sizes[1]}}}"
        one = rf"\mathbf{{1}}_{{{self.dim(t.rows if t.kind != 'r' else t.cols)}}}"
        return one + r"^{\top}" if t.kind == "r" else one

    def zeros(self, t: Type) -> str:
        return self.ones(t).replace(r"\mathbf{1}", r"\mathbf{0}") if t.kind in "crm" else "0"

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
        lines = [" & ".join(row) for row in rows]
        below = r" \\[6pt] " if any(r"\frac" in line for line in lines) else r" \\ "  # fractions of two rows touch
        return rf"\begin{{bmatrix}} {below.join(lines)} \end{{bmatrix}}"

    def slice(self, base: str, places: Sequence[str], bare: bool) -> str:
        """``x_3`` would be a name, so the entries of a name stand in brackets: ``[x]_3``."""
        colons = any(":" in place for place in places)
        inside = base if bare and colons else rf"\left[{base}\right]"
        return f"{inside}_{{{','.join(places)}}}"

    def unit(self, n: Dim, i: Dim) -> str:
        return rf"\mathbf{{e}}_{{{self.dim(i)}}}"

    def padded(self, inside: str, of: Type, first: Dim, total: Dim, cols: bool) -> str:
        return self.blocks(with_zeros(inside, of, first, total, cols, self.zeros))

    def partial(self, top: str, bottom: str, level: int) -> str:
        below = bottom if level >= 5 else self.parens(bottom)
        return rf"\frac{{\partial {top}}}{{\partial {below}}}"

    def gradient(self, top: str, bottom: str, level: int) -> str:
        return rf"\nabla_{{{bottom}}} {top}"

    def second(self, top: str, first: str, then: str) -> str:
        below = rf"\partial {first}^2" if first == then else rf"\partial {first} \, \partial {then}"
        return rf"\frac{{\partial^2 {top}}}{{{below}}}"

    def stacked(self, top: str, first: str, then: str) -> str:
        return rf"\frac{{\partial^2 {top}}}{{\partial {first} \, \partial {then}^{{\top}}}}"

    def tied(self, fraction: str, structure: str) -> str:
        return rf"\left.{fraction}\right|_{{\text{{{structure}}}}}"

    def cases(self, rows: Sequence[tuple[str, str]]) -> str:
        inside = r" \\ ".join(f"{value} & {condition}" for value, condition in rows)
        return rf"\begin{{cases}} {inside} \end{{cases}}"

    def along(self, differential: str, direction: str) -> str:
        return rf"{differential}\left[{direction}\right]"

    def differential(self, a: str, level: int) -> str:
        return rf"\mathrm{{d}}{a}" if level >= 5 else rf"\mathrm{{d}}{self.parens(a)}"


PLAIN, TEXT, LATEX = Style(), Text(), Latex()
