"""The words of a derivation in Chinese: the table has them all, and no English is left."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.engine.structured import STRUCTURES
from matcalc.expr import activations
from matcalc.expr.qualities import MEANING, PROPERTIES
from matcalc.expr.table import TABLE
from matcalc.printers import pass_table, words
from matcalc.printers.formats import GRAPH_FORMATS
from matcalc.printers.in_text import write
from matcalc.printers.languages import LANGUAGES, phrases, said, sentence, tokens
from matcalc.printers.story import Story, tell
from tests.places import ROOT
from tests.system.test_known_labels import OWN

PATH = ROOT / "matcalc" / "printers" / "phrases.tsv"
CHINESE = re.compile("[\u4e00-\u9fff]")
NAMES = {"NumPy", "evaluate", *re.findall("[A-Za-z]{3,}", " ".join(row.plain for row in TABLE.values()))}


@pytest.mark.source
def test_each_phrase_stands_once_in_every_language_with_the_same_places() -> None:
    rows = [line.split("\t") for line in PATH.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert len(rows) > 500 and {len(row) for row in rows} == {len(LANGUAGES)}
    assert all(cell.strip() for row in rows for cell in row)
    assert [key for key, n in Counter(row[0] for row in rows).items() if n > 1] == []
    for english, chinese in rows:
        holes = [sorted(re.findall(r"\{\w?\}", text)) for text in (english, chinese)]
        assert len(holes[0]) == len(holes[1]), english
        assert holes[0] == holes[1] or {*holes[1]} == {f"{{{i}}}" for i in range(len(holes[0]))}, english


def printed() -> Iterator[str]:
    """What can be printed: of the rows of rules, operators, properties and signs, and what the printers say."""
    for row in book().rows().values():
        yield row.label if "{" in row.label else row.words
    yield from (row.told for row in TABLE.values())
    yield from (f"f is not differentiable where {row.kink}" for row in TABLE.values() if row.kink)
    yield from (row.cases.replace("<=", "≤") for row in activations.ROWS)
    yield from (*MEANING.values(), *PROPERTIES)
    yield from (sign.meaning for sign in words.SIGNS if sign.meaning not in TABLE)
    yield from (*words.LAYOUTS.values(), *words.ROUTES.values(), words.ERRORS, words.TITLE, words.TITLE_BY)
    yield from (kind[0].upper() + kind[1:] + s for kind in words.KINDS.values() for s in ("", "s"))
    yield from (f"{{0}} is {name}: {what}" for name, what in STRUCTURES.items())


def test_the_table_has_every_phrase() -> None:
    table = phrases("zh")
    lacking = {
        text for text in printed() if text and text not in table and said(text, "zh") == text and re.search("[a-z]{3}", text)
    }
    assert lacking == set()


@pytest.mark.parametrize(
    ("phrase", "wanted"),
    [
        ("chain rule", "链式法则"),
        ("{}, {} and {} put in", "代入 {}、{}、{}"),
        ("{}, {}, {}, {} … put in", "代入 {}、{}、{}、{} 等"),
        ("1 where k = i, otherwise 0", "k = i 时为 1，否则为 0"),
        ("z for z > 0, 0 for z ≤ 0", "当 z > 0 时为 z，当 z ≤ 0 时为 0"),
        ("y_c = 1: the right class", "y_c = 1：正确类别"),
        ("positive, small", "正，小"),
        ("no phrase of the table", "no phrase of the table"),
    ],
)
def test_phrases_with_formulas_and_of_parts(phrase: str, wanted: str) -> None:
    assert said(phrase, "zh") == wanted and said(phrase, "en") == phrase


def test_sentences_and_words() -> None:
    assert sentence(" the end", "en") == "The end." and sentence("is it?", "en") == "Is it?"
    assert sentence("a line", "en") == "A line." and sentence("z = 3", "en") == "z = 3."  # a formula keeps its letter
    assert sentence("于是", "zh") == "于是。" and sentence(" ", "zh") == ""
    assert tokens("梯度（即 ∇）同形。 so it is") == ["梯", "度", "（即", " ∇）", "同", "形。", " so", " it", " is"]
    assert "".join(tokens("于是 x，外积")) == "于是 x，外积"


def left(d: Any, story: Story) -> set[str]:
    """Words of three letters and more in the text that stand in no formula and are no names."""
    formulas = [text for line in story.lines for text in line.texts]
    formulas += [part for line in story.lines for one in (*line.about, *line.of) for part in [write(one)]]
    formulas += [write(f) for f, _ in story.given] + [
        write(story.expression),
        *(f"{name} {what}" for name, what in story.functions),
    ]
    formulas += [text for head, body, _ in story.meanings for text in (write(head), write(body))]
    formulas += [law.text for law in story.laws.values()]
    known = {*re.findall("[A-Za-z]{3,}", " ".join(formulas)), *NAMES}
    text = "\n".join([d.to_text("full", lang="zh").partition("\n出处\n")[0], *map(story.say, d.warnings)])
    return set(re.findall("[A-Za-z]{3,}", text)) - known


def in_words(text: str) -> set[str]:
    """Words that no formula of these problems has."""
    return set(re.findall("[A-Za-z]{3,}", text)) - {"max", "tanh", "sum", "step", "ReLU", "diag", "relu"}


@pytest.mark.slow
def test_no_english_is_left_in_pictures_and_passes() -> None:
    assert {text for gate in words.GATES.values() for text in gate} <= {*phrases("zh")}
    scalars = matcalc.derive("f = (x - y)*max(y, z) + y", dims={"x": (), "y": (), "z": ()})
    d = matcalc.derive("u'*tanh(W*x)", dims={"W": (9, 8)})
    drawn = [scalars.graph(lang="zh"), scalars.graph({"x": 1, "y": 2, "z": 2}, lang="zh"), d.graph("random", lang="zh")]
    for one in drawn:
        sections = one.picture.sections
        told = "\n".join([*(s.title for s in sections), *(line.text for s in sections for line in s.lines), one.to_text()])
        assert in_words(told) == set() and all(CHINESE.search(one.to(form)) for form in GRAPH_FORMATS)
    assert "不可微" in drawn[1].to_text() and "\\usepackage[scheme=plain]{ctex}" in drawn[1].to_tikz()
    told = pass_table.to_text(d.passes(measured=True), lang="zh")
    assert in_words(told) == set() and "每个梯度只算一次" in told
    assert "计算图" in d.to("latex", document=True, lang="zh", graph=True)


@pytest.mark.parametrize(("text", "more"), OWN)
def test_no_english_is_left(text: str, more: dict[str, Any]) -> None:
    d = matcalc.derive(text, **more)
    assert left(d, tell(d, "full", lang="zh")) == set()
    assert CHINESE.search(d.to_text(lang="zh")) and not CHINESE.search(d.to_text())


def test_a_language_that_is_not_there_is_refused_and_the_engine_follows() -> None:
    d = matcalc.derive("x'*A*x", wrt="x")
    with pytest.raises(matcalc.UsageError, match="lang"):
        d.to("text", lang="fr")
    with pytest.raises(matcalc.UsageError, match="lang"):
        d.graph(lang="fr")
    with pytest.raises(matcalc.UsageError, match="pdflatex does not set"):
        d.to_latex(lang="zh", engine="pdflatex")
    assert "\\usepackage[scheme=plain]{ctex}" in d.to_latex(document=True, lang="zh")
    assert 'lang="zh"' in d.to_html(lang="zh") and "梯度" in d.to_typst(lang="zh") and "由微分" not in d.to_markdown(lang="zh")
    assert "链式法则" in matcalc.derive("u'*f(W*x)", wrt="W").to("json", lang="zh")
