"""Operators in code: each of the table has a rule, and gives what NumPy and SciPy give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.special

from matcalc.codegen.lower.operators import divided
from matcalc.expr.dims import mul
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
