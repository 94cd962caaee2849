"""Values that are typed or kept in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcalc.expr.errors import UsageError
from matcalc.ui.given_values import HOW, read_values


def as_lists(words: list[str]) -> dict[str, Any]:
    return {name: np.asarray(value).tolist() for name, value in read_values(words).items()}


def test_typed() -> None:
    assert as_lists(["x=1,y=2,z=0"]) == {"x": 1, "y": 2, "z": 0}
    assert as_lists(["x = -1.5e2", "W=[[1, 2], [3, 4]],b=[1,2]"]) == {"x": -150.0, "W": [[1, 2], [3, 4]], "b": [1, 2]}
    assert as_lists(["λ=1, x_1=2"]) == {"λ": 1, "x_1": 2}


def test_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", x=np.array([1.0, 2.0]), a=np.float64(3))
    np.save(tmp_path / "W.npy", np.eye(2))
    (tmp_path / "v.json").write_text(json.dumps({"x": [1, 2], "a": 3}), "utf-8")
    (tmp_path / "v.csv").write_text("x,y\n1,2\n3,4\n", "utf-8")
    (tmp_path / "one.csv").write_text("\ufeffx,y\n1,2\n", "utf-8")
    (tmp_path / "W.csv").write_text("1,2\n3,4\n", "utf-8")
    (tmp_path / "b.csv").write_text("1\n2\n", "utf-8")
    assert as_lists([str(tmp_path / "v.npz")]) == {"x": [1, 2], "a": 3} == as_lists([str(tmp_path / "v.json")])
    assert as_lists([str(tmp_path / "v.csv")]) == {"x": [1, 3], "y": [2, 4]}
    assert as_lists([str(tmp_path / "one.csv")]) == {"x": 1, "y": 2}
    assert as_lists([f"W={tmp_path / 'W.csv'},b={tmp_path / 'b.csv'}"]) == {"W": [[1, 2], [3, 4]], "b": [1, 2]}
    assert as_lists([f"W={tmp_path / 'W.npy'}", "x=1"]) == {"W": [[1, 0], [0, 1]], "x": 1}


BAD = {
    "words.json": "[1]", "broken.json": "{", "nan.json": '{"x": NaN}', "text.json": '{"x": "1"}',
    "uneven.json": '{"x": [1, [2]]}',
    "empty.json": "{}", "empty.csv": "", "letters.csv": "x,y\n1,two\n",
    "lengths.csv": "x,y\n1\n", "not.npz": "PK", "head.csv": "x,y\n",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BAD))
def test_files_that_hold_no_values(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(BAD[name], "utf-8")
    with pytest.raises(UsageError) as error:
        read_values([str(tmp_path / name)])
    assert error.value.hint and (name in error.value.message or "'x'" in error.value.message)


def test_objects_are_not_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "o.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(UsageError, match="cannot read"):
        read_values([f"x={tmp_path / 'o.npy'}"])


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("x=1,2", "'2' has no name"), ("x=one", "'one' is no value of 'x'"), ("x=", "'' is no value of 'x'"),
        ("x=true", "the value of 'x' is no array of numbers"), ("x=NaN", "'NaN' is no value"),
        ("typical", "neither NAME=VALUE nor a file"),
        ("no.npz", "cannot read no.npz: No such file"), ("x=__import__('os')", "is no value of 'x'"),
    ],
)  # fmt: skip
def test_what_is_no_value(word: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        read_values([word])
    assert said in error.value.message and (error.value.hint == HOW or "No such" in said)


def test_a_name_has_one_value() -> None:
    with pytest.raises(UsageError, match="'x' is given twice"):
        read_values(["x=1", "x=2"])


def test_words_in_a_table_are_said_with_their_place(tmp_path: Path) -> None:
    table = tmp_path / "v.csv"
    table.write_text("x,city\n1,Rome\n", "utf-8")
    with pytest.raises(UsageError, match="in line 2, column 'city', 'Rome' is no number"):
        read_values([str(table)])
    table.write_text("x,y\n1,2\n", "utf-8")
    with pytest.raises(UsageError, match="in line 1, 'x' is no number") as caught:
        read_values([f"x={table}"])
    assert caught.value.hint and caught.value.hint.endswith(f"--at {table}")
    assert read_values([str(table)]) == {"x": 1, "y": 2}
