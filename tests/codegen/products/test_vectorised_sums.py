"""A loop and the form without the index: the code of both against plain loops written here, and what cannot be vectorised."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.api import vectorise
from matcalc.codegen.products import vectorised_sums
from matcalc.codegen.products.runtime import compile_source
from matcalc.codegen.products.vectorised_sums import relative_difference
from matcalc.expr.errors import UsageError

RNG = np.random.default_rng(5)
X, W, b, w, y = RNG.normal(size=(6, 3)), RNG.normal(size=(4, 3)), RNG.normal(size=4), RNG.normal(size=3), RNG.normal(size=6)


def softmax(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum()


@pytest.mark.parametrize("text, form, row", [
    ("z_i = W x_i", "X*W'", lambda i: W @ X[i]), ("softmax(W*x_i + b)", None, lambda i: softmax(W @ X[i] + b)),
    ("w'*x_i", "X*w", lambda i: w @ X[i]), (r"\tanh(W x_i) \odot b", None, lambda i: np.tanh(W @ X[i]) * b),
])  # fmt: skip
def test_a_value_for_each_index(text: str, form: str | None, row: Any) -> None:
    found = vectorise(text, dims={"b": (4,)} if "b" in text else {})
    if form is not None:
        assert found.plain == form
    want = np.array([row(i) for i in range(6)])
    for code in (found.loop, found.product):
        given = [{"X": X, "W": W, "b": b, "w": w}[n] for n in code.parameters]
        got = compile_source(code.source, code.name)(*given)
        np.testing.assert_allclose(got[0] if isinstance(got, tuple) else got, want, rtol=1e-12)


def test_a_sum_with_its_gradients() -> None:
    found = vectorise(r"J = \sum_{i=1}^N (w^T x_i - y_i)^2")
    assert found.plain == "sum((X*w - y).^2)"
    residual = X @ w - y
    want = [2 * X.T @ residual, 2 * np.outer(residual, w), -2 * residual]
    for code in (found.loop, found.product):
        value, gradients = compile_source(code.source, code.name)(*[{"X": X, "w": w, "y": y}[n] for n in code.parameters])
        assert value == pytest.approx(sum((w @ X[i] - y[i]) ** 2 for i in range(6)))
        for got, right in zip(gradients, want, strict=True):
            np.testing.assert_allclose(got, right, rtol=1e-12)


CLASSES = RNG.integers(0, 4, size=6)


def label_loss(z: Any, k: int) -> Any:
    return np.log(np.exp(z).sum()) - z[k]


@pytest.mark.sample(2)
@pytest.mark.parametrize("text, options, term", [
    (r"\sum_{i=1}^N -\log \frac{e^{f_{y_i}}}{\sum_c e^{f_c}}; f = W x_i + b", {}, lambda i: label_loss(W @ X[i] + b, CLASSES[i])),
    (r"f = W x_i + b; \sum_i -\log \frac{e^{f_{y_i}}}{\sum_c e^{f_c}}", {}, lambda i: label_loss(W @ X[i] + b, CLASSES[i])),
    (r"\sum_{i=1}^N h(w^T x_i); h(z) = z^3", {}, lambda i: (w @ X[i]) ** 3),
    (r"\sum_i c (w^T x_i)^2; c = 5", {}, lambda i: 5 * (w @ X[i]) ** 2),
    (r"\sum_i c (w^T x_i)^2", {"define": ["c = 5"]}, lambda i: 5 * (w @ X[i]) ** 2),
    (r"c = 5; L = \sum_i (c w^T x_i)^2", {}, lambda i: 25 * (w @ X[i]) ** 2),
    (r"\sum_i l(w^T x_i, t_i); l(a,b) = (a-b)^2", {}, lambda i: (w @ X[i] - y[i]) ** 2),
    (r"\sum_i g(w)^T x_i; g(a) = \mathrm{softmax}(a)", {}, lambda i: softmax(w) @ X[i]),
])  # fmt: skip
def test_definitions_beside_the_sum_are_those_of_the_term(text: str, options: dict[str, Any], term: Any) -> None:
    found, given = vectorise(text, **options), {"X": X, "W": W, "b": b, "w": w, "y": CLASSES, "t": y}
    for code in (found.loop, found.product):
        value, _ = compile_source(code.source, code.name)(*[given[n] for n in code.parameters])
        assert value == pytest.approx(sum(term(i) for i in range(6)))


@pytest.mark.parametrize("text", [
    r"\frac1N \sum_i -\log \mathrm{softmax}(W x_i)_{y_i}", r"\frac{\lambda}{2} \sum_i (w^T x_i - y_i)^2",
    r"\frac{\sum_i (w^T x_i - y_i)^2}{2 N}", r"-\sum_i \log \sigma(w^T x_i)",
])  # fmt: skip
def test_factors_before_the_sum_stand_before_each_term(text: str) -> None:
    """(1/N) Σ_i t_i = Σ_i (1/N) t_i: both forms are run, and give the same."""
    found = vectorise(text)
    derived = matcalc.derive(text, notation="latex")
    assert found.plain == derived.value.plain and "for " in found.loop.source


K, A, B = RNG.normal(size=(6, 6)), RNG.normal(size=(4, 3)), RNG.normal(size=(3, 3))
ALL, PAIRS = range(6), [(i, j) for i in range(6) for j in range(6)]


@pytest.mark.sample(5)
@pytest.mark.parametrize("text, value", [
    (r"\sum_i (w^T x_i - y_i)^2 + \lambda w^T w", lambda: sum((w @ X[i] - y[i]) ** 2 for i in ALL) + 0.3 * w @ w),
    (r"\frac{1}{\sum_i (w^T x_i)^2}", lambda: 1 / sum((w @ X[i]) ** 2 for i in ALL)),
    (r"(\sum_i w^T x_i)(\sum_i y_i)", lambda: sum(w @ X[i] for i in ALL) * sum(y)),
    (r"L = \sum_i (w^T x_i)^2; R = \sum_k w_k^2; J = L + \lambda R", lambda: sum((w @ X[i]) ** 2 for i in ALL) + 0.3 * w @ w),
    (r"\frac1N \sum_{i=1}^N y_i^2 + \lambda \sum_{k=1}^K w_k^2", lambda: sum(y**2) / 6 + 0.3 * sum(w**2)),
    (r"\sum_i h(w^T x_i) + h(w^T w); h(z) = z^3", lambda: sum((w @ X[i]) ** 3 for i in ALL) + (w @ w) ** 3),
    (r"\sum_{i,j} K_{ij} y_i y_j", lambda: sum(K[i, j] * y[i] * y[j] for i, j in PAIRS)),
    (r"\sum_i \sum_j (y_i - y_j)^2 K_{ij}", lambda: sum((y[i] - y[j]) ** 2 * K[i, j] for i, j in PAIRS)),
    (r"\sum_{i,j} K_{ij} (x_i - x_j)^T B (x_i - x_j)", lambda: sum(K[i, j] * (X[i] - X[j]) @ B @ (X[i] - X[j]) for i, j in PAIRS)),
    (r"\sum_{i<j} K_{ij} y_j", lambda: sum(K[i, j] * y[j] for i, j in PAIRS if i < j)),
    (r"\sum_i \sum_{j \ne i} K_{ij} y_j", lambda: sum(K[i, j] * y[j] for i, j in PAIRS if i != j)),
    (r"\sum_{i=1}^n \sum_{j=i+1}^n K_{ij} y_j", lambda: sum(K[i, j] * y[j] for i, j in PAIRS if i < j)),
    (r"\sum_{i=1}^n \sum_{j=1}^{i-1} K_{ij} y_j", lambda: sum(K[i, j] * y[j] for i, j in PAIRS if i > j)),
    (r"\sum_{i=1}^n \sum_{j=1}^i K_{ij} y_j", lambda: sum(K[i, j] * y[j] for i, j in PAIRS if i >= j)),
    (r"\sum_{i,j,k} A_{ij} B_{jk} w_k", lambda: (A @ B @ w).sum()),
    (r"\sum_i (y_i - \sum_j X_{ij} w_j)^2 + \lambda \sum_j w_j^2",
     lambda: sum((y[i] - X[i] @ w) ** 2 for i in ALL) + 0.3 * w @ w),
    (r"\sum_i \sum_j (\sum_k X_{ik} B_{kj})^2", lambda: ((X @ B) ** 2).sum()),
])  # fmt: skip
def test_what_is_made_of_sums_and_sums_over_several_indices(text: str, value: Any) -> None:
    """The value of both against sums written here; the gradients of the loop against those of the product."""
    found, given = vectorise(text), {"X": X, "w": w, "y": y, "K": K, "A": A, "B": B, "lambda": 0.3}
    got = []
    for code in (found.loop, found.product):
        names = [str(s.attr) for s in code.symbols]
        got.append(compile_source(code.source, code.name)(*[given[n] for n in names]))
        assert got[-1][0] == pytest.approx(value())
    assert relative_difference(*got) < 1e-12 and "for " in found.loop.source


def test_a_derivative_by_what_no_term_has() -> None:
    found = vectorise(r"\sum_i (w^T x_i)^2 + \lambda w^T w", wrt="lambda")
    at = [{"X": X, "w": w, "lambda": 0.3}[str(s.attr)] for s in found.loop.symbols]
    value, slope = compile_source(found.loop.source, "in_a_loop")(*at)
    assert slope == pytest.approx(w @ w) and value == pytest.approx(sum((X @ w) ** 2) + 0.3 * w @ w)


@pytest.mark.slow
def test_columns_labels_and_functions() -> None:
    columns = vectorise(r"\sum_i u^T f(W x_i)", wrt="W", index={"x_i": "X[:,i]"}, functions={"f": None})
    assert "X[:, i]" in columns.loop.source and columns.times().error < 1e-12
    labels = vectorise(r"\sum_{i} -\log \mathrm{softmax}(W x_i)_{y_i}", wrt="W")
    assert labels.whole.problem.labels and labels.times().error < 1e-12


def test_one_file_with_both_can_be_run() -> None:
    found = vectorise(r"\sum_i \log(1+e^{-y_i w^T x_i})", wrt="w")
    space: dict[str, Any] = {}
    exec(found.code, space)  # our own text: that it can be run as it is printed is what is tested
    at = {"w": w, "X": X, "y": y, "xs": X}
    both = [space[name](*[at[n] for n in found.product.parameters]) for name in ("in_a_loop", "at_once")]
    assert relative_difference(*both) < 1e-13 and found.code.count("def _floats") == 1


@pytest.mark.parametrize("text, value", [
    (r"\sum_{i=1}^N (a_i - N)^2", lambda a: sum((t - 6) ** 2 for t in a)), (r"\sum_{i=1}^N a_i/N", lambda a: sum(a) / 6),
    (r"z_i = a_i / \sum_j a_j", lambda a: [t / sum(a) for t in a]),
    (r"z_i = e^{a_i} / \sum_j e^{a_j}", softmax), (r"\sum_i (a_i - \sum_j a_j)^2", lambda a: sum((t - sum(a)) ** 2 for t in a)),
    (r"\sum_i \log a_i", lambda a: sum(np.log(a)))
])  # fmt: skip
def test_sizes_as_numbers_and_other_sums_inside_a_term(text: str, value: Any) -> None:
    found, a = vectorise(text), y**2 + 0.5
    for code in (found.loop, found.product):
        got = compile_source(code.source, code.name)(*[{"a": a}[n] for n in code.parameters])
        np.testing.assert_allclose(got[0] if isinstance(got, tuple) else got, value(a), rtol=1e-12)


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "text", [r"\sum_i (w^T x_i - y_i)^2", r"\sum_i a_i \log a_i", "z_i = W x_i", "z_i = a_i^2", r"\sum_i \alpha a_i"]
)
@pytest.mark.parametrize("kind", ["float32", "float64", "int64"])
def test_the_loop_has_the_precision_of_the_product(text: str, kind: str) -> None:
    found = vectorise(text)
    given = {n: np.asarray(4 * x + 20, kind) for n, x in {"w": w, "X": X, "y": y, "W": W, "a": y, "alpha": y[0]}.items()}
    for code in (found.loop, found.product):
        got = compile_source(code.source, code.name)(*[given[n] for n in code.parameters])
        parts = [got[0], *(got[1] if isinstance(got[1], tuple) else got[1:])] if isinstance(got, tuple) else [got]
        assert {str(np.asarray(part).dtype) for part in parts} == {"float32" if kind == "float32" else "float64"}


def test_a_term_is_read_in_the_notation_of_the_whole_text() -> None:
    found = vectorise(r"\sum_{i=1}^N (belta^T x_i - y_i)^2")  # no command of LaTeX stands in the term
    given = {"b": 1.5, "e": 0.5, "l": 2.0, "t": -1.0, "a": w, "X": X, "y": y}
    first, second = (compile_source(c.source, c.name)(*[given[n] for n in c.parameters]) for c in (found.loop, found.product))
    assert relative_difference(first, second) < 1e-13 and first[0] == pytest.approx(sum((-1.5 * X @ w - y) ** 2))


def test_a_loop_that_gives_something_else_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    original = vectorised_sums.loop_source
    monkeypatch.setattr(vectorised_sums, "loop_source", lambda *a: original(*a).replace("value += ", "value -= "))
    with pytest.raises(matcalc.CheckError, match="differ by"):
        vectorise(r"\sum_i (w^T x_i)^2")
    monkeypatch.setattr(vectorised_sums, "loop_source", lambda *a: original(*a).replace("[i] += ", "[i, i, i] += "))
    with pytest.raises(matcalc.CheckError, match="cannot be run"):
        vectorise(r"\sum_i (w^T x_i)^2")


def test_times_are_of_the_sizes_that_were_given() -> None:
    found = vectorise("z_i = W x_i", dims={"W": (5, 30)}).times()
    assert found.sizes == {"n": 500} and found.loop > 0 and found.product > 0


def test_what_is_too_large_is_not_run() -> None:
    found = vectorise("z_i = W x_i", dims={"W": (100000, 100000)})
    assert found.plain == "X*W'"
    with pytest.raises(matcalc.LimitError, match="10000000000 numbers"):
        found.times()


@pytest.mark.parametrize("text, options, message, hint", [
    ("x'*x", {}, "nothing in the text has an index", r"\sum_i"), ("w_j'*x_i", {}, "there are several indices: i, j", "--over i"),
    ("x_i*x_i'", {}, "neither a number nor a column", "W x_i"), ("W x_i", {"over": "k"}, "nothing has the index k", r"\sum_i"),
    (r"\prod_{i=1}^N a_i", {}, "a loop is written for sums", r"\sum_i (w^T x_i - y_i)^2"),
    (r"\sum_i x_i x_i^T", {}, "what is made of the sums is no number", r"\sum_i"),
    (r"\|\sum_i x_i\|^2", {}, "the terms of the sum are no numbers", r"\sum_i"),
    (r"\sum_{(i,j)\in\Omega} M_{ij}^2", {}, "no loop is written for what the indices run over", "i < j"),
    (r"\sum_{i=1}^N 1", {}, "nothing in '1' has the index i", "x_i"),
    (r"\sum_i x_i \sum_i y_i", {}, "the index i is that of two sums", "another letter"),
    ("z_i = h(W x_i); h(t) = t^3", {}, "without the definition of a function, and 'h' is defined", "write its formula"),
    (r"\sum_i a_i (K a)_i", {}, "the index i stands below something that is no name", "k_i^T a"),
])  # fmt: skip
def test_what_has_no_loop_is_said(text: str, options: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(matcalc.MatcalcError, match=message) as error:
        vectorise(text, **options)
    assert isinstance(error.value, UsageError) and hint in str(error.value.hint)


def test_what_is_defined_for_each_sample_is_a_term() -> None:
    found = vectorise(r"L = \sum_i l_i, l_i = (w^T x_i - y_i)^2")
    rng = np.random.default_rng(3)
    X, w, y = rng.standard_normal((5, 3)), rng.standard_normal(3), rng.standard_normal(5)
    by_hand = sum(2 * (w @ X[i] - y[i]) * X[i] for i in range(5))
    assert np.allclose(found.whole["w"].evaluate({"X": X, "w": w, "y": y}), by_hand)
    (terms,) = found.sums
    assert np.allclose(sum(terms.term["w"].evaluate({"x_i": X[i], "w": w, "y_i": y[i]}) for i in range(5)), by_hand)


def test_the_difference_of_what_is_not_the_same() -> None:
    assert relative_difference((1.0, np.ones(2)), (1.0, np.array([1.0, 1.5]))) == pytest.approx(1 / 3)


def test_where_neither_has_a_value_there_is_no_difference() -> None:
    assert relative_difference(np.array([np.nan, np.inf, 2.0]), np.array([np.nan, np.inf, 2.0])) == 0
    assert (
        not relative_difference(np.array([np.nan, 1.0]), np.array([0.0, 1.0])) < 1
        and relative_difference(1.0, np.ones(2)) == np.inf
    )
