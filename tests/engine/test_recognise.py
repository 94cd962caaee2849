"""Quotients that are a sigmoid or a softmax are called so: answers as in a textbook, judged with differences."""

from __future__ import annotations

from typing import Any

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
    ("-sum(Y .* log(exp(X*W) ./ (sum(exp(X*W), axis=1)*ones(k)')))", "W", "X'*((Y*ones(k)*ones(k)') .* softmax(X*W) - Y)"),
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


def test_one_against_many_is_the_difference_of_a_score_and_a_logarithm() -> None:
    """InfoNCE as notes have it: -(1 - p) v/t + Σ_j p_j n_j/t, with p by the sum of all."""
    text = "L = -log(exp(u'*v/t)/(exp(u'*v/t) + sum(exp(N*u/t))))"
    d = matcalc.derive(text, wrt="u", dims={"N": ("k", "n"), "t": ()})
    assert len(d.trace.steps) < 20 and d.replay()
    rng = np.random.default_rng(1)
    at = {"u": rng.normal(size=3), "v": rng.normal(size=3), "N": rng.normal(size=(4, 3)), "t": 0.7}
    own, others = np.exp(at["u"] @ at["v"] / at["t"]), np.exp(at["N"] @ at["u"] / at["t"])
    p = np.array([own, *others]) / (own + others.sum())
    assert np.allclose(d.function(value=False)(**at), (-(1 - p[0]) * at["v"] + at["N"].T @ p[1:]) / at["t"])


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


LOGITS = np.array([1000.0, -1000.0, 3.0, -4.0])
SCORES = np.array([[1000.0, -1000.0, 0.0], [5.0, -900.0, 800.0], [-1000.0, -1000.0, 1000.0], [0.0, 1.0, 2.0]])
LABELS = np.array([1, 0, 0, 2])
ONE, HOT, ROWS = {"y": np.eye(4)[1]}, {"y": "one-hot"}, {"Y": "one-hot"}


def log_softmax(z: np.ndarray) -> np.ndarray:
    m = z.max(axis=-1, keepdims=True)
    return z - m - np.log(np.exp(z - m).sum(axis=-1, keepdims=True))


def log_sigmoid(t: np.ndarray) -> np.ndarray:
    return np.minimum(t, 0) - np.log1p(np.exp(-np.abs(t)))


def second(z: np.ndarray) -> float:
    return -float(log_softmax(z)[1])


def right_ones(z: np.ndarray) -> float:
    return -float(log_softmax(z)[range(4), LABELS].sum())


# text, what is declared, what goes in, the loss by its logits
PICKED = [
    ("-log(softmax(z)[k])", {}, {"k": 1}, second),
    ("-log(softmax(z)[2])", {}, {}, second),
    ("-log(y'*softmax(z))", HOT, ONE, second),
    ("-log(softmax(z)'*y)", HOT, ONE, second),
    ("-log(softmax(z')*y)", HOT, ONE, second),
    ("-log(sum(y .* softmax(z)))", HOT, ONE, second),
    ("p = softmax(z); J = -log(p[y])", {}, {"y": 1}, second),
    ("-log((exp(z)/sum(exp(z)))[y])", {}, {"y": 1}, second),
    ("-log(exp(z)[y]/sum(exp(z)))", {}, {"y": 1}, second),
    ("-log(exp(z)[2]/sum(exp(z)))", {}, {}, second),
    ("-log2(softmax(z)[k])", {}, {"k": 1}, lambda z: second(z) / np.log(2)),
    ("-log(3*softmax(z)[k])", {}, {"k": 1}, lambda z: second(z) - np.log(3)),
    ("-log(sigmoid(z)[k])", {}, {"k": 1}, lambda z: -log_sigmoid(z)[1]),
    ("-log(sigmoid(z)[2])", {}, {}, lambda z: -log_sigmoid(z)[1]),
    ("-log(1 - sigmoid(z)[k])", {}, {"k": 0}, lambda z: -log_sigmoid(-z)[0]),
    ("-log(1 - sigmoid(z)[1])", {}, {}, lambda z: -log_sigmoid(-z)[0]),
    ("-np.log(softmax(Z)[np.arange(N), y]).sum()", {}, {"y": LABELS}, right_ones),
    ("P = np.exp(Z)/np.exp(Z).sum(axis=1, keepdims=True); s = -np.log(P[range(N), y]).sum()", {}, {"y": LABELS}, right_ones),
    ("-sum(log((Y.*softmax(Z))*ones(3)))", ROWS, {"Y": np.eye(3)[LABELS]}, right_ones),
    ("-sum(log(sum(Y.*softmax(Z), axis=1)))", ROWS, {"Y": np.eye(3)[LABELS]}, right_ones),
    ("-sum(log(diag(softmax(Z)*Y')))", ROWS, {"Y": np.eye(3)[LABELS]}, right_ones),
    ("-sum(log(diag(Y*softmax(Z)')))", ROWS, {"Y": np.eye(3)[LABELS]}, right_ones),
    ("-sum(log(colsum(Y.*softmax(Z)')))", {"Y": "one-hot-columns"}, {"Y": np.eye(3)[LABELS].T}, right_ones),
    ("-log(softmax(Z)[2,:][y])", {}, {"y": 1}, lambda z: -log_softmax(z)[1, 1]),
    ("-log(softmax(Z)[2,2])", {}, {}, lambda z: -log_softmax(z)[1, 1]),
    ("-sum(log(softmax(Z)[:,2]))", {}, {}, lambda z: -log_softmax(z)[:, 1].sum()),
    ("-sum(log(softmax(Z)[2:3,2]))", {}, {}, lambda z: -log_softmax(z)[1:3, 1].sum()),
    ("-sum(log(softmax(Z)[idx,:]))", {}, {"idx": np.array([0, 1])}, lambda z: -log_softmax(z)[:2].sum()),
    ("-sum(log(sigmoid(Z)[np.arange(N), y]))", {}, {"y": LABELS}, lambda z: -log_sigmoid(z)[range(4), LABELS].sum()),
    ("-sum(log(1 - sigmoid(Z)[np.arange(N), y]))", {}, {"y": LABELS}, lambda z: -log_sigmoid(-z)[range(4), LABELS].sum()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "assume", "more", "loss"), PICKED, ids=[t for t, *_ in PICKED])
