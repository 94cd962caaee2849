"""The operator table: one row an operator, with its shape rule (see shapes.py), notation and domain."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.expr.shapes import KINDS, SCALAR, Alternative, Op, Type, parse_dim

SAME = "* -> *"
PAIR = "* * -> *"
SQUARE = "m(n,n) -> m(n,n)"


def _function(
    name: str,
    latex: str = "",
    domain: str = "",
    kink: str = "",
    plain: str = "",
    twin: str = "",
    latex_of: Mapping[str, str] | None = None,
    sign: str = "",
) -> Op:
    """A row of the elementwise functions."""
    return Op(
        name,
        SAME,
        plain=plain,
        latex=latex,
        latex_of=latex_of,
        twin=twin,
        domain=domain,
        kink=kink,
        elementwise=True,
        sign=sign,
        words=f"elementwise {plain or name}",
    )


def _frechet(name: str, words: str, domain: str = "") -> Op:
    """The derivative of a matrix function at its first argument, along its second (Higham, Functions of Matrices, ch. 3)."""
    return Op(
        f"d{name}",
        "m(n,n) m(n,n) -> m(n,n)",
        latex=rf"L_{{\mathrm{{{name}}}}}",
        domain=f"0:{domain}" if domain else "",
        linear="1",
        words=f"Fréchet derivative of the matrix {words}",
    )


ROWS = (
    # leaves: the type is given where they are made
    Op("sym", "", words="a variable"),
    Op("num", "", words="a number"),
    Op("const", "", words="a constant"),
    Op("dim", "", words="a size used as a number", sign="+"),
    Op("eye", "", latex="I", words="the identity", sign="0+"),
    Op("ones", "", latex=r"\mathbf{1}", words="ones", sign="+"),
    Op("zeros", "", latex="0", words="zeros"),
    # ring
    Op("add", PAIR, commutes=True, words="sum"),
    Op("sub", PAIR, words="difference"),
    Op("neg", SAME, words="negation", linear="0"),
    Op("scale", "s * -> *", words="scaling", linear="0 1"),
    Op("div", "* s -> *", domain="1:nonzero", words="division by a scalar", linear="0"),
    Op(
        "matmul",
        "r(n) c(n) -> s | m(m,n) c(n) -> c(m) | r(m) m(m,n) -> r(n) | m(m,n) m(n,k) -> m(m,k) | c(m) r(n) -> m(m,n)",
        words="product",
        linear="0 1",
    ),
    Op("T", "s -> s | c(n) -> r(n) | r(n) -> c(n) | m(m,n) -> m(n,m)", words="transpose", linear="0"),
    Op("hadamard", PAIR, commutes=True, words="elementwise product", linear="0 1"),
    Op("hdiv", PAIR, domain="1:nonzero", words="elementwise quotient", linear="0"),
    Op("pow", "s s -> s", domain="power", words="power"),
    Op("hpow", "* s -> *", domain="power", words="elementwise power"),
    Op("epow", PAIR, domain="0:positive", words="power of each entry", sign="+"),
    Op("mpow", SQUARE, words="matrix power"),
    Op("partial", "", words="a derivative"),
    Op("d", SAME, words="a differential", linear="0"),
    Op("einsum", "", linear="*", words="a sum over indices"),
    Op("inner", "* * -> s", commutes=True, words="inner product", linear="0 1"),
    Op("fill", "", words="a scalar in every entry", linear="0"),
    # linear maps to and from scalars, vectors and matrices
    Op("sum", "* -> s", linear="0"),
    Op("prod", "c(n) -> s", latex=r"\mathrm{prod}", words="product of entries"),
    Op("tr", "m(n,n) -> s | s -> s", words="trace", linear="0"),
    Op("trpow", "m(n,n) -> s", plain="tr({0}^{attr})", latex=r"\mathrm{{tr}}\left({0}^{{{attr}}}\right)", words="trace of a power"),
    Op(
        "powm",
        "m(n,n) s -> m(n,n)",
        plain="{0}^{1}",
        latex="{0}^{{{1}}}",
        domain="0:near-identity",
        words="power of a matrix",
    ),
    Op(
        "trpowm",
        "m(n,n) s -> s",
        plain="tr({0}^{1})",
        latex=r"\mathrm{{tr}}\left({0}^{{{1}}}\right)",
        domain="0:near-identity",
        words="trace of a power",
    ),
    Op("diagm", "c(n) -> m(n,n)", plain="diag", words="diagonal matrix of a vector", linear="0"),
    Op("diagv", "m(n,n) -> c(n)", plain="diag", words="diagonal of a matrix", linear="0"),
    Op(
        "vec",
        "m(m,n) -> c(m*n) | c(n) -> c(n) | r(n) -> c(n) | s -> s",
        words="vectorisation",
        linear="0",
    ),
    Op(
        "kron",
        "m(m,n) m(p,q) -> m(m*p,n*q) | c(m) c(p) -> c(m*p) | r(m) r(p) -> r(m*p)"
        " | m(m,n) c(p) -> m(m*p,n) | c(p) m(m,n) -> m(p*m,n) | m(m,n) r(p) -> m(m,n*p) | r(p) m(m,n) -> m(m,p*n)",
        latex=r"{0} \otimes {1}",
        latex_of={"cc": r"\mathrm{kron}"},
        words="Kronecker product",
        linear="0 1",
    ),
    Op("conv", "c(n) c(k) -> c(n+k-1)", words="convolution", linear="0 1"),
    Op("corr", "c(n) c(k) -> c(n-k+1)", words="correlation of a vector with one that is not longer", linear="0 1"),
    Op("convmatrix", "", words="matrix of the convolution with a vector", linear="0"),
    Op("hankel", "", words="matrix with the entries of a vector along its rising diagonals", linear="0"),
    Op("unvec", "", words="inverse of vec", linear="0"),
    # blocks and slices; rows of an array are columns of its transpose
    Op("vcat", "m(m,n) m(p,n) -> m(m+p,n) | c(m) c(p) -> c(m+p)", words="vertical concatenation"),
    Op(
        "hcat",
        "m(m,n) m(m,p) -> m(m,n+p) | m(m,n) c(m) -> m(m,n+1) | c(m) m(m,n) -> m(m,1+n) | c(m) c(m) -> m(m,2)",
        words="horizontal concatenation",
    ),
    Op("entry", "c(n) -> s", words="entry", linear="0"),
    Op("col", "m(m,n) -> c(m)", words="column of a matrix", linear="0"),
    Op("rows", "", words="slice", linear="0"),
    Op("padrows", "", words="padding with zeros", linear="0"),
    Op("unit", "", latex=r"\mathbf{e}", words="a unit vector"),
    Op(
        "variance",
        "* -> s",
        latex=r"\mathrm{Var}",
        least="all entries of its argument are equal",
        words="variance of the entries",
        sign="0+",
    ),
    Op("rowsum", "m(m,n) -> c(m)", words="sum of each row", linear="0"),
    Op("colsum", "m(m,n) -> c(n)", words="sum of each column", linear="0"),
    # inverse and determinant
    Op("inv", f"{SQUARE} | s -> s", domain="invertible", words="inverse"),
    Op("det", "m(n,n) -> s | s -> s", latex=r"\det", words="determinant"),
    Op(
        "logdet",
        "m(n,n) -> s",
        latex=r"\log\det",
        domain="invertible",
        words="log-determinant",
    ),
    Op("adj", SQUARE, latex=r"\mathrm{adj}", words="adjugate"),
    # norms and extreme entries
    Op(
        "norm1",
        "* -> s",
        latex=r"\lVert {0} \rVert_1",
        latex_of={"m": r"\lVert {0} \rVert_{{1,1}}"},
        kink="an entry is 0 (sign(0) = 0 is taken)",
        words="1-norm",
        sign="0+",
    ),
    Op(
        "norm2",
        "* -> s",
        latex=r"\lVert {0} \rVert_2",
        latex_of={"m": r"\lVert {0} \rVert_F"},
        kink="its argument is 0",
        words="2-norm (Frobenius)",
        sign="0+",
    ),
    Op(
        "sqnorm",
        "* -> s",
        plain="norm2({0})^2",
        latex=r"\lVert {0} \rVert_2^2",
        latex_of={"m": r"\lVert {0} \rVert_F^2"},
        least="its argument is 0",
        words="squared 2-norm (Frobenius)",
        sign="0+",
    ),
    Op(
        "max",
        "* -> s",
        latex=r"\max",
        kink="two entries tie for the largest (the first of them counts)",
        words="largest entry",
    ),
    Op(
        "min",
        "* -> s",
        latex=r"\min",
        kink="two entries tie for the smallest (the first of them counts)",
        words="smallest entry",
    ),
    Op(
        "rowmax",
        "m(m,n) -> c(m)",
        kink="two entries of a row tie for the largest (the first of them counts)",
        words="largest entry of each row",
    ),
    Op("rowargmax1", "m(m,n) -> m(m,n)", plain="rowmaxmask", words="indicator of the largest entry of each row", sign="0+"),
    Op("argmax1", SAME, plain="argmaxmask", words="indicator of the largest entry", sign="0+"),
    Op("argmin1", SAME, plain="argminmask", words="indicator of the smallest entry", sign="0+"),
    Op(
        "max2",
        PAIR,
        plain="max",
        latex=r"\max",
        kink="the two arguments tie (the second one counts, or the number)",
        commutes=True,
        words="elementwise maximum",
    ),
    Op(
        "min2",
        PAIR,
        plain="min",
        latex=r"\min",
        kink="the two arguments tie (the second one counts, or the number)",
        commutes=True,
        words="elementwise minimum",
    ),
    Op(
        "huber2",
        PAIR,
        plain="huber",
        domain="1:positive",
        words="Huber's function",
        sign="0+",
    ),
    # softmax family
    Op("softmax", "c(n) -> c(n) | r(n) -> r(n)", latex=r"\mathrm{softmax}", words="softmax", sign="+"),
    Op("softmaxr", "m(m,n) -> m(m,n)", plain="softmax", latex=r"\mathrm{softmax}", words="softmax of each row", sign="+"),
    Op("logsoftmax", "c(n) -> c(n) | r(n) -> r(n)", latex=r"\log\mathrm{softmax}", words="log-softmax"),
    Op("logsoftmaxr", "m(m,n) -> m(m,n)", plain="logsoftmax", latex=r"\log\mathrm{softmax}", words="log-softmax of each row"),
    Op("logsumexp", "c(n) -> s | r(n) -> s", latex=r"\mathrm{logsumexp}", words="log-sum-exp"),
    Op("logsumexpr", "m(m,n) -> c(m)", plain="logsumexp", latex=r"\mathrm{logsumexp}", words="log-sum-exp of each row"),
    # matrix functions
    Op("expm", SQUARE, words="matrix exponential"),
    Op("logm", SQUARE, domain="near-identity", words="matrix logarithm"),
    Op("sqrtm", SQUARE, domain="near-identity", words="matrix square root"),
    Op("sinm", SQUARE, words="matrix sine"),
    Op("cosm", SQUARE, words="matrix cosine"),
    _frechet("expm", "exponential"),
    _frechet("logm", "logarithm", "near-identity"),
    _frechet("sqrtm", "square root", "near-identity"),
    _frechet("sinm", "sine"),
    _frechet("cosm", "cosine"),
    # factorisations and spectra
    Op("chol", SQUARE, domain="spd", words="Cholesky factor"),
    Op("tril", SQUARE, words="lower triangle", linear="0"),
    Op("diagonalsums", SQUARE, words="each entry the sum along its diagonal", linear="0"),
    Op("commutation", "", latex="K", words="the commutation matrix"),
    Op("phi", SQUARE, plain="lowerhalf", words="lower triangle with the diagonal halved", linear="0"),
    Op(
        "eigmax",
        "m(n,n) -> s",
        latex=r"\lambda_{{\max}}\left({0}\right)",
        kink="the two largest eigenvalues coincide (the eigenvector of one of them counts)",
        words="largest eigenvalue of a symmetric matrix",
    ),
    Op("eigvecmax", "m(n,n) -> c(n)", latex=r"v_{{\max}}\left({0}\right)", words="unit eigenvector of the largest eigenvalue"),
    Op(
        "eigvals",
        "m(n,n) -> c(n)",
        kink="two eigenvalues coincide",
        words="eigenvalues of a symmetric matrix, the smallest first",
    ),
    Op("eigvecs", SQUARE, words="unit eigenvectors of a symmetric matrix, as columns"),
    Op(
        "svdvals",
        "m(m,n) -> c(n)",
        plain="singularvalues",
        kink="two singular values coincide or one is 0",
        words="singular values of a matrix with no more columns than rows, the largest first",
        sign="0+",
    ),
    Op("svdleft", "m(m,n) -> m(m,n)", plain="leftsingular", words="left singular vectors, as columns"),
    Op("svdright", "m(m,n) -> m(n,n)", plain="rightsingular", words="right singular vectors, as columns"),
    Op(
        "normnuc",
        "m(m,n) -> s",
        latex=r"\lVert {0} \rVert_*",
        kink="a singular value is 0 (some of its singular vectors count)",
        words="nuclear norm",
        sign="0+",
    ),
    Op(
        "normspec",
        "m(m,n) -> s",
        latex=r"\lVert {0} \rVert_{{2 \to 2}}",
        kink="the two largest singular values coincide (the vectors of one of them count)",
        words="spectral norm",
        sign="0+",
    ),
    Op("polar", "m(m,n) -> m(m,n)", words="UVᵀ of the singular value decomposition"),
    Op("topdirection", "m(m,n) -> m(m,n)", words="u vᵀ of the largest singular value"),
    Op("pinv", "m(m,n) -> m(n,m)", latex=r"{0}^{{+}}", domain="full-rank", words="pseudo-inverse"),
    # elementwise functions
    Op("fn", SAME, elementwise=True, words="an unspecified elementwise function"),
    _function("exp", r"\exp", twin="expm", sign="+"),
    _function("log", r"\log", domain="positive", twin="logm"),
    _function("sqrt", domain="positive", latex=r"\sqrt{{{0}}}", twin="sqrtm", sign="0+"),
    _function("sin", r"\sin", twin="sinm"),
    _function("cos", r"\cos", twin="cosm"),
    _function("tan", r"\tan", domain="small"),
    _function("sinh", r"\sinh"),
    _function("cosh", r"\cosh", sign="+"),
    _function("tanh", r"\tanh"),
    _function("asin", r"\arcsin", domain="unit-interval", plain="arcsin"),
    _function("acos", r"\arccos", domain="unit-interval", plain="arccos", sign="0+"),
    _function("atan", r"\arctan", plain="arctan"),
    _function("asinh", r"\mathrm{arsinh}", plain="arcsinh"),
    _function("acosh", r"\mathrm{arcosh}", domain="above-one", plain="arccosh", sign="0+"),
    _function("atanh", r"\mathrm{artanh}", domain="unit-interval", plain="arctanh"),
    _function("sigmoid", r"\sigma", sign="+"),
    _function("softplus", r"\mathrm{softplus}", sign="+"),
    _function("logsigmoid"),
    _function("relu", r"\mathrm{ReLU}", kink="an argument is 0 (step(0) = 0 is taken)", sign="0+"),
    _function("step", r"\mathrm{step}", kink="an argument is 0", sign="0+"),
    _function("abs", latex_of={"s": r"\lvert {0} \rvert"}, kink="an argument is 0 (sign(0) = 0 is taken)", sign="0+"),
    _function("sign", r"\mathrm{sign}", kink="an argument is 0"),
    _function("hardtanh", kink="an argument is 1 or -1 (derivative 0 is taken)"),
    _function("elu", r"\mathrm{ELU}"),
    _function("gelu", r"\mathrm{GELU}"),
    _function("silu", r"\mathrm{SiLU}"),
    _function("softsign"),
    _function("log1p", domain="positive"),
    _function("expm1"),
    _function("cbrt", domain="nonzero"),
    _function("erf", r"\mathrm{erf}"),
    _function("normcdf", sign="+"),
    _function("normpdf", sign="+"),
    _function("erfc", r"\mathrm{erfc}", sign="+"),
    _function("lgamma", r"\log\Gamma", domain="positive"),
    _function("digamma", domain="positive"),
    _function("trigamma", domain="positive", sign="+"),
)

TABLE: dict[str, Op] = {row.name: row for row in ROWS}

# Names by which a function is called; the kinds of its arguments choose among the operators.
CALLS: dict[str, tuple[Op, ...]] = {}
# Operators that are written with signs or brackets, never called by their name.
_SIGNS = (
    *("add", "sub", "neg", "scale", "div", "matmul", "T", "hadamard", "hdiv", "pow", "hpow", "epow", "mpow", "fn", "inner", "d"),
    *("vcat", "hcat", "entry", "col"),
)
for _row in ROWS[7:]:
    if _row.shape and "{" not in _row.plain and _row.name not in _SIGNS:
        CALLS[_row.plain] = (*CALLS.get(_row.plain, ()), _row)

# Other spellings of the same functions.
SYNONYMS = {
    "trace": "tr", "Tr": "tr", "Trace": "tr", "Det": "det", "Vec": "vec", "ln": "log", "LogSumExp": "logsumexp",
    "arcsin": "arcsin", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "asinh": "arcsinh", "arsinh": "arcsinh", "acosh": "arccosh", "arcosh": "arccosh", "atanh": "arctanh", "artanh": "arctanh",
    "ReLU": "relu", "Softmax": "softmax", "LSE": "logsumexp", "lse": "logsumexp", "log_softmax": "logsoftmax",
    "norm": "norm2",  "sgn": "sign", "Sigmoid": "sigmoid", "logistic": "sigmoid", "gammaln": "lgamma", "maximum": "max",
    "minimum": "min", "determinant": "det", "inverse": "inv", "Diag": "diag", "abs_": "abs", "heaviside": "step",
    "GELU": "gelu", "SiLU": "silu", "swish": "silu", "Swish": "silu", "ELU": "elu", "Softsign": "softsign",
    "eigvalsh": "eigvals", "convolve": "conv", "correlate": "corr",
    "norm_1": "norm1", "norm_2": "norm2", "normfro": "norm2", "normF": "norm2", "Erf": "erf",
}  # fmt: skip

__all__ = ["CALLS", "KINDS", "ROWS", "SCALAR", "SYNONYMS", "TABLE", "Alternative", "Op", "Type", "parse_dim"]
