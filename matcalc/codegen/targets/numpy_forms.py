"""The NumPy form of each kernel."""

from __future__ import annotations

from matcalc.codegen.ir.graph import Node, Shape
from matcalc.codegen.lower.block_slices import written_pad, written_slice, written_unit
from matcalc.codegen.targets.index_forms import einsum
from matcalc.codegen.targets.printing import (
    AS_GIVEN,
    ATOM,
    LOOSE,
    MATRIX,
    POWER,
    PRODUCT,
    SUM,
    Printer,
    Text,
    Writer,
    args,
    call,
    filled_with,
    in_double,
    is_bare,
    lin,
    number,
    pick,
    power,
    prod,
    shape,
    square,
    step,
    term_signed,
    typed,
    variable_power,
)

# ---------------------------------------------------------------- arrays
from matcalc.expr.dims import Dim


def matrix_product(w: Writer, node: Node) -> Text:
    sides = []
    for a, flip, i in zip(node.args, node.attr, (0, 1), strict=True):
        t = w.text(a)
        t = Text(f"{t.at(ATOM)}.T") if flip and len(a.shape) == 2 else t
        sides.append(t.code if i == 0 and t.level == MATRIX else t.at(POWER))
    return Text(f"{sides[0]} @ {sides[1]}", MATRIX)


def dot(w: Writer, node: Node) -> Text:
    a, b = (w.text(x).at(POWER) for x in node.args)
    return Text(f"{a} @ {b}", MATRIX)


def inner(w: Writer, node: Node) -> Text:
    a, b = (w.text(x) for x in node.args)
    if not node.attr:
        return call("np.vdot", a.code, b.code)
    return call("np.einsum", '"ij,ji->"', a.code, b.code)


def method(name: str) -> Printer:
    """``x.name()``, along the axis that the attribute says."""

    def write(w: Writer, node: Node) -> Text:
        x, axis = w.text(node.args[0]).at(ATOM), node.attr
        return Text(f"{x}.{name}({'' if axis is None else f'axis={axis}'})")

    return write


def one_hot_rows(w: Writer, node: Node) -> Text:
    """A one where the largest (smallest) entry of each row is, or of each column of what is the transpose."""
    most, axis = node.attr
    return Text(f"{identity(w, node.shape[1])}[{w.text(node.args[0]).at(ATOM)}.arg{most}(axis={axis})]")


def after(suffix: str) -> Printer:
    return lambda w, node: Text(w.text(node.args[0]).at(ATOM) + suffix)


def function(form: str, module: str = "") -> Printer:
    """A form such as ``np.exp({0})``; ``{attr}`` stands for the attribute."""

    def write(w: Writer, node: Node) -> Text:
        if module:
            w.scipy(module)
        return Text(form.format(*args(w, node), attr=node.attr))

    return write


def guarded(w: Writer, node: Node) -> Text:
    """1 where the argument is 0."""
    x = w.text(node.args[0]).code
    return Text(f"np.where({x}, {x}, 1.0)") if node.shape else Text(f"{x} or 1.0", LOOSE)


def plain_shape(w: Writer, dims: Shape) -> str:
    return w.size(dims[0]) if len(dims) == 1 else shape(w, dims)


def expand(w: Writer, node: Node) -> Text:
    x, like = node.args[0], w.like(node.shape)
    if x.op == "num":
        ones = ones_or_zeros(w, node, "ones")
        return ones if x.attr == 1 else term_signed(ones, x.attr)
    if not x.shape:
        arguments = f"{like}.shape" if like else plain_shape(w, node.shape), w.text(x).code
        return filled_with(w, "np.full", *arguments) if is_bare(x) else call("np.full", *arguments)
    if len(node.shape) == 2 and len(x.shape) == 1:
        return call("np.tile", w.text(x).code, f"({w.size(node.shape[0])}, 1)")
    if len(node.shape) == 2 and x.shape[1:] == (1,):
        return call("np.repeat", w.text(x).code, w.size(node.shape[1]), "axis=1")
    return Text(call("np.broadcast_to", w.text(x).code, shape(w, node.shape)).code + ".copy()")


