"""The LaTeX lexer on every formula of the shared corpus, where that is at hand."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest

from matcalc.expr.errors import ParseError
from matcalc.notation.lex.lexer_latex import tokenize_latex
from tests.places import CORPUS


def strip_tex(name: str) -> str:
    """Declared names as the corpus's judge makes them."""
    name = re.sub(r"\\(mathbf|boldsymbol|bm|mathrm|mathit|mathcal|mathbb|text|vec|bf)\s*", "", name)
    return name.replace("{", "").replace("}", "").replace("\\", "").strip()


def corpus(file: str) -> list[dict[str, Any]]:
    if not CORPUS.exists():
        return []
    return [json.loads(line) for line in (CORPUS / file).read_text().splitlines() if line.strip()]


@pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in corpus("cases.jsonl")])
def test_corpus_is_read(case: dict[str, Any]) -> None:
    written = case.get("latex_names") or {}
    names = [strip_tex(written.get(k, k)) for k in case["dims"]]
    names += [strip_tex(k) for k in case.get("latex_index") or {}]
    tokens = tokenize_latex(case["latex"], names)
    depth = 0
    for token, after in pairwise(tokens):
        depth += (token.text == "{") - (token.text == "}")
        assert depth >= 0 and token.kind in ("num", "name", "fn", "op", "open", "close", "cmd", "T")
        assert 0 <= token.start <= token.end <= len(case["latex"])
        if token.text in ("^", "_", ".^", "frac"):
            assert after[:2] == ("open", "{")
    assert depth == 0 and tokens[-1].kind == "end"


@pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in corpus("badinput.jsonl") if c["form"] == "latex"])
def test_bad_input(case: dict[str, Any]) -> None:
    expect = case["expect"]
    if expect["category"] in ("syntax", "unknown-function") and expect["outcome"] == "error":
        with pytest.raises(ParseError) as caught:
            tokenize_latex(case["input"], case["dims"])
        assert all(word in caught.value.message for word in expect["mentions"])
    else:
        assert len(tokenize_latex(case["input"], case["dims"])) > 1
