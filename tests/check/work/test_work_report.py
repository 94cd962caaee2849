"""What is said of a piece of work, as data."""

from __future__ import annotations

import json

import matcalc

WORK = "r = A*x - b\nds = r'*A*dx\nds/dx = A'*r"


def test_json() -> None:
    data = json.loads(matcalc.check_work(WORK, "s = norm2(A*x - b)^2", "x").to_json())
    assert list(data) == ["schema", "verdict", "relation", "first_wrong", "correct", "lines"]
    assert (data["schema"], data["verdict"], data["first_wrong"], data["correct"]) == (1, "factor", 1, "2*A'*(A*x - b)")
    assert list(data["lines"][0]) == ["line", "text", "verdict", "relation", "span", "correct", "rule"]
    assert [x["correct"] for x in data["lines"][1:]] == ["2*r'*A*dx", "2*A'*r"]
    for line in data["lines"]:
        assert WORK[slice(*line["span"])] == line["text"]