def test_the_logarithm_of_what_is_picked_is_finite(text: str, assume: dict[str, str], more: dict[str, Any], loss: Any) -> None:
    wrt, at = ("Z", SCORES) if "Z" in text else ("z", LOGITS)
    dims = {"idx": (2,)} if "idx" in text else {}
    d = matcalc.derive(text, wrt=wrt, assume=assume, dims=dims)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        value, gradient = d.function()(**{wrt: at, **more})
    assert value == pytest.approx(loss(at), rel=1e-13)
    for i in np.ndindex(*at.shape):
        e = np.zeros(at.shape)
        e[i] = 1e-3
        assert gradient[i] == pytest.approx((loss(at + e) - loss(at - e)) / 2e-3, abs=1e-5)


def test_the_derivative_by_the_scores_is_p_minus_e() -> None:
    d = matcalc.derive("-log(softmax(W*x + b)[y])")
    assert "= (softmax(z) - y)ᵀ " in d.to_text() and d.replay().passed


def test_a_vector_that_moves_or_that_nobody_calls_one_hot_picks_nothing() -> None:
    """log(y'p) is y' log(p) for a one-hot y alone, and its derivative by y is not that of y' log(p)."""
    for assume, wrt in (({}, "z"), ({"y": "probability"}, "z"), (HOT, "y"), (HOT, ["y", "z"])):
        d = matcalc.derive("-log(y'*softmax(z))", wrt=wrt, assume=assume)
        assert not any(s.kind == "rewrite" for s in d.steps)
    assert matcalc.derive("-log(y'*softmax(z))", wrt="y", assume=HOT)["y"].plain == "-softmax(z)/(y'*softmax(z))"


def test_what_stands_below_the_logarithm_and_elsewhere_is_written_alike() -> None:
    d = matcalc.derive("-(1 - sigmoid(z)[k])^2*log(sigmoid(z)[k])", wrt="z")
    assert d.replay().passed


@pytest.mark.parametrize(
    "text",
    [
        r"-\log\frac{\exp(W_{y\cdot} v)}{\sum_{c=1}^C \exp(W_{c\cdot} v)}",
        r"-\log\frac{\exp(u_o^T v)}{\sum_{w=1}^V \exp(u_w^T v)}",
    ],
)
def test_the_score_that_a_label_picks_is_one_of_the_scores(text: str) -> None:
    """The lecture's z_y - log Σ exp z_c with δ by the scores, and the cases that it tells apart there."""
    d = matcalc.derive(text, cases=True)
    matrix, label = d.wrt[0], next(n for n in d.dims if n not in d.wrt)
    z = next(s for s in d.trace.steps if s.kind == "definition").rhs
    assert (z.expr.op, len([s for s in d.trace.steps if s.kind == "case"])) == ("matmul", 3) and d.replay()
    rng, y = np.random.default_rng(3), np.eye(4)[2]
    w, v = rng.normal(size=(4, 3)), rng.normal(size=3)
    p = np.exp(w @ v) / np.exp(w @ v).sum()
    got = {r.wrt: r.evaluate({matrix: w, label: y, "v": v}) for r in d.results}
    assert np.allclose(got[matrix], np.outer(p - y, v)) and np.allclose(got["v"], w.T @ (p - y))


def test_the_score_that_a_label_picks_stays_alone_where_the_others_are_not_asked_for() -> None:
    dims = {"U": ("m", "n"), "y": ("m",), "v": ("n",)}
    d = matcalc.derive("-log(sigmoid((U'*y)'*v))", wrt="v", dims=dims, assume={"y": "one-hot"})
    assert not any(s.rule == "picked-row-of-product" for s in d.trace.steps)
