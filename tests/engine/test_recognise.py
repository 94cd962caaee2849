"""Quotients that are a sigmoid or a softmax are called so: answers as in a textbook, judged with differences."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

SIZES = {"X": ("n", "m"), "w": ("m",), "y": ("n",), "W": ("m", "k"), "Y": ("n", "k"), "t": ()}

# text, variable, what a textbook has
SHORT = [
    ("-sum(y .* log(1 ./ (1 + exp(-X*w))) + (1 - y) .* log(1 - 1 ./ (1 + exp(-X*w))))", "w", "X'*(sigmoid(X*w) - y)"),
    ("np.sum(-y * np.log(1/(1+np.exp(-X@w))))", "w", "X'*(y .* (sigmoid(X*w) - 1))"),
    ("log(exp(w'*w)/(1 + exp(w'*w)))", "w", "2*(1 - sigmoid(w'*w))*w"),
    ("log(1/(exp(-t) + 1))", "t", "1 - sigmoid(t)"),
    ("log(1/(exp(t) + 1))", "t", "-sigmoid(t)"),
    ("-sum(y' * log(1 ./ (exp(X*w) + 1)))", "w", "X'*(y .* sigmoid(X*w))"),
    ("-sum(Y .* log(exp(X*W) ./ (sum(exp(X*W),1)*ones(k)')))", "W", "X'*((Y*ones(k)*ones(k)') .* softmax(X*W) - Y)"),
]


@pytest.mark.parametrize(("text", "wrt", "closed"), SHORT, ids=[t for t, *_ in SHORT])
def test_the_answer_is_the_textbooks(text: str, wrt: str, closed: str) -> None:
    rng = np.random.default_rng(5)
    sizes = {"n": 4, "m": 3, "k": 2}
    at = {name: 0.5 * rng.normal(size=tuple(sizes[d] for d in dims)) for name, dims in SIZES.items()}
    d = matcalc.derive(text, wrt=wrt, dims=SIZES)
    found, wanted = matcalc.parse(d[wrt].plain, SIZES), matcalc.parse(closed, SIZES)
    assert np.allclose(found.evaluate(at), wanted.evaluate(at), rtol=1e-12)
    value = matcalc.parse(text, SIZES)
    for i in np.ndindex(*at[wrt].shape):
        e = np.zeros(at[wrt].shape)
        e[i] = 1e-6
        up, down = {**at, wrt: at[wrt] + e}, {**at, wrt: at[wrt] - e}
        slope = (value.evaluate(up) - value.evaluate(down)) / 2e-6
        assert np.isclose(np.asarray(found.evaluate(at))[i], slope, atol=1e-8)
    assert len(d[wrt].plain) <= len(closed) + 12
    assert any(s.kind == "rewrite" for s in d.steps)


def test_ones_times_a_row_does_not_decide_a_sign() -> None:
    dims = {"X": ("n", "m"), "W": ("m", "k"), "U": ("k", "p"), "y": ("p",)}
    found = matcalc.derive("sum((tanh(X*W)*U - ones(n)*y').^2)", wrt="W", dims=dims)["W"].plain
    assert found == "2*X'*((1 - tanh(X*W).^2) .* ((tanh(X*W)*U - ones(n)*y')*U'))"  # the sign of the chain rule's own factors


def cross_entropy(v: dict[str, np.ndarray]) -> float:
    z = v["X"] @ v["W"].T
    return float(-(v["Y"] * (z - np.log(np.exp(z).sum(1, keepdims=True)))).sum())


def info_nce(v: dict[str, np.ndarray]) -> float:
    z = v["X"] @ v["U"].T / v["t"]
    return float(-np.mean(np.diag(z) - np.log(np.exp(z).sum(1))))


SUMS = [
    (r"-\sum_i\sum_k y_{ik}\log\frac{\exp(w_k^\top x_i)}{\sum_j\exp(w_j^\top x_i)}", "W", cross_entropy,
     "(softmax(X*W') .* (Y*ones(k)*ones(k)') - Y)'*X"),
    (r"-\frac1n\sum_i\log\frac{\exp(x_i^\top u_i/t)}{\sum_j\exp(x_i^\top u_j/t)}", "X", info_nce, "(softmax(X*U'/t)*U - U)/(n*t)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wrt", "truth", "closed"), SUMS, ids=["cross entropy", "contrastive"])
def test_sums_over_samples_end_in_a_softmax(text: str, wrt: str, truth: object, closed: str) -> None:
    rng = np.random.default_rng(0)
    dims = {"X": ("n", "d"), "W": ("k", "d"), "Y": ("n", "k"), "U": ("n", "d"), "t": ()}
    sizes = {"n": 4, "d": 3, "k": 2}
    at = {name: rng.uniform(0.2, 1.0, tuple(sizes[s] for s in shape)) for name, shape in dims.items()}
    index = {"x_i": "X[i,:]", "w_k": "W[k,:]", "u_i": "U[i,:]", "y_{ik}": "Y[i,k]"}
    letters = {n: s for n, s in dims.items() if n == wrt or (n in "XWY" if wrt == "W" else n in "XUt")}
    kept = {k: v for k, v in index.items() if v[0] in letters}
    found = matcalc.derive(text, wrt=wrt, dims=letters, index=kept)[wrt]
    assert found.plain == closed
    value = matcalc.parse(found.plain, letters).evaluate({n: at[n] for n in letters})
    for i in np.ndindex(*at[wrt].shape):
        e = np.zeros(at[wrt].shape)
        e[i] = 1e-6
        slope = (truth({**at, wrt: at[wrt] + e}) - truth({**at, wrt: at[wrt] - e})) / 2e-6  # type: ignore[operator]
        assert np.isclose(np.asarray(value)[i], slope, atol=1e-8)


@pytest.mark.parametrize("text", ["log1p(exp({}))", "np.log1p(np.exp({}))", "log(1 + exp({}))", "log(exp({}) + 1)"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_softplus_in_any_spelling_does_not_overflow(text: str, sign: int) -> None:
    """The value is max(t, 0) + log(1 + exp(-|t|)) and its slope 1 or 0 where |t| is large."""
    d = matcalc.derive(text.format("t" if sign > 0 else "-t"), wrt="t", dims={"t": ()})
    assert "rewrite" in {s.kind for s in d.steps}
    for t in (1000.0, -1000.0, 0.5):
        value, slope = d.function()(t=t)
        assert value == pytest.approx(max(sign * t, 0) + np.log1p(np.exp(-abs(t))), rel=1e-14)
        assert slope == pytest.approx(sign / (1 + np.exp(-min(max(sign * t, -700), 700))), rel=1e-12, abs=1e-300)
        assert d.result.evaluate({"t": t}) == pytest.approx(slope)
