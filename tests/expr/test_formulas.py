"""Functions of the tables by name: values against NumPy and SciPy, gradients against differences, messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.special as sp
import scipy.stats

import matcalc
from matcalc.expr.errors import AmbiguityError, MatcalcError, NoRuleError, ParseError, ShapeError
from matcalc.expr.formulas import NAMES, ROWS
from tests.places import ROOT

Values = dict[str, Any]
N, M = 5, 4
SHAPES = {"x": ("n",), "y": ("n",), "p": ("n",), "q": ("n",), "a": (), "b": (), "X": ("m", "n"), "Y": ("m", "n")}


def arrays(seed: int) -> Values:
    """``p`` and ``q`` are distributions; ``a < b``; no entry of ``x`` at a kink of the functions below."""
    rng = np.random.default_rng(seed)
    return {
        "x": rng.uniform(-2.4, 2.4, N), "y": rng.uniform(0.2, 1.4, N), "p": rng.dirichlet(np.ones(N)),
        "q": rng.dirichlet(np.ones(N)),
        "a": np.array(-0.6), "b": np.array(0.7), "X": rng.normal(size=(M, N)), "Y": rng.normal(size=(M, N)),
    }  # fmt: skip


def layernorm(x: Any, eps: float = 0.0, axis: int = -1) -> Any:
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps)


def mish(x: Any) -> Any:
    return x * np.tanh(np.logaddexp(0, x))


def gram(v: Values) -> Any:
    return v["X"].T @ v["X"] + v["Y"].T @ v["Y"]


def divergence(m: Any, S: Any, k: Any, R: Any) -> Any:
    """Of two normal distributions, in the basis in which one covariance is 1 and the other diagonal: a sum over its axes."""
    root = np.linalg.cholesky(R)
    whitened = scipy.linalg.solve_triangular(root, scipy.linalg.solve_triangular(root, S, lower=True).T, lower=True)
    variances = np.linalg.eigvalsh(whitened)
    away = scipy.linalg.solve_triangular(root, np.atleast_1d(m - k), lower=True)
    return (variances - np.log(variances) - 1).sum() / 2 + away @ away / 2


# What is typed, and its value.
CASES: dict[str, Callable[[Values], Any]] = {
    "gelu(x)": lambda v: v["x"] * scipy.stats.norm.cdf(v["x"]),
    "silu(x)": lambda v: v["x"] * sp.expit(v["x"]),
    "swish(x)": lambda v: v["x"] / (1 + np.exp(-v["x"])),
    "swish(x, b)": lambda v: v["x"] * sp.expit(v["b"] * v["x"]),
    "sinpi(x)": lambda v: np.sinc(v["x"]) * np.pi * v["x"],
    "cospi(x)": lambda v: np.cos(np.pi * v["x"]),
    "sum(abs2.(x))": lambda v: np.linalg.norm(v["x"]) ** 2,
    "elu(x)": lambda v: np.where(v["x"] > 0, v["x"], np.exp(v["x"]) - 1),
    "elu(x, a)": lambda v: np.where(v["x"] > 0, v["x"], v["a"] * (np.exp(v["x"]) - 1)),
    "mish(x)": lambda v: mish(v["x"]),
    "softsign(x)": lambda v: v["x"] / (1 + abs(v["x"])),
    "leaky_relu(x)": lambda v: np.where(v["x"] > 0, v["x"], 0.01 * v["x"]),
    "leakyrelu(x, 0.2)": lambda v: np.where(v["x"] > 0, v["x"], 0.2 * v["x"]),
    "prelu(x, a)": lambda v: np.where(v["x"] > 0, v["x"], v["a"] * v["x"]),
    "prelu(x, y)": lambda v: np.where(v["x"] > 0, v["x"], v["y"] * v["x"]),
    "hardtanh(x)": lambda v: np.clip(v["x"], -1, 1),
    "hardtanh(x, a, b)": lambda v: np.clip(v["x"], v["a"], v["b"]),
    "clip(x, a, b)": lambda v: np.clip(v["x"], v["a"], v["b"]),
    "hardsigmoid(x)": lambda v: np.clip(v["x"] / 6 + 0.5, 0, 1),
    "hardswish(x)": lambda v: v["x"] * np.clip(v["x"] / 6 + 0.5, 0, 1),
    "relu6(4*x)": lambda v: np.clip(4 * v["x"], 0, 6),
    "hinge(x)": lambda v: np.maximum(0, 1 - v["x"]),
    "squareddifference(x, y)": lambda v: (v["x"] - v["y"]) ** 2,
    "absdifference(x, y)": lambda v: np.abs(v["x"] - v["y"]),
    "smoothl1(x, y)": lambda v: sp.huber(1, v["x"] - v["y"]),
    "smoothl1(x, y, b)": lambda v: sp.huber(v["b"], v["x"] - v["y"]) / v["b"],
    "huberdifference(x, y)": lambda v: sp.huber(1, v["x"] - v["y"]),
    "huberdifference(x, y, b)": lambda v: sp.huber(v["b"], v["x"] - v["y"]),
    "bcelogits(x, p)": lambda v: -v["p"] * np.log(sp.expit(v["x"])) - (1 - v["p"]) * np.log(sp.expit(-v["x"])),
    "bceentry(q, p)": lambda v: -v["p"] * np.log(v["q"]) - (1 - v["p"]) * np.log(1 - v["q"]),
    "kldivergence(log(q), p)": lambda v: sp.rel_entr(v["p"], v["q"]),
    "softmargin(x, y)": lambda v: np.log(1 + np.exp(-v["x"] * v["y"])),
    "gaussiannll(x, y, b)": lambda v: 0.5 * (np.log(v["b"]) + (v["x"] - v["y"]) ** 2 / v["b"]),
    "marginranking(x, y, sign(b))": lambda v: np.maximum(0, -np.sign(v["b"]) * (v["x"] - v["y"])),
    "marginranking(x, y, sign(b), 0.5)": lambda v: np.maximum(0, 0.5 - np.sign(v["b"]) * (v["x"] - v["y"])),
    "poissonnll(x, y)": lambda v: np.exp(v["x"]) - v["x"] * v["y"],
    "normcdf(x)": lambda v: scipy.stats.norm.cdf(v["x"]),
    "normpdf(x)": lambda v: scipy.stats.norm.pdf(v["x"]),
    "erfc(x)": lambda v: sp.erfc(v["x"]),
    "cbrt(x)": lambda v: np.cbrt(v["x"]),
    "expm1(x)": lambda v: np.expm1(v["x"]),
    "log1p(y)": lambda v: np.log1p(v["y"]),
    "log2(y)": lambda v: np.log2(v["y"]),
    "log10(y)": lambda v: np.log10(v["y"]),
    "square(x)": lambda v: v["x"] ** 2,
    "sec(y)": lambda v: 1 / np.cos(v["y"]),
    "csc(y)": lambda v: 1 / np.sin(v["y"]),
    "cot(y)": lambda v: 1 / np.tan(v["y"]),
    "sech(x)": lambda v: 1 / np.cosh(v["x"]),
    "csch(y)": lambda v: 1 / np.sinh(v["y"]),
    "coth(y)": lambda v: 1 / np.tanh(v["y"]),
    "dot(x, y)": lambda v: np.dot(v["x"], v["y"]),
    "dot(x', y')": lambda v: np.dot(v["x"], v["y"]),
    "dot(x, X'*Y, y)": lambda v: (v["X"] @ v["x"]) @ (v["Y"] @ v["y"]),
    "outer(x, p)": lambda v: np.outer(v["x"], v["p"]),
    "outer(x', p')": lambda v: np.outer(v["x"], v["p"]),
    "cossim(x, y)": lambda v: v["x"] @ v["y"] / np.linalg.norm(v["x"]) / np.linalg.norm(v["y"]),
    "cosine_similarity(x', y')": lambda v: v["x"] @ v["y"] / np.linalg.norm(v["x"]) / np.linalg.norm(v["y"]),
    "mean(x)": lambda v: np.mean(v["x"]),
    "mean(x')": lambda v: np.mean(v["x"]),
    "mean(X)": lambda v: np.mean(v["X"]),
    "mean(X, axis=0)": lambda v: np.mean(v["X"], axis=0),
    "mean(X, axis=1)": lambda v: np.mean(v["X"], axis=1),
    "var(x)": lambda v: np.var(v["x"]),
    "var(x')": lambda v: np.var(v["x"]),
    "var(X)": lambda v: np.var(v["X"]),
    "std(x)": lambda v: np.std(v["x"]),
    "std(x')": lambda v: np.std(v["x"]),
    "std(X)": lambda v: np.std(v["X"]),
    "var(X, axis=0)": lambda v: np.var(v["X"], axis=0),
    "var(X, axis=1)": lambda v: np.var(v["X"], axis=1),
    "std(X, axis=0)": lambda v: np.std(v["X"], axis=0),
    "std(X, axis=1)": lambda v: np.std(v["X"], axis=1),
    "mse(x, y)": lambda v: np.mean((v["x"] - v["y"]) ** 2),
    "mse(x', y')": lambda v: np.mean((v["x"] - v["y"]) ** 2),
    "mse(X, Y)": lambda v: np.mean((v["X"] - v["Y"]) ** 2),
    "eigmin(X'*X + Y'*Y)": lambda v: np.linalg.eigvalsh(v["X"].T @ v["X"] + v["Y"].T @ v["Y"])[0],
    "norminf(x)": lambda v: np.linalg.norm(v["x"], np.inf),
    "norminf(x')": lambda v: np.linalg.norm(v["x"], np.inf),
    "norm(x, 1)": lambda v: np.linalg.norm(v["x"], 1),
    "norm(x, 2)": lambda v: np.linalg.norm(v["x"], 2),
    "norm(x, ord=2)": lambda v: np.linalg.norm(v["x"], 2),
    "norm(x, inf)": lambda v: np.linalg.norm(v["x"], np.inf),
    "norm(X, 'fro')": lambda v: np.linalg.norm(v["X"], "fro"),
    'norm(X, "nuc")': lambda v: np.linalg.norm(v["X"], "nuc"),
    "normfro(X)": lambda v: np.linalg.norm(v["X"], "fro"),
    "norm21(X)": lambda v: np.linalg.norm(v["X"], axis=1).sum(),
    "schatten(X', 3)": lambda v: (np.linalg.svd(v["X"], compute_uv=False) ** 3).sum() ** (1 / 3),
    "schatten(X', 4)^4": lambda v: (np.linalg.svd(v["X"], compute_uv=False) ** 4).sum(),
    "normaldensity(a, b, p[1])": lambda v: scipy.stats.norm.pdf(v["a"], v["b"], np.sqrt(v["p"][0])),
    "normaldensity(x, y, X'*X + Y'*Y)": lambda v: scipy.stats.multivariate_normal.pdf(v["x"], v["y"], gram(v)),
    "lognormaldensity(a, b, p[1])": lambda v: scipy.stats.norm.logpdf(v["a"], v["b"], np.sqrt(v["p"][0])),
    "lognormaldensity(x, y, X'*X + Y'*Y)": lambda v: scipy.stats.multivariate_normal.logpdf(v["x"], v["y"], gram(v)),
    "normalkl(a, p[1], b, q[1])": lambda v: divergence(v["a"], v["p"][:1, None], v["b"], v["q"][:1, None]),
    "normalkl(x, X'*X + Y'*Y, y, diag(p) + Y'*Y)": lambda v: divergence(
        v["x"], gram(v), v["y"], np.diag(v["p"]) + v["Y"].T @ v["Y"]
    ),
    "entropy(p)": lambda v: -np.sum(v["p"] * np.log(v["p"])),
    "entropy(p')": lambda v: -np.sum(v["p"] * np.log(v["p"])),
    "kl(p, q)": lambda v: np.sum(sp.rel_entr(v["p"], v["q"])),
    "KL(p', q')": lambda v: np.sum(sp.rel_entr(v["p"], v["q"])),
    "CE(p, q)": lambda v: -np.sum(v["p"] * np.log(v["q"])),
    "cross_entropy(p', q')": lambda v: -np.sum(v["p"] * np.log(v["q"])),
    "bce(p, q)": lambda v: -np.sum(v["p"] * np.log(v["q"]) + (1 - v["p"]) * np.log(1 - v["q"])),
    "layernorm(x)": lambda v: layernorm(v["x"]),
    "layernorm(x, eps=0.1)": lambda v: layernorm(v["x"], 0.1),
    "LayerNorm(x')": lambda v: layernorm(v["x"]),
    "layernorm(x', 0.1)": lambda v: layernorm(v["x"], 0.1),
    "layernorm(X)": lambda v: layernorm(v["X"]),
    "layernorm(X, 1e-5)": lambda v: layernorm(v["X"], 1e-5),
    "batchnorm(X)": lambda v: layernorm(v["X"], axis=0),
    "batch_norm(X, eps=0.1)": lambda v: layernorm(v["X"], 0.1, axis=0),
    "standardize(x)": lambda v: layernorm(v["x"]),
    "zscore(X)": lambda v: scipy.stats.zscore(v["X"]),
    "normalize(x)": lambda v: v["x"] / np.linalg.norm(v["x"]),
    "normalize(x')": lambda v: v["x"] / np.linalg.norm(v["x"]),
    "huber(x)": lambda v: sp.huber(1.0, v["x"]),
    "huber(x, 0.7)": lambda v: sp.huber(0.7, v["x"]),
    "huber(X, b)": lambda v: sp.huber(v["b"], v["X"]),
    "logcosh(x)": lambda v: np.log(np.cosh(v["x"])),
    "logit(normcdf(x))": lambda v: np.log(scipy.stats.norm.cdf(v["x"]) / scipy.stats.norm.sf(v["x"])),
    "max(X, axis=0)": lambda v: np.max(v["X"], axis=0),
    "max(X, axis=1)": lambda v: np.max(v["X"], axis=1),
    "min(X, axis=0)": lambda v: np.min(v["X"], axis=0),
    "min(X - Y, axis=-1)": lambda v: np.min(v["X"] - v["Y"], axis=1),
    "sum(X, 0)": lambda v: np.sum(v["X"], 0),
    "sum(X, 2)": lambda v: np.sum(v["X"], 1),  # as MATLAB counts
    "mean(a)": lambda v: v["a"],
    "mean(mean(X))": lambda v: v["X"].mean(),
    "rowMeans(X)": lambda v: v["X"].mean(1),
    "colMeans(X)": lambda v: v["X"].mean(0),
    "rowSums(X)": lambda v: v["X"].sum(1),
    "colSums(X)": lambda v: v["X"].sum(0),
    "crossprod(x)": lambda v: v["x"] @ v["x"],
    "crossprod(X)": lambda v: v["X"].T @ v["X"],
    "crossprod(x, y)": lambda v: v["x"] @ v["y"],
    "crossprod(X', y)": lambda v: v["X"] @ v["y"],
    "crossprod(X, Y)": lambda v: v["X"].T @ v["Y"],
    "tcrossprod(X)": lambda v: v["X"] @ v["X"].T,
    "tcrossprod(X, Y)": lambda v: v["X"] @ v["Y"].T,
    "solve(X'*X + Y'*Y)": lambda v: np.linalg.inv(gram(v)),
    "solve(X'*X + Y'*Y, x)": lambda v: np.linalg.solve(gram(v), v["x"]),
    "solve(X'*X + Y'*Y, X')": lambda v: np.linalg.solve(gram(v), v["X"].T),
    "transpose(x)*y": lambda v: v["x"] @ v["y"],
    "transpose(x')": lambda v: v["x"],
    "transpose(X)": lambda v: v["X"].T,
    "HadamardProduct(X, Y)": lambda v: v["X"] * v["Y"],
    "matmul(X, x)": lambda v: v["X"] @ v["x"],
    "matmul(X, Y')": lambda v: v["X"] @ v["Y"].T,
    "matmul(X, Y', X)": lambda v: v["X"] @ v["Y"].T @ v["X"],
    "softmax(X, 0)": lambda v: sp.softmax(v["X"], 0),
    "softmax(X, 1)": lambda v: sp.softmax(v["X"], 1),
    "cumsum(X, -1)": lambda v: np.cumsum(v["X"], 1),
    "logsumexp(X, 1)": lambda v: sp.logsumexp(v["X"], 1),
    "cumsum(x)": lambda v: np.cumsum(v["x"]),
    "cumsum(x')": lambda v: np.cumsum(v["x"]),
    "cumsum(X, axis=0)": lambda v: np.cumsum(v["X"], axis=0),
    "cumsum(X, axis=1)": lambda v: np.cumsum(v["X"], axis=1),
    "sum(X, axis=0)": lambda v: np.sum(v["X"], axis=0),
    "sum(X, axis=-1)": lambda v: np.sum(v["X"], axis=-1),
    "sum(X, axis=-2)": lambda v: np.sum(v["X"], axis=-2),
    "softmax(X, axis=0)": lambda v: sp.softmax(v["X"], axis=0),
    "softmax(X, axis=1)": lambda v: sp.softmax(v["X"], axis=1),
    "logsoftmax(X, axis=0)": lambda v: sp.log_softmax(v["X"], axis=0),
    "log_softmax(X, axis=1)": lambda v: sp.log_softmax(v["X"], axis=1),
    "logsumexp(X, axis=0)": lambda v: sp.logsumexp(v["X"], axis=0),
    "logsumexp(X, axis=1)": lambda v: sp.logsumexp(v["X"], axis=1),
}


@pytest.mark.parametrize("text", CASES)
def test_value(text: str) -> None:
    """The value, and the plain notation of it in a process that knows nothing of the function."""
    e = matcalc.parse(text, SHAPES)
    for seed in (0, 1):
        v = arrays(seed)
        assert np.allclose(e.evaluate(v), CASES[text](v), rtol=1e-11, atol=1e-13)
        assert np.allclose(matcalc.parse(e.plain, SHAPES).evaluate(v), CASES[text](v), rtol=1e-11, atol=1e-13)


@pytest.mark.sample(15)
@pytest.mark.parametrize("text", CASES)
def test_gradient(text: str) -> None:
    """Of a weighted sum of the entries, by all that occurs, against central differences of NumPy's own value."""
    shape = matcalc.parse(text, SHAPES).shape
    whole = {0: text, 1: f"sum(sin({text}))", 2: f"sum(sin({text}))"}[len(shape)]
    d = matcalc.derive(whole, dims=SHAPES)
    assert d.checked is not None and d.checked.passed
    v = arrays(3)
    run = d.function()
    code = run(**{n: v[n] for n in d.problem.symbols})
    for i, r in enumerate(d.results):
        expected = differences(text, r.wrt, v)
        found = matcalc.parse(r.plain, d.dims).evaluate(v)
        assert np.allclose(found, expected, rtol=1e-6, atol=1e-8), r.plain
        generated = code[1][i] if len(d.results) > 1 else code[1]
        assert np.allclose(generated, expected, rtol=1e-6, atol=1e-8), run.source


