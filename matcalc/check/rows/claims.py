"""What a rule row claims: equations that can be sampled, read off the row alone.

First the row as it is written; then the same with its matrix variables bound to columns, rows and scalars,
for each kind of operands on which the compiler would use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import NamedTuple

from matcalc.algebra.match import fits, instantiate, match, matches
from matcalc.algebra.pullbacks import Compiler, make_value, pattern_arguments
from matcalc.algebra.rule import UNFOLDING, Rule, chapter, differential_name, make_book, own_names
from matcalc.expr import dims
from matcalc.expr.dims import Dim, Var
from matcalc.expr.errors import MatcalcError, NoRuleError, UsageError
from matcalc.expr.groups import JOINTLY
from matcalc.expr.nodes import Expr, make, postorder, size_text, substitute, sym
from matcalc.expr.qualities import SQUARE
from matcalc.expr.slices import PLACED
from matcalc.expr.table import TABLE, Type
from matcalc.numeric.properties import NONE

FIXED = frozenset(("fixed",))  # what says which function an operator is does not move
SCALAR_CONDITIONS = {"invertible": "nonzero", "spd": "positive", "positive-det": "positive"}


class Claim(NamedTuple):
    """One equation to sample: ``left = right``, or how much ``left`` changes is ``right``.

    ``moves`` maps each symbol that moves to its direction; in a ``linear`` claim it moves from 0.
    """

    kind: str  # equal, differential or linear
    left: Expr
    right: Expr
    moves: Mapping[Expr, Expr]
    conditions: Mapping[str, frozenset[str]]
    affine: bool = False  # terms without the moved symbol may stand beside it
    about: str = ""
    own: Mapping[Expr, Expr] = MappingProxyType({})  # differentials of what the row names, and what these are


class Refuted(Exception):
    """A claim that cannot even be sampled, and why."""


def claims(row: Rule, earlier: Sequence[Rule] = ()) -> Iterator[Claim]:
    """What the row says as it is written, then for each kind of operands that no ``earlier`` row covers."""
    conditions = {name: given - FIXED for name, (_, given) in row.variables.items()}
    if row.group == "differential":
        yield _differential_claim(row, conditions)
        yield from _differential_kinds(row, conditions)
    elif row.group == "compound":
        yield _differential_claim(row, conditions)
    elif row.group in ("adjoint", "vec"):
        yield _linear_claim(row, _parts(row), conditions, "")
        yield from _linear_kinds(row, conditions, earlier)
    elif row.group == UNFOLDING:
        yield _line_claim(row, [r for r in earlier if chapter(r) == chapter(row)])
    else:
        left, right = _two_sides(row)
        yield Claim("equal", left, right, {}, conditions)
        if row.group in ("rewrite", "stable", "laws"):
            yield from _rewrite_kinds(left, right, conditions)


def _two_sides(row: Rule) -> tuple[Expr, Expr]:
    if len(row.sides) != 2:
        raise UsageError(f"rule {row.name}: '{row.equation}' is not an equation of two sides")
    left, right = row.sides
    return left, right


def _line_claim(row: Rule, before: Sequence[Rule]) -> Claim:
    """A line of an unfolding: its names stand for what they are, and move as that does."""
    names = own_names((*before, row))
    left, right = substitute(_two_sides(row), names)
    conditions = {name: given - FIXED for r in (*before, row) for name, (_, given) in r.variables.items()}
    fixed = {name for r in (*before, row) for name, (_, given) in r.variables.items() if given & FIXED}
    operands = [v for v in postorder(tuple(names.values())) if v.op == "sym" and str(v.attr) not in fixed]
    moves = {v: _differential(v) for v in operands}
    return Claim("equal", left, right, moves, conditions, own={_differential(s): e for s, e in names.items()})


def _differential(v: Expr) -> Expr:
    return sym(differential_name(str(v.attr)), v.type)


def _differential_claim(row: Rule, conditions: Mapping[str, frozenset[str]]) -> Claim:
    left, right = _two_sides(row)
    moving = [v for v in postorder((left,)) if v.op == "sym" and not row.variables[str(v.attr)][1] & FIXED]
    moves = {v: _differential(v) for v in moving}
    return Claim("differential", left, right, moves, conditions)


def _differential_kinds(row: Rule, conditions: Mapping[str, frozenset[str]]) -> Iterator[Claim]:
    """The row as the compiler instantiates it, for each line of the operator's shape rule."""
    left = row.sides[0]
    if not left.args or any(a.op != "sym" for a in left.args):
        return
    compiler = Compiler(make_book({"differential": (row,)}, {row.cite.partition(":")[0]: ""}))
    for node in kinds_of(left):
        about = f", for {' and '.join(_word(a) for a in node.args)}"
        try:
            right, arguments, tangents, _ = compiler.pattern(node)
        except NoRuleError:
            continue  # for these operands the compiler takes another row
        except (MatcalcError, KeyError, ValueError) as error:
            raise Refuted(f"the right side has no meaning{about} ({error!r})") from error
        value = make_value(node, arguments)
        if right.type != value.type:
            raise Refuted(f"the right side is {size_text(right.type)}, not {size_text(value.type)}{about}")
        pairs = zip(arguments, left.args, strict=True)
        given = {str(a.attr): _for_kind(conditions.get(str(v.attr), NONE), a) for a, v in pairs}
        fixed = [bool(row.variables[str(v.attr)][1] & FIXED) for v in left.args]
        moves = {a: d for a, d, held in zip(arguments, tangents, fixed, strict=True) if not held}
        yield Claim("differential", value, right, moves, given, about=about)


