"""Every derivation of the corpus is rebuilt from the rule rows, line by line, in every style and with tied entries."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from tests.system import test_corpus

pytestmark = test_corpus.pytestmark

# Lines that no row reaches: none says that the trace of a Fréchet derivative is tr(f'(X) dX), or where a Toeplitz matrix is free.
GAPS = {
    "differential": {"ml-logm-trace", "cb-128-trace-matrix-sine"},
    "tied": {"cb-143-trace-at-toeplitz", "cb-144-trace-at-symmetric-toeplitz"},
}
STYLES: dict[str, dict[str, str]] = {
    "backprop": {},
    "differential": {"style": "differential"},
    "elementwise": {"style": "elementwise"},
    "numerator": {"layout": "numerator"},
    "tied": {},
}


def arguments(case: dict[str, Any]) -> dict[str, Any]:
    dims = {name: tuple(shape) for name, shape in case["dims"].items()}
    found = {
        "wrt": case["wrt"],
        "dims": dims,
        "kind": case["kind"],
        "output": case.get("output"),
        "direction": case.get("direction"),
    }
    return {**found, "assume": case.get("domain"), "check": False}


@pytest.mark.parametrize("style", STYLES)
def test_every_line_is_rebuilt(style: str) -> None:
    gaps, wrong, replayed, refused = set(), [], 0, 0
    for case in test_corpus.cases():
        if style == "tied" and not case.get("structure"):
            continue
        tied = {case["wrt"]: case["structure"]} if style == "tied" else None
        try:
            report = matcalc.derive(case["plain"], structure=tied, **arguments(case), **STYLES[style]).replay()
        except matcalc.NoRuleError:  # an operator without an index form
            refused += 1
            continue
        wrong += [f"{case['id']}: {line}" for line in report.wrong]
        gaps |= {case["id"]} if report.gaps else set()
        replayed += bool(report)
    assert not wrong, "\n".join(wrong)
    assert gaps == GAPS.get(style, set())
    assert refused <= (5 if style == "elementwise" else 0)
    assert replayed >= (10 if style == "tied" else 290)
