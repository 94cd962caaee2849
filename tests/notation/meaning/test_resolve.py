"""From names to kinds and sizes: conventions, meanings, definitions, and shape errors that help."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, MatcalcError, ShapeError

SHAPES: dict[str, tuple[str, ...]] = {
    **{"s": (), "t": ()},
    **{"x": ("n",), "y": ("n",), "v": ("m",)},
    **{"A": ("n", "n"), "B": ("n", "n"), "W": ("m", "n"), "V": ("m", "n")},
}
SIZES = {"n": 2, "m": 3}


def kinds(text: str, **dims: Any) -> dict[str, int]:
    """Number of axes of every symbol."""
    return {name: len(shape) for name, shape in matcalc.derive(text, dims=dims, check=False).dims.items()}


def arrays(seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {name: rng.uniform(0.5, 1.5, tuple(SIZES[d] for d in shape)) for name, shape in SHAPES.items()}


def value(text: str) -> Any:
    return np.asarray(matcalc.parse(text, SHAPES).evaluate(arrays()))


def wrong(text: str, declared: Any = None, kind: type[MatcalcError] = ShapeError) -> MatcalcError:
    with pytest.raises(kind) as caught:
        matcalc.parse(text, SHAPES if declared is None else declared)
    return caught.value


# ---------------------------------------------------------------- conventions


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("x'*A*x", {"x": 1, "A": 2}),
        ("tr(A*X*B)", {"A": 2, "X": 2, "B": 2}),
        ("x'*y + z'*w", {"x": 1, "y": 1, "z": 1, "w": 1}),
        ("lambda*x'*x", {"lambda": 0, "x": 1}),
        ("α*x'*x + γ", {"alpha": 0, "x": 1, "gamma": 0}),
        ("μ*0 + x'*x", {"mu": 0, "x": 1}),
        ("tr(Σ)", {"Sigma": 2}),
        ("tr(Λ*Φ*Θ)", {"Lambda": 2, "Phi": 2, "Theta": 2}),
        ("n*x'*x", {"n": 0, "x": 1}),
        ("m*k*d*x'*x/N + C", {"m": 0, "k": 0, "d": 0, "x": 1, "N": 0, "C": 0}),
        ("W_1*x_2 + b_1", {"W_1": 2, "x_2": 1, "b_1": 1}),
        ("W1*x2", {"W1": 2, "x2": 1}),
        ("x_hat'*y", {"x_hat": 1, "y": 1}),
        ("u'*f(W*x + b)", {"u": 1, "W": 2, "x": 1, "b": 1}),
    ],
)
def test_conventions(text: str, axes: dict[str, int]) -> None:
    assert kinds(text) == axes


def test_declarations_go_before_conventions() -> None:
    assert kinds("lambda'*x", **{"lambda": ("n",)}) == {"lambda": 1, "x": 1}
    assert kinds("c*x'*x", c=()) == {"c": 0, "x": 1}
    assert kinds("N*x", N=("p", "q")) == {"N": 2, "x": 1}
    assert kinds("x*a'", x=("n", "n"), a=("n", "n")) == {"x": 2, "a": 2}


def test_partial_declarations() -> None:
    found = matcalc.derive("u'*f(W*x + b)", dims={"W": ("p", "q")}, check=False).dims
    assert found == {"W": ("p", "q"), "u": ("p",), "x": ("q",), "b": ("p",)}
    found = matcalc.derive("u'*f(W*x + b)", dims={"x": (4,)}, check=False).dims
    assert found["x"] == (4,) and found["W"] == (found["b"][0], 4) and found["u"] == found["b"]


def test_size_symbols_are_numbers() -> None:
    """1/n with n a size: an exact number, not a variable."""
    d = matcalc.derive("1/n*x'*x", dims={"x": ("n",)})
    assert list(d.dims) == ["x"] and [r.wrt for r in d.results] == ["x"]
    x = np.array([1.0, 2.0, 4.0])
    assert np.allclose(d.result.evaluate({"x": x}), 2 * x / 3)


def test_free_sizes_get_names_that_nothing_else_has() -> None:
    found = matcalc.derive("n*m*tr(A*B)", check=False).dims
    sizes = {size for shape in found.values() for size in shape}
    assert len(sizes) == 2 and not sizes & {"n", "m", "A", "B"}


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Wx + b", "Wxb"),
        ("u'Wx", "uWx"),
        ("ABx", "ABx"),
        ("uᵀf(Wx+b)", "uWxb"),
        ("Wf(Vx)", "WVx"),
        ("xy'", "xy"),
        ("tr(Axy^T)", "Axy"),
    ],
)
def test_runs_of_letters(text: str, letters: str) -> None:
    assert set(kinds(text)) == set(letters)


@pytest.mark.parametrize("text", ["xW", "xy", "foo x", "Abc", "xyz"])
def test_runs_of_letters_that_are_asked_about(text: str) -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.parse(text)
    word = re.match(r"\w+", text)
    assert word is not None and "*".join(word[0]) in str(caught.value)


def test_a_declared_run_is_a_name_and_declared_letters_are_a_product() -> None:
    assert matcalc.parse("xy'*z", {"xy": ("n",)}).plain == "xy'*z"
    assert matcalc.parse("xA", {"x": ("m", "n"), "A": ("n", "k")}).plain == "x*A"


# ---------------------------------------------------------------- what the signs mean

MEANINGS: list[tuple[str, Any]] = [
    # a scalar times anything, on either side
    ("s*t", lambda v: v.s * v.t),
    ("s*x", lambda v: v.s * v.x),
    ("x*s", lambda v: v.s * v.x),
    ("x'*s", lambda v: v.s * v.x),
    ("s*W", lambda v: v.s * v.W),
    ("W*s", lambda v: v.s * v.W),
    ("s .* W", lambda v: v.s * v.W),
    ("W .* s", lambda v: v.s * v.W),
    ("s @ x", lambda v: v.s * v.x),
    ("A*s*x", lambda v: v.s * (v.A @ v.x)),
    ("x'*s*A*y*t", lambda v: v.s * v.t * (v.x @ v.A @ v.y)),
    ("(x'*y)*W", lambda v: (v.x @ v.y) * v.W),
    ("W*(x'*y)", lambda v: (v.x @ v.y) * v.W),
    ("s*-x", lambda v: -v.s * v.x),
    # quotients
    ("x/s", lambda v: v.x / v.s),
    ("W/s/t", lambda v: v.W / v.s / v.t),
    ("x ./ s", lambda v: v.x / v.s),
    ("s ./ x", lambda v: v.s / v.x),
    ("2 ./ W", lambda v: 2 / v.W),
    ("x ./ y", lambda v: v.x / v.y),
    # a scalar beside an array in a sum stands in every entry
    ("s + x", lambda v: v.s + v.x),
    ("x - s", lambda v: v.x - v.s),
    ("W + 1", lambda v: v.W + 1),
    ("1 - x", lambda v: 1 - v.x),
    ("s - W", lambda v: v.s - v.W),
    ("x'*y + x", lambda v: v.x @ v.y + v.x),
    ("max(x, s)", lambda v: np.maximum(v.x, v.s)),
    ("min(1, W)", lambda v: np.minimum(1, v.W)),
    # products of matrices and vectors
    ("W*x", lambda v: v.W @ v.x),
    ("v'*W", lambda v: v.v @ v.W),
    ("v*x'", lambda v: np.outer(v.v, v.x)),
    ("x'*y", lambda v: v.x @ v.y),
    ("x·y", lambda v: v.x @ v.y),
    ("⟨x, y⟩", lambda v: v.x @ v.y),
    ("⟨W, V⟩", lambda v: (v.W * v.V).sum()),
    ("v*x'*y", lambda v: v.v * (v.x @ v.y)),
    ("v'*W*A*x", lambda v: v.v @ v.W @ v.A @ v.x),
    ("W .* V", lambda v: v.W * v.V),
    ("x' .* y'", lambda v: v.x * v.y),
    ("kron(x, y)", lambda v: np.kron(v.x, v.y)),
    ("W ⊗ A", lambda v: np.kron(v.W, v.A)),
    # powers
    ("s^2", lambda v: v.s**2),
    ("s^t", lambda v: v.s**v.t),
    ("2^s", lambda v: 2**v.s),
    ("s^(1/2)", lambda v: v.s**0.5),
    ("A^2", lambda v: v.A @ v.A),
    ("A^-2", lambda v: np.linalg.inv(v.A @ v.A)),
    ("A^(-1)", lambda v: np.linalg.inv(v.A)),
    ("A^1", lambda v: v.A),
    ("A^0", lambda v: np.eye(2)),
    ("A^(4/2)", lambda v: v.A @ v.A),
    ("A.^2", lambda v: v.A**2),
    ("A**3", lambda v: v.A**3),
    ("x.^s", lambda v: v.x**v.s),
    ("x.^-1", lambda v: 1 / v.x),
    ("W.^0.5", lambda v: v.W**0.5),
    # overloaded names
    ("diag(x)", lambda v: np.diag(v.x)),
    ("diag(A)", lambda v: np.diag(v.A)),
    ("softmax(x)", lambda v: np.exp(v.x) / np.exp(v.x).sum()),
    ("softmax(W)", lambda v: np.exp(v.W) / np.exp(v.W).sum(1, keepdims=True)),
    ("softmax(x')", lambda v: np.exp(v.x) / np.exp(v.x).sum()),
    ("logsumexp(x)", lambda v: np.log(np.exp(v.x).sum())),
    ("logsumexp(W)", lambda v: np.log(np.exp(v.W).sum(1))),
    ("max(W)", lambda v: v.W.max()),
    ("max(W, V)", lambda v: np.maximum(v.W, v.V)),
    ("norm1(W)", lambda v: np.abs(v.W).sum()),
    ("norm2(W)", lambda v: np.sqrt((v.W**2).sum())),
    ("norm(x)", lambda v: np.sqrt((v.x**2).sum())),
    ("‖x‖²", lambda v: (v.x**2).sum()),
    ("||x||", lambda v: np.sqrt((v.x**2).sum())),
    ("|s|", lambda v: abs(v.s)),
    ("|A|", lambda v: np.linalg.det(v.A)),
    ("inv(s)", lambda v: 1 / v.s),
    ("vec(W)", lambda v: v.W.ravel(order="F")),
    ("trace(A)", lambda v: np.trace(v.A)),
    ("exp(A)", lambda v: np.exp(v.A)),
    ("s'", lambda v: v.s),
    ("rowsum(W)", lambda v: v.W.sum(1)),
    ("colsum(W)", lambda v: v.W.sum(0)),
    ("CE(x, y)", lambda v: -(v.x * np.log(v.y)).sum()),
    # ones, identities, constants
    ("A + eye", lambda v: v.A + np.eye(2)),
    ("A - s*I", lambda v: v.A - v.s * np.eye(2)),
    ("eye(n)*x", lambda v: v.x),
    ("vector(1)'*x", lambda v: v.x.sum()),
    ("ones(m)*x'", lambda v: np.outer(np.ones(3), v.x)),
    ("ones(m, n)*x", lambda v: np.full(3, v.x.sum())),
    ("x + ones(n)", lambda v: v.x + 1),
    ("x + zeros(n)", lambda v: v.x),
    ("pi*x", lambda v: np.pi * v.x),
    ("x/n + m", lambda v: v.x / 2 + 3),
    ("einsum('ij,j->i', W, x)", lambda v: v.W @ v.x),
    ("einsum('ij,ij->', W, V)", lambda v: (v.W * v.V).sum()),
]


class Values:
    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


@pytest.mark.parametrize(("text", "want"), MEANINGS, ids=[t for t, _ in MEANINGS])
def test_meaning(text: str, want: Any) -> None:
    expected = np.asarray(want(Values(arrays())))
    found = value(text)
    assert found.shape == expected.shape and np.allclose(found, expected, rtol=1e-12)


# ---------------------------------------------------------------- shape errors

MISFITS = [
    # text, the operator's word, what must be in the message, what must be in the hint
    ("A*v", "product", ("'A'", "[n×n]", "'v'", "[m×1]"), ("n and m",)),
    ("W*v", "product", ("'W'", "[m×n]", "'v'", "[m×1]"), ("W'*v",)),
    ("x*y", "product", ("'x'", "'y'", "[n×1]"), ("x'*y", "x .* y")),
    ("x*A", "product", ("'x'", "[n×1]", "'A'", "[n×n]"), ("x'*A",)),
    ("A*x'", "product", ("'A'", "'x''", "[1×n]"), ("transpose",)),
    ("x'*y'", "product", ("'x''", "'y''", "[1×n]"), ("transpose",)),
    ("W*W", "product", ("'W'", "[m×n]"), ("W'*W",)),
    ("x + v", "sum", ("'x'", "[n×1]", "'v'", "[m×1]"), ("same sizes",)),
    ("A + x", "sum", ("'A'", "[n×n]", "'x'", "[n×1]"), ("ones(N)*x'", "x*ones(N)'")),
    ("x - A", "difference", ("'x'", "'A'"), ("ones(N)*x'",)),
    ("x + y'", "sum", ("'x'", "[n×1]", "'y''", "[1×n]"), ("transpose",)),
    ("W - V'", "difference", ("'W'", "[m×n]", "'V''", "[n×m]"), ("transpose",)),
    ("W .* V'", "elementwise product", ("'W'", "'V''"), ("transpose",)),
    ("W ./ A", "elementwise quotient", ("'W'", "'A'"), ("same sizes",)),
    ("x .* v", "elementwise product", ("'x'", "[n×1]", "'v'", "[m×1]"), ("same sizes",)),
    ("x .* y'", "elementwise product", ("'x'", "'y''"), ("transpose",)),
    ("A/B", "division", ("'A'", "'B'", "[n×n]"), ("A*inv(B)", "A ./ B")),
    ("max(x, W)", "maximum", ("'x'", "'W'"), ("ones(N)",)),
    ("tr(W)", "trace", ("'W'", "[m×n]"), ("square", "m and n")),
    ("det(W)", "determinant", ("'W'", "[m×n]"), ("square",)),
    ("logdet(W)", "log-determinant", ("'W'", "[m×n]"), ("square",)),
    ("inv(W)", "inverse", ("'W'", "[m×n]"), ("square",)),
    ("W^2", "power", ("'W'", "[m×n]"), ("square",)),
    ("W^-1", "inverse", ("'W'", "[m×n]"), ("square",)),
    ("diag(W)", "diagonal", ("'W'", "[m×n]"), ("square",)),
    ("tr(x)", "trace", ("'x'", "[n×1]"), ("square",)),
    ("x^2", "power", ("'x'", "[n×1]"), ("x.^2", "x'*x")),
    ("v^x", "exponent", ("'x'", "[n×1]"), ("v.^x",)),
    ("u'*f(W*v + b)", "product", ("'W'", "[m×n]", "'v'", "[m×1]"), ("W'*v",)),
    ("exp(W)*v", "product", ("'exp(W)'", "'v'"), ("exp(W)'*v",)),
    pytest.param(
        "(x + y)*A",
        "product",
        ("'(x + y)'", "[n×1]", "'A'"),
        ("(x + y)'*A",),
    ),
]


@pytest.mark.parametrize(("text", "operator", "message", "hint"), MISFITS, ids=str)
def test_shape_errors(text: str, operator: str, message: tuple[str, ...], hint: tuple[str, ...]) -> None:
    error = wrong(text)
    assert operator in error.message
    assert all(word in error.message for word in message), error.message
    assert all(word in (error.hint or "") for word in hint), error.hint
    assert error.span is not None and error.source == text


@pytest.mark.parametrize("text", ["softmax(s)", "logsumexp(s)", "diag(s)", "diag(x')", "rowsum(x)", "v^x"])
def test_every_shape_error_has_a_hint(text: str) -> None:
    assert wrong(text).hint


@pytest.mark.parametrize(
    ("text", "nonsense"),
    [
        ("x/y", "inv(y)"),  # no inverse of a vector
        ("A/x", "inv(x)"),
        ("1/x", "inv(x)"),
        ("x'^2", "x''*x'"),  # that is x*x', a matrix
        ("x .* W", "add"),  # a product, not a sum
        ("W + W'", "W''"),
        ("A*x*y", "A*x'*y"),  # the transpose of the whole is meant: (A*x)'*y
    ],
)
def test_hints_help(text: str, nonsense: str) -> None:
    assert nonsense not in (wrong(text).hint or "")


@pytest.mark.parametrize("text", ["W^0", "W^0*x", "W^1"])
def test_a_power_needs_a_square_matrix(text: str) -> None:
    assert "square" in str(wrong(text))


def test_a_vector_beside_a_matrix_is_never_broadcast() -> None:
    for a, b in itertools.permutations(("x", "A")):
        for sign in ("+", "-", ".*", "./"):
            wrong(f"{a} {sign} {b}")
    # a vector as long as the matrix is wide, as NumPy would have it, and one of size 1
    wrong("W + x'")


def test_a_declared_column_is_a_vector_and_a_declared_row_lies() -> None:
    """n×1 and 1×n, as books write them: x'Ax is a number, and softmax runs along the row."""
    sizes = {"x": ("n", 1), "A": ("n", "n"), "r": (1, "n"), "b": (3, 1), "W": (3, 2), "v": (2, 1)}
    assert matcalc.parse("x'*A*x", sizes).shape == ()
    assert matcalc.parse("r*A*x", sizes).shape == ()
    assert matcalc.parse("W*v + b", sizes).shape == (3,)
    assert matcalc.parse("softmax(r)", {"r": (1, 3)}).node.op == "softmax"
    at = {"r": np.array([[1.0, 2.0, 3.0]]), "x": np.array([1.0, 0.0, 2.0])}
    assert matcalc.parse("r*x", {"r": (1, 3), "x": (3, 1)}).evaluate(at) == 7
    d = matcalc.derive("r*A*x", "r", dims=sizes)
    assert d.dims["r"] == (1, "n") and matcalc.parse(d["r"].plain, d.dims).plain == d["r"].plain


