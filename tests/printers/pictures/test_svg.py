"""The SVG: well-formed, nothing overlaps, for dark and light pages."""

from __future__ import annotations

from itertools import combinations
from xml.dom import minidom

import pytest

from matcalc.printers.pictures.captions import Picture
from matcalc.printers.pictures.svg import drawing, escape, to_svg, width_of
from tests.printers.pictures.drawn import lecture, net
from tests.printers.pictures.test_layers import apart, inside, way

PICTURES = [lecture().picture, *(net(deep) for deep in (1, 2, 7))]


@pytest.mark.sample(3)
@pytest.mark.parametrize("picture", PICTURES)
def test_nothing_overlaps(picture: Picture) -> None:
    d = drawing(picture)
    rects = [t.at for t in d.texts]
    assert all(apart(a, b) for a, b in combinations(rects, 2)) and all(apart(a, b) for a, b in combinations(d.plan.boxes, 2))
    for text in rects:
        for box in d.plan.boxes:
            corners = [(x, y) for x in (text.x, text.x + text.width) for y in (text.y, text.y + text.height)]
            assert apart(text, box) or all(inside(corner, box) for corner in corners)
    for route in d.plan.routes:
        assert not any(inside(p, r) for p in way(route) for r in (*rects, *d.plan.boxes))
    assert all(r.x >= 0 and r.x + r.width <= d.width and r.y >= 0 and r.y + r.height <= d.height for r in rects)


def test_forty_nodes_are_among_them() -> None:
    assert len(PICTURES[-1].boxes) >= 40


def test_it_is_well_formed_and_says_everything() -> None:
    svg = to_svg(lecture().picture)
    parsed = minidom.parseString(svg)
    texts = [t.firstChild.data for t in parsed.getElementsByTagName("text")]  # type: ignore[union-attr]
    assert {"6", "5", "f = a b", "max routes"} - {"5"} <= set(texts) and any("= 2 + 3 = 5" in t for t in texts)
    names = [t.getAttribute("class") for t in parsed.getElementsByTagName("text")]
    assert names.count("value") == 7 and names.count("grad") == 7
    assert svg == to_svg(lecture().picture)


def test_it_needs_nothing_beside_it_and_knows_dark_pages() -> None:
    svg = to_svg(lecture().picture)
    assert "prefers-color-scheme:dark" in svg and "<script" not in svg and "href" not in svg and "url(" not in svg
    assert svg.count("http") == 1  # the namespace


def test_every_text_keeps_its_width() -> None:
    svg = to_svg(lecture().picture)
    assert svg.count("<text") == svg.count("textLength=")


def test_widths() -> None:
    assert width_of("abc", 1) == 3 and width_of("名", 1) == 2 and width_of("e\u0301", 1) == 1


def test_signs_of_xml_are_escaped() -> None:
    assert escape('<a href="x">&') == "&lt;a href=&quot;x&quot;&gt;&amp;" and escape("a\x00b") == "a·b"
