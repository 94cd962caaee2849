"""Blocks of equal size: where five blocks have 5·d rows together and nothing says how many each, they have d each.

Whoever writes W ∈ R^(n×5d) for five word vectors has said so. A plain number of rows says nothing: 10 rows may be 3 + 7.
"""

from __future__ import annotations

from matcalc.expr.dims import Dim, Var, collected, monomials, sub, text, walk
from matcalc.expr.nodes import shape_of
from matcalc.notation.lex.habits import SIZES
from matcalc.notation.meaning.tape import Scope

JOINED = {"vcat": 1, "hcat": 2}  # the axis of the type along which blocks add up
SIDES = {1: "rows", 2: "columns"}


def settle_equal_blocks(scope: Scope) -> None:
    """Give blocks of which only the sum is known as a multiple of their number the same size each, and say so."""
    while True:
        found = next((known for a, b in scope.unifier.tied if (known := _equal(scope, a, b)) is not None), None)
        if found is None:
            return
        unknown, size, axis = found
        names = [n for n, i in scope.symbols.items() if any(walk(d) in unknown for d in shape_of(scope.type(i)))]
        vectors = [n for n in names if scope.type(scope.symbols[n]).kind == "c"]
        for v in unknown:
            v.ref = size
        scope.unifier.settle()
        whole = text(collected({m: c * len(unknown) for m, c in monomials(size).items()}), "·")
        said = f"the blocks with {', '.join(names)} have {whole} {SIDES[axis]} together, and {text(size, '·')} each is assumed"
        other = next(s for s in SIZES if s not in scope.sizes and s != size)
        scope.warnings.append(said + (f"; --dim {vectors[0]}={other} says otherwise" if vectors else ""))


def _equal(scope: Scope, a: Dim, b: Dim) -> tuple[list[Var], Dim, int] | None:
    """The unknown sizes of blocks that an equation adds up to as many times one named size; that size, and the axis."""
    terms = monomials(sub(walk(a), walk(b)))
    unknown = [m[0] for m, c in terms.items() if len(m) == 1 and isinstance(m[0], Var)]
    rest = {m: c for m, c in terms.items() if not (len(m) == 1 and m[0] in unknown)}
    axis = next((axis for axis in SIDES if set(unknown) <= _sizes_of_blocks(scope, axis)), None)
    if axis is None or len(unknown) < 2 or len(rest) != 1 or any(isinstance(x, Var) for m in rest for x in m):
        return None
    ((mono, c),) = rest.items()
    signs = {terms[(v,)] for v in unknown}
    if not mono or signs not in ({1}, {-1}) or c != -len(unknown) * min(signs):
        return None
    others = [x for pair in scope.unifier.tied if pair != (a, b) for d in pair for m in monomials(walk(d)) for x in m]
    return None if set(unknown) & set(others) else (unknown, collected({mono: 1}), axis)


def _sizes_of_blocks(scope: Scope, axis: int) -> set[Dim]:
    """What the blocks of all concatenations have along the axis."""
    entries = [e for e in scope.tape if JOINED.get(e.op) == axis]
    return {walk(scope.type(i)[axis]) for e in entries for i in e.args}
