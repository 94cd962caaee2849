"""What a replay knows so far: the definitions, and what each line on record says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.rule import Book
from matcalc.check.replay.judging import Judge
from matcalc.check.replay.outcome import DoesNotFollow
from matcalc.check.replay.rowcalc import Rows, differential_symbol
from matcalc.engine.derivation import Result, Step
from matcalc.expr.nodes import Expr, depends, make, postorder, substitute, sym, variable_type
from matcalc.expr.table import Type
from matcalc.notation.meaning.problem import Problem


class Record:
    """The memory of one replay. Lines are added as they are walked, true or not: those after them say what follows from them."""

    def __init__(
        self,
        problem: Problem,
        waypoints: tuple[tuple[str, Expr], ...],
        results: tuple[Result, ...],
        book: Book,
        assume: Mapping[str, frozenset[str]],
        functions: Mapping[str, object],
    ) -> None:
        self.problem = problem
        self.waypoints = waypoints
        self.rows = Rows(book)
        self.denominator = any(r.layout == "denominator" for r in results)
        asked = {name for r in results for name in r.wrt.split(", ")}
        self.wrt = [self.variable(name) for r in results for name in r.wrt.split(", ")]
        self.assume = assume
        self.fixed = {n: p for n, p in assume.items() if n not in asked}  # what is declared of a variable holds after the last line
        self.normal = Normalizer(self.fixed).normal
        self.judge = Judge(problem, waypoints, assume, functions)
        self.rewritten: dict[Expr, Expr] = {}  # part of the input -> how it is written instead
        self.idle: set[Expr] = set()  # rewritten parts that no definition holds yet
        self.bodies: dict[Expr, Expr] = {}  # named value -> what it is defined as, in order
        self.originals: dict[Expr, Expr] = {}  # named value -> the same without names
        self.recorded: dict[Expr, Expr] = {}  # derivative symbol -> its line, as it stands
        self.values: dict[Expr, Expr] = {}  # derivative symbol -> the same without names
        self.unused: dict[Expr, Step] = {}  # local lines that no chain line has referred to yet
        self.latest: dict[Expr, Step] = {}  # left side -> its last line
        self.called: dict[str, Expr] = {}  # name in print -> what it stands for
        self.users: dict[Expr, list[Expr]] = {}  # what moves -> the named values that it enters
        self.moving: set[Expr] = set()
        self.functions: dict[tuple[str, int], tuple[Expr, Expr]] = {}  # f of the input and its derivatives: head and body
        self._named: set[tuple[Expr, str]] = set()
        self._slopes: dict[Expr, tuple[dict[Expr, Expr], set[str]]] = {}

    @property
    def out(self) -> Expr:
        """The named value that is differentiated."""
        if not self.bodies:
            raise DoesNotFollow("nothing is defined")
        return list(self.bodies)[-1]

    def variable(self, name: str) -> Expr:
        known = self.problem.symbols.get(name)
        return known if known is not None else sym(name, variable_type(tuple(self.problem.dims[name])))

    # -- definitions ---------------------------------------------------------------------

    def define(self, p: Expr, body: Expr) -> None:
        self.bodies[p] = body
        self.originals[p] = self.unnamed(body)

    def close(self) -> None:
        """Which named values each thing that moves enters: from here on lines are derivatives."""
        moving = set(self.wrt)
        for p, body in self.bodies.items():
            if depends(body, moving):
                moving.add(p)
        self.moving = moving
        self.users = {self.out: []}
        reached = {self.out}  # what the output is made of
        for p, body in reversed(self.bodies.items()):
            reached.update(postorder((body,)) if p in reached else ())
        for p, body in self.bodies.items():
            for q in postorder((body,)):
                if {p, q} <= moving and p in reached and q is not p:
                    self.users.setdefault(q, []).append(p)

    def unnamed(self, e: Expr, more: Mapping[Expr, Expr] | None = None) -> Expr:
        return substitute((e,), {**self.originals, **(more or {})})[0]

    def valued(self, e: Expr) -> Expr:
        """Without names, and with derivatives as the lines so far give them."""
        return self.unnamed(e, self.values)

    # -- derivatives ---------------------------------------------------------------------

    def partial(self, q: Expr) -> Expr:
        """∂s/∂q: a row for a column q, else in the shape of q; rows for the entries of a column that is differentiated."""
        if self.out.type[0] == "c":
            rows = self.out.type.rows
            return make("partial", (self.out, q), None, Type("m", rows, q.type.rows) if q.type[0] == "c" else Type("c", rows, 1))
        return make("partial", (self.out, q), None, Type("r", 1, q.type[1]) if q.type[0] == "c" else q.type)

    def turned(self, q: Expr) -> Expr:
        """The symbol for ∂s/∂q the other way round than :meth:`partial` has it."""
        if q.type[0] == "c":
            return make("partial", (self.out, q), "denominator" if self.denominator else "shape", q.type)
        return make("partial", (self.out, q), "numerator", q.type._replace(rows=q.type.cols, cols=q.type.rows))

    def differential(self, p: Expr) -> tuple[dict[Expr, Expr], set[str]]:
        """The differentials of all nodes in the body of p; and the rules that gave them."""
        if p not in self._slopes:
            used: set[str] = set()
            inside = {q for q in postorder((self.bodies[p],)) if q in self.moving and q is not p}
            self._slopes[p] = self.rows.differentiate(self.bodies[p], inside, used), used
        return self._slopes[p]

    def differentials(self, moving: Iterable[Expr], used: set[str]) -> dict[Expr, Expr]:
        """The differential of each named value along the variables that move, without names; 0 is left out."""
        variables = set(moving)
        whole = self.rows.differentiate(self.originals[self.out], variables, used)
        found = {x: differential_symbol(x) for x in variables}
        for p, e in self.originals.items():
            if depends(e, variables):
                found[p] = whole[e] if e in whole else self.rows.differentiate(e, variables, used)[e]
        return found

    def record(self, line: Expr, rhs: Expr) -> None:
        self.recorded[line] = rhs
        self.values[line] = self.valued(rhs)

    # -- demands ----------------------------------------------------------------------------

    def require_rules(self, step: Step, used: Iterable[str], sourced: bool = True) -> None:
        """The rules that a line names were used in it, and its source is theirs (lines by entries cite that of the next line)."""
        for name in (step.rule, *step.rules):
            if name not in self.rows.names:
                raise DoesNotFollow(f"there is no rule '{name}'")
            if name not in used:
                raise DoesNotFollow(f"the rule '{name}' plays no part")
        if sourced and step.source != self.rows.book.source(self.rows.names[step.rule]):
            raise DoesNotFollow(f"the source of '{step.rule}' is another")

    def require_names(self, step: Step) -> None:
        """One name for one thing in all lines, and none of a variable."""
        for formula in (step.lhs, step.rhs, *step.members):
            for node, name in formula.names.items():
                if (node, name) in self._named:
                    continue
                self._named.add((node, name))
                owner = self.problem.symbols.get(name, node)
                if owner is not node or not self._is_one(self.called.setdefault(name, node), node):
                    raise DoesNotFollow(f"'{name}' stands for two things")

    def _is_one(self, a: Expr, b: Expr) -> bool:
        """Whether a name may stand for both: one is the other, or what that is defined as."""
        return a is b or self.normal(self.valued(a)) is self.normal(self.valued(b))

    def require_same(
        self,
        rebuilt: Expr,
        rhs: Expr,
        complaint: str,
        more: Mapping[Expr, Expr] | None = None,
        assume: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        """What was rebuilt is what stands there: as written, or with all that is named written out. ``more`` are further
        names, ``assume`` what may be used beside what is declared of what does not move."""
        if self.normal(rebuilt) is self.normal(rhs):
            return
        known = {**self.values, **(more or {})}
        known_by = {**self.fixed, **(assume or {})}
        self.judge.require_same(self.unnamed(rebuilt, known), self.unnamed(rhs, known), f"the right side {complaint}", known_by)
