"""A computation graph as text: a tree from the output down to the inputs, a value that is used again standing there by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matcalc.printers.languages import said
from matcalc.printers.pictures.captions import Picture
from matcalc.printers.pictures.svg import width_of

HEADS = ("", "value", "gradient")
SYMBOLIC = ("", "forward", "backward")


def to_text(picture: Picture) -> str:
    """The tree with what every arrow carries, then the lines of all sections."""
    heads = [said(head, picture.lang) for head in (HEADS if picture.numeric else SYMBOLIC)]
    rows = [heads, *_rows(picture)]
    widths = [max(int(width_of(row[i], 1)) for row in rows) for i in range(3)]
    out = [picture.title.text, ""]
    out += ["  ".join(cell + " " * (w - int(width_of(cell, 1))) for cell, w in zip(r, widths, strict=True)).rstrip() for r in rows]
    for section in picture.sections:
        out += ["", section.title, *("  " + line.text for line in section.lines)]
    return "\n".join(out) + "\n"


def _rows(picture: Picture) -> Iterator[Sequence[str]]:
    """Each value with what its arrow carries; the operation is said once, where its value first stands."""
    met: set[int] = set()
    stack = [(len(picture.arrows) - 1, "", "")]
    while stack:
        number, first, further = stack.pop()
        arrow = picture.arrows[number]
        head = picture.boxes[arrow.source].lines[0].text
        again = arrow.source in met
        into = [] if again else [i for i, a in enumerate(picture.arrows) if a.target == arrow.source]
        seen = again and any(a.target == arrow.source for a in picture.arrows)
        yield first + (head.split(" = ")[0] + said(" (above)", picture.lang) if seen else head), arrow.above.text, arrow.below.text
        met.add(arrow.source)
        for k, i in enumerate(reversed(into)):
            last = k == 0
            stack.append((i, further + ("└─ " if last else "├─ "), further + ("   " if last else "│  ")))


__all__ = ["to_text"]