def test_a_size_of_one_does_not_change_a_kind() -> None:
    assert matcalc.parse("x", {"x": (1,)}).shape == (1,)
    wrong("s + A*x - z", {"A": (2, 4), "x": (4,), "z": (1, 1)})
    assert matcalc.parse("s*A", {"s": (), "A": (1, 1)}).shape == (1, 1)


def test_the_operands_are_named_as_they_stand() -> None:
    assert "'A*x*x'*A*x'" in wrong("A*x*x'*A*x*x").message


# ---------------------------------------------------------------- definitions

STAGES = ["s1 = u'*h", "h = f(z)", "z = W*x + b"]


def test_separators() -> None:
    want = matcalc.parse("u'*f(W*x + b)").node
    assert matcalc.parse("z = W*x + b\nu'*f(z)").node is want
    assert matcalc.parse("z = W*x + b;\n\n;u'*f(z);").node is want
    assert matcalc.parse("z = (W*x\n + b); u'*f(z)").node is want


def test_definitions_keep_their_names_in_the_derivation() -> None:
    d = matcalc.derive("s1 = u'*h; h = f(z); z = W*x + b")
    assert [step.lhs.plain for step in d.steps if step.rule == "definition"] == ["z", "h", "s1"]


def test_a_definition_may_shadow_a_convention() -> None:
    """h is a function by convention; defined as a value it is one."""
    assert matcalc.parse("h = W*x; h'*h").shape == ()
    assert matcalc.parse("f = x'*x; 2*f", SHAPES).shape == ()


