"""Which tests run, and with which random points.

``pytest`` alone leaves out what is marked slow; ``pytest tests``, or a file's name, runs that too, as does any ``-m``.
``MATCALC_TEST_SEED=1 pytest`` runs with another base seed of the random points: nothing may hang on where they are.
"""

from __future__ import annotations

import gc
import os
import sys

# As many workers as there are cores: a BLAS with threads of its own doubles the time. Set before NumPy is loaded, here and in
# the workers; what is set otherwise holds (CI runs with 1, 2 and 4).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest

from matcalc.check import points

SEED = int(os.environ.get("MATCALC_TEST_SEED") or 0)


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng((SEED, seed))


@pytest.hookimpl(tryfirst=True)  # before xdist hands the options on
def pytest_configure(config: pytest.Config) -> None:
    if config.args_source == config.ArgsSource.TESTPATHS and not config.option.markexpr:
        config.option.markexpr = "not slow"
    # Processes that tests start compile the package once and not each time anew, which took a third of their time.
    sys.dont_write_bytecode = os.environ.pop("PYTHONDONTWRITEBYTECODE", None) is None and sys.dont_write_bytecode
    gc.set_threshold(50_000)  # thousands of tests stay in memory: to look through them each time costs more than what is found
    if SEED:
        points.generator = generator


def pytest_collection_finish() -> None:
    gc.freeze()  # what was collected lives to the end: no test that collects garbage looks through it


def pytest_report_header(config: pytest.Config) -> list[str]:
    kernel, threads = (os.environ.get(f"OPENBLAS_{name}") or "default" for name in ("CORETYPE", "NUM_THREADS"))
    points_and_kernel = f"random points: base seed {SEED}; OpenBLAS: kernel {kernel}, threads {threads}"
    return [f"tests: {config.option.markexpr or 'all'} (pytest tests: all)", points_and_kernel]
