"""Graphviz source."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from matcalc.printers.pictures.dot import escape, to_dot
from tests.printers.pictures.drawn import lecture

LABEL = r'label="(?:[^"\\]|\\.)*"'
NODE = rf"n\d+ \[{LABEL}, shape=[a-z]+(?:, (?:style|penwidth)=\w+)?\];"
LINE = re.compile(rf"\s*(digraph computation {{|}}|rankdir=LR; .*|{LABEL};|node \[.*|{NODE}|n\d+ -> n\d+ \[{LABEL}\];)\Z")


def test_nodes_and_edges() -> None:
    text = to_dot(lecture().picture)
    assert text.count(" -> ") == 7 and 'n4 [label="b = max(y, z)\\nmax routes"' in text and '[label="6\\n1"]' in text
    assert all(LINE.match(line) for line in text.splitlines())


def test_strings_stay_strings() -> None:
    assert escape('a"b\\c&d\n') == 'a\\"b\\\\c&amp;d·'


@pytest.mark.skipif(shutil.which("dot") is None, reason="no Graphviz")
def test_graphviz_reads_it() -> None:
    done = subprocess.run(["dot", "-Tsvg"], input=to_dot(lecture().picture), text=True, capture_output=True, check=True)
    assert "max routes" in done.stdout and not done.stderr
