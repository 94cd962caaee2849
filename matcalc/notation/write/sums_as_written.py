r"""An expression as it was written, with its indices: ``Σ_{i=1}^N (y_i - wᵀ x_i)²`` and the same in LaTeX.

Printed from the syntax tree alone, every name by ``Style.name``: no character of the input gets into LaTeX
as it stands. What is printed is read back as the same tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.lex.syntax import Ast, Binder, Relation
from matcalc.notation.sums.lifts import EACH
from matcalc.notation.write.lettering import SUBSCRIPTS
from matcalc.notation.write.signs import quoting
from matcalc.notation.write.style import Spelled, Style
from matcalc.notation.write.styles import LATEX, TEXT

SUM, PROD, POST, ATOM = 1, 2, 4, 5
SIGNS = {"sum": ("Σ", r"\sum"), "prod": ("Π", r"\prod"), "max": ("max", r"\max"), "min": ("min", r"\min")}
RELATIONS = {"=": ("=", "="), "!=": ("≠", r" \ne "), "<": ("<", "<"), "<=": ("≤", r" \le "), ">": (">", ">"), ">=": ("≥", r" \ge ")}
LABELS = {"infty": ("∞", r"\infty"), "inf": ("∞", r"\infty"), "*": ("*", "*"), "mathrmF": ("F", "F")}
NAMES = {"1vec": ("𝟏", r"\mathbf{1}"), ":": (":", ":"), "*": ("*", "*")}
SHORT = {"sigmoid": "σ", "abs": "|{}|", "norm2": "‖{}‖", "norm1": "‖{}‖₁"}
JOINED = (" ", "*", "@", "times")  # products that are written side by side


class Piece(NamedTuple):
    """Text with the precedence of its outermost sign; ``tail``: it ends in a sum that takes what follows."""

    text: str
    level: int
    kind: str = ""
    tail: bool = False


def written(node: Ast, bound: Sequence[str] = (), level: int = 0, spelled: Spelled = ()) -> tuple[str, str]:
    """The tree in Unicode and in LaTeX, under sums over ``bound``; in brackets where it binds looser than
    ``level``; names as the input spells them."""
    styles = (quoting(style, frozenset(), spelled) for style in (TEXT, LATEX))
    text, latex = (_Writer(style, bound).wrapped(node, level) for style in styles)
    return text, latex


def before_body(node: Ast, spelled: Spelled = ()) -> tuple[str, str]:
    """What stands before the body of a big operator, ``Σ_{i=1}^N``."""
    text, latex = (_Writer(quoting(style, frozenset(), spelled), ()).head(node) for style in (TEXT, LATEX))
    return text, latex


class _Writer:
    def __init__(self, style: Style, bound: Sequence[str]) -> None:
        self.style = style
        self.latex = style.latex
        self.bound = list(bound)  # indices of the sums around

    def piece(self, node: Ast) -> Piece:
        return _MAKERS[node.kind](self, node)

    def pick(self, pair: tuple[str, str]) -> str:
        return pair[self.latex]

    def wrapped(self, node: Ast, level: int) -> str:
        p = self.piece(node)
        return p.text if p.level >= level and not (p.tail and level) else self.style.parens(p.text)

    def last(self, node: Ast, level: int) -> Piece:
        """An operand at the end: a sum may stand there without brackets."""
        p = self.piece(node)
        return p if p.level >= level or p.tail else Piece(self.style.parens(p.text), ATOM)

    # -- names and numbers ---------------------------------------------------------

    def name(self, node: Ast) -> Piece:
        return Piece(self.spelled(node.value), ATOM)

    def spelled(self, name: str) -> str:
        """A name; the letters of a slice such as ``X_ij`` are indices and not a label."""
        if name in NAMES:
            return self.pick(NAMES[name])
        base, _, letters = name.partition("_")
        if base and letters and set(letters) <= set(self.bound):
            return self.indexed(self.style.name(base), letters)
        return self.style.name(name)

    def indexed(self, base: str, letters: str) -> str:
        if not self.latex:
            return f"{base}_{letters}" if letters.isalnum() else f"{base}_{{{letters}}}"
        return rf"{{{base}}}_{{{letters}}}" if "_" in base else rf"{base}_{{{letters}}}"

    def num(self, node: Ast) -> Piece:
        value: Fraction = node.value
        if value.denominator == 1:
            return Piece(str(value), ATOM)
        text = self.style.fraction(str(value.numerator), str(value.denominator))
        return Piece(text, POST if self.latex else PROD, "frac")

    def string(self, node: Ast) -> Piece:
        allowed = "".join(c for c in node.value if c.isalnum() or c in ",->() ")
        return Piece(rf"\text{{{allowed}}}" if self.latex else f"'{allowed}'", ATOM)

    def index(self, node: Ast) -> Piece:
        base, *letters = node.args
        while base.kind == "index" and not base.mark:  # (f_i)_c is written f_{i,c}
            base, letters = base.args[0], [*base.args[1:], *letters]
        pieces = [self.piece(a).text for a in letters]
        joint = "" if all(len(p) == 1 for p in pieces) else ","
        return Piece(self.indexed(self.wrapped(base, ATOM), joint.join(pieces)), ATOM)

    # -- sums and products -----------------------------------------------------------

    def sum(self, node: Ast) -> Piece:
        text = ""
        for sign, term in zip(node.value, node.args, strict=True):
            p = self.last(term, PROD)
            text = f"{text} {sign} {p.text}" if text else ("-" if sign == "-" else "") + p.text
        return Piece(text, SUM)

    def neg(self, node: Ast) -> Piece:
        p = self.last(node.args[0], PROD)
        return Piece("-" + p.text, SUM)

    def product(self, node: Ast) -> Piece:
        total = self.piece(node.args[0])
        whole = self.latex and node.value[0] == "/"  # a numerator needs no brackets
        if not whole and (total.level < PROD or total.tail or total.kind == "mixed"):
            total = Piece(self.style.parens(total.text), ATOM)
        for i, (op, factor) in enumerate(zip(node.value, node.args[1:], strict=True)):
            total = self.times(total, op, factor, i + 2 == len(node.args))
        return total

    def times(self, left: Piece, op: str, factor: Ast, at_end: bool) -> Piece:
        if op == "/":
            return self.quotient(left, factor)
        right = self.last(factor, POST) if at_end else Piece(self.wrapped(factor, POST), ATOM)
        kind = "" if op in JOINED else "mixed"
        a = left.text
        if left.kind == "quotient" or (left.kind == "mixed" and not kind):
            a = self.style.parens(a)
        if op in JOINED:
            text = self.style.product(a, right.text, "matmul", left.kind)
            if right.tail and not self.latex:
                text = f"{a} {right.text}"
        elif op in (".*", "./"):
            text = self.style.hadamard(a, right.text, "hdiv" if op == "./" else "hadamard")
        else:
            sign = {"dot": ("·", r"\cdot"), "kron": ("⊗", r"\otimes")}[op]
            text = f"{a} {self.pick(sign)} {right.text}"
        return Piece(text, SUM if right.tail else PROD, kind, right.tail)

    def quotient(self, left: Piece, factor: Ast) -> Piece:
        if self.latex:
            return Piece(self.style.fraction(left.text, self.piece(factor).text), POST, "frac")
        top = self.style.parens(left.text) if left.kind == "quotient" else left.text
        return Piece(f"{top}/{self.wrapped(factor, POST)}", PROD, "quotient")

    def power(self, node: Ast) -> Piece:
        base, exponent = node.args
        e = self.piece(exponent)
        op = "hpow" if node.value == ".^" else "pow"
        return Piece(self.style.power(self.wrapped(base, ATOM), e.text, e.level >= ATOM, op), POST, "pow")

    def transpose(self, node: Ast) -> Piece:
        inner = self.piece(node.args[0])
        level = ATOM if inner.kind in ("pow", "frac", "T") else POST
        return Piece(self.style.transpose(self.wrapped(node.args[0], level)), POST, "T")

    # -- functions and brackets --------------------------------------------------------

    def call(self, node: Ast) -> Piece:
        name, order = node.value
        dotted = name.rstrip(".")
        plain = SYNONYMS.get(dotted, dotted)
        arguments = [self.piece(a).text for a in node.args]
        joined = ", ".join(arguments)
        if self.latex:
            known = plain in CALLS and not order
            form = CALLS[plain][0].latex_of.get("s", CALLS[plain][0].latex) if known else self.style.name(dotted) + "'" * order
            if "{0}" in form and len(arguments) == 1:
                return Piece(form.format(*arguments, attr=""), ATOM)
            return Piece(form.replace("{{", "{").replace("}}", "}") + self.style.parens(joined), ATOM)
        if "{}" in SHORT.get(plain, "") and not order:
            return Piece(SHORT[plain].format(joined), ATOM)
        if plain == "sqrt" and not order:
            return Piece(f"√({joined})", ATOM)
        return Piece(f"{SHORT.get(plain) or self.style.name(dotted)}{'′' * order}({joined})", ATOM)

    def norm(self, node: Ast) -> Piece:
        inner, label = self.piece(node.args[0]).text, node.value
        if not self.latex:
            mark = f"_{self.label(label)}" if label and not label.isdigit() else label.translate(SUBSCRIPTS)
            return Piece(f"‖{inner}‖{mark}", ATOM)
        return Piece(rf"\lVert {inner} \rVert" + (f"_{{{self.label(label)}}}" if label else ""), ATOM)

    def label(self, label: str) -> str:
        if label.isdigit() and label.isascii():
            return label
        if label.endswith("^-1"):
            return self.style.name(label[:-3]) + "^{-1}" if self.latex else f"{{{self.style.name(label[:-3])}⁻¹}}"
        return self.pick(LABELS[label]) if label in LABELS else self.style.name(label)

    def bars(self, node: Ast) -> Piece:
        inner = self.piece(node.args[0]).text
        return Piece(rf"\lvert {inner} \rvert" if self.latex else f"|{inner}|", ATOM)

    def angle(self, node: Ast) -> Piece:
        a, b = (self.piece(x).text for x in node.args)
        return Piece(rf"\langle {a}, {b} \rangle" if self.latex else f"⟨{a}, {b}⟩", ATOM)

    def blocks(self, node: Ast) -> Piece:
        cells = [self.piece(a).text for a in node.args]
        rows = [cells[i : i + node.value] for i in range(0, len(cells), node.value)]
        if self.latex:
            inside = r" \\ ".join(" & ".join(row) for row in rows)
            return Piece(rf"\begin{{bmatrix}} {inside} \end{{bmatrix}}", ATOM)
        return Piece("[" + "; ".join(", ".join(row) for row in rows) + "]", ATOM)

    # -- big operators -------------------------------------------------------------------

    def bigop(self, node: Ast) -> Piece:
        name, binder = node.value
        head = self.head(node) if name != EACH else ""
        self.bound += binder.names
        if name == EACH:
            entry = self.indexed(self.style.parens(self.piece(node.args[0]).text), "".join(self.spelled(n) for n in binder.names))
            del self.bound[len(self.bound) - len(binder.names) :]
            return Piece(entry, ATOM)
        body = self.last(node.args[0], PROD)
        del self.bound[len(self.bound) - len(binder.names) :]
        return Piece(f"{head} {body.text}", SUM, "bigop", True)

    def head(self, node: Ast) -> str:
        """The sign, with what stands below and above it."""
        name, binder = node.value
        below, above = self.below(binder), self.piece(binder.upper).text if binder.upper else ""
        sign = self.pick(SIGNS[name])
        if self.latex:
            return f"{sign}_{{{below}}}" + (f"^{{{above}}}" if above else "")
        limits = f"_{below}" if len(below) == 1 else f"_{{{below}}}" if below else ""
        return sign + limits + ((f"^{above}" if len(above) == 1 else f"^{{{above}}}") if above else "")

    def below(self, binder: Binder) -> str:
        names = ",".join(self.style.name(n) for n in binder.names)
        if binder.lower is not None:
            return f"{names}={self.piece(binder.lower).text}"
        if binder.where:
            return ", ".join(self.relation(r) for r in binder.where)
        if binder.member is None:
            return names
        names = f"({names})" if len(binder.names) > 1 else names
        return names + self.pick(("∈", r" \in ")) + self.style.name(binder.member)

    # -- relations and labels --------------------------------------------------------------

    def relation(self, r: Relation) -> str:
        return f"{self.piece(r.left).text}{self.pick(RELATIONS[r.sign])}{self.piece(r.right).text}"

    def indicator(self, node: Ast) -> Piece:
        inside = self.relation(Relation(node.args[0], node.value, node.args[1]))
        return Piece(rf"\mathbf{{1}}\{{{inside}\}}" if self.latex else f"1{{{inside}}}", ATOM)

    def integer(self, node: Ast) -> Piece:
        name, letters = node.value
        return Piece(self.indexed(self.style.name(name), "".join(letters)) if letters else self.style.name(name), ATOM)


_MAKERS: dict[str, Callable[[_Writer, Ast], Piece]] = {
    "num": _Writer.num,
    "name": _Writer.name,
    "size": _Writer.name,
    "sized": lambda w, node: w.num(node._replace(value=node.value[0])),
    "string": _Writer.string,
    "index": _Writer.index,
    "sum": _Writer.sum,
    "neg": _Writer.neg,
    "prod": _Writer.product,
    "pow": _Writer.power,
    "T": _Writer.transpose,
    "call": _Writer.call,
    "norm": _Writer.norm,
    "bars": _Writer.bars,
    "angle": _Writer.angle,
    "blocks": _Writer.blocks,
    "bigop": _Writer.bigop,
    "indicator": _Writer.indicator,
    "label": _Writer.integer,
}
