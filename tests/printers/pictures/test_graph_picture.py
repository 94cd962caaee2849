"""Graphs as users get them."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.expr.errors import UsageError
from matcalc.printers.formats import GRAPH_FORMATS
from tests.printers.pictures.drawn import lecture


def test_every_format_has_its_method() -> None:
    graph: Any = lecture()
    for name in GRAPH_FORMATS:
        assert getattr(graph, f"to_{name}")() == graph.to(name) != ""
    assert graph._repr_svg_() == graph.to_svg() and repr(graph) == "Computation graph of f"


def test_another_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="'png' is no format of a graph") as error:
        lecture().to("png")
    assert error.value.hint == "there are: text, svg, dot, mermaid, tikz"


def test_the_data_is_there() -> None:
    data = lecture().data
    assert [str(v.symbol.attr) for v in data.values] == ["x", "y", "z", "a", "b", "f"] and data.numbers is not None


def test_vectors_have_a_picture_too() -> None:
    graph = matcalc.derive("z = W x + b", check=False).graph("random")
    assert "z = a + b" in graph.to_text() and "∂z" in graph.to_text()
