"""The book that ships: every group that the files of rules/ have, in one object that is made once."""

from __future__ import annotations

from matcalc.algebra.book import book
from matcalc.algebra.rule import GROUPS
from matcalc.rules import adjoint, differential, rewrite, vec


def test_the_groups_hold_the_rows_of_their_files() -> None:
    groups = book().groups
    assert set(groups) <= set(GROUPS)
    for name, module in {"differential": differential, "adjoint": adjoint, "vec": vec, "rewrite": rewrite}.items():
        assert [row.name for row in groups[name]] == [row.name for row in module.ROWS]
        assert {row.group for row in groups[name]} == {name}


def test_each_row_is_found_by_its_name_and_cites_in_words() -> None:
    rows = book().rows()
    assert len(rows) == sum(len(rows) for rows in book().groups.values())
    assert rows["inverse"].equation.startswith("d(inv(X)) =") and "Matrix Cookbook" in book().source(rows["inverse"])


def test_it_is_made_once() -> None:
    assert book() is book()
