"""What a tree with indices holds: its parts, members x_i of sums, and forms with one index in place of another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from matcalc.notation.lex.syntax import Ast, Relation, walk

GLUED = re.compile(r"(.+)_([a-z])")
Bound = frozenset[str]


def names_as_values(node: Ast, bound: Bound, whole: bool = False) -> Iterator[Ast]:
    """The names that are no indices; ``whole``: and have none."""
    if node.kind == "name":
        if node.value not in bound:
            yield node
        return
    inside = bound.union(bound_by(node))
    parts = (
        node.args[: not whole or node.args[0].kind != "name"]
        if node.kind == "index"
        else ()
        if node.kind == "indicator"
        else node.args
    )
    for a in parts:
        if isinstance(a, Ast):
            yield from names_as_values(a, inside, whole)


def members_of_sums(nodes: Sequence[Ast]) -> dict[str, list[tuple[Ast, str]]]:
    """Names that have the index of a sum: the bodies of these sums, and the index."""
    found: dict[str, list[tuple[Ast, str]]] = {}
    for node in nodes:
        for letter in node.value[1].names if node.kind == "bigop" else ():
            for n in walk(node.args[0]):
                if n.kind == "index" and n.args[0].kind == "name" and [a.value for a in n.args[1:]] == [letter]:
                    found.setdefault(str(n.args[0].value), []).append((node.args[0], letter))
    return found


def changing(index: str, letter: str) -> Callable[[Ast], Ast | None]:
    """The change of one index into another."""
    return lambda n: n._replace(value=letter) if n.kind == "name" and n.value == index else None


def member(node: Ast, letter: str) -> Ast | None:
    """x of ``x_i``, where i is the letter."""
    base: Ast | None = node.args[0] if node.kind == "index" and [a.value for a in node.args[1:]] == [letter] else None
    return base if base and base.kind == "name" else None


def form(node: Ast) -> tuple[object, ...]:
    """The tree without its places in the text."""
    value = (node.value[0], node.value[1].names) if node.kind == "bigop" else node.value
    return (node.kind, value, *[form(a) if isinstance(a, Ast) else a for a in node.args])


def mapped(node: Ast, change: Callable[[Ast], Ast | None]) -> Ast:
    """The tree with parts replaced, from the top."""
    changed = change(node)
    if changed is not None:
        return changed
    if node.kind == "bigop":
        name, binder = node.value
        where = tuple([Relation(mapped(r.left, change), r.sign, mapped(r.right, change)) for r in binder.where])
        node = node._replace(value=(name, binder._replace(where=where)))
    if not node.args:
        return node
    return node._replace(args=tuple([mapped(a, change) if isinstance(a, Ast) else a for a in node.args]))


def renamed(body: Ast, index: str, letter: str) -> Ast:
    """The body of a sum over w with ``u_o`` in place of ``u_w``."""

    def change(node: Ast) -> Ast | None:
        base = member(node, index)
        return base and base._replace(value=f"{base.value}_{letter}")

    return mapped(body, change)


def has_letter(node: Ast, letter: str) -> bool:
    """Whether the node is ``x_i`` or ``x^{(i)}``."""
    if node.kind == "name":
        return str(node.value).endswith(f"^({letter})")
    return node.kind == "index" and any(a.kind == "name" and a.value == letter for a in node.args[1:])


def bound_by(node: Ast) -> tuple[str, ...]:
    return node.value[1].names if node.kind == "bigop" else ()


def is_free(node: Ast, letter: str) -> bool:
    """Whether ``x_i`` or ``x^{(i)}`` occurs, and no sum around it is over i."""
    if node.kind == "bigop" and letter in node.value[1].names:
        return False
    return has_letter(node, letter) or any(is_free(a, letter) for a in node.args if isinstance(a, Ast))


def under(node: Ast, name: str, letter: str, inside: bool = False) -> bool:
    """Whether the name stands under a sum over the letter."""
    inside = inside or (node.kind == "bigop" and letter in node.value[1].names)
    if node.kind == "name":
        return inside and (node.value == name or is_glued_to(name, str(node.value)))
    return any(under(a, name, letter, inside) for a in node.args if isinstance(a, Ast))


def is_outside(node: Ast, name: str, letter: str) -> bool:
    """Whether the name stands where no sum around it is over the letter."""
    if node.kind == "bigop" and letter in node.value[1].names:
        return False
    if node.kind == "name":
        return node.value == name or is_glued_to(name, str(node.value))
    return any(is_outside(a, name, letter) for a in node.args if isinstance(a, Ast))


def is_glued_to(name: str, token: str) -> bool:
    found = GLUED.fullmatch(token)
    return found is not None and found[1] == name
