"""The text of a script: it is Python, it holds the tested functions word for word, and nothing of the user's text runs."""

from __future__ import annotations

import ast
import inspect
from itertools import product
from typing import Any

import pytest

from matcalc.codegen.scripts import epochs, first_check, intake, optimisers, schedules
from matcalc.codegen.scripts.choices import OPTIMISERS, SCHEDULES
from matcalc.codegen.scripts.training_script import Settings, script
from tests.slices import slices

CODE = 'import numpy as np\n\n\ndef loss_and_gradients(X, W, y):\n    """Doc."""\n    return (X @ W - y).sum(), X.T\n'


def settings(**more: Any) -> Settings:
    known: dict[str, Any] = {
        "source": "sum(X*W - y)", "code": CODE, "name": "t", "shapes": {"X": (None, 2), "y": (None,)}, "axes": {"X": 0, "y": 0},
        "classes": {"y": 3}, "parameters": {"W": (2,)}, "biases": [], "numbers": {}, "scaled": ["X"], "target": "y",
        "optimiser": "adam", "schedule": ("constant", {}), "rate": 0.1, "epochs": 2, "batch": 3,
        "seed": 4, "test": 0.25, "start": "xavier", "started": (),
    }  # fmt: skip
    return Settings(**{**known, **more})


ARGUMENTS = {"constant": {}, "halving": {"every": 3}, "exponential": {"decay": 0.1}, "cyclical": {"top": 1.0, "half": 4}}


def undefined(text: str) -> set[str]:
    """Names that are read at run time and that neither the script nor Python defines."""
    import builtins

    tree = ast.parse(text)
    annotations = {id(n) for a in ast.walk(tree) for part in (getattr(a, "annotation", None), getattr(a, "returns", None)) if part
                   for n in ast.walk(part)}  # fmt: skip
    nodes = [n for n in ast.walk(tree) if id(n) not in annotations]
    made = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    made |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)} | {
        n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)
    }
    made |= {(a.asname or a.name).partition(".")[0] for n in nodes if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}
    made |= {n.name for n in nodes if isinstance(n, ast.ExceptHandler) and n.name}
    return {n.id for n in nodes if isinstance(n, ast.Name)} - made - set(dir(builtins)) - {"__file__", "__name__"}


@pytest.mark.sample(4)
@pytest.mark.parametrize("chosen", slices(product(OPTIMISERS, SCHEDULES), 5), ids="-".join)
def test_every_script_has_all_that_it_uses(chosen: tuple[str, str]) -> None:
    optimiser, schedule = chosen
    for more in (
        {},
        {"rate": None},
        {"biases": ["W"]},
        {"target": None, "scaled": []},
        {"start": 0.1, "started": ["W"]},
    ):
        text = script(settings(optimiser=optimiser, schedule=(schedule, ARGUMENTS[schedule]), **more))
        assert undefined(text) == set(), more


def test_a_missing_function_is_seen() -> None:
    assert undefined(script(settings()).replace("def take(", "def taken(")) == {"take"}


def test_the_tested_functions_stand_there_word_for_word() -> None:
    text = script(settings(optimiser="sparse-adam", schedule=("halving", {"every": 3}), rate=None))
    for function in (optimisers.sparse_adam, optimisers.adam, schedules.halving, epochs.one_epoch, epochs.fit, epochs.best_rate,
                     first_check.wrong_gradient, intake.require, epochs.accuracy):  # fmt: skip
        assert inspect.getsource(function).strip() in text
    assert CODE.partition("\n\n\n")[2].strip() in text and "momentum" not in text and "halving(rate, epoch, step, every=3)" in text


def test_numpy_only_unless_the_derivatives_need_more() -> None:
    names = {a.name for n in ast.walk(ast.parse(script(settings()))) if isinstance(n, ast.Import) for a in n.names}
    assert names == {"json", "signal", "sys", "time", "zipfile", "numpy"}
    text = script(settings(code="import numpy as np\nimport scipy.special\n" + CODE.partition("\n")[2]))
    assert "import scipy.special" in text and "It needs NumPy and SciPy" in text


@pytest.mark.parametrize("name", ['"""; import os', "a\\", "{x}", "'", "\n", "\u202e"])
def test_what_the_user_types_is_text(name: str) -> None:
    """Neither the expression nor the name of the file ends a string."""
    text = script(settings(source=name * 3, name=name))
    tree = ast.parse(text)
    assert sum(isinstance(n, ast.Import | ast.ImportFrom) for n in tree.body) == 10
    (constant,) = [n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "NAME"]
    assert ast.literal_eval(constant) == name
