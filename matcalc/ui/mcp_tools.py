"""What an assistant may ask for, as functions of texts with typed results: :mod:`matcalc.ui.mcp_command` serves them.

Texts are read as everywhere, none is evaluated, and no file is opened.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from matcalc.expr.errors import MatcalcError

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict  # pydantic, which makes schemas of these, takes no other before 3.12

P = ParamSpec("P")
T = TypeVar("T")


class Line(TypedDict):
    """One line of a derivation and the rule that gives it."""

    text: str
    latex: str
    rule: str


class Answer(TypedDict):
    """The derivative by one variable."""

    wrt: str
    plain: str
    latex: str
    shape: list[str]


class Derived(TypedDict):
    """A derivation: ``text`` is all of it for a reader, ``checked`` says how it was verified."""

    value: str
    results: list[Answer]
    lines: list[Line]
    text: str
    dims: dict[str, list[str]]
    warnings: list[str]
    checked: str
    code: str


class WorkLine(TypedDict):
    """What is said of one equality of somebody's work."""

    line: int
    text: str
    verdict: str
    relation: str
    span: list[int]
    correct: str
    rule: str


class Checked(TypedDict):
    """The verdict on somebody's work, in the words of docs/check.md; ``text`` is the report for a reader."""

    verdict: str
    relation: str
    first_wrong: int | None
    correct: str
    lines: list[WorkLine]
    text: str


class Compared(TypedDict):
    """Whether two expressions are equal, and how that was found; ``text`` has the counterexample."""

    equal: bool
    how: str
    error: float
    factor: str | None
    text: str


class Explained(TypedDict):
    """The rows of a rule: equation, sizes and conditions, source."""

    name: str
    text: str


def derive(
    expression: str,
    wrt: list[str] | None = None,
    kind: str | None = None,
    dims: dict[str, str] | None = None,
    assume: dict[str, str] | None = None,
    functions: dict[str, str] | None = None,
    style: str = "backprop",
    layout: str = "shape",
    code: str | None = None,
    meant: dict[str, str] | None = None,
) -> Derived:
    """Derive a gradient, Jacobian or Hessian of a matrix expression step by step; every line is verified numerically.

    expression: plain, Unicode, NumPy-like or LaTeX; definitions separated by ";": "s = u' h; h = f(z); z = W x + b".
    wrt: the variables; all where it is left out. kind: gradient, jacobian, hessian, differential.
    dims: sizes, {"W": "n,m", "x": "n", "a": ""} (a number); they are inferred where it is left out. assume: {"A": "symmetric"}.
    functions: {"f": "tanh"}. style: backprop, differential or elementwise. layout: shape, numerator or denominator.
    code: numpy, torch, jax … for source of a function that computes value and derivatives. meant: what an ambiguous part means.
    """
    from matcalc import api

    asked: dict[str, Any] = {"kind": kind, "functions": functions, "style": style, "layout": layout, "check": False}
    d = api.derive(expression, wrt or "all", **asked, **_said(dims, assume, meant))
    results = [Answer(wrt=r.wrt, plain=r.plain, latex=r.latex, shape=[*map(str, r.shape)]) for r in map(d.__getitem__, d.wrt)]
    lines = [Line(text=s.text, latex=" = ".join(side.latex for side in s.chain), rule=s.rule) for s in d.steps]
    report = d.check()
    checked = f"{report.steps} lines at {report.points} random points, largest relative error {report.max_relative_error:.1e}"
    sizes = {name: [*map(str, shape)] for name, shape in d.dims.items()}
    source = d.to_code(code) if code else ""
    return Derived(value=d.value.plain, results=results, lines=lines, text=d.to_text(), dims=sizes, warnings=[*d.warnings],
                   checked=checked, code=source)  # fmt: skip


