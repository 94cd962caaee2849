"""Functions by exponentials, and what a student knows of logarithms, signs and variances: how they are written where it is decided whether two expressions are the same."""

from matcalc.rules.row import R

ROWS = (
    R("tanh-by-exp", "tanh(X) = (exp(2*X) - 1) ./ (exp(2*X) + 1)", "X[m,n]", "calculus:table"),
    R("sinh-by-exp", "sinh(X) = (exp(X) - exp(-X))/2", "X[m,n]", "calculus:table"),
    R("cosh-by-exp", "cosh(X) = (exp(X) + exp(-X))/2", "X[m,n]", "calculus:table"),
    R("expm1-by-exp", "expm1(X) = exp(X) - 1", "X[m,n]", "calculus:table"),
    R("log-of-quotient-by-rows", "log(X ./ (t*ones(n)')) = log(X) - log(t)*ones(n)'", "X[m,n] positive, t[m] positive", "calculus:table", words="log of a quotient"),
    R("rows-scaled", "(v*ones(n)') .* X = diag(v)*X", "v[m] X[m,n]", "mn:3.6", words="diag(v) scales the rows"),
    R("columns-scaled", "(ones(m)*v') .* X = X*diag(v)", "v[n] X[m,n]", "mn:3.6", words="diag(v) scales the columns"),
    R("variance-as-mean-of-squares", "variance(x) = norm2(x - fill(sum(x)/n, x))^2/n", "x[n]", "boyd:1.2.1"),
    R("sign-over-absolute-value", "sign(a)*b/abs(a) = b/a", "a[] nonzero, b[]", "calculus:table"),
)
