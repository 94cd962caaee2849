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
    R("softmax-rows-unfolded", "softmax(X) = P", "X[m,n] P[m,n] t[m]", "cs224n:softmax", lines=(
        ("t = rowsum(exp(X))", ""),
        ("P = exp(X) ./ (t*ones(n)')", "softmax-of-rows-as-quotient"),
        ("d(t) = rowsum(exp(X) .* d(X))", "exp row-sums"),
        ("d(P) = (exp(X) .* d(X)) ./ (t*ones(n)') - exp(X) ./ (t*ones(n)').^2 .* (d(t)*ones(n)')", "quotient exp product"),
        ("d(P) = P .* d(X) - P .* ((d(t) ./ t)*ones(n)')", "put-in"),
        ("d(P) = P .* d(X) - P .* (rowsum(P .* d(X))*ones(n)')", "put-in"),
    )),
    R("log-softmax-rows-unfolded", "logsoftmax(X) = L", "X[m,n] L[m,n] t[m]", "cs224n:softmax", lines=(
        ("t = rowsum(exp(X))", ""),
        ("L = log(exp(X) ./ (t*ones(n)'))", "log-of-softmax-rows softmax-of-rows-as-quotient"),
        ("L = X - log(t)*ones(n)'", "log-of-quotient-by-rows log-of-exp"),
        ("d(t) = rowsum(exp(X) .* d(X))", "exp row-sums"),
        ("d(L) = d(X) - (d(t) ./ t)*ones(n)'", "log product"),
        ("d(L) = d(X) - rowsum(softmax(X) .* d(X))*ones(n)'", "softmax-of-rows-as-quotient"),
    )),
    R("log-sum-exp-rows-unfolded", "logsumexp(X) = l", "X[m,n] l[m] t[m]", "boyd:3.1.5", lines=(
        ("t = rowsum(exp(X))", ""),
        ("l = log(t)", "log-of-rowsum-of-exp"),
        ("d(t) = rowsum(exp(X) .* d(X))", "exp row-sums"),
        ("d(l) = d(t) ./ t", "log"),
        ("d(l) = rowsum(softmax(X) .* d(X))", "softmax-of-rows-as-quotient"),
    )),
    R("variance-unfolded", "variance(x) = v", "x[n] c[n] v[] m[]", "calculus:table", lines=(
        ("m = sum(x)/n", ""),
        ("c = x - fill(m, x)", ""),
        ("v = c'*c/n", "variance-as-mean-of-squares"),
        ("d(v) = 2*c'*d(c)/n", "product transpose division"),
        ("d(c) = d(x) - fill(d(m), x)", "constant-entries"),
        ("d(v) = 2*c'*d(x)/n - 2*sum(c)*d(m)/n", "put-in"),
        ("d(v) = 2*c'*d(x)/n", "centred"),
    )),
    R("layer-norm-unfolded", "(x - fill(sum(x)/n, x))/sqrt(variance(x) + e) = y", "x[n] e[] positive fixed, y[n] s[] m[]", "ba:eq. 3", lines=(
        ("m = sum(x)/n", ""),
        ("s = sqrt(variance(x) + e)", ""),
        ("y = (x - fill(m, x))/s", "put-in"),
        ("d(s) = (x - fill(m, x))'*d(x)/(n*s)", "sqrt variance"),
        ("d(s) = y'*d(x)/n", "put-in"),
        ("d(m) = sum(d(x))/n", "division sum-of-entries"),
        ("d(y) = (d(x) - fill(d(m), x))/s - d(s)/s^2*(x - fill(m, x))", "division constant-entries"),
        ("d(y) = (d(x) - fill(d(m), x) - d(s)*y)/s", "put-in"),
        ("d(y) = (d(x) - fill(sum(d(x))/n, x) - (y'*d(x)/n)*y)/s", "put-in"),
    )),
    R("root-mean-square-norm-unfolded", "z/sqrt(norm2(z)^2/n + e) = y", "z[n] e[] positive fixed, y[n] s[]", "ba:eq. 3", lines=(
        ("s = sqrt(norm2(z)^2/n + e)", ""),
        ("y = z/s", "put-in"),
        ("d(s) = z'*d(z)/(n*s)", "sqrt division squared-norm"),
        ("d(s) = y'*d(z)/n", "put-in"),
        ("d(y) = d(z)/s - d(s)/s^2*z", "division"),
        ("d(y) = (d(z) - d(s)*y)/s", "put-in"),
        ("d(y) = (d(z) - (y'*d(z)/n)*y)/s", "put-in"),
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
