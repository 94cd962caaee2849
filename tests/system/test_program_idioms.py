"""What engineers type in NumPy and PyTorch, with nothing declared: against the formula of the same value, written out in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax

import matcalc
from matcalc.expr.errors import MatcalcError

RNG = np.random.default_rng(11)
X, W, w, y, Y = (RNG.standard_normal(s) for s in ((5, 3), (3, 4), 3, 5, (5, 4)))
LABELS = np.array([2, 0, 3, 1, 2])
ROWS = np.arange(5)


def huber(r: Any, delta: float) -> Any:
    return np.where(np.abs(r) <= delta, r**2 / 2, delta * (np.abs(r) - delta / 2))


SVM = """num_train = X.shape[0]
scores = X.dot(W)
correct = scores[np.arange(num_train), y]
margins = np.maximum(0, scores - correct[:, np.newaxis] + 1.0)
margins[np.arange(num_train), y] = 0
loss = np.sum(margins)/num_train
loss += 0.5 * np.sum(W * W)"""


def svm(X: Any, W: Any, y: Any) -> Any:
    """Weston and Watkins' loss, sample by sample, as in CS231n."""
    scores = X @ W
    terms = [max(0, s[j] - s[k] + 1) for s, k in zip(scores, y, strict=True) for j in range(4) if j != k]
    return sum(terms) / len(y) + 0.5 * (W**2).sum()


Case = tuple[str, dict[str, Any], Callable[..., Any]]
# The text, its arrays (integers are labels), and the value by the library's definition.
CASES: list[Case] = [
    # a number beside an array in functions of each entry
    ("np.sum(np.clip(X @ w, 0, 1))", {"X": X, "w": w}, lambda X, w: np.clip(X @ w, 0, 1).sum()),
    ("np.sum(np.clip(w, -1, 1)**2)", {"w": w}, lambda w: (np.clip(w, -1, 1) ** 2).sum()),
    ("F.huber_loss(pred, y, delta=0.5)", {"pred": w, "y": w[::-1]}, lambda pred, y: huber(pred - y, 0.5).mean()),
    ("F.huber_loss(X @ w, y, delta=0.5)", {"X": X, "w": w, "y": y}, lambda X, w, y: huber(X @ w - y, 0.5).mean()),
    # layers
    ("nn.MSELoss()(X @ w, y)", {"X": X, "w": w, "y": y}, lambda X, w, y: ((X @ w - y) ** 2).mean()),
    ("criterion = torch.nn.MSELoss(reduction='sum')\nloss = criterion(X @ w, y)", {"X": X, "w": w, "y": y},
     lambda X, w, y: ((X @ w - y) ** 2).sum()),
    ("h = nn.Tanh()(X @ W)\nloss = nn.SmoothL1Loss(beta=0.5)(h, Y)", {"X": X, "W": W, "Y": Y},
     lambda X, W, Y: (huber(np.tanh(X @ W) - Y, 0.5) / 0.5).mean()),
    ("torch.nn.CrossEntropyLoss()(X @ W, y)", {"X": X, "W": W, "y": LABELS},
     lambda X, W, y: -log_softmax(X @ W, axis=1)[ROWS, y].mean()),
    ("loss = nn.CrossEntropyLoss(reduction='sum')(X @ W, y)/len(y)", {"X": X, "W": W, "y": LABELS},
     lambda X, W, y: -log_softmax(X @ W, axis=1)[ROWS, y].mean()),
    ("loss_fn = CrossEntropyLoss(reduction='sum')\nloss = loss_fn(X @ W, y)", {"X": X, "W": W, "y": LABELS},
     lambda X, W, y: -log_softmax(X @ W, axis=1)[ROWS, y].sum()),
    # a choice in each entry
    ("np.sum(np.where(X @ w > 0, X @ w, 0))", {"X": X, "w": w}, lambda X, w: np.maximum(X @ w, 0).sum()),
    ("np.where(w > 0, w, 0.1*w) @ w", {"w": w}, lambda w: np.where(w > 0, w, 0.1 * w) @ w),
    ("r = X @ w - y\nloss = np.mean(np.where(np.abs(r) <= 0.7, 0.5*r**2, 0.7*(np.abs(r) - 0.35)))", {"X": X, "w": w, "y": y},
     lambda X, w, y: huber(X @ w - y, 0.7).mean()),
    ("torch.where((-0.5 < X) , X**2, 0.25).sum()", {"X": X}, lambda X: np.where(X > -0.5, X**2, 0.25).sum()),
    # labels
    ("-np.mean(scores[np.arange(N), y])", {"scores": Y, "y": LABELS}, lambda scores, y: -scores[ROWS, y].mean()),
    ("p = np.exp(X @ W)\np = p/np.sum(p, axis=1, keepdims=True)\nloss = -np.sum(np.log(p[range(N), y]))/N",
     {"X": X, "W": W, "y": LABELS}, lambda X, W, y: -log_softmax(X @ W, axis=1)[ROWS, y].mean()),
    ("N = len(y)\nloss = F.log_softmax(X @ W, dim=1)[torch.arange(N), y].sum()/N", {"X": X, "W": W, "y": LABELS},
     lambda X, W, y: log_softmax(X @ W, axis=1)[ROWS, y].mean()),
    (SVM, {"X": X, "W": W, "y": LABELS}, svm),
    ("Z = np.tanh(X @ W)\nZ[range(y.shape[0]), y] = 0.5\nloss = np.sum(Z**3)", {"X": X, "W": W, "y": LABELS},
     lambda X, W, y: (np.tanh(X @ W) ** 3).sum() - (np.tanh(X @ W) ** 3)[ROWS, y].sum() + 5 * 0.5**3),
]  # fmt: skip


