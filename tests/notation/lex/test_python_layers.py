"""Layers of PyTorch become calls of functions, token by token."""

from __future__ import annotations

import pytest

from matcalc.expr.errors import ParseError
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.lex.python_names import FUNCTIONS, LAYERS
from matcalc.notation.lex.sequential import applied


def shown(text: str) -> str:
    return "".join(f".{t.text}" if t.kind == "attr" else t.text for t in applied(tokenize_plain(text)))


def test_every_layer_is_a_function_that_is_read() -> None:
    assert set(LAYERS.values()) <= FUNCTIONS


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("nn.MSELoss()(x, y)", "nn.functional.mse_loss(x,y)"),
        ("2*torch.nn.HuberLoss(delta=2)(x, y)", "2*nn.functional.huber_loss(x,y,delta=2)"),
        ("c = nn.L1Loss()\nc(x, y)", "nn.functional.l1_loss(x,y)"),
        ("h = x\nc = L1Loss()\nl = c(h, c(x, y))", "h=x;l=nn.functional.l1_loss(h,nn.functional.l1_loss(x,y))"),
        ("nn.ReLU()(nn.Tanh()(x))", "nn.functional.relu(nn.functional.tanh(x))"),
        ("h = nn.ReLU()(x)", "h=nn.functional.relu(x)"),
        ("x + y", "x+y"),
    ],
)
def test_the_arguments_of_the_layer_go_behind_those_of_the_call(text: str, want: str) -> None:
    assert shown(text) == want


@pytest.mark.parametrize("text", ["nn.MSELoss()", "x + nn.ReLU()", "nn.ReLU()()"])
def test_a_layer_that_is_not_applied_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="needs an argument"):
        applied(tokenize_plain(text))


@pytest.mark.parametrize("text", ["nn.ReLU(", "nn.ReLU()(x", "c = nn.L1Loss()\nc(x, y"])
def test_brackets_that_do_not_close_are_said(text: str) -> None:
    with pytest.raises(ParseError, match="never closed"):
        applied(tokenize_plain(text))


@pytest.mark.parametrize("text", ["nn.ReLU()(nn.ReLU)", "ReLU", "x = nn.ReLU"])
def test_a_layer_without_brackets_is_left_to_the_parser(text: str) -> None:
    assert "ReLU" in shown(text)
