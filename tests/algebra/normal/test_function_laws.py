"""Norms, diag, vec, Kronecker products, softmax and matrix functions: a law each."""

from __future__ import annotations

import pytest

from matcalc.algebra.normal.normal_form import Normalizer
from tests.laws import form, require_law
from tests.nodes import read

LAWS = [
    ("x'*x", "norm2(x)^2"),
    ("(W*x)'*(W*x)", "norm2(W*x)^2"),
    ("x'*W'*W*x", "norm2(W*x)^2"),
    ("sqrt(x'*x)", "norm2(x)"),
    ("norm2(2*x)", "2*norm2(x)"),
    ("norm2(-x)", "norm2(x)"),
    ("(x + y)'*(x + y)", "norm2(x + y)^2"),
    ("sum(softmax(x))", "1"),
    ("diag(diag(x))", "x"),
    ("diag(ones(n))", "eye(n)"),
    ("diag(eye(n))", "ones(n)"),
    ("norm1(3*x)", "3*norm1(x)"),
    ("norm2(x/2)", "norm2(x)/2"),
    ("softmax(logsoftmax(x))", "softmax(x)"),
    ("softmax(x')", "softmax(x)'"),
    ("logsoftmax(x')'", "logsoftmax(x)"),
    ("kron(2*A, B)", "2*kron(A, B)"),
    ("kron(eye(n), eye(k))", "eye(k*n)"),
    ("expm(A')", "expm(A)'"),
    ("dlogm(A, eye(n))", "inv(A)"),
    ("dexpm(A, 2*B)", "2*dexpm(A, B)"),
    ("dexpm(A, eye(n))", "expm(A)"),
    ("det(s)", "s"),
    ("diag(2*x)", "2*diag(x)"),
    ("conv(2*x, v)", "2*conv(x, v)"),
    ("sign(exp(x))", "ones(n)"),
    ("rowsum(W) - W*ones(n)", "zeros(m)"),
    ("W*ones(n) + 2*rowsum(W)", "3*W*ones(n)"),
    ("3*colsum(W)' - ones(m)'*W", "2*colsum(W)'"),
    ("rowsum(A*B) - A*B*ones(n)", "zeros(n)"),
    ("rowsum(A) - B*ones(n)", "rowsum(A) - B*ones(n)"),
]


@pytest.mark.parametrize(("text", "want"), LAWS, ids=[text for text, _ in LAWS])
def test_laws(text: str, want: str) -> None:
    require_law(text, want)


def test_sums_of_rows_are_named_where_they_meet_their_product_and_only_there() -> None:
    n = Normalizer()
    assert n.used(read("rowsum(W) - W*ones(n)")) == ("row-sums-as-product", "terms-cancel")
    assert n.used(read("colsum(W)' + ones(m)'*W")) == ("column-sums-as-product", "like-terms")
    assert "row-sums-as-product" not in n.used(read("rowsum(A) + rowsum(A) - B*ones(n)"))


def test_a_negative_factor_is_one_without_its_sign() -> None:
    assert form("norm2(-3*x)") == "3*norm2(x)" and form("norm2(s*x)") == "norm2(s*x)"
