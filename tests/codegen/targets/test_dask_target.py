"""Sums over samples in blocks: the same numbers whatever the blocks are, in memory or on a cluster; the rest is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.codegen.products.explained import sent

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


def _written(folder: Any, at: dict[str, Any]) -> dict[str, Any]:
    for name in ("X", "y"):
        np.save(folder / f"{name}.npy", at[name])
    return {**at, "X": str(folder / "X.npy"), "y": str(folder / "y.npy")}


def test_files_are_read_where_they_are_needed(tmp_path: Any) -> None:
    pytest.importorskip("dask.array")
    d, at = matcalc.derive(LOSS, dims=DIMS, wrt="w", kind="hessian", check=False), data()
    want, run = d.function()(**at), d.function("dask")
    paths = _written(tmp_path, at)
    for given in (paths, {**paths, "y": at["y"]}, {**at, "X": paths["X"]}):
        got = run(**given)
        assert all(np.allclose(g, w, rtol=1e-12) for g, w in zip(got, want, strict=True))


def test_files_of_other_libraries(tmp_path: Any) -> None:
    da, zarr = pytest.importorskip("dask.array"), pytest.importorskip("zarr")
    d, at = matcalc.derive(LOSS, dims=DIMS, wrt="w", check=False), data()
    want, run = d.function()(**at), d.function("dask")
    assert zarr and da.from_array(at["X"], (300, 5)).to_zarr(str(tmp_path / "X.zarr")) is not False
    assert np.allclose(run(**at | {"X": str(tmp_path / "X.zarr")})[1], want[1], rtol=1e-12)
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    pandas.DataFrame(at["X"], columns=list("abcde")).to_parquet(tmp_path / "X.parquet")
    assert np.allclose(run(**at | {"X": str(tmp_path / "X.parquet")})[1], want[1], rtol=1e-12)


def test_samples_along_columns_in_a_file(tmp_path: Any) -> None:
    pytest.importorskip("dask.array")
    d = matcalc.derive("norm2(w'*X - y')^2", dims={"X": ("d", "N"), "w": ("d",), "y": ("N",)}, wrt="w", check=False)
    at = {"X": np.random.default_rng(1).normal(size=(5, 70)), "w": np.ones(5), "y": np.arange(70.0)}
    np.save(tmp_path / "X.npy", at["X"])
    want = d.function()(**at)
    make = (lambda i: at["y"][30 * i : 30 * i + 30], (30, 30, 10))
    assert np.allclose(d.function("dask")(**at | {"X": str(tmp_path / "X.npy"), "y": make})[1], want[1], rtol=1e-12)


def test_a_function_makes_the_blocks() -> None:
    pytest.importorskip("dask.array")
    d, at = matcalc.derive(LOSS, dims=DIMS, wrt="w", check=False), data(100)
    lengths = (30, 30, 40)
    starts = (0, 30, 60)
    made = {n: (lambda i, n=n: at[n][starts[i] : starts[i] + lengths[i]], lengths) for n in ("X", "y")}
    want = d.function()(**at)
    for given in (made, {"X": made["X"]}, {"y": made["y"]}):
        assert np.allclose(d.function("dask")(**at | given)[1], want[1], rtol=1e-12)


def test_blocks_that_do_not_fit_are_refused() -> None:
    pytest.importorskip("dask.array")
    d, at = matcalc.derive(LOSS, dims=DIMS, wrt="w", check=False), data(100)
    run = d.function("dask").run
    order = d.function("dask").originals
    X, y = (lambda i: at["X"][:50], (50, 50)), (lambda i: at["y"][:25], (25,) * 4)
    for wrong, said in (({"X": X, "y": at["y"][:99]}, "numbers of samples"), ({"X": X, "y": y}, "different lengths")):
        with pytest.raises(ValueError, match=said):
            run(*[(at | wrong)[n] for n in order])

    def broken(i: int) -> Any:
        raise RuntimeError("the disk is gone")

    with pytest.raises(ValueError, match=r"^block \d: the disk is gone$"):
        run(*[(at | {"X": (broken, (50, 50))})[n] for n in order])


def test_names_of_the_function_are_no_names_of_variables() -> None:
    pytest.importorskip("dask")
    text = "norm2(X*sums - y)^2 + rest*own'*own + blocks^2"
    dims = {"X": ("N", "d"), "sums": ("d",), "y": ("N",), "rest": (), "own": ("k",), "blocks": ()}
    d = matcalc.derive(text, dims=dims, wrt=["sums", "own", "rest", "blocks"], check=False)
    at = {"X": np.ones((4, 2)), "sums": np.ones(2), "y": np.zeros(4), "rest": 3.0, "own": np.ones(2), "blocks": 2.0}
    for got, want in zip(d.function("dask")(**at)[1], d.function()(**at)[1], strict=True):
        assert np.allclose(got, want)


def test_what_is_sent_is_said() -> None:
    d = matcalc.derive(LOSS, dims=DIMS, wrt="w", kind="hessian", check=False)
    assert sent(d) == ("N", "8*d+8", "8*d*d+8")
    assert "gives d*d+1 numbers" in " ".join(d.to_code("dask").split())


SLOW = """
import os, signal, sys, threading, time
import numpy as np
import matcalc
from dask.distributed import Client, LocalCluster

COUNT, EACH = 24, 2000

def make(i):
    time.sleep(0.3)
    return np.random.default_rng(i).normal(size=(EACH, 5))

def labels(i):
    return np.random.default_rng(100 + i).choice([-1.0, 1.0], EACH)

if __name__ == "__main__":
    d = matcalc.derive(sys.argv[1], dims={"X": ("N", "d"), "w": ("d",), "y": ("N",), "a": ()}, wrt="w", kind="hessian", check=False)
    at = {"X": (make, (EACH,) * COUNT), "y": (labels, (EACH,) * COUNT), "w": np.ones(5), "a": 0.1}
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, Client(cluster) as client:
        run = d.function("dask")
        whole = run(**at)
        victim = client.run(os.getpid)
        threading.Timer(1.0, os.kill, (next(iter(victim.values())), signal.SIGKILL)).start()
        again = run(**at)
        assert victim != client.run(os.getpid), "nobody died"
        print(all(np.array_equal(a, b) for a, b in zip(whole, again)))
        every = {n: np.concatenate([at[n][0](i) for i in range(COUNT)]) for n in ("X", "y")}
        print(all(np.allclose(a, b, rtol=1e-12) for a, b in zip(whole, d.function()(**at | every))))
"""


@pytest.mark.slow
def test_a_worker_that_is_lost_changes_nothing(tmp_path: Any) -> None:
    pytest.importorskip("distributed")
    (tmp_path / "run.py").write_text(SLOW)
    done = subprocess.run([sys.executable, "run.py", LOSS], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["True", "True"], done.stderr[-3000:]
