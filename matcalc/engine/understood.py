"""What was understood of a text, for the user to compare with what was meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matcalc.expr.dims import Dim
from matcalc.expr.nodes import variable_shape
from matcalc.notation.meaning.meanings import sentence
from matcalc.notation.meaning.problem import Judged, Problem


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of the input: sizes, properties and kinds of all names, notes in words, the expression in plain
    notation, which slices indexed names are, and what the text says that derivatives are. Its mappings are plain, to be copied
    and written out, and the caller's own.
    """

    dims: Mapping[str, tuple[Dim, ...]]
    assume: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, str]
    notes: tuple[str, ...]
    plain: str
    index: Mapping[str, str]
    claims: tuple[Judged, ...] = ()


KINDS = {"s": "scalar", "c": "column", "r": "row", "m": "matrix", "t": "tensor"}


def understood(p: Problem, assume: Mapping[str, frozenset[str]], plain: str) -> Reading:
    """The reading of a problem, whose expression is ``plain`` in plain notation."""
    functions = dict.fromkeys((*p.functions, *p.scalars, *p.carried), "function")
    return Reading(
        {**p.dims, **{f"{name}(…)": variable_shape(t) for name, t in p.carried.items()}},
        {name: tuple(sorted(found)) for name, found in assume.items() if found},
        {
            **{name: KINDS[t.kind] for name, t in p.types.items()},
            **functions,
            **dict.fromkeys(p.labels, "label"),
        },
        (*map(sentence, p.meanings), *(j.said for j in p.judged if j.agrees), *p.warnings),
        plain,
        dict(p.indexed),
        p.judged,
    )
