"""The node: equal structure is one object; walks, replacements and sizes against expressions built by hand."""

from __future__ import annotations

import gc
import pickle
from fractions import Fraction

import pytest

from matcalc.expr.nodes import (
    SPARE,
    Expr,
    below,
    depends,
    dimension,
    eye,
    fill,
    hadamard,
    has_more_nodes,
    is_one,
    is_zero,
    make,
    names_in,
    num,
    ones,
    operands,
    own_sizes,
    postorder,
    reached,
    rebuild,
    resized,
    shape_of,
    size_text,
    substitute,
    sym,
    times,
    transpose,
    type_of,
    written_size,
    zeros,
)
from matcalc.expr.table import SCALAR, Type
from tests.nodes import read

COLUMN, ROW, MATRIX = Type("c", "n", 1), Type("r", 1, "n"), Type("m", "n", "n")
s, x, y, r, A, B = (sym(n, t) for n, t in [("s", SCALAR), ("x", COLUMN), ("y", COLUMN), ("r", ROW), ("A", MATRIX), ("B", MATRIX)])
TENSOR = Type("t", ("m", "n", "n"), 1)


def test_equal_structure_is_one_object() -> None:
    assert make("add", (x, y)) is make("add", (x, y)) and make("add", (x, y)) is not make("add", (y, x))
    assert sym("x", COLUMN) is x and sym("x", ROW) is not x
    assert num(1) is num(Fraction(2, 2)) and num(Fraction(1, 2)) is num(Fraction(2, 4)) and num(12) is num(12)
    assert make("mpow", (A,), 2) is not make("mpow", (A,), 3)


def test_a_pickled_node_is_the_same_object_again() -> None:
    node = make("matmul", (transpose(x), make("matmul", (A, y))))
    assert pickle.loads(pickle.dumps(node)) is node


def test_the_type_follows_from_the_arguments() -> None:
    assert make("matmul", (A, x)).type == COLUMN and make("matmul", (r, x)).type == SCALAR
    assert make("matmul", (x, r)).type == MATRIX
    with pytest.raises(KeyError):
        make("matmul", (x, x))  # a column has no product with a column


@pytest.mark.parametrize("shape", [(), ("n",), ("m", "n"), ("m", "n", 3)])
def test_shapes_and_types_are_inverse(shape: tuple[str | int, ...]) -> None:
    assert shape_of(type_of(shape)) == shape


def test_a_row_has_the_shape_of_its_entries() -> None:
    assert r.shape == ("n",) and r.kind == "r"
    assert [size_text(t) for t in (SCALAR, COLUMN, ROW, TENSOR)] == ["[1×1]", "[n×1]", "[1×n]", "[m×n×n]"]


def test_products_are_those_of_the_kinds() -> None:
    assert times(s, x) is times(x, s) is make("scale", (s, x))
    assert times(A, x).op == "matmul" and hadamard(x, y).op == "hadamard" and hadamard(x, s) is times(s, x)
    assert transpose(transpose(A)) is A and transpose(s) is s and transpose(x).type == ROW


def test_constants_of_a_scalar_are_numbers() -> None:
    assert ones(SCALAR) is num(1) and zeros(SCALAR) is num(0) and fill(s, SCALAR) is s
    assert is_zero(zeros(COLUMN)) and is_zero(num(0)) and not is_zero(ones(COLUMN)) and not is_zero(num(1))
    assert is_one(num(1)) and not is_one(ones(COLUMN)) and not is_one(num(2))
    assert fill(s, COLUMN).type == COLUMN and eye("n").type == MATRIX


def test_small_sizes_are_numbers_and_others_stay_sizes() -> None:
    assert dimension(3) is num(3) and dimension(7) is num(7)
    assert dimension(8).op == "dim" and dimension(8).attr == 8 and dimension("n").op == "dim"


