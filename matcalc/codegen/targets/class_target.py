"""NumPy source of a class: ``forward`` keeps exactly what ``backward`` needs (CS224n, the forward and backward API of a node)."""

from __future__ import annotations

from matcalc.codegen.products.document import docstring
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets.assembly import above, head, indented, opening
from matcalc.codegen.targets.two_passes import Passes, assigned, entries_without, passes, returned, said, unpacked

KEPT, COTANGENT = "self._kept", "_cotangent"


def source(task: Task) -> str:
    """Source of a class: ``forward(*symbols, *functions)`` returns the value, ``backward(upstream)`` the results.

    The results are vector-Jacobian products by the variable ``task.doc.upstream``, the last of the symbols.
    """
    both = passes(task)
    both.made.body.helper(COTANGENT)
    text = docstring(task.doc, entries_without(both.made, both.upstream), both.made.entries)
    methods = [*text, "", f"{KEPT.removeprefix('self.')} = None", "", *_forward(both), "", *_backward(both)]
    return "\n".join([*above(both.made.body), f"class {task.name}:", *indented(methods)]) + "\n"


def _forward(both: Passes) -> list[str]:
    """What computes the value, and keeps what the other lines need of it."""
    value, names = both.value, both.kept
    copied = f"{value}.copy()" if value in names and both.made.entries[0].type != "float" else value
    lines = [*opening(both.made.sig, both.made.body), *both.forward]
    lines += assigned(KEPT, [*names, f"np.shape({value})", f"np.result_type({value})"])
    what = f"keeps {', '.join(names)} for backward" if names else "backward needs nothing of it"
    text = said(f"The value; {what}.")
    return [*head("forward", ["self", *both.arguments]), *indented([*text, *lines, f"return {copied}"])]


def _backward(both: Passes) -> list[str]:
    """What computes the results from an upstream gradient, in the shape of the value."""
    made, upstream = both.made, both.upstream
    shape, dtype = (made.sig.names.fresh(n) for n in ("shape", "dtype"))
    lines = [f"if {KEPT} is None:", '    raise RuntimeError("forward comes before backward")']
    lines += unpacked([*both.kept, shape, dtype], KEPT)
    lines += [f"{upstream} = {COTANGENT}({upstream}, {shape}, {dtype})", *both.backward]
    names = [e.name for e in made.entries[1:]]
    text = said(f"{', '.join(names)} for the gradient {upstream} by the value, which has its shape.")
    asked = f"{upstream}=1.0" if made.entries[0].type == "float" else upstream
    return [*head("backward", ["self", asked]), *indented([*text, *lines, *returned(both.results)])]
