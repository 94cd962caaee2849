"""Mermaid source."""

from __future__ import annotations

import re

from matcalc.printers.pictures.mermaid import escape, to_mermaid
from tests.printers.pictures.drawn import lecture, net

LABEL = r'"(?:[^"<>\[\]{}()|`\\;#&]|<br/>|#\d+;)*"'
NODE = rf"n\d+(\(\[|\[|\[\[|\(\(){LABEL}(\]\)|\]|\]\]|\)\))"
LINE = re.compile(rf"%%{{init: [\w\": {{}}]+%%\Z|flowchart LR\Z|  {NODE}\Z|  n\d+ -->\|{LABEL}\| n\d+\Z|  s\d+\[{LABEL}\]\Z")


def test_nodes_and_edges() -> None:
    text = to_mermaid(lecture().picture)
    assert text.count("-->") == 7 and '-->|"6<br/>1"|' in text and 'n3["a = x + y<br/>+ distributes"]' in text
    assert "= 2 + 3 = 5" in text


def test_every_line_is_of_the_grammar() -> None:
    for picture in (lecture().picture, net(2)):
        assert [line for line in to_mermaid(picture).splitlines() if not LINE.match(line)] == []


def test_markup_is_numbers() -> None:
    assert escape('<b>"x"</b>') == "#60;b#62;#34;x#34;#60;#47;b#62;" and escape("a\nb") == "a·b"
