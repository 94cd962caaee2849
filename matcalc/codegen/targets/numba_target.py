"""NumPy source that numba compiles: small sizes and chains of entrywise functions run without Python between them.

It computes in double precision, and gives the results in that of the arguments.
"""

from __future__ import annotations

from matcalc.codegen.ir.graph import Node
from matcalc.codegen.products.document import docstring
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets.assembly import above, converting, filled, fitting, head, indented, parameters, returning
from matcalc.codegen.targets.dialects import Dialect
from matcalc.codegen.targets.helpers import FIT, FLOATS, HELPERS
from matcalc.codegen.targets.numpy_forms import PRINTERS
from matcalc.codegen.targets.numpy_target import written
from matcalc.codegen.targets.other_forms import along, atoms, by_flag, diagonal_added, expanded, product_of_two, step_as, table
from matcalc.codegen.targets.printing import ATOM, Printer, Text, Writer, shape

COMPILED, DOUBLE, LIKE, FUNCTION = "_compiled", "_double", "_like", "_function"
# Operators whose NumPy form numba compiles.
SAME = """
    sym num const dim ones zeros eye diagm lin prod square pow powv pick relu abs log1p max2 min2 fn applied mm dot
    outer prodall trace T col kron slice unit tril solve inv det mpow pinv chol eigmax eigvals exp log sqrt sin cos
    tan sinh cosh tanh sign expm1 cbrt asin acos atan asinh acosh atanh variance
"""
ONE_PLACE = "(np.arange({{0}}.size) == {{0}}.arg{0}()).astype(np.float64).reshape({{0}}.shape)"


def whole(form: str) -> Printer:
    """A reduction of all entries; along an axis there is none."""
    write = atoms(form)

    def printed(w: Writer, node: Node) -> Text:
        if node.attr is not None:
            raise w.dialect.lacking(node.op, " along an axis")
        return write(w, node)

    return printed


def laid_out(w: Writer, node: Node) -> Text:
    """Entries in another shape; numba wants them in one piece."""
    x = w.text(node.args[0]).at(ATOM)
    turned = f"{x}.T" if node.op == "vec" and node.attr != "C" and len(node.args[0].shape) == 2 else x
    return Text(f"np.ascontiguousarray({turned}).reshape({shape(w, node.shape)})")


def joined(w: Writer, node: Node) -> Text:
    if "s" in node.attr:
        raise w.dialect.lacking(node.op, " of numbers")
    text: Text = PRINTERS[node.op](w, node)
    return text


FORMS: dict[str, str | Printer] = {
    "expand": expanded,
    "step": step_as("np.where({0}, 1.0, 0.0)"),
    "guard": "np.where({0} != 0, {0}, 1.0)",
    "inner": by_flag(atoms("np.sum({0} * {1})"), atoms("np.sum({0} * {1}.T)")),
    "sum": along("{0}.sum()", "{0}.sum(axis={attr})"),
    "max": whole("{0}.max()"),
    "min": whole("{0}.min()"),
    "diagv": "np.diag({0})",
    **dict.fromkeys(("vec", "reshape"), laid_out),
    **dict.fromkeys(("vcat", "hcat"), joined),
    "einsum": product_of_two("np.transpose({0}, {1})"),
    "logdet": by_flag(atoms("np.linalg.slogdet({0})[1]"), PRINTERS["logdet"]),
    "norm2": PRINTERS["norm2"],
    "svdvals": "np.linalg.svd({0})[1]",
    "normspec": "np.linalg.norm({0}, 2)",
    "hardtanh": "np.clip({0}, -1.0, 1.0)",
    "adddiag": diagonal_added("np.diag({0})"),
    "argmax1": atoms(ONE_PLACE.format("max")),
    "argmin1": atoms(ONE_PLACE.format("min")),
}
OWN = {
    FIT: HELPERS[FIT],
    FLOATS: HELPERS[FLOATS],
    DOUBLE: '''
def _double(x):
    """In double precision, in one piece."""
    return np.asarray(x, np.float64, order="C")[()]
''',
    LIKE: '''
def _like(found, x):
    """Results in the precision of an argument."""
    if isinstance(found, tuple):
        return tuple([_like(part, x) for part in found])
    return np.asarray(found, x.dtype)[()]
''',
    FUNCTION: '''
def _function(f):
    """A function that compiled code can call; one that was given to numba.njit before is not compiled again."""
    return f if hasattr(f, "py_func") else numba.njit(f)
''',
    "_norm": '''
@numba.njit(error_model='numpy')
def _norm(x):
    """2-norm of all entries, also where their squares would overflow or vanish."""
    top = np.abs(x).max() if x.size else 0.0
    scale = top if 0 < top < np.inf else 1.0
    return scale * np.sqrt(np.sum((x / scale) ** 2))
''',
    "_log_det": '''
@numba.njit(error_model='numpy')
def _log_det(a):
    """log(det(a)); the determinant itself may overflow."""
    sign, size = np.linalg.slogdet(a)
    return np.log(sign) + size
''',
}
DIALECT = Dialect(
    "numba",
    table(SAME, FORMS),
    imports=("import numba", "import numpy as np"),
    helpers=OWN,
    keywords="dtype=np.float64",
    number="np.float64({1})",
    arrays_only=True,
    plain_numbers=True,
    factors=False,
    in_place=False,
    labels=False,
    decorator="numba.njit(error_model='numpy')",
    allowed={
        "np": """
            abs arange arccos arccosh arcsin arcsinh arctan arctanh ascontiguousarray broadcast_to cbrt clip
            column_stack cos cosh diag e exp expm1 eye float64 hstack kron linalg log log1p maximum minimum ones
            ones_like outer pi sign sin sinh sqrt sum tan tanh trace transpose tril var vstack where zeros zeros_like
""",
        "np.linalg": "cholesky det eigvalsh inv matrix_power norm pinv slogdet solve svd",
        "numba": "njit",
        "": "T argmax argmin astype copy dtype max min prod reshape shape size sum",
    },
    extra="numba",
)


def source(task: Task) -> str:
    """A function that is compiled when it is first called, and one around it that takes any numbers."""
    task = DIALECT.fitting(task)
    made = written(task, dialect=DIALECT)
    sig, body = made.sig, made.body
    for helper in (DOUBLE, LIKE, *([FUNCTION] if sig.functions else [])):
        body.helper(helper)
    names = [p.name for p in sig.parameters.values()]
    inner = [*body.sizes.lines, *body.lines, *returning(made.returned, task.doc.alone)]
    given = [*[f"{DOUBLE}({n})" for n in names], *[f"{FUNCTION}({f})" for f in sig.functions.values()]]
    if not names:
        raise DIALECT.lacking("sym", " that is given, and there is none")
    found = sig.names.fresh("found")
    outer = [*docstring(task.doc, parameters(sig), made.entries), *converting(names), *fitting(sig, [*sig.parameters.values()]),
             f"{found} = {COMPILED}(", *filled(given, "    "), ")", f"return {LIKE}({found}, {names[0]})"]  # fmt: skip
    parts = [*above(body), f"@{DIALECT.decorator}", *head(COMPILED, sig.arguments), *indented(inner), "", ""]
    return "\n".join([*parts, *head(task.name, sig.arguments), *indented(outer)]) + "\n"
