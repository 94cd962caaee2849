"""Evaluation of whole graphs, arrays in and out, and derivatives of graphs."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from matcalc.expr import dims
from matcalc.expr.errors import ShapeError, UsageError
from matcalc.expr.nodes import Expr, eye, fill, make, num, ones, sym, times, transpose
from matcalc.expr.table import SCALAR, Type
from matcalc.numeric import evaluation, kernels
from matcalc.numeric.evaluation import WithGeneric, bind, bind_sizes, directional, evaluate, jacobian, with_digits
from matcalc.numeric.precise import many_digits
from matcalc.numeric.stand_ins import Elementwise, NotAnalytic
from tests.work import calls

SIZES = {"n": 2, "m": 3, "k": 4}
W = sym("W", Type("m", "n", "m"))
x = sym("x", Type("c", "m", 1))
b = sym("b", Type("c", "n", 1))
u = sym("u", Type("c", "n", 1))
t = sym("t", SCALAR)
Z = make("add", (times(W, x), b))
H = make("fn", (Z,), ("f", 0))
S = times(transpose(u), H)  # u' * f(W*x + b)


def arrays(seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"W": rng.standard_normal((2, 3)), "x": rng.standard_normal(3), "b": rng.standard_normal(2),
            "u": rng.standard_normal(2)}  # fmt: skip


def point(seed: int = 0) -> dict[Expr, Any]:
    return bind([W, x, b, u], arrays(seed))[0]


def test_a_network() -> None:
    a = arrays()
    f = WithGeneric()["f"](0)
    (value,) = evaluate([S], point(), SIZES, WithGeneric())
    assert np.allclose(value, a["u"] @ f(a["W"] @ a["x"] + a["b"]), rtol=1e-11, atol=0)
    by_name = {s.attr: v for s, v in point().items()}
    assert np.array_equal(evaluate([S], by_name, SIZES, WithGeneric())[0], value)


def test_a_node_in_the_environment_cuts_the_graph() -> None:
    h = np.array([[1.0], [2.0]])
    (value,) = evaluate([S], {H: h, u: point()[u]}, SIZES)  # no x, no f needed
    assert np.allclose(value, point()[u].T @ h)


def test_batches_broadcast() -> None:
    many = {s: np.stack([point(k)[s] for k in range(5)]) for s in (W, b)}
    (value,) = evaluate([S], {**point(), **many}, SIZES, WithGeneric())
    assert value.shape == (5, 1, 1)
    for k in range(5):
        one = {**point(), W: many[W][k], b: many[b][k]}
        assert np.allclose(value[k], evaluate([S], one, SIZES, WithGeneric())[0])


@pytest.mark.slow
def test_deep_graphs() -> None:
    node: Expr = x
    for k in range(20_000):
        node = make("sin", (node,)) if k % 2 else make("add", (node, x))
    slopes: list[Any] = []
    assert calls(lambda: slopes.extend(directional([node], point(), {x: point()[x]}, SIZES))) < 1_000_000
    assert np.isfinite(slopes[0]).all()


def test_shared_nodes_are_computed_once() -> None:
    node: Expr = x
    for _ in range(60):
        node = make("hadamard", (node, node))
    assert len(evaluation.values([node], {x: np.ones((3, 1))}, SIZES)) == 61


def failing(root: Expr, env: dict[Any, Any], sizes: dict[str, int] | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        evaluate([root], env, SIZES if sizes is None else sizes)
    return str(caught.value)


def test_messages_of_evaluation() -> None:
    assert "no value was given for W [n×m]" in failing(Z, {})
    assert "no function was given for f" in failing(S, point())
    assert "the size k is not known" in failing(ones(Type("c", "k", 1)), {}, {})
    assert "the size k is not known" in failing(make("dim", (), dims.mul("k", "n"), SCALAR), {}, {"n": 2})
    a = sym("A", Type("m", "n", "n"))
    assert "inv has no value here: singular matrix" in failing(make("inv", (a,)), {a: np.ones((2, 2))})


# ---------------------------------------------------------------- arrays in and out


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4)])
def test_in_and_out(shape: tuple[int, ...]) -> None:
    value = np.random.default_rng(0).standard_normal(shape)
    kinds = {0: [SCALAR], 1: [Type("c", 3, 1), Type("r", 1, 3)], 2: [Type("m", 2, 3)]}
    for type_ in kinds.get(len(shape), [Type("t", shape, 1)]):  # type: ignore[arg-type]
        inside = evaluation.to_internal(value, type_)
        assert len(shape) == 3 or inside.shape == kernels.extent(type_, {})
        assert np.array_equal(evaluation.to_public(inside, type_), value)
        assert evaluation.to_public(np.stack([inside, inside]), type_).shape == (2, *shape)


def refused(symbol: Expr, value: Any) -> str:
    with pytest.raises((ShapeError, UsageError)) as caught:
        evaluation.to_internal(value, symbol.type, symbol.attr)
    return str(caught.value)


def test_messages_of_arrays() -> None:
    said = refused(x, np.ones((3, 1)))
    assert "x is a column vector [m×1]: that is an array with 1 axis, but an array with 2 axes" in said
    assert "was given (3×1)\nhint: pass x.ravel()" in said
    assert "W is a matrix [n×m]: that is an array with 2 axes" in refused(W, np.ones(3))
    assert "t is a scalar [1×1]: that is an array with no axes" in refused(t, [1.0, 2.0])
    assert "x is not numeric" in refused(x, ["a", "b"])
    assert "W is not an array" in refused(W, [[1, 2], [3]])


def test_sizes_are_read_off_the_arrays() -> None:
    kron = sym("K", Type("m", dims.mul("n", "p"), 3))
    assert bind_sizes([W, x, b], arrays()) == {"n": 2, "m": 3}
    assert bind_sizes([W, kron], {**arrays(), "K": np.ones((8, 3))}) == {"n": 2, "m": 3, "p": 4}
    assert bind_sizes([W, x], {"x": np.ones(5)}) == {"m": 5}
    tensor = sym("T", Type("t", ("n", "m", "k"), 1))  # type: ignore[arg-type]
    assert bind_sizes([tensor], {"T": np.ones((2, 3, 4))}) == SIZES


def conflict(symbols: list[Expr], values: dict[str, Any]) -> str:
    with pytest.raises(ShapeError) as caught:
        bind_sizes(symbols, values)
    return str(caught.value)


def test_messages_of_sizes() -> None:
    said = conflict([W, x], {**arrays(), "x": np.ones(4)})
    assert said == "m is 3 in W [n×m], which is (2×3) but 4 in x [m×1], which is (4)"
    three = sym("v", Type("c", 3, 1))
    assert conflict([three], {"v": np.ones(4)}) == "the size 3 is 4 in v [3×1], which is (4)"
    product = sym("v", Type("c", dims.mul("m", "n"), 1))
    said = conflict([W, product], {**arrays(), "v": np.ones(5)})
    assert "the size m·n = 6 is 5 in v [m·n×1], which is (5)" in said
    assert "n = 2 from W [n×m]" in said
    double = sym("v", Type("c", dims.mul(2, "k"), 1))
    assert "the size 2·k is 5 in v" in conflict([double], {"v": np.ones(5)})


# ---------------------------------------------------------------- derivatives


def test_gradient_of_a_network() -> None:
    a, f = arrays(), WithGeneric()["f"]
    delta = a["u"] * f(1)(a["W"] @ a["x"] + a["b"])
    known = {W: np.outer(delta, a["x"]), b: delta, x: a["W"].T @ delta, u: f(0)(a["W"] @ a["x"] + a["b"])}
    for node, expected in known.items():
        got = jacobian(S, node, point(), SIZES, WithGeneric())
        assert got.shape == expected.shape
        assert np.allclose(got, expected, rtol=1e-11, atol=0)


def test_jacobian_axes_are_those_of_the_output_then_the_input() -> None:
    right = sym("B", Type("m", "m", "k"))
    at = {**point(), right: np.random.default_rng(1).standard_normal((3, 4))}
    got = jacobian(times(W, right), W, at, SIZES)
    assert got.shape == (2, 4, 2, 3)
    assert np.allclose(got, np.einsum("ac,jb->abcj", np.eye(2), at[right]))
    row = make("matmul", (transpose(x), right))
    assert jacobian(row, x, at, SIZES).shape == (4, 3)


def test_derivative_with_respect_to_an_inner_node() -> None:
    got = jacobian(S, Z, point(), SIZES, WithGeneric())
    a = arrays()
    assert np.allclose(got, a["u"] * WithGeneric()["f"](1)(a["W"] @ a["x"] + a["b"]), rtol=1e-11, atol=0)
    assert np.array_equal(jacobian(Z, Z, point(), SIZES), np.eye(2))


def test_a_result_that_does_not_depend() -> None:
    assert np.array_equal(jacobian(eye("n"), x, point(), SIZES), np.zeros((2, 2, 3)))
    assert np.array_equal(jacobian(Z, u, point(), SIZES), np.zeros((2, 2)))


def test_scalars_and_tensors() -> None:
    filled = make("einsum", (fill(t, Type("c", "n", 1)), x, x), "i,j,k->ijk", Type("t", ("n", "m", "m"), 1))  # type: ignore[arg-type]
    scaled = make("scale", (t, filled))
    at = {**point(), t: np.array([[1.5]])}
    v = at[x][:, 0]
    assert np.allclose(jacobian(scaled, t, at, SIZES), 3 * np.einsum("i,j,k->ijk", np.ones(2), v, v))
    assert jacobian(scaled, x, at, SIZES).shape == (2, 3, 3, 3)
    tensor = sym("T", filled.type)
    at[tensor] = np.random.default_rng(3).standard_normal((2, 3, 3))
    norm = make("norm2", (make("sub", (tensor, scaled)),))
    residual = at[tensor] - 1.5**2 * np.einsum("i,j,k->ijk", np.ones(2), v, v)
    expected = residual / np.sqrt((residual**2).sum())
    assert np.allclose(jacobian(norm, tensor, at, SIZES), expected, rtol=1e-11, atol=0)


class Lost(WithGeneric):
    """The same functions, through which no complex step goes."""

    def __missing__(self, name: str) -> Any:
        known = WithGeneric.__missing__(self, name)

        def run(order: int, x: Any) -> Any:
            if np.iscomplexobj(x):
                raise NotAnalytic(name)
            return known(order)(x)

        return Elementwise(lambda order: partial(run, order), True)


def test_differences_where_the_step_is_lost() -> None:
    exact = jacobian(S, W, point(), SIZES, WithGeneric())
    central = jacobian(S, W, point(), SIZES, Lost())
    assert not np.array_equal(exact, central)
    assert np.allclose(exact, central, rtol=1e-9, atol=1e-10)
    huge = {**point(), x: 1e6 * point()[x]}
    (slope,) = evaluation.differences([make("sqnorm", (x,))], huge, {x: np.ones((3, 1))}, SIZES)
    assert np.allclose(slope, 2 * huge[x].sum(), rtol=1e-10)


def test_no_derivative_outside_the_domain() -> None:
    root = make("log", (t,))
    assert np.isnan(jacobian(root, t, {t: np.array([[-1.0]])}, {}))
    half = make("pow", (num(2), num(-1)))
    assert np.isnan(jacobian(make("pow", (t, half)), t, {t: np.array([[-1.0]])}, {}))


def test_several_nodes_move_together() -> None:
    d = {W: np.ones((2, 3)), x: np.ones((3, 1))}
    (slope,) = directional([Z], point(), d, SIZES)
    assert np.allclose(slope, np.ones((2, 3)) @ point()[x] + point()[W] @ np.ones((3, 1)))


def test_a_power_with_a_moving_exponent() -> None:
    at = {t: np.array([[1.7]])}
    assert np.allclose(jacobian(make("pow", (num(2), t)), t, at, {}), 2**1.7 * np.log(2), rtol=1e-11, atol=0)
    whole = {t: np.array([[2.0]])}
    assert np.allclose(jacobian(make("pow", (num(3), t)), t, whole, {}), 9 * np.log(3), rtol=1e-11, atol=0)
    expected = 1.7**1.7 * (1 + np.log(1.7))
    assert np.allclose(jacobian(make("pow", (t, t)), t, at, {}), expected, rtol=1e-11, atol=0)


def test_another_arithmetic_keeps_what_is_declared() -> None:
    """A rotation with rounding errors of floats is one with many digits where it is declared orthogonal."""
    Q = sym("Q", Type("m", "n", "n"))
    env = {Q: np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]]), x: np.array([[3.0]])}

    def off(found: dict[Any, Any]) -> float:
        return max(abs(float(v)) for v in (found[Q].T @ found[Q] - np.eye(2)).ravel())

    with many_digits({}) as digits:
        free, kept = with_digits(env, digits, {}), with_digits(env, digits, {"Q": frozenset({"orthogonal"})})
        assert off(free) > 1e-20 and off(kept) < 1e-60
        assert kept[x][0, 0] == 3 and abs(float(kept[Q][0, 0] - free[Q][0, 0])) < 1e-15


def test_what_is_shown_is_a_copy_that_cannot_be_written_to() -> None:
    x = np.array([[1.0 + 1e-20j], [2.0]])
    shown = evaluation.frozen(x, Type("c", "n", 1))
    assert shown.shape == (2,) and shown.dtype == float and not np.shares_memory(shown, x)
    with pytest.raises(ValueError, match="read-only"):
        shown[0] = 0
