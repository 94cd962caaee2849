"""Norms and products with a label, A : B, and roots of matrices in LaTeX."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc import AmbiguityError, NoRuleError, ParseError

RNG = np.random.default_rng(5)
ROOT = RNG.normal(size=(3, 3))
VALUES: dict[str, Any] = {
    "x": RNG.uniform(0.3, 1, 3), "y": RNG.uniform(1.2, 2, 3), "M": ROOT @ ROOT.T + np.eye(3), "A": RNG.normal(size=(2, 3)),
    "X": RNG.normal(size=(2, 3)), "p": 2.5, "mu": 0.4, "S": ROOT.T @ ROOT + np.eye(3),
}  # fmt: skip
DIMS: dict[str, Any] = {
    "x": ("n",),
    "y": ("n",),
    "M": ("n", "n"),
    "S": ("n", "n"),
    "A": ("m", "n"),
    "X": ("m", "n"),
    "p": (),
    "mu": (),
}
x, y, M, A, X, p, S = (VALUES[k] for k in ("x", "y", "M", "A", "X", "p", "S"))
GAP = y - x
EIGENVALUES, VECTORS = np.linalg.eigh(M)
INVERSE_ROOT = VECTORS @ np.diag(EIGENVALUES**-0.5) @ VECTORS.T

READ: dict[str, tuple[str, str, Any]] = {
    "three": (r"\|x\|_3", "x", (x**3).sum() ** (1 / 3)),
    "its power": (r"\|x-y\|_3^3", "x", (GAP**3).sum()),
    "a symbol": (r"\|x\|_p", "x", (x**p).sum() ** (1 / p)),
    "a symbol and its power": (r"\|x\|_p^p", "x", (x**p).sum()),
    "a matrix": (r"\|x-y\|_M^2", "x", GAP @ M @ GAP),
    "a matrix, braces": (r"\left\|x-y\right\|_{\mathbf{M}}", "M", np.sqrt(GAP @ M @ GAP)),
    "an inverse": (r"\|x-y\|^2_{S^{-1}}", "S", GAP @ np.linalg.inv(S) @ GAP),
    "a row": (r"\|x^T\|_M^2", "x", x @ M @ x),
    "colon": (r"A:X", "X", (A * X).sum()),
    "colon binds looser": (r"\mu\,X:AM+x^Ty", "X", 0.4 * (X * (A @ M)).sum() + x @ y),
    "Frobenius": (r"\langle A,X\rangle_F+\langle A,X\rangle_{\mathrm F}", "X", 2 * (A * X).sum()),
    "inverse root": (r"x^TM^{-1/2}y", "x", x @ INVERSE_ROOT @ y),
    "trace of a root": (r"\operatorname{tr}(M^{\frac12})", "M", np.sqrt(EIGENVALUES).sum()),
}  # fmt: skip


@pytest.mark.parametrize("case", READ.values(), ids=READ)
def test_labels_say_which_norm(case: tuple[str, str, Any]) -> None:
    text, wrt, want = case
    d = matcalc.derive(text, wrt=wrt, dims={k: s for k, s in DIMS.items() if k in text or k == "mu"}, notation="latex",
                       assume={"x": "positive", "y": "positive", "p": "positive", "M": "spd", "S": "spd"})  # fmt: skip
    assert d.checked is not None and d.checked.passed
    np.testing.assert_allclose(d.value.evaluate(VALUES), want, rtol=1e-10)


def test_answers_are_short() -> None:
    def derive(text: str, wrt: str) -> str:
        return matcalc.derive(text, wrt=wrt, dims=DIMS, assume={"M": "spd", "S": "spd"}, notation="latex").result.plain

    assert derive(r"\operatorname{tr}(M^{1/2})", "M") == "inv(sqrtm(M))/2"
    assert derive(r"\tfrac12\|x-y\|_M^2", "x") == "M*(x - y)"
    assert matcalc.derive("x'*inv(S)*x", wrt="x", dims=DIMS).result.plain == "(inv(S) + inv(S)')*x"


REFUSED = {
    r"\|x\|_q": NoRuleError, r"\|A\|_3": NoRuleError, r"A:X:A": ParseError, r"\langle x,y\rangle_M": AmbiguityError,
}  # fmt: skip


@pytest.mark.parametrize(("text", "error"), REFUSED.items())
def test_labels_that_say_nothing_are_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        matcalc.parse(text, DIMS, notation="latex")


def test_in_plain_notation_a_power_of_a_matrix_is_an_integer() -> None:
    with pytest.raises(NoRuleError, match="not an integer"):
        matcalc.parse("tr(M^0.5)", DIMS)
