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
SINGULAR = np.linalg.svd(X, compute_uv=False)

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
    "a fraction": (r"\operatorname{tr}(M^{3/2})", "M", (EIGENVALUES**1.5).sum()),
    "rows": (r"\|X\|_{2,1}", "X", np.linalg.norm(X, axis=1).sum()),
    "columns": (r"\|X^T\|_{2,1}", "X", np.linalg.norm(X, axis=0).sum()),
    "singular values": (r"\|X^T\|_3", "X", (SINGULAR**3).sum() ** (1 / 3)),
    "singular values, a symbol": (r"\|X^T\|_p^p", "X", (SINGULAR**p).sum()),
    "Schatten": (r"\|X^T\|_{S_p}^p", "X", (SINGULAR**p).sum()),
    "Schatten, nuclear": (r"\|X^T\|_{S_1}", "X", SINGULAR.sum()),
    "a norm in braces": (r"{\left\|x\right\|}_{3}^{3}", "x", (x**3).sum()),
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
    r"\|x\|_r": NoRuleError, r"\|A\|_{1,2}": NoRuleError, r"A:X:A": ParseError, r"\langle x,y\rangle_M": AmbiguityError,
}  # fmt: skip


@pytest.mark.parametrize(("text", "error"), REFUSED.items())
def test_labels_that_say_nothing_are_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        matcalc.parse(text, DIMS, notation="latex")


@pytest.mark.parametrize(
    ("text", "notices"),
    [
        (r"\|X\|_{2,1}", ["the 2-norms of the rows"]),
        (r"\|X^T\|_4^4", ["Schatten norm"]),
        (r"\|X^T\|_p^p", ["p < 2", "Schatten norm"]),
        (r"\|X\|_{S_2}", []),
    ],
)
def test_a_norm_that_books_define_in_two_ways_is_said(text: str, notices: list[str]) -> None:
    dims = {k: s for k, s in DIMS.items() if k in ("X", "p")}
    warnings = matcalc.parse(text, dims, notation="latex")._problem.warnings
    assert len(warnings) == len(notices) and all(n in w for n, w in zip(notices, warnings, strict=True))


def test_gradients_against_singular_vectors() -> None:
    tall = X.T
    left, values, right = np.linalg.svd(tall, full_matrices=False)
    d = matcalc.derive(r"\|Y\|_p^p", wrt="Y", notation="latex")
    found = matcalc.parse(d.result.plain, d.dims).evaluate({"Y": tall, "p": p})
    np.testing.assert_allclose(found, left @ np.diag(p * values ** (p - 1)) @ right, rtol=1e-9)
    rows = matcalc.derive(r"\|Y\|_{2,1}", wrt="Y", notation="latex")
    found = matcalc.parse(rows.result.plain, rows.dims).evaluate({"Y": tall})
    np.testing.assert_allclose(found, tall / np.linalg.norm(tall, axis=1)[:, None], rtol=1e-12)


@pytest.mark.parametrize("text", [r"\|x-Py\|^2_{\Sigma^{-1}}", r"\|x-Py\|_{\Sigma^{-1}}^2"])
def test_a_matrix_below_a_norm_need_not_be_declared(text: str) -> None:
    d = matcalc.derive(text, "y")
    rng = np.random.default_rng(3)
    x, p, y, s = rng.normal(size=3), rng.normal(size=(3, 2)), rng.normal(size=2), np.diag([1.0, 2.0, 3.0])
    want = -2 * p.T @ np.linalg.solve(s, x - p @ y)
    assert np.allclose(d.result.evaluate({"x": x, "P": p, "y": y, "Sigma": s}), want)
    assert any("is read as the root of xᵀ Sigma^-1 x" in w for w in d.warnings)
    with pytest.raises(NoRuleError):  # of a space of functions
        matcalc.derive(r"\|w\|_H^2", "w")
