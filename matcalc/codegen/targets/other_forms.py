"""Forms of kernels that several libraries share and NumPy's table does not have: one expression each, nothing written in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matcalc.codegen.ir.graph import Node
from matcalc.codegen.targets.numpy_forms import PRINTERS, function, identity, ones_or_zeros
from matcalc.codegen.targets.printing import ATOM, PRODUCT, SUM, Printer, Text, Writer, args, call, is_bare, mask, shape, typed


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


def diagonal_added(form: str = "") -> Printer:
    """A + diag(d); ``form`` makes a matrix of the vector d, which else scales the identity, as a number does."""

    def write(w: Writer, node: Node) -> Text:
        base, d = node.args
        text = w.text(d)
        added = form.format(text.at(ATOM)) if d.shape and form else f"{text.at(PRODUCT)} * {identity(w, node.shape[0])}"
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


def along(whole: str, axis: str) -> Printer:
    """A reduction of all entries, or along the axis that ``{attr}`` is."""
    forms = {True: atoms(whole), False: atoms(axis)}
    return lambda w, node: forms[node.attr is None](w, node)


def expanded(w: Writer, node: Node) -> Text:
    """An array of the whole shape, from one that broadcasts to it."""
    (x,) = node.args
    if x.op == "num" and x.attr in (0, 1):
        return ones_or_zeros(w, node, "ones" if x.attr else "zeros")
    made = call("np.broadcast_to", typed(w, x).code, shape(w, node.shape)).code
    return Text(w.dialect.copied.format(made))


def flattened(w: Writer, node: Node) -> Text:
    """Rows one after the other, or columns."""
    x = w.text(node.args[0]).at(ATOM)
    turned = f"{x}.T" if node.attr != "C" and len(node.args[0].shape) == 2 else x
    return call("np.reshape", turned, "(-1,)")


def by_flag(plain: Printer, flagged: Printer) -> Printer:
    """One form or the other, as the attribute says."""
    return lambda w, node: (flagged if node.attr else plain)(w, node)


def einsum(w: Writer, node: Node) -> Text:
    return call("np.einsum", f'"{node.attr}"', *args(w, node))


def place_of_one(form: str) -> Printer:
    """A unit vector; of the form, {0} is an array that is given, {1} the size, {2} the place."""

    def write(w: Writer, node: Node) -> Text:
        if not w.kinds:
            raise w.dialect.lacking(node.op, " where no array is given")
        return Text(form.format(w.kinds[0], w.size(node.shape[0]), w.size(node.attr)))

    return write


def product_of_two(turned: str) -> Printer:
    """An einsum as an entrywise product, summed where that has no more axes than two; ``turned`` puts axes into another order."""

    def write(w: Writer, node: Node) -> Text:
        words, _, out = str(node.attr).partition("->")
        parts = words.split(",")
        order = [*out, *[c for c in dict.fromkeys("".join(parts)) if c not in out]]
        axes = range(len(out), len(order))
        if (axes and len(order) > 2) or any(len(set(part)) < len(part) for part in (*parts, out)):
            raise w.dialect.lacking(node.op, f" {node.attr}")
        product = " * ".join(_laid(w.text(a), part, order, turned) for a, part in zip(node.args, parts, strict=True))
        where = f"axis={axes[0]}" if len(axes) == 1 else f"axis={tuple(axes)}"
        return call("np.sum", product, *([where] if out else [])) if axes else Text(product, PRODUCT)

    return write


def _laid(text: Text, letters: str, order: list[str], turned: str) -> str:
    """An operand with its axes where the product has them, as far as they do not stand at the end already."""
    x, there = text.at(ATOM), [c for c in order if c in letters]
    if list(letters) != there:
        x = turned.format(text.code, tuple(letters.index(c) for c in there))
    if order[len(order) - len(letters) :] == there:
        return x
    places = [":" if c in letters else "None" for c in order]
    return f"{x}[{', '.join(places)}]"