def differences(value: Callable[..., Any], arrays: dict[str, Any], name: str) -> Any:
    x, h = arrays[name], 1e-6
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        out[place] = (value(**{**arrays, name: x + step}) - value(**{**arrays, name: x - step})) / (2 * h)
    return out


@pytest.mark.sample(3)
@pytest.mark.parametrize(("text", "arrays", "value"), CASES, ids=[text[:60] for text, *_ in CASES])
def test_value_and_gradients_are_those_of_the_definition(text: str, arrays: dict[str, Any], value: Callable[..., Any]) -> None:
    d = matcalc.derive(text)
    found, gradients = d.function()(**arrays)
    assert np.allclose(found, value(**arrays)) and set(d.wrt) == {name for name, a in arrays.items() if a.dtype == float}
    for name, gradient in zip(d.wrt, gradients if len(d.wrt) > 1 else [gradients], strict=True):
        assert np.allclose(gradient, differences(value, arrays, name), atol=1e-7), name


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("nn.MSELoss() + x", "'nn.MSELoss(…)' is a function, and needs an argument", "nn.MSELoss"),
        ("np.where(mask, a, b)", "this condition of a piece is not read", "mask"),
        ("np.where(x > 0)", "where takes a condition and two values", ")"),
        ("x @ np.where(x > 0, np.log(x), 1)", "a piece must have a value everywhere, and log has none", "np.log(x)"),
        ("np.sum(x > 0)", "a comparison is no value", ">"),
        ("scores[np.arange(N), 2].sum()", "numbers of rows are read beside labels only", "np.arange"),
        ("np.arange(3) @ x", "arange is no array that is read", "np.arange"),
        ("scores[np.arange(N), y] @ y", "'y' holds integer labels where it is a target", "y"),
        ("h = np.tanh(X)\nh[0, :] = 0\nloss = np.sum(h)", "an assignment to a part of an array is not read", "h[0, :]"),
        ("h = X @ W\nh[np.arange(N), y] = v\nloss = np.sum(h)", "an assignment to entries", "v"),
        ("h = X @ W\nh[y, range(3)] = 0\nloss = np.sum(h)", "an assignment to a part of an array is not read", "h"),
        ("h = X @ W\nh[range(3), y] = 0, 1\nloss = np.sum(h)", "an assignment to a part of an array is not read", "h"),
        ("h = X @ W\nh[range(3), y] =", "nothing follows '='", "="),
        ("nn.Linear(3, 4)(x)", "'nn.Linear' is not among the functions", "Linear"),
    ],
)
def test_what_is_not_read_is_refused_by_name(text: str, message: str, at: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        matcalc.parse(text)
    start, end = caught.value.span or (0, 0)
    assert message in str(caught.value) and text[start:end] == at and caught.value.hint
