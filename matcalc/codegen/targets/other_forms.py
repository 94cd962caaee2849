"""Forms of kernels that several libraries share and NumPy's table does not have: one expression each, nothing written in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matcalc.codegen.ir.graph import Node
from matcalc.codegen.targets.numpy_forms import PRINTERS, function, identity
from matcalc.codegen.targets.printing import ATOM, PRODUCT, SUM, Printer, Text, Writer, is_bare, mask, typed


def atoms(form: str) -> Printer:
    """A form such as ``{0}.amax()``, its arguments in parentheses where they are no names or calls."""

    def write(w: Writer, node: Node) -> Text:
        texts = [typed(w, a) if w.dialect.arrays_only else w.text(a) for a in node.args]
        return Text(form.format(*[t.at(ATOM) for t in texts], attr=node.attr))

    return write


def table(same: str, forms: Mapping[str, str | Printer]) -> dict[str, Callable[..., Any]]:
    """Printers: NumPy's own for the operators that are listed, others by their form."""
    written = {op: function(form) if isinstance(form, str) else form for op, form in forms.items()}
    return {op: PRINTERS[op] for op in same.split()} | written


def diagonal_added(form: str) -> Printer:
    """A + diag(d); ``form`` makes a matrix of the vector d, and of a number it is so many times the identity."""

    def write(w: Writer, node: Node) -> Text:
        base, d = node.args
        text = w.text(d)
        added = form.format(text.at(ATOM)) if d.shape else f"{text.at(PRODUCT)} * {identity(w, node.shape[0])}"
        return Text(f"{w.text(base).at(SUM)} + {added}", SUM)

    return write


def step_as(form: str) -> Printer:
    """1 or 0 by a condition, ``form`` makes numbers like the second argument of the condition, the first."""

    def write(w: Writer, node: Node) -> Text:
        x = typed(w, node.args[0]) if is_bare(node.args[0]) else w.text(node.args[0])
        return Text(form.format(mask(w, node).code, x.at(ATOM)))

    return write


def frechet_as(form: str) -> Printer:
    """The derivative of the matrix exponential along a direction; of other functions there is none."""
    write = function(form)

    def printed(w: Writer, node: Node) -> Text:
        if node.attr != "expm":
            raise w.dialect.lacking(node.op, f" of {node.attr}")
        return write(w, node)

    return printed
