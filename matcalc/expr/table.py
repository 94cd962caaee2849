"""The operator table: one row an operator, with its shape rule (see shapes.py), notation and domain."""

from __future__ import annotations

from typing import Any

from matcalc.expr.shapes import KINDS, SCALAR, Alternative, Op, Type, parse_dim

SAME = "* -> *"
PAIR = "* * -> *"
SQUARE = "m(n,n) -> m(n,n)"


def _function(name: str, latex: str = "", plain: str = "", **facts: Any) -> Op:
    """A row of the elementwise functions."""
    return Op(name, SAME, plain=plain, latex=latex, elementwise=True, words=f"elementwise {plain or name}", **facts)


def _curve(name: str, order: int, words: str) -> Op:
    """The derivative of that order of a function of a number whose values are arrays."""
    return Op(name, "m(m,n) s -> m(m,n) | c(m) s -> c(m)", signs=True, symmetric="kept", carried=order, words=words)


def _frechet(name: str, words: str, domain: str = "") -> Op:
    """The derivative of a matrix function at its first argument, along its second (Higham, Functions of Matrices, ch. 3)."""
    return Op(
        f"d{name}",
        "m(n,n) m(n,n) -> m(n,n)",
        latex=rf"L_{{\mathrm{{{name}}}}}",
        domain=f"0:{domain}" if domain else "",
        linear="1",
        slope_of=name,
        symmetric="kept",
        words=f"Fréchet derivative of the matrix {words}",
    )