def ones_or_zeros(w: Writer, node: Node, name: str) -> Text:
    like = w.like(node.shape)
    return call(f"np.{name}_like", like) if like else filled_with(w, f"np.{name}", plain_shape(w, node.shape))


def constant_array(name: str) -> Printer:
    return lambda w, node: ones_or_zeros(w, node, name)


def identity(w: Writer, d: Dim) -> str:
    return filled_with(w, "np.eye", w.size(d)).code


def eye(w: Writer, node: Node) -> Text:
    made = Text(identity(w, node.shape[0]))
    s = node.args[0]
    return term_signed(made, s.attr) if s.op == "num" else Text(f"{w.text(s).at(PRODUCT)} * {made.code}", PRODUCT)


def kron(w: Writer, node: Node) -> Text:
    """A column beside a matrix is an n×1 array; a row is a 1×n array already."""
    sides = [w.text(a) for a in node.args]
    if "m" in node.attr:
        sides = [Text(f"{s.at(ATOM)}[:, None]") if kind == "c" else s for s, kind in zip(sides, node.attr, strict=True)]
    return call("np.kron", *[s.code for s in sides])


def reshape(w: Writer, node: Node) -> Text:
    return Text(f"{w.text(node.args[0]).at(ATOM)}.reshape({shape(w, node.shape)})")


def ravel(w: Writer, node: Node) -> Text:
    return Text(f"{w.text(node.args[0]).at(ATOM)}.ravel({'' if node.attr == 'C' else 'order=' + repr('F')})".replace("'", '"'))


def joined_arrays(w: Writer, node: Node) -> Text:
    """Vectors and numbers end to end; rows and matrices below, columns and matrices beside each other."""
    below = node.op != "hcat"
    along = set(node.attr) <= set("cs" if below else "rs")
    name = "np.hstack" if along else "np.vstack" if below else "np.column_stack"
    parts = [(w.text(a) if node.op == "places" else typed(w, a)).code for a in node.args]
    return call(name, f"({', '.join(parts)}{',' * (len(parts) == 1)})")


def phi(w: Writer, node: Node) -> Text:
    """The lower triangle with half of the diagonal."""
    x = w.text(node.args[0])
    return Text(f"np.tril({x.code}) - np.diag(np.diagonal({x.code})) / 2", SUM)


def cholesky(w: Writer, node: Node) -> Text:
    x = w.text(node.args[0]).at(ATOM)
    return call("np.linalg.cholesky", f"({x} + {x}.T) / 2")


def eigmax(w: Writer, node: Node) -> Text:
    x = w.text(node.args[0]).at(ATOM)
    return Text(f"np.linalg.eigvalsh(({x} + {x}.T) / 2)[-1]")


def eigenvalues(w: Writer, node: Node) -> Text:
    x = w.text(node.args[0]).at(ATOM)
    return call("np.linalg.eigvalsh", f"({x} + {x}.T) / 2")


# ---------------------------------------------------------------- matrices that are factorised


def solve(w: Writer, node: Node) -> Text:
    matrix, right = node.args
    found = w.factor(matrix)
    b = w.text(right).code
    if found is None:
        return call("np.linalg.solve", w.text(matrix).at(ATOM) + ".T" if node.attr else w.text(matrix).code, b)
    method, name = found
    turned = ["trans=1"] if node.attr and method == "lu" else []
    return call(f"scipy.linalg.{method}_solve", name, b, *turned, AS_GIVEN)


def inverse(w: Writer, node: Node) -> Text:
    found = w.factor(node.args[0])
    if found is None:
        return call("np.linalg.inv", w.text(node.args[0]).code)
    method, name = found
    return call(w.helper(f"_inverse_from_{method}"), name)


