"""Values of variables as they are typed or kept in files: ``x=1,W=[[1,2],[3,4]]``, ``values.npz``, ``.json``, ``.csv``."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import Any

from matcalc.expr.errors import UsageError

HOW = "write --at x=1,y=2, --at W=[[1,2],[3,4]], --at FILE.npz (.json, .csv), or --at random"
NAMED = re.compile(r"\s*([^=\[\]{}\"]+?)\s*=\s*")  # the name before a value
LONGEST = 500_000_000  # bytes of a file


def read_values(words: Sequence[str]) -> dict[str, Any]:
    """Arrays by name, from all the words together. Raises ``UsageError`` for what is none, and for a name given twice."""
    found: dict[str, Any] = {}
    for word in words:
        for name, value in _values(word):
            if name in found:
                raise UsageError(f"--at: '{name}' is given twice", hint="give each name one value")
            found[name] = value
    return found


def _values(word: str) -> Iterator[tuple[str, Any]]:
    if NAMED.match(word) is None:
        yield from _file(word).items()
        return
    for part in _parts(word):
        named = NAMED.match(part)
        if named is None:
            raise UsageError(f"--at: '{part.strip()}' has no name", hint=HOW)
        yield named[1], _value(named[1], part[named.end() :].strip())


def _parts(word: str) -> Iterator[str]:
    """The parts between commas outside of brackets."""
    depth, start = 0, 0
    for i, c in enumerate(word):
        depth += (c == "[") - (c == "]")
        if c == "," and not depth:
            yield word[start:i]
            start = i + 1
    yield word[start:]


def _value(name: str, text: str) -> Any:
    """A number, nested lists of numbers, or a file that holds one array."""
    if os.path.splitext(text)[1].lower() in (".csv", ".npy"):
        return _array(text)
    try:
        return _numbers(json.loads(text, parse_constant=_none), name)
    except ValueError:
        raise UsageError(f"--at: '{text}' is no value of '{name}': a number, a list or a file is expected", hint=HOW) from None


def _none(word: str) -> Any:
    raise ValueError(word)


def _numbers(value: Any, name: str) -> Any:
    """The value as an array. Raises ``UsageError`` for what is not made of numbers."""
    import numpy as np

    try:
        array = np.asarray(value)
    except ValueError:  # lists that are not equally long
        array = np.asarray(None)
    if array.dtype.kind not in "iuf":
        raise UsageError(f"--at: the value of '{name}' is no array of numbers", hint=HOW)
    return array


def _file(path: str) -> Mapping[str, Any]:
    """All arrays of a file, by name."""
    ending = os.path.splitext(path)[1].lower()
    if ending not in READERS:
        raise UsageError(f"--at: '{path}' is neither NAME=VALUE nor a file of values", hint=HOW)
    found = _read(path, ending)
    if not found:
        raise UsageError(f"{path} has no values", hint=HOW)
    return {name: _numbers(value, name) for name, value in found.items()}


def _read(path: str, ending: str) -> Any:
    try:
        if os.path.getsize(path) > LONGEST:
            raise UsageError(f"{path} is larger than {LONGEST} bytes", hint="give the values that are needed")
        return READERS[ending](path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except UsageError:
        raise
    except Exception as error:  # whatever a reader says of a file that is none of its own
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"cannot read {path} as {ending}: {what}", hint=HOW) from None


def _array(path: str) -> Any:
    return _numbers(_read(path, ".npy" if path.lower().endswith(".npy") else "one"), path)


def _npz(path: str) -> Any:
    import numpy as np

    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _npy(path: str) -> Any:
    import numpy as np

    return np.load(path, allow_pickle=False)


def _json(path: str) -> Any:
    with open(path, encoding="utf-8") as stream:
        found = json.load(stream, parse_constant=_none)
    if not isinstance(found, dict):
        raise UsageError(f"{path} holds no names", hint='write {"x": 1, "W": [[1, 2], [3, 4]]}')
    return found


def _rows(path: str) -> list[list[str]]:
    with open(path, encoding="utf-8-sig", newline="") as stream:
        return [row for row in csv.reader(stream) if row]


def _table(path: str) -> Any:
    """A line of names, then their columns; one line of numbers gives scalars."""
    head, *rows = _rows(path) or [[]]
    if any(len(row) != len(head) for row in rows):
        raise UsageError(f"the lines of {path} are not equally long", hint="each line has a number for each name of the first one")
    columns = [[_cell(row[i], path, line, name) for line, row in enumerate(rows, 2)] for i, name in enumerate(head)]
    return {name.strip(): c[0] if len(rows) == 1 else c for name, c in zip(head, columns, strict=True) if rows}


def _one(path: str) -> Any:
    """Lines of numbers: a matrix, or a vector where each line has one number."""
    rows = [[_cell(cell, path, line) for cell in row] for line, row in enumerate(_rows(path), 1)]
    return [row[0] for row in rows] if all(len(row) == 1 for row in rows) else rows


def _cell(text: str, path: str, line: int, column: str = "") -> float:
    """The number in a cell. Raises ``UsageError``."""
    try:
        return float(text)
    except ValueError:
        where = f"line {line}, column '{column.strip()}'" if column else f"line {line}"
        hint = "leave the column out, or put numbers for the words"
        if not column and line == 1:
            hint = f"a file with a line of names is read without one in front: --at {quote(path)}"
        raise UsageError(f"{path}: in {where}, '{text}' is no number", hint=hint) from None


READERS = {".npz": _npz, ".json": _json, ".csv": _table, ".npy": _npy, "one": _one}

__all__ = ["read_values"]
