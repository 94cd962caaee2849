"""Indices after an operand: ``x_i``, ``x_{ij}``, ``X[1,:]``, ``x[1:k]``."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from itertools import pairwise

from matcalc.expr.errors import ParseError
from matcalc.notation.kinds.letter_habits import usual_kind
from matcalc.notation.lex.habits import CLASS_LETTERS, LABEL_INDEX
from matcalc.notation.lex.syntax import RELATIONS, Ast, Token, depths, walk
from matcalc.notation.parse.by_cases import ORDERS, Less
from matcalc.notation.parse.cursor import PAIRS, Cursor

POSITIVE = "_+"  # marks the positive part of a name
DOTTED = "dot"  # marks the whole of an axis, where a dot says so: W_{i\cdot}


def labelling(tokens: list[Token], declared: Collection[str]) -> bool:
    """Whether anything may stand above or below a name, or in square brackets or an indicator."""
    texts = [t.text for t in tokens]
    whole = " ".join(texts)
    if "[" in texts or "\\{" in texts or _is_indicator(tokens, texts):
        return True
    if ("_" in whole or "^(" in whole) and any([("_" in x or "^(" in x) and x not in declared for x in texts]):
        return True
    raised = [i + 1 + (texts[i + 1] == "{") for i, x in enumerate(texts) if x == "^"] if "^" in whole else []
    return any([tokens[i].kind != "num" for i in raised])


def _is_indicator(tokens: list[Token], texts: list[str]) -> bool:
    return "1vec" in texts and any([t.text == "1vec" and after.kind == "open" for t, after in pairwise(tokens)])


def with_rows(factors: list[Ast]) -> list[Ast]:
    r"""``W_{i\cdot} x``: where a vector stands behind it, row i of W lies, and the product is a number."""
    before = [_is_row(one) and _is_vector(other) for one, other in pairwise(factors)]
    return [Ast("T", f.start, f.end, (f,)) if lies else f for f, lies in zip(factors, (*before, False), strict=True)]


def _is_row(node: Ast) -> bool:
    return node.kind == "index" and len(node.args) == 3 and node.args[2].mark == DOTTED and node.args[1].mark != DOTTED


def _is_vector(node: Ast) -> bool:
    """A letter that is one by habit, or a function of it; x_i may be an entry."""
    inner = node.args[0] if node.kind == "call" and node.args else node
    return inner.kind == "name" and usual_kind(str(inner.value)) == "c"


def subscript(p: Cursor, base: Ast) -> Ast:
    """An index; ``(x)_+`` is the positive part max(x, 0)."""
    mark = "(" if p.tokens[p.i - 2].kind == "close" else ""
    if [t.text for t in p.tokens[p.i : p.i + 3]] == ["{", "+", "}"]:
        p.i += 3
        return Ast("call", base.start, p.tokens[p.i - 1].end, (base,), ("relu", 0), "" if mark else POSITIVE)
    if [t.text for t in p.tokens[p.i : p.i + 3]] == ["{", "times", "}"]:  # [a]_× of vectors with three entries
        p.i += 3
        return Ast("call", base.start, p.tokens[p.i - 1].end, (base,), ("crossmatrix", 0))
    if not p.at("open", "{"):
        index = p.primary()
        return Ast("index", base.start, index.end, (base, index), None, mark)
    opener = p.take()
    indices, commas = [index_entry(p)], None
    while not p.at("close"):
        if p.at("op", ","):
            commas = p.take().text
        indices.append(index_entry(p))
    end = p.close(opener)
    while opener.start == opener.end and _goes_on(p, indices[-1]):  # A_ij, of which TeX lowers the i alone
        end = p.take()
        indices.append(Ast("name", end.start, end.end, (), end.text))
    return Ast("index", base.start, end.end, (base, *indices), commas, mark)


def _goes_on(p: Cursor, last: Ast) -> bool:
    t = p.here
    return t.kind == "name" and t.start == last.end and last.value in p.indices and t.text in p.indices


def index_entry(p: Cursor, brackets: bool = False) -> Ast:
    """An index, ``:`` (also ``\\cdot``) or a range ``i:j``."""
    if p.at("op", ":", "*", "dot"):
        t = p.take()
        if brackets and not p.at("close") and not p.at("op", ","):
            raise p.fail("a range needs both ends", t, "write x[1:k] for the first k entries")
        return Ast("name", t.start, t.end, (), ":", DOTTED) if t.text == "dot" else Ast("name", t.start, t.end, (), t.text)
    first = bound(p)
    if not p.at("op", ":"):
        return first
    colon = p.take()
    if p.at("close") or p.at("op", ","):
        raise p.fail("a range needs both ends", colon, "write x[2:n] for the entries 2 to n")
    last = bound(p)
    if p.at("op", ":"):
        raise p.fail("a range with a step has no matrix form here", p.here, "write x[i:j]")
    return Ast("range", first.start, last.end, (first, last))


def bound(p: Cursor) -> Ast:
    """An index or an end of a range: names and numbers, added and subtracted."""
    start = p.here.start
    if p.at("op", "-"):
        p.take()
        inner = p.primary()
        return Ast("neg", start, inner.end, (inner,))
    signs, terms = "+", [counted(p)]
    while p.at("op", "+", "-"):
        signs += p.take().text
        terms.append(counted(p))
    return Ast("sum", start, terms[-1].end, tuple(terms), signs) if len(terms) > 1 else terms[0]


def counted(p: Cursor) -> Ast:
    factors = [_one(p)]
    while p.at("op", "*", "times"):
        p.take()
        factors.append(_one(p))
    if len(factors) == 1:
        return factors[0]
    return Ast("prod", factors[0].start, factors[-1].end, tuple(factors), ("*",) * (len(factors) - 1))


def _one(p: Cursor) -> Ast:
    """A name or a number; an index may have an index itself: the y_i of ``f_{y_i}``."""
    node = p.primary()
    while p.at("op", "_"):
        p.take()
        node = subscript(p, node)
    return node


def brackets_are_indices(p: Cursor, base: Ast) -> bool:
    """Whether the bracket at hand belongs to what stands before it: after a name or a call; after brackets if it holds
    numbers, names and colons only (whether the names are sizes is seen when they are known)."""
    if base.kind in ("name", "call"):
        return True
    after = p.tokens[p.i + 1 :]
    end = next((k for k, t in enumerate(after) if t.kind in ("open", "close", "end")), 0)
    signs = all(t.kind in ("num", "name") or (t.kind == "op" and t.text in ":,+-*") for t in after[:end])
    return signs and end > 0 and after[end].text == "]"


def is_class(p: Cursor, base: Ast) -> bool:
    """``\\hat y[o]`` in LaTeX: the entry of a class, where a product would have no brackets."""
    inside = p.tokens[p.i + 1 : p.i + 3]
    closed = [t.kind for t in inside] == ["name", "close"]
    return base.kind == "name" and closed and inside[0].text in CLASS_LETTERS.difference(p.values)


def in_brackets(p: Cursor, base: Ast) -> Ast:
    opener = p.take()
    indices = [index_entry(p, brackets=True)]
    while p.at("op", ","):
        p.take()
        indices.append(index_entry(p, brackets=True))
    end = p.close(opener)
    return Ast("index", base.start, end.end, (base, *indices))


# ``1\{y_i = k\}``, ``\mathbb{1}[y = k]``, ``\mathbb{1}_{k \ne i}``: 1 where the relation holds, else 0


LABELS = frozenset(LABEL_INDEX)
ONES = ("1", "1vec", "I", "II")  # what stands before the brackets
SIGNS = ("=", *RELATIONS)


def indicator(p: Cursor) -> Ast | None:
    """The indicator at hand, if it is one."""
    start = p.i
    depth = i = start + 1 + (p.tokens[start + 1].kind == "op" and p.tokens[start + 1].text == "_")
    while p.tokens[i].kind == "open" and p.tokens[i].text in PAIRS and p.tokens[i].text not in ("|", "||", "<"):
        i += 1
    if i == depth or not _holds_relation(p, i):
        return None
    p.i = i
    left = _side(p)
    sign = p.take().text
    right = _side(p)
    for opener in reversed(p.tokens[depth:i]):
        end = p.close(opener)
    node = Ast("indicator", p.tokens[start].start, end.end, (left, right), sign)
    if sign not in ORDERS or (_is_index(p, left) and _is_index(p, right)):
        return node
    small, large, strict = ORDERS[sign]
    return Less(node.args[small], node.args[large], strict).holds(node)  # of values: a step


def _side(p: Cursor) -> Ast:
    """An index, a label, or a value."""
    i = p.i
    with suppress(ParseError):
        index = bound(p)
        if p.here.kind == "close" or p.here.text in SIGNS:
            return index
    p.i = i
    return p.expression()


def _is_index(p: Cursor, side: Ast) -> bool:
    """Whether a side of ``i < j`` or ``i > 1`` counts something."""
    names = [n for n in walk(side) if n.kind == "name"]
    return all(n.value in p.indices or n.value in LABELS for n in names) and side.kind != "index" if names else side.kind == "num"


def _holds_relation(p: Cursor, i: int) -> bool:
    """Whether the bracket that is open at ``i`` holds one relation."""
    found = 0
    for t, depth in depths(p.tokens, i):
        if depth < 0:
            return found == 1
        if t.kind == "op" and depth == 0:
            if t.text == ",":
                return False
            found += t.text in SIGNS
        if t.kind == "end":
            return False
    return False
