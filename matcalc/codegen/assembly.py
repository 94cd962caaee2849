"""Imports, helpers, signature, docstring and body put together."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.codegen.document import WIDTH, Doc, Entry, array_type, docstring, formula
from matcalc.codegen.helpers import HELPERS
from matcalc.codegen.signatures import Signature
from matcalc.codegen.writing import INDENT, Body
from matcalc.expr import Expr, shape_of

PREFIX = {"gradient": "grad", "jacobian": "jac", "hessian": "hess", "hvp": "hvp", "mixed": "mixed"}


def assembled(
    sig: Signature,
    body: Body,
    returned: Sequence[str],
    name: str,
    doc: Doc,
    expressions: Sequence[Expr],
    wrt: Sequence[str],
    waypoints: Sequence[tuple[str, Expr]],
) -> str:
    """Imports, helpers, the function with its docstring."""
    lines = ["import numpy as np", *[f"import scipy.{m}" for m in sorted(body.modules)]]
    for helper in body.helpers:
        lines += ["", "", *HELPERS[helper].strip().split("\n")]
    lines += ["", "", *head(name, sig.arguments)]
    output = next((n for n, e in waypoints if e is expressions[0]), "value")
    text = docstring(doc, parameters(sig), results(sig, doc, expressions, wrt, output))
    lines += [(INDENT + line).rstrip() for line in (*text, *body.sizes.lines, *body.lines, *returning(returned))]
    return "\n".join(lines) + "\n"


def head(name: str, arguments: Sequence[str]) -> list[str]:
    one = f"def {name}({', '.join(arguments)}):"
    return [one] if len(one) <= WIDTH else [f"def {name}(", *filled(arguments, INDENT), "):"]


def returning(values: Sequence[str]) -> list[str]:
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
        entries.append(Entry(p.name, array_type(p.shape), note))
    words = {0: "elementwise function", 1: "its derivative", 2: "its second derivative"}
    for (f, k), text in sig.functions.items():
        entries.append(
            Entry(
                text,
                "callable",
                [words.get(k, f"its derivative of order {k}") + f" of {f}" * (k == 0 and text != f)],
            )
        )
    return entries


def results(
    sig: Signature, doc: Doc, expressions: Sequence[Expr], wrt: Sequence[str], output: str
) -> list[Entry]:
    output_name = output if output.isidentifier() else "value"
    entries = [
        Entry(
            output_name, array_type(shape_of(expressions[0].type)), [formula(doc.value)] if doc.value else []
        )
    ]
    prefix = PREFIX.get(doc.kind, "d")
    for i, (name, e) in enumerate(zip(wrt, expressions[1:], strict=True)):
        parameter = sig.parameters.get(name)
        text = [formula(doc.formulas[i])] if i < len(doc.formulas) else []
        entries.append(
            Entry(f"{prefix}_{parameter.name if parameter else i}", array_type(shape_of(e.type)), text)
        )
    return entries
