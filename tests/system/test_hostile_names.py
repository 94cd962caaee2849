"""Names are data: none becomes markup, a command or a terminal code, in no output and in no message."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.dom import minidom

import pytest

import matcalc
from matcalc import cli
from matcalc.expr.errors import MatcalcError, caret
from matcalc.notation.lex.lexer_plain import greek_to_ascii
from matcalc.printers.formats import GRAPH_FORMATS
from tests.hostile_names import HIDDEN, NAMES
from tests.mathml_reader import ATTRIBUTES as ATTRIBUTES_OF_FORMULAS
from tests.mathml_reader import CHILDREN, LEAVES, ROWS, formulas
from tests.mathml_reader import faults as faults_of_formulas
from tests.printers.pictures.test_dot import LINE as DOT_LINE
from tests.printers.pictures.test_mermaid import LINE as MERMAID_LINE
from tests.printers.test_typst import faults as faults_of_typst
from tests.slices import slices

PARTS = 8  # of the names, of which one is quick
TAGS = {"!doctype", "html", "head", "meta", "title", "body", "article", "style", "h1", "h2", "p", "strong", "span", "section",
        "ol", "ul", "li", "details", "summary", "div", "code", "a", *LEAVES, *ROWS, *CHILDREN}  # fmt: skip
ATTRIBUTES = {
    "class",
    "lang",
    "charset",
    "name",
    "content",
    "id",
    "href",
    "width",
    *(name for _, name, _ in ATTRIBUTES_OF_FORMULAS),
}
OUR_PAGE = r"docs/rules/[a-z]+\.md#[a-z0-9-]+"
LINK = re.compile(rf"\]\({OUR_PAGE}\)")
MACROS = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
OURS = re.compile(r"<code>.*?</code>|<style>.*?</style>|<title>[^\n]*", re.DOTALL)  # where no program looks for LaTeX
# What stands for a character of a name.
ESCAPES = {*r"{}&%#$_ ,", *["textbackslash", "textasciitilde", "textasciicircum", "backslash", "hat", "sim", "vert"],
           *["ulcorner", "urcorner", "mathrm", "text", "lt", "gt", "lbrace", "rbrace",
           "underline", "enspace", "thinspace"]}  # fmt: skip


def derived(name: str) -> Any:
    style = "backprop" if len(name) % 2 else "elementwise"
    return matcalc.derive(f"norm2(`{name}`)^2", dims={name: ("n",)} if "\n" not in name else {}, check=False, style=style)


def shown(text: str) -> bool:
    """Whether nothing in the text acts on a terminal or turns the text."""
    return all(c.isprintable() or c == "\n" for c in text)


def outputs(d: Any) -> dict[str, str]:
    html = d.to_html()
    return {
        **{f"text {detail}": d.to_text(detail, width) for detail, width in (("brief", 40), ("full", None))},
        "repr": repr(d),
        "latex": d.to_latex(),
        "document": d.to_latex(document=True, detail="full"),
        "markdown": d.to_markdown("full"),
        "html": html,
        "typst": d.to_typst(document=True, detail="full"),
        "json": d.to_json(),
        "plain": d.results[0].plain,
        "result": d.results[0].latex,
    }


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {str(value) for name, value in attrs if name in ("href", "src")}
        self.anchors |= {f"#{value}" for name, value in attrs if name == "id"}

    def handle_comment(self, data: str) -> None:
        self.tags.add("comment")

    def unknown_decl(self, data: str) -> None:
        self.tags.add("declaration")

    def handle_data(self, data: str) -> None:
        self.words += data


def known_macros() -> set[str]:
    found = [outputs(derived(name)) for name in ("x", "xx")]
    broken = {"bigl", "bigr"}  # brackets of a formula that a long name makes go on in the next row
    return broken | set(MACROS.findall("".join(one[k] for one in found for k in ("latex", "document", "markdown", "result"))))


def faults(name: str, macros: set[str]) -> Iterator[str]:
    """What a hostile name does in the outputs; a refusal in words that can be shown is no fault."""
    try:
        d = derived(name)
    except MatcalcError as error:
        if not shown(str(error)):
            yield "refused with what it hides"
        return
    found = outputs(d)
    for kind, text in found.items():
        if not shown(text):
            yield f"{kind}: a hidden character"
    for kind in ("latex", "document", "markdown", "result"):
        text = found[kind]
        if strange := set(MACROS.findall(text.partition("\n")[2] if kind != "result" else text)) - macros - ESCAPES:
            yield f"{kind}: the macros {strange}"
        if kind != "markdown" and (re.search(r"(?<!\\)%", text.partition("\n")[2]) or "^^" in text.partition("\n")[2]):
            yield f"{kind}: a comment, or a character by its code"
        bare = re.sub(r"\\[{}\\]", "", text.partition("\n")[2] if kind != "result" else text)
        if bare.count("{") != bare.count("}"):
            yield f"{kind}: braces"
    if re.search(r"<[A-Za-z/!?]|\]\(|://|(?<!\\)&[a-z#]\w*;", LINK.sub("", found["markdown"])):
        yield "markdown: markup"
    page = Page()
    page.feed(found["html"])
    page.links -= {link for link in page.links if re.fullmatch(OUR_PAGE, link)} | page.anchors
    if page.tags - TAGS or page.attributes - ATTRIBUTES or page.links or "<script" in found["html"]:
        yield f"html: {page.tags - TAGS} {page.attributes}"
    name = greek_to_ascii(name)
    if name not in page.words.replace("\xa0", " "):
        yield "html: the name is not shown"
    yield from (f"html: {fault}" for one in formulas(found["html"]) for fault in faults_of_formulas(one))
    if re.search(r"[$\\](?!<span></span>|</m)", OURS.sub("", found["html"])):
        yield "html: what a page takes for LaTeX"
    yield from (f"typst: {fault}" for fault in faults_of_typst(found["typst"].partition("\n")[2]))
    if "<" in found["json"] or "]]>" in found["json"] or name not in json.loads(found["json"])["dims"]:
        yield "json"
    if matcalc.parse(found["plain"], dims=d.dims).plain != found["plain"]:
        yield "plain: not read back"


@pytest.mark.slow
@pytest.mark.parametrize("part", slices(range(PARTS), PARTS))
def test_names_in_every_output(part: int) -> None:
    assert len(NAMES) >= 300
    macros = known_macros()
    bad = [f"{name!r}: {fault}" for name in NAMES[part::PARTS] for fault in faults(name, macros)]
    assert not bad, "\n".join(bad[:20])


def drawn(name: str) -> dict[str, str]:
    graph = derived(name).graph()
    return {form: graph.to(form) for form in GRAPH_FORMATS}


def faults_of_graphs(name: str, macros: set[str]) -> Iterator[str]:
    """What a hostile name does in a picture of its computation."""
    try:
        found = drawn(name)
    except MatcalcError:
        return
    for kind, text in found.items():
        if not shown(text):
            yield f"{kind}: a hidden character"
    svg = minidom.parseString(found["svg"])
    if {node.tagName for node in svg.getElementsByTagName("*")} - {"svg", "title", "desc", "style", "rect", "path", "text"}:
        yield "svg: elements"
    if not any(greek_to_ascii(name) in node.firstChild.data for node in svg.getElementsByTagName("text")):  # type: ignore[union-attr]
        yield "svg: the name is not shown"
    if strange := set(MACROS.findall(found["tikz"])) - macros - ESCAPES:
        yield f"tikz: the macros {strange}"
    bare = re.sub(r"\\[{}\\]", "", found["tikz"])
    if bare.count("{") != bare.count("}") or "^^" in bare or re.search(r"(?<!\\)%", bare):
        yield "tikz: braces, a comment, or a character by its code"
    yield from (f"dot: {line}" for line in found["dot"].splitlines() if not DOT_LINE.match(line))
    yield from (f"mermaid: {line}" for line in found["mermaid"].splitlines() if not MERMAID_LINE.match(line))


@pytest.mark.slow
def test_names_in_pictures() -> None:
    macros = {m for name in ("x", "x" * 60) for m in MACROS.findall(drawn(name)["tikz"])}
    bad = [f"{name!r}: {fault}" for name in NAMES[::3] for fault in faults_of_graphs(name, macros)]
    assert not bad, "\n".join(bad[:20])


def test_a_planted_fault_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from matcalc.notation.write import lettering

    monkeypatch.setattr(lettering, "escaped", lambda text: text)
    macros = known_macros()
    # Names that no other test has had set, for those are kept.
    assert list(faults(r"\input{/etc/planted}", macros)) and list(faults(r"\planted</b>", macros))


@pytest.mark.parametrize("char", HIDDEN)
def test_what_hides_is_refused_by_its_code_point(char: str) -> None:
    if char == "\n":
        return  # ends the statement before the quote is closed
    with pytest.raises(MatcalcError) as error:
        matcalc.derive(f"norm2(`a{char}b`)^2")
    code = f"U+{ord(char[0]):04X}"
    assert code in error.value.message and error.value.span == (8, 9)
    for options in ({"dims": {f"a{char}b": ("n",)}}, {"dims": {"x": (f"a{char}b",)}}, {"functions": {f"a{char}b": "tanh"}}):
        with pytest.raises(MatcalcError) as error:
            matcalc.derive("x'*x", **options)  # type: ignore[arg-type]
        assert shown(str(error.value))


@pytest.mark.slow
def test_names_in_options_and_messages(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Whatever an option holds, what the command says can be shown."""
    rules = tmp_path / "r\x1b[31m\u202e.py"
    rules.write_text('R("a\x9b31m", "d(\u202e) = <b>", "X[m,n]", "\x1b[31m:1")', encoding="utf-8")
    words = ["derive", "f(x)'*x", "--no-check"]
    for text in ("\x1b[31mA", "\u202eA", "<b>", "\\input{x}", "\x9bA", "{0}"):
        for option in ("--wrt", "--direction", "--output", "--define", "--index", "--macro", "--code", "--rules", "-o", "--kind"):
            cli.main.main([*words, option, text + ("/x" if option == "-o" else "")], standalone_mode=False)
        for option in ("--dim", "--assume", "--structure", "--function", "--index", "--macro", "--define"):
            cli.main.main([*words, option, f"{text}={text}"], standalone_mode=False)
            cli.main.main([*words, option, f"x={text}"], standalone_mode=False)
            cli.main.main([*words, option, f"{text}=n", "--format", "json"], standalone_mode=False)
        cli.main.main([*words, "--rules", str(rules)], standalone_mode=False)
        cli.main.main(["rules", "show", text], standalone_mode=False)
        cli.main.main(["rules", "list", "--group", text], standalone_mode=False)
        cli.main.main(["rules", "check", text], standalone_mode=False)
        out = capfd.readouterr()
        assert shown(out.out) and shown(out.err), (text, out)
        assert "bug in matcalc" not in out.err, out.err


