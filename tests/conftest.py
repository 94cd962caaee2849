"""Which tests run, and with which random points.

``pytest`` alone leaves out what is marked slow; ``pytest tests``, or a file's name, runs that too, as does any ``-m``.
``MATCALC_TEST_SEED=1 pytest`` runs with another base seed of the random points: nothing may hang on where they are.
"""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter

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


@pytest.hookimpl(tryfirst=True)  # before they are selected by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a family marked ``sample(n)`` each n-th case is quick; one that is asked for by itself runs."""
    met: Counter[str] = Counter()
    for item in items:
        sample, family = item.get_closest_marker("sample"), item.nodeid.partition("[")[0]
        if sample and not item.get_closest_marker("slow"):
            if met[family] % sample.args[0]:
                item.add_marker(pytest.mark.slow)
            met[family] += 1


def pytest_collection_finish() -> None:
    gc.freeze()  # what was collected lives to the end: no test that collects garbage looks through it


def pytest_report_header(config: pytest.Config) -> list[str]:
    kernel, threads = (os.environ.get(f"OPENBLAS_{name}") or "default" for name in ("CORETYPE", "NUM_THREADS"))
    points_and_kernel = f"random points: base seed {SEED}; OpenBLAS: kernel {kernel}, threads {threads}"
    return [f"tests: {config.option.markexpr or 'all'} (pytest tests: all)", points_and_kernel]
