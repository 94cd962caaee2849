r"""A computation graph in TikZ: a document that pdflatex cuts to the picture, the formulas in LaTeX."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.printers.languages import ENGLISH
from matcalc.printers.pictures.captions import Arrow, Box, Label, Picture
from matcalc.printers.pictures.layers import Route
from matcalc.printers.pictures.svg import LINE, MARGIN, TITLE, drawing
from matcalc.printers.prose import prose

PREAMBLE = r"""\documentclass[border=6pt]{standalone}
\usepackage{amsmath,amssymb,tikz}
"""
CHINESE = "\\usepackage[scheme=plain]{ctex}\n"  # for xelatex: pdflatex lacks these letters
BEGIN = r"""\begin{tikzpicture}[x=0.75pt,y=-0.9pt,font=\footnotesize,
  box/.style={draw,align=center,inner sep=1pt},
  input/.style={box,rounded corners=8pt,fill=blue!6},
  operation/.style={box,rounded corners=2pt,fill=black!4},
  output/.style={box,rounded corners=2pt,fill=red!6},
  value/.style={text=blue!60!black,inner sep=1pt,outer ysep=1pt,font=\scriptsize},
  grad/.style={text=red!70!black,inner sep=1pt,outer ysep=1pt,font=\scriptsize}]
"""


def to_tikz(picture: Picture) -> str:
    """A document that is cut to the picture."""
    fonts = "" if picture.lang == ENGLISH else CHINESE
    return PREAMBLE + fonts + "\\begin{document}\n" + tikzpicture(picture) + "\\end{document}\n"


def tikzpicture(picture: Picture) -> str:
    """The picture by itself. The places are those of the SVG, in points."""
    d = drawing(picture)
    body = [rf"\node[anchor=west] at ({MARGIN:.0f},{MARGIN + LINE / 2:.0f}) {{\bfseries {_set(picture.title)}}};"]
    for i, (box, r) in enumerate(zip(picture.boxes, d.plan.boxes, strict=True)):
        if box.role != "end":
            size = f"minimum width={0.75 * r.width:.1f}pt,minimum height={0.9 * r.height:.1f}pt"
            where = f"({r.x + r.width / 2:.1f},{r.y + r.height / 2:.1f})"
            body.append(rf"\node[{box.role},{size}] (n{i}) at {where} {{{_lines(box)}}};")
    for arrow, route in zip(picture.arrows, d.plan.routes, strict=True):
        body += _arrow(arrow, route)
    y = MARGIN + TITLE + d.plan.height + LINE
    for section in picture.sections:
        if not section.minor:
            body.append(rf"\node[anchor=west] at ({MARGIN:.0f},{y + LINE:.0f}) {{\bfseries {prose(section.title)}}};")
            for i, line in enumerate(section.lines):
                body.append(rf"\node[anchor=west] at ({MARGIN:.0f},{y + (i + 2) * LINE:.0f}) {{{_set(line)}}};")
            y += (len(section.lines) + 1.5) * LINE
    return BEGIN + "\n".join(body) + "\n\\end{tikzpicture}\n"


def _set(label: Label) -> str:
    return rf"\({label.latex}\)"


def _lines(box: Box) -> str:
    return r"\\[1pt]".join(_set(line) if not i else r"\scriptsize " + _set(line) for i, line in enumerate(box.lines))


def _arrow(arrow: Arrow, route: Route) -> Iterator[str]:
    way = _at(route.start)
    for a, b in route.bends:
        middle = (a[0] + b[0]) / 2
        way += f" -- {_at(a)} .. controls {_at((middle, a[1]))} and {_at((middle, b[1]))} .. {_at(b)}"
    yield rf"\draw[->,black!55] {way} -- {_at(route.end)};"
    (left, y), (right, _) = route.label
    for label, look, anchor in ((arrow.above, "value", "south"), (arrow.below, "grad", "north")):
        if label:
            yield rf"\node[{look},anchor={anchor}] at ({(left + right) / 2:.1f},{y:.1f}) {{{_set(label)}}};"


def _at(p: tuple[float, float]) -> str:
    return f"({p[0]:.1f},{p[1]:.1f})"


__all__ = ["to_tikz"]
