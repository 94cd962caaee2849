"""The elementwise style: entries first, then the array that collects them."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

RNG = np.random.default_rng(6)


@pytest.mark.parametrize("text", ["s = u'*tanh(W*x + b)", "x'*A*x", "norm2(W*x)^2", "s = u'*relu(W*x)"])
def test_the_results_are_those_of_the_other_style(text: str) -> None:
    one, other = matcalc.derive(text, style="elementwise"), matcalc.derive(text)
    assert [r.plain for r in one.results] == [r.plain for r in other.results]


def test_lines_by_entries_stand_before_those_that_they_explain() -> None:
    d = matcalc.derive("s = u'*tanh(W*x + b)", style="elementwise")
    kinds = [s.kind for s in d.steps]
    at = kinds.index("entries")
    assert "entries" not in [s.kind for s in matcalc.derive("s = u'*tanh(W*x + b)").steps]
    assert kinds[at:].count("chain") >= 1 and all(s.check is not None for s in d.steps if s.kind == "entries")


def test_an_entry_is_what_the_lecture_says() -> None:
    """∂z_k/∂W_ij = [k = i] x_j; the sum of δ_k times this is δ_i x_j."""
    text = matcalc.derive("s = u'*tanh(W*x + b)", wrt="W", style="elementwise").to_text()
    assert "only z" in text and "x" in text and "sees W" in text


def test_of_what_is_no_gradient_it_says_so() -> None:
    d = matcalc.derive("W*x", style="elementwise", kind="jacobian")
    assert any("entry by entry only gradients" in w for w in d.warnings) and not any(s.kind == "entries" for s in d.steps)