@pytest.mark.slow
def test_a_terminal_gets_colours_and_no_other_code() -> None:
    good = [n for n in NAMES if n.isascii() and n.isprintable() and "=" not in n and ";" not in n and n == n.strip()][::6]
    dims = [word for n in good for word in ("--dim", f"{n}=n")]
    text = " + ".join(f"norm2(`{n}`)^2" for n in good) + " # \x1b[31m\u202e\\alpha"
    command = [sys.executable, "-m", "matcalc", "derive", text, *dims, "--no-check", "--color", "always"]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONUTF8": "1"}, check=False)
    assert done.returncode == 0, done.stderr.decode()
    out = done.stdout.decode("utf-8") + done.stderr.decode("utf-8")
    assert "\x1b[" in out and good[0] in out
    assert shown(re.sub(r"\x1b\[[0-9;]*m", "", out))


@pytest.mark.parametrize("text, n", [
    ("x = A @ b  # \\alpha and x^{2}\nx @ x", 3),
    ('"""the loss \\mathcal{L}"""\nnp.sum(A @ b)', 3),
    ("x'*x  # $\\sigma$", 1),
])  # fmt: skip
def test_a_comment_does_not_decide_the_notation(text: str, n: int) -> None:
    assert matcalc.derive(text, check=False).results


def test_latex_is_still_detected() -> None:
    assert matcalc.parse(r"\alpha x^\top x").plain == "alpha*x'*x"
    assert matcalc.parse("`W^{Q}`*x", dims={"W^{Q}": ("n", "m")}).plain == "`W^{Q}`*x"


def test_a_name_that_looks_like_a_formula_stands_in_quotes() -> None:
    d = matcalc.derive("2*`a+b`'*x", dims={"a+b": ("n",), "x": ("n",)}, wrt="x")
    assert d.result.text == "2`a+b`" and d.result.plain == "2*`a+b`"
    assert r"\ulcorner\mathrm{a+b}\urcorner" in d.result.latex


def test_the_caret_picture_shows_no_code() -> None:
    assert shown(caret("a\x1b[31m\u202eb + c", (3, 9)))
