"""The NumPy form of each kernel: one for every operator that code has."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.codegen.targets.numpy_forms import PRINTERS
from matcalc.expr.nodes import make, sym
from matcalc.expr.table import TABLE, Type
from matcalc.numeric.evaluation import evaluate
from tests.codes import body, ran

SYMBOL = sym("x", Type("c", 4, 1))


@pytest.mark.parametrize(
    ("text", "wrt", "piece"),
    [
        ("sum(log(x))", "x", "np.log(x)"), ("sum(arcsin(x/2))", "x", "np.arcsin("), ("sum(erf(x))", "x", "scipy.special.erf(x)"),
        ("S[2,3]*a", "a", "S[1, 2]"), ("u'*A*x", "u", "A @ x"), ("x'*y", "x", "x @ y"), ("tr(S)", "S", "np.trace(S)"),
        ("norm2(x)", "x", "_norm(x)"), ("sum(chol(S))", "S", "cholesky("), ("sum(pinv(A))", "A", "np.linalg.pinv(A)"),
        ("eigmax(S)", "S", "eigvalsh("), ("sum(lgamma(x))", "x", "scipy.special.gammaln(x)"),
        ("sum(conv(x, b))", "b", "np.convolve(x, b)"),
    ],
)  # fmt: skip
def test_forms(text: str, wrt: str, piece: str) -> None:
    assert "".join(piece.split()) in "".join(body(text, wrt=wrt).split())


@pytest.mark.slow
def test_every_elementwise_function_is_written_somehow() -> None:
    rng = np.random.default_rng(1)
    for op, row in TABLE.items():
        if not row.elementwise or op == "fn":
            continue
        x = rng.uniform(0.2, 0.8, 4) + (1 if row.domain == "above-one" else 0)
        value, _ = ran(f"a*sum({row.plain}(x))", {"x": x, "a": 2.0}, wrt="a")
        (want,) = evaluate([make("sum", (make(op, (SYMBOL,)),))], {SYMBOL: x[:, None]}, {})
        assert np.isclose(value, 2 * want.item(), rtol=1e-12), op


def test_forms_are_printers() -> None:
    assert all(callable(form) for form in PRINTERS.values()) and {"sym", "num", "lin", "prod"} <= PRINTERS.keys()
