"""The public face: what `import matcalc` shows, and what `help` says of it."""

from __future__ import annotations

import doctest
import inspect

import pytest

import matcalc
from matcalc import answers, api, results, training
from matcalc.engine import derivation
from matcalc.expr import errors

CLASSES = (matcalc.Derivation, matcalc.Result, matcalc.Expr, derivation.Step)


def test_dir_shows_what_users_use_and_nothing_else() -> None:
    assert dir(matcalc) == sorted([*matcalc.__all__, "__version__"])
    assert all(hasattr(matcalc, name) for name in dir(matcalc))


@pytest.mark.parametrize("name", ["derive", "parse", "equal", "check_work", "vectorise"])
def test_every_parameter_is_documented(name: str) -> None:
    function = getattr(matcalc, name)
    text = inspect.getdoc(function) or ""
    head, _, _ = text.partition("Raises\n")
    named = {word.strip() for line in head.splitlines() if line and not line.startswith(" ") for word in line.split(",")}
    assert set(inspect.signature(function).parameters) <= named
    assert "Returns\n-------" in text and "Raises\n------" in text
    assert ">>> " in text


@pytest.mark.parametrize("kind", CLASSES, ids=lambda c: c.__name__)
def test_every_public_member_is_documented(kind: type) -> None:
    members = {n: m for n, m in vars(kind).items() if not n.startswith("_") and (callable(m) or isinstance(m, property))}
    members |= {n: m for n, m in vars(kind).items() if not n.startswith("_") and hasattr(m, "func")}
    assert [n for n, m in members.items() if not inspect.getdoc(m)] == []
    assert ">>> " in (inspect.getdoc(kind) or "")


def test_every_error_says_what_it_means() -> None:
    kinds = [c for c in vars(matcalc).values() if inspect.isclass(c) and issubclass(c, matcalc.MatcalcError)]
    assert len(kinds) == 8
    assert all(c.__doc__ and c.exit_code in (2, 3, 4) for c in kinds)


@pytest.mark.parametrize("module", [answers, api, derivation, errors, results, training], ids=lambda m: m.__name__)
def test_the_examples_in_docstrings_are_true(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert found.attempted > 2, "an example each"
    assert found.failed == 0