def kinds_of(left: Expr) -> Iterator[Expr]:
    """The operator on operands of every kinds that its shape rule has (tensors left out)."""
    if not TABLE[left.op].shape:  # its type is given where it is made
        for t in () if left.op != "fill" else (Type("c", "#i", 1), Type("r", 1, "#i"), Type("m", "#i", "#j")):
            yield make(left.op, (sym("A1", left.args[0].type),), left.attr, t)
        return
    for kinds in TABLE[left.op].alternatives:
        if "t" not in kinds:
            like = [sym(f"A{i}", Type(kind, 1, 1)) for i, kind in enumerate(kinds)]
            shell = make(left.op, tuple(like), left.attr, left.type)
            yield make(left.op, tuple(pattern_arguments(shell)), left.attr)


def _for_kind(given: frozenset[str], a: Expr) -> frozenset[str]:
    """What a condition on a matrix asks of a scalar."""
    if a.type.kind == "m":
        return given
    return frozenset(SCALAR_CONDITIONS.get(c, c) for c in given) - SQUARE


def _word(a: Expr) -> str:
    return {"s": "a scalar", "c": "a column", "r": "a row", "m": "a matrix"}[a.type.kind]


class Parts(NamedTuple):
    """⟨upstream, left⟩ = ⟨matrix, linear⟩, or vec(left) = matrix · vec(linear) where upstream is None."""

    upstream: Expr | None
    left: Expr
    matrix: Expr | None  # None: vec(left) = vec(linear)
    linear: Expr


def _parts(row: Rule) -> Parts:
    if row.group == "adjoint":
        if len(row.sides) != 4:
            raise UsageError(f"rule {row.name}: '{row.equation}' is not of the form <G, L> = <H, l>")
        upstream, left, downstream, linear = row.sides
        return _proper(row, Parts(upstream, left, downstream, linear))
    left, right = _two_sides(row)
    holder = next((a for a in (right, *right.args) if a.op == "vec"), None)
    others = () if holder is None or holder is right else tuple(a for a in right.args if a is not holder)
    if (left.op != "vec" and left.type.kind not in "sc") or holder is None or (holder is not right and not others):
        raise UsageError(f"rule {row.name}: '{row.equation}' is not of the form vec(L) = M*vec(l)")
    matrix = others[0] if others else None
    inner = left.args[0] if left.op == "vec" else left
    return _proper(row, Parts(None, inner, matrix, holder.args[0]))


def _proper(row: Rule, parts: Parts) -> Parts:
    """Raises ``UsageError`` where the linear operand is no variable, or stands in the cotangent too."""
    if parts.linear.op != "sym":
        raise UsageError(f"rule {row.name}: the right side ends in an expression, not in one variable")
    if parts.matrix is not None and parts.linear in postorder((parts.matrix,)):
        raise UsageError(f"rule {row.name}: '{parts.linear.attr}' stands in the linear map itself")
    if parts.matrix is not None and any(isinstance(a, Var) for n in postorder((parts.matrix,)) for a in _atoms(n)):
        same = {n: n for e in parts if e is not None for n in postorder((e,)) if n.op == "sym"}
        return parts._replace(matrix=instantiate(parts.matrix, same, parts.linear.type))
    return parts


def _atoms(n: Expr) -> list[str | Var]:
    return [a for d in n.type[1:] for a in dims.atoms(d)]


def _linear_claim(row: Rule, parts: Parts, conditions: Mapping[str, frozenset[str]], about: str) -> Claim:
    upstream, left, matrix, linear = parts
    affine = left.op in JOINTLY
    if upstream is not None:
        assert matrix is not None
        pairs = (upstream, left, "upstream and left side"), (matrix, linear, "cotangent and operand")
        for a, b, what in pairs:
            if a.type != b.type:
                raise Refuted(f"{what} differ in size: {size_text(a.type)} and {size_text(b.type)}{about}")
        sides = make("inner", (upstream, left)), make("inner", (matrix, linear))
    else:
        column = make("vec", (linear,))
        sides = make("vec", (left,)), column if matrix is None else _applied(matrix, column, about)
    return Claim("linear", *sides, {linear: linear}, conditions, affine, about)


