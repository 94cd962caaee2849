"""Signs between arrays as NumPy means them: ``@`` of 1-D arrays, entrywise ``*`` and ``/``, broadcasting.

A vector is a 1-D array here, unless the text makes an n×1 or 1×n array of it (``x[:, None]``, ``keepdims=True``).
``*`` of arrays is the product of the entries in NumPy and the matrix product in this notation; where both fit,
the text is refused with both readings. Source of the rules: NumPy user guide, "Broadcasting".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from matcalc.expr import dims
from matcalc.expr.errors import AmbiguityError, MatcalcError, ShapeError, Way, instead
from matcalc.expr.table import TABLE, Type
from matcalc.notation.lex import habits
from matcalc.notation.lex.syntax import Ast, Span
from matcalc.notation.meaning import operations, subscripted
from matcalc.notation.meaning.hints import declaration, size_hint
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.meaning.tape import Scope

Reading = Callable[[frozenset[Span]], "Problem"]  # the text, with the asterisks at these places as matrix products
MOST = 12  # asterisks that are looked at one by one
MOST_TOGETHER = 4
ENTRIES = {
    **{"+": "add", "-": "sub", "np*": "hadamard", "np*@": "hadamard", "np.*": "hadamard", "np/": "hdiv"},
    **{"npmax": "max2", "npmin": "min2"},
}
MATRIX_PRODUCTS = frozenset(("rc", "cr", "mc", "rm", "mm"))


def product(scope: Scope, op: str, left: int, right: int, at: Ast) -> int:
    """What a product sign means for these kinds, in this notation or, where it begins with np, in Python."""
    if op[:2] != "np":
        return operations.product(scope, op, left, right, at)
    if op == "np@":
        return matmul(scope, left, right, at)
    if op in ("np*", "np*@") and _may_be_matrix_product(scope, left, right):
        place = (scope.spans[left][0], scope.spans[right][1])
        if place in scope.python.products:
            return of_this_notation(scope, "*", left, right, at)
        scope.python.stars[place] = f"{scope.text(left)}\n{scope.text(right)}"
        if op == "np*@" and scope.type(left)[0] == scope.type(right)[0] == "m":
            scope.deferred.append(lambda: _entries_beside_at(scope, place, left))
        if scope.type(left)[0] + scope.type(right)[0] in ("rc", "cr"):  # x.T * y of 1-D arrays
            left, right = (scope.apply("T", (i,), at) if scope.type(i)[0] == "r" else i for i in (left, right))
    return entries(scope, ENTRIES[op], left, right, at)


def _entries_beside_at(scope: Scope, place: Span, matrix: int) -> None:
    """M * X in code that writes matrix products with ``@``: by entries, where these sizes leave no matrix product."""
    _, rows, cols = scope.type(matrix)
    if dims.walk(rows) != dims.walk(cols) and (operands := scope.python.stars.pop(place, None)):
        left, right = operands.split("\n")
        scope.warnings.append(f"'{left} * {right}' is read entry by entry, as NumPy has it; @ is the matrix product")


def _one_sample(scope: Scope, name: str) -> None:
    """``x @ W`` where x stands nowhere else as a vector: programs have a sample in each row of x."""
    if name not in scope.python.columns:
        scope.warnings.append(f"'{name}' is read as a 1-D array, one sample: {declaration(name, habits.SIZES[:2])} says otherwise")


def refuse_upright(scope: Scope, op: str, arguments: tuple[int, ...], at: Ast) -> None:
    """diag and kron of an n×1 array are not those of a 1-D array. Raises ``ShapeError``."""
    if op in ("diagm", "kron") and any(scope.type(i)[0] in "cr" and upright(scope, i) for i in arguments):
        raise ShapeError(
            f"{'diag' if op == 'diagm' else op} of an n×1 or 1×n array is not read", span=at.span,
            hint="name the 1-D array, without keepdims or None",
        )  # fmt: skip


# ---------------------------------------------------------------- the matrix product


def of_this_notation(scope: Scope, op: str, left: int, right: int, at: Ast) -> int:
    """The sign as it is meant outside of Python."""
    return operations.product(scope, op, left, right, at)


def matmul(scope: Scope, left: int, right: int, at: Ast) -> int:
    """``@``: of two 1-D arrays the inner product, of a 1-D array and a matrix a 1-D array. Raises ``ShapeError``."""
    lk, rk = scope.type(left)[0], scope.type(right)[0]
    if (stack := subscripted.stacked(scope, left, right, at)) is not None:
        return stack
    if "s" in (lk, rk):
        letters = [scope.original(i).attr for i in (left, right) if scope.original(i).op == "sym" and scope.type(i)[0] == "s"]
        if not scope.declared.keys() >= set(letters):  # a scalar by convention only: no scalar stands beside @
            raise scope.misfit(TABLE["matmul"].words, (left, right), at, "@ takes no scalar: write * for scaling")
        return of_this_notation(scope, "*", left, right, at)
    if lk != "c" or upright(scope, left):
        return scope.apply("matmul", (left, right), at)
    if rk == "r":
        if upright(scope, right):
            raise scope.misfit(TABLE["matmul"].words, (left, right), at, "write np.outer(a, b) for the outer product")
        a, b = scope.text(left), scope.text(right).removesuffix(".T")
        x = next((n for n in _vectors(scope, left) if n not in scope.declared), "")
        rows: list[Way] = [{"dims": {x: TWO}}] if x else []
        raise AmbiguityError(
            f"'{a} @ {b}.T' of vectors has two readings: of 1-D arrays the inner product, of columns the outer product",
            span=at.span, hint=f"write {a} @ {b} or np.outer({a}, {b})" + (f"; of samples: {declaration(x, TWO)}" if x else ""),
            ways=[*rows, *(instead(at.span, f"({way})") for way in (f"{a} @ {b}", f"np.outer({a}, {b})"))],
        )  # fmt: skip
    if not scope.unifier.unify(scope.type(left)[1], scope.type(right)[1]):
        types = [Type("r", 1, scope.type(left)[1]), scope.type(right)]
        hint = size_hint("matmul", types, [scope.text(left), scope.text(right)])
        raise scope.misfit(TABLE["matmul"].words, (left, right), at, hint)
    if rk == "c":
        scope.python.columns.add(scope.original(right).attr)
        return scope.apply("matmul", (as_row(scope, left, at), right), at)
    name = scope.original(left).attr
    if scope.original(left).op == "sym" and name not in scope.declared:
        scope.deferred.append(lambda: _one_sample(scope, str(name)))
    entry = scope.tape[right]
    flipped = entry.args[0] if entry.op == "T" else scope.apply("T", (right,), at)
    return scope.apply("matmul", (flipped, left), at)


TWO = habits.SIZES[:2]


def _vectors(scope: Scope, i: int) -> Iterator[str]:
    """The names of vectors that a product is made of: the x of ``x @ W``, where programs may have a sample in each row."""
    entry = scope.original(i)
    if entry.op == "sym" and entry.type.kind == "c":
        yield str(entry.attr)
    for a in entry.args if entry.op in ("matmul", "T") else ():
        yield from _vectors(scope, a)


def as_row(scope: Scope, i: int, at: Ast) -> int:
    """The transpose of a vector; of ``A'*x``, which is ``x @ A``, the row ``x'*A``."""
    factors: list[int] = []
    entry = scope.tape[i]
    while entry.op == "matmul" and scope.tape[entry.args[0]].op == "T" and scope.type(entry.args[1])[0] == "c":
        factors.append(scope.tape[entry.args[0]].args[0])
        i = entry.args[1]
        entry = scope.tape[i]
    row = scope.apply("T", (i,), at)
    for factor in reversed(factors):
        row = scope.apply("matmul", (row, factor), at)
    return row


# ---------------------------------------------------------------- entry by entry


def entries(scope: Scope, op: str, left: int, right: int, at: Ast) -> int:
    """An operator on the entries, after NumPy's broadcasting. Raises ``ShapeError``."""
    lk, rk = scope.type(left)[0], scope.type(right)[0]
    if op in ("hadamard", "hdiv") and "s" in (lk, rk):
        return of_this_notation(scope, "*" if op == "hadamard" else "/" if rk == "s" else "./", left, right, at)
    if "s" in (lk, rk) or (lk == rk == "m") or "t" in (lk, rk):
        return operations.pairwise(scope, op, left, right, at)
    if "m" in (lk, rk):
        vector, matrix = (right, left) if lk == "m" else (left, right)
        along = _along(scope, vector, matrix, (left, right), at)
        return _spread(scope, op, (left, right), along, at)
    columns = [k == "c" and upright(scope, i) for i, k in ((left, lk), (right, rk))]
    if columns[0] != columns[1]:  # n×1 beside a 1-D or 1×m array
        return _outer(scope, op, left, right, columns[0], at)
    if lk != rk and not any(columns) and upright(scope, left if lk == "r" else right):  # 1×n beside a 1-D array
        left, right = (scope.apply("T", (i,), at) if scope.type(i)[0] == "c" else i for i in (left, right))
    return scope.apply(op, (left, right), at)


