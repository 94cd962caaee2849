"""Planted faults: a wrong rule row, ring law or engine must end in a failed check, and show nothing false.

Each fault is planted, then all probes are derived. A probe must fail its check, or else show only true lines:
that is judged against the derivation without the fault, at random arrays, shapes included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from matcalc import api, chains, compile, factoring, normal, numeric
from matcalc.api import Derivation, book, derive
from matcalc.check import check_trace
from matcalc.compile import Compiler
from matcalc.engine import backprop, recognise, waypoints
from matcalc.errors import CheckError, MatcalcError
from matcalc.expr import Expr, make, num, sym, transpose
from matcalc.rule import Book, R, make_book

Patch = pytest.MonkeyPatch
SQUARE = {"A": ("n", "n"), "X": ("n", "n"), "B": ("n", "n"), "x": ("n",), "y": ("n",), "b": ("n",)}
SCALARS = {"a": (), "b": ()}

PROBES: dict[str, dict[str, Any]] = {
    "s = u^T f(W x + b)": {},
    "s = norm2(A*x-b)^2 + x'*x": {},
    "s = x'*A*x*(b'*x) + y'*A*y": {"dims": SQUARE},
    "s = tr(X'*A*X*B) + logdet(X)": {"dims": SQUARE},
    "s = x'*inv(A)*y - det(A)": {"dims": SQUARE},
    "s = -y'*log(softmax(W*x))": {},
    "s = sum(exp(x) ./ (1 + y.^2))": {"dims": {"x": ("n",), "y": ("n",)}},
    "s = sum(max(A*x, b)) + sum(relu(x - b))": {"dims": SQUARE},
    "s = h'*h; h = sigmoid(z); z = W*x + W*y": {},
    "s = exp(a*b)/a - a^b": {"dims": SCALARS},
    "s = tr(diag(x)*A) + sum(X*y)": {"dims": SQUARE},
    "s = sum(rowsum(X.^3)) + norm2(X)": {"dims": {"X": ("m", "n")}},
    "s = (a*x - b)'*(A + A')*y/(x'*x)": {"dims": {**SQUARE, "a": ()}},
    "s = x'*inv(A*B)*y*tr(A) + y'*diag(x)*x": {"dims": SQUARE},
    "s = tr(inv(A*X)*B)*tr(X)": {"dims": SQUARE, "wrt": "X"},
    "s = x'*A*B*x - tr(A^3)": {"dims": SQUARE, "assume": {"A": "symmetric"}, "wrt": ["x", "B"]},
}
CASES = [*((text, "shape") for text in PROBES), ("s = u^T f(W x + b)", "numerator")]


def run(text: str, layout: str = "shape", **more: Any) -> Derivation:
    return derive(text, layout=layout, **{**PROBES[text], **more})


@cache
def clean(text: str, layout: str) -> Derivation:
    return run(text, layout)


# ---------------------------------------------------------------- what is true


def environment(d: Derivation) -> tuple[dict[Any, Any], dict[str, int]]:
    """Random values for the symbols, and what they give for each line of a derivation that is right."""
    rng = np.random.default_rng(5)
    names = sorted({str(s) for shape in d.dims.values() for s in shape})
    sizes = {name: 3 + i for i, name in enumerate(names)}
    env: dict[Any, Any] = {}
    for s in d.problem.symbols.values():
        env[s] = rng.uniform(0.3, 1.5, tuple(sizes.get(x, x) for x in s.type[1:]))
        if s.type[0] == "m" and s.type[1] == s.type[2]:
            env[s] = env[s] + 2 * np.eye(len(env[s]))
        if "symmetric" in d.assume.get(s.attr, ()):
            env[s] = env[s] + env[s].T
    for step in d.steps:
        env[step.lhs.expr] = value(step.rhs.expr, env, sizes)
    return env, sizes


def value(e: Expr, env: dict[Any, Any], sizes: dict[str, int]) -> Any:
    return numeric.evaluate([e], env, sizes, numeric.WithGeneric())[0]


def same(x: Any, y: Any) -> bool:
    return x.shape == y.shape and bool(np.allclose(x, y, rtol=1e-7, atol=1e-9))


def false_lines(d: Derivation, right: Derivation) -> Iterator[str]:
    """What a derivation says that is not so."""
    env, sizes = environment(right)
    for step in d.steps:
        for e in (step.rhs.expr, *([step.via.expr] if step.via else [])):
            if step.lhs.expr in env and not same(value(e, env, sizes), env[step.lhs.expr]):
                yield f"{step.lhs.text} = {step.rhs.text}"
    for r, other in zip(d.trace.results, right.trace.results, strict=True):
        if r.wrt != other.wrt or not same(value(r.expr, env, sizes), value(other.expr, env, sizes)):
            yield f"result for {r.wrt}: {r.text}"
        if r.named.expr is not r.expr:
            yield f"result for {r.wrt} in print: {r.named.text}"
        for node, name in (*r.names.items(), *r.named.names.items()):
            if sym(name, node.type) in env and not same(value(node, env, sizes), env[sym(name, node.type)]):
                yield f"{name} stands for {node}"


def outcome(plant: Callable[[Patch], None]) -> tuple[int, list[str]]:
    """How many derivations the fault makes fail their check, and what false things are shown nevertheless."""
    right = {case: clean(*case) for case in CASES}
    caught, shown = 0, []
    with pytest.MonkeyPatch.context() as patch:
        fresh = Compiler(book())
        patch.setattr(api, "compiler", lambda: fresh)
        plant(patch)
        for case in CASES:
            try:
                d = run(*case)
            except CheckError as error:
                assert error.exit_code == 4
                caught += 1
            except (MatcalcError, KeyError, AssertionError, IndexError, ValueError, AttributeError):
                pass  # it shows nothing either
            else:
                shown += [f"{case}: {line}" for line in false_lines(d, right[case])]
    return caught, shown


def plant_and_judge(plant: Callable[[Patch], None]) -> None:
    caught, shown = outcome(plant)
    assert not shown, f"{len(shown)} false lines were shown, such as {shown[0]}"
    assert caught, "the fault changes nothing that a probe shows"


def test_without_a_fault_everything_is_true() -> None:
    assert outcome(lambda patch: None) == (0, [])


# ---------------------------------------------------------------- wrong rows


def with_row(name: str, equation: str, where: str | None = None) -> Book:
    """The shipped book with one row changed."""
    assert name in book().rows()
    groups = {
        group: tuple(
            R(r.name, equation, where or r.where, r.cite) if r.name == name else R(r.name, r.equation, r.where, r.cite)
            for r in rows
        )
        for group, rows in book().groups.items()
    }
    return make_book(groups, book().sources)


ROWS: dict[str, tuple[str, ...]] = {
    "sum": ("d(A + B) = d(A) - d(B)",),
    "negation": ("d(-A) = d(A)",),
    "product": ("d(A*B) = d(A)*B - A*d(B)",),
    "scaling": ("d(a*X) = d(a)*X + 2*a*d(X)",),
    "division": ("d(X/a) = d(X)/a - (d(a)/a)*X",),
    "transpose": ("d(A') = d(A)", "A[n,n]"),
    "quotient": ("d(A ./ B) = d(A) ./ B + (A ./ B.^2) .* d(B)",),
    "entry-power": ("d(X.^b) = b*X.^b .* d(X) + d(b)*(X.^b .* log(X))",),
    "power": ("d(a^b) = b*a^(b-1)*d(a) + a^b*d(b)",),
    "inverse": ("d(inv(X)) = inv(X)*d(X)*inv(X)",),
    "determinant": ("d(det(X)) = tr(inv(X)*d(X))",),
    "logdet": ("d(logdet(X)) = tr(inv(X)'*d(X))",),
    "squared-norm": ("d(norm2(X)^2) = sum(X .* d(X))",),
    "norm": ("d(norm2(X)) = sum(X .* d(X))*norm2(X)",),
    "exp": ("d(exp(X)) = X .* d(X)",),
    "elementwise": ("d(f(X)) = 2*f'(X) .* d(X)",),
    "sigmoid": ("d(sigmoid(X)) = sigmoid(X) .* (1 + sigmoid(X)) .* d(X)",),
    "relu": ("d(relu(X)) = (1 - step(X)) .* d(X)",),
    "maximum": ("d(max(A, B)) = step(B - A) .* d(A) + step(A - B) .* d(B)",),
    "diagonal-matrix": ("d(diag(x)) = 2*diag(d(x))",),
    "row-sums": ("d(rowsum(X)) = -rowsum(d(X))",),
    "log-softmax": ("d(logsoftmax(x)) = d(x) - softmax(x) .* d(x)",),
    "sum-rule": ("<G, L + B> = <-G, L>",),
    "difference-rule-right": ("<G, A - L> = <G, L>",),
    "transpose-rule": ("<G, L'> = <G, L>", "G[n,n] L[n,n]"),
    "scaled-by": ("<G, l*B> = <2*inner(G, B), l>",),
    "outer-product": ("<g, L*x> = <x*g', L>", "g[n] L[n,n] x[n]"),
    "chain": ("<g, W*l> = <W*g, l>", "g[n] W[n,n] l[n]"),
    "chain-factor": ("<g, W*l> = <2*W'*g, l>",),
    "product-left": ("<G, L*B> = <G*B, L>", "G[n,n] L[n,n] B[n,n]"),
    "product-right": ("<G, A*L> = <G*A', L>", "G[n,n] A[n,n] L[n,n]"),
    "hadamard-rule": ("<G, A .* L> = <-A .* G, L>",),
    "sum-adjoint": ("<g, sum(L)> = <fill(2*g, L), L>",),
    "trace-adjoint": ("<g, tr(L)> = <-g*eye(n), L>",),
    "inner-product": ("<g, a'*l> = <2*g*a, l>",),
    "diagonal": ("vec(a .* l) = (-diag(a))*vec(l)",),
    "matrix-vector": ("vec(W*l) = W'*vec(l)", "W[n,n] l[n]"),
    "subtracted-map": ("vec(A - L) = vec(L)",),
    "log-of-softmax": ("log(softmax(x)) = 2*logsoftmax(x)",),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_wrong_row_is_caught(name: str) -> None:
    wrong = with_row(name.removesuffix("-factor"), *ROWS[name])
    plant_and_judge(lambda patch: patch.setattr(api, "compiler", lambda: Compiler(wrong)))


# ---------------------------------------------------------------- wrong laws of the normal form


def around(patch: Patch, owner: Any, name: str, change: Callable[[Any], Any], *others: Any) -> None:
    """Let a function answer something else: ``change`` of what it answers."""
    original = getattr(owner, name)
    for place in (owner, *others):
        patch.setattr(place, name, lambda *args, **kwargs: change(original(*args, **kwargs)))


def law(name: str, change: Callable[[Any], Any]) -> Callable[[Patch], None]:
    def plant(patch: Patch) -> None:
        original = normal._LAWS[name]
        patch.setitem(normal._LAWS, name, lambda n, node: change(original(n, node)))

    return plant


def plus_one(factors: Any) -> Any:
    return tuple((base, e + 1) for base, e in factors)


def negated(form: Any) -> Any:
    return {t: -c for t, c in form.items()}


def doubled(form: Any) -> Any:
    return {t: 2 * c for t, c in form.items()}


def without_last(form: Any) -> Any:
    return dict(list(form.items())[:-1]) if len(form) > 1 else form


def chain_method(name: str, change: Callable[[Any], Any]) -> Callable[[Patch], None]:
    return lambda patch: around(patch, chains.Chains, name, change)


def turn_nothing(patch: Patch) -> None:
    patch.setattr(chains.Chains, "turn", lambda self, f: f)


def reverse_without_turning(patch: Patch) -> None:
    patch.setattr(chains.Chains, "reverse", lambda self, chain: chain[::-1])


def turn_without_reversing(patch: Patch) -> None:
    patch.setattr(chains.Chains, "reverse", lambda self, chain: tuple(self.turn(f) for f in chain))


def like_terms_replace(patch: Patch) -> None:
    def wrong(n: Any, node: Any) -> Any:
        sign = -1 if node.op == "sub" else 1
        return {**n.linears[node.args[0]], **{t: sign * c for t, c in n.linears[node.args[1]].items()}}

    patch.setitem(normal._LAWS, "add", wrong)
    patch.setitem(normal._LAWS, "sub", wrong)


def difference_is_sum(patch: Patch) -> None:
    patch.setitem(normal._LAWS, "sub", lambda n, node: normal._sum(n, make("add", node.args)))


def everything_symmetric(patch: Patch) -> None:
    patch.setattr(chains.Chains, "is_symmetric", lambda self, e: True)


def everything_orthogonal(patch: Patch) -> None:
    patch.setattr(chains.Chains, "orthogonal", lambda self, a, b: transpose(a) is b)


def declared_symmetric(patch: Patch) -> None:
    """A property of a variable is taken for one of another."""
    original = chains.Chains.has

    def wrong(self: Any, e: Any, names: Any) -> Any:
        return original(self, e, names) or (e.op == "sym" and e.attr == "B" and bool(self.properties))

    patch.setattr(chains.Chains, "has", wrong)


def sums_lose_signs(patch: Patch) -> None:
    original = factoring.sum_expr
    patch.setattr(factoring, "sum_expr", lambda form, t: original({k: abs(c) for k, c in form.items()}, t))


def content_lost(patch: Patch) -> None:
    around(patch, factoring, "common_scalars", lambda found: (1, *found[1:]))


def divisions_multiply(patch: Patch) -> None:
    original = factoring.scaled
    patch.setattr(
        factoring, "scaled", lambda c, factors, inner: original(c, tuple((b, abs(e)) for b, e in factors), inner)
    )


def inverse_in_order(patch: Patch) -> None:
    original = chains.Chains.invert

    def wrong(self: Any, chain: Any) -> Any:
        return original(self, chain[::-1])

    patch.setattr(chains.Chains, "invert", wrong)


def powers_of_inverse(patch: Patch) -> None:
    original = chains.Chains.raise_factor
    patch.setattr(chains.Chains, "raise_factor", lambda self, base, n: original(self, base, abs(n)))


def diagonal_forgotten(patch: Patch) -> None:
    original = chains.Chains.meet

    def wrong(self: Any, a: Any, b: Any) -> Any:
        if b.op == "diagm" and a.type[0] == "r":
            return 1, (), (a,)
        return (1, (), (b,)) if a.op == "diagm" and b.type[0] == "c" else original(self, a, b)

    patch.setattr(chains.Chains, "meet", wrong)


def quotients_are_products(patch: Patch) -> None:
    original = chains.Chains.entrywise
    patch.setattr(chains.Chains, "entrywise", lambda self, a, b, sign: original(self, a, b, 1))


def common_factor_doubles(patch: Patch) -> None:
    around(patch, factoring, "_grouped", lambda form: {t: 2 * c for t, c in form.items()})


LAWS: dict[str, Callable[[Patch], None]] = {
    "exponents of equal factors add up, and one more": lambda patch: around(
        patch, chains, "merge_factors", plus_one, normal, factoring
    ),
    "a transposed product keeps its order": turn_without_reversing,
    "a transposed product keeps its factors": reverse_without_turning,
    "a transpose is dropped": turn_nothing,
    "a product turns around": chain_method("join", lambda found: (*found[:2], found[2][::-1])),
    "a scalar splits off a product twice": chain_method("join", lambda found: (found[0] * 2, *found[1:])),
    "like terms replace each other": like_terms_replace,
    "a difference is a sum": difference_is_sum,
    "a sign is lost": law("neg", negated),
    "scaling doubles": law("scale", doubled),
    "division flips the sign": law("div", negated),
    "a power doubles": law("pow", doubled),
    "a product loses a term": law("matmul", without_last),
    "a transpose flips the sign": law("T", negated),
    "a transposed sum loses a term": law("T", without_last),
    "sum doubles": law("sum", doubled),
    "the trace flips the sign": law("tr", negated),
    "diag doubles": law("diagm", doubled),
    "an entrywise product doubles": law("hadamard", doubled),
    "an entrywise power doubles": law("hpow", doubled),
    "a fill doubles": law("fill", doubled),
    "a norm doubles": law("norm2", doubled),
    "an inverse flips the sign": law("inv", negated),
    "everything is symmetric": everything_symmetric,
    "everything is orthogonal": everything_orthogonal,
    "a declared property leaks to another variable": declared_symmetric,
    "sums lose their signs": sums_lose_signs,
    "the common factor of a sum is lost": content_lost,
    "a division multiplies": divisions_multiply,
    "an inverse keeps the order": inverse_in_order,
    "an inverse is not inverted": powers_of_inverse,
    "a diagonal matrix is forgotten": diagonal_forgotten,
    "an entrywise quotient is a product": quotients_are_products,
    "a common factor doubles its sum": common_factor_doubles,
}


@pytest.mark.parametrize("fault", LAWS)
def test_a_wrong_law_is_caught(fault: str) -> None:
    plant_and_judge(LAWS[fault])


# ---------------------------------------------------------------- a wrong engine

Backprop = backprop.Backprop


def one_contribution_dropped(patch: Patch) -> None:
    original = Backprop._arrive
    patch.setattr(Backprop, "_arrive", lambda self, q, arrivals: original(self, q, arrivals[:1]))


def first_contribution_dropped(patch: Patch) -> None:
    original = Backprop._arrive
    patch.setattr(Backprop, "_arrive", lambda self, q, arrivals: original(self, q, arrivals[-1:]))


def nothing_accumulates(patch: Patch) -> None:
    """In a body, the last way to a symbol replaces the others."""

    def wrong(op: str, args: Any = (), attr: Any = None, type: Any = None) -> Any:
        return args[1] if op == "add" else make(op, args, attr, type)

    patch.setattr(backprop, "make", wrong)


def local_derivatives_transposed(patch: Patch) -> None:
    def change(found: Any) -> Any:
        jacobians = {q: transpose(j) if j and j.type[1] == j.type[2] else j for q, j in found.jacobians.items()}
        return found._replace(jacobians=jacobians)

    around(patch, backprop, "region", change)


def local_derivatives_doubled(patch: Patch) -> None:
    def change(found: Any) -> Any:
        return found._replace(jacobians={q: j and make("scale", (num(2), j)) for q, j in found.jacobians.items()})

    around(patch, backprop, "region", change)


def cotangents_negative(patch: Patch) -> None:
    def change(found: Any) -> Any:
        return found._replace(cotangents={q: make("neg", (g,)) for q, g in found.cotangents.items()})

    around(patch, backprop, "region", change)


def upstream_forgotten(patch: Patch) -> None:
    original = backprop.region

    def wrong(compiler: Any, body: Any, g: Any, stops: Any) -> Any:
        from matcalc import expr

        return original(compiler, body, expr.ones(g.type), stops)

    patch.setattr(backprop, "region", wrong)


def result_of_another(patch: Patch) -> None:
    """Every result is that of the first variable of its shape."""

    def change(trace: Any) -> Any:
        first: dict[Any, Any] = {}
        results = [r._replace(expr=first.setdefault(r.expr.type, r.expr)) for r in map(as_tuple, trace.results)]
        return trace._replace(results=tuple(results))

    around(patch, api, "backprop", change)


def as_tuple(r: Any) -> Any:
    """A result that has ``_replace``, whatever kind of record it is."""
    if hasattr(r, "_replace"):
        return r
    from dataclasses import replace

    class Wrapped:
        def _replace(self, **changes: Any) -> Any:
            return replace(r, **changes)

        expr = r.expr

    return Wrapped()


def changed_results(change: Callable[[Any], dict[str, Any]]) -> Callable[[Patch], None]:
    def on_trace(trace: Any) -> Any:
        return trace._replace(results=tuple([as_tuple(r)._replace(**change(r)) for r in trace.results]))

    return lambda patch: around(patch, api, "backprop", on_trace)


def changed_steps(kind: str, change: Callable[[Any], Any]) -> Callable[[Patch], None]:
    """Lines of a kind with another right side."""
    from dataclasses import replace

    def on_trace(trace: Any) -> Any:
        steps = [
            replace(s, rhs=s.rhs._replace(expr=change(s.rhs.expr))) if s.kind == kind else s for s in trace.steps
        ]
        return trace._replace(steps=tuple(steps))

    return lambda patch: around(patch, api, "backprop", on_trace)


def changed_middle(patch: Patch) -> None:
    from dataclasses import replace

    def on_trace(trace: Any) -> Any:
        steps = [
            replace(s, via=s.via._replace(expr=make("scale", (num(2), s.via.expr)))) if s.via else s
            for s in trace.steps
        ]
        return trace._replace(steps=tuple(steps))

    around(patch, api, "backprop", on_trace)


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
    original = compile.paths
    patch.setattr(compile, "paths", lambda root, leaf: list(original(root, leaf))[:1])


def first_row_whatever(patch: Patch) -> None:
    patch.setattr(compile, "leads_on", lambda node, target, path, others: target in path)


def order_of_f_forgotten(patch: Patch) -> None:
    original = Compiler.pullback

    def wrong(self: Any, node: Any, slot: int) -> Any:
        back = original(self, node, slot)
        if node.op != "fn":
            return back
        return back._replace(build=lambda v, attr: back.build(v, (attr[0], attr[1] + 1)))

    patch.setattr(Compiler, "pullback", wrong)


def bodies_lose_terms(patch: Patch) -> None:
    """A definition in print says less than the named value is."""

    def change(graph: Any) -> Any:
        bodies = {e: b.args[0] if b.op in ("add", "sub") else b for e, b in graph.bodies.items()}
        return graph._replace(bodies=bodies)

    around(patch, api, "cut", change)


def names_exchanged(patch: Patch) -> None:
    def change(graph: Any) -> Any:
        named = [e for e in graph.order if e is not graph.output]
        symbols = dict(graph.symbols)
        for a, b in zip(named, named[1:], strict=False):
            if a.type == b.type:
                symbols[a], symbols[b] = symbols[b], symbols[a]
                break
        return graph._replace(symbols=symbols)

    around(patch, api, "cut", change)


def another_output(patch: Patch) -> None:
    """What is differentiated is not what was asked."""
    original = api.cut

    def wrong(output: Any, *args: Any) -> Any:
        return original(output.args[0] if output.op in ("add", "sub") else make("neg", (output,)), *args)

    patch.setattr(api, "cut", wrong)


def rewritten_in_silence(patch: Patch) -> None:
    def wrong(compiler: Any, output: Any, definitions: Any, moving: Any) -> Any:
        return make("scale", (num(2), output)), tuple(definitions), ()

    patch.setattr(api, "recognise", wrong)


def names_of_others(r: Any) -> dict[str, Any]:
    """In a result, the name of one value stands for another."""
    nodes, names = list(r.names), list(r.names.values())
    mixed = dict(zip(nodes, names[1:] + names[:1], strict=True))
    return {"names": mixed, "named": r.named._replace(names=mixed)}


def printed_otherwise(r: Any) -> dict[str, Any]:
    return {"named": r.named._replace(expr=make("neg", (r.expr,)))}


ENGINE: dict[str, Callable[[Patch], None]] = {
    "one of several contributions is dropped": one_contribution_dropped,
    "the first of several contributions is dropped": first_contribution_dropped,
    "contributions replace each other": nothing_accumulates,
    "local derivatives are transposed": local_derivatives_transposed,
    "local derivatives are doubled": local_derivatives_doubled,
    "cotangents have the other sign": cotangents_negative,
    "the upstream gradient is forgotten": upstream_forgotten,
    "a result is that of another variable": result_of_another,
    "results are doubled": changed_results(lambda r: {"expr": make("scale", (num(2), r.expr))}),
    "results have the other sign": changed_results(lambda r: {"expr": make("neg", (r.expr,))}),
    "matrix results are transposed": changed_results(lambda r: {"expr": matrix_turned(r.expr)}),
    "vector results are transposed": changed_results(lambda r: {"expr": column_turned(r.expr)}),
    "results are printed otherwise": changed_results(printed_otherwise),
    "results are printed with names of other things": changed_results(names_of_others),
    "chain lines are doubled": changed_steps("chain", lambda e: make("scale", (num(2), e))),
    "matrix chain lines are transposed": changed_steps("chain", matrix_turned),
    "vector chain lines are transposed": changed_steps("chain", column_turned),
    "shape lines have the other sign": changed_steps("shape", lambda e: make("neg", (e,))),
    "shape lines are not turned": changed_steps("shape", column_turned),
    "local lines are transposed": changed_steps("local", lambda e: e if e.op == "eye" else transpose(e)),
    "local lines have the other sign": changed_steps("local", lambda e: make("neg", (e,))),
    "definitions are doubled": changed_steps("definition", lambda e: make("scale", (num(2), e))),
    "the middle of a line is doubled": changed_middle,
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


@pytest.mark.parametrize("fault", ENGINE)
def test_a_wrong_engine_is_caught(fault: str) -> None:
    plant_and_judge(ENGINE[fault])


# ---------------------------------------------------------------- power, and no false alarms


def entries_of(value: Expr) -> Iterator[tuple[int, int]]:
    kind = value.type[0]
    yield from ((i, j) for i in range(1 if kind in "rs" else 3) for j in range(1 if kind in "cs" else 4))


def test_no_false_alarms() -> None:
    """Correct derivations pass at every seed."""
    count = 0
    for text in PROBES:
        d = clean(text, "shape")
        for seed in range(22):
            assert d.check(seed).passed
            count += 1
    assert count >= 300
    assert (waypoints, recognise, check_trace)
