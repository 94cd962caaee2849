"""Questions as people write them, in plain notation and in LaTeX: printed answers against finite differences.

``cases_own.jsonl`` has the keys of the corpus; ``value_numpy`` is the truth, and no answer is written down.
"""

from __future__ import annotations

import json
import keyword
import re
import zlib
from typing import Any

import numpy as np
import pytest

import matcalc
from tests.places import ROOT

CASES = [json.loads(line) for line in (ROOT / "tests" / "cases_own.jsonl").read_text(encoding="utf-8").splitlines()]
STENCIL = ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))
STEP = 2e-3
Case = dict[str, Any]


def draw(rng: np.random.Generator, shape: tuple[int, ...], domain: str | None) -> Any:
    x = rng.standard_normal(shape)
    if domain == "spd":
        return x @ x.T / len(x) + np.eye(len(x)) / 2
    if domain in ("one-hot", "probability"):
        weights = np.exp(4 * x) if domain == "probability" else x == x.max(axis=-1, keepdims=True)
        return weights / weights.sum(axis=-1, keepdims=True)
    plain = {
        None: x, "positive": rng.uniform(0.5, 2, shape), "unit-interval": rng.uniform(0.1, 0.9, shape), "small": 0.3 * x,
        "sign": np.sign(x), "binary": (x > 0) * 1.0, "count": np.floor(4 * rng.uniform(size=shape)), "symmetric": x,
    }  # fmt: skip
    return plain[domain] if domain != "symmetric" else x + x.T


def values_of(case: Case) -> dict[str, Any]:
    rng = np.random.default_rng(zlib.crc32(case["id"].encode()))
    shapes = {k: tuple(case["sizes"].get(s, s) for s in shape) for k, shape in case["dims"].items()}
    return {k: draw(rng, shape, case.get("domain", {}).get(k)) for k, shape in shapes.items()}


def truth(case: Case, values: dict[str, Any]) -> Any:
    body = case["value_numpy"]
    body = "\n".join("    " + line for line in (body if re.search(r"\breturn\b", body) else f"return {body}").splitlines())
    names = {k: k + "_" * keyword.iskeyword(k) for k in values}
    scope: dict[str, Any] = {"np": np, **case["sizes"]}
    exec(f"def f({', '.join(names.values())}):\n{body}", scope)  # our own cases

    def value(**moved: Any) -> Any:
        return np.asarray(scope["f"](**{names[k]: moved.get(k, v) for k, v in values.items()}), float)

    def slopes(function: Any, x: Any) -> Any:
        columns = []
        for place in np.ndindex(np.shape(x)):
            unit = np.zeros(np.shape(x))
            unit[place] = STEP
            columns.append(sum(c * (function(x + k * unit) - function(x - k * unit)) for k, c in STENCIL) / STEP)
        found = np.stack(columns, axis=-1)
        return found.reshape(found.shape[:-1] + np.shape(x))

    first, *second = [case["wrt"]] if isinstance(case["wrt"], str) else case["wrt"]
    if case["kind"] == "mixed":
        other = second[0]
        return slopes(lambda b: slopes(lambda a: value(**{first: a, other: b}), values[first]), values[other])
    once = slopes(lambda x: value(**{first: x}), values[first])
    if case["kind"] in ("gradient", "jacobian"):
        return once
    twice = slopes(lambda z: slopes(lambda x: value(**{first: x}), z), values[first])
    return twice if case["kind"] == "hessian" else np.tensordot(twice, values[case["direction"]], np.ndim(values[first]))


def bare(latex: str) -> str:
    return re.sub(r"[{}\\]", "", re.sub(r"\\(mathbf|boldsymbol|bm|mathrm|vec)\s*", "", latex)).strip()


@pytest.mark.parametrize("form", ["plain", "latex"])
@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_the_printed_answer_is_the_derivative(case: Case, form: str) -> None:
    called = {k: bare(case.get("latex_names", {}).get(k, k)) if form == "latex" else k for k in case["dims"]}
    dims = {called[k]: tuple(shape) for k, shape in case["dims"].items()}
    wrt = called[case["wrt"]] if isinstance(case["wrt"], str) else [called[w] for w in case["wrt"]]
    d = matcalc.derive(
        case[form], wrt=wrt, dims=dims, kind=case["kind"], notation=form,
        index=case.get("latex_index") if form == "latex" else None,
        output=case.get("output") if form == "plain" else None,
        direction=called[case["direction"]] if "direction" in case else None,
        assume={called[k]: p for k, p in case.get("domain", {}).items()},
    )  # fmt: skip
    values = values_of(case)
    printed = matcalc.parse(d.result.plain, dims=dims)
    found = np.asarray(printed.evaluate({called[k]: v for k, v in values.items()}), float)
    want = truth(case, values)
    np.testing.assert_allclose(found, want, rtol=1e-5, atol=1e-6 * np.abs(want).max())
