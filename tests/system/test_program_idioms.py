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
    ("loss_fn = CrossEntropyLoss(reduction='sum')\nloss = loss_fn(X @ W, y)", {"X": X, "W": W, "y": LABELS},
     lambda X, W, y: -log_softmax(X @ W, axis=1)[ROWS, y].sum()),
]  # fmt: skip


def differences(value: Callable[..., Any], arrays: dict[str, Any], name: str) -> Any:
    x, h = arrays[name], 1e-6
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        out[place] = (value(**{**arrays, name: x + step}) - value(**{**arrays, name: x - step})) / (2 * h)
    return out


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
        ("nn.Linear(3, 4)(x)", "'nn.Linear' is not among the functions", "Linear"),
    ],
)
def test_what_is_not_read_is_refused_by_name(text: str, message: str, at: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        matcalc.parse(text)
    start, end = caught.value.span or (0, 0)
    assert message in str(caught.value) and text[start:end] == at and caught.value.hint
