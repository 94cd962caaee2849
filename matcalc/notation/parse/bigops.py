"""Σ, Π, max and min with their binders: ``\\sum_{i=1}^N``, ``\\sum_{j \\ne i}``, ``\\max_i``."""

from __future__ import annotations

import re
from fractions import Fraction

from matcalc.expr.errors import NoRuleError
from matcalc.notation.lex.syntax import Ast, Binder, Token
from matcalc.notation.parse.cursor import Cursor

BIG = ("sum", "prod", "max", "min")
TERM_ENDS = ("+", "-", "=", ",", ";", "propto")
_LETTERS = re.compile(r"(?:_|\^\()([a-z]+)\)?\Z")


def parse_bigop(p: Cursor, t: Token) -> Ast:
    """The operator, its limits in either order, and its body (a product)."""
    binder, upper = Binder(()), None
    for _ in range(2):
        if p.at("op", "_"):
            p.take()
            binder = _lower(p)
        elif p.at("op", "^"):
            p.take()
            upper = p.group() if p.at("open", "{") else p.primary()
    if not binder.names and p.latex and t.text in ("sum", "prod"):
        binder = Binder(_index_of_term(p))
    outside = p.indices
    p.indices = outside.union(map(str, binder.names))
    body = _body(p, p.indices - outside if t.text != "prod" else frozenset())
    p.indices = outside
    return Ast("bigop", t.start, body.end, (body,), (t.text, binder._replace(upper=upper or binder.upper)))


def _index_of_term(p: Cursor) -> tuple[str, ...]:
    r"""The one index of the term in ``\\sum x_i^2``, which has no index under its sign."""
    start, found = p.i, set[str]()
    stack = [p.term()]
    p.i = start
    while stack:
        node = stack.pop()
        stack += [a for a in node.args if isinstance(a, Ast)]
        if node.kind == "index":
            found.update(str(a.value) for a in node.args[1:] if a.kind == "name")
        elif node.kind == "name":
            found.update(index_letters(node.value))
    free = found - set(p.indices) - {":"}
    return tuple(free) if len(free) == 1 and free <= set("ijkl") else ()


def _body(p: Cursor, names: frozenset[str]) -> Ast:
    """One term, and those after it that have an index of this operator: ``\\sum_i y_i \\log p_i + (1 - y_i) \\log(1 - p_i)``.

    Such a term has no meaning outside; a term without the index stands outside.
    """
    start = p.here.start
    signs = p.take().text if p.at("op", "-") else "+"
    terms = [p.term()]
    while p.at("op", "+", "-") and _has_index(p, names):
        signs += p.take().text
        terms.append(p.term())
    if len(terms) > 1:
        return Ast("sum", start, terms[-1].end, tuple(terms), signs)
    return terms[0] if signs == "+" else Ast("neg", start, terms[0].end, (terms[0],))


def _has_index(p: Cursor, names: frozenset[str]) -> bool:
    """Whether the term after the sign at hand has one of the names as an index, and binds none of them itself."""
    depth, i, known = 0, p.i + 1, p.indices
    while depth > 0 or not (p.tokens[i].kind == "op" and p.tokens[i].text in TERM_ENDS):
        t = p.tokens[i]
        depth += (t.kind == "open") - (t.kind == "close")
        if depth < 0 or t.kind == "end" or t.text == "words":
            return False
        if t.kind == "cmd" and t.text in BIG:
            inner = _bound_by(p.tokens, i)
            if names.intersection(inner):
                return False
            known = known.union(inner)
        if t.kind == "name" and (
            t.text in names or (names.intersection(letters := index_letters(t.text)) and known.issuperset(letters))
        ):
            return True
        i += 1
    return False


def _bound_by(tokens: list[Token], i: int) -> set[str]:
    """The names under the operator at ``i``."""
    end = next((k for k in range(i, len(tokens)) if tokens[k].text in ("}", "=") or tokens[k].kind == "end"), i)
    return {t.text for t in tokens[i:end] if t.kind == "name"}


def index_letters(name: str) -> str:
    """The letters of ``x_ij`` and ``x^(i)``, which are indices where they are bound."""
    found = _LETTERS.search(name)
    return found[1] if found else ""


def _lower(p: Cursor) -> Binder:
    if not p.at("open", "{"):
        return Binder((p.take().text,))
    opener = p.take()
    if p.at("num"):  # 1 ≤ i ≤ n
        first, _, name, _, last = p.primary(), _less(p), p.take().text, _less(p), p.expression()
        p.close(opener)
        return Binder((name,), first, last)
    names = _names(p)
    unequal = member = None
    ends: tuple[Ast | None, Ast | None] = None, None
    if p.at("op", "="):
        p.take()
        ends = p.expression(), _listed(p) if p.at("op", ",") else None
    elif p.at("op", "!="):
        p.take()
        unequal = p.take().text
    elif p.at("op", "<", "<=", ">", ">="):
        raise NoRuleError(
            f"a sum over {names[0]} {p.here.text} … is not read", span=(opener.start, p.here.end),
            hint="declare a matrix M of zeros and ones, and write \\sum_{(i,j) \\in M}",
        )  # fmt: skip
    elif p.at("op", "in"):
        p.take()
        if p.at("open", "[", "\\{"):
            ends = _counted(p)
        else:
            member = "".join(p.take().text for _ in iter(lambda: p.at("close") or p.at("end"), True))
    p.close(opener)
    return Binder(tuple(names), *ends, unequal, member)


def _names(p: Cursor) -> list[str]:
    """``i``, ``i, j`` or ``(i, j)``."""
    paren = p.at("open", "(")
    if paren:
        p.take()
    names = [p.take().text]
    while p.at("op", ",") or p.at("name"):
        if p.at("op", ","):
            p.take()
        names.append(p.take().text)
    if paren:
        p.take()
    return names


def _less(p: Cursor) -> Token:
    if not p.at("op", "<="):
        raise p.fail("the range of an index is written i=1, 1 \\le i \\le n or i \\in S")
    return p.take()


def _listed(p: Cursor) -> Ast:
    """The last of ``1, …, n``."""
    for sign in (",", "...", ","):
        if not p.at("op", sign):
            raise p.fail("the values of an index are listed as 1, \\dots, n")
        p.take()
    return p.expression()


def _counted(p: Cursor) -> tuple[Ast, Ast]:
    """The ends of ``[n]`` and ``\\{1, …, n\\}``."""
    opener = p.take()
    first = p.expression()
    lower = first if opener.text == "\\{" else Ast("num", first.start, first.start, (), Fraction(1))
    upper = _listed(p) if opener.text == "\\{" else first
    p.close(opener)
    return lower, upper
