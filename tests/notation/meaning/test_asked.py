"""What could be silently misread, and is asked about: found by people who tried."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, MatcalcError, NoRuleError

N = {"x": ("n",), "f": ("C",), "p": ("n",), "s": ("n",), "A": ("n", "n"), "b": ("n",), "z": ("C",)}

ASKED: list[tuple[str, type[MatcalcError], str]] = [
    (r"\log p_a", AmbiguityError, "'p_a' has two readings"),
    (r"A_{ab}", AmbiguityError, "'A_ab' has two readings"),
    ("x_1 + x_2", AmbiguityError, "'x_1' has two readings"),
    ("s_k", AmbiguityError, "'s_k' has two readings"),
    (r"A^{(2)} x", AmbiguityError, "two readings: a power of A, or an object of its own"),
    (r"A^{(-1)T} b", AmbiguityError, "two readings: a power of A, or an object of its own"),
    (r"A^{-1^T} b", AmbiguityError, "a number is transposed"),
    (r"\sum_{i\in S} x_i^2", NoRuleError, "the set S is not declared"),
    (r"\prod_{i\in\Omega} x_i", NoRuleError, "the set Omega is not declared"),
    (r"\max_{i\in S} x_i", NoRuleError, "the set S is not declared"),
    ("2'*x", AmbiguityError, "a number is transposed"),
    (r"\operatorname{E}(x^\top x)", AmbiguityError, "an operator applied to what follows, or a product"),
    (r"\mathrm{E}[x^\top x]", AmbiguityError, "an operator applied to what follows, or a product"),
    (r"\|\mathcal{P}_\Omega(A - B)\|_F^2", AmbiguityError, "an operator applied to what follows, or a product"),
    (r"\|P_\Omega(A - B)\|_F^2", AmbiguityError, "an operator applied to what follows, or a product"),
    (r"x^\top A x + o(\|x\|)", AmbiguityError, "an operator applied to what follows, or a product"),
    (r"\log b^\top x\,p^\top x", AmbiguityError, "the argument of \\log has two readings"),
]


@pytest.mark.parametrize(("text", "error", "words"), ASKED, ids=[t for t, *_ in ASKED])
def test_two_readings_are_not_guessed(text: str, error: type[MatcalcError], words: str) -> None:
    with pytest.raises(error) as caught:
        matcalc.parse(text, N)
    assert words in caught.value.message and caught.value.hint and "^" in str(caught.value)


def test_a_variable_that_does_not_occur_is_named() -> None:
    d = matcalc.derive(r"\bar{x}^\top\bar{x}", wrt="x", dims={"x": ("n",)})
    assert any("'x' does not occur in the expression, so its derivative is zero" in w for w in d.warnings)


def test_a_word_for_a_set_is_said_to_be_everything() -> None:
    d = matcalc.derive(r"\sum_{i\in Vocab} x_i^2", wrt="x", dims={"x": ("n",)})
    assert d.result.plain == "2*x" and any("all values of i" in w for w in d.warnings)


def test_the_transpose_of_a_whole_power_is_right() -> None:
    rng = np.random.default_rng(0)
    at: dict[str, Any] = {"A": rng.normal(size=(3, 3)) + 3 * np.eye(3), "b": rng.normal(size=3)}
    dims = {"A": ("n", "n"), "b": ("n",)}
    for text in (r"A^{{-1}^T} b", r"A^{-T} b", r"(A^{-1})^T b"):
        assert np.allclose(matcalc.parse(text, dims).evaluate(at), np.linalg.inv(at["A"]).T @ at["b"])


def test_a_number_beside_an_unspecified_function_is_noticed() -> None:
    d = matcalc.derive(r"f(x) + \lambda^\top(Ax - b)", wrt="x")
    assert any("f is read as acting on each entry" in w for w in d.warnings)
    assert not any("the number beside it" in w for w in matcalc.derive("f(x) + 1", wrt="x", dims={"x": ("n",)}).warnings)


Values = dict[str, Any]
READ: list[tuple[str, Any]] = [
    (r"\sum x_i^2 + c", lambda v: (v["x"] ** 2).sum() + v["c"]),
    (r"\sum b_i\log x_i + (1-b_i)\log(1-x_i)", lambda v: (v["b"] * np.log(v["x"]) + (1 - v["b"]) * np.log(1 - v["x"])).sum()),
    (r"\sum_{i=1,\dots,n} x_i^2", lambda v: (v["x"] ** 2).sum()),
    (r"\sum_{i\in\{1,\ldots,n\}} x_i^2", lambda v: (v["x"] ** 2).sum()),
    (r"\sum_{i\in[n]} x_i^2", lambda v: (v["x"] ** 2).sum()),
    (r"\sum_{1\le i\le n} x_i b_i", lambda v: v["x"] @ v["b"]),
    (r"\|\max(0,x)\|^2", lambda v: (np.maximum(0, v["x"]) ** 2).sum()),
    (r"\|\max(Ax-b,0)\|_2^2", lambda v: (np.maximum(v["A"] @ v["x"] - v["b"], 0) ** 2).sum()),
    (r"\left[c - b^\top x\right]_+^2", lambda v: max(v["c"] - v["b"] @ v["x"], 0) ** 2),
    (r"\|(x-b)_+\|^2", lambda v: (np.maximum(v["x"] - v["b"], 0) ** 2).sum()),
    (r"b^\top x_+", lambda v: v["b"] @ np.maximum(v["x"], 0)),
    (r"\vec{1}^TA\underline{1}\,\mathbf{1}^Tx", lambda v: v["A"].sum() * v["x"].sum()),
    (r"\vec{b}^\top\vec x", lambda v: v["b"] @ v["x"]),
    (r"0.5\,x^TAx", lambda v: v["x"] @ v["A"] @ v["x"] / 2),
    (r"\log b^\top x\cdot b^\top x", lambda v: np.log(v["b"] @ v["x"]) * (v["b"] @ v["x"])),
]


@pytest.mark.parametrize(("text", "value"), READ, ids=[t for t, _ in READ])
def test_what_people_write_has_its_value_and_slope(text: str, value: Any) -> None:
    rng = np.random.default_rng(2)
    dims = {"x": ("n",), "b": ("n",), "A": ("n", "n"), "c": ()}
    at: Values = {"x": rng.uniform(0.1, 0.9, 3), "b": rng.uniform(0.1, 0.9, 3), "A": rng.uniform(0.1, 0.9, (3, 3)), "c": 3.0}
    d = matcalc.derive(text, wrt="x", dims=dims)
    used = {k: v for k, v in at.items() if k in d.problem.symbols}
    assert np.isclose(matcalc.parse(text, dims).evaluate(used), value(at))
    slope = [(value({**at, "x": at["x"] + e}) - value({**at, "x": at["x"] - e})) / 2e-6 for e in 1e-6 * np.eye(3)]
    found = matcalc.parse(d.result.plain, dims)
    assert np.allclose(found.evaluate({k: v for k, v in at.items() if k in found._problem.symbols}), slope, atol=1e-7)


def test_gates_of_one_step_share_the_label_of_time() -> None:
    dims = {"W_z": ("n", "n"), "U_z": ("n", "n"), "h_{t-1}": ("n",), "x_t": ("n",)}
    text = r"z_t=\tanh(W_zx_t+U_zh_{t-1}), h_t=(1-z_t)\odot h_{t-1}"
    rng = np.random.default_rng(1)
    at = {name: rng.normal(size=tuple(3 for _ in s)) for name, s in dims.items()}

    def step(h: Any) -> Any:
        return (1 - np.tanh(at["W_z"] @ at["x_t"] + at["U_z"] @ h)) * h

    slope = np.array([(step(at["h_{t-1}"] + e) - step(at["h_{t-1}"] - e)) / 2e-6 for e in 1e-6 * np.eye(3)]).T
    d = matcalc.derive(text, wrt="h_{t-1}", dims=dims, notation="latex")
    assert np.allclose(matcalc.parse(d.result.plain, dims).evaluate(at), slope, atol=1e-8)
