"""Functions that are constant in part: an operator with a kink, applied to what is zero everywhere, is judged and not refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import linalg

import matcalc
from matcalc.api import read_problem
from matcalc.check.settled import settled_parts
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import num, postorder
from matcalc.numeric.fingerprint import fingerprints, is_sure
from tests.slices import slices

N = ("n", "n")
SHAPES: dict[str, tuple[Any, ...]] = {"A": N, "B": N, "x": ("n",), "y": ("n",), "s": ()}
VALUES = {
    "A": np.array([[2.0, 0.3], [-0.4, 1.5]]),
    "B": np.eye(2) + 0.1,
    "x": np.array([0.7, -1.2]),
    "y": np.array([1.1, 0.4]),
    "s": 0.8,
}


def shapes(text: str) -> dict[str, tuple[Any, ...]]:
    tokens = set("".join(c if c.isalnum() else " " for c in text).split())
    return {k: v for k, v in SHAPES.items() if k in tokens}


# expression, variable, and the same function without the part that is constant
CONSTANT = [
    ("norm2(0*x)", "x", "0*sum(x)"),
    ("norm2(x - x)", "x", "0*sum(x)"),
    ("sum(abs(x - x) .* y) + x'*y", "x", "x'*y"),
    ("norm2(A - A)^2*tr(A) + tr(A*A)", "A", "tr(A*A)"),
    ("log(1 + norm2(x - x)) + x'*x", "x", "x'*x"),
    ("sum(max(x, x))", "x", "sum(x)"),
    ("sum(min(x, x) .* x)", "x", "x'*x"),
    ("max([x; x])", "x", "max(x)"),
    ("norm2((A*B)*x - A*(B*x)) + x'*A*x", "x", "x'*A*x"),
    ("sqrt(x'*x - x'*x) + sum(x)", "x", "sum(x)"),
    ("(s - s)^0.5 + s^2", "s", "s^2"),
    ("sum(abs(A*inv(A) - eye(n))) + tr(A)", "A", "tr(A)"),
    ("normspec(A - A) + tr(A)", "A", "tr(A)"),
    ("max(x.^2 - x.*x) + sum(x)", "x", "sum(x)"),
    ("norm1([A*inv(A)*x - x; x])", "x", "norm1(x)"),
    ("norm2([(A*B)*x - A*(B*x); x])", "x", "norm2(x)"),
    ("norm2(norm2(x - x)*y) + sum(x)", "x", "sum(x)"),
    ("q = norm2(z) + x'*x; z = y - y", "x", "x'*x"),
    ("q = sum(cos(max(z, z)).^3) + x'*x; z = 2*(y - y)/(s^2 + 1)", "x", "x'*x"),
    ("norm2(sin(x).^2 + cos(x).^2 - ones(n)) + sum(x)", "x", "sum(x)"),
    ("norm2(conv(x - x, y)) + sum(x)", "x", "sum(x)"),
    ("norm2(conv(x, y) - conv(y, x)) + sum(x)", "x", "sum(x)"),
    ("norm2(rowsum(softmax(A)) - ones(n)) + tr(A)", "A", "tr(A)"),
    ("norm2(sigmoid(x) + sigmoid(-x) - ones(n)) + sum(x)", "x", "sum(x)"),
    ("norm2(expm(A)*expm(-A) - eye(n)) + tr(A)", "A", "tr(A)"),
    ("norm1(sinm(A)*sinm(A) + cosm(A)*cosm(A) - eye(n)) + tr(A)", "A", "tr(A)"),
]  # fmt: skip


@pytest.mark.sample(11)
@pytest.mark.parametrize("text, wrt, plain", CONSTANT, ids=[c[0] for c in CONSTANT])
def test_a_function_that_is_constant_in_part(text: str, wrt: str, plain: str) -> None:
    want = matcalc.derive(plain, wrt=wrt, dims=shapes(plain), check=False).result.evaluate(VALUES)
    for style in ("backprop", "differential", "elementwise"):
        d = matcalc.derive(text, wrt=wrt, dims=shapes(text), style=style)
        assert np.allclose(d.result.evaluate(VALUES), want)
        assert "the terms cancel" in d.to_text()
        assert d.check(3).passed
        assert d.replay(), d.replay()


# The same, where primes say nothing and a thousand digits decide.
BY_DIGITS = [
    ("abs(sum(eigvals(A)) - tr(A)) + tr(A*A)", "A", "tr(A*A)"),
    ("norm2(eigvals(A) - eigvals(A')) + tr(A)", "A", "tr(A)"),
    ("max(sum(eigvals(A)) - tr(A), 0) + tr(A)", "A", "tr(A)"),
    ("abs(det(expm(A)) - exp(tr(A))) + tr(A)", "A", "tr(A)"),
    ("norm2(sqrtm(A)*sqrtm(A) - A) + tr(A)", "A", "tr(A)"),
    ("sum(relu(exp(x + y) - exp(x).*exp(y))) + sum(x)", "x", "sum(x)"),
]  # fmt: skip


@pytest.mark.sample(6)
@pytest.mark.parametrize("text, wrt, plain", BY_DIGITS, ids=[c[0] for c in BY_DIGITS])
def test_digits_show_that_a_part_is_constant(text: str, wrt: str, plain: str) -> None:
    want = matcalc.derive(plain, wrt=wrt, dims=shapes(plain), check=False).result.evaluate(VALUES)
    d = matcalc.derive(text, wrt=wrt, dims=shapes(text))
    assert np.allclose(d.result.evaluate(VALUES), want) and "the terms cancel" in d.to_text()


def test_the_fault_of_the_hidden_generator() -> None:
    d = matcalc.derive("((norm2((K)')^2)+(3))/((norm2(kron(sin((M)-(M)), (B)+((P)*(B))))^2)^2+1)", wrt="P")
    assert d.result.plain == "zeros(q, q)"


@pytest.mark.parametrize("text", ["1/(x'*x - x'*x)", "log(norm2(x - x))", "x'*x/norm2(x - x)"])
def test_what_has_no_value_anywhere_is_refused(text: str) -> None:
    with pytest.raises(CheckError, match="has no value"):
        matcalc.derive(text, wrt="x", dims=shapes(text))


@pytest.mark.parametrize(
    "text",
    [
        "abs(sqrt((s - 100)^2) - 100 + s)",
        "norm2(A*x - y)",
        "norm1(relu(x'*x - 100))",
        "sum(abs(relu(x) - x))",
        "norm2(x*y' - y*x')",
        "max(x, y)'*x",
    ],
)
def test_what_is_not_constant_is_left_alone(text: str) -> None:
    """Zero at the points that are drawn, zero for one entry only, and plainly not zero."""
    assert settled_parts(read_problem(text, shapes(text)), {}) == {}


def test_second_derivatives_and_mixed_ones() -> None:
    d = matcalc.derive("norm2(x - x) + x'*A*x", wrt="x", dims=shapes("x A"), kind="hessian")
    assert np.allclose(d.result.evaluate(VALUES), VALUES["A"] + VALUES["A"].T)
    assert matcalc.derive("x*norm2(y - y)", wrt="x", dims=shapes("x y")).result.plain == "zeros(n, n)"


def test_a_false_constant_is_caught() -> None:
    """A line that says 0 where the part is not constant is neither shown nor replayed."""
    d = matcalc.derive("norm2(x - x) + norm2(y)", wrt="x", dims=shapes("x y"))
    first = d.trace.steps[0]
    wrong = next(n for n in postorder((d.problem.output,)) if n.op == "norm2" and n.args[0].op == "sym")
    false = first._replace(lhs=first.lhs._replace(expr=wrong), rhs=first.rhs._replace(expr=num(0)))
    d.trace = d.trace._replace(steps=(false, *d.trace.steps))
    with pytest.raises(CheckError, match="not the constant"):
        d.check()
    with pytest.raises(CheckError, match="not constant"):
        d.replay().require()


def test_what_a_fingerprint_says_for_sure() -> None:
    for text, sure in (("A*x - y", True), ("x.^2 - y", True), ("exp(x) - y", False), ("x.^0.5 - y", False), ("f(x)", False)):
        assert is_sure(postorder((read_problem(text, shapes(text)).output,))) is sure, text


def test_fingerprints_are_zero_where_the_expression_is() -> None:
    for text in ("x - x", "(A*B)*x - A*(B*x)", "A*inv(A) - eye(n)", "tr(kron(A, B)) - tr(A)*tr(B)", "sin(x).^2 + cos(x).^2 - 1",
                 "sigmoid(x) + sigmoid(-x) - 1", "sum(x) - x'*ones(n)", "det(A*B) - det(A)*det(B)"):  # fmt: skip
        e = read_problem(text, shapes(text)).output
        assert fingerprints(e)[e] == 0, text
    for text in ("A*x - y", "f(x) - g(x)", "x.^2 - x", "exp(x) - 1", "log(x) - log(y)", "A*x - 2*x"):
        e = read_problem(text, shapes(text)).output
        assert fingerprints(e)[e] != 0, text


@pytest.mark.parametrize("text, by_c", [
    ("h = 2*(y-y)/(c^2+1); sum(max([h;h]).^3)", 0.0), ("h = (y-y)*c; max([h;h;h])+c", 1.0), ("h = y-y; max(h+1)*c", 1.0),
    ("h = y-y; max([h+1;h+1])*c", 1.0), ("h = y-y; eigmax(h*h'+eye(n))*c", 1.0),
    ("max(y-y+3*ones(n))*c", 3.0), ("max(ones(3))*c", 1.0),
    ("sum(svdvals(y*y'-y*y'))+c", 1.0), ("max([c;c;c])", 1.0),
    ("min([c,2*c-c,c])*c", 4.0), ("max([y-y;y-y])*c+norminf(y-y)+c^2", 4.0),
])  # fmt: skip
def test_what_is_constant_has_no_kink(text: str, by_c: float) -> None:
    """At c = 2: an operator with a kink is no obstacle where nothing moves its argument, or all of its entries are one."""
    d = matcalc.derive(text, wrt="c", dims={"c": (), "y": ("n",)} if "y" in text else {"c": ()})
    at = {"c": 2.0, "y": [0.5, -1.0, 3.0]}
    assert (
        d.result.evaluate({n: v for n, v in at.items() if n in d.dims}) == pytest.approx(by_c)
        if "ones(n)" not in d.result.plain
        else d
    )


@pytest.mark.parametrize("text", ["max([y;y;x])", "max([c;c;2*c])", "max(y*c)", "max([h;h+1])*c; h = y-y"])
def test_what_is_not_one_array_is_not_settled(text: str) -> None:
    """The derivative is that of the largest entry."""
    at = {"c": 2.0, "y": [0.5, -1.0, 3.0], "x": [7.0, 1.0]}
    dims = {n: ("n",) if n == "y" else ("m",) if n == "x" else () for n in at if n in text}
    d = matcalc.derive(text, dims=dims)
    want = {"max([y;y;x])": {"y": [0, 0, 0], "x": [1, 0]}, "max([c;c;2*c])": {"c": 2}, "max(y*c)": {"y": [0, 0, 2], "c": 3}}
    for r in d.results:
        wanted = want.get(text, {"y": [0, 0, 0], "c": 1})[r.wrt]
        assert r.evaluate({n: at[n] for n in dims}) == pytest.approx(wanted)


@pytest.mark.sample(6)
@pytest.mark.parametrize("seed", range(6))
def test_a_logarithm_that_is_not_the_inverse_far_away_is_judged_there(seed: int) -> None:
    """log(exp(A)) is A near 0, where the norm has no derivative, and another matrix where A turns by more than pi: whether such a
    point is met is no matter of luck, and SciPy's error where exp(A) overflows is none of ours."""
    text = "norm2(logm(expm(A)) - A) + tr(A)"
    d = matcalc.derive(text, wrt="A", dims={"A": (2, 2)}, seed=seed)
    assert any("norm2 is not differentiable where its argument is 0" in w for w in d.warnings)
    a = np.array([[0.1, -4.0], [4.0, 0.2]])

    def value(x: Any) -> float:
        return float(np.linalg.norm(linalg.logm(linalg.expm(x)) - x) + np.trace(x))

    h = 1e-5
    steps = [(i, j, h * np.outer(np.eye(2)[i], np.eye(2)[j])) for i in range(2) for j in range(2)]
    wanted = np.array([(value(a + e) - value(a - e)) / (2 * h) for _, _, e in steps]).reshape(2, 2)
    np.testing.assert_allclose(d.result.evaluate({"A": a}), wanted, atol=1e-7)
    with pytest.raises(CheckError):
        matcalc.derive(text, wrt="A", dims={"A": (1, 1)}, seed=seed)


