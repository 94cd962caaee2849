"""Which sums of a text become loops, what their terms are, and what is left of the text without them."""

from __future__ import annotations

import pytest

import matcalc


@pytest.mark.parametrize("text, terms, rest", [
    (r"\sum_i a_i^2", ["a_i^2"], None),
    (r"\sum_i a_i^2 + b^T b", ["a_i^2"], "total + b'*b"),
    (r"\log \sum_i e^{a_i}", ["exp(a_i)"], "log(total)"),
    (r"(\sum_i a_i^2) / \sum_k e^{b_k}", ["a_i^2", "exp(b_k)"], "total/total1"),
    (r"\sum_i (a_i - \sum_j a_j)^2", ["(a_i - sum(a))^2"], None),
    (r"\sum_i \sum_j K_{ij}", ["K_ij"], None),
    (r"\sum_i (\sum_j K_{ij})^2", ["sum(q)^2"], None),
])  # fmt: skip
def test_terms_and_the_rest(text: str, terms: list[str], rest: str | None) -> None:
    found = matcalc.vectorise(text)
    assert [one.term.value.plain for one in found.sums] == terms
    assert (found.rest and found.rest.value.plain) == rest


@pytest.mark.parametrize("text, signs", [
    (r"\sum_{i=1}^n \sum_{j=1}^n K_{ij}", ()),
    (r"\sum_{i=1}^n \sum_{j=i}^n K_{ij}", ("{j} >= {i}",)),
    (r"\sum_{i=1}^n \sum_{j=i+1}^n K_{ij}", ("{j} > {i}",)),
    (r"\sum_{i=1}^n \sum_{j=1}^{i-1} K_{ij}", ("{j} < {i}",)),
    (r"\sum_{i \le j} K_{ij}", ("{i} <= {j}",)),
    (r"\sum_i \sum_{j \ne i} K_{ij}", ("{j} != {i}",)),
])  # fmt: skip
def test_what_restricts_the_indices(text: str, signs: tuple[str, ...]) -> None:
    (one,) = matcalc.vectorise(text).sums
    assert one.signs == signs


def test_one_array_under_two_indices() -> None:
    (one,) = matcalc.vectorise(r"\sum_{i,j} w_{ij} \|x_i - x_j\|^2").sums
    assert {name: part.at({}) for name, part in one.slices.items()} == {"w_ij": "w[i, j]", "x_i": "X[i]", "x_j": "X[j]"}
