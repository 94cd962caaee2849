"""What a refusal says works: each hint of the corpora, done as it stands, leads to a reading or on to another question."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

import pytest

import matcalc
from matcalc.api import read_problem
from matcalc.expr.errors import AmbiguityError, MatcalcError, ParseError
from matcalc.notation.meaning.problem import Problem
from tests.hints import ways
from tests.places import CORPUS
from tests.slices import slices

SAID = ("dims", "index", "assume", "functions", "meant")
READ = ("dims", "notation", "functions", "output", "index", "define", "meant")
LONGEST = 20_000


def cases() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What people type, with what the writer states and with nothing but the question; and bad inputs."""
    for name, levels in (("typed", ("stated", "bare")), ("badinput", ("",))):
        path = CORPUS / f"{name}.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            case = json.loads(line)
            for level in levels:
                if level in case.get("levels", levels):
                    said = case[level] if level else {k: case[k] for k in ("dims", "wrt", "kind", "direction") if case.get(k)}
                    notation = case.get("notation") or (case.get("form") == "latex" and "latex") or None
                    text = case.get("text") or case["input"]
                    if len(text) <= LONGEST:
                        yield f"{case['id']}/{level}", text, {**said, **({"notation": notation} if notation else {})}


def undeclared() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The formulas of the corpus of derivatives with nothing but the question."""
    path = CORPUS / "cases.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        case = json.loads(line)
        kind = {} if case["kind"] in ("gradient", "jacobian") else {"kind": case["kind"]}
        for form in ("plain", "latex"):
            if case.get(form):
                asked = {k: case[k] for k in ("wrt", "direction", "output") if case.get(k)}
                yield f"{case['id']}/{form}", case[form], {**asked, **kind}


def outcome(text: str, kwargs: Mapping[str, Any]) -> MatcalcError | None:
    try:
        matcalc.derive(text, check=False, **kwargs)
    except MatcalcError as error:
        return error
    return None


def together(kwargs: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    return {**kwargs, **{k: {**kwargs.get(k, {}), **v} if k in SAID else v for k, v in more.items()}}


def value(text: str, kwargs: Mapping[str, Any]) -> Problem | None:
    """What is read, whatever is asked about it; None where nothing is."""
    try:
        return read_problem(text, **{k: v for k, v in kwargs.items() if k in READ})
    except MatcalcError:
        return None


def leads_on(text: str, kwargs: Mapping[str, Any], before: MatcalcError) -> bool:
    """Read, or asked about again, or refused for what stands behind it."""
    error = outcome(text, kwargs)
    if error is None or isinstance(error, AmbiguityError) or error.readings:
        return error is None or error.message != before.message
    behind = isinstance(error, ParseError) and error.span and before.span and error.span[0] > before.span[0]
    return bool(behind) or value(text, kwargs) is not None


if not CORPUS.exists() and not os.environ.get("MATCALC_CI"):
    pytest.skip(f"no corpus at {CORPUS} (MATCALC_CORPUS says where)", allow_module_level=True)


Answers = list[tuple[str, str, dict[str, Any], matcalc.Derivation | MatcalcError]]
PARTS = 6


@pytest.fixture(scope="module", params=slices(range(PARTS), 3))
def answers(request: pytest.FixtureRequest) -> Answers:
    """What is said to each case: derived for the tests of this module together, and never while tests are collected."""
    found: Answers = []
    for name, text, kwargs in islice(chain(cases(), undeclared()), request.param, None, PARTS):
        try:
            found.append((name, text, kwargs, matcalc.derive(text, check=False, **kwargs)))
        except MatcalcError as error:
            found.append((name, text, kwargs, error))
    return found


@pytest.mark.slow
def test_there_are_refusals(answers: Answers) -> None:
    refused = [(text, said) for _, text, _, said in answers if isinstance(said, MatcalcError)]
    assert len(refused) > 100 / PARTS and sum(len(ways(error, text)) for text, error in refused) > 60 / PARTS


@pytest.mark.sample(2)
def test_each_hint_leads_on(answers: Answers) -> None:
    tried = [
        (name, other, together(kwargs, more), said)
        for name, text, kwargs, said in answers
        if isinstance(said, MatcalcError)
        for more, other in ways(said, text)
    ]
    assert [(name, other, given) for name, other, given, said in tried if not leads_on(other, given, said)] == []


def test_each_reading_is_read_to_a_value_of_its_own(answers: Answers) -> None:
    for name, text, kwargs, said in answers:
        if isinstance(said, MatcalcError):
            found = [value(text, together(kwargs, r.kwargs)) for r in said.readings]
            assert None not in found, (name, said.readings)
            assert len({(p.output, str(sorted(p.types.items()))) for p in found if p is not None}) == len(found), name


@pytest.mark.sample(2)
def test_what_was_understood_reads_back(answers: Answers) -> None:
    read = [(name, said.reading) for name, _, _, said in answers if not isinstance(said, MatcalcError)]
    for name, reading in read:
        functions = {n: None for n, kind in reading.kinds.items() if kind == "function"}
        assert matcalc.parse(reading.plain, dims=reading.dims, functions=functions).plain == reading.plain, name
    assert len(read) > 800 / PARTS


REFUSED = (
    ("sum(sum(X, 1).^2)", "X"),
    ("exp(-norm(x - x')^2/2)", "x"),
    ("(x - x')'*A*(x - x')", "x"),
    ("(w'*mu - rf)/sqrt(w'*Sigma*w)", "w"),
    ("w'*(mu - rf) - lambda/2*w'*Sigma*w", "w"),
    (r"\sum_{k=1}^K (x-\mu_k)^\top \Sigma_k^{-1} (x-\mu_k)", "x"),
    (r"\sum_{h=1}^H \|W_h x - y\|^2", "x"),
    (r"\sum_{k} \log\det \Sigma_k", "all"),
    ("n, d = X.shape\ns = np.sum(Z * G) / n", "Z"),
    ("np.sum(np.einsum('i,j->ij', x, y) * A)", "x"),
    ("s = np.sum(np.dot(A, C) * E)", "A"),
    ("mean(X, 1)'*y", "y"),
    (r"x^{H} A x", "x"),
    (r"\|y - X\beta\|^2 + \beta^{\mathsf H}\beta", r"\beta"),
    (r"A^{\dagger} x", "x"),
    (r"x^{\ast} A x", "x"),
    (r"\mathrm{tr}(X^H X)", "X"),
)


@pytest.mark.parametrize(("text", "wrt"), REFUSED)
def test_hints_and_readings_of_what_people_type_lead_on(text: str, wrt: str) -> None:
    said = outcome(text, {"wrt": wrt})
    assert said is not None
    tried = [(other, {"wrt": wrt, **more}) for more, other in ways(said, text)]
    tried += [(text, {"wrt": wrt, **r.kwargs}) for r in said.readings]
    assert tried and [case for case in tried if not leads_on(*case, said)] == []
