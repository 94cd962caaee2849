"""Blocks beside and below each other, entries and slices: what brackets with commas, semicolons and colons mean.

Indices count from 1 and both ends of a range belong to it; X[i,:] is row i as a column vector, like x_i under a sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from matcalc.expr import dims, slices
from matcalc.expr.dims import Dim
from matcalc.expr.errors import AmbiguityError, MatcalcError, ParseError, ShapeError, instead
from matcalc.expr.table import Type
from matcalc.notation.kinds.letter_habits import beside_siblings, usual_kind
from matcalc.notation.lex.habits import SCALAR_LETTERS, SIZES
from matcalc.notation.lex.syntax import Ast, Statement
from matcalc.notation.meaning.conventions import look_up
from matcalc.notation.meaning.from_zero import COUNTING, counted_from_zero, notice, refuse_other_counting
from matcalc.notation.meaning.hints import turned
from matcalc.notation.meaning.tape import Scope, Typed, alike_thin, read_size

AS_COLUMN = "X[i,:] is row i as a column vector, like x_i under a sum; write X[i,:]' for the row"


# ---------------------------------------------------------------- blocks


def blocks(scope: Scope, node: Ast) -> int:
    """``[A, B; C, D]``: each row of blocks side by side, then the rows below each other."""
    width = node.value
    if len(node.args) == 1:
        raise ParseError("one block alone in a matrix: brackets are enough", span=node.span, hint="write (…)")
    if scope.latex and len(node.args) == width == 2 and node.mark == "[":
        a, b = (scope.source[x.start : x.end].strip() for x in node.args)
        below = rf"\begin{{bmatrix}} {a} \\ {b} \end{{bmatrix}}"
        first, second = (scope.type(scope.infer(x)) for x in node.args)
        if first.kind == second.kind == "c":
            return _vectors(scope, node, below, first.rows, second.rows)
        beside, commutator = rf"\begin{{bmatrix}} {a} & {b} \end{{bmatrix}}", f"{a} {b} - {b} {a}"
        raise AmbiguityError(
            "brackets around two matrices have two readings: blocks side by side, or the commutator",
            span=node.span, hint=f"write {beside}, or {commutator}",
            ways=[instead(node.span, beside), instead(node.span, f"({commutator})")],
        )  # fmt: skip
    rows = [node.args[i : i + width] for i in range(0, len(node.args), width)]
    return stacked(scope, [stacked(scope, [scope.infer(a) for a in row], False, node) for row in rows], True, node)


def _vectors(scope: Scope, node: Ast, below: str, *sizes: Dim) -> int:
    """``W_f [h_{t-1}, x_t]``: vectors below each other, where their sizes differ. Raises ``AmbiguityError``."""
    if all(isinstance(dims.walk(n), str | int) for n in sizes) and dims.walk(sizes[0]) != dims.walk(sizes[1]):
        notice(scope, f"'{scope.source[node.start : node.end].strip()}' is read as one vector, of one below the other")
        return stacked(scope, [scope.infer(a) for a in node.args], True, node)
    beside = below.replace(r"\\", "&")
    raise AmbiguityError(
        "brackets around two vectors have two readings: one below the other, or side by side as columns of a matrix",
        span=node.span, hint=f"write {below}, or {beside}",
        ways=[instead(node.span, below), instead(node.span, beside)],
    )  # fmt: skip


def stacked_column(scope: Scope, s: Statement) -> int | None:
    """``x = [x_1 \\quad x_2]``, vectors beside each other under the name of a vector: they are one column, as in the lecture."""
    node, name, stated = s.body, s.name or "", scope.facts.types.get(s.name or "")
    found = stated.kind if stated else beside_siblings(s) and scope.letters().kinds.get(name)
    row = bool(name) and scope.latex and node.value == len(node.args) > 1  # plain notation has ; for it
    if not row or (found or usual_kind(name)) != "c":
        return None
    parts = [scope.infer(a) for a in node.args]
    if any(scope.type(i).kind != "c" for i in parts):
        return stacked(scope, parts, False, node)
    hint = "" if found else ": for a matrix with these columns, take a capital letter"
    scope.warnings.append(f"the parts of {name} = […] are read as below each other, since '{name}' is a vector{hint}")
    return stacked(scope, parts, True, node)


def stacked(scope: Scope, parts: Sequence[int], below: bool, at: Ast) -> int:
    """The parts below (or beside) each other. Rows are stacked as the columns of the transpose."""
    if len(parts) == 1:
        return parts[0]
    parts = [_as_column(scope, p) for p in parts]
    types = [None if scope.tape[p].op == "fill" else scope.type(p) for p in parts]
    parts = [scope.by_steps(p, way, at) for p, way in zip(parts, alike_thin(types, "cr" if below else "rc"), strict=True)]
    _refuse_misfit(scope, parts, below, at)
    lying = any(scope.type(p)[0] == "r" for p in parts)
    if lying:
        parts = [_turned(scope, p) for p in parts]
    total = parts[0]
    for p in parts[1:]:
        total = scope.apply("vcat" if below is not lying else "hcat", (total, p), at)
    return scope.apply("T", (total,), at) if lying else total


def _refuse_misfit(scope: Scope, parts: Sequence[int], below: bool, at: Ast) -> None:
    """Blocks below each other have equally many columns, blocks beside each other equally many rows."""
    words = "vertical concatenation" if below else "horizontal concatenation"
    axis, other = (2, "columns") if below else (1, "rows")
    for first, second in pairwise(parts):
        a, b = scope.type(first), scope.type(second)
        where = _around(scope, first, second, at)
        kinds = {scope.type(p).kind for p in (first, second) if scope.tape[p].op != "fill"}
        ops = {scope.tape[p].op for p in (first, second)}
        if kinds == {"m"} and len(ops) == 2 and "fill" in ops:
            raise scope.misfit(words, (first, second), where, "a scalar is no matrix: write s*eye(n), s*ones(m, n) or a row")
        if "t" in kinds or kinds == {"c", "r"} or kinds == ({"c", "m"} if below else {"r", "m"}):
            vector = next((scope.text(i) for i in (first, second) if scope.type(i)[0] in "cr"), "x")
            raise scope.misfit(words, (first, second), where, f"is a transpose missing: {turned(vector)}?")
        if not scope.unifier.unify(a[axis], b[axis]):
            raise scope.misfit(words, (first, second), where, f"they must have equally many {other}")


def _around(scope: Scope, first: int, last: int, at: Ast) -> Ast:
    """Where a message about two parts points."""
    start, end = scope.spans[first][0], scope.spans[last][1]
    return at._replace(start=start, end=end) if at.start <= start < end <= at.end else at


def _as_column(scope: Scope, i: int) -> int:
    """A scalar among blocks is a column of one entry."""
    if scope.type(i)[0] != "s":
        return i
    return scope.put("fill", (i,), None, Type("c", 1, 1), Ast("name", *scope.spans[i]))


def _turned(scope: Scope, i: int) -> int:
    if scope.tape[i].op == "fill":
        return i
    return scope.apply("T", (i,), Ast("name", *scope.spans[i]))


def concatenation(scope: Scope, node: Ast) -> int:
    """``vcat(A, B, …)`` and ``hcat(A, B, …)``."""
    if len(node.args) < 2:
        raise ParseError(f"{node.value[0]} takes two blocks or more", span=node.span, hint="[A; B] and [A, B]")
    return stacked(scope, [scope.infer(a) for a in node.args], node.value[0] == "vcat", node)


def block_diagonal(scope: Scope, node: Ast) -> int:
    """``blkdiag(A, B, …)`` of matrices, or of numbers, with zeros elsewhere."""
    parts = [scope.infer(a) for a in node.args]
    kinds = {scope.type(p).kind for p in parts}
    if kinds == {"s"} and len(parts) > 1 and not any(a.kind == "num" for a in node.args):
        return scope.apply("diagm", (stacked(scope, parts, True, node),), node)
    if kinds != {"m"}:
        hint = "write diag(x) for the matrix with the entries of a vector x on its diagonal"
        raise scope.misfit("blocks along a diagonal are matrices", tuple(parts), node, hint)
    sizes = [scope.type(p)[1:] for p in parts]
    rows = []
    for i, part in enumerate(parts):
        zeros = [scope.put("zeros", (), None, Type("m", sizes[i][0], width), node) for _, width in sizes]
        rows.append(stacked(scope, [*zeros[:i], part, *zeros[i + 1 :]], False, node))
    return stacked(scope, rows, True, node)


# ---------------------------------------------------------------- entries and slices


def index(scope: Scope, node: Ast) -> int:
    """``x[2]``, ``X[1,2]``, ``X[1,:]``, ``X[:,2:3]``. Raises ``ShapeError`` for what is outside."""
    label = _labelled_number(scope, node)
    if label:
        return look_up(scope, label, node)
    base = scope.infer(node.args[0])
    kind = scope.type(base)[0]
    _refuse_general(scope, node)
    _refuse_label(scope, node)
    _refuse_product(scope, node)
    places = [_place(scope, a) for a in node.args[1:]]
    refuse_other_counting(scope, node, places)
    wanted = {"c": 1, "r": 1, "m": 2}.get(kind, 0)
    if scope.latex and wanted == 2 and len(places) == 1 and len(n := str(node.args[1].value)) == 2 and n.isdigit() and "0" not in n:
        places = [(int(digit),) for digit in n]  # K(x)_{11}
    if len(places) != wanted:
        name = scope.text(base)
        scope.name_unknown((base,))
        of_number = "a number has no entries: put what the index belongs to in brackets, (…)[…]" if kind == "s" else None
        hint = {0: of_number, 1: f"write {name}[i] or {name}[i:j]", 2: f"write {name}[i,j], {name}[i,:] or {name}[:,j]"}[wanted]
        raise ShapeError(
            f"'{name}' is {scope.size(base)} and has {len(places)} {'indices' if len(places) != 1 else 'index'} here",
            span=node.span, hint=hint,
        )  # fmt: skip
    return part(scope, base, places, node)


Place = tuple[Dim, ...]  # () for all, (i,) for one, (first, last) for a run


def part(scope: Scope, base: int, places: Sequence[Place], node: Ast) -> int:
    """The part of an array at these places, one for each axis of it."""
    kind = scope.type(base)[0]
    if kind == "r":
        column = scope.apply("T", (base,), node)
        return _along(scope, column, places[0], node, True)
    if kind == "c":
        return _along(scope, base, places[0], node, False)
    return _of_matrix(scope, base, places[0], places[1], node)


def _of_matrix(scope: Scope, base: int, rows: Place, cols: Place, node: Ast) -> int:
    if len(rows) == 1 and len(cols) != 1:  # rows are columns of the transpose
        if not scope.latex:
            notice(scope, AS_COLUMN)
        column = _put(scope, "col", scope.apply("T", (base,), node), rows, node)
        return _along(scope, column, cols, node, False)
    if len(cols) == 1:
        return _along(scope, _put(scope, "col", base, cols, node), rows, node, False)
    out = _put(scope, "rows", base, rows, node) if rows else base
    if cols:
        flipped = _put(scope, "rows", scope.apply("T", (out,), node), cols, node)
        out = scope.apply("T", (flipped,), node)
    return out if rows or cols else scope.put("copy", (base,), None, scope.type(base), node)


def _along(scope: Scope, column: int, place: Place, node: Ast, lying: bool) -> int:
    """One entry or a run of entries of a column; ``lying`` gives the run as a row."""
    if len(place) == 1:
        return _put(scope, "entry", column, place, node)
    run = _put(scope, "rows", column, place, node) if place else column
    return scope.apply("T", (run,), node) if lying else run


def _put(scope: Scope, op: str, x: int, attr: Place, node: Ast) -> int:
    """The operator on the tape, with the question whether it is inside its array, asked when the sizes are known."""
    t = scope.type(x)

    def question() -> MatcalcError | None:
        walked = Type(t.kind, dims.walk(t.rows), dims.walk(t.cols))
        have = walked.cols if op == "col" else walked.rows
        first, last = attr[0], attr[-1]
        inside = [dims.at_most(*pair) for pair in ((1, first), (first, last), (last, have))]
        if False not in inside:
            return None
        text = scope.source[node.start : node.end].strip()
        which = dims.text(first) if len(attr) == 1 else f"{dims.text(first)} to {dims.text(last)}"
        return ShapeError(
            f"'{text}' is outside: index {which} of {dims.text(have)}",
            span=node.span, hint=COUNTING,
        )  # fmt: skip

    scope.deferred.append(question)
    return scope.put(op, (x,), attr, slices.result(op, attr, t), node)


def _place(scope: Scope, a: Ast) -> Place:
    if a.kind == "name" and a.value == ":":
        return ()
    if a.kind == "range":
        return (_number(scope, a.args[0]), _number(scope, a.args[1]))
    return (_number(scope, a),)


def _number(scope: Scope, a: Ast) -> Dim:
    """An index: a number from 1 on, a size, or sums and differences of these."""
    for part in _atoms(a):
        if part.kind == "num" and part.value.denominator == 1:
            continue
        if part.kind == "name" and part.value in scope.sizes:
            continue
        text = scope.source[part.start : part.end].strip()
        raise ParseError(
            f"the index '{text}' is neither a whole number nor a declared size", span=a.span,
            hint="sum over it, or declare an object that has this size" + _or_integers(scope, text),
        )  # fmt: skip
    if a.kind == "neg" or (a.kind == "num" and a.value < 1):
        last = "the last entry of x[n] is x[n]" if a.kind == "neg" else "NumPy's x[0] is x[1] here"
        raise AmbiguityError(
            f"the index {scope.source[a.start : a.end]} has two readings: counted from 0 as in NumPy, or from 1 and outside",
            span=a.span, hint=f"indices count from 1: {last}",
            ways=() if a.kind == "neg" else counted_from_zero((s.body for s in scope.statements), scope.latex),
        )  # fmt: skip
    return read_size(scope, a)


def _or_integers(scope: Scope, text: str) -> str:
    """What to declare where integers are meant."""
    many = next(s for s in SIZES if s not in scope.sizes)
    return f"; an integer is declared as --dim {text}=, several as --dim {text}={many}" if text in scope.declared else ""


def _labelled_number(scope: Scope, node: Ast) -> str:
    r"""``d_k``, as in \sqrt{d_k}: a letter that is a number by convention, with a label."""
    if not scope.latex or len(node.args) != 2 or any(a.kind != "name" for a in node.args):
        return ""
    base, letter = (str(a.value) for a in node.args)
    taken = base in scope.declared or base in scope.values or letter in scope.declared or letter in scope.bound
    return f"{base}_{letter}" if base in SCALAR_LETTERS and len(letter) == 1 and letter.isalpha() and not taken else ""


def _refuse_general(scope: Scope, node: Ast) -> None:
    """In LaTeX softmax(z)_k is any entry, also where k is a size."""
    for a in node.args[1:] if scope.latex else ():
        if a.kind != "range" and any(x.kind == "name" and x.value != ":" for x in _atoms(a)):
            raise ParseError(
                f"the index {scope.source[a.start : a.end].strip()} is not bound by a sum here",
                span=node.span, hint="write a number, or sum over the index" + _or_a_name(node),
            )  # fmt: skip


def _or_a_name(node: Ast) -> str:
    """What to do where an index is part of a name: d_k."""
    base, *letters = node.args
    if base.kind != "name" or any(a.kind != "name" for a in letters):
        return ""
    name = f"{base.value}_{''.join(a.value for a in letters)}"
    return f"; if {name} is a name, declare it: dims={{'{name}': …}}"


def _refuse_product(scope: Scope, node: Ast) -> None:
    """(a + b)[c] in plain notation: an entry, or a product? Only sizes and numbers can be indices."""
    base, *places = node.args
    one = len(places) == 1 and places[0].kind != "range"
    if scope.latex or not one or base.kind == "name":
        return
    foreign = [x for x in _atoms(places[0]) if x.kind == "name" and x.value not in scope.sizes and x.value != ":"]
    if foreign:
        start, inside = scope.source[base.start : base.end].strip(), scope.source[places[0].start : places[0].end]
        name = f"({start})" if not start.endswith(")") else start
        named = f": name = {start}; name[{inside}]" if places[0].kind == "name" else ", and sum over its index"
        raise AmbiguityError(
            f"'{scope.source[node.start : node.end].strip()}' has two readings: the entry with index {inside}, or a product",
            span=node.span,
            hint=f"write {name}*({inside}) for the product; for the entry, give what is in brackets a name first" + named,
            ways=[instead(node.span, f"{name}*({inside})")],
        )


def _refuse_label(scope: Scope, node: Ast) -> None:
    r"""A_{1,2} of something undeclared in LaTeX may be a block with a name of its own."""
    base, *places = node.args
    if not scope.latex or node.mark or base.kind != "name" or len(places) < 2 or any(p.kind != "num" for p in places):
        return
    if base.value not in scope.declared and base.value not in scope.values:
        text, name = scope.source[node.start : node.end], base.value
        raise AmbiguityError(
            f"'{text}' has two readings: an entry of {name}, or the name of a block", span=node.span,
            hint=rf"write \left[{name}\right]_{{…}} for the entry, or declare {name}; write {name}_{{12}} for a name",
            ways=[
                instead(node.span, rf"\left[{name}\right]_{{{','.join(str(p.value) for p in places)}}}"),
                instead(node.span, f"{name}_{{{''.join(str(p.value) for p in places)}}}"),
            ],
        )  # fmt: skip


def _atoms(a: Ast) -> list[Ast]:
    return [x for part in a.args for x in _atoms(part)] if a.kind in ("sum", "prod", "neg") else [a]


# ---------------------------------------------------------------- what puts slices back


def unit(scope: Scope, node: Ast) -> int:
    """``unit(n, i)``: n entries, of which entry i is 1 and the others are 0."""
    n, i = _arguments(scope, node, node.args, "unit(n, i)")
    if dims.at_most(i, n) is False:
        raise ShapeError(f"unit: there is no entry {dims.text(i)} of {dims.text(n)}", span=node.span)
    return scope.put("unit", (), (i,), Type("c", n, 1), node)


def padded(scope: Scope, node: Ast) -> int:
    """``padrows(G, i, m)``: m rows, G from row i on, zeros elsewhere; ``padcols(G, j, n)`` the same for columns."""
    name = node.value[0]
    first, total = _arguments(scope, node, node.args[1:], f"{name}(G, first, total)")
    x = scope.infer(node.args[0])
    if name == "padcols" and scope.original(x).op != "eye":
        x = scope.apply("T", (x,), node)
    t = scope.type(x)
    if t.kind not in "cm":
        raise ShapeError(f"{name}: '{scope.text(x)}' is {scope.size(x)}", span=node.span)
    if dims.at_most(dims.add(first, t.rows), dims.add(total, 1)) is False:
        raise ShapeError(f"{name}: {dims.text(t.rows)} from {dims.text(first)} on are more than {dims.text(total)}",
                         span=node.span)  # fmt: skip
    out = scope.put("padrows", (x,), (first, total), slices.result("padrows", (first, total), t), node)
    return scope.apply("T", (out,), node) if name == "padcols" else out


def _arguments(scope: Scope, node: Ast, sizes: Sequence[Ast], form: str) -> tuple[Dim, Dim]:
    if len(sizes) != 2 or len(node.args) != form.count(",") + 1:
        raise ParseError(f"{node.value[0]} is written {form}", span=node.span)
    return read_size(scope, sizes[0]), read_size(scope, sizes[1])


BUILDERS: dict[str, Typed] = {
    "vcat": concatenation,
    "hcat": concatenation,
    "blkdiag": block_diagonal,
    "unit": unit,
    "padrows": padded,
    "padcols": padded,
}