def logdet(w: Writer, node: Node) -> Text:
    if node.attr == "signed":
        return call(w.helper("_log_det"), w.text(node.args[0]).code)
    found = w.factor(node.args[0])
    if found is None:
        return Text(f"np.linalg.slogdet({w.text(node.args[0]).code})[1]")
    method, name = found
    if method == "cho":
        return Text(f"2 * np.log(np.diagonal({name}[0])).sum()", PRODUCT)
    return Text(f"np.log(np.abs(np.diagonal({name}[0]))).sum()")


def helper(name: str, *used: str) -> Printer:
    """A call of a function that stands above the generated one; ``used`` are those that it calls."""
    return lambda w, node: call([w.helper(f) for f in (*used, name)][-1], *args(w, node))


def shifted(name: str) -> Printer:
    return lambda w, node: call(w.helper(name), *args(w, node), w.size(node.shape[1]))


def real(form: str) -> Printer:
    """A function of a matrix that is real where the matrix has no eigenvalue below zero."""
    inner = function(form, "linalg")
    return lambda w, node: call(w.helper("_real"), inner(w, node).code)


def frechet(w: Writer, node: Node) -> Text:
    w.scipy("linalg")
    a, e = args(w, node)
    if node.attr == "expm":
        return call("scipy.linalg.expm_frechet", a, e, "compute_expm=False")
    w.helper("_real")
    return call(w.helper("_frechet"), f"scipy.linalg.{node.attr}", a, e)


def commutation(w: Writer, node: Node) -> Text:
    m, n = (w.size(d) for d in node.attr)
    size = w.size(node.shape[0])
    return Text(f"{identity(w, node.shape[0])}[np.arange({size}).reshape({n}, {m}).T.ravel()]")


def generic(w: Writer, node: Node) -> Text:
    """A function of the user gets arrays and NumPy's numbers."""
    return call(w.parameter(node), typed(w, node.args[0]).code)


def gather(w: Writer, node: Node) -> Text:
    """The entry at a label; of a matrix, one in each row, or in each column."""
    x, y = node.args
    if not y.shape:
        return Text(f"{w.text(x).at(ATOM)}[{w.text(y).code}]")
    places = [f"np.arange({w.size(y.shape[0])})", w.text(y).code]
    return Text(f"{w.text(x).at(ATOM)}[{', '.join(reversed(places) if node.attr else places)}]")


def take(w: Writer, node: Node) -> Text:
    """Rows at labels, or columns."""
    x, y = (w.text(a) for a in node.args)
    return Text(f"{x.at(ATOM)}[{':, ' if node.attr else ''}{y.code}]")


def added_at(w: Writer, node: Node) -> Text:
    labels, values = args(w, node)
    return call(w.helper("_added_at"), labels, values, f"{labels}.max(initial=-1) + 1" if node.attr else w.size(node.shape[0]))


def plus_at(w: Writer, node: Node) -> Text:
    a, y, v = (w.text(x) for x in node.args)
    made = call(w.helper("_plus_at"), f"{a.at(ATOM)}.T" if node.attr else a.code, y.code, v.code)
    return Text(f"{made.code}.T") if node.attr else made


def put_at(w: Writer, node: Node) -> Text:
    y, v = node.args
    return call(w.helper("_put_at"), w.text(y).code, typed(w, v).code, w.size(node.shape[-1]))