def upright(scope: Scope, i: int) -> bool:
    """Whether the vector is an n×1 or a 1×n array: it, or a vector that it was made of."""
    if not scope.python.upright:
        return False
    todo, seen = [i], set[int]()
    while todo:
        i = todo.pop()
        if i in scope.python.upright:
            return True
        entry = scope.tape[i]
        if i not in seen and entry.type[0] in "cr" and entry.op != "vec":
            todo.extend(a for a in entry.args if scope.type(a)[0] in "cr")
        seen.add(i)
    return False


def _along(scope: Scope, vector: int, matrix: int, operands: tuple[int, int], at: Ast) -> str:
    """Whether a vector beside a matrix is spread over its rows or its columns."""
    _, rows, cols = scope.type(matrix)
    kind, length, width = scope.type(vector)
    if kind == "c" and upright(scope, vector):
        if not scope.unifier.unify(rows, length):
            raise scope.misfit("broadcasting", operands, at, "an n×1 array goes with a matrix of n rows")
        return "columns"
    size = width if kind == "r" else length
    free = isinstance(dims.walk(size), dims.Var)
    text = scope.text(vector)
    if not scope.unifier.unify(cols, size):
        column = f"{text}[:, None]" if text.isidentifier() else "keepdims=True, or name[:, None]"
        raise scope.misfit("broadcasting", operands, at,
                           f"a 1-D array goes with the last axis, so with each row; for each column write {column}")  # fmt: skip
    if free and kind == "c":
        scope.warnings.append(f"'{text}' is read as a 1-D array: it goes with each row, as NumPy has it; "
                              f"write {text}[:, None] for each column")  # fmt: skip
    return "rows"


