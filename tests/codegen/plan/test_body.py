"""The body of a function: what has a name of its own, and which."""

from __future__ import annotations

import ast

import numpy as np

from tests.codes import body, derived, ran


def names(code: str) -> list[str]:
    tree = ast.parse("def f():\n" + "\n".join(line if line.startswith("    ") else "    " + line for line in code.splitlines()))
    return [t.id for node in ast.walk(tree) if isinstance(node, ast.Assign) for t in node.targets if isinstance(t, ast.Name)]


def test_what_is_used_twice_has_a_name_and_the_users_if_there_is_one() -> None:
    code = body("s = u'*h; h = tanh(q); q = A*x", wrt="x")
    assert "h = np.tanh(q)" in code or "h = np.tanh(A @ x)" in code
    assert len(set(names(code))) == len(names(code))


def test_lines_fit_the_page() -> None:
    source = derived("sum(exp(A*x - b).^2 .* tanh(A*x + b)) + norm2(exp(A*x) - tanh(b))^2 + sum(log(1 + exp(A*x .* b)))").to_code()
    assert max(map(len, source.splitlines())) <= 100


def test_a_diagonal_is_added_in_place_of_a_copy() -> None:
    code = body("logdet(S + a*eye)", wrt="S")
    assert ".flat[::" in code and "+= a" in code and "np.eye" not in code
    s = np.array([[2.0, 1.0], [0.0, 3.0]])
    before = s.copy()
    value, _ = ran("logdet(S + a*eye)", {"S": s, "a": 1.0}, wrt="S")
    assert np.isclose(value, np.log(12)) and np.array_equal(s, before)  # of a copy: the argument is as it was


def test_one_factorisation_serves_all() -> None:
    code = body("logdet(S) + x'*inv(S)*y", wrt="S")
    assert code.count("= _lu(") == 1


def test_an_indicator_is_one_entry() -> None:
    code = body("max(x)^2", wrt="x")
    assert "argmax()" in code and ".max()" in code
    assert np.array_equal(ran("max(x)^2", {"x": np.array([1.0, 3.0, 3.0])})[1], [0.0, 6.0, 0.0])  # the first counts
