r"""Steps of an iteration above a name: the ``x^k`` and ``x^{k+1}`` of ``\|A x^k - b\|^2`` are vectors of their own, and no powers.

What says so: a norm or a product with a matrix, which ask for arrays; a transpose; and one letter at two steps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from matcalc.notation.kinds.letter_habits import usual_kind
from matcalc.notation.lex.habits import NUMBERS, STEPS
from matcalc.notation.lex.macros import UNGLUED
from matcalc.notation.lex.syntax import Ast


def is_step(node: Ast) -> bool:
    """``z^k``, ``x^{k+1}``: what an iteration has at a step."""
    if node.kind != "pow" or node.value != "^" or node.args[0].kind != "name":
        return False
    first, *more = node.args[1].args if node.args[1].kind == "sum" else node.args[1:]
    return first.kind == "name" and first.value in STEPS and all(a.kind == "num" for a in more)


def letter_of(node: Ast) -> str:
    """The k of ``x^{k+1}``."""
    above = node.args[1]
    return str((above.args[0] if above.kind == "sum" else above).value)


def iterated(nodes: Sequence[Ast], declared: Collection[str], whole: Mapping[str, int], bound: Collection[str]) -> frozenset[str]:
    """The names of which the powers are steps. A letter that stands elsewhere, too, is a number: ``k x^k``."""
    steps = [n for n in nodes if n.kind == "pow" and is_step(n)]
    if not steps:
        return frozenset()
    letters = [letter_of(n) for n in steps]
    free = {k for k in letters if letters.count(k) == whole[k] and k not in declared and k not in bound}
    asked = {id(n) for node in nodes for n in _as_arrays(node)}
    found = set[str]()
    for n in steps:
        base = str(n.args[0].value)
        others = {_shape(m) for m in steps if m.args[0].value == base}
        if letter_of(n) in free and (id(n) in asked or len(others) > 1 or n.args[0].mark in ("bold", "arrow")):
            found.add(base)
    return frozenset(b for b in found if b not in declared and b not in UNGLUED and b not in NUMBERS)


def _shape(node: Ast) -> tuple[object, ...]:
    """What stands above: equal for equal steps."""
    above = node.args[1]
    return (above.value, *(a.value for a in above.args)) if above.kind == "sum" else (above.value,)


def _as_arrays(node: Ast) -> Iterator[Ast]:
    """The steps of which a node says that they are arrays."""
    if node.kind in ("norm", "angle"):
        for a in node.args:
            yield from _terms(a)
    elif node.kind == "T" or (node.kind == "pow" and node.args[1].kind == "T"):
        yield from _terms(node.args[0])
    elif node.kind == "prod":
        for left, right in zip(node.args, node.args[1:], strict=False):
            turned = left.kind == "T" or (left.kind == "pow" and left.args[1].kind == "T")
            if is_step(right) and _is_small(right) and (turned or (left.kind == "name" and usual_kind(str(left.value)) == "m")):
                yield right


def _terms(node: Ast) -> Iterator[Ast]:
    """The steps among the terms, or last in one of them."""
    for term in node.args if node.kind == "sum" else (node,):
        a = term.args[0] if term.kind == "neg" else term
        if a.kind == "sum":
            yield from _terms(a)
        last = a.args[-1] if a.kind == "prod" and a.value[-1] in (" ", "*", "dot", "@") else a
        if is_step(last) and _is_small(last):
            yield last


def _is_small(node: Ast) -> bool:
    """The powers of a matrix are what they are written as."""
    return usual_kind(str(node.args[0].value)) != "m"
