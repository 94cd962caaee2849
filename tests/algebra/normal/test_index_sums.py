"""Sums over indices: products of matrices where they are some, one writing where not."""

from __future__ import annotations

import pytest

from matcalc.algebra.normal.normal_form import normal
from tests.laws import read, require_law, same_value

LAWS = [
    ("einsum('ij,jk->ik', A, B)", "A*B"),
    ("einsum('ij,j->i', W, x)", "W*x"),
    ("einsum('ji,j->i', W, w)", "W'*w"),
    ("einsum('i,i->', x, y)", "x'*y"),
    ("einsum('ii->', A)", "sum(diag(A))"),
    ("einsum('ij->j', W)", "W'*ones(m)"),
    ("einsum('i,j->ij', w, x)", "w*x'"),
    ("einsum('ij,ij->ij', A, B)", "A .* B"),
    ("einsum('ij,jk->ik', 2*A, B)", "2*A*B"),
    ("einsum('ij,jk->ik', A', B)", "A'*B"),
]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("einsum('i,j,k->ijk', x, y, z)", "einsum('a,b,c->abc', x, y, z)"),
        ("einsum('i,j,k->ijk', 2*x, y, z)", "2*einsum('i,j,k->ijk', x, y, z)"),
        ("einsum('ij,kl->ijkl', A', B)", "einsum('ji,kl->ijkl', A, B)"),
    ],
)
def test_two_writings_of_a_tensor_are_one(one: str, other: str) -> None:
    left, right = read(one), read(other)
    assert normal(left) is normal(right) and same_value(left, right) and same_value(normal(left), left)


def test_the_sum_of_a_tensor() -> None:
    text = "sum(einsum('i,j,k->ijk', x, y, z))"
    assert same_value(normal(read(text)), read("sum(x)*sum(y)*sum(z)"))
