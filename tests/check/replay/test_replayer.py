"""The replayer rebuilds derivations from their steps, and fails when any step is deleted or altered."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.rule import Book, make_book
from matcalc.api import Derivation, book, derive
from matcalc.check.replay import ReplayError, ReplayReport, replay
from matcalc.engine.derivation import Formula, Step, Trace
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import Expr, make, num, postorder, substitute, sym, transpose
from matcalc.rules.row import R
from tests.slices import slices

SQUARE = {"A": ("n", "n"), "B": ("n", "n"), "X": ("n", "n")}

DERIVATIONS: dict[str, dict[str, Any]] = {
    "s = u^T f(W x + b)": {},
    "s = u'*f(V*g(W*x+b)+c)": {"dims": {"c": ("k",)}},
    "s = norm2(A*x-b)^2": {},
    "s = norm2(A*x-b)^2 + a*norm2(x)^2": {"dims": {"a": ()}},
    "s = x'*A*x": {"dims": SQUARE},
    "s = x'*A*x + b'*x": {"assume": {"A": "symmetric"}, "wrt": ["x", "b"]},
    "s = tr(A*X*B)": {},
    "s = tr(X'*A*X*B)": {"dims": SQUARE},
    "s = tr(X^3) + tr(A*X^2)": {"dims": SQUARE},
    "s = logdet(X) + tr(inv(X)*A)": {},
    "s = log(det(X))": {},
    "s = det(A)*x'*inv(A)*y": {},
    "s = -y'*log(softmax(W*x + b))": {},
    "s = y'*softmax(W*x)": {},
    "s = logsumexp(A*x)": {},
    "s = sum(log(1 + exp(-y .* (X*w))))": {},
    "s = sum(exp(A*x) .* sin(x))": {"dims": SQUARE},
    "s = norm2(x) + norm1(A*x)": {},
    "s = x'*x/(y'*y)": {},
    "s = sqrt(x'*A*x) .* exp(a)": {"dims": {**SQUARE, "a": ()}},
    "s = sum(diag(x)*A*diag(y))": {},
    "s = norm2(X - U*V)^2": {},
    "s = sum(relu(W*relu(V*x)))": {},
    "s = h'*h; h = sigmoid(z); z = W*x + W*y": {},
    "s = sum(X .* softmax(X))": {},
    "s = sum(rowsum(X) .* rowsum(X.^2))": {},
    "s = sum(max(A*x, b)) + max(x)": {},
    "s = sum(abs(x) ./ (1 + x.^2))": {},
    "s = exp(a*b)/a - a^b": {"dims": {"a": (), "b": ()}},
    "s = (u'*X*v)^2 + u'*v": {"dims": {**SQUARE, "v": ("n",)}},
    "s = x'*x + a": {"dims": {"a": ()}, "wrt": ["x", "a", "y", "B"], "dims ": None},
}
ALTERED = [
    "s = u^T f(W x + b)",
    "s = u'*f(V*g(W*x+b)+c)",
    "s = x'*A*x",
    "s = tr(X'*A*X*B)",
    "s = det(A)*x'*inv(A)*y",
    "s = -y'*log(softmax(W*x + b))",
    "s = h'*h; h = sigmoid(z); z = W*x + W*y",
    "s = exp(a*b)/a - a^b",
]
TRUE = "softmax(log(softmax("  # altered, and the same: softmax(log(softmax(z))) is softmax(z)
PROPERTIES = {"A": frozenset(("symmetric",))}


@cache
def derived(text: str, layout: str = "shape") -> Derivation:
    options = {name: value for name, value in DERIVATIONS[text].items() if value is not None}
    if "y" in options.get("wrt", ()):  # variables that the expression does not hold
        options["dims"] = {**options["dims"], "x": ("n",), "y": ("n",), "B": ("m", "n")}
    return derive(text, layout=layout, kind="gradient", check=False, **options)


def again(d: Derivation, steps: list[Step] | None = None, **changes: Any) -> ReplayReport:
    """The replay of a derivation with other lines. Raises ``ReplayError`` where a line was not rebuilt."""
    if steps is not None:
        changes["steps"] = tuple(steps)
    return replay(d.problem, replaced(d.trace, **changes), book(), d.assume).require()


def replaced(record: Any, **changes: Any) -> Any:
    """A copy of a named tuple or a frozen dataclass with some fields changed."""
    return record._replace(**changes) if isinstance(record, tuple) else replace(record, **changes)


# ---------------------------------------------------------------- what is right passes


@pytest.mark.parametrize("layout", ["shape", "numerator"])
@pytest.mark.parametrize("text", DERIVATIONS)
def test_replays(text: str, layout: str) -> None:
    d = derived(text, layout)
    report = again(d)
    assert report.passed and len(report.lines) == len(d.trace.steps) + len(d.trace.boxes)


# What the replayer shares, as its docstring says: what a row and a line are, how a row is matched, the ring laws, names of rules.
SHARED = {
    "matcalc.algebra.normal.tidied",
    "matcalc.algebra.match",
    "matcalc.algebra.normal.normal_form",
    "matcalc.algebra.pullbacks",
    "matcalc.algebra.rule",
    "matcalc.engine.derivation",
}


def test_it_shares_no_code_with_the_engine() -> None:
    modules: set[str] = set()
    for path in Path(inspect.getsourcefile(replay) or "").parent.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        modules |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
        modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert {m for m in modules if m.startswith(("matcalc.engine", "matcalc.algebra", "matcalc.api"))} == SHARED


def test_the_error_is_a_failed_check() -> None:
    assert issubclass(ReplayError, CheckError)
    assert ReplayError("x").exit_code == 4


# ---------------------------------------------------------------- deleted


@pytest.mark.sample(13)
@pytest.mark.parametrize("text", DERIVATIONS)
def test_every_step_is_needed(text: str) -> None:
    d = derived(text)
    steps = list(d.trace.steps)
    for i, step in enumerate(steps):
        if step.kind == "reached" and "symmetric" in step.rules:  # the line that turns it may use that, too
            continue
        with pytest.raises(ReplayError):
            again(d, steps[:i] + steps[i + 1 :])
            pytest.fail(f"not missed: {step.lhs.text} = {step.rhs.text}")


@pytest.mark.sample(7)
@pytest.mark.parametrize("text", ALTERED)
def test_a_step_said_twice_or_out_of_order(text: str) -> None:
    d = derived(text)
    steps = list(d.trace.steps)
    for i, step in enumerate(steps):
        with pytest.raises(ReplayError):
            again(d, [*steps, step])
        if step.kind in ("local", "definition"):
            with pytest.raises(ReplayError):  # what is used comes first
                again(d, [*steps[:i], *steps[i + 1 :], step])


# ---------------------------------------------------------------- altered


def alterations(e: Expr, symbols: list[Expr]) -> Iterator[tuple[str, Expr]]:
    """False versions of an expression."""
    yield "sign", make("neg", (e,))
    yield "factor", make("scale", (num(2), e))
    if e.type[0] != "s":
        yield "whole transpose", transpose(e)
    for node in postorder((e,)):
        for what, other in local_alterations(node, symbols):
            if other is not node and other.type == node.type:
                yield what, substitute((e,), {node: other})[0]


def local_alterations(node: Expr, symbols: list[Expr]) -> Iterator[tuple[str, Expr]]:
    if node.op == "T" or (node.type[0] == "m" and node.type[1] == node.type[2]):
        yield "transpose", transpose(node)
    if node.op in ("sub", "hdiv", "matmul", "div"):
        a, b = node.args
        if a.type == b.type:
            yield "swapped", make(node.op, (b, a))
    if node.op in ("add", "sub", "hadamard"):
        yield "dropped", node.args[0]
        yield "dropped", node.args[1]
    if node.op == "neg":
        yield "dropped sign", node.args[0]
    if node.op in ("sym", "partial"):
        for s in symbols:
            if s.type == node.type and s is not node:
                yield "replaced", s
                break
        else:
            yield "replaced", sym("strange", node.type)
    if node.op == "fn":
        yield "order", make("fn", node.args, (node.attr[0], node.attr[1] + 1))
    if node.op == "num":
        yield "number", num(node.attr + 1)


def false_versions(d: Derivation, e: Expr) -> Iterator[tuple[str, Expr]]:
    """The alterations that the ring laws do not undo."""
    symbols = [s.lhs.expr for s in d.trace.steps if s.rhs.expr.op != "sym"] + list(d.problem.symbols.values())  # ∂z/∂x = W is W
    n = Normalizer(d.assume)
    known = {n.normal(e), e}
    seen: set[Expr] = set()
    for what, other in alterations(e, symbols):
        if other in seen or n.normal(other) in known:
            continue
        seen.add(other)
        yield what, other


@pytest.mark.slow
@pytest.mark.parametrize("field", ["rhs", "via"])
@pytest.mark.parametrize("text", slices(ALTERED, 4))
def test_every_alteration_is_noticed(text: str, field: str) -> None:
    d = derived(text)
    steps = list(d.trace.steps)
    tried = 0
    for i, step in enumerate(steps):
        formula = getattr(step, field)
        if formula is None:
            continue
        for what, other in false_versions(d, formula.expr):
            changed = replaced(step, **{field: replaced(formula, expr=other)})
            if TRUE in changed.rhs.text:
                continue
            with pytest.raises(ReplayError):
                again(d, [*steps[:i], changed, *steps[i + 1 :]])
                pytest.fail(f"{what} of {field} not noticed: {changed.lhs.text} = {changed.rhs.text}")
            tried += 1
    assert tried > 20 or field == "via"


@pytest.mark.slow
@pytest.mark.parametrize("text", slices([ALTERED[0], *ALTERED[2:]], 3))
def test_every_field_counts(text: str) -> None:
    d = derived(text)
    steps = list(d.trace.steps)
    for i, step in enumerate(steps):
        for what, changed in changed_fields(step, steps[i - 1]):
            with pytest.raises(ReplayError):
                again(d, [*steps[:i], changed, *steps[i + 1 :]])
                pytest.fail(f"{what} not noticed: {changed.lhs.text} = {changed.rhs.text}")


def changed_fields(step: Step, other: Step) -> Iterator[tuple[str, Step]]:
    if other.lhs.expr is not step.lhs.expr:
        yield "lhs", replaced(step, lhs=other.lhs)
    yield "node", replaced(step, node=other.node if other.node is not step.node else None)
    yield "unknown rule", replaced(step, rule="no-such-rule")
    yield "rule", replaced(step, rule="log-gamma")
    yield "source", replaced(step, source="hearsay")
    yield "rules", replaced(step, rules=(*step.rules, "log-gamma"))
    yield "kind", replaced(step, kind="belief")
    if step.kind != "definition":
        yield "kind", replaced(step, kind="definition")
        yield "through", replaced(step, through=(*step.through, *step.through, sym("strange", num(1).type)))
    if step.through:
        yield "through", replaced(step, through=step.through[1:])
    if step.via is not None:
        yield "via", replaced(step, via=None)
    if step.lhs.names:
        yield "names", replaced(step, rhs=replaced(step.rhs, names=swapped(step.lhs.names, step)))


def swapped(names: Mapping[Expr, str], step: Step) -> dict[Expr, str]:
    """The names in print, given to something else."""
    return {sym(f"strange {n}", step.rhs.type): n for n in names.values()}


@pytest.mark.sample(5)
@pytest.mark.parametrize("text", ALTERED)
def test_results_and_names_count(text: str) -> None:
    d = derived(text)
    for i, r in enumerate(d.trace.results):
        wrong = make("neg", (r.expr,))
        others = [
            replaced(r, expr=wrong),
            replaced(r, named=replaced(r.named, expr=wrong)),
            replaced(r, names={d.problem.output: "h"}),
            replaced(r, named=replaced(r.named, names={r.expr: "s"})),
        ]
        for other in others:
            with pytest.raises(ReplayError):
                again(d, results=(*d.trace.results[:i], other, *d.trace.results[i + 1 :]))
    with pytest.raises(ReplayError):
        again(d, waypoints=d.trace.waypoints[1:])
    with pytest.raises(ReplayError):
        again(d, waypoints=tuple((n, wrong) for n, _ in d.trace.waypoints))


def test_another_problem() -> None:
    """Steps of one derivation do not prove another."""
    one, other = derived("s = u^T f(W x + b)"), derive("s = u^T f(W x - b)", check=False)
    with pytest.raises(ReplayError, match="do not give the expression"):
        replay(other.problem, one.trace, book(), {}).require()
    with pytest.raises(ReplayError):
        replay(derived("s = norm2(A*x-b)^2").problem, one.trace, book(), {}).require()


# ---------------------------------------------------------------- rows


def with_row(name: str, equation: str) -> Book:
    """The shipped book with one equation changed."""
    groups = {
        group: tuple(R(r.name, equation if r.name == name else r.equation, r.where, r.cite) for r in rows)
        for group, rows in book().groups.items()
    }
    return make_book(groups, book().sources)


WRONG_ROWS = {
    "product": "d(A*B) = d(A)*B - A*d(B)",
    "hadamard": "d(A .* B) = d(A) .* B",
    "elementwise": "d(f(X)) = 2*f'(X) .* d(X)",
    "transpose": "d(A') = -d(A)'",
    "sum": "d(A + B) = d(A) - d(B)",
    "inverse": "d(inv(X)) = -inv(X)*d(X)*inv(X)'",
    "outer-product": "<g, L*x> = <-g*x', L>",
    "chain": "<g, W*l> = <2*W'*g, l>",
    "diagonal": "vec(a .* l) = (-diag(a))*vec(l)",
    "matrix-vector": "vec(W*l) = (2*W)*vec(l)",
}
PROBE = "s = (u .* u)'*f(W*x - A'*inv(B)*x + b)"
PROBE_DIMS = {"A": ("n", "n"), "B": ("n", "n"), "W": ("n", "n")}


@pytest.mark.sample(8)
@pytest.mark.parametrize("name", WRONG_ROWS)
def test_a_derivation_by_a_wrong_row_does_not_replay(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from matcalc.algebra.pullbacks import Compiler

    wrong = with_row(name, WRONG_ROWS[name])
    right = derive(PROBE, dims=PROBE_DIMS, check=False)
    assert right.replay()
    with pytest.raises(ReplayError):
        replay(right.problem, right.trace, wrong, {}).require()
    monkeypatch.setattr("matcalc.deriving.compiler", lambda: Compiler(wrong))
    d = derive(PROBE, dims=PROBE_DIMS, check=False)
    with pytest.raises(ReplayError):
        replay(d.problem, d.trace, book(), {}).require()


def test_an_empty_trace() -> None:
    d = derived("s = x'*A*x")
    with pytest.raises(ReplayError):
        replay(d.problem, Trace((), d.trace.results, d.trace.waypoints), book(), {}).require()
    assert isinstance(d.trace.steps[0].lhs, Formula)


# ---------------------------------------------------------------- all kinds of derivations

KINDS: dict[str, dict[str, Any]] = {
    "s = norm2(A*x - b)^2": {"wrt": "x", "kind": "hessian"},
    "s = tr(A*X*B*X)": {"wrt": "X", "kind": "hvp", "direction": "V"},
    "s = x'*inv(Y)*x": {"wrt": ["x", "Y"], "kind": "mixed", "assume": {"Y": "spd"}},
    "s = logdet(X) + tr(X'*A)": {"wrt": "X", "kind": "differential"},
    "y = softmax(W*x + b)": {"wrt": "x"},
    "Y = A*X*B": {"wrt": "X"},
    "s = sum(exp(A*x))": {"wrt": "x", "style": "differential"},
    "s = u'*f(W*x + b)": {"style": "elementwise"},
    "s = a'*S*b": {"wrt": "S", "structure": {"S": "symmetric"}},
    "s = tr(A*X)": {"wrt": "X", "structure": {"X": "skew"}, "layout": "numerator"},
    "g(z) = 1/(1 + exp(-z)); s = sum(g(W*x))": {"wrt": "W"},
    "s = max(0, w'*x + b)": {"wrt": "w", "dims": {"b": ()}},
    "s = sqrt(x'*x) + norm2(x)": {"wrt": "x"},
}


@cache
def of_kind(text: str) -> Derivation:
    return derive(text, check=False, **KINDS[text])


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", KINDS)
def test_every_kind_replays(text: str) -> None:
    report = of_kind(text).replay()
    assert report, report
    assert report.require() is report
    assert str(report).startswith(f"{len(report.lines)} of {len(report.lines)} lines rebuilt from ")


@pytest.mark.sample(6)
@pytest.mark.parametrize("text", KINDS)
def test_a_planted_wrong_line_is_found_and_named(text: str) -> None:
    """The sign of each line turned, one at a time: the report names that line, and none before it."""
    d = of_kind(text)
    steps = [*d.own_steps, *d.trace.steps]
    tried = 0
    for i, step in enumerate(steps):
        if (i < len(d.own_steps) and step.rule == "definition") or step.rhs.expr.op == "zeros":
            continue  # what the input says of a function; 0 is -0
        wrong = replaced(step, rhs=replaced(step.rhs, expr=make("neg", (step.rhs.expr,))), members=())
        lines = [*steps[:i], wrong, *steps[i + 1 :]]
        own, rest = tuple(lines[: len(d.own_steps)]), tuple(lines[len(d.own_steps) :])
        report = replay(d.problem, replaced(d.trace, steps=rest), book(), d.assume, own)
        assert not report
        if step.kind != "definition" or step.lhs.expr.op == "fn":
            assert report.wrong[0].text == f"{wrong.lhs.text} = {wrong.rhs.text}", step
        tried += 1
    assert tried > 2


@pytest.mark.parametrize("text", KINDS)
def test_a_result_that_its_lines_do_not_give(text: str) -> None:
    d = of_kind(text)
    false = [replaced(r, expr=make("scale", (num(2), r.expr))) for r in d.trace.results]
    report = replay(d.problem, replaced(d.trace, results=tuple(false)), book(), d.assume, d.own_steps)
    assert [line.text for line in report.wrong] == [f"the result for {r.wrt}" for r in false]


def test_a_member_of_a_line_counts() -> None:
    d = derived("s = u^T f(W x + b)")
    steps = list(d.trace.steps)
    i, step = next((i, s) for i, s in enumerate(steps) if len(s.members) > 3)
    member = replaced(step.members[2], expr=make("scale", (num(2), step.members[2].expr)))
    changed = replaced(step, members=(*step.members[:2], member, *step.members[3:]))
    with pytest.raises(ReplayError, match="not the member before it"):
        again(d, [*steps[:i], changed, *steps[i + 1 :]])


def test_a_gap_is_no_fault() -> None:
    """A line that no row reaches is named as such, and nothing is said against it."""
    report = derive("tr(A*T)", wrt="T", structure={"T": "toeplitz"}).replay()
    assert not report and not report.wrong
    (gap,) = report.gaps
    assert gap.rule == "tied-entries" and "no row says" in gap.why
    assert str(report).splitlines()[1] == f"not rebuilt: {gap}"


def test_a_report_is_frozen() -> None:
    report = of_kind("Y = A*X*B").replay()
    with pytest.raises(AttributeError):
        report.lines = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        report.lines[0].state = "replayed"  # type: ignore[misc]


def test_rules_of_the_user_are_replayed(tmp_path: Path) -> None:
    rules = tmp_path / "mine.py"
    rules.write_text('ROWS = (R("my-tan", "d(tan(X)) = (1 + tan(X).^2) .* d(X)", "X[m,n] small", "calculus:table"),)\n')
    report = derive("sum(tan(x))", wrt="x", rules=str(rules)).replay()
    assert report and "my-tan" in report.rules


def test_zero_lines_are_replayed() -> None:
    d = derive("sum(sigmoid(x)) + sum(sigmoid(-x))")
    assert any(s.kind == "zero" for s in d.trace.steps)
    assert d.replay(), d.replay()