def test_a_declared_name_that_is_not_used_is_a_warning() -> None:
    d = matcalc.derive("x'*A*x", dims={**{k: SHAPES[k] for k in "xA"}, "Ahat": ("n", "n")})
    assert any("Ahat" in w and "A" in w for w in d.warnings)


def test_symmetry_stated_in_the_text() -> None:
    d = matcalc.derive("x'*S*x; S = S'", wrt="x", dims={"x": ("n",)})
    assert matcalc.equal(d.result.plain, "2*S*x", d.dims)
    assert d.result.plain == "2*S*x"


BOTH = r"f = x^\top x; g = x^\top A x; "


@pytest.mark.parametrize(
    "sign", [r"\frac{\partial f}{\partial x}", r"\nabla_x \|x\|^2", r"\nabla_x f; \nabla_x g", r"\nabla_x g; \nabla^2_x g"]
)
def test_a_derivative_sign_and_the_output_ask_for_one_value(sign: str) -> None:
    """One of both was taken, the other dropped without a word."""
    with pytest.raises(AmbiguityError, match="derivative") as caught:
        matcalc.derive(BOTH + sign, output="g")
    start, end = caught.value.span or (0, 0)
    assert caught.value.hint and (BOTH + sign)[start:end] in sign.split("; ")


def test_several_signs_of_one_value_ask_for_all_of_its_derivatives() -> None:
    d = matcalc.derive(r"f = x^\top A y; \frac{\partial f}{\partial x}; \frac{\partial f}{\partial y}; \nabla_x f")
    assert d.wrt == ("x", "y") and (d["x"].plain, d["y"].plain) == ("A*y", "A'*x")


