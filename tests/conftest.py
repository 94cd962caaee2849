"""The whole run with another base seed of the random points: MATCALC_TEST_SEED=1 pytest. Nothing may hang on where they are."""

from __future__ import annotations

import os

import numpy as np
import pytest

from matcalc.check import points

SEED = int(os.environ.get("MATCALC_TEST_SEED") or 0)


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng((SEED, seed))


def pytest_configure(config: pytest.Config) -> None:
    if SEED:
        points.generator = generator


def pytest_report_header(config: pytest.Config) -> str:
    kernel, threads = (os.environ.get(f"OPENBLAS_{name}") or "default" for name in ("CORETYPE", "NUM_THREADS"))
    return f"random points: base seed {SEED}; OpenBLAS: kernel {kernel}, threads {threads}"
