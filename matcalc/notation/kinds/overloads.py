"""Which kinds a sign takes, what it gives, and what that costs: rows ``kinds -> result cost: reason``.

Costs are tenths; 0 is what everyone writes, 10 what is asked about where something else costs no more, 30 what nobody means.
A sign that lists no row for some kinds cannot have them. Named functions have the rows of the operator table.
"""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.notation.lex.python_names import ASSIGNED, PICKED

Costs = Mapping[tuple[str, ...], int]  # the kinds of the operands and of the result


def _rows(text: str) -> Costs:
    found: dict[tuple[str, ...], int] = {}
    for line in filter(None, map(str.strip, text.replace(";", "\n").splitlines())):
        left, _, right = line.partition(":")[0].partition("->")
        result, *cost = right.split()
        found.update({(*kinds, result): int(*cost or ("0",)) for kinds in left.split()})
    return found


_SCALING = """
    ss -> s
    sc cs -> c
    sr -> r
    sm -> m
    rs -> r 16: a scalar stands behind the row
    ms -> m 16: a scalar stands behind the matrix
"""
_MATRIX_PRODUCTS = """
    mc -> c
    mm cr -> m
    rc -> s
    rm -> r
"""
_SPREAD = """
    sc cs -> c 16: a number is added to each entry of a vector
    sr rs -> r 16: a number is added to each entry of a vector
    sm ms -> m 30: a number is added to each entry of a matrix
"""
_LITERAL = """
    sc cs -> c 9: a number is added to each entry of a vector
    sr rs -> r 9: a number is added to each entry of a vector
    sm ms -> m 16: a number is added to each entry of a matrix
"""
_ALIKE = """
    ss -> s
    cc -> c
    rr -> r
    mm -> m
"""
_BROADCAST = """
    sc cs -> c 3: a number goes with each entry
    sr rs -> r 3: a number goes with each entry
    sm ms -> m 3: a number goes with each entry
    cm mc -> m 2: a vector goes with each row
    rm mr -> m 2: a vector goes with each row
"""
_PRODUCT = _rows(_SCALING + _MATRIX_PRODUCTS)
_BY_ENTRIES = _rows(
    _ALIKE.replace("ss -> s", "ss -> s 25: two scalars are multiplied entry by entry")
    + """
    sc cs -> c 22: a scalar is multiplied entry by entry
    sr rs -> r 22: a scalar is multiplied entry by entry
    sm ms -> m 22: a scalar is multiplied entry by entry
"""
)
_EITHER_SIDE = _SCALING.replace("-> r 16", "-> r 0").replace("-> m 16", "-> m 0")
_PYTHON_STAR = _rows(_ALIKE + _EITHER_SIDE + "cm mc -> m 6: a vector goes with each row")

# Signs between two operands, as the syntax tree calls them.
SIGNS: dict[str, Costs] = {
    "+": _rows(_ALIKE + _SPREAD),
    "+num": _rows(_ALIKE + _LITERAL),
    "+value": _rows(_ALIKE + _SPREAD.replace(" 16", " 24").replace(" 30", " 36")),
    **dict.fromkeys(("np+", "npmax", "npmin"), _rows(_ALIKE + _BROADCAST)),
    " ": _PRODUCT,
    "*": _PRODUCT,
    "@": _rows(_MATRIX_PRODUCTS + "ss -> s 30: a scalar stands beside @"),
    "dot": _rows(_SCALING.replace("ss -> s", "ss -> s 4: two scalars with a dot between") + _MATRIX_PRODUCTS + "cc -> s"),
    "times": _rows(_SCALING.replace("sc cs -> c", "sc cs -> c 15") + _MATRIX_PRODUCTS + "cc -> c"),
    "timed": _rows(_SCALING.replace(" 16: a scalar stands behind the matrix", "") + _MATRIX_PRODUCTS),
    "conv": _rows(_SCALING + _MATRIX_PRODUCTS + "cc -> c"),
    "cross": _rows("ss -> s 12\n sc cs -> c 25\n sr rs -> r 25\n sm -> m 10\n ms -> m 16\n" + _MATRIX_PRODUCTS + "cc -> c"),
    "/": _rows("ss -> s\n cs -> c\n rs -> r\n ms -> m"),
    "./": _rows(_ALIKE + "\n cs -> c\n rs -> r\n ms -> m\n sc -> c 5\n sr -> r 5\n sm -> m 5"),
    ".*": _BY_ENTRIES,
    "kron": _rows("mm mc cm mr rm -> m\n cc -> c 10: the Kronecker product of vectors\n rr -> r 10\n cr rc -> m 10\n"
                  "ss -> s 25\n sc cs -> c 22\n sm ms -> m 22"),
    "np@": _rows("mc cm -> c\n mm -> m\n cc rc -> s\n cr -> m 10\n rm -> r 5\n mr -> r 30"),
    "np*": _PYTHON_STAR,
    "np*@": _PYTHON_STAR,
    "np.*": _PYTHON_STAR,
    "np/": _rows(_ALIKE + "\n cs -> c\n rs -> r\n ms -> m\n sc -> c\n sr -> r\n sm -> m\n mc -> m 6\n cm -> m 40"),
    "<>": _rows("cc mm rr -> s\n ss -> s 40: the inner product of two scalars"),
    "^": _rows("ss -> s\n ms -> m 5: a power of a matrix\n cs -> c 30: a power of a vector\n sc -> c 25\n sm -> m 25\n cc -> c 30"),
    "^num": _rows("ss -> s\n ms -> m\n cs -> c 25: a power of a vector\n cs -> s 35: its squared length"),
    "^each": _rows("ss -> s\n ms -> m\n cs -> c 12: a power of each entry\n rs -> r 30"),
    "^2": _rows("ss -> s\n ms -> m\n cs -> s"),
    ".^": _rows(_ALIKE + "\n cs -> c\n rs -> r\n ms -> m\n sc -> c 3\n sm -> m 3"),
}  # fmt: skip

