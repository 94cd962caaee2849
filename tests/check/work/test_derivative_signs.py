"""Signs of derivatives in formulas, in all the ways in which people write them."""

from __future__ import annotations

from itertools import count

import pytest

from matcalc.check.work.derivative_signs import DIFFERENTIAL, GRADIENT, SLOPE, Sign, marked, told


def signs(text: str, latex: bool) -> list[tuple[str, str, str]]:
    found = marked(text, latex, {"x", "W", "r", "mu", "W2", r"\Sigma", "f"}, (f"qq{k}" for k in count()))
    return [(s.kind, s.of, s.by) for s in found.signs]


@pytest.mark.parametrize(
    ("text", "latex", "found"),
    [
        (r"\frac{\partial s}{\partial W}", True, [(SLOPE, "s", "W")]),
        (r"\frac{\mathrm{d}L}{\mathrm{d}x}", True, [(SLOPE, "L", "x")]),
        (r"\frac{\partial}{\partial t}\left(-\log|K|\right)", True, [(SLOPE, r"-\log|K|", "t")]),
        ("ds/dW", False, [(SLOPE, "s", "W")]),
        ("∂s/∂W", False, [(SLOPE, "s", "W")]),
        (r"\nabla_W f", True, [(GRADIENT, "f", "W")]),
        (r"\nabla f(x)", True, [(GRADIENT, "f", "x")]),
        ("2*r'*A*dx", False, [(DIFFERENTIAL, "x", "")]),
        (r"\operatorname{tr}(A\,d\Sigma)", True, [(DIFFERENTIAL, r"\Sigma", "")]),
        ("tr(Y*d(inv(X)))", False, [(DIFFERENTIAL, "inv(X)", "")]),
        ("2*dmu", False, [(DIFFERENTIAL, "mu", "")]),
        (r"X\,\mathrm{d}W_{2}", True, [(DIFFERENTIAL, "W2", "")]),
        ("d*x", False, []),
        ("2*delta*x", False, []),
        (r"\frac{x}{2}", True, []),
    ],
)
def test_signs(text: str, latex: bool, found: list[tuple[str, str, str]]) -> None:
    assert signs(text, latex) == found


def test_a_sign_alone_is_the_side_of_an_equality() -> None:
    words = (f"qq{k}" for k in count())
    alone = marked(r"\frac{\partial s}{\partial W}", True, (), words).alone
    assert alone is not None and alone.of == "s"
    assert marked(r"2\frac{\partial s}{\partial W}", True, (), words).alone is None


def test_words_are_told_as_the_signs_that_they_stand_for() -> None:
    signs = (Sign(SLOPE, "s", "z", "qqa"), Sign(DIFFERENTIAL, r"\mu", "", "qqb"))
    assert told(r"'{\mathrm{qqa}} x' and qqb, qqba", signs) == r"'d(s)/d(z) x' and d\mu, qqba"
    assert told("qqb", signs, lambda name: name.lstrip("\\")) == "dmu"
