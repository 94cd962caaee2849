"""Softmax and cross-entropy class by class: the lines, their checks, and planted faults in them."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.check.replay import replay
from matcalc.check.report import check_trace
from matcalc.engine.derivation import Step
from matcalc.expr.errors import CheckError, UsageError
from matcalc.expr.nodes import make, num
from matcalc.results import Derivation
from tests.places import ROOT
from tests.test_cli import run

LECTURE = r"J=-\log \frac{e^{f_y}}{\sum_{c=1}^{C} e^{f_c}}"
BATCH = r"J = -\frac1N \sum_{i=1}^N \log \frac{e^{F_{i y_i}}}{\sum_{c} e^{F_{i c}}} ; F = X W^T"
WHOLE = (
    r"J(\theta)=\frac{1}{N} \sum_{i=1}^{N}-\log \left(\frac{e^{f_{y_{i}}}}{\sum_{c=1}^{C} e^{f_{c}}}\right)"
    r"+\lambda \sum_{k} \theta_{k}^{2}; f = W x_i + b"
)


def by_cases(text: str, **more: Any) -> Derivation:
    return matcalc.derive(text, cases=True, **more)


def lines(d: Derivation, kind: str = "case") -> list[str]:
    return [" = ".join(f.text for f in s.chain) for s in d.steps if s.kind == kind]


def test_first_the_right_class_then_the_others_then_both() -> None:
    d = by_cases(LECTURE, wrt="f")
    assert lines(d, "part") == ["p = softmax(f)", "e_y = y"]
    assert lines(d) == [
        "∂J/∂f_y = exp(f_y)/sum(exp(f)) - 1 = p_y - 1",
        "∂J/∂f_c = exp(f_c)/sum(exp(f)) = p_c",
        "∂J/∂f_c = {c = y: p_y - 1; c ≠ y: p_c}",
    ]
    assert [s.note for s in d.steps if s.kind == "case"] == ["c = y: the right class", "c ≠ y: any other class", "both cases"]
    assert lines(d, "chain") == ["∂J/∂f = (p - e_y)ᵀ"] and lines(d, "shape") == ["∇_f J = (∂J/∂f)ᵀ = p - e_y"]
    assert d.checked is not None and d.checked.passed and all(s.check is not None for s in d.steps)


def test_latex() -> None:
    text = by_cases(LECTURE, wrt="f").to_latex()
    assert r"\begin{cases} p_{y} - 1 & c = y \\ p_{c} & c \neq y \end{cases}" in text and r"p - e_{y}" in text
    assert r"\frac{\partial J}{\partial f_{y}}" in text and "?" not in text
    assert r"c \neq y_{i}" in by_cases(BATCH).to_latex()


def test_a_batch_with_integer_labels() -> None:
    d = by_cases(BATCH)
    assert lines(d) == [
        "∂J/∂F_{i,y_i} = (exp(F_{i,y_i})/rowsum(exp(F))_i - 1)/N = (P_{i,y_i} - 1)/N",
        "∂J/∂F_ic = exp(F_ic)/rowsum(exp(F))_i/N = P_ic/N",
        "∂J/∂F_ic = {c = y_i: (P_{i,y_i} - 1)/N; c ≠ y_i: P_ic/N}",
    ]
    rng = np.random.default_rng(0)
    x, w, y = rng.standard_normal((5, 3)), rng.standard_normal((4, 3)), np.array([0, 3, 1, 3, 2])
    e = np.exp(x @ w.T)
    p = e / e.sum(1, keepdims=True)
    assert np.allclose(d["W"].evaluate({"X": x, "W": w, "y": np.eye(4)[y]}), (p - np.eye(4)[y]).T @ x / 5)


def test_the_loss_of_the_lecture_with_scores_and_a_penalty() -> None:
    """All gradients, by hand: (P − Y)ᵀX/N, (P − Y)ᵀ1/N, 2λθ, θᵀθ."""
    d = by_cases(WHOLE)
    assert {r.wrt for r in d.results} == {"W", "X", "b", "lambda", "theta"} and len(lines(d)) == 3
    rng = np.random.default_rng(1)
    given = {"X": rng.standard_normal((5, 3)), "W": rng.standard_normal((4, 3)), "b": rng.standard_normal(4), "lambda": 0.3}
    given |= {"y": np.eye(4)[[0, 3, 1, 3, 2]], "theta": rng.standard_normal(2)}
    e = np.exp(given["X"] @ given["W"].T + given["b"])
    off = e / e.sum(1, keepdims=True) - given["y"]
    wanted = {"W": off.T @ given["X"] / 5, "X": off @ given["W"] / 5, "b": off.sum(0) / 5, "lambda": (given["theta"] ** 2).sum()}
    for name, want in (wanted | {"theta": 0.6 * given["theta"]}).items():
        assert np.allclose(d[name].evaluate(given), want)


def test_a_one_hot_vector_that_is_declared() -> None:
    d = by_cases("-y'*log(softmax(W*x+b))", assume={"y": "one-hot"})
    assert lines(d)[1:] == ["∂s/∂z_c = exp(z_c)/sum(exp(z)) = p_c", "∂s/∂z_c = {y_c = 1: p_c - 1; y_c = 0: p_c}"]
    assert lines(d, "part") == ["p = softmax(z)"]


def test_any_loss_with_a_one_hot_label_entry_by_entry() -> None:
    d = by_cases("sum((f - y).^2)", wrt="f", assume={"y": "one-hot"})
    assert lines(d)[:2] == ["∂s/∂f_c = 2 (f_c - 1)", "∂s/∂f_c = 2 f_c"]


def test_scores_that_are_a_row() -> None:
    d = by_cases("-log(softmax(x*W)[y])", dims={"x": (1, "n"), "W": ("n", "C")})
    assert lines(d) == ["∂s/∂z_y = p_y - 1", "∂s/∂z_c = p_c", "∂s/∂z_c = {c = y: p_y - 1; c ≠ y: p_c}"]
    assert d.replay()


def test_names_that_are_taken() -> None:
    """p and c are variables here."""
    d = by_cases("J=-log(softmax(W*p + c)[y])", wrt="W")
    assert lines(d, "part")[0] == "q = softmax(z)" and "∂J/∂z_k = {k = y: q_y - 1; k ≠ y: q_k}" in lines(d)


@pytest.mark.parametrize("text", [LECTURE, BATCH, WHOLE, "-log(softmax(W x + b)[y])"])
def test_lines_of_cases_are_replayed(text: str) -> None:
    d = by_cases(text)
    states = {line.text: line.state for line in d.replay().lines}
    assert [states[s.text] for s in d.steps if s.kind == "case"] == ["replayed"] * 3


@pytest.mark.parametrize("text", [LECTURE, BATCH])
def test_a_false_line_is_caught_by_the_replay(text: str) -> None:
    d = by_cases(text)
    first, second, both = (s for s in d.trace.steps if s.kind == "case")
    crossed = make("hadamard", (second.lhs.expr.args[0], first.rhs.expr.args[1]))
    for step, wrong in ((second, crossed), (first, make("neg", (first.rhs.expr,))), (both, make("neg", (both.rhs.expr,)))):
        changed = step._replace(rhs=step.rhs._replace(expr=wrong), members=())
        steps = tuple(changed if s is step else s for s in d.trace.steps)
        report = replay(d.problem, d.trace._replace(steps=steps), book(), d.assume)
        assert [line.text for line in (*report.wrong, *report.gaps)] == [changed.text]


def altered(d: Derivation, change: Any) -> tuple[Step, ...]:
    steps, k = list(d.trace.steps), next(i for i, s in enumerate(d.trace.steps) if s.kind == "case")
    steps[k] = change(steps[k])
    return tuple(steps)


@pytest.mark.parametrize("text", [LECTURE, BATCH])
def test_a_false_line_is_caught(text: str) -> None:
    d = by_cases(text)

    def doubled(step: Step) -> Step:
        return step._replace(rhs=step.rhs._replace(expr=make("scale", (num(2), step.rhs.expr))), members=())

    def judged(steps: tuple[Step, ...]) -> None:
        check_trace(d.problem, steps + d.trace.boxes, d.trace.results, d.trace.waypoints, d.assume, {}, 0, 2)

    judged(altered(d, lambda step: step))
    with pytest.raises(CheckError):
        judged(altered(d, doubled))


@pytest.mark.parametrize("text", [LECTURE, BATCH])
def test_a_line_about_the_wrong_class_is_caught(text: str) -> None:
    """What holds of the right class, said of the others."""
    d = by_cases(text)
    first, second, *_ = (s for s in d.trace.steps if s.kind == "case")
    crossed = make("hadamard", (second.lhs.expr.args[0], first.rhs.expr.args[1]))
    steps = tuple(s._replace(rhs=s.rhs._replace(expr=crossed), members=()) if s is second else s for s in d.trace.steps)
    with pytest.raises(CheckError):
        check_trace(d.problem, steps + d.trace.boxes, d.trace.results, d.trace.waypoints, d.assume, {}, 0, 2)


@pytest.mark.parametrize(
    "more",
    [{"kind": "hessian"}, {"style": "differential"}, {"layout": "numerator"}, {"kind": "jacobian"}],
)
def test_other_questions_are_refused(more: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="told by cases"):
        by_cases(LECTURE, wrt="f", **more)


def test_where_there_are_no_cases_it_is_said() -> None:
    for text in ("x'*A*x", r"\frac1N \sum_i -\log(e^{f_{y_i}}/\sum_c e^{f_c})"):
        with pytest.raises(UsageError, match="there are no cases to tell apart"):
            by_cases(text)


def test_the_page_shows_what_is_printed() -> None:
    page = (ROOT / "docs" / "cases.md").read_text("utf-8")
    blocks = re.findall(r"^\$ matcalc (.*)\n((?:.*\n)*?)```", page, re.MULTILINE)
    assert len(blocks) == 2
    for command, shown in blocks:
        printed = run(*shlex.split(command)).stdout.splitlines()
        assert [line for line in shown.splitlines() if line not in printed] == []
    assert re.search(r"\$\$\n(.*)\n\$\$", page)[1].partition("= ")[2] in by_cases(LECTURE, wrt="f").to_latex()  # type: ignore[index]


def test_lines_are_read_back_from_json() -> None:
    """Each right side, by its names, is the gradient by differences where the label selects it, and 0 elsewhere."""
    f, y, h = np.array([0.1, 0.5, -0.3]), np.eye(3)[1], 1e-6

    def loss(z: Any) -> float:
        return float(-y @ z + np.log(np.exp(z).sum()))

    slope = np.array([(loss(f + h * e) - loss(f - h * e)) / (2 * h) for e in np.eye(3)])
    data = json.loads(by_cases(LECTURE, wrt="f").to_json())
    named = [f"{x['name']} = {x['plain']}" for x in data["definitions"]]
    found = [
        matcalc.parse("; ".join([*named, step["rhs"]["plain"]]), data["dims"]).evaluate({"f": f, "y": y})
        for step in data["steps"]
        if step["lhs"]["plain"].endswith("d(J)/d(f)")
    ]
    assert len(found) == 6  # by cases, and the same with p put in
    for got, want in zip(found, (y * slope, (1 - y) * slope, slope, slope, slope, slope), strict=True):
        assert np.allclose(got, want, atol=1e-8)
