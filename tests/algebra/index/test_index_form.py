"""Index form: each linear operator lowered to a sum over indices, whose value by NumPy's einsum is that of the operator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.algebra.index.index_form import Group, Index, Lowered, axes, einsum_type
from matcalc.algebra.index.paths import lower
from matcalc.expr.dims import mul, value
from matcalc.expr.errors import NoRuleError
from matcalc.expr.nodes import Expr, make, sym
from matcalc.expr.table import SCALAR, Type
from matcalc.numeric.evaluation import directional
from matcalc.numeric.kernels import extent
from tests.differences import slopes
from tests.nodes import evaluated, read

SIZES = {"n": 3, "m": 2}
RNG = np.random.default_rng(5)
ARRAYS = {
    name: RNG.normal(size=shape)
    for name, shape in {"A": (3, 3), "B": (3, 3), "W": (2, 3), "V": (2, 3), "x": (3,), "y": (3,)}.items()
}
ARRAYS |= {"b": RNG.normal(size=2), "u": RNG.normal(size=2), "s": np.asarray(1.3), "t": np.asarray(0.7)}


def numbers(index: Index) -> list[int]:
    return [n for part in index.parts for n in numbers(part)] if isinstance(index, Group) else [index]


def array(term: Lowered) -> Any:
    """The sum over indices, with one axis for each free index."""
    operands: list[Any] = []
    for factor in term.factors:
        x = evaluated(factor.expr, {k: v for k, v in ARRAYS.items() if f"sym[{k}]" in str(factor.expr)}, SIZES)
        flat = [n for index in factor.indices for n in numbers(index)]
        operands += [x.reshape([value(term.sizes[n], SIZES) for n in flat]), flat]
    free = [n for index in term.output for n in numbers(index)]
    for n in free:
        operands += [np.ones(value(term.sizes[n], SIZES)), [n]]  # of an index that no factor has, all entries are alike
    total = np.einsum(*operands, free) if operands else np.asarray(1.0)
    for e, divides in term.scalars:
        number = float(evaluated(e, {k: v for k, v in ARRAYS.items() if f"sym[{k}]" in str(e)}, SIZES))
        total = total / number if divides else total * number
    whole = [int(np.prod([value(term.sizes[n], SIZES) for n in numbers(i)])) for i in term.output]
    return term.sign * np.asarray(total).reshape(whole)


TEXTS = [
    ("A*x", "x"), ("A*x", "A"), ("x'*A*y", "A"), ("A*B + B*A", "A"), ("-x - y", "y"), ("W'", "W"), ("tr(A*B)", "A"),
    ("sum(W)", "W"), ("diag(x)*A", "x"), ("diag(A)", "A"), ("x .* y", "x"), ("s*x/t", "x"), ("x*y'", "y"),
    ("rowsum(W)", "W"), ("colsum(W)", "W"), ("vec(W)", "W"), ("kron(W, A)", "W"), ("kron(W, A)", "A"), ("[x; b]", "b"),
    ("[W; A]", "A"), ("[W', A]", "W"), ("x[2]", "x"), ("W[:,2]", "W"), ("x[2:3]", "x"), ("padrows(x, 2, 7)", "x"),
    ("W*A*W'", "A"), ("s*ones(n)", "s"), ("x'*x", "s"),
    ("conv(x, b)", "x"), ("conv(x, b)", "b"), ("corr(x, b)", "x"), ("corr(x, b)", "b"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), TEXTS)
def test_the_terms_add_up_to_the_linear_map(text: str, name: str) -> None:
    root = read(text)
    leaf = read(name)
    terms = lower(root, leaf)
    shape = extent(leaf.type, SIZES)
    at: dict[Any, Any] = {read(k): np.asarray(v).reshape(extent(read(k).type, SIZES)) for k, v in ARRAYS.items()}
    outer = [value(d, SIZES) for d in axes(root.type)]
    inner = [value(d, SIZES) for d in axes(leaf.type)]
    total = sum((array(term) for term in terms), np.zeros(outer + inner))
    for k in range(int(np.prod(shape))):
        unit = np.zeros(shape)
        unit.flat[k] = 1
        (moved,) = directional([root], at, {leaf: unit}, SIZES)
        assert np.allclose(total.reshape(*outer, -1)[..., k], moved.reshape(outer)), (text, k)


def test_what_has_no_index_form_is_named() -> None:
    with pytest.raises(NoRuleError):
        lower(make("exp", (sym("E", SCALAR),)), sym("E", SCALAR))


def test_the_type_of_an_einsum() -> None:
    m, x = Type("m", "m", "n"), Type("c", "n", 1)
    assert einsum_type("ij,j->i", [m, x]) == Type("c", "m", 1) and einsum_type("ij,ij->", [m, m]) == SCALAR
    assert einsum_type("ij,k->ijk", [m, x]) == Type("t", ("m", "n", "n"), 1)
    long = Type("c", mul("m", "n"), 1)
    assert einsum_type("(ij),j->i", [long, x]) == Type("c", "m", 1)  # by division
    assert einsum_type("ij->(ij)", [m]) == long


def test_the_axes_of_a_type() -> None:
    node: Expr = read("W")
    assert axes(node.type) == ("m", "n") and axes(SCALAR) == () and axes(Type("r", 1, "n")) == ("n",)


@pytest.mark.parametrize("text", ["sqrtm(A)", "inv(sqrtm(A'*A))", "A*inv(sqrtm(A'*A))"])
def test_the_derivative_of_a_square_root_by_entries_is_that_along_each_direction(text: str) -> None:
    """Column by column against the solution of dS S + S dS = dX (Bartels and Stewart)."""
    import scipy.linalg

    import matcalc

    a = np.eye(3) + 0.2 * RNG.normal(size=(3, 3))
    d = matcalc.derive(text, wrt="A", dims={"A": ("n", "n")})
    found = matcalc.parse(d.result.plain, d.dims).evaluate({"A": a})
    of_gram = "A'*A" in text
    root = scipy.linalg.sqrtm(a.T @ a if of_gram else a)
    for k in range(3):
        for j in range(3):
            e = np.zeros((3, 3))
            e[k, j] = 1
            moved = scipy.linalg.solve_sylvester(root, root, e.T @ a + a.T @ e if of_gram else e)
            if of_gram:
                moved = -np.linalg.inv(root) @ moved @ np.linalg.inv(root)
            if text.startswith("A*"):
                moved = e @ np.linalg.inv(root) + a @ moved
            assert np.allclose(found[:, :, k, j], moved, rtol=1e-8, atol=1e-10)


def test_a_matrix_of_one_column_made_of_a_column() -> None:
    """By differences of the formula in NumPy: what NumPy squeezes is a column here."""
    d = matcalc.derive("np.squeeze(X @ t[:, None]).std()", wrt="t", kind="hessian", check=False)
    rng = np.random.default_rng(3)
    at = {"X": rng.standard_normal((5, 2)), "t": rng.standard_normal(2)}

    def slope(a: dict[str, np.ndarray]) -> np.ndarray:
        return slopes(lambda b: (b["X"] @ b["t"]).std(), "t", a)  # type: ignore[no-any-return]

    assert np.allclose(d.result.evaluate(at), slopes(slope, "t", at), atol=1e-5)