def test_every_node_once_and_arguments_first() -> None:
    inner = make("matmul", (A, x))
    root = make("add", (inner, make("neg", (inner,))))
    order = postorder((root, inner))
    assert len(order) == len(set(order)) == 5 and set(order) == set(below((root, inner))) == {A, x, inner, root.args[1], root}
    assert all(order.index(a) < order.index(node) for node in order for a in node.args)
    assert order[:3] == [A, x, inner]  # from the left
    assert postorder(()) == below(()) == []


def test_a_deep_graph_is_walked_without_recursion() -> None:
    node: Expr = x
    for _ in range(5000):
        node = make("exp", (node,))
    assert len(postorder((node,))) == len(below((node,))) == written_size(node) == 5001
    assert substitute((node,), {x: y})[0] is not node
    assert depends(node, {x}) == set(postorder((node,)))


def test_a_shared_part_is_written_each_time_and_a_named_one_once() -> None:
    node: Expr = x
    for _ in range(40):
        node = make("add", (node, node))
    assert written_size(node) == 2**41 - 1
    half = node.args[0]
    assert written_size(node, {half: "h"}) == 3


def test_replacing_is_simultaneous_and_keeps_what_has_nothing_of_it() -> None:
    kept = make("exp", (A,))
    root, same = substitute((make("sub", (x, y)), kept), {x: y, y: x})
    assert root is make("sub", (y, x)) and same is kept
    assert rebuild(make("mpow", (A,), 3), (B,)) is make("mpow", (B,), 3)


def test_sizes_are_replaced_wherever_they_stand() -> None:
    unit = make("unit", (), ("n",), COLUMN)
    (found,) = resized((make("scale", (dimension("n"), make("add", (x, unit)))),), {"n": 5})
    size, total = found.args
    assert (size.op, size.attr) == ("dim", 5)
    assert total.args[0].shape == (5,) and total.args[1].attr == (5,) and total.args[1].shape == (5,)
    assert resized((x,), {"m": 4}) == (x,)


def test_names_are_those_of_variables_and_functions() -> None:
    node = make("add", (make("fn", (x,), ("f", 1)), y))
    assert names_in((node, num(2))) == {"x", "y", "f"}


def test_what_depends_is_what_contains_it() -> None:
    ax, ay = make("matmul", (A, x)), make("matmul", (A, y))
    root = make("add", (ax, ay))
    assert depends(root, {x}) == {x, ax, root}
    assert depends(root, {B}) == set()


def test_sizes_that_arguments_do_not_tell() -> None:
    vector = sym("v", Type("c", "mn", 1))
    assert own_sizes(make("unvec", (vector,), None, Type("m", "m", "n"))) == ("m", "n")
    assert own_sizes(make("matmul", (A, x))) == ()


@pytest.mark.slow
def test_nodes_that_nobody_holds_are_forgotten() -> None:
    from matcalc.expr import nodes

    for i in range(3 * SPARE):
        make("scale", (num(i + 100), x))
    gc.collect()
    alive = sum(ref() is not None for ref in nodes._INTERNED["scale"].values())
    assert len(nodes._INTERNED["scale"]) < alive + 2.5 * SPARE


def test_what_nested_operators_put_together_stands_from_left_to_right() -> None:
    product = make("matmul", (make("matmul", (A, make("T", (A,)))), make("matmul", (A, x))))
    assert list(operands(product, ("matmul",))) == [A, make("T", (A,)), A, x] and list(operands(A, ("matmul",))) == [A]


def test_what_is_closed_is_not_looked_into() -> None:
    inner = make("matmul", (A, x))
    assert set(below((make("neg", (inner,)),), {inner})) == {make("neg", (inner,)), inner}


def test_more_nodes_than_a_number() -> None:
    node = make("matmul", (A, x))
    assert has_more_nodes(node, 2) and not has_more_nodes(node, 3)


def test_what_steps_lead_to_is_met_once_the_last_first() -> None:
    e = read("(A*x + y)'*(A*x)")
    met = reached((e,), lambda node: node.args)
    assert met[0] is e and set(met) == set(postorder((e,))) and len(met) == len(set(met))
    assert met[1] is e.args[-1]
    assert reached((e, e.args[0]), lambda node: ()) == [e.args[0], e]
