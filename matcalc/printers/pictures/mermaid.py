"""A computation graph for Mermaid, as GitHub and many editors set it in Markdown."""

from __future__ import annotations

import re

from matcalc.expr.errors import visible
from matcalc.printers.pictures.captions import Box, Picture

BRACKETS = {"input": ("([", "])"), "operation": ("[", "]"), "output": ("[[", "]]"), "end": ("((", "))")}
WIDE = '%%{init: {"flowchart": {"wrappingWidth": 1000}}}%%'  # formulas are not broken
PLAIN = re.compile(r"[^\w =+,.\-−·×∂ᵀ]")  # what could be markup is written as a number


def to_mermaid(picture: Picture) -> str:
    """A flow chart from left to right. Sections are boxes beside it."""
    out = [WIDE, "flowchart LR"]
    out += [f"  n{i}{_box(box)}" for i, box in enumerate(picture.boxes)]
    for a in picture.arrows:
        carried = "<br/>".join(escape(label.text) for label in (a.above, a.below) if label)
        out.append(f'  n{a.source} -->|"{carried}"| n{a.target}')
    for i, section in enumerate(picture.sections):
        if not section.minor:
            text = "<br/>".join(escape(line) for line in (section.title, *(label.text for label in section.lines)))
            out.append(f'  s{i}["{text}"]')
    return "\n".join(out) + "\n"


def _box(box: Box) -> str:
    left, right = BRACKETS[box.role]
    text = "<br/>".join(escape(line.text) for line in box.lines) or " "
    return f'{left}"{text}"{right}'


def escape(text: str) -> str:
    """Text in a quoted label: every sign that Mermaid or HTML may obey as its number."""
    return PLAIN.sub(lambda m: f"#{ord(m[0])};", visible(text).replace("\n", "·"))


__all__ = ["to_mermaid"]
