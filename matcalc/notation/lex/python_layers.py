"""Layers of PyTorch without weights, ``nn.MSELoss(reduction='sum')(x, y)``: the functions that they are, among the tokens.

A layer that gets a name, ``criterion = nn.MSELoss()``, is applied where the name is called.
"""

from __future__ import annotations

from itertools import chain

from matcalc.expr.errors import ParseError
from matcalc.notation.lex.python_names import LAYERS
from matcalc.notation.lex.syntax import Token, closing

PATHS: tuple[list[str], ...] = ([], ["nn"], ["torch", "nn"])


def applied(tokens: list[Token]) -> list[Token]:
    """The tokens with functions in place of layers. Raises ``ParseError`` for a layer that is not applied."""
    return _read(tokens, {})


def _read(tokens: list[Token], named: dict[str, list[Token]]) -> list[Token]:
    """``named``: layers by the names that they got, with their arguments."""
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        t = tokens[i]
        if t.text in LAYERS and t.kind in ("attr", "name") and _text(tokens, i + 1) == "(":
            layer = [*_path(out, t), *_bracketed(tokens, i + 1)]
            i += 1 + _length(tokens, i + 1)
            begins = [x.text for x in out[-2:]][1:] == ["="] and out[-2].kind == "name"
            if begins and _text(tokens, i) != "(" and (len(out) == 2 or out[-3].text == ";"):
                named[out[-2].text] = layer
                del out[-2:]
                i += _text(tokens, i) == ";"
            else:
                i = _call(tokens, i, layer, named, out)
        elif t.kind == "name" and t.text in named and _text(tokens, i + 1) == "(":
            i = _call(tokens, i + 1, [x._replace(start=t.start, end=t.end) for x in named[t.text]], named, out)
        else:
            out.append(t)
            i += 1
    return out


def _text(tokens: list[Token], i: int) -> str:
    return tokens[i].text if i < len(tokens) else ""


def _path(out: list[Token], layer: Token) -> list[Token]:
    """``nn.functional.mse_loss`` where ``nn.MSELoss`` stands; the path is taken from ``out``."""
    length = next((n for n in (2, 1, 0) if [x.text for x in out[len(out) - n :]] == PATHS[n]), 0)
    start = out[len(out) - length].start if length else layer.start
    del out[len(out) - length :]
    parts = [("name", "nn"), ("attr", "functional"), ("attr", LAYERS[layer.text])]
    return [Token(kind, text, start, layer.end, layer.space) for kind, text in parts]


def _length(tokens: list[Token], i: int) -> int:
    """Of the brackets that open at ``i``, in tokens. Raises ``ParseError`` where they do not close."""
    if tokens[end := closing(tokens, i)].kind != "close":
        raise ParseError("'(' is never closed", span=tokens[i].span, hint="add ')'")
    return end - i + 1


def _bracketed(tokens: list[Token], i: int) -> list[Token]:
    return tokens[i + 1 : i + _length(tokens, i) - 1]


def _call(tokens: list[Token], i: int, layer: list[Token], named: dict[str, list[Token]], out: list[Token]) -> int:
    """The call at hand with the arguments of the layer behind its own; where it ends."""
    function, given = layer[:3], layer[3:]
    if _text(tokens, i) != "(" or _text(tokens, i + 1) == ")":
        name = next(n for n, f in LAYERS.items() if f == function[-1].text)
        raise ParseError(f"'nn.{name}(…)' is a function, and needs an argument", span=function[0].span,
                         hint=f"write nn.{name}()(x{', y' * name.endswith('Loss')})")  # fmt: skip
    arguments, end = _read(_bracketed(tokens, i), named), i + _length(tokens, i)
    comma = [Token("op", ",", tokens[end - 1].start, tokens[end - 1].start)] if given else []
    out.extend(chain(function, [tokens[i]], arguments, comma, given, [tokens[end - 1]]))
    return end