# Signs of one operand.
UNARY: dict[str, Costs] = {
    "neg": _rows("s -> s\n c -> c\n r -> r\n m -> m"),
    "T": _rows("c -> r\n r -> c\n m -> m\n s -> s 60: a scalar is transposed"),
    "norm": _rows("c m r -> s\n s -> s 30: the norm of a scalar"),
    "bars": _rows("s m -> s\n c -> s 20: bars around a vector"),
    "entrywise": _rows("s -> s\n c -> c\n r -> r\n m -> m"),
    "e": _rows("s -> s\n m -> m\n c -> c 6: a power of e with an exponent for each entry\n r -> r 6"),
    "total": _rows("c m r -> s\n s -> s 35: the sum of a scalar"),
    "extreme": _rows("s -> s; c -> c 10; m -> m 10"),
    # entries and slices: so many indices, of which so many are : or a range
    "[1:0]": _rows("c r -> s; m -> c 5"),
    "[1:1]": _rows("c -> c; m -> m"),
    "[2:0]": _rows("m -> s"),
    "[2:1]": _rows("m -> c"),
    "[2:2]": _rows("m -> m"),
    # a part of a matrix of blocks, and the whole: in one column, in one row, in several of both
    "below": _rows("s c -> c; m r -> m; m -> c 30; s c -> m 30"),
    "beside": _rows("c m -> m; s r -> r; c -> c; s m -> c 30; s r -> m 30"),
    "beside number": _rows("m -> m; s r -> r; c -> m 30; c -> c 30; s m -> c 30; s r -> m 30"),  # [0, y], of one row
    "grid": _rows("s c r m -> m"),
    "concatenate": _rows("c -> c\n m -> m"),
    "hstack": _rows("c -> c\n m -> m"),
    "vstack": _rows("c -> m\n m -> m"),
    "column_stack": _rows("c -> m\n m -> m"),
    "stack": _rows("c -> m"),
    "class loss": _rows("m -> s\n c -> s 25: a batch of one sample"),
    "class losses": _rows("m -> c\n c -> s 25: a batch of one sample"),
    "axis": _rows("m -> c\n c -> s 5\n r -> s 5"),
    "axis 1": _rows("m -> c"),
    "along axis 1": _rows("m -> m"),
}

# Calls of Python whose first argument alone is an array, and the row that they have.
_SIZES = ("np.shape0", "np.shape1", "np.shape-1", "np.size")
OF_FIRST = {PICKED: "class losses", ASSIGNED: "[2:2]", **dict.fromkeys(_SIZES, "total")}

# Functions: what is added where an argument is a scalar, or a matrix.
OF_SCALAR = {"tr": 40, "det": 35, "logdet": 35, "sum": 35, "inv": 30, "norm2": 30, "norm1": 30, "diag": 30, "vec": 30,
             "mean": 20, "var": 20, "std": 20, "variance": 20, "softmax": 30, "logsoftmax": 30, "logsumexp": 30}  # fmt: skip
OF_LETTERS = {"tr": 300, "det": 300, "logdet": 300}  # where the scalar is a letter, or made of letters as tr(x'x) is not
OF_MATRIX = {"exp": 12, "log": 12, "sqrt": 12, "sin": 12, "cos": 12}

# A function whose values are declared as matrices takes a number, one whose values are vectors mostly a vector.
VALUED: dict[str, dict[tuple[str, ...], int]] = {"m": {("s", "m"): 0}, "c": {("c", "c"): 0, ("s", "c"): 5}, "r": {("s", "r"): 0}}
