"""What a sentence leaves open: refused with its readings, and how to say each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matcalc.expr.errors import AmbiguityError, ParseError, Way, bracketed, instead
from matcalc.notation.lex.habits import (
    COUNTS,
    ENTRY_INDEX,
    FUNCTION_LETTERS,
    LOSSES,
    MATRIX_GREEK,
    PI,
    PROJECTIONS,
    SCALAR_GREEK,
    SCALAR_LETTERS,
    SIZES,
    base_of,
    is_letter,
)
from matcalc.notation.lex.syntax import Ast, Span, Token, closing, depths
from matcalc.notation.parse.cursor import Cursor

FUNCTIONLIKE = FUNCTION_LETTERS | SCALAR_LETTERS  # letters before a bracket that are not read as a product


TOTALS = ("bigop", "norm")


def is_fraction(p: Cursor, over: Ast, under: Ast) -> bool:
    """Whether ``1/2 x``, ``1/(2n) x``, ``1/2||x||`` or ``1/n \\sum_i x_i`` stands there: below a number or a bracket, and a space
    before what follows; a number before a norm or a sum; or how many there are, and a space before these."""
    below, following = under.args[:2]
    closed = any(t.start == below.start and t.text == "(" for t in p.tokens[: p.i])
    total = over.kind == "num" and (following.args[0] if following.kind == "pow" else following).kind in TOTALS
    if following.kind == "num" or not (below.kind == "num" or closed or (total and below.value in COUNTS)):
        return False
    spaced = any(t.space for t in p.tokens[: p.i] if t.start == below.end or below.end < t.start <= following.start)
    return spaced or (total and below.kind == "num")


def quotient(left: Ast, right: Ast) -> AmbiguityError:
    return AmbiguityError(
        "a quotient followed by a factor has two readings: a/b c may mean (a/b)*c or a/(b*c)",
        span=(left.start, right.end),
        hint="write (a/b)*c or a/(b*c)",
        ways=(bracketed((left.start, right.args[0].end)), bracketed(right.span)),
    )


def refuse_product_label(opener: Token, label: str, end: Token) -> None:
    """⟨A, B⟩_F is the usual product; with another label it would be another. Raises ``AmbiguityError``."""
    if label not in ("F", "Fro", "fro", "2"):
        raise AmbiguityError(
            f"an inner product with the label {label} has several readings",
            span=(opener.start, end.end),
            hint="write it out, such as x^\\top M y",
        )


def power_of_power(base: Ast, exponent: Token) -> AmbiguityError:
    return AmbiguityError(
        "a power of a power has two readings: x^2^3 may mean (x^2)^3 or x^(2^3)",
        span=(base.start, exponent.end),
        hint="add parentheses",
        ways=(bracketed(base.span), *(bracketed((a.start, exponent.end)) for a in base.args[1:])),
    )


def refuse_index_behind_power(p: Cursor, base: Ast, opener: Token, exponent: Ast) -> None:
    """``x^(i)[2]``: an entry of the power, or of the exponent? Raises ``AmbiguityError``."""
    if exponent.kind == "name" and p.at("open", "[") and not (p.here.space or p.latex):
        end = p.tokens[p.i - 1].end
        raise AmbiguityError(
            f"an index behind ({exponent.value}) has two readings: it belongs to the power, or to the exponent",
            span=(base.start, end),
            hint=f"write (…^{exponent.value})[…] or …^{exponent.value}[…]",
            ways=(bracketed((base.start, end)), instead((opener.start, end), str(exponent.value))),
        )


def star(p: Cursor, base: Ast) -> AmbiguityError:
    end = _raised(p)
    return AmbiguityError(
        "^* has two readings: an optimum (a name) or a conjugate transpose",
        span=(base.start, end),
        hint="^T in its place is the transpose; for a name, declare it, such as x_opt",
        ways=(instead((base.end, end), "^T"),),
    )


def _raised(p: Cursor) -> int:
    """Where what is raised at hand ends: one token, with its braces."""
    return p.tokens[p.i + 2 * p.at("open", "{")].end


def conjugate(p: Cursor, base: Ast, sign: Token) -> AmbiguityError | None:
    r"""``x^H`` and ``A^\\dagger``, unless H is a value here."""
    end = _raised(p)
    ways = [instead((base.end, end), r"^\top")]
    hint = "numbers are real here: ^\\top in its place is the transpose"
    if sign.text == "dagger":
        ways.insert(0, ((base.start, base.start, r"\operatorname{pinv}("), (base.end, end, ")")))
        meaning, hint = "the pseudo-inverse or the conjugate transpose", f"{hint}, pinv(…) the pseudo-inverse"
    elif sign.text == "H" and "H" not in p.values:
        meaning, hint = "the conjugate transpose or a power", f"{hint}; for a power, declare H"
    else:
        return None
    return AmbiguityError(f"^{sign.text} has two readings: {meaning}", span=(base.start, end), hint=hint, ways=ways)


def _is_indexed(p: Cursor, end: int) -> bool:
    """Whether one name with an index stands in the bracket at hand: ``V(s_t)``."""
    name, sign, *rest = p.tokens[p.i + 1 : end] if end > p.i + 3 else (p.here, p.here)
    opened = [t.text for t in rest].count("{")
    return (
        name.kind == "name"
        and sign.text == "_"
        and (len(rest) == 1 or (opened == 1 and rest[0].text == "{" and rest[-1].text == "}"))
    )


def refuse_application(p: Cursor, name: Token) -> None:
    """``A(q)``, ``A(q)^{-1}``, ``k(x - y)``: a product, or a function that nobody declared? Raises ``AmbiguityError``."""
    if not is_letter(name.text):
        return
    known = name.text in p.values
    end = closing(p.tokens, p.i)
    alone = end == p.i + 2 and p.tokens[p.i + 1].kind == "name"
    sign = _postfix(p, end)
    if not (alone or _is_indexed(p, end)) and (
        known or not (base_of(name.text) in FUNCTIONLIKE or (not sign and _once_under_sum(p, name, end)))
    ):
        return
    if known and not sign:
        return
    last = p.tokens[end + len(sign)]
    f, mark = name.text, _spelled(sign)
    x = p.tokens[p.i + 1].text if alone else "(…)"
    products = f"{f}*{x}{mark} or ({f}*{x}){mark}" if mark else f"{f}*{x}"
    shown = f"'{f}({x}){mark}'" if alone else f"'{f}{x}{mark}'"
    if known:
        message = f"{shown} has two readings: {products} ({f} is declared, so it is no function)"
        hint = "write the one that is meant"
    else:
        message = f"{shown} has {'several' if mark else 'two'} readings: the product {products}, or a function {f} of {x}"
        hint = f"write the product with *; declare a function of each entry: --function {f} (functions={{'{f}': None}})"
        if alone:
            whole = "--dim '{0}({1})=n,n' for a matrix" if f[:1].isupper() else "--dim '{0}({1})=m' for a vector"
            hint += f"; declare the size of its values where these are arrays: {whole.format(f, x)}"
    place: Way = ((name.end, name.end, "*"),)
    ways: tuple[Way, ...] = (place,)
    if alone and not known:
        ways += ({"dims": {f"{f}({x})": 2 * SIZES[:1] if f[:1].isupper() else SIZES[1:2]}},)
    ways += () if known else ({"functions": {f: None}},)
    raise AmbiguityError(message, span=(name.start, last.end), hint=hint, ways=ways)


def _once_under_sum(p: Cursor, name: Token, end: int) -> bool:
    """``\\sum_i \\rho(y_i - x_i^\\top\\beta)``: a number that all of every term is multiplied by would stand in front."""
    inside = {t.text for t in p.tokens[p.i : end]}
    once = [t.text for t in p.tokens].count(name.text) == 1 and p.tokens[p.i - 2].text not in ("+", "-")
    return once and name.text in SCALAR_GREEK | LOSSES and not p.indices.isdisjoint(inside)


def _function_letter(p: Cursor, node: Ast) -> bool:
    """Whether the node is a letter such as f that nobody declared."""
    return node.kind == "name" and node.value in FUNCTION_LETTERS and node.value not in p.values


def refuse_squared_function(p: Cursor, base: Ast, power: Ast) -> None:
    """``σ^2(x)``: the square of σ(x), or σ^2 times x? Raises ``AmbiguityError``."""
    if not p.at("open", "(") or not _function_letter(p, base):
        return
    end = closing(p.tokens, p.i)
    if end == p.i + 2 and p.tokens[p.i + 1].kind == "name":
        f, x = base.value, p.tokens[p.i + 1].text
        raise AmbiguityError(
            f"a power of '{f}' before ({x}) has two readings: the power of {f}({x}), or of a value {f}, times {x}",
            span=(power.start, p.tokens[end].end),
            hint=f"write {f}({x})^2, or {f}^2*{x}",
            ways=(
                instead((power.start, p.tokens[end].end), f"{f}({x})^2"),
                instead((power.start, p.tokens[end].end), f"{f}^2*{x}"),
            ),
        )


def refuse_composition(p: Cursor, left: Ast, sign: Token, right: Ast) -> None:
    """``f ∘ g(x)``: f(g(x)), or an entrywise product? Raises ``AmbiguityError``."""
    if sign.text == ".*" and _function_letter(p, left) and right.kind == "call" and right.value[0] in FUNCTION_LETTERS:
        f, g = left.value, right.value[0]
        raise AmbiguityError(
            f"the sign between {f} and {g}(…) has two readings: the composition {f}({g}(…)), or the product of the entries",
            span=(left.start, right.end),
            hint=f"write {f}({g}(…)); for the product, declare {f}",
            ways=[((left.end, right.start, "("), (right.end, right.end, ")")), {"dims": {f: SIZES[:1]}}],
        )


def refuse_entry_of_function(p: Cursor, node: Ast) -> None:
    """``f_i(x)``: the entry of f(x), or one of many functions? Raises ``AmbiguityError``."""
    base = node.args[0]
    if not p.at("open", "(") or base.kind != "name" or base.value in p.values:
        return
    if base_of(base.value) in FUNCTION_LETTERS:
        f, i = base.value, "".join(str(a.value) for a in node.args[1:])
        raise AmbiguityError(
            f"{f}_{i}(…) has two readings: entry {i} of {f}(…), or the function number {i} of many",
            span=(node.start, p.tokens[closing(p.tokens, p.i)].end),
            hint=f"write the vector {f}(…) for all entries, sum({f}(…)) for their sum",
            ways=[instead(node.span, f)],
        )


OPERATORS = frozenset(("E", "o", "O", "Var", "Cov"))  # expectations and Landau's signs


def is_operator(p: Cursor, t: Token) -> bool:
    """Whether the name just taken stands before a bracket as an operator does: ``E(…)``, ``\\mathcal{L}(…)``, ``P_A(…)``."""
    i = p.i
    if t.mark == "cal" and p.at("op", "_"):
        i = next((k for k in range(i + 1, len(p.tokens)) if p.tokens[k].kind in ("close", "end")), i) + 1
    base, _, label = t.text.partition("_")
    projection = base in PROJECTIONS and (label in MATRIX_GREEK or (len(label) == 1 and label.isupper()))
    known = t.mark == "cal" or t.text in OPERATORS or projection
    return known and i < len(p.tokens) and p.tokens[i].kind == "open" and p.tokens[i].text in ("(", "[")


def refuse_entry_in_brackets(p: Cursor, node: Ast, latex: bool) -> None:
    """``x[2]`` in LaTeX, ``x(2)``, ``x [1,:]``: an entry, or a product with a number? Raises ``AmbiguityError``."""
    square = p.at("open", "[")
    if node.kind == "num" or not (square or (p.at("open", "(", "\\{") and node.kind in ("name", "index", "call"))):
        return
    if node.value in PI:  # a number
        return
    end = closing(p.tokens, p.i)
    inside = [t.text for t in p.tokens[p.i + 1 : end]]
    entry = "".join(inside)
    letter = square and latex and entry in ENTRY_INDEX and entry not in p.values
    if not (letter or (re.fullmatch(r"[0-9:,-]+", entry) and (square or inside[0] != "-"))):
        return
    x = node.value if node.kind == "name" else "…"
    single = not set(entry) & set(",:")
    said = rf"\left[{x}\right]_{{{entry}}}" if latex else f"{x}[{entry}]"
    raise AmbiguityError(
        f"a bracket with {entry} behind an operand has two readings: an index, as in programs, or a factor",
        span=(node.start, p.tokens[end].end),
        hint=f"write {said} for the entry" + (f", {entry}*{x} for the product" if single else ""),
        ways=[instead((node.start, p.tokens[end].end), w) for w in (said, f"({entry}*{x})")[: 1 + single]] if x != "…" else (),
    )


CONDITIONS = ("s.t.", "st", "subject to", "such that", "subject")  # what is wanted of the variables begins here


def refuse_condition(t: Token, rest: list[Token]) -> None:
    """``\\text{subject to } x = 1``: a condition, and no definition of x. Raises ``ParseError``."""
    sizes = len(rest) > 1 and rest[1].text == "in"  # such that A ∈ ℝ^{m×n}
    if t.mark.strip().lower().removesuffix(":") in CONDITIONS and not sizes:
        raise ParseError(
            "conditions are not part of the function that is differentiated",
            span=(t.start, rest[-1].end),
            hint="leave the condition out; a name that stands for a formula is defined with 'where' or a comma",
        )


def _names(node: Ast) -> set[str]:
    below = set[str]().union(*(_names(a) for a in node.args if isinstance(a, Ast)))
    return below | {node.value} if node.kind == "name" else below


def product_or_name(piece: list[Token]) -> AmbiguityError:
    """``Ax = b``: an equation, or b under the name Ax?"""
    name = piece[0].text
    return AmbiguityError(
        f"'{name} = …' has two readings: an equation with the product {'*'.join(name)}, or a value called {name}",
        span=piece[0].span,
        hint="type the expression that is to be differentiated; for a name, write one letter or y = …",
        ways=_sides(piece[0].span, (piece[2].start, piece[-2].end)),
    )


def refuse_equation(left: Ast, right: list[Token]) -> None:
    """``A x = b``: something to solve, with nothing defined; an identity speaks of the same names on both sides.

    Raises ``AmbiguityError``.
    """
    _refuse_label(left)
    expression = left.kind in ("prod", "sum", "neg", "T", "pow", "norm", "bars", "angle", "num")
    if expression and _names(left) != {t.text for t in right if t.kind == "name"}:
        error = equation((left.start, right[-1].end))
        error.ways = _sides(left.span, (right[0].start, right[-1].end))
        raise error


def _sides(left: Span, right: Span) -> tuple[Way, ...]:
    """The left side of an equation, the right one, and their difference."""
    (start, end), between = right, (left[1], right[0])
    return ((start, end, ""), (*between, "")), ((left[0], start, ""),), ((*between, " - ("), (end, end, ")"))


def _refuse_label(left: Ast) -> None:
    """``y_k^{LS} = …``: a value that is called so, for nobody defines a power. Raises ``AmbiguityError``."""
    if left.kind != "pow" or left.args[0].kind not in ("index", "name") or left.args[1].kind != "prod":
        return
    base, above = left.args
    if all(a.kind == "name" for a in above.args):
        label = "".join(str(a.value) for a in above.args)
        name = base.args[0].value if base.kind == "index" else base.value
        raise AmbiguityError(
            f"a power stands on the left of '=': a value called {name} with the label {label}, or an equation?",
            span=left.span, hint=f"write ({label}) for a label; of an equation, type one of its sides",
            ways=[instead(above.span, f"({label})")],
        )  # fmt: skip


def open_scope(span: Span, ways: Sequence[Way] = ()) -> AmbiguityError:
    """A derivative sign that does not say how far it reaches."""
    return AmbiguityError(
        "the scope of a derivative sign is not clear here: before a b, is it (∇a) b or ∇(a b)?", span=span,
        hint="put all that it differentiates in brackets behind it, as in ∂/∂x (x'*A*x), and let nothing else stand there",
        ways=ways,
    )  # fmt: skip


def equation(span: Span) -> AmbiguityError:
    """What an equation between expressions is refused with."""
    return AmbiguityError(
        "an equation between two expressions: which of them is to be differentiated?", span=span,
        hint="type one of them, their difference, or name = expression; leave conditions out",
    )  # fmt: skip


def _postfix(p: Cursor, end: int) -> list[Token]:
    """The transposition sign, power or index after the bracket."""
    first = p.tokens[min(end + 1, len(p.tokens) - 1)]
    if first.kind == "T" or (first.kind == "op" and first.text == "'"):
        return [first]
    if first.kind != "op" or first.text not in ("^", ".^", "_"):
        return []
    for i, (t, depth) in enumerate(depths(p.tokens, end + 2), end + 2):
        if depth <= 0 and not (t.kind == "op" and t.text in "+-"):
            return p.tokens[end + 1 : i + 1]
    return []


def _spelled(sign: list[Token]) -> str:
    """As it was written; braces that TeX lets people leave out have no width."""
    if sign and sign[0].kind == "T":
        return "'"
    return "".join(t.text for t in sign if t.end > t.start or t.kind not in ("open", "close"))
