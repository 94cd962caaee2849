"""Imports, helpers, signature, docstring and body put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matcalc.codegen.ir.graph import Shape
from matcalc.codegen.plan.body import INDENT, Body
from matcalc.codegen.products.document import LONGEST, WIDTH, Doc, Entry, array_type, docstring, formula
from matcalc.codegen.products.extents import Parameter
from matcalc.codegen.products.identifiers import is_plain
from matcalc.codegen.products.signatures import Signature
from matcalc.codegen.targets.helpers import FIT, FLOATS
from matcalc.expr import dims
from matcalc.expr.nodes import shape_of

PREFIX = {
    "gradient": "grad",
    "pullback": "grad",
    "jacobian": "jac",
    "hessian": "hess",
    "hvp": "hvp",
    "mixed": "mixed",
    "product": "product",
}
TOGETHER = 8000  # characters that all formulas of a docstring may take


def assembled(sig: Signature, body: Body, returned: Sequence[str], name: str, doc: Doc, results: Sequence[Entry]) -> str:
    """Imports, helpers, the function with its docstring."""
    text = docstring(doc, parameters(sig), results)
    inside = [*text, *opening(sig, body), *body.lines, *returning(returned, doc.alone)]
    return "\n".join([*above(body), *head(name, sig.arguments), *indented(inside)]) + "\n"


def above(body: Body) -> list[str]:
    """Imports and helpers."""
    dialect = body.dialect
    lines = [*dialect.imports, *[f"import scipy.{m}" for m in sorted(body.modules)]]
    for helper in body.helpers:
        lines += ["", "", *dialect.helper(helper).strip().split("\n")]
    return [*lines, "", ""]


def opening(sig: Signature, body: Body) -> list[str]:
    """The lines that take the arguments as arrays, and name their sizes."""
    checks = [body.integers(n, sig.classes[n]) for n in body.given if n in sig.classes]
    floats = [p for n, p in body.given.items() if n not in sig.classes]
    names = [p.name for p in floats]
    return [*converting(names), *fitting(sig, floats), *body.dialect.opened(names), *body.sizes.lines, *checks]


def fitting(sig: Signature, given: Sequence[Parameter]) -> list[str]:
    """The line that holds the sizes of the arguments against each other, where that is asked for."""
    if not sig.asserted or not given:
        return []
    rows = [f'("{p.name}", {p.name}, {_sizes(p.shape)})' for p in given]
    one = f"{FIT}({', '.join(rows)})"
    return [one] if len(one) <= WIDTH - 4 else [f"{FIT}(", *filled(rows, INDENT), ")"]


def indented(lines: Iterable[str]) -> list[str]:
    return [(INDENT + line).rstrip() for line in lines]


def _sizes(shape: Shape) -> str:
    """Names and numbers as literals; what is made of several sizes is not looked at."""
    texts = [_quoted(d) if isinstance(d, str) else str(d) if isinstance(d, int) else "None" for d in shape]
    return f"({', '.join(texts)}{',' * (len(texts) == 1)})"


def _quoted(name: str) -> str:
    inside = repr(name)[1:-1].replace('"', '\\"')
    return f'"{inside}"'


def head(name: str, arguments: Sequence[str]) -> list[str]:
    one = f"def {name}({', '.join(arguments)}):"
    return [one] if len(one) <= WIDTH else [f"def {name}(", *filled(arguments, INDENT), "):"]


def converting(names: Sequence[str]) -> list[str]:
    """The line by which integers, lists and views of any layout are taken as floating-point arrays."""
    if not names:
        return []
    listed = ", ".join(names)
    one = f"{listed if len(names) > 1 else f'({listed},)'} = {FLOATS}({listed})"
    return [one] if len(one) <= WIDTH - 4 else ["(", *filled(names, INDENT), f") = {FLOATS}(", *filled(names, INDENT), ")"]


def returning(values: Sequence[str], alone: bool = False) -> list[str]:
    """The value and the result, or a tuple of results; either of them ``alone`` where the other is not wanted."""
    if alone or len(values) == 1:
        one = f"return {', '.join(values)}"
        return [one] if len(one) <= WIDTH - 4 else ["return (", *filled(values, INDENT), ")"]
    first, rest = values[0], values[1:]
    if len(rest) == 1:
        return [f"return {first}, {rest[0]}"]
    one = f"return {first}, ({', '.join(rest)})"
    return [one] if len(one) <= WIDTH - 4 else [f"return {first}, (", *filled(rest, INDENT), ")"]


def filled(parts: Sequence[str], indent: str) -> list[str]:
    """The parts with commas, as many in a line as fit."""
    lines = [indent]
    for part in parts:
        if len(lines[-1]) + len(part) > WIDTH - 8 and lines[-1] != indent:
            lines.append(indent)
        lines[-1] += f"{part}, "
    return [line.rstrip() for line in lines]


def parameters(sig: Signature) -> list[Entry]:
    entries = []
    for original, p in sig.parameters.items():
        note = [f"called {formula(original)} in the formulas"] if original != p.name else []
        kind = array_type(p.shape)
        if original in sig.classes:
            kind = f"{kind} of int" if p.shape else "int"
            note.append(f"labels from 0 to {dims.text(sig.classes[original], '*')} - 1" if p.shape else "a label, counted from 0")
        entries.append(Entry(p.name, kind, note))
    words = {0: "elementwise function", 1: "its derivative", 2: "its second derivative"}
    for (f, k), text in sig.functions.items():
        said = words.get(k, f"its derivative of order {k}")
        if (f, k) in sig.whole:
            use = sig.whole[f, k]
            of = "number" if use.args[1].kind == "s" else "vector"
            word = f"function of a {of}" if not k else "its Jacobian" if of == "vector" else said
            said = f"{word}: {array_type(shape_of(use.type))}"
        entries.append(Entry(text, "callable", [said + f" of {f}" * (k == 0 and text != f)]))
    return entries


def entries_of(names: Sequence[str], types: Sequence[str], formulas: Sequence[str]) -> list[Entry]:
    """What the docstring says of the value and of each result."""
    texts = [*formulas, *[""] * len(names)][: len(names)]
    shown = [name if is_plain(name) else f"result{i}" for i, name in enumerate(names)]
    limit = max(60, min(LONGEST, TOGETHER // len(names)))
    return [Entry(name, kind, [formula(text, limit)] if text else []) for name, kind, text in zip(shown, types, texts, strict=True)]
