"""The blocks of a gradient: one concatenation, one line a block, and all of them in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from tests.replays import altered, derived

WORDS = ("museums", "in_", "Paris", "are", "amazing")
TEXT = f"J = u'*tanh(W*[{'; '.join(WORDS)}] + b)"
RNG = np.random.default_rng(11)
D = 3
AT = {w: RNG.normal(size=D) for w in WORDS} | {"W": RNG.normal(size=(4, 5 * D)), "u": RNG.normal(size=4), "b": RNG.normal(size=4)}


def window(text: str = TEXT, **options: Any) -> matcalc.Derivation:
    options.setdefault("dims", dict.fromkeys(WORDS, ("d",)))
    return matcalc.derive(text, **options)


def by_hand() -> dict[str, Any]:
    """δ_window = Wᵀδ, cut into five."""
    z = AT["W"] @ np.concatenate([AT[w] for w in WORDS]) + AT["b"]
    delta = AT["W"].T @ (AT["u"] * (1 - np.tanh(z) ** 2))
    return dict(zip(WORDS, np.split(delta, 5), strict=True))


@pytest.mark.sample(2)
@pytest.mark.parametrize("layout", ["shape", "denominator", "numerator"])
def test_the_blocks_of_the_lecture(layout: str) -> None:
    d = window(layout=layout)
    for word, want in by_hand().items():
        assert np.allclose(np.ravel(d[word].evaluate(AT)), want, rtol=1e-12), (layout, word)
    assert d.checked is not None and d.checked.passed and d.replay()


def test_one_concatenation_one_line_a_block_and_one_line_for_all() -> None:
    d = window()
    assert [name for name, _ in d.trace.waypoints] == ["x_window", "z", "h", "J"]
    blocks = [s for s in d.steps if s.kind == "block"]
    assert [str(s.node.attr) for s in blocks if s.node is not None] == list(WORDS)
    (whole,) = (s for s in d.steps if s.kind == "shape" and s.node is not None and s.node.attr == "x_window")
    shown = [f.text for f in whole.chain]
    assert shown[1:3] == ["δ_windowᵀ", "Wᵀ δᵀ"] and shown[3].count("∇_") == 5
    assert all(s.check is not None for s in (*blocks, whole))
    text = d.to_text()
    assert "δ₁" not in text and "[0; I; 0]" not in text


@pytest.mark.slow
def test_altered_lines_do_not_follow() -> None:
    d = derived("J = u'*tanh(W*[x; y; z] + b)", dims={"x": ("d",), "y": ("d",), "z": ("d",)})
    found = list(altered(d, "block", "shape"))
    assert sum(step.kind == "block" for step, _ in found) >= 3
    for step, report in found:
        assert report.wrong, (step.kind, step.lhs.text)


def test_a_word_that_stands_twice_adds_up() -> None:
    """[x; y; x]: no block line for x, whose gradient is the sum of two blocks; the line for all would be false."""
    d = matcalc.derive("J = u'*tanh(W*[x; y; x])", dims={"x": ("d",), "y": ("d",)})
    at = {**AT, "W": AT["W"][:, : 3 * D], "x": AT["are"], "y": AT["Paris"]}
    delta = at["W"].T @ (at["u"] * (1 - np.tanh(at["W"] @ np.concatenate([at["x"], at["y"], at["x"]])) ** 2))
    assert np.allclose(d["x"].evaluate(at), delta[:D] + delta[2 * D :], rtol=1e-12) and not any(s.kind == "block" for s in d.steps)
    assert d.replay()


def test_a_word_that_is_used_elsewhere_keeps_its_own_lines() -> None:
    d = matcalc.derive("J = u'*tanh(W*[x; y; z]) + x'*x", dims={"x": ("d",), "y": ("d",), "z": ("d",)})
    assert [str(s.node.attr) for s in d.steps if s.kind == "block" and s.node is not None] == ["y", "z"]
    assert not any(s.kind == "shape" and s.node is not None and s.node.attr == "x_window" for s in d.steps) and d.replay()


def test_some_of_the_words() -> None:
    d = window(wrt=["Paris", "in_"])
    assert [str(s.node.attr) for s in d.steps if s.kind == "block" and s.node is not None] == ["in_", "Paris"]
    for word in ("Paris", "in_"):
        assert np.allclose(d[word].evaluate(AT), by_hand()[word], rtol=1e-12)
    assert [r.wrt for r in d.results] == ["Paris", "in_"] and d.replay()


def test_by_entries_the_lines_are_those_of_entries() -> None:
    d = window(style="elementwise")
    assert d.checked is not None and d.checked.passed and not any(s.kind == "block" for s in d.steps)


def test_a_parameter_that_cancels_is_zero() -> None:
    d = matcalc.derive("J = sum([x; y; z]) - sum(x) - u'*[y; z; z]*0", dims={"x": ("d",), "y": ("d",), "z": ("d",)})
    assert d["x"].plain.startswith("zeros") and d.checked is not None and d.checked.passed


def test_code_has_one_concatenation() -> None:
    d = window(wrt=list(WORDS))
    source = d.to_code("numpy")
    assert source.count("np.hstack(") == 1 and "np.hstack((museums, in__, Paris, are, amazing))" in source  # in is a keyword
    _, gradients = d.function()(*(AT[name] for name in d.problem.symbols))
    for gradient, want in zip(gradients, by_hand().values(), strict=True):
        assert np.allclose(gradient, want, rtol=1e-12)
