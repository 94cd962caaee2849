"""The derivation as Markdown."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

import matcalc
from matcalc.printers.markdown import escape, marked, math, to_markdown
from matcalc.printers.story import tell
from tests.printers.test_latex import EXPRESSIONS, balanced, derived, each


@each
def test_markdown(expression: str) -> None:
    text = to_markdown(derived(expression))
    assert text.count("$$\n") % 2 == 0 and r"\(" not in text and r"\[" not in text
    blocks = re.findall(r"^\$\$\n(.*?)\n\$\$$", text, re.DOTALL | re.MULTILINE)
    assert len(blocks) > len(tell(derived(expression)).sections)
    assert all(balanced(block) and "\n\n" not in block for block in blocks)
    assert "✓ " in text
    assert escape("a_b*c <i> [x](y) `z`") == r"a\_b\*c \<i\> \[x\](y) \`z\`"


def test_words_do_not_become_markup() -> None:
    assert escape("a_b *c* `d` <e> [f](g) #h $i |j\\") == r"a\_b \*c\* \`d\` \<e\> \[f\](g) \#h \$i \|j\\"
    assert marked(r"\(x\) and 5\% of a\_b, \(y\).") == r"$x$ and 5% of a\_b, $y$."


def test_a_dollar_stands_next_to_no_letter_or_digit() -> None:
    assert marked(r"error 2.4\(\times 10^{-15}\), X\(^{-1}\)") == r"error $\text{2.4}\times 10^{-15}$, $\text{X}^{-1}$"
    assert marked(r"\(n\)-th (\(x\))") == r"$n\text{-th}$ ($x$)"


def test_no_backslash_before_a_mark_in_formulas() -> None:
    assert math(r"A \, b_{i}^{*} \{x < 1\}") == r"A \thinspace b _{i}^{∗} \lbrace x \lt 1\rbrace "
    assert math("\\begin{bmatrix} a \\\\[6pt] b \\end{bmatrix} \\\\\nc") == "\\begin{bmatrix} a \\cr b \\end{bmatrix} \\\\\nc"


# What GitHub does to a page before formulas are set: Markdown without formulas. It protects a backslash at the end of a line.
COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = {"heading_open", "paragraph_open", "strong_open", "softbreak", "text", "inline", "link_open", "ordered_list_open",
        "list_item_open", "bullet_list_open", "fence"}  # fmt: skip


def read(text: str) -> tuple[set[str], str]:
    """The kinds of tokens, and the words and formulas that are left."""
    kinds, words = set(), []
    for token in COMMONMARK.parse(text):
        for one in (token, *(token.children or ())):
            if one.type.endswith("_close"):
                continue
            kinds.add(one.type)
            words.append("\n" if one.type in ("softbreak", "inline") else one.content if one.type.startswith("text") else "")
    return kinds - {"text_special"}, "".join(words)


def formulas(text: str) -> list[str]:
    return re.findall(r"\$\$\n(.*?)\n\$\$", text, re.DOTALL) + re.findall(r"(?<![\\$])\$([^$\n]+)\$(?!\$)", text)


MORE = [
    r"\mathbf{x}_{1}^T X_{1} Y_{2} x_2",
    "[a; b; A*x]'*[c; d; y]",
    "sum(max(0, x - y))",
    "u'*layernorm(W*x)",
    "norm2(`a*b_c`)^2 + norm2(`d*e_f`)^2",
]


@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
@pytest.mark.parametrize("expression", EXPRESSIONS + MORE)
def test_markdown_takes_nothing_from_formulas(expression: str, detail: str) -> None:
    text = to_markdown(derived(expression) if expression in EXPRESSIONS else matcalc.derive(expression, check=False), detail)
    kinds, left = read(text)
    assert kinds <= OURS, kinds - OURS
    for formula in formulas(text):
        assert "\n\n" not in formula and not re.search(r"(?m)^\s*(?:[-+>#]\s|\d+[.)]\s|[-=]+\s*$)", formula)
        kept = "\n".join(line.strip() for line in formula.splitlines())
        assert kept.replace("\\\\\n", "\\\n") in left, formula  # Markdown takes one of two at the end of a line
    for found in re.finditer(r"(?<![\\$])\$[^$\n]+\$(?!\$)", text):
        assert re.fullmatch(r"[\s(]?", text[found.start() - 1]) and not re.match(r"[\w-]", text[found.end() :]), found[0]


def test_the_parts_stand_in_their_order() -> None:
    text = to_markdown(matcalc.derive("x'*A*x"), "full")
    places = [text.rindex(part) for part in ("### ", "**Given.**", "**Backward.**", "**Results.**", "✓ ", "shape convention")]
    assert places == sorted(places) and text.count("$$") % 2 == 0 and r"\boxed{" in text


def test_without_a_check_there_is_no_tick() -> None:
    text = to_markdown(matcalc.derive("x'*x", check=False))
    assert "✓" not in text and "Not checked." in text and "**Result.**" in text
