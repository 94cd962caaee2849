"""Forms that are one expression each."""

from __future__ import annotations

import matcalc


def test_nothing_is_written_in_place() -> None:
    dims = {"S": ("n", "n"), "x": ("n",), "a": ()}
    d = matcalc.derive("logdet(S + a*eye) + logdet(S + diag(x)) + max(x)", dims=dims, check=False)
    source = d.to_code("jax")
    assert "+ a * jnp.eye(" in source and "+ jnp.diag(x)" in source and "+=" not in source and "] =" not in source
