"""One step of a recurrence: in ``h_t = tanh(W h_{t-1} + U x_t)`` the t of every token is a label, no index.

Steps of one sequence depend on each other, so no array holds them all at once; one step is an equation between
objects that are called h_t, h_{t-1} and x_t.
"""

from __future__ import annotations

import re

from matcalc.notation.lex.syntax import Ast, Statement
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.meaning.user_functions import walk


def steps(scope: Scope, statements: list[Statement]) -> list[Statement]:
    """The statements, with labels instead of the letters over which a sequence runs."""
    letters = {s.letters[0]: s for s in statements if len(s.letters) == 1 and not s.others and _recurs(scope, s)}
    if not letters:
        return statements
    for t, s in letters.items():
        before = next(n for n in walk(s.body) if _earlier(n, str(s.name), t))
        scope.warnings.append(f"'{s.name}_{t}' is one step of a recurrence: {_token(before)} is taken as given, and {t} as a label")
    return [_labelled(s, frozenset(letters)) for s in statements]


def _earlier(node: Ast, name: str, t: str) -> bool:
    """Whether the node is ``h_{t-1}``, by its parts or as a declared name."""
    if node.kind == "name":
        return re.fullmatch(rf"{re.escape(name)}_\{{{re.escape(t)}[+-]\d+\}}", str(node.value)) is not None
    if node.kind != "index" or len(node.args) != 2 or node.args[0].kind != "name" or node.args[0].value != name:
        return False
    return node.args[1].kind == "sum" and _over(node.args[1], frozenset({t}))


def _over(subscript: Ast, letters: frozenset[str]) -> bool:
    """Whether the subscript is ``t``, ``t-1`` or ``t+1``."""
    parts = subscript.args if subscript.kind == "sum" else (subscript,)
    return parts[0].kind == "name" and parts[0].value in letters and all(a.kind == "num" for a in parts[1:])


def _recurs(scope: Scope, s: Statement) -> bool:
    name = s.name or ""
    if name in scope.declared or any(name == array for array, _ in scope.slices.values()):
        return False
    return any(_earlier(n, name, s.letters[0]) for n in walk(s.body))


def _token(node: Ast) -> str:
    if node.kind == "name":
        return str(node.value)
    base, label = node.args
    if label.kind == "name":
        return f"{base.value}_{label.value}"
    signs = zip(label.value, label.args, strict=True)
    return f"{base.value}_{{{''.join(f'{sign}{part.value}' for sign, part in signs).removeprefix('+')}}}"


def _labelled(s: Statement, letters: frozenset[str]) -> Statement:
    s = s._replace(body=_names(s.body, letters), others=tuple([_names(o, letters) for o in s.others]))
    if len(s.letters) == 1 and s.letters[0] in letters:
        return s._replace(name=f"{s.name}_{s.letters[0]}", letters=())
    return s


def _names(node: Ast, letters: frozenset[str]) -> Ast:
    if node.kind == "index" and len(node.args) == 2 and node.args[0].kind == "name" and _over(node.args[1], letters):
        return Ast("name", node.start, node.end, (), _token(node))
    if not node.args:
        return node
    return node._replace(args=tuple([_names(a, letters) if isinstance(a, Ast) else a for a in node.args]))