# What has a rank below its number of rows whatever its variables are, by its sizes, its entries or its signs.
SIZED: dict[str, tuple[Any, ...]] = {"A": (5, 3), "B": (3, 5), "X": (3, 3), "x": (3,), "y": (3,), "C": (2, 2), "Z": ("n", "n")}
RANK = ["A*B", "A*A'", "A*tanh(B)", "x*y'", "X*ones(3, 3)", "X - X'", "X*(eye(3) - ones(3, 3)/3)", "kron(A*B, C)", "[C, C; C, C]",
        "Z - Z", "Z*(eye(n) - ones(n, n)/n)", "[Z, Z; Z, Z]", "x*x' + y*y'"]  # fmt: skip
FULL = ["A'*A", "B*A", "C - C'", "x*y' + X", "[C, eye(2); eye(2), C]", "Z - Z'", "0*Z + ones(n, n)"]


def sized(text: str) -> dict[str, tuple[Any, ...]]:
    return {k: v for k, v in SIZED.items() if k in set("".join(c if c.isalnum() else " " for c in text).split())}


@pytest.mark.sample(4)
@pytest.mark.parametrize("style", slices(["backprop", "differential", "elementwise"], 3))
@pytest.mark.parametrize("inside", RANK)
def test_the_determinant_of_what_is_singular_everywhere_is_0(inside: str, style: str) -> None:
    """Its rule would need the inverse; its derivative is 0, with the words why and a notice."""
    for form, rest in (("det({})", 0.0), ("t^2*exp(det({}))", 2.0), ("t^2 + abs(det({}))", 2.0)):
        text = form.format(inside)
        d = matcalc.derive(text, dims=sized(text) | ({"t": ()} if "t^2" in text else {}), style=style)
        assert d.replay() and d.check(3).passed
        if "abs" not in text:  # all of which is 0
            assert "is singular, whatever its variables are" in d.to_text()
            assert any("is singular whatever its variables are" in w for w in d.warnings)
        by = {r.wrt: r for r in d.results}
        assert all(r.plain.startswith("zeros") for name, r in by.items() if name != "t") and by
        assert "t" not in by or by["t"].evaluate({"t": 1.0}) == rest


