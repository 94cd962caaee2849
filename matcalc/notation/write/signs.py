"""Names that look like something else of the same derivation: z1 and z_1 are both z₁, a variable I stands beside the identity.

A sign of the notation itself keeps its look, and so does the first of several names that look alike; the others stand in
quotes, character by character.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from matcalc.expr.nodes import Expr
from matcalc.expr.table import TABLE
from matcalc.notation.lex.habits import ENTRIES
from matcalc.notation.write.render import SIGNED
from matcalc.notation.write.style import Spelled, Style
from matcalc.notation.write.styles import LATEX, TEXT

STYLES = (TEXT, LATEX)
_MARKUP = re.compile(r"\\mathrm\b|[{} ]")
_INDEX = 4  # letters below a name, at most, that look like indices
CALLED = frozenset(op for op in TABLE if op not in SIGNED and TABLE[op].plain.isidentifier())  # written as a function
OWN = CALLED | {"eye", "ones", "const", "commutation", "unit", "d", "sigmoid"}


def quoted(
    names: Iterable[str], nodes: Iterable[Expr], sizes: Collection[str] = (), indices: Collection[str] = (), spelled: Spelled = ()
) -> frozenset[str]:
    """The names that need quotes where ``nodes`` and ``sizes`` are shown; ``indices`` are the letters of X_ij."""
    styles = tuple([quoting(style, frozenset(), spelled) for style in STYLES])
    names = tuple(dict.fromkeys(names))
    signed = [node for node in nodes if node.op in OWN]
    found: set[str] = set()
    looks = [_looks(name, styles) for name in names]
    for at, style in enumerate(styles):
        seen = {_look(sign) for node in signed for sign in _own(node, style)}
        if style.latex:
            seen |= {_look(style.name(size)) for size in sizes} - {_look(style.name(name)) for name in names if name in sizes}
        own = [look[at] for look in looks]
        if len(set(own)) == len(own) and seen.isdisjoint(own):
            continue
        for name, look in zip(names, own, strict=True):
            if look in seen:
                found.add(name)
            seen.add(look)
    found |= {name for name in names if name.partition("^")[1] and name.partition("^")[0] in names}
    if indices:
        shown = {name: styles[0].name(name) for name in names}
        found |= {name for name in names if _is_entry(shown[name], shown.values(), {*indices, *ENTRIES[:_INDEX]})}
    return frozenset(found)


def _is_entry(name: str, names: Collection[str], indices: Collection[str]) -> bool:
    """x_i beside x; but h_t beside h is a name where no index is called t."""
    base, _, label = name.partition("_")
    return 0 < len(label) <= _INDEX and base in names and all(c in indices for c in label)


@lru_cache(maxsize=8192)
def _looks(name: str, styles: tuple[Style, ...]) -> tuple[str, ...]:
    """A name as each style shows it."""
    return tuple([_look(style.name(name)) for style in styles])


def _look(text: str) -> str:
    return _MARKUP.sub("", text)


def _own(node: Expr, style: Style) -> Iterator[str]:
    """The signs that the notation has for a node and that could be names."""
    op = node.op
    if op == "eye":
        yield style.eye(node.type)
    elif op == "ones":
        yield TEXT.ones(node.type)[0]
    elif op == "const":
        yield style.const(node.attr)
    elif op == "commutation":
        yield style.commutation(node.attr)
    elif op == "unit":
        yield style.unit(node.type[1], node.attr[0])
    elif op == "d":
        inner = node.args[0]
        yield style.differential(style.name(str(inner.attr)), 5) if inner.op == "sym" else "d"
    elif op == "sigmoid":
        yield style.name("sigma")
    elif op in CALLED:
        yield TABLE[op].plain


@lru_cache(maxsize=64)
def quoting(style: Style, names: frozenset[str], spelled: Spelled = ()) -> Style:
    """The style with these names in quotes, and the others as the input spells them."""
    return type(style)(names, spelled) if names or spelled else style
