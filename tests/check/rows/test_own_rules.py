"""A user's own rules: literal rows that are tested before they are used; nothing of the file runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcalc.algebra.book import book
from matcalc.check.rows.own_rules import group_of, load_rules, with_rules
from matcalc.expr.errors import UsageError
from matcalc.rules.row import R


def file(folder: Path, text: str) -> str:
    path = folder / "own.py"
    path.write_text(text, "utf-8")
    return str(path)


GOOD = '"""Mine."""\nfrom matcalc.rules.row import R\nR("my-log", "d(log(X)) = d(X) ./ X", "X[m,n] positive", "mine:3")\n'


def test_rows_in_every_form(tmp_path: Path) -> None:
    assert load_rules(file(tmp_path, GOOD)) == (R("my-log", "d(log(X)) = d(X) ./ X", "X[m,n] positive", "mine:3"),)
    listed = 'ROWS = [R("a", "d(X) = d(X)", "X[m,n]", "s"), R("b", "X = X", "X[m,n]", "s")]'
    assert [row.name for row in load_rules(file(tmp_path, listed))] == ["a", "b"]
    assert load_rules(file(tmp_path, "")) == ()


@pytest.mark.parametrize(
    "text",
    [
        'open("gone", "w")', 'R("a", "b", "c")',
        'R("a", "b", "c", f"d")', 'R("a", "b", "c", "d", "e")', 'R("a", "b", where="c", cite="d")',
        "import os\nos.remove('x')", "for x in y: R(x)", 'S("a", "b", "c", "d")', 'ROWS = [R("a", "b", "c", "d"), evil()]',
    ],
)  # fmt: skip
def test_nothing_but_literal_rows(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="not a rule row"):
        load_rules(file(tmp_path, text))
    assert not (tmp_path / "gone").exists()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load_rules(str(tmp_path / "none.py"))
    with pytest.raises(UsageError, match="not a list of rows"):
        load_rules(file(tmp_path, "R("))


def test_groups_by_form() -> None:
    forms = {"d(X) = Y": "differential", "<G, L> = <G, L>": "adjoint", " vec(L) = vec(L)": "vec", "X = X": "rewrite"}
    assert {form: group_of(R("a", form, "", "")) for form in forms} == forms


def test_own_rows_stand_in_front(tmp_path: Path) -> None:
    found = with_rules(book(), file(tmp_path, GOOD))
    names = [row.name for row in found.groups["differential"]]
    assert names == ["my-log", *(row.name for row in book().groups["differential"])]
    assert found.source(found.rows()["my-log"]) == "3"


def test_a_false_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'my-log' of .* failed its numeric test"):
        with_rules(book(), file(tmp_path, GOOD.replace("d(X) ./ X", "X .* d(X)")))
