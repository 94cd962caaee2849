"""What to do next: hints that name the mended text, and the mended text is read."""

from __future__ import annotations

import pytest

from matcalc.api import read_problem
from matcalc.expr.errors import ShapeError
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.meaning.hints import declaration, kind_hint, nearest, size_hint, turned
from tests.meanings import read, require_refused


@pytest.mark.parametrize(("word", "names", "near"), [("sofmax", ["softmax", "max", "tanh"], "softmax"), ("qqq", ["softmax"], None)])
def test_the_nearest_name(word: str, names: list[str], near: str | None) -> None:
    assert nearest(word, names) == near


@pytest.mark.parametrize(("text", "want"), [("x", "x'"), ("x'", "x"), ("A*x", "(A*x)'"), ("(A*x)", "(A*x)'"), ("f(x)", "f(x)'")])
def test_the_transpose_of_a_text(text: str, want: str) -> None:
    assert turned(text) == want


@pytest.mark.parametrize(
    ("text", "mended"),
    [("x*y", "x'*y"), ("x*y", "x .* y"), ("x*A", "x'*A"), ("W*b", "W'*b"), ("x^2", "x.^2"), ("tr(W)", ""), ("x + x'", "")],
)
def test_a_misfit_has_a_hint_that_works(text: str, mended: str) -> None:
    error = require_refused(text)
    if mended:
        assert mended in str(error.hint)
        read(mended)


def test_without_an_idea_nothing_is_said() -> None:
    assert size_hint("exp", [SCALAR], ["s"]) is None or "exp" in str(size_hint("exp", [SCALAR], ["s"]))
    assert kind_hint("matmul", [Type("c", "n", 1)] * 2, ["x", "y"], ["rc", "mc"])


@pytest.mark.parametrize(
    ("text", "dims", "readings"),
    [
        ("e^{XY}", {"X": ("m",), "Y": ("n",)}, ["exp(X*Y')"]),
        ("x*y", {"x": ("n",), "y": ("n",)}, ["x'*y", "x*y'", "x .* y"]),
        (r"\frac{A}{B}", {"A": ("n", "n"), "B": ("n", "n")}, ["A ./ B", "A*inv(B)"]),
        (r"A \dfrac{A}{B} x", {"A": ("n", "n"), "B": ("n", "n"), "x": ("n",)}, ["A*(A ./ B)*x", "A*(A*inv(B))*x"]),
        ("A/B", {"A": ("n", "m"), "B": ("n", "m")}, ["A ./ B"]),
    ],
)
def test_what_may_be_meant_is_listed_and_leads_on(text: str, dims: dict[str, tuple[str, ...]], readings: list[str]) -> None:
    with pytest.raises(ShapeError) as caught:
        read_problem(text, dims, "latex" if "{" in text else None)
    assert [r.text for r in caught.value.readings] == readings
    for reading in caught.value.readings:
        assert read_problem(text, dims, "latex" if "{" in text else None, **reading.kwargs)


@pytest.mark.parametrize(("shape", "said"), [((), "--dim x="), (("n",), "--dim x=n"), (("n", 3), "--dim x=n,3")])
def test_declarations_as_the_command_line_takes_them(shape: tuple[str | int, ...], said: str) -> None:
    assert declaration("x", shape) == said
