"""Source for each library of the Python array API standard: the names are those of the arguments' own namespace.

What the standard lacks (factorisations of one's own, scipy.special, Kronecker products, indexing by arrays) is refused by name.
"""

from __future__ import annotations

from matcalc.codegen.ir.graph import Node
from matcalc.codegen.targets.dialects import Dialect
from matcalc.codegen.targets.helpers import FIT, FLOATS, HELPERS
from matcalc.codegen.targets.numpy_forms import function, identity
from matcalc.codegen.targets.other_forms import (
    along,
    atoms,
    by_flag,
    diagonal_added,
    expanded,
    flattened,
    place_of_one,
    product_of_two,
    step_as,
    table,
)
from matcalc.codegen.targets.printing import ATOM, PRODUCT, Printer, Text, Writer, call, shape, typed

# Operators whose NumPy form holds with xp in place of np.
SAME = """
    sym num const dim ones zeros eye lin prod square pow powv pick abs log1p fn applied mm dot T col reshape slice
    tril solve inv det mpow pinv eigmax chol exp log sqrt sin cos tan sinh cosh tanh sign expm1
"""
ONE_PLACE = "xp.reshape(xp.astype(xp.arange({{0}}.size) == xp.arg{0}({{0}}), {{0}}.dtype), {{0}}.shape)"


def diagonal(w: Writer, node: Node) -> Text:
    """A matrix of its diagonal."""
    return Text(f"{w.text(node.args[0]).at(ATOM)}[:, None] * {identity(w, node.shape[0])}", PRODUCT)


def outer(w: Writer, node: Node) -> Text:
    a, b = (typed(w, x).at(ATOM) for x in node.args)
    return Text(f"{a}[:, None] * {b}", PRODUCT)


def joined(w: Writer, node: Node) -> Text:
    """Vectors and numbers end to end; rows and matrices below, columns and matrices beside each other."""
    below = node.op != "hcat"
    flat = set(node.attr) <= set("cs" if below else "rs")
    turned = "[None, :]" if below else "[:, None]"
    parts = []
    for a, kind in zip(node.args, node.attr, strict=True):
        x = typed(w, a)
        if kind == "s":
            parts.append(f"xp.reshape({x.code}, {'(1,)' if flat else '(1, 1)'})")
        else:
            parts.append(x.code if flat or kind == "m" else f"{x.at(ATOM)}{turned}")
    return call("xp.concat", f"({', '.join(parts)}{',' * (len(parts) == 1)})", *([] if flat or below else ["axis=1"]))


def with_namespace(name: str) -> Printer:
    """A call of a helper that is told the library."""
    return lambda w, node: call(w.helper(name), "xp", w.text(node.args[0]).code)


FORMS: dict[str, str | Printer] = {
    "expand": expanded,
    "diagm": diagonal,
    "step": step_as("xp.astype({0}, {1}.dtype)"),
    "relu": "xp.maximum({0}, 0.0)",
    "max2": "xp.maximum({0}, {1})",
    "min2": "xp.minimum({0}, {1})",
    "guard": "xp.where({0} != 0, {0}, 1.0)",
    "outer": outer,
    "inner": by_flag(atoms("xp.sum({0} * {1})"), atoms("xp.sum({0} * {1}.T)")),
    "sum": along("xp.sum({0})", "xp.sum({0}, axis={attr})"),
    "max": along("xp.max({0})", "xp.max({0}, axis={attr})"),
    "min": along("xp.min({0})", "xp.min({0}, axis={attr})"),
    "prodall": "xp.prod({0})",
    "trace": "xp.linalg.trace({0})",
    "diagv": "xp.linalg.diagonal({0})",
    "vec": flattened,
    "reshape": lambda w, node: call("xp.reshape", w.text(node.args[0]).code, shape(w, node.shape)),
    "einsum": product_of_two("np.permute_dims({0}, {1})"),
    "vcat": joined,
    "hcat": joined,
    "unit": place_of_one("xp.astype(xp.arange({1}) == {2}, {0}.dtype)"),
    "logdet": by_flag(function("xp.linalg.slogdet({0})[1]"), with_namespace("_log_det")),
    "norm2": with_namespace("_norm"),
    "eigvals": atoms("xp.linalg.eigvalsh(({0} + {0}.T) / 2)"),
    "svdvals": "xp.linalg.svdvals({0})",
    "normspec": "xp.linalg.matrix_norm({0}, ord=2)",
    "normnuc": 'xp.linalg.matrix_norm({0}, ord="nuc")',
    "variance": "xp.var({0})",
    "hardtanh": "xp.clip({0}, -1.0, 1.0)",
    **{name: f"xp.{name}({{0}})" for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    "adddiag": diagonal_added(),
    "argmax1": atoms(ONE_PLACE.format("max")),
    "argmin1": atoms(ONE_PLACE.format("min")),
}


OWN = {
    FIT: HELPERS[FIT],
    FLOATS: '''
def _floats(*given):
    """Arrays of one precision: that of arrays with axes, else of numbers as arrays, else their library's default."""
    arrays = [x for x in given if hasattr(x, "shape")] or [np.asarray(0.0)]
    xp = array_api_compat.array_namespace(*arrays)
    found = [x if hasattr(x, "shape") else xp.asarray(x) for x in given]
    if any(xp.isdtype(x.dtype, "complex floating") for x in found):
        raise TypeError("complex numbers have no meaning here")
    real = [x for x, y in zip(found, given) if xp.isdtype(x.dtype, "real floating") and hasattr(y, "shape")]
    kinds = [x.dtype for x in real if x.ndim] or [x.dtype for x in real]
    common = xp.result_type(*kinds) if kinds else xp.asarray(0.0).dtype
    return [xp.astype(xp.asarray(x), common, copy=False) for x in found]
''',
    "_norm": '''
def _norm(xp, x):
    """2-norm of all entries, also where their squares would overflow or vanish."""
    top = xp.max(xp.abs(x))
    scale = xp.where((top > 0) & (top < xp.inf), top, 1.0)
    return scale * xp.sqrt(xp.sum((x / scale) ** 2))
''',
    "_log_det": '''
def _log_det(xp, a):
    """log(det(a)); the determinant itself may overflow."""
    sign, size = xp.linalg.slogdet(a)
    return xp.log(sign) + size
''',
}
DIALECT = Dialect(
    "array-api",
    table(SAME, FORMS),
    imports=("import array_api_compat", "import numpy as np"),
    helpers=OWN,
    library="xp",
    keywords="dtype={0}.dtype, device=array_api_compat.device({0})",
    number="xp.asarray({1}, dtype={0}.dtype, device=array_api_compat.device({0}))",
    copied="xp.asarray({0}, copy=True)",
    opening="xp = array_api_compat.array_namespace({0})",
    arrays_only=True,
    factors=False,
    in_place=False,
    labels=False,
    looked_into=False,
    allowed={
        "array_api_compat": "array_namespace device",
        "xp": """
            abs acos acosh arange argmax argmin asarray asin asinh astype atan atanh broadcast_to clip concat cos cosh
            e exp expm1 eye inf linalg log log1p max maximum min minimum ones ones_like permute_dims pi prod reshape
            sign sin sinh sqrt sum tan tanh tril var where zeros zeros_like
""",
        "xp.linalg": """
            cholesky det diagonal eigvalsh inv matrix_norm matrix_power pinv slogdet solve svdvals trace
""",
        "": "T dtype reshape shape size",
    },
    extra="array-api",
)
