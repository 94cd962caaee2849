"""Lines of LaTeX that fit the page: widths are estimated, equalities and sums are broken into rows.

Widths are in em of the text font, from the letters of Computer Modern; an estimate errs on the wide side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from matcalc import dims
from matcalc.derivation import Formula
from matcalc.dims import Dim
from matcalc.expr import Expr
from matcalc.notation.printer import LATEX, pieces, wrap
from matcalc.ops import Type
from matcalc.printers.story import Line

LONG_SIZES, GAP, NARROWEST, LETTER = 17.0, 1.8, 8.0, 0.45
PRODUCT = 2  # precedence of a term that needs no brackets in a sum
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|.", re.DOTALL)
_WIDE = dict.fromkeys("()", 0.4) | dict.fromkeys("[]|!.:;'", 0.29) | dict.fromkeys("+-", 1.25)
_WIDE |= {"M": 1.0, "W": 1.0, "m": 0.88, "w": 0.72, "=": 1.35, ",": 0.45, " ": 0.0}
_THIN = (r"\mathrm", r"\mathbf", r"\text", r"\mathbb", r"\mathcal", r"\,", r"\displaystyle")
_MACROS = dict.fromkeys(_THIN, 0.17) | dict.fromkeys((r"\left", r"\right"), 0.08)
_MACROS |= dict.fromkeys((r"\odot", r"\oslash", r"\otimes", r"\times"), 1.25) | {r"\cdot": 0.75, r"\sum": 1.6}
_MACROS |= dict.fromkeys((r"\lVert", r"\rVert"), 0.5) | {r"\top": 0.8, r"\partial": 0.55}


class Row(NamedTuple):
    """One row of an aligned block: what stands left and right of the alignment, sizes, rule."""

    left: str
    right: str
    sizes: str = ""
    rule: str = ""


def em(latex: str) -> float:
    """Estimated width of a formula."""
    tokens = _TOKEN.findall(latex)
    stack: list[tuple[str, float, float]] = []  # what a brace belongs to, width before it, size before it
    width, size = 0.0, 1.0
    pending = ""
    numerator = 0.0
    for i, t in enumerate(tokens):
        if t == "{":
            stack.append((pending, width, size))
            width, size = 0.0, size * (0.72 if pending in "^_" and pending else 1.0)
            pending = ""
        elif t == "}" and stack:
            kind, before, size = stack.pop()
            if kind == r"\frac":
                numerator, pending, width = width, "denominator", before
                continue
            width = before + (max(numerator, width) + 0.3 if kind == "denominator" else width)
        elif t == r"\scriptstyle":
            size *= 0.72
        elif t in ("^", "_", r"\frac"):
            pending = t
        elif t[0] == "\\" or tokens[i - 1] != r"\begin":
            width += size * (0.72 if pending and pending in "^_" else 1.0) * _one(t)
            pending = ""
    return width


def _one(token: str) -> float:
    if token[0] == "\\":
        return _MACROS.get(token, 0.62)
    return _WIDE.get(token, 0.78 if token.isupper() else 0.51)


def tidy(latex: str) -> str:
    r"""Brackets that grow only where something tall stands in them: ``f(z)``, not ``f\left(z\right)``."""
    out: list[str] = []
    opened: list[int] = []
    for part in re.split(r"(\\left\(|\\right\))", latex):
        if part == r"\left(":
            opened.append(len(out))
        elif part == r"\right)" and opened:
            start = opened.pop()
            inside = "".join(out[start + 1 :])
            if not re.search(r"\\frac|\\sum|\\begin|\\left|\^\{(?!\\top\}|-1\}|-\\top\}|\d\})", inside):
                out[start], part = "(", ")"
        out.append(part)
    return "".join(out).replace(r"} \frac", r"}\, \frac")


def write(formula: Formula) -> str:
    return tidy(formula.shown[1] if formula.shown else _render(formula.expr, formula))


def _render(e: Expr, formula: Formula, level: int = 0) -> str:
    piece = pieces((e,), LATEX, formula.names)[e]
    return wrap(piece, level, LATEX)


def size(t: Type) -> str:
    axes: tuple[Dim, ...] = t.rows if t.kind == "t" else (t.rows, t.cols)
    return "[" + r" \times ".join(axis(d) for d in axes) + "]"


def axis(d: Dim) -> str:
    r"""A dimension: ``n``, ``n_{1}``, ``m n``, ``2 n + 1``."""
    return re.sub(r"[A-Za-z]\w*", lambda m: LATEX.name(m[0]), dims.text(d, " ")).replace("+", " + ")


def sizes(line: Line) -> str:
    """``[1×n] = [1×n][n×n]``; nothing for a line about entries."""
    if line.left is None:
        return ""
    factors = " + ".join("".join(map(size, term)) for term in line.factors)
    return size(line.left) + (f" = {factors}" if factors else "")


def left_side(line: Line) -> tuple[str, tuple[Formula, ...]]:
    """What stands left of the alignment, and the other members; ``δ = ∂s/∂z`` stands on the left."""
    first, second = line.chain[0], line.chain[1:2]
    if len(line.chain) > 2 and first.expr in first.names and second[0].expr is first.expr:
        return f"{write(first)} = {write(second[0])}", line.chain[2:]
    return write(first), line.chain[1:]


def right_rows(members: Sequence[Formula], room: float) -> list[str]:
    """``= b = c …`` in rows at most ``room`` em wide where they can be broken."""
    rows: list[str] = []
    for member in members:
        text = "= " + write(member)
        if rows and em(rows[-1]) + em(text) <= room:
            rows[-1] += " " + text
        else:
            rows.extend(_broken(member, room))
    return rows


def align(lines: Sequence[Line], width: float) -> list[list[Row]]:
    """The rows of each line in one aligned block, at most ``width`` em wide with sizes and rules.

    A rule stands right of the sizes, or below them where there is no room for that.
    """
    lefts = [left_side(line) for line in lines]
    natural = max([em(right_rows(members, 1e9)[0]) for _, members in lefts], default=0.0)
    room = width - max([em(left) for left, _ in lefts], default=0.0)
    rule = max([LETTER * len(line.rule) + GAP for line in lines if line.rule], default=0.0)
    widths = [em(sizes(line)) for line in lines]
    longest = max(widths, default=0.0)
    if natural + longest + GAP + rule > room:
        longest = max([w for w in widths if w <= LONG_SIZES], default=0.0)
    beside = longest + GAP
    stacked = room - beside - rule < min(NARROWEST, natural)
    room = max(room - (max(beside, rule) if stacked else beside + rule), NARROWEST)
    out: list[list[Row]] = []
    for line, (left, members) in zip(lines, lefts, strict=True):
        rows = [Row(left if not i else "", right) for i, right in enumerate(right_rows(members, room))]
        out.append(_annotated(rows, line, stacked, longest))
    return out


def _annotated(rows: list[Row], line: Line, stacked: bool, longest: float) -> list[Row]:
    """Sizes and rule at the last row; long sizes in a row of their own."""
    size = sizes(line)
    if em(size) > longest:
        rows[-1] = rows[-1]._replace(rule=line.rule)
        return [*rows, Row("", r"\qquad \scriptstyle " + size)]
    if not stacked or not line.rule:
        rows[-1] = rows[-1]._replace(sizes=size, rule=line.rule)
        return rows
    if len(rows) == 1:
        rows.append(Row("", ""))
    rows[-2] = rows[-2]._replace(sizes=size)
    rows[-1] = rows[-1]._replace(sizes=rf"\text{{{line.rule}}}")
    return rows


def _broken(member: Formula, room: float) -> list[str]:
    """``= a + b + …`` on several rows, broken before the terms of a sum, then before factors."""
    whole = "= " + write(member)
    if em(whole) <= room or member.shown:
        return [whole]
    rows: list[str] = []
    row = "="
    for sign, part in _parts(member, room):
        text = f"{sign} {part}" if sign else part
        if row != "=" and em(row) + em(text) > room:
            rows.append(row)
            row = r"\quad {}"
        row += " " + text
    return [*rows, row]


def _parts(member: Formula, room: float) -> Iterator[tuple[str, str]]:
    """Terms with their signs; a term that is too wide by itself as factors."""
    for sign, term in _signed(member.expr):
        text = tidy(_render(term, member, PRODUCT))
        if em(text) <= room - 3 or term.op not in ("matmul", "scale", "hadamard") or _filled(term):
            yield sign, text
            continue
        joint = r"\odot" if term.op == "hadamard" else r"\cdot"
        for i, factor in enumerate(_chain(term)):
            yield (joint if i else sign), tidy(_render(factor, member, PRODUCT + 2))


def _signed(e: Expr) -> list[tuple[str, Expr]]:
    """Terms of a sum, each with the sign that it has when no brackets are left."""
    out: list[tuple[str, Expr]] = []
    stack = [("", e)]
    while stack:
        sign, node = stack.pop()
        turned = "+" if sign == "-" else "-"
        if node.op in ("add", "sub"):
            stack.append((turned if node.op == "sub" else sign or "+", node.args[1]))
            stack.append((sign, node.args[0]))
        elif node.op == "neg":
            stack.append((turned, node.args[0]))
        else:
            out.append((sign, node))
    return out


def _filled(e: Expr) -> bool:
    """A factor that is one scalar in every entry, which is written by its context."""
    return any(f.op == "fill" for f in _chain(e))


def _chain(e: Expr) -> list[Expr]:
    kinds = (e.op,) if e.op == "hadamard" else ("matmul", "scale")
    out: list[Expr] = []
    stack = [e]
    while stack:
        node = stack.pop()
        if node.op in kinds:
            stack.extend(reversed(node.args))
        else:
            out.append(node)
    return out
