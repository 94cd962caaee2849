"""Sizes are read off the shapes of the arguments, also out of sums and products."""

from __future__ import annotations

import pytest

from matcalc.codegen.products.extents import Parameter, Sizes
from matcalc.codegen.products.identifiers import Names
from matcalc.expr.dims import Dim, add, mul, sub
from matcalc.expr.errors import UsageError


def value(d: Dim, shapes: dict[str, tuple[Dim, ...]], sizes: dict[str, int], ties: list[tuple[Dim, Dim]] | None = None) -> int:
    """What the text of the size evaluates to, where the arguments have their true shapes."""
    from types import SimpleNamespace

    from matcalc.expr.dims import value as number

    found = Sizes(Names(), {name: Parameter(name, shape) for name, shape in shapes.items()}, ties or [])
    text = found.text(d)
    given = {name: SimpleNamespace(shape=tuple(number(axis, sizes) for axis in shape)) for name, shape in shapes.items()}
    for line in found.lines:
        name, _, expression = line.partition(" = ")
        given[name] = eval(expression, {}, given)  # our own text of sizes
    return int(eval(text, {}, given))


@pytest.mark.parametrize(
    ("d", "shape"),
    [
        ("n", ("n",)), ("n", (mul(3, "n"),)), ("n", (add("n", 1),)), ("n", (add(mul(3, "n"), 1),)), ("n", ("m", mul("m", "n"))),
        ("n", ("m", sub("m", "n"))), (add("n", "m"), ("m", "n")), (mul("m", "n"), (mul("m", "n"),)), (sub("m", "n"), ("m", "n")),
        (7, ("n",)), ("n", ("m", add(mul("m", "n"), "m"))),
    ],
)  # fmt: skip
def test_the_text_is_the_size(d: Dim, shape: tuple[Dim, ...]) -> None:
    from matcalc.expr.dims import value as number

    sizes = {"n": 5, "m": 11}
    assert value(d, {"x": shape}, sizes) == number(d, sizes)


def test_ties_tell_sizes_that_no_argument_has() -> None:
    assert value("k", {"x": ("n",)}, {"n": 12, "k": 4}, [("n", mul(3, "k"))]) == 4


def test_a_size_that_nothing_tells() -> None:
    with pytest.raises(UsageError, match="the size k cannot be read off any argument"):
        Sizes(Names(), {"x": Parameter("x", ("n",))}, []).text("k")


def test_a_size_is_read_once() -> None:
    sizes = Sizes(Names(), {"x": Parameter("x", ("n",))}, [])
    assert sizes.text("n") == sizes.text("n") == "n" and sizes.lines == ["n = x.shape[0]"]
