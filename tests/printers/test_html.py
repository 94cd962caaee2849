"""The derivation as an HTML page: well formed, nothing of the input is markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

import matcalc
from matcalc.printers.html import DARK, LIGHT, fragments, members, to_html
from matcalc.printers.html import escape as escape_html
from matcalc.printers.setting import write
from matcalc.printers.story import tell
from tests.mathml_reader import faults, formulas, said, says
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
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.sample(4)
@each
def test_html(expression: str) -> None:
    d = derived(expression)
    page = to_html(d)
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert not checker.open
    assert not checker.seen & {"script", "link", "img", "iframe"}
    assert not any(name.startswith("on") for name in checker.attributes) and "http" not in page
    assert page.count("<details>") == page.count("LaTeX: <code>") == len(tell(d).lines)
    assert r"\[" not in page and [fault for one in formulas(page) for fault in faults(one)] == []
    assert page.startswith("<!DOCTYPE html>")
    assert to_html(d, document=False).startswith("<article")


@each
def test_formulas_say_what_the_latex_says(expression: str) -> None:
    d = derived(expression)
    page = to_html(d)
    shown = ["".join(map(said, formulas(s.partition("</span></span>")[0]))) for s in page.split("<summary>")[1:]]
    lines = tell(d).lines
    assert shown == [
        says(" = ".join(["", *map(write, line.chain[1:])] if line.continued else map(write, line.chain))) for line in lines
    ]


def test_html_is_escaped() -> None:
    assert escape_html("<script>&\x00") == "&lt;script&gt;&amp;·"


def test_no_program_takes_an_input_for_latex() -> None:
    assert escape_html("$x$ \\(y\\) <b>") == "$<span></span>x$<span></span> \\<span></span>(y\\<span></span>) &lt;b&gt;"
    page = to_html(matcalc.derive("norm2(`$x$`)^2", dims={"$x$": ("n",)}, check=False))
    assert "<mi>$</mi><mi>x$</mi>" in page and "$x" not in re.sub("<title>.*|<code>.*?</code>", "", page)


def test_a_page_and_a_part_of_one() -> None:
    d = matcalc.derive("x'*x")
    page, part = to_html(d), to_html(d, document=False)
    assert page.startswith("<!DOCTYPE html>") and part.startswith('<article class="matcalc">') and part in page
    assert "<script" not in page and "http" not in re.sub(r"Source: .*?</div>", "", page)
    assert 'class="verdict passed"' in page and 'class="verdict"' in to_html(matcalc.derive("x'*x", check=False))


def test_sizes_have_colours_and_a_legend() -> None:
    page = to_html(derived("s = u^T f(W x + b)"))
    assert '<span class="size">[<span class="d0">n</span>×<span class="d1">m</span>]</span>' in page
    assert 'Sizes <span class="size d0">n</span>, <span class="size d1">m</span>:' in page
    assert page.count("prefers-color-scheme: dark") == 1 and LIGHT[1] in page and DARK[1] in page


def test_labels_lead_to_what_their_rules_say() -> None:
    page = to_html(derived("s = u^T f(W x + b)"))
    targets = re.findall(r'<li id="([^"]*)">', page)
    links = re.findall(r'href="#([^"]*)"', page)
    assert links and set(links) <= set(targets) and len(set(targets)) == len(targets)
    assert '<span class="rule"><a href="#rule-outer-product">outer product</a></span>' in page


def test_a_wide_sum_is_one_formula_a_term() -> None:
    d = matcalc.derive("s = " + " + ".join(f"x'*A_{i}*A_{i}*A_{i}*x" for i in range(1, 5)), check=False)
    line = next(line for line in tell(d).lines if line.chain[0].text == "s")
    assert members(line).count('class="member"') == 5 and members(line).count("<math>") == 6


def test_words_with_formulas() -> None:
    assert fragments(r"so \(x\), 5\% \& <b>") == "so <math><mi>x</mi></math>, 5% &amp; &lt;b&gt;"


def test_a_formula_too_wide_for_the_title_stands_below_it() -> None:
    d = matcalc.derive("s = " + " + ".join(f"x'*A_{i}*A_{i}*A_{i}*x" for i in range(1, 12)), check=False)
    page = to_html(d)
    assert '</h1>\n<p><span class="formula"><span class="member"><math><mi>s</mi></math></span>' in page
    assert page.partition("Given")[0].count("<math>") == 14 and "<p><span" not in to_html(derived("s = u^T f(W x + b)"))
