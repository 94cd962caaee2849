"""Planted faults in the engine: they must end in a failed check. And the check's power in numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass, replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from matcalc import deriving
from matcalc.algebra import pullbacks, slopes
from matcalc.algebra.index import paths
from matcalc.algebra.match import matches
from matcalc.algebra.pullbacks import Compiler
from matcalc.check import report
from matcalc.engine import backprop, by_differentials, chain, strategy
from matcalc.engine import jacobian as route
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import Expr, make, num, ones, transpose
from tests.faults import CHAINED, GRADIENTS, OTHERS, Patch, Plant, around, clean, plant_and_judge

Backprop = backprop.Backprop


def one_contribution_dropped(patch: Patch) -> None:
    original = Backprop._arrive
    patch.setattr(Backprop, "_arrive", lambda self, q, arrivals, *more: original(self, q, arrivals[:1], *more))


def first_contribution_dropped(patch: Patch) -> None:
    original = Backprop._arrive
    patch.setattr(Backprop, "_arrive", lambda self, q, arrivals, *more: original(self, q, arrivals[-1:], *more))


def nothing_accumulates(patch: Patch) -> None:
    """In a body, the last way to a symbol replaces the others."""

    def wrong(op: str, args: Any = (), attr: Any = None, type: Any = None) -> Any:
        return args[1] if op == "add" else make(op, args, attr, type)

    patch.setattr(backprop, "make", wrong)


def local_derivatives(change: Callable[[Expr], Expr]) -> Plant:
    def on_region(found: Any) -> Any:
        return found._replace(jacobians={q: j and change(j) for q, j in found.jacobians.items()})

    return lambda patch: around(patch, backprop, "region", on_region)


def cotangents_negative(patch: Patch) -> None:
    def change(found: Any) -> Any:
        return found._replace(cotangents={q: make("neg", (g,)) for q, g in found.cotangents.items()})

    around(patch, backprop, "region", change)


def upstream_forgotten(patch: Patch) -> None:
    original = backprop.region

    def wrong(compiler: Any, body: Any, g: Any, stops: Any) -> Any:
        return original(compiler, body, ones(g.type), stops)

    patch.setattr(backprop, "region", wrong)


def changed(record: Any, **changes: Any) -> Any:
    """A copy with other fields, whatever kind of record it is."""
    return replace(record, **changes) if is_dataclass(record) else record._replace(**changes)


def on_trace(change: Callable[[Any], Any], engine: str = "backprop") -> Plant:
    """The trace of the engine, changed before it is checked."""
    return lambda patch: around(patch, chain if engine == "by_chain_rule" else strategy, engine, change)


def changed_results(change: Callable[[Any], dict[str, Any]], engine: str = "backprop") -> Plant:
    return on_trace(lambda t: changed(t, results=tuple([changed(r, **change(r)) for r in t.results])), engine)


def changed_steps(kind: str, change: Callable[[Expr], Expr], field: str = "rhs", engine: str = "backprop") -> Plant:
    """Lines of a kind with another right side, or middle."""

    def one(step: Any) -> Any:
        formula = getattr(step, field)
        if step.kind != kind or formula is None:
            return step
        return changed(step, **{field: changed(formula, expr=change(formula.expr))})

    return on_trace(lambda t: changed(t, steps=tuple([one(s) for s in t.steps])), engine)


def result_of_another(trace: Any) -> Any:
    """Every result is that of the first variable of its shape."""
    first: dict[Any, Any] = {}
    results = [changed(r, expr=first.setdefault(r.expr.type, r.expr)) for r in trace.results]
    return changed(trace, results=tuple(results))


def doubled(e: Expr) -> Expr:
    return make("scale", (num(2), e))


def negative(e: Expr) -> Expr:
    return make("neg", (e,))


def turned_where_square(e: Expr) -> Expr:
    return transpose(e) if e.type[0] == "m" and e.type[1] == e.type[2] else e


def matrix_turned(e: Expr) -> Expr:
    return transpose(e) if e.type[0] == "m" else e


def column_turned(e: Expr) -> Expr:
    return transpose(e) if e.type[0] in "cr" else e


def wrong_slot(patch: Patch) -> None:
    original = Compiler.pullback
    patch.setattr(Compiler, "pullback", lambda self, node, slot: original(self, node, len(node.args) - 1 - slot))


def always_identity(patch: Patch) -> None:
    original = Compiler.pullback

    def wrong(self: Any, node: Any, slot: int) -> Any:
        back = original(self, node, slot)
        same_type = node.type == node.args[slot].type
        return back._replace(identity=True) if same_type else back

    patch.setattr(Compiler, "pullback", wrong)


def one_path_only(patch: Patch) -> None:
    original = pullbacks.paths
    patch.setattr(pullbacks, "paths", lambda root, leaf: list(original(root, leaf))[:1])


def first_row_whatever(patch: Patch) -> None:
    def wrong(left: Any, linear: Any, node: Any, path: Any) -> Any:
        return (bound for bound in matches(left, node) if left.op == node.op and bound.get(linear) in path)

    patch.setattr(pullbacks, "leading_on", wrong)


def order_of_f_forgotten(patch: Patch) -> None:
    original = Compiler.pullback

    def wrong(self: Any, node: Any, slot: int) -> Any:
        back = original(self, node, slot)
        if node.op != "fn":
            return back
        return back._replace(build=lambda v: back.build([*v[:-1], make("fn", v[-1].args, (node.attr[0], node.attr[1] + 1))]))

    patch.setattr(Compiler, "pullback", wrong)


def bodies_lose_terms(patch: Patch) -> None:
    """A definition in print says less than the named value is."""

    def change(graph: Any) -> Any:
        bodies = {e: b.args[0] if b.op in ("add", "sub") else b for e, b in graph.bodies.items()}
        return graph._replace(bodies=bodies)

    around(patch, strategy, "cut", change)


def names_exchanged(patch: Patch) -> None:
    def change(graph: Any) -> Any:
        named = [e for e in graph.order if e is not graph.output]
        symbols = dict(graph.symbols)
        for a, b in pairwise(named):
            if a.type == b.type:
                symbols[a], symbols[b] = symbols[b], symbols[a]
                break
        return graph._replace(symbols=symbols)

    around(patch, strategy, "cut", change)


def another_output(patch: Patch) -> None:
    """What is differentiated is not what was asked."""
    original = strategy.cut

    def wrong(output: Any, *args: Any) -> Any:
        return original(output.args[0] if output.op in ("add", "sub") else make("neg", (output,)), *args)

    patch.setattr(strategy, "cut", wrong)


def rewritten_in_silence(patch: Patch) -> None:
    around(patch, strategy, "recognise", lambda found: (doubled(found[0]), *found[1:]))


def told_otherwise(patch: Any) -> None:
    """Results with the other sign in print: changed behind the lines, from which the printed form is taken."""
    around(patch, deriving, "told", lambda t: changed(t, results=tuple([changed(r, **printed_otherwise(r)) for r in t.results])))


def printed_otherwise(r: Any) -> dict[str, Any]:
    return {"named": changed(r.named, expr=negative(r.expr))}


def names_of_others(r: Any) -> dict[str, Any]:
    """In a result, the name of one value stands for another."""
    nodes, names = list(r.names), list(r.names.values())
    mixed = dict(zip(nodes, names[1:] + names[:1], strict=True))
    return {"names": mixed, "named": changed(r.named, names=mixed)}


ENGINE: dict[str, Plant] = {
    "one of several contributions is dropped": one_contribution_dropped,
    "the first of several contributions is dropped": first_contribution_dropped,
    "contributions replace each other": nothing_accumulates,
    "local derivatives are transposed": local_derivatives(turned_where_square),
    "local derivatives are doubled": local_derivatives(doubled),
    "cotangents have the other sign": cotangents_negative,
    "the upstream gradient is forgotten": upstream_forgotten,
    "a result is that of another variable": on_trace(result_of_another),
    "results are doubled": changed_results(lambda r: {"expr": doubled(r.expr)}),
    "results have the other sign": changed_results(lambda r: {"expr": negative(r.expr)}),
    "matrix results are transposed": changed_results(lambda r: {"expr": matrix_turned(r.expr)}),
    "vector results are transposed": changed_results(lambda r: {"expr": column_turned(r.expr)}),
    "results are printed otherwise": told_otherwise,
    "results are printed with names of other things": changed_results(names_of_others),
    "chain lines are doubled": changed_steps("chain", doubled),
    "matrix chain lines are transposed": changed_steps("chain", matrix_turned),
    "vector chain lines are transposed": changed_steps("chain", column_turned),
    "shape lines have the other sign": changed_steps("shape", negative),
    "shape lines are not turned": changed_steps("shape", column_turned),
    "local lines are transposed": changed_steps("local", lambda e: e if e.op == "eye" else transpose(e)),
    "local lines have the other sign": changed_steps("local", negative),
    "definitions are doubled": changed_steps("definition", doubled),
    "the middle of a line is doubled": changed_steps("chain", doubled, "via"),
    "pullbacks of the wrong slot": wrong_slot,
    "every cotangent passes unchanged": always_identity,
    "one path of several": one_path_only,
    "a row where another operand moves": first_row_whatever,
    "one derivative of f too many": order_of_f_forgotten,
    "definitions lose a term": bodies_lose_terms,
    "two names are exchanged": names_exchanged,
    "another output is differentiated": another_output,
    "the input is rewritten without a line": rewritten_in_silence,
}


@pytest.mark.sample(7)
@pytest.mark.parametrize("fault", ENGINE)
def test_a_wrong_engine_is_caught(fault: str) -> None:
    plant_and_judge(ENGINE[fault])


# ---------------------------------------------------------------- Jacobians by the chain rule


def one_path_of_the_chain(which: slice) -> Plant:
    def plant(patch: Patch) -> None:
        original = chain.Chain._arrive
        patch.setattr(chain.Chain, "_arrive", lambda self, q, arrivals, *more: original(self, q, arrivals[which], *more))

    return plant


def known_negated(patch: Patch) -> None:
    original = chain.Chain._known
    patch.setattr(chain.Chain, "_known", lambda self, c: make("neg", (original(self, c),)))


CHAIN: dict[str, Plant] = {
    "one of several contributions is dropped": one_path_of_the_chain(slice(1)),
    "the first of several contributions is dropped": one_path_of_the_chain(slice(-1, None)),
    "local derivatives are transposed": local_derivatives(turned_where_square),
    "local derivatives are doubled": local_derivatives(doubled),
    "what is known above has the other sign": known_negated,
    "results are doubled": changed_results(lambda r: {"expr": doubled(r.expr)}, "by_chain_rule"),
    "results are transposed": changed_results(lambda r: {"expr": turned_where_square(r.expr)}, "by_chain_rule"),
    "results are printed with names of other things": changed_results(names_of_others, "by_chain_rule"),
    "chain lines are doubled": changed_steps("chain", doubled, "rhs", "by_chain_rule"),
    "the middle of a line is transposed": changed_steps("chain", turned_where_square, "via", "by_chain_rule"),
    "local lines are transposed": changed_steps("local", turned_where_square, "rhs", "by_chain_rule"),
    "local lines have the other sign": changed_steps("local", negative, "rhs", "by_chain_rule"),
}


@pytest.mark.sample(2)
@pytest.mark.parametrize("fault", CHAIN)
def test_a_wrong_chain_of_jacobians_is_caught(fault: str) -> None:
    plant_and_judge(CHAIN[fault], CHAINED)


# ---------------------------------------------------------------- Jacobians, Hessians, mixed derivatives


def tangents_lose_a_slot(patch: Patch) -> None:
    """Of an operator whose arguments both move, one is forgotten."""
    patch.setattr(slopes, "nodes", SimpleNamespace(**{**vars(slopes.nodes), "added": lambda terms: terms[-1]}))


def read_off_changed(change: Callable[[Expr], Expr]) -> Plant:
    return lambda patch: around(patch, route, "read_off", change)


def one_term_read_off(patch: Patch) -> None:
    original = paths.lift_sum
    patch.setattr(paths, "lift_sum", lambda terms: original(terms[:1]))


def signs_lost(patch: Patch) -> None:
    original = paths.lift_sum
    patch.setattr(paths, "lift_sum", lambda terms: original([t._replace(sign=abs(t.sign)) for t in terms]))


def other_results(patch: Patch) -> None:
    def change(trace: Any) -> Any:
        results = [changed(r, expr=doubled(r.expr)) for r in trace.results]
        return changed(trace, results=tuple([changed(r, named=changed(r.named, expr=r.expr)) for r in results]))

    around(patch, by_differentials, "differential", change)


def other_lines(patch: Patch) -> None:
    def change(trace: Any) -> Any:
        steps = [changed(s, rhs=changed(s.rhs, expr=doubled(s.rhs.expr))) for s in trace.steps]
        return changed(trace, steps=tuple(steps))

    around(patch, by_differentials, "differential", change)


SECOND: dict[str, Plant] = {
    "results are doubled": other_results,
    "lines are doubled": other_lines,
    "a moving operand is forgotten": tangents_lose_a_slot,
    "one term is read off": one_term_read_off,
    "signs are lost": signs_lost,
    "the derivative is transposed": read_off_changed(turned_where_square),
    "the derivative is doubled": read_off_changed(doubled),
    "the derivative has the other sign": read_off_changed(negative),
    "the derivative along the direction is doubled": lambda patch: around(patch, route, "directional", doubled),
    "Jacobians are doubled": lambda patch: around(patch, route, "jacobian", doubled),
}


@pytest.mark.sample(2)
@pytest.mark.parametrize("fault", SECOND)
def test_a_wrong_differential_route_is_caught(fault: str) -> None:
    plant_and_judge(SECOND[fault], OTHERS)


# ---------------------------------------------------------------- power


def missed(error: float, texts: list[str]) -> tuple[int, int]:
    """How many entries can be off by a relative ``error`` without a failed check, and of how many."""
    total = passed = 0
    for text in texts:
        d = clean(text)
        for r in d.trace.results:
            for i, j in entries(d, r.expr):
                total += 1
                with pytest.MonkeyPatch.context() as patch:
                    disturb(patch, r.expr, i, j, error)
                    try:
                        d.check()
                        passed += 1
                    except CheckError:
                        pass
    return passed, total


def disturb(patch: Patch, target: Expr, i: int, j: int, error: float) -> None:
    original = report.Point.value

    def value(self: Any, e: Expr) -> Any:
        found = original(self, e)
        if e is target:
            found = np.array(found)
            found[i, j] *= 1 + error
        return found

    patch.setattr(report.Point, "value", value)


def entries(d: Any, target: Expr) -> list[tuple[int, int]]:
    """The entries of a result that are not 0 at the points of the check."""
    original, seen = report.Point.value, []

    def value(self: Any, e: Expr) -> Any:
        found = original(self, e)
        if e is target:
            seen.append(np.abs(found) > 1e-3)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report.Point, "value", value)
        d.check()
    alike = [s for s in seen if s.shape == seen[0].shape]  # further points are at other sizes
    return [(int(i), int(j)) for i, j in np.argwhere(np.all(alike, 0))]


POWER = list(GRADIENTS)[:6]


@pytest.mark.slow
@pytest.mark.rounding
def test_an_error_of_a_thousandth_in_one_entry_is_caught() -> None:
    passed, total = missed(1e-3, POWER)
    assert passed == 0 and total > 50


@pytest.mark.slow
@pytest.mark.rounding
def test_an_error_of_1e_5_in_one_entry_is_caught() -> None:
    passed, total = missed(1e-5, POWER)
    assert passed == 0 and total > 50
