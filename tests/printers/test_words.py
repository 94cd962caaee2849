"""Rules, kinds and verdicts in words."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import matcalc
from matcalc.algebra.book import book
from matcalc.printers import words


def test_rules_in_words() -> None:
    rows = book().rows()
    for rule, said in (
        ("outer-product", "outer product"), ("tanh", "derivative of tanh"), ("kronecker-rows-left", "Kronecker product"),
        ("definition", ""), ("log-sigmoid", "derivative of log sigmoid"), ("inverse", "inverse"), ("foo-rule", "foo rule"),
    ):  # fmt: skip
        assert words.rule_words(rule, rows) == said
    assert words.number(2.4e-15) == "2.4e-15" and words.number(0.0) == "0" and words.number(3e-7) == "3.0e-7"


def test_every_row_has_words_and_printers_have_none() -> None:
    """Those of another book are printed as they stand there."""
    assert all(said and said == said.strip() for said in book().words.values())
    d = matcalc.derive("x'*A*x", wrt="x", check=False)
    renamed = {name: f"{name.replace('-', '')}quoth" for name in book().words}
    rows = {name: replace(row, label=renamed[name]) for name, row in book().rows().items()}
    d.trace = d.trace._replace(book=book()._replace(by_name=rows))
    for text in (d.to_text(), d.to_latex(), d.to_markdown(), d.to_html()):
        assert any(renamed.get(step.rule, "nothing") in text for step in d.steps)


def test_kinds_and_counts() -> None:
    assert words.kind_words("gradient", 2) == "gradients" and words.kind_words("jacobian", 1) == "Jacobian"
    assert words.verdict(None, 3, 3, 0) == "not checked"
    report = SimpleNamespace(passed=True, points=1, max_relative_error=2e-16)
    said = words.verdict(report, 1, 2, 3)
    assert said.startswith("1 line checked at 1 random point (2 equations,") and said.endswith(
        "2.0e-16; 3 lines of too many terms not checked"
    )
    assert "found false" in words.verdict(SimpleNamespace(passed=False, points=2, max_relative_error=0.5), 2, 2, 0)
