"""Formulas with integer labels, as they are typed in lectures and papers, against plain loops and finite differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

import matcalc

Values = Mapping[str, Any]
RNG = np.random.default_rng(7)


class Case(NamedTuple):
    text: str
    wrt: str
    shapes: Mapping[str, tuple[int, ...]]  # of the arrays
    loss: Callable[[Values], Any]
    labels: Mapping[str, tuple[tuple[int, ...], int]] = {}  # shape, and how many classes
    given: Mapping[str, Any] = {}  # further arguments of derive
    positive: tuple[str, ...] = ()


N, C, D = 5, 4, 3


def log_softmax(z: Any) -> Any:
    return z - z.max() - np.log(np.exp(z - z.max()).sum())


def lecture(v: Values) -> float:
    f = v["f"]
    data = sum(-np.log(np.exp(f[v["y"][i]]) / sum(np.exp(f[c]) for c in range(C))) for i in range(N))
    return data / N + v["lambda"] * sum(t * t for t in v["theta"])


def lecture_linear(v: Values) -> float:
    total = 0.0
    for i in range(N):
        f = v["W"] @ v["X"][i] + v["b"]
        total += -np.log(np.exp(f[v["y"][i]]) / sum(np.exp(f[c]) for c in range(C)))
    return total / N + v["lambda"] * sum(t * t for t in v["theta"])


def hinges(v: Values) -> float:
    total = 0.0
    for x, y in zip(v["X"], v["y"], strict=True):
        total += sum(max(0, (v["W"][j] - v["W"][y]) @ x + 1) for j in range(C) if j != y)
    return total / N + v["lambda"] * (v["W"] ** 2).sum()


J = r"J(\theta) = \frac{1}{N}\sum_{i=1}^N -\log\left(\frac{e^{f_{y_i}}}{\sum_{c=1}^C e^{f_c}}\right) + \lambda\sum_k\theta_k^2"
SHAPES = {"W": (C, D), "X": (N, D), "b": (C,), "lambda": (), "theta": (2,)}
SAMPLES = {"y": ((N,), C)}

CASES = {
    "lecture": Case(J, "f", {"f": (C,), "lambda": (), "theta": (2,)}, lecture, SAMPLES),
    "lecture-theta": Case(J, "theta", {"f": (C,), "lambda": (), "theta": (2,)}, lecture, SAMPLES),
    "lecture-linear-W": Case("f = W x_i + b, " + J, "W", SHAPES, lecture_linear, SAMPLES),
    "lecture-linear-b": Case("f = W x_i + b, " + J, "b", SHAPES, lecture_linear, SAMPLES),
    "cs231n-softmax": Case(
        r"L_i = -\log\left(\frac{e^{f_{y_i}}}{\sum_j e^{f_j}}\right)", "f", {"f": (C,)},
        lambda v: -log_softmax(v["f"])[v["y_i"]], {"y_i": ((), C)},
    ),
    "cs231n-softmax-sum": Case(
        r"L_i = -f_{y_i} + \log\sum_j e^{f_j}", "f", {"f": (C,)},
        lambda v: -v["f"][v["y_i"]] + np.log(sum(np.exp(x) for x in v["f"])), {"y_i": ((), C)},
    ),
    "cs231n-svm": Case(
        r"L_i = \sum_{j\neq y_i} \max(0, s_j - s_{y_i} + 1)", "s", {"s": (C,)},
        lambda v: sum(max(0, v["s"][j] - v["s"][v["y_i"]] + 1) for j in range(C) if j != v["y_i"]), {"y_i": ((), C)},
    ),
    "cs231n-svm-W": Case(
        r"L_i = \sum_{j\neq y_i} \max(0, w_j^T x_i - w_{y_i}^T x_i + \Delta)", "W", {"W": (C, D), "x_i": (D,), "Delta": ()},
        lambda v: sum(max(0, v["W"][j] @ v["x_i"] - v["W"][v["y_i"]] @ v["x_i"] + v["Delta"]) for j in range(C) if j != v["y_i"]),
        {"y_i": ((), C)}, {"dims": {"Delta": ()}},
    ),
    "cs231n-svm-all": Case(
        r"L = \frac1N \sum_{i=1}^N \sum_{j\neq y_i} \max(0, w_j^T x_i - w_{y_i}^T x_i + 1) + \lambda\sum_k\sum_l W_{k,l}^2", "W",
        {"W": (C, D), "X": (N, D), "lambda": ()}, hinges, SAMPLES,
    ),
    "word2vec-naive-v": Case(
        r"J = -\log\frac{\exp(u_o^\top v_c)}{\sum_{w=1}^V \exp(u_w^\top v_c)}", "v_c", {"U": (C, D), "v_c": (D,)},
        lambda v: -log_softmax(v["U"] @ v["v_c"])[v["o"]], {"o": ((), C)},
    ),
    "word2vec-naive-U": Case(
        r"J = -\log\frac{\exp(u_o^\top v_c)}{\sum_{w\in \mathrm{Vocab}} \exp(u_w^\top v_c)}", "U", {"U": (C, D), "v_c": (D,)},
        lambda v: -log_softmax(v["U"] @ v["v_c"])[v["o"]], {"o": ((), C)},
    ),
    "cs229-softmax": Case(
        r"J(\theta) = -\left[\sum_{i=1}^m\sum_{k=1}^K 1\{y^{(i)}=k\}"
        r"\log\frac{\exp(\theta_k^T x^{(i)})}{\sum_{j=1}^K\exp(\theta_j^T x^{(i)})}\right]",
        "theta", {"theta": (C, D), "X": (N, D)},
        lambda v: -sum(log_softmax(v["theta"] @ v["X"][i])[v["y"][i]] for i in range(N)), SAMPLES,
    ),
    "indicator": Case(
        r"L = -\sum_{k} \mathbb{1}[y=k] \log p_k", "p", {"p": (C,)}, lambda v: -np.log(v["p"][v["y"]]), {"y": ((), C)},
        positive=("p",),
    ),
    "quotient": Case(r"-\log(e^{f_y}/\sum_c e^{f_c})", "f", {"f": (C,)}, lambda v: -log_softmax(v["f"])[v["y"]], {"y": ((), C)}),
    "softmax-entry": Case(r"p = \mathrm{softmax}(Wx+b), L = -\log p_y", "W", {"W": (C, D), "x": (D,), "b": (C,)},
        lambda v: -log_softmax(v["W"] @ v["x"] + v["b"])[v["y"]], {"y": ((), C)}),
    "centres": Case(
        r"\sum_{i=1}^N \|x_i - \mu_{y^{(i)}}\|^2", "mu", {"X": (N, D), "mu": (C, D)},
        lambda v: sum(((v["X"][i] - v["mu"][v["y"][i]]) ** 2).sum() for i in range(N)), SAMPLES,
    ),
    "entry-of-softmax": Case(
        r"J = -\log \hat y[o], \hat y = \mathrm{softmax}(U v)", "U", {"U": (C, D), "v": (D,)},
        lambda v: -log_softmax(v["U"] @ v["v"])[v["o"]], {"o": ((), C)},
    ),
    "class-k": Case(
        r"L = -\log p_k, p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}", "z", {"z": (C,)},
        lambda v: -log_softmax(v["z"])[v["k"]], {"k": ((), C)},
    ),
    "classes-in-a-condition": Case(
        r"\sum_{c=1}^C \sum_{i: y_i = c} \|x_i - \mu_c\|^2", "mu", {"X": (N, D), "mu": (C, D)},
        lambda v: sum(((v["X"][i] - v["mu"][v["y"][i]]) ** 2).sum() for i in range(N)), SAMPLES,
    ),
    "language-model": Case(
        r"\sum_{t=1}^{T} \log \frac{\exp(h_t^T E_{w_t})}{\sum_{v}\exp(h_t^T E_v)}", "E", {"H": (N, D), "E": (C, D)},
        lambda v: sum(log_softmax(v["E"] @ v["H"][i])[v["w"][i]] for i in range(N)), {"w": ((N,), C)},
    ),
    "same-class": Case(
        r"\sum_{i}\sum_{j} 1[y_i = y_j] \|x_i - x_j\|^2", "X", {"X": (N, D)},
        lambda v: sum(((v["X"][i] - v["X"][j]) ** 2).sum() for i in range(N) for j in range(N) if v["y"][i] == v["y"][j]), SAMPLES,
    ),
    "negative-samples": Case(
        r"J = -\log\sigma(u_o^\top v_c) - \sum_{s=1}^K \log\sigma(-u_{w_s}^\top v_c)", "U", {"U": (C, D), "v_c": (D,)},
        lambda v: np.log1p(np.exp(-v["U"][v["o"]] @ v["v_c"])) + sum(np.log1p(np.exp(v["U"][w] @ v["v_c"])) for w in v["w"]),
        {"o": ((), C), "w": ((3,), C)},
    ),
    "cbow": Case(
        r"J = -\log P, P = \frac{\exp(u_o^\top \hat v)}{\sum_{w=1}^{V}\exp(u_w^\top \hat v)}, "
        r"\hat v = \frac{1}{2m}\sum_{j=1}^{2m} v_j", "vs",
        {"U": (C, D), "vs": (4, D)}, lambda v: -log_softmax(v["U"] @ v["vs"].mean(0))[v["o"]], {"o": ((), C)},
    ),
    "recommender": Case(
        r"\sum_{i=1}^N (r_i - \mu - b_{u_i} - p_{u_i}^\top q_{v_i})^2", "P",
        {"r": (N,), "mu": (), "b": (C,), "P": (C, D), "Q": (2, D)},
        lambda v: sum((v["r"][i] - v["mu"] - v["b"][v["u"][i]] - v["P"][v["u"][i]] @ v["Q"][v["v"][i]]) ** 2 for i in range(N)),
        {"u": ((N,), C), "v": ((N,), 2)},
    ),
    "plain": Case("z[y] - log(sum(exp(z)))", "z", {"z": (C,)}, lambda v: log_softmax(v["z"])[v["y"]], {"y": ((), C)}),
    "plain-network": Case(
        "L = -logsoftmax(W*x + b)[y]", "W", {"W": (C, D), "x": (D,), "b": (C,)},
        lambda v: -log_softmax(v["W"] @ v["x"] + v["b"])[v["y"]], {"y": ((), C)},
    ),
}  # fmt: skip


ALONE = ("indicator",)  # the gradient is a multiple of the one-hot vector, and an array like any result


def drawn(case: Case) -> dict[str, Any]:
    values: dict[str, Any] = {n: RNG.normal(size=s) * 0.7 for n, s in case.shapes.items()}
    for n in case.positive:
        values[n] = np.abs(values[n]) + 0.5
    return values | {n: RNG.integers(classes, size=s) for n, (s, classes) in case.labels.items()}


def slopes(case: Case, values: dict[str, Any]) -> Any:
    """Central differences of the loss."""
    out = np.zeros(np.shape(values[case.wrt]))
    for place in np.ndindex(out.shape):
        moved = []
        for h in (1e-6, -1e-6):
            x = np.array(values[case.wrt], float)
            x[place] += h
            moved.append(case.loss({**values, case.wrt: x}))
        out[place] = (moved[0] - moved[1]) / 2e-6
    return out


@pytest.mark.sample(4)
@pytest.mark.parametrize("name", CASES)
def test_code_and_formula_are_the_loss_and_its_slopes(name: str) -> None:
    case = CASES[name]
    d = matcalc.derive(case.text, wrt=case.wrt, **case.given)
    code = d.function()
    for _ in range(3):
        values = drawn(case)
        value, gradient = code(**values)
        assert value == pytest.approx(case.loss(values), rel=1e-9)
        assert np.shape(gradient) == np.shape(values[case.wrt])
        assert np.allclose(gradient, slopes(case, values), atol=1e-6)
        hot = {n: np.eye(classes)[values[n]] for n, (_, classes) in case.labels.items()}
        printed = matcalc.parse(d.results[0].plain, dims=d.dims)
        used = {n: x for n, x in {**values, **hot}.items() if n in d.dims}
        assert np.allclose(printed.evaluate(used), gradient)
    assert d.checked is not None and d.checked.passed


@pytest.mark.parametrize("name", CASES)
def test_code_makes_no_one_hot_matrix(name: str) -> None:
    case = CASES[name]
    source = matcalc.derive(case.text, wrt=case.wrt, **case.given).to_code()
    assert "np.eye" not in source
    assert source.count("_put_at(") == 2 * (name in ALONE)
    assert all(f"{n} = _labels({n}" in source for n in case.labels)


@pytest.mark.parametrize("name", CASES)
def test_the_derivation_says_what_the_label_is(name: str) -> None:
    case = CASES[name]
    d = matcalc.derive(case.text, wrt=case.wrt, **case.given)
    for n in case.labels:
        assert d.reading.kinds[n] == "label" and "one-hot" in d.reading.assume[n]
        assert any("integer label" in note and f"'{n}'" in note for note in d.reading.notes)
