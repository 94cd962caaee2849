"""Products of the other entries over the product of all are quotients; elsewhere they stay."""

from __future__ import annotations

import pytest

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.others import over_products
from tests.laws import form, require_law

LAWS = [
    ("prodothers(x)/prod(x)", "1 ./ x"),
    ("prodothers(x)/prod(x)^2", "(1 ./ x)/prod(x)"),
    ("prodothers(x)/sqrt(prod(x))", "sqrt(prod(x))*(1 ./ x)"),
    ("y'*prodothers(x)/prod(x)", "y'*(1 ./ x)"),
    ("A*(y .* prodothers(x))/prod(x)", "A*(y ./ x)"),
    ("prodothers(x)*prodothers(x)'/prod(x)^2", "(1 ./ x)*(1 ./ x)'"),
    ("prodothers(x)*prodothers(y)'/(prod(x)*prod(y))", "(1 ./ x)*(1 ./ y)'"),
    ("prodothers(x)/prod(x) - 1 ./ x + y", "y"),
]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)


@pytest.mark.parametrize("text", ["prodothers(x)", "prod(x)*prodothers(x)", "prodothers(x)/prod(y)", "exp(prodothers(x))/prod(x)"])
def test_what_does_not_cancel_stays(text: str) -> None:
    assert form(text) == text


def test_a_form_without_a_product_is_given_back_as_it_is() -> None:
    assert over_products(Normalizer(), found := {}) is found
