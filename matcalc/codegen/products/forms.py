"""Source in every target, also in those that derive more: the class, and what scipy.optimize takes, functions of one vector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matcalc.codegen.products.calling import Code, class_of, code_of, function_name, output_of, source_of
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
    """The source of a gradient with its flat form; of a Hessian or a product with it, by one variable, all three; of a
    Jacobian what ``least_squares`` takes.

    Raises ``UsageError`` for what no optimiser takes.
    """
    kind, wrt, output = derivation.kind, list(derivation.wrt), derivation.problem.output
    if kind == "jacobian" and output.kind == "c":
        return _residual_form(derivation, name)
    if kind not in ("gradient", *scipy_target.SECOND) or output.kind != "s":
        raise UsageError(
            "scipy.optimize takes a number and its derivatives, or a vector of residuals and its Jacobian",
            hint="take --kind gradient, hessian or hvp of a scalar, or jacobian of a vector",
        )
    if kind != "gradient" and len(wrt) > 1:
        raise UsageError(f"a {kind} by {len(wrt)} variables is no matrix of one vector", hint=f"take one variable, --wrt {wrt[0]}")
    gradient = derivation if kind == "gradient" else derivation.again(derivation.problem, "gradient")
    first = code_of(gradient, function_name(gradient, name, len(wrt)), without=derivation.direction)
    if kind == "gradient":
        return _with(first, first.source, wrt)
    second = code_of(derivation, function_name(derivation, None, 1))
    return _with(first, joined(first.source, second.source), wrt, second, derivation.direction)


def _residual_form(derivation: Any, name: str | None) -> str:
    """The value and the Jacobian, which has a row for each entry of the value in every layout, with the flat functions below."""
    derivation = derivation if derivation.layout != "denominator" else derivation.again(derivation.problem, "jacobian")
    wrt = list(derivation.wrt)
    both = code_of(derivation, function_name(derivation, name, len(wrt)))
    value = code_of(derivation, Names([both.name]).fresh(output_of(derivation)), derivation.problem.output)
    own = {str(s.attr): p for s, p in zip(both.symbols, both.parameters, strict=False)}
    orders = dict(zip(both.functions, both.parameters[len(both.symbols) :], strict=True))
    calls = [_called(code, own, orders) for code in (value, both)]
    source = joined(value.source, both.source)
    return source + "\n\n" + scipy_target.residual_source([own[w] for w in wrt], [*own.values(), *orders.values()], *calls)


def _called(code: Code, own: Mapping[str, str], orders: dict[tuple[str, int], str]) -> scipy_target.Called:
    """The call of a function with the names that its arguments have outside; functions that nobody has named are added."""
    texts = [own[str(s.attr)] for s in code.symbols]
    texts += [orders.setdefault(f, p) for f, p in zip(code.functions, code.parameters[len(code.symbols) :], strict=True)]
    return scipy_target.Called(code.name, texts)


def _with(first: Code, source: str, wrt: list[str], second: Code | None = None, direction: str | None = None) -> str:
    """Both functions with the flat ones below; a function of the user's that only one takes is an argument of all."""
    own = {str(s.attr): p for s, p in zip(first.symbols, first.parameters, strict=False)}
    orders = dict(zip(first.functions, first.parameters[len(first.symbols) :], strict=True))
    along = Names([*own.values(), *orders.values()]).fresh("p") if direction else ""
    inside = {**own, direction: along} if direction else own
    calls = [_called(code, inside, orders) for code in ([first] + ([second] if second else []))]
    every = [*own.values(), *orders.values()]
    variables = [own[w] for w in wrt]
    return source + "\n\n" + scipy_target.source(variables, every, calls[0], calls[1] if second else None, along)
