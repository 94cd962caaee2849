"""What a derivation says, and in which order."""

from __future__ import annotations

import re

import pytest

import matcalc
from matcalc.expr.errors import UsageError
from matcalc.printers.in_text import write
from matcalc.printers.story import equations, tell
from matcalc.printers.text import to_text
from tests.printers.test_text import SCORE, derived, flat


def test_the_transpose_is_explained_once() -> None:
    text = flat(to_text(derived(SCORE)))
    assert len(re.findall(r"\((?:the|a) gradient has the shape of", text)) == 1
    assert "∇_x s = (δ W)ᵀ = Wᵀ δᵀ" in text


def test_one_variable_is_named_in_the_title() -> None:
    assert to_text(derived(SCORE, wrt="W")).startswith("Gradient of s = uᵀ f(W x + b) with respect to W\n")
    assert "\nResult\n" in to_text(derived(SCORE, wrt="W"))


def test_what_is_assumed_is_given() -> None:
    assert "A [n×n] symmetric" in to_text(matcalc.derive("x'*A*x", "x", assume={"A": "symmetric"}))


def test_lines_about_entries_carry_no_sizes() -> None:
    d = matcalc.derive(SCORE, style="elementwise")
    line = next(one for one in to_text(d, width=120).splitlines() if "∂s/∂W_ij" in one)
    assert "δ_i x_j" in line and "[" not in line.partition("=")[2].replace("[k = i]", "")


def test_writing_a_product_of_derivatives() -> None:
    steps = derived(SCORE).steps
    via = next(step.via for step in steps if step.via is not None)
    assert write(via) == "∂s/∂h · ∂h/∂z"


def test_the_sections_and_their_lines() -> None:
    story = tell(matcalc.derive("s = u'*f(W*x + b)"))
    assert [section.title for section in story.sections] == ["Forward", "Backward"]
    assert story.heading == "gradients" and story.variables == () and len(story.results) == 4
    assert [write(line.chain[0]) for line in story.sections[0].lines] == ["z", "h", "s"]
    assert story.passed and story.functions == (("f", ""),)


def test_in_brief_only_what_the_results_mention_is_told() -> None:
    d = matcalc.derive("s = u'*f(W*x + b)")
    brief, normal = tell(d, "brief"), tell(d)
    assert len(brief.lines) <= len(normal.lines) and brief.results == normal.results


def test_a_detail_that_is_not_known() -> None:
    with pytest.raises(UsageError, match="'much'"):
        tell(matcalc.derive("x'*x", check=False), "much")


def test_sources_are_counted_from_one_in_their_order() -> None:
    story = tell(matcalc.derive("logdet(X)"))
    used = [line.reference for line in story.lines if line.reference]
    assert used and max(used) == len(story.references) and used[0] == 1


def test_equations_are_counted() -> None:
    story = tell(matcalc.derive("x'*x", check=False))
    assert equations(story.results) == sum(len(line.chain) - 1 for line in story.results) > 0
