"""Pullbacks and local Jacobians of operators, made from rows: adjoint to the complex step of the kernels."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.algebra.book import book
from matcalc.algebra.pullbacks import Compiler, compose_maps, identity_map, number_first, prune
from matcalc.expr.errors import NoRuleError
from matcalc.expr.nodes import Expr, eye, make, num, sym, zeros
from matcalc.expr.table import SCALAR, Type
from matcalc.numeric.evaluation import directional, evaluate
from matcalc.numeric.kernels import extent
from tests.nodes import evaluated, read

COMPILER = Compiler(book())
SIZES = {"n": 3, "m": 2}
RNG = np.random.default_rng(8)
TEXTS = (
    "A*x", "x'*y", "x*y'", "inv(A)", "det(A)", "logdet(A)", "W'", "exp(x)", "x .* y", "x ./ y", "x/s", "s*A", "tr(A)", "sum(W)",
    "diag(x)", "kron(W, A)", "norm2(x)", "softmax(x)", "logsumexp(x)", "rowsum(W)", "vec(W)", "max(x, y)", "expm(A)", "[x; y]",
    "x[2]", "A*B + B*A",
)  # fmt: skip


def drawn(t: Type) -> np.ndarray:
    x = RNG.uniform(0.4, 1.6, extent(t, SIZES))
    return x + 2 * np.eye(3) if x.shape == (3, 3) else x


@pytest.mark.parametrize("text", TEXTS)
def test_the_pullback_is_the_adjoint_of_the_derivative(text: str) -> None:
    node = read(text)
    env = {a: drawn(a.type) for a in node.args}
    for slot, a in enumerate(node.args):
        if not any(s.op == "sym" for s in (a, *a.args)):
            continue
        direction = RNG.normal(size=env[a].shape)
        moved_args = [sym(f"v{i}", e.type) for i, e in enumerate(node.args)]  # each by itself, also where they are equal
        free = make(node.op, tuple(moved_args), node.attr, node.type)
        at = {v: env[e] for v, e in zip(moved_args, node.args, strict=True)}
        (moved,) = directional([free], at, {moved_args[slot]: direction}, SIZES)
        g = sym("g", node.type)
        weights = RNG.normal(size=moved.shape)
        back = COMPILER.pullback(free, slot).build([g, *moved_args, free])
        assert back.type == a.type
        (value,) = evaluate([back], {**at, g: weights}, SIZES)
        assert np.isclose((weights * moved).sum(), (value * direction).sum(), rtol=1e-9), (text, slot)


@pytest.mark.parametrize("text", ["A*x", "exp(x)", "x .* y", "softmax(x)", "x/s", "tr(A)", "norm2(x)", "s*x"])
def test_the_local_jacobian_has_the_rows_of_the_result(text: str) -> None:
    node = read(text)
    for slot, a in enumerate(node.args):
        local = COMPILER.local(node, slot)
        if a.kind == "m":
            assert local is None  # more than two axes
            continue
        assert local is not None
        jacobian = local.build([node, *node.args, node])
        arrays = {str(s.attr): drawn(s.type).squeeze() for s in node.args}
        sizes = [int(np.prod(extent(e.type, SIZES))) for e in (node, a)]
        found = evaluated(jacobian, {k: v for k, v in arrays.items()}, SIZES).reshape(sizes)
        at = {s: np.asarray(arrays[str(s.attr)]).reshape(extent(s.type, SIZES)) for s in node.args}
        for j in range(sizes[1]):
            unit = np.zeros(extent(a.type, SIZES))
            unit.flat[j] = 1
            (column,) = directional([node], at, {a: unit}, SIZES)
            assert np.allclose(found[:, j], column.ravel(), rtol=1e-9)


def test_what_is_linear_passes_the_cotangent_on() -> None:
    assert COMPILER.pullback(read("x + y"), 0).identity and not COMPILER.pullback(read("x - y"), 1).identity
    assert COMPILER.pullback(read("inv(A)"), 0).rule.name == "inverse"


def test_an_operator_without_a_row_is_named() -> None:
    with pytest.raises(NoRuleError) as caught:
        COMPILER.pullback(make("eigvecs", (read("A"),)), 0)
    assert "eigenvectors" in caught.value.message


def test_zeros_are_taken_out() -> None:
    x, z = read("x"), zeros(read("x").type)
    assert prune(make("add", (x, z))) is x and prune(make("sub", (z, x))) is make("neg", (x,))
    assert prune(make("matmul", (read("A"), z))) is z and prune(make("exp", (z,))).op == "exp"


def test_maps() -> None:
    assert identity_map(SCALAR) is num(1) and identity_map(Type("c", "n", 1)) is eye("n") is identity_map(Type("r", 1, "n"))
    assert compose_maps(read("A"), read("B")) is read("A*B") and compose_maps(read("x"), read("s")) is read("s*x")


def test_a_number_before_a_variable_turns_the_row_around() -> None:
    turned: Expr = make("max2", (zeros(read("x").type), read("x")))
    assert number_first(turned) and not number_first(read("max(x, y)")) and not number_first(make("sub", turned.args))
