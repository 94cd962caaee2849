"""Definitions entry by entry, sums whose body goes on after a sign, and powers after log det and tr."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc import AmbiguityError, NoRuleError, ParseError, ShapeError, UsageError

N, D, K = 4, 3, 5
RNG = np.random.default_rng(3)
VALUES: dict[str, Any] = {
    "x": RNG.uniform(0.2, 1.5, N), "y": RNG.normal(size=N), "t": RNG.uniform(0.1, 1, N), "w": RNG.normal(size=D),
    "X": RNG.normal(size=(N, D)), "Z": RNG.normal(size=(K, D)), "W": RNG.normal(size=(2, D)), "v": RNG.normal(size=2),
    "A": RNG.normal(size=(N, N)), "b": RNG.normal(size=N), "c": 0.7, "W_hi": RNG.normal(size=N), "T": RNG.normal(size=(K, N, N)),
}  # fmt: skip
LETTER = {"x": "n", "y": "n", "t": "n", "b": "n", "w": "d", "v": "k", "W_hi": "n"}
DIMS: dict[str, Any] = {
    **{name: (size,) for name, size in LETTER.items()},
    "X": ("n", "d"), "Z": ("p", "d"), "W": ("k", "d"), "A": ("n", "n"), "c": (), "T": ("p", "n", "n"),
}  # fmt: skip
ROWS = {"x_i": "X[i,:]", "z_j": "Z[j,:]"}


def softmax(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum()


def value_of(text: str, index: dict[str, str], wrt: str, **options: Any) -> Any:
    used = {k: v for k, v in DIMS.items() if k != "T" or "T" in text}
    d = matcalc.derive(text, wrt=wrt, dims=used, index=index, notation="latex", **options)
    assert d.checked is not None and d.checked.passed
    return d.value.evaluate(VALUES)


x, y, t, b, w, X, Z, W, v, A, c = (VALUES[k] for k in ("x", "y", "t", "b", "w", "X", "Z", "W", "v", "A", "c"))

READ: dict[str, tuple[str, dict[str, str], str, Any]] = {
    "softmax, token by token": (r"L=-\sum_j t_j\log p_j,\ p_j=\frac{e^{x_j}}{\sum_k e^{x_k}}", {"p_j": "p[j]", "t_j": "t[j]"}, "x",
                                -(t * np.log(softmax(x))).sum()),
    "another letter in the use": (r"p_i=x_i^2,\ L=\sum_k t_kp_k", {}, "x", (t * x**2).sum()),
    "with a hat": (r"\hat y_i=w^Tx_i,\ L=\sum_{i=1}^n(y_i-\hat y_i)^2", {"x_i": "X[i,:]"}, "w", ((y - X @ w) ** 2).sum()),
    "a matrix": (r"L=\sum_{i,j}k_{ij}^2,\ k_{ij}=x_i^Tz_j", ROWS, "X", ((X @ Z.T) ** 2).sum()),
    "a matrix, turned": (r"m_{ij}=A_{ji},\ L=\sum_{i,j}m_{ij}y_ix_j", {}, "A", y @ A.T @ x),
    "vectors": (r"h_i=\tanh(Wx_i),\ L=\sum_{i,j}h_i^Th_j", {"x_i": "X[i,:]"}, "W", (np.tanh(X @ W.T).sum(0) ** 2).sum()),
    "one by another": (r"p_i=e^{x_i},\ q_i=\frac{p_i}{\sum_jp_j},\ L=q^Ty", {}, "x", softmax(x) @ y),
    "the goal": (r"z_i=\sum_jA_{ij}x_j", {}, "x", A @ x),
    "a chain": (r"L=\sum_ir_i^2,\ r_i=y_i-x_i=-(x_i-y_i)", {}, "x", ((y - x) ** 2).sum()),
}  # fmt: skip


@pytest.mark.parametrize("case", READ.values(), ids=READ)
def test_a_definition_entry_by_entry_defines_the_array(case: tuple[str, dict[str, str], str, Any]) -> None:
    text, index, wrt, want = case
    np.testing.assert_allclose(value_of(text, index, wrt), want, rtol=1e-11)


def test_the_line_says_what_was_read_and_is_checked_by_loops() -> None:
    d = matcalc.derive(r"L=p^Ty,\ p_i=\frac{e^{x_i}}{\sum_j e^{x_j}}", wrt="x", dims={"x": ("n",), "y": ("n",)})
    (line,) = [s for s in d.steps if s.rule == "vectorised-sum"]
    assert line.lhs.latex.endswith("_{i}") and line.check.method == "term by term"
    assert "p" in {name for name, _ in d.problem.definitions}


PRODUCTS: dict[str, tuple[str, str, str]] = {
    "matrix and vector": (r"\sum_i(y_i-\sum_jA_{ij}x_j)^2", "x", "2*A'*(A*x - y)"),
    "two sides": (r"\sum_{i,j}y_iA_{ij}x_j", "x", "A'*y"),
    "quadratic form": (r"\sum_{i=1}^n\sum_{j=1}^nA_{ij}x_ix_j", "x", "(A + A')*x"),
    "turned": (r"\sum_{i,j}A_{ji}x_iy_j", "x", "A'*y"),
    "weights inside": (r"\sum_{i,j}A_{ij}b_jA_{ij}x_j", "x", "b .* ((A.^2)'*ones(n))"),
    "two matrices": (r"\sum_{i,j}Z_{ij}\sum_kA_{ik}X_{kj}", "X", "A'*Z"),
    "scaled and negative": (r"-\sum_{i}\sum_j\frac{A_{ij}x_jy_i}{c}", "x", "-A'*y/c"),
    "separate": (r"\sum_{i,j}x_iy_j", "x", "sum(y)*ones(n)"),
    "three indices": (r"\sum_{i,j,k}T_{ijk}v_ix_jy_k", "x", "einsum('ijk,i,k->j', T, v, y)"),
    "factors of a tensor": (r"z_{i}=\sum_{j,k}T_{ijk}x_jy_k", "x", "einsum('ijk,k->ij', T, y)"),
}  # fmt: skip


@pytest.mark.parametrize("case", PRODUCTS.values(), ids=PRODUCTS)
def test_sums_of_products_of_entries_are_products_of_matrices(case: tuple[str, str, str]) -> None:
    text, wrt, want = case
    dims = {
        "A": ("n", "n"),
        "Z": ("n", "d"),
        "X": ("n", "d"),
        "T": ("k", "n", "n"),
        "v": ("k",),
        "c": (),
        **dict.fromkeys("xyb", ("n",)),
    }
    d = matcalc.derive(text, wrt=wrt, dims={k: s for k, s in dims.items() if k in text}, notation="latex")
    assert d.result.plain == want


LONGER: dict[str, tuple[str, dict[str, str], Any]] = {
    "log-likelihood": (r"\sum_{i=1}^n t_i\log\sigma(x_i)+(1-t_i)\log(1-\sigma(x_i))", {},
                       (t * np.log(1 / (1 + np.exp(-x))) + (1 - t) * np.log(1 / (1 + np.exp(x)))).sum()),
    "a factor in front": (r"\frac1n\sum_i y_ix_i-b_ix_i", {}, ((y - b) * x).sum() / N),
    "two sums": (r"\sum_i x_i^2+\sum_i b_ix_i", {}, (x**2).sum() + b @ x),
    "another sum inside": (r"\sum_i b_ix_i+\sum_jA_{ij}x_j", {}, b @ x + (A @ x).sum()),
    "a label": (r"\sum_i x_i^2+W_{hi}^Ty", {}, (x**2).sum() + VALUES["W_hi"] @ y),
    "a term without the index": (r"\sum_i x_i^2+c", {}, (x**2).sum() + c),
    "nested": (r"\sum_i\sum_jA_{ij}x_ix_j+b_ix_i", {}, x @ A @ x + b @ x),
    "in brackets": (r"\left(\sum_i x_i\right)\sum_i b_i", {}, x.sum() * b.sum()),
}  # fmt: skip


@pytest.mark.parametrize("case", LONGER.values(), ids=LONGER)
def test_a_sum_goes_on_while_its_index_does(case: tuple[str, dict[str, str], Any]) -> None:
    text, index, want = case
    np.testing.assert_allclose(value_of(text, index, "x"), want, rtol=1e-11)


REFUSED: dict[str, tuple[str, dict[str, str], type[Exception], str]] = {
    "index lost": (r"\sum_i x_i^2+c-x_i", {}, ParseError, "not bound"),
    "in brackets": (r"(\sum_i x_i^2)+b_ix_i", {}, ParseError, "not bound"),
    "no index on the right": (r"p_{ij}=x_i, L=\sum_{ij}p_{ij}", {"p_{ij}": "p[i,j]"}, ParseError, "does not depend on the index j"),
    "recursion": (r"h_j=\tanh(Ah_k+b_j)", {}, UsageError, "defined by itself"),
    "vectors said to be scalars": (r"h_i=Wx_i, L=\sum_ih_i^2", {"x_i": "X[i,:]", "h_i": "h[i]"}, ShapeError, "are vectors here"),
    "power after log det": (r"\log\det(A)^2", {}, AmbiguityError, "two readings"),
    "inverse after tr": (r"\operatorname{tr}(A+A^T)^{-1}", {}, AmbiguityError, "two readings"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_open_is_refused(case: tuple[str, dict[str, str], type[Exception], str]) -> None:
    text, index, error, words = case
    with pytest.raises(error, match=words):
        value_of(text, index, "A")


def test_a_hat_is_no_index() -> None:
    text, dims = r"\sum_i\hat x_i^T v+\sum_jx_j", {"U": ("n", "k"), "v": ("k",), "x": ("p",)}
    d = matcalc.derive(text, wrt="v", dims=dims, index={r"\hat x_i": "U[i,:]"})
    assert d.value.plain == "sum(U*v) + sum(x)"


def test_an_array_with_a_hat_is_named_as_in_the_text() -> None:
    d = matcalc.derive(r"\hat y=Xw,\ L=\sum_i(y_i-\hat y_i)^2", wrt="w", dims={k: DIMS[k] for k in "Xwy"},
                       index={r"\hat y_i": r"\hat y[i]"})  # fmt: skip
    np.testing.assert_allclose(d.value.evaluate(VALUES), ((y - X @ w) ** 2).sum())


def test_the_inverse_after_log_det_has_one_meaning() -> None:
    d = matcalc.derive(r"\log\det\left(A\right)^{-1}", wrt="A", dims={"A": ("n", "n")})
    np.testing.assert_allclose(d.result.evaluate({"A": A}), -np.linalg.inv(A).T, rtol=1e-9)


LEAST_SQUARES = {"X": ("n", "d"), "y": ("n",), "w": ("d",)}


@pytest.mark.parametrize("text", [r"S(w)=e'e=(y-Xw)'(y-Xw)", r"S=e'e=(y-Xw)'(y-Xw)", r"S=\|y-Xw\|^2=e^Te"])
def test_of_equal_members_the_one_with_known_names_counts(text: str) -> None:
    d = matcalc.derive(text, wrt="w", dims=LEAST_SQUARES)
    assert d.result.plain == "2*X'*(X*w - y)"


def test_members_that_say_the_same_are_compared_and_pass() -> None:
    d = matcalc.derive(r"f=\|y-Xw\|^2=\sum_i(y_i-x_i^Tw)^2=y^Ty-2w^TX^Ty+w^TX^TXw", wrt="w", dims=LEAST_SQUARES,
                       index={"x_i": "X[i,:]"})  # fmt: skip
    assert len(d.problem.equal) == 2 and d.result.plain == "2*X'*(X*w - y)"


@pytest.mark.parametrize(
    "text", [r"f=\|y-Xw\|^2=y^Ty-w^TX^Ty+w^TX^TXw", r"\|y-Xw\|^2=(y-Xw)^T(y-Xw)+1", r"f(w)=\|y-Xw\|^2=X^T(Xw-y)"]
)
def test_members_that_differ_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="members of this equality differ") as caught:
        matcalc.derive(text, wrt="w", dims=LEAST_SQUARES)
    assert caught.value.span is not None and "^" in str(caught.value)


DIFFERENCES: dict[str, tuple[str, str, Any]] = {
    "distances": (r"\sum_{i,j}A_{ij}\|x_i-x_j\|^2", "X",
                  sum(A[i, j] * ((X[i] - X[j]) ** 2).sum() for i in range(N) for j in range(N))),
    "clusters": (r"\sum_i\sum_j R_{ij}\|x_i-z_j\|^2", "Z",
                 sum((i + j) * ((X[i] - Z[j]) ** 2).sum() for i in range(N) for j in range(K))),
    "kernel": (r"\sum_{i,j}\exp(-c\|x_i-z_j\|^2)", "X",
               sum(np.exp(-c * ((X[i] - Z[j]) ** 2).sum()) for i in range(N) for j in range(K))),
    "metric": (r"\sum_{i,j}A_{ij}(x_i-x_j)^TM(x_i-x_j)", "M",
               sum(A[i, j] * (X[i] - X[j]) @ np.diag([1.0, 2, 3]) @ (X[i] - X[j]) for i in range(N) for j in range(N))),
    "three terms": (r"\sum_{i,j}\|W(x_i-z_j)+v\|^2", "v",
                    sum(((W @ (X[i] - Z[j]) + v) ** 2).sum() for i in range(N) for j in range(K))),
    "inner products": (r"\sum_{i,j}\langle w,\frac{x_i+z_j}{2}\rangle^2", "w",
                       sum((w @ (X[i] + Z[j])) ** 2 / 4 for i in range(N) for j in range(K))),
    "distance": (r"\sum_{i,j}\left\|x_i-z_j\right\|", "X",
                 sum(np.sqrt(((X[i] - Z[j]) ** 2).sum()) for i in range(N) for j in range(K))),
}  # fmt: skip


@pytest.mark.parametrize("case", DIFFERENCES.values(), ids=DIFFERENCES)
def test_differences_of_vectors_over_two_indices(case: tuple[str, str, Any]) -> None:
    text, wrt, want = case
    dims = {"X": ("n", "d"), "Z": ("p", "d"), "A": ("n", "n"), "R": ("n", "p"), "M": ("d", "d"), "W": ("k", "d"), "c": (),
            "v": ("k",), "w": ("d",)}  # fmt: skip
    d = matcalc.derive(text, wrt=wrt, dims=dims, index=ROWS, notation="latex")
    assert d.checked is not None and d.checked.passed
    values = {**VALUES, "R": np.add.outer(np.arange(N), np.arange(K)) * 1.0, "M": np.diag([1.0, 2, 3])}
    np.testing.assert_allclose(d.value.evaluate(values), want, rtol=1e-10)


WEIGHTED: dict[str, tuple[str, str, str, Any]] = {
    "messages": (r"\sum_i\Big\|\sum_jA_{ij}Wx_j-v\Big\|^2", "W", "2*(W*X'*A' - v*ones(n)')*A*X",
                 sum(((W @ (A[i] @ X) - v) ** 2).sum() for i in range(N))),
    "weights summed first": (r"\sum_j\left\|\sum_iA_{ij}x_j\right\|^2", "X", "2*(X .* ((A'*ones(n)).^2*ones(d)'))",
                             sum(((A[:, j].sum() * X[j]) ** 2).sum() for j in range(N))),
    "weights in a sum": (r"\Big\|\sum_ib_ix_i-w\Big\|^2", "b", "2*X*(X'*b - w)", ((b @ X - w) ** 2).sum()),
    "scaled": (r"\sum_iw^T\sum_jcA_{ij}x_j", "w", "c*X'*A'*ones(n)", c * (A @ X @ w).sum()),
    "a metric": (r"\sum_i\|x_i-w\|^2_{M^{-1}}", "w", "2*inv(M)*(n*w - X'*ones(n))",
                 sum((X[i] - w) @ np.diag([1, 1 / 2, 1 / 4]) @ (X[i] - w) for i in range(N))),
    "powers of each": (r"\log\prod_i t_i^{b_i}(1-t_i)^{1-b_i}", "t", "b ./ t - (1 - b) ./ (1 - t)",
                       (b * np.log(t) + (1 - b) * np.log(1 - t)).sum()),
}  # fmt: skip


@pytest.mark.parametrize("case", WEIGHTED.values(), ids=WEIGHTED)
def test_weighted_vectors(case: tuple[str, str, str, Any]) -> None:
    text, wrt, want, value = case
    dims = {**{k: s for k, s in DIMS.items() if k in text and k not in "xyT"}, "X": ("n", "d"), "M": ("d", "d")}
    d = matcalc.derive(text, wrt=wrt, dims=dims, index={"x_i": "X[i,:]"}, notation="latex",
                       assume={"M": "spd", "t": "unit-interval"})  # fmt: skip
    assert d.checked is not None and d.checked.passed
    np.testing.assert_allclose(d.value.evaluate({**VALUES, "t": t, "M": np.diag([1.0, 2, 4])}), value, rtol=1e-10)
    assert matcalc.equal(d.result.plain, want, dims=dims, assume={"M": "spd", "t": "unit-interval"})


def test_a_one_hot_vector_as_index_selects() -> None:
    U, o, x = np.arange(12.0).reshape(3, 4) / 10, np.array([0, 0, 1.0, 0]), np.array([0.2, 0.5, -1])
    d = matcalc.derive(r"-\log\frac{\exp(u_o^Tx)}{\sum_w\exp(u_w^Tx)}+b_o", wrt="U", notation="latex", assume={"o": "one-hot"},
                       dims={"U": ("d", "V"), "x": ("d",), "o": ("V",), "b": ("V",)},
                       index={"u_o": "U[:,o]", "u_w": "U[:,w]", "b_o": "b[o]"})  # fmt: skip
    p = np.exp(U.T @ x) / np.exp(U.T @ x).sum()
    np.testing.assert_allclose(d.result.evaluate({"U": U, "x": x, "o": o, "b": np.ones(4)}), np.outer(x, p - o), atol=1e-12)
    assert any("one-hot" in w for w in d.warnings)


def test_a_quotient_of_exponentials_is_the_softmax() -> None:
    d = matcalc.derive(r"p_i=\frac{e^{x_i}}{\sum_je^{x_j}}", wrt="x", dims={"x": ("n",)}, notation="latex")
    assert d.result.plain == "diag(softmax(x)) - softmax(x)*softmax(x)'"


def test_the_label_of_a_norm_under_a_sum_is_printed_as_a_matrix() -> None:
    d = matcalc.derive(r"\sum_i\|x_i-w\|^2_{M^{-1}}", wrt="w", dims={"X": ("n", "d"), "w": ("d",), "M": ("d", "d")},
                       index={"x_i": "X[i,:]"}, assume={"M": "spd"})  # fmt: skip
    assert r"\rVert_{M^{-1}}^{2}" in d.to_latex() and "‖x_i - w‖_{M⁻¹}²" in d.to_text()


@pytest.mark.parametrize("body", [r"v^T\tanh(x_i-x_j)", r"\|x_i-x_j\|_1", r"(x_i-x_j)(x_i-x_j)^Tv"])
def test_what_no_array_holds_is_refused(body: str) -> None:
    with pytest.raises(NoRuleError, match="no matrix form"):
        matcalc.derive(rf"\sum_{{i,j}}{body}", wrt="X", dims={"X": ("n", "d"), "v": ("d",)}, index=ROWS, notation="latex")


MANNERS: dict[str, tuple[str, str, str]] = {
    "capital letters in front": (r"RSS=\|y-Xw\|^2", "w", "2*X'*(X*w - y)"),
    "with an argument": (r"MSE(w)=\frac1n\|y-Xw\|^2", "w", "2*X'*(X*w - y)/n"),
    "over": (r"{1\over 2}y^TAy", "y", "(A + A')*y/2"),
    "over, nested": (r"{y^Tb\over {y^Ty}}", "b", "y/norm2(y)^2"),
    "entrywise, by kind": (r"y^T(A\odot bb^T)y", "A", "y*b'.*b*y'"),
    "entrywise, by size": (r"v^T(Ww\odot v)", "w", "W'*v.^2"),
}  # fmt: skip


@pytest.mark.parametrize("case", MANNERS.values(), ids=MANNERS)
def test_manners_with_one_meaning_are_read(case: tuple[str, str, str]) -> None:
    text, wrt, want = case
    used = {k: s for k, s in DIMS.items() if k != "T" and k in text}
    result = matcalc.derive(text, wrt=wrt, dims=used, notation="latex").result
    if "odot bb" in text:
        np.testing.assert_allclose(result.evaluate(VALUES), np.outer(y, y) * np.outer(b, b), rtol=1e-11)
    else:
        assert result.plain == want


@pytest.mark.parametrize("text", [r"y^T(Ax\odot b)", r"x^TAb\odot y"])
def test_an_entrywise_product_that_fits_twice_is_asked_about(text: str) -> None:
    with pytest.raises(AmbiguityError, match="two readings"):
        matcalc.parse(text, {k: DIMS[k] for k in "xybA"}, notation="latex")


def test_objects_with_a_letter_as_label_are_no_entries() -> None:
    dims = {"W": ("n", "n"), "h_{t-1}": ("n",), "x_t": ("n",)}
    d = matcalc.derive(r"h_t=\tanh(Wh_{t-1}+x_t)", wrt="x_t", dims=dims, notation="latex")
    assert d.result.plain == "diag(1 - tanh(W*`h_{t-1}` + x_t).^2)"


def test_a_product_of_capital_letters_is_no_name() -> None:
    with pytest.raises(AmbiguityError):
        matcalc.parse(r"AWX=\|y-Xw\|^2", DIMS, notation="latex")


def test_an_index_that_no_sum_binds_is_named() -> None:
    with pytest.raises(ParseError, match="the index k is not bound by a sum here") as caught:
        matcalc.parse(r"X_{ij} = A_{ik} B_{kj}")
    assert r"write \sum_{k} in front" in str(caught.value.hint)
    a, b = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 4))
    e = matcalc.parse(r"X_{ij} = \sum_{k} A_{ik} B_{kj}")  # as the hint says
    np.testing.assert_allclose(e.evaluate({"A": a, "B": b}), a @ b)


def test_an_index_that_nothing_runs_over_stands_for_all_entries() -> None:
    d = matcalc.derive(r"x_i\,\frac{(\Sigma x)_i}{\sqrt{x^T\Sigma x}}", wrt="x")
    rng = np.random.default_rng(2)
    s, x = rng.normal(size=(3, 3)), rng.normal(size=3)
    s = s @ s.T

    def value(x: Any) -> Any:
        return x * (s @ x) / np.sqrt(x @ s @ x)

    slope = np.array([(value(x + e) - value(x - e)) / 2e-6 for e in 1e-6 * np.eye(3)]).T
    assert np.allclose(d.results[0].evaluate({"x": x, "Sigma": s}), slope, atol=1e-7)
    assert "nothing runs over i: the formula is read as that of the entries of a vector" in d.warnings
    assert matcalc.parse(r"\frac{e^{z_i}}{\sum_j e^{z_j}}").plain == "exp(z)/sum(exp(z))"


def test_a_formula_without_a_left_side_has_no_name_in_its_refusal() -> None:
    with pytest.raises(NoRuleError) as caught:
        matcalc.derive(r"\theta^T x + n\theta_n", r"\theta")
    assert "None" not in str(caught.value) and "for each n" in caught.value.message
