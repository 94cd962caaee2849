"""Conventions: how a derivative is laid out, and when it is zero. Named in derivations; the equations are their ring laws, by name."""

from matcalc.rules.row import R

ROWS = (
    R("shape-convention", "A'' = A", "A[m,n]", "cs224n:shape convention"),
    R("numerator-layout", "transpose-of-product", "", "mn:9.3"),
    R("independent", "A - A = zeros(m, n)", "A[m,n]", "mn:5.4", words="does not occur"),
    R("cancelling", "terms-cancel", "", "mn:5.4", words="the terms cancel"),
    R("singular", "terms-cancel", "", "cookbook:18", words="determinant of a singular matrix"),
    R("variable-itself", "identity-product", "", "mn:5.1"),
    R("one-moves", "terms-cancel", "", "mn:5.4", words="only {} moves"),
    R("rearranged", "X + Y = Y + X", "X[m,n] Y[m,n]", "mn:1.2"),
    R("put-in", "identity-product", "", "parr-howard:intermediate variables substituted back", words="{} put in"),
    R("read-off", "sum-as-trace", "", "mn:9.4"),
    R("derive-again", "transpose-of-sum", "", "mn:10.2", words="derived once more"),
    R("direction", "common-matrix-on-the-left", "", "mit:directional derivative"),
    R("differential-of", "common-matrix-on-the-left", "", "mn:5.3", words="differential at the end"),
    R("routes-agree", "terms-cancel", "", "mn:5.5", words="the routes agree"),
    R("sum-over-entries", "sum-of-products", "", "cs224n:sum over paths"),
    R("tied-entries", "diag(diag(A')) = diag(diag(A))", "A[n,n]", "mn:3.11"),
    R("vectorised-sum", "ones-sum", "", "boyd:1.2.1"),
    R("term-by-term", "X'*Y = einsum('ij,ik->jk', X, Y)", "X[n,m] Y[n,k]", "boyd:1.2.1"),
    R("sum-over-indices", "einsum('ij,jk->ik', A, B) = A*B", "A[m,n] B[n,k]", "laue:sec. 2"),
    R("picked-row-of-product", "(X'*y)'*z = y'*(X*z)", "X[n,k], y[n] one-hot, z[k]", "cs224n:softmax", words="entry of a product that is picked"),
    R("entries", "identity-product", "", "cs224n:only z_i sees W_ij", words="entry by entry"),
    R("sees-alone", "identity-product", "", "cs224n:only z_i sees W_ij", words="only {} sees {}"),
)
