"""Hostile names where they could do harm: in a browser's page and in a document that TeX sets."""

from __future__ import annotations

import functools
import html
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import matcalc
from matcalc.expr.errors import MatcalcError
from matcalc.printers.html import to_html
from tests.hostile_names import NAMES
from tests.mathml_reader import ATTRIBUTES as FORMULAS
from tests.system.render import tools

pytestmark = pytest.mark.render

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
HEAD = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>untouched</title></head><body>\n'
# What stands in our pages, and in those in which KaTeX has set the formulas.
OURS = {"html", "head", "meta", "title", "body", "article", "style", "h1", "h2", "p", "strong", "span", "section", "ol", "li",
        "ul", "details", "summary", "div", "code", "a", "math", "mspace", "mi", "mn", "mo", "mrow",
        "msub", "msup", "msubsup", "mfrac"}  # fmt: skip
PAGES = re.compile(r"docs/rules/[a-z]+\.md#[a-z0-9-]+|#rule-[a-z0-9-]+")  # what we link to


@functools.cache
def derivations() -> list[Any]:
    """One for each hostile name that is not refused."""
    found = []
    for name in NAMES:
        try:
            found.append(matcalc.derive(f"norm2(`{name}`)^2", dims={name: ("n",)}, check=False))
        except MatcalcError:
            continue
    assert len(found) > 200
    return found


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {str(value) for name, value in attrs if name == "href"}

    def handle_data(self, data: str) -> None:
        self.words += data


def browsed(page: str, folder: Path) -> Page:
    """The page as the browser has it after its scripts have run."""
    browser = next((b for b in ("chromium", "chromium-browser", "google-chrome") if shutil.which(b)), None)
    if browser is None:
        tools.require("chromium")
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    command = [
        str(browser),
        *FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        "--virtual-time-budget=5000",
        "--dump-dom",
        file.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, timeout=tools.TIMEOUT, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    found = Page()
    found.feed(done.stdout.decode("utf-8"))
    return found


def looks(text: str) -> str:
    """Without the marks of labels, which are set below or above."""
    return re.sub("[_^{}]", "", text.translate({0xA0: " ", ord("−"): "-", ord("′"): "'"}))


@pytest.mark.slow
def test_a_browser_shows_names_and_obeys_none(tmp_path: Path) -> None:
    page = browsed(HEAD + "".join(to_html(d, document=False) for d in derivations()) + "</body></html>\n", tmp_path)
    assert set(page.tags) == OURS
    assert page.attributes <= {"class", "lang", "charset", "href", "id", "width", *(name for _, name, _ in FORMULAS)}
    assert all(map(PAGES.fullmatch, page.links))
    assert page.tags.count("article") == len(derivations())
    assert "owned" not in page.words.partition("untouched")[0] and page.words.lstrip().startswith("untouched")
    words = looks(page.words)
    missing = [d.wrt[0] for d in derivations() if looks(d.wrt[0]) not in words]
    assert not missing, missing


NARROW = ["s = u^T f(W x + b)", "s = logdet(A*X*B + C)", "s = x'*A*x/(x'*x) + norm2(A*x - b)^2 + lambda*norm2(x)^2 + exp(x'*B*x)",
          "u'*layernorm(W*x)", "-y'*log(softmax(W*x + b))"]  # fmt: skip


@pytest.mark.slow
def test_pages_fit_a_telephone(tmp_path: Path) -> None:
    """At 360 px nothing stands out, folds open; wide formulas scroll by themselves."""
    pages = [matcalc.derive(text, check=False).to_html("full").replace("<details>", "<details open>") for text in NARROW]
    frames = "".join(f'<iframe style="width:360px;height:9999px" srcdoc="{html.escape(page)}"></iframe>' for page in pages)
    widths = "[...document.querySelectorAll('iframe')].map(f => f.contentDocument.documentElement.scrollWidth).join(' ')"
    script = f"<script>onload = () => document.body.textContent = 'widths ' + {widths}</script>"
    words = browsed(f"{HEAD}{frames}{script}</body></html>", tmp_path).words
    found = words.partition("widths ")[2].split()
    assert len(found) == len(NARROW) and all(int(width) <= 360 for width in found), words  # less beside a scroll bar


@pytest.mark.slow
def test_the_browser_sees_a_planted_name(tmp_path: Path) -> None:
    raw = HEAD + "<article><img src=x onerror=\"document.title='owned'\"></article></body></html>\n"
    page = browsed(raw, tmp_path)
    assert "img" in page.tags and "owned" in page.words


@pytest.mark.slow
def test_tex_sets_names_and_reads_no_file(tmp_path: Path) -> None:
    tools.require("pdflatex", "pdftotext")
    text = tools.pdf_text(tools.pdflatex(tools.document("\n\n".join(d.to_latex() for d in derivations())), tmp_path))
    assert "root:" not in text and "etc/passwd" in text
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".aux", ".log", ".pdf", ".tex"]


@pytest.mark.parametrize("package", ["katex", "mathjax"])
def test_web_pages_set_every_name(package: str) -> None:
    tools.require(package)
    formulas = [d.results[0].latex for d in derivations()]
    formulas += [
        one
        for d in derivations()[::7]
        for one in (*tools.displays(d.to_latex().partition("\n")[2]), *tools.displays(d.to_markdown()))
    ]
    assert tools.refused(package, formulas) == []
