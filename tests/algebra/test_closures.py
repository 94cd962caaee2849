"""Rule sides as functions; powers and sums over indices, whose derivatives are held against differences of NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.algebra.closures import MAX_MPOW, closure, einsum_pullback, einsum_tangent, power_pullback, power_tangent
from matcalc.expr.errors import NoRuleError
from matcalc.expr.nodes import Expr, make, num, sym, times, transpose
from matcalc.expr.table import SCALAR, Type
from tests.nodes import evaluated, read

RNG = np.random.default_rng(4)
SQUARE = Type("m", "n", "n")
A, dA, G = read("A"), sym("E", SQUARE), sym("G", SQUARE)
ARRAYS = {"A": RNG.normal(size=(3, 3)), "E": RNG.normal(size=(3, 3)), "G": RNG.normal(size=(3, 3))}


def at(e: Expr) -> np.ndarray:
    return evaluated(e, {k: v for k, v in ARRAYS.items() if k in str(e)})


def test_a_pattern_is_built_on_what_stands_at_each_place() -> None:
    X, Y = sym("X", Type("m", "#i", "#j")), sym("Y", Type("m", "#j", "#k"))
    build = closure(make("add", (times(X, Y), make("zeros", (), None, Type("m", "#i", "#k")))), [X, Y], times(X, Y))
    found = build([read("W"), read("A"), read("W*A")])
    assert found.type == read("W").type and read("W*A") in (found, *found.args)
    assert closure(transpose(X), [X], X)([read("x"), read("x")]) is read("x'")


def test_a_function_keeps_its_name_and_adds_to_its_order() -> None:
    X = sym("X", Type("c", "#i", 1))
    build = closure(make("fn", (X,), ("f", 1)), [X], make("fn", (X,), ("f", 0)))
    assert build([read("x"), make("fn", (read("x"),), ("g", 2))]) is make("fn", (read("x"),), ("g", 3))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_differential_of_a_power(n: int) -> None:
    a, e, h = ARRAYS["A"], ARRAYS["E"], 1e-6
    want = (np.linalg.matrix_power(a + h * e, n) - np.linalg.matrix_power(a - h * e, n)) / (2 * h)
    power = make("mpow", (A,), n)
    assert np.allclose(at(power_tangent("mpow")([dA, A, power])), want, rtol=1e-6, atol=1e-7)
    trace = make("trpow", (A,), n) if n > 1 else make("tr", (A,))
    if n > 1:
        assert np.allclose(at(power_tangent("trpow")([dA, A, trace])), np.trace(want), rtol=1e-6)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_the_pullback_is_the_adjoint_of_the_differential(n: int) -> None:
    power = make("mpow", (A,), n)
    forward, back = at(power_tangent("mpow")([dA, A, power])), at(power_pullback("mpow")([G, A, power]))
    assert np.isclose((ARRAYS["G"] * forward).sum(), (back * ARRAYS["E"]).sum())
    g, trace = num(1), make("trpow", (A,), n)
    back = at(power_pullback("trpow")([g, A, trace]))
    assert np.allclose(back, n * np.linalg.matrix_power(ARRAYS["A"], n - 1).T)


def test_a_power_with_too_many_terms_is_refused() -> None:
    power = make("mpow", (A,), MAX_MPOW + 1)
    with pytest.raises(NoRuleError, match=str(MAX_MPOW + 1)):
        power_pullback("mpow")([G, A, power])
    with pytest.raises(NoRuleError):
        power_tangent("mpow")([dA, A, power])


@pytest.mark.parametrize(
    ("text", "slot"), [("ij,jk->ik", 0), ("ij,jk->ik", 1), ("ij,ij->i", 1), ("ii,jk->jk", 0), ("ij,kl->k", 0), ("ij,jk->", 1)]
)
def test_sums_over_indices(text: str, slot: int) -> None:
    """⟨G, einsum(…, E, …)⟩ = ⟨pullback, E⟩ with NumPy's einsum."""
    output = text.partition("->")[2]
    type = {0: SCALAR, 1: Type("c", "n", 1), 2: SQUARE}[len(output)]
    g = sym("G", type)
    weights = RNG.normal(size=(3,) * len(output))
    B = sym("B", SQUARE)
    arrays = {"A": ARRAYS["A"], "B": RNG.normal(size=(3, 3)), "G": weights, "E": ARRAYS["E"]}
    whole = make("einsum", (A, B), text, type)
    operands = [arrays["A"], arrays["B"]]
    operands[slot] = arrays["E"]
    moved = np.einsum(text, *operands)
    found = einsum_tangent(slot)([dA, A, B, whole])
    assert np.allclose(evaluated(found, {k: v for k, v in arrays.items() if k in str(found)}), moved)
    back = einsum_pullback(slot)([g, A, B, whole])
    value = evaluated(back, {k: v for k, v in arrays.items() if k in str(back)})
    assert np.isclose((weights * moved).sum(), (value * arrays["E"]).sum())
