"""A derivation, or an error, as plain data and as JSON: schema 2, stable."""

from __future__ import annotations

import json
from collections.abc import Mapping

from matcalc.engine.derivation import Check, Formula, Json, Result, Step, Trace
from matcalc.engine.significance import TOLD, Meaning, meanings
from matcalc.engine.understood import Reading
from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import MatcalcError
from matcalc.expr.nodes import has_more_nodes
from matcalc.notation.meaning.meanings import sentence
from matcalc.printers.languages import ENGLISH, said
from matcalc.printers.legend import Entry, legend
from matcalc.printers.shared import definitions
from matcalc.printers.story import Derivation, front, tell
from matcalc.printers.words import Report, rule_words

SCHEMA = 2


def to_dict(d: Derivation, code: Mapping[str, str] | None = None, lang: str = ENGLISH) -> dict[str, Json]:
    """The derivation as plain data; ``code`` is generated code by target; words of rules and signs are in ``lang``."""
    report, several = d.checked, len(d.trace.results) > 1
    sides = [(s.lhs, s.rhs) for s in d.trace.steps if s.kind in TOLD]
    return {
        "schema": SCHEMA,
        "expression": d.source,
        "value": {
            "name": front(d).output.expr.attr,
            "plain": d.value.plain,
            "latex": front(d).expression.latex,
            "shape": shape(d.problem.output.shape),
        },
        "dims": {name: shape(axes) for name, axes in d.problem.dims.items()},
        "reading": reading_dict(d.reading),
        "definitions": [{"name": x.name.plain, **side(x.value)} for x in definitions(d)],
        "results": [
            {"wrt": r.asked, "kind": r.kind, "layout": r.layout, "shape": shape(r.shape), **written(r, several)}
            for r in d.trace.results
        ],
        "steps": [step_dict(step, d.trace, lang) for step in d.steps],
        "unfolded": [step_dict(step, d.trace, lang) for step in d.unfolded(whole=True)],
        "meanings": [meaning_dict(m, lang) for m in meanings(sides, d.trace.book, d.assume)],
        "signs": [sign_dict(entry) for entry in legend(tell(d, lang=lang))],
        "check": None if report is None else {"passed": bool(report.passed)} | checked(report),
        "code": dict(code or {}),
        "warnings": [*map(sentence, d.problem.meanings), *d.warnings],
    }


def to_json(d: Derivation, code: Mapping[str, str] | None = None, indent: int | None = 2, lang: str = ENGLISH) -> str:
    return dumps(to_dict(d, code, lang), indent)


def error_dict(error: BaseException) -> dict[str, object]:
    """``{"error": {"kind", "message", "span", "hint"}}``, and the ``"readings"`` of a question; any other is a bug."""
    if isinstance(error, MatcalcError):
        span = None if error.span is None else list(error.span)
        told: dict[str, object] = {"kind": error.kind, "message": error.message, "span": span, "hint": error.hint}
        if error.readings:
            told["readings"] = [{"text": r.text, "kwargs": r.kwargs, "command": r.command} for r in error.readings]
        return {"error": told}
    message = f"{type(error).__name__}: {error}"
    return {"error": {"kind": "internal", "message": message, "span": None, "hint": None}}


def dumps(data: object, indent: int | None = 2) -> str:
    r"""JSON that every parser reads: no NaN, and no character that a terminal or a page would obey (written ``\u202e``)."""
    text = json.dumps(data, indent=indent, ensure_ascii=False, allow_nan=False)
    if not text.isprintable():
        text = "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
    return text.replace("<", r"\u003c").replace("]]>", r"]]\u003e")


def reading_dict(reading: Reading) -> dict[str, Json]:
    """What was understood."""
    return {
        "dims": {name: shape(axes) for name, axes in reading.dims.items()},
        "assume": {name: list(properties) for name, properties in reading.assume.items()},
        "kinds": dict(reading.kinds),
        "notes": list(reading.notes),
        "plain": reading.plain,
        "index": dict(reading.index),
        "claims": [
            {"function": c.function, "by": list(c.by), "right": c.right, "agrees": c.agrees, "said": c.said} for c in reading.claims
        ],
    }


ALONE = 400  # nodes of one of several results that is still written out by itself: those of a deep network share nearly all


def written(r: Result, several: bool) -> dict[str, str]:
    """A result that stands alone; where several are long, by the names of ``definitions``, like a line."""
    if not several or not has_more_nodes(r.expr, ALONE):
        return {"plain": r.plain, "latex": r.latex}
    named = r.line or r.shown
    return {"plain": named.plain, "latex": named.latex}


def step_dict(step: Step, trace: Trace, lang: str) -> dict[str, Json]:
    check = None if step.check is None else checked(step.check)
    sides = {"lhs": side(step.lhs), "rhs": side(step.rhs)}
    law = trace.law(step.rule)
    told = {"words": said(rule_words(step.rule, trace.rows), lang), "identity": law and {"text": law.text, "latex": law.latex}}
    route = {"route": step.route} if step.route else {}
    return {"rule": step.rule, "source": step.source, **sides, "check": check, **told, **route}


def meaning_dict(meaning: Meaning, lang: str) -> dict[str, str]:
    """What an answer, or a part of one, means."""
    words = said(meaning.words, lang).format(**{letter: f.text for letter, f in meaning.letters.items()})
    return {"of": meaning.of.plain, "latex": meaning.of.latex, "rule": meaning.row, "words": words}


def sign_dict(entry: Entry) -> dict[str, str]:
    """A sign, function or property that occurs, and what it means."""
    if entry.equation is not None:
        return {"sign": entry.equation.lhs.text, "latex": entry.equation.lhs.latex, "meaning": entry.equation.rhs.text}
    return {"sign": entry.text, "latex": entry.latex, "meaning": entry.meaning}


def side(formula: Formula) -> dict[str, Json]:
    return {"plain": formula.plain, "latex": formula.latex, "shape": shape(formula.shape)}


def checked(check: Check | Report) -> dict[str, Json]:
    return {"max_relative_error": float(check.max_relative_error), "points": int(check.points)}


def shape(axes: tuple[Dim, ...]) -> list[int | str]:
    """Dimension names and numbers; a compound size such as ``m*n`` as text."""
    return [a if isinstance(a, int) else dims.text(a, "*") for a in axes]
