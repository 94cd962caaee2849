"""The public interface (design, section 7): every parameter and attribute, and what is said of wrong ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import (
    AmbiguityError,
    CheckError,
    LimitError,
    MatcalcError,
    NoRuleError,
    ParseError,
    ShapeError,
    UsageError,
)

TEXT = "s = u' * f(W*x + b)"
QUADRATIC = "x'*A*x + b'*x"
DIMS: dict[str, Any] = {"A": ("n", "n"), "x": ("n",), "b": ("n",)}
rng = np.random.default_rng(1)
A, x, b, y, v = rng.standard_normal((3, 3)), *rng.standard_normal((4, 3))
ARRAYS = {"A": A, "x": x, "b": b}


def wrong(*arguments: Any, error: type[MatcalcError] = UsageError, call: Any = None, **options: Any) -> MatcalcError:
    with pytest.raises(error) as caught:
        (call or matcalc.derive)(*arguments, **options)
    return caught.value


# ---------------------------------------------------------------- wrt


def test_wrt_is_every_symbol_by_default() -> None:
    d = matcalc.derive(QUADRATIC, dims=DIMS)
    assert [r.wrt for r in d.results] == ["x", "A", "b"] and d.wrt == ("x", "A", "b")
    assert [r.wrt for r in matcalc.derive(QUADRATIC, "all", DIMS).results] == ["x", "A", "b"]


@pytest.mark.parametrize("wrt", ["x", ["x"], ("x",), ["A", "x"], ("b", "A", "x")])
def test_wrt_in_the_order_asked(wrt: Any) -> None:
    d = matcalc.derive(QUADRATIC, wrt=wrt, dims=DIMS)
    assert [r.wrt for r in d.results] == ([wrt] if isinstance(wrt, str) else list(wrt))


def test_wrt_of_what_does_not_occur() -> None:
    zero = matcalc.derive("x'*x", wrt="b", dims=DIMS)
    assert np.array_equal(zero.result.evaluate({"x": x, "b": b}), np.zeros(3))
    error = wrong("x'*x", wrt="q", dims={"x": ("n",)})
    assert "'q'" in error.message and "x" in (error.hint or "")
    error = wrong("h = A*x; s = h'*h", wrt="s", dims=DIMS)
    assert ("defined" in error.message and "x, A" in (error.hint or "")) or "A, x" in (error.hint or "")
    assert "tr(A)" in wrong("tr(A)", wrt="tr(A)").message


@pytest.mark.parametrize("wrt", [[], ["x", "x"], (), 3, None])
def test_wrt_that_makes_no_sense(wrt: Any) -> None:
    wrong("x'*x", wrt=wrt, dims=DIMS)


def test_nothing_to_differentiate_by() -> None:
    wrong("1 + 2", error=MatcalcError)


# ---------------------------------------------------------------- dims


@pytest.mark.parametrize(
    ("dims", "shape"),
    [
        ({"W": ("n", "m")}, ("n", "m")),
        ({"W": ["n", "m"]}, ("n", "m")),
        ({"W": "p,q"}, ("p", "q")),
        ({"W": (3, 4)}, (3, 4)),
        ({"W": ("3", "4")}, (3, 4)),
        ({"W": ("n", 4)}, ("n", 4)),
        ({"x": ("k",)}, None),
        ({"x": "k"}, None),
        ({"s_0": ()}, None),
        ({}, None),
        (None, None),
    ],
)
def test_dims(dims: Any, shape: Any) -> None:
    d = matcalc.derive(TEXT, dims=dims)
    assert shape is None or d["W"].shape == shape == d.dims["W"]
    assert d["W"].shape == (*d.dims["u"], *d.dims["x"])


# ---------------------------------------------------------------- kinds


def test_default_kinds() -> None:
    assert matcalc.derive("x'*x").kind == "gradient"
    assert matcalc.derive("A*x").kind == "jacobian"


@pytest.mark.parametrize(
    ("text", "kind", "wrt", "want"),
    [
        (QUADRATIC, "gradient", "x", (A + A.T) @ x + b),
        (QUADRATIC, "gradient", "A", np.outer(x, x)),
        ("A*x", "jacobian", "x", A),
        ("A*x", "jacobian", "A", np.einsum("ik,j->ikj", np.eye(3), x)),
        (QUADRATIC, "jacobian", "x", (A + A.T) @ x + b),
        (QUADRATIC, "hessian", "x", A + A.T),
        (QUADRATIC, "hessian", "b", np.zeros((3, 3))),
        (QUADRATIC, "mixed", ["x", "b"], np.eye(3)),
        (QUADRATIC, "mixed", ["b", "x"], np.eye(3)),
        ("x'*A*b", "mixed", ["x", "b"], A),
        ("x'*A*b", "mixed", ["b", "x"], A.T),
    ],
)
def test_kinds(text: str, kind: str, wrt: Any, want: Any) -> None:
    d = matcalc.derive(text, wrt=wrt, kind=kind, dims=DIMS)
    got = np.asarray(d.result.evaluate(ARRAYS))
    assert got.shape == want.shape and np.allclose(got, want)
    assert d.result.kind == kind == d.kind and len(d.result.shape) == got.ndim


def test_hessian_vector_product() -> None:
    d = matcalc.derive(QUADRATIC, wrt="x", kind="hvp", direction="v", dims={**DIMS, "v": ("n",)})
    assert np.allclose(d.result.evaluate({**ARRAYS, "v": v}), (A + A.T) @ v)
    d = matcalc.derive("x'*x*(v'*x)", wrt="x", kind="hvp", direction="v", dims={"v": ("n",), "x": ("n",)})
    want = 2 * (v @ x) * v + 2 * (v @ v) * x + 2 * (x @ v) * v  # the direction is held fixed
    assert np.allclose(d.result.evaluate({"x": x, "v": v}), want)


def test_a_direction_has_the_sizes_of_the_variable() -> None:
    for text, wrt in (("sum(exp(A*x - b))", "x"), ("sum(exp(A*x - b))", "A")):
        said, left = ({**DIMS, "v": DIMS[wrt]}, DIMS)
        one, other = (matcalc.derive(text, wrt=wrt, kind="hvp", direction="v", dims=dims) for dims in (said, left))
        at = {**ARRAYS, "v": np.ones_like(ARRAYS[wrt])}
        assert one.result.plain == other.result.plain and np.allclose(one.result.evaluate(at), other.result.evaluate(at))
        assert np.allclose(other.function()(**{n: at[n] for n in other.function().originals})[1], one.result.evaluate(at))


def test_directions_that_make_no_sense() -> None:
    assert "direction" in wrong(QUADRATIC, wrt="x", kind="hvp", dims=DIMS).message
    assert "'n'" in wrong(QUADRATIC, wrt="x", kind="hvp", direction="n", dims=DIMS).message
    assert "sizes differ" in wrong(QUADRATIC, wrt=["x", "A"], kind="hvp", direction="q", dims=DIMS).message
    error = wrong(QUADRATIC, wrt="x", kind="hvp", direction="v", dims={**DIMS, "v": ("m",)}, error=ShapeError)
    assert "[m×1]" in error.message and "[n×1]" in error.message and error.hint


def test_mixed_needs_two() -> None:
    for wrt in ("x", ["x"], ["x", "A", "b"]):
        assert "two variables" in wrong(QUADRATIC, wrt=wrt, kind="mixed", dims=DIMS).message


@pytest.mark.parametrize("kind", ["gradient", "hessian", "hvp"])
def test_kinds_of_a_scalar(kind: str) -> None:
    error = wrong("A*x", kind=kind, dims=DIMS, direction="x", wrt="x", error=ShapeError)
    assert kind in error.message and "[n×1]" in error.message and "jacobian" in (error.hint or "")


DIFFERENTIALS: list[tuple[str, Any]] = [
    ("x'*A*x", "x"),
    ("norm2(A*x - y)^2", ["A", "x"]),
    ("A*x", "x"),
    ("tanh(A*x) .* y", ["A", "x", "y"]),
    ("X*X'", "X"),
    ("inv(A)", "A"),
    ("softmax(X*x)", ["X", "x"]),
    ("theta*x*x'", ["theta", "x"]),
    ("y'*y", "x"),
]


@pytest.mark.parametrize(("text", "wrt"), DIFFERENTIALS, ids=[t for t, _ in DIFFERENTIALS])
def test_the_differential_is_the_change_along_dx(text: str, wrt: Any) -> None:
    """Printed, read back, as code: all against differences of the expression along dx."""
    shapes = {"x": ("n",), "y": ("n",), "A": ("n", "n"), "X": ("m", "n"), "theta": ()}
    d = matcalc.derive(text, wrt=wrt, kind="differential", dims={k: s for k, s in shapes.items() if k in text or k == wrt})
    rng = np.random.default_rng(5)
    sizes = {"n": 3, "m": 4}
    at = {name: rng.standard_normal(tuple(sizes[str(a)] for a in shape)) for name, shape in d.dims.items()}
    names = [wrt] if isinstance(wrt, str) else wrt

    def along(t: float) -> Any:
        moved = {name: at[name] + t * at[f"d{name}"] for name in names}
        given = {k: v for k, v in {**at, **moved}.items() if k in d.problem.symbols}
        return np.asarray(matcalc.parse(text, shapes).evaluate({**{k: at[k] for k in at if k in shapes}, **given}))

    want = (along(1e-6) - along(-1e-6)) / 2e-6
    assert np.allclose(d.result.evaluate(at), want, atol=1e-8) and np.shape(d.result.evaluate(at)) == want.shape
    assert np.allclose(matcalc.parse(d.result.plain, d.dims).evaluate(at), want, atol=1e-8)
    value, change = d.function()(**at)
    assert np.allclose(value, along(0)) and np.allclose(change, want, atol=1e-8)
    assert all(s.check is not None for s in d.steps)


def test_the_differential_in_print() -> None:
    d = matcalc.derive("x'*A*x", wrt="x", kind="differential", dims=DIMS)
    assert "dx" in d.result.plain and r"\mathrm{d}x" in d.result.latex and d.dims["dx"] == d.dims["x"]
    with pytest.raises(MatcalcError, match="scope of a derivative sign"):
        matcalc.parse(d.result.latex, d.dims)
    assert matcalc.parse(d.result.plain, DIMS).node is matcalc.parse(d.result.plain, d.dims).node  # beside a row dx is a column
    wrong("x'*x + dx", wrt="x", kind="differential", dims={"x": ("n",), "dx": ()})


@pytest.mark.parametrize(("option", "value"), [("kind", "slope"), ("layout", "diagonal"), ("style", "magic")])
def test_options_that_are_unknown(option: str, value: str) -> None:
    error = wrong("x'*x", **{option: value})
    assert f"{option} '{value}'" in error.message and "one of" in (error.hint or "")


def test_an_unknown_notation() -> None:
    wrong("x'*x", notation="tex")


# ---------------------------------------------------------------- layouts and styles


def test_layouts_of_a_gradient() -> None:
    results = {layout: matcalc.derive(TEXT, layout=layout) for layout in ("shape", "denominator", "numerator")}
    for name in ("u", "W", "x", "b"):
        shape = results["shape"].dims[name]
        assert results["shape"][name].shape == results["denominator"][name].shape == shape
        assert results["numerator"][name].shape == shape[::-1]
    assert results["numerator"]["W"].plain == "x*(u .* f'(W*x + b))'"
    assert results["numerator"]["x"].plain == "(u .* f'(W*x + b))'*W"
    assert any("numerator layout" in s.note for s in results["numerator"].steps)
    assert any("denominator layout" in s.note for s in results["denominator"].steps)


def test_layouts_of_a_jacobian() -> None:
    shapes = {"A": ("m", "n"), "x": ("n",)}
    for layout, want in (("shape", "A"), ("numerator", "A"), ("denominator", "A'")):
        d = matcalc.derive("A*x", wrt="x", dims=shapes, layout=layout)
        assert d.result.plain == want and d.layout == layout == d.result.layout


@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
@pytest.mark.parametrize("layout", ["shape", "numerator", "denominator"])
def test_styles_agree(style: str, layout: str) -> None:
    shapes = {"W": ("m", "n"), "x": ("n",), "b": ("n",)}
    d = matcalc.derive("sum(sigmoid(W*x)) + b'*x", wrt=["W", "x"], dims=shapes, style=style, layout=layout)
    W = rng.standard_normal((4, 3))
    s = 1 / (1 + np.exp(-W @ x))
    gradients = {"W": np.outer(s * (1 - s), x), "x": W.T @ (s * (1 - s)) + b}
    for name, want in gradients.items():
        got = d[name].evaluate({"W": W, "x": x, "b": b})
        assert np.allclose(got, want.T if layout == "numerator" else want)
    assert d.style == style and all(step.check is not None for step in d.steps)


@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
def test_numerator_layout_of_a_square_matrix(style: str) -> None:
    d = matcalc.derive("b'*A*x", wrt="A", dims=DIMS, style=style, layout="numerator")
    assert np.allclose(d.result.evaluate(ARRAYS), np.outer(x, b))


def test_the_elementwise_style_speaks_of_entries() -> None:
    d = matcalc.derive(TEXT, wrt="W", style="elementwise")
    shown = " ".join(s.lhs.text + " = " + s.rhs.text for s in d.steps)
    assert "∂z_k/∂W_ij = [k = i] x_j" in shown and "∂s/∂W_ij = ∂s/∂z_i x_j" in shown
    assert "only z_i sees W_ij" in d.to_text() and "∂z_i/∂W_ij = x_j; the others are 0" in d.to_text()


# ---------------------------------------------------------------- structure


@pytest.mark.parametrize(
    ("structure", "want"),
    [
        ("symmetric", lambda g: g + g.T - np.diag(np.diag(g))),
        ("diagonal", lambda g: np.diag(np.diag(g))),
        ("lower-triangular", np.tril),
        ("skew", lambda g: g - g.T),
    ],
)
def test_structure(structure: str, want: Any) -> None:
    """d tr(B'X)/dX with tied entries (corpus README, "Structured answers"); B is the plain gradient."""
    d = matcalc.derive("tr(B'*X)", wrt="X", dims={"B": ("n", "n"), "X": ("n", "n")}, structure={"X": structure})
    assert np.allclose(d.result.evaluate({"B": A, "X": np.eye(3)}), want(A))


def test_structure_that_makes_no_sense() -> None:
    for structure in ({"Q": "symmetric"}, {"X": "wobbly"}):
        error = wrong("tr(X)", wrt="X", dims={"X": ("n", "n")}, structure=structure, error=MatcalcError)
        assert ("'Q'" in error.message or "'wobbly'" in error.message) and error.hint
    wrong("x'*x", wrt="x", dims={"x": ("n",)}, structure={"x": "symmetric"}, error=MatcalcError)
    wrong("sum(X)", wrt="X", dims={"X": ("m", "n")}, structure={"X": "symmetric"}, error=MatcalcError)


# ---------------------------------------------------------------- index


def test_sums_over_samples() -> None:
    text = r"\sum_{i=1}^{N} (y_i - w^\top x_i)^2"
    d = matcalc.derive(
        text,
        wrt="w",
        dims={"X": ("N", "d"), "w": ("d",), "y": ("N",)},
        notation="latex",
        index={"x_i": "X[i,:]", "y_i": "y[i]"},
    )
    X, w, t = rng.standard_normal((4, 2)), rng.standard_normal(2), rng.standard_normal(4)
    assert np.allclose(d.result.evaluate({"X": X, "w": w, "y": t}), -2 * X.T @ (t - X @ w))


# ---------------------------------------------------------------- assume


@pytest.mark.parametrize(
    "assume",
    [
        {"A": "symmetric"},
        {"A": "spd"},
        {"A": "diagonal"},
        {"A": "spd, orthogonal"},
        {"A": "positive symmetric"},
    ],
)
def test_assume(assume: dict[str, str]) -> None:
    assert matcalc.derive("x'*A*x", wrt="x", dims=DIMS, assume=assume).result.plain == "2*A*x"


def test_assume_says_where_the_check_is_made() -> None:
    d = matcalc.derive("sum(log(x))", wrt="x", dims=DIMS, assume={"x": "positive"})
    assert d.checked is not None and d.checked.passed


def test_assume_that_makes_no_sense() -> None:
    error = wrong("x'*A*x", dims=DIMS, assume={"A": "shiny"}, error=MatcalcError)
    assert "shiny" in error.message and "spd" in (error.hint or "")
    error = wrong("x'*A*y", dims={"A": ("n", "m"), "x": ("n",)}, assume={"A": "spd"}, error=MatcalcError)
    assert "A" in error.message and "square" in error.message


def test_assume_about_nothing() -> None:
    d = matcalc.derive("x'*A*x", dims=DIMS, assume={"AA": "symmetric"})
    assert any("AA" in w for w in d.warnings)


# ---------------------------------------------------------------- functions


def test_functions_by_name_callable_and_tuple() -> None:
    want = 1 - np.tanh(x) ** 2
    for function in ("tanh", np.tanh, (np.tanh, lambda z: 1 - np.tanh(z) ** 2)):
        d = matcalc.derive("sum(f(x))", wrt="x", dims=DIMS, functions={"f": function})
        assert np.allclose(d.result.evaluate({"x": x}), want)
        assert d.result.plain == "f'(x)"
        other = d.result.evaluate({"x": x}, functions={"f": ("sin" if isinstance(function, str) else (np.sin, np.cos))})
        assert np.allclose(other, np.cos(x))


def test_functions_with_names_of_their_own() -> None:
    d = matcalc.derive("sum(swish(A*x))", wrt="x", dims=DIMS, functions={"swish": None})
    assert d.result.plain == "A'*swish'(A*x)"
    g = (lambda z: z**3, lambda z: 3 * z**2)
    assert np.allclose(d.result.evaluate(ARRAYS, functions={"swish": g}), A.T @ (3 * (A @ x) ** 2))


def test_functions_that_make_no_sense() -> None:
    assert "did you mean 'tanh'" in (wrong("sum(f(x))", dims=DIMS, functions={"f": "tanhh"}).hint or "")
    assert "'f'" in wrong("sum(f(x))", dims=DIMS, functions={"f": 3}).message
    d = matcalc.derive("sum(f(x))", wrt="x", dims=DIMS)
    assert "f" in wrong({"x": x}, call=d.result.evaluate).message
    h = matcalc.derive("sum(f(x))", wrt="x", kind="hessian", dims=DIMS)
    error = wrong({"x": x}, call=h.result.evaluate, functions={"f": (np.sinh, np.cosh)})
    assert "order 2" in error.message and "f''" in (error.hint or "")


# ---------------------------------------------------------------- output, check, seed


def test_output() -> None:
    text = "a = x'*x; c = x'*A*x"
    assert matcalc.derive(text, wrt="x", dims=DIMS, output="a").result.plain == "2*x"
    assert matcalc.derive(text, wrt="x", dims=DIMS, output="c").result.plain == "(A + A')*x"
    wrong(text, wrt="x", dims=DIMS, error=AmbiguityError)
    assert "'q'" in wrong(text, dims=DIMS, output="q").message


def test_all_symbols_of_the_output() -> None:
    d = matcalc.derive("a = x'*x; c = x'*A*x", dims=DIMS, output="a")
    assert [r.wrt for r in d.results] == ["x"]


def test_check() -> None:
    d = matcalc.derive(TEXT, check=False)
    assert d.checked is None and all(s.check is None for s in d.steps)
    report = d.check()
    assert report.passed and report.points >= 2 and 0 <= report.max_relative_error < 1e-8 and report.worst
    assert d.checked is report and all(s.check is not None and s.check.points >= 2 for s in d.steps)
    assert matcalc.derive(TEXT, seed=7).checked is not None


def test_a_false_line_is_not_shown() -> None:
    """A derivation whose lines were tampered with does not pass."""

    d = matcalc.derive(TEXT, check=False)
    steps = list(d.trace.steps)
    at = next(i for i, s in enumerate(steps) if s.rule == "outer-product")
    other = matcalc.parse("2*u*x'", {"u": ("n",), "x": ("m",)}).node
    steps[at] = steps[at]._replace(rhs=steps[at].rhs._replace(expr=other))
    d.trace = d.trace._replace(steps=tuple(steps))
    with pytest.raises(CheckError) as caught:
        d.check()
    assert caught.value.exit_code == 4 and "∂s/∂W" in caught.value.message


# ---------------------------------------------------------------- what comes back


@pytest.mark.parametrize(
    ("text", "wrt", "kind", "shape"),
    [
        ("x'*x", "x", None, (3,)),
        ("s*x'*x", "s", None, ()),
        ("tr(W*V)", "W", None, (3, 2)),
        ("W'*x", "x", None, (2, 3)),
        ("W'*x", "W", None, (2, 3, 2)),
        ("x'*W", "x", None, (2, 3)),
        ("s*x", "s", None, (3,)),
        ("s*W", "s", None, (3, 2)),
        ("W*V", "W", None, (3, 3, 3, 2)),
        ("x'*W*z", "W", "hessian", (3, 2, 3, 2)),
        ("x'*W*z", ["x", "W"], "mixed", (3, 3, 2)),
        ("s^2", "s", "hessian", ()),
    ],
)
def test_shapes_at_the_numpy_boundary(text: str, wrt: Any, kind: str | None, shape: tuple[int, ...]) -> None:
    shapes = {"x": ("n",), "z": ("m",), "W": ("n", "m"), "V": ("m", "n"), "s": ()}
    at = {"x": np.ones(3), "z": np.ones(2), "W": np.ones((3, 2)), "V": np.ones((2, 3)), "s": 2.0}
    d = matcalc.derive(text, wrt=wrt, dims=shapes, kind=kind)
    got = d.result.evaluate(at)
    assert np.shape(got) == shape and len(d.result.shape) == len(shape)
    assert np.asarray(got).dtype == float


def test_arrays_that_do_not_fit() -> None:
    r = matcalc.derive(QUADRATIC, wrt="x", dims=DIMS).result
    error = wrong({**ARRAYS, "x": np.ones(4)}, call=r.evaluate, error=ShapeError)
    assert "n is" in error.message and "4" in error.message and "3" in error.message
    error = wrong({**ARRAYS, "x": np.ones((3, 1))}, call=r.evaluate, error=ShapeError)
    assert "1 axis" in error.message and "ravel" in (error.hint or "")
    assert "A" in wrong({"x": x, "b": b}, call=r.evaluate).message
    assert "numeric" in wrong({**ARRAYS, "x": np.array(["a", "b", "c"])}, call=r.evaluate).message
    assert np.allclose(r.evaluate({**{k: v.tolist() for k, v in ARRAYS.items()}}), r.evaluate(ARRAYS))
    assert np.allclose(r.evaluate({**ARRAYS, "unused": np.ones(9)}), r.evaluate(ARRAYS))


def test_sizes_that_are_declared_as_numbers() -> None:
    r = matcalc.derive("x'*x", dims={"x": (4,)}).result
    wrong({"x": np.ones(3)}, call=r.evaluate, error=ShapeError)
    assert r.evaluate({"x": np.ones(4)}).shape == (4,)


# ---------------------------------------------------------------- vec form


# ---------------------------------------------------------------- printers, code


# ---------------------------------------------------------------- parse


def test_parse() -> None:
    e = matcalc.parse("A*x + b", dims=DIMS)
    assert e.plain == "A*x + b" and e.latex == "A x + b" and e.shape == ("n",)
    assert repr(e) == "A x + b"
    assert np.allclose(e.evaluate(ARRAYS), A @ x + b)
    assert np.allclose(matcalc.parse("f(x)", {"x": ("n",)}).evaluate({"x": x}, functions={"f": "tanh"}), np.tanh(x))
    assert matcalc.parse("2*3 + 1").evaluate({}) == 7
    assert matcalc.parse("b = 2*a; b", {"a": ()}).evaluate({"a": 3.0}) == 6
    assert matcalc.parse("g(x)", functions={"g": None}).shape == ("n",)


# ---------------------------------------------------------------- equal

SAME = [
    ("x'*A*x", "x'*A'*x", {}),
    ("tr(A*B)", "tr(B*A)", {}),
    ("(A + B)'", "B' + A'", {}),
    pytest.param("log(x) + log(y)", "log(x .* y)", {"x": "positive", "y": "positive"}, marks=pytest.mark.slow),  # by many digits
    ("sigmoid(x)", "1 ./ (1 + exp(-x))", {}),
    ("sum(x .* y)", "x'*y", {}),
    ("A'", "A", {"A": "symmetric"}),
    ("inv(Q)", "Q'", {"Q": "orthogonal"}),
    ("softmax(x)", "softmax(x + 3)", {}),
    pytest.param("logdet(A)", "2*sum(log(diag(chol(A))))", {"A": "spd"}, marks=pytest.mark.slow),
]
DIFFERENT = [
    ("A*B", "B*A"),
    ("A'", "A"),
    ("x'*A*x", "2*x'*A*x"),
    ("norm1(x)", "norm2(x)"),
    ("x", "x + 0.000001"),
    ("sum(A)", "tr(A)"),
]
EQUAL_DIMS = {"A": ("n", "n"), "B": ("n", "n"), "Q": ("n", "n"), "x": ("n",), "y": ("n",)}


@pytest.mark.parametrize(("one", "other", "assume"), SAME)
def test_equal(one: str, other: str, assume: dict[str, str]) -> None:
    verdict = matcalc.equal(one, other, EQUAL_DIMS, assume=assume)
    assert verdict and verdict.equal and verdict.how and verdict.error < 1e-9
    assert matcalc.equal(other, one, EQUAL_DIMS, assume=assume)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_not_equal(one: str, other: str) -> None:
    verdict = matcalc.equal(one, other, EQUAL_DIMS)
    assert not verdict and not verdict.equal and verdict.error > 1e-9


def test_equal_with_sizes_and_functions() -> None:
    assert matcalc.equal("A*x", "x'*x", EQUAL_DIMS).how == "sizes differ"
    assert not matcalc.equal("x", "x'", EQUAL_DIMS)
    assert matcalc.equal("f(x) - f(x)", "0*x", EQUAL_DIMS)
    assert not matcalc.equal("f(x)", "g(x)", EQUAL_DIMS)
    assert matcalc.equal("f(x)", "tanh(x)", EQUAL_DIMS, functions={"f": "tanh"})
    assert matcalc.equal(r"x^\top A x", "x'*A*x", EQUAL_DIMS)
    assert matcalc.equal(r"\frac{1}{2} x^\top x", r"x^\top x / 2", EQUAL_DIMS, notation="latex")
    wrong("x'*", "x", error=ParseError, call=matcalc.equal)


# ---------------------------------------------------------------- errors


def test_errors_are_one_family() -> None:
    kinds = {
        ParseError: 2,
        AmbiguityError: 2,
        ShapeError: 2,
        UsageError: 2,
        LimitError: 2,
        NoRuleError: 3,
        CheckError: 4,
    }
    for kind, code in kinds.items():
        assert issubclass(kind, MatcalcError) and kind.exit_code == code
        assert getattr(matcalc, kind.__name__) is kind
    error = wrong("x'*A*W", dims={"x": ("n",), "A": ("n", "n"), "W": ("m", "n")}, error=ShapeError)
    assert error.span == (0, 6) and error.source == "x'*A*W"
    assert str(error).splitlines()[1:3] == ["  x'*A*W", "  ^^^^^^"]
    assert str(error).splitlines()[-1].startswith("hint: ")


def test_the_names_of_the_package() -> None:
    for name in ("derive", "parse", "equal", "Derivation", "Result", "Expr", "MatcalcError", "__version__"):
        assert hasattr(matcalc, name)
    assert set(matcalc.__all__) <= set(dir(matcalc)) | set(matcalc.__all__)
    with pytest.raises(AttributeError):
        matcalc.nothing  # noqa: B018


def test_the_bare_variable() -> None:
    assert matcalc.derive("x", dims={"x": ("n",)}).result.plain == "eye(n)"
    assert matcalc.derive("2*s", wrt="s", dims={"s": ()}).result.plain == "2"


def test_the_bare_scalar() -> None:
    assert matcalc.derive("s", wrt="s", dims={"s": ()}).result.plain == "1"


def test_warnings() -> None:
    d = matcalc.derive("norm1(x)", dims={"x": ("n",)})
    assert len(d.warnings) == 1 and "norm1" in d.warnings[0] and "sign(0) = 0" in d.warnings[0]
    d = matcalc.derive("tr(A + s)", dims={"A": ("n", "n"), "s": ()})
    assert any("'s'" in w and "eye" in w for w in d.warnings)
    assert matcalc.derive("x'*x").warnings == ()


@pytest.mark.parametrize("factors", [14, 40])
def test_a_long_product_shares_its_partial_products(factors: int) -> None:
    """Prefixes are named, suffixes are the deltas: each line has a fixed number of factors."""
    names = [f"A{i}" for i in range(1, factors + 1)]
    dims = {name: ("n", "n") for name in names} | {"u": ("n",), "v": ("n",)}
    d = matcalc.derive(f"s = u'*{'*'.join(names)}*v", wrt=names, dims=dims)
    lengths = [s.rhs.plain.count("*") for s in d.steps if s.kind != "result"]
    assert max(lengths) <= 3 and len(d.steps) < 4 * factors
    rng = np.random.default_rng(4)
    arrays = {k: rng.standard_normal([3] * len(s)) / 2 for k, s in dims.items()}
    before, after = arrays["u"], arrays["v"]
    for name in names[:6]:
        before = before @ arrays[name]
    for name in reversed(names[7:]):
        after = arrays[name] @ after
    assert np.allclose(d["A7"].evaluate(arrays), np.outer(before, after), rtol=1e-9)


def test_a_long_power_stays_a_power() -> None:
    d = matcalc.derive("tr(" + "*".join("X" * 30) + ")", dims={"X": ("n", "n")})
    assert d.result.plain == "30*(X^29)'"


def test_names_may_be_given_with_greek_letters_as_the_text_has_them() -> None:
    d = matcalc.derive("(x-μ)ᵀΛ(x-μ)", wrt="μ", dims={"μ": ("n",), "Λ": ("n", "n")}, assume={"Λ": "symmetric"})
    x, mu, lam = np.array([1.0, 2.0]), np.array([0.5, -1.0]), np.array([[2.0, 1.0], [1.0, 3.0]])
    got = d["μ"].evaluate({"x": x, "μ": mu, "Λ": lam})
    assert np.allclose(got, -2 * lam @ (x - mu)) and d["mu"].plain == d["μ"].plain
    assert matcalc.parse("βᵀx", dims={"β": ("n",)}).evaluate({"β": x, "x": mu}) == x @ mu
    assert matcalc.equal("αx + αx", "2*α*x", dims={"α": ()})
    with pytest.raises(UsageError, match="given twice"):
        matcalc.derive("μᵀx", dims={"μ": ("n",), "mu": ("n",)})
