"""What Python code calls things: the modules that stand before functions, and the functions that are read.

A name that means another thing elsewhere is not taken over from one library to another: ``cross_entropy`` of
PyTorch takes logits, ``gelu`` of JAX is an approximation. Such names are missing here, and refused by name.
"""

from __future__ import annotations

_LINALG = ("np.linalg", "numpy.linalg", "jnp.linalg", "jax.numpy.linalg", "torch.linalg", "scipy.linalg", "tf.linalg", "linalg")
_SPECIAL = ("scipy.special", "torch.special", "jax.scipy.special", "special")
_FUNCTIONAL = ("F", "nn.functional", "torch.nn.functional")

# Dotted paths, and the family of functions that is meant; paths that only lead on have none.
MODULES: dict[str, str] = {
    **dict.fromkeys(("np", "numpy", "jnp", "jax.numpy", "tf", "tf.math"), "numpy"),
    **dict.fromkeys(_LINALG, "linalg"),
    **dict.fromkeys(_SPECIAL, "special"),
    **dict.fromkeys(_FUNCTIONAL, "functional"),
    **{"torch": "torch", "jax.nn": "jax", "tf.nn": "jax", "math": "numpy"},
    **dict.fromkeys(("scipy", "jax", "jax.scipy", "nn", "torch.nn"), ""),
}
SYMPY = frozenset(("sym", "sympy", "sp", "smp"))  # prefixes of SymPy, whose functions are written as those of this notation
ROOTS = frozenset(path.partition(".")[0] for path in MODULES)

