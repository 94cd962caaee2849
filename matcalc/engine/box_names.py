"""The names that results are written with: those that pay, where the lines that say what they name count, once for all results.

Names of the input stay. One that the derivation gave a value stays where the results are shorter by it, and so do the names of
derivatives, δ, where results are long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from matcalc.engine.derivation import Formula, Result, Trace, is_long, printed_length
from matcalc.expr.nodes import Expr, below, postorder, written_size
from matcalc.notation.write.render import Naming

SHORT = 40  # characters of a result that needs no name of a derivative
TELLING = ("definition", "chain", "block", "shape")  # kinds of lines that say what a name stands for
SIGNS = 2  # characters: brackets and a sign that a name spares, or costs: X⁻ᵀ for Hᵀ
MANY = 12  # names, of results in which each is weighed


def is_longer(f: Formula) -> bool:
    """Than what needs no name of a derivative."""
    return is_long(f) or printed_length(f)[0] > SHORT


def is_shorter(line: Formula, result: Formula) -> bool:
    """Whether a result, among some that are told by names of derivatives, is told so too."""
    unnamed = any(e.op == "partial" and e not in line.names for e in below((line.expr,)))
    return line.type == result.type and (is_longer(result) or (not unnamed and printed_length(line) < printed_length(result)))


def pays(results: Sequence[tuple[Formula, Formula]], trace: Trace) -> bool:
    """Whether the results with names of derivatives (the second of each pair), and what these names stand for, are shorter in
    print than the results without them."""
    if any(is_long(without) for without, _ in results):
        return True
    apart = [(without, line) for without, line in results if is_shorter(line, without)]
    if not any(is_longer(without) for without, _ in apart):
        return False
    names = {e: name for without, _ in apart for e, name in without.names.items()}
    with_lines = _with_lines([line for _, line in apart], trace)
    return with_lines is not None and with_lines <= _with_definitions([without for without, _ in apart], names)


def _with_lines(formulas: Sequence[Formula], trace: Trace) -> int | None:
    """Characters of the formulas, and of what the values and derivatives in them are; None where there is none, or one of the
    derivatives has no name: ∂s/∂a in a result answers nothing."""
    lines = {s.lhs.expr: s for s in trace.steps if s.kind in TELLING}
    found: dict[Expr, int] = {}
    todo = list(formulas)
    for f in todo:  # which grows meanwhile
        for node in below((f.expr,)):
            if node.op == "partial" and node not in f.names:
                return None
            if node in lines and node not in found and lines[node].rhs.expr is not node:
                name, body = lines[node].lhs, lines[node].rhs
                found[node] = printed_length(name)[0] + printed_length(body)[0] + len("=")
                todo.append(body)
    return sum(found.values()) + sum(printed_length(f)[0] for f in formulas) if formulas else None


def weighed(results: Sequence[Result], given: Collection[str]) -> tuple[Result, ...]:
    """The results without names that make them no shorter: cos(xᵀ y) x for cos(t) x with t = xᵀ y.

    An unspecified function keeps the name of its argument: f′(z) says where the slope is taken."""
    formulas = [r.named for r in results]
    names = every = Naming({e: name for f in formulas for e, name in f.names.items()})
    slopes = (e for e in postorder(tuple([f.expr for f in formulas])) if e.op == "fn")
    given = {*given, *(names[a] for e in slopes for a in e.args if a in names)}
    if len(names) > MANY or any(map(is_long, formulas)):
        return tuple(results)
    open_to = [e for e in sorted(names, key=written_size, reverse=True) if names[e] not in given]
    if not open_to:
        return tuple(results)
    uses = _uses(formulas, names)
    whole = all(f.entries is None for f in formulas)  # an entry of z is shorter than (W x)_2 + b_2, however seldom it stands there
    for e in open_to:
        times, fewer = uses[e], Naming({other: name for other, name in names.items() if other is not e})
        spared = (times - 1) * printed_length(Formula(e, fewer))[0]  # one stands in the line that says what it names
        if times > 1 and spared > len(names[e]) * (times + 1) + SIGNS * times:
            continue
        if (times < 2 and whole) or _with_definitions(formulas, fewer) <= _with_definitions(formulas, names):
            names = fewer
            uses = _uses(formulas, names) if times > 1 else uses
    if names is every:
        return tuple(results)
    return tuple([r._replace(named=r.named._replace(names=_only(names, r.named.names))) for r in results])


def _only(names: Naming, of: Mapping[Expr, str]) -> Mapping[Expr, str]:
    """Those of the names that are among others."""
    return names if names.keys() <= of.keys() else Naming({e: name for e, name in of.items() if e in names})


def _uses(formulas: Sequence[Formula], names: Mapping[Expr, str]) -> Counter[Expr]:
    """How often each name stands in print, in the formulas and in what the names in them stand for."""
    found: Counter[Expr] = Counter()
    roots = [f.expr for f in formulas]
    for i, root in enumerate(roots):  # which grows meanwhile
        ways = Counter((root,))
        for node in reversed(postorder((root,))):
            if node in names and (node is not root or i < len(formulas)):
                if ways[node] and node not in found:
                    roots.append(node)
                found[node] += ways[node]
            else:
                for a in node.args:
                    ways[a] += ways[node]
    return found


def _with_definitions(formulas: Sequence[Formula], names: Mapping[Expr, str]) -> int:
    """Characters of the formulas, written with names, and of what these stand for."""
    length = 0
    said: set[Expr] = set()
    todo: list[tuple[Formula, Expr | None]] = [(f._replace(names=names), None) for f in formulas]
    for formula, own in todo:  # which grows meanwhile
        length += printed_length(formula)[0]
        stack = [formula.expr]
        seen: set[Expr] = set()
        for node in stack:  # which grows meanwhile
            if node is own or node not in names:
                stack += [a for a in node.args if a not in seen]
                seen.update(node.args)
            elif node not in said:
                said.add(node)
                length += len(f"{names[node]}=")
                todo.append((Formula(node, {e: name for e, name in names.items() if e is not node}), node))
    return length
