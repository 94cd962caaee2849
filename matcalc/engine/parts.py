"""Named parts: what long formulas of a derivation share gets a name, so that its size is linear in the shared graph.

A formula of ordinary length is left as it is. In longer ones each shared part, and each long operand of a product or
function, becomes a definition of the derivation: a line ``P₁ = …`` before the first line that mentions it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matcalc.engine.derivation import LONG, Formula, Result, Step, Trace, is_long
from matcalc.expr import dims
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import NAMED, Expr, postorder, reached, shape_of

SHORT = 6  # nodes of a shared part that is repeated
OPERAND = 120  # nodes of an operand that is still written in its place
LETTERS = {"s": "c", "c": "p", "r": "p", "m": "P", "t": "T"}
INPUT = frozenset(("definition", "rewrite"))  # lines that say what the user wrote: named where shared only
Names = Mapping[Expr, str]


def with_parts(trace: Trace) -> Trace:
    """The trace with its long formulas shown by named parts."""
    results = _by_lines(trace)
    formulas = [f for step in trace.steps for f in (step.rhs, step.via) if f is not None]
    formulas += [r.named for r in results if r.line is None]
    long = [] if _short(formulas) else [f for f in formulas if is_long(f)]
    if not long:
        return trace._replace(results=results)
    inputs = {s.rhs.expr for s in trace.steps if s.kind in INPUT}
    parts = _Parts(trace, long, inputs)
    return parts.told(results) if parts.chosen else trace._replace(results=results)


def _short(formulas: list[Formula]) -> bool:
    """Whether no formula is long because all of them together are not: most derivations are done with that."""
    written = [f.expr for f in formulas]
    for node in written:  # which grows meanwhile
        if node.args:
            written += node.args
            if len(written) > LONG:
                return False
    return True


def _by_lines(trace: Trace) -> tuple[Result, ...]:
    """Each result with the line that gives it by the names of derivatives, if one does."""
    lines = {str(s.node.attr): s for s in trace.steps if s.node is not None and s.kind in ("shape", "block", "chain", "result")}

    def with_line(r: Result) -> Result:
        s = lines.get(r.wrt)
        same = s is None or s.rhs is r.named or s.rhs.expr is r.expr or s.rhs.type != r.expr.type
        return r if s is None or same else r._replace(line=s.rhs)

    return tuple(map(with_line, trace.results))


class _Parts:
    """Which nodes get a name, and the lines that say what they are."""

    def __init__(self, trace: Trace, long: list[Formula], inputs: set[Expr]) -> None:
        self.trace = trace
        self.roots = {f.expr for f in long}
        self.named: dict[Expr, str] = {}  # by the lines and the input
        for f in long:
            self.named.update(f.names)
        self.chosen: dict[Expr, str] = {}  # in the order of their lines
        self._choose([f.expr for f in long if f.expr in inputs], operands=False)
        self._choose([f.expr for f in long if f.expr not in inputs], operands=True)
        self.inside = {node: self._mentioned(node) for node in (*self.chosen, *self.roots)} if self.chosen else {}
        self.merged: dict[int, Names] = {}
        self.shown: dict[int, Formula] = {}  # by identity: a line that ends in a result is that result's

    # -- which -----------------------------------------------------------------------------

    def _choose(self, roots: list[Expr], operands: bool) -> None:
        inside = self._below(roots)
        uses = dict.fromkeys(inside, 0)
        for args in inside.values():
            for a in args:
                uses[a] += 1
        size: dict[Expr, int] = {}
        for node, args in inside.items():
            if operands and node.op not in SUMS:
                for a in args:
                    if size[a] > OPERAND:
                        self._pick(a)
            total = 1
            for a in args:
                total += 1 if a in self.chosen else size[a]
            size[node] = total
            if total >= SHORT and uses[node] > 1:
                self._pick(node)

    def _pick(self, node: Expr) -> None:
        turned = node.op == "T" and node.args[0] in self.chosen
        if node not in self.named and node not in self.roots and not turned:
            self.chosen[node] = ""

    def _below(self, roots: Iterable[Expr]) -> dict[Expr, tuple[Expr, ...]]:
        """All nodes below ``roots`` with their arguments, these first; what has a name has none."""
        found: dict[Expr, tuple[Expr, ...]] = {}
        stack: list[Expr | None] = list(roots)
        stack.reverse()
        seen: set[Expr] = set()
        while stack:
            node = stack.pop()
            if node is None:  # what stands below is complete
                node = stack.pop()
                found[node] = node.args  # type: ignore[index, union-attr]
            elif node not in seen:
                seen.add(node)
                if not node.args or (node in self.named and node not in self.roots):
                    found[node] = ()
                else:
                    stack += [node, None, *node.args[::-1]]
        return found

    def _mentioned(self, node: Expr) -> list[Expr]:
        """What stands by name in the formula of ``node``, from left to right."""
        return [e for e in reached(node.args[::-1], lambda e: () if self._by_name(e) else e.args[::-1]) if self._by_name(e)]

    def _by_name(self, e: Expr) -> bool:
        return e in self.chosen or (e in self.named and e not in self.roots)

    # -- what is told ----------------------------------------------------------------------

    def told(self, results: tuple[Result, ...]) -> Trace:
        last = [r.named.expr for r in results if r.line is None]
        before = [self._new([f.expr for f in (step.via, step.rhs) if f is not None]) for step in self.trace.steps]
        rest = self._new(last)
        self._name([e for nodes in (*before, rest) for e in nodes])
        steps: list[Step] = []
        for step, nodes in zip(self.trace.steps, before, strict=True):
            steps += [self._line(e, step.through) for e in nodes]
            via = None if step.via is None else self._shown(step.via)
            steps.append(step._replace(rhs=self._shown(step.rhs), via=via))
        steps += [self._line(e, ()) for e in rest]
        told = [r if r.line else r._replace(named=self._shown(r.named), names={**r.names, **self.chosen}) for r in results]
        return self.trace._replace(steps=tuple(steps), results=tuple(told))

    def _new(self, formulas: list[Expr]) -> list[Expr]:
        """The parts that long formulas need and that have no line yet, each after what it needs itself."""
        found: list[Expr] = []
        stack = [a for e in formulas if e in self.roots for a in self.inside[e] if a in self.chosen][::-1]
        while stack:
            node = stack[-1]
            todo = [a for a in self.inside[node] if a in self.chosen and not self.chosen[a]]
            if todo and not self.chosen[node]:
                stack.extend(todo[::-1])
                continue
            stack.pop()
            if not self.chosen[node]:
                self.chosen[node] = "?"
                found.append(node)
        return found

    def _name(self, order: list[Expr]) -> None:
        taken = _taken(self.trace)
        count = dict.fromkeys(LETTERS.values(), 0)
        self.chosen = dict.fromkeys(order, "")
        for node in order:
            letter = LETTERS[node.type[0]]
            while not self.chosen[node] or self.chosen[node] in taken:
                count[letter] += 1
                self.chosen[node] = f"{letter}{count[letter]}"

    def _line(self, node: Expr, through: tuple[Expr, ...]) -> Step:
        names = {e: self.chosen.get(e) or self.named[e] for e in self.inside[node]}
        name = Formula(node, {node: self.chosen[node]})
        return Step("part", "definition", "given", name, Formula(node, names), through=through)

    def _shown(self, f: Formula) -> Formula:
        """The formula, by names of parts where it is a long one."""
        if f.expr not in self.roots:
            return f
        names = self.merged.get(id(f.names))
        if names is None:
            names = self.merged[id(f.names)] = {**f.names, **self.chosen}
        return self.shown.setdefault(id(f), f._replace(names=names))


def _taken(trace: Trace) -> set[str]:
    """Names that the derivation has already: of variables, values, derivatives and sizes."""
    taken: set[str] = {name for name, _ in trace.waypoints}
    for step in trace.steps:
        taken.update(step.lhs.names.values())
        taken.update(step.rhs.names.values())
    roots = [e for s in trace.steps for e in (s.lhs.expr, s.rhs.expr)] + [e for _, e in trace.waypoints]
    nodes = postorder(roots + [r.expr for r in trace.results])
    taken.update([str(node.attr if node.op == "sym" else node.attr[0]) for node in nodes if node.op in NAMED])
    sizes = {d for t in {node.type for node in nodes} for d in shape_of(t)}
    return taken | {str(a) for d in sizes for a in dims.atoms(d)}


__all__ = ["with_parts"]
