"""docs/graph.md: its commands run, its outputs and pictures are what they give."""

from __future__ import annotations

import doctest
import re
import shlex

import pytest

from tests.places import ROOT
from tests.test_cli import run

PAGE = (ROOT / "docs" / "graph.md").read_text("utf-8")
SESSIONS = re.findall(r"^```console\n\$ ([^\n]*)\n(.*?)^```\n\n!\[[^\]]*\]\((.*?)\)", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("command", "output", "picture"), SESSIONS)
def test_what_the_commands_give(command: str, output: str, picture: str) -> None:
    words = shlex.split(command)[1:]
    assert run(*words).stdout == output
    assert run(*words, "--format", "svg").stdout == (ROOT / "docs" / picture).read_text("utf-8")


def test_both_pictures_are_looked_at() -> None:
    assert [picture for _, _, picture in SESSIONS] == ["graph/lecture.svg", "graph/net.svg"]


def test_the_python_of_the_page() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        example = doctest.DocTestParser().get_doctest(block, {}, "graph.md", None, 0)
        assert doctest.DocTestRunner().run(example).failed == 0
