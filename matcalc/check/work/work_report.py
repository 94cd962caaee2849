"""What is said of somebody's work: the verdict, the first wrong line, and what is right instead."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from matcalc.check.work.work_lines import Line
from matcalc.expr.errors import caret, visible

TITLES = {
    "right": "right",
    "layout": "equal up to layout: transposed",
    "factor": "a factor is off",
    "sign": "a sign is off",
    "transpose": "a transpose is misplaced",
    "missing-factor": "a factor is missing",
    "missing-term": "a term is missing",
    "wrong-order": "factors stand in the wrong order",
    "elementwise-for-matrix": "a product entry by entry and a matrix product are confused",
    "needs-assumption": "right only under an assumption",
    "missing-sum": "a sum is missing",
    "wrong-axis": "a sum runs over the wrong axis",
    "wrong-other": "not equal",
    "not-understood": "not understood",
}


class WorkReport(NamedTuple):
    """The verdict on a piece of work, in the words of ``TITLES``.

    ``relation`` says in words what relates it to what is right; ``first_wrong`` is the first wrong line of a derivation, from 0;
    ``correct`` is the derivative in plain notation, and ``lines`` are the equalities that were judged.
    """

    verdict: str
    relation: str
    first_wrong: int | None
    correct: str
    lines: tuple[Line, ...]
    work: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON, schema 1."""
        lines = [
            {
                "line": one.line,
                "text": one.text,
                "verdict": one.finding.verdict,
                "relation": one.finding.relation,
                "span": list(one.span),
                "correct": one.finding.correct,
                "rule": one.finding.rule,
            }
            for one in self.lines
        ]
        first = {"first_wrong": self.first_wrong, "correct": self.correct, "lines": lines}
        return {"schema": 1, "verdict": self.verdict, "relation": self.relation, **first}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)

    def to_text(self) -> str:
        """In words: the verdict, the place, and the derivative."""
        rows = [TITLES[self.verdict] + (f": {visible(self.relation)}" if self.relation not in ("", "equal") else "")]
        wrong = self._wrong()
        if wrong is not None:
            rows += [f"line {wrong.line + 1}:", caret(self.work, wrong.span) if self.work else f"  {visible(wrong.text)}"]
            rows += [f"  correct: {wrong.finding.correct}"] if wrong.finding.correct else []
        rows += [f"the derivative is {self.correct}"] if self.verdict != "right" else []
        if len(self.lines) > 1:
            rows += ["", *(_row(line) for line in self.lines)]
        return "\n".join(rows)

    def _wrong(self) -> Line | None:
        return next((x for x in self.lines if self.first_wrong == x.line and x.finding.verdict == self.verdict), None)


def _row(line: Line) -> str:
    mark = {"right": "✓", "layout": "✓", "not-understood": "?", "definition": " "}.get(line.finding.verdict, "✗")
    said = "" if line.finding.verdict == "right" else f"   ({visible(line.finding.relation)})"
    return f"{mark} {line.line + 1:>3}  {visible(' '.join(line.text.split()))}{said}"
