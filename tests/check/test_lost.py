"""What only rounding errors keep from a kink is refused by its name, and is no defect."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.check.lost import SHORT, refusal, short
from matcalc.expr.errors import CheckError
from tests.nodes import read

UNDECIDED = [
    "abs(logdet(A*A) - 2*logdet(A))", "1/(sum(eigvals(A)) - tr(A))",
    "abs(lgamma(tr(A) + 1) - lgamma(tr(A)) - log(abs(tr(A)))) + tr(A)",
    "log(sum(eigvals(A)) - tr(A))", "cbrt(logdet(A*A) - 2*logdet(A))", "max(logdet(A*A), 2*logdet(A))",
]  # fmt: skip


@pytest.mark.parametrize("text", UNDECIDED)
def test_what_cannot_be_decided_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(CheckError, match="up to rounding errors, at every point") as caught:
        matcalc.derive(text, wrt="A", dims={"A": ("n", "n")})
    assert "defect" not in f"{caught.value} {caught.value.hint}" and "write that in its place" in str(caught.value.hint)


def test_the_hint_works_when_it_is_followed() -> None:
    assert matcalc.derive("abs(0) + tr(A)", wrt="A").result.plain == "eye(n)"


def test_a_point_away_from_the_kink_is_enough() -> None:
    z = read("A*x - B*x")
    e = read("norm2(A*x - B*x)")
    near, far = ({n: np.full((2, 1), v) for n, v in ((z.args[0], 1.0), (z.args[1], 1.0), (z, value))} for value in (1e-16, 0.5))
    found = refusal([e], [near, near])
    assert found is not None and "‖A x - B x‖" in found.message and "not smooth" in found.message
    assert refusal([e], [near, far]) is None and refusal([e], []) is None
    there = {**near, z: np.zeros((2, 1))}
    assert refusal([e], [there]) is None and refusal([e], [there], exactly=True) is not None
    assert refusal([read("norm2(x)")], [{read("x"): np.zeros((2, 1))}]) is None  # what is given is no rest


def test_a_long_part_is_told_by_what_it_is() -> None:
    assert short(read("A*x")) == "A x" and short(read("exp(" + "+".join(["x"] * SHORT) + ")")) == "elementwise exp"


def test_no_seed_decides_whether_a_part_is_zero() -> None:
    """At some points the difference is 0 to the last bit: that is luck, and says no more than the others."""
    for seed in range(6):
        with pytest.raises(CheckError, match="up to rounding errors"):
            matcalc.derive(UNDECIDED[0], wrt="A", dims={"A": ("n", "n")}, seed=seed)


def test_a_power_with_a_whole_exponent_has_no_border() -> None:
    for seed in range(4):
        d = matcalc.derive("logsumexp(logsoftmax(a))^3 + sum(a)", wrt="a", dims={"a": ("m",)}, seed=seed)
        assert np.allclose(d["a"].evaluate({"a": np.array([0.3, -1.0, 2.0])}), 1)
