"""What a derivation says, in the order in which a lecture says it; the printers only set it.

Given sizes, forward definitions, then from the output back each local derivative and its product with what
came from above, a group of lines for each variable, the results, and the verdict of the check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from matcalc.derivation import Check, Formula, Result, Step, Trace, is_long, product_factors
from matcalc.expr import Expr, make, substitute, sym, transpose
from matcalc.notation.printer import TEXT, render
from matcalc.ops import Type
from matcalc.printers import words
from matcalc.printers.entries import by_entries, outer_argument
from matcalc.printers.meanings import meant
from matcalc.printers.mentioned import needed

DETAILS = ("brief", "normal", "full")
MAX_NODES = 40  # a result with more nodes is shown by the names of the lines above


class Derivation(Protocol):
    """What the printers read of a derivation."""

    @property
    def problem(self) -> Any: ...
    @property
    def value(self) -> Any: ...
    @property
    def trace(self) -> Trace: ...
    @property
    def kind(self) -> str: ...
    @property
    def layout(self) -> str: ...
    @property
    def style(self) -> str: ...
    @property
    def assume(self) -> Mapping[str, frozenset[str]]: ...
    @property
    def functions(self) -> Mapping[str, Any]: ...
    @property
    def wrt(self) -> tuple[str, ...]: ...
    @property
    def steps(self) -> tuple[Step, ...]: ...
    @property
    def checked(self) -> Any: ...
    @property
    def warnings(self) -> Sequence[str]: ...
    @property
    def source(self) -> str: ...
    @property
    def reading(self) -> Any: ...


class Line(NamedTuple):
    """``chain[0] = chain[1] = …``, its sizes, and why it holds. ``reference`` counts from 1; 0 is none."""

    chain: tuple[Formula, ...]
    kind: str = "result"
    factors: tuple[tuple[Type, ...], ...] = ()  # sizes in each term, where the line is a product of matrices
    rule: str = ""
    rules: tuple[str, ...] = ()
    reference: int = 0
    note: str = ""
    about: tuple[Formula, ...] = ()  # stands for {0}, {1} in the note
    check: Check | None = None

    @property
    def left(self) -> Type | None:
        """Size of the line; a line about entries has none."""
        return None if self.kind == "entries" else self.chain[-1].type


class Section(NamedTuple):
    title: str
    groups: tuple[tuple[Line, ...], ...]

    @property
    def lines(self) -> list[Line]:
        return [line for group in self.groups for line in group]


class Story(NamedTuple):
    heading: str  # such as "Gradients"
    output: Formula
    expression: Formula
    variables: tuple[Formula, ...]  # differentiated by; empty where it goes without saying: by all of several
    given: tuple[tuple[Formula, str], ...]  # variable and what is assumed of it
    functions: tuple[tuple[str, str], ...]  # unspecified functions, and what they are checked as
    meanings: tuple[tuple[Formula, Formula, tuple[Expr, ...]], ...]  # functions that stand for formulas, and for what arguments
    sections: tuple[Section, ...]
    results: tuple[Line, ...]
    layout: str
    verdict: str
    passed: bool
    references: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def lines(self) -> list[Line]:
        return [line for section in self.sections for line in section.lines] + list(self.results)


def tell(d: Derivation, detail: str = "normal") -> Story:
    """The story of a derivation. Raises ``ValueError`` for a detail that is not known."""
    if detail not in DETAILS:
        raise ValueError(f"detail '{detail}' is not one of {', '.join(DETAILS)}")
    teller = _Teller(d)
    sections = teller.sections(brief=detail == "brief")
    report = d.checked
    return Story(
        words.kind_words(d.kind, len(d.trace.results)),
        Formula(teller.output),
        expression(d),
        teller.aim(),
        tuple((Formula(s), _assumed(d, name)) for name, s in d.problem.symbols.items()),
        tuple((name, _function(d.functions.get(name))) for name in d.problem.functions),
        tuple(map(meant, d.problem.meanings)),
        sections,
        tuple(teller.results()),
        d.layout,
        words.verdict(report),
        bool(report and report.passed),
        tuple(teller.references),
        tuple(d.warnings),
    )


def output_name(d: Derivation) -> str:
    """The name of what is differentiated: the user's, or the one that the lines give it."""
    return d.problem.output_name or (d.trace.waypoints[-1][0] if d.trace.waypoints else "y")


def expression(d: Derivation) -> Formula:
    """What is differentiated, as it was written; by the names of its parts where it is long, or by its own."""
    whole = Formula(d.problem.output)
    if is_long(whole):
        whole = Formula(whole.expr, {e: name for name, e in d.trace.waypoints[:-1]})
    return whole if not is_long(whole) else Formula(sym(output_name(d), whole.type))


def _symbol(d: Derivation, name: str) -> Expr:
    known: Mapping[str, Expr] = d.problem.symbols
    return known[name] if name in known else sym(name, Type("s", 1, 1))


def _assumed(d: Derivation, name: str) -> str:
    return ", ".join(sorted(p for p in d.assume.get(name, ()) if p))


def _function(value: Any) -> str:
    return value if isinstance(value, str) else ""


