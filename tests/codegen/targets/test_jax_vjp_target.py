"""Functions with a backward pass of their own in JAX: under grad, once more, vmap and jit, against JAX's own derivatives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import NoRuleError
from tests.codes import namespace

PROBLEMS = [  # (text, sizes, the same in JAX)
    ("s = u' * tanh(W*x + b)", {"u": (3,), "W": (3, 4), "x": (4,), "b": (3,)}, "u @ jnp.tanh(W @ x + b)"),
    ("y = W*x + b", {"W": (3, 4), "x": (4,), "b": (3,)}, "W @ x + b"),
    ("softmax(W*x)", {"W": (3, 4), "x": (4,)}, "jax.nn.softmax(W @ x)"),
    ("tanh(A*X*B)", {"A": (2, 3), "X": (3, 4), "B": (4, 2)}, "jnp.tanh(A @ X @ B)"),
    ("norm2(X - a*1')^2/(1 + a'*a)", {"X": (3, 5), "a": (3,)}, "((X - a[:, None])**2).sum() / (1 + a @ a)"),
]


@pytest.fixture
def jax() -> Iterator[Any]:
    """JAX in double precision."""
    module = pytest.importorskip("jax")
    module.config.update("jax_enable_x64", True)
    yield module
    module.config.update("jax_enable_x64", False)


def opened(text: str, sizes: dict[str, tuple[int, ...]], **options: Any) -> dict[str, Any]:
    return namespace(text, sizes, "jax-vjp", **options)


@pytest.mark.parametrize(("text", "sizes", "same"), PROBLEMS, ids=[text for text, *_ in PROBLEMS])
def test_first_and_second_derivatives(jax: Any, text: str, sizes: dict[str, tuple[int, ...]], same: str) -> None:
    jnp = jax.numpy
    run = opened(text, sizes, wrt=list(sizes))["run"]
    order = run.__code__.co_varnames[: run.__code__.co_argcount]
    rng = np.random.default_rng(2)
    at = [jnp.asarray(rng.normal(size=sizes[n])) for n in order]
    theirs = eval(f"lambda {', '.join(order)}: {same}", {"jax": jax, "jnp": jnp})
    weight = rng.normal(size=np.shape(theirs(*at)))
    along = [rng.normal(size=x.shape) for x in at]
    numbers = tuple(range(len(order)))

    def gradient(f: Any) -> Any:
        return jax.grad(lambda *given: (weight * f(*given)).sum(), numbers)

    def second(f: Any) -> Any:
        return jax.grad(lambda *given: sum((g * v).sum() for g, v in zip(gradient(f)(*given), along, strict=True)), numbers)

    for derivative in (gradient, second):
        ours, want = jax.jit(derivative(run))(*at), derivative(theirs)(*at)
        assert all(np.allclose(a, b, atol=1e-10) for a, b in zip(ours, want, strict=True))
    stacked = [jnp.stack([x, 2 * x]) for x in at]
    assert np.allclose(jax.vmap(run)(*stacked)[1], theirs(*[2 * x for x in at]))


def test_what_no_gradient_was_derived_by_has_none() -> None:
    """NaN, never 0."""
    jax = pytest.importorskip("jax")
    run = opened("s = u' * tanh(W*x)", {"u": (3,), "W": (3, 4), "x": (4,)}, wrt="W")["run"]
    by_u, by_w = jax.grad(run, (0, 1))(np.ones(3), np.ones((3, 4)), np.ones(4))
    assert np.isnan(by_u).all() and np.isfinite(by_w).all()


def test_the_source() -> None:
    source = matcalc.derive("s = u' * tanh(W*x + b)", check=False).to_code("jax-vjp")
    assert "@jax.custom_vjp" in source and "_s.defvjp(_s_forward, _s_backward)" in source
    with pytest.raises(NoRuleError, match="'f' is a function that each call gives"):
        matcalc.derive("sum(f(x))", dims={"x": ("n",)}, check=False).to_code("jax-vjp")
