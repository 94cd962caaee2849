"""What stands in front of a formula and says what is asked of it: a derivative sign, or a minimum over variables.

``\\nabla_x \\|Ax-b\\|^2``, ``\\frac{\\partial}{\\partial X} tr(AXB)``, ``\\frac{\\partial f}{\\partial y}``
or ``∂f/∂y`` beside ``f = …``, ``\\min_{U,V} …``, ``\\hat{w} = \\arg\\min_w …``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from matcalc.expr.errors import AmbiguityError, NoRuleError, instead
from matcalc.notation.lex.habits import SIZES, SUMMED
from matcalc.notation.lex.syntax import Ast, Token, closing, depths
from matcalc.notation.parse import questions
from matcalc.notation.parse.bigops import index_letters

SIGNS = ("nabla", "partial", "d")
EXTREMES = ("min", "max", "argmin", "argmax")


class Head(NamedTuple):
    """What is asked, and the tokens of the formula."""

    piece: list[Token]
    by: tuple[str, ...] = ()  # variables that a derivative sign names
    order: int = 0  # of the derivative
    extreme: tuple[str, str] | None = None  # the sign, and the variables in words
    called: tuple[Token, ...] = ()  # the name before ``= ∂s/∂z``, which is said to be the derivative


def of_values(piece: list[Token], values: Mapping[str, Sequence[str]]) -> list[Token]:
    r"""``\nabla f(x)`` as ``\nabla_x f``, where the text defines f(x): it speaks of the value, and applies no function."""
    start = 2 if len(piece) > 2 and piece[1].text == "=" else 0
    sign = piece[start]
    if not any(values.values()) or not (sign.kind == "cmd" and sign.text in ("frac", *SIGNS)):
        return piece
    end = next((i for i, (t, d) in enumerate(depths(piece)) if i > start and not d and t.text == "="), len(piece) - 1)
    for i in range(start + 1, end):
        parameters = values.get(piece[i].text, ())
        inside = [t.text for t in piece[i + 2 : i + 1 + 2 * len(parameters) : 2]]
        if parameters and piece[i + 1].text == "(" and inside == list(parameters):
            return piece[: i + 1] + piece[i + 2 + 2 * len(parameters) :]
    return piece


def read(piece: list[Token], known: Collection[str] = (), values: Mapping[str, Sequence[str]] = MappingProxyType({})) -> Head:
    """The head of a statement, where it has one; ``known`` are names that are declared or defined, ``values`` the defined ones
    with the names in brackets behind them, as ``f(x) = …`` has x.

    Raises ``AmbiguityError`` where the scope of a derivative sign is open, as before a sum, or where an equation speaks of the
    derivative of what nobody defines.
    """
    named = len(piece) > 2 and piece[1].text == "="
    if named and piece[0].kind == "name" and (piece[2].text in ("frac", *SIGNS) or piece[2].text[:1] == "d"):
        behind = read(piece[2:], known, values)
        return behind._replace(called=(piece[0],)) if behind.order else Head(piece)
    signed = piece[0].text[:1].lower() == "d"
    if piece[0].kind not in ("cmd", "fn") and not signed and not (named and piece[2].text in EXTREMES):
        return Head(piece)
    _refuse_operator(piece, known)
    found = _extreme(piece) or _nabla(piece, values) or _fraction(piece, known) or _quotient(piece, known, values)
    if found is None or len(found.piece) < 2:
        return Head(piece)
    if found.order:
        _refuse_open(piece, found.piece, {*known, *values})
    return found


def _extreme(piece: list[Token]) -> Head | None:
    """``\\min_w f(w)``; of ``\\hat w = \\arg\\min_w f(w)`` the function."""
    start = 2 if piece[1].text == "=" else 0
    sign = piece[start]
    if sign.kind not in ("cmd", "fn") or sign.text not in EXTREMES or piece[start + 1].text != "_":
        return None
    if start and not sign.text.startswith("arg"):  # L = min_w …: the value of the minimum
        return None
    inside, after = _group(piece, start + 2)
    names = [t.text for t in inside if t.text != ","]
    known = all(t.kind == "name" or t.text == "," for t in inside) and names and not any(n in SUMMED for n in names)
    return Head(piece[after:], extreme=(sign.text, " and ".join(names))) if known else None


def _nabla(piece: list[Token], values: Mapping[str, Sequence[str]]) -> Head | None:
    """``\\nabla_x f``, ``\\nabla^2_x f``, ``\\partial_x f``; ``\\nabla f`` where f(x) is defined."""
    if piece[0].kind != "cmd" or piece[0].text not in SIGNS:
        return None
    at, order = 1, 1
    names: tuple[str, ...] = ()
    while piece[at].text in ("_", "^"):
        sign = piece[at].text
        inside, at = _group(piece, at + 1)
        if sign == "^":
            if [t.text for t in inside] != ["2"]:
                return None
            order = 2
        else:
            names = _variables(inside)
            if not names:
                return None
    names = names or tuple(values.get(piece[at].text, ()))
    return Head(piece[at:], names, order) if names else None


def _fraction(piece: list[Token], known: Collection[str]) -> Head | None:
    """``\\frac{\\partial}{\\partial x} f``, ``\\frac{d f}{d x}``, ``\\frac{\\partial^2 f}{\\partial x^2}``."""
    if piece[0].text != "frac" or piece[1].text != "{":
        return None
    top, at = _group(piece, 1)
    if piece[at].text != "{":
        return None
    bottom, after = _group(piece, at)
    end = Token("end", "", piece[at].start, piece[at].start)
    return _of_parts(top, [*bottom, end], piece[after:], known)


def _quotient(piece: list[Token], known: Collection[str], defined: Collection[str]) -> Head | None:
    """``∂/∂x (f)``, ``∂f/∂x``, ``d/dx f``, where what is differentiated is there."""
    signs = (i for i, (t, d) in enumerate(depths(piece)) if t.text in ("/", "+", "-", "=") and t.kind == "op" and not d)
    slash = next(signs, 0)
    if not slash or piece[slash].text != "/":
        return None
    found = _of_parts(piece[:slash], piece[slash + 1 :], None, known)
    if found is None or piece[0].kind == "cmd":
        return found
    value = found.piece[0].text in defined and found.piece[1].text in ("", "=")  # a letter d: of a defined value, or of a formula
    there = [t.text for t in found.piece if t.kind == "name"]  # in which the variable stands
    return found if value or any(v in name for v in found.by for name in there) else None


def _of_parts(top: list[Token], bottom: list[Token], rest: list[Token] | None, known: Collection[str]) -> Head | None:
    """The sign with what it differentiates, above what it differentiates by; ``rest`` stands behind, else the end of ``bottom``."""
    above, below = _behind_sign(top, known), _behind_sign(bottom, known)
    if above is None or below is None or above[0] != below[0]:
        return None
    function, tokens = above[1], below[1]
    twice, (name, at) = _squared(function, 0), _variable(tokens, 0)
    if twice:
        function = function[twice:]
        again = _behind_sign(tokens[at:], known)
        if behind := _squared(tokens, at):
            at = behind
        elif again is not None and _variable(again[1], 0)[0] == name:
            at = len(tokens) - len(again[1]) + _variable(again[1], 0)[1]
            at += tokens[at].kind == "T"
        else:
            return None
    at += bool(name) and tokens[at].kind == "T"  # ∂/∂xᵀ
    if not name or (rest is not None and tokens[at].kind != "end"):
        return None
    rest = tokens[at:] if rest is None else rest
    order = 2 if twice else 1
    if not function:
        return Head(rest, (name,), order)
    if len(rest) > 1 and rest[0].text != "=":  # a product of it and something
        return None
    return Head([*function, *(rest[:-1]), Token("end", "", function[-1].end, function[-1].end)], (name,), order)


def _squared(tokens: list[Token], at: int) -> int:
    """The place behind the 2 that is written above; 0 where there is none."""
    if at + 1 >= len(tokens) or tokens[at].text != "^":
        return 0
    inside, behind = _group(tokens, at + 1)
    return behind if [t.text for t in inside] == ["2"] else 0


def _behind_sign(tokens: list[Token], known: Collection[str]) -> tuple[str, list[Token]] | None:
    """The sign in front, and what stands behind it; of ``dx``, which nobody knows, the d and x."""
    if not tokens or tokens[0].kind not in ("cmd", "name") or tokens[0].text in known:
        return None
    first = tokens[0]
    if first.text in SIGNS:
        return first.text, tokens[1:]
    joined = (
        first.kind == "name" and first.text[0] == "d" and first.text[1:2].isalpha() and first.end - first.start == len(first.text)
    )
    return ("d", [first._replace(text=first.text[1:], start=first.start + 1), *tokens[1:]]) if joined else None


def _refuse_open(piece: list[Token], function: list[Token], known: Collection[str]) -> None:
    """Raises ``AmbiguityError`` for a derivative sign before a sum, or in an equation about what nobody defines."""
    equals = next((i for i, (t, d) in enumerate(depths(function)) if not d and t[:2] == ("op", "=")), 0)
    said = [*function[: equals or -1], function[-1]]
    start, end = piece[0].start, piece[-2].end
    if equals and len(said) == 2 and said[0].kind == "name" and said[0].text not in known:
        raise AmbiguityError(
            "an equation with a derivative sign, and nothing says what is differentiated", span=(start, end),
            hint=f"type the formula of {said[0].text}, too: {said[0].text} = …",
        )  # fmt: skip
    if _is_sum(said):
        first = function[0].start
        raise questions.open_scope((start, first), [((first, first, "("), (end, end, ")"))])


def _refuse_operator(piece: list[Token], known: Collection[str]) -> None:
    """``D_x f(x)``: the derivative, or a matrix of that name? Raises ``AmbiguityError``."""
    sign, x = piece[0], piece[0].text[2:]
    names = [t.text for t in piece[1:] if t.kind == "name"]
    if sign.kind == "name" and sign.text[:2] == "D_" and x in names and sign.text not in {*known, *names}:
        raise AmbiguityError(
            f"'{sign.text}' has two readings: the derivative by {x}, or a matrix of that name", span=sign.span,
            hint=f"write ∂/∂{x} for the derivative; declare the matrix: --dim {sign.text}={SIZES[0]},{SIZES[0]}",
            ways=[instead(sign.span, f"∂/∂{x}"), {"dims": {sign.text: 2 * SIZES[:1]}}],
        )  # fmt: skip


def _variables(inside: list[Token]) -> tuple[str, ...]:
    """Names between commas, each alone or with its indices, ``W_{ij}``; none where anything else stands there."""
    found: list[str] = []
    at = 0
    while at < len(inside):
        if found and inside[at - 1].text != ",":
            return ()
        name, at = _variable(inside, at)
        if not name:
            return ()
        found.append(name)
        at += at < len(inside) and inside[at].text == ","
    return tuple(found)


def _variable(tokens: list[Token], at: int) -> tuple[str, int]:
    """The name at a place with its indices, and the place behind them; no name where none stands there."""
    if at >= len(tokens) or tokens[at].kind != "name":
        return "", at
    name, at = tokens[at].text, at + 1
    if at + 1 < len(tokens) and tokens[at].text == "_":
        indices, at = _group(tokens, at + 1)
        name += "_{" + "".join(["·" if t.text == "dot" else t.text for t in indices]) + "}"
    return name, at


def _group(piece: list[Token], at: int) -> tuple[list[Token], int]:
    """What stands in the braces at a place, and the place behind them."""
    if piece[at].text != "{":
        return [piece[at]], at + 1
    end = closing(piece, at)
    return piece[at + 1 : end], end + 1


def _is_sum(piece: list[Token]) -> bool:
    return any(t is not piece[0] for t, d in depths(piece) if not d and t.kind == "op" and t.text in "+-")


# What stands below a name on the left of ``=``: indices of entries, or labels


def letters_of(left: Ast, bodies: list[list[Token]]) -> tuple[str, ...]:
    """The indices of ``z_i = …`` where they stand on the right as well: a definition entry by entry."""
    if left.kind != "index" or left.args[0].kind != "name":
        return ()
    letters = tuple(a.value for a in left.args[1:] if a.kind == "name" and len(str(a.value)) == 1)
    used = {c for body in bodies for t in body if t.kind == "name" for c in (t.text, *index_letters(t.text))}
    return letters if len(letters) == len(left.args) - 1 and used.issuperset(letters) else ()


def is_labelled(left: Ast, bodies: list[list[Token]]) -> bool:
    """Whether what stands below a name on the left is a value on the right."""
    named = all(a.kind == "name" for a in left.args)
    return named and any(_is_value(body, a.value) for body in bodies for a in left.args[1:])


def _is_value(body: list[Token], letter: str) -> bool:
    """Whether the letter stands outside of all subscripts, limits and conditions: a value, and no index."""
    below: list[bool] = []  # of each open bracket, whether it is part of a subscript
    for before, t in zip((body[0], *body), body, strict=False):
        if t.kind == "open":
            below.append(before.text == "_" or (bool(below) and below[-1]))
        elif t.kind == "close" and below:
            below.pop()
        elif t.kind == "name" and t.text == letter and before.text != "_" and not any(below):
            return True
    return False


# Minima in words, ``minimize f(x) over x``, ``argmin_x f(x)`` and ``\text{minimize } …``: with the sign ``\min_x``, which says


_SIGN = re.compile(r"(arg(?= ?m))? ?([mM]in|[mM]ax)(imi[sz]e)?(?:_([A-Za-z]\w*))?\Z")
STARTS = frozenset(("min", "max", "arg", "Min", "Max"))  # of the words that say a minimum
OVER = (("over",), ("wrt",), ("with", "respect", "to"))
CONDITIONS = (("subject", "to"), ("such", "that"))
LEFT_OUT = "'{}' is left out: what is differentiated is the function behind it"


def in_signs(tokens: list[Token], known: Collection[str]) -> tuple[list[Token], tuple[str, ...]]:
    """The tokens, and what was left out. Raises ``NoRuleError`` for conditions beside a minimum."""
    out: list[Token] = []
    notes: list[str] = []
    start = True
    i = 0
    while i < len(tokens):
        t, found = tokens[i], _SIGN.match(_word(tokens[i])) if start else None
        start = t.text in (";", "=") or (t.text == "words" and t.kind == "cmd" and found is None)
        after = tokens[i + 1] if i + 1 < len(tokens) else t
        begins = after.kind in ("name", "num", "open", "cmd", "fn", "np") or after.text in ("_", "-")
        called = after.text == "(" and not after.space
        if found is None or t.text in known or not any(found.group(1, 3, 4)) or not begins or called:
            out.append(t)
            i += 1
            continue
        end = next((k for k in range(i, len(tokens)) if tokens[k].text == ";" or tokens[k].kind == "end"), len(tokens) - 1)
        head, body = _read(t, found, tokens[i + 1 : end])
        out += [*head, *body]
        notes += [] if head else [LEFT_OUT.format(_word(t))]
        i = end
    return out, tuple(notes)


def _read(t: Token, found: re.Match[str], behind: list[Token]) -> tuple[list[Token], list[Token]]:
    """The sign with its variables, and the function; no sign where nobody names them."""
    words = [_word(b) for b in behind]
    for k in range(len(words)):
        if any(_at(words, k, c) for c in CONDITIONS):
            raise NoRuleError("conditions beside a minimum are not read", span=(behind[k].start, behind[-1].end),
                              hint="type the function alone, or its Lagrangian")  # fmt: skip
    sign = t._replace(kind="cmd", text=(found[1] or "") + found[2].lower(), mark="")
    if behind and behind[0].text == "_":
        return [sign], behind
    if found[4]:
        return _over(sign, [t._replace(kind="name", text=found[4], mark="")]), behind
    for k in range(len(words)):
        said = next((phrase for phrase in OVER if _at(words, k, phrase)), ())
        names = behind[k + (1 if words[k] == " ".join(said) else len(said)) :]
        if said and names and all(n.kind == "name" for n in names[::2]) and {n.text for n in names[1::2]} <= {","}:
            return _over(sign, names), behind[:k]
    return [], behind


def _at(words: Sequence[str], k: int, phrase: tuple[str, ...]) -> bool:
    return words[k] == " ".join(phrase) or tuple(words[k : k + len(phrase)]) == phrase


def _over(sign: Token, names: Sequence[Token]) -> list[Token]:
    opener, closer = sign._replace(kind="open", text="{"), sign._replace(kind="close", text="}")
    return [sign, sign._replace(kind="op", text="_"), opener, *names, closer]


def _word(t: Token) -> str:
    """A name, or the words of a ``\\text{…}``."""
    return t.text if t.kind == "name" else t.mark.strip() if t.kind == "cmd" and t.text == "words" else ""
