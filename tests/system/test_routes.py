"""Three routes to one derivative: each derives every case of the shared corpus, line by line, and all agree."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from tests.places import CORPUS
from tests.system.test_corpus import cases, judge
from tests.work import calls

STYLES = ("backprop", "differential", "elementwise")
LAYOUTS = ("shape", "numerator", "denominator")
KINDS = ("gradient", "jacobian")

# Where a route ends: what is missing, by case and style. Every other route of every case arrives.
REFUSED: dict[tuple[str, str], tuple[type[matcalc.MatcalcError], str]] = {
    # a matrix function has no entries of a finite form
    ("cb-128-trace-matrix-sine", "elementwise"): (matcalc.NoRuleError, "by entries: no index form .* matrix sine"),
    ("ml-expm-scalar", "elementwise"): (matcalc.NoRuleError, "by entries: no index form .* matrix exponential"),
    ("ml-logm-trace", "elementwise"): (matcalc.NoRuleError, "by entries: no index form .* matrix logarithm"),
    ("ml-trace-expm", "elementwise"): (matcalc.NoRuleError, "by entries: no index form .* matrix exponential"),
    ("scicomp-42215-tr-a-expm", "elementwise"): (matcalc.NoRuleError, "by entries: no index form .* matrix exponential"),
}

corpus = pytest.mark.skipif(not (CORPUS / "judge.py").exists(), reason=f"no corpus at {CORPUS} (MATCALC_CORPUS says where)")


@functools.cache
def judging() -> Any:
    return judge()


def options(case: dict[str, Any]) -> dict[str, Any]:
    found = {
        "wrt": case["wrt"],
        "kind": case["kind"],
        "dims": {name: tuple(shape) for name, shape in case["dims"].items()},
        "assume": case.get("domain") or {},
    }
    return found | ({"output": case["output"]} if case.get("output") else {})


def derived(case: dict[str, Any], style: str) -> Any:
    """The derivation, every line checked; None where this is a refusal on the list, with the words on the list."""
    expected = REFUSED.get((case["id"], style))
    if expected is None:
        return matcalc.derive(case["plain"], style=style, **options(case))
    kind, words = expected
    with pytest.raises(kind, match=words):
        matcalc.derive(case["plain"], style=style, **options(case))
    return None


def differs(case: dict[str, Any], plain: str) -> float:
    """How far the printed formula is from the corpus's own numerics; a derivative that is zero counts from 1e-3."""
    module, worst = judging(), 0.0
    printed = matcalc.parse(plain, dims={name: tuple(shape) for name, shape in case["dims"].items()})
    for k in range(2):
        values = module.verify.sample(case, k)
        got = np.asarray(printed.evaluate(values, functions=module.funcs(case)), float)
        want = np.asarray(module.verify.numeric(case, values), float)
        assert got.shape == want.shape, plain
        worst = max(worst, float(np.abs(got - want).max(initial=0.0)) / max(1e-3, float(np.abs(want).max(initial=0.0))))
    return worst


def asked() -> list[dict[str, Any]]:
    return [c for c in cases() if c["kind"] in KINDS] if (CORPUS / "judge.py").exists() else []


@corpus
@pytest.mark.slow
@pytest.mark.parametrize("case", asked(), ids=lambda c: c["id"])
def test_all_routes_arrive_at_the_same_truth(case: dict[str, Any]) -> None:
    for style in STYLES:
        d = derived(case, style)
        if d is not None:
            assert differs(case, d.result.plain) < 1e-6, (style, d.result.plain)
            assert d.checked.passed
            assert all(step.check is not None for step in d.steps), style


@corpus
def test_the_list_of_refusals_is_of_the_corpus() -> None:
    known = {c["id"] for c in asked()}
    assert {name for name, _ in REFUSED} <= known


# ---------------------------------------------------------------- layouts

SHAPES = {
    "X": ("n", "n"), "A": ("n", "n"), "B": ("n", "n"), "W": ("n", "m"), "x": ("m",), "b": ("n",), "u": ("n",), "t": (), "a": ("n",),
}  # fmt: skip
N, M = 4, 3


def values() -> dict[str, Any]:
    rng = np.random.default_rng(11)
    sizes = {"n": N, "m": M}
    return {name: rng.standard_normal([sizes[d] for d in shape]) for name, shape in SHAPES.items()}


def tanh_prime(z: Any) -> Any:
    return 1 - np.tanh(z) ** 2


