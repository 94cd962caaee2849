"""One computation in seven spellings: the same results, right against differences, every line checked."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc

PLAIN = "s = u^T f(W x + b)"
SPELLINGS = {
    "plain": (PLAIN, None),
    "unicode": ("s = uᵀf(Wx+b)", None),
    "prime": ("u'*f(W*x+b)", None),
    "numpy": ("u.T @ f(W @ x + b)", None),
    "latex": (r"s = u^\top f(Wx+b)", None),
    "bold latex": (r"s = \mathbf{u}^{\mathsf T} f(\mathbf{W}\mathbf{x}+\mathbf{b})", None),
    "staged": ("s = u^T h; h = f(z); z = W x + b", None),
}
MORE = {
    "staged backwards": "z = W x + b; h = f(z); s = u^T h",
    "staged on lines": "h = f(z)\ns = u^T h\nz = W x + b",
    "latex staged": r"s = u^{\top} h,\quad h = f(z),\quad z = Wx+b",
    "latex align": r"\begin{align} z &= Wx + b \\ h &= f(z) \\ s &= u^\top h \end{align}",
    "dollar signs": r"$s = u^\top f(W x + b)$",
    "latex brackets": r"s = \mathbf{u}^{\top} f\left(\mathbf{W}\mathbf{x}+\mathbf{b}\right)",
    "bm": r"s = \bm{u}^{T}f\bigl(\bm{W}\bm{x}+\bm{b}\bigr)",
    "dot": r"s = u \cdot f(Wx + b)",
    "angle": r"\langle u, f(Wx + b)\rangle",
    "spaced": "  s  =  u '  *  f ( W  *  x  +  b ) ",
    "semicolon last": "s = u' f(W x + b);",
    "unicode products": "s = ⟨u, f(W·x + b)⟩",
}
EVERY = {**{name: text for name, (text, _) in SPELLINGS.items()}, **MORE}
VARIABLES = ("u", "W", "x", "b")
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "square": (lambda z: z**2, lambda z: 2 * z),
    "sine": (np.sin, np.cos),
}


def arrays(seed: int = 0, n: int = 4, m: int = 3) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "u": rng.standard_normal(n),
        "W": rng.standard_normal((n, m)),
        "x": rng.standard_normal(m),
        "b": rng.standard_normal(n),
    }


def differences(f: Callable[[dict[str, Any]], float], at: dict[str, Any], name: str, h: float = 1e-5) -> Any:
    """Central differences, entry by entry."""
    out = np.zeros(np.shape(at[name]))
    for i in np.ndindex(out.shape):
        step = np.zeros(out.shape)
        step[i] = h
        out[i] = (f({**at, name: at[name] + step}) - f({**at, name: at[name] - step})) / (2 * h)
    return out


class Derivations(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        self[name] = matcalc.derive(EVERY[name])
        return self[name]


@pytest.fixture(scope="module")
def derivations() -> dict[str, Any]:
    return Derivations()


@pytest.mark.parametrize("name", EVERY)
def test_all_four_gradients_are_right(derivations: dict[str, Any], name: str) -> None:
    d = derivations[name]
    assert {r.wrt for r in d.results} == set(VARIABLES)
    for f, df in FUNCTIONS.values():

        def s(v: dict[str, Any], f: Callable[[Any], Any] = f) -> float:
            return float(v["u"] @ f(v["W"] @ v["x"] + v["b"]))

        at = arrays(seed=7)
        functions = {"f": (f, df)}
        assert np.allclose(d.value.evaluate(at, functions=functions), s(at), rtol=1e-12)
        for variable in VARIABLES:
            got = d[variable].evaluate(at, functions=functions)
            assert got.shape == at[variable].shape
            assert np.allclose(got, differences(s, at, variable), rtol=1e-6, atol=1e-8), variable


@pytest.mark.parametrize("name", EVERY)
def test_every_line_carries_a_passed_check(derivations: dict[str, Any], name: str) -> None:
    d = derivations[name]
    assert d.checked is not None and d.checked.passed and d.checked.points >= 2
    assert d.checked.max_relative_error < 1e-8
    assert len(d.steps) > 8
    for step in d.steps:
        assert step.check is not None, step
        assert step.check.max_relative_error < 1e-8 and step.check.points >= 2
        assert step.rule and step.source and step.lhs.plain and step.rhs.latex


@pytest.mark.parametrize("name", EVERY)
def test_all_spellings_give_the_same_results(derivations: dict[str, Any], name: str) -> None:
    ours, theirs = derivations["plain"], derivations[name]
    for variable in VARIABLES:
        assert theirs[variable].plain == ours[variable].plain
        assert theirs[variable].latex == ours[variable].latex
        assert theirs[variable].shape == ours[variable].shape
    assert theirs.dims == {v: theirs.dims[v] for v in theirs.dims} and set(theirs.dims) == set(VARIABLES)
    assert theirs.value.shape == ()


@pytest.mark.parametrize("name", EVERY)
def test_all_spellings_are_one_expression(name: str) -> None:
    dims = {"W": ("n", "m")}
    assert matcalc.parse(EVERY[name], dims).node is matcalc.parse(PLAIN, dims).node


def test_a_textbook_would_print_these(derivations: dict[str, Any]) -> None:
    d = derivations["staged"]
    assert d["W"].plain == "(u .* f'(W*x + b))*x'"
    assert d["b"].plain == "u .* f'(W*x + b)"
    assert d["x"].plain == "W'*(u .* f'(W*x + b))"
    assert d["u"].plain == "f(W*x + b)"
    assert d["W"].latex == r"\left(u \odot f'\left(z\right)\right) x^{\top}"


def test_the_steps_of_the_lecture(derivations: dict[str, Any]) -> None:
    """The lecture's chain: ∂s/∂h, ∂h/∂z, δ once, then each parameter; sizes fit in every product."""
    steps = derivations["staged"].steps
    rules = [s.rule for s in steps]
    for rule in ("inner-product", "elementwise", "chain", "outer-product", "shape-convention"):
        assert rule in rules
    named = [s.lhs.plain for s in steps]
    assert named.count("delta") == 1
    for step in steps:
        if " = " in step.dims:
            left, right = step.dims.split(" = ")
            inner = [part.split("×") for part in right.strip("[]").split("][")]
            assert all(a[1] == b[0] for a, b in itertools.pairwise(inner)), step.dims
            assert left == f"[{inner[0][0]}×{inner[-1][1]}]", step.dims
    assert next(s.dims for s in steps if s.rule == "outer-product") == "[n×m] = [n×1][1×m]"


@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
def test_every_style_gives_the_same_gradients(style: str) -> None:
    d = matcalc.derive(PLAIN, style=style)
    at = arrays(3)
    functions = {"f": FUNCTIONS["tanh"]}
    other = matcalc.derive(PLAIN)
    for variable in VARIABLES:
        assert np.allclose(d[variable].evaluate(at, functions), other[variable].evaluate(at, functions), rtol=1e-12)
    assert all(s.check is not None and s.check.max_relative_error < 1e-8 for s in d.steps)


def test_names_of_the_user_stay() -> None:
    """Other letters, other sizes: the same answer under other names."""
    d = matcalc.derive("loss = c^T g(A q + d)", dims={"A": ("p", "r"), "d": ("p",)})
    assert d["A"].plain == "(c .* g'(A*q + d))*q'" and d["A"].shape == ("p", "r")
    d = matcalc.derive(PLAIN, dims={"W": (5, 2)})
    assert d["W"].shape == (5, 2) and d["x"].shape == (2,)


def test_dollar_signs_are_latex() -> None:
    assert matcalc.parse("$s = u^T f(W x + b)$").node is matcalc.parse(PLAIN).node