# Functions of the tool under the names that they have in Python; arguments as they stand.
SAME: dict[str, str] = {
    **{f: f for f in str.split("""
        exp log sqrt sin cos tan sinh cosh tanh arcsin arccos arctan asin acos atan arcsinh arccosh arctanh asinh acosh atanh
        abs sign log1p expm1 log2 log10 cbrt square
        erf erfc sigmoid relu softplus silu elu softsign mish relu6 hardtanh hardsigmoid hardswish logsigmoid
        trace det inv pinv logdet kron diag tril lgamma digamma expm logm sqrtm einsum
    """)},
    **{"absolute": "abs", "fabs": "abs", "expit": "sigmoid", "logistic": "sigmoid", "log_sigmoid": "logsigmoid", "swish": "silu"},
    **{"log_expit": "logsigmoid", "leaky_relu": "leakyrelu", "soft_sign": "softsign", "inverse": "inv"},
    **{"cholesky": "chol", "matrix_exp": "expm", "gammaln": "lgamma", "ndtr": "normcdf", "diagonal": "diag"},
    **{"gelu": "gelu", "block_diag": "blkdiag", "cross": "cross"},
}  # fmt: skip
# Reductions: they take an axis.
REDUCE: dict[str, str] = {
    **{f: f for f in str.split("sum mean max min prod var std norm softmax logsumexp cumsum")},
    **{"amax": "max", "amin": "min", "average": "mean", "log_softmax": "logsoftmax"},
    **{f"reduce_{f}": f for f in ("sum", "mean", "max", "min", "prod", "logsumexp")},  # of TensorFlow
}
# Products of 1-D arrays, and what they are here; NumPy makes something else of arrays with two axes.
FLAT = {"inner": "dot", "vdot": "dot", "outer": "outer", "ger": "outer"}
# Functions that Python has signs for, or that stand for several operators.
SIGNS: dict[str, str] = {
    **{"add": "+", "subtract": "-", "sub": "-", "multiply": "np.*", "mul": "np.*"},
    **dict.fromkeys(("divide", "true_divide", "div"), "np/"),
    **dict.fromkeys(("matmul", "dot", "mm", "mv", "matvec", "bmm"), "np@"),
    **{"maximum": "npmax", "minimum": "npmin", "fmax": "npmax", "fmin": "npmin"},
}
POWERS = {"power": ".^", "pow": ".^", "float_power": ".^", "matrix_power": "^"}
TWO = frozenset((*SIGNS, *POWERS, "solve", "logaddexp"))  # of two arguments
FILLED = {"eye": "eye", "identity": "eye", "ones": "ones", "zeros": "zeros"}
ARRAYS = frozenset(("array", "asarray", "tensor", "Matrix", "ImmutableMatrix"))  # of lists of numbers
LIKE = {"ones_like": 1, "zeros_like": 0}
TURNED = frozenset(("transpose", "t", "swapaxes"))
SHAPED = frozenset(("reshape", "view", "unsqueeze", "ravel", "flatten", "squeeze"))
OTHERS = frozenset(str.split("linear slogdet where arange negative neg reciprocal clip clamp size len item copy clone"))
JOINED = frozenset(("concatenate", "concat", "cat", "hstack", "vstack", "row_stack", "stack", "column_stack"))  # several arrays
SAME_JOIN = {"concat": "concatenate", "cat": "concatenate", "row_stack": "vstack"}
# Losses of two arrays: the formula of each entry, whose mean (or sum) it is.
LOSSES = {
    **{"mse_loss": "squareddifference", "l1_loss": "absdifference", "smooth_l1_loss": "smoothl1", "huber_loss": "huberdifference"},
    **{"binary_cross_entropy_with_logits": "bcelogits", "binary_cross_entropy": "bceentry", "kl_div": "kldivergence"},
    **{"soft_margin_loss": "softmargin", "poisson_nll_loss": "poissonnll", "gaussian_nll_loss": "gaussiannll"},
    **{"margin_ranking_loss": "marginranking"},
}
# Classes of torch.nn without weights, and the functions that they are.
LAYERS = {
    **{"MSELoss": "mse_loss", "L1Loss": "l1_loss", "SmoothL1Loss": "smooth_l1_loss", "HuberLoss": "huber_loss"},
    **{"BCELoss": "binary_cross_entropy", "BCEWithLogitsLoss": "binary_cross_entropy_with_logits", "KLDivLoss": "kl_div"},
    **{"SoftMarginLoss": "soft_margin_loss", "PoissonNLLLoss": "poisson_nll_loss", "GaussianNLLLoss": "gaussian_nll_loss"},
    **{"MarginRankingLoss": "margin_ranking_loss", "CrossEntropyLoss": "cross_entropy", "NLLLoss": "nll_loss"},
    **{"MultiMarginLoss": "multi_margin_loss", "CosineSimilarity": "cosine_similarity"},
    **{"ReLU": "relu", "LeakyReLU": "leaky_relu", "ReLU6": "relu6", "ELU": "elu", "GELU": "gelu", "SiLU": "silu", "Mish": "mish"},
    **{"Sigmoid": "sigmoid", "LogSigmoid": "logsigmoid", "Tanh": "tanh", "Softplus": "softplus", "Softsign": "softsign"},
    **{"Hardtanh": "hardtanh", "Hardsigmoid": "hardsigmoid", "Hardswish": "hardswish"},
    **{"Softmax": "softmax", "LogSoftmax": "log_softmax"},
}
# Losses of scores and a class: the names of the nodes.
PICKED = "np.pick"  # scores[np.arange(N), y], the score of each class
ASSIGNED = "np.assigned"  # scores with another value there
CLASS_LOSSES = {name: f"np.{name}" for name in ("cross_entropy", "nll_loss", "multi_margin_loss")}
# Of each row or of one vector, as quotients.
NORMALISED = frozenset(("normalize", "cosine_similarity"))
CONSTANTS = {"pi": "pi", "newaxis": "None", "inf": "inf"}
ONLY_METHODS = frozenset(("size", "item", "view", "unsqueeze", "copy", "len"))

FUNCTIONS = frozenset(
    (*SAME, *REDUCE, *FLAT, *TWO, *FILLED, *ARRAYS, *LIKE, *TURNED, *SHAPED, *OTHERS, *JOINED, *LOSSES, *CLASS_LOSSES, *NORMALISED)
)
METHODS = FUNCTIONS - {*FILLED, *ARRAYS, *LIKE, *JOINED, *LOSSES, *CLASS_LOSSES, *NORMALISED, "len", "where", "arange", "linear"}
ATTRIBUTES = frozenset(("mT", "shape"))
# Functions of torch.nn.functional: F.relu(x), where F.dot(x) is of a matrix F.
FUNCTIONAL = frozenset((*LOSSES, *CLASS_LOSSES, *NORMALISED, *str.split("""
    sigmoid relu softplus silu elu softsign mish relu6 hardtanh hardsigmoid hardswish logsigmoid leaky_relu gelu
    softmax log_softmax tanh linear
""")))  # fmt: skip
# Functions that a module has under a name that is not that of this list.
DIFFERENT = frozenset((("jax", "gelu"),))
