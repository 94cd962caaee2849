"""Text with its precedence: brackets where Python needs them, and nowhere else."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from matcalc.codegen.ir.graph import Graph, Node
from matcalc.codegen.targets.numpy_target import DIALECT
from matcalc.codegen.targets.printing import (
    ATOM,
    COMPARE,
    PRODUCT,
    SUM,
    Text,
    as_numpy,
    call,
    filled_with,
    in_double,
    is_bare,
    is_literal,
    lin,
    number,
    prod,
    term,
    term_signed,
    typed,
)

G = Graph()
x, y, s = G.make("sym", (), "x", ("n",)), G.make("sym", (), "y", ("n",)), G.make("sym", (), "s")
total = G.make("opaque", (x, y), None, ("n",))


class Plain:
    """A writer to whom a node is its name; the sum is a sum."""

    def text(self, node: Node) -> Text:
        if node.op == "num":
            return number(node.attr)
        return Text("x + y", SUM) if node is total else Text(str(node.attr))

    dialect = DIALECT
    kinds: tuple[str, ...] = ()

    def dtype(self) -> str | None:
        return None


class Single(Plain):
    kinds = ("x",)

    def dtype(self) -> str | None:
        return "x.dtype"


W: Any = Plain()


@pytest.mark.parametrize(
    ("value", "code"),
    [(Fraction(3), "3"), (Fraction(1, 2), "0.5"), (Fraction(-2), "-2"), (Fraction(1, 3), "1 / 3"), (Fraction(10**20), "1e+20")],
)
def test_numbers(value: Fraction, code: str) -> None:
    assert number(value).code == code and Fraction(eval(code)).limit_denominator(10) == value.limit_denominator(10)
    assert is_literal(value) is ("/" not in code)


def test_brackets_by_level() -> None:
    assert Text("a + b", SUM).at(PRODUCT) == "(a + b)" and Text("a + b", SUM).at(COMPARE) == "a + b"
    assert call("f", "a", "b") == Text("f(a, b)", ATOM)
    assert term(Text("a + b", SUM), Fraction(2)).code == "2 * (a + b)" and term(Text("a"), Fraction(1)).code == "a"
    assert term(Text("a"), Fraction(1, 3)).code == "a / 3" and term_signed(Text("a + b", SUM), Fraction(-1)).code == "-(a + b)"


def test_sums() -> None:
    assert lin(W, G.make("lin", (x, y), (Fraction(1), Fraction(-2)), ("n",))).code == "x - 2 * y"
    assert lin(W, G.make("lin", (x, total), (Fraction(-1), Fraction(-1)), ("n",))).code == "-x - (x + y)"


def test_products_take_scalars_first_and_divide_last() -> None:
    assert prod(W, G.make("prod", (x, s), (Fraction(2), (1, 1)), ("n",))).code == "2 * s * x"
    assert prod(W, G.make("prod", (x, s), (Fraction(1), (1, -1)), ("n",))).code == "x / s"
    assert prod(W, G.make("prod", (total, y), (Fraction(-1), (1, -1)), ("n",))).code == "-(x + y) / y"
    assert prod(W, G.make("prod", (s,), (Fraction(1), (-1,)))).code == "1 / s"


def test_what_python_would_divide_by_zero_is_numpys() -> None:
    n, one = G.make("dim", (), "n"), G.make("num", (), Fraction(1))
    less = G.make("lin", (n, one), (Fraction(1), Fraction(-1)))
    pi = G.make("const", (), "pi")
    assert is_bare(less) and is_bare(pi) and is_bare(G.make("sqrt", (n,))) and not is_bare(s) and not is_bare(x)
    difference = G.make("lin", (n, pi), (Fraction(1), Fraction(-1)))
    assert as_numpy(W, difference).code == f"np.float64({difference.attr})" and as_numpy(W, n).code == "n"
    assert as_numpy(Single(), difference).code == f"x.dtype.type({difference.attr})"
    assert as_numpy(Single(), G.make("sqrt", (less,))).code == "None"  # that of a function is NumPy's


def test_what_is_made_of_nothing_given_has_the_precision_of_what_is() -> None:
    assert (
        filled_with(W, "np.eye", "n").code == "np.eye(n)"
        and filled_with(Single(), "np.eye", "n").code == "np.eye(n, dtype=x.dtype)"
    )
    one = G.make("num", (), Fraction(1))
    assert typed(Single(), one).code == "x.dtype.type(1)" and typed(Single(), s).code == "s"
    made = in_double(lambda *_: Text("f(x) @ x", SUM))
    assert made(W, x).code == "f(x) @ x" and made(Single(), x).code == "(f(x) @ x).astype(x.dtype, copy=False)"
