"""What ``matcalc rules list`` and ``show`` say."""

from __future__ import annotations

import pytest

from matcalc.algebra.book import book
from matcalc.algebra.rule import make_book
from matcalc.algebra.rulelist import listed, shown
from matcalc.expr.errors import UsageError
from matcalc.rules.row import R


@pytest.mark.slow
def test_the_list_has_each_row_once() -> None:
    text = listed(book(), None)
    for row in book().rows().values():
        assert sum(line.split()[:1] == [row.name] for line in text.splitlines() if line.startswith("  ")) >= 1, row.name
    assert "mish(x) = x*tanh(softplus(x))" in text


def test_a_group_alone() -> None:
    text = listed(book(), "vec")
    assert text.splitlines()[0] == "vec" and len(text.splitlines()) == 1 + len(book().groups["vec"])
    assert listed(book(), "functions").startswith("functions\n")
    with pytest.raises(UsageError, match="no group 'vecs'"):
        listed(book(), "vecs")


def test_one_rule_with_its_source() -> None:
    text = shown(book(), "inverse")
    assert text.startswith("inverse (differential)\n  d(inv(X)) =") and "source: " in text
    wrong = R("turned", "(X*Y)' = X'*Y'", "X[n,n] Y[n,n]", "book:3", "X = [0, 1; 0, 0]")
    made = make_book({"vec": [wrong]}, {"book": "A Book, sec. {}"})
    assert shown(made, "turned").endswith("source: A Book, sec. 3\n  disabled: X = [0, 1; 0, 0]")
    assert listed(made, "vec") == "vec\n  turned  (X*Y)' = X'*Y'  (disabled)"


def test_a_function_with_all_its_rows() -> None:
    assert shown(book(), "outer").count("outer (function)") == 2
    assert shown(book(), "LayerNorm").count("layernorm (function)") == 6


def test_a_name_that_is_none_gets_one_that_is_near() -> None:
    with pytest.raises(UsageError) as caught:
        shown(book(), "invers")
    assert "inverse" in str(caught.value.hint)
    with pytest.raises(UsageError) as caught:
        shown(book(), "qqqqqqq")
    assert caught.value.hint == "matcalc rules list"
