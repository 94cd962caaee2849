"""Data from files and sets: what is taken, what is refused and with which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcalc.codegen.scripts import data_sets
from matcalc.codegen.scripts.data_sets import arrays_for, read_data
from matcalc.codegen.scripts.roles import Role
from matcalc.expr.errors import UsageError

CSV = "length,width,species\n1,2,b\n3,4,a\n5,6,b\n"
X_Y = {"X": Role("data"), "y": Role("labels", "species")}
AXES = {"X": 2, "y": 1}


def table(tmp_path: Path, text: str, name: str = "flowers.csv") -> data_sets.Table:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_data(tmp_path / name)


def test_columns_of_a_table(tmp_path: Path) -> None:
    found, notes = arrays_for(table(tmp_path, CSV), X_Y, AXES)
    assert found["X"].tolist() == [[1, 2], [3, 4], [5, 6]] and found["y"].tolist() == [1, 0, 1]
    assert notes[0].startswith("'X' has the columns length, width of ") and notes[1] == "'y': a is 0, b is 1"
    found, _ = arrays_for(table(tmp_path, CSV), {"x": Role("data", "width"), "width": Role("targets")}, {"x": 1, "width": 1})
    assert found["x"].tolist() == found["width"].tolist() == [2, 4, 6]


def test_signs(tmp_path: Path) -> None:
    found, notes = arrays_for(table(tmp_path, CSV), {"y": Role("signs", "species")}, {"y": 1})
    assert found["y"].tolist() == [1, -1, 1] and "'y' is -1 where the data have 0, and 1 where they have 1" in notes
    with pytest.raises(UsageError, match="'y' has 3 different values, and signs are two"):
        arrays_for(table(tmp_path, CSV), {"y": Role("signs", "length")}, {"y": 1})


def test_columns_without_names_are_numbered(tmp_path: Path) -> None:
    found, _ = arrays_for(table(tmp_path, "1,2,0\n3,4,1\n"), {"X": Role("data"), "y": Role("labels", "3")}, AXES)
    assert found["X"].tolist() == [[1, 2], [3, 4]] and found["y"].tolist() == [0, 1]


@pytest.mark.parametrize("text, said", [
    ("", "is empty"),
    ("a,b\n", "has no rows of values"),
    ("a;b\n1,5;2\n", "columns with ';' between them"),
    ("a,b,species\n1,2,x\n1,2\n", "row 3 has 2 entries, and the first one 3"),
    ("a,a,species\n1,2,x\n", "two columns have one name"),
    ("a,b,species\n1,2,x\n1,?,x\n", "in row 3, column 'b', '?' is no number"),
    ("a,b,species\nRome,2,x\nOslo,2,x\n", "the column 'a' holds words, such as 'Rome'"),
    ("a,b,species\n,2,x\n1,2,x\n", "in row 2, column 'a', there is nothing"),
    ("a,b,species\n1,2,x\n1,2,\n", "row 3 has nothing in the column 'species'"),
    ("a,b,kind\n1,2,x\n", "has no column 'species': its columns are a, b, kind"),
])  # fmt: skip
def test_tables_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        arrays_for(table(tmp_path, text), X_Y, AXES)
    assert said in str(caught.value)


def test_other_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=np.ones((2, 3)), labels=np.arange(2))
    known = read_data(str(tmp_path / "a.npz"))
    found, notes = arrays_for(known, {"X": Role("data"), "y": Role("labels", "labels")}, AXES)
    assert found["X"].shape == (2, 3) and found["y"].tolist() == [0, 1] and notes == []
    with pytest.raises(UsageError, match="has no array 'y': its arrays are X, labels") as caught:
        arrays_for(known, {"y": Role("labels")}, AXES)
    assert caught.value.hint == "--roles y=labels:labels"
    for name, content, said in (("b.npz", b"", "is empty"), ("c.npz", b"text", "no file of numbers by name"),
                                ("d.csv", b"\xff\xfe", "not in UTF-8"), ("e.txt", b"1", "is no data")):  # fmt: skip
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError, match=said) as caught:
            read_data(tmp_path / name)
        assert ("UTF-8" if "UTF-8" in said else "digits, breast-cancer") in str(caught.value.hint)
    np.savez(tmp_path / "f.npz")
    with pytest.raises(UsageError, match="holds no arrays"):
        read_data(tmp_path / "f.npz")
    with pytest.raises(UsageError, match=r"cannot read .*: No such file"):
        read_data(tmp_path / "none.npz")


@pytest.mark.slow
def test_arrays_and_sets_by_name() -> None:
    found, _ = arrays_for(read_data({"X": [[1, 2]], "y": [3.5]}), {"X": Role("data"), "y": Role("targets")}, AXES)
    assert found["X"].tolist() == [[1, 2]] and found["y"].tolist() == [3.5]
    pytest.importorskip("sklearn")
    for name, shape, classes in (("digits", (1797, 64), 10), ("breast-cancer", (569, 30), 2)):
        found, _ = arrays_for(read_data(name), {"X": Role("data"), "y": Role("labels")}, AXES)
        assert found["X"].shape == shape and len(np.unique(found["y"])) == classes


def test_a_set_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(UsageError, match="comes with scikit-learn, which is not installed") as caught:
        read_data("digits")
    assert caught.value.hint == "pip install 'scikit-learn>=1.4'"


def test_long_lists_are_cut() -> None:
    wide: dict[str, Any] = {f"c{i}": ["1", "2"] for i in range(30)} | {"y": ["0", "1"]}
    _, notes = arrays_for(data_sets.Table("t.csv", {}, wide, 2), {"X": Role("data"), "y": Role("labels")}, AXES)
    assert notes == ["'X' has the columns c0, c1, c2 … c29, 30 in all, of t.csv"]
