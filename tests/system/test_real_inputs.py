"""Formulas as people write them, in papers, forums and terminals: read rightly or refused, never misread.

What is read is judged by NumPy at random arrays; what is refused must say so with the words given here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm

import matcalc
from matcalc.expr.dims import mul
from matcalc.expr.errors import AmbiguityError, MatcalcError

Values = dict[str, Any]
SIZES = {"n": 3, "m": 4, "k": 2}


def arrays(dims: Any) -> Values:
    rng = np.random.default_rng(11)
    return {name: 0.5 * rng.standard_normal(tuple(SIZES.setdefault(str(a), 3) for a in s)) for name, s in dims.items()}


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def softmax(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum()


SPD = {"S": ("n", "n")}
READ: list[tuple[str, dict[str, Any], Callable[[Values], Any]]] = [
    (r"\mathcal{L}(\mathbf{w}) = \frac{1}{2}\|\mathbf{X}\mathbf{w}-\mathbf{y}\|_2^2 + \frac{\lambda}{2}\|\mathbf{w}\|_2^2",
     {"dims": {"X": ("m", "n")}}, lambda v: ((v["X"] @ v["w"] - v["y"]) ** 2).sum() / 2 + v["lambda"] / 2 * (v["w"] ** 2).sum()),
    (r"\|x\|^2 \exp(d_k)", {}, lambda v: (v["x"] ** 2).sum() * np.exp(v["d_k"])),
    ("1/2 x^T Q x - 3/4 \\|x\\|^2", {}, lambda v: v["x"] @ v["Q"] @ v["x"] / 2 - 0.75 * v["x"] @ v["x"]),
    ("-1/2 x'*Q*x", {}, lambda v: -v["x"] @ v["Q"] @ v["x"] / 2),
    (r"h_t = \tanh(W h_{t-1} + U x_t); L = \|h_t - y_t\|^2", {},
     lambda v: ((np.tanh(v["W"] @ v["h_{t-1}"] + v["U"] @ v["x_t"]) - v["y_t"]) ** 2).sum()),
    (r"f(\mathbf{x}) = \mathbf{x}^{\intercal}\mathbf{A}\mathbf{x} + \mathbf{b}^{\intercal}\mathbf{x}", {},
     lambda v: v["x"] @ v["A"] @ v["x"] + v["b"] @ v["x"]),
    (r"\mathrm{Tr}\left(\mathbf{A}\mathbf{X}\mathbf{B}\mathbf{X}^{\top}\right)", {"dims": {"X": ("m", "n")}},
     lambda v: np.trace(v["A"] @ v["X"] @ v["B"] @ v["X"].T)),
    (r"\langle a, b\rangle^2 + \langle A, B \rangle", {"dims": {"A": ("m", "n")}},
     lambda v: (v["a"] @ v["b"]) ** 2 + (v["A"] * v["B"]).sum()),
    (r"\min_{x}\ \tfrac12\,\|Ax-b\|_2^2", {"dims": {"A": ("m", "n")}}, lambda v: ((v["A"] @ v["x"] - v["b"]) ** 2).sum() / 2),
    (r"x^\prime A x - 2 b^\prime x", {}, lambda v: v["x"] @ v["A"] @ v["x"] - 2 * v["b"] @ v["x"]),
    (r"\bigl\| \Phi w - t \bigr\|^2 + w^{T} \Lambda w", {"dims": {"Phi": ("m", "n")}},
     lambda v: ((v["Phi"] @ v["w"] - v["t"]) ** 2).sum() + v["w"] @ v["Lambda"] @ v["w"]),
    (r"-\frac{1}{N}\sum_{i=1}^{N}\left[ y_i\log\sigma(z_i) + (1-y_i)\log(1-\sigma(z_i))\right]", {"dims": {"z": ("N",)}},
     lambda v: -np.mean(v["y"] * np.log(sigmoid(v["z"])) + (1 - v["y"]) * np.log(1 - sigmoid(v["z"])))),
    (r"\sum_{i=1}^{N} \log\left(1+\exp(-y_i\,\mathbf{w}^\top\mathbf{x}_i)\right)",
     {"index": {"x_i": "X[i,:]"}, "dims": {"X": ("N", "n")}},
     lambda v: np.log(1 + np.exp(-v["y"] * (v["X"] @ v["w"]))).sum()),
    (r"(\mathbf{x}-\boldsymbol\mu)^\top\boldsymbol\Lambda(\mathbf{x}-\boldsymbol\mu)", {},
     lambda v: (v["x"] - v["mu"]) @ v["Lambda"] @ (v["x"] - v["mu"])),
    (r"\mathbf{h} = \tanh(\mathbf{W}_1\mathbf{x} + \mathbf{b}_1), "
     r"\quad \hat{\mathbf{y}} = \mathrm{softmax}(\mathbf{W}_2\mathbf{h}), \quad "
     r"L = -\mathbf{y}^\top\log\hat{\mathbf{y}}", {"dims": {"W_1": ("k", "n"), "W_2": ("m", "k")}},
     lambda v: -v["y"] @ np.log(softmax(v["W_2"] @ np.tanh(v["W_1"] @ v["x"] + v["b_1"])))),
    (r"\exp\left(-\frac{\|x-c\|^2}{2\sigma^2}\right)", {},
     lambda v: np.exp(-((v["x"] - v["c"]) ** 2).sum() / (2 * v["sigma"] ** 2))),
    (r"\left(A^\top A + \lambda I\right)A^\top b", {"dims": {"A": ("m", "n")}},
     lambda v: (v["A"].T @ v["A"] + v["lambda"] * np.eye(3)) @ v["A"].T @ v["b"]),
    (r"\tilde{A} x + \bar{b}", {"dims": {"A_tilde": ("m", "n")}}, lambda v: v["A_tilde"] @ v["x"] + v["b_bar"]),
    (r"u^\top W^{(2)} \tanh\bigl(W^{(1)} x\bigr)", {"dims": {"W^(1)": ("k", "n"), "W^(2)": ("m", "k")}},
     lambda v: v["u"] @ v["W^(2)"] @ np.tanh(v["W^(1)"] @ v["x"])),
    ("𝐱ᵀ𝐀𝐱 − 𝐛ᵀ𝐱", {}, lambda v: v["x"] @ v["A"] @ v["x"] - v["b"] @ v["x"]),
    ("‖𝐗𝛃 − 𝐲‖₂²", {"dims": {"X": ("m", "n")}}, lambda v: ((v["X"] @ v["beta"] - v["y"]) ** 2).sum()),
    ("½‖A x − b‖² + λ‖x‖₁", {"dims": {"A": ("m", "n")}},
     lambda v: ((v["A"] @ v["x"] - v["b"]) ** 2).sum() / 2 + v["lambda"] * abs(v["x"]).sum()),
    ("u₁ᵀ((W₁ x) ⊙ c)", {"dims": {"W_1": ("m", "n")}}, lambda v: v["u_1"] @ (v["W_1"] @ v["x"] * v["c"])),
    ("x₁'x₂", {"dims": {"x1": ("n",), "x2": ("n",)}}, lambda v: v["x1"] @ v["x2"]),
    ("x · y + a'b", {}, lambda v: v["x"] @ v["y"] + v["a"] @ v["b"]),
    ("||A x - b||_2^2 + lambda ||x||^2", {"dims": {"A": ("m", "n")}},
     lambda v: ((v["A"] @ v["x"] - v["b"]) ** 2).sum() + v["lambda"] * (v["x"] ** 2).sum()),
    ("||A||_F^2 + ‖B‖_F", {"dims": {"A": ("m", "n"), "B": ("m", "k")}},
     lambda v: (v["A"] ** 2).sum() + np.sqrt((v["B"] ** 2).sum())),
    ("‖x‖_∞ + ||y||_inf", {"dims": {"x": ("n",), "y": ("m",)}}, lambda v: abs(v["x"]).max() + abs(v["y"]).max()),
    ("|x'y||x'z|", {}, lambda v: abs(v["x"] @ v["y"]) * abs(v["x"] @ v["z"])),
    ("sin x", {}, lambda v: np.sin(v["x"])),
    ("tr A + log det S", {"dims": {"A": ("m", "m")}}, lambda v: np.trace(v["A"]) + np.log(np.linalg.det(v["S"]))),
    ("logdet S - tr A^2", {"dims": {"A": ("m", "m")}}, lambda v: np.log(np.linalg.det(v["S"])) - np.trace(v["A"] @ v["A"])),
    ("y' log softmax z", {}, lambda v: v["y"] @ np.log(softmax(v["z"]))),
    ("sum exp x + 2 tanh t", {"dims": {"t": ()}}, lambda v: np.exp(v["x"]).sum() + 2 * np.tanh(v["t"])),
    ("sin 2x", {}, lambda v: np.sin(2 * v["x"])),
    ("cos^2 t", {"dims": {"t": ()}}, lambda v: np.cos(v["t"]) ** 2),
    ("-exp x", {}, lambda v: -np.exp(v["x"])),
    ("2λxᵀx + Δx", {"dims": {"Deltax": ()}}, lambda v: 2 * v["lambda"] * v["x"] @ v["x"] + v["Deltax"]),
    ("yᵀWσ(Xβ₁)", {"dims": {"X": ("m", "n"), "beta_1": ("n",)}}, lambda v: v["y"] @ v["W"] @ sigmoid(v["X"] @ v["beta_1"])),
    (r"\sum x \odot y", {}, lambda v: (v["x"] * v["y"]).sum()),
    (r"\|Ax-b\|^2=(Ax-b)^T(Ax-b)", {"dims": {"A": ("m", "n")}}, lambda v: ((v["A"] @ v["x"] - v["b"]) ** 2).sum()),
    (r"\sigma^2(X^\top X)^{-1}", {"dims": {"X": ("m", "n")}}, lambda v: v["sigma"] ** 2 * np.linalg.inv(v["X"].T @ v["X"])),
    ("𝟏ᵀx", {}, lambda v: v["x"].sum()),
    ("Xβ", {}, lambda v: v["X"] @ v["beta"]),
    ("y = lam*x", {}, lambda v: v["lam"] * v["x"]),
    (r"\sum_{i=1}^{N}(y_i - x_i^\top w)^2", {}, lambda v: ((v["y"] - v["X"] @ v["w"]) ** 2).sum()),
    (r"\sum_i (y_i - w^\top x_i)^2", {}, lambda v: ((v["y"] - v["X"] @ v["w"]) ** 2).sum()),
    (r"\sum_{i=1}^{N} \|x_i\|^2", {}, lambda v: (v["X"] ** 2).sum()),
    (r"\sum_{i=1}^{N} \|A x_i - b\|_2^2", {"dims": {"A": ("m", "n")}}, lambda v: ((v["X"] @ v["A"].T - v["b"]) ** 2).sum()),
    (r"\log(1+\exp(w^\top x + b))", {}, lambda v: np.log1p(np.exp(v["w"] @ v["x"] + v["b"]))),
    (r"\sin^{2}\left(x+y\right)", {}, lambda v: np.sin(v["x"] + v["y"]) ** 2),
    ("x^-1", {}, lambda v: 1 / v["x"]),
    (r"\|x\|_p^p", {"dims": {"p": ()}}, lambda v: (abs(v["x"]) ** v["p"]).sum()),
    (r"y = \begin{cases} x^2 & x > 0 \\ 0 & x \le 0 \end{cases}", {}, lambda v: v["x"] ** 2 * (v["x"] > 0)),
    (r"f(x) = \begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}; s = u^\top f(Wx)", {},
     lambda v: v["u"] @ np.maximum(v["W"] @ v["x"], 0)),
    (r"f(t)=x^{T}e^{At}Bx", {}, lambda v: v["x"] @ expm(v["A"] * v["t"]) @ v["B"] @ v["x"]),
    ("f(t)=x^{T}*e^{At}*B*x", {}, lambda v: v["x"] @ expm(v["A"] * v["t"]) @ v["B"] @ v["x"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "meaning"), READ, ids=[t[:40] for t, *_ in READ])
def test_what_people_write_is_read_rightly(text: str, options: dict[str, Any], meaning: Callable[[Values], Any]) -> None:
    e = matcalc.parse(text, **options)
    at = arrays(e._problem.dims)
    if "S" in at:
        at["S"] = at["S"] @ at["S"].T + np.eye(len(at["S"]))
    assert np.allclose(e.evaluate({k: a for k, a in at.items() if k in e._problem.dims}), meaning(at), rtol=1e-12)
    assert matcalc.parse(e.plain, e._problem.dims).node is e.node


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (r"\left.\frac{\partial f}{\partial x}\right|_{x=0}", {}, "scope of a derivative sign"),
    (r"\frac{\partial L}{\partial W} = X^\top(XW-Y)", {}, "an equation with a derivative sign"),
    ("∇f(x)", {}, "scope of a derivative sign"),
    (r"\min_x \|Ax-b\|_2^2 \quad\text{s.t.}\quad \mathbf{1}^\top x = 1", {}, "conditions are not part"),
    (r"\|Ax-b\|^2 \quad \text{subject to } x = 1", {}, "conditions are not part"),
    (r"\mathbb{E}[x^\top A x]", {}, "expectations"),
    (r"\mathbf{x}^H\mathbf{A}\mathbf{x}", {}, "conjugate transpose"),
    (r"A^\dagger b", {}, "pseudo-inverse or the conjugate"),
    (r"J = \left(h_\theta(x)-y\right)^2", {}, "function h_theta of x"),
    (r"p(x) = \frac{1}{Z}e^{-E(x)}", {}, "function E of x"),
    (r"k(x - y)", {}, "function k of"),
    (r"\mathbf{w}^\top\mathbf{x} + w", {}, "bold and not in bold"),
    (r"\mathbf{x}^\top\mathbf{x} + x^2", {}, "bold and not in bold"),
    (r"\sqrt{A} b", {}, "may be square"),
    (r"e^{A} b", {}, "may be square"),
    (r"\sin\theta\, x", {}, "one factor or all"),
    ("tr A B", {}, "one factor or all"),
    ("A*x = b", {}, "equation between"),
    ("Ax = b", {}, "equation with the product A*x"),
    (r"x^\top A x = b^\top x", {}, "equation between"),
    (r"\sum x^\top y", {}, "has no index"),
    (r"\sigma^2(x)", {}, "the power of sigma(x)"),
    (r"f\circ g(x)", {}, "composition"),
    ("f ∘ g(x)", {}, "composition"),
    ("tr A*B", {}, "one factor or all"),
    ("sin x .* y", {}, "one factor or all"),
    ("log x / 2", {}, "one factor or all"),
    ("exp -x", {}, "needs an argument"),
    ("sin^-1 t", {}, "needs an argument"),
    (r"h_t = \tanh(W h_s + U x_t)", {}, "defined by itself"),
    ("1/2x^T Q x", {}, "a quotient followed by a factor"),
    ("2/3 4 x", {}, "a quotient followed by a factor"),
    ("a/b x", {}, "a quotient followed by a factor"),
    (r"a^\top x_j", {"index": {"x_i": "X[i,:]"}, "dims": {"X": ("N", "d"), "a": ("d",)}}, "no sum binds here"),
    ("a'*x_i", {"index": {"x_i": "X[i,:]"}, "dims": {"X": ("N", "d"), "a": ("d",)}}, "no sum binds"),
    ("a'*x_i", {"dims": {"x": ("d",), "a": ("d",)}}, "an entry or a slice of x"),
    (r"\mathrm{softmax}(QK^\top/\sqrt{v_k})V", {}, "division by a scalar"),
    (r"x^\top x/\sqrt{d_k}", {"dims": {"d": ("n",)}}, "not bound by a sum here"),
    ("‖A‖₂", {}, "two readings"),
    ("x^T A x + b^T x + c", {}, "'c' is a scalar; or 'c' is a vector"),
    ("y = w^T x + b", {}, "the text has two readings: 'b' is a "),
]


@pytest.mark.parametrize(("text", "options", "words"), REFUSED, ids=[t[:40] for t, *_ in REFUSED])
def test_what_cannot_be_read_is_refused_in_words(text: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        matcalc.parse(text, **options)
    assert words in caught.value.message
    assert caught.value.hint and caught.value.span is not None and "^" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name", "gradient"),
    [
        (r"\nabla_{x} \left( x^\top A x \right)", "x", lambda v: (v["A"] + v["A"].T) @ v["x"]),
        (r"\frac{\partial}{\partial W} \operatorname{tr}(W^\top A W)", "W", lambda v: (v["A"] + v["A"].T) @ v["W"]),
        (r"\arg\min_x \|Ax-b\|^2", "x", lambda v: 2 * v["A"].T @ (v["A"] @ v["x"] - v["b"])),
    ],
)
def test_what_a_sign_in_front_asks(text: str, name: str, gradient: Callable[[Values], Any]) -> None:
    d = matcalc.derive(text, **({"wrt": name} if "arg" in text else {}))
    at = arrays(d.dims)
    assert [r.wrt for r in d.results] == [name] and np.allclose(d[name].evaluate(at), gradient(at))
    assert any("the argmin over x is not taken" in w for w in d.warnings) == ("arg" in text)


def test_what_is_no_usual_kind_is_said() -> None:
    for text, notice in (("Xβ", "'beta' is read as a vector"), (r"\sum_i \|x_i\|^2", "x_i are read as the rows of a matrix X"),
                         (r"\|TY_+\|_F^2", "'Y_+' is read as a name of its own: (Y)_+ is the positive part"),
                         (r"\|TY_+ - Y\|_F^2", "'Y_+' is read as the positive part max(Y, 0)"),
                         ("x @ Wq", "'x' is read as a 1-D array, one sample: --dim x=n,m says otherwise"),
                         ("y = lam*x", "'lam' is read as one name, a scalar"), ("x^3", "'x' is read as a scalar")):  # fmt: skip
        assert any(notice in w for w in matcalc.derive(text, kind="jacobian").warnings), text


def test_what_is_usual_is_not_said() -> None:
    for text in ("(x)_+", "x @ A @ x", "u @ np.tanh(W @ x + b)"):
        assert not any("positive part" in w or "1-D array, one" in w for w in matcalc.derive(text, kind="jacobian").warnings), text


def test_a_power_of_e_may_be_of_a_matrix() -> None:
    """Of f(t) = xᵀ e^{At} B x, that t is a number and the exponential that of a matrix is said."""
    d = matcalc.derive(r"f(t)=x^{T}e^{At}Bx", wrt="t")
    assert any("'t' is read as a scalar" in w for w in d.warnings) and any("the matrix function expm" in w for w in d.warnings)


def test_vectors_in_bold_are_samples_under_a_sum() -> None:
    e = matcalc.parse(r"\sum_{i=1}^{B}\sum_{j=1}^{B}\log(1+e^{\mathbf{x}_i\cdot\mathbf{y}_j})")
    at = arrays(e._problem.dims)
    assert np.allclose(e.evaluate(at), np.log1p(np.exp(at["X"] @ at["Y"].T)).sum())


def test_what_the_hint_on_a_bias_says_is_enough() -> None:
    for text, c in (("x^T A x + b^T x + c", "c"), ("y = w^T x + b", "b"), (r"\log(1+\exp(w^\top x + b))", "b")):
        assert matcalc.parse(text, {c: ()}).shape == ()
        assert matcalc.parse(text, {c: ("m",)}).shape == ("m",)
    for text in ("x - mean(x)", "u'*(a'*x + c)", "1 - x", r"\mathbf{w}^\top\mathbf{x} + \mathbf{b}"):
        assert matcalc.parse(text) is not None


def test_a_letter_in_two_fonts_is_one_object_where_it_is_declared() -> None:
    e = matcalc.parse(r"\mathbf{x}^\top A x", {"x": ("n",)})
    assert e.plain == "x'*A*x"
    with pytest.raises(AmbiguityError):
        matcalc.parse(r"\mathbf{x}^\top A x")


def test_the_hint_on_indexed_tokens_is_what_to_do() -> None:
    text = r"\sum_{i=1}^{N}(y_i - x_i^\top w)^2"
    (notice,) = matcalc.derive(text, wrt="w").warnings
    columns = matcalc.parse(text, index={"x_i": "X[:,i]"})
    assert "--index 'x_i=X[:,i]' says columns" in notice and columns._problem.dims["X"][1] == columns._problem.dims["y"][0]
    assert matcalc.parse(text, index={"x_i": "X[i,:]"}).node is matcalc.parse(text).node
    with pytest.raises(MatcalcError) as caught:
        matcalc.parse(r"QK^\top/\sqrt{v_k}")
    assert "--dim v_k=" in (caught.value.hint or "")
    assert matcalc.parse(r"QK^\top/\sqrt{v_k}", {"v_k": ()}).plain == "Q*K'/sqrt(v_k)"
    assert matcalc.parse(r"QK^\top/\sqrt{d_k}").plain == "Q*K'/sqrt(d_k)"


# ---------------------------------------------------------------- sizes that the text states

STATED: list[tuple[str, dict[str, tuple[Any, ...]]]] = [
    (r"x^\top A x,\quad A\in\mathbb{R}^{n\times n},\ x \in \mathbb{R}^n", {"A": ("n", "n"), "x": ("n",)}),
    (r"f(x)=b^\top x \text{ where } x, b \in \mathbb{R}^{p}", {"x": ("p",), "b": ("p",)}),
    (r"\lambda x^\top x, \lambda\in\mathbb{R}, x\in\mathbb R^3", {"lambda": (), "x": (3,)}),
    (
        r"\|X\beta - y\| \text{ with } X\in\mathbb{R}^{m\times n}, \beta\in\mathbb{R}^n",
        {"X": ("m", "n"), "beta": ("n",), "y": ("m",)},
    ),
    (r"X\beta, \beta\in\mathbb{R}^q", {"X": ("n", "q"), "beta": ("q",)}),
    (r"s=u^\top h, h = \tanh(Wx), W\in\mathbb{R}^{k\times d}, h \in \mathbb{R}^k", {"W": ("k", "d"), "u": ("k",), "x": ("d",)}),
    (r"\min_{\mathbf{x}\in\mathbb{R}^p}\ \|A\mathbf{x}-b\|^2", {"x": ("p",), "A": ("n", "p"), "b": ("n",)}),
    (r"k(x), k \in \mathbb{R}, x\in\mathbb{R}^n", {"k": (), "x": ("n",)}),
    (r"x^\top x, x \in \mathbb{R}^n_+", {"x": ("n",)}),
    (r"x^\top x, x \in \mathbb{R}^{2n}", {"x": (mul(2, "n"),)}),
]


@pytest.mark.parametrize(("text", "shapes"), STATED, ids=[t for t, _ in STATED])
def test_sizes_that_the_text_states(text: str, shapes: dict[str, tuple[Any, ...]]) -> None:
    d = matcalc.derive(text, wrt="x" if "x" in shapes else "beta", kind="jacobian", check=False)
    assert {name: d.dims[name] for name in shapes} == shapes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"\|X\beta - y\|^2, X\in\mathbb{R}^{m\times n}, \beta\in\mathbb{R}^m", "sizes do not fit"),
        (r"s=u^\top h, h = Wx, W\in\mathbb{R}^{k\times d}, h \in \mathbb{R}^d", "stated to be [d×1]"),
        (r"A x, A \in \mathbb{R}^{m \times}", "set of numbers"),
        (r"x^\top x, x \in \mathbb{R}^n, x \in \mathbb{R}^{n \times n}", "in the text, and declared"),
        (r"A \in \mathbb{R}^{n\times n}", "no formula"),
    ],
)
def test_stated_sizes_that_do_not_fit(text: str, words: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        matcalc.parse(text)
    assert words in caught.value.message and caught.value.hint


def test_a_declaration_and_the_text_must_agree() -> None:
    text = r"x^\top A x, A \in \mathbb{R}^{n\times n}"
    assert matcalc.parse(text, {"A": ("n", "n")}).shape == ()
    with pytest.raises(matcalc.UsageError, match="declared as"):
        matcalc.parse(text, {"A": ("m", "m")})


def test_rows_written_as_matrices_are_told_why_there_is_no_gradient() -> None:
    d = matcalc.derive("s = X*A", wrt="A", dims={"X": (1, 1)})
    assert d.kind == "jacobian" and any("sum(…) of it is a scalar" in w for w in d.warnings) == (d.value.shape == (1, 1))
    d = matcalc.derive("s = x*A*x'", wrt="x", dims={"x": (1, "d")})  # 1×d declares a row
    x, a = np.array([1.0, 2.0]), np.array([[1.0, 5.0], [2.0, -1.0]])
    assert d.kind == "gradient" and np.allclose(d["x"].evaluate({"x": x, "A": a}), x @ (a + a.T))
    assert not any("one entry" in w for w in d.warnings)


@pytest.mark.parametrize(
    "text", ["x^2", "x^3", "sin^2 x", r"\log^2 x", r"\sin^{2}\left(x+y\right)", r"\sin^3 2x", "tanh^2(x)", r"\mathbf{x}^2"]
)
def test_what_the_hint_for_a_power_says_works_when_typed(text: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        matcalc.derive(text, dims={n: ("n",) for n in ("x", "y") if n in text.replace("exp", "")})
    ways = re.findall(r"(?:write |, )([^,]*?) for the (entries|squared norm)", caught.value.hint or "")
    assert len(ways) == (1 if "3" in text else 2)
    at = {n: np.array([0.3, 0.7]) for n in ("x", "y") if n in text}
    name = next((f for f in ("sin", "log", "tanh") if f in text), None)
    inner = at["x"] + at["y"] if "y" in text else at["x"] * (2 if "2x" in text else 1)
    base = inner if name is None else getattr(np, name)(inner)
    for way, what in ways:
        found = matcalc.derive(way).value.evaluate(at)
        assert np.allclose(found, base ** (3 if "3" in text else 2) if what == "entries" else base @ base)


def test_a_scalar_is_offered_where_it_may_be_meant() -> None:
    for text, dims, offered in ((r"\mathbf{x}^2", None, True), ("x^2", {"x": (1,)}, True), ("x^2", {"x": ("n",)}, False)):
        with pytest.raises(MatcalcError) as caught:
            matcalc.derive(text, dims=dims)
        assert ("dims={'x': ()} (--dim x=)" in (caught.value.hint or "")) == offered
    assert matcalc.derive("x^2", dims={"x": ()}).result.evaluate({"x": 3.0}) == 6


@pytest.mark.parametrize(
    ("one", "other"), [("inv(A*B)", "inv(B)*inv(A)"), ("det(A*B)", "det(A)*det(B)"), ("inv((A*B)')", "inv(A')*inv(B')")]
)
def test_what_is_compared_and_must_be_square_says_how_to_declare_it(one: str, other: str) -> None:
    dims: dict[str, tuple[str, str]] = {}
    for _ in range(2):
        try:
            assert matcalc.equal(one, other, dims=dims)
            break
        except MatcalcError as error:
            name, size = re.findall(r"dims=\{'(\w)': \('(\w)', '\2'\)\}", error.hint or "")[0]
            dims[name] = (size, size)
    else:
        raise AssertionError("the hints did not lead to an answer")


@pytest.mark.parametrize("options", [{}, {"wrt": "y"}, {"wrt": "w"}])
@pytest.mark.parametrize("sign", ["min", "max"])
def test_a_minimum_that_is_not_taken_is_said(sign: str, options: dict[str, Any]) -> None:
    """d/dy of the minimum is another question than d/dy of the objective."""
    d = matcalc.derive(rf"\{sign}_w \|X w - y\|^2", **options)
    assert sum(n.startswith(f"the {sign} over w is not taken") for n in d.warnings) == 1
    assert not any("not taken" in n for n in matcalc.derive(r"\|X w - y\|^2", **options).warnings)
    assert not any("not taken" in n for n in matcalc.derive(rf"\{sign}_i x_i").warnings)
