"""Conventions: how a derivative is laid out, and when it is zero."""

from matcalc.rule import R

ROWS = (
    R("shape-convention", "A'' = A", "A[m,n]", "cs224n:shape convention"),
    R("independent", "A - A = zeros(m, n)", "A[m,n]", "mn:5.4"),
)
