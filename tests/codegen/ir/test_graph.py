"""The graph of code: each node once, transposed products, shapes as NumPy broadcasts them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from matcalc.codegen.ir.graph import (
    Factor,
    Graph,
    Shape,
    Val,
    broadcast,
    cancel,
    count_uses,
    extent,
    is_ones,
    nominal,
    opened,
    shape_of,
    turned,
)
from matcalc.expr.nodes import postorder

G = Graph()
A, x, y = G.make("sym", (), "A", ("m", "n")), G.make("sym", (), "x", ("n",)), G.make("sym", (), "y", ("m",))
s, t = G.make("sym", (), "s"), G.make("sym", (), "t")


def test_the_same_operator_on_the_same_nodes_is_one_node() -> None:
    e = G.make("exp", (x,), None, ("n",))
    assert G.make("exp", (x,), None, ("n",)) is e and G.known("exp", (x,), None, ("n",)) is e
    assert G.known("log", (x,), None, ("n",)) is None and G.make("pow", (x,), 2, ("n",)) is not G.make("pow", (x,), 3, ("n",))
    assert e.number > x.number


def test_a_transposed_product_is_the_product_of_the_transposes() -> None:
    chain = (Factor("M", A), Factor("c", x))
    assert turned(chain) == (Factor("r", x), Factor("M", A, True)) and turned(turned(chain)) == chain
    diagonal = (Factor("r", y), Factor("D", y), Factor("M", A))
    assert turned(diagonal) == (Factor("M", A, True), Factor("D", y), Factor("c", y))


@pytest.mark.parametrize(
    ("chain", "shape"),
    [
        ((Factor("M", A), Factor("c", x)), ("m",)),
        ((Factor("r", y), Factor("M", A)), ("n",)),
        ((Factor("M", A, True),), ("n", "m")),
        ((Factor("c", x), Factor("r", y)), ("n", "m")),
        ((Factor("D", x),), ("n", "n")),
        ((), ()),
    ],
)
def test_shapes_of_products(chain: tuple[Factor, ...], shape: Shape) -> None:
    assert shape_of(chain) == shape


@pytest.mark.parametrize("shapes", [[(3,), (2, 3)], [(2, 1), (1, 3)], [(), (4,)], [(2, 3), (2, 3)], [(1,), (5, 2, 4)]])
def test_broadcasting_is_numpys(shapes: list[tuple[int, ...]]) -> None:
    assert broadcast(shapes) == np.broadcast_shapes(*shapes)


def test_what_stands_above_and_below_the_line_cancels() -> None:
    assert cancel((s, t), (t,)) == ((s,), ()) and cancel((s, s), (s, t)) == ((s,), (t,)) and cancel((t, s), ()) == ((s, t), ())


def test_walks() -> None:
    e = G.make("exp", (x,), None, ("n",))
    root = G.make("mul", (e, x), (Fraction(1), Fraction(1)), ("n",))
    assert postorder([root]) == [x, e, root]
    assert count_uses([root])[x] == 2 and count_uses([root])[root] == 1


def test_sizes() -> None:
    assert nominal(3) == 3 and nominal("n") == nominal("m") > 100
    assert extent(Factor("M", A), 0) == "m" and extent(Factor("M", A, True), 0) == "n" and extent(Factor("D", x), 1) == "n"


def test_values() -> None:
    assert opened(x) == Val(Fraction(1), chain=opened(x).chain) and is_ones(Factor("c", G.make("ones", (), None, ("n",))))
    assert not is_ones(Factor("c", x))
