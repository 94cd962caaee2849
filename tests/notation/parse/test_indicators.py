from __future__ import annotations

import pytest

from matcalc.notation.parse.indices import ONES
from matcalc.notation.parse.statements import Names, read


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        (r"1\{y=k\}", "="), (r"\mathbb{1}[y=k]", "="), (r"\mathbb{1}_{[y=k]}", "="), (r"\mathbf{1}_{y \ne k}", "!="),
        (r"\mathbb{I}(y=k)", "="), (r"1_{\{i < j\}}", "<"), (r"\mathbb 1\{i \le j\}", "<="),
    ],
)  # fmt: skip
def test_an_indicator_is_read(text: str, sign: str) -> None:
    node = read(text + " x", Names()).statements[0].body.args[0]
    assert (node.kind, node.value, len(node.args)) == ("indicator", sign, 2)


def test_ones_and_brackets_without_a_relation_are_none() -> None:
    for text in (r"1(x+y)", r"\mathbf{1}_n", r"[x + y]", r"I x", r"1\{x\}"):
        body = read(text, Names()).statements[0].body
        assert all(n.kind != "indicator" for n in (body, *body.args))
    assert "1" in ONES
