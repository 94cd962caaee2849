"""Operations counted by hand, from what the printed source does line by line."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.codegen import counted, kept_of
from matcalc.expr.dims import value

SIZES = {"n": 3, "m": 5, "k": 7}


@pytest.mark.parametrize("text, wrt, of_value, together", [
    ("s = u^T f(W x + b)", ["W", "b"], lambda n, m, k: 2 * n * m + n + n + 2 * n,  # W x, + b, f, u'h
     lambda n, m, k: 2 * n * m + n + n + 2 * n + n + n + n * m),  # f', u ∘ f', outer product
    ("tr(A*B)", "A", lambda n, m, k: 2 * n * m, lambda n, m, k: 2 * n * m),
    ("x'*A*x", "x", lambda n, m, k: 2 * n * n + 2 * n, lambda n, m, k: 2 * 2 * n * n + 2 * n + n),  # A x and x'A, their sum
])  # fmt: skip
def test_by_hand(text: str, wrt: str | list[str], of_value: object, together: object) -> None:
    dims = {"A": ("n", "m"), "B": ("m", "n")} if text.startswith("tr") else {"A": ("n", "n")} if "A" in text else {"W": ("n", "m")}
    at = (SIZES["n"], SIZES["m"], SIZES["k"])
    first, all_, _ = counted(matcalc.derive(text, wrt=wrt, dims=dims))
    assert value(first, SIZES) == of_value(*at) and value(all_, SIZES) == together(*at)  # type: ignore[operator]


def test_apart_takes_more_than_together() -> None:
    _, together, alone = counted(matcalc.derive("J = norm2(W2*tanh(W1*x) - y)^2", wrt=["W1", "W2"]))
    sizes = dict.fromkeys("nmk", 10)
    assert max(value(c, sizes) for _, c in alone) <= value(together, sizes) < sum(value(c, sizes) for _, c in alone)


def test_what_is_kept_has_the_sizes_that_arrays_have() -> None:
    d = matcalc.derive("s = u^T f(W x + b)", wrt=["W", "u"])
    kept = kept_of(d, d._pulled_back())
    assert kept == [("u", ("n",)), ("x", ("m",)), ("df", None), ("z", ("n",)), ("h", ("n",))]
