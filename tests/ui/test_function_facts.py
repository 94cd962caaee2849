"""What is said of functions: names as people write them, formulas, derivatives, saturation and kinks."""

from __future__ import annotations

import io
import re

import pytest

import matcalc
from matcalc.expr import activations
from matcalc.expr.errors import UsageError
from matcalc.expr.table import CALLS
from matcalc.ui.function_facts import formula, known, named, overview, sheets
from tests.places import ROOT


def facts(name: str, call: str | None = None) -> dict[str, str]:
    sheet = next(sheet for sheet in sheets(name) if call in (None, sheet.title))
    return dict(sheet.facts)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("hard tanh", "hardtanh"), ("Leaky-ReLU", "leakyrelu"), ("swish", "silu"), ("logistic", "sigmoid"), ("PReLU", "prelu"),
        ("log_softmax", "logsoftmax"), ("LayerNorm", "layernorm"), ("det", "det"), ("cross_entropy", "CE"),
    ],
)  # fmt: skip
def test_names_as_people_write_them(typed: str, name: str) -> None:
    assert named(typed) == name


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match="there is no function 'sigmod'") as caught:
        named("sigmod")
    assert caught.value.hint is not None and "sigmoid" in caught.value.hint
    with pytest.raises(UsageError):
        named("")


@pytest.mark.slow
def test_every_function_has_a_sheet() -> None:
    """Also those of no number, of which less is known; and each is read back by its name."""
    for name in known():
        assert named(name) == name
        found = sheets(name)
        assert found and all(sheet.facts and sheet.text().startswith(f"{name}(") for sheet in found)


def test_the_logistic_function() -> None:
    found = facts("logistic")
    assert found["formula"] == "1/(1 + exp(-z))" and found["range"] == "(0, 1)" and found["kinks"] == "none"
    assert matcalc.equal(found["derivative"], "exp(-z)/(1 + exp(-z))^2", {"z": ()})
    assert found["saturation"] == "z → -∞: value → 0, derivative → 0; z → ∞: value → 1, derivative → 0"


def test_kinks_say_what_meets_and_what_is_taken() -> None:
    assert facts("relu")["kinks"] == "z = 0: slopes 0 and 1 meet, 0 is taken"
    assert facts("hardswish")["kinks"] == "z = -3: slopes 0 and -0.5 meet, 0 is taken; z = 3: slopes 1.5 and 1 meet, 1 is taken"
    assert facts("step")["kinks"] == "z = 0: the value jumps, 0 is taken"
    assert facts("prelu")["kinks"] == "z = 0: slopes 0.25 and 1 meet, 0.25 is taken (with a=1/4)"


@pytest.mark.sample(3)
@pytest.mark.parametrize("row", activations.ROWS, ids=lambda row: row.call)
def test_formulas_are_the_functions(row: activations.Activation) -> None:
    """One that another row holds in simpler functions, where there is one."""
    text = formula(row)
    if text or not row.cases:
        assert matcalc.equal(row.call, text, dict.fromkeys(row.arguments, ()))


def test_other_functions_say_what_is_known() -> None:
    assert facts("logdet")["arguments"] == "[n×n] → scalar" and "Cookbook" in facts("logdet")["rule"]
    assert facts("log") | {"defined for": "its argument positive", "derivative": "1/z"} == facts("log")
    assert facts("trigamma")["derivative"] == "no rule"
    rows = [dict(sheet.facts)["sizes"] for sheet in sheets("mse")]
    assert rows == ["x[n] y[n]", "x[1,n] y[1,n]", "X[m,n] Y[m,n]"]


def test_the_overview_names_every_function() -> None:
    said = set(re.findall(r"\w+", overview(io.StringIO())))
    assert {*CALLS, *known()} <= said


def test_the_page_has_the_table_of_activations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    page = (ROOT / "docs" / "functions.md").read_text("utf-8")
    table = overview(io.StringIO()).partition("\n\n")[0].partition("\n")[2]
    assert table in page
    shown = page.partition('$ matcalc functions "hard tanh"\n')[2].partition("\n```")[0]
    assert len(shown.splitlines()) > 4 and sheets("hard tanh")[0].text().startswith(shown)
