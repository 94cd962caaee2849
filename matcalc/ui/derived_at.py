"""A derivation at values that are typed or kept in files: the values help to say what the names are."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from matcalc.expr.errors import AmbiguityError, ShapeError

if TYPE_CHECKING:
    from matcalc.results import Derivation


def point(words: tuple[str, ...]) -> Any:
    """What ``--at`` says: arrays by name, ``"random"``, or nothing."""
    if words == ("random",):
        return "random"
    from matcalc.ui.given_values import read_values

    return read_values(words) if words else None


def derived(text: str, at: Any, arguments: dict[str, Any]) -> Derivation:
    """In the reading that the values fit: that of the text alone if they do, else with their sizes declared."""
    from matcalc import api

    if isinstance(at, dict):
        with suppress(AmbiguityError, ShapeError):
            d = api.derive(text, **arguments)
            if fits(d, at):
                return d
        sizes = {name: value.shape for name, value in at.items()}
        arguments = arguments | {"dims": sizes | arguments.get("dims", {})}
    return api.derive(text, **arguments)


def fits(d: Derivation, at: Mapping[str, Any]) -> bool:
    """Whether the values have as many axes as the inputs; labels may be the integers that they are."""
    inputs = {name: len(symbol.shape) for name, symbol in d.problem.symbols.items()}
    return all(at[name].ndim in (n, n - (name in d.problem.labels)) for name, n in inputs.items() if name in at)
