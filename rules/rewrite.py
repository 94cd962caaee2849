"""Rewrite rules: compositions that have a derivative simpler, and a value stabler, than their parts. Used before differentiating."""

from matcalc.rules.row import R

ROWS = (
    R("softmax-as-quotient", "exp(x)/sum(exp(x)) = softmax(x)", "x[n]", "cs224n:softmax"),
    R("softmax-as-quotient-with-ones", "exp(x)/(vector(1)'*exp(x)) = softmax(x)", "x[n]", "cs224n:softmax"),
    R("softmax-as-entrywise-quotient", "exp(x) ./ fill(sum(exp(x)), x) = softmax(x)", "x[n]", "cs224n:softmax"),
    R("softmax-of-rows-as-quotient", "exp(X) ./ (rowsum(exp(X))*ones(n)') = softmax(X)", "X[m,n]", "cs224n:softmax"),
    R("softmax-of-rows-as-product", "exp(X) .* ((1 ./ rowsum(exp(X)))*ones(n)') = softmax(X)", "X[m,n]", "cs224n:softmax"),
    R("softmax-of-columns-as-product", "exp(X) .* (ones(m)*(1 ./ colsum(exp(X)))') = softmax(X')'", "X[m,n]", "cs224n:softmax"),
    R("sigmoid-as-quotient", "1/(1 + exp(-t)) = sigmoid(t)", "t[]", "calculus:table"),
    R("sigmoid-of-minus-as-quotient", "1/(1 + exp(t)) = sigmoid(-t)", "t[]", "calculus:table"),
    R("sigmoid-as-quotient-of-exp", "exp(t)/(1 + exp(t)) = sigmoid(t)", "t[]", "calculus:table"),
    R("sigmoid-entrywise", "1 ./ (1 + exp(-X)) = sigmoid(X)", "X[m,n]", "calculus:table"),
    R("sigmoid-of-minus-entrywise", "1 ./ (1 + exp(X)) = sigmoid(-X)", "X[m,n]", "calculus:table"),
    R("sigmoid-of-exp-entrywise", "exp(X) ./ (1 + exp(X)) = sigmoid(X)", "X[m,n]", "calculus:table"),
    R("log-of-softmax", "log(softmax(x)) = logsoftmax(x)", "x[n]", "cs224n:softmax"),
    R("log-of-softmax-row", "log(softmax(x)) = logsoftmax(x)", "x[1,n]", "cs224n:softmax"),
    R("log-of-softmax-rows", "log(softmax(X)) = logsoftmax(X)", "X[m,n]", "cs224n:softmax"),
    R("log-of-exp-over-rowsum-of-exp", "log(exp(x) .* (1 ./ rowsum(exp(X)))) = x - logsumexp(X)", "x[m] X[m,n]", "boyd:3.1.5"),
    R("log-of-exp-over-rowsums-of-exp", "log(exp(x) ./ rowsum(exp(X))) = x - logsumexp(X)", "x[m] X[m,n]", "boyd:3.1.5"),
    R("log-of-exp-over-sum-of-exp", "log(exp(a)/sum(exp(x))) = a - logsumexp(x)", "a[] x[n]", "boyd:3.1.5"),
    R("log-of-exps-over-sum-of-exp", "log(exp(x)/sum(exp(z))) = x - fill(logsumexp(z), x)", "x[m] z[n]", "boyd:3.1.5", words="log of a quotient"),
    R("log-of-row-sums-of-exp", "log(exp(X)*vector(1)) = logsumexp(X)", "X[m,n]", "boyd:3.1.5"),
    R("log-of-column-sums-of-exp", "log(exp(X)'*vector(1)) = logsumexp(X')", "X[m,n]", "boyd:3.1.5"),
    R("log-of-rowsum-of-exp", "log(rowsum(exp(X))) = logsumexp(X)", "X[m,n]", "boyd:3.1.5"),
    R("log-of-colsum-of-exp", "log(colsum(exp(X))) = logsumexp(X')", "X[m,n]", "boyd:3.1.5"),
    R("log-of-sum-of-exp", "log(sum(exp(x))) = logsumexp(x)", "x[n]", "boyd:3.1.5"),
    R("log-of-one-plus-exp", "log(1 + exp(X)) = softplus(X)", "X[m,n]", "calculus:table"),
    R("log1p-of-exp", "log1p(exp(X)) = softplus(X)", "X[m,n]", "calculus:table"),
    R("log-of-abs-det", "log(abs(det(X))) = logdet(X)", "X[n,n] invertible", "cookbook:57"),
    R("log-of-det", "log(det(X)) = logdet(X)", "X[n,n] positive-det", "cookbook:57"),
)
