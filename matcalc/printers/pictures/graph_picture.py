"""The graph of a computation as users get it: its data, and itself in every format."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib import import_module

from matcalc.engine.computation import Computation
from matcalc.expr.errors import UsageError, one_of, visible
from matcalc.printers.formats import GRAPH_FORMATS
from matcalc.printers.languages import ENGLISH, LANGUAGES
from matcalc.printers.pictures.captions import Picture, picture


class GraphPicture:
    """What ``d.graph()`` gives back: a notebook shows it, ``to_svg`` … ``to_text`` write it.

    ``data`` is the graph itself: ``data.values`` are inputs and operations with their gradients, ``data.edges`` what goes into
    what with local gradients, ``data.numbers`` values and gradients at a point, by symbol. Nothing of it can be changed.

    >>> import matcalc
    >>> d = matcalc.derive("f = (x + y)*max(y, z)", dims={"x": (), "y": (), "z": ()})
    >>> graph = d.graph(at={"x": 1, "y": 2, "z": 0})
    >>> print(graph.to_text().partition("\\n\\nBackward")[0])
    Computation graph of f
    <BLANKLINE>
                      value  gradient
    f = a b           6      1
    ├─ a = x + y      3      2
    │  ├─ x           1      2
    │  └─ y           2      2
    └─ b = max(y, z)  2      3
       ├─ y           2      3
       └─ z           0      0
    <BLANKLINE>
    Where branches meet, gradients are summed
      ∂f/∂y = ∂f/∂a ∂a/∂y + ∂f/∂b ∂b/∂y = 2 + 3 = 5
    """

    def __init__(self, data: Computation, lang: str = ENGLISH) -> None:
        one_of("lang", lang, LANGUAGES)
        self.data = data
        self._lang = lang

    @cached_property
    def picture(self) -> Picture:
        """What is said in all formats: boxes, arrows, notes."""
        return picture(self.data, self._lang)

    def to(self, form: str) -> str:
        """One of the formats text, svg, dot, mermaid, tikz. Raises ``UsageError`` for another one."""
        if form not in GRAPH_FORMATS:
            raise UsageError(f"'{form}' is no format of a graph", hint=f"there are: {', '.join(GRAPH_FORMATS)}")
        write: Callable[[Picture], str] = getattr(import_module(f"matcalc.printers.{GRAPH_FORMATS[form].module}"), f"to_{form}")
        return write(self.picture)

    def to_svg(self) -> str:
        """A standalone SVG, for dark and light pages."""
        return self.to("svg")

    def to_dot(self) -> str:
        """For Graphviz: ``dot -Tpdf``."""
        return self.to("dot")

    def to_mermaid(self) -> str:
        """For Markdown on GitHub, in a ``mermaid`` block."""
        return self.to("mermaid")

    def to_tikz(self) -> str:
        """A LaTeX document for pdflatex, cut to the picture."""
        return self.to("tikz")

    def to_text(self) -> str:
        """A tree, and the lines of the backward pass."""
        return self.to("text")

    def __repr__(self) -> str:
        return visible(self.picture.title.text)

    def _repr_svg_(self) -> str:
        return self.to_svg()


__all__ = ["GraphPicture"]
