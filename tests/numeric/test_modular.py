"""Kernels modulo a prime: batches, branches and powers; what depends on its argument alone; what is not decided."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcalc.expr.nodes import Expr, make, num, sym
from matcalc.expr.table import Type
from matcalc.numeric.evaluation import evaluate
from matcalc.numeric.exact import PRIMES
from matcalc.numeric.modular import Modular
from matcalc.numeric.residues import Undecided, Unlucky
from tests.nodes import read

P = PRIMES[0]
SIZES = {"n": 3}
x = sym("x", Type("c", "n", 1))


def value(e: Expr | str, m: Modular | None = None, **arrays: Any) -> Any:
    node = read(e) if isinstance(e, str) else e
    env = {sym(name, Type(*t)): np.array(a, object) for name, (t, a) in arrays.items()}
    return evaluate([node], env, SIZES, Modular(P, 1) if m is None else m)[0]


def column(*entries: int) -> tuple[tuple[Any, ...], list[list[int]]]:
    return ("c", "n", 1), [[v] for v in entries]


def number(v: int) -> tuple[tuple[Any, ...], list[list[int]]]:
    return ("s", 1, 1), [[v]]


def test_whole_powers_are_powers_and_others_are_drawn() -> None:
    assert value("x.^3", x=column(2, 3, 5)).ravel().tolist() == [8, 27, 125]
    assert value("x.^(-1)", x=column(2, 3, 5)).ravel().tolist() == [pow(v, -1, P) for v in (2, 3, 5)]
    with pytest.raises(Unlucky):
        value("x.^(-1)", x=column(2, 0, 5))
    same = value("x.^s", x=column(2, 3, 2), s=number(7)).ravel()
    assert same[0] == same[2] != same[1]


def test_softmax_sums_to_one_and_is_the_exponential_of_its_logarithm() -> None:
    assert value("sum(softmax(x))", x=column(2, 3, 5)).ravel().tolist() == [1]
    assert value("logsoftmax(x) - x + logsumexp(x)*ones(n)", x=column(2, 3, 5)).ravel().tolist() == [0, 0, 0]


def test_variance_is_that_of_fractions() -> None:
    (found,) = value("variance(x)", x=column(1, 2, 6)).ravel()  # mean 3, squares 4 + 1 + 9
    assert found * 3 % P == 14


def test_functions_depend_on_their_argument_alone() -> None:
    f, g = (value(f"{name}(x)", x=column(4, 9, 4)).ravel() for name in "fg")
    assert f[0] == f[2] != f[1] and f[0] != g[0]


def test_of_opaque_operators_no_law_is_known() -> None:
    zero = "sigmoid(x) + sigmoid(-x) - 1"
    assert not value(zero, x=column(4, 9, 1)).any()
    assert value(zero, Modular(P, 1, frozenset({"sigmoid"})), x=column(4, 9, 1)).all()


def test_what_has_no_kernel_is_not_decided() -> None:
    with pytest.raises(Undecided):
        Modular(P, 1).kernel("no such operator")


def test_a_division_by_zero_asks_for_another_point() -> None:
    with pytest.raises(Unlucky):
        value("x/s", x=column(1, 2, 3), s=number(0))
    assert value(make("div", (x, num(2))), x=column(2, 4, 6)).ravel().tolist() == [1, 2, 3]