@pytest.mark.parametrize("inside", FULL)
def test_a_determinant_that_is_0_somewhere_only_is_left_alone(inside: str) -> None:
    assert settled_parts(read_problem(f"det({inside})", sized(inside)), {}) == {}


@pytest.mark.parametrize(
    "text", ["log(det(A*B))", "logdet(A*B)", "tr(inv(A*B))", "1/det(A*B)", "det(A*B)*tr(inv(A*B))", "log(abs(det(x*y')))"]
)
def test_what_needs_the_inverse_of_it_is_refused_by_name(text: str) -> None:
    with pytest.raises(CheckError, match=r"is (singular|0) whatever its variables are"):
        matcalc.derive(text, dims=sized(text))


def test_sizes_that_are_names_may_be_1_and_the_hint_gives_them_numbers() -> None:
    with pytest.raises(CheckError, match="is singular whatever its variables are") as caught:
        matcalc.derive("det(x*y')", dims={"x": ("n",), "y": ("n",)})
    given = dict(part.split("=") for part in str(caught.value.hint).split("--dim ")[1:])
    dims = {name: (int(size),) for name, size in given.items()}
    assert [r.plain for r in matcalc.derive("det(x*y')", dims=dims).results] == [f"zeros({given['x'].strip()})"] * 2