def _spread(scope: Scope, op: str, operands: tuple[int, int], along: str, at: Ast) -> int:
    """The operator on a matrix and a vector that goes with each row, or with each column."""
    flags = [scope.type(i)[0] == "m" for i in operands]
    matrix, vector = operands if flags[0] else operands[::-1]
    if op == "hadamard":
        column = vector if scope.type(vector)[0] == "c" else scope.apply("T", (vector,), at)
        diagonal = scope.apply("diagm", (column,), at)
        return scope.apply("matmul", (matrix, diagonal) if along == "rows" else (diagonal, matrix), at)
    _, rows, cols = scope.type(matrix)
    wide = _repeated(scope, vector, rows if along == "rows" else cols, along, at)
    return scope.apply(op, (matrix, wide) if flags[0] else (wide, matrix), at)


def _repeated(scope: Scope, vector: int, times: dims.Dim, along: str, at: Ast) -> int:
    """The vector in each of so many rows, or columns."""
    row = scope.type(vector)[0] == "r"
    ones = scope.put("ones", (), None, Type("c", times, 1), at)
    if along == "rows":
        return scope.apply("matmul", (ones, vector if row else scope.apply("T", (vector,), at)), at)
    return scope.apply("matmul", (vector, scope.apply("T", (ones,), at)), at)


