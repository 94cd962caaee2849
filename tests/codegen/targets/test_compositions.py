"""Operators that NumPy lacks, by those that it has, against SciPy; far out nothing overflows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special
import scipy.stats

from matcalc.codegen.targets.compositions import WRITTEN
from tests.nodes import evaluated, read

X = np.array([-800.0, -2.0, -0.3, 0.4, 3.0, 800.0])
REFERENCES: dict[str, Any] = {
    "silu": lambda x: x * scipy.special.expit(x),
    "gelu": lambda x: x * scipy.stats.norm.cdf(x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "normpdf": scipy.stats.norm.pdf,
    "hardtanh": lambda x: np.clip(x, -1, 1),
    "logsigmoid": scipy.special.log_expit,
}


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_values(name: str) -> None:
    assert name in REFERENCES, f"write down what {name} is"
    with np.errstate(over="raise", invalid="raise"):
        found = evaluated(WRITTEN[name](read("x")), {"x": X})
    assert np.allclose(found, REFERENCES[name](X), rtol=1e-13)
