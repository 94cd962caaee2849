"""Single slips in a formula: a transpose, an order, a product sign, a sign, a factor. Each edit undoes one, as a tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from matcalc.notation.lex.syntax import Ast

MATRIX, ENTRYWISE = ("*", " ", "@", "dot"), (".*", "times")


ORDER = "factors stand in the wrong order"


class Edit(NamedTuple):
    """A formula that differs in one place: the slip that it undoes, in the words of a verdict, and what it is."""

    verdict: str
    words: str
    body: Ast
    place: Ast | None = None  # the part that it changes


def edits(body: Ast) -> Iterator[Edit]:
    """Formulas that differ from this one by one slip, the most usual slips first."""
    for rewrite in (_signs, _transposes, _orders, _products, _primes, _turned_pairs, _calls):
        yield from _everywhere(body, rewrite)


def scaled(body: Ast, number: Fraction = Fraction(0)) -> Iterator[Ast]:
    """The formula with one part of it times a number: 0, where the rest is linear in it, tells what any multiple would give."""

    def changed(node: Ast) -> Iterator[Edit]:
        if node.kind not in ("num", "label", "string", "keyword"):
            yield Edit("factor", "", times(number, node))

    return (edit.body for edit in _everywhere(body, changed))


def times(number: Fraction, node: Ast) -> Ast:
    return Ast("prod", node.start, node.end, (Ast("num", node.start, node.start, (), number), node), ("*",))


def tidied(node: Ast) -> Ast:
    """With numbers that stand beside each other as one, and signs of terms for negative ones."""
    node = node._replace(args=tuple(tidied(a) if isinstance(a, Ast) else a for a in node.args))
    if node.kind == "sum":
        terms = [_split(term) for term in node.args]
        signs = "".join("+-"[(sign == "-") != (number < 0)] for sign, (number, _) in zip(node.value, terms, strict=True))
        return node._replace(args=tuple(_product(abs(number), rest) for number, rest in terms), value=signs)
    return _product(*_split(node)) if node.kind == "prod" else node


def _split(node: Ast) -> tuple[Fraction, Ast | None]:
    """The number in front of a product, and the rest."""
    if node.kind == "num":
        return node.value, None
    if node.kind != "prod" or node.args[0].kind != "num" or node.value[0] not in MATRIX:
        return Fraction(1), node
    rest = node.args[1] if len(node.args) == 2 else node._replace(args=node.args[1:], value=node.value[1:])
    inner, core = _split(rest)
    return node.args[0].value * inner, core


def _product(number: Fraction, rest: Ast | None) -> Ast:
    return Ast("num", 0, 0, (), number) if rest is None else rest if number == 1 else times(number, rest)


def expanded(body: Ast) -> Ast:
    """With powers such as X^{-2} in products as repeated factors."""
    args = tuple(expanded(a) if isinstance(a, Ast) else a for a in body.args)
    body = body._replace(args=args)
    if body.kind != "prod":
        return body
    factors: list[Ast] = []
    signs: list[str] = []
    for k, factor in enumerate(body.args):
        found = _repeated(factor)
        signs += ([body.value[k - 1]] if k else []) + ["*"] * (len(found) - 1)
        factors += found
    return body._replace(args=tuple(factors), value=tuple(signs))


def _repeated(factor: Ast) -> list[Ast]:
    if factor.kind != "pow" or factor.value != "^":
        return [factor]
    base, power = factor.args
    sign, number = (-1, power.args[0]) if power.kind == "neg" else (1, power)
    if number.kind != "num" or number.value not in (2, 3, -2, -3):
        return [factor]
    one = base if sign * number.value > 0 else factor._replace(args=(base, Ast("num", power.start, power.end, (), Fraction(-1))))
    return [one] * abs(int(number.value))


def _everywhere(node: Ast, rewrite: object) -> Iterator[Edit]:
    """The rewrites of the node and of every part of it, each in its place."""
    for edit in rewrite(node):  # type: ignore[operator]
        yield edit if edit.place is not None else edit._replace(place=node)
    for k, child in enumerate(node.args):
        if isinstance(child, Ast) and node.kind not in ("index", "einsum", "keyword"):
            for edit in _everywhere(child, rewrite):
                yield edit._replace(body=node._replace(args=(*node.args[:k], edit.body, *node.args[k + 1 :])))


def _turned(node: Ast) -> Ast:
    return node.args[0] if node.kind == "T" else Ast("T", node.start, node.end, (node,), "")


def _signs(node: Ast) -> Iterator[Edit]:
    if node.kind == "sum":
        for k, sign in enumerate(node.value):
            other = "-" if sign == "+" else "+"
            yield Edit("sign", "the sign of one term is turned", node._replace(value=node.value[:k] + other + node.value[k + 1 :]))


def _transposes(node: Ast) -> Iterator[Edit]:
    if node.kind == "index":
        array, *letters = node.args
        if len(letters) == 2 and letters[0] != letters[1]:
            yield Edit("transpose", "the indices are exchanged", node._replace(args=(array, *letters[::-1])))
    elif node.kind not in ("num", "neg", "label"):
        yield Edit("transpose", "a transpose is misplaced", _turned(node))


def _orders(node: Ast) -> Iterator[Edit]:
    if node.kind == "prod":
        for i in range(len(node.args)):
            for j in range(len(node.args)):
                if i != j and not (j == i + 1 and len(node.args) == 2):
                    yield Edit("wrong-order", ORDER, node._replace(args=_moved(node.args, i, j)))
        for i, j in combinations(range(len(node.args)), 2):
            if j > i + 1:
                yield Edit("wrong-order", ORDER, node._replace(args=_exchanged(node.args, i, j)))
    if node.kind == "call" and node.value[0] == "kron":
        yield Edit("wrong-order", "the factors of the Kronecker product are exchanged", node._replace(args=node.args[::-1]))


def _exchanged(factors: tuple[Ast, ...], i: int, j: int) -> tuple[Ast, ...]:
    return (*factors[:i], factors[j], *factors[i + 1 : j], factors[i], *factors[j + 1 :])


def _moved(factors: tuple[Ast, ...], i: int, j: int) -> tuple[Ast, ...]:
    rest = [*factors[:i], *factors[i + 1 :]]
    return (*rest[:j], factors[i], *rest[j:])


def _products(node: Ast) -> Iterator[Edit]:
    """One product sign for another; the two factors belong together then."""
    if node.kind != "prod":
        return
    for k, sign in enumerate(node.value):
        other = ".*" if sign in MATRIX else "*" if sign in ENTRYWISE else None
        if other is None:
            continue
        left, right = node.args[k : k + 2]
        pair = Ast("prod", left.start, right.end, (left, right), (other,))
        factors = (*node.args[:k], pair, *node.args[k + 2 :])
        signs = (*node.value[:k], *node.value[k + 1 :])
        body = pair if len(factors) == 1 else node._replace(args=factors, value=signs)
        yield Edit("elementwise-for-matrix", "a product entry by entry and a matrix product are confused", body)


def _primes(node: Ast) -> Iterator[Edit]:
    """f for f′, and the reverse."""
    if node.kind == "call" and len(node.args) == 1:
        name, order = node.value
        for k in (order + 1, order - 1)[: 1 + (order > 0)]:
            words = "a function stands in place of its derivative" if k > order else "a derivative stands in place of its function"
            yield Edit("wrong-other", words, node._replace(value=(name, k)))


def _calls(node: Ast) -> Iterator[Edit]:
    """diag left out or too much; a sum or a trace left out."""
    if node.kind == "call" and node.value[0] == "diag":
        yield Edit("wrong-other", "diag is too much", node.args[0])
    if node.kind not in ("num", "label", "string", "keyword", "neg"):
        for name, verdict in (("diag", "wrong-other"), ("sum", "missing-sum"), ("tr", "missing-sum")):
            yield Edit(verdict, f"{name} is missing", Ast("call", node.start, node.end, (node,), (name, 0)))


def _turned_pairs(node: Ast) -> Iterator[Edit]:
    """Two factors with their transposes: exchanged, or each turned in its place."""
    if node.kind != "prod":
        return
    words = "a transpose is misplaced"
    for i, j in combinations(range(len(node.args)), 2):
        left, right = node.args[i], node.args[j]
        for a, b in ((left, right), (right, left)):
            for one, two in ((_turned(a), b), (a, _turned(b)), (_turned(a), _turned(b))):
                factors = (*node.args[:i], one, *node.args[i + 1 : j], two, *node.args[j + 1 :])
                yield Edit("transpose", words, node._replace(args=factors))


def with_parts(body: Ast, parts: Sequence[tuple[str, str, str]]) -> Iterator[Edit]:
    """The formula with something that was left out in one of its places: parts are kinds, names and how these are shown."""

    def put(node: Ast) -> Iterator[Edit]:
        for kind, name, shown in parts:
            part, words = Ast("name", node.start, node.end, (), name), f"the {kind} {shown} is missing"
            for new in (_plus if kind == "term" else _times)(node, part):
                yield Edit(f"missing-{kind}", words, new)

    yield from _everywhere(body, put)


def _times(node: Ast, part: Ast) -> Iterator[Ast]:
    for f in (part, _turned(part)):
        for args, sign in (((f, node), "*"), ((node, f), "*"), ((node, f), ".*")):
            yield Ast("prod", node.start, node.end, args, (sign,))


def _plus(node: Ast, part: Ast) -> Iterator[Ast]:
    for term in (part, _turned(part)):
        for sign in "+-":
            yield Ast("sum", node.start, node.end, (node, term), f"+{sign}")
