"""The derivation as an HTML page: well formed, nothing of the input is markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import matcalc
from matcalc.printers.html import escape as escape_html
from matcalc.printers.html import to_html
from matcalc.printers.story import tell
from tests.printers.test_latex import derived, each


class Checker(HTMLParser):
    """Collects tags, and fails where they do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@each
def test_html(expression: str) -> None:
    page = to_html(derived(expression))
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert not checker.open
    assert not checker.seen & {"script", "link", "img", "iframe", "math"}
    assert not any(name.startswith("on") for name in checker.attributes) and "http" not in page
    assert page.count("<details>") == len(tell(derived(expression)).lines)
    assert r"\[ " in page and "∂s/∂" in page
    assert page.startswith("<!DOCTYPE html>")
    assert to_html(derived(expression), document=False).startswith("<article")


def test_html_is_escaped() -> None:
    assert escape_html("<script>&\x00") == "&lt;script&gt;&amp;·"


def test_no_program_takes_an_input_for_latex() -> None:
    assert escape_html("$x$ \\(y\\) <b>") == "$<span></span>x$<span></span> \\<span></span>(y\\<span></span>) &lt;b&gt;"


def test_a_page_and_a_part_of_one() -> None:
    d = matcalc.derive("x'*x")
    page, part = to_html(d), to_html(d, document=False)
    assert page.startswith("<!DOCTYPE html>") and part.startswith('<article class="matcalc">') and part in page
    assert "<script" not in page and "http" not in re.sub(r"Source: .*?</div>", "", page)
    assert 'class="verdict passed"' in page and 'class="verdict"' in to_html(matcalc.derive("x'*x", check=False))
