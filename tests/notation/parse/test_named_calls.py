"""Densities, divergences, Φ, and calls of Julia: values against SciPy, gradients against differences, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.special as sp
import scipy.stats

import matcalc
from matcalc.expr.errors import MatcalcError, NoRuleError
from tests.differences import slopes

Values = dict[str, Any]
RNG = np.random.default_rng(11)
ROOTS = RNG.normal(size=(2, 3, 3))
VALUES: Values = {
    **{name: RNG.normal(size=3) for name in ("x", "mu", "mu_0", "mu_1", "w", "v")},
    **dict(zip(("Sigma", "Sigma_0"), ROOTS @ ROOTS.transpose(0, 2, 1) + np.eye(3), strict=True)),
    "Sigma_1": np.diag([0.6, 1.3, 2.0]) + 0.2, "X": RNG.normal(size=(4, 3)), "A": RNG.normal(size=(3, 3)),
    "sigma": np.array(1.4), "z": np.array(0.3), "y": np.array([0.0, 1.0, 1.0, 0.0]),
    "p": np.array([0.2, 0.5, 0.3]), "q": np.array([0.4, 0.4, 0.2]),
}  # fmt: skip
pdf = scipy.stats.multivariate_normal.pdf


def logpdf(x: Any, mean: Any, S: Any) -> Any:
    """By its definition: SciPy's looks at one triangle of S only."""
    gap = x - mean
    return -(gap * np.linalg.solve(S, gap.T).T).sum(-1) / 2 - np.linalg.slogdet(2 * np.pi * S)[1] / 2


def gaussians(v: Values) -> Any:
    """Kullback, Information Theory and Statistics, ch. 9, with determinants and solutions of systems."""
    gap = v["mu_1"] - v["mu_0"]
    S, R = v["Sigma_0"], v["Sigma_1"]
    ratio = np.log(np.linalg.det(R) / np.linalg.det(S))
    return (np.trace(np.linalg.solve(R, S)) - 3 + gap @ np.linalg.solve(R, gap) + ratio) / 2


# The text, the variable, its value.
CASES: dict[str, tuple[str, str, Callable[[Values], Any]]] = {
    "density": (r"\mathcal N(x|\mu,\Sigma)", "mu", lambda v: pdf(v["x"], v["mu"], v["Sigma"])),
    "its log": (r"\log\mathcal{N}(x \mid \mu, \Sigma)", "Sigma", lambda v: logpdf(v["x"], v["mu"], v["Sigma"])),
    "semicolon": (r"\ln \mathcal{N}(x;\mu,\Sigma)", "x", lambda v: logpdf(v["x"], v["mu"], v["Sigma"])),
    "spherical": (
        r"\log\mathcal N(x|\mu,\sigma^2 I)",
        "sigma",
        lambda v: logpdf(v["x"], v["mu"], v["sigma"] ** 2 * np.eye(3)),
    ),
    "scalar": (r"\log\mathcal N(z|0,\sigma^2)", "sigma", lambda v: scipy.stats.norm.logpdf(v["z"], 0, v["sigma"])),
    "samples": (
        r"\sum_{i=1}^n \log\mathcal N(x_i|\mu,\Sigma)",
        "mu",
        lambda v: logpdf(v["X"], v["mu"], v["Sigma"]).sum(),
    ),
    "likelihood": (
        r"\log\prod_{i=1}^n \mathcal N(x_i|\mu,\Sigma)",
        "mu",
        lambda v: logpdf(v["X"], v["mu"], v["Sigma"]).sum(),
    ),
    "weighted": (r"\log(z\,\mathcal N(x|\mu,\Sigma))", "mu", lambda v: np.log(v["z"] * pdf(v["x"], v["mu"], v["Sigma"]))),
    "Gaussians": (r"KL(\mathcal N(\mu_0,\Sigma_0)\|\mathcal N(\mu_1,\Sigma_1))", "Sigma_1", gaussians),
    "Gaussians, D": (r"D_{KL}(\mathcal N(\mu_0,\Sigma_0)\,\|\,\mathcal N(\mu_1,\Sigma_1))", "Sigma_0", gaussians),
    "subscript": (r"\mathcal N_x(\mu,\Sigma)", "x", lambda v: pdf(v["x"], v["mu"], v["Sigma"])),
    "upright": (r"\log N(x|\mu,\Sigma)", "x", lambda v: logpdf(v["x"], v["mu"], v["Sigma"])),
    "square brackets": (r"D_{KL}[p\|q]", "q", lambda v: sp.rel_entr(v["p"], v["q"]).sum()),
    "divergence": (r"\mathrm{KL}(p\|q)", "q", lambda v: sp.rel_entr(v["p"], v["q"]).sum()),
    "divergence, D": (r"D_{\mathrm{KL}}(p\|q)", "p", lambda v: sp.rel_entr(v["p"], v["q"]).sum()),
    "distribution function": (r"\log\Phi(w^T x)", "w", lambda v: scipy.stats.norm.logcdf(v["w"] @ v["x"])),
    "both": (r"\frac{\phi(z)}{\Phi(z)}", "z", lambda v: scipy.stats.norm.pdf(v["z"]) / scipy.stats.norm.cdf(v["z"])),
    "probit": (
        r"\sum_{i=1}^n y_i\log\Phi(x_i^T w) + (1-y_i)\log(1-\Phi(x_i^T w))",
        "w",
        lambda v: scipy.stats.norm.logcdf((2 * v["y"] - 1) * (v["X"] @ v["w"])).sum(),
    ),
}  # fmt: skip


