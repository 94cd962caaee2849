"""What is said of somebody's work, as data: the verdict, the first wrong line, and what is right instead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from matcalc.engine.derivation import Json

if TYPE_CHECKING:
    from matcalc.check.verdict import Counterexample
    from matcalc.check.work.work_lines import Line


class WorkReport(NamedTuple):
    """The verdict on a piece of work, in the words of docs/check.md.

    ``relation`` says in words what relates it to what is right; ``first_wrong`` is the first wrong line of a derivation, from 0;
    ``correct`` is the derivative in plain notation, and ``lines`` are the equalities that were judged.
    """

    verdict: str
    relation: str
    first_wrong: int | None
    correct: str
    lines: tuple[Line, ...]
    work: str = ""
    groups: Mapping[str, str] = MappingProxyType({})  # of the rules, by name
    ours: tuple[str, ...] = ()  # the lines of the derivation
    example: Counterexample | None = None  # where an answer is not what is right

    def to_dict(self) -> dict[str, Json]:
        """For JSON, schema 1."""
        lines: list[Json] = [
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
        first: dict[str, Json] = {"first_wrong": self.first_wrong, "correct": self.correct, "lines": lines}
        return {"schema": 1, "verdict": self.verdict, "relation": self.relation, **first}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)
