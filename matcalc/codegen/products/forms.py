"""Source in every target, also in those that derive more: the class, and what scipy.optimize takes, functions of one vector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matcalc.codegen.products.calling import Code, class_of, code_of, function_name, source_of
from matcalc.codegen.products.identifiers import Names
from matcalc.codegen.products.looped import joined
from matcalc.codegen.targets import scipy_target
from matcalc.expr.errors import UsageError

BEYOND = ("class", "scipy")  # targets that are no function of a task alone


def forms_of(derivation: Any, pulled: Callable[[], Any], target: str, name: str | None = None, value: bool = True) -> str:
    """Source in a target, also in those that derive more: the class what is ``pulled`` back, scipy's form a gradient."""
    if target not in BEYOND:
        return source_of(derivation, name, target, value)
    if not value:
        raise UsageError(f"the {target} form has the value", hint=f"leave out --no-value, or --code {target}")
    if target == "class":
        return class_of(derivation, pulled(), name)
    return flat_source(derivation, name)


def flat_source(derivation: Any, name: str | None) -> str:
    """The source of a gradient with its flat form; of a Hessian or a product with it, by one variable, all three.

    Raises ``UsageError`` for what no optimiser takes.
    """
    kind, wrt = derivation.kind, list(derivation.wrt)
    if kind not in ("gradient", *scipy_target.SECOND) or derivation.problem.output.kind != "s":
        raise UsageError(
            "scipy.optimize takes a number and its derivatives", hint="take --kind gradient, hessian or hvp of a scalar"
        )
    if kind != "gradient" and len(wrt) > 1:
        raise UsageError(f"a {kind} by {len(wrt)} variables is no matrix of one vector", hint=f"take one variable, --wrt {wrt[0]}")
    gradient = derivation if kind == "gradient" else derivation.again(derivation.problem, "gradient")
    first = code_of(gradient, function_name(gradient, name, len(wrt)), without=derivation.direction)
    if kind == "gradient":
        return _with(first, first.source, wrt)
    second = code_of(derivation, function_name(derivation, None, 1))
    return _with(first, joined(first.source, second.source), wrt, second, derivation.direction)


def _with(first: Code, source: str, wrt: list[str], second: Code | None = None, direction: str | None = None) -> str:
    """Both functions with the flat ones below; a function of the user's that only one takes is an argument of all."""
    own = {str(s.attr): p for s, p in zip(first.symbols, first.parameters, strict=False)}
    orders = dict(zip(first.functions, first.parameters[len(first.symbols) :], strict=True))
    along = Names([*own.values(), *orders.values()]).fresh("p") if direction else ""
    calls = []
    for code in [first] + ([second] if second else []):
        texts = [along if str(s.attr) == direction else own[str(s.attr)] for s in code.symbols]
        for f, p in zip(code.functions, code.parameters[len(code.symbols) :], strict=True):
            texts.append(orders.setdefault(f, p))
        calls.append(scipy_target.Called(code.name, texts))
    every = [*own.values(), *orders.values()]
    variables = [own[w] for w in wrt]
    return source + "\n\n" + scipy_target.source(variables, every, calls[0], calls[1] if second else None, along)
