"""Families of cases of which a slice is quick: the rest is marked slow, and runs with ``pytest tests`` and in CI."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def slices(cases: Iterable[Any], step: int) -> list[Any]:
    """Test parameters, one value each; each ``step``-th of them is quick."""
    return [pytest.param(case, marks=[pytest.mark.slow] if k % step else []) for k, case in enumerate(cases)]


def draws(few: int, many: int) -> list[Any]:
    """One parameter, the seeds of random points that a test goes through: the first few run under each kernel of BLAS."""
    return [
        pytest.param(range(few), id="few", marks=pytest.mark.rounding),
        pytest.param(range(few, many), id="more", marks=pytest.mark.slow),
    ]
