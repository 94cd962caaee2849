"""The output formats, a row each: for the command line, for files, and for ``Derivation.to``."""

from __future__ import annotations

import json

import pytest

import matcalc
from matcalc.printers.formats import FORMATS, by_ending, written

D = matcalc.derive("x'*A*x")


def test_endings_are_all_different_and_found() -> None:
    endings = [row.ending for row in FORMATS.values()]
    assert len(set(endings)) == len(endings) and all(by_ending(row.ending) == name for name, row in FORMATS.items())
    assert by_ending(".nothing") is None


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_each_is_what_its_method_gives(form: str) -> None:
    text = written(D, form)
    method = getattr(D, f"to_{form}", None)
    assert text.strip() and (method is None or method().strip() == text.strip())


def test_options_that_a_format_does_not_take_are_left_out() -> None:
    assert json.loads(written(D, "json", width=40)) == json.loads(written(D, "json"))
    assert max(map(len, written(D, "text", width=40).splitlines())) < max(map(len, written(D, "text", width=200).splitlines()))
    assert r"\documentclass" in written(D, "latex", document=True)


def test_a_picture_on_request() -> None:
    assert D.to("html", graph=True).count("<figure><img ") == 1 and "<figure>" not in D.to("html")
    assert D.to("markdown", graph=True).endswith("```\n") and D.to("text", graph=True) == D.to("text")
    assert r"\usebox0" in D.to("latex", document=True, graph=True) and D.to("latex", graph=True) == D.to("latex")