# fmt: off
ROWS = (
    # leaves: the type is given where they are made
    Op("sym", "", words="a variable"),
    Op("num", "", words="a number"),
    Op("const", "", words="a constant"),
    Op("dim", "", words="a size used as a number", sign="+", sizes=True),
    Op("eye", "", latex="I", words="the identity", sized=True, sign="0+", symmetric="always"),
    Op("ones", "", latex=r"\mathbf{1}", words="ones", told="all entries 1", sized=True, sign="+", symmetric="always"),
    Op("zeros", "", latex="0", words="zeros", sized=True, symmetric="always"),
    # ring
    Op("add", PAIR, commutes=True, gate="distributes", words="sum", jointly=True, sign="kept", signs=True),
    Op("sub", PAIR, gate="distributes-sign", words="difference", jointly=True, signs=True),
    Op("neg", SAME, words="negation", linear="0", signs=True, symmetric="kept"),
    Op("scale", "s * -> *", gate="switches", words="scaling", linear="0 1", sign="kept", signs=True, symmetric="kept"),
    Op("div", "* s -> *", domain="1:nonzero", words="division by a scalar", linear="0", sign="kept", signs=True, symmetric="kept"),
    Op("matmul", "r(n) c(n) -> s | m(m,n) c(n) -> c(m) | r(m) m(m,n) -> r(n) | m(m,n) m(n,k) -> m(m,k) | c(m) r(n) -> m(m,n)",
       gate="switches", words="product", linear="0 1", signs=True),
    Op("T", "s -> s | c(n) -> r(n) | r(n) -> c(n) | m(m,n) -> m(n,m)", words="transpose", linear="0", sign="kept", signs=True,
       symmetric="kept"),
    Op("hadamard", PAIR, commutes=True, gate="switches", words="elementwise product", linear="0 1", sign="kept", signs=True),
    Op("hdiv", PAIR, domain="1:nonzero", words="elementwise quotient", linear="0", sign="kept", signs=True),
    Op("pow", "s s -> s", domain="power", words="power", exponent=True, signs=True),
    Op("hpow", "* s -> *", domain="power", words="elementwise power", exponent=True, signs=True, symmetric="kept"),
    Op("epow", PAIR, domain="0:positive", words="power of each entry", exponent=True, sign="+", signs=True),
    Op("mpow", SQUARE, words="matrix power", whole=True, signs=True, symmetric="kept"),
    Op("partial", "", words="a derivative", stands=True),
    Op("d", SAME, words="a differential", told="small change", stands=True, linear="0", signs=True),
    Op("einsum", "", linear="*", words="a sum over indices"),
    Op("inner", "* * -> s", commutes=True, gate="switches", words="inner product", linear="0 1", signs=True),
    Op("fill", "", words="a scalar in every entry", shaped=True, linear="0", sign="kept", symmetric="always"),
    # linear maps to and from scalars, vectors and matrices
    Op("sum", "* -> s", gate="copies", words="sum", linear="0", sign="kept"),
    Op("prod", "c(n) -> s", latex=r"\mathrm{prod}", words="product of entries", zero=True),
    Op("prodothers", "c(n) -> c(n)", words="products of the other entries", told="entry i is the product of the other entries"),
    Op("prodpairs", "c(n) -> m(n,n)", words="products of all entries but two",
       told="entry i, j is the product of the other entries; 0 where i = j", symmetric="always"),
    Op("tr", "m(n,n) -> s | s -> s", words="trace", linear="0"),
    Op("trpow", "m(n,n) -> s", plain="tr({0}^{attr})", latex=r"\mathrm{{tr}}\left({0}^{{{attr}}}\right)",
       words="trace of a power", whole=True),
    Op("powm", "m(n,n) s -> m(n,n)", plain="{0}^{1}", latex="{0}^{{{1}}}", domain="0:near-identity", words="power of a matrix",
       exponent=True, symmetric="kept"),
    Op("trpowm", "m(n,n) s -> s", plain="tr({0}^{1})", latex=r"\mathrm{{tr}}\left({0}^{{{1}}}\right)", domain="0:near-identity",
       words="trace of a power", exponent=True),
    Op("diagm", "c(n) -> m(n,n)", plain="diag", words="diagonal matrix of a vector", linear="0", symmetric="always"),
    Op("diagv", "m(n,n) -> c(n)", plain="diag", words="diagonal of a matrix", linear="0"),
    Op("vec", "m(m,n) -> c(m*n) | c(n) -> c(n) | r(n) -> c(n) | s -> s", words="vectorisation",
       told="the columns of a matrix, stacked", linear="0", sign="kept"),
    Op("kron",
       "m(m,n) m(p,q) -> m(m*p,n*q) | c(m) c(p) -> c(m*p) | r(m) r(p) -> r(m*p)"
       " | m(m,n) c(p) -> m(m*p,n) | c(p) m(m,n) -> m(p*m,n) | m(m,n) r(p) -> m(m,n*p) | r(p) m(m,n) -> m(m,p*n)",
       latex=r"{0} \otimes {1}", latex_of={"cc": r"\mathrm{kron}"}, words="Kronecker product", linear="0 1", symmetric="kept"),
    Op("conv", "c(n) c(k) -> c(n+k-1)", words="convolution", linear="0 1"),
    Op("corr", "c(n) c(k) -> c(n-k+1)", words="correlation of a vector with one that is not longer", linear="0 1"),
    Op("convmatrix", "", words="matrix of the convolution with a vector", linear="0"),
    Op("hankel", "", words="matrix with the entries of a vector along its rising diagonals", linear="0", symmetric="always"),
    Op("unvec", "", words="inverse of vec", shaped=True, linear="0"),
    # blocks and slices; rows of an array are columns of its transpose
    Op("vcat", "m(m,n) m(p,n) -> m(m+p,n) | c(m) c(p) -> c(m+p)", gate="splits", words="vertical concatenation", jointly=True,
       sign="kept", signs=True),
    Op("hcat", "m(m,n) m(m,p) -> m(m,n+p) | m(m,n) c(m) -> m(m,n+1) | c(m) m(m,n) -> m(m,1+n) | c(m) c(m) -> m(m,2)",
       gate="splits", words="horizontal concatenation", jointly=True, sign="kept", signs=True),
    Op("entry", "c(n) -> s", words="entry", linear="0", signs=True, sizes=True),
    Op("col", "m(m,n) -> c(m)", words="column of a matrix", linear="0", signs=True, sizes=True),
    Op("rows", "", words="slice", linear="0", sizes=True),
    Op("padrows", "", words="padding with zeros", linear="0", sizes=True),
    Op("unit", "", latex=r"\mathbf{e}", words="a unit vector", told="unit vector: entry i is 1, the others are 0", sizes=True),
    Op("variance", "* -> s", latex=r"\mathrm{Var}", least="all entries of its argument are equal",
       words="variance of the entries", sign="0+", zero=True),
    Op("rowsum", "m(m,n) -> c(m)", gate="copies", words="sum of each row", linear="0", sign="kept"),
    Op("colsum", "m(m,n) -> c(n)", gate="copies", words="sum of each column", linear="0", sign="kept"),
    # inverse and determinant
    Op("inv", f"{SQUARE} | s -> s", domain="invertible", words="inverse", symmetric="kept"),
    Op("det", "m(n,n) -> s | s -> s", latex=r"\det", words="determinant", zero=True),
    Op("logdet", "m(n,n) -> s", latex=r"\log\det", domain="invertible", words="log-determinant",
       told="logarithm of the determinant", divides=True),
    Op("adj", SQUARE, latex=r"\mathrm{adj}", words="adjugate", symmetric="kept"),
    # norms and extreme entries
    Op("norm1", "* -> s", latex=r"\lVert {0} \rVert_1", latex_of={"m": r"\lVert {0} \rVert_{{1,1}}"},
       kink="an entry is 0 (sign(0) = 0 is taken)", words="1-norm",
       told="sum of absolute values", sign="0+", zero=True, breaks=(0,)),
    Op("norm2", "* -> s", latex=r"\lVert {0} \rVert_2", latex_of={"m": r"\lVert {0} \rVert_F"}, kink="its argument is 0",
       words="2-norm (Frobenius)", told="Euclidean norm, of a matrix the Frobenius norm", sign="0+", zero=True),
    Op("sqnorm", "* -> s", plain="norm2({0})^2", latex=r"\lVert {0} \rVert_2^2", latex_of={"m": r"\lVert {0} \rVert_F^2"},
       least="its argument is 0", words="squared 2-norm (Frobenius)", sign="0+", zero=True),
    Op("max", "* -> s", latex=r"\max", kink="two entries that change differently tie for the largest (the first of them counts)",
       gate="routes-entry", words="largest entry", zero=True),
    Op("min", "* -> s", latex=r"\min", kink="two entries that change differently tie for the smallest (the first of them counts)",
       gate="routes-entry", words="smallest entry", zero=True),
    Op("rowmax", "m(m,n) -> c(m)", words="largest entry of each row", gate="routes-entry", zero=True,
       kink="two entries of a row that change differently tie for the largest (the first of them counts)"),
    Op("rowargmax1", "m(m,n) -> m(m,n)", plain="rowmaxmask", words="indicator of the largest entry of each row", sign="0+",
       jumps="rowmax"),
    Op("argmax1", SAME, plain="argmaxmask", words="indicator of the largest entry", sign="0+", jumps="max"),
    Op("argmin1", SAME, plain="argminmask", words="indicator of the smallest entry", sign="0+", jumps="min"),
    Op("max2", PAIR, plain="max", latex=r"\max", kink="the two arguments tie (the second one counts, or the number)",
       commutes=True, gate="routes", words="elementwise maximum", zero=True),
    Op("min2", PAIR, plain="min", latex=r"\min", kink="the two arguments tie (the second one counts, or the number)",
       commutes=True, gate="routes", words="elementwise minimum", zero=True),
    Op("huber2", PAIR, plain="huber", domain="1:positive", words="Huber's function",
       told="a square near 0, linear beyond", sign="0+", zero=True),
    # softmax family
    Op("softmax", "c(n) -> c(n) | r(n) -> r(n)", latex=r"\mathrm{softmax}", words="softmax",
       told="exponentials divided by their sum", letters="pq", sign="+"),
    Op("softmaxr", "m(m,n) -> m(m,n)", plain="softmax", latex=r"\mathrm{softmax}", words="softmax of each row",
       told="exponentials divided by their sum, row by row", letters="PQ", sign="+"),
    Op("logsoftmax", "c(n) -> c(n) | r(n) -> r(n)", latex=r"\log\mathrm{softmax}", words="log-softmax",
       told="logarithm of the softmax"),
    Op("logsoftmaxr", "m(m,n) -> m(m,n)", plain="logsoftmax", latex=r"\log\mathrm{softmax}", words="log-softmax of each row",
       told="logarithm of the softmax, row by row"),
    Op("logsumexp", "c(n) -> s | r(n) -> s", latex=r"\mathrm{logsumexp}", words="log-sum-exp",
       told="logarithm of the sum of exponentials"),
    Op("logsumexpr", "m(m,n) -> c(m)", plain="logsumexp", latex=r"\mathrm{logsumexp}", words="log-sum-exp of each row",
       told="logarithm of the sum of exponentials, row by row"),
    # matrix functions
    Op("expm", SQUARE, words="matrix exponential", symmetric="kept"),
    Op("logm", SQUARE, domain="near-identity", words="matrix logarithm", symmetric="kept"),
    Op("sqrtm", SQUARE, domain="near-identity", words="matrix square root", zero=True, symmetric="kept"),
    Op("sinm", SQUARE, words="matrix sine", zero=True, symmetric="kept"),
    Op("cosm", SQUARE, words="matrix cosine", symmetric="kept"),
    _frechet("expm", "exponential"),
    _frechet("logm", "logarithm", "near-identity"),
    _frechet("sqrtm", "square root", "near-identity"),
    _frechet("sinm", "sine"),
    _frechet("cosm", "cosine"),
    # factorisations and spectra
    Op("chol", SQUARE, domain="spd", words="Cholesky factor"),
    Op("tril", SQUARE, words="lower triangle", linear="0"),
    Op("diagonalsums", SQUARE, words="each entry the sum along its diagonal", linear="0", symmetric="kept"),
    Op("commutation", "", latex="K", words="the commutation matrix", told="commutation matrix, K vec(X) = vec(Xᵀ)", sizes=True),
    Op("phi", SQUARE, plain="lowerhalf", words="lower triangle with the diagonal halved", linear="0"),
    Op("eigmax", "m(n,n) -> s", latex=r"\lambda_{{\max}}\left({0}\right)",
       kink="the two largest eigenvalues coincide (the eigenvector of one of them counts)",
       words="largest eigenvalue of a symmetric matrix", zero=True),
    Op("eigvecmax", "m(n,n) -> c(n)", latex=r"v_{{\max}}\left({0}\right)", words="unit eigenvector of the largest eigenvalue",
       jumps="eigmax"),
    Op("eigvals", "m(n,n) -> c(n)", kink="two eigenvalues coincide",
       words="eigenvalues of a symmetric matrix, the smallest first", zero=True),
    Op("eigvecs", SQUARE, words="unit eigenvectors of a symmetric matrix, as columns", jumps="eigvals"),
    Op("svdvals", "m(m,n) -> c(n)", plain="singularvalues", kink="two singular values coincide or one is 0",
       words="singular values of a matrix with no more columns than rows, the largest first", sign="0+", divides=True,
       zero=True),
    Op("svdleft", "m(m,n) -> m(m,n)", plain="leftsingular", words="left singular vectors, as columns", jumps="svdvals"),
    Op("svdright", "m(m,n) -> m(n,n)", plain="rightsingular", words="right singular vectors, as columns", jumps="svdvals"),
    Op("normnuc", "m(m,n) -> s", latex=r"\lVert {0} \rVert_*", kink="a singular value is 0 (some of its singular vectors count)",
       words="nuclear norm", told="sum of the singular values", sign="0+", divides=True, zero=True),
    Op("normspec", "m(m,n) -> s", latex=r"\lVert {0} \rVert_{{2 \to 2}}",
       kink="the two largest singular values coincide (the vectors of one of them count)", words="spectral norm",
       told="largest singular value", sign="0+",
       zero=True),
    Op("polar", "m(m,n) -> m(m,n)", words="UVᵀ of the singular value decomposition", jumps="normnuc", symmetric="kept"),
    Op("topdirection", "m(m,n) -> m(m,n)", words="u vᵀ of the largest singular value", jumps="normspec", symmetric="kept"),
    Op("pinv", "m(m,n) -> m(n,m)", latex=r"{0}^{{+}}", domain="full-rank", words="pseudo-inverse", zero=True, symmetric="kept"),
    # elementwise functions
    Op("fn", SAME, elementwise=True, words="an unspecified elementwise function", signs=True),
    # unspecified functions: the first argument says which one it is, and has the size of its values
    Op("vmap", "c(m) c(n) -> c(m)", signs=True, carried=0, words="an unspecified function of a vector"),
    Op("vmapjac", "c(m) c(n) -> m(m,n)", signs=True, carried=1, words="the Jacobian of an unspecified function"),
    _curve("curve", 0, "an unspecified function of a number"),
    _curve("curve1", 1, "the derivative of an unspecified function"),
    _curve("curve2", 2, "the second derivative of an unspecified function"),
    _function("exp", r"\exp", twin="expm", sign="+"),
    _function("log", r"\log", domain="positive", twin="logm"),
    _function("sqrt", domain="positive", latex=r"\sqrt{{{0}}}", twin="sqrtm", sign="0+", zero=True),
    _function("sin", r"\sin", twin="sinm", zero=True),
    _function("cos", r"\cos", twin="cosm"),
    _function("tan", r"\tan", domain="small", zero=True),
    _function("sinh", r"\sinh", zero=True),
    _function("cosh", r"\cosh", sign="+"),
    _function("tanh", r"\tanh", zero=True),
    _function("asin", r"\arcsin", domain="unit-interval", plain="arcsin", zero=True, many=True),
    _function("acos", r"\arccos", domain="unit-interval", plain="arccos", sign="0+", many=True),
    _function("atan", r"\arctan", plain="arctan", zero=True, many=True),
    _function("asinh", r"\mathrm{arsinh}", plain="arcsinh", zero=True),
    _function("acosh", r"\mathrm{arcosh}", domain="above-one", plain="arccosh", sign="0+"),
    _function("atanh", r"\mathrm{artanh}", domain="unit-interval", plain="arctanh", zero=True),
    _function("sigmoid", r"\sigma", sign="+"),
    _function("softplus", r"\mathrm{softplus}", sign="+"),
    _function("logsigmoid"),
    _function("relu", r"\mathrm{ReLU}", gate="passes", kink="an argument is 0 (step(0) = 0 is taken)", sign="0+", zero=True,
              breaks=(0,)),
    _function("step", r"\mathrm{step}", kink="an argument is 0", sign="0+", zero=True, breaks=(0,), jumps="step"),
    _function("abs", latex_of={"s": r"\lvert {0} \rvert"}, kink="an argument is 0 (sign(0) = 0 is taken)", sign="0+", zero=True,
              breaks=(0,)),
    _function("sign", r"\mathrm{sign}", kink="an argument is 0", zero=True, breaks=(0,), jumps="sign"),
    _function("hardtanh", kink="an argument is 1 or -1 (derivative 0 is taken)", zero=True, breaks=(1, -1)),
    _function("elu", r"\mathrm{ELU}", zero=True, breaks=(0,)),
    _function("gelu", r"\mathrm{GELU}", zero=True),
    _function("silu", r"\mathrm{SiLU}", zero=True),
    _function("softsign", zero=True, breaks=(0,)),
    _function("log1p", domain="above-minus-one", zero=True),
    _function("expm1", zero=True),
    _function("cbrt", domain="nonzero", zero=True, breaks=(0,), told="cube root"),
    _function("erf", r"\mathrm{erf}", zero=True, told="error function"),
    _function("normcdf", sign="+", told="distribution function of the standard normal"),
    _function("normpdf", sign="+"),
    _function("erfc", r"\mathrm{erfc}", sign="+", told="1 - erf"),
    _function("lgamma", r"\log\Gamma", domain="positive", told="logarithm of the gamma function"),
    _function("digamma", domain="positive", told="derivative of log gamma"),
    _function("trigamma", domain="positive", sign="+", told="second derivative of log gamma"),
)
# fmt: on


