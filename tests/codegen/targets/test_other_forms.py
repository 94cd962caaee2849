"""Forms that are one expression each."""

from __future__ import annotations

import pytest

import matcalc


def test_nothing_is_written_in_place() -> None:
    dims = {"S": ("n", "n"), "x": ("n",), "a": ()}
    d = matcalc.derive("logdet(S + a*eye) + logdet(S + diag(x)) + max(x)", dims=dims, check=False)
    source = d.to_code("jax")
    assert "+ a * jnp.eye(" in source and "+ jnp.diag(x)" in source and "+=" not in source and "] =" not in source


@pytest.mark.parametrize(
    ("target", "form"),
    [
        ("torch", "grad_x = (torch.arange(n, device=x.device) == 1).to(x.dtype)"),
        ("array-api", "grad_x = xp.astype(xp.arange(n) == 1, x.dtype)"),
    ],
)
def test_a_unit_vector_is_made_like_an_array_that_is_given(target: str, form: str) -> None:
    """On its device, in its precision."""
    d = matcalc.derive("x[2]", wrt="x", dims={"x": ("n",)}, check=False)
    assert form in [line.strip() for line in d.to_code(target).splitlines()]
