"""Σ, Π, max and min with their binders: ``\\sum_{i=1}^N``, ``\\sum_{j \\ne i}``, ``\\max_i``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from matcalc.notation.lex.habits import LABEL_INDEX, SUMMED
from matcalc.notation.lex.syntax import RELATIONS, Ast, Binder, Relation, Token
from matcalc.notation.parse.cursor import Cursor
from matcalc.notation.parse.indices import bound
from matcalc.notation.parse.named_calls import powers_of_entries

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
    if not binder.names and t.text == "sum":
        body = powers_of_entries(body)
    binder = _whole_range(binder._replace(upper=upper or binder.upper), body, outside)
    return Ast("bigop", t.start, body.end, (body,), (t.text, binder))


def _whole_range(binder: Binder, body: Ast, around: frozenset[str]) -> Binder:
    """``\\sum_{i=1}^{n-1} \\sum_{j=i+1}^n``: all pairs with j > i; the outer sum may as well run to n, where nothing is added."""
    lower, upper = binder.lower, binder.upper
    if len(binder.names) != 1:
        return binder
    index = Ast("name", body.start, body.start, (), binder.names[0])
    if lower is not None and (found := _beside(lower, around, "+")):
        return binder._replace(lower=None, where=(*binder.where, Relation(index, ">" if lower.kind == "sum" else ">=", found)))
    if upper is not None and (found := _beside(upper, around, "-")):
        return binder._replace(upper=None, where=(*binder.where, Relation(index, "<" if upper.kind == "sum" else "<=", found)))
    if upper is not None and (last := _beside(upper, None, "-")) and upper.kind == "sum" and body.kind == "bigop":
        inner = body.value[1]
        same = inner.upper is not None and inner.upper.kind == "name" and inner.upper.value == last.value
        if same and any(r.sign == ">" and r.right.value == index.value for r in inner.where):
            return binder._replace(upper=last)
    return binder


def _beside(end: Ast, names: frozenset[str] | None, sign: str) -> Ast | None:
    """i of ``i``, and of ``i+1`` (or ``i-1``, by the sign), where i is one of the names; any name for None."""
    by_one = end.kind == "sum" and end.value == f"+{sign}" and (end.args[1].kind, end.args[1].value) == ("num", 1)
    found = end.args[0] if by_one else end
    return found if found.kind == "name" and (names is None or found.value in names) else None


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
    return tuple(free) if len(free) == 1 and free <= SUMMED else ()


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
    r"""Whether the term after the sign at hand has one of the names as an index, and is no sum that binds anew one that is bound.

    ``\sum_i \sum_j S_{ij} - \sum_{i \ne j} y_i y_j`` are two sums.
    """
    depth, i, known = 0, p.i + 1, p.indices
    while depth > 0 or not (p.tokens[i].kind == "op" and p.tokens[i].text in TERM_ENDS):
        t = p.tokens[i]
        depth += (t.kind == "open") - (t.kind == "close")
        if depth < 0 or t.kind == "end" or t.text == "words":
            return False
        if t.kind == "cmd" and t.text in BIG:
            inner = _bound_by(p.tokens, i)
            if inner.intersection(names.union(p.indices)):
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
    found: set[str] = set()
    for t in tokens[i:]:
        if t.text in ("}", "=", "in", "!=") or t.kind == "end":
            break
        found.update((t.text,) if t.kind == "name" else ())
    return found


def index_letters(name: str) -> str:
    """The letters of ``x_ij`` and ``x^(i)``, which are indices where they are bound."""
    found = _LETTERS.search(name)
    return found[1] if found else ""


def _lower(p: Cursor) -> Binder:
    if not p.at("open", "{"):
        return Binder((p.take().text,))
    opener = p.take()
    if p.at("num"):  # 1 ≤ i ≤ n
        binder = _between(p)
        p.close(opener)
        return binder
    names = _names(p)
    where: list[Relation] = []
    member = None
    ends: tuple[Ast | None, Ast | None] = None, None
    if p.at("op", "="):
        p.take()
        ends = p.expression(), _listed(p) if p.at("op", ",") and p.tokens[p.i + 1].text == "..." else None
    elif p.at("op", *RELATIONS):
        where = _chain(p, Ast("name", p.tokens[p.i - 1].start, p.tokens[p.i - 1].end, (), names[-1]))
    elif p.at("op", "in"):
        p.take()
        if p.at("open", "[", "\\{"):
            ends = _counted(p)
        else:
            member = "".join(p.take().text for _ in iter(lambda: p.at("close") or p.at("end") or p.at("op", ","), True))
    while p.at("op", ",", ":", "|"):  # k = 1, k ≠ i
        p.take()
        where += _chain(p, index_term(p))
    end = p.close(opener)
    while opener.start == opener.end and p.at("name", *SUMMED) and p.here.start == end.end:  # sum_ij A_ij
        end = p.take()
        names.append(end.text)
    names = [*names, *dict.fromkeys(n for n in _new_indices(where) if n not in p.indices and n not in names)]
    return Binder(tuple(names), *ends, tuple(where), member)


def _between(p: Cursor) -> Binder:
    """``1 ≤ i ≤ n`` and ``1 ≤ i < j ≤ n``."""
    chain = _chain(p, p.primary())
    first, inner, last = chain[0], chain[1:-1], chain[-1]
    signs = [r.sign for r in (first, last)]
    if len(chain) < 2 or not {*signs} <= {"<="} or (not inner and first.right is not last.left):
        raise p.fail("the range of an index is written i=1, 1 \\le i \\le n or i \\in S")
    names = dict.fromkeys([str(first.right.value), *[str(r.right.value) for r in inner]])
    return Binder(tuple(names), first.left, last.right, tuple(inner))


def _chain(p: Cursor, left: Ast) -> list[Relation]:
    """``i < j < k`` after its first term."""
    found: list[Relation] = []
    if not p.at("op", "=", *RELATIONS):
        raise p.fail("a condition on indices is written i < j or j \\ne i")
    while p.at("op", "=", *RELATIONS):
        sign = p.take().text
        right = index_term(p)
        found.append(Relation(left, sign, right))
        left = right
    return found


def index_term(p: Cursor) -> Ast:
    """What stands at a side of a relation between indices: ``i``, ``y_i``, ``n-1``."""
    return bound(p)


def _new_indices(where: Sequence[Relation]) -> Iterator[str]:
    """Letters of relations that are indices by habit: ``i \\ne j`` runs over both, ``j \\ne y`` over j."""
    for r in where:
        for side in (r.left, r.right):
            if side.kind == "name" and side.value in LABEL_INDEX:
                yield str(side.value)


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
