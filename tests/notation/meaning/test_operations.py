"""Signs between two values, for each pair of kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from tests.differences import slopes
from tests.meanings import require_refused, require_same, require_value


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("s*x", "x*s"),
        ("x/s", "x/s"),
        ("-(-x)", "-(-x)"),
        ("s .* x", "s*x"),
        ("A ⊗ B", "kron(A, B)"),
    ],
)
def test_readings(text: str, other: str) -> None:
    require_same(text, other)


VALUES: list[tuple[str, Callable[..., Any]]] = [
    ("x + s", lambda x, s: x + s),
    ("s - W", lambda s, W: s - W),
    ("-x*s", lambda x, s: -x * s),
    ("x .* y", lambda x, y: x * y),
    ("x ./ y", lambda x, y: x / y),
    ("s ./ x", lambda s, x: s / x),
    ("A*x", lambda A, x: A @ x),
    ("x'*A", lambda x, A: x @ A),
    ("x*y'", lambda x, y: np.outer(x, y)),
    ("x'*y", lambda x, y: x @ y),
    ("kron(x, b)", lambda x, b: np.kron(x, b)),
    ("W/s", lambda W, s: W / s),
    ("A*inv(B)", lambda A, B: A @ np.linalg.inv(B)),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Callable[..., Any]) -> None:
    require_value(text, value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x + b", "x"),
        ("A + W", "A"),
        ("x*y", "x"),
        ("W*W", "W"),
        ("x/y", "x"),
        ("A .* W", "A"),
        ("x + x'", "x"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    require_refused(text, words)


PRODUCTS: list[tuple[str, str, Callable[..., Any]]] = [
    (r"h \ast x", "h ∗ x is read as the convolution", lambda h, x: np.convolve(h, x)),
    (r"a \times b", "a × b is read as the cross product", lambda a, b: np.cross(a, b)),
    (r"\omega\times(\omega\times b)", "is read as the cross product", lambda omega, b: np.cross(omega, np.cross(omega, b))),
    (r"[a]_\times b", "", lambda a, b: np.cross(a, b)),
    (r"[a]_{\times}^2 b", "", lambda a, b: np.cross(a, np.cross(a, b))),
    ("cross(a, b)", "a × b is read", lambda a, b: np.cross(a, b)),
    ("np.cross(a, b)", "a × b is read", lambda a, b: np.cross(a, b)),
    (r"|\vec a|", "is read as its norm", lambda a: np.linalg.norm(a)),
    (r"|\vec a - \vec b|^2", "is read as its norm", lambda a, b: (a - b) @ (a - b)),
]


@pytest.mark.parametrize(("text", "notice", "value"), PRODUCTS, ids=[text for text, _, _ in PRODUCTS])
def test_products_of_vectors_by_their_sign(text: str, notice: str, value: Callable[..., Any]) -> None:
    rng = np.random.default_rng(4)
    at = {n: rng.normal(size=3) for n in value.__code__.co_varnames[: value.__code__.co_argcount]}
    e = matcalc.parse(text)
    assert np.allclose(e.evaluate(at), value(**at), rtol=1e-12)
    assert not notice or any(notice in w for w in e._problem.warnings)


@pytest.mark.parametrize(
    ("text", "wrt", "value"),
    [
        (r"\omega\times(\omega\times v)", "omega", lambda v: np.cross(v["omega"], np.cross(v["omega"], v["v"]))),
        (r"\frac12\|h\ast v - y\|^2", "v", lambda v: np.sum((np.convolve(v["h"], v["v"]) - v["y"]) ** 2) / 2),
        (r"u^T(v\times\omega)", "omega", lambda v: v["u"] @ np.cross(v["v"], v["omega"])),
        (r"\frac{1}{|\vec v - \vec u|}", "v", lambda v: 1 / np.linalg.norm(v["v"] - v["u"])),
    ],
)
def test_their_derivatives(text: str, wrt: str, value: Callable[..., Any]) -> None:
    rng = np.random.default_rng(8)
    at = {n: rng.normal(size=k) for n, k in {"omega": 3, "v": 3, "u": 3, "h": 2, "y": 4}.items()}
    d = matcalc.derive(text, wrt=wrt)
    found = matcalc.parse(d.result.plain, d.dims).evaluate({n: at[n] for n in d.dims})
    assert np.allclose(found, slopes(value, wrt, at), rtol=1e-7, atol=1e-9)


def test_a_number_times_a_number_is_no_cross_product() -> None:
    assert matcalc.parse(r"2\times x", {"x": ("n",)}).plain == "2*x"
    assert matcalc.parse(r"\lambda\times\|x\|^2", {"x": ("n",)}).plain == "lambda*norm2(x)^2"


def test_the_number_pi_beside_a_vector_is_noticed() -> None:
    r"""π in x^T(x − π) may be a vector of frequencies; a number it is, beside every entry, and that is said."""
    text = r"x^T(x - \pi)"
    assert any(r"'\pi' is the number 3.14" in w and "--dim pi=n" in w for w in matcalc.derive(text, "x").warnings)
    assert matcalc.derive(text, "x", dims={"pi": ("n",)}).dims["pi"] == ("n",)
    for other in (r"\pi x^T x", r"\sin(2\pi x)^T y"):
        assert not any("3.14" in w for w in matcalc.derive(other, "y" if "y" in other else "x").warnings)


def test_an_identity_that_a_product_does_not_need_is_noticed() -> None:
    """The moment of inertia of ½ ωᵀ I ω was dropped without a word."""
    assert any("'I' is read as the identity" in w for w in matcalc.derive(r"\frac12 \omega^T I \omega", r"\omega").warnings)
    assert not matcalc.derive(r"(A + \lambda I)^{-1} b", "b").warnings
    declared = matcalc.derive(r"\frac12 \omega^T I \omega", r"\omega", dims={"I": ("n", "n")})
    assert declared.result.plain == "(I + I')*omega/2"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("x'*A*x + b", "x'*A*x"),
        ("b - 2*x'*y", "2*x'*y"),
        ("x'*y + b'", "x'*y"),
        ("x - mean(x)", ""),
        ("1 + x", ""),
        ("x - max(x)", ""),
    ],
)
def test_a_product_that_is_a_number_beside_a_vector_is_noticed(text: str, named: str) -> None:
    """A student who adds a vector to a quadratic form is told what is computed; a mean beside a vector is no mistake."""
    d = matcalc.derive(text, "x", dims={"x": ("n",), **({"b": ("m",)} if "b" in text else {})})
    said = [w for w in d.warnings if "added to every entry of a vector" in w]
    assert [f"'{named}' is a number" in w for w in said] == ([True] if named else [])
