"""The source of one function: it stands alone, and gives value and derivatives in one pass."""

from __future__ import annotations

import numpy as np

from matcalc.codegen import Doc, Task, numpy_source
from matcalc.codegen.products.runtime import compile_source
from matcalc.expr.nodes import sym
from tests.nodes import read


def test_value_and_derivatives() -> None:
    x, A = read("x"), read("A")
    source = numpy_source(
        Task(read("x'*A*x"), [("x", read("(A + A')*x")), ("A", read("x*x'"))], [x, A], name="f", doc=Doc("x'*A*x"))
    )
    run = compile_source(source, "f")
    v, m = np.array([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    value, (by_x, by_A) = run(v, m)
    assert value == v @ m @ v and np.array_equal(by_x, (m + m.T) @ v) and np.array_equal(by_A, np.outer(v, v))


def test_a_name_of_a_waypoint_is_used() -> None:
    x, h = read("x"), read("exp(x)")
    source = numpy_source(Task(read("sum(exp(x))"), [("x", h)], [x], [("hidden", h)], [], "f", Doc()))
    assert "hidden = np.exp(x)" in source


def test_the_same_source_each_time() -> None:
    x = read("x")
    made = [numpy_source(Task(read("x'*x + sum(exp(x))"), [("x", read("2*x + exp(x)"))], [x], name="f")) for _ in range(2)]
    assert made[0] == made[1]


def test_a_function_of_the_users_is_an_argument() -> None:
    x = sym("x", read("x").type)
    source = numpy_source(Task(read("sum(f(x))"), [("x", read("f'(x)"))], [x], [], ["f"], "g", Doc()))
    value, gradient = compile_source(source, "g")(np.array([1.0, 2.0]), np.square, lambda z: 2 * z)
    assert value == 5 and np.array_equal(gradient, [2.0, 4.0])
