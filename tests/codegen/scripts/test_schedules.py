"""Learning rates against PyTorch's, by epoch or step."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.codegen.scripts import schedules
from matcalc.codegen.scripts.choices import SCHEDULES
from tests.codegen.scripts.test_optimisers import RECORDED
from tests.torch_table import RATE, STEPS

OPTIONS = {"constant": {}, "halving": {"every": 4}, "exponential": {"decay": 0.3}, "cyclical": {"top": 0.4, "half": 5}}


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_are_those_of_pytorch(name: str) -> None:
    by_step = name == "cyclical"  # the others count epochs
    found = [getattr(schedules, name)(RATE, 0 if by_step else k, k if by_step else 99, **OPTIONS[name]) for k in range(STEPS)]
    np.testing.assert_allclose(found, RECORDED["schedules"][name], rtol=1e-12)
    assert all(type(rate) is float for rate in found)


def test_every_schedule_takes_the_options_that_are_read() -> None:
    assert {name: set(options) for name, options in OPTIONS.items()} == {n: set(o) for n, o in SCHEDULES.items()}
