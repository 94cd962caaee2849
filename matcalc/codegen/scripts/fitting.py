"""Which axis of the data counts samples, and the number that each size is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from matcalc.expr import size_equations
from matcalc.expr.dims import Dim, Poly, atoms, text, value
from matcalc.expr.errors import ShapeError, UsageError

Shape = tuple[Dim, ...]


class Layout(NamedTuple):
    """``axes``: which axis of an array from data counts samples; ``sizes``: the numbers; ``shapes`` of the parameters."""

    samples: str
    axes: Mapping[str, int | None]
    sizes: Mapping[str, int]
    shapes: Mapping[str, tuple[int, ...]]


def sample_axes(data: Mapping[str, Shape], first: str, parameters: Mapping[str, Shape]) -> tuple[str, dict[str, int | None]]:
    """The size that counts samples, which is the first one of ``first``, and the axis of each array that has it.

    Raises ``UsageError`` where the loss is not one of samples that can be taken in batches.
    """
    samples = data[first][0] if data[first] else None
    if samples is None:
        hint = r"write the mean over all: \frac1N \sum_{i=1}^N …, with y_i and x_i"
        raise UsageError(f"the loss is that of one sample: '{first}' is one number in it", hint=hint)
    if not isinstance(samples, str):
        raise UsageError(
            f"'{first}' has {text(samples)} samples by its declaration, and batches have fewer", hint=f"--dim {first}=N"
        )
    axes: dict[str, int | None] = {}
    for name, shape in data.items():
        places = [i for i, d in enumerate(shape) if d == samples]
        if len(places) > 1 or any(isinstance(d, Poly) and samples in atoms(d) for d in shape):
            raise UsageError(
                f"'{name}' [{_shown(shape)}] has no axis that could be cut in batches", hint="give data a row for each sample"
            )
        axes[name] = places[0] if places else None
    for name, shape in parameters.items():
        if any(samples in atoms(d) for d in shape):
            raise UsageError(
                f"'{name}' [{_shown(shape)}] has an entry for each of the {samples} samples: no parameter is so",
                hint=_spread(name, shape, samples),
            )
    return samples, axes


def _spread(name: str, shape: Shape, samples: Dim) -> str:
    """How to say that a bias is the same for all samples."""
    data = f"if it is data: --roles {name}=data"
    if len(shape) == 1:
        return f"{data}; if it is one number for all: --dim {name}= --roles {name}=parameter"
    return f"{data}; if it is a vector that goes with each row: ones({samples})*{name}', with --dim {name}={text(shape[1])}"


def _shown(shape: Shape) -> str:
    return "×".join(map(text, shape)) or "1"


def laid_out(
    data: Mapping[str, Shape],
    first: str,
    parameters: Mapping[str, Shape],
    arrays: Mapping[str, tuple[int, ...]],
    given: Mapping[str, int],
    ties: Iterable[tuple[Dim, Dim]],
    limits: Iterable[tuple[Dim, Dim]],
    classes: Mapping[str, tuple[Dim, int]],
) -> Layout:
    """``arrays`` are the sizes that the data have, ``classes`` the sizes that count labels with how many labels there are.

    Raises ``ShapeError`` for sizes that do not fit, ``UsageError`` for those that nobody tells.
    """
    samples, axes = sample_axes(data, first, parameters)
    equations: list[tuple[Dim, Dim]] = list(given.items())
    for name, shape in data.items():
        if len(shape) != len(arrays[name]):
            message = f"'{name}' [{_shown(shape)}] is given as {_shown(arrays[name])}"
            raise ShapeError(message, hint=f"it has to have {len(shape)} axes, and is given {len(arrays[name])}")
        equations += zip(shape, arrays[name], strict=True)
    sizes = size_equations.determined([*equations, *ties])
    counted = [(d, n) for d, n in classes.values() if isinstance(d, str) and d not in sizes]
    more: dict[str, int] = {}
    for d, n in counted:
        more[str(d)] = max(n, more.get(str(d), 1))
    sizes = size_equations.determined([*equations, *ties, *more.items()])
    known = {**data, **parameters}
    _require_known(sizes, known, given)
    for name, shape in data.items():
        for size, n in zip(shape, arrays[name], strict=True):
            if value(size, sizes) != n:
                message = f"the sizes do not fit: '{name}' [{_shown(shape)}] is given as {_shown(arrays[name])}"
                raise ShapeError(f"{message}, and {text(size)} is {value(size, sizes)}", hint=_who_says(size, data, arrays, given))
    size_equations.require(sizes, ties, limits)
    return Layout(samples, axes, sizes, {n: tuple(value(d, sizes) for d in s) for n, s in parameters.items()})


def _require_known(sizes: Mapping[str, int], known: Mapping[str, Shape], given: Mapping[str, int]) -> None:
    letters = {str(a) for shape in known.values() for d in shape for a in atoms(d)}
    strange = [name for name in given if name not in letters]
    if strange:
        raise UsageError(f"there is no size '{strange[0]}': the sizes are {', '.join(sorted(letters))}", hint="--size m=64")
    missing = sorted(letters - sizes.keys())
    if missing:
        holders = [f"{name} [{_shown(s)}]" for name, s in known.items() if any(missing[0] in map(str, atoms(d)) for d in s)]
        raise UsageError(f"the data do not tell the size {missing[0]} of {', '.join(holders)}", hint=f"--size {missing[0]}=32")


def _who_says(d: Dim, data: Mapping[str, Shape], arrays: Mapping[str, tuple[int, ...]], given: Mapping[str, int]) -> str:
    said = [f"--size {d}={given[d]}"] if isinstance(d, str) and d in given else []
    said += [f"'{name}' has {n}" for name, shape in data.items() for e, n in zip(shape, arrays[name], strict=True) if e == d]
    return f"of {text(d)}: {', '.join(said)}"
