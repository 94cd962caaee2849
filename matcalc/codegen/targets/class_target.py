"""NumPy source of a class: ``forward`` keeps exactly what ``backward`` needs (CS224n, the forward and backward API of a node)."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from matcalc.codegen.products.document import WIDTH, Doc, docstring, wrapped
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets.assembly import above, filled, head, indented, opening, parameters
from matcalc.codegen.targets.numpy_target import Written, written
from matcalc.notation.lex.python_trees import tree_of

KEPT, COTANGENT = "self._kept", "_cotangent"


def source(task: Task) -> str:
    """Source of a class: ``forward(*symbols, *functions)`` returns the value, ``backward(upstream)`` the results.

    The results are vector-Jacobian products by the variable ``task.doc.upstream``, the last of the symbols.
    """
    made, doc = written(task), task.doc
    made.body.helper(COTANGENT)
    text = docstring(doc, [e for e in parameters(made.sig) if e.name != _upstream(made, doc)], made.entries)
    methods = [*text, "", f"{KEPT.removeprefix('self.')} = None", "", *_forward(made, doc), "", *_backward(made, doc)]
    return "\n".join([*above(made.body), f"class {task.name}:", *indented(methods)]) + "\n"


def _upstream(made: Written, doc: Doc) -> str:
    return made.sig.parameters[doc.upstream].name


def _forward(made: Written, doc: Doc) -> list[str]:
    """What computes the value, and keeps what the other lines need of it."""
    first, returned, names = _opened(made), made.returned[0], kept(made)
    lines = [*first, *made.body.lines[: made.body.of_value]]
    if not returned.isidentifier():
        name = made.sig.names.fresh("value")
        lines.append(f"{name} = {returned}")
        returned = name
    copied = f"{returned}.copy()" if returned in names and made.entries[0].type != "float" else returned
    lines += _assigned(KEPT, [*names, f"np.shape({returned})", f"np.result_type({returned})"])
    what = f"keeps {', '.join(names)} for backward" if names else "backward needs nothing of it"
    arguments = [a for a in made.sig.arguments if a != _upstream(made, doc)]
    text = _said(f"The value; {what}.")
    return [*head("forward", ["self", *arguments]), *indented([*text, *lines, f"return {copied}"])]


def _backward(made: Written, doc: Doc) -> list[str]:
    """What computes the results from an upstream gradient, in the shape of the value."""
    upstream, shape, dtype = _upstream(made, doc), *(made.sig.names.fresh(n) for n in ("shape", "dtype"))
    scalar, results = made.entries[0].type == "float", made.returned[1:]
    lines = [f"if {KEPT} is None:", '    raise RuntimeError("forward comes before backward")']
    lines += _unpacked([*kept(made), shape, dtype])
    lines += [f"{upstream} = {COTANGENT}({upstream}, {shape}, {dtype})", *made.body.lines[made.body.of_value :]]
    names = [e.name for e in made.entries[1:]]
    text = _said(f"{', '.join(names)} for the gradient {upstream} by the value, which has its shape.")
    returned = results if len(results) == 1 else [f"({', '.join(results)})"]
    if len(returned[0]) > WIDTH - 16 and len(results) > 1:
        returned = ["(", *filled(results, "    "), ")"]
    asked = f"{upstream}=1.0" if scalar else upstream
    return [*head("backward", ["self", asked]), *indented([*text, *lines, f"return {returned[0]}", *returned[1:]])]


def _said(sentence: str) -> list[str]:
    one = f'"""{sentence}"""'
    return [one] if len(one) <= WIDTH - 8 else ['"""', *wrapped(sentence, 4), '"""']


def _assigned(name: str, values: Sequence[str]) -> list[str]:
    one = f"{name} = {', '.join(values)}"
    return [one] if len(one) <= WIDTH - 8 else [f"{name} = (", *filled(values, "    "), ")"]


def _unpacked(names: Sequence[str]) -> list[str]:
    one = f"{', '.join(names)} = {KEPT}"
    return [one] if len(one) <= WIDTH - 8 else ["(", *filled(names, "    "), f") = {KEPT}"]


def _opened(made: Written) -> list[str]:
    return opening(made.sig, made.body)


def kept(made: Written) -> list[str]:
    """The names of the forward pass that the lines of the results read."""
    lines, count = made.body.lines, made.body.of_value
    new = {p.name for n, p in made.sig.parameters.items() if n not in made.body.given}
    there = [*made.sig.arguments, *_names([*_opened(made), *lines[:count]], ast.Store)]
    read = {*_names([*lines[count:], *made.returned[1:]], ast.Load)} - new
    return [name for name in dict.fromkeys(there) if name in read]


def _names(lines: Sequence[str], context: type[ast.expr_context]) -> list[str]:
    found = [n for n in ast.walk(tree_of("\n".join(lines))) if isinstance(n, ast.Name) and isinstance(n.ctx, context)]
    return list(dict.fromkeys(n.id for n in sorted(found, key=lambda n: (n.lineno, n.col_offset))))