def differences(text: str, name: str, v: Values) -> Any:
    def value(x: Any) -> Any:
        out = np.asarray(CASES[text]({**v, name: x}))
        return np.sin(out).sum() if out.ndim else out

    x, h = v[name], 1e-5
    out = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        e = np.zeros(x.shape)
        e[i] = h
        out[i] = (8 * (value(x + e) - value(x - e)) - (value(x + 2 * e) - value(x - 2 * e))) / (12 * h)
    return out


def test_every_row_has_a_case() -> None:
    called = {matcalc.parse(text, SHAPES)._problem.meanings for text in CASES}
    assert {row for rows in called for row in rows} >= {row for rows in tables().values() for row in rows if row.name != "norminf"}


def tables() -> dict[str, Any]:
    from matcalc.notation.meaning.formula_rows import table

    return table()


def test_every_row_is_read_and_typed() -> None:
    from matcalc.notation.meaning.meanings import meaning

    assert sum(map(len, tables().values())) == len(ROWS) and tables().keys() == NAMES
    assert all(meaning(row).source for rows in tables().values() for row in rows)


def test_the_page_lists_every_row() -> None:
    page = (ROOT / "docs" / "functions.md").read_text("utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `")] == [f"| `{d}` | `{w}` | {s} |" for d, w, s in ROWS]


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\mathrm{GELU}(x)", "gelu(x)"),
        (r"\operatorname{SiLU}(x)", "silu(x)"),
        (r"\operatorname{LeakyReLU}(x)", "leakyrelu(x)"),
        (r"\mathrm{LayerNorm}\left(x\right)", "layernorm(x)"),
        (r"\mathrm{KL}(p, q)", "kl(p, q)"),
        (r"\mathrm{Var}(x)", "var(x)"),
        (r"\operatorname{mean}(X)", "mean(X)"),
        (r"\cot(x)", "cot(x)"),
        (r"\sec x", "sec(x)"),
        (r"\text{mean}(x)", "mean(x)"),
        (r"\sum_i \mathrm{mish}(x_i)", "sum(mish(x))"),
        (r"\sum_i \mathrm{gelu}(x_i)", "sum(gelu(x))"),
        (r"\sum_i \operatorname{PReLU}(x_i, a)", "sum(prelu(x, a))"),
        (r"\mathrm{CrossEntropy}(p, q)", "CE(p, q)"),
    ],
)
def test_latex_spellings(latex: str, plain: str) -> None:
    one, two = matcalc.parse(latex, SHAPES, notation="latex"), matcalc.parse(plain, SHAPES)
    v = arrays(5)
    assert np.allclose(one.evaluate(v), two.evaluate(v), rtol=1e-11)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("gelu(x, y)", ParseError, "gelu takes 1 argument, 2 given"),
        ("elu(x, a, b)", ParseError, "elu takes 1 or 2 arguments, 3 given"),
        ("kl(p)", ParseError, "write kl(p, q)"),
        ("kl(p, X)", ShapeError, "'X' is [m×n]"),
        ("kl(p, z)", ShapeError, "the sizes do not fit"),
        ("entropy(X)", ShapeError, "it takes a column or a row"),
        ("mean(x, axis=0)", ShapeError, "it takes a matrix"),
        ("sum(X, 3)", ParseError, "write sum(X, axis=0) or sum(X, axis=1)"),
        ("mean(X, 1)", AmbiguityError, "write mean(X, axis=1) or mean(X, axis=0)"),
        ("sum(X, a)", ParseError, "write sum(X, axis=0) or sum(X, axis=1)"),
        ("sum(X, 0, axis=0)", ParseError, "3 given"),
        ("sum(X, axis=2)", ParseError, "write sum(X, axis=0)"),
        ("prod(x, axis=0)", ParseError, "'axis=0' is not an argument"),
        ("max(x, axis=0)", ShapeError, "it takes a matrix"),
        ("layernorm(x, delta=3)", ParseError, "write layernorm(x)"),
        ("cumsum(X)", ShapeError, "it takes a column or a row"),
        ("clip(X, -1, y)", ShapeError, "the sizes do not fit"),
        ("leaky(x)", ParseError, "did you mean leakyrelu"),
        ("layer_nrm(x)", ParseError, "did you mean layernorm"),
        ("norm(X, 1)", AmbiguityError, "norm1(X)"),
        ("norm(X, 2)", AmbiguityError, "normspec(X)"),
        ("norm(X, inf)", AmbiguityError, "max(rowsum(abs(X)))"),
        ("norminf(X)", AmbiguityError, "max(abs(X))"),
        ("norm(X, r)", NoRuleError, "no operator for the norm"),
        ("svd(X)", NoRuleError, "there is no operator 'svd' (the singular value decomposition)"),
        ("sum(eig(X))", NoRuleError, "eigvals(X)"),
        ("qr(X)", NoRuleError, "rules/differential.py"),
        ("rank(X)", NoRuleError, "not differentiable"),
        ("mean*x", AmbiguityError, "did you mean the function mean(…)?"),
    ],
)
def test_messages(text: str, kind: type[MatcalcError], words: str) -> None:
    with pytest.raises(kind) as caught:
        matcalc.parse(text, {**SHAPES, "z": ("k",)})
    assert words in str(caught.value) and caught.value.span is not None


