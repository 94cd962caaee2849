"""The docstring of a generated function, in numpydoc style."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from matcalc.expr import dims
from matcalc.expr.dims import Dim

WIDTH = 100
LONGEST = 400  # characters of a formula that is shown


class Doc(NamedTuple):
    """What a docstring says: the input, formulas as plain text, how it was checked."""

    source: str = ""
    value: str = ""
    formulas: tuple[str, ...] = ()
    check: str = ""
    kind: str = "gradient"
    warnings: tuple[str, ...] = ()
    upstream: str = ""  # the variable that is the gradient by the value, where one is
    alone: bool = False  # the derivative without the value
    gradients: int = 0  # how many of the results are gradients, before a second derivative


class Entry(NamedTuple):
    """A parameter or a result: name, type, lines below."""

    name: str
    type: str
    text: Sequence[str] = ()


def array_type(shape: tuple[Dim, ...]) -> str:
    """``(n, m) array``, or ``float`` for a scalar."""
    if not shape:
        return "float"
    sizes = [dims.text(d, "*") for d in shape]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''}) array"


def clean(text: str) -> str:
    """The text as it may stand in a string literal: nothing ends it, nothing hides in it."""
    out = []
    for c in text:
        if c == "\\":
            out.append("\\\\")
        elif c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF:
            out.append(c)
        else:
            out.append("\\\\n" if c == "\n" else f"\\\\x{ord(c):02x}" if ord(c) < 256 else f"\\\\u{ord(c):04x}")
    return "".join(out).replace('"""', '\\"\\"\\"')


def formula(text: str, limit: int = LONGEST) -> str:
    return text if len(text) <= limit else f"{text[:limit]} …"


def wrapped(text: str, indent: int) -> list[str]:
    """Lines of any text, as they may stand in the docstring."""
    return textwrap.wrap(clean(text), WIDTH - indent - 4, break_long_words=False, break_on_hyphens=False, drop_whitespace=True) or [
        ""
    ]


def section(title: str, entries: Sequence[Entry]) -> list[str]:
    lines = ["", title, "-" * len(title)]
    for e in entries:
        lines.append(clean(f"{e.name} : {e.type}"))
        for text in e.text:
            lines += ["    " + line for line in wrapped(text, 4)]
    return lines


def docstring(doc: Doc, parameters: Sequence[Entry], results: Sequence[Entry]) -> list[str]:
    """The lines between the quotes and with them, not indented."""
    what = {
        "gradient": "gradient",
        "jacobian": "Jacobian",
        "hessian": "Hessian",
        "hvp": "Hessian-vector product",
        "differential": "differential",
        "pullback": "vector-Jacobian product",
    }
    noun = what.get(doc.kind, "derivative")
    count = len(results) - (not doc.alone) - doc.gradients
    nouns = noun if count == 1 else noun + "s" if noun[-1] != "y" else noun
    parts = ["value"] * (not doc.alone) + ["gradient"] * bool(doc.gradients) + [nouns] * bool(count)
    listed = " and ".join([*([", ".join(parts[:-1])] if parts[1:] else []), parts[-1]])
    summary = f"{listed[0].upper()}{listed[1:]} of"
    source = formula(" ".join(doc.source.split()) or doc.value)
    one = f"{summary} {clean(source)}"
    lines = [one + "."] if len(one) < WIDTH - 8 else [f"{summary} the expression below.", "", *wrapped(source, 0)]
    lines += section("Parameters", parameters)
    lines += section("Returns", results)
    notes = [note for note in (doc.check, *doc.warnings) if note]
    if notes:
        lines += ["", "Notes", "-----"]
        for note in notes:
            lines += wrapped(note, 0)
    if lines[-1].endswith('"') or lines[0].endswith("\\"):
        lines.append("")
    return ['"""' + lines[0], *lines[1:], '"""']
