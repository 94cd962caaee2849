"""Every target against NumPy's: the same numbers for the texts of the code tests and the corpus, in double and single precision.

A library that is not installed is skipped; what a target lacks is refused by a ``NoRuleError`` that names it.
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import matcalc
from tests.codegen import test_codegen as code

FUNCTIONS = {  # with operators only, so that they work in each library
    "f": (lambda x: x**3 / 3, lambda x: x**2, lambda x: 2 * x),
    "g": (lambda x: x**2, lambda x: 2 * x, lambda x: 2 + 0 * x),
}
NEAR = {np.float64: 1e-10, np.float32: 2e-3}


class Target(NamedTuple):
    module: str  # what must be importable
    made: Callable[[Any], Any] = np.asarray  # an argument of the library, from NumPy's
    most: int = 0  # texts that it refuses
    every: int = 7  # of the texts, in a short run: what compiles first takes its time


def jax_array(x: Any) -> Any:
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax.numpy.asarray(x)


def torch_tensor(x: Any) -> Any:
    import torch

    return torch.tensor(x)


def strict_array(x: Any) -> Any:
    import array_api_strict

    return array_api_strict.asarray(x)


def blocks_of_two(x: Any) -> Any:
    import dask.array as da

    return da.from_array(x, 2) if np.ndim(x) else x


TARGETS = {
    "array-api": Target("array_api_strict", strict_array, 7),
    "dask": Target("dask", blocks_of_two, 57),
    "jax": Target("jax", jax_array, 0, 25),
    "numba": Target("numba", np.asarray, 10, 25),
    "torch": Target("torch", torch_tensor, 2),
}


def installed(target: str) -> Target:
    row = TARGETS[target]
    if importlib.util.find_spec(row.module) is None:
        pytest.skip(f"{row.module} is not installed")
    return row


def texts() -> Iterator[tuple[str, dict[str, Any]]]:
    """What is derived, with options."""
    for text in code.lines(code.GRADIENTS) + code.lines(code.JACOBIANS):
        yield text, {}
    for text in code.HESSIANS:
        yield text, {"kind": "hessian", "wrt": "x"}


def compared(d: Any, row: Target, target: str, at: dict[str, Any], functions: Any) -> list[str]:
    """What is wrong with the code of a target for one derivation, in both precisions."""
    wrong = []
    run, reference = d.function(target), d.function()
    own = {f: v for f, v in functions.items() if any(f == name for name, _ in run.functions)}
    for precision, tolerance in NEAR.items():
        given = {str(s.attr): at[str(s.attr)].astype(precision) for s in run.symbols}
        want = flat(reference(**given, **own))
        got = flat(run(**{n: row.made(x) for n, x in given.items()}, **own))
        for g, w in zip(got, want, strict=True):
            g, w = np.asarray(g), np.asarray(w)
            scale = tolerance * max(1.0, np.abs(w).max(initial=0.0))
            if g.shape != w.shape or not np.allclose(g, w, rtol=tolerance, atol=scale, equal_nan=True):
                wrong.append(f"{precision.__name__}: {g} instead of {w}")
            if g.dtype != w.dtype and g.ndim:
                wrong.append(f"{g.dtype} instead of {w.dtype}")
    return wrong


def flat(found: Any) -> list[Any]:
    value, rest = found
    return [value, *(rest if isinstance(rest, tuple) else (rest,))]


def disagreeing(target: str, every: int, first: int = 0) -> tuple[list[str], list[str]]:
    """What is wrong, and what the target refuses, of every so many of the texts."""
    row, wrong, refused = installed(target), [], []
    for text, options in list(texts())[first::every]:
        d = matcalc.derive(text, dims=code.DIMS, check=False, **options)
        at = code.arrays(d.dims.keys() & code.DIMS.keys())
        try:
            wrong += [f"{text}: {w}" for w in compared(d, row, target, at, FUNCTIONS)]
        except matcalc.NoRuleError as error:
            assert target in str(error)
            refused.append(f"{text}: {error}")
    return wrong, refused


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_slice_of_the_texts(target: str) -> None:
    wrong, _ = disagreeing(target, TARGETS[target].every)
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))  # for as many processes: what compiles first takes minutes
@pytest.mark.parametrize("target", sorted(TARGETS))
def test_all_texts(target: str, part: int) -> None:
    wrong, refused = disagreeing(target, 4, part)
    assert wrong == [] and len(refused) <= TARGETS[target].most, (wrong, refused)


@pytest.mark.parametrize("target", ["torch", "array-api"])
def test_numbers_alone_keep_their_precision(target: str) -> None:
    """A double as a tensor without axes was taken in torch's default precision."""
    row = installed(target)
    run = matcalc.derive("a^3", dims={"a": ()}, check=False).function(target)
    for precision in NEAR:
        value, slope = run(row.made(np.array(1.1, precision)))
        assert np.asarray(value).dtype == np.asarray(slope).dtype == precision
        assert abs(float(slope) - 3 * float(precision(1.1)) ** 2) < 8 * np.finfo(precision).eps
    assert np.isclose(float(run(1.1)[1]), 3.63, rtol=1e-6)


@pytest.mark.slow
def test_random_functions() -> None:
    from tests.targets_agree import judged, question

    told: Counter[tuple[str, str]] = Counter()
    targets = [t for t, row in TARGETS.items() if importlib.util.find_spec(row.module) and t != "numba"]
    wrong = [w for seed in range(60) if (found := question(seed)) for w in judged(*found, targets, seed, told)]
    assert wrong == [] and (not targets or sum(n for (_, what), n in told.items() if what == "right") > 20)
