"""Blocks, entries and slices: values by NumPy, derivatives by differences of NumPy, what is refused and how it is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write.render import LATEX, PLAIN, render

SIZES = {"n": 4, "m": 5, "p": 3, "k": 2}
DIMS: dict[str, tuple[Any, ...]] = {
    "G": ("m", 4), "t": (3,),
    "x": ("n",), "y": ("m",), "z": ("p",), "w": ("n",), "a": (), "b": (), "A": ("m", "n"), "B": ("p", "n"), "C": ("m", "p"),
    "X": ("m", "n"), "Y": ("p", "n"), "S": ("n", "n"), "P": ("p", "p"), "K": ("k", "k"), "v": ("k",), "u": ("n+p",),
}  # fmt: skip


class Case(NamedTuple):
    text: str
    value: Callable[..., Any]  # by the names of its arguments
    wrt: str
    kind: str = ""


def bordered(S: Any, x: Any, w: Any, a: Any) -> Any:
    return np.block([[S, x[:, None]], [w[None], np.atleast_2d(a)]])


def schur(S: Any, K: Any) -> Any:
    return S[:2, :2] - S[:2, 2:] @ np.linalg.inv(S[2:, 2:] + 5 * np.eye(2)) @ S[2:, :2]


def row(*parts: Any) -> Any:
    return np.concatenate([np.atleast_1d(p) for p in parts])


CASES = [
    Case("sum(exp([A*x; z]))", lambda A, x, z: np.exp(row(A @ x, z)).sum(), "x"),
    Case("sum(exp([A*x; z]))", lambda A, x, z: np.exp(row(A @ x, z)).sum(), "A"),
    Case("norm2([A*x; B*x])^2", lambda A, B, x: (row(A @ x, B @ x) ** 2).sum(), "x"),
    Case("u'*[x; z]*a", lambda u, x, z, a: u @ row(x, z) * a, "z"),
    Case("sum(vcat(x, z, x).^3)", lambda x, z: (row(x, z, x) ** 3).sum(), "x"),
    Case("sum([A; B].^2)", lambda A, B: (np.vstack([A, B]) ** 2).sum(), "B"),
    Case("sum(exp([A', B']*[y; z]))", lambda A, B, y, z: np.exp(np.hstack([A.T, B.T]) @ row(y, z)).sum(), "B"),
    Case("sum(sin(hcat(A, C)))", lambda A, C: np.sin(np.hstack([A, C])).sum(), "C"),
    Case("sum([A, y].^3)", lambda A, y: (np.column_stack([A, y]) ** 3).sum(), "y"),
    Case("sum([y, A].^3)", lambda A, y: (np.column_stack([y, A]) ** 3).sum(), "A"),
    Case("sum([x'; A].^3)", lambda A, x: (np.vstack([x, A]) ** 3).sum(), "x"),
    Case("sum(exp([x'; w']*S))", lambda x, w, S: np.exp(np.vstack([x, w]) @ S).sum(), "w"),
    Case("log(det([S'*S + 4*eye, x; w', a + 9]))",
         lambda S, x, w, a: np.linalg.slogdet(bordered(S.T @ S + 4 * np.eye(4), x, w, a + 9))[1], "x"),
    Case("sum(([S, x; w', a]*[w; b]).^2)", lambda S, x, w, a, b: ((bordered(S, x, w, a) @ row(w, b)) ** 2).sum(), "w"),
    Case("tr([A, C; B, P]'*[A, C; B, P])", lambda A, B, C, P: (np.block([[A, C], [B, P]]) ** 2).sum(), "P"),
    Case("sum([a, b; b, 2].^2)", lambda a, b: a**2 + 2 * b**2 + 4, "b"),
    Case("[a; b; a*b]", lambda a, b: np.array([a, b, a * b]), "a"),
    Case("[A*x; a*x]", lambda A, x, a: row(A @ x, a * x), "x"),
    Case("[x', z']", lambda x, z: row(x, z), "z"),
    Case("[A; B]", lambda A, B: np.vstack([A, B]), "B"),
    Case("[A, C]", lambda A, C: np.hstack([A, C]), "A"),
    Case("x[2]^2*x[1]", lambda x: x[1] ** 2 * x[0], "x"),
    Case("x[2]^2*x[1]", lambda x: x[1] ** 2 * x[0], "x", "hessian"),
    Case("x[n]*x[n-1]", lambda x: x[-1] * x[-2], "x"),
    Case("exp(X[2,3])*X[1,1]", lambda X: np.exp(X[1, 2]) * X[0, 0], "X"),
    Case("X[2,:]'*w", lambda X, w: X[1] @ w, "X"),
    Case("log(1 + exp(X[1,:]'*X[2,:]))", lambda X: np.log1p(np.exp(X[0] @ X[1])), "X"),
    Case("norm2(X[:,3] - y)^2", lambda X, y: ((X[:, 2] - y) ** 2).sum(), "X"),
    Case("X[:,2]", lambda X: X[:, 1], "X"),
    Case("(A*x)[3]", lambda A, x: (A @ x)[2], "x"),
    Case("log(softmax(x)[3])", lambda x: x[2] - np.log(np.exp(x).sum()), "x"),
    Case("inv(S'*S + eye)[1,2]", lambda S: np.linalg.inv(S.T @ S + np.eye(4))[0, 1], "S"),
    Case("sum(x[2:3].^3)", lambda x: (x[1:3] ** 3).sum(), "x"),
    Case("sum(x[2:3].^3)", lambda x: (x[1:3] ** 3).sum(), "x", "hessian"),
    Case("x[1:3]*x[4]", lambda x: x[:3] * x[3], "x"),
    Case("x'[2:4]*t", lambda x, t: x[1:4] @ t, "x"),
    Case("sum(exp(X[2:4,:]*w))", lambda X, w: np.exp(X[1:4] @ w).sum(), "X"),
    Case("sum(exp(X[:,2:3]))", lambda X: np.exp(X[:, 1:3]).sum(), "X"),
    Case("norm2(X[2:4,1:2])", lambda X: np.sqrt((X[1:4, :2] ** 2).sum()), "X"),
    Case("sum(X[2:4,1].*t)", lambda X, t: (X[1:4, 0] * t).sum(), "X"),
    Case("v'*x[1:k]", lambda v, x: v @ x[:2], "x"),
    Case("sum(x[k+1:n].^2)*v[1]", lambda v, x: (x[2:] ** 2).sum() * v[0], "x"),
    Case("sum(x[k:n].^2)*v[1]", lambda v, x: (x[1:] ** 2).sum() * v[0], "x"),
    Case("det(S[1:k,1:k])*v[2]", lambda S, v: np.linalg.det(S[:2, :2]) * v[1], "S"),
    Case("S[1:k,1:k] - S[1:k,k+1:n]*inv(S[k+1:n,k+1:n] + 5*eye)*S[k+1:n,1:k] + 0*K", schur, "S"),
    Case("sum(padrows(x, 2, n+2).^2)", lambda x: (x**2).sum(), "x"),
    Case("sum((padcols(C, 2, n)*S).^2)", lambda C, S: ((np.pad(C, ((0, 0), (1, 0))) @ S) ** 2).sum(), "C"),
    Case("x'*unit(n, 2)*a", lambda x, a: x[1] * a, "x"),
    Case("G*[x[1:2]; w[3:4]]", lambda G, x, w: G @ row(x[:2], w[2:]), "x"),
    Case("sum(([x; z][2:6]).^3)", lambda x, z: (row(x, z)[1:6] ** 3).sum(), "z"),
    Case("sum(x)*y[2]", lambda x, y: x.sum() * y[1], "y"),
]  # fmt: skip


def arrays(case: Case) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    shapes = {name: tuple(eval_size(d) for d in shape) for name, shape in DIMS.items()}
    every = {name: rng.uniform(0.4, 1.3, shape) * rng.choice([-1, 1], shape) for name, shape in shapes.items()}
    code = case.value.__code__
    return {name: every[name] for name in code.co_varnames[: code.co_argcount]}


def eval_size(d: str | int) -> int:
    if isinstance(d, int):
        return d
    return sum(SIZES.get(part, 0) or int(part) for part in d.split("+"))


def differences(f: Callable[..., Any], at: dict[str, Any], name: str) -> Any:
    """The axes of the value, then those of the variable; six-point differences."""
    x = np.asarray(at[name], float)
    slopes = []
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = 1e-2
        moved = [np.asarray(f(**{**at, name: x + k * step})) for k in (-3, -2, -1, 1, 2, 3)]
        slopes.append(sum(c * y for c, y in zip((-1, 9, -45, 45, -9, 1), moved, strict=True)) / 0.6)
    return np.moveaxis(np.array(slopes), 0, -1).reshape(slopes[0].shape + x.shape)


def declared(case: Case) -> dict[str, Any]:
    return {name: DIMS[name] for name in arrays(case)}


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.text}-{c.wrt}{c.kind}")
def test_derivative(case: Case) -> None:
    """The printed formula, read again, against differences; the code against both."""
    at = arrays(case)
    d = matcalc.derive(case.text, wrt=case.wrt, dims=declared(case), **({"kind": case.kind} if case.kind else {}))
    assert np.allclose(d.value.evaluate(at), case.value(**at))
    f = case.value
    if case.kind == "hessian":
        f = lambda **k: differences(case.value, k, case.wrt)  # noqa: E731
    want = differences(f, at, case.wrt)
    again = matcalc.parse(d.result.plain, dims=d.dims)
    tolerance = 1e-6 if case.kind else 1e-8
    assert np.allclose(again.evaluate(at), want, rtol=tolerance, atol=tolerance), d.result.plain
    value, derivative = d.function()(**at)
    assert np.allclose(value, case.value(**at)) and np.allclose(derivative, want, rtol=tolerance, atol=tolerance), d.to_code()
    assert d.checked is not None and d.checked.passed


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.text}-{c.wrt}{c.kind}")
def test_vec_form(case: Case) -> None:
    at = arrays(case)
    d = matcalc.derive(case.text, wrt=case.wrt, dims=declared(case))
    if len(d.result.shape) < 3:
        return
    full = differences(case.value, at, case.wrt)
    outer = np.ndim(case.value(**at))
    stacked = full.transpose([*reversed(range(outer)), *reversed(range(outer, full.ndim))])
    want = stacked.reshape(int(np.prod(full.shape[:outer])), -1)
    assert np.allclose(matcalc.parse(d.result.vec.plain, dims=d.dims).evaluate(at), want)


# ---------------------------------------------------------------- reading and writing

TEXTS = [
    "[x; z]", "[A; B]", "[A, C]", "[A, C; B, P]", "[x'; A]", "[A; x']", "[x'; w'; A]", "[x', z']", "[x, w]", "[A, y]",
    "[y, A]", "[S, x; w', a]", "[a, w'; x, S]", "[a; x]", "[x; a; 1]", "[a, b; b, 1]", "[a, x']", "[[A; B], [C; P]]",
    "[A; B]'", "[[A, C]; [B, P]]*u[1]", "[x; z; x]", "[x; [z; x]]", "x[2]", "x'[2]", "x[n]", "x[2:3]", "x[1:n-1]", "X[1,2]",
    "X[1,:]", "X[:,1]", "X[1,:]'", "X[2:3,:]", "X[:,2:3]", "X[2:3,1:2]", "X[2:3,1]", "X[1,2:3]", "(A*x)[2]", "(A*S)[1,2]",
    "(A*S)[1,:]", "exp(x)[2]", "A'[1,:]", "A'[1:2,:]", "[x; z][2]", "[A, C][2,:]", "unit(n, 2)", "unit(n, n)",
    "padrows(x, 2, 9)", "padrows(A, 2, m+1)", "padcols(A, 2, n+1)", "padrows(x, 2, 9)[3]", "x[2]*unit(n, 1)*unit(n, 2)'",
    "X[1,:]'*w", "f(X[:,1])", "-[x; z]", "2*[x; z]", "[x + w; -z]", "(x + w)[2]", "[x'*w; a + b]", "S[1:2,1:2]^2", "x[1]^2",
    "S[1:2,2:3]'", "x.^X[1,2]", "(x.^2)[n]", "(A*x)[m]", "(A*x)[m-1]",
]  # fmt: skip


def read(text: str, notation: str = "plain") -> Problem:
    return read_problem(text, DIMS, notation)


@pytest.mark.parametrize("text", TEXTS)
def test_round_trip(text: str) -> None:
    e = read(text).output
    assert read(render(e, PLAIN)).output is e
    shown = render(e, LATEX)
    if not any(
        word in text for word in ("unit", "pad", "[n]", "[m]", "[m-1]")
    ):  # their LaTeX leaves out sizes; [x]_n may be any entry
        assert read(shown, "latex").output is e, shown


@pytest.mark.parametrize(
    "latex, plain",
    [
        (r"\begin{bmatrix} A & C \\ B & P \end{bmatrix}", "[A, C; B, P]"),
        (r"\begin{pmatrix} x \\ z \end{pmatrix}", "[x; z]"),
        (r"\left[\begin{array}{cc} S & x \\ w^\top & a \end{array}\right]", "[S, x; w', a]"),
        (r"\begin{vmatrix} S & x \\ w^\top & a \end{vmatrix}", "det([S, x; w', a])"),
        (r"\left\|\begin{pmatrix} A x \\ z \end{pmatrix}\right\|^2", "norm2([A*x; z])^2"),
        (r"X_{1,:}", "X[1,:]"),
        (r"X_{:,2}^\top y", "X[:,2]'*y"),
        (r"x_{1:3}", "x[1:3]"),
        (r"[A x]_{2}", "(A*x)[2]"),
        (r"X_{1,2}", "X[1,2]"),
    ],
)
def test_latex(latex: str, plain: str) -> None:
    assert read(latex, "latex").output is read(plain).output


REFUSED = [
    ("[A; C]", "ShapeError", ["vertical", "'A' is [m×n]", "'C' is [m×p]", "columns"]),
    ("[A, B]", "ShapeError", ["horizontal", "'A' is [m×n]", "'B' is [p×n]", "rows"]),
    ("[x, z]", "ShapeError", ["'x' is [n×1]", "'z' is [p×1]", "rows"]),
    ("[x; A]", "ShapeError", ["x'"]),
    ("[A, C; B]", "ParseError", ["rows of blocks"]),
    ("[S, x; w, a]", "ShapeError", ["'w' is [n×1]", "'a' is [1×1]"]),
    ("[A; a]", "ShapeError", ["'a' is [1×1]", "scalar"]),
    ("x[0]", "AmbiguityError", ["NumPy", "x[1]"]),
    ("x[-1]", "AmbiguityError", ["x[n]"]),
    ("x.T @ w + x[1]", "AmbiguityError", ["NumPy", "x[1]"]),
    ("x[1:2] @ x[1:2]", "AmbiguityError", ["NumPy"]),
    ("x[n+1]", "ShapeError", ["outside", "n+1"]),
    ("x[3:2]", "ShapeError", ["outside"]),
    ("x[1:n+1]", "ShapeError", ["outside"]),
    ("X[1]", "ShapeError", ["[m×n]", "X[i,:]"]),
    ("x[1,2]", "ShapeError", ["[n×1]"]),
    ("a[1]", "ShapeError", ["scalar"]),
    ("(x + w)[a]", "AmbiguityError", ["entry", "product", "(x + w)*(a)", "name = (x + w); name[a]"]),
    ("x[1:2:4]", "ParseError", ["step"]),
    ("x[2:]", "ParseError", ["both ends"]),
    ("x[:2]", "ParseError", ["both ends"]),
    ("x[1.5]", "ParseError", ["whole number"]),
    ("vcat(x)", "ParseError", ["two blocks"]),
    ("unit(2, 3)", "ShapeError", ["3", "2"]),
    ("padrows(x, 3, n)", "ShapeError", ["more than n"]),
]  # fmt: skip


@pytest.mark.parametrize("text, kind, words", REFUSED, ids=lambda r: r if isinstance(r, str) else "")
def test_refusals(text: str, kind: str, words: list[str]) -> None:
    with pytest.raises(matcalc.MatcalcError) as caught:
        matcalc.parse(text, dims=DIMS)
    assert type(caught.value).__name__ == kind, caught.value
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert caught.value.span is not None


@pytest.mark.parametrize(
    "latex, words",
    [
        (r"\mathbf{1}^\top [A, C] u", ["commutator", "bmatrix"]),
        (r"Q_{1,2} + 1", ["entry of Q", "name of a block"]),
        (r"\mathrm{softmax}(x)_k", ["index k"]),
    ],
)
def test_latex_with_two_readings(latex: str, words: list[str]) -> None:
    with pytest.raises(matcalc.MatcalcError) as caught:
        matcalc.parse(latex, dims=DIMS, notation="latex")
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_too_short_for_the_slice() -> None:
    """A size that a symbol leaves open is looked at when the arrays are there."""
    e = matcalc.parse("sum(x[2:4])", dims={"x": ("n",)})
    assert e.evaluate({"x": np.arange(5.0)}) == 6
    with pytest.raises(matcalc.MatcalcError, match="needs 4 to be at most n = 3"):
        e.evaluate({"x": np.arange(3.0)})


def test_notices() -> None:
    d = matcalc.derive("X[1,:]'*w + x[2]", wrt="x", dims=DIMS)
    assert any("count from 1" in w for w in d.warnings) and any("column vector" in w for w in d.warnings)


def test_sizes_follow_from_blocks() -> None:
    assert matcalc.parse("[A*x; B*x]'*y").evaluate({
        "A": np.ones((2, 3)), "B": np.ones((4, 3)), "x": np.ones(3), "y": np.arange(6.0)
    }) == 45  # fmt: skip


def test_code_has_no_selection_matrices() -> None:
    text = matcalc.derive("norm2([A; B]*x)^2 + x[2]*x[1] + X[1,:]'*x", wrt="all", dims=DIMS).to_code()
    body = text[text.rindex('"""') :]
    assert "np.vstack" in body and "[0]" in body and "np.eye(n" not in body