@pytest.mark.sample(2)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_gradients(case: tuple[str, str, Callable[[Values], Any]]) -> None:
    text, wrt, value = case
    vectors = {n: (3,) for n in ("x", "mu", "mu_0", "mu_1", "w", "p", "q") if n in text.replace("\\", "")}
    d = matcalc.derive(text, wrt=wrt, dims={"z": ()} | (vectors if "x_i" not in text else {}) if "z" in text else None)
    assert d.checked is not None and d.checked.passed
    at = {n: VALUES[n] for n in d.problem.symbols}
    assert np.allclose(d.value.evaluate(at), value(VALUES), rtol=1e-10)
    found = matcalc.parse(d.result.plain, d.dims).evaluate({n: VALUES[n] for n in d.dims if n in VALUES})
    assert np.allclose(found, slopes(value, wrt, VALUES), rtol=1e-6, atol=1e-8), d.result.plain


JULIA: dict[str, Callable[[Any], Any]] = {
    "sum(abs2, x)": lambda x: x @ x,
    "sum(abs, x .- 1)": lambda x: abs(x - 1).sum(),
    "maximum(abs, x)": lambda x: abs(x).max(),
    "mean(exp, x)": lambda x: np.exp(x).mean(),
}


@pytest.mark.parametrize("text", JULIA)
def test_a_function_and_then_what_it_is_taken_of(text: str) -> None:
    x = VALUES["x"]
    assert np.allclose(matcalc.parse(text, {"x": ("n",)}).evaluate({"x": x}), JULIA[text](x), rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"\mathrm{Swish}_\beta(x)", lambda x: x * sp.expit(0.7 * x)),
        (r"\operatorname{Huber}_\beta(x)", lambda x: sp.huber(0.7, x)),
        (r"\mathrm{ELU}_{\beta}(x)", lambda x: np.where(x > 0, x, 0.7 * np.expm1(x))),
    ],
)
def test_a_parameter_as_subscript(text: str, value: Callable[[Any], Any]) -> None:
    found = matcalc.parse(text, {"x": ("n",), "beta": ()}).evaluate({"x": VALUES["x"], "beta": 0.7})
    assert np.allclose(found, value(VALUES["x"]), rtol=1e-12)


def test_a_similarity_of_samples() -> None:
    d = matcalc.derive(r"\sum_i \mathrm{sim}(x_i, w)", wrt="w", index={"x_i": "X[i,:]"})

    def value(v: Values) -> Any:
        return (v["X"] @ v["w"] / np.linalg.norm(v["X"], axis=1)).sum() / np.linalg.norm(v["w"])

    found = matcalc.parse(d.result.plain, d.dims).evaluate({n: VALUES[n] for n in ("X", "w")})
    assert np.allclose(found, slopes(value, "w", VALUES), rtol=1e-6)


@pytest.mark.parametrize("text", ["A \\ w", "A\\w", "(A) \\ (w)"])
def test_left_division_solves(text: str) -> None:
    e = matcalc.parse(text, {"A": ("n", "n"), "w": ("n",)})
    assert np.allclose(e.evaluate({n: VALUES[n] for n in "Aw"}), np.linalg.solve(VALUES["A"], VALUES["w"]))
    assert any("the solution of a system" in w for w in e._problem.warnings)
    assert matcalc.parse(r"x^{T}\ y", {"x": ("n",), "y": ("n",)}).plain == "x'*y"  # a blank of LaTeX


