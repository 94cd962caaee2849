"""Graphs that the tests of pictures share."""

from __future__ import annotations

from functools import cache

import matcalc
from matcalc.printers.pictures.captions import Picture
from matcalc.printers.pictures.graph_picture import GraphPicture

SCALARS = {"x": (), "y": (), "z": ()}


@cache
def lecture() -> GraphPicture:
    """f = (x + y) max(y, z) at (1, 2, 0), as in CS224n."""
    return matcalc.derive("f = (x+y)*max(y,z)", dims=SCALARS, check=False).graph({"x": 1, "y": 2, "z": 0})


@cache
def net(deep: int = 1) -> Picture:
    """Layers of a net, with a term that goes past all of them; each layer has three operations and two inputs."""
    layers = [f"h{i} = tanh(W{i} h{i - 1} + b{i})" for i in range(1, deep + 1)]
    text = "; ".join([f"s = u' h{deep} + c*norm2(h0)^2 + c", *layers])
    return matcalc.derive(text, dims={"h0": ("n",), "c": ()}, check=False).graph().picture