class _Teller:
    """One pass over the steps: lines, groups, and the sources they cite."""

    def __init__(self, d: Derivation) -> None:
        self.d = d
        self.output = sym(output_name(d), d.problem.output.type)
        self.wrt = frozenset(d.wrt)
        self.references: dict[str, int] = {}
        self.introduced: set[Expr] = set()
        self.values: dict[Expr, Expr] = {}  # derivative without a name of its own -> what it is
        self.last: dict[str, Step] = {}  # by variable
        self.explained = False
        self.stacked: dict[str, Line] = {}  # by variable
        self.outer = False  # whether the outer product was explained

    def aim(self) -> tuple[Formula, ...]:
        """The variables, where they are not simply all."""
        d = self.d
        if set(d.wrt) == set(d.problem.symbols) and (len(d.wrt) > 1 or d.kind == "differential"):
            return ()
        return tuple(Formula(_symbol(d, name)) for name in d.wrt)

    def sections(self, brief: bool) -> tuple[Section, ...]:
        """The lines in groups; in brief, only those without which the results cannot be read."""
        told = [(step, self._title(step), self._line(step)) for step in self.d.steps]
        results = self.d.trace.results if brief else ()
        kept = needed(self.d.steps, [self.result(r).chain[-1] for r in results]) if brief else range(len(told))
        found: dict[str, list[list[Line]]] = {}
        group = None
        for i, (step, title, line) in enumerate(told):
            if i not in kept and step.kind not in ("definition", "rewrite"):
                continue
            key = (title, str(step.node.attr) if self._by_variable(step) and step.node else "")
            if key != group:
                found.setdefault(title, []).append([])
                group = key
            found[title][-1].append(line)
        return tuple(Section(title, tuple(map(tuple, groups))) for title, groups in found.items())

    def _title(self, step: Step) -> str:
        if step.kind in ("definition", "rewrite"):
            return "Forward" if step.kind == "definition" else "Rewritten"
        return "Backward" if self.d.style != "differential" and self.d.kind == "gradient" else "Derivation"

    def _by_variable(self, step: Step) -> bool:
        node = step.node
        return step.kind not in ("definition", "rewrite") and node is not None and str(node.attr) in self.wrt

    def _line(self, step: Step) -> Line:
        lhs, note, about = step.lhs, step.note, step.about
        chain: list[Formula] = [lhs]
        named = lhs.expr in lhs.names and step.kind not in ("entries", "part")
        if named and lhs.expr not in self.introduced:
            self.introduced.add(lhs.expr)
            chain.append(Formula(lhs.expr))
        if step.kind == "shape":
            chain.extend(self._turned(step))
            note, about = self._shape_note(step)
        elif step.via is not None:
            chain.append(step.via)
            chain.extend(self._explicit(step.via))
        elif step.rule == "outer-product" and not note and not self.outer and self.d.style == "backprop":
            about = outer_argument(step)
            self.outer, note = bool(about), words.OUTER_NOTE if about else ""
        chain.append(step.rhs)
        if step.kind in ("result", "chain"):
            chain = list(by_entries(lhs, step.rhs) or chain)
        self._remember(step)
        rule, factors = words.rule_words(step.rule), _factors((step.via or step.rhs).expr)
        if step.kind == "entries":
            rule, note, factors = note or rule, "", ()
        rest = (factors, rule, step.rules, self._cite(step), note, about, step.check)
        return Line(_distinct(chain), step.kind, *rest)

    def _remember(self, step: Step) -> None:
        lhs = step.lhs
        if step.kind == "differential":
            self._stack(step)
        if step.kind == "entries" or lhs.expr.op not in ("partial", "d"):
            return
        if lhs.expr not in lhs.names:
            self.values[lhs.expr] = step.rhs.expr
        if step.kind != "differential" and self._by_variable(step) and step.node is not None:
            self.last[str(step.node.attr)] = step

    def _cite(self, step: Step) -> int:
        if step.source in ("", "given"):
            return 0
        return self.references.setdefault(step.source, len(self.references) + 1)

    def _shape_note(self, step: Step) -> tuple[str, tuple[Formula, ...]]:
        """Where the transpose comes from, said once."""
        if self.explained or step.node is None:
            return "", ()
        self.explained = True
        return (step.note, step.about) if step.note else (words.SHAPE_NOTE, (Formula(step.node),))

    def _turned(self, step: Step) -> Iterable[Formula]:
        """The row that the shape convention turns, transposed and not yet multiplied out."""
        before = self.last.get(str(step.node.attr)) if step.node is not None else None
        if before is not None and before.rhs.expr.op == "matmul" and _fits(before.rhs):
            yield Formula(transpose(before.rhs.expr), step.rhs.names)

    def _explicit(self, via: Formula) -> Iterable[Formula]:
        """The product of derivatives with each derivative replaced by what the lines above found."""
        inside = [f for term in _terms(via.expr) for f in _product(term)]
        known = {p: self.values[p] for p in inside if p in self.values and p not in via.names}
        if known and not any(_trivial(v) for v in known.values()):
            yield Formula(substitute((via.expr,), known)[0], via.names)

    def results(self) -> Iterator[Line]:
        """The results, those with more than two axes in two forms: by entries, and of stacked columns."""
        for r in self.d.trace.results:
            line = self.result(r)
            yield line._replace(chain=by_entries(*line.chain) or line.chain) if len(line.chain) == 2 else line
            if r.expr.type.kind == "t" and r.wrt in self.stacked:
                yield self.stacked[r.wrt]

    def result(self, r: Result) -> Line:
        """The result by names of forward values; by names of derivatives too where it would be long."""
        found = [self.last[name] for name in reversed(r.wrt.split(", ")) if name in self.last]
        step = next((s for s in found if s.rhs.type == r.expr.type), None)
        if step is None:
            v = _symbol(self.d, r.wrt)
            lhs = make("partial", (self.output, v), None if r.layout == "numerator" else "shape", r.expr.type)
            return Line((Formula(lhs), r.named))
        return Line((Formula(step.lhs.expr), r.named if _fits(r.named) else step.rhs))

    def _stack(self, step: Step) -> None:
        """K of the line vec(dY) = K vec(dX), which is ∂vec(Y)/∂vec(X)ᵀ; not of dZ = A dX, of a value on the way."""
        left, core, signed = step.lhs.expr, step.rhs.expr, []
        if (left.args[0] if left.op == "vec" else left) is not make("d", (self.output,)):
            return
        while core.op in ("neg", "scale"):
            signed.append(core)
            core = core.args[-1]
        if core.op == "matmul" and (core.args[1].op == "vec" or core.args[1].type.kind == "c") and step.node is not None:
            matrix = core.args[0]
            for outer in reversed(signed):
                matrix = make(outer.op, (*outer.args[:-1], matrix))
            lhs = make("partial", tuple(_as_vec(q) for q in (self.output, step.node)), None, matrix.type)
            self.stacked[str(step.node.attr)] = Line((Formula(lhs), step.rhs._replace(expr=matrix)))


