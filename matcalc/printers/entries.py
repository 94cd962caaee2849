"""A derivative with more than two axes, said of one entry: ``∂Y_ij/∂X_kl = A_ik B_lj`` instead of ``{A_ik B_lj}_ijkl``."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.derivation import Formula, Step
from matcalc.expr import Expr
from matcalc.notation.printer import PROD, pieces, wrap
from matcalc.notation.styles import LATEX, TEXT, Style
from matcalc.subscripts import parse_subscripts


def by_entries(lhs: Formula, rhs: Formula) -> tuple[Formula, Formula] | None:
    """Both sides of ∂Y/∂X = … by entries; None where the right side is no sum of einsums over the same indices."""
    letters = output_letters(rhs.expr)
    if letters is None or lhs.expr.op != "partial" or lhs.shown or rhs.shown:
        return None
    left = [_fraction(lhs.expr, letters, style) for style in (TEXT, LATEX)]
    right = [_sum(rhs.expr, style, rhs.names) for style in (TEXT, LATEX)]
    return lhs._replace(shown=(left[0], left[1])), rhs._replace(shown=(right[0], right[1]))


def output_letters(e: Expr) -> str | None:
    """The indices of the result, one letter an axis, where all terms have the same."""
    found: set[str] = set()
    stack = [e]
    while stack:
        node = stack.pop()
        if node.op in ("add", "sub"):
            stack.extend(node.args)
        elif node.op == "neg" or (node.op == "div" and node.type[0] == "t"):
            stack.append(node.args[0])
        elif node.op == "scale" and node.args[0].type[0] == "s":
            stack.append(node.args[1])
        elif node.op == "einsum":
            found.add("|".join(parse_subscripts(node.attr)[1]))
        else:
            return None
    (only,) = found if len(found) == 1 else ("",)
    letters = only.split("|")
    return "".join(letters) if only and all(len(x) == 1 for x in letters) and len(set(letters)) == len(letters) else None


def _fraction(e: Expr, letters: str, style: Style) -> str:
    """∂Y_ij/∂X_kl, or ∂²s/∂X_ij∂Y_kl for a derivative of a derivative."""
    y, x = e.args
    inner = y.args[1] if y.op == "partial" else y
    first, then = letters[: len(inner.shape)], letters[len(inner.shape) :]
    if y.op == "partial":
        top = style.name(str(y.args[0].attr))
        a, b = _entry(inner, first, style), _entry(x, then, style)
        return f"∂²{top}/∂{a}∂{b}" if style is TEXT else rf"\frac{{\partial^2 {top}}}{{\partial {a} \, \partial {b}}}"
    return style.partial(_entry(y, first, style), _entry(x, then, style), 5)


def _entry(q: Expr, letters: str, style: Style) -> str:
    return _lowered(style.name(str(q.attr)), letters, style)


def _lowered(base: str, letters: str, style: Style) -> str:
    if not letters:
        return base
    if style is TEXT:
        return f"{base}_{letters}"
    return f"{{{base}}}_{{{letters}}}" if "_" in base else f"{base}_{{{letters}}}"


def _sum(e: Expr, style: Style, names: Mapping[Expr, str]) -> str:
    text = ""
    stack = [(e, False)]
    while stack:
        node, minus = stack.pop()
        if node.op in ("add", "sub"):
            stack += [(node.args[1], minus != (node.op == "sub")), (node.args[0], minus)]
        elif node.op == "neg":
            stack.append((node.args[0], not minus))
        else:
            sign = (" - " if text else "-") if minus else (" + " if text else "")
            text += sign + _term(node, style, names)
    return text


def _term(e: Expr, style: Style, names: Mapping[Expr, str]) -> str:
    if e.op in ("scale", "div"):
        scalar, rest = e.args if e.op == "scale" else e.args[::-1]
        inner = _term(rest, style, names) if rest.op not in ("add", "sub", "neg") else style.parens(_sum(rest, style, names))
        piece = pieces((scalar,), style, names)[scalar]
        if e.op == "scale":
            return f"{wrap(piece, PROD, style)} {inner}"
        return style.fraction(inner, wrap(piece, PROD + 1, style) if style is TEXT else piece.text)
    return _product(e, style, names)


def _product(e: Expr, style: Style, names: Mapping[Expr, str]) -> str:
    """The factors of one einsum: deltas first, then by the first of their indices; sums over the rest in front."""
    inputs, output = parse_subscripts(e.attr)
    free = "".join(output)
    factors: list[tuple[tuple[int, str], str]] = []
    summed = ""
    for operand, subscripts in zip(e.args, inputs, strict=True):
        axes = [x if len(x) == 1 else f"({x})" for x in subscripts]
        letters, flat = "".join(axes), "".join(subscripts)
        summed += "".join(c for c in dict.fromkeys(flat) if c not in free + summed)
        if operand.op == "eye":
            factors.append(((-1, flat), f"[{axes[0]} = {axes[1]}]"))
        elif operand.op != "ones":
            factors.append(((min([free.find(c) % 99 for c in flat], default=0), flat), _factor(operand, letters, style, names)))
    body = (r" \, " if style is LATEX else " ").join(text for _, text in sorted(factors)) or "1"
    if not summed:
        return body
    return (rf"\sum_{{{summed}}} " if style is LATEX else f"Σ_{summed} ") + body


def _factor(e: Expr, letters: str, style: Style, names: Mapping[Expr, str]) -> str:
    """One operand with its indices; those of a transpose change places."""
    if e.op == "T" and e not in names and "(" not in letters:
        return _factor(e.args[0], letters[::-1], style, names)
    text = pieces((e,), style, names)[e].text
    simple = len(text) == 1 or text.isalnum() or text.lstrip("\\").isalpha()
    return _lowered(text if simple else style.parens(text), letters, style)


def outer_argument(step: Step) -> tuple[Formula, ...]:
    """The formulas of the lecture's argument for ∂s/∂W = δᵀ xᵀ: z_i, W_ij, ∂z_i/∂W_ij, x_j, ∂s/∂W_ij, δ_i x_j; none
    where the line is another."""
    e, q = step.rhs.expr, step.node
    if q is None or e.op != "matmul" or any(a.op != "T" for a in e.args):
        return ()
    upstream, x = (a.args[0] for a in e.args)
    if upstream.op != "partial" or upstream.args[1:] != step.through or x.op != "sym":
        return ()
    s, z = upstream.args

    def told(style: Style) -> tuple[str, ...]:
        z_i, w_ij, x_j = _entry(z, "i", style), _entry(q, "ij", style), _entry(x, "j", style)
        top = style.name(str(s.attr))
        named = upstream in step.rhs.names
        delta = _lowered(style.name(step.rhs.names[upstream]), "i", style) if named else style.partial(top, z_i, 5)
        return z_i, w_ij, style.partial(z_i, w_ij, 5), x_j, style.partial(top, w_ij, 5), f"{delta} {x_j}"

    return tuple(Formula(e, {}, both) for both in zip(told(TEXT), told(LATEX), strict=True))


__all__ = ["by_entries", "outer_argument", "output_letters"]
