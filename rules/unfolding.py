"""Where composite rules come from: the lines by which a differential row is found from more elementary ones, in their order.

The first line says what is called what; a later ``t = …`` of a name that is new defines it. Each line names the rows by which it
follows from those before: differential rows where an earlier equation is differentiated, laws elsewhere.
"""

from matcalc.rules.row import R

ROWS = (
    R("softmax-unfolded", "softmax(x) = p", "x[n] p[n] t[]", "cs224n:softmax", lines=(
        ("t = sum(exp(x))", ""),
        ("p = exp(x)/t", "softmax-as-quotient"),
        ("d(t) = exp(x)'*d(x)", "exp sum-of-entries"),
        ("d(p) = (exp(x) .* d(x))/t - d(t)*exp(x)/t^2", "division exp"),
        ("d(p) = p .* d(x) - p*(p'*d(x))", "put-in"),
    )),
    R("log-softmax-unfolded", "logsoftmax(x) = l", "x[n] l[n] t[]", "cs224n:softmax", lines=(
        ("t = sum(exp(x))", ""),
        ("l = log(exp(x)/t)", "log-of-softmax softmax-as-quotient"),
        ("l = x - fill(log(t), x)", "log-of-exps-over-sum-of-exp log-of-sum-of-exp"),
        ("d(t) = exp(x)'*d(x)", "exp sum-of-entries"),
        ("d(l) = d(x) - fill(d(t)/t, x)", "log constant-entries"),
        ("d(l) = d(x) - fill(softmax(x)'*d(x), x)", "softmax-as-quotient"),
    )),
    R("log-sum-exp-unfolded", "logsumexp(x) = l", "x[n] l[] t[]", "boyd:3.1.5", lines=(
        ("t = sum(exp(x))", ""),
        ("l = log(t)", "log-of-sum-of-exp"),
        ("d(t) = exp(x)'*d(x)", "exp sum-of-entries"),
        ("d(l) = d(t)/t", "log"),
        ("d(l) = softmax(x)'*d(x)", "softmax-as-quotient"),
    )),
    R("logdet-unfolded", "logdet(X) = l", "X[n,n] invertible, l[] D[]", "cookbook:43", lines=(
        ("D = det(X)", ""),
        ("l = log(abs(D))", "log-of-abs-det"),
        ("d(D) = D*tr(inv(X)*d(X))", "determinant"),
        ("d(l) = sign(D)*d(D)/abs(D)", "log abs"),
        ("d(l) = d(D)/D", "sign-over-absolute-value"),
        ("d(l) = tr(inv(X)*d(X))", "put-in"),
    )),
    R("inverse-unfolded", "inv(X) = Y", "X[n,n] invertible, Y[n,n]", "cookbook:40", lines=(
        ("X*Y = eye(n)", "inverse-cancels"),
        ("X*d(Y) = -d(X)*Y", "product"),
        ("d(Y) = -Y*d(X)*Y", "inverse-cancels"),
    )),
    R("norm-unfolded", "norm2(x) = r", "x[n] nonzero, r[]", "cookbook:129", lines=(
        ("r^2 = x'*x", "squared-norm-as-product"),
        ("2*r*d(r) = 2*x'*d(x)", "power product transpose"),
        ("d(r) = x'*d(x)/r", "rearranged"),
    )),
    R("matrix-norm-unfolded", "norm2(X) = r", "X[m,n] nonzero, r[]", "cookbook:129", lines=(
        ("r^2 = sum(X.^2)", "sum-of-squares"),
        ("2*r*d(r) = 2*sum(X .* d(X))", "power entry-power sum-of-entries"),
        ("d(r) = sum(X .* d(X))/r", "rearranged"),
    )),
    R("quadratic-form-unfolded", "x'*A*x = q", "x[n] A[n,n] fixed, q[]", "cookbook:81", lines=(
        ("d(q) = d(x)'*A*x + x'*A*d(x)", "product transpose"),
        ("d(q) = x'*A'*d(x) + x'*A*d(x)", "transpose-of-scalar"),
        ("d(q) = x'*(A + A')*d(x)", "common-matrix-on-the-left"),
    )),
    R("sum-of-squares-unfolded", "x'*x = q", "x[n] q[]", "cookbook:131", lines=(
        ("d(q) = d(x)'*x + x'*d(x)", "product transpose"),
        ("d(q) = 2*x'*d(x)", "transpose-of-scalar like-terms"),
    )),
    R("quotient-unfolded", "N/D = q", "N[] D[] nonzero, q[]", "calculus:quotient", lines=(
        ("d(q) = d(N)/D - N*d(D)/D^2", "division"),
        ("d(q) = (d(N)*D - N*d(D))/D^2", "rearranged"),
        ("d(q) = (d(N) - q*d(D))/D", "put-in"),
    )),
)  # fmt: skip
