"""A computation graph for Graphviz, which places it itself."""

from __future__ import annotations

from matcalc.expr.errors import visible
from matcalc.printers.pictures.captions import Arrow, Box, Picture

SHAPES = {"input": "box, style=rounded", "operation": "box", "output": "box, penwidth=2", "end": "none"}


def to_dot(picture: Picture) -> str:
    """A ``digraph`` from left to right; sections stand in its label."""
    lines = [line for s in picture.sections if not s.minor for line in (s.title, *(f"  {x.text}" for x in s.lines))]
    label = "".join(f"{escape(line)}\\l" for line in (picture.title.text, *lines))
    out = ["digraph computation {", "  rankdir=LR; labelloc=b; labeljust=l;", f'  label="{label}";']
    out += ['  node [fontname="monospace", fontsize=12]; edge [fontname="monospace", fontsize=11];']
    out += [f"  n{i} [{_box(box)}];" for i, box in enumerate(picture.boxes)]
    out += [f'  n{a.source} -> n{a.target} [label="{_carried(a)}"];' for a in picture.arrows]
    return "\n".join([*out, "}"]) + "\n"


def _box(box: Box) -> str:
    text = r"\n".join(escape(line.text) for line in box.lines)
    return f'label="{text}", shape={SHAPES[box.role]}'


def _carried(arrow: Arrow) -> str:
    return r"\n".join(escape(label.text) for label in (arrow.above, arrow.below) if label)


def escape(text: str) -> str:
    r"""Text in a quoted string: ``\`` starts an escape there, and ``&`` a character reference."""
    return visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;").replace("\n", "·")


__all__ = ["to_dot"]
