"""Vec rules: the matrix of a linear operator, for each operator and slot; they compose to Jacobians.

Rows and columns count as their own ``vec``; a scalar as a column of length one.
"""

from matcalc.rules.row import R

ROWS = (
    R("negative-map", "vec(-L) = (-1)*vec(L)", "L[m,n]", "linearity", words="linear map"),
    R("subtracted-map", "vec(A - L) = (-1)*vec(L)", "A[m,n] L[m,n]", "linearity", words="linear map"),
    R("scaled-map", "vec(a*L) = a*vec(L)", "a[] L[m,n]", "linearity", words="linear map"),
    R("divided-map", "vec(L/a) = (1/a)*vec(L)", "a[] nonzero, L[m,n]", "linearity", words="linear map"),
    R("scalar-times-column", "vec(l*b) = b*vec(l)", "l[] b[n]", "cs224n:id1"),
    R("scalar-times-row", "vec(l*b) = b'*vec(l)", "l[] b[1,n]", "cs224n:id1"),
    R("scalar-times-scalar", "vec(l*b) = b*vec(l)", "l[] b[]", "linearity"),
    R("matrix-vector", "vec(W*l) = W*vec(l)", "W[m,n] l[n]", "cs224n:id1", words="linear map"),
    R("row-vector", "vec(a*l) = a*vec(l)", "a[1,n] l[n]", "cs224n:id1"),
    R("vector-matrix", "vec(l*B) = B'*vec(l)", "l[1,m] B[m,n]", "cs224n:id2", words="linear map"),
    R("vector-row", "vec(l*b) = b'*vec(l)", "l[1,n] b[n]", "cs224n:id2"),
    R("transposed-column", "vec(l') = vec(l)", "l[n]", "cs224n:id3"),
    R("transposed-row", "vec(l') = vec(l)", "l[1,n]", "cs224n:id3"),
    R("diagonal", "vec(a .* l) = diag(a)*vec(l)", "a[n] l[n]", "cs224n:id4", words="diagonal matrix"),
    R("diagonal-quotient", "vec(l ./ a) = diag(1 ./ a)*vec(l)", "a[n] nonzero, l[n]", "cs224n:id4"),
    R("diagonal-row", "vec(a .* l) = diag(a')*vec(l)", "a[1,n] l[1,n]", "cs224n:id4"),
    R("diagonal-quotient-row", "vec(l ./ a) = diag(1 ./ a')*vec(l)", "a[1,n] nonzero, l[1,n]", "cs224n:id4"),
    R("scalar-quotient", "vec(l ./ a) = (1/a)*vec(l)", "a[] nonzero, l[]", "cs224n:id4"),
    R("upper-map", "vec(vcat(l, b)) = padrows(eye(m), 1, m+p)*vec(l)", "l[m] b[p]", "mn:2.4", words="linear map"),
    R("lower-map", "vec(vcat(a, l)) = padrows(eye(m), p+1, p+m)*vec(l)", "a[p] l[m]", "mn:2.4", words="linear map"),
    R("entry-map", "vec(l[i]) = unit(n, i)'*vec(l)", "l[n]", "cookbook:430", words="linear map"),
    R("slice-map", "vec(l[i:j]) = eye(n)[i:j,:]*vec(l)", "l[n]", "mn:2.4", words="linear map"),
    R("padding-map", "vec(padrows(l, i, k)) = padrows(eye(n), i, k)*vec(l)", "l[n]", "mn:2.4", words="linear map"),
    R("ones-map", "vec(sum(l)) = ones(n)'*vec(l)", "l[n]", "linearity", words="linear map"),
    R("ones-row-map", "vec(sum(l)) = ones(n)'*vec(l)", "l[1,n]", "linearity", words="linear map"),
    R("weights-map", "vec(sum(a .* l)) = a'*vec(l)", "a[n] l[n]", "linearity", words="linear map"),
    R("spread-map", "vec(fill(l, g)) = ones(n)*vec(l)", "g[n] l[]", "linearity", words="linear map"),
    R("square-root-map", "vec(dsqrtm(A, L)) = inv(kron(eye(n), sqrtm(A)) + kron(sqrtm(A)', eye(n)))*vec(L)", "A[n,n] near-identity, L[n,n]", "higham:6", words="derivative of the matrix square root"),
    R("spread-row-map", "vec(fill(l, g)) = ones(n)*vec(l)", "g[1,n] l[]", "linearity", words="linear map"),
)