def _as_vec(q: Expr) -> Expr:
    return make("vec", (q,)) if q.type.kind == "m" else q


def _trivial(e: Expr) -> bool:
    """One, minus one, the identity: a factor that a reader does not want to see multiplied out."""
    while e.op == "neg":
        e = e.args[0]
    return e.op in ("eye", "num")


def _distinct(chain: Iterable[Formula]) -> tuple[Formula, ...]:
    """The members of an equality, none written the same as the one before."""
    kept: list[Formula] = []
    seen = ""
    for member in chain:
        text = write(member)
        if text != seen:
            kept.append(member)
        seen = text
    return tuple(kept)


def _terms(e: Expr) -> list[Expr]:
    """Terms of a sum, signs left out."""
    out: list[Expr] = []
    stack = [e]
    while stack:
        node = stack.pop()
        if node.op in ("add", "sub"):
            stack.extend(reversed(node.args))
        elif node.op == "neg":
            stack.append(node.args[0])
        else:
            out.append(node)
    return out


def _factors(e: Expr) -> tuple[tuple[Type, ...], ...]:
    """Sizes of the factors of each term, where at least one term is a product of matrices."""
    terms = _terms(e)
    if len(terms) > 3:
        return ()
    found = tuple(tuple(f.type for f in product_factors(term)) for term in terms)
    return found if any(len(types) > 1 for types in found) else ()


def _fits(formula: Formula) -> bool:
    """Whether the formula is short, counted as it is written (a shared part each time)."""
    budget = MAX_NODES
    stack = [formula.expr]
    while stack and budget:
        node = stack.pop()
        budget -= 1
        if node not in formula.names:
            stack.extend(node.args)
    return not stack


def write(formula: Formula) -> str:
    """A formula in Unicode; a product of derivatives has dots between its factors."""
    e = formula.expr
    if formula.shown:
        return formula.shown[0]
    if e.op in ("add", "sub", "matmul", "scale") and _has_partial(e, formula.names):
        return _dotted(e, formula.names)
    return render(e, TEXT, formula.names)


def _has_partial(e: Expr, names: Mapping[Expr, str]) -> bool:
    return any(f.op == "partial" and f not in names for term in _terms(e) for f in _product(term))


def _product(e: Expr) -> list[Expr]:
    """Factors of a product, scalars among them."""
    out: list[Expr] = []
    stack = [e]
    while stack:
        node = stack.pop()
        if node.op in ("matmul", "scale"):
            stack.extend(reversed(node.args))
        else:
            out.append(node)
    return out


def _dotted(e: Expr, names: Mapping[Expr, str]) -> str:
    if e.op in ("add", "sub"):
        left, right = (_dotted(a, names) for a in e.args)
        return f"{left} {'+' if e.op == 'add' else '-'} {right}"
    parts = _product(e)
    if len(parts) < 2 or not _has_partial(e, names):
        return render(e, TEXT, names)
    wrapped = [render(f, TEXT, names) for f in parts]
    loose = [f.op in ("add", "sub", "neg") for f in parts]
    return " · ".join(f"({t})" if wrap else t for t, wrap in zip(wrapped, loose, strict=True))
