"""Logarithms of what is picked, turned or cut out: log(S x) = S log(x), and S f(x) = f(S x) below a logarithm. Used where that has a
better form, as log(softmax(x)) and log(1 - sigmoid(x)) have.

An entry of a softmax underflows, and 1 divided by it overflows; an entry of the log-softmax does neither.
"""

from matcalc.rules.row import R

ROWS = (
    R("log-of-turned", "log(X') = log(X)'", "X[m,n] positive", "cs224n:softmax"),
    R("log-of-entry", "log(x[i]) = log(x)[i]", "x[n] positive", "cs224n:softmax", words="log of what is picked"),
    R("log-of-column", "log(X[:,j]) = log(X)[:,j]", "X[m,n] positive", "cs224n:softmax"),
    R("log-of-slice", "log(X[i:j,:]) = log(X)[i:j,:]", "X[m,n] positive", "cs224n:softmax"),
    R("log-of-diagonal", "log(diag(X)) = diag(log(X))", "X[n,n] positive", "cs224n:softmax"),
    R("log-of-picked-rows", "log(Y*X) = Y*log(X)", "Y[m,n] one-hot, X[n,k] positive", "cs224n:softmax", words="log of what is picked"),
    R("log-of-picked-columns", "log(X*Y) = log(X)*Y", "X[m,n] positive, Y[n,k] one-hot-columns", "cs224n:softmax", words="log of what is picked"),
    R("log-of-sum-that-picks", "log(sum(y .* x)) = sum(y .* log(x))", "y[n] one-hot, x[n] positive", "cs224n:softmax", words="log of what is picked"),
    R("log-of-row-sums-that-pick", "log(rowsum(Y .* X)) = rowsum(Y .* log(X))", "Y[m,n] one-hot, X[m,n] positive", "cs224n:softmax", words="log of what is picked"),
    R("log-of-product-that-picks", "log((Y .* X)*vector(1)) = rowsum(Y .* log(X))", "Y[m,n] one-hot, X[m,n] positive", "cs224n:softmax", words="log of what is picked"),
    R("log-of-column-sums-that-pick", "log(colsum(Y .* X)) = colsum(Y .* log(X))", "Y[m,n] one-hot-columns, X[m,n] positive", "cs224n:softmax", words="log of what is picked"),
    R("log-of-1-minus-sums-that-pick", "log(1 - rowsum(Y .* X)) = rowsum(Y .* log(1 - X))", "Y[m,n] one-hot, X[m,n] unit-interval", "cs224n:sigmoid", words="log of what is picked"),
    R("of-entry", "F(x)[i] = F(x[i])", "x[n]", "mn:8.1", of="exp sigmoid"),
    R("of-column", "F(X)[:,j] = F(X[:,j])", "X[m,n]", "mn:8.1", of="exp sigmoid"),
    R("of-picked-rows", "Y*F(X) = F(Y*X)", "Y[m,n] one-hot, X[n,k]", "mn:8.1", of="exp sigmoid"),
    R("of-picked-columns", "F(X)*Y = F(X*Y)", "X[m,n], Y[n,k] one-hot-columns", "mn:8.1", of="exp sigmoid"),
    R("of-row-sums-that-pick", "rowsum(Y .* F(X)) = F(rowsum(Y .* X))", "Y[m,n] one-hot, X[m,n]", "mn:8.1", of="exp"),
)
