"""Stable forms: what generated code computes instead, where the left side overflows, cancels, or is no function of NumPy's.

Used with the rewrite rules before an expression becomes code; products and sums are looked for whatever else stands in them.
"""

from matcalc.rules.row import R

ROWS = (
    # functions by those that NumPy and SciPy have
    R("silu-by-sigmoid", "silu(X) = X .* sigmoid(X)", "X[m,n]", "elfwing:eq. 4"),
    R("gelu-by-normal-distribution", "gelu(X) = X .* normcdf(X)", "X[m,n]", "hendrycks:sec. 2"),
    R("elu-by-expm1", "elu(X) = relu(X) + expm1(min(X, 0))", "X[m,n]", "clevert:sec. 3"),
    R("softsign-by-abs", "softsign(X) = X ./ (1 + abs(X))", "X[m,n]", "calculus:table"),
    R("normal-density-by-exp", "normpdf(X) = exp(-X.^2/2)/sqrt(2*pi)", "X[m,n]", "calculus:table"),
    R("log-sigmoid-by-softplus", "logsigmoid(X) = -softplus(-X)", "X[m,n]", "calculus:table"),
    # logarithms of what overflows, or is near 0 or 1
    R("log-of-sigmoid", "log(sigmoid(X)) = -softplus(-X)", "X[m,n]", "calculus:table"),
    R("log-of-one-minus-sigmoid", "log(1 - sigmoid(X)) = -softplus(X)", "X[m,n]", "calculus:table"),
    R("log-of-cosh", "log(cosh(X)) = abs(X) + softplus(-2*abs(X)) - log(2)", "X[m,n]", "calculus:table"),
    R("log-of-one-plus", "log(1 + X) = log1p(X)", "X[m,n] positive", "calculus:table"),
    R("log-of-one-minus", "log(1 - X) = log1p(-X)", "X[m,n] unit-interval", "calculus:table"),
    # products
    R("exp-times-sigmoid-of-minus", "exp(X) .* sigmoid(-X) = sigmoid(X)", "X[m,n]", "calculus:table"),
    R("tanh-as-quotient", "sinh(X) ./ cosh(X) = tanh(X)", "X[m,n]", "calculus:table"),
    # sums
    R("one-minus-sigmoid", "1 - sigmoid(X) = sigmoid(-X)", "X[m,n]", "calculus:table"),
)
