"""What is zero at some sizes, on some branches or to some digits is not zero: it is neither shown as 0 nor called equal."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from tests.slices import draws

# A derivative, and values of the inputs at which an entry of it is far from 0 (computed by hand beside it).
KINKS = [
    ("sum(x.*relu(y-10))", {"x": [1.0, 2.0], "y": [11.0, 5.0]}, [1.0, 0.0]),
    ("max(alpha-3,0)*sum(x)", {"alpha": 5.0, "x": [1.0, 2.0]}, [2.0, 2.0]),
    ("step(alpha-2)*sum(x)", {"alpha": 5.0, "x": [1.0, 2.0]}, [1.0, 1.0]),
    ("min(alpha+5,0)*sum(x)", {"alpha": -7.0, "x": [1.0, 2.0]}, [-2.0, -2.0]),
    ("(sign(alpha-10)+1)*sum(x)", {"alpha": 12.0, "x": [1.0, 2.0]}, [2.0, 2.0]),
    ("relu(y'*y-100)*sum(x)", {"y": [11.0], "x": [1.0, 2.0]}, [21.0, 21.0]),
    ("max(norm2(y)-100,0)*sum(x)", {"y": [0.0, 103.0], "x": [1.0, 2.0]}, [3.0, 3.0]),
    ("abs(alpha-10)*sum(x)-(10-alpha)*sum(x)", {"alpha": 12.0, "x": [1.0, 2.0]}, [4.0, 4.0]),
    ("huber(alpha,100)*sum(x)-alpha^2/2*sum(x)", {"alpha": 102.0, "x": [1.0]}, [-2.0]),
    ("hardtanh(alpha/100)*sum(x)*100-alpha*sum(x)", {"alpha": 103.0, "x": [1.0]}, [-3.0]),
]  # fmt: skip
SIZES = [
    ("x'*pinv(X)*X*x", {"X": [[1.0, 0.0]], "x": [3.0, 4.0]}, [6.0, 0.0]),
    ("det(z*y')*sum(x)", {"z": [3.0], "y": [2.0], "x": [1.0, 1.0]}, [6.0, 6.0]),
    ("(x'*x)*det(A-A')", {"A": [[0.0, 1.0], [0.0, 0.0]], "x": [3.0, 1.0]}, [6.0, 2.0]),
    ("x'*x*(det(-A)+det(A))", {"A": [[1.0, 0.0], [0.0, 1.0]], "x": [3.0, 1.0]}, [12.0, 4.0]),
    ("x'*x*exp(abs(det(A-A')))", {"A": [[0.0, 0.0], [0.0, 0.0]], "x": [3.0, 1.0]}, [6.0, 2.0]),
    ("sum(x)+x'*x*abs(det(A-A'))", {"A": [[0.0, 1.0], [0.0, 0.0]], "x": [3.0, 1.0]}, [7.0, 3.0]),
]  # fmt: skip
BORDERS = [
    ("sqrt((alpha-100)^2)*sum(x)+alpha*sum(x)", {"alpha": 103.0, "x": [1.0]}, [106.0]),
    ("acosh(cosh(alpha-9))*sum(x)+alpha*sum(x)", {"alpha": 11.0, "x": [1.0]}, [13.0]),
    ("exp(log((alpha-30)^2)/2)*sum(x)+alpha*sum(x)", {"alpha": 31.0, "x": [1.0]}, [32.0]),
    ("x'*x*sqrt(x'*x)*(sqrt((alpha+50)^2)-50-alpha)", {"alpha": -51.0, "x": [1.0]}, [6.0]),
]  # fmt: skip
TINY = [
    ("exp(-300)*sum(x)", {"x": [1.0]}, [5.148200222412013e-131]),
    ("1e-100*sum(x)", {"x": [1.0]}, [1e-100]),
    ("exp(-(sum(x)+30)^2)", {"x": [-30.5]}, [1.0 * 0.7788007830714049]),
    ("sigmoid(300+sum(x))", {"x": [-300.0]}, [0.25]),
    ("tanh(100+sum(x))", {"x": [-100.0]}, [1.0]),
]  # fmt: skip


@pytest.mark.sample(7)
@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
@pytest.mark.parametrize("text, arrays, want", [*KINKS, *SIZES, *BORDERS, *TINY])
def test_is_not_zero(text: str, arrays: dict[str, Any], want: list[float], style: str) -> None:
    if style == "elementwise" and any(word in text for word in ("det", "pinv")):
        style = "differential"
    got = matcalc.derive(text, wrt="x", style=style).result.evaluate(arrays)
    assert got == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("text, at, want", [
    ("sqrt((x-100)^2)+x", 103.0, 2.0), ("((x-100)^2)^0.5+x", 103.0, 2.0), ("acosh(cosh(x-9))+x", 11.0, 2.0),
    ("sqrt((x-exp(6))^2)+x", 500.0, 2.0),
])  # fmt: skip
def test_the_other_side_of_a_border_counts(text: str, at: float, want: float) -> None:
    """The derivative is 0 at all points near 0, where the points of the check are."""
    assert matcalc.derive(text, wrt="x", dims={"x": ()}).result.evaluate({"x": at}) == pytest.approx(want)


def test_numbers_as_sizes_do_not_choose_branches() -> None:
    import numpy as np

    for text, value in (("relu(sum(ones(1000))-50)*sum(x)", 950.0), ("relu(tr(eye(1000))-500)*sum(x)", 500.0)):
        found = matcalc.derive(text, wrt="x", dims={"x": (1000,)}).result
        assert np.allclose(found.evaluate({"x": np.ones(1000)}), value)
    found = matcalc.derive("mean(x)*max(n-20,0)", wrt="x", dims={"x": ("n",)}).result
    assert np.allclose(found.evaluate({"x": np.ones(30)}), 10 / 30)


@pytest.mark.parametrize("text, assume, arrays, want", [
    ("sum(x)*(1-max(y))", {"y": "binary"}, {"x": [1.0], "y": [0.0, 0.0]}, [1.0]),
    ("x'*x*(tr(Q)-m+2)", {"Q": "orthogonal,symmetric"}, {"x": [3.0], "Q": [[1.0, 0.0], [0.0, 1.0]]}, [12.0]),
])  # fmt: skip
def test_one_draw_stands_for_no_other(text: str, assume: dict[str, str], arrays: dict[str, Any], want: list[float]) -> None:
    dims = {"Q": ("m", "m")} if "Q" in arrays else {}
    assert matcalc.derive(text, wrt="x", assume=assume, dims=dims).result.evaluate(arrays) == pytest.approx(want)


@pytest.mark.slow
def test_a_residual_is_not_zero_for_tall_matrices() -> None:
    """By y: 2 (I − X X⁺) y, for X = (1, 0)ᵀ."""
    for wrt in ("y", "X"):
        found = matcalc.derive("norm2(y-X*pinv(X)*y)^2", wrt=wrt).result
        got = found.evaluate({"X": [[1.0], [0.0]], "y": [5.0, 3.0]})
        assert got == pytest.approx([0.0, 6.0]) if wrt == "y" else got[1][0] == pytest.approx(-2 * 5 * 3)


@pytest.mark.sample(5)
@pytest.mark.parametrize("a, b", [
    ("tr(A^2)", "tr(A)^2-2*det(A)"), ("det(-A)", "det(A)"), ("relu(alpha-9)", "0*alpha"), ("max(alpha,9)", "9+0*alpha"),
    ("X*pinv(X)", "eye(m)"), ("1e-100*x", "0*x"), ("x", "x+1e-13*x"), ("tanh(100+alpha)", "1+0*alpha"),
    ("sqrt((alpha-100)^2)", "100-alpha"), ("acosh(cosh(alpha-9))", "9-alpha"), ("exp(logdet(A))", "det(A)"),
    ("max(alpha,-123456)", "alpha"), ("clip(alpha,-5000,5000)", "alpha"),
    ("arcsin(sin(alpha))", "alpha"), ("arctan(tan(alpha))", "alpha"),
])  # fmt: skip
def test_is_not_equal(a: str, b: str) -> None:
    assert not matcalc.equal(a, b, dims={"X": ("m", "n")} if "X" in a else {})


@pytest.mark.slow
@pytest.mark.parametrize("seeds", draws(4, 16))
@pytest.mark.parametrize("a, b", [
    ("sqrt((alpha-100)^2)", "100-alpha"), ("max(alpha,-123456)", "alpha"), ("sqrt((x[1]-100)^2)", "100-x[1]"),
])  # fmt: skip
def test_a_border_is_passed_wherever_the_points_are(a: str, b: str, seeds: range) -> None:
    assert not [seed for seed in seeds if matcalc.equal(a, b, seed=seed)]


@pytest.mark.sample(10)
@pytest.mark.parametrize("a, b", [
    ("max(x,y)", "(x+y+abs(x-y))/2"), ("exp(alpha+beta)", "exp(alpha)*exp(beta)"), ("logdet(A)", "log(abs(det(A)))"),
    ("relu(x)-relu(-x)", "x"), ("f(x)+x", "x+f(x)"), ("tanh(alpha)", "2*sigmoid(2*alpha)-1"), ("X*pinv(X)*X", "X"),
    ("sin(arcsin(alpha))", "alpha"), ("arctan(alpha)", "arcsin(alpha/sqrt(1+alpha^2))"),
    ("max(alpha,5000)", "(alpha+5000+abs(alpha-5000))/2"),
])  # fmt: skip
def test_is_equal(a: str, b: str) -> None:
    assert matcalc.equal(a, b)


@pytest.mark.sample(4)
@pytest.mark.parametrize("text, wrt", [
    ("exp(2*alpha)-exp(alpha)^2", "alpha"), ("x'*(expm(A)*expm(-A))*x-x'*x", "A"), ("tanh(alpha)-2*sigmoid(2*alpha)", "alpha"),
    ("tr(X*inv(X'*X)*X')", "X"), ("norm1(softmax(x))", "x"),
])  # fmt: skip
def test_is_zero(text: str, wrt: str) -> None:
    """Derivatives that are 0 for all sizes: e^{2a} = (e^a)², e^A e^{-A} = I, tanh a = 2σ(2a) − 1, tr of a projection, Σσ = 1."""
    import numpy as np

    d = matcalc.derive(text, wrt=wrt)
    assert matcalc.equal(d.result, "0*" + ("alpha" if wrt == "alpha" else wrt), dims=d.dims)
    assert np.size(d.result.shape) <= 2


@pytest.mark.sample(4)
@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
@pytest.mark.parametrize("text, want", [
    ("alpha^999999999999", 999999999999.0), ("alpha^3*(alpha^2)^499999999998", 999999999999.0), ("exp(-1e6*alpha)", 0.0),
])  # fmt: skip
def test_what_no_double_holds_is_not_zero(text: str, want: float, style: str) -> None:
    """d/da a^k is k at a = 1, although it is below every double at the points of the check; and the reader is told."""
    d = matcalc.derive(text, wrt="alpha", style=style)
    assert not matcalc.equal(d.result, "0*alpha", dims=d.dims)
    assert any("would not be seen" in w for w in d.warnings)
    if want:
        assert d.result.evaluate({"alpha": 1.0}) == pytest.approx(want)


@pytest.mark.parametrize(
    "text", ["alpha^999999999999999999999", "sum(x.^-9999999999999)", "(alpha^9999999)^9999999", "X^9999999999999"]
)
def test_no_exponent_that_is_no_double(text: str) -> None:
    """10²¹ − 1 is odd, and the double beside it is even: (−1)^k would be 1."""
    with pytest.raises(matcalc.LimitError, match="exponent"):
        matcalc.derive(text)


def test_powers_that_are_the_same_for_all_numbers_are_equal() -> None:
    assert matcalc.equal("alpha^99999999999", "alpha*(alpha^33333333333)^2*alpha^33333333332", dims={"alpha": ()})
    assert not matcalc.equal("alpha^99999999999", "alpha^99999999998", dims={"alpha": ()})