class _Table(dict[str, Op]):
    """By name; an operator of a user's has its row with its name."""

    def __missing__(self, name: str) -> Op:
        row: Op | None = getattr(name, "row", None)
        if row is None:
            raise KeyError(name)
        return row


TABLE: dict[str, Op] = _Table((row.name, row) for row in ROWS)

# Names by which a function is called; the kinds of its arguments choose among the operators.
CALLS: dict[str, tuple[Op, ...]] = {}
for _row in ROWS:
    if _row.shape and "{" not in _row.plain and not _row.signs:
        CALLS[_row.plain] = (*CALLS.get(_row.plain, ()), _row)

# Other spellings of the same functions.
SYNONYMS = {
    "Inverse": "inv", "Determinant": "det",
    "trace": "tr", "Tr": "tr", "Trace": "tr", "Det": "det", "Vec": "vec", "ln": "log", "LogSumExp": "logsumexp",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "asinh": "arcsinh", "arsinh": "arcsinh", "acosh": "arccosh", "arcosh": "arccosh", "atanh": "arctanh", "artanh": "arctanh",
    "ReLU": "relu", "Softmax": "softmax", "LSE": "logsumexp", "lse": "logsumexp", "log_softmax": "logsoftmax",
    "norm": "norm2",  "sgn": "sign", "Sigmoid": "sigmoid", "logistic": "sigmoid", "gammaln": "lgamma", "maximum": "max",
    "minimum": "min", "determinant": "det", "inverse": "inv", "Diag": "diag", "abs_": "abs", "heaviside": "step",
    "GELU": "gelu", "SiLU": "silu", "swish": "silu", "Swish": "silu", "ELU": "elu", "Softsign": "softsign",
    "Diagonal": "diag", "Huber": "huber", "sigm": "sigmoid", "expit": "sigmoid", "eigvalsh": "eigvals",
    "blockdiag": "blkdiag", "block_diag": "blkdiag", "bdiag": "blkdiag", "blockdiagonal": "blkdiag",
    "convolve": "conv", "correlate": "corr",
    "rowSums": "rowsum", "colSums": "colsum",
    "norm_1": "norm1", "norm_2": "norm2", "normfro": "norm2", "normF": "norm2", "Erf": "erf",
}  # fmt: skip

__all__ = ["CALLS", "KINDS", "ROWS", "SCALAR", "SYNONYMS", "TABLE", "Alternative", "Op", "Type", "parse_dim"]
