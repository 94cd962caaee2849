"""The replayer: rebuilds every line and every result of a gradient from the definitions and the rule rows.

It shares no code with the engine: it differentiates by :mod:`matcalc.check.rowcalc`. What comes out must have the
very normal form of the line on record, each line must be used, and the lines must give the results.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcalc.algebra.index.lifting import matrix_form
from matcalc.algebra.match import instantiate, matches, stand_in
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.rule import Book, Rule
from matcalc.check.rowcalc import Rows, Stuck, absorbed, differential_symbol, sum_terms
from matcalc.engine.derivation import Formula, Result, Step, Trace, settled_by
from matcalc.expr import nodes
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import Expr, depends, make, num, postorder, size_text, substitute, sym, transpose, type_of
from matcalc.expr.table import Type
from matcalc.notation.meaning.problem import Problem

INDICES = "sum-over-indices"
FORWARD = ("rewrite", "definition")


class ReplayError(CheckError):
    """A line of a derivation is missing, altered, or does not follow from the lines before it."""


def replay(problem: Problem, trace: Trace, book: Book, assume: Mapping[str, frozenset[str]] | None = None) -> dict[str, Expr]:
    """Every result rebuilt from the steps, by variable. Raises ``ReplayError`` naming the line that fails."""
    return Replay(problem, trace, book, assume or {}).run()


class Replay:
    """The state of one replay: definitions, and what each line on record says."""

    def __init__(self, problem: Problem, trace: Trace, book: Book, assume: Mapping[str, frozenset[str]]) -> None:
        self.problem = problem
        self.trace = trace
        self.rows = Rows(book)
        self.wrt = [self.variable(r.wrt) for r in trace.results]
        fixed = {n: p for n, p in assume.items() if n not in {r.wrt for r in trace.results}}
        self.n = Normalizer(fixed)
        self.again = Normalizer(fixed)  # without the memory of how a form came about
        self.last = Normalizer(assume)
        self.assume = assume
        self.expanded = Normalizer(fixed, expand=True), Normalizer(assume, expand=True)
        self.rewritten: dict[Expr, Expr] = {}  # part of the input -> how it is written instead
        self.idle: set[Expr] = set()
        self.bodies: dict[Expr, Expr] = {}  # named value -> what it is defined as, in order
        self.originals: dict[Expr, Expr] = {}  # named value -> the same without names
        self.recorded: dict[Expr, Expr] = {}  # derivative symbol -> its line, as it stands
        self.values: dict[Expr, Expr] = {}  # derivative symbol -> the same without names
        self.unused: dict[Expr, Step] = {}  # local lines that no chain line has referred to yet
        self.called: dict[str, Expr] = {}  # name in print -> what it stands for
        self.users: dict[Expr, list[Expr]] = {}  # what moves -> the named values that it enters
        self.rebuilt: dict[Expr, Expr] = {}  # derivative symbol -> what its line was rebuilt as
        self.slopes: dict[Expr, tuple[dict[Expr, Expr], set[str]]] = {}

    def variable(self, name: str) -> Expr:
        known = self.problem.symbols.get(name)
        if known is None and name not in self.problem.dims:
            raise ReplayError(f"there is a result for '{name}', which the input does not have")
        return known if known is not None else sym(name, type_of(tuple(self.problem.dims[name])))

    def run(self) -> dict[str, Expr]:
        replays = {
            "rewrite": self.rewrite,
            "definition": self.define,
            "part": self.part,
            "local": self.local,
            "chain": self.chain,
            "shape": self.shape,
            "zero": self.zero,
        }
        for step in self.trace.steps:
            if step.rule == "vectorised-sum" and step.kind == "rewrite" and step.lhs.expr is step.rhs.expr:
                continue  # how the input is read, which the check follows term by term
            if step.kind not in replays:
                raise ReplayError(f"a line of kind '{step.kind}' cannot be replayed: {describe(step)}")
            if step.kind not in (*FORWARD, "part") and not self.users:
                self.check_definitions()
            self.follow(step, replays[step.kind])
        if not self.users:
            self.check_definitions()
        for step in self.unused.values():
            raise ReplayError(f"no line uses {describe(step)}")
        return {r.wrt: self.result(r, v) for r, v in zip(self.trace.results, self.wrt, strict=True)}

    def follow(self, step: Step, replay_one: Any) -> None:
        """Replay one step; whatever goes wrong in it is reported with the line."""
        try:
            self.check_names(step)
            if step.kind != "zero" and any(step.lhs.expr in lines for lines in (self.rewritten, self.bodies, self.recorded)):
                raise ReplayError("the left side has a line already")
            replay_one(step)
        except (ReplayError, Stuck) as error:
            raise ReplayError(f"{error}, in the line {describe(step)}") from error
        except (KeyError, ValueError, TypeError, AssertionError) as error:
            raise ReplayError(f"the line makes no sense ({error!r}): {describe(step)}") from error

    def check_names(self, step: Step) -> None:
        """One name for one thing in all lines, and none of a variable."""
        for formula in (step.lhs, step.rhs, step.via):
            for node, name in formula.names.items() if formula else ():
                owner = self.problem.symbols.get(name)
                if self.called.setdefault(name, node) is not node or (owner is not None and owner is not node):
                    raise ReplayError(f"'{name}' stands for two things")

    # -- definitions ---------------------------------------------------------------------

    def rewrite(self, step: Step) -> None:
        """A part of the input, written otherwise by one row, or the constant that it is."""
        if settled_by((step,)):
            self.settle(step)
            return
        row = self.rows.names.get(step.rule)
        einsum = step.rule == INDICES and step.lhs.expr.op == "einsum"
        if row is None or row.disabled or not (einsum or row.group == "rewrite"):
            raise ReplayError(f"'{step.rule}' rewrites nothing here")
        if self.bodies or (step.node, step.through) != (None, ()):
            raise ReplayError(f"'{step.rule}' rewrites nothing here")
        if not einsum:
            self.check_rewriting(step, row)
        elif matrix_form(step.lhs.expr) is not step.rhs.expr:
            raise ReplayError("the sum over indices is another product of matrices")
        self.check_rules(step, {row.name})
        self.rewritten[step.lhs.expr] = step.rhs.expr
        self.idle.add(step.lhs.expr)

    def check_rewriting(self, step: Step, row: Rule) -> None:
        """One use of a rewrite row."""
        left, right = row.sides
        ways = list(matches(left, step.lhs.expr))
        if not ways:
            raise ReplayError(f"the rule '{row.name}' is not about the left side")
        actual = [{v: e for v, e in bound.items() if not stand_in(v)} for bound in ways]
        if all(instantiate(right, bound, step.lhs.type) is not step.rhs.expr for bound in actual):
            raise ReplayError(f"the rule '{row.name}' gives another right side")

    def settle(self, step: Step) -> None:
        """‖x − x‖ = 0: exactly, whatever the variables are."""
        from matcalc.check.settled import is_settled

        if self.bodies or not is_settled(self.problem, step.lhs.expr, step.rhs.expr, self.assume, {}):
            raise ReplayError("the part is not constant")
        self.rewritten[step.lhs.expr] = step.rhs.expr
        self.idle.add(step.lhs.expr)

    def after_rewriting(self, e: Expr) -> Expr:
        """The expression with every rewrite on record carried out, innermost first."""
        done: dict[Expr, Expr] = {}
        for node in postorder((e,)):
            args = tuple([done[a] for a in node.args])
            new = node if args == node.args else make(node.op, args, node.attr, node.type)
            if new in self.rewritten:
                self.idle.discard(new)
                new = self.rewritten[new]
            done[node] = new
        return done[e]

    def define(self, step: Step) -> None:
        p, body = step.lhs.expr, step.rhs.expr
        if self.users:
            raise ReplayError("the definitions come first")
        if p.op != "sym" or step.node is not p or p.type != body.type:
            raise ReplayError("the left side is not the name of the right")
        if (step.rule, step.source, step.rules, step.via) != ("definition", "given", (), None):
            raise ReplayError("a definition is not by a rule")
        self.bodies[p] = body
        self.originals[p] = self.unnamed(body, {})

    def part(self, step: Step) -> None:
        """A name for a part of the formulas that follow."""
        if step.lhs.expr is not step.rhs.expr or step.lhs.expr not in step.lhs.names or step.rhs.names.get(step.rhs.expr):
            raise ReplayError("the left side is not a name for the right")

    def unnamed(self, e: Expr, more: Mapping[Expr, Expr]) -> Expr:
        return substitute((e,), {**self.originals, **more})[0]

    def check_definitions(self) -> None:
        """The definitions say what the problem says, and the names on record are theirs."""
        output = self.after_rewriting(self.problem.output)
        if not self.bodies or list(self.originals.values())[-1] is not output or self.idle:
            raise ReplayError("the definitions do not give the expression: one is missing or altered")
        if [(str(p.attr), e) for p, e in self.originals.items()] != list(self.trace.waypoints):
            raise ReplayError("the definitions are not those on record")
        self.out = list(self.bodies)[-1]
        for name, node in self.problem.definitions:
            other = next((e for p, e in self.originals.items() if p.attr == name), node)
            if other is not node and other is not self.after_rewriting(node):
                raise ReplayError(f"'{name}' is defined otherwise in the input")
        moving = set(self.wrt)
        for p, body in self.bodies.items():
            if depends(body, moving):
                moving.add(p)
        self.moving = moving
        self.users = {self.out: []}
        for p, body in self.bodies.items():
            for q in postorder((body,)):
                if q in moving and p in moving and q is not p:
                    self.users.setdefault(q, []).append(p)

    # -- derivatives of the output --------------------------------------------------------

    def partial(self, q: Expr) -> Expr:
        """∂s/∂q: a row for a column q, else in the shape of q."""
        return make("partial", (self.out, q), None, Type("r", 1, q.type[1]) if q.type[0] == "c" else q.type)

    def differential(self, p: Expr) -> tuple[dict[Expr, Expr], set[str]]:
        """The differentials of all nodes in the body of p; and the rules that gave them."""
        if p not in self.slopes:
            used: set[str] = set()
            inside = {q for q in postorder((self.bodies[p],)) if q in self.moving and q is not p}
            self.slopes[p] = self.rows.differentiate(self.bodies[p], inside, used), used
        return self.slopes[p]

    def chain(self, step: Step) -> None:
        """∂s/∂q: what comes from above, carried through each definition that uses q, added up."""
        q = step.node
        users = self.users.get(q, []) if q is not None else []
        own = q is not None and step.lhs.expr in (self.partial(q), *([] if users else [self.turned(q)]))
        if q is None or not own or not self.same_size(step.rhs.type, step.lhs.type):
            raise ReplayError("the left side is not the derivative that the line is about")
        if len(step.through) != len(users) or set(step.through) != set(users):
            raise ReplayError(f"q = {q.attr} enters {', '.join(str(u.attr) for u in users) or 'nothing'}")
        used: set[str] = set()
        total: Expr | None = None
        for p in step.through:
            if p is not self.out and self.partial(p) not in self.recorded:
                raise ReplayError(f"there is no line before it for the derivative by {p.attr}")
            value = self.arriving(q, p, used)
            total = value if total is None else make("add", (total, value))
        if total is None:
            total = nodes.zeros(step.lhs.type)
            used.add("independent")
        self.check_rules(step, used | {"chain"})
        rebuilt = self.rebuilt[step.lhs.expr] = transpose(total) if q.type[0] == "c" and users else total
        self.compare(rebuilt, step.rhs.expr, "does not follow from the lines above")
        self.record(step)
        if step.via is not None:
            self.check_via(step, step.via)

    def arriving(self, q: Expr, p: Expr, used: set[str]) -> Expr:
        """What p sends to q: the upstream gradient of p, moved through d(body of p)."""
        g = num(1) if p is self.out else self.partial(p)
        g = transpose(g) if p.type[0] == "c" else g
        found, rules = self.differential(p)
        used |= rules | self.rows.named_by_compiler(self.bodies[p], q)
        value = self.rows.carry(g, found[self.bodies[p]], set(found.values()), differential_symbol(q), used)
        return nodes.zeros(q.type) if value is None else value

    def check_via(self, step: Step, via: Formula) -> None:
        """The product in the middle of a chain line: Σ ∂s/∂p · ∂p/∂q over what q enters."""
        q = step.node
        assert q is not None
        terms = sum_terms(via.expr, len(step.through))
        known: dict[Expr, Expr] = {}
        for p, term in zip(step.through, terms, strict=True):
            if p is self.out:
                rebuilt = self.matrix(p, q, set())
                first, other = (absorbed(self.n.normal(e)) for e in (rebuilt, term))
                if not same(first, other, self.n, *self.expanded[:1]):
                    raise ReplayError("a term in the middle is not the derivative of the output")
                continue
            symbol = next((e for e in self.recorded if e.op == "partial" and e.args == (p, q)), None)
            if symbol is None or term is not nodes.times(self.partial(p), symbol):
                raise ReplayError(f"the middle does not go through the line for the derivative of {p.attr}")
            known[symbol] = self.recorded[symbol]
            self.unused.pop(symbol, None)
        self.compare(substitute((via.expr,), known)[0], step.rhs.expr, "is not the product in the middle")

    def matrix(self, p: Expr, q: Expr, used: set[str]) -> Expr:
        """The Jacobian of the body of p by q, by vec rows."""
        change = self.rows.differentiate(self.bodies[p], {q}, used)[self.bodies[p]]
        found = self.rows.matrices(change, differential_symbol(q), used)
        if found is None:
            raise ReplayError(f"{p.attr} does not move with {q.attr}")
        return found

    def local(self, step: Step) -> None:
        """∂p/∂q between neighbours: the matrices of d(body of p), multiplied up."""
        (p,), q = step.through, step.node
        if q is None or p not in self.bodies or q not in self.moving:
            raise ReplayError("the line is about nothing that is defined")
        used: set[str] = set()
        matrix = self.matrix(p, q, used)
        if step.lhs.expr is not make("partial", (p, q), None, matrix.type) or step.rhs.type != matrix.type:
            raise ReplayError(f"the derivative of {p.attr} by {q.attr} is {size_text(matrix.type)}")
        self.check_rules(step, used | {"sum-rule"})
        self.compare(matrix, step.rhs.expr, "is not the local derivative")
        self.record(step)
        self.unused[step.lhs.expr] = step

    def shape(self, step: Step) -> None:
        """The shape convention: the row ∂s/∂q, turned into the column that q is. In numerator layout it is
        the derivative by a matrix that is turned."""
        q = step.node
        if q is None or step.rhs.type != self.turned(q).type or step.lhs.expr is not self.turned(q):
            raise ReplayError("the left side is not the derivative that the line is about")
        row = self.partial(q)
        if step.through != (row,) or row not in self.recorded:
            raise ReplayError(f"no line before it gives the derivative by {q.attr}")
        self.check_rules(step, {"shape-convention" if q.type[0] == "c" else "numerator-layout"})
        turned = transpose(self.rebuilt[row])
        self.compare(transpose(row), step.rhs.expr, "is not the transpose of the row", turned)
        self.record(step)

    def zero(self, step: Step) -> None:
        """A derivative whose terms cancel: by the ring laws, or else the output is the same for every value of the variable."""
        from matcalc.check.zeros import Asked, is_proved

        q, lhs = step.node, step.lhs.expr
        if q is None or lhs not in (self.partial(q), self.turned(q)) or lhs not in self.recorded or step.through != (lhs,):
            raise ReplayError("no line before it gives the derivative that the line is about")
        if step.rhs.expr is not nodes.zeros(lhs.type):
            raise ReplayError("the right side is not zero")
        asked = Asked(self.problem, self.trace.waypoints, self.assume, {}, 0)
        if not nodes.is_zero(self.last.normal(self.values[lhs])) and not is_proved(asked, self.values[lhs], q):
            raise ReplayError("the terms do not cancel")
        self.recorded[lhs] = self.values[lhs] = step.rhs.expr

    def turned(self, q: Expr) -> Expr:
        """The symbol for ∂s/∂q the other way round than :meth:`partial` has it."""
        if q.type[0] == "c":
            return make("partial", (self.out, q), "shape", q.type)
        return make("partial", (self.out, q), "numerator", q.type._replace(rows=q.type.cols, cols=q.type.rows))

    def same_size(self, a: Type, b: Type) -> bool:
        """Equal types, where the input may tie two sizes (p = 3n)."""
        ties = [{x, y} for x, y in self.problem.ties]
        return a[0] == b[0] and all(x == y or {x, y} in ties for x, y in zip(a[1:], b[1:], strict=True))

    # -- comparing -------------------------------------------------------------------------

    def check_rules(self, step: Step, used: set[str]) -> None:
        """The rules that a line names were used in it, and its source is theirs."""
        for name in (step.rule, *step.rules):
            if name not in self.rows.names:
                raise ReplayError(f"there is no rule '{name}'")
            if name not in used:
                raise ReplayError(f"the rule '{name}' plays no part")
        if step.source != self.rows.book.source(self.rows.names[step.rule]):
            raise ReplayError(f"the source of '{step.rule}' is another")

    def compare(self, rebuilt: Expr, rhs: Expr, complaint: str, *others: Expr) -> None:
        """One normal form: of the line as it stands, or with the derivatives in it written out.

        ``others`` are further expressions of what is rebuilt.
        """
        known = {rhs, self.again.normal(rhs)}
        kept = set(postorder((rhs,)))
        written_out = {e: v for e, v in self.recorded.items() if e not in kept}
        for e in (rebuilt, *others):
            normal = self.n.normal(e)
            for form in (e, normal, absorbed(normal)):
                for candidate in (form, substitute((form,), written_out)[0]):
                    found = self.n.normal(candidate)
                    if found in known or self.again.normal(found) in known:
                        return
        if not same(self.unnamed(rebuilt, self.values), self.unnamed(rhs, self.values), self.n, self.expanded[0]):
            raise ReplayError(f"the right side {complaint}")

    def record(self, step: Step) -> None:
        self.recorded[step.lhs.expr] = step.rhs.expr
        self.values[step.lhs.expr] = self.n.normal(self.unnamed(step.rhs.expr, self.values))

    def result(self, r: Result, v: Expr) -> Expr:
        """The derivative by v, from its line, in the layout asked for."""
        line = self.turned(v) if v.type[0] == ("m" if r.layout == "numerator" else "c") else self.partial(v)
        value = self.values.get(line if line in self.values else self.partial(v))
        if value is None or (line not in self.values and not nodes.is_zero(value)):
            raise ReplayError(f"no line gives the derivative by {r.wrt}")
        value = self.last.normal(value)
        if not same(r.expr, value, self.last, self.expanded[1]):
            raise ReplayError(f"the result for {r.wrt} is not what its lines give")
        names = {str(p.attr): e for p, e in self.originals.items()}
        if r.named.expr is not r.expr or any(names.get(n) is not e for e, n in (*r.names.items(), *r.named.names.items())):
            raise ReplayError(f"the result for {r.wrt} is written with names of other things")
        return value


def same(a: Expr, b: Expr, *normalizers: Normalizer) -> bool:
    """Whether one of the normal forms (sums kept as factors, or multiplied out) is the same object."""
    return any(n.normal(a) is n.normal(b) for n in normalizers)


def describe(step: Step) -> str:
    return f"{step.lhs.text} = {step.rhs.text}"


__all__ = ["ReplayError", "replay"]
