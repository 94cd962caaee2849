r"""The body of a scalar function, read by latex2sympy2: ``\frac{1}{1+e^{-z}}``.

latex2sympy2 keeps its state in its module, reads ``\log`` to base 10 and ``I`` as √−1, ignores trailing text and
takes minutes over long input. So: what reaches it is written anew from an allow-list of tokens; it is a copy of the
module that nobody else sees, used by one call at a time, with its state put back after each; it must read to the end;
and only its parser and its conversion of one expression are used, never the parts that assign, solve or evaluate.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any

from matcalc.expr.errors import ParseError
from matcalc.expr.nodes import Expr
from matcalc.notation.foreign import from_sympy, limited
from matcalc.notation.lex.lexer_plain import GREEK

MAX_TOKENS = 160
MAX_DEPTH = 20
MAX_DIGITS = 15
_LOCK = threading.RLock()

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\.\d+|\s+|.", re.DOTALL)
_SPACES = frozenset((r"\,", r"\;", r"\:", r"\!", r"\ ", "~", r"\quad", r"\qquad", r"\displaystyle", r"\limits"))
_SAME = frozenset(
    rf"\{name}"
    for name in (
        *("frac", "sqrt", "exp", "ln", "left", "right", "cdot", "times", "pi"),
        *("sin", "cos", "tan", "sec", "csc", "cot", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"),
    )
)
_RENAMED = {r"\dfrac": r"\frac", r"\tfrac": r"\frac", r"\log": r"\ln", r"\lvert": "|", r"\rvert": "|"} | {
    rf"\{size}{side}": "" for size in ("big", "Big", "bigg", "Bigg") for side in ("l", "r", "")
}
_UPRIGHT = re.compile(r"\\(?:operatorname\*?|mathrm|text|mathop)\s*\{\s*([A-Za-z]+)\s*\}")
_OPERATORS = frozenset(("arsinh", "arcosh", "artanh", "arcsinh", "arccosh", "arctanh"))
_SIGNS = frozenset("+-*/^(){}[]|.")
_RESERVED = frozenset("deEiI")  # letters that latex2sympy2 does not take as names


def read(source: str, parameter: Expr) -> Expr | None:
    """The body as latex2sympy2 reads it; None where it is absent, declines or takes too long."""
    module = _module()
    if module is None:
        return None
    try:
        clean = rewritten(source, str(parameter.attr))
        return limited(lambda: _converted(module, clean, {str(parameter.attr): parameter}))
    except Exception:  # its errors are of every kind
        return None


def _module() -> ModuleType | None:
    """Our copy of latex2sympy2, made at the first use; None where it cannot be (Python 3.13, or not installed)."""
    try:
        with _LOCK:
            spec = find_spec("latex2sympy2")
            return None if spec is None or spec.origin is None else _copy(spec.origin)
    except Exception:
        return None


@lru_cache(maxsize=1)
def _copy(origin: str) -> ModuleType:
    spec = spec_from_file_location("latex2sympy2", origin)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---------------------------------------------------------------- what it is given


def rewritten(source: str, parameter: str) -> str:
    r"""The body in tokens that latex2sympy2 reads as meant; ``\log`` becomes ``\ln``.

    Raises ``ParseError`` for letters but the parameter and e, for other macros, and for what takes long.
    """
    variable = _spelled(parameter)
    text = _UPRIGHT.sub(lambda m: rf"\{m[1]} " if rf"\{m[1]}" in _SAME | {r"\log"} else m[0], source)
    text = re.sub(r"\\(?:mathrm|operatorname|text)\s*\{\s*e\s*\}", " e ", text)
    out: list[str] = []
    depth = 0
    for token in _tokens(text):
        depth += (token in ("(", "{", "[")) - (token in (")", "}", "]"))
        if depth > MAX_DEPTH or len(out) > MAX_TOKENS:
            raise ParseError("too long or nested too deeply for latex2sympy2")
        out.append(_checked(token, variable, out))
    return " ".join(out)


def _spelled(parameter: str) -> str:
    if len(parameter) == 1 and parameter.isalpha() and parameter not in _RESERVED:
        return parameter
    if parameter in GREEK.values() and parameter != "pi":
        return rf"\{parameter}"
    raise ParseError(f"latex2sympy2 does not take '{parameter}' as a name")


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        operator = _UPRIGHT.match(text, position)
        if operator and operator[1] in _OPERATORS:
            yield rf"\operatorname{{{operator[1]}}}"
            position = operator.end()
            continue
        match = _TOKEN.match(text, position)
        assert match is not None
        position = match.end()
        token = _RENAMED.get(match[0], match[0])
        if token and token not in _SPACES and not token.isspace():
            yield token


def _checked(token: str, variable: str, before: list[str]) -> str:
    known = token in (variable, "e") or token in _SAME or token in _SIGNS or token.startswith(r"\operatorname")
    number = token[0] in ".0123456789" and len(token) <= MAX_DIGITS
    base = token == "_" and before[-1:] == [r"\ln"]  # a logarithm to some base
    if not (known or number or base):
        raise ParseError(f"latex2sympy2 is not asked about '{token}'")
    return token


# ---------------------------------------------------------------- what it answers


@contextmanager
def state_kept(module: ModuleType) -> Iterator[None]:
    """The module with a fresh state inside, and its state of before outside: the same objects."""
    with _LOCK:
        before = dict(vars(module))
        try:
            vars(module).update(variances={}, var={}, VARIABLE_VALUES={}, is_real=True)
            yield
        finally:
            for name in set(vars(module)) - set(before):
                del vars(module)[name]
            vars(module).update(before)


def _converted(module: ModuleType, text: str, symbols: Mapping[str, Expr]) -> Expr:
    with state_kept(module):
        listener = module.MathErrorListener(text)
        lexer = module.PSLexer(module.InputStream(text))
        tokens = module.CommonTokenStream(lexer)
        parser = module.PSParser(tokens)
        for part in (lexer, parser):
            part.removeErrorListeners()
            part.addErrorListener(listener)
        relation = parser.math().relation()
        if tokens.LA(1) != -1:
            raise ParseError(f"latex2sympy2 stops at column {tokens.LT(1).column + 1}: the rest is left over")
        if relation is None or relation.expr() is None:
            raise ParseError("not one expression")
        found: Any = module.convert_expr(relation.expr())
        return from_sympy(found, symbols)
