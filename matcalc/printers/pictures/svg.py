"""A computation graph as SVG that needs nothing beside it: no script, no font, no other program; it follows the page's dark mode.

Widths are those of a fixed-width font, and ``textLength`` holds every text to them, whichever font there is.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from matcalc.expr.errors import visible
from matcalc.printers.pictures.captions import Arrow, Box, Picture
from matcalc.printers.pictures.layers import Layout, Link, Rect, Route, layout

LETTER, SMALL = 7.8, 7.2  # widths of a letter, at 13 and 12 px
LINE, MARGIN, INSIDE = 18.0, 16.0, 10.0
TITLE = 34.0
STYLE = """
.mcg{color-scheme:light dark;font:13px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
.mcg .page{fill:#fff}.mcg text{fill:#1f2328;white-space:pre}.mcg .head{font-weight:bold}
.mcg .small{font-size:12px;fill:#59636e}.mcg .value{font-size:12px;fill:#0550ae}.mcg .grad{font-size:12px;fill:#b3261e}
.mcg path{fill:none;stroke:#818b98;stroke-width:1.3}.mcg .tip{fill:#818b98;stroke:none}
.mcg rect.input{fill:#eef5ff;stroke:#0550ae}.mcg rect.operation{fill:#f6f8fa;stroke:#59636e}
.mcg rect.output{fill:#fff4ed;stroke:#b3261e}
@media (prefers-color-scheme:dark){
.mcg .page{fill:#0d1117}.mcg text{fill:#e6edf3}.mcg .small{fill:#9198a1}.mcg .value{fill:#79c0ff}.mcg .grad{fill:#ffa198}
.mcg path{stroke:#7d8590}.mcg .tip{fill:#7d8590}.mcg rect.input{fill:#0c2d6b;stroke:#79c0ff}
.mcg rect.operation{fill:#161b22;stroke:#9198a1}.mcg rect.output{fill:#3d1a12;stroke:#ffa198}}
"""


class Text(NamedTuple):
    """A text with the rectangle that it fills; ``look`` is its class."""

    text: str
    look: str
    at: Rect


class Drawing(NamedTuple):
    """Everything with its place; the tests look for what overlaps."""

    picture: Picture
    plan: Layout
    texts: tuple[Text, ...]
    width: float
    height: float


def width_of(text: str, letter: float = LETTER) -> float:
    """What a text fills in a fixed-width font; an ideograph is two letters wide, an accent none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    none = sum(unicodedata.combining(c) > 0 for c in text)
    return letter * (len(text) + wide - none)


def drawing(picture: Picture) -> Drawing:
    """The picture with places for all that it says."""
    links = [Link(a.source, a.target, _label_width(a)) for a in picture.arrows]
    inputs = frozenset(i for i, box in enumerate(picture.boxes) if box.role == "input")
    plan = moved(layout([_size(box) for box in picture.boxes], links, inputs), MARGIN, MARGIN + TITLE)
    texts = [_line(picture.title.text, "head", MARGIN, MARGIN + LINE)]
    for box, rect in zip(picture.boxes, plan.boxes, strict=True):
        texts += _inside(box, rect)
    for arrow, route in zip(picture.arrows, plan.routes, strict=True):
        texts += _labels(arrow, route)
    y = MARGIN + TITLE + plan.height + LINE
    for section in picture.sections:
        if not section.minor:
            texts.append(_line(section.title, "head", MARGIN, y + LINE))
            texts += [_line(line.text, "small", MARGIN, y + (i + 2) * LINE) for i, line in enumerate(section.lines)]
            y += (len(section.lines) + 1.5) * LINE
    width = max([plan.width + 2 * MARGIN, *(t.at.x + t.at.width + MARGIN for t in texts)])
    return Drawing(picture, plan, tuple(texts), width, y + MARGIN)


def moved(plan: Layout, x: float, y: float) -> Layout:
    def put(p: tuple[float, float]) -> tuple[float, float]:
        return p[0] + x, p[1] + y

    boxes = tuple(r._replace(x=r.x + x, y=r.y + y) for r in plan.boxes)
    routes = tuple(
        Route(put(r.start), tuple((put(a), put(b)) for a, b in r.bends), put(r.end), (put(r.label[0]), put(r.label[1])))
        for r in plan.routes
    )
    return plan._replace(boxes=boxes, routes=routes)


def _size(box: Box) -> tuple[float, float]:
    if box.role == "end":
        return 0.0, LINE
    head, *rest = [line.text for line in box.lines]
    widest = max([width_of(head), *(width_of(text, SMALL) for text in rest)])
    return widest + 2 * INSIDE, LINE * len(box.lines) + INSIDE


def _label_width(arrow: Arrow) -> float:
    return max(width_of(arrow.above.text, SMALL), width_of(arrow.below.text, SMALL))


def _line(text: str, look: str, x: float, baseline: float, middle: bool = False) -> Text:
    """A text whose baseline starts at a place, or has its middle there."""
    width = width_of(text, LETTER if look == "head" else SMALL)
    return Text(text, look, Rect(x - width / 2 if middle else x, baseline - 11, width, 14))


def _inside(box: Box, rect: Rect) -> Iterator[Text]:
    for i, line in enumerate(box.lines):
        look = "small" if i else "head"
        yield _line(line.text, look, rect.x + rect.width / 2, rect.y + INSIDE / 2 + LINE * i + 13, middle=True)


def _labels(arrow: Arrow, route: Route) -> Iterator[Text]:
    (left, y), (right, _) = route.label
    middle = (left + right) / 2
    for label, look, baseline in ((arrow.above, "value", y - 5), (arrow.below, "grad", y + 14)):
        if label:
            yield _line(label.text, look, middle, baseline, middle=True)


# -- writing -------------------------------------------------------------------------------------


def to_svg(picture: Picture) -> str:
    """The picture as a standalone SVG document, which also stands in HTML as it is."""
    d = drawing(picture)
    width, height = f"{d.width:.0f}", f"{d.height:.0f}"
    described = "; ".join(box.lines[0].text for box in picture.boxes if box.lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="mcg" role="img" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}">',
        f"<title>{escape(picture.title.text)}</title><desc>{escape(described)}</desc>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
        *map(_path, d.plan.routes),
        *(_rect(box, rect) for box, rect in zip(picture.boxes, d.plan.boxes, strict=True) if box.role != "end"),
        *map(_text, d.texts),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _path(route: Route) -> str:
    way = f"M{_at(route.start)}"
    for a, b in route.bends:
        middle = (a[0] + b[0]) / 2
        way += f"L{_at(a)}C{_at((middle, a[1]))} {_at((middle, b[1]))} {_at(b)}"
    x, y = route.end
    tip = f"M{_at((x, y))}L{_at((x - 7, y - 3.5))}L{_at((x - 7, y + 3.5))}Z"
    return f'<path d="{way}L{_at((x - 6, y))}"/><path class="tip" d="{tip}"/>'


def _at(p: tuple[float, float]) -> str:
    return f"{p[0]:.1f},{p[1]:.1f}"


def _rect(box: Box, r: Rect) -> str:
    radius = 12 if box.role == "input" else 4
    where = f'x="{r.x:.1f}" y="{r.y:.1f}" width="{r.width:.1f}" height="{r.height:.1f}" rx="{radius}"'
    return f'<rect class="{box.role}" {where}><title>{escape(box.tip)}</title></rect>'


def _text(t: Text) -> str:
    where = f'x="{t.at.x:.1f}" y="{t.at.y + 11:.1f}" textLength="{t.at.width:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text class="{t.look}" {where}>{escape(t.text)}</text>'


def escape(text: str) -> str:
    """Text in XML; what XML has no way to write at all is a dot already."""
    return html.escape(visible(text)).replace("\n", "&#10;")


__all__ = ["Drawing", "Text", "drawing", "to_svg", "width_of"]
