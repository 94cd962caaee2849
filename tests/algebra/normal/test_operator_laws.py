"""Laws of single operators: each row is applied as it says, only where its condition is proved, and the right side weighs less."""

from __future__ import annotations

import pytest

from matcalc.algebra.book import book
from matcalc.algebra.match import instantiate, match
from matcalc.algebra.normal.normal_form import Normalizer, normal
from matcalc.algebra.normal.operator_laws import applied, laws_of
from matcalc.algebra.rule import Rule
from matcalc.expr.nodes import Expr
from tests.laws import form, require_law

ROWS = [row for row in book().groups["laws"] if not row.disabled]
DERIVATIVES = frozenset(("dexpm", "dlogm", "dsqrtm", "dsinm", "dcosm"))
LIGHT = frozenset(("add", "sub", "neg", "scale", "div", "matmul", "T", "hadamard", "hdiv", "fill"))


def weight(e: Expr) -> dict[str, int]:
    """The weight as a linear polynomial in the weights of the variables; "" is the constant."""
    if e.op == "sym":
        return {str(e.attr): 1}
    total = {"": 1 if e.op in LIGHT or not e.args else 3}
    for a in e.args:
        for name, k in weight(a).items():
            total[name] = total.get(name, 0) + k * (1 if e.op in LIGHT else 8 if e.op in DERIVATIVES else 2)
    return total


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_right_side_weighs_less(row: Rule) -> None:
    """For any weights of the variables (which are 1 at least), so that a chain of laws ends."""
    left, right = map(weight, row.sides)
    names = {*left, *right} - {""}
    less = {name: left.get(name, 0) - right.get(name, 0) for name in names}
    assert min(less.values(), default=0) >= 0
    assert left[""] + sum(left.get(n, 0) for n in names) > right.get("", 0) + sum(right.get(n, 0) for n in names)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_applied_to_its_own_left_side(row: Rule) -> None:
    """By its own name: no row before it takes its place, and what it gives is its right side."""
    left, right = row.sides
    law = next(law for law in laws_of(left.op) if law.rule is row)
    if law.asked:  # a variable is not known to be positive
        assert applied(left) is None
        return
    bound = match(left, left)
    assert bound is not None and applied(left) == (row.name, instantiate(right, bound, left.type))
    assert normal(left) is Normalizer().normal(right)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("abs(exp(x))", "exp(x)"),
        ("abs(x)", "abs(x)"),
        ("abs(abs(x)')", "abs(x)'"),
        ("relu(sigmoid(x))", "sigmoid(x)"),
        ("relu(tanh(x))", "relu(tanh(x))"),
        ("sign(exp(x)')", "ones(n)'"),
        ("sign(abs(x))", "sign(abs(x))"),  # 0 where x is 0
        ("step(exp(s))", "1"),
    ],
)
def test_a_condition_is_proved_by_the_signs_of_operators(text: str, want: str) -> None:
    assert form(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("det(inv(A'))", "1/det(A)"),
        ("logdet(inv(A)')", "-logdet(A)"),
        ("colsum(W') - rowsum(W)", "zeros(m)"),
        ("exp(log(x)) + log(exp(x))", "2*x"),
        ("norm2(x'*A)", "norm2(A'*x)"),
        ("norm2(W') - norm2(W)", "0"),
        ("norm1(-2*x')", "2*norm1(x)"),
        ("max(x') - max(x)", "0"),
        ("dexpm(2*A, A)", "expm(2*A)*A"),
        ("dcosm(A, eye(n))", "-sinm(A)"),
        ("dsqrtm(A, eye(n))", "inv(sqrtm(A))/2"),
        ("exp(logsoftmax(x'))", "softmax(x)'"),
    ],
)
def test_laws_meet_the_ring_laws(text: str, want: str) -> None:
    require_law(text, want)


def test_a_law_of_matrices_is_not_one_of_another_shape() -> None:
    assert form("unvec(vec(W), V)") == "W"
    assert form("unvec(vec(W), W')") != "W"