def test_blocks_along_a_diagonal() -> None:
    a, b = VALUES["A"], VALUES["X"]
    both = scipy.linalg.block_diag(a, b, a)
    dims = {"A": (3, 3), "B": (4, 3)}
    for text in ("blkdiag(A, B, A)", "diag(A, B, A)", r"\operatorname{blkdiag}(A, B, A)", "scipy.linalg.block_diag(A, B, A)"):
        assert np.array_equal(matcalc.parse(text, dims).evaluate({"A": a, "B": b}), both)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"\mathbb{E}[\|x-\mu\|^2]", "expectations are not part of the notation"),
        ("E[x'*x]", "expectations are not part of the notation"),
        (r"\log\prod_{i=1}^n p(x_i|\theta)", "the density p(…|…) is no formula"),
        (r"-\log q(z|x)", "the density q(…|…) is no formula"),
        (r"\mathcal N(0, I)", "a normal distribution is no value"),
        (r"\mathcal N(x|\mu)", "a mean and a variance"),
        (r"\nabla\times F", "curl and divergence"),
        ("sum(x, y)", "sum is not known with these arguments"),
        ("sum(tr, x)", "sum is not known with these arguments"),
        ("diag(x, 1)", "diag takes 1 argument"),
        ("blkdiag(x, y)*z", "blocks along a diagonal are matrices"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        matcalc.parse(text)
    assert words in str(caught.value) and caught.value.hint


def test_what_is_applied_nowhere_or_declared_is_what_it_was() -> None:
    assert matcalc.parse(r"\Phi^T\Phi w").plain == "Phi'*Phi*w"
    assert matcalc.parse(r"\phi(x)").plain == "phi(x)"
    assert matcalc.parse("E[1,2]", {"E": ("m", "n")}).plain == "E[1,2]"
    assert matcalc.parse("E*x", {"E": ("m", "n"), "x": ("n",)}).plain == "E*x"
    assert matcalc.parse("sum(diag(x))", {"x": ("n",)}).plain == "sum(diag(x))"


def test_a_divergence_on_the_left_is_a_name_for_what_follows() -> None:
    d = matcalc.derive(r"D_{KL}(p\|q) = p^T(\log p - \log q)", wrt="q")
    assert d.result.plain == "-p ./ q"


def test_a_reading_is_said() -> None:
    warnings = matcalc.parse(r"\frac{\phi(z)}{\Phi(z)}", {"z": ()})._problem.warnings
    assert sum("standard normal distribution" in w for w in warnings) == 2


def test_products_with_a_density_become_sums_only_where_factors_are_numbers() -> None:
    with pytest.raises(NoRuleError, match="density"):
        matcalc.parse(r"\log(p(x|z)\mathcal N(x|\mu,\Sigma))")
    assert matcalc.parse("log(exp(A)*x)", {"A": ("n", "n"), "x": ("n",)}).plain == "log(exp(A)*x)"


def test_a_mean_of_zero_beside_vectors_is_one_of_zeros() -> None:
    """It was refused: '0' is a scalar; and x in log N(x|0, Σ) was a number."""
    rng = np.random.default_rng(3)
    mu, a = rng.normal(size=3), rng.normal(size=(3, 3))
    sigma = a @ a.T + np.eye(3)
    d = matcalc.derive(r"D_{KL}(\mathcal N(\mu,\Sigma)\|\mathcal N(0,I))", r"\Sigma")
    found = d.function()(mu, sigma)
    value = (np.trace(sigma) - 3 + mu @ mu - np.log(np.linalg.det(sigma))) / 2
    assert np.allclose(found[0], value) and np.allclose(found[1], (np.eye(3) - np.linalg.inv(sigma)) / 2)
    d = matcalc.derive(r"\log\mathcal N(x|0,\Sigma)", "x")
    assert d.dims["x"] == ("n",) and np.allclose(d.result.evaluate({"x": mu, "Sigma": sigma}), -np.linalg.solve(sigma, mu))
    assert matcalc.derive(r"\mathcal N(x|0,1)", "x").dims["x"] == ()


def test_a_power_within_a_diagonal_is_one_of_each_entry() -> None:
    d = matcalc.derive(r"D_{KL}(\mathcal N(\mu,\operatorname{diag}(\sigma^2))\|\mathcal N(0,I))", r"\sigma")
    assert d.result.plain == "sigma - 1 ./ sigma"
    assert matcalc.derive(r"x^T\operatorname{diag}(W^2)", "W").reading.plain == "x'*diag(W^2)"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"\langle x|A|y\rangle", "x'*(A*y)"),
        ("⟨x|A|y⟩", "x'*(A*y)"),
        (r"\langle x|y\rangle", "x'*y"),
        (r"\langle x, |A| y\rangle", "x'*(det(A)*y)"),
    ],
)
def test_bras_are_transposes(text: str, plain: str) -> None:
    d = matcalc.derive(text, "y")
    assert d.reading.plain == plain and any("numbers are real" in w for w in d.warnings) is ("," not in text)
