"""Adjoint rules: how an inner product with an upstream gradient moves past one linear operator.

``L`` is any expression linear in the differential. These rows are the chain rule and the
outer-product rule of backpropagation. A row whose variables are vectors wins over the general one.
"""

from matcalc.rule import R

ROWS = (
    R("sum-rule", "<G, L + B> = <G, L>", "G[m,n] L[m,n] B[m,n]", "linearity"),
    R("sum-rule-right", "<G, A + L> = <G, L>", "G[m,n] A[m,n] L[m,n]", "linearity"),
    R("difference-rule", "<G, L - B> = <G, L>", "G[m,n] L[m,n] B[m,n]", "linearity"),
    R("difference-rule-right", "<G, A - L> = <-G, L>", "G[m,n] A[m,n] L[m,n]", "linearity"),
    R("sign-rule", "<G, -L> = <-G, L>", "G[m,n] L[m,n]", "linearity"),
    R("scaling-rule", "<G, a*L> = <a*G, L>", "G[m,n] a[] L[m,n]", "linearity"),
    R("scaled-by", "<G, l*B> = <inner(G, B), l>", "G[m,n] l[] B[m,n]", "mit:adjoint"),
    R("division-rule", "<G, L/a> = <G/a, L>", "G[m,n] a[] nonzero, L[m,n]", "linearity"),
    R("outer-product", "<g, L*x> = <g*x', L>", "g[m] L[m,n] x[n]", "cs224n:id5"),
    R("chain", "<g, W*l> = <W'*g, l>", "g[m] W[m,n] l[n]", "cs224n:id1"),
    R("inner-product", "<g, a'*l> = <g*a, l>", "g[] a[n] l[n]", "cs224n:id1"),
    R("inner-product-left", "<g, l'*a> = <g*a, l>", "g[] l[n] a[n]", "cs224n:id1"),
    R("inner-product-row", "<g, l*b> = <g*b', l>", "g[] l[1,n] b[n]", "cs224n:id1"),
    R("product-left", "<G, L*B> = <G*B', L>", "G[m,k] L[m,n] B[n,k]", "cookbook:101"),
    R("product-right", "<G, A*L> = <A'*G, L>", "G[m,k] A[m,n] L[n,k]", "cookbook:101"),
    R("transpose-rule", "<G, L'> = <G', L>", "G[n,m] L[m,n]", "cookbook:102"),
    R("hadamard-rule", "<G, A .* L> = <A .* G, L>", "G[m,n] A[m,n] L[m,n]", "mit:adjoint"),
    R("hadamard-rule-left", "<G, L .* B> = <B .* G, L>", "G[m,n] L[m,n] B[m,n]", "mit:adjoint"),
    R("quotient-rule", "<G, L ./ B> = <G ./ B, L>", "G[m,n] L[m,n] B[m,n] nonzero", "mit:adjoint"),
    R("spread", "<G, fill(l, G)> = <sum(G), l>", "G[m,n] l[]", "mit:adjoint"),
    R("sum-adjoint", "<g, sum(L)> = <fill(g, L), L>", "g[] L[m,n]", "mit:adjoint"),
    R("weighted-sum", "<g, sum(A .* L)> = <g*A, L>", "g[] A[m,n] L[m,n]", "mit:adjoint"),
    R("trace-adjoint", "<g, tr(L)> = <g*eye(n), L>", "g[] L[n,n]", "cookbook:99"),
    R("trace-product", "<g, tr(A*L)> = <g*A', L>", "g[] A[n,m] L[m,n]", "cookbook:100"),
    R("diagonal-matrix-adjoint", "<G, diag(l)> = <diag(G), l>", "G[n,n] l[n]", "mit:adjoint"),
    R("diagonal-of-adjoint", "<g, diag(L)> = <diag(g), L>", "g[n] L[n,n]", "mit:adjoint"),
    R("row-sums-adjoint", "<g, rowsum(L)> = <g*ones(n)', L>", "g[m] L[m,n]", "mit:adjoint"),
    R("column-sums-adjoint", "<g, colsum(L)> = <ones(m)*g', L>", "g[n] L[m,n]", "mit:adjoint"),
)
