"""Parts of a derivation: results with what they name, steps, forward; without sizes, without reasons."""

from __future__ import annotations

import re

import pytest

import matcalc
from matcalc.printers.formats import ALL, PARTS, Shown
from matcalc.printers.in_text import write
from matcalc.printers.shown import pruned
from matcalc.printers.story import tell

D = matcalc.derive("s = u^T f(W x + b)")


def test_all_is_all() -> None:
    assert pruned(tell(D), ALL) == tell(D)


@pytest.mark.parametrize("form", ["text", "latex", "markdown"])
def test_the_parts_make_the_whole(form: str) -> None:
    """A part has no heading, no sizes given and no verdict; the formulas of the parts are those of the whole."""
    parts = {only: D.to(form, only=only) for only in PARTS}
    for only in PARTS[1:]:
        assert not re.search(r"Gradients|Given|Backward|Result|checked|Signs", parts[only].replace("% matcalc", ""))
        assert parts[only].strip() and len(parts[only]) < len(parts["all"])
    assert "┃" in parts["results"] or "boxed" in parts["results"]
    assert "┃" not in parts["steps"] + parts["forward"] and "boxed" not in parts["steps"] + parts["forward"]


def test_results_bring_the_lines_that_say_what_they_name() -> None:
    story = pruned(tell(D), Shown("results"))
    assert [write(line.chain[0]) for section in story.sections for line in section.lines] == ["z"]
    assert story.results == tell(D).results
    layers = tell(matcalc.derive("s = u'*a_2; a_2 = f(z_2); z_2 = W_2*a_1 + b_2; a_1 = f(z_1); z_1 = W_1*x + b_1"))
    kept = pruned(layers, Shown("results"))
    lines = [line for section in kept.sections for line in section.lines]
    known = {write(line.chain[0]) for line in lines} | {write(f) for f, _ in layers.given}
    for line in (*lines, *kept.results):
        for member in line.chain[1:]:
            assert set(re.findall(r"[az][₁₂]", write(member))) <= known
    assert pruned(tell(matcalc.derive("norm2(A*x - b)^2", wrt="x")), Shown("results")).sections == ()


def test_sizes_and_reasons_are_left_out_on_request() -> None:
    for form, size, reason in (("text", "[n×m]", "outer product"), ("latex", r"[n \times m]", "outer product")):
        text = D.to(form, sizes=False, only="steps")
        assert size not in text and reason in text
        text = D.to(form, reasons=False)
        assert size in text and reason not in text and "Only" not in text
    assert max(map(len, D.to("text", sizes=False, only="results").splitlines())) < 30
    with pytest.raises(matcalc.MatcalcError, match="only 'boxes' is not known"):
        D.to_latex(only="boxes")


@pytest.mark.parametrize("form", ["text", "latex", "markdown", "html", "typst"])
def test_an_exercise_leaves_right_sides_blank_and_answers_behind(form: str) -> None:
    sheet, whole = D.to(form, exercise=True), D.to(form)
    blank = "……" if form == "text" else "dots.h" if form == "typst" else "…" if form == "html" else r"\ldots"
    assert sheet.count(blank) >= sum(step.kind != "definition" for step in D.trace.steps) and blank not in whole
    for text in ("Forward", "Backward", "Answers", "Results"):
        assert text in sheet


def test_what_an_exercise_gives_and_what_it_asks() -> None:
    story = pruned(tell(D), Shown(exercise=True))
    titles = [section.title for section in story.sections]
    assert titles == ["Forward", "Backward", "Answers"]
    given, asked, answers = (section.lines for section in story.sections)
    assert given == tell(D).sections[0].lines and answers == tell(D).sections[1].lines and story.results == tell(D).results
    assert [write(line.chain[0]) for line in asked] == [write(line.chain[0]) for line in answers]
    assert all(line.texts[-1] == "……" and not line.note and line.rule for line in asked)
    assert ["δ", "∂s/∂z", "……"] in [list(line.texts) for line in asked]
    unfolded = pruned(tell(matcalc.derive("softmax(x)", wrt="x")), Shown(exercise=True))
    assert "Unfolded" not in [section.title for section in unfolded.sections]  # that would be the answer
