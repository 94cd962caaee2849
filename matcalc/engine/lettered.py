"""Letters for the indices of a told derivation that are no names of sizes or variables, names as the input spells them, and
quotes for names that look like something else of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from matcalc.engine.derivation import MEANT, Equation, Formula, Front, Result, Step, Trace
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import Expr, postorder
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write import signs
from matcalc.notation.write.indexed import Lettering, lettering
from matcalc.notation.write.spelled import spellings


def lettered(trace: Trace, problem: Problem) -> Trace:
    """The trace whose formulas know how indices are called, how names are spelled, and which need quotes."""
    lines = {id(step): _formulas(step) for step in (*trace.steps, *trace.boxes)}
    shown = [f for formulas in lines.values() for f in formulas] + [r.named for r in trace.results]
    nodes = postorder(tuple({f.expr: None for f in shown}))
    used = {c for node in nodes if node.op == "einsum" for c in str(node.attr)}
    used |= {c for f in shown for label in f.entries or () if not label.startswith(MEANT) for c in label}
    used = {c for c in used if c.isalpha()}
    sizes = {a for d in {d for shape in problem.shapes for d in shape} for a in re.findall(r"[^\W\d]\w*", str(d))}
    names = (*problem.symbols, *problem.functions, *problem.carried, *problem.scalars, *(name for name, _ in trace.waypoints))
    given = {id(f.names): f.names for f in shown}.values()
    inner = [str(node.attr) for node in nodes if node.op == "sym"] + [name for named in given for name in named.values()]
    spelled = spellings(problem)
    letters = lettering({*sizes, *names}, used)
    alike = signs.quoted((*names, *inner), nodes, sizes, {letters.instead.get(c, c) for c in used}, spelled)
    if not used and not alike and not spelled:
        return trace
    found = letters._replace(quoted=alike, spelled=spelled)
    for part in [r.part for r in trace.results if r.part and r.part.member]:  # it is called as in the text, with that letter
        for letter in set(part.letters) & set(found.instead):
            raise UsageError(f"'{part.label}': '{letter}' is the name of something else, and cannot be an index too",
                             hint=f"take another letter, or a number, or differentiate by {part.array}")  # fmt: skip
    return _Letterer(found, nodes, lines).trace(trace)


def _formulas(step: Step) -> tuple[Formula, ...]:
    """All that the line and its remark show."""
    said = [f for a in (*step.about, *step.of) for f in ((a.lhs, a.rhs) if isinstance(a, Equation) else (a,))]
    return step.chain + tuple(said)


class _Letterer:
    """Puts the letters and quotes where they are needed."""

    def __init__(self, found: Lettering, nodes: list[Expr], lines: Mapping[int, tuple[Formula, ...]]) -> None:
        self.found = found
        self.lines = lines  # what each line shows
        self.renamed = bool(found.quoted or found.spelled)
        self.indexed: set[Expr] = set()  # nodes that are or hold an einsum
        for node in nodes:
            if node.op == "einsum" or not self.indexed.isdisjoint(node.args):
                self.indexed.add(node)

    def trace(self, trace: Trace) -> Trace:
        put = self._put
        results = tuple(map(self.result, trace.results))
        front = trace.front and Front(
            put(trace.front.output),
            put(trace.front.expression),
            tuple(map(self.put, trace.front.variables)),
            tuple(map(self.put, trace.front.given)),
            tuple([(head._replace(lettering=self.found), put(formula), of) for head, formula, of in trace.front.meanings]),
            tuple([(put(value), put(slope)) for value, slope in trace.front.carried]),
        )
        steps, boxes = (tuple(map(self.line, lines)) for lines in (trace.steps, trace.boxes))
        return trace._replace(steps=steps, boxes=boxes, results=results, front=front)

    def result(self, r: Result) -> Result:
        named, line = self.put(r.named), self.put(r.line) if r.line else None
        return r if named is r.named and line is r.line else r._replace(named=named, line=line)

    def line(self, step: Step) -> Step:
        if not self.renamed:
            for f in self.lines[id(step)]:
                if f.entries is not None or f.expr in self.indexed:
                    break
            else:
                return step
        put = self.put
        return step._replace(
            lhs=put(step.lhs),
            rhs=put(step.rhs),
            via=put(step.via) if step.via else None,
            about=tuple(map(self.about, step.about)),
            members=tuple(map(put, step.members)),
            of=tuple(map(self.about, step.of)),
        )

    def put(self, f: Formula) -> Formula:
        return f if self.reads_the_same(f) else self._put(f)

    def about(self, f: Formula | Equation) -> Formula | Equation:
        return Equation(self.put(f.lhs), self.put(f.rhs)) if isinstance(f, Equation) else self.put(f)

    def _put(self, f: Formula) -> Formula:
        return f._replace(lettering=self.found, shown=None if self._hidden(f) else f.shown)

    def reads_the_same(self, f: Formula) -> bool:
        """With the letters as without: it has no indices, and no name is printed otherwise than by itself."""
        return f.entries is None and f.expr not in self.indexed and not self.renamed

    def _hidden(self, f: Formula) -> bool:
        """Whether the text of the input has a name that needs quotes."""
        quoted = self.found.quoted
        return bool(quoted and f.shown) and any(node.op == "sym" and node.attr in quoted for node in postorder((f.expr,)))


__all__ = ["lettered"]
