"""Sparse gradients: the integers and the rows are the dense gradient, taken by differences, and nothing large is made."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.codegen.plan.kernel_nodes import Kernels
from matcalc.codegen.plan.sparse_rows import sparse

V, D, N = 6, 3, 5
RNG = np.random.default_rng(5)
DIMS: dict[str, tuple[Any, ...]] = {
    "L": ("V", "d"), "idx": ("N",), "b": ("V",), "W": ("d", "n"), "a": ("d",), "c": (), "M": ("n", "3*d"), "u": ("n",)
}  # fmt: skip
AT: dict[str, Any] = {
    "L": RNG.normal(size=(V, D)), "idx": np.array([4, 1, 4, 0, 1]), "b": RNG.normal(size=V), "W": RNG.normal(size=(D, 2)),
    "a": RNG.normal(size=D), "c": 1.7, "M": RNG.normal(size=(2, 3 * D)), "u": RNG.normal(size=2), "i": 4, "i1": 2, "i2": 2, "i3": 0,
}  # fmt: skip
TEXTS = [
    ("sum(tanh(L[idx,:]*W))", "L"),
    ("a'*L[i,:]", "L"),
    ("c*sum(L[idx,:])/(1 + c^2) - exp(a'*L[i,:])", "L"),
    ("c*sum(L[idx,:]) - exp(sum(L[i,:]))", "L"),
    ("a'*L[3,:]", "L"),
    ("u'*tanh(M*[L[3,:]; L[i,:]; L[V,:]])", "L"),
    ("sum(tanh(L[idx,:]*a))", "L"),
    ("u'*tanh(M*[L[i1,:]; L[i2,:]; L[i3,:]])", "L"),
    ("u'*tanh(M*[L[i,:]; 2*L[i,:]; a])", "L"),
    ("sum(b[idx].^2)", "b"),
    ("exp(b[i])*b[i1]", "b"),
    ("norm2(L[idx,:]*W)^2", "L"),
]


def dense(text: str, wrt: str) -> np.ndarray:
    """The gradient by differences of the value that other code computes."""
    d = matcalc.derive(text, wrt=wrt, dims={k: v for k, v in DIMS.items() if k in text})
    value = d.function()
    names = list(d.problem.symbols)
    out = np.zeros_like(AT[wrt])
    for place in np.ndindex(out.shape):
        ends = []
        for h in (1e-6, -1e-6):
            moved = {**AT, wrt: AT[wrt].copy()}
            moved[wrt][place] += h
            ends.append(value(*(moved[n] for n in names))[0])
        out[place] = (ends[0] - ends[1]) / 2e-6
    return out


@pytest.mark.sample(2)
@pytest.mark.parametrize(("text", "wrt"), TEXTS)
def test_rows_added_at_their_places_are_the_gradient(text: str, wrt: str) -> None:
    d = matcalc.derive(text, wrt=wrt, dims={k: v for k, v in DIMS.items() if k in text})
    _, (at, rows) = d.function("sparse")(*(AT[n] for n in d.problem.symbols))
    assert at.dtype.kind == "i" and at.ndim == 1 and rows.shape == (len(at), *AT[wrt].shape[1:]) and rows.dtype == float
    whole = np.zeros_like(AT[wrt])
    np.add.at(whole, at, rows)
    assert np.allclose(whole, dense(text, wrt), rtol=1e-6, atol=1e-7)


def test_nothing_of_the_size_of_the_matrix_is_made() -> None:
    d = matcalc.derive("sum(tanh(L[idx,:]*W))", wrt=["L", "W"], dims={"L": ("V", "d"), "idx": ("N",)})
    function = d.function("sparse").run
    big = {"L": np.ones((20_000, 50)), "W": np.ones((50, 4)), "idx": np.array([3, 19_999, 3])}
    given = [big[n] for n in d.problem.symbols]
    function(*given)
    tracemalloc.start()
    function(*given)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < big["L"].nbytes / 50


def test_any_row_may_be_there() -> None:
    k = Kernels()
    at = k.make("sym", (), "idx", ("N",))
    rows, whole = k.make("sym", (), "G", ("N", "d")), k.make("sym", (), "L", ("V", "d"))
    added = k.make("addat", (at, rows), None, ("V", "d"))
    assert sparse(k, added) == (at, rows)
    assert sparse(k, whole) is None and sparse(k, k.lin([added, whole], [1, 2])) is None  # type: ignore[list-item]
    assert sparse(k, k.make("T", (added,), None, ("d", "V"))) is None
    assert sparse(k, k.make("scattered", (at, k.number(1)), None, ("N", "V"))) is None  # one entry in each row
    assert sparse(k, k.prod([added, whole], (1, 1))) is None
