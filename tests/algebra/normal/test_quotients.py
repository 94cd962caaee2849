"""A sum of quotients is multiplied out with what it is divided by, where no quotient is left and nothing gets longer."""

from __future__ import annotations

import pytest

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.quotients import cancelled
from tests.laws import form, require_law

LAWS = [
    ("a*(b/a + s)", "a*s + b"),
    ("a*(1 + a)*(b/(1 + a) - t/a)", "a*b - t*(a + 1)"),
    ("a*b*(s/a - t/b)*x", "(b*s - a*t)*x"),
    ("x*(a*(1/a + b))", "(a*b + 1)*x"),
    ("A*x/(s*(1 + x'*y/s))", "A*x/(x'*y + s)"),
]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)


@pytest.mark.parametrize(
    "text",
    [
        "a*(s/b + t)",  # nothing cancels
        "a*(b/a + s/t)",  # a quotient is left
        "a*b*s*(1/a + t + a + b)",  # which is longer without it
    ],
)
def test_what_gets_no_shorter_stays(text: str) -> None:
    require_law(text, form(text))
    assert "(" in form(text).removeprefix("(") and "/" in form(text)


def test_a_form_without_a_sum_is_given_back_as_it_is() -> None:
    assert cancelled(Normalizer(), found := {}) is found
