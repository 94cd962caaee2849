"""Letters that only tell names apart: the Q of ``W^Q``, the r of ``W_r`` beside a value r."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from matcalc.notation.kinds.letter_habits import usual_kind
from matcalc.notation.lex.macros import LABEL_INDEX
from matcalc.notation.lex.syntax import Ast, Statement


def settled(statements: list[Statement], declared: Collection[str]) -> list[Statement]:
    """The statements with such names in one piece: ``pow(W, Q)`` is the name W^Q where Q stands nowhere else than above a name."""
    bodies = [b for s in statements for b in (s.body, *s.others)]
    if not any(map(_has_letters, bodies)):
        return statements
    defined = {s.name for s in statements}
    bound = {n for b in bodies for node in _nodes(b) if node.kind == "bigop" for n in node.value[1].names}
    bound.update(n for s in statements for n in s.letters)
    raised = Counter(node.args[1].value for b in bodies for node in _nodes(b) if node.kind == "pow" and _letters(node))
    whole = Counter(node.value for b in bodies for node in _whole(b))

    def of(node: Ast) -> Ast:
        letters = _letters(node)
        if letters and node.args[0].value not in declared and not any(n in declared or n in bound for n in letters):
            base, label = node.args[0], "".join(letters)
            above = node.kind == "pow" and usual_kind(label) == "m" and raised[label] == whole[label]
            below = node.kind == "index" and not whole[base.value] and base.value not in defined
            below = below and all(n in defined or n not in LABEL_INDEX for n in letters)
            if above or below:
                return Ast("name", base.start, node.end, (), f"{base.value}{'^' if above else '_'}{label}", base.mark)
        args = tuple([of(a) if isinstance(a, Ast) and a.args else a for a in node.args])
        return node if args == node.args else node._replace(args=args)

    return [s._replace(body=of(s.body), others=tuple([of(o) for o in s.others])) for s in statements]


def _has_letters(root: Ast) -> bool:
    stack = [root]
    for node in stack:  # which grows meanwhile
        if node.kind in ("pow", "index") and _letters(node):
            return True
        stack += [a for a in node.args if a.__class__ is Ast and a.args]
    return False


def _letters(node: Ast) -> tuple[str, ...]:
    """The names above or below a name."""
    if node.kind not in ("pow", "index") or node.value not in ("^", None) or node.args[0].kind != "name":
        return ()
    names = tuple([a.value for a in node.args[1:] if a.kind == "name" and a.value not in (":", "*")])
    return names if len(names) == len(node.args) - 1 else ()


def _nodes(root: Ast) -> Iterator[Ast]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(a for a in node.args if isinstance(a, Ast))


def _whole(root: Ast) -> Iterator[Ast]:
    """Names, those below an index left out."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.kind == "name":
            yield node
        parts = node.args[1:] if node.kind == "index" and node.args[0].kind == "name" else node.args
        stack.extend(a for a in parts if isinstance(a, Ast))


__all__ = ["settled"]
