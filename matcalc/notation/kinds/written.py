"""What the way in which a part is written says of its kind: a number, a vector under an arrow; and which names stand where."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.notation.kinds.overloads import OF_MATRIX
from matcalc.notation.lex.syntax import Ast, Statement, walk

KEEPING = {*OF_MATRIX, "expm", "logm", "sqrtm", "inv"}  # functions of a matrix whose value is one
JOINED = ("neg", "sum", "prod")  # nodes through which a derivative goes into each part
MANY = 20  # terms of a sum


def is_number(node: Ast) -> bool:
    """Whether it is made of numbers alone."""
    if node.kind in JOINED:
        return all(is_number(a) for a in node.args)
    return node.kind == "num"


def of_letters(node: Ast) -> bool:
    """Whether it is made of letters and of signs that keep what these are: no transposes, norms, sums over an index."""
    if node.kind == "call":
        return node.value[0].rstrip(".") in KEEPING and all(map(of_letters, node.args))
    return node.kind in ("name", "num") or (node.kind in ("sum", "prod", "neg", "pow") and all(map(of_letters, node.args)))


def is_squared_vector(node: Ast) -> bool:
    """``(\\omega\\times r)^2`` and ``\\vec v^2``, as physicists write the square of a length."""
    base, exponent = node.args
    return node.value == "^" and exponent.kind == "num" and exponent.value == 2 and is_vectorial(base)


def is_vectorial(node: Ast) -> bool:
    """Whether it is made of letters under arrows, or a cross product."""
    if node.kind == "name":
        return node.mark == "arrow"
    crossed = node.kind == "prod" and "times" in node.value and not any(map(is_number, node.args))
    return crossed or (node.kind in ("sum", "neg", "prod") and any(map(is_vectorial, node.args)))


def is_labelled(node: Ast) -> bool:
    """``y w'x`` and ``y(w'x + b)``: a small letter before an inner product."""
    first, *rest = node.args
    small = first.kind == "name" and first.value[:1].islower() and first.mark not in ("bold", "arrow")
    return small and (_is_inner(tuple(rest), node.value[1:]) or (len(rest) == 1 and any(map(_is_inner_product, _terms(rest[0])))))


def _is_inner_product(node: Ast) -> bool:
    return node.kind == "angle" or (node.kind == "prod" and _is_inner(node.args, node.value))


def _is_inner(factors: tuple[Ast, ...], signs: tuple[str, ...]) -> bool:
    return "dot" in signs or any(a.kind == "T" for a in factors[:-1])


def _terms(node: Ast) -> tuple[Ast, ...]:
    return node.args if node.kind == "sum" else (node,)


def distinct(terms: tuple[Ast, ...]) -> tuple[Ast, ...]:
    """Without those that stand there before: they say nothing new of the kinds."""
    if len(terms) <= MANY:
        return terms
    found: dict[tuple[object, ...], Ast] = {}
    for term in terms:
        found.setdefault(_form(term), term)
    return tuple(found.values())


def _form(node: Ast) -> tuple[object, ...]:
    return (node.kind, node.value, *[_form(a) for a in node.args if isinstance(a, Ast)])


def names_in(statements: Iterable[Statement]) -> Iterable[str]:
    """All names in the bodies."""
    return (name for s in statements for body in (s.body, *s.others) for name in names_of(body))


def names_of(root: Ast) -> Iterable[str]:
    """All names in it."""
    return (node.value for node in walk(root) if node.kind == "name")


def whole_names(statements: Iterable[Statement]) -> Iterable[str]:
    """Names that stand without an index somewhere."""
    for s in statements:
        stack = [s.body, *s.others]
        while stack:
            node = stack.pop()
            if node.kind == "name":
                yield node.value
            parts = node.args[1:] if node.kind == "index" and node.args[0].kind == "name" else node.args
            stack.extend(a for a in parts if isinstance(a, Ast))