def _applied(matrix: Expr, column: Expr, about: str) -> Expr:
    try:
        if column.type.kind == "s":
            return make("scale", (column, matrix))
        return make("scale" if matrix.type.kind == "s" else "matmul", (matrix, column))
    except KeyError:
        sizes = f"{size_text(matrix.type)} and {size_text(column.type)}"
        raise Refuted(f"the matrix and vec(l) do not fit: {sizes}{about}") from None


def _linear_kinds(row: Rule, conditions: Mapping[str, frozenset[str]], earlier: Sequence[Rule]) -> Iterator[Claim]:
    """The row with matrix variables bound to columns, rows and scalars, where the compiler would match it."""
    parts = _parts(row)
    others = [_parts(r) for r in earlier]
    for bound, about in _bindings([e for e in parts if e is not None]):
        changed = _changed(parts, bound)
        if changed is None or any(_covers(other, changed) for other in others):
            continue
        try:
            matrix = None if parts.matrix is None else instantiate(parts.matrix, bound, changed.linear.type)
        except (KeyError, IndexError, ValueError) as error:
            raise Refuted(f"the right side has no meaning{about} ({error!r})") from error
        yield _linear_claim(row, changed._replace(matrix=matrix), conditions, about)


def _rewrite_kinds(left: Expr, right: Expr, conditions: Mapping[str, frozenset[str]]) -> Iterator[Claim]:
    for bound, about in _bindings([left, right]):
        try:
            sides = instantiate(left, bound, None), instantiate(right, bound, None)
        except (KeyError, IndexError):
            continue
        if sides[0].op == left.op and match(left, sides[0]) is not None:
            given = {str(a.attr): _for_kind(conditions.get(str(v.attr), NONE), a) for v, a in bound.items()}
            yield Claim("equal", *sides, {}, given, about=about)


def _bindings(roots: Sequence[Expr]) -> Iterator[tuple[dict[Expr, Expr], str]]:
    """The variables below ``roots`` as what they are when some of their sizes are 1."""
    symbols = [n for n in postorder(roots) if n.op == "sym"]
    indices = {a for n in postorder(roots) if n.op in PLACED for d in n.attr for a in dims.atoms(d)}
    names = sorted({str(a) for s in symbols for d in s.type[1:] for a in dims.atoms(d) if a not in indices})
    for count in range(1, len(names) + 1):
        for flat in combinations(names, count):
            bound = {s: sym(str(s.attr), _flattened(s.type, flat)) for s in symbols}
            yield bound, f", with {', '.join(f'{s.attr} {_word(s).split()[1]}' for s in bound.values())}"


def _flattened(t: Type, flat: Sequence[str]) -> Type:
    """A matrix with one of these sizes 1 as the vector or scalar that it is; other kinds stay."""
    rows, cols = (_without(d, flat) for d in t[1:])
    if t.kind != "m" or (rows != 1 and cols != 1):
        return Type(t.kind, rows, cols)
    return Type("s" if rows == cols == 1 else "c" if cols == 1 else "r", rows, cols)


def _without(d: Dim, flat: Sequence[str]) -> Dim:
    """The size with these atoms 1."""
    if not isinstance(d, dims.Poly):
        return 1 if d in flat else d
    total: Dim = 0
    for atoms, count in d.terms:
        term: Dim = count
        for a in atoms:
            term = term if a in flat else dims.mul(term, a)
        total = dims.add(total, term)
    return total


def _covers(other: Parts, parts: Parts) -> bool:
    """Whether the row of ``other`` would be taken instead."""
    if other.left.op != parts.left.op:
        return False
    if other.upstream is not None and parts.upstream is not None and not fits(other.upstream, parts.upstream):
        return False
    return any(bound.get(other.linear) is parts.linear for bound in matches(other.left, parts.left))


def _changed(parts: Parts, bound: dict[Expr, Expr]) -> Parts | None:
    """The left side on operands of other kinds; None where it is then another operator."""
    try:
        left = instantiate(parts.left, bound, None)
        if left.op != parts.left.op or match(parts.left, left) is None:
            return None
    except (KeyError, IndexError):
        return None
    if not TABLE[left.op].shape and left.op != "fill" and left.type.kind != parts.left.type.kind:
        return None
    upstream = bound[parts.upstream] if parts.upstream is not None else None
    if upstream is not None and upstream.type.kind != left.type.kind:
        return None
    return Parts(upstream, left, None, bound[parts.linear])
