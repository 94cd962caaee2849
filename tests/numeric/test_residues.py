"""Numbers and matrices modulo a prime: the laws that functions keep, matrices against whole numbers, and what has no value."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from matcalc.numeric.exact import PRIMES
from matcalc.numeric.residues import (
    FUNCTIONS,
    MATRIX_FUNCTIONS,
    Residues,
    Unlucky,
    adjugate,
    determinant,
    each,
    exp,
    frechet,
    half,
    inverse,
    log,
    matrix_function,
    polynomial,
    power_of,
    pseudo_inverse,
    whole,
)

P = PRIMES[0]
M = Residues(P, 3)
SOME = (5, 123456789, P - 7, P // 3, P // 2 + 5)
X = whole(np.array([[2, 1, 0], [1, 3, 1], [0, 5, 4]]))  # det = 2·(12 − 5) − 4 = 10


def f(name: str, v: int) -> int:
    return FUNCTIONS[name](M, v % P) % P


def test_fractions_and_their_inverses() -> None:
    assert M.residue(Fraction(3, 4)) * 4 % P == 3 and M.residue(Fraction(-1)) == P - 1
    assert all(v * M.inverse(v) % P == 1 for v in SOME) and half(M) * 2 % P == 1
    assert M.array(np.array([0.5, -3.0])).tolist() == [half(M), P - 3]
    with pytest.raises(Unlucky):
        M.inverse(2 * P)


def test_what_is_drawn_depends_on_the_key_alone() -> None:
    assert M.drawn("a", 1) == M.drawn("a", 1) == Residues(P, 3).drawn("a", 1)
    elsewhere = Residues(P, 4).drawn("a", 1), Residues(PRIMES[1], 3).drawn("a", 1)
    assert len({M.drawn("a", 1), M.drawn("a", 2), M.drawn("b", 1), *elsewhere}) == 5


def test_matrices() -> None:
    assert determinant(X, P) == 10 and determinant(X[[1, 0, 2]], P) == P - 10
    assert ((X @ inverse(X, P) - np.eye(3, dtype=int)) % P == 0).all()
    assert (adjugate(X, P) % P == 10 * inverse(X, P) % P).all()
    singular = whole(np.array([[1, 2], [2, 4]]))
    assert determinant(singular, P) == 0 and (adjugate(singular, P) % P == [[4, P - 2], [P - 2, 1]]).all()
    with pytest.raises(Unlucky):
        inverse(singular, P)


def test_powers_and_pseudo_inverses() -> None:
    assert (power_of(X, 3, P) == X @ X @ X % P).all() and (power_of(X, 0, P) == np.eye(3, dtype=int)).all()
    assert (power_of(X, -2, P) @ X @ X % P == np.eye(3, dtype=int)).all()
    tall = whole(np.array([[1, 2], [3, 4], [5, 7]]))
    for a in (tall, tall.T):
        plus = pseudo_inverse(a, P)
        assert ((a @ plus @ a - a) % P == 0).all() and ((plus @ a @ plus - plus) % P == 0).all()
        assert ((a @ plus - (a @ plus).T) % P == 0).all()


def test_functions_of_matrices_commute_with_their_matrix_and_differ_by_name() -> None:
    y = polynomial(M, "expm", X)
    assert ((X @ y - y @ X) % P == 0).all() and not (y == polynomial(M, "logm", X)).all()


def test_frechet_derivatives_obey_the_product_rule() -> None:
    """Of f(x) x = x f(x): L(e) x + f(x) e = e f(x) + x L(e)."""
    e = whole(np.array([[1, 0, 2], [0, 3, 1], [4, 1, 0]]))
    for name in MATRIX_FUNCTIONS:
        d, y = frechet(M, name, X, e), matrix_function(M, name, X)
        assert ((d @ X + y @ e - e @ y - X @ d) % P == 0).all() and d.any()


def test_functions_of_matrices_obey_what_is_known_of_them() -> None:
    exp, back, sin, cos = (matrix_function(M, name, x) for name, x in (("expm", X), ("expm", -X % P), ("sinm", X), ("cosm", X)))
    one = np.eye(3, dtype=int)
    assert ((exp @ back - one) % P == 0).all() and ((sin @ sin + cos @ cos - one) % P == 0).all()
    assert ((matrix_function(M, "sinm", -X % P) + sin) % P == 0).all() and not ((exp - one) % P == 0).all()


IDENTITIES: dict[str, Callable[[int], int]] = {
    "exp(-v) exp(v) = 1": lambda v: f("exp", v) * f("exp", -v) - 1,
    "sin² + cos² = 1": lambda v: f("sin", v) ** 2 + f("cos", v) ** 2 - 1,
    "cosh² − sinh² = 1": lambda v: f("cosh", v) ** 2 - f("sinh", v) ** 2 - 1,
    "tan cos = sin": lambda v: f("tan", v) * f("cos", v) - f("sin", v),
    "tanh cosh = sinh": lambda v: f("tanh", v) * f("cosh", v) - f("sinh", v),
    "sigmoid (1 + exp(-v)) = 1": lambda v: f("sigmoid", v) * (1 + f("exp", -v)) - 1,
    "expm1 = exp − 1": lambda v: f("expm1", v) - f("exp", v) + 1,
    "logsigmoid(v) = −softplus(−v)": lambda v: f("logsigmoid", v) + f("softplus", -v),
    "silu = v sigmoid": lambda v: f("silu", v) - v * f("sigmoid", v),
    "normcdf(v) + normcdf(−v) = 1": lambda v: f("normcdf", v) + f("normcdf", -v) - 1,
    "normpdf is even": lambda v: f("normpdf", v) - f("normpdf", -v),
    "erf is odd": lambda v: f("erf", v) + f("erf", -v),
    "erfc = 1 − erf": lambda v: f("erfc", v) - 1 + f("erf", v),
    "log(1/v) = −log v": lambda v: f("log", v) + f("log", M.inverse(v)),
}


@pytest.mark.parametrize("law", IDENTITIES)
def test_functions_keep_the_laws_that_make_terms_cancel(law: str) -> None:
    assert [IDENTITIES[law](v) % P for v in SOME] == [0] * len(SOME)


def test_values_that_are_known() -> None:
    assert exp(M, 0) == 1 and log(M, 1) == 0 and f("sin", 0) == f("sqrt", 0) == f("erf", 0) == 0 and f("cos", 0) == 1
    assert f("exp", 5) != f("exp", 6) and f("sin", 5) not in (0, 5)
    assert each(np.array([[1, 2]]), lambda v: v + 1).tolist() == [[2, 3]]
