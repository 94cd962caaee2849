"""Every derivation of the corpus, in every style and with tied entries: its lines are rebuilt from the rule rows, their labels
are known, and in Chinese no word is English."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.printers.story import tell
from tests.printers.test_languages import left
from tests.system import test_corpus
from tests.system.test_known_labels import unknown

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


Derived = tuple[str, dict[str, matcalc.Derivation]]


@pytest.fixture(scope="module", params=STYLES)
def derived(request: pytest.FixtureRequest) -> Derived:
    """The style, and the derivations by case: derived once for the tests of this module."""
    style: str = request.param
    found: dict[str, matcalc.Derivation] = {}
    refused = 0
    for case in test_corpus.cases():
        if style == "tied" and not case.get("structure"):
            continue
        tied = {case["wrt"]: case["structure"]} if style == "tied" else None
        try:
            found[case["id"]] = matcalc.derive(case["plain"], structure=tied, **arguments(case), **STYLES[style])
        except matcalc.NoRuleError:  # an operator without an index form
            refused += 1
    assert refused <= (5 if style == "elementwise" else 0)
    return style, found


def test_every_line_is_rebuilt(derived: Derived) -> None:
    style, derivations = derived
    reports = {name: d.replay() for name, d in derivations.items()}
    assert [f"{name}: {line}" for name, report in reports.items() for line in report.wrong] == []
    assert {name for name, report in reports.items() if report.gaps} == GAPS.get(style, set())
    assert sum(map(bool, reports.values())) >= (10 if style == "tied" else 290)


def test_no_english_is_left(derived: Derived) -> None:
    for name, d in derived[1].items():
        assert left(d, tell(d, "full", lang="zh")) == set(), name


def test_every_label_is_known(derived: Derived) -> None:
    for name, d in derived[1].items():
        assert unknown(d) == [], name