def check_derivation(
    work: str,
    problem: str | None = None,
    wrt: str | None = None,
    dims: dict[str, str] | None = None,
    assume: dict[str, str] | None = None,
    names: dict[str, str] | None = None,
    kind: str | None = None,
) -> Checked:
    """Check every line of somebody's derivation (LaTeX, Markdown, plain text): the first wrong one, and by which slip.

    problem and wrt: what is derived, and by which variable, where the work does not state it. names: what a name of the work stands
    for, {"h": "softmax(z)"}. A NumPy function "def grad(X, y, w): …" is walked as a tree; nothing is run.
    """
    return _checked(work, problem, wrt, None, names, kind, _said(dims, assume, None))


def check_answer(
    problem: str,
    wrt: str,
    answer: str,
    dims: dict[str, str] | None = None,
    assume: dict[str, str] | None = None,
    names: dict[str, str] | None = None,
    kind: str | None = None,
) -> Checked:
    """Check an answer against the derivative of a problem: equal, equal up to layout, right under an assumption, or which slip.

    answer: a formula, with further definitions behind ";": "d x'; d = u .* f'(W*x + b)".
    """
    return _checked(answer, problem, wrt, "answer", names, kind, _said(dims, assume, None))


def equal(a: str, b: str, dims: dict[str, str] | None = None, assume: dict[str, str] | None = None) -> Compared:
    """Whether two expressions are the same, by normal form, in exact arithmetic or at random points, or a counterexample."""
    from matcalc import api
    from matcalc.ui.equal_command import told

    verdict = api.equal(a, b, **_said(dims, assume, None))
    found = verdict.counterexample
    factor = None if found is None or found.factor is None else str(found.factor)
    return Compared(equal=bool(verdict), how=verdict.how, error=float(verdict.error), factor=factor, text=told(a, b, verdict))


def explain_rule(name: str) -> Explained:
    """A rule by its name, as it stands beside lines of a derivation: equation, sizes and conditions, source."""
    from matcalc.algebra.rulelist import shown
    from matcalc.api import book

    return Explained(name=name, text=shown(book(), name))


TOOLS: tuple[Callable[..., Any], ...] = (derive, check_derivation, check_answer, equal, explain_rule)


def with_errors(tool: Callable[P, T], failure: Callable[[str], Exception]) -> Callable[P, T]:
    """The tool, with our errors whole: what, where, the readings and what to say next."""

    @wraps(tool)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return tool(*args, **kwargs)
        except MatcalcError as error:
            raise failure(whole(error)) from error

    return run


def whole(error: MatcalcError) -> str:
    """An error with its kind, and with the arguments that choose each reading."""
    listed = [f"reading {n}: {r.text}\n  with {json.dumps(_arguments(r.kwargs))}" for n, r in enumerate(error.readings, 1)]
    return "\n".join([f"{error.kind}: {error}", *listed])


def _arguments(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """As the tools take them: sizes are one text."""
    return {
        key: {name: ",".join(map(str, shape)) for name, shape in said.items()} if key == "dims" else said
        for key, said in kwargs.items()
    }


def _said(dims: Mapping[str, str] | None, assume: Mapping[str, str] | None, meant: Mapping[str, str] | None) -> dict[str, Any]:
    from matcalc.expr.typed_sizes import axes

    sizes = {name: axes(text) for name, text in (dims or {}).items()}
    return {"dims": sizes, "assume": assume} | ({"meant": meant} if meant else {})


def _checked(
    work: str, problem: str | None, wrt: str | None, form: str | None, names: Mapping[str, str] | None, kind: str | None,
    said: Mapping[str, Any],
) -> Checked:  # fmt: skip
    from matcalc import api

    report = api.check_work(work, problem, wrt, names=names or {}, form=form, kind=kind, **said)
    return cast(Checked, {name: value for name, value in report.to_dict().items() if name != "schema"} | {"text": report.to_text()})


__all__ = ["TOOLS", "Checked", "Compared", "Derived", "Explained", "whole", "with_errors"]
