"""The table of what lines of code cost, in both languages: columns stand below each other, wide letters counted."""

from __future__ import annotations

import pytest

from matcalc.printers.cost_table import to_text
from matcalc.printers.text import columns

ROWS = [("z = W @ x", 6, 80), ("return z", 0, 0)]


@pytest.mark.parametrize(("lang", "words"), [("en", ("line", "flops", "in all")), ("zh", ("代码行", "运算次数", "合计"))])
def test_the_table(lang: str, words: tuple[str, str, str]) -> None:
    table = to_text(ROWS, (6, 80), ("N", "8*d", "8"), lang).splitlines()
    assert table[0].startswith(words[0]) and words[1] in table[0] and table[3].startswith(words[2])
    assert len({columns(row[: row.rindex("  ")]) for row in table[:4]}) == 1
    assert all(part in table[4] for part in ("N", "8*d", "8")) and ("round" in table[4]) == (lang == "en")
    assert len(to_text(ROWS, (6, 80)).splitlines()) == 4
