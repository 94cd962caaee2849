"""What answers mean: said where a line has the form for which a row knows it, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.rule import MEANING
from matcalc.engine.significance import TOLD, Meaning, meanings


def found(d: Any) -> list[Meaning]:
    return list(meanings([(s.lhs, s.rhs) for s in d.steps if s.kind in TOLD], d.trace.book, d.assume))


SAID: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("u'*f(W*x + b)", {}, [("∂s/∂W", "error-times-input")]),
    ("sum(softmax(Z) .* G)", {"wrt": "Z"}, [("∂s/∂Z", "row-minus-its-average")]),
    ("sum(softmax(z) .* g)", {"wrt": "z"}, [("∇_z s", "minus-its-average")]),
    ("-y'*log(softmax(z))", {"wrt": "z", "assume": {"y": "one-hot"}}, [("∇_z s", "predicted-minus-labels")]),
    ("-y'*log(softmax(z))", {"wrt": "z"}, []),  # of labels that sum to 1 only
    ("norm2(A*x - b)^2", {"wrt": "x"}, [("Aᵀ (A x - b)", "residual-on-the-columns")]),
    ("x'*A*x", {"wrt": "x"}, [("∇_x s", "symmetric-part-alone")]),
    ("u'*relu(x)", {"wrt": "x"}, [("u ∘ step(x)", "passes-where-positive")]),
    ("x'*A*x", {"wrt": "A"}, []),
]


@pytest.mark.parametrize(("text", "more", "wanted"), SAID)
def test_what_is_said(text: str, more: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    d = matcalc.derive(text, **more)
    assert [(m.of.text, m.row) for m in found(d)] == wanted


def test_every_row_is_said_of_some_answer_and_names_letters_of_its_own() -> None:
    said = {row for text, more, _ in SAID for d in [matcalc.derive(text, **more)] for row in [m.row for m in found(d)]}
    d = matcalc.derive("-sum(Y .* log(softmax(X*W, axis=1)))", wrt="W", assume={"Y": "one-hot"})
    (rows,) = found(d)
    assert {*said, rows.row} == {row.name for row in book().groups[MEANING]}
    assert {letter: f.text for letter, f in rows.letters.items()} == {"Y": "Y"}


def test_it_stands_in_every_format_and_in_no_exercise() -> None:
    d = matcalc.derive("x'*A*x", wrt="x")
    for form in ("text", "latex", "markdown", "html", "typst"):
        assert "What it means:" in d.to(form) and "含义:" in d.to(form, lang="zh")
    assert d.to_dict()["meanings"] == [
        {
            "of": "d(s)/d(x)",
            "latex": r"\nabla_{x} s",
            "rule": "symmetric-part-alone",
            "words": "only the symmetric part of A counts",
        }
    ]
    assert "What it means:" not in d.to("text", exercise=True)
