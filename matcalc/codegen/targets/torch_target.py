"""PyTorch source: tensors in, tensors out, in the precision and on the device of those that are given."""

from __future__ import annotations

from matcalc.codegen.ir.graph import Node
from matcalc.codegen.targets.dialects import Dialect, spoken
from matcalc.codegen.targets.helpers import FIT, FLOATS, HELPERS
from matcalc.codegen.targets.other_forms import (
    along,
    atoms,
    by_flag,
    diagonal_added,
    einsum,
    expanded,
    flattened,
    place_of_one,
    step_as,
    table,
)
from matcalc.codegen.targets.printing import ATOM, Printer, Text, Writer

# Operators whose NumPy form holds with torch in place of np.
SAME = """
    sym num const dim ones zeros eye diagm lin prod square pow powv pick abs log1p max2 min2 fn applied mm dot outer
    onehot prodall prodothers prodpairs trace diagv T col reshape kron convmatrix hankel vcat hcat slice tril phi
    solve inv logdet det adj norm2 mpow pinv chol eigmax eigvals eigvecs svdleft svdright commutation diagonalsums
    eigvecmax topdirection exp log sqrt sin cos tan sinh cosh tanh sign expm1 asin acos atan asinh acosh atanh
    hardtanh
"""
ONE_PLACE = "(np.arange({{0}}.numel(), device={{0}}.device) == {{0}}.arg{0}()).to({{0}}.dtype).reshape({{0}}.shape)"


def padded(w: Writer, node: Node) -> Text:
    """Zeros around a vector or a matrix; torch counts the axes from the last."""
    x = w.text(node.args[0])
    code = {"padrow": f"{x.at(ATOM)}[None, :]", "padcol": f"{x.at(ATOM)}[:, None]"}.get(node.op, x.code)
    pairs = ["0, 0" if p is None else f"{w.size(p[0])}, {w.size(p[1])}" for p in reversed(node.attr)]
    return Text(f"torch.nn.functional.pad({code}, ({', '.join(pairs)}))")


