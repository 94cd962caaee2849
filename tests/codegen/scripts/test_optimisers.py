"""Each optimiser against PyTorch's, step by step in double precision: by a recorded table, which is compared with PyTorch too."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from matcalc.codegen.scripts import optimisers
from matcalc.codegen.scripts.choices import OPTIMISERS
from matcalc.codegen.scripts.training_script import OPTIMISERS as FUNCTIONS
from tests import torch_table
from tests.torch_table import RATE, ROWS, START, STEPS, gradient, rows_gradient

RECORDED: dict[str, Any] = json.loads(torch_table.FILE.read_text("utf-8"))


def steps(name: str) -> np.ndarray:
    function = getattr(optimisers, name)
    parameter, state = np.array(START), {}
    found = []
    for step in range(STEPS):
        function(parameter, np.array(gradient(step)), state, RATE)
        found.append(parameter.copy())
    return np.array(found)


@pytest.mark.parametrize("name", torch_table.OPTIMISERS)
def test_steps_are_those_of_pytorch(name: str) -> None:
    np.testing.assert_allclose(steps(name), RECORDED["optimisers"][name], rtol=1e-12, atol=1e-12)


def test_rows_move_as_in_pytorch() -> None:
    parameter, state = np.arange(2.0 * ROWS).reshape(ROWS, 2) / 10, {}
    for step in range(STEPS):
        rows, values = rows_gradient(step)
        optimisers.sparse_adam(parameter, (np.array(rows), np.array(values)), state, RATE)
        np.testing.assert_allclose(parameter, RECORDED["sparse_adam"][step], rtol=1e-12, atol=1e-12)
    assert (parameter[4] == [0.8, 0.9]).all()  # never looked up


def test_the_table_is_what_pytorch_does() -> None:
    """Where it is installed: pip install torch==2.13.0."""
    torch = pytest.importorskip("torch")
    now = torch_table.table(torch)
    for part in ("optimisers", "schedules"):
        assert now[part].keys() == RECORDED[part].keys()
        for name, values in now[part].items():
            np.testing.assert_allclose(values, RECORDED[part][name], rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(now["sparse_adam"], RECORDED["sparse_adam"], rtol=1e-13, atol=1e-15)


def test_all_that_can_be_chosen_is_there_and_works_on_numbers() -> None:
    assert tuple(FUNCTIONS) == OPTIMISERS
    for name in torch_table.OPTIMISERS:
        one, state = np.array(1.0), {}
        for _ in range(3):
            getattr(optimisers, name)(one, np.float64(2.0), state, 0.1)
        assert one.shape == () and one < 1


def test_a_wrong_constant_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is sharp: another small constant shows."""
    monkeypatch.setattr(optimisers.adam, "__defaults__", (0.9, 0.999, 1e-7))
    with pytest.raises(AssertionError):
        test_steps_are_those_of_pytorch("adam")
