"""Functions by exponentials: how they are written where it is decided whether two expressions are the same."""

from matcalc.rules.row import R

ROWS = (
    R("tanh-by-exp", "tanh(X) = (exp(2*X) - 1) ./ (exp(2*X) + 1)", "X[m,n]", "calculus:table"),
    R("sinh-by-exp", "sinh(X) = (exp(X) - exp(-X))/2", "X[m,n]", "calculus:table"),
    R("cosh-by-exp", "cosh(X) = (exp(X) + exp(-X))/2", "X[m,n]", "calculus:table"),
    R("expm1-by-exp", "expm1(X) = exp(X) - 1", "X[m,n]", "calculus:table"),
    R("sign-over-absolute-value", "sign(a)*b/abs(a) = b/a", "a[] nonzero, b[]", "calculus:table"),
)
