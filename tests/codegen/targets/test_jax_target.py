"""JAX source is traced by jax.jit: nothing in it depends on entries."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.codegen.targets.jax_target import DIALECT


def test_it_can_be_jitted() -> None:
    jax = pytest.importorskip("jax")
    for text in ("sum(relu(A*x)) + norm2(x) + logsumexp(A*x)", "max(A*x) + logdet(A'*A + eye)"):
        d = matcalc.derive(text, dims={"A": ("m", "n"), "x": ("n",)}, wrt=["A", "x"], check=False)
        rng = np.random.default_rng(3)
        at = rng.normal(size=(4, 3)), rng.normal(size=3)
        value, found = jax.jit(d.function("jax"))(*at)
        for got, want in zip((value, *found), (d.function()(*at)[0], *d.function()(*at)[1]), strict=True):
            assert np.allclose(got, want, atol=1e-4)


def test_the_source_says_how_precision_is_chosen() -> None:
    source = matcalc.derive("x'*x", check=False).to_code("jax")
    assert "import jax.numpy as jnp" in source and "jax_enable_x64" in source and "np.dot" not in source


def test_what_is_lacking_is_named() -> None:
    d = matcalc.derive("tr(logm(S))", dims={"S": ("n", "n")}, check=False)
    with pytest.raises(matcalc.NoRuleError, match="no jax code can be generated for the operator 'logm'"):
        d.to_code("jax")
    assert "logm" not in DIALECT.printers


def test_sizes_in_numbers_are_traced() -> None:
    """sqrt(d) of a size was made a NumPy number: jit refused what ran without it."""
    jax = pytest.importorskip("jax")
    d = matcalc.derive("sum(Y .* (softmax(Q*K'/sqrt(d))*Y))", dims={n: ("n", "d") for n in "QKY"}, wrt="Q", check=False)
    rng = np.random.default_rng(0)
    at = {n: rng.normal(size=(4, 3)) for n in "QKY"}
    run = d.function("jax")
    got = jax.jit(run.run)(*[at[str(s.attr)] for s in run.symbols])
    for g, w in zip(got, d.function()(**at), strict=True):
        assert np.allclose(g, w, rtol=1e-4, atol=1e-5)


def test_a_transposed_matrix_times_a_vector_is_read_by_rows() -> None:
    source = matcalc.derive("s = u'*tanh(W*x)", wrt="x", check=False).to_code("jax")
    assert "W.T" not in source.split('"""')[-1] and ") @ W" in source
