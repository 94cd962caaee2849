"""Inputs that once ended in an error of Python or in "a defect in matcalc", and their like: the right answer, or a clear question.

The truth is a formula in NumPy, written by hand, and its differences.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc import AmbiguityError, CheckError, MatcalcError, ShapeError
from matcalc.check import report
from matcalc.engine.derivation import Formula, Step
from matcalc.expr.nodes import make, sym
from matcalc.expr.table import SCALAR

RNG = np.random.default_rng(21)
N, M, K = 3, 4, 2
VALUES: dict[str, Any] = {
    "x": RNG.uniform(0.3, 1.2, N), "y": RNG.uniform(0.3, 1.2, N), "z": RNG.normal(size=M), "a": RNG.normal(size=K),
    "A": np.eye(N) + RNG.uniform(0, 0.2, (N, N)), "X": RNG.normal(size=(N, M)), "Y": RNG.normal(size=(K, N)),
    "C": 1.7, "alpha": 0.6, "w": RNG.normal(size=M * 3 * K), "B": RNG.normal(size=(3 * K, M)), "b": RNG.normal(size=M),
    "N": RNG.normal(size=(N, M)), "q": RNG.normal(size=M), "beta": RNG.normal(size=M), "t": RNG.normal(size=N),
    "Z": RNG.normal(size=(M, K)), "theta": RNG.normal(size=M), "W": RNG.normal(size=(N, M)),
    "n": N, "m": M, "a1": np.array([0.7]),
}  # fmt: skip


def sigmoid(t: Any) -> Any:
    return 1 / (1 + np.exp(-t))


def differences(f: Any, values: dict[str, Any], name: str) -> Any:
    shape = np.shape(values[name])
    step = 1e-6
    columns = []
    for e in np.eye(int(np.prod(shape))):
        moved = [f({**values, name: values[name] + s * step * e.reshape(shape)}) for s in (1, -1)]
        columns.append((moved[0] - moved[1]) / (2 * step))
    return np.stack(columns, -1).reshape(np.shape(columns[0]) + shape)


# text, sizes, index=, by what, in NumPy
CASES: list[tuple[str, dict[str, Any], dict[str, str], str, Any]] = [
    ("log(det(x'*A*x))", {}, {}, "x", lambda v: np.log(v["x"] @ v["A"] @ v["x"])),
    ("log(det(x'*A*x))", {}, {}, "A", lambda v: np.log(v["x"] @ v["A"] @ v["x"])),
    ("log(det(C))", {"C": ()}, {}, "C", lambda v: np.log(v["C"])),
    ("log(abs(det(x'*y)))", {}, {}, "y", lambda v: np.log(abs(v["x"] @ v["y"]))),
    ("log(abs(det(alpha*A)))", {}, {}, "alpha", lambda v: N * np.log(v["alpha"]) + np.linalg.slogdet(v["A"])[1]),
    ("det(x'*y)*tr(x'*A*y)", {}, {}, "x", lambda v: (v["x"] @ v["y"]) * (v["x"] @ v["A"] @ v["y"])),
    ("inv(det(alpha))", {"alpha": ()}, {}, "alpha", lambda v: 1 / v["alpha"]),
    ("log(exp(x)'*ones(n))", {"x": ("n",)}, {}, "x", lambda v: np.log(np.exp(v["x"]).sum())),
    ("sigmoid(alpha*ones(n)) .* x", {"x": ("n",)}, {}, "alpha", lambda v: sigmoid(v["alpha"]) * v["x"]),
    ("sigmoid((y'*y)*ones(n))'*x", {"x": ("n",)}, {}, "y", lambda v: sigmoid(v["y"] @ v["y"]) * v["x"].sum()),
    ("sum(log(1 - sigmoid(alpha*ones(n))) .* x)", {"x": ("n",)}, {}, "alpha",
     lambda v: np.log(1 - sigmoid(v["alpha"])) * v["x"].sum()),
    ("log(det(a1*a1'))", {"a1": (1,)}, {}, "a1", lambda v: np.log(v["a1"][0] ** 2)),
    ("inner(x,y)*vec(alpha)", {"alpha": ()}, {}, "x", lambda v: (v["x"] @ v["y"]) * v["alpha"]),
    ("inner(A,A')*inner(alpha,alpha)", {}, {}, "A", lambda v: (v["A"] * v["A"].T).sum() * v["alpha"] ** 2),
    ("det(A-A+x*x'-x*x')*sum(y)", {"A": ("n", "n"), "x": ("n",)}, {}, "y", lambda v: 0 * v["y"].sum()),
    ("np.max(0.5 * (2 * N))", {"N": ("n", "m")}, {}, "N", lambda v: v["N"].max()),
    ("vec(kron(X, eye(2)))", {}, {}, "X", lambda v: np.kron(v["X"], np.eye(2)).ravel(order="F")),
    ("vec(kron(X, Y))", {}, {}, "Y", lambda v: np.kron(v["X"], v["Y"]).ravel(order="F")),
    ("vec(kron(Y, X'))", {}, {}, "X", lambda v: np.kron(v["Y"], v["X"].T).ravel(order="F")),
    ("unvec(vec(X),4,3)", {"X": (3, 4)}, {}, "X", lambda v: v["X"].ravel(order="F").reshape((4, 3), order="F")),
    ("kron(a', eye(3))*B*b", {"a": ("k",), "B": ("p", "n"), "b": ("n",)}, {}, "B",
     lambda v: np.kron(v["a"], np.eye(3)) @ v["B"] @ v["b"]),
    ("kron(a', eye(3))*B*b", {"a": ("k",), "B": ("p", "n"), "b": ("n",)}, {}, "a",
     lambda v: np.kron(v["a"], np.eye(3)) @ v["B"] @ v["b"]),
    ("vec(kron(eye(3),Z))'*w2", {"Z": ("m", "k"), "w2": ("q",)}, {}, "Z",
     lambda v: np.kron(np.eye(3), v["Z"]).ravel(order="F") @ v["w2"]),
    (r"\sum_{j=0}^p\beta_jq_j", {"beta": ("n",), "q": ("n",)}, {}, "beta", lambda v: v["beta"] @ v["q"]),
    (r"\sum_{j=0}^p\beta_jq_j", {"beta": ("n",)}, {}, "q", lambda v: v["beta"] @ v["q"]),
    (r"\sum_{j=0}^{n-1}\beta_jq_j", {"beta": ("n",)}, {}, "q", lambda v: v["beta"] @ v["q"]),
    (r"\sum_{j=0}^{3}\beta_jq_j", {"beta": (M,)}, {}, "q", lambda v: v["beta"] @ v["q"]),
    (r"y_i = \sum_{j=0}^p\beta_jx_{ij}", {"beta": ("q",)}, {"x_{ij}": "W[i,j]"}, "beta", lambda v: v["W"] @ v["beta"]),
    (r"\sum_i(y_i-\sum_{j=0}^p\beta_jw_{ij})^2", {"beta": ("q",)}, {"w_{ij}": "W[i,j]"}, "beta",
     lambda v: ((v["y"] - v["W"] @ v["beta"]) ** 2).sum()),
    (r"\sum_{i=0}^K\exp(q^Tk_i)", {}, {"k_i": "W[i,:]"}, "q", lambda v: np.exp(v["W"] @ v["q"]).sum()),
    (r"\frac{1}{n}\sum_{i=1}^n\log\sigma(\theta^\top x_i^w-\theta^\top x_i^l)", {"theta": ("d",)},
     {"x_i^w": "X[i,:]", "x_i^l": "W[i,:]"}, "theta", lambda v: np.log(sigmoid((v["X"] - v["W"]) @ v["theta"])).mean()),
    (r"\sum_i x_i \det(\alpha \sum_i y_i)", {}, {}, "x", lambda v: v["x"].sum() * v["alpha"] * v["y"].sum()),
    (r"\sum_i x_i \exp(\sum_i x_i y_i)", {}, {}, "x", lambda v: v["x"].sum() * np.exp(v["x"] @ v["y"])),
    (r"\min_{k=1}^{p-1} x^Ty", {"x": ("n",)}, {}, "x", lambda v: v["x"] @ v["y"]),
    (r"\sum_i x_i^w", {"w": ()}, {}, "x", lambda v: (v["x"] ** v["w"]).sum()),
    (r"\sum_i x_i^{y_i}", {}, {}, "y", lambda v: (v["x"] ** v["y"]).sum()),
    (r"\frac1m\sum_{i=1}^m\log(1-\sigma(z^{(i)}))", {}, {"z^(i)": "z[i]"}, "z", lambda v: np.log(1 - sigmoid(v["z"])).mean()),
    (r"\frac1m\sum_{i=1}^m\log(1-\sigma(z^{(i)}))", {}, {}, "z", lambda v: np.log(1 - sigmoid(v["z"])).mean()),
    (r"\sum_{i=1}^m\|x^{(i)}-b\|^2", {}, {}, "b", lambda v: ((v["X"] - v["b"]) ** 2).sum()),
    ("det(2*A)", {}, {}, "A", lambda v: np.linalg.det(2 * v["A"])),
]  # fmt: skip


@pytest.mark.sample(6)
@pytest.mark.parametrize("case", CASES, ids=[f"{c[0]} by {c[3]}" for c in CASES])
def test_the_right_answer(case: tuple[str, dict[str, Any], dict[str, str], str, Any]) -> None:
    text, sizes, index, wrt, f = case
    values = {**VALUES, "w2": RNG.normal(size=9 * M * K)} | ({"w": 1.3} if sizes.get("w") == () else {})
    d = matcalc.derive(text, wrt=wrt, dims=sizes, index=index)
    assert d.checked is not None and d.checked.passed
    np.testing.assert_allclose(d.value.evaluate(values), f(values), rtol=1e-10)
    want = differences(f, values, wrt)
    np.testing.assert_allclose(d[wrt].evaluate(values), want, rtol=1e-6, atol=1e-7)
    _, got = d.function()(**{name: values[name] for name in d.problem.symbols})
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-7)
    assert all((d.to_text(), d.to_latex(), d.to_markdown(), d.to_json()))


def test_second_derivatives_that_are_zero() -> None:
    d = matcalc.derive("np.max(0.5 * (2 * N))", dims={"N": ("q", "p")}, kind="hessian")
    assert "dZ = dN" in d.to_text() and r"\mathrm{d}Z &= \mathrm{d}N" in d.to_latex()
    assert np.all(d.result.evaluate({"N": VALUES["N"]}) == 0)
    along = matcalc.derive("x'*x", wrt="t", dims={"t": ("n",), "v": ("n",)}, kind="hvp", direction="v")
    assert np.all(along.result.evaluate({"x": VALUES["x"], "t": VALUES["t"], "v": VALUES["y"]}) == 0)


# text, what is said, what to type: the options of the hint, and the answer then
ASKED: list[tuple[str, type[MatcalcError], str, dict[str, Any], str, Any]] = [
    (r"\frac{1}{n}\sum_{i=1}^n\log\sigma(\theta^\top x_i^w-\theta^\top x_i^l)", AmbiguityError, "'x_i\\^w' has two readings",
     {"index": {"x_i^w": "X[i,:]", "x_i^l": "W[i,:]"}}, "theta", lambda v: np.log(sigmoid((v["X"] - v["W"]) @ v["theta"])).mean()),
    (r"\sum_i x_i^w", AmbiguityError, "'x_i\\^w' has two readings", {"dims": {"w": ()}}, "x", lambda v: (v["x"] ** v["w"]).sum()),
    (r"\sum_i x_i^w", AmbiguityError, "'x_i\\^w' has two readings", {"index": {"x_i^w": "x[i]"}}, "x", lambda v: v["x"].sum()),
]  # fmt: skip


@pytest.mark.parametrize("case", ASKED, ids=[c[0] for c in ASKED])
def test_a_question_and_its_answer(case: tuple[str, type[MatcalcError], str, dict[str, Any], str, Any]) -> None:
    text, error, said, options, wrt, f = case
    with pytest.raises(error, match=said) as caught:
        matcalc.derive(text)
    hint = str(caught.value.hint)
    assert all(f"dims={{'{name}': ()}}" in hint for name in options.get("dims", {}))
    assert all(f"'{token}" in hint for token in list(options.get("index", {}))[:1])
    values = {**VALUES, "w": 1.3}
    d = matcalc.derive(text, wrt=wrt, **options)
    np.testing.assert_allclose(d[wrt].evaluate(values), differences(f, values, wrt), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    "text, dims, said",
    [
        (r"\sum_{j=0}^{3}\beta_jx_j", {"beta": ("n",)}, "the sum has 4 terms, and beta, x have n entries along j"),
        (r"\sum_{j=0}^{p}\beta_jx_j", {"beta": (4,)}, "the sum has p\\+1 terms, and beta, x have 4 entries along j"),
        (r"\sum_i x_i^w", {"w": ("n",)}, "the exponent 'w' is \\[n×1\\], not a scalar"),
        ("logdet(x'*A*x)", {}, "'x'\\*A\\*x' is 1×1"),
    ],
)
def test_what_does_not_fit_is_named(text: str, dims: dict[str, Any], said: str) -> None:
    with pytest.raises(ShapeError, match=said) as caught:
        matcalc.derive(text, dims=dims)
    assert caught.value.hint


def test_what_was_understood_is_said() -> None:
    notices = {
        (r"\sum_{j=0}^p\beta_jx_j", ("beta", ("q",))): "the index j runs from 0 to p: q = p+1",
        (r"\sum_{j=0}^p y_jx_j", ("alpha", ())): "the index j runs from 0 to p: p+1 entries",
        (r"\sum_{j=0}^n x_j^2", ("x", ("n",))): "the sum from 0 to n is read as a sum over all n entries",
        (
            r"\sum_i \|x_i\|^2",
            ("alpha", ()),
        ): ("the vectors x_i are read as the rows of a matrix X; --index 'x_i=X[:,i]' says columns"),
        ("x'*d", ("alpha", ())): "'d' is read as a vector: --dim d= says otherwise",
    }
    for (text, (name, shape)), notice in notices.items():
        assert notice in matcalc.derive(text, dims={name: shape}).warnings


def test_a_constant_that_reaches_zero_is_no_internal_error() -> None:
    """The entries of each row of a softmax add up to one, whatever it is of."""
    try:
        d = matcalc.derive("norm1(softmax(softmax(arcsinh(M))'*abs(X)))")
    except MatcalcError as error:
        assert "cancel" in error.message
    else:
        assert all(np.allclose(r.evaluate({"M": VALUES["Z"], "X": VALUES["B"][:M]}), 0) for r in d.results)


def test_a_power_of_a_log_determinant_reads_back() -> None:
    e = matcalc.parse("logdet(A)^2", {"A": ("n", "n")})
    assert e.latex == r"\left(\log\det\left(A\right)\right)^{2}"
    again = matcalc.parse(e.latex, {"A": ("n", "n")}, notation="latex")
    np.testing.assert_allclose(again.evaluate({"A": VALUES["A"]}), np.linalg.slogdet(VALUES["A"])[1] ** 2)


def test_code_of_a_sum_that_is_planned_already() -> None:
    r = VALUES["x"][None, :]
    d = matcalc.derive("sum(pinv(R))", dims={"R": ("m", "n")}, kind="hessian")
    _, got = d.function()(R=r)
    x, size = r[0], r[0] @ r[0]  # pinv(r) = r'/|r|², so s = Σx/|x|²
    want = -2 * (np.outer(np.ones(N), x) + np.outer(x, np.ones(N)) + x.sum() * np.eye(N)) / size**2
    want += 8 * x.sum() * np.outer(x, x) / size**3
    np.testing.assert_allclose(np.reshape(got, (N, N)), want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "det(0*X + ones(n,n))",  # 1 where n is
        *("tr(adj(X - X))", "tr(adj(0*X + ones(n,n)))"),  # 0/0, in double precision only
    ],
)
@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
def test_what_is_0_or_singular_for_all_values_is_refused_by_the_check(text: str, style: str) -> None:
    """The rule divides by it. The input has sizes that fit, and nobody gave values: neither is to be blamed."""
    with pytest.raises(CheckError, match="has no value") as found:
        matcalc.derive(text, style=style)
    assert "defect" not in str(found.value)


@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
def test_the_product_of_entries_that_are_0_for_all_values_is_constant(style: str) -> None:
    for text in ("prod(max(x - x, 0))", "prod(0*x)", "prod(x - x)"):
        (result,) = matcalc.derive(text, style=style).results
        assert result.plain == "zeros(n)"


def test_a_false_line_is_a_defect_unless_it_had_no_value_at_any_point() -> None:
    trace = report.Trace(None, (), (), (), {}, {}, 0, 1)
    s, q, pole = (sym(name, SCALAR) for name in ("s", "q", "pole"))
    step = Step("chain", "trace", "", Formula(s), Formula(make("div", (q, pole))))
    errors = [float("inf")]
    seen = report.nothing_seen
    for valueless, said in (({}, "defect"), ({step.rhs.expr: step.rhs.expr}, "q/pole is not finite there")):
        verdict = report.Verdict(errors, 0.0, set(), set(), set(), set(), (), seen, valueless)  # type: ignore[arg-type]
        fault = report._fault(trace._replace(steps=(step,)), verdict)
        assert said in str(fault)
