"""Terms as expressions: the sign in front, scalars before the chain, divisions at the end."""

from __future__ import annotations

from fractions import Fraction

from matcalc.algebra.normal.terms import HALF
from matcalc.algebra.normal.written_terms import power, scaled, sum_expr, term_expr, term_key, under_one_root
from matcalc.expr.nodes import dimension, is_zero, num
from matcalc.expr.table import SCALAR
from matcalc.notation.write.program import plain
from tests.laws import read

s, t, A, x, y = (read(name) for name in ("s", "t", "A", "x", "y"))


def test_sign_scalars_chain_divisions() -> None:
    assert plain(scaled(Fraction(-3, 2), ((s, 2), (t, -1)), x)) == "-3*s^2*x/(2*t)"
    assert plain(scaled(1, (), x)) == "x" and plain(scaled(-1, (), x)) == "-x" and plain(scaled(1, ((s, -1),), x)) == "x/s"
    assert plain(scaled(2, ((s, 1),), num(1))) == "2*s"  # no factor 1


def test_powers_as_they_are_written() -> None:
    assert power(s, 1) is s and plain(power(s, HALF)) == "sqrt(s)" and plain(power(s, 3)) == "s^3"
    assert power(read("norm2(x)"), 2).op == "sqnorm"


def test_terms() -> None:
    assert term_expr(1, (), (A, x), x.type) is read("A*x") and term_expr(3, (), (), SCALAR) is num(3)
    assert plain(term_expr(2, ((s, 1),), (A, x), x.type)) == "2*s*A*x"


def test_sums_put_positive_terms_first_and_large_ones_before_small_ones() -> None:
    form = {((), (x,)): -1, ((), (A, x)): 1, ((), (y,)): 2}
    assert plain(sum_expr(form, x.type)) == "A*x + 2*y - x"
    assert is_zero(sum_expr({}, x.type)) and plain(sum_expr({((), (x,)): -1}, x.type)) == "-x"
    assert term_key(((), (A, x))) < term_key(((), (x,))) < term_key(((), (y,)))


def test_a_one_in_every_entry_beside_others_is_the_number() -> None:
    assert plain(sum_expr({((), (x,)): 1, ((), (read("ones(n)"),)): -1}, x.type)) == "x - 1"


def test_roots_of_sizes_are_one_root() -> None:
    m, n = dimension("m"), dimension("n")
    ((base, exponent),) = under_one_root(((m, HALF), (n, HALF)))
    assert exponent == HALF and plain(base) == "m*n"
    assert under_one_root(((m, HALF), (s, HALF))) == ((m, HALF), (s, HALF))  # s may be negative
