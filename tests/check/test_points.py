"""Random points: inside of the domain, with values that are remembered and that lines add to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.check.points import NoPoint, Point, explained, orders, prune_differentials
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import make
from tests.nodes import read


def point_of(text: str, seed: int = 0, assume: Any = None, **shapes: tuple[Any, ...]) -> tuple[Any, Point]:
    problem = read_problem(text, shapes)
    return problem, Point(problem, (), [problem.output], [], assume or {}, {}, seed)


def test_every_value_is_in_the_domain() -> None:
    for seed in range(5):
        problem, point = point_of("sum(log(x)) + logdet(A)", seed, A=("n", "n"), x=("n",))
        assert (point.env[problem.symbols["x"]] > 0).all() and np.isfinite(point.value(problem.output)).all()
        assert np.linalg.slogdet(point.env[problem.symbols["A"]])[0] != 0


def test_sizes_differ_and_seeds_give_other_points() -> None:
    problem, point = point_of("u'*W*x", W=("m", "n"))
    assert point.sizes["m"] != point.sizes["n"]
    other = point_of("u'*W*x", 1, W=("m", "n"))[1]
    again = point_of("u'*W*x", 0, W=("m", "n"))[1]
    W = problem.symbols["W"]
    assert np.array_equal(point.env[W], again.env[W]) and not np.array_equal(point.env[W], other.env[W])


def test_named_values_are_in_the_environment() -> None:
    problem, point = point_of("s = x'*z; z = A*x", A=("n", "n"))
    (z,) = [e for e in point.env if str(e.attr) == "z"]
    assert np.allclose(point.env[z], point.env[problem.symbols["A"]] @ point.env[problem.symbols["x"]])


def test_what_is_learnt_replaces_what_was_computed() -> None:
    problem, point = point_of("x'*x", x=("n",))
    e = problem.output
    twice = make("add", (e, e))
    before = float(np.squeeze(point.value(twice)))
    point.learn(e, np.asarray([[10.0]]))
    assert before != 20.0 and float(np.squeeze(point.value(twice))) == 20.0


def test_the_largest_value_on_the_way() -> None:
    problem, point = point_of("x'*x - x'*x + 0*sum(x)", x=("n",))
    assert float(np.squeeze(point.value(problem.output))) == 0.0 and point.largest_below(problem.output) > 0.1


def test_rounding_errors_are_not_steady() -> None:
    problem, point = point_of("sum(x)", x=("n",))
    x = problem.symbols["x"]
    assert point.is_steady(problem.output)
    rest = make("sub", (make("exp", (make("log", (make("exp", (x,)),)),)), make("exp", (x,))))
    assert not point.is_steady(rest)


def test_no_point_says_what_stands_in_the_way() -> None:
    with pytest.raises(NoPoint) as bare:
        point_of("log(-x'*x)", x=("n",))
    assert "log" not in bare.value.message and "assume" in str(bare.value.hint)
    with pytest.raises(CheckError) as told, explained():
        point_of("log(-x'*x)", x=("n",))
    assert "log(-xᵀx)" in told.value.message or "log" in told.value.message


def test_a_nuclear_norm_of_a_lower_rank_says_how_it_is_written() -> None:
    sizes = {"x": ("n",), "y": ("m",), "X": (5, 2)}
    for text, other in (("normnuc(x*y')", "norm2(x)*norm2(y)"), ("normnuc(X*X')", "tr(X*X')")):
        known = {name: shape for name, shape in sizes.items() if name in text}
        with pytest.raises(CheckError, match="comes too near to where a singular value is 0") as error:
            matcalc.derive(text, dims=known)
        assert other in str(error.value) and matcalc.derive(other, dims=known).results


def test_orders_of_sizes() -> None:
    assert list(orders(["m", "n", "p"])) == [["m", "n", "p"], ["p", "n", "m"], ["n", "p", "m"], ["p", "m", "n"]]


def test_differentials_are_taken_off() -> None:
    x = read("x")
    assert prune_differentials([make("matmul", (read("A"), make("d", (x,)))), x]) == (read("A*x"), x)


Y = np.array([0.3, -1.2, 0.7])
A = np.array([[0.4, -1.0], [0.2, 2.5]])
E = np.exp(Y)
# What x does not move, on a kink wherever it has a value; and its value by NumPy.
STILL = {
    "normnuc(y*y')": Y @ Y,
    "sum(svdvals(y*y'))": Y @ Y,
    "max(y*ones(3)')": Y.max(),
    "eigmax(kron(A + A', eye(2)))": np.linalg.eigvalsh(A + A.T)[-1],
    "max(relu(-exp(y)))": 0.0,
    "norm2(relu(-exp(y)))": 0.0,
    "min(diag(exp(y)))": 0.0,
    "sum(sqrt(diag(exp(y))))": np.sqrt(E).sum(),
    "(2 + std(ones(3)))": 2.0,
}


@pytest.mark.sample(3)
@pytest.mark.parametrize("style", ["backprop", "elementwise", "differential"])
@pytest.mark.parametrize("part", STILL)
def test_a_kink_that_no_variable_reaches_does_not_matter(part: str, style: str) -> None:
    dims: Any = {"x": ("k",), "y": (3,), "A": ("m", "m")}
    d = matcalc.derive(f"x'*x*{part}", wrt="x", dims={k: v for k, v in dims.items() if k in part or k == "x"}, style=style)
    given = {k: v for k, v in {"x": np.array([1.0, -2.0]), "y": Y, "A": A}.items() if k in d.problem.symbols}
    assert np.allclose(d.function()(**given)[1], 2 * STILL[part] * np.array([1.0, -2.0]), rtol=1e-12, atol=1e-15)
    assert d.replay().passed


@pytest.mark.parametrize("text", ["normnuc(x*x')", "normspec((x'*x)*eye(n))", "x'*x*max(sign(y - y))*log(-exp(y))"])
def test_a_kink_that_a_variable_reaches_does_and_so_does_what_has_no_value(text: str) -> None:
    with pytest.raises(CheckError, match="no random point was found"):
        matcalc.derive(text, wrt="x", dims={"x": (3,), "y": (3,)} if "y" in text else {"x": (3,)})
