"""Slices of blocks are blocks, blocks of slices are the whole; sums, products and factors leave them."""

from __future__ import annotations

import pytest

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.expr.nodes import postorder
from tests.block_forms import read, require_one_form, same_value

LAWS = [
    ("[A, C; B, P][:,1:n]", "[A; B]"),
    ("[x; z][1:n]", "x"),
    ("[x; z][n+1:n+p]", "z"),
    ("[x; z; x][n+1:n+p]", "z"),
    ("[A; B][1:m,:]", "A"),
    ("[A, C][:,n+1:n+p]", "C"),
    ("[A, C][2,:]", "[A[2,:]; C[2,:]]"),
    ("[A; B][:,2]", "[A[:,2]; B[:,2]]"),
    ("[x'; A][1,:]", "x"),
    ("[A, y][:,n+1]", "y"),
    ("[x[1:2]; x[3:n]]", "x"),
    ("[A[1:2,:]; A[3:m,:]]", "A"),
    ("[A[:,1:2], A[:,3:n]]", "A"),
    ("[x; z][1:n+p]", "[x; z]"),
    ("x[2:n][1:2]", "x[2:3]"),
    ("x[2:n][2]", "x[3]"),
    ("X[2:3,:][1,:]", "X[2,:]"),
    ("X[1,:][2]", "X[1,2]"),
    ("X[:,2][1]", "X[1,2]"),
    ("X[:,2:3][2:4,:]", "X[2:4,2:3]"),
    ("(A*x)[2]", "A[2,:]'*x"),
    ("(A*S)[1:2,:]", "A[1:2,:]*S"),
    ("(A*S)[:,1]", "A*S[:,1]"),
    ("(x + w)[2]", "x[2] + w[2]"),
    ("(3*x)[2]", "3*x[2]"),
    ("(y*x')[2,:]", "y[2]*x"),
    ("eye(n)[:,2]", "unit(n, 2)"),
    ("padrows(x, 2, n+2)[2:n+1]", "x"),
    ("padrows(x, 2, n+2)[1]", "0*a"),
    ("padrows(x, 2, n+2)[2]", "x[1]"),
    ("[2*x; 2*z]", "2*[x; z]"),
    ("ones(n)[2]", "1"),
    ("[ones(2); ones(3)]", "ones(5)"),
    ("[x; zeros(p)]", "padrows(x, 1, n+p)"),
    ("diag(S)[2]", "S[2,2]"),
    ("[a; b][2]", "b"),
    ("x[1:n]", "x"),
    ("S'[1:2,2:3]", "S[2:3,1:2]'"),
]


@pytest.mark.parametrize(("left", "right"), LAWS)
def test_laws(left: str, right: str) -> None:
    require_one_form(left, right)


@pytest.mark.parametrize("text", ["[x[1:2]; w][k]", "padrows(x, 3, n+5)[k]", "unit(n, 2)[k]", "[x; z][k:n]"])
def test_what_depends_on_sizes_is_left(text: str) -> None:
    """Whether x[k] is in the first or the second block depends on k."""
    e = read(text)
    n = Normalizer().normal(e)
    assert n is e or len(postorder((n,))) <= len(postorder((e,)))
    assert same_value(e, n)