def test_names_stay_names() -> None:
    """What is declared, defined or a function of the text's own is not the function of the table."""
    assert matcalc.parse("mean*x", {"mean": (), "x": ("n",)}).plain == "mean*x"
    assert matcalc.parse("std = 3; std*x").plain == "3*x"
    assert matcalc.parse("var'*x", {"var": ("n",), "x": ("n",)}).plain == "var'*x"
    assert matcalc.parse("mean (x - y)", {"mean": (), "x": ("n",), "y": ("n",)}).plain == "mean*(x - y)"
    assert matcalc.parse(r"\mathrm{var} x", {"var": ()}, notation="latex").plain == "var*x"
    assert matcalc.parse("k*l*x", {"k": (), "l": (), "x": ("n",)}).plain == "k*l*x"
    assert matcalc.derive("mish(z) = z^3; sum(mish(x))")["x"].evaluate({"x": np.array([1.0, 2.0])}).tolist() == [3.0, 12.0]
    d = matcalc.derive("u'*mish(x)", functions={"mish": "tanh"})
    assert d["x"].plain == "u .* mish'(x)"


def test_the_names_in_a_formula_are_its_own() -> None:
    """layernorm speaks of x, z and n: here these are others."""
    d = matcalc.derive("z'*layernorm(n) + x", dims={"n": ("k",), "z": ("k",), "x": ()})
    v = {"n": np.array([1.0, -2.0, 0.5, 4.0]), "z": np.array([1.0, 2.0, -1.0, 0.3]), "x": np.array(7.0)}
    assert np.allclose(d.value.evaluate(v), v["z"] @ layernorm(v["n"]) + 7)


