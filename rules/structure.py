"""Structures: what the derivative by the free entries of a matrix is, from the gradient G with all entries free.

The first factor on the right is the answer; the second is the matrix with each free entry where it counts, so that both
inner products are the change of the value when the matrix is moved within its structure.
"""

from matcalc.rules.row import R

ROWS = (
    R("symmetric-entries", "inner(G, X) = inner(G + G' - diag(diag(G)), tril(X))", "G[n,n] X[n,n] symmetric", "mn:3.11"),
    R("diagonal-entries", "inner(G, X) = inner(diag(diag(G)), X)", "G[n,n] X[n,n] diagonal", "mn:3.11"),
    R("skew-entries", "inner(G, X) = inner(G - G', tril(X))", "G[n,n] X[n,n] skew", "mn:3.11"),
    R("lower-triangular-entries", "inner(G, X) = inner(tril(G), X)", "G[n,n] X[n,n] lower-triangular", "mn:3.11"),
    R("upper-triangular-entries", "inner(G, X) = inner(tril(G')', X)", "G[n,n] X[n,n] upper-triangular", "mn:3.11"),
    R("toeplitz-entries", "inner(G, X) = inner(diagonalsums(G), X ./ diagonalsums(ones(n)*ones(n)'))", "G[n,n] X[n,n] toeplitz", "mn:3.11"),
    R("symmetric-toeplitz-entries", "inner(G, X) = inner(D + D' - diag(diag(D)), tril(X) ./ diagonalsums(ones(n)*ones(n)')); D = diagonalsums(G)",
      "G[n,n] X[n,n] symmetric-toeplitz", "mn:3.11"),
)
