"""Python code for losses, pasted: the same text is run by NumPy, and its finite differences are the truth.

A stand-in for PyTorch's names and methods (``Tensor``) runs the texts that NumPy does not know.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.special

import matcalc
from matcalc.expr.errors import AmbiguityError, MatcalcError, NoRuleError, ParseError, ShapeError

SIZES = {"m": 4, "n": 3, "k": 2, "p": 5, "N": 4, "d": 3}


class Tensor(np.ndarray):
    """A NumPy array with methods of PyTorch, each by its definition."""

    def t(self) -> Any:
        return self.T

    def exp(self) -> Any:
        return np.exp(self)

    def log(self) -> Any:
        return np.log(self)

    def tanh(self) -> Any:
        return np.tanh(self)

    def sqrt(self) -> Any:
        return np.sqrt(self)

    def abs(self) -> Any:
        return np.abs(self)

    def sigmoid(self) -> Any:
        return 1 / (1 + np.exp(-self))

    def relu(self) -> Any:
        return np.maximum(self, 0)

    def pow(self, p: float) -> Any:
        return self**p

    def square(self) -> Any:
        return self**2

    def norm(self, p: float = 2, dim: int | None = None) -> Any:
        return (np.abs(self) ** p).sum(axis=dim) ** (1 / p)

    def inverse(self) -> Any:
        return np.linalg.inv(self)

    def det(self) -> Any:
        return np.linalg.det(self)

    def logdet(self) -> Any:
        return np.log(np.linalg.det(self))

    def matmul(self, other: Any) -> Any:
        return self @ other

    def unsqueeze(self, axis: int) -> Any:
        return np.expand_dims(self, axis)

    def clamp(self, min: float) -> Any:
        return np.maximum(self, min)


class Torch:
    """Functions of PyTorch, each by its definition."""

    exp, log, tanh, sum, mean, trace, outer, diag = np.exp, np.log, np.tanh, np.sum, np.mean, np.trace, np.outer, np.diag
    linalg, eye, ones, matmul, mm, dot, abs, pow = np.linalg, np.eye, np.ones, np.matmul, np.matmul, np.dot, np.abs, np.power

    @staticmethod
    def sigmoid(x: Any) -> Any:
        return 1 / (1 + np.exp(-x))

    @staticmethod
    def relu(x: Any) -> Any:
        return np.maximum(x, 0)

    @staticmethod
    def softplus(x: Any) -> Any:
        return np.log(1 + np.exp(x))

    @staticmethod
    def logsumexp(x: Any, dim: int) -> Any:
        return scipy.special.logsumexp(x, axis=dim)

    @staticmethod
    def softmax(x: Any, dim: int) -> Any:
        return scipy.special.softmax(x, axis=dim)

    @staticmethod
    def log_softmax(x: Any, dim: int) -> Any:
        return scipy.special.log_softmax(x, axis=dim)

    @staticmethod
    def norm(x: Any) -> Any:
        return np.sqrt((x**2).sum())

    @staticmethod
    def logdet(x: Any) -> Any:
        return np.log(np.linalg.det(x))

    @staticmethod
    def mse_loss(x: Any, y: Any) -> Any:
        return ((x - y) ** 2).mean()


HELPERS = {"softmax": scipy.special.softmax, "sigmoid": scipy.special.expit, "norm": np.linalg.norm, "inv": np.linalg.inv}
MODULES = {**HELPERS, "np": np, "numpy": np, "scipy": scipy, "torch": Torch, "F": Torch}


def run(text: str, values: dict[str, Any]) -> Any:
    """The value of the last line of a Python text of this file."""
    if text.startswith("def "):
        text = "\n".join(line.strip().removeprefix("return ") for line in text.split("\n")[1:])
    *before, last = text.split("\n")
    scope = {**MODULES, **values}
    exec("\n".join(before), scope)
    _, equals, body = last.partition(" = ")
    return np.asarray(eval(body if equals else last, scope), float)


def arrays(dims: dict[str, tuple[Any, ...]], positive: str = "") -> dict[str, Any]:
    rng = np.random.default_rng(5)
    out: dict[str, Any] = {}
    for name, shape in dims.items():
        a = 0.6 * rng.standard_normal(tuple(SIZES.get(s, s) for s in shape))
        if name in positive.split():
            a = np.abs(a) + 0.5
        if name in ("A", "S") and len(shape) == 2 and shape[0] == shape[1]:
            a = a @ a.T + np.eye(len(a))
        out[name] = a.view(Tensor) if shape else float(a)
    return out


def differences(text: str, values: dict[str, Any], name: str) -> Any:
    """Central differences of the text as NumPy runs it, entry by entry."""
    x, h = np.array(values[name], float), 1e-6
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        both = []
        for step in (h, -h):
            moved = x.copy()
            moved[place] += step
            both.append(run(text, {**values, name: moved.view(Tensor) if moved.shape else float(moved)}))
        out[place] = (both[0] - both[1]) / (2 * h)
    return out


V, W_, X_ = ("n",), ("m", "n"), ("N", "d")
# The text, the sizes of its objects, and which of them are positive.
READ: list[tuple[str, dict[str, tuple[Any, ...]], str]] = [
    # prefixes
    ("np.sum(X**2)", {"X": X_}, ""),
    ("np.linalg.norm(x)", {"x": V}, ""),
    ("np.trace(np.linalg.inv(A))", {"A": ("n", "n")}, ""),
    ("np.linalg.det(A)", {"A": ("n", "n")}, ""),
    ("np.linalg.slogdet(A)[1]", {"A": ("n", "n")}, ""),
    ("y @ np.linalg.solve(A, b)", {"A": ("n", "n"), "b": V, "y": V}, ""),
    ("np.dot(x, y)", {"x": V, "y": V}, ""),
    ("np.dot(np.dot(x, W), y)", {"x": ("m",), "W": W_, "y": V}, ""),
    ("np.sum(np.outer(x, y) @ z)", {"x": ("m",), "y": V, "z": V}, ""),
    ("np.sum(np.kron(x, y)**2)", {"x": ("m",), "y": V}, ""),
    ("np.sum(np.maximum(x, 0))", {"x": V}, ""),
    ("np.mean(np.log(x))", {"x": V}, "x"),
    ("np.linalg.slogdet(A + np.eye(n))[1]", {"A": ("n", "n")}, ""),
    ("np.ones(n) @ np.exp(x)", {"x": V}, ""),
    ("np.sum(np.ones((m, n)) * np.exp(W))", {"W": W_}, ""),
    ("np.sum(np.diag(x) @ y)", {"x": V, "y": V}, ""),
    ("np.diag(A) @ x", {"A": ("n", "n"), "x": V}, ""),
    ("np.sum(np.multiply(x, y))", {"x": V, "y": V}, ""),
    ("np.sum(np.power(x, 3))", {"x": V}, ""),
    ("np.sum(np.square(x) / 2)", {"x": V}, ""),
    ("np.sum(np.clip(x, -0.5, 0.5))", {"x": V}, ""),
    ("np.trace(np.matmul(A, A.T))", {"A": ("n", "n")}, ""),
    ("np.sum(scipy.special.expit(x))", {"x": V}, ""),
    ("scipy.special.logsumexp(X)", {"X": X_}, ""),
    ("np.linalg.norm(X, 'fro')", {"X": X_}, ""),
    ("np.linalg.norm(X, 2)", {"X": X_}, ""),
    ("np.linalg.norm(X, 1)", {"X": X_}, ""),
    ("np.linalg.norm(X, np.inf)", {"X": X_}, ""),
    ("np.linalg.norm(x, ord=1)", {"x": V}, ""),
    ("np.linalg.norm(X, axis=1) @ y", {"X": X_, "y": ("N",)}, ""),
    ("np.var(x)", {"x": V}, ""),
    ("np.std(x)", {"x": V}, ""),
    ("np.sum(np.linalg.matrix_power(A, 3))", {"A": ("n", "n")}, ""),
    ("np.einsum('ij,j->i', W, x) @ y", {"W": W_, "x": V, "y": ("m",)}, ""),
    ("np.pi * np.sum(x**2)", {"x": V}, ""),
    ("np.sum(x * np.reciprocal(y))", {"x": V, "y": V}, "y"),
    # methods and attributes
    ("((X @ w - y)**2).mean()", {"X": X_, "w": ("d",), "y": ("N",)}, ""),
    ("np.log(np.exp(x).sum())", {"x": V}, ""),
    ("(x - x.mean()).dot(y)", {"x": V, "y": V}, ""),
    ("x.dot(A).dot(x)", {"x": V, "A": ("n", "n")}, ""),
    ("A.T.trace()", {"A": ("n", "n")}, ""),
    ("x.max() + x.min()", {"x": V}, ""),
    ("W.transpose().dot(y).sum()", {"W": W_, "y": ("m",)}, ""),
    ("W.sum(axis=0) @ x", {"W": W_, "x": V}, ""),
    ("W.sum(axis=-1) @ y + W.sum(-2) @ x", {"W": W_, "x": V, "y": ("m",)}, ""),
    ("np.mean(W, axis=1) @ y", {"W": W_, "y": ("m",)}, ""),
    ("np.mean(W, 0) @ x", {"W": W_, "x": V}, ""),
    ("x.sum(axis=0)**2", {"x": V}, ""),
    ("((X @ w - y)**2).sum() / X.shape[0]", {"X": X_, "w": ("d",), "y": ("N",)}, ""),
    ("((X @ w - y)**2).sum() / len(y)", {"X": X_, "w": ("d",), "y": ("N",)}, ""),
    ("(X**2).sum() / X.size", {"X": X_}, ""),
    # PyTorch
    ("(A @ x - b).pow(2).sum()", {"A": W_, "x": V, "b": ("m",)}, ""),
    ("torch.norm(X)**2", {"X": X_}, ""),
    ("x.norm() + x.norm(p=1) + x.norm(2)", {"x": V}, ""),
    ("X.norm(p=2, dim=1).sum()", {"X": X_}, ""),
    ("torch.logdet(S) + S.logdet() + S.det() + torch.trace(S.inverse())", {"S": ("n", "n")}, ""),
    ("torch.relu(W @ x).sum() + (W @ x).relu().sum()", {"W": W_, "x": V}, ""),
    ("torch.sigmoid(x).log().sum() + x.sigmoid().sum()", {"x": V}, ""),
    ("(x.exp().sum()).log() - x.tanh().sum()", {"x": V}, ""),
    ("(torch.softmax(W, dim=1) @ x).sum()", {"W": W_, "x": V}, ""),
    ("(F.log_softmax(W, dim=-1) @ x).sum()", {"W": W_, "x": V}, ""),
    ("torch.logsumexp(W, dim=1).sum() + torch.logsumexp(x, dim=0)", {"W": W_, "x": V}, ""),
    ("F.softplus(-x).sum()", {"x": V}, ""),
    ("x.clamp(min=0).sum()", {"x": V}, ""),
    ("(X.t() @ y).square().sum()", {"X": X_, "y": ("N",)}, ""),
    # 1-D arrays
    ("u @ x", {"u": V, "x": V}, ""),
    ("x @ A @ x", {"x": V, "A": ("n", "n")}, ""),
    ("(y @ W) @ (W.T @ y)", {"W": W_, "y": ("m",)}, ""),
    ("np.sum(np.tanh(y @ W + x))", {"W": W_, "y": ("m",), "x": V}, ""),
    ("y @ W @ (x * x)", {"W": W_, "y": ("m",), "x": V}, ""),
    ("beta @ x + (X @ beta) @ y", {"beta": ("d",), "x": ("d",), "X": X_, "y": ("N",)}, ""),
    # entry by entry, and broadcasting
    ("np.sum(x * y / (1 + x**2))", {"x": V, "y": V}, ""),
    ("np.sum(1 / x)", {"x": V}, "x"),
    ("np.sum(M * (X - U @ V.T)**2)", {"M": X_, "X": X_, "U": ("N", "k"), "V": ("d", "k")}, ""),
    ("np.sum(X / M)", {"M": X_, "X": X_}, "M"),
    ("np.sum((X - X.mean(axis=0))**2)", {"X": X_}, ""),
    ("np.sum((X / X.sum(axis=1, keepdims=True))**2)", {"X": X_}, "X"),
    ("np.sum((X - X.mean(axis=0, keepdims=True)) @ y)", {"X": X_, "y": ("d",)}, ""),
    ("np.sum(np.tanh(X @ W + b))", {"X": X_, "W": ("d", "k"), "b": ("k",)}, ""),
    ("np.sum((X - np.log(np.exp(X).sum(axis=1, keepdims=True)))**2)", {"X": X_}, ""),
    ("np.sum((y[:, None] * X)**2)", {"X": X_, "y": ("N",)}, ""),
    ("np.sum(np.exp(np.multiply(X, w) - y[:, None]))", {"X": X_, "w": ("d",), "y": ("N",)}, ""),
    ("np.sum(np.exp(-(x[:, None] - y[None, :])**2))", {"x": ("N",), "y": ("d",)}, ""),
    ("np.sum(np.exp(np.sum(X**2, axis=1)[:, None] + np.sum(X**2, axis=1)[None, :] - 2 * X @ X.T))", {"X": X_}, ""),
    ("np.sum((x.reshape(-1, 1) - y)**2)", {"x": ("N",), "y": ("d",)}, ""),
    ("np.sum(w * np.exp(X))", {"X": X_, "w": ("d",)}, ""),
    # several lines
    ("z = W @ x + b\nh = np.tanh(z)  # hidden layer\ns = u @ h", {"W": W_, "x": V, "b": ("m",), "u": ("m",)}, ""),
    ("# ridge\nr = X @ w - y\nloss = 0.5 * np.sum(r**2) + 0.5 * lam * w @ w", {"X": X_, "w": ("d",), "y": ("N",), "lam": ()}, ""),
    ("loss = np.mean(\n    (X @ w - y)**2\n)  # mean of squares", {"X": X_, "w": ("d",), "y": ("N",)}, ""),
]  # fmt: skip


Y_, K_ = ("N",), ("d", "k")
# Losses as tutorials write them; sizes are declared only where a name of several letters needs it.
PASTED: list[tuple[str, dict[str, tuple[Any, ...]], str]] = [
    ("loss = np.mean((X @ w - y) ** 2)", {"X": X_, "w": ("d",), "y": Y_}, ""),
    ("loss = np.sum((y - X.dot(w)) ** 2) / (2 * len(y))", {"X": X_, "w": ("d",), "y": Y_}, ""),
    ("loss = (1 / (2 * X.shape[0])) * np.sum((X.dot(theta) - y) ** 2)", {"X": X_, "theta": ("d",), "y": Y_}, ""),
    ("z = X @ w\np = 1 / (1 + np.exp(-z))\nloss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))",
     {"X": X_, "w": ("d",), "t": Y_}, "t"),
    ("loss = -np.mean(y * np.log(sigmoid(X @ w)) + (1 - y) * np.log(1 - sigmoid(X @ w)))", {"X": X_, "w": ("d",), "y": Y_}, ""),
    ("loss = np.mean(np.log(1 + np.exp(-y * (X @ w))))", {"X": X_, "w": ("d",), "y": Y_}, ""),
    ("loss = np.sum(np.logaddexp(0, -y * (X @ w))) + np.logaddexp(y, 2 * y).sum()", {"X": X_, "w": ("d",), "y": Y_}, ""),
    ("loss = np.maximum(0, 1 - y * (X @ w)).mean() + lam * np.sum(w ** 2)", {"X": X_, "w": ("d",), "y": Y_, "lam": ()}, ""),
    ("loss = np.mean(np.maximum(0, 1 - y * (X @ w + b))) + 0.5 * w @ w", {"X": X_, "w": ("d",), "y": Y_, "b": ()}, ""),
    ("loss = np.sum((X - X @ W @ W.T) ** 2)", {"X": X_, "W": K_}, ""),
    ("loss = np.sum((M * (R - U @ V.T)) ** 2) + lam * (np.sum(U ** 2) + np.sum(V ** 2))",
     {"M": X_, "R": X_, "U": ("N", "k"), "V": K_, "lam": ()}, ""),
    ("loss = np.linalg.norm(X - U @ V.T, 'fro') ** 2", {"X": X_, "U": ("N", "k"), "V": K_}, ""),
    ("scores = q @ K.T / np.sqrt(3)\nA = np.exp(scores) / np.sum(np.exp(scores))\nloss = A @ V @ c",
     {"q": ("d",), "K": X_, "V": ("N", "k"), "c": ("k",)}, ""),
    ("scores = Q @ K.T / np.sqrt(3)\nA = softmax(scores, axis=-1)\nloss = np.sum((A @ V) ** 2)",
     {"Q": ("k", "d"), "K": X_, "V": X_}, ""),
    ("mean = x.mean()\nvar = ((x - mean) ** 2).mean()\nloss = (gain * (x - mean) / np.sqrt(var + 1e-5) + bias) @ c",
     {"x": V, "gain": V, "bias": V, "c": V}, ""),
    ("x_hat = (x - np.mean(x)) / np.std(x)\nloss = x_hat @ c", {"x": V, "c": V}, ""),
    ("Z = (X - np.mean(X, axis=0)) / X.std(axis=0)\nloss = np.sum(np.tanh(Z @ w))", {"X": X_, "w": ("d",)}, ""),
    ("Z = X / np.sqrt(np.var(X, axis=1, keepdims=True) + 0.1)\nloss = np.sum(Z @ w)", {"X": X_, "w": ("d",)}, ""),
    ("k = np.exp(-np.sum((x - c) ** 2) / (2 * sigma ** 2))", {"x": V, "c": V, "sigma": ()}, "sigma"),
    ("k = np.exp(-gamma * np.linalg.norm(x - y) ** 2)", {"x": V, "y": V, "gamma": ()}, ""),
    ("D = np.sum(X ** 2, axis=1)[:, None] + np.sum(Y ** 2, axis=1)[None, :] - 2 * X @ Y.T\nloss = a @ np.exp(-D / 2) @ b",
     {"X": X_, "Y": ("m", "d"), "a": ("N",), "b": ("m",)}, ""),
    ("d = x - mu\nlogp = -0.5 * d @ np.linalg.inv(S) @ d - 0.5 * np.linalg.slogdet(S)[1] - 0.5 * len(x) * np.log(2 * np.pi)",
     {"x": V, "mu": V, "S": ("n", "n")}, ""),
    ("logp = -0.5 * (x - mu).T @ inv(S) @ (x - mu)", {"x": V, "mu": V, "S": ("n", "n")}, ""),
    ("logits = W @ x + b\nloss = -logits @ y + np.log(np.sum(np.exp(logits)))", {"W": W_, "x": V, "b": ("m",), "y": ("m",)}, ""),
    ("logits = X @ W + b\np = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)\nloss = -np.sum(Y * np.log(p)) / len(X)",
     {"X": X_, "W": K_, "b": ("k",), "Y": ("N", "k")}, ""),
    ("h = np.maximum(0, W1 @ x + b1)\ny_pred = W2 @ h + b2\nloss = np.square(y_pred - y).sum()",
     {"W1": W_, "x": V, "b1": ("m",), "W2": ("k", "m"), "b2": ("k",), "y": ("k",)}, ""),
    ("import numpy as np\nh = X.dot(W1)\nh_relu = h.relu()\ny_pred = h_relu.matmul(W2)\nloss = (y_pred - Y).pow(2).sum()",
     {"X": X_, "W1": K_, "W2": ("k", "m"), "Y": ("N", "m")}, ""),
    ("def loss(X, w, y):\n    \"\"\"Mean of squares.\"\"\"\n    r = X @ w - y\n    return np.mean(r ** 2)",
     {"X": X_, "w": ("d",), "y": Y_}, ""),
    ("np.einsum('i,ij,j', x, A, x) + np.einsum('i, i -> ', x, x)", {"A": ("n", "n"), "x": V}, ""),
    ("loss = F.mse_loss(X @ w, y)", {"X": X_, "w": ("d",), "y": Y_}, ""),
    ("loss = 0.5 * norm(A @ x - b)**2 + lam * norm(x, 1)", {"A": W_, "x": V, "b": ("m",), "lam": ()}, ""),
    ("cos = a @ b / (np.linalg.norm(a) * np.linalg.norm(b))", {"a": V, "b": V}, ""),
    ("s = x.T @ A @ x / (x.T @ x)", {"A": ("n", "n"), "x": V}, ""),
    ("loss = np.trace(X.T @ L @ X)", {"X": X_, "L": ("N", "N")}, ""),
    ("kl = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))", {"mu": V, "logvar": V}, ""),
    ("e = np.exp(x - np.max(x))\np = e / e.sum()\nloss = p @ c", {"x": V, "c": V}, ""),
    ("f = np.sum(100 * (y - x**2)**2 + (1 - x)**2)", {"x": V, "y": V}, ""),
    ("loss = (u.unsqueeze(1) * v.unsqueeze(0) - A).pow(2).sum()", {"u": ("m",), "v": V, "A": W_}, ""),
    ("X_n = X / np.linalg.norm(X, axis=1, keepdims=True)\nloss = np.sum((X_n @ X_n.T - S)**2)", {"X": X_, "S": ("N", "N")}, ""),
    ("loss = np.sum(np.maximum(X, c) * np.minimum(x[:, None], 0.3))", {"X": X_, "c": ("d",), "x": Y_}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "dims", "positive"), READ + PASTED, ids=[t[:50] for t, *_ in READ + PASTED])
def test_value_and_gradients_are_those_of_the_code(text: str, dims: dict[str, Any], positive: str) -> None:
    values = arrays(dims, positive)
    flat = text if text.startswith("def ") else text.replace("\n    ", "").replace("\n)", ")")  # each statement in one line
    e = matcalc.parse(text, dims=dims)
    plain = {name: np.asarray(a) for name, a in values.items()}
    at = {"m": SIZES["m"], "n": SIZES["n"], **values}
    assert np.allclose(e.evaluate(plain), run(flat, at), rtol=1e-10), text
    d = matcalc.derive(text, dims=dims)
    for name in dims:
        found = matcalc.parse(d[name].plain, dims=d.dims).evaluate({k: a for k, a in plain.items()})
        assert np.allclose(found, differences(flat, at, name), rtol=1e-4, atol=1e-6), (name, d[name].plain)


# ---------------------------------------------------------------- refused

REFUSED: list[tuple[str, dict[str, Any], type[MatcalcError], str, str]] = [
    ("np.foo(x)", {}, ParseError, "'np.foo' is not among the functions that are read with a prefix", "foo"),
    ("np.linalg.eigen(A)", {}, ParseError, "'np.linalg.eigen' is not among the functions that are read with a prefix", "eigen"),
    ("F.ctc_loss(x, y)", {}, ParseError, "'F.ctc_loss' is not among the functions", "ctc_loss"),
    ("jax.nn.gelu(x).sum()", {}, ParseError, "'jax.nn.gelu' is not among the functions", "gelu"),
    ("scipy.stats.norm(x)", {}, ParseError, "'scipy.stats' is not among the functions", "stats"),
    ("np.sum", {}, ParseError, "'np.sum' is a function, and needs an argument", "np.sum"),
    ("np.sum()", {}, ParseError, "sum() needs an argument", "np.sum()"),
    ("x.foo()", {}, ParseError, "unexpected '.foo': it is no method that is read", ".foo"),
    ("x.bar + x @ x", {}, ParseError, "unexpected '.bar': it is no attribute that is read", ".bar"),
    ("x.detach().sum()", {}, ParseError, "unexpected '.detach': it is no method that is read", ".detach"),
    ("x.__class__()", {}, ParseError, "unexpected '.__class__': it is no method that is read", ".__class__"),
    ("np.sum(X, axis=2)", {}, ShapeError, "there is no axis 2", "np.sum(X, axis=2)"),
    ("np.sum(t, axis=0)", {"t": ()}, ShapeError, "axes are read of vectors and matrices", "np.sum(t, axis=0)"),
    ("np.sum(T, axis=0)", {"T": ("m", "n", "k")}, ShapeError, "axes are read of vectors and matrices", "np.sum(T, axis=0)"),
    ("np.sum(x, axis=1)", {"x": ("n",)}, ShapeError, "there is no axis 1: 'x' is [n×1] and has 1", "np.sum(x, axis=1)"),
    ("np.sum(x, where=y)", {}, ParseError, "'where' is not an argument that is read with sum", "where=y"),
    ("np.sum(x, axis=0.5)", {}, ParseError, "an axis is a whole number", "0.5"),
    ("x.var()", {}, AmbiguityError, "'.var()' has two readings: NumPy divides by n, PyTorch by n - 1", "x.var()"),
    ("torch.std(x)", {}, AmbiguityError, "torch.std divides by n - 1, and std here by n", "torch.std(x)"),
    ("np.var(x, ddof=1)", {}, ParseError, "var divides by n here, not by n - 1", "np.var(x, ddof=1)"),
    ("np.linalg.slogdet(A)", {}, ParseError, "slogdet gives a sign and a logarithm", "np.linalg.slogdet"),
    ("scipy.special.softmax(X) @ y", {}, AmbiguityError, "softmax of the matrix 'X' without an axis", "scipy.special.softmax(X)"),
    ("torch.logsumexp(X)", {}, AmbiguityError, "logsumexp of the matrix 'X' without an axis", "torch.logsumexp(X)"),
    ("x @ y.T", {}, AmbiguityError, "'x @ y.T' of vectors has two readings", "x @ y.T"),
    ("x[0] + np.sum(x)", {}, AmbiguityError, "counted from 0 as in NumPy, or from 1", "0"),
    ("np.sum(X[:,1] * y)", {}, AmbiguityError, "'X[:,1]' beside 'np.' has two readings: counted from 0 as in NumPy", "X[:,1]"),
    ("torch.exp(x[1])", {}, AmbiguityError, "'x[1]' beside 'torch.' has two readings: counted from 0 as in NumPy", "x[1]"),
    ("np.inner(B * w, w)", {"B": ("d", "d"), "w": ("d",)}, ParseError, "inner is read of 1-D arrays, and 'B * w'", "B * w"),
    ("np.vdot(A, B)", {"A": ("m", "n"), "B": ("m", "n")}, ParseError, "vdot is read of 1-D arrays, and 'A' is [m×n]", "A"),
    ("np.sum(A * B)", {}, AmbiguityError, "'A * B' of arrays has two readings here", "A * B"),
    ("np.sum(A * B)", {"A": ("n", "n"), "B": ("n", "n")}, AmbiguityError, "'A * B' of arrays has two readings here", "A * B"),
    ("np.sum(X * w)", {}, AmbiguityError, "'X * w' of arrays has two readings here", "X * w"),
    ("y @ (A*B*x)", {"A": ("m", "n"), "B": ("n", "k"), "x": ("k",)}, AmbiguityError, "'A * B' of arrays has two readings", "A*B"),
    ("np.trace(A * B + C @ D)", {}, AmbiguityError, "'A * B' of arrays has two readings here", "A * B"),
    ("X @ W + b", {"X": ("m", "n"), "W": ("n", "k"), "b": ("m",)}, ShapeError, "broadcasting: the sizes do not fit", "X @ W + b"),
    ("X / X.sum(axis=1)", {"X": ("m", "n")}, ShapeError, "broadcasting: the sizes do not fit", "X / X.sum(axis=1)"),
    ("np.sum(u * h @ x + W @ x)", {"W": ("m", "n"), "u": ("k",), "h": ("n",)}, ShapeError, "the sizes do not fit", "u * h"),
    ("X.reshape(2, 3)", {}, ParseError, "reshape to this shape is not read", ".reshape"),
    ("X.shape + 1", {}, ParseError, "a shape is read with the number of an axis only", ".shape"),
    ("np.max(X, 3)", {}, ShapeError, "there is no axis 3", "np.max(X, 3)"),
    ("torch.norm(X, 3)", {}, ParseError, "the norm of order 3 is not read here", "torch.norm(X, 3)"),
    ("np.diag(x[:, None]) @ y", {}, ShapeError, "diag of an n×1 or 1×n array is not read", "np.diag(x[:, None])"),
    ("loss += w @ w", {}, AmbiguityError, "'loss' is not declared", "loss"),
    ("def f(w):\n  return w @ w\ndef g(w):\n  return w @ w", {}, ParseError, "a second function is defined here", "def g(w):"),
    ("np.sum(X[:, None, :])", {}, ParseError, "a new axis that makes no matrix of a vector is not read", "["),
    ("einsum('ij,jk', A, B)", {}, ParseError, "'ij,jk' does not say which axes go into which", "'ij,jk'"),
    ("np.prod(X, axis=0)", {}, NoRuleError, "prod along an axis has no formula here: 'X'", "np.prod(X, axis=0)"),
    ("np.dot(x, y, z)", {}, ParseError, "dot takes 2 arguments, 3 given", "np.dot"),
    ("x.clip(lo=3)", {}, ParseError, "'lo' is not an argument that is read with clip", "lo=3"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "dims", "kind", "words", "place"), REFUSED, ids=[f"{t}{len(d) or ''}" for t, d, *_ in REFUSED])
def test_what_has_no_one_reading_is_refused_with_its_place(
    text: str, dims: Any, kind: type[MatcalcError], words: str, place: str
) -> None:
    with pytest.raises(kind) as caught:
        matcalc.parse(text, dims=dims)
    error = caught.value
    assert words in error.message
    assert error.hint and error.span is not None
    assert text[slice(*error.span)].strip() in (place, place.removeprefix(".")), text[slice(*error.span)]
    assert "^" in str(error)


def _random_text(rng: np.random.Generator, depth: int) -> str:
    def pick(*choices: str) -> str:
        return str(rng.choice(choices))

    if depth == 0:
        return pick("X", "Y", "W", "A", "B", "w", "v", "y", "c", "t")
    a, b = _random_text(rng, depth - 1), _random_text(rng, depth - 1)
    axis = pick("", "axis=0", "axis=1", "axis=-1", "axis=1, keepdims=True", "axis=0, keepdims=True")
    return pick(
        *(f"({a} {sign} {b})" for sign in "+-*/*@@"),
        *(f"np.{f}({a})" for f in ("exp", "tanh", "abs")),
        *(f"{a}.{f}({axis})" for f in ("sum", "mean")),
        f"np.maximum({a}, {b})", f"{a}.T", f"({a})**2", f"np.linalg.norm({a}, {axis})", f"np.var({a}, {axis})",
        f"{pick('w', 'v', 'y', 'c')}[:, None]", f"{pick('w', 'v', 'y', 'c')}[None, :]",
    )  # fmt: skip


@pytest.mark.slow
def test_what_is_read_of_random_code_has_the_value_of_the_code() -> None:
    dims: dict[str, tuple[Any, ...]] = {
        **{"X": X_, "Y": X_, "W": K_, "A": ("d", "d"), "B": ("d", "d")},
        **{"w": ("d",), "v": ("d",), "y": Y_, "c": ("k",), "t": ()},
    }
    values = {n: np.abs(np.asarray(a)) + 0.3 for n, a in arrays(dims).items()}
    rng, read = np.random.default_rng(3), 0
    for _ in range(500):
        text = f"np.abs({_random_text(rng, int(rng.integers(1, 4)))})"
        try:
            e = matcalc.parse(text, dims=dims)
        except MatcalcError:
            continue
        try:
            want = run(text, values)
        except (TypeError, ValueError):  # of scalars and 1×1 arrays NumPy refuses more
            continue
        found = np.asarray(e.evaluate(values))
        assert found.size == want.size and np.allclose(found.ravel(), want.ravel(), rtol=1e-9), (text, e.plain)
        read += 1
    assert read > 100


def test_a_square_matrix_times_a_matrix_asks_and_the_hint_answers() -> None:
    dims = {"A": ("n", "n"), "B": ("n", "n")}
    with pytest.raises(AmbiguityError) as caught:
        matcalc.parse("np.sum(A * B)", dims=dims)
    assert caught.value.hint is not None and "np.multiply(A, B) or A @ B" in caught.value.hint
    assert matcalc.parse("np.sum(np.multiply(A, B))", dims=dims).plain == "sum(A .* B)"
    assert matcalc.parse("np.sum(A @ B)", dims=dims).plain == "sum(A*B)"


def test_beside_at_a_product_of_the_entries_is_a_notice() -> None:
    text = "np.sum(M * (R - U @ V.T)**2)"
    d = matcalc.derive(text, wrt="U")
    assert d["U"].plain == "2*(M .* (U*V' - R))*V"
    assert any("'M * (R - U @ V.T)**2' is read entry by entry" in w for w in d.warnings)
    for sizes in ({"M": ("n", "n")}, {"R": ("n", "n")}):
        with pytest.raises(AmbiguityError):
            matcalc.parse(text, dims=sizes)
    with pytest.raises(AmbiguityError):
        matcalc.parse("(A * B) @ x")  # nothing but @ says that this is Python


def test_signs_of_this_notation_keep_their_meaning() -> None:
    dims = {"A": ("m", "n"), "B": ("n", "k"), "x": ("k",)}
    assert matcalc.parse("A*B*x", dims=dims).plain == "A*B*x"
    assert matcalc.parse("y.T @ (A*B) @ x", dims=dims).plain == "y'*(A*B)*x"  # entry by entry nothing fits
    assert matcalc.parse("A.T*y", dims=dims).plain == "A'*y"
    assert matcalc.parse("f(z) = z*z; sum(f(u)) + u @ u").plain == matcalc.parse("f(z) = z*z; sum(f(u)) + u'*u").plain


def test_a_bias_is_a_notice_and_a_column_is_said() -> None:
    e = matcalc.derive("np.sum(np.tanh(X @ W + b))")
    assert any("'b' is read as a 1-D array: it goes with each row" in w for w in e.warnings)
    e = matcalc.parse("np.sum(np.tanh(W @ X + b[:, None]))", dims={"W": ("k", "d"), "X": ("d", "N"), "b": ("k",)})
    assert e.plain == "sum(tanh(W*X + b*ones(N)'))"


def test_names_of_modules_are_free_for_objects() -> None:
    assert matcalc.parse("F.T @ F @ x", dims={"F": ("m", "n")}).plain == "F'*F*x"
    assert matcalc.parse("F.sum()").plain == "sum(F)"
    assert matcalc.parse("np.T @ np", dims={"np": ("n",)}).plain == "np'*np"


def test_the_command_reads_python() -> None:
    from click.testing import CliRunner

    from matcalc.cli import main

    result = CliRunner().invoke(main, ["derive", "np.sum((X @ w - y)**2)", "--wrt", "w", "--detail", "brief"])
    assert result.exit_code == 0, result.output
    assert "∇_w s = 2Xᵀ (X w - y)" in result.output


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("np.einsum('ii', A)", lambda a: np.trace(a)),
        ("np.einsum('ba', A) @ x", lambda a: np.einsum("ba", a) @ np.arange(1.0, 4.0)),
        ("np.prod(A)", lambda a: np.prod(a)),
        ("A.prod()", lambda a: a.prod()),
    ],
)
def test_subscripts_without_a_result_and_products_of_all_entries_are_those_of_numpy(text: str, want: Any) -> None:
    a = np.random.default_rng(3).standard_normal((3, 3))
    at = {"A": a, "x": np.arange(1.0, 4.0)}
    found = matcalc.derive(text, dims={"A": ("n", "n")}).value
    np.testing.assert_allclose(found.evaluate({k: v for k, v in at.items() if k in text}), want(a), rtol=1e-12)


def test_kl_div_is_of_logarithms_and_a_mean() -> None:
    """torch.nn.functional.kl_div: mean of y (log y - x), where x are logarithms already."""
    x, y = np.array([-1.0, -0.5, -2.0]), np.array([0.2, 0.5, 0.3])
    assert np.isclose(matcalc.parse("F.kl_div(x, y)").evaluate({"x": x, "y": y}), (y * (np.log(y) - x)).mean())


LANGUAGES = {
    "r <- y - X %*% b\ns <- sum(r^2)": "norm2(y - X*b)^2",
    "sum(rowSums(Z^2) * w)": "w'*rowsum(Z.^2)",
    "crossprod(y - X %*% b)": "norm2(y - X*b)^2",
    "t(b) %*% solve(S) %*% b": "b'*inv(S)*b",
    "eta <- X %*% b\nll <- sum(y*eta - log(1 + exp(eta)))": "y'*X*b - sum(log(1 + exp(X*b)))",
    "r = X*b - y; % the residual\nf = 0.5*(r'*r);": "norm2(X*b - y)^2/2",
    "f = sum((X*b - y).^2) + ...\n    2*sum(b.^2);": "norm2(X*b - y)^2 + 2*norm2(b)^2",
    "transpose(b)*S*b": "b'*S*b",
    "Trace(MatMul(S, Z, Z.T))": "tr(S*Z*Z')",
    "Trace(HadamardProduct(S, S)**2)": "tr((S .* S)*(S .* S))",
    "F.mse_loss(F.linear(b, Z, w), y)": "norm2(Z*b + w - y)^2/n",
    "det = np.linalg.det(S)\ns = np.log(det)": "log(det(S))",
}


@pytest.mark.parametrize("text", LANGUAGES)
def test_other_languages_say_the_same(text: str) -> None:
    dims = {"X": ("n", "m"), "b": ("m",), "y": ("n",), "w": ("m",), "S": ("m", "m"), "Z": ("m", "m")}
    if "linear" in text:
        dims = {"b": ("m",), "Z": ("n", "m"), "w": ("n",), "y": ("n",)}
    assert matcalc.equal(text, LANGUAGES[text], {n: s for n, s in dims.items() if n in text or n in LANGUAGES[text]})
