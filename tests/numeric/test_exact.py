"""Arithmetic modulo primes: kernels against exact fractions, zeros that are proved, and what must not be taken for one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.check.points import Point
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import make, num, sym, zeros
from matcalc.expr.table import TABLE, Type
from matcalc.notation.meaning.declarations import as_properties
from matcalc.numeric import evaluation, exact
from matcalc.numeric.kernels import At
from matcalc.numeric.modular import KERNELS, Modular
from matcalc.numeric.residues import determinant, inverse

P = exact.PRIMES[0]
SHAPES: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys("ABKQX", ("n", "n")),
    "Z": ("m", "n"),
    **dict.fromkeys("xy", ("n",)),
    **dict.fromkeys("st", ()),
}


def shapes(text: str, *more: str) -> dict[str, tuple[Any, ...]]:
    tokens = set("".join(c if c.isalnum() else " " for c in text).split()) | set(more)
    return {k: v for k, v in SHAPES.items() if k in tokens}


def asked(text: str, assume: Mapping[str, str] | None = None) -> tuple[Any, exact.At]:
    problem = read_problem(text, shapes(text))
    properties = as_properties(assume or {})
    point = Point(problem, (), [problem.output], [], properties, evaluation.WithGeneric(), 0, sizes=(3, 4, 5))
    return problem, exact.At(evaluation.values([problem.output], point.env, point.sizes, point.functions), point.sizes, properties)


def residue(x: Fraction) -> int:
    return x.numerator * pow(x.denominator, -1, P) % P


def test_the_primes_are_primes() -> None:
    """Miller and Rabin, with bases that settle all numbers below 2⁶⁴ (Sorenson and Webster 2015)."""

    def is_prime(n: int) -> bool:
        d, r = n - 1, 0
        while d % 2 == 0:
            d, r = d // 2, r + 1
        for a in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
            x = pow(a, d, n)
            if x not in (1, n - 1) and all((x := x * x % n) != n - 1 for _ in range(r - 1)):
                return False
        return True

    assert all(is_prime(p) and p > 2**60 for p in exact.PRIMES) and len(set(exact.PRIMES)) == 2
    assert not is_prime(exact.PRIMES[0] * exact.PRIMES[1]) and not is_prime(561)


def test_inverse_and_determinant_against_fractions() -> None:
    rng = random.Random(3)
    for n in (1, 2, 3, 5):
        rows = [[Fraction(rng.randrange(-9, 10), rng.randrange(1, 7)) for _ in range(n)] for _ in range(n)]
        x = np.array([[residue(v) for v in row] for row in rows], object)
        want = leibniz(rows)
        assert determinant(x, P) == residue(want)
        if want:
            assert ((x @ inverse(x, P) - np.eye(n, dtype=int)) % P == 0).all()
    assert determinant(np.array([[1, 2], [2, 4]], object), P) == 0


def leibniz(rows: list[list[Fraction]]) -> Fraction:
    if len(rows) == 1:
        return rows[0][0]
    minors = ([row[:j] + row[j + 1 :] for row in rows[1:]] for j in range(len(rows)))
    return sum(((-1) ** j * rows[0][j] * leibniz(minor) for j, minor in enumerate(minors)), Fraction(0))


# One expression for each rational operator, in whole numbers: the value is compared with that in double precision.
RATIONAL = [
    "A + B - A .* B", "-A*B'", "s*A + A/t", "A ./ (B + 7)", "x'*A*x", "A^3", "tr(A^3)", "x.^3", "s^2 - t^-2", "inv(A)", "det(A)",
    "adj(A)", "tr(A)", "diag(x) + diag(diag(A))", "vec(A)", "kron(A, B)", "[A, B; B, A]", "A[:,1]", "x[2:3]", "A[2,1]", "rowsum(A)",
    "colsum(A)", "norm2(A)^2", "var(x)", "prod(x)", "tril(A)", "ones(n, n) + eye(n)", "einsum('ij,jk->ik', A, B)", "cumsum(x)",
    "conv(x, y)", "n*A", "pinv(A)",
]  # fmt: skip


@pytest.mark.parametrize("text", RATIONAL)
def test_rational_operators_against_double_precision(text: str) -> None:
    problem = read_problem(text, shapes(text))
    rng = np.random.default_rng(5)
    sizes = {"n": 3, "m": 4}
    env: dict[Any, Any] = {}
    for s in problem.symbols.values():
        extent = tuple({"n": 3, "m": 4}.get(str(d), 1) for d in s.type[1:])
        env[s] = rng.permutation(np.arange(1, 1 + np.prod(extent))).reshape(extent) * rng.choice([-1.0, 1.0], extent) + 0.5
    known = evaluation.values([problem.output], env, sizes, {})
    m = Modular(P, 0)
    (got,) = evaluation.evaluate([problem.output], {s: m.array(v) for s, v in env.items()}, sizes, m)
    want = known[problem.output]
    assert got.shape == want.shape
    for g, w in zip(got.reshape(-1), want.reshape(-1), strict=True):
        assert abs(small_fraction(int(g)) - w) < 1e-6 * max(1, abs(w)), (text, g, w)


def small_fraction(r: int) -> float:
    """The fraction with a small numerator and denominator that has this residue (Wang's reconstruction)."""
    a, b, u, v = P, r % P, 0, 1
    while b * b * 2 > P:
        q = a // b
        a, b, u, v = b, a - q * b, v, u - q * v
    return b / v


def one(x: Any) -> Any:
    return np.eye(len(x), dtype=int)


# What holds modulo p of each draw; and how many of the entries are free.
TIED: dict[str, tuple[Any, int]] = {
    "symmetric": (lambda x: x - x.T, 10),
    "skew": (lambda x: x + x.T, 6),
    "diagonal": (lambda x: x - np.diag(np.diag(x)), 4),
    "diagonal symmetric": (lambda x: x - np.diag(np.diag(x)), 4),
    "lower-triangular": (lambda x: np.triu(x, 1), 10),
    "upper-triangular": (lambda x: np.tril(x, -1), 10),
    "laplacian": (lambda x: np.hstack([x - x.T, x.sum(1, keepdims=True)]), 6),
    "toeplitz": (lambda x: x[1:, 1:] - x[:-1, :-1], 7),
    "symmetric-toeplitz": (lambda x: np.hstack([(x[1:, 1:] - x[:-1, :-1]).reshape(1, -1), (x - x.T).reshape(1, -1)]), 4),
    "symmetric toeplitz": (lambda x: np.hstack([(x[1:, 1:] - x[:-1, :-1]).reshape(1, -1), (x - x.T).reshape(1, -1)]), 4),
    "orthogonal": (lambda x: x.T @ x - one(x), 6),
    "orthogonal symmetric": (lambda x: np.hstack([x @ x - one(x), x - x.T]), 0),
    "probability": (lambda x: x.sum(1) - 1, 12),
    "unit": (lambda x: np.array([(x * x).sum() - 1]), 15),
}


@pytest.mark.parametrize("properties", TIED)
def test_what_is_drawn_has_its_properties_and_is_free_otherwise(properties: str) -> None:
    wrong, free = TIED[properties]
    symbol = sym("Q", Type("m", "n", "n"))
    drawn = [exact._drawn(Modular(P, seed), symbol, np.zeros((4, 4)), frozenset(properties.split()), 0) for seed in range(8)]
    assert all(not (wrong(x) % P).any() for x in drawn)
    several = sum(len({int(x[i]) for x in drawn}) > 4 for i in np.ndindex(4, 4))
    assert several >= free and not any((x == drawn[0]).all() for x in drawn[1:] if properties != "orthogonal symmetric")
    if "orthogonal" in properties:  # turned and reflected, of any rank
        assert {determinant(x, P) for x in drawn} == {1, P - 1}
    if properties == "orthogonal symmetric":
        assert len({int(np.trace(x)) % P for x in drawn}) > 2


def test_the_tied_properties_are_all_tried() -> None:
    assert {frozenset(p.split()) for p in TIED} == exact._STRUCTURED.keys()
    column = exact._drawn(Modular(P, 1), sym("p", Type("c", "n", 1)), np.zeros((5, 1)), frozenset({"probability"}), 0)
    assert column.sum() % P == 1 and len(set(column.ravel())) == 5


def test_every_operator_has_a_kernel_or_is_no_operator_of_values() -> None:
    assert set(TABLE) - set(KERNELS) <= {"sym", "d", "rowargmax1"} | {name for name, op in TABLE.items() if not op.shape}


def test_what_has_branches_is_no_rational_function() -> None:
    """The branch at one point says nothing of another: what has a kink takes any values, that depend on its argument alone."""
    rational = {KERNELS[name] for name in ("add", "matmul", "sum", "eye", "inv", "det")}
    assert all(KERNELS[name] not in rational for name, op in TABLE.items() if op.kink and name in KERNELS)
    x = np.array([[0], [5]], object)
    node = make("abs", (sym("x", Type("c", 2, 1)),))
    first = Modular(P, 0).kernel("abs")(At(node, {}, Modular(P, 0)), x)
    assert first[0, 0] == 0 and first[1, 0] not in (5, P - 5)


ZERO = [
    "tr(inv(X'*K*X)*(X'*B*X)) - tr(inv(K)*B)", "det(A)*det(inv(A)) - 1", "adj(A)*A - det(A)*eye(n)",
    "kron(A, B)*kron(inv(A), inv(B)) - kron(eye(n), eye(n))",
    "inv(A + x*y') - inv(A) + inv(A)*x*y'*inv(A)/(1 + y'*inv(A)*x)",
    "vec(A*X*B) - kron(B', A)*vec(X)", "logdet(A) + logdet(inv(A))",
    "sum(softmax(x)) - 1", "sigmoid(x) + sigmoid(-x) - 1", "sin(x).^2 + cos(x).^2 - 1",
    "expm(A)*A - A*expm(A)", "expm(A') - expm(A)'",
    "tr(A*B - B*A)", "norm1(x - x)", "max(x) - max(x)", "pinv(Z)*Z*pinv(Z) - pinv(Z)", "x'*(A - A')*x", "norm2(x)^2 - x'*x",
]  # fmt: skip
NOT_ZERO = [
    "A*B - B*A", "A*A - tr(A)*A + det(A)*eye(n)", "expm(A)*B - B*expm(A)", "exp(s + t) - exp(s) - exp(t)",
    "det(A + B) - det(A) - det(B)",
    "log(s*s*t) - log(s) - log(t)", "f(x) - g(x)", "tanh(20 + x) - 1", "s/10^30", "inv(A + B) - inv(A)",
]  # fmt: skip


@pytest.mark.parametrize("text", ZERO)
def test_a_zero_is_proved(text: str) -> None:
    problem, at = asked(text)
    assert exact.vanishes(problem.output, at) is True


@pytest.mark.parametrize("text", NOT_ZERO)
def test_what_is_not_zero_is_not_taken_for_it(text: str) -> None:
    problem, at = asked(text)
    assert exact.vanishes(problem.output, at) is False


def test_a_division_by_zero_everywhere_is_no_answer() -> None:
    problem, at = asked("x/s")
    never = make("div", (problem.symbols["x"], num(0)))
    assert exact.vanishes(never, at) is None


@pytest.mark.parametrize("text, declared, zero", [
    ("x'*A*x", "skew", True), ("A - A'", "symmetric", True), ("A - A'", "spd", True), ("A*A' - eye(n)", "orthogonal", True),
    ("A*A - eye(n)", "orthogonal", False), ("A - diag(diag(A))", "diagonal", True), ("A - tril(A)", "lower-triangular", True),
    ("A - tril(A)", "upper-triangular", False), ("rowsum(A)", "laplacian", True), ("A - A'", "toeplitz", False),
    ("A - A'", "symmetric-toeplitz", True), ("A*A - eye(n)", "orthogonal, symmetric", True),
])  # fmt: skip
def test_declared_properties_hold_modulo_the_prime(text: str, declared: str, zero: bool) -> None:
    problem, at = asked(text, {"A": declared})
    assert exact.vanishes(problem.output, at) is zero


@pytest.mark.parametrize("declared, text", [("probability", "sum(x) - 1"), ("unit", "x'*x - 1")])
def test_declared_vectors(declared: str, text: str) -> None:
    problem, at = asked(text, {"x": declared})
    assert exact.vanishes(problem.output, at) is True


@pytest.mark.parametrize("declared", ["one-hot", "binary", "sign", "count"])
def test_few_values_prove_nothing(declared: str) -> None:
    """One draw of a binary vector stands for no other."""
    problem, at = asked("x .* x - x", {"x": declared})
    assert exact.vanishes(problem.output, at) is False


# ---------------------------------------------------------------- derivations

STYLES = ("backprop", "differential", "elementwise")
CANCELS = [
    ("tr(inv(X)*(A*X))", "X", "X⁻¹ X = I"),
    ("tr(inv(X'*K*X)*(X'*B*X))", "X", "(Xᵀ K X)⁻¹ (Xᵀ K X) = I"),
    ("det(X)*det(inv(X))", "X", "X⁻¹ X = I"),
    ("x'*inv(x*x' + eye(n))*x - x'*x/(1 + x'*x)", "x", "= I"),
    ("sum(softmax(x))", "x", "sum(softmax(x)) = 1"),
    ("s/s + t", "s", "s/s = 1"),
    ("norm2(x ./ norm2(x))", "x", "the terms cancel"),
    ("sum(log(exp(x))) - sum(x)", "x", "the terms cancel"),
]  # fmt: skip


@pytest.mark.sample(24)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("text, wrt, why", CANCELS, ids=[c[0] for c in CANCELS])
def test_a_derivative_that_cancels_is_shown_as_zero_with_the_reason(text: str, wrt: str, why: str, style: str) -> None:
    for seed in (0, 3):
        d = matcalc.derive(text, wrt=wrt, dims=shapes(text), style=style, seed=seed)
        assert d.result.data.expr is zeros(d.result.data.expr.type)
        last = [s for s in d.steps if s.node is not None and s.node.attr == wrt and s.lhs.expr.type == s.rhs.expr.type][-1]
        assert last.rhs.expr is d.result.data.expr and last.check is not None
        assert why in d.to_text() and "the terms cancel" in d.to_text()
        assert ("is 0 only where" in " ".join(d.warnings)) == ("= I" in why)
        assert seed or d.check(seed + 50).passed  # the line that says 0 is checked like any other
        assert d.replay(), d.replay()


@pytest.mark.slow
@pytest.mark.rounding
@pytest.mark.parametrize("kind", ["hessian", "hvp"])
def test_second_derivatives_that_cancel(kind: str) -> None:
    text = "x'*inv(x*x' + eye(n))*x - x'*x/(1 + x'*x)"
    d = matcalc.derive(text, wrt="x", dims=shapes(text, "y"), kind=kind, direction="y" if kind == "hvp" else None)
    assert d.result.data.expr is zeros(d.result.data.expr.type) and "the terms cancel" in d.to_text()


def test_a_jacobian_that_cancels() -> None:
    for style in ("backprop", "differential"):
        d = matcalc.derive("inv(A + A)*(A*x)", wrt="A", dims=shapes("A x"), style=style)
        assert d.result.data.expr is zeros(d.result.data.expr.type) and "the terms cancel" in d.to_text()


@pytest.mark.parametrize(
    "text, wrt", [("erf(norm2(x)^2 + 6)", "x"), ("sum(relu(x - 40))", "x"), ("tr(A*A) - tr(A)^2 + 2*det(A)", "A")]
)
def test_what_only_looks_like_zero_is_not_shown_as_zero(text: str, wrt: str) -> None:
    """A saturated function, a branch that no point leaves, and an equation that holds for 2×2 matrices alone."""
    d = matcalc.derive(text, wrt=wrt, dims=shapes(text))
    assert d.result.plain not in ("0", "zeros(n)", "zeros(n, n)")


def test_what_does_not_occur_does_not_cancel() -> None:
    for style in STYLES:
        d = matcalc.derive("x'*x", wrt=["x", "B"], dims=shapes("x B"), style=style)
        assert "does not occur" in d.to_text() and "cancel" not in d.to_text()
    assert "cancel" not in matcalc.derive("x'*y", wrt="x", dims=shapes("x y"), kind="hessian").to_text()


def test_declared_inverses_need_no_notice() -> None:
    d = matcalc.derive("tr(inv(X)*(A*X))", wrt="X", dims=shapes("X A"), assume={"X": "spd"})
    assert not d.warnings


def test_a_wrong_line_that_says_zero_is_caught() -> None:
    d = matcalc.derive("x'*A*x", wrt="x", dims=shapes("x A"))
    last = d.trace.steps[-1]
    false = last._replace(
        kind="zero", rule="cancelling", rhs=last.rhs._replace(expr=zeros(last.rhs.type)), through=(last.lhs.expr,)
    )
    d.trace = d.trace._replace(steps=(*d.trace.steps, false))
    with pytest.raises(CheckError, match="failed its numeric check"):
        d.check()
    with pytest.raises(CheckError, match="do not cancel"):
        d.replay().require()


def test_symbols_that_are_not_drawn_freely() -> None:
    """A property that exact points cannot have is left undecided, not guessed."""
    x = sym("x", Type("c", "n", 1))
    at = exact.At({x: np.ones((3, 1))}, {"n": 3}, {"x": frozenset({"probability", "unit"})})
    assert exact.vanishes(make("sub", (x, x)), at) is None
