"""Writing expressions: one walk over the graph, three styles (plain, Unicode text, LaTeX).

What is printed is read back as the same expression (plain and LaTeX).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from matcalc.expr.errors import LimitError
from matcalc.expr.groups import CARRIED
from matcalc.expr.nodes import Expr, is_one, make, num, ones, transpose
from matcalc.expr.table import TABLE
from matcalc.notation.write import layout
from matcalc.notation.write.style import Style
from matcalc.notation.write.styles import LATEX, PLAIN, TEXT

SUM, NEG, PROD, POST, ATOM = 1, 1, 2, 4, 5
LONGEST = 2_000_000  # characters of a formula: what is shared is written out each time, and there can be more than any memory holds
ENTRYWISE = ("hadamard", "hdiv", "kron")  # products with a sign, in brackets beside one without


class Piece(NamedTuple):
    """Printed text and the precedence of its outermost sign; ``scalar`` is what a fill holds."""

    text: str
    level: int
    op: str
    scalar: Piece | None = None


class Naming(dict[Expr, str]):
    """Names of nodes, fixed once printing begins; remembers what was printed with them."""

    def __init__(self, names: Mapping[Expr, str] | None = None) -> None:
        super().__init__(names or {})
        self.memo: dict[Style, dict[Expr, Piece]] = {}


def render(root: Expr, style: Style = PLAIN, names: Mapping[Expr, str] | None = None) -> str:
    """The expression on one line; nodes in ``names`` are written as their names. Raises ``LimitError`` where it is too long."""
    if root.op == "zeros" and style.latex:  # alone it is as large as what it is said of
        return "0"
    if root.op == "fill" and root not in (names or {}):  # alone, a scalar in every entry would be read as the scalar
        root = make("scale", (root.args[0], ones(root.type)))
    if isinstance(names, Naming):
        done = names.memo.setdefault(style, {})
        found = done.get(root)
        return (found or pieces((root,), style, names, done)[root]).text
    return pieces((root,), style, names or {})[root].text


def pieces(
    roots: tuple[Expr, ...], style: Style, names: Mapping[Expr, str], done: dict[Expr, Piece] | None = None
) -> dict[Expr, Piece]:
    """Printed pieces of the roots and of what is below them; ``done`` is filled and may be kept for later calls."""
    done = {} if done is None else done
    stack = list(roots)
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
            continue
        if node in names:
            done[node] = named_piece(style.name(names[node]))
            stack.pop()
            continue
        args = node.args
        for a in args:
            if a not in done:
                if a.op == "sym" and a not in names:
                    done[a] = named_piece(style.name(a.attr))
                else:
                    stack.append(a)
        if stack[-1] is node:
            shown = brackets(node, style, names, done) if node.op in BRACKETED else None
            done[stack.pop()] = whole = shown or piece(node, [done[a] for a in args], style)
            if len(whole.text) > LONGEST:
                raise LimitError(f"the formula, written out, has more than {LONGEST:,} characters", hint=NAMED_PARTS)
    return done


NAMED_PARTS = "its attribute plain names what is shared: matcalc.parse(…).plain"


BRACKETED = frozenset(("vcat", "hcat", "entry", "col", "rows", "padrows", "unit", "T"))


def brackets(node: Expr, style: Style, names: Mapping[Expr, str], done: dict[Expr, Piece]) -> Piece | None:
    """Blocks, entries, slices and paddings; None for another transpose."""
    if node.op == "T" and node.args[0].op not in BRACKETED:
        return None
    inner = node.args[0] if node.op == "T" else node
    if inner is not node and inner in names:
        return None
    if layout.is_blocks(node):
        rows = [[_cell(cell, done, style, names) for cell in row] for row in layout.grid(node, names)]
        return Piece(style.blocks(rows), ATOM, "blocks")
    found = layout.slice_of(node, names)
    block = None if found else layout.turned_block(node, names)
    if found is not None or block is not None:
        place = found or block
        assert place is not None
        base = done[place.base]
        places = [layout.place_text(p, style) for p in place[1:] if p is not None]
        text = _opened(base, place.base, style).text
        if not style.latex and base.level < ATOM and base.op != "T":
            text = style.parens(text)
        shown = style.slice(text, places, base.op == "sym")
        return Piece(shown, ATOM, "slice") if found else Piece(style.transpose(shown), POST, "T")
    if node.op == "unit":
        return Piece(style.unit(node.type[1], node.attr[0]), ATOM, "unit")
    if inner.op == "padrows" and (inner is node or node.type[0] == "m"):
        x = inner.args[0] if inner is node or inner.args[0].op == "eye" else transpose(inner.args[0])
        first, total = inner.attr
        text = _opened(pieces((x,), style, names, done)[x], x, style).text
        return Piece(style.padded(text, inner.args[0].type, first, total, inner is not node), ATOM, "blocks")
    return None


RAISED = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")


@lru_cache(maxsize=4096)
def named_piece(text: str) -> Piece:
    """A name: one that ends above the line, σ² as a variable, is raised to a power in parentheses only. A label in parentheses,
    W^{(2)}, is no power."""
    raised = text[-1:] in RAISED or (text.startswith("{") and "^" in text and "^{(" not in text)
    return Piece(text, POST if raised else ATOM, "sym")


def _cell(cell: layout.Cell, done: dict[Expr, Piece], style: Style, names: Mapping[Expr, str]) -> str:
    p = done[cell.node]
    if cell.node.type[:2] == ("c", 1) and (number := _held(cell.node)) is not None:  # a scalar among blocks
        return pieces((number,), style, names, done)[number].text
    p = _opened(p, cell.node, style)
    if not cell.turned:
        return p.text
    return style.transpose(wrap(p, POST, style) if p.op != "T" else style.parens(p.text))


def _held(e: Expr) -> Expr | None:
    """The number that a vector of one entry is made of."""
    if e.op in ("ones", "fill"):
        return num(1) if e.op == "ones" else e.args[0]
    inner = _held(e.args[0 if e.op != "scale" else 1]) if e.op in ("scale", "neg", "div") else None
    if inner is None:
        return None
    if e.op == "scale":
        return e.args[0] if is_one(inner) else make("scale", (e.args[0], inner))
    return num(-inner.attr) if e.op == "neg" and inner.op == "num" else make(e.op, (inner, *e.args[1:]))


def piece(node: Expr, args: list[Piece], style: Style) -> Piece:
    maker = _MAKERS.get(node.op)
    if maker is not None:
        return maker(node, args, style)
    args = [_opened(a, node.args[i], style) for i, a in enumerate(args)]
    if node.op == "trpow":
        args = [args[0]._replace(text=wrap(args[0], ATOM, style))]
    if node.op == "trpowm":
        return Piece(style.trace(_power(node, args, style).text), ATOM, "call")
    if node.op == "sqnorm":
        return Piece(style.call(node, [args[0].text]), POST, "pow")
    if node.op == "logdet" and style.latex:  # \\log\\det A^2 has two readings
        return Piece(style.call(node, [a.text for a in args]), POST, "call")
    if node.op == "einsum" and node.type[0] == "s" and not style.plain:
        return Piece(style.call(node, [a.text for a in args]), SUM, "bigop")
    return Piece(style.call(node, [a.text for a in args]), ATOM, "call")


def wrap(p: Piece, level: int, style: Style) -> str:
    return p.text if p.level >= level else style.parens(p.text)


def _opened(p: Piece, node: Expr, style: Style) -> Piece:
    """A fill outside of a sum: its scalar times ones."""
    if p.scalar is None:
        return p
    one = Piece(style.ones(node.type), ATOM, "ones")
    if p.text == "1":
        return one
    return Piece(style.product(wrap(p.scalar, PROD, style), one.text, "scale"), PROD, "scale")


def _both_opened(node: Expr, args: list[Piece], style: Style) -> tuple[Piece, Piece]:
    left, right = args
    if left.scalar is not None:
        left = _opened(left, node.args[0], style)
    if right.scalar is not None:
        right = _opened(right, node.args[1], style)
    return left, right


def _sym(node: Expr, args: list[Piece], style: Style) -> Piece:
    return named_piece(style.name(node.attr))


def _num(node: Expr, args: list[Piece], style: Style) -> Piece:
    value = node.attr
    if value.denominator == 1:
        return Piece(str(value), ATOM if value >= 0 else NEG, "num")
    text = style.fraction(str(abs(value.numerator)), str(value.denominator))
    return Piece(text if value > 0 else "-" + text, (ATOM if style.latex else PROD) if value > 0 else NEG, "frac")


def _dim(node: Expr, args: list[Piece], style: Style) -> Piece:
    d = node.attr
    text = style.dim(d)
    if isinstance(d, int):
        return Piece(text, ATOM, "num")
    return Piece(text, ATOM if isinstance(d, str) else SUM if "+" in text else PROD, "dim")


def _leaf(node: Expr, args: list[Piece], style: Style) -> Piece:
    return Piece(getattr(style, node.op)(node.attr if node.op in ("const", "commutation") else node.type), ATOM, node.op)


def _add(node: Expr, args: list[Piece], style: Style) -> Piece:
    left, right = _pair(node, args, style)
    first = style.parens(left.text) if (left.scalar or left).op == "bigop" else left.text
    return Piece(f"{first} {'-' if node.op == 'sub' else '+'} {wrap(right, PROD, style)}", SUM, "add")


def _pair(node: Expr, args: list[Piece], style: Style) -> tuple[Piece, Piece]:
    left, right = args
    if left.scalar is not None and right.scalar is not None:
        left = _opened(left, node.args[0], style)
    return left, right


def _neg(node: Expr, args: list[Piece], style: Style) -> Piece:
    inner = _opened(args[0], node.args[0], style)
    return Piece("-" + wrap(inner, PROD, style), NEG, "neg")


def _fill(node: Expr, args: list[Piece], style: Style) -> Piece:
    return Piece(args[0].text, args[0].level, "fill", args[0])


def _kron(node: Expr, args: list[Piece], style: Style) -> Piece:
    left, right = _both_opened(node, args, style)
    if style.plain or "".join([a.kind for a in node.args]) in TABLE[node.op].latex_of:
        return Piece(style.call(node, [left.text, right.text]), ATOM, "call")
    return Piece(style.kron(wrap(left, POST, style), wrap(right, POST, style)), PROD, "kron")


def _product(node: Expr, args: list[Piece], style: Style) -> Piece:
    left, right = _both_opened(node, args, style)
    mixed = ENTRYWISE
    loose = left.op in mixed or left.level < PROD or (left.op in ("scale", "dotted") and node.op == "matmul")
    dotted = node.op == "scale" and left.op in ("matmul", "divided", "dotted")
    a = style.parens(left.text) if loose or dotted else left.text
    same = right.level > PROD or (node.op == "scale" and right.op == "matmul")
    b = right.text if same and right.op not in mixed else style.parens(right.text)
    if left.op == "spaced" and not style.spaced(b, left.op):
        a = style.parens(left.text)  # 3 · 2 x is 3 · (2 x)
    if right.op == "T" and a == "1":  # beside a transpose a bare 1 is the vector of ones
        a = style.parens(a)
    b = style.parens(b) if b == "1" and left.level < ATOM else b
    return Piece(style.product(a, b, node.op, left.op, right.op), PROD, _product_op(node, left, right, style, b))


def _product_op(node: Expr, left: Piece, right: Piece, style: Style, b: str) -> str:
    """What a sign around this product must know of it."""
    if style.spaced(b, left.op):
        return "spaced"
    if node.op == "scale":
        return "dotted" if node.type[0] == "s" and right.op in ("matmul", "divided", "dotted") else "scale"
    return "divided" if left.op in ("div", "divided") else node.op  # A/t*x: another factor in front would get into the quotient


def _hadamard(node: Expr, args: list[Piece], style: Style) -> Piece:
    left, right = _pair(node, args, style) if node.op == "hdiv" else _both_opened(node, args, style)
    a = left.text if left.level > PROD or left.op == "hadamard" else style.parens(left.text)
    return Piece(style.hadamard(a, wrap(right, PROD + 1, style), node.op), PROD, node.op)


def _div(node: Expr, args: list[Piece], style: Style) -> Piece:
    top, bottom = _opened(args[0], node.args[0], style), args[1]
    if style.latex:
        return Piece(style.fraction(top.text, bottom.text), ATOM, "frac")
    a = style.parens(top.text) if top.op in ENTRYWISE else wrap(top, PROD, style)
    return Piece(f"{a}/{wrap(bottom, PROD + 1, style)}", PROD, "div")


def _power(node: Expr, args: list[Piece], style: Style) -> Piece:
    base = _opened(args[0], node.args[0], style)
    bracketed = style.parens(base.text) if base.op == "frac" else wrap(base, ATOM, style)
    return Piece(style.power(bracketed, args[1].text, args[1].level >= ATOM, node.op), POST, "pow")


def _entry_power(node: Expr, args: list[Piece], style: Style) -> Piece:
    """A scalar in every entry of the base or of the exponent stands there as a scalar; not in both."""
    left, right = _pair(node, args, style)
    bracketed = style.parens(left.text) if left.op == "frac" else wrap(left, ATOM, style)
    return Piece(style.power(bracketed, right.text, right.level >= ATOM, node.op), POST, "pow")


def _mpow(node: Expr, args: list[Piece], style: Style) -> Piece:
    if args[0].op == "inv" and not style.plain:
        return Piece(style.inverse_power(args[0].text, node.attr), POST, "pow")
    return Piece(style.power(wrap(args[0], ATOM, style), str(node.attr), True, "pow"), POST, "pow")


def _transpose(node: Expr, args: list[Piece], style: Style) -> Piece:
    inner = _opened(args[0], node.args[0], style)
    if inner.op == "ones" and node.args[0].type[0] == "r":
        return Piece(style.ones(node.type), ATOM, "ones")
    if inner.op == "inv" and not style.plain:
        return Piece(style.inverse_transpose(inner.text), POST, "T")
    tight = inner.level < (ATOM if inner.op == "pow" else POST) or inner.op in ("frac", "T")
    return Piece(style.transpose(style.parens(inner.text) if tight else inner.text), POST, "T")


def _inv(node: Expr, args: list[Piece], style: Style) -> Piece:
    if style.plain:
        return Piece(f"inv({args[0].text})", ATOM, "call")
    return Piece(style.inverse(wrap(args[0], ATOM, style)), POST, "inv")


def _apply(node: Expr, args: list[Piece], style: Style) -> Piece:
    name, order = node.attr
    inner = _opened(args[0], node.args[0], style)
    return Piece(style.apply(name, order, inner.text), ATOM, "call")


def _carried(node: Expr, args: list[Piece], style: Style) -> Piece:
    """``r(x)`` and ``J_r(x)``, ``K(t)`` and ``∂K/∂t``."""
    order, name = TABLE[node.op].carried or 0, str(node.args[0].attr)
    if node.args[1].type[0] != "s":
        return Piece(style.apply(f"J_{name}" if order else name, 0, args[1].text), ATOM, "call")
    if order == 1 and not style.plain and args[1].op == "sym":
        return Piece(style.partial(args[0].text, args[1].text, ATOM), ATOM, "frac")
    return Piece(style.apply(name, order, args[1].text), ATOM, "call")


def _partial(node: Expr, args: list[Piece], style: Style) -> Piece:
    inner = node.args[0]
    if node.attr == "stacked" and inner.op == "partial":
        top, first = (pieces((a,), style, {})[a].text for a in inner.args)
        return Piece(style.stacked(top, first, args[1].text), ATOM, "frac")
    if isinstance(node.attr, tuple):  # ("tied", structure)
        return Piece(style.tied(style.partial(args[0].text, args[1].text, args[1].level), node.attr[1]), ATOM, "frac")
    if inner.op == "partial" and inner.args[0].op == inner.args[1].op == node.args[1].op == "sym":
        top, first = (style.name(str(a.attr)) for a in inner.args)
        return Piece(style.second(top, first, args[1].text), ATOM, "frac")
    if node.attr == "shape":
        return Piece(style.gradient(args[0].text, args[1].text, args[1].level), ATOM, "frac")
    return Piece(style.partial(args[0].text, args[1].text, args[1].level), ATOM, "frac")


def _differential(node: Expr, args: list[Piece], style: Style) -> Piece:
    level = args[0].level if args[0].op != "frac" or style.latex else PROD
    if node.attr is not None:  # along a direction
        return Piece(style.along(style.differential(args[0].text, min(level, PROD)), style.name(node.attr)), ATOM, "d")
    return Piece(style.differential(args[0].text, level), ATOM, "d")


def _extreme(node: Expr, args: list[Piece], style: Style) -> Piece:
    left, right = _pair(node, args, style)
    return Piece(style.call(node, [left.text, right.text]), ATOM, "call")


_MAKERS = {
    "sym": _sym, "num": _num, "dim": _dim, "const": _leaf, "commutation": _leaf, "eye": _leaf, "ones": _leaf, "zeros": _leaf,
    "add": _add, "sub": _add, "neg": _neg, "fill": _fill, "matmul": _product, "scale": _product,
    "hadamard": _hadamard, "hdiv": _hadamard, "kron": _kron, "div": _div, "pow": _power, "hpow": _power, "epow": _entry_power,
    "mpow": _mpow,
    "powm": _power, "T": _transpose, "inv": _inv, "fn": _apply, "partial": _partial, "d": _differential,
    **dict.fromkeys(CARRIED, _carried),
    "max2": _extreme, "min2": _extreme, "huber2": _extreme,
}  # fmt: skip

SIGNED = BRACKETED | frozenset(_MAKERS)  # what is not written as a function of its operands

__all__ = ["LATEX", "PLAIN", "SIGNED", "TEXT", "Style", "render"]
