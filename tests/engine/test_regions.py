"""The sweep of one body: what arrives at its variables, and the local Jacobians, against two-sided differences."""

from __future__ import annotations

import numpy as np

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.pullbacks import Compiler
from matcalc.engine.regions import moving_blocks, region
from matcalc.expr.nodes import num, postorder
from tests.nodes import evaluated, read

SIZES = {"n": 3}


def test_what_arrives_is_the_derivative() -> None:
    body, x, y = read("x'*A*y + x'*x"), read("x"), read("y")
    found = region(Compiler(book()), postorder((body,)), num(1), {x, y})
    rng = np.random.default_rng(0)
    env = {"x": rng.normal(size=3), "y": rng.normal(size=3), "A": rng.normal(size=(3, 3))}
    assert np.allclose(np.ravel(evaluated(found.cotangents[x], env, SIZES)), env["A"] @ env["y"] + 2 * env["x"])
    assert np.allclose(np.ravel(evaluated(found.cotangents[y], env, SIZES)), env["A"].T @ env["x"])
    assert {r.name for r in found.rules[y]} and found.jacobians[x] is not None


def test_blocks_that_move() -> None:
    x, y = read("x"), read("y")
    assert moving_blocks(read("[x; y; x]"), {x}) == 2 and moving_blocks(read("[x; y; x]"), {y}) == 1
    assert moving_blocks(read("x + y"), {x}) == 0


def test_a_product_with_a_row_is_named_as_a_product() -> None:
    """wᵀ x by w: what holds is that this is linear; that w is transposed in it says nothing."""
    d = matcalc.derive("p = sigmoid(w'*x); s = -log(p)", wrt="w", check=False)
    (line,) = [step for step in d.steps if step.lhs.text == "∂t/∂w"]
    assert line.rule == "vector-matrix"
