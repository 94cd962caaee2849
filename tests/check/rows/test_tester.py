"""The tester of rules: planted wrong rows are caught, and their messages say what is wrong."""

from __future__ import annotations

import pytest

from matcalc.api import book
from matcalc.check.rows.tester import check_rules
from matcalc.expr.errors import UsageError
from tests.rules.test_rules import verdict


def test_all_rules_at_once_and_by_name() -> None:
    assert [c.name for c in check_rules(book(), ["product", "chain"])] == ["product", "chain"]
    with pytest.raises(UsageError, match="no rule is named 'prodct'"):
        check_rules(book(), ["prodct"])


def test_the_seed_decides() -> None:
    first, again, other = (check_rules(book(), ["inverse"], seed=s)[0].error for s in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(
    "group, equation",
    [
        ("adjoint", "<G, A*L> = A'*G"),
        ("adjoint", "<G, A*L> = <A'*G, A*L>"),
        ("adjoint", "<G, L*L> = <L'*G, L>"),
        ("vec", "vec(A*L) = A*L"),
        ("vec", "vec(A*L) = vec(A*L)"),
        ("differential", "<G, L> = <G, L>"),
    ],
)
def test_a_row_in_the_wrong_form(group: str, equation: str) -> None:
    found = verdict(group, equation, "G[m,n] A[m,m] L[m,n]")
    assert not found.passed and "planted" in found.message


DIFFERENTIAL, ADJOINT, VEC, IDENTITY = "differential", "adjoint", "vec", "identity"

WRONG = {
    "sign": (DIFFERENTIAL, "d(A - B) = d(A) + d(B)", "A[m,n] B[m,n]"),
    "sign-of-inverse": (DIFFERENTIAL, "d(inv(X)) = inv(X)*d(X)*inv(X)", "X[n,n] invertible"),
    "sign-of-cos": (DIFFERENTIAL, "d(cos(X)) = sin(X) .* d(X)", "X[m,n]"),
    "factor-2": (DIFFERENTIAL, "d(norm2(X)^2) = sum(X .* d(X))", "X[m,n]"),
    "factor-half": (DIFFERENTIAL, "d(sqrt(X)) = d(X) ./ sqrt(X)", "X[m,n] positive"),
    "factor-1e-6": (DIFFERENTIAL, "d(exp(X)) = 1.000001*exp(X) .* d(X)", "X[m,n]"),
    "missing-term": (DIFFERENTIAL, "d(A*B) = d(A)*B", "A[m,n] B[n,k]"),
    "missing-term-of-softmax": (DIFFERENTIAL, "d(softmax(x)) = p .* d(x); p = softmax(x)", "x[n]"),
    "missing-factor": (DIFFERENTIAL, "d(det(X)) = tr(inv(X)*d(X))", "X[n,n] invertible"),
    "missing-second-slot": (DIFFERENTIAL, "d(a*X) = a*d(X)", "a[] X[m,n]"),
    "dropped-transpose": (DIFFERENTIAL, "d(norm2(X)^2) = 2*tr(X*d(X))", "X[n,n]"),
    "dropped-transpose-square": (DIFFERENTIAL, "d(logdet(X)) = tr(inv(X)'*d(X))", "X[n,n] invertible"),
    "swapped-order": (DIFFERENTIAL, "d(kron(A, B)) = kron(B, d(A)) + kron(A, d(B))", "A[m,n] B[p,q]"),
    "swapped-operands": (
        DIFFERENTIAL,
        "d(A ./ B) = d(A) ./ B - (B ./ A.^2) .* d(B)",
        "A[m,n] nonzero, B[m,n] nonzero",
    ),
    "exponent": (DIFFERENTIAL, "d(X.^b) = b*X.^b .* d(X) + d(b)*(X.^b .* log(X))", "X[m,n] positive, b[]"),
    "wrong-function": (DIFFERENTIAL, "d(tanh(X)) = (1 - tanh(X)) .* d(X)", "X[m,n]"),
    "wrong-derivative": (DIFFERENTIAL, "d(f(X)) = f''(X) .* d(X)", "X[m,n]"),
    "wrong-mask": (DIFFERENTIAL, "d(max(X)) = sum(argminmask(X) .* d(X))", "X[m,n]"),
    "wrong-step": (DIFFERENTIAL, "d(relu(X)) = (1 - step(X)) .* d(X)", "X[m,n] nonzero"),
    "hidden-squareness": (DIFFERENTIAL, "d(A') = d(A)", "A[n,n]"),
    "trace-and-sum": (DIFFERENTIAL, "d(sum(X)) = tr(d(X))", "X[n,n]"),
    "rows-for-columns": (DIFFERENTIAL, "d(rowsum(X)) = colsum(d(X))", "X[n,n]"),
    "matrices-only": (DIFFERENTIAL, "d(sum(X)) = ones(m)'*rowsum(d(X))", "X[m,n]"),
    "undeclared-variable": (DIFFERENTIAL, "d(A + B) = d(A) + C", "A[m,n] B[m,n] C[m,n]"),
    "adjoint-sign": (ADJOINT, "<G, A - L> = <G, L>", "G[m,n] A[m,n] L[m,n]"),
    "adjoint-factor-2": (ADJOINT, "<G, A .* L> = <2*A .* G, L>", "G[m,n] A[m,n] L[m,n]"),
    "adjoint-dropped-transpose": (ADJOINT, "<G, A*L> = <A*G, L>", "G[n,k] A[n,n] L[n,k]"),
    "adjoint-sizes": (ADJOINT, "<G, A*L> = <G*A', L>", "G[m,k] A[m,n] L[n,k]"),
    "adjoint-swapped-order": (ADJOINT, "<G, L*B> = <B'*G, L>", "G[n,n] L[n,n] B[n,n]"),
    "adjoint-of-transpose": (ADJOINT, "<G, L'> = <G, L>", "G[n,n] L[n,n]"),
    "adjoint-of-quotient": (ADJOINT, "<G, L ./ B> = <B .* G, L>", "G[m,n] L[m,n] B[m,n] nonzero"),
    "adjoint-of-trace": (ADJOINT, "<g, tr(A*L)> = <g*A, L>", "g[] A[n,n] L[n,n]"),
    "adjoint-not-linear": (ADJOINT, "<G, L .* L> = <G, L>", "G[m,n] L[m,n]"),
    "adjoint-not-homogeneous": (ADJOINT, "<g, sum(L + A)> = <fill(g, L), L>", "g[] L[m,n] A[m,n]"),
    "adjoint-exp": (ADJOINT, "<G, exp(L)> = <G, L>", "G[m,n] L[m,n]"),
    "vec-sign": (VEC, "vec(A - L) = vec(L)", "A[m,n] L[m,n]"),
    "vec-transposed": (VEC, "vec(l*B) = B*vec(l)", "l[1,n] B[n,n]"),
    "vec-factor": (VEC, "vec(sum(l)) = 2*ones(n)'*vec(l)", "l[n]"),
    "vec-inverse": (VEC, "vec(L/a) = a*vec(L)", "a[] nonzero, L[m,n]"),
    "vec-of-matrix-transposed": (VEC, "vec(L') = vec(L)", "L[m,n]"),
    "vec-order": (VEC, "vec(l .* a) = a*sum(l)", "a[n] l[n]"),
    "identity": (IDENTITY, "(A*B)' = A'*B'", "A[n,n] B[n,n]"),
    "identity-of-det": (IDENTITY, "det(A + B) = det(A) + det(B)", "A[n,n] B[n,n]"),
    "identity-of-log": (IDENTITY, "log(X.^2) = 2*log(X)", "X[m,n] nonzero"),
    "where-it-is-undefined": (IDENTITY, "X ./ X = X.^0 + log(X) - log(X)", "X[m,n] nonzero"),
    "no-condition": (DIFFERENTIAL, "d(log(X)) = d(X) ./ X", "X[m,n]"),
    "no-condition-of-arcsin": (DIFFERENTIAL, "d(arcsin(X)) = d(X) ./ sqrt(1 - X.^2)", "X[m,n]"),
    "no-sample": (DIFFERENTIAL, "d(log(X)) = d(X) ./ X", "X[n,n] skew positive"),
    "no-sample-of-scalars": (DIFFERENTIAL, "d(a^b) = b*a^(b-1)*d(a) + a^b*log(a)*d(b)", "a[] spd, b[]"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_planted_wrong_row_is_caught(fault: str) -> None:
    found = verdict(*WRONG[fault])
    assert not found.passed, f"{WRONG[fault][1]} was not caught (error {found.error})"
    assert found.message


def test_messages_say_what_is_wrong() -> None:
    assert "no sample of X is positive, skew at once" in verdict(*WRONG["no-sample"]).message
    assert "state one in where" in verdict(*WRONG["no-condition"]).message
    assert "not linear in 'L'" in verdict(*WRONG["adjoint-not-linear"]).message
    assert "for a scalar" in verdict(*WRONG["matrices-only"]).message
    assert "relative error 1.0e-06 at m = 2, n = 3" in verdict(*WRONG["factor-1e-6"]).message


def test_a_disabled_row_must_be_wrong() -> None:
    wrong = verdict(DIFFERENTIAL, "d(A*B) = d(A)*B", "A[m,n] B[n,k]", disabled="A = B = [[1]]")
    assert wrong.passed and wrong.error > 0.1
    right = verdict(DIFFERENTIAL, "d(A*B) = d(A)*B + A*d(B)", "A[m,n] B[n,k]", disabled="tempting")
    assert not right.passed and "no counterexample" in right.message
    undefined = verdict(DIFFERENTIAL, "d(log(X)) = d(X)", "X[n,n] skew positive", disabled="tempting")
    assert not undefined.passed and "cannot be sampled" in undefined.message
