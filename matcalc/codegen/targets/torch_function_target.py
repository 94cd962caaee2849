"""PyTorch source of a ``torch.autograd.Function`` and of the function that applies it.

Its backward pass is a second ``Function``, whose own backward pass is the pullback of the vector-Jacobian products: of a gradient
that is the Hessian-vector product. So ``create_graph=True`` is right, once; a third derivative is refused by PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from matcalc.codegen.products.document import docstring
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets.assembly import above, converting, filled, head, indented
from matcalc.codegen.targets.torch_target import DIALECT
from matcalc.codegen.targets.two_passes import Passes, entries_without, passes, returned, said, unpacked, whole_variables


class Second(NamedTuple):
    """The pullback of the products, a function in the same source; or ``why`` there is none. Names are those of the text."""

    called: str = ""
    arguments: Sequence[str] = ()
    results: Sequence[str] = ()
    along: Mapping[str, str] = MappingProxyType({})  # the variable of which an argument is the direction
    why: str = ""


class Named(NamedTuple):
    """What the parts of the source are called."""

    value: str
    products: str
    context: str
    along: str


def source(task: Task, second: Second) -> str:
    """Source of ``name(*symbols)``, which gives the value; ``task.doc.upstream`` is the variable of the gradient by it."""
    task = DIALECT.fitting(task)
    wrt = whole_variables(task, DIALECT)
    both = passes(task, DIALECT)
    stem = task.name[:1].upper() + task.name[1:]
    named = Named(*[both.made.sig.names.fresh(n) for n in (f"{stem}Value", f"{stem}Products", "ctx", "along")])
    text = docstring(task.doc, entries_without(both.made, both.upstream), both.made.entries[:1])
    others = [a for a in both.arguments if a not in wrt]
    lines = [*above(both.made.body), *head(task.name, both.arguments), *indented([*text, *converting(both.arguments)])]
    for a in others:
        words = f"no gradient by {a} was derived: give {a}.detach(), or derive by all variables"
        lines += indented([f"if {a}.requires_grad:", f'    raise ValueError("{words}")'])
    lines += indented([f"return {named.value}.apply({', '.join(both.arguments)})"])
    parts = [*_value(both, wrt, named), *_products(both, wrt, named, second)]
    return "\n".join([*lines, *parts]) + "\n"


def _value(both: Passes, wrt: Sequence[str], named: Named) -> list[str]:
    """The first ``Function``: the value, which keeps the arguments and what the products need."""
    ctx, by = named.context, [f"grad_{a}" for a in wrt]
    saved = [*both.arguments, *both.values]
    own = f"{both.value}.clone()" if both.value in saved else both.value
    forward = [*said("The value."), *both.made.body.sizes.lines, *both.forward, *_call(f"{ctx}.save_for_backward", saved)]
    whole = by[0] if len(by) == 1 else ", ".join(by)
    given = [g if g in by else "None" for g in (f"grad_{a}" for a in both.arguments)]
    backward = [*said("The products by a second function, which has a derivative of its own."),
                f"{whole} = {named.products}.apply({both.upstream}, *{ctx}.saved_tensors)", *returned(given)]  # fmt: skip
    return [*_opened(named.value, "The value, with its derivative."),
            *_method("forward", [ctx, *both.arguments], [*forward, f"return {own}"]), "",
            *_method("backward", [ctx, both.upstream], backward)]  # fmt: skip


def _products(both: Passes, wrt: Sequence[str], named: Named, second: Second) -> list[str]:
    """The second ``Function``: the products, and their own pullback where there is one."""
    ctx, values = named.context, both.values
    keep = _call(f"{ctx}.save_for_backward", [both.upstream, *both.arguments]) if second.called else []
    forward = [*said("The products."), *keep, *both.sizes, *both.backward, *returned(both.results, 12)]
    along = [f"{named.along}_{a}" for a in wrt]
    lines = [f"raise NotImplementedError({second.why!r})"]
    if second.called:
        own = {name: p.name for name, p in both.made.sig.parameters.items()}
        places = own | {name: f"{named.along}_{own[v]}" for name, v in second.along.items()}
        found = [f"grad_{own[name]}" for name in second.results]
        given = [g if g in found else "None" for g in (f"grad_{a}" for a in (both.upstream, *both.arguments))]
        lines = [*unpacked([both.upstream, *both.arguments], f"{ctx}.saved_tensors"),
                 *_call(f"{', '.join(found)} = {second.called}", [places[a] for a in second.arguments]),
                 *returned([*given, *["None"] * len(values)], 12)]  # fmt: skip
    return [*_opened(named.products, "The vector-Jacobian products, with their derivative."),
            *_method("forward", [ctx, both.upstream, *both.arguments, *values], forward), "",
            *_method("backward", [ctx, *along], lines, "@torch.autograd.function.once_differentiable")]  # fmt: skip


def _opened(name: str, what: str) -> list[str]:
    return ["", "", f"class {name}(torch.autograd.Function):", *indented([*said(what), ""])]


def _method(name: str, arguments: Sequence[str], lines: Sequence[str], above: str = "") -> list[str]:
    return indented(["@staticmethod", *([above] if above else []), *head(name, arguments), *indented(lines)])


def _call(function: str, arguments: Sequence[str]) -> list[str]:
    one = f"{function}({', '.join(arguments)})"
    return [one] if len(one) < 84 else [f"{function}(", *filled(arguments, "    "), ")"]
