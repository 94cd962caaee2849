"""Functions that a program defines and calls are functions of the text; NumPy itself says what the programs mean."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import ParseError
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.lex.python_functions import DEF, body_end, taken_in

RNG = np.random.default_rng(4)
SIZES = {"X": (5, 3), "W": (3, 4), "Y": (5, 4), "w": (3,), "y": (5,), "A": (3, 3), "G": (5, 3)}
AT = {n: RNG.uniform(0.1, 0.9, s) for n, s in SIZES.items()}
SOFTMAX = """def softmax(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

P = softmax(X @ W)
loss = -np.sum(Y * np.log(P))"""
PROGRAMS = {
    SOFTMAX: "W",
    "def sigmoid(z):\n    return 1/(1+np.exp(-z))\ndef forward(X, w):\n    return sigmoid(X @ w)\n"
    "p = forward(X, w)\nloss = -np.mean(y*np.log(p) + (1-y)*np.log(1-p))": "w",
    "sigmoid = lambda z: 1/(1+np.exp(-z))\nloss = np.sum(sigmoid(X @ w))": "w",
    "f = lambda x: x @ A @ x\nloss = f(w) / (w @ w)": "w",
    "def rows(Z: np.ndarray) -> np.ndarray:\n    Z = Z - Z.mean(axis=1, keepdims=True)\n    Z /= Z.std(axis=1, keepdims=True)\n"
    "    return Z\nloss = np.sum(rows(X) * G)": "X",
    "def relu(x): return np.maximum(x, 0)\nloss = y @ relu(X @ w)": "w",
    "def act(z):\n    # smooth\n    t = np.exp(-z)\n    t += 1\n    return 1/t\nz = act(X @ w)\nloss = y @ z": "w",
    "def sq(x):\n    return x * x\nloss = np.sum(sq(A @ w))": "w",
    "def mse(a, b):\n    return np.mean((a - b)**2)\nw = 2*w\nloss = mse(X @ w, y)": "w",
}


def value(text: str, at: dict[str, np.ndarray]) -> float:
    names = {"np": np, **{n: v.copy() for n, v in at.items()}}
    exec(text, names)  # literal programs of this file
    return float(names["loss"])


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", PROGRAMS)
def test_the_value_and_the_slope_are_those_of_the_program(text: str) -> None:
    wrt = PROGRAMS[text]
    d = matcalc.derive(text, wrt, {n: s for n, s in SIZES.items() if n in text}, output="loss")
    used = {n: AT[n] for n in d.dims}
    assert np.isclose(d.value.evaluate(used), value(text, used))
    slope, step = d[wrt].evaluate(used), 1e-6
    for i in np.ndindex(used[wrt].shape):
        e = np.zeros(used[wrt].shape)
        e[i] = step
        found = (value(text, {**used, wrt: used[wrt] + e}) - value(text, {**used, wrt: used[wrt] - e})) / (2 * step)
        assert slope[i] == pytest.approx(found, rel=1e-5, abs=1e-7)


def test_of_a_function_that_nobody_calls_the_body_is_the_text() -> None:
    text = "def sigmoid(z):\n    return 1/(1+np.exp(-z))\ndef loss(w):\n    p = sigmoid(X @ w)\n    return -np.sum(np.log(p))"
    formula = "sigmoid(z) = 1/(1+exp(-z)); -sum(log(sigmoid(X*w)))"
    assert matcalc.derive(text, "w").result.plain == matcalc.derive(formula, "w").result.plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(z):\n    return z + b\nb = 2*b\ns = np.sum(f(x)**2)", "'f' reads 'b', which gets several values"),
        ("def f(z, a=2):\n    return a*z\ns = np.sum(f(x)**2)", "the parameters of 'f' are not read"),
        ("def f(z):\n    t = z**2\ns = np.sum(f(x))", "'f' returns nothing"),
        (
            "def f(z):\n    for i in range(3):\n        z = z**2\n    return z\ns = np.sum(f(x))",
            "neither an assignment nor a return",
        ),
        ("def f(w):\n  return w @ w\ndef g(w):\n  return w @ w", "a second function is defined here"),
    ],
)
def test_what_is_no_formula_is_refused(text: str, said: str) -> None:
    with pytest.raises(ParseError, match=said):
        matcalc.derive(text, output="s" if "s =" in text else None)


def test_a_body_ends_with_its_line_or_its_indentation() -> None:
    for text, body in (
        ("def f(x): return x\ny", " return x"),
        ("def f(x):\n    a\n\n    b\ny", "\n    a\n\n    b"),
        ("def f(x):  # what it is\n    a\ny", "  # what it is\n    a"),
        ("def f(x):\n    a", "\n    a"),
    ):
        end = text.index(":") + 1
        assert text[end : body_end(text, 0, end)] == body


def test_what_has_no_head_is_as_it_was() -> None:
    tokens = tokenize_plain("s = np.sum(x)")
    assert taken_in(tokens) is tokens
    assert not any(t.kind == DEF for t in taken_in(tokenize_plain("f = lambda w: w @ w")))