def test_in_functions_of_the_text() -> None:
    v = {"x": np.array([0.3, -1.2, 0.8])}
    assert np.allclose(matcalc.parse("g(z) = z*sech(z); sum(g(x))").evaluate(v), np.sum(v["x"] / np.cosh(v["x"])))
    # mean is no function of entries: g(x) = x mean(x) is not entry by entry
    assert np.allclose(matcalc.parse("g(z) = z*mean(z); sum(g(x))").evaluate(v), v["x"].sum() * v["x"].mean())


def test_deep_nesting_is_linear() -> None:
    text = "x"
    for _ in range(25):
        text = f"mish({text})"
    assert np.isfinite(matcalc.parse(f"sum({text})").evaluate({"x": np.ones(3)}))


@pytest.mark.sample(2)
@pytest.mark.parametrize("call", ["u'*layernorm(W*x)", "mean(X, axis=0)'*v", "sum(mish(x))", "leakyrelu(x)", "kl(p, q)"])
def test_every_format_says_what_it_means(call: str) -> None:
    d = matcalc.derive(call)
    name = call.partition("(")[0].rpartition("*")[2] if "sum(" not in call else "mish"
    assert f"{name}(" in d.to_text() and " means " in d.to_text()
    for shown in (d.to_latex(), d.to_markdown(), d.to_html(), d.to_code()):
        assert name in shown and " means " in shown
    assert any(w.startswith(f"{name}(") and " means " in w for w in d.to_dict()["warnings"])


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tr(X^k)", lambda a, k, x: np.trace(power(x, k))),
        ("tr((A*X)^k)", lambda a, k, x: np.trace(power(a @ x, k))),
        ("tr(A*X^(k + 1))", lambda a, k, x: np.trace(a @ power(x, k + 1))),
    ],
)
def test_powers_with_a_symbol_as_exponent(text: str, value: Callable[..., Any]) -> None:
    rng = np.random.default_rng(4)
    a, x = (np.eye(3) + 0.2 * rng.normal(size=(3, 3)) for _ in range(2))
    d = matcalc.derive(text, dims={"A": ("n", "n"), "X": ("n", "n"), "k": ()})
    v, h = {"A": a, "X": x, "k": np.array(2.3)}, 1e-6
    if text == "tr(X^k)":
        assert d["X"].plain == "k*(X^(k - 1))'" and d["k"].plain == "tr(logm(X)*X^k)"
    for name in d.problem.symbols:
        found = matcalc.parse(d[name].plain, d.dims).evaluate(v)
        expected = np.zeros_like(v[name])
        for i in np.ndindex(*v[name].shape):
            e = np.zeros_like(v[name])
            e[i] = h
            up, down = ({**v, name: v[name] + s * e} for s in (1, -1))
            expected[i] = (value(up["A"], up["k"], up["X"]) - value(down["A"], down["k"], down["X"])) / (2 * h)
        assert np.allclose(found, expected, rtol=1e-6, atol=1e-8), name
    code = d.function()(**{n: v[n] for n in d.problem.symbols})
    assert np.allclose(code[0], value(a, 2.3, x))


