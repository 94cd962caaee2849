"""Rules that are polynomial or rational, exactly: over the rationals, derivatives by dual numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest

from matcalc.algebra.rule import make_book
from matcalc.api import book
from matcalc.check.rows.claims import Claim, claims
from matcalc.check.rows.tester import earlier_rows
from matcalc.expr import dims, slices
from matcalc.expr.nodes import Expr, make, num, postorder, sym, zeros
from matcalc.notation.meaning.problem import Problem
from matcalc.rules.row import R
from tests import exact


def exact_rows() -> list[R]:
    """But for lines of unfolded rules: what these name moves with their operands, and a replay decides them exactly."""
    rows = [row for row in book().rows().values() if not row.disabled and row.group != "unfolding"]
    return [row for row in rows if exact.supported(*row.sides)]


def sizes_of(claim: Claim) -> list[dict[str, int]]:
    names = sorted(
        {str(a) for n in postorder((claim.left, claim.right)) for d in n.type[1:] for a in dims.atoms(d)} | indices(claim)
    )
    found = [dict(zip(names, sizes, strict=True)) for sizes in product((1, 2, 3), repeat=len(names))]
    limits = slices.limits(postorder((claim.left, claim.right)))
    return [sizes for sizes in found if all(dims.value(a, sizes) <= dims.value(b, sizes) for a, b in limits)]


def indices(claim: Claim) -> set[str]:
    placed = [n for n in postorder((claim.left, claim.right)) if n.op in slices.PLACED]
    return {str(a) for n in placed for d in n.attr for a in dims.atoms(d)}


# Of a matrix with this structure: which entry of a free one stands at (i, j), and times what.
STRUCTURES: dict[str, Callable[[int, int], tuple[int, int, int]]] = {
    "symmetric": lambda i, j: (max(i, j), min(i, j), 1),
    "skew": lambda i, j: (max(i, j), min(i, j), (i > j) - (i < j)),
    "diagonal": lambda i, j: (i, j, int(i == j)),
    "lower-triangular": lambda i, j: (i, j, int(i >= j)),
    "upper-triangular": lambda i, j: (i, j, int(i <= j)),
    "toeplitz": lambda i, j: (max(i - j, 0), max(j - i, 0), 1),
    "symmetric-toeplitz": lambda i, j: (abs(i - j), 0, 1),
}


def structured(grid: exact.Grid, structure: str) -> exact.Grid:
    places = [[STRUCTURES[structure](i, j) for j in range(len(grid))] for i in range(len(grid))]
    return [[grid[a][b] * c for a, b, c in row] for row in places]


def rotation(n: int) -> exact.Grid:
    """An orthogonal matrix of fractions: turns by an angle of the triangle 3, 4, 5 in neighbouring axes, and a sign."""
    found = exact.scaled([[Fraction(-1)]], exact.identity(n))
    for i in range(n - 1):
        turn = exact.identity(n)
        turn[i][i] = turn[i + 1][i + 1] = Fraction(3, 5)
        turn[i][i + 1], turn[i + 1][i] = Fraction(-4, 5), Fraction(4, 5)
        found = exact.matmul(found, turn)
    return found


def point(claim: Claim, sizes: Mapping[str, int], rng: Random) -> dict[Expr, exact.Grid]:
    roots = (claim.left, claim.right, *claim.moves.values())
    symbols = [n for n in postorder(roots) if n.op == "sym"]
    while True:
        env = {s: exact.random_grid(rng, *exact.extent(s, sizes)) for s in symbols}
        for s in symbols:
            for condition in claim.conditions.get(str(s.attr), frozenset()) & STRUCTURES.keys():
                env[s] = structured(env[s], condition)
        invertible = [s for s in symbols if "invertible" in claim.conditions.get(str(s.attr), ())]
        for s in symbols:
            if {"positive", "nonnegative"} & claim.conditions.get(str(s.attr), frozenset()):
                env[s] = [[1 + abs(x) for x in row] for row in env[s]]
            said = claim.conditions.get(str(s.attr), frozenset())
            if "probability" in said:
                whole = sum(1 + abs(x) for row in env[s] for x in row)
                env[s] = [[(1 + abs(x)) / whole for x in row] for row in env[s]]
            if "one-hot" in said:
                env[s] = [[Fraction(int(i == len(env[s]) // 2)) for _ in row] for i, row in enumerate(env[s])]
            if "orthogonal" in said:
                env[s] = rotation(len(env[s]))
        if all(exact.det(env[s]) for s in invertible):
            return env


def holds(claim: Claim, sizes: Mapping[str, int], rng: Random) -> bool:
    """Whether the claim is an equality of rationals at one random point."""
    env = point(claim, sizes, rng)
    right = exact.evaluate(claim.right, env, sizes)
    if claim.kind == "equal":
        return exact.evaluate(claim.left, env, sizes) == right
    if claim.kind == "differential":
        moves = {v: env[d] for v, d in claim.moves.items()}
        return exact.derivative(claim.left, env, moves, sizes) == right
    (variable,) = claim.moves
    nothing = exact.evaluate(zeros(variable.type), {}, sizes)
    base = exact.evaluate(claim.left, {**env, variable: nothing}, sizes)
    change = exact.PLAIN["sub"](exact.evaluate(claim.left, env, sizes), base)
    return change == right and (claim.affine or not any(exact.flat(base)))


def sizes_few(claim: Claim) -> list[dict[str, int]]:
    """All sizes of 1 to 3; where there are many of them, those that differ, and all ones."""
    found = sizes_of(claim)
    if len(found) <= 27:
        return found
    return [s for s in found if len(set(s.values())) >= 3 or set(s.values()) == {1}][:20]


@pytest.mark.parametrize("row", exact_rows(), ids=lambda row: row.name)
def test_rule_is_exact(row: R) -> None:
    rng = Random(0)
    tried = 0
    for claim in claims(row, earlier_rows(book(), row)):
        for sizes in sizes_few(claim):
            assert holds(claim, sizes, rng), f"{row} at {sizes}{claim.about}"
            tried += 1
    assert tried


def test_all_linear_rows_are_among_them() -> None:
    """But for those on matrix functions, which are not rational."""
    names = {row.name for row in exact_rows()}
    functions = {"dexpm", "dlogm", "dsqrtm", "dsinm", "dcosm"}
    for row in (*book().groups["adjoint"], *book().groups["vec"]):
        moved = row.sides[-3 if len(row.sides) == 4 else 0]
        moved = moved.args[0] if moved.op == "vec" else moved
        assert row.disabled or (row.name in names) is (moved.op not in functions)
    assert {"product", "inverse", "determinant", "kronecker", "quotient", "squared-norm", "relu"} <= names


@pytest.mark.parametrize(
    "group, equation, where",
    [
        ("differential", "d(A*B) = d(A)*B", "A[m,n] B[n,k]"),
        ("differential", "d(det(X)) = tr(inv(X)*d(X))", "X[n,n] invertible"),
        ("differential", "d(inv(X)) = inv(X)*d(X)*inv(X)", "X[n,n] invertible"),
        ("differential", "d(A ./ B) = d(A) ./ B - (A ./ B) .* d(B)", "A[m,n] B[m,n] nonzero"),
        ("adjoint", "<G, A*L> = <-A'*G, L>", "G[m,k] A[m,n] L[n,k]"),
        ("adjoint", "<G, sum(L)> = <2*fill(G, L), L>", "G[] L[m,n]"),
        ("vec", "vec(a .* l) = (-1)*vec(l)", "a[n] l[n]"),
        ("adjoint", "<G, kron(A, L)> = <einsum('(ac)(bd),cd->ab', G, A), L>", "G[m*m,n*n] A[m,n] L[m,n]"),
        ("identity", "(A*B)' = A'*B'", "A[n,n] B[n,n]"),
    ],
)
def test_planted_wrong_rows_are_not_exact(group: str, equation: str, where: str) -> None:
    row = make_book({group: (R("planted", equation, where, "s"),)}, {"s": ""}).by_name["planted"]
    assert not all(holds(c, s, Random(1)) for c in claims(row) for s in sizes_few(c))


# ---------------------------------------------------------------- the evaluator itself


def problem(text: str, **shapes: Any) -> Problem:
    from matcalc.api import read_problem

    return read_problem(text, shapes)


def test_dual_numbers() -> None:
    x = exact.Dual(Fraction(3), Fraction(1))
    y = (x * x - 2 * x + 1) / x  # x - 2 + 1/x
    assert (y.real, y.slope) == (Fraction(4, 3), Fraction(8, 9))
    assert (1 - x).slope == -1 and (6 / x).slope == Fraction(-2, 3)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_inverse_and_determinant(n: int) -> None:
    x = exact.random_grid(Random(n), n, n)
    assert exact.matmul(x, exact.inv(x)) == exact.identity(n)
    y = exact.random_grid(Random(n + 9), n, n)
    assert exact.det(exact.matmul(x, y)) == exact.det(x) * exact.det(y)


def test_sizes_are_checked() -> None:
    a, b = sym("A", problem("A", A=("m", "n")).output.type), num(2)
    with pytest.raises(AssertionError, match="another size"):
        exact.evaluate(make("scale", (b, a)), {a: exact.identity(2)}, {"m": 2, "n": 3})


def test_what_is_not_rational_is_not_supported() -> None:
    assert exact.supported(problem("A*B^-1 + A^3", A=("n", "n"), B=("n", "n")).output)
    assert not exact.supported(problem("exp(x)").output)
    assert not exact.supported(problem("x.^(1/2)").output)
