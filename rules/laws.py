"""Laws of single operators: equations that the normal form applies from left to right, wherever both sides are defined.

A law is applied to an operator whose arguments are in normal form; what stands on its right is put into normal form again.
This ends, for each right side weighs less than its left side: signs, sums, products and transposes weigh one and what is inside;
other operators three and twice what is inside, derivatives of matrix functions three and eight times (a test weighs each row).
A condition that the left side does not ask by itself is one to prove: ``nonnegative`` by the signs of the operators.
"""

from matcalc.rules.row import R

ROWS = (
    # transposes
    R("of-row", "F(x') = F(x)", "x[n]", "boyd:A.1.2", words="a row has the entries of the column", of="logsumexp norm1 norm2 variance max min"),
    R("of-transpose", "F(A') = F(A)", "A[m,n]", "boyd:A.1.2", words="a transpose has the same entries", of="norm1 norm2 variance max min"),
    R("of-transpose", "F(A') = F(A)", "A[n,n]", "boyd:A.1.5", words="a transpose has the same singular values", of="normnuc normspec"),
    R("of-row", "F(x') = F(x)'", "x[n]", "cs224n:softmax", words="of a row: the transpose", of="softmax logsoftmax"),
    R("of-transpose", "F(A') = F(A)'", "A[n,n] near-identity", "higham:1", words="a function of a transpose is the transpose",
      of="expm logm sqrtm sinm cosm"),
    R("adjugate-of-transpose", "adj(A') = adj(A)'", "A[n,n]", "mn:8.3", words="adjugate of a transpose"),
    R("pseudo-inverse-of-transpose", "pinv(A') = pinv(A)'", "A[n,n] invertible", "cookbook:220", words="pseudo-inverse of a transpose"),
    R("diagonal-of-transpose", "diag(A') = diag(A)", "A[n,n]", "mn:2.4", words="a transpose has the same diagonal"),
    R("column-sums-of-transpose", "colsum(A') = rowsum(A)", "A[m,n]", "mn:2.4", words="columns of the transpose are rows"),
    R("row-sums-of-transpose", "rowsum(A') = colsum(A)", "A[m,n]", "mn:2.4", words="rows of the transpose are columns"),
    # determinants
    R("of-transpose", "F(A') = F(A)", "A[n,n] invertible", "cookbook:21", words="a transpose has the same determinant", of="det logdet"),
    R("determinant-of-inverse", "det(inv(A)) = 1/det(A)", "A[n,n] invertible", "cookbook:23", words="determinant of an inverse"),
    R("logdet-of-inverse", "logdet(inv(A)) = -logdet(A)", "A[n,n] invertible", "cookbook:23", words="determinant of an inverse"),
    R("determinant-of-identity", "det(eye(n)) = 1", "A[n,n]", "cookbook:18", words="the identity has the determinant 1"),
    R("logdet-of-identity", "logdet(eye(n)) = 0", "A[n,n]", "cookbook:18", words="the identity has the determinant 1"),
    R("determinant-of-scalar", "det(a) = a", "a[]", "cookbook:18", words="a scalar is its own determinant"),
    R("determinant-of-diagonal", "det(diag(x)) = prod(x)", "x[n]", "cookbook:18", words="determinant of a diagonal matrix"),
    # diag, vec, Kronecker products
    R("diagonal-of-diagonal-matrix", "diag(diag(x)) = x", "x[n]", "mn:2.4", words="diagonal of a diagonal matrix"),
    R("diagonal-of-identity", "diag(eye(n)) = ones(n)", "A[n,n]", "mn:2.4", words="the diagonal of I is 1"),
    R("diagonal-of-outer-product", "diag(x*y') = x .* y", "x[n] y[n]", "mn:2.4", words="diagonal of an outer product"),
    R("diagonal-matrix-of-ones", "diag(ones(n)) = eye(n)", "x[n]", "mn:2.4", words="I = diag(1)"),
    R("vec-of-column", "vec(x) = x", "x[n]", "mn:2.4", words="vec of a column is the column"),
    R("vec-of-row", "vec(x') = x", "x[n]", "mn:2.4", words="vec of a row is the column"),
    R("vec-of-scalar", "vec(a) = a", "a[]", "mn:2.4", words="vec of a scalar is the scalar"),
    R("unvec-of-vec", "unvec(vec(X), X) = X", "X[m,n]", "mn:2.4", words="unvec undoes vec"),
    R("kronecker-of-identities", "kron(eye(m), eye(n)) = eye(m*n)", "A[m,m] B[n,n]", "mn:2.2", words="I ⊗ I = I"),
    # functions that undo each other, signs
    R("log-of-exp", "log(exp(X)) = X", "X[m,n]", "calculus:table", words="log undoes exp"),
    R("exp-of-log", "exp(log(X)) = X", "X[m,n] positive", "calculus:table", words="exp undoes log"),
    R("softmax-of-logsoftmax", "softmax(logsoftmax(x)) = softmax(x)", "x[n]", "cs224n:softmax", words="softmax of a log-softmax"),
    R("softmax-of-logsoftmax-of-rows", "softmax(logsoftmax(X)) = softmax(X)", "X[m,n]", "cs224n:softmax", words="softmax of a log-softmax"),
    R("exp-of-logsoftmax", "exp(logsoftmax(x)) = softmax(x)", "x[n]", "cs224n:softmax", words="exp undoes log"),
    R("exp-of-logsoftmax-of-rows", "exp(logsoftmax(X)) = softmax(X)", "X[m,n]", "cs224n:softmax", words="exp undoes log"),
    R("abs-of-nonnegative", "abs(X) = X", "X[m,n] nonnegative", "calculus:table", words="|x| = x where x is not negative"),
    R("abs-of-minus", "abs(-X) = abs(X)", "X[m,n]", "calculus:table", words="|-x| = |x|"),
    R("relu-of-nonnegative", "relu(X) = X", "X[m,n] nonnegative", "calculus:table", words="max(x, 0) = x where x is not negative"),
    R("sign-of-positive", "sign(X) = fill(1, X)", "X[m,n] positive", "calculus:table", words="the sign of what is positive is 1"),
    R("step-of-positive", "step(X) = fill(1, X)", "X[m,n] positive", "calculus:table", words="the step of what is positive is 1"),
    # derivatives of matrix functions along the identity
    R("exponential-along-identity", "dexpm(A, eye(n)) = expm(A)", "A[n,n]", "higham:3", words="derivative of expm along I"),
    R("logarithm-along-identity", "dlogm(A, eye(n)) = inv(A)", "A[n,n] near-identity", "higham:3", words="derivative of logm along I"),
    R("root-along-identity", "dsqrtm(A, eye(n)) = inv(sqrtm(A))/2", "A[n,n] near-identity", "higham:3", words="derivative of sqrtm along I"),
    R("sine-along-identity", "dsinm(A, eye(n)) = cosm(A)", "A[n,n]", "higham:3", words="derivative of sinm along I"),
    R("cosine-along-identity", "dcosm(A, eye(n)) = -sinm(A)", "A[n,n]", "higham:3", words="derivative of cosm along I"),
)  # fmt: skip
