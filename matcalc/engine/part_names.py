"""Entries, rows and columns that are differentiated by: what ``W_{23}``, ``W[2,3]``, ``x_i`` and ``w_k`` mean beside a text.

Indices count from 1. A number takes one entry, row or column; a letter stands for each of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from matcalc.expr import dims
from matcalc.expr.errors import AmbiguityError, UsageError
from matcalc.expr.nodes import Expr, shape_of, size_text
from matcalc.notation.lex.habits import ENTRIES
from matcalc.notation.lex.latex_names import as_known, slice_bases, spellings
from matcalc.notation.meaning.problem import Problem

WHOLE = ""  # the place of an axis that is taken whole
_BRACKETS = re.compile(r"(?P<base>[^\[\]]+)\[(?P<inside>[^\[\]]*)\]\Z")
_LOWERED = re.compile(r"(?P<base>.+?)_(?:\{(?P<group>[^{}]+)\}|(?P<inside>[^_{}^]+))\Z")
_LABELLED = re.compile(r"(?P<label>[^\W\d_])_\w")
_PLACE = re.compile(r"\d+|[^\W\d_]|:|·")
Place = int | str


class Part(NamedTuple):
    """``places`` has one index an axis: a number, a letter, or ``WHOLE``."""

    label: str  # as it was asked for
    array: str
    places: tuple[Place, ...]
    member: str = ""  # how the text calls it, where it has rows x_i and no X
    picked: Expr | None = None  # the one-hot vector of the integer label that says which: u_o is Uᵀ o
    of: tuple[str, ...] = ()  # the letters of the entry of the output whose derivative is meant

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(map(str, self.places))

    @property
    def letters(self) -> tuple[str, ...]:
        """The indices that stand for all."""
        return tuple(dict.fromkeys(p for p in self.labels if p.isalpha() and not self.picked))

    @property
    def identifier(self) -> str:
        """What code calls it."""
        found = [str(p) for p in self.places if isinstance(p, int) or (p and self.picked)]
        which = "row" if self.places[-1] == WHOLE else "col" if self.places[0] == WHOLE else ""
        return "_".join([self.array, which + "_".join(found)]) if found else self.array

    @property
    def chosen(self) -> bool:
        """Whether it is less than the whole array."""
        return self.picked is not None or any(isinstance(p, int) for p in self.places)


def part_called(problem: Problem, name: str) -> Part | None:
    """The part of an array that the name means; None where it is the name of something else. Raises ``UsageError`` for a part
    that the array has not, ``AmbiguityError`` for several meanings."""
    text = re.sub(r"\\cdot|\\colon", "·", name.strip())
    found = _BRACKETS.match(text)
    bracket = found is not None
    found = found or _LOWERED.match(text)
    if found is None or as_known(name, (*problem.symbols, *problem.dims)) in {**problem.symbols, **problem.dims}:
        return None
    groups = found.groupdict()
    base, inside = groups["base"], (groups.get("group") or groups["inside"] or "").strip()
    array = as_known(base, problem.symbols)
    said = next((s for t, s in problem.indexed.items() if not slice_bases(t).isdisjoint(spellings(base))), "")
    if array not in problem.symbols:
        array = said.partition("[")[0]
    if array not in problem.symbols:
        return None
    variable = problem.symbols[array]
    places = _places(problem, name, variable, inside, bracket)
    row = said if said.startswith(f"{array}[") else ""
    if row and len(places) == 1 and len(shape_of(variable.type)) == 2:
        places = tuple(WHOLE if p == ":" else places[0] for p in row[len(array) + 1 : -1].split(","))
        member = f"{spellings(base)[0]}_{next(filter(None, places))}"
        return Part(name, array, places, member, _picked(problem, name, variable, places))
    return Part(name, array, *_fitting(problem, name, variable, places))


def of_entry(problem: Problem, name: str, part: Part | None) -> Part:
    """The part of a variable by which any entry of the output is differentiated: ∂z_i/∂W_ij. Raises ``UsageError``."""
    count = len(shape_of(problem.output.type))
    value = f"{problem.output_name}_{{{''.join(problem.at)}}}"
    if count != len(problem.at):
        raise UsageError(f"'{value}' has {len(problem.at)} indices, and {problem.output_name} is {size_text(problem.output.type)}",
                         hint=f"write {problem.output_name} without indices, for all of its entries")  # fmt: skip
    if part is None or WHOLE in part.places or part.picked is not None:
        array = part.array if part else as_known(name, problem.symbols)
        free = [c for c in ENTRIES if c not in problem.at and c not in problem.symbols]
        places = "".join(free[: len(problem.symbols[array].shape)]) if array in problem.symbols else ""
        hint = f"write {array}_{{{places}}}, or " if places else ""
        raise UsageError(f"the derivative of the entry '{value}' is taken by entries, and '{name}' is none",
                         hint=f"{hint}differentiate {problem.output_name} by {array}, without indices")  # fmt: skip
    return part._replace(of=problem.at)


def _places(problem: Problem, name: str, variable: Expr, inside: str, bracket: bool) -> tuple[Place, ...]:
    """The indices, each by itself; y_i is one where y are labels."""
    labelled = _LABELLED.fullmatch(inside)
    if labelled and labelled["label"] in problem.labels:
        inside = labelled["label"]
    parts = [p.strip() for p in inside.split(",")] if bracket or "," in inside else _split(name, variable, inside)
    if not all(_PLACE.fullmatch(p) for p in parts):
        raise UsageError(f"'{name}': an index is a number, a letter or ':', and this is '{inside}'",
                         hint=f"differentiate by one entry or row of '{variable.attr}', or by all of it")  # fmt: skip
    if bracket and problem.numpy:
        raise AmbiguityError(
            f"'{name}' beside '{problem.numpy}' has two readings: counted from 0 as in NumPy, or from 1 as in mathematics",
            hint=f"write {variable.attr}_{{{','.join(parts)}}}, which counts from 1",
        )
    if "0" in parts:
        raise UsageError(f"'{name}': indices count from 1, and there is no entry 0", hint="NumPy's x[0] is x[1] here")
    return tuple(int(p) if p.isdigit() else WHOLE if p in ":·" else p for p in parts)


def _picked(problem: Problem, name: str, variable: Expr, places: Sequence[Place]) -> Expr | None:
    """The integer label that picks the part, where there is one. Raises ``UsageError`` for an index that is the name of something
    else, and for labels of samples."""
    sizes = {str(a) for shape in problem.dims.values() for d in shape for a in dims.atoms(d)}
    for letter in [p for p in places if isinstance(p, str) and p]:
        label = problem.symbols[letter] if letter in problem.labels else None
        if label is not None and label.type.kind == "c" and sum(p != WHOLE for p in places) == 1:
            return label
        if letter in problem.labels:
            _refuse_picked(problem, name, variable, letter, sizes)
        if letter in sizes or letter in problem.symbols:
            what = "a size" if letter in sizes else "a variable"
            raise UsageError(f"'{name}': '{letter}' is {what} of the expression, and cannot be an index too",
                             hint="take another letter, or a number")  # fmt: skip
    return None


def _refuse_picked(problem: Problem, name: str, variable: Expr, letter: str, sizes: set[str]) -> NoReturn:
    at = max(name.rfind("_{"), name.rfind("["))
    base, places = (name[:at], name[at:]) if at > 0 else (name[: name.rfind("_")], name[name.rfind("_") :])
    taken = {*problem.symbols, *sizes, *problem.functions, *problem.carried, *problem.scalars, problem.output_name, *places}
    other = next((c for c in ENTRIES if c not in taken), "1")
    any_part = base + re.sub(rf"{letter}(_\w)?", other, places)
    raise UsageError(
        f"'{name}' is the part of '{variable.attr}' that the integer label '{letter}' picks, and derivatives by such "
        "a part are not supported",
        hint=f"differentiate by {any_part}, which is any of them, or by {variable.attr}",
    )


def _split(name: str, variable: Expr, inside: str) -> list[str]:
    """``23`` of a matrix is 2, 3, and of a vector 23."""
    axes = len(shape_of(variable.type))
    if axes < 2 and inside.isdigit():
        return [inside]
    if axes == 2 and inside.isdigit() and len(inside) > 2:
        ways = [f"{variable.attr}_{{{inside[:k]},{inside[k:]}}}" for k in range(1, len(inside)) if inside[k] != "0"]
        raise AmbiguityError(f"'{name}' has several readings: {' or '.join(ways)}", hint=f"write {ways[0]}")
    return [c for c in inside if not c.isspace()]


def _fitting(problem: Problem, name: str, variable: Expr, places: Sequence[Place]) -> tuple[tuple[Place, ...], str, Expr | None]:
    """The same, where the array has these entries; no other name, and the label that picks them. Raises ``UsageError``."""
    array, shape = variable.attr, shape_of(variable.type)
    if not 1 <= len(shape) <= 2:
        what = "a number: it has no entries" if not shape else f"{size_text(variable.type)}, and parts of it are not supported"
        raise UsageError(f"'{name}': '{array}' is {what}", hint=f"differentiate by '{array}'")
    if len(places) != len(shape):
        ways = f"{array}[i]" if len(shape) == 1 else f"{array}[i,j] for an entry, {array}[i,:] for a row, {array}[:,j] for a column"
        count = "one index" if len(places) == 1 else f"{len(places)} indices"
        raise UsageError(f"'{name}' has {count}, and '{array}' is {size_text(variable.type)}", hint=f"write {ways}")
    letters = [p for p in places if isinstance(p, str) and p]
    for letter in letters:
        if letters.count(letter) > 1:
            raise UsageError(f"'{name}' is the diagonal of '{array}'", hint=f"differentiate by '{array}', and take the diagonal")
    picked = _picked(problem, name, variable, places)
    if all(p == WHOLE for p in places):
        raise UsageError(f"'{name}' is all of '{array}'", hint=f"differentiate by '{array}'")
    for p, size in zip(places, shape, strict=True):
        if isinstance(p, int) and dims.at_most(p, size) is False:
            raise UsageError(f"'{name}' is outside: index {p} of {dims.text(size)}", hint="indices count from 1, ends included")
    return tuple(places), "", picked
