"""What commands that take an expression share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import matcalc
from matcalc.cli import main
from matcalc.ui.arguments import ABOUT, expression_arguments, names_of, options_first, pairs, sizes


def test_options_come_first() -> None:
    takes = {"--wrt": True, "-o": True, "--document": False}
    assert options_first(["-x", "--wrt", "-y", "-o", "f"], takes) == ["--wrt", "-y", "-o", "f", "--", "-x"]
    assert options_first(["--document", "--wtr", "x"], takes) == ["--document", "--wtr", "--", "x"]
    assert options_first(["--wrt"], takes) == ["--wrt", "--"]
    assert options_first(["--", "--wrt"], takes) == ["--", "--wrt"]


def test_names_in_a_word() -> None:
    assert names_of(["W,b", "W[2,3] c"]) == ["W", "b", "W[2,3]", "c"]
    assert names_of([r"\hat y, \mathbf x", r"\Delta x_1"]) == [r"\hat{y}", r"\mathbf{x}", r"\Delta{x}_1"]


def test_only_what_was_asked_for_is_passed_on() -> None:
    command = click.Command("c", params=[])
    for option in ABOUT:
        option(command)
    nothing: dict[str, Any] = {str(p.name): () if getattr(p, "multiple", False) else None for p in command.params}
    assert len(nothing) == len(ABOUT) and expression_arguments(nothing) == {}
    some = nothing | {"dim": ("W=n,m", "a="), "function": ("f", "g=tanh"), "meant": (("a/b c", "(a/b)*c"),), "output": "s"}
    assert expression_arguments(some) == {
        "dims": {"W": ("n", "m"), "a": ()}, "functions": {"f": None, "g": "tanh"}, "meant": {"a/b c": "(a/b)*c"}, "output": "s"
    }  # fmt: skip


def test_pairs() -> None:
    assert sizes(["x=(n)", "A=m n"]) == {"x": ("n",), "A": ("m", "n")}
    assert pairs(["A=spd", "A=diagonal"], "--assume", "spd", joined=True) == {"A": "spd, diagonal"}
    for words, said in ((["A"], "--dim A: write NAME=n,m"), (["A=n", "A=m"], "'A' is given twice, as 'n' and as 'm'")):
        with pytest.raises(click.UsageError, match=said):
            pairs(words, "--dim", "n,m")


def test_several_names_share_what_is_said() -> None:
    assert pairs(["P,R=spd", "x, y=unit"], "--assume", "spd", lists=True) == {"P": "spd", "R": "spd", "x": "unit", "y": "unit"}
    assert pairs(["P=spd,R=spd"], "--assume", "spd", lists=True) == {"P": "spd", "R": "spd"}
    assert sizes(["A,B=3,3", "W_{1,2}=n"]) == {"A": ("3", "3"), "B": ("3", "3"), "W_{1,2}": ("n",)}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("equal", "sqrn(A*x)", "norm2(A*x)^2"), "equal\n"),
        (("graph", "s = sqrn(A*x)"), "Computation graph of s"),
        (("vectorise", r"\sum_i (\operatorname{sqrn}(w) - w^T x_i)^2"), "by the lines"),
        (("check", "sqrn(A*x)", "--answer", "A'*A*x + 0*sqrn(x)*x", "--wrt", "x"), "it is 1/2 times what is right"),
        (("check-gradient", "sqrn(A*x)", "--wrt", "x", "--at", "random"), "x[1]"),
        (("derive", "sqrn(A*x)", "--wrt", "x"), "2Aᵀ A x"),
    ],
)
def test_rules_of_the_user_count_wherever_an_expression_is_read(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text('R("sqrn", "sqrn(x) = x\'*x", "x[n]", "note:1")\n', encoding="utf-8")
    done = CliRunner().invoke(main, [*words, "--rules", str(path)], standalone_mode=False)
    assert done.exception is None and said in done.stdout
    assert CliRunner().invoke(main, list(words), standalone_mode=False).return_value != done.return_value
    assert matcalc.parse("sqrn(x)", rules=str(path)).plain == "x'*x"
