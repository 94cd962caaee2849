"""Products with unit vectors and with zeros around a block: no zero is multiplied."""

from __future__ import annotations

import pytest

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.expr.nodes import postorder
from tests.block_forms import read, require_one_form

LAWS = [
    ("padcols(eye(n), 1, n+p)*[A, C]'", "A'"),
    ("A*unit(n, 2)", "A[:,2]"),
    ("unit(m, 2)'*A", "A[2,:]'"),
    ("unit(n, 2)'*x", "x[2]"),
    ("unit(n, 2)'*unit(n, 2)", "1"),
    ("unit(n, 1)'*unit(n, 2)", "0*a"),
    ("unit(n, 2) .* x", "x[2]*unit(n, 2)"),
    ("padrows(A, 2, 9)'*padrows(A, 2, 9)", "A'*A"),
    ("padrows(A, 2, 9)*x", "padrows(A*x, 2, 9)"),
    ("C*padrows(v, 1, p)", "C[:,1:k]*v"),
    ("x'*unit(n, 3)", "x[3]"),
    ("unit(n, 1)*unit(n, 1)'*x", "x[1]*unit(n, 1)"),
    ("S*unit(n, 2)*v[1]", "v[1]*S[:,2]"),
    ("eye(n)[1:2,:]*x", "x[1:2]"),
    ("eye(n)[2:k+1,:]'*v", "padrows(v, 2, n)"),
    ("S*padrows(v, 2, n)", "S[:,2:k+1]*v"),
    ("padrows(v, 2, n)'*x", "v'*x[2:k+1]"),
]


@pytest.mark.parametrize(("left", "right"), LAWS)
def test_laws(left: str, right: str) -> None:
    require_one_form(left, right)


def test_no_zero_is_multiplied() -> None:
    n = Normalizer().normal(read("S*padrows(v, 2, n)"))
    assert not any(e.op == "padrows" for e in postorder((n,)))
