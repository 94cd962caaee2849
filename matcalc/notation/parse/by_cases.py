r"""Definitions by cases, ``\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}``, as sums of pieces times steps."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from matcalc.expr.errors import NoRuleError
from matcalc.notation.lex.syntax import Ast, Token, signs_in
from matcalc.notation.parse.cursor import Cursor

ORDERS = {"<": (0, 1, True), ">": (1, 0, True), "<=": (0, 1, False), ">=": (1, 0, False)}  # the smaller side, the larger, strict
NEEDED = "a piece must have a value everywhere, and {0} has none, or overflows, where another piece holds"


class Less(NamedTuple):
    """``small < large``, or ``small <= large``."""

    small: Ast
    large: Ast
    strict: bool

    def holds(self, at: Ast) -> Ast:
        """1 where it holds, else 0: the step of 0 is 0."""
        a, b = (self.small, self.large) if self.strict else (self.large, self.small)
        ahead = b if _is_zero(a) else at._replace(kind="neg", args=(a,)) if _is_zero(b) else _sum(at, "+-", b, a)
        step = at._replace(kind="call", args=(ahead,), value=("step", 0))
        return step if self.strict else _not(step)


def cases(p: Cursor, opener: Token) -> Ast:
    """The environment whose beginning was just taken. Raises ``NoRuleError``."""
    end = "end:" + opener.text.removeprefix("begin:")
    pieces: list[tuple[Ast, list[Less]]] = []
    p.enter()
    while not p.at("cmd", end):
        value = p.expression()
        pieces.append((value, _condition(p, opener)))
        if p.at("op", "\\\\"):
            p.take()
        elif not p.at("cmd", end):
            raise p.fail("a condition ends here", hint=r"write value & condition \\ for each piece")
    p.depth -= 1
    at = Ast("cases", opener.start, p.take().end)
    first = pieces[:-1]
    if not first or any(not c for _, c in first):
        raise NoRuleError("of pieces, all but the last one need a condition", span=at.span,
                          hint=r"write value & condition \\ for each piece")  # fmt: skip
    return _total(pieces, at)


def where(p: Cursor, opener: Token) -> Ast:
    """``np.where(x > 0, a, b)``, the bracket just taken. Raises ``NoRuleError``."""
    p.enter()
    bracket = p.take() if p.at("open", "(") and any(signs_in(p.tokens, p.i, ORDERS)) else None  # (x > 0)
    condition = _inequalities(p, p.expression(), "write np.where(x > 0, a, b); for a mask of zeros and ones m*a + (1 - m)*b")
    if bracket:
        p.close(bracket)
    if not p.at("op", ","):
        raise p.fail("where takes a condition and two values", hint="write np.where(x > 0, a, b)")
    p.take()
    value = p.expression()
    if not p.at("op", ","):
        raise p.fail("where takes a condition and two values", hint="write np.where(x > 0, a, b)")
    p.take()
    other = p.expression()
    p.depth -= 1
    end = p.close(opener)
    return _total([(value, condition), (other, [])], Ast("cases", opener.start, end.end), "np.*")


def _total(pieces: list[tuple[Ast, list[Less]]], at: Ast, sign: str = ".*") -> Ast:
    """The sum of the pieces, each times the step that is 1 where it holds; ``sign`` is the product of entries."""
    for value, _ in pieces:
        _require_value(value)
    *first, (_, condition) = pieces
    holds = [_all([c.holds(at) for c in found], at, sign) for _, found in first]
    rest = len(first) == 1 and condition and not _complements(first[0][1], condition)
    if rest:
        raise NoRuleError("these two conditions leave points to none of the pieces, or to both", span=at.span,
                          hint=r"write \text{otherwise} for the last piece")  # fmt: skip
    if condition and len(first) > 1:
        holds.append(_all([c.holds(at) for c in condition], at, sign))
    else:
        holds.append(_sum(at, "+" + "-" * len(holds), _one(at), *holds))
    total = [_piece(value, held, found, at, sign) for (value, found), held in zip(pieces, holds, strict=True)]
    kept = [t for t in total if not (t.kind == "num" and not t.value)]
    return _sum(at, "+" * len(kept), *kept) if kept else total[0]


def _condition(p: Cursor, opener: Token) -> list[Less]:
    """``x > 0``, ``0 < x \\le 1``; empty for ``otherwise``."""
    while p.at("op", "&", ",") or (p.at("cmd") and p.here.text.startswith("words")):
        p.take()
    if p.at("op", "\\\\") or p.at("cmd", "end:" + opener.text.removeprefix("begin:")):
        return []
    found = _inequalities(p, p.expression(), r"conditions are inequalities, x > 0 or 0 \le x < 1, and otherwise")
    while p.at("op", ",", ".") or (p.at("cmd") and p.here.text.startswith("words")):
        p.take()
    return found


def _inequalities(p: Cursor, left: Ast, hint: str) -> list[Less]:
    """``x > 0``, ``0 < x \\le 1``, whose first side was just read. Raises ``NoRuleError``."""
    found: list[Less] = []
    while p.at("op", *ORDERS):
        sign = p.take().text
        right = p.expression()
        sides = (left, right)
        small, large, strict = ORDERS[sign]
        found.append(Less(sides[small], sides[large], strict))
        left = right
    if not found:
        raise NoRuleError("this condition of a piece is not read", span=(left.start, max(left.end, p.here.start)), hint=hint)
    return found


def _complements(one: list[Less], other: list[Less]) -> bool:
    """``a > b`` and ``a <= b``, also where both say that they hold at equality, or neither does."""
    if len(one) != 1 or len(other) != 1:
        return False
    a, b = one[0], other[0]
    return alike(a.small, b.large) and alike(a.large, b.small)


def alike(a: object, b: object) -> bool:
    """Whether two trees are the same but for their places."""
    if not isinstance(a, Ast) or not isinstance(b, Ast):
        return a == b
    same = a.kind == b.kind and a.value == b.value and len(a.args) == len(b.args)
    return same and all(map(alike, a.args, b.args))


def _piece(value: Ast, held: Ast, condition: list[Less], at: Ast, sign: str) -> Ast:
    if value.kind == "num" and not value.value:
        return value
    if len(condition) == 1 and alike(condition[0].large, value) and _is_zero(condition[0].small):
        return at._replace(kind="call", args=(value,), value=("relu", 0))  # x where x > 0
    return at._replace(kind="prod", args=(held, value), value=(sign,))


def _is_zero(node: Ast) -> bool:
    return node.kind == "num" and not node.value


def _require_value(node: Ast) -> None:
    """Raises ``NoRuleError`` where a piece has no finite value at some points at which it does not hold."""
    name = ""
    if node.kind == "call":
        name = "" if str(node.value[0]).removeprefix("np.") in TOTAL else str(node.value[0])
    elif node.kind == "pow":
        whole = node.args[1].kind == "num" and node.args[1].value.denominator == 1 and node.args[1].value >= 0
        name = "" if whole else "a power"
    elif node.kind == "prod" and any(s in ("/", "./") for s in node.value):
        below = [a for s, a in zip(node.value, node.args[1:], strict=True) if s in ("/", "./")]
        name = "" if all(a.kind in ("num", "name") for a in below) else "a quotient"
    if name:
        raise NoRuleError(NEEDED.format(name), span=node.span,
                          hint="write it with max, min, abs, clip, elu or another function that joins the pieces")  # fmt: skip
    for a in node.args:
        if isinstance(a, Ast):
            _require_value(a)


# Finite wherever their arguments are: no quotient by what may be 0, no root of what may be negative, no exponential.
TOTAL = frozenset(
    str.split("""
    sin cos tanh sigmoid abs sign step relu max min softplus arctan atan erf arcsinh asinh gelu silu swish elu leaky_relu clip
    square sum tr trace mean var cumsum softmax logsumexp logsoftmax log_softmax outer inner vdot dot kron einsum diag vec tril
    column hstack vstack concatenate fill ones zeros eye""")
)


def _all(steps: list[Ast], at: Ast, sign: str) -> Ast:
    return steps[0] if len(steps) == 1 else at._replace(kind="prod", args=tuple(steps), value=(sign,) * (len(steps) - 1))


def _not(step: Ast) -> Ast:
    return _sum(step, "+-", _one(step), step)


def _one(at: Ast) -> Ast:
    return at._replace(kind="num", args=(), value=Fraction(1))


def _sum(at: Ast, signs: str, *terms: Ast) -> Ast:
    return terms[0] if len(terms) == 1 else at._replace(kind="sum", args=terms, value=signs)
