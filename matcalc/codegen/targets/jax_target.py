"""JAX source: it can be traced by jax.jit, vmap and grad, for nothing in it depends on entries and nothing is written in place."""

from __future__ import annotations

from matcalc.codegen.ir.graph import Node
from matcalc.codegen.targets.dialects import Dialect, spoken
from matcalc.codegen.targets.helpers import FIT, FLOATS, HELPERS
from matcalc.codegen.targets.numpy_forms import matrix_product
from matcalc.codegen.targets.other_forms import atoms, diagonal_added, frechet_as, table
from matcalc.codegen.targets.printing import MATRIX, POWER, Printer, Text, Writer

# Operators whose NumPy form holds with jnp in place of np.
SAME = """
    sym num const dim ones zeros eye expand diagm lin prod square pow powv pick step relu abs log1p max2 min2 fn
    applied dot outer inner sum max min onehot prodall prodothers prodpairs trace diagv T col vec reshape kron
    einsum conv corr convmatrix hankel vcat hcat slice pad padrow padcol unit tril phi solve inv logdet det adj norm2
    mpow pinv chol eigmax eigvals eigvecs svdvals svdleft svdright normspec normnuc commutation diagonalsums eigvecmax
    topdirection variance exp log sqrt sin cos tan sinh cosh tanh sign expm1 cbrt asin acos atan asinh acosh atanh
    hardtanh
"""


def product(w: Writer, node: Node) -> Text:
    """A matrix product; Aᵀx as x @ A, which XLA reads row by row: the other way takes twice to five times as long."""
    matrix, x = node.args
    if not (node.attr[0] and len(matrix.shape) == 2 and len(x.shape) == 1):
        return matrix_product(w, node)
    left = w.text(x)
    return Text(f"{left.code if left.level == MATRIX else left.at(POWER)} @ {w.text(matrix).at(POWER)}", MATRIX)


ONE_PLACE = "(np.arange({{0}}.size) == {{0}}.arg{0}()).astype({{0}}.dtype).reshape({{0}}.shape)"
FORMS: dict[str, str | Printer] = {
    "mm": product,
    "guard": "np.where({0}, {0}, 1.0)",
    "adddiag": diagonal_added("np.diag({0})"),
    "argmax1": atoms(ONE_PLACE.format("max")),
    "argmin1": atoms(ONE_PLACE.format("min")),
    "erf": "jax.scipy.special.erf({0})",
    "erfc": "jax.scipy.special.erfc({0})",
    "normcdf": "jax.scipy.special.ndtr({0})",
    "lgamma": "jax.scipy.special.gammaln({0})",
    "digamma": "jax.scipy.special.digamma({0})",
    "trigamma": "jax.scipy.special.polygamma(1, {0})",
    "expm": "jax.scipy.linalg.expm({0})",
    "frechet": frechet_as("jax.scipy.linalg.expm_frechet({0}, {1}, compute_expm=False)"),
    "polar": "jax.scipy.linalg.polar({0})[0]",
}
SPOKEN = """
    _others _adjugate _log_det _convolution_matrix _hankel _top_eigenvector _eigenvectors _left_singular_vectors
    _right_singular_vectors _top_direction
"""
OWN = {
    FIT: HELPERS[FIT],
    FLOATS: '''
def _floats(*given):
    """Arrays of one precision: that of the floating-point arrays, else jax's default."""
    found = [jnp.asarray(x) for x in given]
    if any(jnp.iscomplexobj(x) for x in found):
        raise TypeError("complex numbers have no meaning here")
    kinds = [x.dtype for x in found if jnp.issubdtype(x.dtype, jnp.floating) and x.ndim]
    common = jnp.result_type(*kinds or [float])
    return [x.astype(common) for x in found]
''',
    "_norm": '''
def _norm(x):
    """2-norm of all entries, also where their squares would overflow or vanish."""
    top = jnp.abs(x).max(initial=0.0)
    scale = jnp.where((0 < top) & (top < jnp.inf), top, 1.0)
    return scale * jnp.sqrt(jnp.vdot(x / scale, x / scale))
''',
    "_other_pairs": '''
def _other_pairs(x):
    """For each two entries the product of the others; 0 for an entry and itself."""
    one = jnp.eye(x.shape[0], dtype=bool)
    products = _others(jnp.where(one, 1, x))
    return jnp.where(one, 0, products)
''',
    "_on_diagonal": '''
def _on_diagonal(x, n, i, j):
    """Zeros but where the n indices along the axes i < j are the same: x[k] where both are k, or x[0] for all."""
    zeros = jnp.zeros((n, n, *x.shape[1:]), x.dtype)
    return jnp.moveaxis(zeros.at[jnp.arange(n), jnp.arange(n)].set(x), (0, 1), (i, j))
''',
    "_diagonal_sums": '''
def _diagonal_sums(a):
    """Each entry replaced by the sum along its diagonal."""
    n = a.shape[0]
    lag = jnp.arange(n) - jnp.arange(n)[:, None] + n - 1
    return jnp.zeros(2 * n - 1, a.dtype).at[lag].add(a)[lag]
''',
}
DIALECT = Dialect(
    "jax",
    table(SAME, FORMS),
    imports=("import jax", "import jax.numpy as jnp"),
    helpers=spoken({name: HELPERS[name] for name in SPOKEN.split()}, "jnp") | OWN,
    library="jnp",
    number="jnp.asarray({1}, {0}.dtype)",
    copied="",
    factors=False,
    in_place=False,
    labels=False,
    looked_into=False,
    allowed={
        "jnp": """
            abs arange arccos arccosh arcsin arcsinh arctan arctanh asarray broadcast_to cbrt clip column_stack concatenate
            convolve correlate cos cosh diag diagonal e einsum exp expm1 eye float64 full heaviside hstack inf kron
            linalg log log1p maximum minimum ones ones_like outer pad pi repeat sign sin sinh sqrt tan tanh tile trace
            tril var vdot vstack where zeros zeros_like
""",
        "jnp.linalg": "cholesky det eigh eigvalsh inv matrix_power norm pinv slogdet solve svd",
        "jax": "scipy",
        "jax.scipy": "linalg special",
        "jax.scipy.linalg": "expm expm_frechet polar",
        "jax.scipy.special": "digamma erf erfc gammaln ndtr polygamma",
        "": "T argmax argmin astype copy dtype max min prod ravel reshape shape size sum type",
    },
    extra="jax",
    note="jax computes in single precision unless jax_enable_x64 is set; the function can be given to jax.jit.",
)