def delta(v: dict[str, Any]) -> Any:
    return v["u"] * tanh_prime(v["W"] @ v["x"] + v["b"])


Formula = Callable[[dict[str, Any]], Any]
SCORE = "u'*tanh(W*x + b)"

# Expression, variable, the derivative in the shape of the variable, by hand; and whether numerator layout turns it.
GRADIENTS: list[tuple[str, str, Formula, bool]] = [
    ("tr(X'*A*X*B)", "X", lambda v: v["A"] @ v["X"] @ v["B"] + v["A"].T @ v["X"] @ v["B"].T, True),
    ("b'*A*a", "A", lambda v: np.outer(v["b"], v["a"]), True),
    ("b'*A*a", "a", lambda v: v["A"].T @ v["b"], False),
    (SCORE, "W", lambda v: np.outer(delta(v), v["x"]), True),
    (SCORE, "x", lambda v: v["W"].T @ delta(v), False),
    (SCORE, "b", delta, False),
    (SCORE, "u", lambda v: np.tanh(v["W"] @ v["x"] + v["b"]), False),
    ("t*b'*a", "t", lambda v: v["b"] @ v["a"], False),
    ("tr(A)", "X", lambda v: np.zeros((N, N)), True),
    ("b'*b", "x", lambda v: np.zeros(M), False),
    ("tr(A)", "W", lambda v: np.zeros((N, M)), True),
    ("b'*b", "t", lambda v: np.zeros(()), False),
    ("b'*X*b", "X", lambda v: np.outer(v["b"], v["b"]), True),
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("text, name, formula, turns", GRADIENTS, ids=lambda p: p if isinstance(p, str) else "")
def test_gradients_in_each_layout(text: str, name: str, formula: Formula, turns: bool, layout: str, style: str) -> None:
    d = matcalc.derive(text, wrt=name, dims=SHAPES, layout=layout, style=style)
    v, want = values(), formula(values())
    if layout == "numerator" and turns:
        want = want.T
    assert d.checked is not None and d.checked.passed
    for got in (d.result.evaluate(v), matcalc.parse(d.result.plain, dims=d.dims).evaluate(v)):
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_gradient_by_a_column_is_a_row_in_numerator_layout(layout: str, style: str) -> None:
    """One-dimensional arrays hide it; the lines and the printed formula show it."""
    d = matcalc.derive(SCORE, wrt="x", dims=SHAPES, layout=layout, style=style)
    row = d.trace.results[0].expr.type.kind == "r"
    assert row == (layout == "numerator")
    shown = d.to_text()
    assert ("[1×m]" in shown.split("Result")[1]) == row


@corpus
@pytest.mark.slow
def test_routes_side_by_side_agree_on_the_corpus() -> None:
    """Each result has a line that holds the end of every route; a route that is not there is said."""
    seen = 0
    for case in cases():
        if case["kind"] not in KINDS:
            continue
        d = matcalc.derive(case["plain"], style="all", **options(case))
        missing = [warning for warning in d.warnings if "there is no route" in warning or "are one here" in warning]
        assert len(d.routes) + len(missing) == 3, case["id"]
        signs = [box.chain[0].text for box in d.boxes]
        assert [step.chain[0].text for step in d.agreement] == (signs if len(d.routes) > 1 else []), case["id"]
        assert all(len(step.chain) == 1 + len(d.routes) for step in d.agreement), case["id"]
        assert "\nAgreement\n" in d.to_text() or len(d.routes) == 1, case["id"]
        seen += len(d.agreement)
    assert seen > 250


# Jacobians: numerator and shape convention are (output, variable); denominator layout is the transpose.
JACOBIANS: list[tuple[str, str, Formula]] = [
    ("W*x", "x", lambda v: v["W"]),
    ("tanh(W*x + b)", "x", lambda v: tanh_prime(v["W"] @ v["x"] + v["b"])[:, None] * v["W"]),
    ("tanh(W*x + b)", "b", lambda v: np.diag(tanh_prime(v["W"] @ v["x"] + v["b"]))),
    ("W*x", "a", lambda v: np.zeros((N, N))),
    ("a .* b", "b", lambda v: np.diag(v["a"])),
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("text, name, formula", JACOBIANS, ids=lambda p: p if isinstance(p, str) else "")
def test_jacobians_in_each_layout(text: str, name: str, formula: Formula, layout: str, style: str) -> None:
    d = matcalc.derive(text, wrt=name, dims=SHAPES, layout=layout, style=style, kind="jacobian")
    v, want = values(), formula(values())
    want = want.T if layout == "denominator" else want
    got = matcalc.parse(d.result.plain, dims=d.dims).evaluate(v)
    assert got.shape == want.shape
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("text, want", [("t*b", lambda v: v["b"]), ("sin(t)*b + a", lambda v: np.cos(v["t"]) * v["b"])])
def test_a_column_by_a_scalar_is_a_column_or_a_row(text: str, want: Formula, layout: str, style: str) -> None:
    """∂y/∂t: a column in numerator layout (a row for each entry of y), a row in denominator layout."""
    d = matcalc.derive(text, wrt="t", dims=SHAPES, layout=layout, style=style, kind="jacobian")
    v = values()
    got = matcalc.parse(d.result.plain, dims=d.dims).evaluate(v)
    np.testing.assert_allclose(got, want(v), rtol=1e-12)
    assert d.trace.results[0].expr.type.kind == ("r" if layout == "denominator" else "c")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_matrix_by_a_scalar(layout: str, style: str) -> None:
    """∂Y/∂t has the shape of Y; in denominator layout it is transposed."""
    d = matcalc.derive("sin(t)*W", wrt="t", dims=SHAPES, layout=layout, style=style, kind="jacobian")
    v = values()
    want = np.cos(v["t"]) * v["W"]
    got = matcalc.parse(d.result.plain, dims=d.dims).evaluate(v)
    np.testing.assert_allclose(got, want.T if layout == "denominator" else want, rtol=1e-12)


# ---------------------------------------------------------------- the differential route, as a textbook has it


def told(text: str, **options: Any) -> list[tuple[str, str]]:
    """Each line of a derivation: left and right side in Unicode."""
    return [(s.lhs.text, s.rhs.text) for s in matcalc.derive(text, **options).steps]


def test_the_example_by_differentials() -> None:
    """One differential of each named value, then for each variable: put together, rotated, read off (Magnus and Neudecker, 9.4)."""
    lines = told("s = u^T f(W x + b)", style="differential")
    assert lines[3:5] == [("dz", "W dx + dW x + db"), ("dh", "f′(z) ∘ dz")]
    assert lines[5] in [("ds", "uᵀ dh + hᵀ du"), ("ds", "hᵀ du + uᵀ dh")]
    for line in (
        ("ds", "uᵀ (f′(z) ∘ (dW x))"),
        ("ds", "tr(x (u ∘ f′(z))ᵀ dW)"),
        ("∂s/∂W", "(u ∘ f′(z)) xᵀ"),
        ("ds", "(u ∘ f′(z))ᵀ W dx"),
        ("∇_x s", "Wᵀ (u ∘ f′(z))"),
    ):
        assert line in lines, line
    assert len(set(lines)) == len(lines), "a line is said twice"


def test_what_is_read_off_is_explained_once() -> None:
    text = matcalc.derive("s = u^T f(W x + b)", style="differential").to_text()
    assert text.count("ds = tr(Gᵀ dW) means ∂s/∂W = G") == 1
    assert text.count("ds = gᵀ d") == 1
    turned = matcalc.derive("b'*A*a", wrt="A", dims=SHAPES, style="differential", layout="numerator").to_text()
    assert "ds = tr(Gᵀ dA) means ∂s/∂A = Gᵀ" in turned


@pytest.mark.parametrize(
    "text, name, lines",
    [
        ("x'*A*x", "x", [("ds", "xᵀ (A + Aᵀ) dx"), ("∇_x s", "(A + Aᵀ) x")]),
        ("logdet(X)", "X", [("ds", "tr(X⁻¹ dX)"), ("∂s/∂X", "X⁻ᵀ")]),
        (
            "log(det(X'*X))",
            "X",
            [("dZ", "Xᵀ dX + dXᵀ X"), ("ds", "tr(Z⁻¹ dZ)"), ("ds", "2tr(Z⁻¹ Xᵀ dX)"), ("∂s/∂X", "2X (Xᵀ X)⁻¹")],
        ),  # 2(X⁺)ᵀ: Petersen and Pedersen, The Matrix Cookbook, (53)
        ("norm2(A*x - b)^2", "x", [("ds", "2zᵀ dz"), ("ds", "2zᵀ A dx"), ("∇_x s", "2Aᵀ (A x - b)")]),
        ("a'*inv(X)*b", "X", [("ds", "-aᵀ X⁻¹ dX X⁻¹ b"), ("∂s/∂X", "-X⁻ᵀ a bᵀ X⁻ᵀ")]),
        ("tr(A*expm(X))", "X", [("ds", "tr(A dexpm(X, dX))"), ("∂s/∂X", "dexpm(Xᵀ, Aᵀ)")]),
    ],
)
def test_textbook_differentials(text: str, name: str, lines: list[tuple[str, str]]) -> None:
    shown = told(
        text, wrt=name, dims={"X": ("n", "n"), "A": ("n", "n"), "x": ("n",)} if text.startswith("tr") else {}, style="differential"
    )
    for line in lines:
        assert line in shown, (line, shown)


def test_a_scalar_beside_a_vector_has_its_ones() -> None:
    shown = told("-y'*log(softmax(W*x))", wrt="x", style="differential")
    assert ("ds", "yᵀ ((softmax(z)ᵀ dz) 𝟏 - dz)") in shown


# ---------------------------------------------------------------- derivatives with more than two axes


@pytest.mark.parametrize(
    "text, name, entries, stacked",
    [
        ("A*X*B", "X", "∂Y_ij/∂X_ql = A_iq B_lj", "∂vec(Y)/∂vec(X) = Bᵀ ⊗ A"),  # k and p are sizes
        ("X'*X", "X", "∂Y_ij/∂X_kl = [i = l] X_kj + [j = l] X_ki", "∂vec(Y)/∂vec(X) = (Xᵀ ⊗ I) K_n,m + I ⊗ Xᵀ"),
        # Bishop, Pattern Recognition and Machine Learning, (4.106): ∂y_k/∂a_j = y_k (I_kj - y_j)
        ("softmax(W*x)", "W", "∂y_i/∂W_jk = y_i ([i = j] - y_j) x_k", "∂y/∂vec(W) = xᵀ ⊗ (diag(y) - y yᵀ)"),
        ("inv(X)", "X", "∂Y_ij/∂X_kl = -Y_ik Y_lj", "∂vec(Y)/∂vec(X) = -Yᵀ ⊗ Y"),
    ],
)
def test_more_than_two_axes_by_entries_and_stacked(text: str, name: str, entries: str, stacked: str) -> None:
    shown = " ".join(matcalc.derive(text, wrt=name).to_text().split())
    left, _, right = entries.partition(" = ")
    orders = {entries, f"{left} = " + " + ".join(right.split(" + ")[::-1])}
    assert any(e in shown for e in orders) and stacked in shown, shown


def test_entries_of_a_hessian() -> None:
    shown = matcalc.derive("log(det(X))", wrt="X", kind="hessian").to_text()
    assert "d(∂s/∂X) = -X⁻ᵀ dXᵀ X⁻ᵀ" in shown
    assert "∂²s/∂X_ij∂X_kl = -(X⁻¹)_jk (X⁻¹)_li" in shown.replace("-(X⁻¹)_li (X⁻¹)_jk", "-(X⁻¹)_jk (X⁻¹)_li")


def test_equal_terms_are_not_lost() -> None:
    """Both paths of x ∘ x give the same term; it counts twice."""
    x = np.arange(1.0, 4.0)
    d = matcalc.derive("x .* x", wrt="x", dims={"x": ("n",)})
    np.testing.assert_allclose(d.result.evaluate({"x": x}), np.diag(2 * x))
    W = np.arange(12.0).reshape(4, 3)
    got = matcalc.derive("W .* W", wrt="W", dims={"W": ("n", "m")}).result.evaluate({"W": W})
    want = np.einsum("ij,ik,jl->ijkl", 2 * W, np.eye(4), np.eye(3))
    np.testing.assert_allclose(got, want)


def test_the_differential_of_a_vector_and_of_a_matrix() -> None:
    assert matcalc.derive("A*x", wrt="x", kind="differential").result.text == "A dx"
    assert matcalc.derive("A*X*B", wrt="X", kind="differential").result.text == "A dX B"


# ---------------------------------------------------------------- the route by entries


def by_entries(text: str, name: str, **shapes: tuple[str | int, ...]) -> list[tuple[str, str]]:
    steps = matcalc.derive(text, wrt=name, dims=shapes or None, style="elementwise").steps
    return [(s.lhs.text, s.rhs.text) for s in steps if s.kind == "entries"]


def test_the_argument_of_the_lecture() -> None:
    """CS224n: each value by its entries, what sees an entry, and the sum over all that see it."""
    assert by_entries("s = u^T f(W x + b)", "W") == [
        ("s", "Σ_k u_k h_k"),
        ("∂s/∂h_i", "u_i"),
        ("∂h_k/∂z_i", "[k = i] f′(z_k)"),
        ("∂s/∂z_i", "∂s/∂h_i f′(z_i)"),
        ("z_k", "Σ_l W_kl x_l + b_k"),
        ("∂z_k/∂W_ij", "[k = i] x_j"),
        ("∂s/∂W_ij", "∂s/∂z_i x_j"),
    ]


def test_several_paths_are_summed_by_entries() -> None:
    """x enters two named values: the contributions of both stand in one line (CS224n, sum over paths), in the order of s."""
    lines = by_entries("f(x)'*A*g(x)", "x", A=("n", "n"), x=("n",))
    assert ("∂e_k/∂x_i", "[k = i] g′(x_k)") in lines and ("∂h_k/∂x_i", "[k = i] f′(x_k)") in lines
    assert lines[-1] == ("∂s/∂x_i", "∂s/∂h_i f′(x_i) + ∂s/∂e_i g′(x_i)")


def test_stacked_axes_have_two_letters() -> None:
    lines = by_entries("logdet(kron(A, B) + C)", "A", A=("m", "m"), B=("n", "n"), C=("m*n", "m*n"))
    assert any(f"∂Z_(kl)(r{c})/∂A_ij" == left and right == f"[k = i] [r = j] B_l{c}" for left, right in lines for c in "st")
    assert lines[-1] == ("∂s/∂A_ij", "Σ_k,l ∂s/∂Z_(ik)(jl) B_kl")


def test_a_scalar_is_reached_through_entries() -> None:
    lines = by_entries("logdet(A + t*B)", "t", A=("n", "n"), B=("n", "n"), t=())
    assert ("∂Z_ij/∂t", "B_ij") in lines
    assert lines[-1][0] == "∂s/∂t" and lines[-1][1].startswith("Σ_")


def test_the_trace_of_an_identity_counts() -> None:
    """Σ_k [k = k] = n, and not 1."""
    lines = by_entries("norm2(tr(t*eye(5) + Z)*b)", "t", Z=(5, 5), b=("n",), t=())
    d = matcalc.derive("sum(tr(t*eye(n) + Z)*b)", wrt="t", dims={"Z": ("n", "n"), "b": ("m",), "t": ()}, style="elementwise")
    got = d.result.evaluate({"Z": np.eye(3), "b": np.ones(2), "t": 1.0})
    assert lines and float(got) == 6.0


@pytest.mark.parametrize("text", ["tr(expm(X))", "tr(A*expm(X))", "a'*logm(X)*b"])
def test_what_has_no_entries_is_refused(text: str) -> None:
    shapes = {"X": ("n", "n"), "A": ("n", "n"), "a": ("n",), "b": ("n",)}
    with pytest.raises(matcalc.NoRuleError, match="by entries: no index form") as caught:
        matcalc.derive(text, wrt="X", dims=shapes, style="elementwise", assume={"X": "near-identity"})
    assert "backprop" in str(caught.value.hint)


def test_every_line_of_the_route_is_about_entries() -> None:
    """No line of a vector or matrix without the argument for it."""
    for text in ("u'*f(W*x + b)", "logsumexp(U'*v) - y'*U'*v", "norm2(A*x - b)^2 + x'*x", "tr(inv(X'*X)*(X'*B*X))"):
        steps = matcalc.derive(text, style="elementwise").steps
        for before, step in itertools.pairwise(steps):
            if step.kind == "chain" and step.node is not None and step.node.shape:
                assert before.kind == "entries" and before.node is step.node, (text, step.lhs.text)
            assert step.kind != "local" or not step.node or not step.node.shape


# ---------------------------------------------------------------- forms that a reader expects


def test_no_minus_before_a_difference() -> None:
    got = matcalc.derive("-norm2(b - W*x)^2", wrt="x").result.text
    assert got == "2Wᵀ (b - W x)"


def test_the_hessian_of_log_sum_exp() -> None:
    """Aᵀ (diag(p) - p pᵀ) A (Boyd and Vandenberghe, 3.1.5)."""
    got = matcalc.derive("logsumexp(A*x)", wrt="x", kind="hessian").result
    assert got.text.replace("softmax(A x)", "p") == "Aᵀ (diag(p) - p pᵀ) A"


def test_the_answer_for_a_symmetric_variable_uses_the_symmetry() -> None:
    d = matcalc.derive("logdet(V) + x'*inv(V)*x", wrt="V", dims={"V": ("n", "n"), "x": ("n",)},
                       assume={"V": "spd"}, structure={"V": "symmetric"})  # fmt: skip
    assert "V⁻ᵀ" not in d.result.text
    assert "= G + Gᵀ - diag(diag(G))" in d.to_text() and "is G = " in " ".join(d.to_text().split())


def test_the_upstream_derivative_of_a_matrix_stands_in_the_line() -> None:
    shown = matcalc.derive("tr(inv(X'*X)*A)", wrt="X", dims={"X": ("m", "n"), "A": ("n", "n")}).to_text()
    assert "∂s/∂X = X (∂s/∂Z + (∂s/∂Z)ᵀ)" in shown


def test_the_lectures_argument_for_the_outer_product() -> None:
    """design.md, section 9: ∂z_i/∂W_ij = x_j, so ∂s/∂W_ij = δ_i x_j; in text and in LaTeX, said once."""
    d = matcalc.derive("s = u^T f(W x + b)")
    said = "only z_i sees W_ij, and ∂z_i/∂W_ij = x_j; so ∂s/∂W_ij = δ_i x_j, and the outer product collects these entries"
    assert " ".join(d.to_text().split()).count(said) == 1
    assert r"\tfrac{\partial s}{\partial W_{ij}} = \delta_{i} x_{j}\text{, and the outer" in d.to_latex()
    assert "sees" not in matcalc.derive("x'*(2*W)*y", wrt="W").to_text()  # no plain outer product of a derivative


def test_a_hessian_shows_the_differential_of_the_gradient() -> None:
    lines = told("sum(sqrt((A*x - b).^2 + d^2))", wrt="x", kind="hessian", dims={"d": ()})
    assert "d(∂s/∂x)" in [left for left, _ in lines]
    assert lines[-1][1].startswith("Aᵀ diag(") and "z.^(3/2)" in lines[-1][1]


@pytest.mark.slow
def test_the_differential_route_of_a_deep_network() -> None:
    """Fifty layers took a quarter of a minute when every contraction looked through all factors."""
    count = 50
    text = "h1 = f(W1*x);" + "".join(f"h{k} = f(W{k}*h{k - 1});" for k in range(2, count + 1)) + f"s = u'*h{count}"
    shapes: dict[str, tuple[str, ...]] = {f"W{k}": ("n", "n") for k in range(1, count + 1)} | {"x": ("n",), "u": ("n",)}
    assert calls(lambda: matcalc.derive(text, dims=shapes, style="differential", check=False)) < 10_000_000


def test_jacobians_of_vectors_multiply_local_jacobians() -> None:
    """CS224n: ∂h/∂z = diag(f'(z)), ∂z/∂x = W, and their product."""
    dims = {"W": ("n", "m"), "U": ("k", "n")}
    d = matcalc.derive("y = U*f(z); z = W*x + b", wrt=["x", "b"], dims=dims)
    lines = {s.lhs.text: s.rhs.text for s in d.steps if s.kind in ("local", "chain")}
    assert lines["∂z/∂x"] == "W" and lines["∂z/∂b"] == "I" and "diag(f′(z))" in " ".join(lines.values())
    assert d["x"].plain == "U*diag(f'(W*x + b))*W" and d["b"].plain == "U*diag(f'(W*x + b))"
    assert all(s.check is not None and s.check.max_relative_error < 1e-8 for s in d.steps)
    by_differentials = matcalc.derive("y = U*f(z); z = W*x + b", wrt=["x", "b"], dims=dims, style="differential")
    assert all(d[n].plain == by_differentials[n].plain for n in "xb")
    assert {s.kind for s in by_differentials.steps} == {"definition", "differential", "result"}


def test_the_chain_rule_gives_way_where_a_value_on_the_way_is_a_matrix() -> None:
    d = matcalc.derive("y = tanh(X*x)*t; t = x'*x", wrt="x", dims={"X": ("n", "m")})
    assert d["x"].shape == ("n", "m") and d.checked.passed
    d = matcalc.derive("y = (x*x')*tanh(x)", wrt="x")
    assert any(s.kind == "differential" for s in d.steps) and d.checked.passed


def test_a_jacobian_by_entries_has_no_line_by_differentials() -> None:
    d = matcalc.derive("f(W*x)", wrt="x", style="elementwise")
    assert {s.kind for s in d.steps} == {"definition", "entries", "result"} and not d.warnings
