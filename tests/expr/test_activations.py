"""Activation functions: each fact of a row against the function in NumPy and SciPy, written down here by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import special

import matcalc
from matcalc.expr.activations import ROWS, Activation

PARAMETERS: dict[str, tuple[float, ...]] = {
    "hardtanh(z, a, b)": (-0.5, 1.5), "leakyrelu(z, a)": (0.1,), "prelu(z, a)": (0.25,), "elu(z, a)": (0.5,), "silu(z, b)": (2.0,),
}  # fmt: skip
REFERENCES: dict[str, Callable[..., Any]] = {
    "sigmoid(z)": lambda z: special.expit(z),
    "tanh(z)": lambda z: np.tanh(z),
    "hardtanh(z)": lambda z: np.clip(z, -1, 1),
    "hardtanh(z, a, b)": lambda z, a, b: np.clip(z, a, b),
    "relu(z)": lambda z: np.where(z > 0, z, 0.0),
    "leakyrelu(z)": lambda z: np.where(z > 0, z, 0.01 * z),
    "leakyrelu(z, a)": lambda z, a: np.where(z > 0, z, a * z),
    "prelu(z, a)": lambda z, a: np.where(z > 0, z, a * z),
    "elu(z)": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "elu(z, a)": lambda z, a: np.where(z > 0, z, a * np.expm1(np.minimum(z, 0))),
    "gelu(z)": lambda z: z * special.ndtr(z),
    "silu(z)": lambda z: z * special.expit(z),
    "silu(z, b)": lambda z, b: z * special.expit(b * z),
    "mish(z)": lambda z: z * np.tanh(np.logaddexp(0, z)),
    "softplus(z)": lambda z: np.logaddexp(0, z),
    "logsigmoid(z)": lambda z: -np.logaddexp(0, -z),
    "softsign(z)": lambda z: z / (1 + np.abs(z)),
    "relu6(z)": lambda z: np.clip(z, 0, 6),
    "hardsigmoid(z)": lambda z: np.clip(z / 6 + 0.5, 0, 1),
    "hardswish(z)": lambda z: z * np.clip(z / 6 + 0.5, 0, 1),
    "step(z)": lambda z: np.where(z > 0, 1.0, 0.0),
    "sign(z)": lambda z: np.sign(z),
    "abs(z)": lambda z: np.abs(z),
}
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.call)
FAR = 1e4
GRID = np.concatenate([np.linspace(-12, 12, 24001), np.linspace(-FAR, -12, 2001), np.linspace(12, FAR, 2001)])
GRID.sort()
H = 1e-5


def value(row: Activation, z: Any) -> Any:
    return REFERENCES[row.call](np.asarray(z, float), *PARAMETERS.get(row.call, ()))


def slope(row: Activation, z: Any) -> Any:
    z = np.asarray(z, float)
    return (value(row, z + H) - value(row, z - H)) / (2 * H)


def number(row: Activation, text: str) -> float:
    """``~-0.27/b``, ``1/4``, ``a``, ``inf``."""
    text = text.strip().removeprefix("~")
    for name, given in zip(row.arguments[1:], PARAMETERS.get(row.call, ()), strict=True):
        if text in (name, f"-{name}"):
            return -given if text[0] == "-" else given
        if text.endswith(f"/{name}"):
            return float(text[: -len(name) - 1]) / given
    return float(text) if "inf" in text or "." in text else float(Fraction(text))


def pieces(row: Activation, text: str) -> list[tuple[float, float, bool, bool]]:
    """Intervals with their ends, and whether the ends belong to them."""
    found = []
    for part in text.split(" or "):
        m = re.fullmatch(r"([\[(])(.*), (.*)([\])])", part)
        low, high = (number(row, x) for x in ((m[2], m[3]) if m else (part, part)))
        found.append((low, high, m is None or m[1] == "[", m is None or m[4] == "]"))
    return found


def inside(row: Activation, text: str, x: Any, slack: float) -> Any:
    return np.any([(low - slack <= x) & (x <= high + slack) for low, high, _, _ in pieces(row, text)], 0)


def places(row: Activation) -> list[float]:
    return [number(row, k) for k in row.kinks]


def smooth(row: Activation) -> Any:
    """The grid without the neighbourhoods of kinks."""
    return GRID[np.all([np.abs(GRID - k) > 2 * H for k in places(row)], 0)] if row.kinks else GRID


def test_every_activation_of_the_lecture_has_a_row() -> None:
    names = {row.name for row in ROWS}
    assert {"sigmoid", "tanh", "hardtanh", "relu", "leakyrelu", "prelu", "elu", "gelu", "silu", "softplus"} <= names
    assert REFERENCES.keys() == {row.call for row in ROWS}
    assert {row.call: tuple(float(Fraction(v)) for v in row.parameters.values()) for row in ROWS if row.example} == PARAMETERS


@each_row
def test_the_function_is_the_one_that_is_meant(row: Activation) -> None:
    expr = matcalc.parse(row.call, dict.fromkeys(row.arguments, ()))
    given = dict(zip(row.arguments[1:], PARAMETERS.get(row.call, ()), strict=True))
    for z in (-7.3, -2.0, -0.4, 0.0, 0.3, 0.9, 2.6, 6.5):
        assert expr.evaluate({row.arguments[0]: z, **given}) == pytest.approx(float(value(row, z)), rel=1e-12, abs=1e-15)


@each_row
def test_range(row: Activation) -> None:
    """All values lie in it, and come near to both ends of each piece."""
    found = value(row, GRID)
    assert inside(row, row.range, found, 2e-6).all()
    for low, high, _, _ in pieces(row, row.range):
        assert np.isinf(low) or np.min(np.abs(found - low)) < 1e-3
        assert np.isinf(high) or np.min(np.abs(found - high)) < 1e-3
        assert np.isfinite(low) or found.min() < -FAR / 200
        assert np.isfinite(high) or found.max() > FAR / 2


@each_row
def test_an_end_belongs_to_the_range_where_it_is_reached(row: Activation) -> None:
    for low, high, first, last in pieces(row, row.range):
        for end, closed in ((low, first), (high, last)):
            if closed:
                assert np.min(np.abs(value(row, np.linspace(-12, 12, 240001)) - end)) < 2e-6
            elif np.isfinite(end):  # not even nearly, near 0
                assert np.min(np.abs(value(row, np.linspace(-3, 3, 6001)) - end)) > 1e-9


@each_row
def test_range_of_the_derivative(row: Activation) -> None:
    found = slope(row, smooth(row))
    assert inside(row, row.slopes, found, 1e-5).all()
    for low, high, _, _ in pieces(row, row.slopes):
        if not (row.name == "sign" and low == 0):
            assert np.min(np.abs(found - low)) < 2e-3 and np.min(np.abs(found - high)) < 2e-3


@each_row
def test_ends(row: Activation) -> None:
    for z, (limit, slope_limit) in ((-FAR, row.low), (FAR, row.high)):
        want = number(row, limit)
        assert value(row, z) == pytest.approx(want, abs=1e-3) if np.isfinite(want) else abs(value(row, z)) > FAR / 200
        assert np.isfinite(want) or np.sign(value(row, z)) == np.sign(want)
        assert slope(row, z) == pytest.approx(number(row, slope_limit), abs=1e-4)


@each_row
def test_flat_is_where_the_derivative_is_exactly_0(row: Activation) -> None:
    z = smooth(row)
    z = z[np.abs(z) < 9]
    dead = np.any([_holds(row, part, z) for part in row.flat.split(" and ")], 0) if row.flat else np.zeros(z.shape, bool)
    exactly = (value(row, z + 1e-3) == value(row, z)) & (value(row, z) == value(row, z - 1e-3))
    away = np.all([np.abs(z - k) > 2e-3 for k in places(row)], 0) if row.kinks else np.ones(z.shape, bool)
    assert (dead == exactly)[away].all()


def _holds(row: Activation, condition: str, z: Any) -> Any:
    m = re.fullmatch(r"(z|\|z\|) (<=|<|>|=) (\S+)", condition)
    assert m is not None
    x, bound = np.abs(z) if m[1] == "|z|" else z, number(row, m[3])
    return {"<": x < bound, "<=": x <= bound, ">": x > bound, "=": x == bound}[m[2]]


@each_row
def test_kinks_are_all_the_places_where_slopes_do_not_meet(row: Activation) -> None:
    near = np.round(np.arange(-9, 9.0001, 0.125), 3)
    left, right = ((value(row, near + s * H) - value(row, near)) / (s * H) for s in (-1, 1))
    assert sorted(places(row)) == near[(np.abs(left - right) > 1e-2) | (np.abs(left) > 1e3)].tolist()


@each_row
def test_the_cases_are_the_function(row: Activation) -> None:
    if not row.cases:
        return
    z = np.array([-8.0, -5.0, -2.5, -1.5, -0.7, -0.1, 0.0, 0.1, 0.7, 1.2, 2.5, 4.0, 7.0])
    seen = np.zeros(z.shape, bool)
    dims: dict[str, Any] = dict.fromkeys(row.arguments, ())
    given = dict(zip(row.arguments[1:], PARAMETERS.get(row.call, ()), strict=True))
    parts = [part.partition(" for ") for part in row.cases.split(", ")]
    for body, _, condition in sorted(parts, key=lambda part: not part[2]):  # "between" is what no other case has
        at = _holds(row, condition, z) if condition else ~seen
        expr = matcalc.parse(body.removesuffix(" between"), dims)
        found = [float(expr.evaluate({k: v for k, v in {"z": x, **given}.items() if re.search(rf"\b{k}\b", body)})) for x in z[at]]
        assert np.allclose(found, value(row, z[at]), rtol=1e-12)
        seen |= at
    assert seen.all()


def test_numbers_in_the_notes() -> None:
    noted = {row.name: float(m[1]) for row in ROWS if (m := re.search(r"falls below z = (-[\d.]+) and", row.note))}
    assert noted.keys() == {"gelu", "silu"}
    for row in ROWS:
        if row.call in ("gelu(z)", "silu(z)"):
            z = noted[row.name]
            assert slope(row, z - 1e-4) < 0 < slope(row, z + 1e-4)


def test_the_sigmoid_of_the_note() -> None:
    (note,) = (row.note for row in ROWS if row.name == "tanh")
    left, right = note.partition(": ")[2].split(" = ")
    assert matcalc.equal(left, right, {"z": ()})


def test_parts_of_a_row() -> None:
    row = next(row for row in ROWS if row.call == "hardtanh(z, a, b)")
    assert (row.name, row.arguments, row.parameters) == ("hardtanh", ("z", "a", "b"), {"a": "-1/2", "b": "3/2"})
