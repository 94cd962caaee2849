"""What an entrywise product with an outer product does to a column; the matrix of a graph."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.rank_one import laplacians
from tests.laws import form, require_law

LAWS = [
    ("(W .* (w*x'))*y", "w .* (W*(x .* y))"),
    ("(W .* (w*x'))'*u", "x .* (W'*(u .* w))"),
    ("u'*(W .* (w*x'))", "(x .* (W'*(u .* w)))'"),
    ("(A .* (x*vector(1)'))*vector(1)", "x .* (A*ones(n))"),
    ("(A .* (vector(1)*x'))*vector(1)", "A*x"),
    ("x .* (A*vector(1)) - A*x", "(diag(A*ones(n)) - A)*x"),
    ("s*(A*x) - s*(x .* (A*vector(1))) + y", "y - s*(diag(A*ones(n)) - A)*x"),
]
STAYS = ["x .* (A*vector(1)) + A*x", "x .* (B*vector(1)) - A*x", "y .* (A*vector(1)) - A*x", "(A .* B)*x"]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)


@pytest.mark.parametrize("text", STAYS)
def test_what_is_no_graph_stays(text: str) -> None:
    require_law(text, form(text))
    assert "diag" not in form(text)


def test_two_outer_products_are_left_to_each_other() -> None:
    """It was a traceback: what is left of the product is an outer product itself."""
    d = matcalc.derive("sum(((u*v') .* (x*y'))*z)", wrt="z")
    assert d.check().passed and d.result.wrt == "z"


def test_a_form_of_one_term_is_given_back() -> None:
    assert laplacians(Normalizer(), found := {}) is found


def test_differences_along_the_edges_of_a_graph() -> None:
    """Σ_ij w_ij (f_i - f_j)²/2 has the gradient 2(D - W) f, and the Hessian 2(D - W), for symmetric weights."""
    text, given = "s = 1/2*sum_{i,j} w_{ij}*(f_i - f_j)^2", {"wrt": "f", "assume": {"w": "symmetric"}}
    d = matcalc.derive(text, **given)
    assert d.result.text == "2(diag(w 𝟏) - w) f" and d.replay()
    assert matcalc.derive(text, kind="hessian", **given).result.text == "2(diag(w 𝟏) - w)"
