"""What the names of a loss are in training: data, labels, parameters, or numbers that are given."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from matcalc.algebra.roots import SPREAD
from matcalc.expr.errors import UsageError
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, postorder
from matcalc.notation.lex.latex_names import as_known
from matcalc.notation.lex.lexer_plain import greek_to_ascii

FROM_DATA = ("data", "labels", "signs", "targets")
HOW = (
    "write --roles X=data,y=labels, also y=signs (labels as -1 and 1), y=targets, W=parameter, lambda=0.001; X=data:NAME says where"
)


class Role(NamedTuple):
    """``kind`` is one of FROM_DATA, parameter or hyperparameter; ``source`` names the array or the column."""

    kind: str
    source: str | None = None
    value: float = math.nan


def read_role(name: str, word: object) -> Role:
    """The role that a word, or a number, says. Raises ``UsageError``."""
    kind, colon, source = (part.strip() for part in str(word).partition(":"))
    if kind in FROM_DATA and (source or not colon):
        return Role(kind, source or None)
    if kind == "parameter" and not colon:
        return Role(kind)
    try:
        value = float(kind)
    except ValueError:
        value = math.nan
    if colon or not math.isfinite(value):
        raise UsageError(f"'{word}' is no role of '{name}'", hint=HOW)
    return Role("hyperparameter", None, value)


def roles_of(given: Mapping[str, object], symbols: Mapping[str, Expr], labels: Collection[str]) -> dict[str, Role]:
    """The role of each symbol: an array of which nothing is said is a parameter. Raises ``UsageError`` for other answers."""
    said: dict[str, Role] = {}
    for name, word in given.items():
        known = as_known(greek_to_ascii(name), symbols)
        if known not in symbols:
            near = next((s for s in symbols if s.lower() == name.partition("_")[0].lower()), None)  # x_i is a row of X
            hint = f"--roles {near}={word}" if near is not None else HOW
            raise UsageError(f"roles: '{name}' does not stand in the expression: it has {', '.join(symbols)}", hint=hint)
        if known in said:
            raise UsageError(f"roles: '{name}' is given twice", hint="give each name one role")
        said[known] = read_role(name, word)
    for name, symbol in symbols.items():
        if name not in said:
            said[name] = _unsaid(name, symbol, labels)
        require_role(name, symbol, said[name], labels)
    kinds = {role.kind for role in said.values()}
    if kinds.isdisjoint(FROM_DATA):
        raise UsageError(f"no name is said to be data: the expression has {', '.join(symbols)}", hint=HOW)
    if "parameter" not in kinds:
        raise UsageError("nothing is left to be trained: every name has another role", hint="W=parameter, or leave its role out")
    return {name: said[name] for name in symbols}


def _unsaid(name: str, symbol: Expr, labels: Collection[str]) -> Role:
    if name in labels:
        raise UsageError(f"the role of '{name}' is not said: it holds integers", hint=f"--roles {name}=labels, or {name}=data")
    if symbol.kind == "s":
        raise UsageError(f"the role of the number '{name}' is not said", hint=f"--roles {name}=0.001, or {name}=parameter")
    return Role("parameter")


def require_role(name: str, symbol: Expr, role: Role, labels: Collection[str]) -> None:
    """Raises ``UsageError`` for a role that such a symbol cannot have."""
    if role.kind == "hyperparameter" and symbol.kind != "s":
        raise UsageError(f"'{name}' is an array, and its role a number", hint=f"--roles {name}=data, or {name}=parameter")
    if name in labels and role.kind not in ("labels", "data"):
        raise UsageError(
            f"'{name}' holds integers that select: it cannot be {role.kind}", hint=f"--roles {name}=labels, or {name}=data"
        )


def added_only(name: str, roots: Iterable[Expr]) -> bool:
    """Whether a parameter stands only as a term of sums, spread over rows or columns: a bias."""
    parents: dict[Expr, list[Expr]] = {}
    for node in postorder(roots):
        for argument in node.args:
            parents.setdefault(argument, []).append(node)
    open_ends = [node for node in parents if node.op == "sym" and node.attr == name]
    while open_ends:
        node = open_ends.pop()
        for parent in parents.get(node, ()):
            if parent.op in SPREAD or (parent.op == "matmul" and any(map(_is_ones, parent.args))):
                open_ends.append(parent)
            elif parent.op not in SUMS:
                return False
    return True


def _is_ones(node: Expr) -> bool:
    return node.op == "ones" or (node.op == "T" and node.args[0].op == "ones")
