"""What is said of a piece of work, in words and as data."""

from __future__ import annotations

import json

import matcalc

WORK = "r = A*x - b\ndf = r'*A*dx\ndf/dx = 2*A'*r"


def test_text_shows_the_first_wrong_line_with_a_caret() -> None:
    text = matcalc.check_work(WORK, "norm2(A*x - b)^2", "x").to_text()
    assert text.startswith("a factor is off: it is 1/2 times what is right\nline 2:")
    assert "df = r'*A*dx" in text and "^^^" in text and "✗   2" in text


def test_json() -> None:
    data = json.loads(matcalc.check_work(WORK, "norm2(A*x - b)^2", "x").to_json())
    assert (data["schema"], data["verdict"], data["first_wrong"], data["correct"]) == (1, "factor", 1, "2*A'*(A*x - b)")
    assert set(data["lines"][0]) == {"line", "text", "verdict", "relation", "span", "correct", "rule"}
    for line in data["lines"]:
        assert WORK[slice(*line["span"])] == line["text"]
