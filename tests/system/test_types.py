"""Signatures say what they take: none has ``Any``, but where SymPy's objects come and go."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import matcalc
from matcalc.api import Asked, read_problem
from matcalc.notation.meaning.problem import Problem
from tests.places import parsed

pytestmark = pytest.mark.source

PACKAGE = Path(matcalc.__file__).parent
CORE = ("engine", "algebra", "check", "printers", "notation", "answers.py", "results.py", "deriving.py", "options.py", "api.py")
FREE = {"notation/foreign"}  # SymPy's objects have no types


def untyped(tree: ast.Module) -> Iterator[str]:
    """Parameters and results of functions with ``Any`` in their type."""
    for f in ast.walk(tree):
        if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef):
            a = f.args
            named = [(x.arg, x.annotation) for x in (*a.posonlyargs, *a.args, a.vararg, *a.kwonlyargs, a.kwarg) if x is not None]
            for name, annotation in (*named, ("", f.returns)):
                if annotation is not None and any(isinstance(n, ast.Name) and n.id == "Any" for n in ast.walk(annotation)):
                    yield f"{f.name}({name})"


SOURCES = [
    path for part in CORE for path in sorted((PACKAGE / part).rglob("*.py") if (PACKAGE / part).is_dir() else [PACKAGE / part])
]
SOURCES = [p for p in SOURCES if p.relative_to(PACKAGE).parent.as_posix() not in FREE]


@pytest.mark.slow
def test_signatures_say_what_they_take() -> None:
    found = {p.relative_to(PACKAGE).as_posix(): set(untyped(parsed(p))) for p in SOURCES}
    assert {name: names for name, names in found.items() if names} == {}


def test_what_is_said_beside_work_is_what_derive_takes() -> None:
    given = {"expression", "wrt", "output", "return"}
    assert set(Asked.__annotations__) == set(matcalc.derive.__annotations__) - given


def test_an_untyped_parameter_is_seen() -> None:
    tree = ast.parse("def f(a: Any, *b: int, c: dict[str, Any]) -> list[Any]: ...\ndef g(a: Anyhow) -> None: ...")
    assert Counter(untyped(tree)) == Counter(["f(a)", "f(c)", "f()"])


def test_the_problem_is_frozen() -> None:
    """What the reader hands over is never changed, and its mappings are declared as such: mypy refuses an assignment."""
    problem = read_problem("s = u'*g(W*x); g(z) = z*tanh(z)")
    assert isinstance(problem, Problem) and isinstance(problem, tuple)
    assert set(problem.own) == set(problem.scalars) == {"g"}
    assert [n for n, t in Problem.__annotations__.items() if re.search(r"\b(dict|list|set|Any)\b", str(t))] == []
