"""Conventions: how a derivative is laid out, and when it is zero. Named in derivations; the equations are their ring laws."""

from matcalc.rules.row import R

ROWS = (
    R("shape-convention", "A'' = A", "A[m,n]", "cs224n:shape convention"),
    R("numerator-layout", "(A*B)' = B'*A'", "A[m,n] B[n,k]", "mn:9.3"),
    R("independent", "A - A = zeros(m, n)", "A[m,n]", "mn:5.4", words="does not occur"),
    R("cancelling", "A + B - A = B", "A[m,n] B[m,n]", "mn:5.4", words="the terms cancel"),
    R("variable-itself", "eye(m)*A = A", "A[m,n]", "mn:5.1"),
    R("substitution", "A*(B*x) = (A*B)*x", "A[m,n] B[n,k] x[k]", "mn:8.1", words="differentials put in"),
    R("cyclic", "tr(A*B) = tr(B*A)", "A[m,n] B[n,m]", "cookbook:16", words="trace is cyclic"),
    R("read-off", "tr(A'*B) = sum(A .* B)", "A[m,n] B[m,n]", "mn:9.4"),
    R("derive-again", "A' + B' = (A + B)'", "A[m,n] B[m,n]", "mn:10.2", words="derived once more"),
    R("direction", "A*x + A*y = A*(x + y)", "A[m,n] x[n] y[n]", "mit:directional derivative"),
    R("differential-of", "A*x - A*y = A*(x - y)", "A[m,n] x[n] y[n]", "mn:5.3", words="collected"),
    R("sum-over-entries", "a*x = sum(a' .* x)", "a[1,n] x[n]", "cs224n:sum over paths"),
    R("tied-entries", "diag(diag(A')) = diag(diag(A))", "A[n,n]", "mn:3.11"),
    R("vectorised-sum", "ones(m)'*(A*x) = sum(A*x)", "A[m,n] x[n]", "boyd:1.2.1"),
    R("sum-over-indices", "einsum('ij,jk->ik', A, B) = A*B", "A[m,n] B[n,k]", "laue:sec. 2"),
    R("entries", "eye(m)*A = A", "A[m,n]", "cs224n:only z_i sees W_ij", words="entry by entry"),
)
