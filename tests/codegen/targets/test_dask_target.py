"""Sums over samples in blocks: the same numbers whatever the blocks are, in memory or on a cluster; the rest is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc

DIMS = {"X": ("N", "d"), "w": ("d",), "y": ("N",), "a": ()}
LOSS = "sum(log(1 + exp(-y .* (X*w))))/N + a/2*w'*w"


def data(count: int = 1000) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    return {"X": rng.normal(size=(count, 5)), "w": rng.normal(size=5), "y": rng.choice([-1.0, 1.0], count), "a": 0.3}


@pytest.mark.parametrize("kind", ["gradient", "hessian"])
def test_any_blocks_give_what_numpy_gives(kind: str) -> None:
    da = pytest.importorskip("dask.array")
    d = matcalc.derive(LOSS, dims=DIMS, wrt="w", kind=kind, check=False)
    at, run = data(), d.function("dask")
    want = d.function()(**at)
    for rows in (1000, 333, 20):
        got = run(**at | {"X": da.from_array(at["X"], (rows, 2)), "y": da.from_array(at["y"], 100)})
        assert all(np.allclose(g, w, rtol=1e-12) for g, w in zip(got, want, strict=True))
    assert all(np.allclose(g, w, rtol=1e-12) for g, w in zip(run(**at), want, strict=True))


def test_the_same_each_time() -> None:
    da = pytest.importorskip("dask.array")
    d, at = matcalc.derive(LOSS, dims=DIMS, wrt="w", check=False), data()
    at["X"] = da.from_array(at["X"], (17, 5))
    assert len({np.asarray(d.function("dask")(**at)[1]).tobytes() for _ in range(3)}) == 1


def test_what_each_sample_has_of_its_own_stands_end_to_end() -> None:
    da = pytest.importorskip("dask.array")
    d = matcalc.derive("norm2(X*w - y)^2", dims=DIMS, wrt=["w", "y"], check=False)
    at = {n: x for n, x in data().items() if n != "a"}
    _, (_, by_y) = d.function("dask")(**at | {"X": da.from_array(at["X"], (30, 5))})
    assert np.allclose(by_y, -2 * (at["X"] @ at["w"] - at["y"]))


def test_a_bad_block_names_its_index() -> None:
    da = pytest.importorskip("dask.array")
    d, at = matcalc.derive(LOSS, dims=DIMS, wrt="w", check=False), data(40)
    bad = da.from_array(at["X"], (10, 5)).map_blocks(
        lambda x, block_id=None: x[:, :3] if block_id[0] == 2 else x, dtype=float, chunks=((10,) * 4, (5,))
    )
    with pytest.raises(Exception, match="block 2"):
        d.function("dask")(**at | {"X": bad})


@pytest.mark.parametrize("text", ["norm2(X*w - y)", "max(X*w)", "logsumexp(X*w)", "(sum(X*w))^2"])
def test_what_is_no_sum_over_samples_is_refused(text: str) -> None:
    d = matcalc.derive(text, dims=DIMS, wrt="w", check=False)
    with pytest.raises(matcalc.NoRuleError, match="no sum over samples: along N there is"):
        d.to_code("dask")


def test_names_that_the_source_uses() -> None:
    pytest.importorskip("dask")
    d = matcalc.derive("norm2(X*count - own)^2", dims={"X": ("N", "d"), "count": ("d",), "own": ("N",)}, wrt="count", check=False)
    at = {"X": np.eye(3), "count": np.ones(3), "own": np.zeros(3)}
    assert np.allclose(d.function("dask")(**at)[1], 2.0)
