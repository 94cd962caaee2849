"""Planted faults: a wrong rule row or ring law must end in a failed check, and show nothing false.

Each fault is planted, then probes are derived. A probe must fail its check, or else show only true lines:
that is judged against the derivation without the fault, at random arrays, shapes included (tests/faults.py).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from matcalc.algebra.normal import chains, entrywise, factoring, normal_form, symmetry
from matcalc.algebra.pullbacks import Compiler
from matcalc.expr.nodes import make, transpose
from tests.faults import (
    GRADIENTS,
    OTHERS,
    PROBES,
    Patch,
    around,
    clean,
    outcome,
    plant_and_judge,
    with_row,
)
from tests.slices import slices


@pytest.mark.slow
@pytest.mark.rounding
def test_without_a_fault_everything_is_true() -> None:
    assert outcome(lambda patch: None, PROBES) == (0, [])


@pytest.mark.slow
@pytest.mark.rounding
def test_no_false_alarms() -> None:
    """Correct derivations pass at every seed."""
    count = 0
    for text in GRADIENTS:
        for seed in range(18):
            assert clean(text).check(seed).passed
            count += 1
    assert count >= 300


@pytest.mark.sample(3)
@pytest.mark.parametrize("text", OTHERS)
def test_no_false_alarms_in_second_derivatives(text: str) -> None:
    for seed in range(12):
        assert clean(text).check(seed).passed


# ---------------------------------------------------------------- wrong rows

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


@pytest.mark.sample(6)
@pytest.mark.parametrize("name", slices(ROWS, 3))
def test_a_wrong_row_is_caught(name: str) -> None:
    wrong = with_row(name.removesuffix("-factor"), *ROWS[name])
    plant_and_judge(lambda patch: patch.setattr("matcalc.deriving.compiler", lambda: Compiler(wrong)))


# ---------------------------------------------------------------- wrong laws of the normal form


def law(name: str, change: Callable[[Any], Any]) -> Callable[[Patch], None]:
    def plant(patch: Patch) -> None:
        original = normal_form._LAWS[name]
        patch.setitem(normal_form._LAWS, name, lambda n, node: change(original(n, node)))

    return plant


def plus_one(factors: Any) -> Any:
    return tuple((base, e + 1) for base, e in factors)


def negated(form: Any) -> Any:
    return {t: -c for t, c in form.items()}


def doubled(form: Any) -> Any:
    return {t: 2 * c for t, c in form.items()}


def without_last(form: Any) -> Any:
    return dict(list(form.items())[:-1]) if len(form) > 1 else form


def everywhere(patch: Patch, original: Any, wrong: Any) -> None:
    """Another function in the place of one, wherever it was imported."""
    for owner in (*(m for n, m in list(sys.modules.items()) if n.startswith("matcalc.algebra")), normal_form.Normalizer):
        if vars(owner).get(original.__name__) is original:
            patch.setattr(owner, original.__name__, wrong)


def chain_law(original: Any, change: Callable[[Any], Any]) -> Callable[[Patch], None]:
    return lambda patch: everywhere(patch, original, lambda *args: change(original(*args)))


def turn_nothing(patch: Patch) -> None:
    everywhere(patch, chains.turn, lambda self, f: f)


def reverse_without_turning(patch: Patch) -> None:
    everywhere(patch, chains.reverse, lambda self, chain: chain[::-1])


def turn_without_reversing(patch: Patch) -> None:
    everywhere(patch, chains.reverse, lambda self, chain: tuple(self.turn(f) for f in chain))


def like_terms_replace(patch: Patch) -> None:
    def wrong(n: Any, node: Any) -> Any:
        sign = -1 if node.op == "sub" else 1
        return {**n.linears[node.args[0]], **{t: sign * c for t, c in n.linears[node.args[1]].items()}}

    patch.setitem(normal_form._LAWS, "add", wrong)
    patch.setitem(normal_form._LAWS, "sub", wrong)


def difference_is_sum(patch: Patch) -> None:
    patch.setitem(normal_form._LAWS, "sub", lambda n, node: normal_form._sum(n, make("add", node.args)))


def everything_symmetric(patch: Patch) -> None:
    everywhere(patch, symmetry.is_symmetric, lambda self, e: True)


def everything_orthogonal(patch: Patch) -> None:
    everywhere(patch, chains.orthogonal, lambda self, a, b: transpose(a) is b)


def declared_symmetric(patch: Patch) -> None:
    """A property of a variable is taken for one of another."""
    original = symmetry.has

    def wrong(self: Any, e: Any, names: Any) -> Any:
        return original(self, e, names) or (e.op == "sym" and e.attr == "B" and bool(self.properties))

    everywhere(patch, symmetry.has, wrong)


def sums_lose_signs(patch: Patch) -> None:
    original = factoring.sum_expr
    patch.setattr(factoring, "sum_expr", lambda form, t: original({k: abs(c) for k, c in form.items()}, t))


def content_lost(patch: Patch) -> None:
    around(patch, factoring, "common_scalars", lambda found: (1, *found[1:]))


def divisions_multiply(patch: Patch) -> None:
    original = factoring.scaled
    patch.setattr(
        factoring,
        "scaled",
        lambda c, factors, inner: original(c, tuple((b, abs(e)) for b, e in factors), inner),
    )


def inverse_in_order(patch: Patch) -> None:
    original = chains.invert

    def wrong(self: Any, chain: Any) -> Any:
        return original(self, chain[::-1])

    everywhere(patch, chains.invert, wrong)


def powers_of_inverse(patch: Patch) -> None:
    original = chains.raise_factor
    everywhere(patch, chains.raise_factor, lambda base, n: original(base, abs(n)))


def diagonal_forgotten(patch: Patch) -> None:
    original = chains.meet

    def wrong(self: Any, a: Any, b: Any) -> Any:
        if b.op == "diagm" and a.type[0] == "r":
            return 1, (), (a,)
        return (1, (), (b,)) if a.op == "diagm" and b.type[0] == "c" else original(self, a, b)

    everywhere(patch, chains.meet, wrong)


def quotients_are_products(patch: Patch) -> None:
    original = entrywise.entrywise
    everywhere(patch, original, lambda self, a, b, sign: original(self, a, b, 1))


def common_factor_doubles(patch: Patch) -> None:
    around(patch, factoring, "_grouped", lambda form: {t: 2 * c for t, c in form.items()})


LAWS: dict[str, Callable[[Patch], None]] = {
    "exponents of equal factors add up, and one more": lambda patch: around(
        patch, chains, "merge_factors", plus_one, normal_form, factoring
    ),
    "a transposed product keeps its order": turn_without_reversing,
    "a transposed product keeps its factors": reverse_without_turning,
    "a transpose is dropped": turn_nothing,
    "a product turns around": chain_law(chains.join, lambda found: (*found[:2], found[2][::-1])),
    "a scalar splits off a product twice": chain_law(chains.join, lambda found: (found[0] * 2, *found[1:])),
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


@pytest.mark.sample(5)
@pytest.mark.parametrize("fault", slices(LAWS, 3))
def test_a_wrong_law_is_caught(fault: str) -> None:
    plant_and_judge(LAWS[fault])
