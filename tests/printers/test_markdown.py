"""The derivation as Markdown."""

from __future__ import annotations

import re

import matcalc
from matcalc.printers.markdown import dollars, escape, to_markdown
from matcalc.printers.story import tell
from tests.printers.test_latex import balanced, derived, each


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
    assert dollars(r"\(x\) and \(y\)") == "$x$ and $y$"


def test_the_parts_stand_in_their_order() -> None:
    text = to_markdown(matcalc.derive("x'*A*x"), "full")
    places = [text.rindex(part) for part in ("### ", "**Given.**", "**Backward.**", "**Results.**", "✓ ", "shape convention")]
    assert places == sorted(places) and text.count("$$") % 2 == 0 and r"\boxed{" in text


def test_without_a_check_there_is_no_tick() -> None:
    text = to_markdown(matcalc.derive("x'*x", check=False))
    assert "✓" not in text and "Not checked." in text and "**Result.**" in text
