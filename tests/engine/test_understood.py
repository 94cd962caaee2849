"""What was understood of a text, for the user to compare with what was meant."""

from __future__ import annotations

import dataclasses
import json

import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.engine.understood import understood


def test_sizes_kinds_and_properties_of_all_names() -> None:
    reading = understood(read_problem("s = u'*f(W*x + b)"), {"W": frozenset({"positive"})}, "u'*f(W*x + b)")
    assert reading.kinds["W"] == "matrix" and reading.kinds["x"] == "column" and reading.plain == "u'*f(W*x + b)"
    assert reading.dims["W"][1:] == reading.dims["x"] and reading.assume["W"] == ("positive",)
    assert set(reading.kinds) >= {"u", "W", "x", "b"}


def test_it_is_what_the_result_says() -> None:
    d = matcalc.derive("x'*A*x", check=False)
    assert d.reading.kinds == {"x": "column", "A": "matrix"} and d.reading.plain == "x'*A*x"


def test_which_slices_indexed_names_are() -> None:
    text, dims = r"\sum_i (y_i - x_i^T w)^2", {"X": ("m", "n"), "y": ("m",)}
    reading = matcalc.derive(text, wrt="w", index={"x_i": "X[i,:]"}, dims=dims, check=False).reading
    assert "X[i,:]" in str(dict(reading.index))


def test_it_is_frozen() -> None:
    reading = matcalc.derive("x'*x", check=False).reading
    with pytest.raises(dataclasses.FrozenInstanceError):
        reading.plain = "y"


def test_it_can_be_written_out_and_is_the_callers_own() -> None:
    d = matcalc.derive(r"\sum_i (y_i - x_i^T w)^2", wrt="w", check=False)
    said = json.loads(json.dumps(dataclasses.asdict(d.reading)))
    assert said["index"] == {"x_i": "X[i,:]"} and said["kinds"]["X"] == "matrix"
    d.reading.dims["w"] = ()  # type: ignore[index]
    assert d.reading.dims["w"] != () and d.dims["w"] != ()
