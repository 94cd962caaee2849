"""Times are measured of the code itself, where the sizes are numbers."""

from __future__ import annotations

import time

import pytest

import matcalc
from matcalc.codegen.products.timing import seconds_of, shortest


@pytest.mark.slow
def test_only_where_sizes_are_numbers() -> None:
    assert seconds_of(matcalc.derive("x'*A*x", wrt="x")) is None
    assert seconds_of(matcalc.derive("x'*A*x", wrt="x", dims={"x": (10**9,)}, check=False)) is None
    found = seconds_of(
        matcalc.derive("-y'*log(softmax(f(A*x)))", wrt=["x", "A"], dims={"x": (3,), "A": (4, 3)}, assume={"y": "one-hot"})
    )
    assert found is not None and all(t > 0 for t in found)


def test_labels_are_drawn_as_integers() -> None:
    d = matcalc.derive(r"J = -\log \frac{e^{f_y}}{\sum_{c} e^{f_c}}", wrt="f", dims={"f": (5,)})
    assert seconds_of(d) is not None


def test_the_shortest_is_no_longer_than_what_is_run() -> None:
    assert 1e-3 <= shortest(lambda: time.sleep(1e-3)) < 1
