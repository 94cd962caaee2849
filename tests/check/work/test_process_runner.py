"""What the process of check-code runs: choices among results, arrays only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcalc.check.work import process_runner


def test_it_imports_nothing_of_ours() -> None:
    assert "matcalc" not in Path(process_runner.__file__).read_text("utf-8").partition('"""')[2].partition('"""')[2].replace(
        "matcalc_check_code", ""
    )


def test_results_are_chosen() -> None:
    assert (
        process_runner.chosen((1, 2), "2") == 2
        and process_runner.chosen({"w": 3}, "w") == 3
        and process_runner.chosen([1, 2], "") == [1, 2]
    )
    for found, item in (((1, 2), ""), ((1, 2), "3"), ({"w": 1}, "b")):
        with pytest.raises(LookupError):
            process_runner.chosen(found, item)


def test_parameters_by_name() -> None:
    def function(b: float, a: float = 2.0, *more: float) -> float:
        return b - a

    assert process_runner.called({"function": function}, "function", {"b": 5.0}) == 3.0
    with pytest.raises(TypeError):
        process_runner.called({"function": function}, "function", {"a": 5.0})


def test_only_numbers() -> None:
    assert process_runner.plain(np.float32(2)).dtype == float
    with pytest.raises(TypeError):
        process_runner.plain("x")