# ---------------------------------------------------------------- laws

TEXTBOOK = [
    ("log(softmax(x)[3])", "x", "unit(n, 3) - softmax(x)"),
    ("[A*x; B*x]", "x", "[A; B]"),
    ("G*[x[1:2]; w[3:4]]", "w", "padcols(G[:,3:4], 3, n)"),
    ("norm2([x; z])^2", "x", "2*x"),
    ("X[1,:]'*w", "X", "unit(m, 1)*w'"),
    ("X[2,3]", "X", "unit(m, 2)*unit(n, 3)'"),
    ("v'*x[1:k]", "x", "padrows(v, 1, n)"),
]


@pytest.mark.parametrize("text, wrt, want", TEXTBOOK)
def test_as_a_textbook_writes_it(text: str, wrt: str, want: str) -> None:
    assert matcalc.derive(text, wrt=wrt, dims=DIMS).result.plain == want


@pytest.mark.parametrize("text, want", [
    ("(x + w)*(a)", lambda x, w, a: (x + w) * a),
    ("name = (x + w); name[a]", lambda x, w, a: (x + w)[a]),
])  # fmt: skip
def test_what_brackets_behind_a_sum_may_mean_when_it_is_typed(text: str, want: Any) -> None:
    e = matcalc.parse(text, dims={"x": ("n",), "w": ("n",), "a": ()})
    x, w, a = np.array([1.0, 2.0, 5.0]), np.array([3.0, 7.0, 11.0]), 2
    given = np.eye(3)[a] if "[" in text else np.array(float(a))  # a label is a one-hot vector in formulas
    np.testing.assert_allclose(e.evaluate({"x": x, "w": w, "a": given}), want(x, w, a))


