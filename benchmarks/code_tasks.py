"""The tasks of benchmarks/code.py: what is derived, careful NumPy by hand, and the value as JAX and PyTorch differentiate it.

The NumPy functions are as good as a careful person writes them without buffers and LAPACK calls; whoever finds better puts it here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Arrays = dict[str, Any]
Sizes = dict[str, tuple[str, ...]]


class Task(NamedTuple):
    """``by_hand`` gives what the code gives; ``loss`` is the value in a library ``of``, with its own stable functions."""

    text: str
    dims: Sizes
    sizes: dict[str, int]
    wrt: list[str]
    by_hand: Callable[..., Any]
    loss: Callable[..., Any] | None
    kind: str = "gradient"
    assume: dict[str, str] | None = None
    value: bool = True
    target: str = "numpy"


def layer(W: Any, x: Any, b: Any, u: Any) -> Any:
    h = np.tanh(W @ x + b)
    delta = u * (1 - h**2)
    return u @ h, (np.outer(delta, x), W.T @ delta, delta)


def softmax_regression(X: Any, W: Any, Y: Any, a: Any) -> Any:
    Z = X @ W
    Z -= Z.max(axis=1, keepdims=True)
    E = np.exp(Z)
    total = E.sum(axis=1, keepdims=True)
    n = X.shape[0]
    value = (np.log(total).sum() - np.vdot(Y, Z)) / n + a / 2 * np.vdot(W, W)
    E /= total
    E -= Y
    return value, X.T @ E / n + a * W


def perceptron(X: Any, W1: Any, b1: Any, W2: Any, b2: Any, Y: Any) -> Any:
    H = np.tanh(X @ W1 + b1)
    R = H @ W2 + b2 - Y
    n = X.shape[0]
    G = R / n
    D = (G @ W2.T) * (1 - H**2)
    return np.vdot(R, R) / (2 * n), (X.T @ D, D.sum(axis=0), H.T @ G, G.sum(axis=0))


def logistic(X: Any, w: Any, y: Any, a: Any) -> Any:
    m = y * (X @ w)
    e = np.exp(-np.abs(m))
    value = (np.maximum(-m, 0) + np.log1p(e)).sum() + a / 2 * (w @ w)
    return value, a * w - X.T @ (y * np.where(m >= 0, e, 1) / (1 + e))


def logistic_hessian(X: Any, w: Any) -> Any:
    m = X @ w
    e = np.exp(-np.abs(m))
    return (np.maximum(m, 0) + np.log1p(e)).sum(), (X.T * (e / (1 + e) ** 2)) @ X


def logistic_product(X: Any, w: Any, p: Any) -> Any:
    m = X @ w
    e = np.exp(-np.abs(m))
    return (np.maximum(m, 0) + np.log1p(e)).sum(), X.T @ (e / (1 + e) ** 2 * (X @ p))


def matrix_factors(T: Any, U: Any, V: Any) -> Any:
    R = U @ V.T - T
    return np.vdot(R, R), 2 * (R @ V)


def matrix_factors_alone(T: Any, U: Any, V: Any) -> Any:
    return 2 * (U @ (V.T @ V) - T @ V)


def matrix_factors_hessian(T: Any, U: Any, V: Any) -> Any:
    R = U @ V.T - T
    n, r = U.shape
    H = np.zeros((n, r, n, r))
    i = np.arange(n)
    H[i, :, i, :] = 2 * (V.T @ V)
    return np.vdot(R, R), H


def gaussian_process(K: Any, y: Any) -> Any:
    inverse = np.linalg.inv(K)
    alpha = inverse @ y
    return y @ alpha / 2 + np.linalg.slogdet(K)[1] / 2, (inverse - np.outer(alpha, alpha)) / 2


def quadratic(x: Any, A: Any) -> Any:
    Ax = A @ x
    return x @ Ax, Ax + x @ A


def network(X: Any, W1: Any, b1: Any, W2: Any, b2: Any, Y: Any) -> Any:
    Z1 = X @ W1 + b1
    H = np.maximum(Z1, 0)
    Z = H @ W2 + b2
    Z -= Z.max(axis=1, keepdims=True)
    E = np.exp(Z)
    total = E.sum(axis=1, keepdims=True)
    value = np.log(total).sum() - np.vdot(Y, Z)
    G = E / total - Y
    D = (G @ W2.T) * (Z1 > 0)
    return value, (X.T @ D, D.sum(axis=0), H.T @ G, G.sum(axis=0))


def bilinear(X: Any, A: Any, Z: Any, Y: Any) -> Any:
    R = X @ A @ Z.T - Y
    G = 2 * R
    GZ = G @ Z
    return np.vdot(R, R), (GZ @ A.T, X.T @ GZ, G.T @ (X @ A))


def rayleigh(A: Any, x: Any) -> Any:
    Ax, square = A @ x, x @ x
    value = x @ Ax / square
    return value, (Ax + x @ A - 2 * value * x) / square


def cell(J: Any, F: Any, P: Any, G: Any, v: Any, c: Any, u: Any) -> Any:
    """A step of an LSTM cell: v holds the input and the state, c is the memory."""
    i, f, o = (1 / (1 + np.exp(-(M @ v))) for M in (J, F, P))
    g = np.tanh(G @ v)
    t = np.tanh(f * c + i * g)
    d = u * o * (1 - t**2)
    by_i, by_f, by_o, by_g = d * g * i * (1 - i), d * c * f * (1 - f), u * t * o * (1 - o), d * i * (1 - g**2)
    by_v = by_i @ J + by_f @ F + by_o @ P + by_g @ G
    return u @ (o * t), (np.outer(by_i, v), np.outer(by_f, v), np.outer(by_o, v), np.outer(by_g, v), by_v)


def attention(Q: Any, K: Any, V: Any, Y: Any) -> Any:
    root = np.sqrt(Q.shape[1])
    S = Q @ K.T / root
    S -= S.max(axis=1, keepdims=True)
    P = np.exp(S)
    P /= P.sum(axis=1, keepdims=True)
    D = Y @ V.T
    D -= (D * P).sum(axis=1, keepdims=True)
    D *= P
    D /= root
    return np.vdot(Y, P @ V), (D @ K, D.T @ Q, P.T @ Y)


# fmt: off
XY: Sizes = {"X": ("N", "d"), "w": ("d",)}
FACTORS: Sizes = {"T": ("n", "m"), "U": ("n", "r"), "V": ("m", "r")}
NET: Sizes = {"X": ("N", "d"), "W1": ("d", "h"), "b1": ("h",), "W2": ("h", "k"), "b2": ("k",), "Y": ("N", "k")}
FACTORED = {"n": 500, "m": 400, "r": 10}
TASKS = {
    "a layer": Task(
        "u'*tanh(W*x + b)", {"W": ("n", "m"), "x": ("m",), "b": ("n",), "u": ("n",)}, {"n": 1000, "m": 1000}, ["W", "x", "b"],
        layer,
        lambda of, W, x, b, u: u @ of.tanh(W @ x + b),
    ),
    "b softmax regression": Task(
        "-sum(Y .* logsoftmax(X*W))/N + a/2*norm2(W)^2",
        {"X": ("N", "d"), "W": ("d", "k"), "Y": ("N", "k"), "a": ()}, {"N": 2000, "d": 500, "k": 50}, ["W"], softmax_regression,
        lambda of, X, W, Y, a: -(Y * of.logsoftmax(X @ W)).sum() / X.shape[0] + a / 2 * (W * W).sum(),
        assume={"Y": "one-hot"},
    ),
    "c perceptron": Task(
        "norm2(H*W2 + vector(1)*b2' - Y)^2/(2*N); H = tanh(X*W1 + vector(1)*b1')",
        NET, {"N": 1000, "d": 400, "h": 200, "k": 20}, ["W1", "b1", "W2", "b2"], perceptron,
        lambda of, X, W1, b1, W2, b2, Y: ((of.tanh(X @ W1 + b1) @ W2 + b2 - Y) ** 2).sum() / (2 * X.shape[0]),
    ),
    "d logistic gradient": Task(
        "sum(log(1 + exp(-y .* (X*w)))) + a/2*norm2(w)^2", {**XY, "y": ("N",), "a": ()}, {"N": 10000, "d": 300}, ["w"], logistic,
        lambda of, X, w, y, a: of.softplus(-y * (X @ w)).sum() + a / 2 * (w @ w),
    ),
    "d logistic Hessian": Task(
        "sum(log(1 + exp(X*w)))", XY, {"N": 10000, "d": 300}, ["w"], logistic_hessian,
        lambda of, X, w: of.softplus(X @ w).sum(), "hessian",
    ),
    "d Hessian times p": Task(
        "sum(log(1 + exp(X*w)))", {**XY, "p": ("d",)}, {"N": 10000, "d": 300}, ["w"], logistic_product, None, "hvp",
    ),
    "e matrix factors": Task(
        "norm2(T - U*V')^2", FACTORS, FACTORED, ["U"], matrix_factors,
        lambda of, T, U, V: ((U @ V.T - T) ** 2).sum(),
    ),
    "e gradient alone": Task("norm2(T - U*V')^2", FACTORS, FACTORED, ["U"], matrix_factors_alone, None, value=False),
    "e Hessian, dense": Task(
        "norm2(T - U*V')^2", FACTORS, {"n": 50, "m": 400, "r": 10}, ["U"], matrix_factors_hessian, None, "hessian",
    ),
    "f gaussian process": Task(
        "y'*inv(K)*y/2 + logdet(K)/2", {"K": ("n", "n"), "y": ("n",)}, {"n": 500}, ["K"], gaussian_process,
        lambda of, K, y: y @ of.solve(K, y) / 2 + of.logdet(K) / 2, assume={"K": "spd"},
    ),
    "g quadratic form": Task(
        "x'*A*x", {"x": ("n",), "A": ("n", "n")}, {"n": 3}, ["x"], quadratic, lambda of, x, A: x @ (A @ x),
    ),
    "h network": Task(
        "-sum(Y .* logsoftmax(H*W2 + vector(1)*b2')); H = relu(X*W1 + vector(1)*b1')",
        NET, {"N": 1000, "d": 300, "h": 100, "k": 10}, ["W1", "b1", "W2", "b2"], network,
        lambda of, X, W1, b1, W2, b2, Y: -(Y * of.logsoftmax(of.relu(X @ W1 + b1) @ W2 + b2)).sum(), assume={"Y": "one-hot"},
    ),
    "i bilinear model": Task(
        "norm2(X*A*Z' - Y)^2", {"X": ("N", "d"), "A": ("d", "p"), "Z": ("M", "p"), "Y": ("N", "M")},
        {"N": 500, "d": 60, "p": 40, "M": 400}, ["X", "A", "Z"], bilinear,
        lambda of, X, A, Z, Y: ((X @ A @ Z.T - Y) ** 2).sum(),
    ),
    "j Rayleigh quotient": Task(
        "x'*A*x/(x'*x)", {"x": ("n",), "A": ("n", "n")}, {"n": 1000}, ["x"], rayleigh, lambda of, A, x: x @ (A @ x) / (x @ x),
    ),
    "LSTM cell": Task(
        "u'*(sigmoid(P*v) .* tanh(sigmoid(F*v) .* c + sigmoid(J*v) .* tanh(G*v)))",
        {**{n: ("n", "m") for n in "JFPG"}, "v": ("m",), "c": ("n",), "u": ("n",)}, {"n": 256, "m": 512}, [*"JFPGv"], cell,
        lambda of, J, F, P, G, v, c, u: u
        @ (of.sigmoid(P @ v) * of.tanh(of.sigmoid(F @ v) * c + of.sigmoid(J @ v) * of.tanh(G @ v))),
    ),
    "attention": Task(
        "sum(Y .* (softmax(Q*K'/sqrt(d))*V))", {n: ("n", "d") for n in "QKVY"}, {"n": 256, "d": 64}, [*"QKV"], attention,
        lambda of, Q, K, V, Y: (Y * (of.softmax(Q @ K.T / Q.shape[1] ** 0.5) @ V)).sum(),
    ),
}
# fmt: on
