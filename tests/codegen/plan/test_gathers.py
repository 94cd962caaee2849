from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.codegen import numpy_source
from matcalc.codegen.plan.gathers import without_one_hot
from matcalc.codegen.plan.kernel_nodes import Kernels
from matcalc.codegen.products.calling import task_of
from matcalc.codegen.products.runtime import compile_source

DIMS = {"Y": ("n", "c"), "y": ("c",), "F": ("n", "c"), "A": ("c", "k"), "B": ("k", "c"), "V": ("n", "k"), "W": ("k", "n"),
        "f": ("c",), "s": ("n",), "x": ("k",), "t": ()}  # fmt: skip
SIZES = {"n": 5, "c": 4, "k": 3}
OF_SAMPLES = [
    "sum(Y .* F)",
    "Y*A",
    "Y'*V + A",
    "W*Y + B",
    "B*Y'",
    "rowsum(Y .* F)",
    "rowsum(F .* Y .* F)",
    "colsum(Y .* F)",
    "F - 2*Y",
    "tr(Y'*F)",
    "tr(F*Y')",
    "diag(s)*F + diag(s)*Y",
    "exp(Y) + F",
    "(F - Y)'*V",
    "s'*Y*f",
    "Y*f",
    "sum((Y .* F).^2)",
    "Y*Y'*V",
    "ones(n)'*Y*ones(c) + sum(f)",
    "sum(Y'*V) + sum(f)",
    "Y'*Y*f",
    "sum((Y - Y/2).^2) + sum(f)",
    "Y ./ exp(F)",
]
OF_ONE = [
    "y'*f",
    "x*y' + B",
    "y*x' + A",
    "A'*y",
    "x'*B*y",
    "sum(y .* f)",
    "f - y",
    "t*y + f",
    "sum((f - y).^2)",
    "y'*A*x",
    "exp(y) + f",
]
WITHOUT_ONE_HOT = [
    "sum((F - 2*Y).^2)",
    "sum(((F - Y)'*V).^2)",
    "sum((Y*f).^2)",
    "sum((Y'*V + A).^2)",
    "sum((Y*Y'*V).^2)",
    "sum(Y*A)",
]


def values(names: set[str]) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    found = {n: rng.normal(size=[SIZES[d] for d in DIMS[n]]) for n in sorted(names)}
    return found | {"Y": np.array([2, 0, 3, 2, 1]), "y": 3}


@pytest.mark.parametrize("text", [*OF_SAMPLES, *OF_ONE])
def test_integers_give_what_one_hot_arrays_give(text: str) -> None:
    label = "Y" if "Y" in text else "y"
    names = {n for n in DIMS if n in text}
    d = matcalc.derive(
        text, wrt=sorted(names - {label})[:1] or [label], dims={n: DIMS[n] for n in names}, assume={label: "one-hot"}
    )
    task = task_of(d, None)._replace(labels=frozenset({label}))
    run = compile_source(numpy_source(task), task.name)
    given = values(names)
    order = [str(s.attr) for s in task.symbols]
    found = run(*[given[n] for n in order])
    hot = {**given, label: np.eye(SIZES["c"])[given[label]]}
    wanted = d.function()(**{n: hot[n] for n in order})
    for a, b in zip(found, wanted, strict=True):
        assert np.shape(a) == np.shape(b) and np.allclose(a, b)


@pytest.mark.parametrize("text", WITHOUT_ONE_HOT)
def test_no_array_of_zeros_and_ones_is_made(text: str) -> None:
    names = {n for n in DIMS if n in text}
    d = matcalc.derive(text, wrt=sorted(names - {"Y"})[:1], dims={n: DIMS[n] for n in names}, assume={"Y": "one-hot"})
    source = numpy_source(task_of(d, None)._replace(labels=frozenset({"Y"})))
    assert "_put_at" not in source and "np.eye" not in source


def test_sums_of_rows_are_taken_row_by_row_forward_and_back() -> None:
    """A bag of words: the context is the mean of word vectors; the backward pass uses the same value."""
    dims = {"L": ("V", "d"), "W": ("n", "d"), "u": ("n",)}
    d = matcalc.derive("u'*tanh(W*(L[i1,:] + L[i2,:] + L[i3,:])/3)", wrt="L", dims=dims)
    source = d.to_code("sparse")
    assert source.count("np.tanh(") == 1 and "_put_at(" not in source and "L.T" not in source
    rng = np.random.default_rng(0)
    given = {"L": rng.normal(size=(6, 3)), "W": rng.normal(size=(2, 3)), "u": rng.normal(size=2), "i1": 4, "i2": 1, "i3": 4}
    value, (at, rows) = d.function("sparse")(**given)
    dense = np.zeros((6, 3))
    np.add.at(dense, at, rows)
    other, wanted = d.function()(**given)
    assert np.isclose(value, other) and np.allclose(dense, wanted)
    moved = given["L"].copy()
    for i, j in ((4, 0), (1, 2), (0, 1)):
        moved[i, j] += 1e-6
        assert np.isclose((d.function()(**{**given, "L": moved})[0] - value) / 1e-6, wanted[i, j], atol=1e-5)
        moved[i, j] = given["L"][i, j]


def test_without_labels_the_kernels_are_as_they_are() -> None:
    assert without_one_hot(Kernels(), [], ()) == ([], {})


def test_labels_out_of_range_are_refused() -> None:
    d = matcalc.derive("z[y]", wrt="z")
    run = d.function()
    assert run(z=[1.0, 2.0], y=1)[0] == 2
    for wrong in (2, -1, 0.5):
        with pytest.raises(matcalc.MatcalcError, match="labels are integers from 0 to 1"):
            run(z=[1.0, 2.0], y=wrong)
