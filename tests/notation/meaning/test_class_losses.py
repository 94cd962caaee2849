"""Losses of PyTorch for classes, compared with loops over samples as its documentation defines them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import MatcalcError, ParseError, ShapeError
from tests.differences import slopes

Array = np.ndarray[Any, Any]
N, C, D = 5, 3, 4
RNG = np.random.default_rng(3)
X, W = RNG.standard_normal((N, D)), RNG.standard_normal((D, C))
Y = RNG.integers(C, size=N)
P = RNG.uniform(0.2, 1, (N, C))


def logsoftmax(z: Array) -> Array:
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def losses(z: Array, smoothing: float = 0.0) -> Array:
    """Of each sample: for classes -log p_y, smoothed as PyTorch does."""
    log = logsoftmax(z)
    return np.array([-(1 - smoothing) * log[i, Y[i]] - smoothing * log[i].mean() for i in range(len(z))])


def margins(z: Array) -> Array:
    return np.array([sum(max(0, 1 - z[i, Y[i]] + z[i, j]) for j in range(C) if j != Y[i]) / C for i in range(len(z))])


def differences(f: Callable[[Array], Any], w: Array) -> Any:
    return slopes(lambda at: f(at["w"]), "w", {"w": w})


CASES: list[tuple[str, Callable[[Array], Any]]] = [
    ("F.cross_entropy(X @ W, y)", lambda w: losses(X @ w).mean()),
    ("F.cross_entropy(input=X @ W, target=y)", lambda w: losses(X @ w).mean()),
    ("F.cross_entropy(X @ W, y, reduction='sum')", lambda w: losses(X @ w).sum()),
    ("F.cross_entropy(X @ W, y, reduction='none')", lambda w: losses(X @ w)),
    ("F.cross_entropy(X @ W, y, label_smoothing=0.1)", lambda w: losses(X @ w, 0.1).mean()),
    ("F.nll_loss(F.log_softmax(X @ W, dim=1), y)", lambda w: losses(X @ w).mean()),
    ("F.nll_loss(F.log_softmax(X @ W, dim=-1), y, reduction='sum')", lambda w: losses(X @ w).sum()),
    ("F.multi_margin_loss(X @ W, y)", lambda w: margins(X @ w).mean()),
    ("F.multi_margin_loss(X @ W, y, reduction='sum')", lambda w: margins(X @ w).sum()),
    ("torch.nn.functional.cross_entropy(X @ W, y) + 0.1*(W**2).sum()", lambda w: losses(X @ w).mean() + 0.1 * (w**2).sum()),
]


@pytest.mark.sample(2)
@pytest.mark.parametrize(("text", "f"), CASES, ids=[t for t, _ in CASES])
def test_integer_labels(text: str, f: Callable[[Array], Any]) -> None:
    d = matcalc.derive(text, wrt="W")
    hot = np.eye(C)[Y]
    want = differences(f, W)
    assert np.allclose(d.value.evaluate({"X": X, "W": W, "y": hot}), f(W))
    assert np.allclose(d["W"].evaluate({"X": X, "W": W, "y": hot}), want, atol=1e-8)
    assert any("code takes the integers" in w for w in d.warnings)
    if np.ndim(f(W)) == 0:
        value, gradient = d.function()(X=X, W=W, y=Y)
        assert np.allclose(value, f(W)) and np.allclose(gradient, want, atol=1e-8)


def test_code_gathers_and_makes_no_one_hot_matrix() -> None:
    code = matcalc.derive("F.cross_entropy(X @ W, y)", wrt="W").to_code("numpy")
    assert "labels from 0" in code and "np.eye" not in code and "_plus_at" in code


@pytest.mark.parametrize(
    ("text", "f"),
    [
        ("F.cross_entropy(X @ W, P)", lambda w: -(P * logsoftmax(X @ w)).sum(1).mean()),
        ("F.cross_entropy(X @ W, P, reduction='sum')", lambda w: -(P * logsoftmax(X @ w)).sum()),
        (
            "F.kl_div(F.log_softmax(X @ W, dim=1), P, reduction='batchmean')",
            lambda w: (P * (np.log(P) - logsoftmax(X @ w))).sum() / N,
        ),
    ],
)
def test_class_probabilities(text: str, f: Callable[[Array], Any]) -> None:
    d = matcalc.derive(text, wrt="W", dims={"P": ("N", "C")})
    assert np.allclose(d.value.evaluate({"X": X, "W": W, "P": P}), f(W))
    assert np.allclose(d["W"].evaluate({"X": X, "W": W, "P": P}), differences(f, W), atol=1e-8)
    soft = matcalc.derive("F.cross_entropy(Z, F.softmax(T, dim=1))", wrt="Z")
    assert soft["Z"].plain == "(softmax(Z) - softmax(T))/n"


def test_one_sample() -> None:
    d = matcalc.derive("F.cross_entropy(z, y)", wrt="z")
    assert d["z"].plain == "softmax(z) - y" and "one sample" in d.warnings[0]
    z = np.array([0.3, -1.0, 0.5])
    value, gradient = d.function()(z=z, y=1)
    assert np.allclose(value, -logsoftmax(z)[1]) and np.allclose(gradient, np.exp(logsoftmax(z)) - np.eye(3)[1])
    declared = matcalc.derive("F.cross_entropy(z, p)", wrt="z", dims={"z": ("k",), "p": ("k",)})
    assert declared["z"].plain == "sum(p)*softmax(z) - p"


def test_words_and_declared_labels() -> None:
    d = matcalc.derive("loss = F.cross_entropy(logits, labels)", wrt="logits", dims={"labels": ("N",)})
    assert d["logits"].plain == "(softmax(logits) - labels)/N" and d.reading.dims["labels"][0] == "N"


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("F.cross_entropy(Z, y) + y.sum()", MatcalcError, "holds integer labels"),
        ("F.cross_entropy(Z, y, weight=w)", ParseError, "'weight' is not an argument"),
        ("F.nll_loss(Z, F.softmax(T, dim=1))", ParseError, "takes integer labels"),
        ("F.cross_entropy(Z)", ParseError, "a target"),
        ("F.cross_entropy(reduction='sum') + Z", ParseError, "takes scores and a target"),
        ("F.cross_entropy(Z, y, reduction='max')", ParseError, "reduction"),
        ("F.cross_entropy(Z.sum(), y)", ShapeError, "takes scores of shape"),
    ],
)
def test_refusals(text: str, error: type[MatcalcError], says: str) -> None:
    with pytest.raises(error, match=says):
        matcalc.derive(text, wrt="Z")


def cosines(x: Array, z: Array) -> Array:
    return np.array([a @ b / (np.linalg.norm(a) * np.linalg.norm(b)) for a, b in zip(x, z, strict=True)])


@pytest.mark.parametrize(
    ("text", "f"),
    [
        ("(F.normalize(X, dim=1) * Z).sum()", lambda x: sum(a @ b / np.linalg.norm(a) for a, b in zip(x, Z, strict=True))),
        ("(F.normalize(X) * Z).sum()", lambda x: sum(a @ b / np.linalg.norm(a) for a, b in zip(x, Z, strict=True))),
        ("(F.normalize(X, dim=0) * Z).sum()", lambda x: (x / np.linalg.norm(x, axis=0) * Z).sum()),
        ("(F.normalize(X, p=1, dim=1) * Z).sum()", lambda x: sum(a @ b / abs(a).sum() for a, b in zip(x, Z, strict=True))),
        ("F.cosine_similarity(X, Z).mean()", lambda x: cosines(x, Z).mean()),
        ("F.cosine_similarity(X, Z, dim=-1).sum()", lambda x: cosines(x, Z).sum()),
        ("F.gaussian_nll_loss(X, Z, V)", lambda x: ((np.log(V) + (x - Z) ** 2 / V) / 2).mean()),
        ("F.margin_ranking_loss(X, Z, V, margin=0.5)", lambda x: np.maximum(0, 0.5 - V * (x - Z)).mean()),
    ],
)
def test_other_functions_of_the_module(text: str, f: Callable[[Array], Any]) -> None:
    d = matcalc.derive(text, wrt="X", dims={n: (N, D) for n in "XZV"[: 3 if "V" in text else 2]})
    arrays = {"X": X, "Z": Z, "V": V}
    assert np.allclose(d.value.evaluate({n: arrays[n] for n in d.problem.symbols}), f(X))
    assert np.allclose(d["X"].evaluate({n: arrays[n] for n in d.problem.symbols}), differences(f, X), atol=1e-8)


Z, V = RNG.standard_normal((N, D)), RNG.uniform(0.5, 2, (N, D))


@pytest.mark.parametrize("text", ["F.normalize(X, eps=0.1)", "F.cosine_similarity(X)"])
def test_other_arguments_are_refused(text: str) -> None:
    with pytest.raises(MatcalcError):
        matcalc.derive(text)


def test_entries_of_classes_need_rows() -> None:
    with pytest.raises(ShapeError, match="has no rows with an entry for each class") as caught:
        matcalc.parse("w[np.arange(N), y].sum()", dims={"w": (D,)})
    assert caught.value.hint == "of one vector the entry is w[y]"
    with pytest.raises(ShapeError, match="the sizes do not fit"):
        matcalc.parse("Z[np.arange(7), y].sum()", dims={"Z": (N, D)})
