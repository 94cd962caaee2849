"""Compound rules: what the rules of sums and products give together, by which lines are called; found where a product has this form.

A factor that is ``fixed`` is any product of factors that do not move, or none.
"""

from matcalc.rules.row import R

ROWS = (
    R("squared-length", "d(x'*x) = 2*(x'*d(x))", "x[n]", "cookbook:131", words="squared norm"),
    R("quadratic-form", "d(x'*A*x) = x'*(A + A')*d(x)", "x[n] A[n,n] fixed", "cookbook:81"),
    R("linear-map", "d(A*X*B) = A*d(X)*B", "A[m,n] fixed, X[n,p] B[p,q] fixed", "mn:8.1"),
)
