"""A slice of each family of tests/families.py, and that it sees what it is there for."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.answers import Result
from matcalc.results import Derivation
from tests import families, printed

SLICE = {"numpy": 30, "kinds": 5, "sums": 25, "code": 20, "structure": 20, "threads": 1}
SLICES = [(family, range(count)) for family, count in SLICE.items()]


@pytest.mark.sample(6)
@pytest.mark.parametrize(("family", "seeds"), [*SLICES, pytest.param("kinds", range(5, 30), marks=pytest.mark.slow)], ids=str)
def test_a_slice_is_right(family: str, seeds: range) -> None:
    found = [families.judge(family, 100_000 + seed) for seed in seeds]
    assert [o for o in found if o.status in families.BAD] == []
    assert sum(o.status == "right" for o in found) >= 0.9 * len(found)


def _first_right(family: str) -> int:
    return next(seed for seed in range(100) if families.judge(family, seed).status == "right")


@pytest.mark.slow
@pytest.mark.parametrize("family", ["numpy", "kinds", "sums", "structure"])
def test_a_wrong_answer_is_seen(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = [s for s in range(4 if family == "kinds" else 12) if families.judge(family, s).status == "right"]
    right = Result.evaluate
    monkeypatch.setattr(Result, "evaluate", lambda self, *a, **k: right(self, *a, **k) * 1.001 + 1e-3)
    assert {families.judge(family, s).status for s in seeds} == {"wrong"}


@pytest.mark.slow
@pytest.mark.parametrize("output", ["to_text", "to_latex", "to_markdown", "to_html", "to_dict"])
def test_a_wrong_sign_in_print_is_seen(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In questions of all styles and layouts, those that have a sum to turn."""
    seeds = _right_seeds()
    right = getattr(Derivation, output)

    def wrong(self: Any, *a: Any, **k: Any) -> Any:
        found = right(self, *a, **k)
        return _turned(found) if isinstance(found, dict) else re.sub(r"(?<=[\w)\]}>ᵀ²])( \+ |(?<=<mo>)\+(?=</mo>))", _minus, found)

    monkeypatch.setattr(Derivation, output, wrong)
    assert any(map(_is_seen, seeds))


@cache
def _right_seeds() -> list[int]:
    """Questions of which nothing is wrong as they are printed: found once for all outputs."""
    return [seed for seed in range(9) if not _is_seen(seed)]


def _minus(sign: re.Match[str]) -> str:
    return sign[0].replace("+", "-" if " " in sign[0] else "−")


def _turned(data: Any) -> Any:
    if isinstance(data, dict):
        return {k: v.replace(" + ", " - ") if k in ("plain", "latex") else _turned(v) for k, v in data.items()}
    return [_turned(x) for x in data] if isinstance(data, list) else data


def _is_seen(seed: int) -> bool:
    try:
        return bool(printed.faults(seed)[1])
    except matcalc.MatcalcError:
        return False


def test_a_crash_and_a_false_refusal_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    seed = _first_right("sums")

    def broken(self: Any, detail: str = "normal", width: int | None = None) -> str:
        raise IndexError("planted")

    with monkeypatch.context() as patch:
        patch.setattr(Derivation, "to_text", broken)
        assert families.judge("sums", seed).status == "crash"

    def refused(self: Any, seed: int = 0, points: int = 2) -> Any:
        raise matcalc.CheckError("planted")

    with monkeypatch.context() as patch:
        patch.setattr(Derivation, "check", refused)
        assert families.judge("sums", seed).status == "false-refusal"


@pytest.mark.slow
def test_a_view_and_a_changed_argument_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = [s for s in range(12) if families.judge("code", s).status == "right"]
    right = Derivation.function

    def aliased(self: Any, target: str = "numpy") -> Any:
        run = right(self, target)

        def call(**arrays: Any) -> Any:
            value, derivative = run(**arrays)
            own = [a for a in arrays.values() if isinstance(a, np.ndarray) and a.flags.writeable and a.dtype == float and a.ndim]
            for a in own[:1]:
                a += 1.0
            return value, derivative

        return call

    monkeypatch.setattr(Derivation, "function", aliased)
    assert "an argument was changed" in {families.judge("code", s).message for s in seeds}


@pytest.mark.parametrize("tied", families.TIED)
def test_free_directions_span_the_structure(tied: str) -> None:
    """Each entry of a random matrix with the structure is reached, with the sign it has there."""
    x = sum(k * e for k, (_, e) in enumerate(families.free_directions(tied, 4), 1))
    made = {"symmetric": (x + x.T) / 2, "skew": (x - x.T) / 2, "diagonal": np.diag(np.diag(x)), "lower-triangular": np.tril(x)}
    assert np.array_equal(x, made.get(tied, x))
    if "toeplitz" in tied:
        assert np.array_equal(x[1:, 1:], x[:-1, :-1]) and (tied == "toeplitz" or np.array_equal(x, x.T))
    assert len(list(families.free_directions(tied, 4))) == {"symmetric": 10, "skew": 6, "diagonal": 4, "lower-triangular": 10,
                                                            "toeplitz": 7, "symmetric-toeplitz": 4}[tied]  # fmt: skip
