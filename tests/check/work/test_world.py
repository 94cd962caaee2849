"""Formulas of somebody's work, with the values of their names and derivative signs."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest

import matcalc
from matcalc.check.work.derivative_signs import marked
from matcalc.check.work.world import Unknown, World, evaluated, formula, laid_out, named, points_of, readings, transposed, typed
from matcalc.numeric import evaluation


def world(latex: bool = False) -> World:
    e = matcalc.parse("norm2(A*x - b)^2", dims={"A": ("m", "n"), "x": ("n",), "b": ("m",)})
    points = points_of(e._problem, [e.node], {}, evaluation.WithGeneric({}), 0)
    return World(e._problem, ("x",), points, {}, {}, {}, frozenset(), latex)


def test_a_formula_has_the_value_that_it_has() -> None:
    one = world()
    (found,) = readings(one, formula(one, marked("A'*b", False, (), iter(()))), {})
    symbols = one.problem.symbols
    assert all(np.allclose(v, p.value(symbols["A"]).T @ p.value(symbols["b"])) for v, p in zip(found.at, one.points, strict=True))


def test_vectors_are_divided_entry_by_entry() -> None:
    one = world(latex=True)
    (found,) = readings(one, formula(one, marked(r"\frac{b}{Ax}", True, (), iter(()))), {})
    assert found.type.kind == "c"


def test_unknown_names_are_named() -> None:
    one = world()
    with pytest.raises(Unknown, match="'q'"):
        typed(one, formula(one, marked("q'*b", False, (), iter(()))), {})


def test_a_derivative_in_both_layouts() -> None:
    one = world()
    x = one.problem.symbols["x"]
    found = [evaluation.jacobian(one.problem.output, x, p.env, p.sizes, p.functions) for p in one.points]
    first, second = laid_out(found, one.problem.output, x)
    assert first.type.kind == "c" and second.type.kind == "r"
    assert np.allclose(transposed(second).at[0], first.at[0])
    words = (f"qq{k}" for k in count())
    sign = marked("b'*A*ds/dx", False, (), words)
    values = list(readings(one, formula(one, sign), {sign.signs[0].word: [first, second]}))
    assert [v.type.kind for v in values] == ["s"]
    assert np.allclose(evaluated(one, x, {}).at[0], one.points[0].value(x))


def test_names_are_spelled_as_the_problem_spells_them() -> None:
    assert (named(r"\mu"), named("σ"), named("W")) == ("mu", "sigma", "W")
