"""Lines of LaTeX that fit the page: widths are estimated, equalities and sums are broken into rows.

Widths are in em of the text font, from the letters of Computer Modern; an estimate errs on the wide side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from matcalc import dims
from matcalc.derivation import Formula
from matcalc.dims import Dim
from matcalc.expr import Expr
from matcalc.notation.printer import LATEX, pieces, wrap
from matcalc.ops import Type
from matcalc.printers.story import Line

PRODUCT = 2  # precedence of a term that needs no brackets in a sum
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|.", re.DOTALL)
_WIDE = {"M": 1.0, "W": 1.0, "m": 0.88, "w": 0.72, "+": 1.25, "-": 1.25, "=": 1.35, ",": 0.45, " ": 0.0, "'": 0.3}
_WIDE |= dict.fromkeys("()[]|/!.:;", 0.42)
_MACROS = {r"\odot": 1.25, r"\oslash": 1.25, r"\otimes": 1.25, r"\cdot": 0.75, r"\times": 1.25, r"\top": 0.8, r"\sum": 1.6}
_MACROS |= dict.fromkeys((r"\left", r"\right"), 0.08) | dict.fromkeys((r"\lVert", r"\rVert"), 0.5)
_MACROS |= dict.fromkeys((r"\mathrm", r"\mathbf", r"\text", r"\mathbb", r"\mathcal", r"\,", r"\displaystyle"), 0.17)


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
        elif t in "^_" and len(t) == 1:
            pending = t
        elif t == r"\frac":
            pending = t
        elif t[0] == "\\" or tokens[i - 1] != r"\begin":
            width += size * (0.72 if pending and pending in "^_" else 1.0) * _one(t)
            pending = ""
    return width


def _one(token: str) -> float:
    if token[0] == "\\":
        return _MACROS.get(token, 0.62)
    return _WIDE.get(token, 0.78 if token.isupper() else 0.53)


def tidy(latex: str) -> str:
    r"""Brackets that grow only where something tall stands between them: ``f(z)``, not ``f\left(z\right)``."""
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
    return tidy(_render(formula.expr, formula))


def _render(e: Expr, formula: Formula, level: int = 0) -> str:
    piece = pieces((e,), LATEX, formula.names)[e]
    return wrap(piece, level, LATEX)


def size(t: Type) -> str:
    axes: tuple[Dim, ...] = t.rows if t.kind == "t" else (t.rows, t.cols)  # type: ignore[assignment]
    return "[" + r" \times ".join(axis(d) for d in axes) + "]"


def axis(d: Dim) -> str:
    r"""A dimension: ``n``, ``n_{1}``, ``m n``, ``2 n + 1``."""
    return re.sub(r"[A-Za-z]\w*", lambda m: LATEX.name(m[0]), dims.text(d, " ")).replace("+", " + ")


def sizes(line: Line) -> str:
    """``[1×n] = [1×n][n×n]``"""
    factors = " + ".join("".join(map(size, term)) for term in line.factors)
    return size(line.left) + (f" = {factors}" if factors else "")


def chain_rows(line: Line, width: float) -> Iterator[tuple[str, str]]:
    """The line as (left, right) of the alignment, each row at most ``width`` wide where it can be broken."""
    members = list(line.chain)
    left = write(members[0])
    while len(members) > 2 and members[0].expr in members[0].names and members[1].expr is members[0].expr:
        left += " = " + write(members.pop(1))  # δ = ∂s/∂z stands on the left
    room = max(width - em(left), 8.0)
    right = ""
    for member in members[1:]:
        text = "= " + write(member)
        if right and em(right) + em(text) <= room:
            right += " " + text
            continue
        if right:
            yield left, right
            left = ""
        *done, right = _broken(member, room)
        for row in done:
            yield left, row
            left = ""
    yield left, right


def _broken(member: Formula, room: float) -> list[str]:
    """``= a + b + …`` on several rows, broken before the terms of a sum, then before factors."""
    whole = "= " + write(member)
    if em(whole) <= room:
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
        if em(text) <= room - 3 or term.op not in ("matmul", "scale", "hadamard"):
            yield sign, text
            continue
        joint = r"\odot" if term.op == "hadamard" else r"\cdot"
        for i, factor in enumerate(_chain(term)):
            yield (joint if i else sign), tidy(_render(factor, member, PRODUCT + 2))


def _signed(e: Expr) -> list[tuple[str, Expr]]:
    """Terms of a sum, each with the sign that it adds."""
    out: list[tuple[str, Expr]] = []
    stack = [("", e)]
    while stack:
        sign, node = stack.pop()
        if node.op in ("add", "sub"):
            stack.append(("-" if node.op == "sub" else "+", node.args[1]))
            stack.append((sign, node.args[0]))
        elif node.op == "neg" and node.args[0].op not in ("add", "sub"):
            stack.append(("+" if sign == "-" else "-", node.args[0]))
        else:
            out.append((sign, node))
    return _grouped(out)


def _grouped(terms: list[tuple[str, Expr]]) -> list[tuple[str, Expr]]:
    """A subtracted sum stays in its brackets: only left operands are opened."""
    return terms


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
