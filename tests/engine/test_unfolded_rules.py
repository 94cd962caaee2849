"""Composite rules unfolded: which lines are told, in whose letters, at which detail, and that every row has a use."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.rule import chapter

USES = {
    "softmax-unfolded": ("y'*softmax(z)", "z"),
    "log-softmax-unfolded": ("-y'*log(softmax(z))", "z"),
    "log-sum-exp-unfolded": ("log(sum(exp(z)))", "z"),
    "softmax-rows-unfolded": ("sum(G .* (softmax(Q*K', axis=1)*V))", "Q"),
    "log-softmax-rows-unfolded": ("-sum(Y .* logsoftmax(X*W, axis=1))", "W"),
    "log-sum-exp-rows-unfolded": ("sum(logsumexp(X*W, axis=1))", "W"),
    "variance-unfolded": ("var(x)", "x"),
    "layer-norm-unfolded": ("g'*((x - mean(x))/sqrt(var(x) + 1))", "x"),
    "root-mean-square-norm-unfolded": ("g'*layernorm(x, 1)", "x"),
    "logdet-unfolded": ("logdet(X)", "X"),
    "inverse-unfolded": ("tr(A*inv(X))", "X"),
    "norm-unfolded": ("norm2(A*x - b)", "x"),
    "matrix-norm-unfolded": ("norm2(X)", "X"),
    "quadratic-form-unfolded": ("x'*A*x", "x"),
    "sum-of-squares-unfolded": ("x'*A*x/(x'*x)", "x"),
    "quotient-unfolded": ("x'*A*x/(x'*x)", "x"),
}


def told(text: str, wrt: str, whole: bool = True) -> list[str]:
    return [step.text for step in matcalc.derive(text, wrt=wrt).unfolded(whole)]


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", dict.fromkeys(chapter(row) for row in book().groups["unfolding"]))
def test_each_is_told_checked_and_follows(name: str) -> None:
    text, wrt = USES[name]
    d = matcalc.derive(text, wrt=wrt)
    assert name in {step.rule.rpartition("-")[0] for step in d.unfolded(True)}
    assert all(step.check is not None and step.check.max_relative_error < 1e-12 for step in d.unfolded(True))
    d.replay().require()


def test_softmax_in_the_letters_of_the_input() -> None:
    assert told("y'*softmax(a)", "a") == [
        "p = softmax(a)",
        "t = sum(exp(a))",
        "p = exp(a)/t",
        "dt = exp(a)ᵀ da",
        "dp = (exp(a) ∘ da)/t - dt exp(a)/t²",
        "dp = p ∘ da - (pᵀ da) p",
    ]


def test_a_name_of_the_input_is_kept_and_a_letter_that_is_taken_is_not_used_twice() -> None:
    lines = told("q = softmax(W*x); t'*q", "W")
    assert lines[0] == "q = softmax(z)" and not any(line.startswith("t = ") for line in lines)
    assert "r = sum(exp(z))" in lines  # and no t_1, which would be an entry of t


def test_normal_unfolds_what_the_exercise_is_about_only() -> None:
    assert told("logdet(X)", "X", whole=False) and told("-y'*log(softmax(z))", "z", whole=False)
    assert not told("-y'*log(softmax(W*x + b))", "W", whole=False)
    assert "\nUnfolded\n" in matcalc.derive("logdet(X)").to_text()
    assert "\nUnfolded\n" not in matcalc.derive("-y'*log(softmax(W*x + b))", wrt="W").to_text()
    assert "\nUnfolded\n" in matcalc.derive("-y'*log(softmax(W*x + b))", wrt="W").to_text(detail="full")


def test_what_does_not_move_has_no_lines_and_what_must_not_move_does_not() -> None:
    assert not told("sum(softmax(a))*(b'*x)", "x")
    assert "quadratic" not in " ".join(step.rule for step in matcalc.derive("x'*A*x", wrt=("x", "A")).unfolded(True))


def test_every_format_shows_the_lines() -> None:
    d = matcalc.derive("logdet(X)")
    assert r"\mathrm{d}D" in d.to_latex(detail="full") and r"\mathrm{d}D" in d.to_markdown(detail="full")
    assert "<mi>D</mi>" in d.to_html(detail="full") and '"logdet-unfolded-4"' in d.to_json()


def test_unchecked_lines_say_so() -> None:
    assert all(step.check is None for step in matcalc.derive("logdet(X)", check=False).unfolded(True))
