"""The shorter of two normal forms: products of sums are multiplied out where terms cancel, and else kept."""

from __future__ import annotations

import pytest

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.shortest import shortest
from matcalc.notation.write.program import plain
from tests.laws import read, same_value


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("(x + y)'*A*z - x'*A*z", "y'*A*z"),
        ("x'*(A*x + y) - y'*x", "x'*A*x"),
        ("(x + y)'*(x - y) + y'*y", "norm2(x)^2"),
        ("s*(x'*y + t) - s*t", "s*x'*y"),
        ("x .* (y + z) - x .* y + z", "z .* (1 + x)"),
    ],
)
def test_multiplied_out_where_terms_cancel(text: str, want: str) -> None:
    e = read(text)
    found = shortest(Normalizer(), e)
    assert plain(found) == want and same_value(e, found)
    assert len(plain(Normalizer().normal(e))) > len(want)


@pytest.mark.parametrize("text", ["x .* (1 - x)", "A*(x + y) - B*x", "(x + y)'*(x - y)", "A*(x + y)"])
def test_kept_where_that_is_no_longer(text: str) -> None:
    assert plain(shortest(Normalizer(), read(text))) == text