def power(x: Any, k: Any) -> Any:
    return scipy.linalg.fractional_matrix_power(x, float(k))


def test_whole_powers_of_any_square_matrix() -> None:
    """tr(X^k) for k = 3 is a polynomial, also where X has no logarithm."""
    x = np.diag([-1.0, 2.0, 0.0]) + np.triu(np.ones((3, 3)), 1)
    assert np.allclose(matcalc.derive("tr(X^k)", wrt="X").result.evaluate({"X": x, "k": 3}), 3 * (x @ x).T)


def test_known_functions_by_name() -> None:
    d = matcalc.derive("u'*f(x)", functions={"f": "gelu"})
    v = {"u": np.array([1.0, 2.0]), "x": np.array([0.4, -0.3])}
    slope = scipy.stats.norm.cdf(v["x"]) + v["x"] * scipy.stats.norm.pdf(v["x"])
    assert np.allclose(d["x"].evaluate(v), v["u"] * slope)


@pytest.mark.parametrize("name", ["gelu", "silu", "elu", "softsign", "mish", "hardtanh", "normcdf", "erfc", "cbrt", "leakyrelu"])
def test_generated_code_does_not_overflow(name: str) -> None:
    run = matcalc.derive(f"u'*{name}(x)", wrt="x").function()
    with np.errstate(all="raise", under="ignore"):
        value, gradient = run(u=np.ones(4), x=np.array([-800.0, -40.0, 40.0, 800.0]))
    assert np.isfinite(value) and np.isfinite(gradient).all()


@pytest.mark.parametrize("name", ["gelu", "silu", "elu", "softsign", "erfc", "normpdf", "log1p", "expm1", "cbrt"])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives_of_every_order(name: str, order: int) -> None:
    from matcalc.numeric.stand_ins import NAMED

    x, h = np.array([0.31, 0.94, 1.7]) * (1 if name in ("log1p", "cbrt") else np.array([1, -1, 1])), 1e-5
    f, g = NAMED[name](order - 1), NAMED[name](order)
    assert np.allclose(g(x), (f(x + h) - f(x - h)) / (2 * h), rtol=1e-8, atol=1e-9)
