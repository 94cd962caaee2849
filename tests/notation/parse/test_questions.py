"""What a sentence leaves open is asked about, with both readings."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.expr.errors import AmbiguityError, MatcalcError


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("A^T^2", ()), ("x^*", ()), (r"\sigma^2(x)", ()), ("f_i(x)", ()),
        ("A x = b", ()), ("x(2)", ()), ("f ∘ g(x)", ()),
        ("k(x - y)", ()),
    ],
)  # fmt: skip
def test_two_readings_are_named(text: str, readings: tuple[str, ...]) -> None:
    with pytest.raises(MatcalcError) as caught:
        read_problem(text, {"x": ("n",), "y": ("n",), "A": ("n", "n"), "b": ("n",)})
    assert caught.value.span is not None and caught.value.hint


def test_an_index_behind_a_name_in_brackets_is_asked_about() -> None:
    x, v = np.array([1.5, 2.0, 0.5]), np.array([2.0, 3.0, 1.0])
    dims = {"x": ("n",), "v": ("n",)}
    with pytest.raises(AmbiguityError, match="an index behind") as caught:
        matcalc.parse("x.^(v)[2]", dims=dims)
    assert len(caught.value.ways) == 2
    values = [matcalc.parse(t, dims=dims).evaluate({"x": x, "v": v}) for t in ("(x.^v)[2]", "x.^v[2]")]
    assert values[0] == x[1] ** v[1] and np.allclose(values[1], x ** v[1])


@pytest.mark.parametrize(
    ("text", "declared"), [("k*(x - y)", {"k": ()}), ("x[2]", {}), ("(1/2)*x", {}), ("(f(x))'*(f(x))", {}), ("f(g(x))", {})]
)
def test_said_one_way_there_is_no_question(text: str, declared: dict[str, tuple[str, ...]]) -> None:
    read_problem(text, {"x": ("n",), "y": ("n",), **declared})


def test_an_entry_is_written_as_the_notation_writes_it() -> None:
    with pytest.raises(MatcalcError) as plain:
        read_problem("x(2)", {"x": ("n",)})
    assert "x[2]" in plain.value.hint and "2*x" in plain.value.hint
    with pytest.raises(MatcalcError) as latex:
        read_problem(r"\frac{1}{2} x[2]", {"x": ("n",)})
    assert r"\left[x\right]_{2}" in latex.value.hint


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        (r"\log\det K(\theta)", ("a function of each entry", "--dim 'K(theta)=n,n' for a matrix")),
        (r"\|r(x)\|^2", ("a function of each entry", "--dim 'r(x)=m' for a vector")),
    ],
)
def test_a_function_that_is_not_of_each_entry_has_a_way_on(text: str, ways: tuple[str, ...]) -> None:
    with pytest.raises(MatcalcError) as caught:
        read_problem(text)
    assert all(way in caught.value.hint for way in ways)


def test_the_way_on_is_the_chain_rule() -> None:
    """d/dθ log det K(θ) and the gradient of ‖r(x)‖² by differences, for K and r that are known."""
    import numpy as np

    import matcalc

    k, moved = np.array([[2.0, 0.3], [0.3, 1.0]]), np.array([[0.5, 1.0], [1.0, -0.2]])
    by_k = matcalc.parse(matcalc.derive(r"\log\det K", wrt="K").result.plain, {"K": (2, 2)}).evaluate({"K": k})
    value = [np.linalg.slogdet(k + h * moved)[1] for h in (1e-6, -1e-6)]
    assert np.allclose((by_k * moved).sum(), (value[0] - value[1]) / 2e-6, rtol=1e-7)
    jacobian, r = np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.1]]), np.array([0.4, -2.0, 1.0])
    by_r = matcalc.parse(matcalc.derive(r"\|r\|^2", wrt="r", dims={"r": ("n",)}).result.plain, {"r": ("n",)}).evaluate({"r": r})
    for i in range(2):
        value = [np.sum((r + h * jacobian[:, i]) ** 2) for h in (1e-6, -1e-6)]
        assert np.allclose((jacobian.T @ by_r)[i], (value[0] - value[1]) / 2e-6, rtol=1e-7)


def test_a_power_on_the_left_is_a_label_by_its_reading() -> None:
    text = r"L = -\sum_{k=1}^K y_k^{LS}\log z_k, \quad y_k^{LS} = y_k(1-\alpha)+\alpha/K"
    with pytest.raises(AmbiguityError, match="a value called y with the label LS, or an equation") as caught:
        matcalc.derive(text, wrt="z")
    (reading,) = caught.value.readings
    assert reading.kwargs == {"meant": {"y_k^{LS}": "y_k^{(LS)}"}}
    d = matcalc.derive(text, wrt="z", **reading.kwargs)
    y, z, a = np.array([0.0, 1.0, 0.0]), np.array([0.2, 0.5, 0.3]), 0.1
    got = d.result.evaluate({"y": y, "z": z, "alpha": a})
    np.testing.assert_allclose(got, -(y * (1 - a) + a / 3) / z)


def test_an_index_behind_a_declared_matrix_and_brackets_is_asked_about() -> None:
    with pytest.raises(AmbiguityError, match="has two readings") as caught:
        matcalc.parse(r"K(\phi)_{11} + y^T K y", dims={"K": ("n", "n")})
    assert "K is declared, so it is no function" in caught.value.message


@pytest.mark.parametrize("text", [r"\sum_{i=1}^n \rho(y_i - x_i^T\beta)", r"\sum_i w_i \ell(y_i - x_i^T\beta)"])
def test_a_letter_before_a_bracket_in_every_term_is_a_number_or_a_function(text: str) -> None:
    r"""A robust loss ρ was read as a number that the sum of the residuals is multiplied by, without a word."""
    with pytest.raises(AmbiguityError, match="has two readings: the product") as caught:
        matcalc.derive(text, r"\beta")
    letter = "rho" if "rho" in text else "ell"
    product, function = (matcalc.derive(text, r"\beta", **r.kwargs) for r in caught.value.readings)
    assert letter in product.dims and letter not in function.dims


@pytest.mark.parametrize(
    "text",
    [
        r"\sum_i (r_i - p^T q_i)^2 + \lambda(\|p\|^2 + \sum_i \|q_i\|^2)",  # beside a sum
        r"\sum_i \left((r_i - p^T q_i)^2 + \lambda(p^T q_i + 1)\right)",  # a term among others
        r"\sum_i \lambda(x_i - z_i)^2",
        r"\lambda\sum_i x_i^2 + \sum_i \lambda(x_i + 1)",  # a number elsewhere
        r"\lambda(x^T x - 1)",
        r"\sum_i \rho(x^T x - 1) y_i",  # nothing in the bracket runs
    ],
)
def test_a_letter_that_is_a_factor_is_none_of_a_function(text: str) -> None:
    assert not {"lambda", "rho"}.isdisjoint(matcalc.derive(text, check=False).dims)


def test_a_capital_before_an_indexed_name_in_brackets_is_asked_about() -> None:
    """V(s_t) was a matrix times a vector, without a word."""
    text = r"r_t + \gamma V(s_{t+1}) - V(s_t)"
    with pytest.raises(AmbiguityError, match="a function V of") as caught:
        matcalc.derive(text, r"\gamma")
    assert len(caught.value.readings) > 1
    assert matcalc.derive(r"W(x_1+x_2)", "W").reading.plain == "W*(x_1 + x_2)"
