"""Rows before products: the same numbers as the code for whole matrices, and nothing of their size."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import matcalc

DIMS: dict[str, tuple[Any, ...]] = {"L": ("V", "d"), "idx": ("N",), "y": ("N",), "W": ("d", "n"), "a": ("d",), "b": ("V",)}
TEXTS = [
    ("sum(tanh(L[idx,:]*W))", "L W"),
    ("sum(tanh(W'*L[idx,:]'))", "L W"),
    ("sum(tanh(L[idx,:]*a))", "L a"),
    ("sum(exp(a'*L[idx,:]'))", "L a"),
    ("(sum(L[idx,:]))^2", "L"),
    ("sum(tanh(L[idx,:]*W) .* (L[idx,:]*W))", "L W"),
    ("sum(b[idx])^2", "b"),
    (r"\sum_i \log(1 + e^{a^T L_{y_i} + b_{y_i}})", "L a b"),
    (r"\sum_i -\log \frac{e^{f_{y_i}}}{\sum_c e^{f_c}}, f = W L_{v_i}", "L W"),
]


def arrays(d: matcalc.Derivation, sizes: dict[str, int]) -> list[Any]:
    rng = np.random.default_rng(3)
    out = []
    for name, s in d.problem.symbols.items():
        shape = tuple(sizes.get(str(n), 4) if not isinstance(n, int) else n for n in s.shape)
        out.append(rng.integers(0, shape[1], shape[0]) if name in d.problem.labels else rng.normal(size=shape))
    return out


def derived(text: str, wrt: str) -> matcalc.Derivation:
    return matcalc.derive(text, wrt=wrt.split(), dims={} if "\\" in text else {k: v for k, v in DIMS.items() if k in text})


def flat(found: Any) -> dict[int, Any]:
    results = found[1] if isinstance(found[1], tuple) and not _is_pair(found[1]) else (found[1],)
    return dict(enumerate(results))


def _is_pair(x: Any) -> bool:
    return isinstance(x, tuple) and len(x) == 2 and getattr(x[0], "dtype", np.dtype(float)).kind == "i"


@pytest.mark.parametrize(("text", "wrt"), TEXTS)
def test_the_same_numbers(text: str, wrt: str) -> None:
    d = derived(text, wrt)
    given = arrays(d, {"V": 7, "k": 7, "m": 7})
    one, other = d.function("sparse")(*given), d.function()(*given)
    assert np.isclose(one[0], other[0], rtol=1e-13)
    for i, want in flat(other).items():
        got = flat(one)[i]
        if _is_pair(got):
            whole = np.zeros_like(want)
            np.add.at(whole, *got)
            got = whole
        assert np.allclose(got, want, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("text", "wrt"), [t for t in TEXTS if "\\" not in t[0]])
def test_nothing_of_the_size_of_the_matrix(text: str, wrt: str) -> None:
    d = derived(text, wrt)
    given = arrays(d, {"V": 100_000})
    function = d.function("sparse").run
    function(*given)
    tracemalloc.start()
    function(*given)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000 * 8 / 10
