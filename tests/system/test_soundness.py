"""A slice of the soundness job, the kept seeds, and the oracle against itself."""

from __future__ import annotations

import functools
import json
import math
import random

import numpy as np
import pytest

from tests import soundness, soundness_oracle
from tests import soundness_generator as generator


@functools.cache
def features() -> frozenset[str]:
    return soundness.probe()


SLICES = [("wide", range(50)), ("baseline", range(60)), pytest.param("wide", range(50, 300), marks=pytest.mark.slow)]


@pytest.mark.slow
@pytest.mark.rounding
@pytest.mark.parametrize(("family", "seeds"), SLICES, ids=str)
def test_a_slice(family: str, seeds: range) -> None:
    """`python -m tests.soundness --n 20000` runs them all."""
    bad = [v for v in soundness.run(seeds, family, features(), 1) if v.status not in soundness.GOOD]
    shown = [f"{v.seed} {v.status}: {v.message}\n    {v.text}" for v in bad[:10]]
    assert not bad, f"{len(bad)} of {len(seeds)}; --replay SEED shows one\n" + "\n".join(shown)


@pytest.mark.sample(6)
@pytest.mark.parametrize("line", soundness.kept_seeds())
def test_kept_seed(line: str) -> None:
    verdict = soundness.judge(soundness.case_of(line), styles=True)
    accepted = json.loads(line).get("accept", "right")  # some are refused on purpose, and the line says why
    assert verdict.status in ("right", accepted), f"{verdict.status}: {verdict.message}\n{verdict.plain}"


def test_cases_are_made_from_the_seed_alone() -> None:
    for seed in range(20):
        assert generator.generate(seed, features()) == generator.generate(seed, features())
        assert generator.generate(seed, features(), "baseline").text == generator.baseline(seed).text


@pytest.mark.slow
@pytest.mark.rounding
def test_the_reader_of_the_oracle_agrees_with_the_generator() -> None:
    for seed in range(120):
        case = generator.generate(seed, features())
        (arrays,) = generator.points(case, 1)
        again = soundness_oracle.read(generator.full_text(case), list(case.sizes))
        at = generator.point_of(case, arrays)
        assert np.allclose(soundness_oracle.value(again, at), soundness_oracle.value(case.tree, at))


@pytest.mark.parametrize("text, name, want", [
    ("x'*A*x", "x", lambda e: (e["A"] + e["A"].T) @ e["x"]),
    ("logdet(A)", "A", lambda e: np.linalg.inv(e["A"]).T),
    ("norm1(x)", "x", lambda e: np.sign(e["x"])),
    ("max(x)", "x", lambda e: (e["x"] == e["x"].max()).astype(float)),
    ("tr(A^3)", "A", lambda e: 3 * (e["A"] @ e["A"]).T),
])  # fmt: skip
def test_gradients_of_the_oracle(text: str, name: str, want: object) -> None:
    rng = np.random.default_rng(5)
    arrays = {"A": rng.standard_normal((3, 3)), "x": rng.standard_normal(3)}
    dims = {"A": ("n", "n"), "x": ("n",)}
    entry = {"expression": text, "dims": dims, "wrt": name, "kind": "gradient", "sizes": {"n": 3}}
    case = soundness.case_of(entry)
    assert np.allclose(generator.truth(case, arrays), want(arrays), rtol=1e-12)  # type: ignore[operator]


def test_second_derivatives_of_the_oracle() -> None:
    rng = np.random.default_rng(6)
    arrays = {"A": rng.standard_normal((3, 3)), "x": rng.standard_normal(3), "v": rng.standard_normal(3)}
    dims = {"A": ["n", "n"], "x": ["n"], "v": ["n"]}
    entry = {"expression": "exp(x'*A*x/10)", "dims": dims, "sizes": {"n": 3}, "wrt": "x", "kind": "hessian"}
    S, x = (arrays["A"] + arrays["A"].T) / 10, arrays["x"]
    want = math.exp(x @ S @ x / 2) * (S + np.outer(S @ x, S @ x))
    got = generator.truth(soundness.case_of(entry), arrays)
    assert np.allclose(got, want, rtol=1e-9, atol=1e-10)
    along = soundness.case_of({**entry, "kind": "hvp", "direction": "v"})
    assert np.allclose(generator.truth(along, arrays), want @ arrays["v"], rtol=1e-9, atol=1e-10)


def test_wrong_formulas_are_seen() -> None:
    """A factor, a sign, a transpose and a shape."""
    want = np.arange(9.0).reshape(3, 3)
    for got in (2 * want, -want, want.T, want[:2], want + 1e-3, want * np.nan):
        assert not soundness.agrees(got, want, 1.0)[0]
    assert soundness.agrees(want * (1 + 1e-9), want, 1.0)[0]


def test_smaller_cases_are_smaller() -> None:
    rng = random.Random(0)
    for seed in rng.sample(range(1000), 10):
        case = generator.generate(seed, features())
        for other in generator.smaller(case):
            assert len(generator.nodes(other.tree)) < len(generator.nodes(case.tree))
            assert set(other.wrt) <= set(generator.occurrences(other.tree))
