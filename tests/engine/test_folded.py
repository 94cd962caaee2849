"""Results by the names of values that their parts make up: shorter, the same value, and reached line by line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.engine.derivation import Formula
from matcalc.engine.folded import Folds
from tests.nodes import read

RNG = np.random.default_rng(5)
NORMED = "mu = mean(x); sigma = sqrt(sum((x - mu).^2)/n); h = (x - mu)/sigma; s = g'*h"
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("x'*A*x/(x'*x)", {"wrt": "x", "assume": {"A": "symmetric"}}, "2(A x - s x)/‖x‖²"),
    (NORMED, {"wrt": "x", "dims": {"x": ("n",)}}, "(g - (gᵀ h) h/n - sum(g)/n)/σ"),
    ("u'*layernorm(x)", {"wrt": "x"}, "(u - (uᵀ z) z/(n t) - sum(u)/n)/√t"),
    ("norm2(A*x - b)^2", {"wrt": "x"}, "2Aᵀ (A x - b)"),  # no quotient, nothing centred
]


@pytest.mark.parametrize(("text", "options", "want"), CASES, ids=[text for text, *_ in CASES])
def test_the_box_is_written_by_names_and_its_lines_reach_it(text: str, options: dict[str, Any], want: str) -> None:
    d = matcalc.derive(text, **options)
    assert d.result.text == want and d.steps[-1].rhs.text == want
    assert d.replay() and d.checked is not None and d.checked.passed


def test_the_reasons_are_told() -> None:
    d = matcalc.derive(NORMED, wrt="x", dims={"x": ("n",)})
    notes = [s.note.format(*[f.text for f in s.about]) for s in d.steps if s.kind == "reached"]
    assert "the entries of z sum to 0" in notes[-2] and notes[-1] == "h put in"
    d = matcalc.derive("x'*A*x/(x'*x)", wrt="x", assume={"A": "symmetric"})
    assert d.steps[-1].note.format(*[f.text for f in d.steps[-1].about]) == "s put in"


def test_the_values_are_those_of_numpy() -> None:
    x, u = RNG.normal(size=5), RNG.normal(size=5)
    h = (x - x.mean()) / x.std()
    want = (u - u.mean() - h * (u * h).mean()) / x.std()
    for text in ("u'*layernorm(x)", NORMED.replace("g'", "u'")):
        d = matcalc.derive(text, wrt="x", dims={"x": ("n",)})
        assert np.allclose(d.result.evaluate({"x": x, "u": u}), want)


def test_a_line_that_says_a_wrong_name_is_found() -> None:
    """A box with s where nothing was put in, and a sum that is not 0, are no lines."""
    from matcalc.algebra.book import book
    from matcalc.check.replay import replay

    d = matcalc.derive(NORMED, wrt="x", dims={"x": ("n",)})
    steps = d.trace.steps
    for i, step in enumerate(steps):
        if step.kind == "reached" and step.lhs == steps[-1].lhs:  # on the way a line more is none missing
            assert not replay(d.problem, d.trace._replace(steps=(*steps[:i], *steps[i + 1 :])), book(), d.assume, d.own_steps)


def test_what_parts_are_by_names() -> None:
    quotient = read("x'*A*x/(x'*x)")
    folds = Folds([("s", quotient)], {"s"}, {}, Normalizer())
    assert [Formula(v).text for v in folds.relations.values()] == ["(xᵀ x) s"] and not folds.centred
    folds = Folds([("z", read("x - sum(x)/n"))], set(), {}, Normalizer())
    assert [Formula(e).text for e in folds.centred] == ["sum(z)"] and not folds.relations
