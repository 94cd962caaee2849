"""Signs, numbers and scalars in front, no double transpose: the same value, never longer, and by no law that has a name."""

from __future__ import annotations

import pytest

from matcalc.algebra.normal.tidied import tidied
from matcalc.expr.nodes import make, transpose, written_size
from matcalc.notation.write.render import TEXT, render
from tests.laws import read, same_value

FORMS = [
    ("A*(-x)", "-A x"),
    ("(-A)*(-x)", "A x"),
    ("A*(2*x)/4", "A x/2"),
    ("A*(det(A)*B)", "det(A) A B"),
    ("-(-x)", "x"),
    ("x - (-y)", "x + y"),
    ("x + (-y)", "x - y"),
    ("(x' .* y')'", "x ∘ y"),
    ("(x' - y')'", "x - y"),
    ("(-x')'", "-x"),
    ("sum(-2*x)", "-2sum(x)"),
    ("(2*x) ./ (4*y)", "(x ⊘ y)/2"),
    ("x*(a/b)", "a x/b"),
    ("A*zeros(n)", "0"),
    ("zeros(n)'", "0"),
    # what a law with a name does is left to it
    ("(A*B)'", "(A B)ᵀ"),
    ("(A + B)'", "(A + B)ᵀ"),
    ("a*x + a*y", "a x + a y"),
    ("x + x", "x + x"),
    ("inv(A)*A", "A⁻¹ A"),
    ("x + fill(-s*t/2, x)", "x - s t/2"),
]


@pytest.mark.parametrize(("text", "tidy"), FORMS, ids=[text for text, _ in FORMS])
def test_what_is_written_down(text: str, tidy: str) -> None:
    e = read(text)
    found = tidied(e)
    assert render(found, TEXT) == tidy
    assert written_size(found) <= written_size(e) and tidied(found) is found
    assert same_value(found, e)


def test_a_row_that_is_put_in_where_its_transpose_stood() -> None:
    """((x ∘ y)ᵀ)ᵀ is x ∘ y."""
    product = make("hadamard", (read("x"), read("y")))
    assert tidied(make("T", (transpose(product),))) is product
