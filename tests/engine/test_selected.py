"""Derivatives by entries, rows and columns, each against differences that move these alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import UsageError

Arrays = dict[str, Any]
RNG = np.random.default_rng(3)
NET = "s = u^T tanh(W x + b)"
VALUES: Arrays = {"u": RNG.normal(size=4), "W": RNG.normal(size=(4, 3)), "x": RNG.normal(size=3), "b": RNG.normal(size=4)}


def net(arrays: Arrays) -> float:
    return float(arrays["u"] @ np.tanh(arrays["W"] @ arrays["x"] + arrays["b"]))


def moved(f: Any, arrays: Arrays, name: str, at: tuple[int, ...], h: float = 1e-5) -> Any:
    """The slope of f where one entry moves."""
    above, below = ({**arrays, name: arrays[name].copy()} for _ in range(2))
    above[name][at] += h
    below[name][at] -= h
    return (np.asarray(f(above)) - np.asarray(f(below))) / (2 * h)


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("name", "array", "entries"),
    [("W_{23}", "W", [(1, 2)]), ("W[4,1]", "W", [(3, 0)]), ("x_3", "x", [(2,)]), ("b[2]", "b", [(1,)]),
     ("W[2,:]", "W", [(1, j) for j in range(3)]), ("W[:,3]", "W", [(i, 2) for i in range(4)]),
     ("W_{2j}", "W", [(1, j) for j in range(3)]), ("W_{i2}", "W", [(i, 1) for i in range(4)]),
     ("W_{ij}", "W", [(i, j) for i in range(4) for j in range(3)]), ("x_i", "x", [(i,) for i in range(3)])],
)  # fmt: skip
def test_by_a_part_is_the_slope_where_it_moves_alone(name: str, array: str, entries: Sequence[tuple[int, ...]]) -> None:
    d = matcalc.derive(NET, wrt=name)
    assert d.checked is not None and d.checked.passed and d.replay()
    want = np.array([moved(net, VALUES, array, at) for at in entries])
    code: Any = d.function()(**VALUES)[1]
    printed = matcalc.parse(d.result.plain, {n: v.shape for n, v in VALUES.items()}).evaluate(VALUES)
    for got in (code, d.result.evaluate(VALUES), printed):
        np.testing.assert_allclose(np.ravel(got), want, rtol=1e-8, atol=1e-9)


def test_the_lecture_says_it_by_entries() -> None:
    d = matcalc.derive("s = u^T f(W x + b)", wrt="W_{23}")
    lines = d.to_text()
    for line in ("∂z_k/∂W_ij = [k = i] x_j", "only z_i sees W_ij", "= ∂s/∂z_i x_j", "∂s/∂W_23 = u_2 f′(z_2) x_3"):
        assert line in lines
    assert r"\frac{\partial s}{\partial W_{23}} &= u_{2} f'(z_{2}) x_{3}" in d.to_latex()
    assert d["W_{23}"].shape == () and d["W_{23}"].wrt == "W_{23}"
    assert d.to_dict()["results"][0]["wrt"] == "W_{23}"


def test_letters_stand_for_all_and_a_notice_says_so() -> None:
    d = matcalc.derive("s = u^T f(W x + b)", wrt="W_{ij}")
    assert d.result.text == "u_i f′(z_i) x_j" and d.result.shape == ("n", "m")
    assert "'W_{ij}' stands for every i and j: values and code are those of the whole 'W'" in d.warnings


def test_a_sign_in_the_text_names_a_part() -> None:
    d = matcalc.derive(r"\frac{\partial s}{\partial W_{ij}}, s = u^T f(Wx+b)")
    assert d.result.text == "u_i f′(z_i) x_j"
    assert matcalc.derive(r"\nabla_{x_2} \|Ax-b\|^2").result.plain == "2*A[:,2]'*(A*x - b)"


@pytest.mark.parametrize("text, line", [
    (r"\frac{\partial z_i}{\partial W_{ij}}, z = W x + b", "∂z_i/∂W_ij = x_j"),
    ("∂z_i/∂W_ij, z = W x + b", "∂z_i/∂W_ij = x_j"),
    (r"\frac{\partial z_i}{\partial W_{ij}}, z_i = \sum_k W_{ik} x_k + b_i", "∂z_i/∂W_ij = x_j"),
    (r"\frac{\partial z_k}{\partial W_{ij}}, z = W x + b", "∂z_k/∂W_ij = [k = i] x_j"),
    (r"\frac{\partial z_i}{\partial W_{23}}, z = W x + b", "∂z_i/∂W_23 = [i = 2] x_3"),
    (r"\frac{\partial p_i}{\partial z_j}, p = \mathrm{softmax}(z)", "∂p_i/∂z_j = p_i ([i = j] - p_j)"),
    (r"\frac{\partial p_i}{\partial z_i}, p = \mathrm{softmax}(z)", "∂p_i/∂z_i = p_i (1 - p_i)"),
    (r"\frac{\partial H_{ij}}{\partial W_{kl}}, H = X W", "∂H_ij/∂W_kl = [j = l] X_ik"),
])  # fmt: skip
def test_any_entry_of_the_output(text: str, line: str) -> None:
    r"""``\frac{\partial z_i}{\partial W_{ij}}``: the letters of both stand, and the value is the whole derivative."""
    d = matcalc.derive(text)
    assert d.steps[-1].text == line and d.replay()
    if "W_{ij}" in text:
        point = {"W": np.ones((2, 3)), "x": np.array([1.0, 2.0, 3.0]), "b": np.ones(2)}
        want = np.einsum("ki,j->kij", np.eye(2), point["x"])
        np.testing.assert_allclose(d.result.evaluate({n: point[n] for n in point if n in d.problem.symbols}), want)


@pytest.mark.parametrize("text, said, hint", [
    (r"\frac{\partial z_i}{\partial x}, z = W x + b", "'x' is none", "write x_{j}, or differentiate z by x, without indices"),
    (r"\frac{\partial z_i}{\partial W_{i\cdot}}, z = W x + b", "'W_{i·}' is none", "write W_{jk}, or"),
    (r"\frac{\partial z_{ij}}{\partial x_j}, z = W x + b", "'z_{ij}' has 2 indices, and z is", "without indices"),
])  # fmt: skip
def test_entries_of_the_output_go_with_entries_of_the_variable(text: str, said: str, hint: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as error:
        matcalc.derive(text)
    assert hint in error.value.hint


def test_rows_of_a_sum_keep_their_name() -> None:
    d = matcalc.derive(r"\log\sum_{k=1}^K e^{w_k^T x}", wrt="w_k")
    assert "∂s/∂w_k = softmax(z)_k x" in d.to_text()
    third = matcalc.derive(r"\log\sum_{k=1}^K e^{w_k^T x}", wrt="w_3")
    w, x = VALUES["W"], VALUES["x"]
    p = np.exp(w @ x) / np.exp(w @ x).sum()
    got: Any = third.function()(W=w, x=x)[1]
    np.testing.assert_allclose(got, p[2] * x)
    columns = matcalc.derive(r"\log\sum_{k=1}^K e^{w_k^T x}", wrt="w_3", index={"w_k": "W[:,k]"})
    also: Any = columns.function()(W=w.T, x=x)[1]
    np.testing.assert_allclose(also, p[2] * x)


def test_rows_that_are_added_to_ones() -> None:
    d = matcalc.derive(r"\sum_i \|x_i - \mu\|^2", wrt="x_i")
    assert d.result.text == "2 (X_i· - μ)"


def test_a_jacobian_by_an_entry_is_its_column() -> None:
    d = matcalc.derive("y = tanh(A*x)", wrt="x_2")
    a, x = VALUES["W"], VALUES["x"]
    got: Any = d.function()(A=a, x=x)[1]
    np.testing.assert_allclose(got, moved(lambda v: np.tanh(a @ v["x"]), {"x": x}, "x", (1,)), rtol=1e-8)


def test_several_come_in_the_order_in_which_they_are_asked_for() -> None:
    d = matcalc.derive(NET, wrt=["x_3", "W_{12}", "W", "b"])
    assert [r.wrt for r in d.results] == ["x_3", "W_{12}", "W", "b"]
    assert "with respect to x_3, W_12, W, b" in d.to_text()
    results: Any = d.function()(**VALUES)[1]
    assert [np.shape(r) for r in results] == [(), (), (4, 3), (4,)]
    assert "grad_W_1_2" in d.to_code()


def test_an_index_beyond_the_arrays_is_an_error_and_no_other_entry() -> None:
    d = matcalc.derive(NET, wrt="W_{23}")
    small = {**VALUES, "W": VALUES["W"][:, :2], "x": VALUES["x"][:2]}
    with pytest.raises(matcalc.MatcalcError):
        d.result.evaluate(small)
    with pytest.raises((matcalc.MatcalcError, IndexError)):
        d.function()(**small)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"wrt": "x_2", "kind": "hessian"}, "'x_2' is a part of 'x', and there is no hessian by a part"),
        (
            {"wrt": "W_{23}", "layout": "numerator"},
            "'W_{23}' is a part of 'W', whose derivative by parts has the shape of the part",
        ),
        ({"wrt": "W_{12}", "structure": {"W": "symmetric"}}, "the entries of 'W' are tied, so 'W_{12}' does not move alone"),
        ({"wrt": ["W_{12}", "W[1,2]"]}, "'W_{12}' is named twice in wrt"),
    ],
)
def test_what_has_no_derivative_by_a_part(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        matcalc.derive("x'*W*x", **options)
    assert caught.value.message == message and caught.value.hint


TENSORS = [  # text, part, the entries of the array that it is, its own axes
    ("z = tanh(W*x + b)", "W_{23}", "W", (1, 2)), ("z = W*x + b", "W[2,:]", "W", (1, slice(None))),
    ("z = W*x + b", "W[:,3]", "W", (slice(None), 2)), ("Z = A*W*C", "W_{42}", "W", (3, 1)),
    ("Z = A*W*C", "W[2,:]", "W", (1, slice(None))), ("Z = x*b'", "x_2", "x", (1,)), ("Z = W'*W", "W_{23}", "W", (1, 2)),
    ("z = norm2(W)^2*x", "W_{31}", "W", (2, 0)), ("Z = inv(Q)", "Q_{12}", "Q", (0, 1)),
]  # fmt: skip
MORE: Arrays = {**VALUES, "A": RNG.normal(size=(2, 4)), "C": RNG.normal(size=(3, 2)), "Q": RNG.normal(size=(3, 3)) + 3 * np.eye(3)}


@pytest.mark.parametrize(("text", "name", "array", "at"), TENSORS, ids=[f"{t} {n}" for t, n, *_ in TENSORS])
def test_a_part_of_an_array_has_a_jacobian(text: str, name: str, array: str, at: tuple[Any, ...]) -> None:
    """It was refused: the derivative by the whole array has more than two axes."""
    dims = {n: v.shape for n, v in MORE.items() if n in text}
    d = matcalc.derive(text, wrt=name, dims=dims)
    assert d.checked is not None and d.checked.passed and d.replay()
    value, arrays = d.value.evaluate, {n: MORE[n] for n in d.dims}
    whole = np.zeros((*np.shape(value(arrays)), *MORE[array].shape))
    for place in np.ndindex(*MORE[array].shape):
        whole[(..., *place)] = moved(value, arrays, array, place)
    want = whole[(..., *at)]
    code: Any = d.function()(**arrays)[1]
    printed = matcalc.parse(d.result.plain, dims).evaluate(arrays)
    for got in (code, d.result.evaluate(arrays), printed):
        assert np.shape(got) == want.shape
        np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-8)


def test_the_lecture_says_which_entry_sees_which() -> None:
    """∂z_k/∂W_ij = [k = i] x_j: only z_i sees W_ij."""
    d = matcalc.derive("z = W x + b", wrt="W_{ij}")
    assert d.result.text == "[k = i] x_j" and "∂z_k/∂W_ij = [k = i] x_j" in d.to_text()
    assert r"\frac{\partial z_{k}}{\partial W_{ij}} &= [k = i] x_{j}" in d.to_latex()
    assert "∂z_k/∂W_23 = [k = 2] x_3" in matcalc.derive("z = W x + b", wrt="W_{23}").to_text()
    assert "∂Z_kl/∂x_i = [k = i] y_l" in matcalc.derive("Z = x*y'", wrt="x_i").to_text()


WORD2VEC = r"J = -\log \frac{\exp(u_o^\top v_c)}{\sum_w \exp(u_w^\top v_c)}"
PICKED = [  # text, part, the array, the part of its gradient, what code takes beside
    (WORD2VEC, "u_o", "U", "o", {"U": RNG.normal(size=(5, 3)), "v_c": RNG.normal(size=3)}),
    (r"L = -f_y + \log \sum_j e^{f_j}", "f_y", "f", "y", {"f": RNG.normal(size=4)}),
    (r"L = -f_y + \log \sum_j e^{f_j}, f = W x", "W[y,:]", "W", "y", {"W": RNG.normal(size=(4, 3)), "x": RNG.normal(size=3)}),
]


@pytest.mark.parametrize(("text", "name", "array", "label", "arrays"), PICKED, ids=[p[1] for p in PICKED])
def test_what_a_label_picks_is_that_part_of_the_whole_gradient(
    text: str, name: str, array: str, label: str, arrays: Arrays
) -> None:
    """Where u_o stands in the sum over w as well, that counts. It was refused."""
    d = matcalc.derive(text, name)
    assert d.checked is not None and d.checked.passed and d.replay()
    assert any(f"'{name}' is what the integer label '{label}' picks of '{array}'" in w for w in d.warnings)
    f = matcalc.derive(text, wrt=array).function()
    for i in (0, 2):
        got: Any = d.function()(**arrays, **{label: i})[1]
        want = [moved(lambda at, i=i: f(**at, **{label: i})[0], arrays, array, (i, *place)) for place in np.ndindex(np.shape(got))]
        np.testing.assert_allclose(np.ravel(got), want, rtol=1e-7, atol=1e-8)


def test_the_gradient_by_the_right_row_of_word2vec() -> None:
    """(ŷ_o − 1) v_c."""
    d, arrays = matcalc.derive(WORD2VEC, wrt="u_o"), PICKED[0][4]
    p = np.exp(arrays["U"] @ arrays["v_c"])
    got: Any = d.function()(**arrays, o=3)[1]
    np.testing.assert_allclose(got, (p[3] / p.sum() - 1) * arrays["v_c"])
    assert "∂J/∂u_o" in d.to_text() and r"\frac{\partial J}{\partial u_{o}}" in d.to_latex()


def test_a_picked_part_has_gradients_only_and_the_hint_works() -> None:
    text = r"z = f_y x + \sum_j e^{f_j} x"
    with pytest.raises(UsageError, match="'f_y' is picked by an integer label") as caught:
        matcalc.derive(text, wrt="f_y", dims={"x": ("n",)})
    assert caught.value.hint == "differentiate by 'f'"
    assert matcalc.derive(text, wrt="f", dims={"x": ("n",)}).results