def _outer(scope: Scope, op: str, left: int, right: int, first: bool, at: Ast) -> int:
    """The operator on each pair of entries of an n×1 array and another vector: a matrix with a row for each of the first."""
    column, other = (left, right) if first else (right, left)
    kind, length, width = scope.type(other)
    if op == "hadamard":
        return scope.apply("matmul", (column, other if kind == "r" else scope.apply("T", (other,), at)), at)
    tall = _repeated(scope, column, width if kind == "r" else length, "columns", at)
    wide = _repeated(scope, other, scope.type(column)[1], "rows", at)
    return scope.apply(op, (tall, wide) if first else (wide, tall), at)


# ---------------------------------------------------------------- which product an asterisk is


def _may_be_matrix_product(scope: Scope, left: int, right: int) -> bool:
    """Whether the matrix product of this notation would fit two arrays, as far as the sizes are known."""
    (lk, _, inner), (rk, other, _) = scope.type(left), scope.type(right)
    if lk + rk not in MATRIX_PRODUCTS or any(k != "m" and upright(scope, i) for i, k in ((left, lk), (right, rk))):
        return False
    a, b = dims.walk(inner), dims.walk(other)
    return a == b or not isinstance(a, (int, str)) or not isinstance(b, (int, str))


def with_products(reading: Reading, stars: dict[Span, str], error: ShapeError) -> Problem:
    """The one reading with matrix products that fits, where none entry by entry does. Raises ``error`` or ``AmbiguityError``."""
    found = list(_others(reading, stars))
    if not found:
        raise error
    if len(found) > 1:
        raise _question(found[0][0], stars) from None
    return found[0][1]


def refuse_products(reading: Reading, stars: dict[Span, str]) -> None:
    """A text that fits entry by entry, and with matrix products too. Raises ``AmbiguityError``."""
    for places, _ in _others(reading, stars):
        raise _question(places, stars)


def _others(reading: Reading, stars: dict[Span, str]) -> Iterator[tuple[frozenset[Span], Problem]]:
    """The readings that fit, with some asterisks as matrix products. Readings that are tried show further asterisks."""
    tried = set[frozenset[Span]]()
    more = True
    while more:
        places = list(stars)
        together = len(places) if len(places) <= MOST_TOGETHER else 1
        chosen = [frozenset(c) for count in range(1, together + 1) for c in combinations(places[:MOST], count)]
        more = not tried.issuperset(chosen)
        for products in chosen:
            if products not in tried:
                tried.add(products)
                if (problem := _tried(reading, products)) is not None:
                    yield products, problem


def _tried(reading: Reading, products: frozenset[Span]) -> Problem | None:
    try:
        return reading(products)
    except MatcalcError:
        return None


def _question(places: frozenset[Span], stars: dict[Span, str]) -> AmbiguityError:
    place = min(places)
    left, right = stars[place].split("\n")
    a, b = (t if t.isidentifier() else f"({t})" for t in (left, right))
    return AmbiguityError(
        f"'{a} * {b}' of arrays has two readings here: the product of the entries, as in NumPy, or the matrix product",
        span=place,
        hint=f"write np.multiply({left}, {right}) or {a} @ {b}; declared sizes may decide it too (--dim)",
        ways=[instead(place, f"({way})") for way in (f"np.multiply({left}, {right})", f"{a} @ {b}")],
    )
