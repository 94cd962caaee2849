"""Source in every target, also in those that derive more: what has a backward pass, and what scipy.optimize takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from matcalc.codegen.products.calling import (
    Code,
    class_of,
    code_of,
    document_of,
    function_name,
    output_of,
    source_of,
    task_of,
    task_of_class,
)
from matcalc.codegen.products.identifiers import Names, spelled
from matcalc.codegen.products.looped import joined
from matcalc.codegen.targets import (
    BEYOND,
    CLASS,
    FLAT,
    JAX,
    OPERATOR,
    jax_vjp_target,
    linear_operator_target,
    scipy_target,
    source_in,
    torch_function_target,
)
from matcalc.codegen.targets.linear_operator_target import Product
from matcalc.expr.errors import LimitError, NoRuleError, UsageError


class Pulled(NamedTuple):
    """What is derived for the forms with a backward pass, when it is asked for."""

    first: Callable[[], tuple[str, Any]]  # the upstream gradient, and the derivation of the pullback
    second: Callable[..., tuple[Mapping[str, str], Any]]  # of a derivation: directions with their variables, and their pullback


def forms_of(
    derivation: Any, pulled: Pulled, target: str, name: str | None = None, value: bool = True, sizes: bool = False,
    gradient: bool = False, factors: bool = False,
) -> str:  # fmt: skip
    """Source in a target, also in those that derive more: classes what is ``pulled`` back, scipy's form a gradient.

    Functions hold the ``sizes`` of their arguments against each other, and give the ``gradient`` before a second derivative,
    where that is asked for; of a Hessian they give its ``factors``.
    """
    if factors and target in BEYOND:
        raise UsageError(f"the {target} form has no factors of a Hessian", hint="leave out --factors, or take --code numpy")
    if sizes and target in BEYOND:
        raise UsageError(
            f"the {target} form does not look at the sizes of its arguments", hint=f"leave out --assert-sizes, or --code {target}"
        )
    if gradient and target in BEYOND:
        raise UsageError(f"the {target} form has no gradient beside the {derivation.kind}", hint="leave out --with-gradient")
    if target == OPERATOR:
        return operator_source(derivation, pulled, name, value)
    if target not in BEYOND:
        return source_of(derivation, name, target, value, sizes, gradient, factors)
    if not value:
        raise UsageError(f"the {target} form has the value", hint=f"leave out --no-value, or --code {target}")
    if target == CLASS:
        return class_of(derivation, pulled.first(), name)
    if target == FLAT:
        return flat_source(derivation, name)
    upstream, back = pulled.first()
    called = spelled(output_of(derivation)) if name is None else function_name(derivation, name, 1)
    task = task_of_class(derivation, (upstream, back), called)
    if target == JAX:
        return jax_vjp_target.source(task)
    second, below = _second(pulled, upstream, back, called)
    return joined(torch_function_target.source(task, second), *below)


def _second(pulled: Pulled, upstream: str, back: Any, called: str) -> tuple[torch_function_target.Second, list[str]]:
    """The pullback of the products and its source; where a rule is missing, the reason."""
    try:
        along, derived = pulled.second(back, upstream)
        task = task_of(derived, Names([called]).fresh(f"{called}_products_back"), False)
        task = task._replace(doc=task.doc._replace(source=derived.value.plain))
        if unknown := next(iter(task.signature.functions), None):
            f = unknown[0]
            raise NoRuleError(f"the second derivative of {f} has no formula: define {f} by one")
        source = source_in("torch")(task)
    except (NoRuleError, LimitError) as error:
        return torch_function_target.Second(why=f"no second derivative: {error.message}"), []
    results = [name for name, _ in task.results]
    return torch_function_target.Second(task.name, [str(s.attr) for s in task.symbols], results, along), [source]


def operator_source(derivation: Any, pulled: Pulled, name: str | None, value: bool) -> str:
    """The Hessian of a scalar, or the Jacobian of anything else, by all variables end to end, as what multiplies vectors."""
    if derivation.problem.output.kind == "s":
        return _hessian_operator(derivation, pulled, name, value)
    if derivation.kind != "jacobian":
        raise UsageError(f"a {derivation.kind} is no linear operator on a vector", hint="take --kind jacobian")
    upstream, back = pulled.first()
    forward = derivation.again(derivation.problem, "differential")
    first, second = task_of(forward, name), task_of(back, None)
    symbols = dict.fromkeys([*first.symbols, *second.symbols])
    doc = document_of(derivation)._replace(alone=not value)
    task = first._replace(results=[*first.results, *second.results], symbols=[*symbols], doc=doc._replace(kind="product"))
    directions = [f"d{w}" for w in derivation.wrt]
    listed = ", ".join(directions)
    products = [
        Product("matvec", directions, 1, f"The Jacobian times {listed}: {forward.result.plain}"),
        Product("rmatvec", [upstream], len(second.results), f"{upstream} times the Jacobian: {_plain(back)}"),
    ]
    return linear_operator_target.source(task._replace(name=function_name(derivation, name, 1, value)), products, "jacobian")


def _hessian_operator(derivation: Any, pulled: Pulled, name: str | None, value: bool) -> str:
    if derivation.kind not in ("gradient", "hessian"):
        raise UsageError(f"a {derivation.kind} is no linear operator on a vector", hint="take --kind hessian")
    gradient = derivation if derivation.kind == "gradient" else derivation.again(derivation.problem, "gradient")
    along, derived = pulled.second(gradient)
    task = task_of(derived, None)
    doc = document_of(derivation)._replace(check=task.doc.check, alone=not value, kind="hvp")
    whole = task_of(gradient, name)
    task = task._replace(value=whole.value, waypoints=whole.waypoints, doc=doc)
    said = f"The Hessian times {', '.join(along)}: {_plain(derived)}"
    product = Product("matvec", [*along], len(task.results), said)
    called = function_name(derivation, name, 1, value, "hessian")
    return linear_operator_target.source(task._replace(name=called), [product], "hessian")


def _plain(derivation: Any) -> str:
    return ", ".join(r.plain for r in derivation.trace.results)


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
