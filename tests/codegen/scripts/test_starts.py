"""Where training starts: variances as the lecture has them, output biases against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcalc.codegen.scripts.starts import start_biases, xavier

Arrays = dict[str, Any]


@pytest.mark.parametrize("shape, fans", [((300, 200), 500), ((200, 300), 500), ((40_000,), 40_001)])
def test_weights_have_the_variance_of_xavier(shape: tuple[int, ...], fans: int) -> None:
    found = xavier(np.random.default_rng(1), shape)
    r = np.sqrt(6 / fans)
    assert found.shape == shape and np.abs(found).max() <= r and np.abs(found).max() > 0.99 * r
    assert abs(found.var() / (2 / fans) - 1) < 0.03 and abs(found.mean()) < 0.03 * r


def softmax_regression(batch: Arrays, p: Arrays) -> tuple[float, Arrays]:
    """With a hidden layer: W2 and b2 of the output, W1 and b1 below."""
    n = len(batch["y"])
    H = np.tanh(batch["X"] @ p["W1"] + p["b1"])
    F = H @ p["W2"] + p["b2"]
    P = np.exp(F) / np.exp(F).sum(axis=1, keepdims=True)
    D = (P - np.eye(3)[batch["y"]]) / n
    E = D @ p["W2"].T * (1 - H**2)
    gradients = {"W1": batch["X"].T @ E, "b1": E.sum(axis=0), "W2": H.T @ D, "b2": D.sum(axis=0)}
    return -np.log(P[np.arange(n), batch["y"]]).mean(), gradients


def test_the_biases_of_a_softmax_are_the_logarithms_of_the_frequencies() -> None:
    y = np.array([0] * 5 + [1] * 3 + [2] * 12)
    rng = np.random.default_rng(0)
    p = {"W1": rng.normal(size=(2, 4)), "b1": np.full(4, 9.0), "W2": rng.normal(size=(4, 3)), "b2": np.full(3, 9.0)}
    weights = {name: p[name].copy() for name in ("W1", "W2")}
    start_biases(softmax_regression, p, ["b1", "b2"], {"X": rng.normal(size=(20, 2)), "y": y})
    logs = np.log([5 / 20, 3 / 20, 12 / 20])
    np.testing.assert_allclose(p["b2"] - p["b2"].mean(), logs - logs.mean(), atol=1e-8)
    assert (p["b1"] == 0).all()  # hidden
    assert all((p[name] == w).all() for name, w in weights.items())


def test_the_bias_of_a_sigmoid_is_the_logit_of_the_mean_and_that_of_squares_the_mean() -> None:
    y = np.array([1.0, 1, 1, 0, 1, 1, 1, 1])

    def logistic(batch: Arrays, p: Arrays) -> tuple[float, Arrays]:
        s = 1 / (1 + np.exp(-p["b"]))
        return float(-(y * np.log(s) + (1 - y) * np.log(1 - s)).mean()), {"b": s - y.mean()}

    def squares(batch: Arrays, p: Arrays) -> tuple[float, Arrays]:
        return float(((p["b"] - 40 * y) ** 2).sum()), {"b": 2 * (p["b"] - 40 * y).sum()}

    for objective, best in ((logistic, np.log(7 / 1)), (squares, 40 * 7 / 8)):
        p = {"b": np.array(0.0)}
        start_biases(objective, p, ["b"], {})
        assert p["b"].shape == () and abs(p["b"] - best) < 1e-7


def test_a_loss_without_a_value_at_zero_leaves_the_biases_at_zero() -> None:
    p = {"b": np.array([1.0, 2.0])}
    start_biases(lambda batch, q: (np.inf, {"b": np.full(2, np.nan)}), p, ["b"], {})
    assert p["b"].tolist() == [0, 0]


def test_a_loss_that_inverts_the_weights_leaves_the_biases_at_zero() -> None:
    def inverting(batch: Arrays, p: Arrays) -> tuple[float, Arrays]:
        return float(np.linalg.inv(p["W"]).sum() + p["b"]), {"W": p["W"], "b": np.float64(1)}

    p = {"W": np.eye(2), "b": np.array(3.0)}
    start_biases(inverting, p, ["b"], {})
    assert p["b"] == 0 and (p["W"] == np.eye(2)).all()
