"""Steps of an iteration above a name."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.notation.lex.syntax import walk
from matcalc.notation.meaning.labels import is_step, letter_of
from matcalc.notation.parse.statements import Names, read


def test_what_a_step_is() -> None:
    nodes = walk(read(r"x^k + y^{t+1} + z^2 + w^p + A^{k m}", Names()).statements[0].body)
    assert sorted(letter_of(n) for n in nodes if is_step(n)) == ["k", "t"]


@pytest.mark.parametrize(
    ("text", "wrt", "dims"),
    [
        (r"\|Ax^k-b\|^2", "x^k", {"A": ("n", "m"), "x^k": ("m",), "b": ("n",)}),
        (r"\frac12\|Ax^{k+1}-b\|^2", "x^{k+1}", {"A": ("n", "m"), "x^{k+1}": ("m",), "b": ("n",)}),
        (r"\frac{1}{2}\|x^{k+1}-x^k\|^2", "x^{k+1}", {"x^{k+1}": ("n",), "x^k": ("n",)}),
        (r"(x^t)^T A x^t", "x^t", {"x^t": ("n",), "A": ("n", "n")}),
        (r"\langle g^k, x - x^k \rangle", "x", {"g^k": ("n",), "x": ("n",), "x^k": ("n",)}),
        (r"c^T x^k", "x^k", {"c": ("n",), "x^k": ("n",)}),
        (r"\|W^{t+1} - W^t\|_F^2", "W^{t+1}", {"W^{t+1}": ("n", "m"), "W^t": ("n", "m")}),
        (r"\|\theta^{t+1} - \theta^t + \eta g^t\|^2", r"\theta^{t+1}", None),
        ("norm2(A*x^k - b)^2", "x^k", {"A": ("n", "m"), "x^k": ("m",), "b": ("n",)}),
    ],
)
def test_steps_are_names_of_their_own(text: str, wrt: str, dims: dict[str, tuple[str, ...]] | None) -> None:
    d = matcalc.derive(text, wrt=wrt)
    assert dims is None or dict(d.dims) == dims
    assert any("is read as the number of a step" in w for w in d.warnings)


def test_the_gradient_by_a_step() -> None:
    rng = np.random.default_rng(0)
    a, x, b = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=3)
    got = matcalc.derive(r"\|Ax^k-b\|^2", wrt="x^k").result.evaluate({"A": a, "x^k": x, "b": b})
    assert np.allclose(got, 2 * a.T @ (a @ x - b))


@pytest.mark.parametrize("text", [r"x^2 + y^k", r"x^T A^k x", r"\gamma^t \|x\|^2", r"k \|x - \alpha^k b\|", r"(y - x^k)^2"])
def test_other_powers_are_powers(text: str) -> None:
    assert not any("number of a step" in w for w in matcalc.derive(text, wrt="x").warnings)


def test_a_letter_that_is_declared_is_a_number() -> None:
    assert "k" in matcalc.derive(r"\|Ax^k-b\|^2", wrt="x", dims={"k": (), "x": (), "A": ("n",)}).dims


def test_no_size_is_called_as_the_step() -> None:
    d = matcalc.derive(r"\|Ax + Bz^k - c + u^k\|^2", wrt="x")
    assert "k" not in {a for shape in d.dims.values() for a in shape}