FORMS: dict[str, str | Printer] = {
    "expand": expanded,
    "step": step_as("({0}).to({1}.dtype)"),
    "relu": "np.relu({0})",
    "guard": "np.where({0} != 0, {0}, 1.0)",
    "inner": by_flag(atoms("np.vdot({0}.ravel(), {1}.ravel())"), atoms("np.vdot({0}.ravel(), {1}.T.ravel())")),
    "sum": along("{0}.sum()", "{0}.sum(dim={attr})"),
    "max": along("{0}.max()", "{0}.amax(dim={attr})"),
    "min": along("{0}.min()", "{0}.amin(dim={attr})"),
    "einsum": einsum,
    "vec": flattened,
    "unit": place_of_one("(np.arange({1}, device={0}.device) == {2}).to({0}.dtype)"),
    **dict.fromkeys(("pad", "padrow", "padcol"), padded),
    "svdvals": "np.linalg.svdvals({0})",
    "normspec": "np.linalg.matrix_norm({0}, 2)",
    "normnuc": 'np.linalg.matrix_norm({0}, "nuc")',
    "expm": "np.linalg.matrix_exp({0})",
    "variance": "np.var({0}, correction=0)",
    "erf": "np.special.erf({0})",
    "erfc": "np.special.erfc({0})",
    "normcdf": "np.special.ndtr({0})",
    "lgamma": "np.special.gammaln({0})",
    "digamma": "np.special.digamma({0})",
    "trigamma": "np.special.polygamma(1, {0})",
    "adddiag": diagonal_added("np.diag({0})"),
    "argmax1": atoms(ONE_PLACE.format("max")),
    "argmin1": atoms(ONE_PLACE.format("min")),
}
SPOKEN = "_log_det _hankel _top_eigenvector _eigenvectors _left_singular_vectors _right_singular_vectors _top_direction"
OWN = {
    FIT: HELPERS[FIT],
    FLOATS: '''
def _floats(*given):
    """Tensors of one precision on one device: those of tensors with axes, else of numbers as tensors, else torch's default."""
    device = next((x.device for x in given if isinstance(x, torch.Tensor)), None)
    found = [torch.as_tensor(x, device=device) for x in given]
    if any(x.is_complex() for x in found):
        raise TypeError("complex numbers have no meaning here")
    common = torch.get_default_dtype()
    real = [x for x, y in zip(found, given) if x.is_floating_point() and (x.ndim or isinstance(y, torch.Tensor))]
    kinds = [x.dtype for x in real if x.ndim] or [x.dtype for x in real]
    for i, kind in enumerate(kinds):
        common = torch.promote_types(common, kind) if i else kind
    return [x.to(common) for x in found]
''',
    "_norm": '''
def _norm(x):
    """2-norm of all entries, also where their squares would overflow or vanish."""
    if not x.numel():
        return x.sum()
    top = x.abs().max()
    scale = torch.where((top > 0) & (top < torch.inf), top, 1.0)
    return scale * (x / scale).square().sum().sqrt()
''',
    "_others": '''
def _others(x):
    """For each entry the product of the others, those beside it along the last axis; also where some are 0."""
    one = torch.ones_like(x[..., :1])
    before = torch.cat((one, torch.cumprod(x[..., :-1], -1)), -1)
    return before * torch.cat((torch.cumprod(x[..., 1:].flip(-1), -1).flip(-1), one), -1)
''',
    "_other_pairs": '''
def _other_pairs(x):
    """For each two entries the product of the others; 0 for an entry and itself."""
    one = torch.eye(x.shape[0], dtype=torch.bool, device=x.device)
    products = _others(torch.where(one, 1.0, x))
    return torch.where(one, 0.0, products)
''',
    "_adjugate": '''
def _adjugate(a):
    """Transposed cofactors, also of a singular matrix."""
    u, s, vt = torch.linalg.svd(a)
    one = torch.ones_like(s[:1])
    before = torch.cat((one, torch.cumprod(s[:-1], 0)))
    others = before * torch.cat((torch.cumprod(s[1:].flip(0), 0).flip(0), one))
    return torch.linalg.det(u) * torch.linalg.det(vt) * ((vt.T * others) @ u.T)
''',
    "_convolution_matrix": '''
def _convolution_matrix(w, n):
    """T with T @ x the convolution of w and x, which has n entries."""
    lag = torch.arange(w.shape[0] + n - 1)[:, None] - torch.arange(n)
    return torch.nn.functional.pad(w, (n - 1, n - 1))[lag + n - 1]
''',
    "_diagonal_sums": '''
def _diagonal_sums(a):
    """Each entry replaced by the sum along its diagonal."""
    n = a.shape[0]
    places = torch.arange(n, device=a.device)
    lag = (places - places[:, None] + n - 1).ravel()
    sums = torch.zeros(2 * n - 1, dtype=a.dtype, device=a.device).index_add(0, lag, a.ravel())
    return sums[lag].reshape(n, n)
''',
}
DIALECT = Dialect(
    "torch",
    table(SAME, FORMS),
    imports=("import torch",),
    helpers=spoken({name: HELPERS[name] for name in SPOKEN.split()}, "torch") | OWN,
    library="torch",
    keywords="dtype={0}.dtype, device={0}.device",
    number="torch.tensor({1}, dtype={0}.dtype, device={0}.device)",
    copied="{0}.clone()",
    arrays_only=True,
    factors=False,
    in_place=False,
    labels=False,
    looked_into=False,
    allowed={
        "torch": """
            abs arange arccos arccosh arcsin arcsinh arctan arctanh broadcast_to clip column_stack cos cosh diag
            diagonal e einsum exp expm1 eye hstack inf kron linalg log log1p maximum minimum nn ones ones_like outer
            pi relu reshape sign sin sinh special sqrt tan tanh tensor trace tril var vdot vstack where zeros
            zeros_like
""",
        "torch.linalg": "cholesky det eigvalsh inv matrix_exp matrix_norm matrix_power pinv slogdet solve svdvals",
        "torch.special": "digamma erf erfc gammaln ndtr polygamma",
        "torch.nn": "functional",
        "torch.nn.functional": "pad",
        "": "T amax amin argmax argmin clone device dtype max min numel prod ravel reshape shape sum to",
    },
    extra="torch",
)
