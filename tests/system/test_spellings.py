"""One computation in seven spellings: the same results, right against differences, every line checked."""

from __future__ import annotations

import itertools
import re
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
FONTS = re.compile(r"\\(?:mathbf|boldsymbol|bm)\{(\w)\}")
H = "h"  # s = uᵀ h has the derivative h by u, where the text names it; else f(z)
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
        shown = FONTS.sub(r"\1", theirs[variable].latex)  # names are set as they are typed
        assert shown == (H if variable == "u" and "h =" in EVERY[name].replace("&", "") else ours[variable].latex)
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


@pytest.mark.parametrize("notation, text", [
    *(("latex", text) for text in ("x[2]", r"x\left[2\right]", "x[1:3]", "X[1,2]", "X[1,:]", "x[-1]", "x[i]", r"\mathbf{x}[2]",
                                   "(x+y)[2]", "f(x)[2]", "x^T[2]", "x(2)", "y^T x(2)", r"x\{2\}")),
    *(("plain", text) for text in ("x(2)", "x(2)^2", "y'*x(2)", "X(1,2)", "x(1:2)", "x [2]", "sum(x [2])")),
])  # fmt: skip
def test_an_index_in_brackets_is_never_a_factor(notation: str, text: str) -> None:
    """x[2] and MATLAB's x(2) were read as 2x without a word."""
    with pytest.raises(matcalc.AmbiguityError, match="two readings: an index, as in programs, or a factor"):
        matcalc.parse(text, notation=notation, functions={"f": None} if "f" in text else None)


@pytest.mark.parametrize("notation, text, same", [
    ("latex", r"\left[x\right]_{2}", "x[2]"), ("latex", "[X]_{1,2}", "X[1,2]"), ("latex", "[X]_{1,:}", "X[1,:]"),
    ("latex", "[x]_{1:3}", "x[1:3]"),
    ("latex", "2x", "2*x"), ("latex", "2[3]x", "6*x"), ("latex", r"\pi(2)x", "2*pi*x"),
    ("latex", "x(-2)", "-2*x"), ("plain", "x*(2)", "2*x"),
    ("latex", "A[x]", "A*x"),
])  # fmt: skip
def test_what_is_said_otherwise_is_read(notation: str, text: str, same: str) -> None:
    assert matcalc.equal(matcalc.parse(text, notation=notation), same)


@pytest.mark.parametrize("text, index, said", [
    (r"\sum_i x_i^T A x_i + x_1^T x_1", {"x_i": "X[i,:]"}, "X[1,:]"),
    (r"\sum_i x_i^T A x_{12}", {"x_i": "X[i,:]"}, "X[12,:]"),
    (r"\sum_i x_i^T A x_0", {"x_i": "X[:,i]"}, "X[:,0]"),
    (r"\sum_{ij} x_{ij}^2 + x_{12}^2", {"x_ij": "X[i,j]"}, "X[1,2]"),
    (r"\sum_i z_i^2 z_3", {"z_i": "z[i]"}, "z[3]"),
    (r"\sum_i \|x^{(i)}\|^2 + \|x^{(1)}\|^2", {"x^{(i)}": "X[i,:]"}, "X[1,:]"),
])  # fmt: skip
def test_a_number_beside_a_slice_is_asked_about(text: str, index: dict[str, str], said: str) -> None:
    """``x_1`` beside ``x_i = X[i,:]`` was a new variable of which nobody had said anything."""
    with pytest.raises(matcalc.AmbiguityError, match="two readings") as caught:
        matcalc.derive(text, notation="latex", index=index)
    assert said in str(caught.value.hint)


def test_a_declared_name_beside_a_slice_is_its_own() -> None:
    d = matcalc.derive(r"\sum_i x_i^T A x_1", notation="latex", index={"x_i": "X[i,:]"}, dims={"x_1": ("m",)})
    assert "x_1" in d.wrt
