"""Arrays to learn from: of files, and of the data sets that scikit-learn ships."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from matcalc.codegen.scripts.roles import Role
from matcalc.expr.errors import UsageError

SETS = {"digits": "load_digits", "breast-cancer": "load_breast_cancer"}
INSTALL = "pip install 'scikit-learn>=1.4'"
HOW = "give a file (.npz, .csv), or one of " + ", ".join(SETS)
LONGEST = 2_000_000_000  # bytes of a file
LABELS = ("labels", "signs", "targets")


class Table(NamedTuple):
    """What there is to learn from: arrays by name, or the columns of a table as they are written."""

    where: str  # what messages call it
    arrays: Mapping[str, Any]
    columns: Mapping[str, list[str]]
    first_line: int = 1  # of the file, that has the first entries


def read_data(source: str | os.PathLike[str] | Mapping[str, Any]) -> Table:
    """A data set, a file, or arrays by name. Raises ``UsageError`` for what is none."""
    if isinstance(source, Mapping):
        if not source:
            raise UsageError("the data hold no arrays", hint=HOW)
        return Table("the data", {str(name): _array(name, array) for name, array in source.items()}, {})
    if not isinstance(source, str | os.PathLike):
        raise UsageError(
            f"data of the type {type(source).__name__} are no data", hint=f"give arrays by name; or {HOW.removeprefix('give ')}"
        )
    path = os.fspath(source)
    if path in SETS:
        return _data_set(path)
    ending = os.path.splitext(path)[1].lower()
    if ending not in (".npz", ".csv"):
        raise UsageError(f"'{path}' is no data", hint=HOW)
    try:
        size = os.path.getsize(path)
        if size == 0 or size > LONGEST:
            raise UsageError(f"{path} is {'empty' if size == 0 else f'larger than {LONGEST} bytes'}", hint=HOW)
        return _npz(path) if ending == ".npz" else _csv(path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}", hint=HOW) from None


def _array(name: object, array: object) -> Any:
    import numpy as np

    try:
        return np.asarray(array)
    except ValueError:  # lists that are not equally long
        raise UsageError(
            f"the data '{name}' are no array: its rows are not equally long", hint="give each row as many numbers"
        ) from None


def _data_set(name: str) -> Table:
    try:
        from sklearn import datasets
    except ImportError:
        raise UsageError(f"the data set {name} comes with scikit-learn, which is not installed", hint=INSTALL) from None
    found = getattr(datasets, SETS[name])()
    return Table(f"the data set {name}", {"data": found.data, "labels": found.target}, {})


def _npz(path: str) -> Table:
    from matcalc.codegen.scripts.intake import read_arrays

    try:
        arrays = read_arrays(Path(path))
    except ValueError as error:
        raise UsageError(f"cannot read {path}: {error}", hint=HOW) from None
    if not arrays:
        raise UsageError(f"{path} holds no arrays", hint="save them in it by their names: np.savez(FILE, X=X, y=y)")
    return Table(path, arrays, {})


def _csv(path: str) -> Table:
    """With a line of names, where that has a word in it; else the columns are 1, 2, …"""
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream) if row]
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not in UTF-8 (byte {error.start + 1})", hint="save it as UTF-8") from None
    except csv.Error as error:
        raise UsageError(f"cannot read {path} as .csv: {error}", hint=HOW) from None
    if mark := next((c for c in ";\t" if rows and len(rows[0]) == 1 and c in rows[0][0]), ""):
        raise UsageError(f"{path} has columns with {mark!r} between them", hint="save it with commas, and numbers with points")
    named = bool(rows) and not any(map(_is_number, rows[0]))
    head = [cell.strip() for cell in rows[0]] if named else [str(i + 1) for i in range(len(rows[0]) if rows else 0)]
    body = rows[named:]
    if not body:
        raise UsageError(
            f"{path} has no rows of values", hint="give it a row of numbers for each sample, below the names of its columns"
        )
    for number, row in enumerate(body, 1 + named):
        if len(row) != len(head):
            raise UsageError(f"{path}: row {number} has {len(row)} entries, and the first one {len(head)}",
                             hint="give each row as many entries, or leave it out")  # fmt: skip
    if len(set(head)) < len(head):
        raise UsageError(f"{path}: two columns have one name", hint="give each column a name of its own")
    return Table(path, {}, {name: [row[i].strip() for row in body] for i, name in enumerate(head)}, 1 + named)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return not text.strip()
    return True


def arrays_for(table: Table, roles: Mapping[str, Role], axes: Mapping[str, int]) -> tuple[dict[str, Any], list[str]]:
    """The array of each name that comes from data (``axes``: how many it has), and what was decided. Raises ``UsageError``."""
    wanted = {name: role for name, role in roles.items() if name in axes}
    taken = {name: _source(table, name, role, axes[name]) for name, role in wanted.items()}
    found, notes = {}, []
    for name, source in taken.items():
        if not table.columns:
            array = table.arrays[source]
        elif source:
            array = _column(table, source, wanted[name].kind in ("labels", "signs"))
        else:
            rest = [c for c in table.columns if c not in taken.values()]
            if not rest:
                raise UsageError(f"{table.where} has no columns left for '{name}'", hint=f"--roles {name}=data:COLUMN")
            array = _joined(table, rest)
            notes.append(f"'{name}' has the columns {_listed(rest)} of {table.where}")
        found[name], more = _as_labels(name, array, wanted[name].kind)
        notes += more
    return found, notes


def _listed(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:3])} … {names[-1]}, {len(names)} in all,"


def _source(table: Table, name: str, role: Role, count: int) -> str:
    """The array or column of a name; an empty text for all columns that nobody else has."""
    known = table.columns or table.arrays
    of_set = {"data": "data"} | dict.fromkeys(LABELS, "labels") if table.where.startswith("the data set") else {}
    source = role.source or (name if name in known else of_set.get(role.kind))
    if source in known:
        return str(source)
    if source is None and table.columns and role.kind == "data" and count == 2:
        return ""
    what = "columns" if table.columns else "arrays"
    said = f"no {what[:-1]} '{source or name}'"
    raise UsageError(
        f"{table.where} has {said}: its {what} are {_listed(list(known))}", hint=f"--roles {name}={role.kind}:{list(known)[-1]}"
    )


def _column(table: Table, source: str, labels: bool) -> Any:
    import numpy as np

    words = table.columns[source]
    if labels and not all(map(_is_number, words)):
        if "" in words:
            raise UsageError(
                f"{table.where}: row {words.index('') + table.first_line} has nothing in the column '{source}'", hint=HOW
            )
        return np.array(words)
    return _numbers(table, source)


def _joined(table: Table, names: list[str]) -> Any:
    import numpy as np

    return np.stack([_numbers(table, name) for name in names], axis=1)


def _numbers(table: Table, source: str) -> Any:
    import numpy as np

    found = []
    words = [word for word in table.columns[source] if not _is_number(word)]
    if len(words) == len(table.columns[source]):
        hint = f"words are labels, --roles y=labels:{source} for a name y of the formula; else leave the column out of the file"
        raise UsageError(f"{table.where}: the column '{source}' holds words, such as '{words[0]}'", hint=hint)
    for number, word in enumerate(table.columns[source], table.first_line):
        try:
            found.append(float(word))
        except ValueError:
            what = f"'{word}' is no number" if word else "there is nothing"
            hint = "leave such rows out, or give the column another role"
            raise UsageError(f"{table.where}: in row {number}, column '{source}', {what}", hint=hint) from None
    return np.array(found)


def _as_labels(name: str, array: Any, kind: str) -> tuple[Any, list[str]]:
    """Words numbered in the order of the alphabet; two classes as −1 and 1 where signs are asked for."""
    import numpy as np

    notes = []
    if kind in ("labels", "signs") and array.dtype.kind in "UO":
        classes, array = np.unique(array.astype(str), return_inverse=True)
        notes.append(f"'{name}': {_listed([f'{word} is {i}' for i, word in enumerate(classes)])}")
    if kind == "signs":
        classes = np.unique(array)
        if len(classes) != 2:
            raise UsageError(f"'{name}' has {len(classes)} different values, and signs are two", hint=f"--roles {name}=labels")
        notes.append(f"'{name}' is -1 where the data have {classes[0]}, and 1 where they have {classes[1]}")
        array = np.where(array == classes[1], 1.0, -1.0)
    return array, notes