def test_a_function_in_bold_that_acts_on_each_entry_is_noticed() -> None:
    r"""\boldsymbol\phi(x) are features, as many as there are weights: acting on each entry is one reading of it."""
    text = r"\mathbf w^T\boldsymbol\phi(\mathbf x)"
    assert any("'phi' is read as acting on each entry" in w for w in matcalc.derive(text, r"\mathbf w").warnings)
    sized = matcalc.derive(text, r"\mathbf w", dims={"phi(x)": ("m",)})
    named = matcalc.derive(r"\sum_n (t_n - \mathbf w^T\boldsymbol\phi_n)^2", r"\mathbf w")
    said = matcalc.derive(text, r"\mathbf w", functions={"phi": None})
    assert not any("each entry" in w for d in (sized, named, said) for w in d.warnings)


NET = "s = u^T h; h = f(z); z = W x + b"


def test_sizes_of_what_the_text_defines_are_something_to_agree_with() -> None:
    d = matcalc.derive(NET, dims={"z": (7,), "h": (7,), "s": ()})
    assert d["W"].shape[0] == 7 and not any("declared" in w for w in d.warnings)
    assert matcalc.derive("S = S'; tr(S*X)", dims={"S": ("n", "n")})["X"].plain == "S"
    for dims, said in (({"z": ()}, "'z' is stated to be"), ({"z": (4,), "W": (5, 3)}, r"\[4×1\], and its definition is \[5×1\]")):
        with pytest.raises(ShapeError, match=said):
            matcalc.derive(NET, dims=dims)


@pytest.mark.parametrize(("sign", "plain"), [
    (r"\frac{\partial z_2}{\partial W_{23}}, z = W x + b", "x[3]"), (r"\frac{\partial z_1}{\partial W_{23}}, z = W x + b", "0"),
    ("∂z_2/∂x; z = W x + b", "W[2,:]"),
])  # fmt: skip
def test_a_derivative_of_one_entry_of_what_the_text_defines(sign: str, plain: str) -> None:
    """W_23 enters z_2, and not z_1; z_2 was taken for a name, and the text refused."""
    d = matcalc.derive(sign)
    assert d.result.plain == plain and d.replay().passed


def test_a_defined_name_with_a_number_is_that_name() -> None:
    assert matcalc.derive(r"\frac{\partial z_2}{\partial x}, z_2 = z^T x, z = 2 b").result.plain == "2*b"
