"""JAX source of a function with a backward pass of its own, ``jax.custom_vjp``; ``jax.grad`` takes it, and once more.

JAX differentiates both passes where a second derivative is asked for, so what is kept carries its own derivatives.
"""

from __future__ import annotations

from matcalc.codegen.products.document import docstring
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets.assembly import above, converting, head, indented
from matcalc.codegen.targets.jax_target import DIALECT
from matcalc.codegen.targets.two_passes import entries_without, passes, returned, said, unpacked, whole_variables


def source(task: Task) -> str:
    """Source of ``name(*symbols)``, the value, whose vector-Jacobian products are by the variable ``task.doc.upstream``.

    An argument by which nothing was derived has a gradient of NaN: no zero stands for what is not known.
    """
    task = DIALECT.fitting(task)
    wrt = whole_variables(task, DIALECT)
    both = passes(task, DIALECT)
    arguments, made = both.arguments, both.made
    fresh, inner = made.sig.names.fresh, f"_{task.name}"
    inside, forward, backward, whole = map(fresh, (inner, f"{inner}_forward", f"{inner}_backward", "kept"))
    others = [a for a in arguments if a not in wrt]
    saved = both.saved(others)
    text = docstring(task.doc, entries_without(made, both.upstream), made.entries[:1])
    call = f"({', '.join(arguments)})"
    kept = f"({', '.join(saved)}{',' * (len(saved) == 1)})"
    by = dict(zip(wrt, both.results, strict=True)) | {a: f"jnp.full_like({a}, jnp.nan)" for a in others}
    last = returned([by[a] for a in arguments]) if len(arguments) > 1 else [f"return ({by[arguments[0]]},)"]
    lines = [*above(made.body), *head(task.name, arguments), *indented([*text, *converting(arguments), f"return {inside}{call}"])]
    lines += ["", "", "@jax.custom_vjp", *head(inside, arguments), *indented([f"return {forward}{call}[0]"])]
    lines += ["", "", *head(forward, arguments)]
    lines += indented([*said("The value, and what the backward pass reads."), *made.body.sizes.lines, *both.forward])
    lines += indented([f"return {both.value}, {kept}"])
    lines += ["", "", *head(backward, [whole, both.upstream])]
    what = f"The gradients for the gradient {both.upstream} by the value{'; NaN by what none was derived by' * bool(others)}."
    lines += indented([*said(what), *(unpacked(saved, whole) if saved else []), *both.sizes, *both.backward, *last])  # fmt: skip
    return "\n".join([*lines, "", "", f"{inside}.defvjp({forward}, {backward})"]) + "\n"
