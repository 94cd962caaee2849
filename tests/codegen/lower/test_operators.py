"""Operators in code: each of the table has a rule, and gives what NumPy and SciPy give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.special

import matcalc
from matcalc.codegen.lower import operators
from matcalc.codegen.lower.operators import RULES, divided
from matcalc.codegen.targets.numpy_forms import PRINTERS
from matcalc.expr.dims import mul
from matcalc.expr.nodes import make, sym
from matcalc.expr.table import Type
from matcalc.numeric.evaluation import evaluate
from matcalc.numeric.properties import sample_one
from tests.codes import require_code

CASES: list[tuple[str, str, Callable[..., Any], Sequence[str]]] = [
    ("sum(kron(A, B).^2)", "A", lambda A, B: (np.kron(A, B) ** 2).sum(), []),
    ("vec(A)'*vec(A)", "A", lambda A: (A * A).sum(), []),
    ("u'*einsum('ij,j->i', A, x)", "x", lambda u, A, x: u @ A @ x, []),
    ("sum(einsum('i,j,k->ijk', x, x, b).^2)", "x", lambda x, b: (np.einsum("i,j,k->ijk", x, x, b) ** 2).sum(), ["np.einsum"]),
    ("det(S)", "S", lambda S: np.linalg.det(S), []),
    ("logdet(S)", "S", lambda S: np.linalg.slogdet(S)[1], []),
    ("det(diag(x))", "x", lambda x: np.prod(x), [".prod()"]),
    ("max(x)", "x", lambda x: x.max(), [".argmax()"]),
    ("sum(max(x, y))", "x", lambda x, y: np.maximum(x, y).sum(), ["np.maximum(x, y)"]),
    ("sum(abs(x - 1))", "x", lambda x: np.abs(x - 1).sum(), []),
    ("tr(expm(S/4))", "S", lambda S: np.trace(scipy.linalg.expm(S / 4)), ["scipy.linalg.expm("]),
    ("sum(sqrtm(S*S'))", "S", lambda S: scipy.linalg.sqrtm(S @ S.T).real.sum(), ["scipy.linalg.sqrtm("]),
    ("sum(conv(x, b).^2)", "x", lambda x, b: (np.convolve(x, b) ** 2).sum(), ["np.convolve(x, b)"]),
    ("prod(x)", "x", lambda x: np.prod(x), []),
    ("y'*softmax(x)", "x", lambda y, x: y @ scipy.special.softmax(x), []),
    ("sum(S .* softmax(P))", "P", lambda S, P: (S * scipy.special.softmax(P, axis=1)).sum(), ["axis=1"]),
    ("sum(rowmax(A))", "A", lambda A: A.max(1).sum(), []),
    ("sum(gelu(x))", "x", lambda x: (x * scipy.special.ndtr(x)).sum(), []),
    ("normnuc(A)", "A", lambda A: np.linalg.norm(A, "nuc"), []),
]


@pytest.mark.parametrize(("text", "wrt", "value", "has"), CASES, ids=[c[0] for c in CASES])
def test_code(text: str, wrt: str, value: Callable[..., Any], has: Sequence[str]) -> None:
    require_code(text, wrt, value, has)


def test_a_size_divided_by_a_size() -> None:
    assert divided(12, 3) == 4 and divided(mul("m", "n"), "n") == "m" and "//" in str(divided("p", "n"))


X = sym("X", Type("m", "n", "n"))


def with_transpose(op: str, properties: frozenset[str]) -> tuple[np.ndarray, np.ndarray]:
    """f(X) and f(X'), at a matrix that is not symmetric unless it must be."""
    x = sample_one((3, 3), properties, np.random.default_rng(4))
    one, two = (evaluate([make(op, (X,))], {X: a}, {"n": 3})[0] for a in (x, x.T))
    return one, two


def lowered_by(rule: object) -> list[str]:
    return [op for op, found in RULES.items() if found is rule]


@pytest.mark.parametrize("op", lowered_by(operators.matrix_function))
def test_transposing_the_argument_transposes_the_value(op: str) -> None:
    one, two = with_transpose(op, frozenset({"near-identity"}))
    assert np.allclose(one.T, two, atol=1e-10) and not np.allclose(one, two)


@pytest.mark.parametrize("op", lowered_by(operators.matrix_number))
def test_a_matrix_and_its_transpose_share_the_number(op: str) -> None:
    one, two = with_transpose(op, frozenset({"symmetric"} if op == "eigmax" else ()))
    assert np.allclose(one, two, atol=1e-10)


def test_an_operator_without_a_rule_is_called_and_one_without_a_form_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    d = matcalc.derive("tr(B'*chol(A))", wrt="B", dims={"A": ("n", "n"), "B": ("n", "n")}, assume={"A": "spd"})
    assert "chol" not in RULES and "np.linalg.cholesky(" in d.to_code()
    monkeypatch.delitem(PRINTERS, "chol")
    with pytest.raises(matcalc.NoRuleError, match="no code can be generated for the operator 'chol'"):
        d.to_code()
