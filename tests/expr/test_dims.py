"""Symbolic sizes: arithmetic against numbers, tied sizes, contradictions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matcalc
from matcalc.expr import dims
from matcalc.expr.dims import Dim, add, atoms, mul, text, value
from matcalc.expr.errors import MatcalcError, ShapeError
from matcalc.expr.unification import Unifier

NUMBERS = {"m": 3, "n": 5, "p": 7}


def sizes(depth: int = 3) -> st.SearchStrategy[tuple[Dim, int]]:
    """A size, and the number that it is for m = 3, n = 5, p = 7."""
    leaf = st.one_of(
        st.integers(1, 4).map(lambda k: (k, k)),
        st.sampled_from(sorted(NUMBERS)).map(lambda s: (s, NUMBERS[s])),
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda ab: (add(ab[0][0], ab[1][0]), ab[0][1] + ab[1][1])),
            st.tuples(inner, inner).map(lambda ab: (mul(ab[0][0], ab[1][0]), ab[0][1] * ab[1][1])),
        ),
        max_leaves=6,
    )


# ---------------------------------------------------------------- polynomials


@given(sizes())
def test_value_is_that_of_the_polynomial(case: tuple[Dim, int]) -> None:
    d, number = case
    assert value(d, NUMBERS) == number
    assert set(map(str, atoms(d))) <= set(NUMBERS)


@given(sizes(), sizes(), sizes())
@settings(max_examples=60, derandomize=True)
def test_ring_laws_give_the_same_object(a: tuple[Dim, int], b: tuple[Dim, int], c: tuple[Dim, int]) -> None:
    x, y, z = a[0], b[0], c[0]
    assert add(x, y) == add(y, x)
    assert mul(x, y) == mul(y, x)
    assert add(add(x, y), z) == add(x, add(y, z))
    assert mul(mul(x, y), z) == mul(x, mul(y, z))
    assert mul(x, add(y, z)) == add(mul(x, y), mul(x, z))
    assert mul(x, 1) == x
    assert add(x, 0) == x


@pytest.mark.parametrize(
    ("d", "shown", "starred"),
    [
        (3, "3", "3"),
        ("n", "n", "n"),
        (mul("m", "n"), "mn", "m*n"),
        (add("n", 1), "n+1", "n+1"),
        (mul(2, "n"), "2n", "2*n"),
        (add(mul(2, "n"), 1), "2n+1", "2*n+1"),
        (add(mul("n", "n"), "m"), "nn+m", "n*n+m"),
        (add(mul("m", "p"), mul("n", "p")), "mp+np", "m*p+n*p"),
        (Unifier().fresh(), "?", "?"),
    ],
)
def test_text(d: Dim, shown: str, starred: str) -> None:
    assert text(d) == shown
    assert text(d, "*") == starred


def test_simple_results_are_ints_and_names() -> None:
    assert add(2, 3) == 5 and isinstance(add(2, 3), int)
    assert mul("n", 1) == "n" and mul(1, "n") == "n"
    assert mul(2, 3) == 6


def test_a_name_without_a_number() -> None:
    with pytest.raises(KeyError):
        value(mul("m", "q"), NUMBERS)


# ---------------------------------------------------------------- in expressions


@pytest.mark.parametrize(
    ("source", "declared", "shapes"),
    [
        ("u'*f(W*x + b)", {}, {"u": 0, "W": (0, 1), "x": 1, "b": 0}),
        ("A*B*C*x", {"C": ("p", "q")}, {"A": (0, 1), "B": (1, "p"), "C": ("p", "q"), "x": "q"}),
        ("tr(A*X*B)", {"X": ("p", "q")}, {"A": (0, "p"), "X": ("p", "q"), "B": ("q", 0)}),
        ("x'*A*x", {"x": (3,)}, {"x": 3, "A": (3, 3)}),
        ("logdet(X'*X)", {}, {"X": (0, 1)}),
        ("(X - Y)*w", {"w": ("k",)}, {"X": (0, "k"), "Y": (0, "k"), "w": "k"}),
    ],
)
def test_sizes_follow_from_use(source: str, declared: dict[str, tuple[str, ...]], shapes: dict[str, object]) -> None:
    """Numbers stand for sizes that must be the same name wherever the number stands."""
    found = matcalc.derive(source, dims=declared, check=False).dims
    names: dict[int, object] = {}
    for symbol, want in shapes.items():
        wanted = want if isinstance(want, tuple) else (want,)
        assert len(found[symbol]) == len(wanted), symbol
        for size, expected in zip(found[symbol], wanted, strict=True):
            if isinstance(expected, int) and expected < 3:
                assert names.setdefault(expected, size) == size, symbol
            else:
                assert size == expected, symbol
    assert len(set(names.values())) == len(names)


def test_kronecker_and_vec_sizes_are_products() -> None:
    shapes = {"A": ("m", "n"), "B": ("p", "q")}
    assert matcalc.parse("kron(A, B)", shapes).shape == ("m*p", "n*q")
    assert matcalc.parse("vec(A)", shapes).shape == ("m*n",)
    assert matcalc.parse("kron(A, B)*vec(C)", {**shapes, "C": ("q", "n")}).shape == ("m*p",)


def test_tied_sizes() -> None:
    """kron(A, eye(3)) + kron(eye(2), B): A is a third of the size, B half of it, so the sizes are tied."""
    declared = {"A": ("m", "m"), "B": ("p", "p")}
    expression = matcalc.parse("kron(A, eye(3)) + kron(eye(2), B)", declared)
    assert expression.shape in (("3*m", "3*m"), ("2*p", "2*p"))
    import numpy as np

    rng = np.random.default_rng(0)
    A, B = rng.standard_normal((2, 2)), rng.standard_normal((3, 3))
    want = np.kron(A, np.eye(3)) + np.kron(np.eye(2), B)
    assert np.allclose(expression.evaluate({"A": A, "B": B}), want)


@pytest.mark.parametrize(
    ("source", "declared"),
    [
        ("kron(A, eye(2)) + eye(5)", {"A": ("m", "m")}),  # 2m = 5
        ("A*x + x", {"A": (3, 4), "x": (4,)}),
        ("vec(A)'*x", {"A": (2, 3), "x": (5,)}),
        ("A + A'", {"A": ("m", "n")}),
        ("tr(A*B)", {"A": ("m", "n"), "B": ("m", "n")}),
    ],
)
def test_sizes_that_contradict(source: str, declared: dict[str, tuple[object, ...]]) -> None:
    with pytest.raises(ShapeError):
        matcalc.parse(source, declared)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "word"),
    [
        (0, "0"),
        (-1, "-1"),
        (2.5, "2.5"),
        (True, "True"),
        ("n m", "n m"),
        ("", "''"),
        (None, "None"),
        ("n;", "n;"),
    ],
)
def test_sizes_that_are_none(size: object, word: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        matcalc.parse("x'*x", {"x": (size,)})  # type: ignore[dict-item]
    assert word in caught.value.message and "x" in caught.value.message


def test_the_module_has_no_other_dependency() -> None:
    assert not any(name in vars(dims) for name in ("np", "numpy", "sympy"))