PRINTERS: dict[str, Printer] = {
    "agree": lambda w, node: call(w.helper("_agree"), *args(w, node), w.dtype() or "float"),
    "gather": gather,
    "take": take,
    "addat": added_at,
    "plusat": plus_at,
    "scattered": put_at,
    "sym": lambda w, node: Text(w.parameter(node)),
    "num": lambda w, node: number(node.attr),
    "const": lambda w, node: Text(f"np.{node.attr}"),
    "dim": lambda w, node: Text(w.size(node.attr), SUM if not w.size(node.attr).isidentifier() else ATOM),
    "ones": constant_array("ones"),
    "zeros": constant_array("zeros"),
    "eye": eye,
    "expand": expand,
    "diagm": function("np.diag({0})"),
    "lin": lin,
    "prod": prod,
    "square": square,
    "pow": power,
    "powv": variable_power,
    "pick": pick,
    "step": step,
    "relu": function("np.maximum({0}, 0)"),
    "abs": function("np.abs({0})"),
    "log1p": function("np.log1p({0})"),
    "max2": function("np.maximum({0}, {1})"),
    "min2": function("np.minimum({0}, {1})"),
    "huber2": function("scipy.special.huber({1}, {0})", "special"),
    **dict.fromkeys(("fn", "applied"), generic),
    "mm": matrix_product,
    "dot": dot,
    "outer": function("np.outer({0}, {1})"),
    "inner": inner,
    "sum": method("sum"),
    "max": method("max"),
    "min": method("min"),
    "onehot": one_hot_rows,
    "prodall": method("prod"),
    "prodothers": helper("_others"),
    "prodpairs": helper("_other_pairs", "_others"),
    "trace": function("np.trace({0})"),
    "diagv": function("np.diagonal({0})"),
    "T": after(".T"),
    "col": after("[:, None]"),
    "vec": ravel,
    "reshape": reshape,
    "kron": kron,
    "einsum": einsum,
    "conv": function("np.convolve({0}, {1})"),
    "corr": function('np.correlate({0}, {1}, "valid")'),
    "convmatrix": shifted("_convolution_matrix"),
    "hankel": shifted("_hankel"),
    "vcat": joined_arrays,
    "hcat": joined_arrays,
    "places": joined_arrays,  # integers
    "slice": written_slice,
    **dict.fromkeys(("pad", "padrow", "padcol"), written_pad),
    "unit": written_unit,
    "tril": function("np.tril({0})"),
    "phi": phi,
    "solve": solve,
    "inv": inverse,
    "logdet": logdet,
    "det": function("np.linalg.det({0})"),
    "adj": helper("_adjugate"),
    "norm2": helper("_norm"),
    "guard": guarded,
    "mpow": function("np.linalg.matrix_power({0}, {attr})"),
    "pinv": function("np.linalg.pinv({0})"),
    "chol": cholesky,
    "eigmax": eigmax,
    "eigvals": eigenvalues,
    "eigvecs": helper("_eigenvectors"),
    "svdvals": function("np.linalg.svd({0}, compute_uv=False)"),
    "svdleft": helper("_left_singular_vectors"),
    "svdright": helper("_right_singular_vectors"),
    "normspec": function("np.linalg.norm({0}, 2)"),
    "normnuc": function('np.linalg.norm({0}, "nuc")'),
    "frechet": in_double(frechet),
    "commutation": commutation,
    "diagonalsums": helper("_diagonal_sums"),
    "eigvecmax": helper("_top_eigenvector"),
    "topdirection": helper("_top_direction"),
    "polar": function("scipy.linalg.polar({0})[0]", "linalg"),
    "expm": function("scipy.linalg.expm({0})", "linalg"),
    "powm": in_double(real("scipy.linalg.fractional_matrix_power({0}, {1})")),
    **{name: in_double(real(f"scipy.linalg.{name}({{0}})")) for name in ("logm", "sqrtm")},
    **{name: in_double(function(f"scipy.linalg.{name}({{0}}).real", "linalg")) for name in ("sinm", "cosm")},
    "variance": function("np.var({0})"),
    **{name: function(f"np.{name}({{0}})") for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: function(f"np.{name}({{0}})") for name in ("sign", "expm1", "cbrt")},
    **{f"a{name}": function(f"np.arc{name}({{0}})") for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "hardtanh": function("np.clip({0}, -1, 1)"),
    "erf": function("scipy.special.erf({0})", "special"),
    "erfc": function("scipy.special.erfc({0})", "special"),
    "normcdf": function("scipy.special.ndtr({0})", "special"),
    "lgamma": function("scipy.special.gammaln({0})", "special"),
    "digamma": function("scipy.special.digamma({0})", "special"),
    "trigamma": in_double(function("scipy.special.polygamma(1, {0})", "special")),
}
