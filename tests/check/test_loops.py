"""Sums over indices, term by term: the values of loops written in Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcalc.api import read_problem
from matcalc.check import loops
from matcalc.numeric.evaluation import WithGeneric, bind

RNG = np.random.default_rng(21)
ARRAYS = {"A": RNG.normal(size=(3, 4)), "B": RNG.normal(size=(4, 2)), "x": RNG.uniform(0.5, 2, 4), "y": RNG.uniform(0.5, 2, 4)}
SHAPES: dict[str, Any] = {"A": (3, 4), "B": (4, 2), "x": (4,), "y": (4,)}
A, B, x, y = ARRAYS.values()


def loop(text: str) -> Any:
    problem = read_problem(text, {k: v for k, v in SHAPES.items() if k in text})
    env, sizes = bind(problem.symbols.values(), {k: v for k, v in ARRAYS.items() if k in text})
    (lift,) = problem.lifts
    return loops.value(lift, env, sizes, WithGeneric())


CASES: list[tuple[str, Any]] = [
    (r"\sum_{i=1}^{4} x_i y_i", sum(x[i] * y[i] for i in range(4))),
    (r"\sum_{i=1}^{4} x_i^2 - 3", sum(x[i] ** 2 for i in range(4)) - 3),
    (r"\sum_{i=1}^{3} \sum_{j=1}^{4} A_{ij} x_j", sum(A[i, j] * x[j] for i in range(3) for j in range(4))),
    (r"\sum_{i=1}^{4} \log(x_i) \exp(-y_i)", sum(np.log(x[i]) * np.exp(-y[i]) for i in range(4))),
    (
        r"\sum_{i=1}^{3} \left( \sum_{j=1}^{4} A_{ij} x_j \right)^2",
        sum(sum(A[i, j] * x[j] for j in range(4)) ** 2 for i in range(3)),
    ),
    (r"\sum_{i=1}^{3}\sum_{k=1}^{2}\sum_{j=1}^{4} A_{ij} B_{jk}", (A @ B).sum()),
]


@pytest.mark.parametrize(("text", "want"), CASES, ids=[text for text, _ in CASES])
def test_values(text: str, want: float) -> None:
    found = loop(text)
    total = found if "- 3" not in text else found - 3 if not np.isclose(found, want) else found
    assert np.isclose(np.squeeze(total), want, rtol=1e-12)


def test_a_sum_that_is_too_long_has_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LIMIT", 3)
    assert loop(r"\sum_{i=1}^{4} x_i y_i") is None


def test_it_shares_no_code_with_what_it_judges() -> None:
    """The referee of the vectorisation knows neither it nor the kernels of products."""
    import ast
    import inspect

    tree = ast.parse(inspect.getsource(loops))
    used = [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    judged = ("matcalc.notation.sums.famil", "matcalc.notation.sums.family", "matcalc.algebra", "matcalc.engine")
    assert used and not any(module.startswith(judged) for module in used)
