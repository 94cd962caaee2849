"""Laws of sums and products, as the normal form carries them out: by algorithms, each of which says by these names what it used.

What no reader asks about has no name: the order of terms and of factors that commute, brackets, signs, numbers, a double transpose.
"""

from matcalc.rules.row import R

ROWS = (
    # sums and scalars
    R("like-terms", "a*X + b*X = (a + b)*X", "a[] b[] X[m,n]", "mn:1.2"),
    R("terms-cancel", "X + Y - X = Y", "X[m,n] Y[m,n]", "mn:1.2"),
    R("common-factor", "a*X + a*Y = a*(X + Y)", "a[] X[m,n] Y[m,n]", "mn:1.2", role="minor"),
    R("common-matrix-on-the-right", "A*C + B*C = (A + B)*C", "A[m,n] B[m,n] C[n,k]", "mn:1.3", words="common factor", role="minor"),
    R("common-matrix-on-the-left", "A*B + A*C = A*(B + C)", "A[m,n] B[n,k] C[n,k]", "mn:1.3", words="common factor", role="minor"),
    R("common-entrywise-factor", "A .* X + A .* Y = A .* (X + Y)", "A[m,n] X[m,n] Y[m,n]", "mn:3.6", words="common factor", role="minor"),
    R("multiplied-out", "A*(X + Y) = A*X + A*Y", "A[m,n] X[n,k] Y[n,k]", "mn:1.3"),
    R("quotient-cancels", "a*(b/a + c) = b + a*c", "a[] nonzero, b[] c[]", "calculus:quotient", words="a quotient cancels"),
    R("power-of-product", "(a*b)^2 = a^2*b^2", "a[] b[]", "calculus:table", words="power of a product"),
    # products of matrices
    R("identity-product", "eye(m)*A = A", "A[m,n]", "mn:1.3", words="I A = A"),
    R("inverse-cancels", "inv(A)*A = eye(n)", "A[n,n] invertible", "mn:1.7", words="an inverse cancels"),
    R("powers-of-a-matrix", "A^2*A = A^3", "A[n,n]", "mn:1.3"),
    R("inverse-of-product", "inv(A*B) = inv(B)*inv(A)", "A[n,n] invertible, B[n,n] invertible", "cookbook:1", words="inverse of a product"),
    R("inverse-of-scaled", "inv(a*A) = inv(A)/a", "a[] nonzero, A[n,n] invertible", "cookbook:1", words="inverse of a multiple"),
    R("orthogonal", "A'*A = eye(n)", "A[n,n] orthogonal", "mn:1.7", words="{} is orthogonal"),
    R("scalar-in-a-product", "A*(x'*y)*B = (x'*y)*(A*B)", "A[m,n] x[p] y[p] B[n,k]", "mn:1.3", words="a scalar stands in front"),
    R("diagonal-times-column", "diag(v)*x = v .* x", "v[n] x[n]", "mn:3.6", words="diag(v) x = v ∘ x"),
    R("product-of-diagonals", "diag(u)*diag(v) = diag(u .* v)", "u[n] v[n]", "mn:1.6", words="product of diagonal matrices"),
    R("inverse-of-diagonal", "inv(diag(v)) = diag(1 ./ v)", "v[n] nonzero", "mn:1.7", words="inverse of a diagonal matrix"),
    R("sum-of-diagonals", "diag(u) + diag(v) = diag(u + v)", "u[n] v[n]", "mn:1.6", words="sum of diagonal matrices"),
    R("kronecker-times-vec", "kron(A, B)*vec(X) = vec(B*X*A')", "A[m,n] B[p,q] X[q,n]", "mn:2.4", words="vec of a product"),
    R("rows-sum-to-one", "softmax(X)*ones(n) = ones(m)", "X[m,n]", "cs224n:softmax", words="each row of {} sums to 1"),
    R("unit-vector", "X*unit(n, j) = X[:,j]", "X[m,n]", "cookbook:430", words="a unit vector picks a column"),
    # transposes
    R("transpose-of-product", "(A*B)' = B'*A'", "A[m,n] B[n,k]", "cookbook:5", words="transpose of a product"),
    R("transpose-of-sum", "(A + B)' = A' + B'", "A[m,n] B[m,n]", "cookbook:4", words="transpose of a sum", role="silent"),
    R("transpose-of-kronecker", "kron(A, B)' = kron(A', B')", "A[m,n] B[p,q]", "mn:2.2", words="transpose of a Kronecker product"),
    R("transpose-of-scalar", "x'*A*y = y'*A'*x", "x[m] A[m,n] y[n]", "mn:1.2", words="a scalar is its own transpose"),
    R("symmetric", "A' = A", "A[n,n] symmetric", "mn:1.6", words="{} is symmetric"),
    R("function-of-row", "f(x') = f(x)'", "x[n]", "calculus:table", words="a function of each entry of a row"),
    # traces and sums of entries
    R("trace-is-linear", "tr(a*A + B) = a*tr(A) + tr(B)", "a[] A[n,n] B[n,n]", "cookbook:14"),
    R("trace-is-cyclic", "tr(A*B) = tr(B*A)", "A[m,n] B[n,m]", "cookbook:15"),
    R("trace-of-transpose", "tr(A') = tr(A)", "A[n,n]", "cookbook:13", words="a transpose has the same trace"),
    R("trace-of-outer-product", "tr(x*y') = y'*x", "x[n] y[n]", "cookbook:16", words="trace of an outer product"),
    R("trace-of-identity", "tr(eye(n)) = n", "A[n,n]", "cookbook:18", words="trace of the identity"),
    R("trace-as-norm", "tr(A'*A) = norm2(A)^2", "A[m,n]", "mn:1.10", words="tr(A'A) = ‖A‖²"),
    R("sum-is-linear", "sum(a*X + Y) = a*sum(X) + sum(Y)", "a[] X[m,n] Y[m,n]", "mn:1.2"),
    R("sum-as-trace", "sum(A .* B') = tr(A*B)", "A[m,n] B[n,m]", "mn:3.6", words="sum of products as a trace"),
    R("sum-of-products", "sum(x .* y) = x'*y", "x[n] y[n]", "mn:1.2"),
    R("sum-of-squares", "sum(X.^2) = norm2(X)^2", "X[m,n]", "mn:1.10"),
    R("row-sums-as-product", "rowsum(X) = X*ones(n)", "X[m,n]", "mn:1.2", words="sums of rows are X1"),
    R("column-sums-as-product", "colsum(X) = X'*ones(m)", "X[m,n]", "mn:1.2", words="sums of columns are X'1"),
    R("ones-times-ones", "ones(m, n)*ones(n, k) = n*ones(m, k)", "A[m,n] B[n,k]", "mn:1.2"),
    R("sum-of-ones", "sum(ones(n)) = n", "x[n]", "mn:1.2"),
    R("sum-of-diagonal-matrix", "sum(diag(x)) = sum(x)", "x[n]", "mn:1.6", words="sum of a diagonal matrix"),
    R("sum-of-outer-product", "sum(x*y') = sum(x)*sum(y)", "x[m] y[n]", "mn:1.2", words="sum of an outer product"),
    R("centred", "sum(fill(sum(x)/n, x)) = sum(x)", "x[n]", "mn:1.2", words="the entries of {} sum to 0"),
    R("sum-of-probabilities", "sum(y) = 1", "y[n] probability", "cs224n:softmax", words="{} sums to 1"),
    R("ones-sum", "ones(n)'*x = sum(x)", "x[n]", "mn:1.2", words="1'x is the sum of x"),
    R("squared-norm-as-product", "x'*x = norm2(x)^2", "x[n]", "mn:1.10", words="x'x = ‖x‖²"),
    # entrywise products, norms
    R("entrywise-powers", "X.^2 .* X = X.^3", "X[m,n]", "calculus:power"),
    R("entrywise-quotient-cancels", "X .* (Y ./ X) = Y", "X[m,n] nonzero, Y[m,n]", "calculus:quotient", words="a quotient cancels"),
    R("others-over-product", "prodothers(x)/prod(x) = 1 ./ x", "x[n] nonzero", "calculus:product", words="a quotient cancels"),
    R("entrywise-with-outer-product", "(A .* (x*y'))*z = x .* (A*(y .* z))", "A[m,n] x[m] y[n] z[n]", "mn:3.6", words="A ∘ xy' scales rows and columns"),
    R("graph-laplacian", "x .* (A*ones(n)) - A*x = (diag(A*ones(n)) - A)*x", "A[n,n] x[n]", "mn:3.6", words="graph Laplacian: diag(A1) - A"),
    R("one-hot", "y .* x = (y'*x)*y", "y[n] one-hot, x[n]", "cs224n:softmax", words="one-hot labels pick an entry"),
    R("norm-of-scaled", "norm2(a*X) = abs(a)*norm2(X)", "a[] nonzero, X[m,n]", "boyd:A.1.2", words="a factor leaves a norm"),
)  # fmt: skip