@pytest.mark.parametrize("text", [
    "padrows(x, 2, n+1)", "padrows(x, 2, n+3)", "padrows(A, 3, m+4)", "padcols(A, 1, n+2)", "padcols(A, 2, 2*n)",
    "padrows(x, 1, n+2)'", "[A; zeros(k, n)]", "[zeros(m, 2), A]", "[x; zeros(n)]", "max(x, zeros(n))", "padrows(A*x, 2, k+m)",
])  # fmt: skip
def test_zeros_inside_say_in_latex_how_many_they_are(text: str) -> None:
    """They were a plain 0, which is read as a number of its own."""
    dims = {n: s for n, s in {"x": ("n",), "A": ("m", "n")}.items() if n in re.findall(r"[a-zA-Z]", text)}
    e = matcalc.parse(text, dims | ({"z": ("k",)} if "k" in text else {}))
    read = matcalc.parse(e.latex, dims, notation="latex")
    at = {"x": np.arange(1.0, 6), "A": np.arange(15.0).reshape(3, 5), "k": 4}
    values = [x.evaluate({n: at[n] for n in dims}) for x in (e, read)] if "k" not in text else []
    assert read.shape == e.shape and (not values or np.array_equal(*values))


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\begin{bmatrix} y \\ \mathbf{0}_{n} \end{bmatrix}", "[y; zeros(n)]"),
        (r"\begin{bmatrix} A & \mathbf{0}_{m \times (n-2)} \end{bmatrix}", "[A, zeros(m, n-2)]"),
        (r"\max(x, \mathbf{0}_n)", "max(x, zeros(n))"), (r"\mathbf{0}_k^\top z", "zeros(k)'*z"), (r"x + \mathbf{0}", "x + 0"),
    ],
)  # fmt: skip
def test_zeros_with_their_sizes_are_read(latex: str, plain: str) -> None:
    dims = {"x": ("n",), "y": ("m",), "A": ("m", "n"), "z": ("k",)}
    names = set(re.findall(r"[a-zA-Z]+", plain))
    assert matcalc.parse(latex, {n: s for n, s in dims.items() if n in names}, notation="latex").plain == plain
