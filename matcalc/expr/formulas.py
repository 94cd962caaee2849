"""Functions that are formulas in the tool's own notation: one literal row each.

A row holds the definition, the sizes of its parameters and a source. Sizes are those of the rules
(``x[n]`` a column, ``x[1,n]`` a row, ``X[m,n]`` a matrix, ``a[]`` a scalar); a parameter without brackets stands for
each entry of anything. A definition may end in others: ``f(x) = norm2(z)^2; z = x - 1``. The first row
that fits the arguments counts. ``axis=0`` in a head must stand there in the call, or a plain 0 in its place; every other
parameter may be named.
Where a formula has a kink, the derivative that it gives there is a subgradient: the formula has one kinked function
of each argument, or such that their sum is one (leakyrelu as a sum of relu(x) and relu(-x) would give 0 at 0).
"""

from __future__ import annotations

ROWS: tuple[tuple[str, str, str], ...] = (
    # activation functions, entry by entry
    ("mish(x) = x*tanh(softplus(x))", "x", "Misra, Mish: a self regularized activation function, 2019"),
    ("silu(x, b) = x .* sigmoid(b*x)", "x b", "Ramachandran, Zoph and Le, Searching for activation functions, 2017, sec. 3"),
    ("elu(x, a) = a*elu(x) + (1 - a)*relu(x)", "x a", "Clevert, Unterthiner and Hochreiter, ELUs, 2016, eq. (15)"),
    ("leakyrelu(x) = 0.01*x + 0.99*relu(x)", "x", "Maas, Hannun and Ng, Rectifier nonlinearities, 2013"),
    ("leakyrelu(x, a) = a*x + (1 - a)*relu(x)", "x a", "Maas, Hannun and Ng, Rectifier nonlinearities, 2013"),
    ("prelu(x, a) = a*x + (1 - a)*relu(x)", "x a", "He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, eq. (1)"),
    ("hardtanh(x, a, b) = min(max(x, a), b)", "x a b", "Collobert, Large scale machine learning, 2004"),
    ("clip(x, a, b) = min(max(x, a), b)", "x a b", "NumPy, clip"),
    ("relu6(x) = min(relu(x), 6)", "x", "Howard et al., MobileNets, 2017"),
    ("hardsigmoid(x) = (hardtanh(x/3) + 1)/2", "x", "Howard et al., Searching for MobileNetV3, 2019"),
    ("hardswish(x) = x*(hardtanh(x/3) + 1)/2", "x", "Howard et al., Searching for MobileNetV3, 2019"),
    ("hinge(x) = relu(1 - x)", "x", "Boyd and Vandenberghe, Convex Optimization, 2004, sec. 8.6"),
    ("huber(x) = huber(x, 1)", "x", "Huber, Robust estimation of a location parameter, 1964, sec. 4"),
    ("logcosh(x) = log(cosh(x))", "x", "standard calculus"),
    ("logit(x) = log(x) - log(1 - x)", "x", "inverse of the logistic function"),
    # elementary functions, entry by entry
    ("square(x) = x^2", "x", "standard calculus"),
    ("log2(x) = log(x)/log(2)", "x", "standard calculus"),
    ("log10(x) = log(x)/log(10)", "x", "standard calculus"),
    ("sinpi(x) = sin(pi*x)", "x", "IEEE 754-2019, sec. 9.2"),
    ("cospi(x) = cos(pi*x)", "x", "IEEE 754-2019, sec. 9.2"),
    ("sec(x) = 1/cos(x)", "x", "standard calculus"),
    ("csc(x) = 1/sin(x)", "x", "standard calculus"),
    ("cot(x) = 1/tan(x)", "x", "standard calculus"),
    ("sech(x) = 1/cosh(x)", "x", "standard calculus"),
    ("csch(x) = 1/sinh(x)", "x", "standard calculus"),
    ("coth(x) = 1/tanh(x)", "x", "standard calculus"),
    # products of vectors
    ("dot(x, y) = x'*y", "x[n] y[n]", "Boyd and Vandenberghe, Convex Optimization, 2004, sec. A.1"),
    ("dot(x, y) = x*y'", "x[1,n] y[1,n]", "Boyd and Vandenberghe, Convex Optimization, 2004, sec. A.1"),
    ("dot(x, A, y) = x'*A*y", "x[m] A[m,n] y[n]", "Julia, LinearAlgebra.dot"),
    ("outer(x, y) = x*y'", "x[m] y[n]", "NumPy, outer"),
    ("outer(x, y) = x'*y", "x[1,m] y[1,n]", "NumPy, outer"),
    ("crossprod(x) = x'*x", "x[n]", "R, crossprod"),
    ("crossprod(X) = X'*X", "X[m,n]", "R, crossprod"),
    ("crossprod(x, y) = x'*y", "x[n] y[n]", "R, crossprod"),
    ("crossprod(X, y) = X'*y", "X[m,n] y[m]", "R, crossprod"),
    ("crossprod(X, Y) = X'*Y", "X[m,n] Y[m,p]", "R, crossprod"),
    ("tcrossprod(X) = X*X'", "X[m,n]", "R, crossprod"),
    ("tcrossprod(X, Y) = X*Y'", "X[m,n] Y[p,n]", "R, crossprod"),
    ("solve(A) = inv(A)", "A[n,n]", "R, solve"),
    ("solve(A, b) = inv(A)*b", "A[n,n] b[n]", "R, solve"),
    ("solve(A, B) = inv(A)*B", "A[n,n] B[n,m]", "R, solve"),
    ("transpose(x) = x'", "x[n]", "Julia, transpose"),
    ("transpose(x) = x'", "x[1,n]", "Julia, transpose"),
    ("transpose(X) = X'", "X[m,n]", "Julia, transpose"),
    ("hadamardproduct(x, y) = x .* y", "x y", "SymPy, HadamardProduct"),
    ("matmul(A, x) = A*x", "A[m,n] x[n]", "SymPy, MatMul"),
    ("matmul(A, B) = A*B", "A[m,n] B[n,p]", "SymPy, MatMul"),
    ("matmul(A, B, C) = A*B*C", "A[m,n] B[n,p] C[p,q]", "SymPy, MatMul"),
    ("cossim(x, y) = x'*y/(norm2(x)*norm2(y))", "x[n] y[n]", "Manning, Raghavan and Schütze, Information Retrieval, 2008, eq. (6.10)"),
    ("cossim(x, y) = x*y'/(norm2(x)*norm2(y))", "x[1,n] y[1,n]", "Manning, Raghavan and Schütze, Information Retrieval, 2008, eq. (6.10)"),
    # means and deviations; var and std divide by the number of entries
    ("mean(x) = sum(x)/n", "x[n]", "standard statistics"),
    ("mean(x) = sum(x)/n", "x[1,n]", "standard statistics"),
    ("mean(X) = sum(X)/(m*n)", "X[m,n]", "standard statistics"),
    ("mean(a) = a", "a[]", "standard statistics"),
    ("rowMeans(X) = rowsum(X)/n", "X[m,n]", "R, rowMeans"),
    ("colMeans(X) = colsum(X)/m", "X[m,n]", "R, colMeans"),
    ("mean(X, axis=0) = colsum(X)/m", "X[m,n]", "NumPy, mean"),
    ("mean(X, axis=1) = rowsum(X)/n", "X[m,n]", "NumPy, mean"),
    ("var(x) = variance(x)", "x[n]", "standard statistics"),
    ("var(x) = variance(x)", "x[1,n]", "standard statistics"),
    ("var(X) = variance(X)", "X[m,n]", "standard statistics"),
    ("var(X, axis=0) = colsum(Z.^2)/m; Z = X - ones(m)*colsum(X)'/m", "X[m,n]", "NumPy, var"),
    ("var(X, axis=1) = rowsum(Z.^2)/n; Z = X - rowsum(X)/n*ones(n)'", "X[m,n]", "NumPy, var"),
    ("std(x) = sqrt(variance(x))", "x[n]", "standard statistics"),
    ("std(x) = sqrt(variance(x))", "x[1,n]", "standard statistics"),
    ("std(X) = sqrt(variance(X))", "X[m,n]", "standard statistics"),
    ("std(X, axis=0) = sqrt(colsum(Z.^2)/m); Z = X - ones(m)*colsum(X)'/m", "X[m,n]", "NumPy, std"),
    ("std(X, axis=1) = sqrt(rowsum(Z.^2)/n); Z = X - rowsum(X)/n*ones(n)'", "X[m,n]", "NumPy, std"),
    ("mse(x, y) = norm2(x - y)^2/n", "x[n] y[n]", "standard statistics"),
    ("mse(x, y) = norm2(x - y)^2/n", "x[1,n] y[1,n]", "standard statistics"),
    ("mse(X, Y) = norm2(X - Y)^2/(m*n)", "X[m,n] Y[m,n]", "standard statistics"),
    # information, with natural logarithms
    ("entropy(p) = -p'*log(p)", "p[n]", "Cover and Thomas, Elements of Information Theory, 2006, eq. (2.1)"),
    ("entropy(p) = -p*log(p)'", "p[1,n]", "Cover and Thomas, Elements of Information Theory, 2006, eq. (2.1)"),
    ("kl(p, q) = p'*log(p ./ q)", "p[n] q[n]", "Cover and Thomas, Elements of Information Theory, 2006, eq. (2.26)"),
    ("kl(p, q) = p*log(p ./ q)'", "p[1,n] q[1,n]", "Cover and Thomas, Elements of Information Theory, 2006, eq. (2.26)"),
    ("CE(y, p) = -y'*log(p)", "y[n] p[n]", "Stanford CS224n, gradient notes"),
    ("CE(y, p) = -y*log(p)'", "y[1,n] p[1,n]", "Stanford CS224n, gradient notes"),
    ("bce(y, p) = -y'*log(p) - (1 - y)'*log(1 - p)", "y[n] p[n]", "Bishop, Pattern Recognition and Machine Learning, 2006, eq. (4.90)"),
    # losses of a prediction and a target, of each entry
    ("squareddifference(x, y) = (x - y)^2", "x y", "PyTorch, mse_loss"),
    ("absdifference(x, y) = abs(x - y)", "x y", "PyTorch, l1_loss"),
    ("smoothl1(x, y) = huber(x - y, 1)", "x y", "PyTorch, smooth_l1_loss"),
    ("smoothl1(x, y, beta) = huber(x - y, beta)/beta", "x y beta", "PyTorch, smooth_l1_loss"),
    ("huberdifference(x, y) = huber(x - y, 1)", "x y", "PyTorch, huber_loss"),
    ("huberdifference(x, y, delta) = huber(x - y, delta)", "x y delta", "PyTorch, huber_loss"),
    ("bcelogits(x, y) = softplus(x) - x*y", "x y", "Bishop, Pattern Recognition and Machine Learning, 2006, eq. (4.90)"),
    ("bceentry(p, y) = -y*log(p) - (1 - y)*log(1 - p)", "p y", "Bishop, Pattern Recognition and Machine Learning, 2006, eq. (4.90)"),
    ("kldivergence(x, p) = p*(log(p) - x)", "x p", "PyTorch, kl_div of a logarithm and a distribution"),
    ("softmargin(x, y) = softplus(-x*y)", "x y", "PyTorch, soft_margin_loss"),
    ("gaussiannll(x, y, v) = (log(v) + (x - y)^2/v)/2", "x y v", "PyTorch, gaussian_nll_loss"),
    ("marginranking(x, y, z) = relu(z*(y - x))", "x y z", "PyTorch, margin_ranking_loss"),
    ("marginranking(x, y, z, margin) = relu(margin - z*(x - y))", "x y z margin", "PyTorch, margin_ranking_loss"),
    ("poissonnll(x, y) = exp(x) - x*y", "x y", "PyTorch, poisson_nll_loss of a logarithm"),
    # spectra and norms
    ("eigmin(X) = -eigmax(-X)", "X[n,n]", "Horn and Johnson, Matrix Analysis, 2013, sec. 4.2"),
    ("norminf(x) = max(abs(x))", "x[n]", "Boyd and Vandenberghe, Convex Optimization, 2004, sec. A.1.2"),
    ("norminf(x) = max(abs(x))", "x[1,n]", "Boyd and Vandenberghe, Convex Optimization, 2004, sec. A.1.2"),
    ("norm21(X) = sum(sqrt(rowsum(X.^2)))", "X[m,n]", "Nie, Huang, Cai and Ding, Joint L2,1-norms minimization, 2010, eq. (1)"),
    ("schatten(X, p) = tr((X'*X)^(p/2))^(1/p)", "X[m,n] p[]", "Horn and Johnson, Matrix Analysis, 2013, sec. 7.4.7"),
    # the normal distribution: density, its logarithm, divergence of two
    ("normaldensity(x, mu, v) = exp(-(x - mu)^2/(2*v))/sqrt(2*pi*v)", "x[] mu[] v[]", "Bishop, Pattern Recognition and Machine Learning, 2006, eq. (1.46)"),
    ("normaldensity(x, mu, S) = exp(-(x - mu)'*inv(S)*(x - mu)/2)/sqrt(det(2*pi*S))", "x[n] mu[n] S[n,n]", "Bishop, Pattern Recognition and Machine Learning, 2006, eq. (1.52)"),
    ("lognormaldensity(x, mu, v) = -(x - mu)^2/(2*v) - log(v)/2 - log(2*pi)/2", "x[] mu[] v[]", "Bishop, Pattern Recognition and Machine Learning, 2006, eq. (1.54)"),
    ("lognormaldensity(x, mu, S) = -(x - mu)'*inv(S)*(x - mu)/2 - logdet(2*pi*S)/2", "x[n] mu[n] S[n,n]", "Bishop, Pattern Recognition and Machine Learning, 2006, eq. (2.43)"),
    ("normalkl(m, v, k, w) = log(w)/2 - log(v)/2 + (v + (m - k)^2)/(2*w) - 1/2", "m[] v[] k[] w[]", "Bishop, Pattern Recognition and Machine Learning, 2006, eq. (1.113)"),
    ("normalkl(m, S, k, R) = (tr(inv(R)*(S - R)) + (k - m)'*inv(R)*(k - m) + logdet(R) - logdet(S))/2", "m[n] S[n,n] k[n] R[n,n]", "Kullback, Information Theory and Statistics, 1959, ch. 9"),
    # normalisation: each vector, each row, each column
    ("layernorm(x) = z/sqrt(norm2(z)^2/n); z = x - sum(x)/n", "x[n]", "Ba, Kiros and Hinton, Layer normalization, 2016, eq. (3)"),
    ("layernorm(x, eps) = z/sqrt(norm2(z)^2/n + eps); z = x - sum(x)/n", "x[n] eps[]", "Ba, Kiros and Hinton, Layer normalization, 2016, eq. (3)"),
    ("layernorm(x) = z/sqrt(norm2(z)^2/n); z = x - sum(x)/n", "x[1,n]", "Ba, Kiros and Hinton, Layer normalization, 2016, eq. (3)"),
    ("layernorm(x, eps) = z/sqrt(norm2(z)^2/n + eps); z = x - sum(x)/n", "x[1,n] eps[]", "Ba, Kiros and Hinton, Layer normalization, 2016, eq. (3)"),
    ("layernorm(X) = Z ./ (sqrt(rowsum(Z.^2)/n)*ones(n)'); Z = X - rowsum(X)/n*ones(n)'", "X[m,n]", "Ba, Kiros and Hinton, Layer normalization, 2016, eq. (3)"),
    ("layernorm(X, eps) = Z ./ (sqrt(rowsum(Z.^2)/n + eps)*ones(n)'); Z = X - rowsum(X)/n*ones(n)'", "X[m,n] eps[]", "Ba, Kiros and Hinton, Layer normalization, 2016, eq. (3)"),
    ("batchnorm(X) = Z ./ (ones(m)*sqrt(colsum(Z.^2)/m)'); Z = X - ones(m)*colsum(X)'/m", "X[m,n]", "Ioffe and Szegedy, Batch normalization, 2015, algorithm 1"),
    ("batchnorm(X, eps) = Z ./ (ones(m)*sqrt(colsum(Z.^2)/m + eps)'); Z = X - ones(m)*colsum(X)'/m", "X[m,n] eps[]", "Ioffe and Szegedy, Batch normalization, 2015, algorithm 1"),
    ("standardize(x) = z/sqrt(norm2(z)^2/n); z = x - sum(x)/n", "x[n]", "standard statistics"),
    ("standardize(X) = Z ./ (ones(m)*sqrt(colsum(Z.^2)/m)'); Z = X - ones(m)*colsum(X)'/m", "X[m,n]", "standard statistics"),
    ("normalize(x) = x/norm2(x)", "x[n]", "standard calculus"),
    ("normalize(x) = x/norm2(x)", "x[1,n]", "standard calculus"),
    # partial sums
    ("cumsum(x) = tril(ones(n)*ones(n)')*x", "x[n]", "NumPy, cumsum"),
    ("cumsum(x) = x*tril(ones(n)*ones(n)')'", "x[1,n]", "NumPy, cumsum"),
    ("cumsum(X, axis=0) = tril(ones(m)*ones(m)')*X", "X[m,n]", "NumPy, cumsum"),
    ("cumsum(X, axis=1) = X*tril(ones(n)*ones(n)')'", "X[m,n]", "NumPy, cumsum"),
    # along an axis, as NumPy counts them
    ("sum(X, axis=0) = colsum(X)", "X[m,n]", "NumPy, sum"),
    ("sum(X, axis=1) = rowsum(X)", "X[m,n]", "NumPy, sum"),
    ("max(X, axis=0) = rowmax(X')", "X[m,n]", "NumPy, max"),
    ("max(X, axis=1) = rowmax(X)", "X[m,n]", "NumPy, max"),
    ("min(X, axis=0) = -rowmax(-X')", "X[m,n]", "NumPy, min"),
    ("min(X, axis=1) = -rowmax(-X)", "X[m,n]", "NumPy, min"),
    ("softmax(X, axis=0) = softmax(X')'", "X[m,n]", "SciPy, softmax"),
    ("softmax(X, axis=1) = softmax(X)", "X[m,n]", "SciPy, softmax"),
    ("logsoftmax(X, axis=0) = logsoftmax(X')'", "X[m,n]", "SciPy, log_softmax"),
    ("logsoftmax(X, axis=1) = logsoftmax(X)", "X[m,n]", "SciPy, log_softmax"),
    ("logsumexp(X, axis=0) = logsumexp(X')", "X[m,n]", "SciPy, logsumexp"),
    ("logsumexp(X, axis=1) = logsumexp(X)", "X[m,n]", "SciPy, logsumexp"),
)  # fmt: skip

# Other spellings, in lower case and without underscores; such differences are no others.
SPELLINGS = {
    "abs2": "square", "norminfinity": "norminf", "normmax": "norminf",
    "ce": "CE", "crossentropy": "CE", "binarycrossentropy": "bce", "kldivergence": "kl", "kldiv": "kl", "average": "mean",
    "stddev": "std", "hswish": "hardswish", "hsigmoid": "hardsigmoid", "clamp": "clip",
    "cosinesimilarity": "cossim", "cosine": "cossim", "sim": "cossim", "standardise": "standardize", "zscore": "standardize", "normalise": "normalize",
}  # fmt: skip

HEADS = tuple(row[0].partition(" = ")[0] for row in ROWS)
NAMES = frozenset(head[: head.index("(")] for head, _, _ in ROWS)
ENTRYWISE = frozenset(text[: text.index("(")] for text, where, _ in ROWS if "[" not in where)
_FOLDED = {name.lower(): name for name in NAMES} | SPELLINGS


def composite(name: str) -> str | None:
    """The name in the table of the function that people write as ``name``: ``LayerNorm`` is ``layernorm``."""
    return name if name in NAMES else _FOLDED.get(name.lower().replace("_", ""))
