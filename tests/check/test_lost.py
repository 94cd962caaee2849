"""What only rounding errors keep from a kink is refused by its name, and is no defect."""

from __future__ import annotations

import re

import numpy as np
import pytest

import matcalc
from matcalc.check.lost import SHORT, refusal, short
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import make
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
    e = read("x")
    for _ in range(60):
        e = make("hadamard", (make("add", (e, e)), e))
    assert short(e) == "elementwise product"  # more than could ever be written out


@pytest.mark.slow
@pytest.mark.rounding
def test_no_seed_decides_whether_a_part_is_zero() -> None:
    """At some points the difference is 0 to the last bit: that is luck, and says no more than the others."""
    for seed in range(6):
        with pytest.raises(CheckError, match="up to rounding errors"):
            matcalc.derive(UNDECIDED[0], wrt="A", dims={"A": ("n", "n")}, seed=seed)


@pytest.mark.slow
def test_a_power_with_a_whole_exponent_has_no_border() -> None:
    for seed in range(4):
        d = matcalc.derive("logsumexp(logsoftmax(a))^3 + sum(a)", wrt="a", dims={"a": ("m",)}, seed=seed)
        assert np.allclose(d["a"].evaluate({"a": np.array([0.3, -1.0, 2.0])}), 1)


VECTORS = {"a": ("p",), "b": ("p",), "x": ("p",), "y": ("p",)}
DIMS = VECTORS | {"A": ("n", 2), "B": (2, "n"), "U": ("p", "p"), "Z": ("n", "n"), "t": ()}
# What has a rank below its size whatever its variables are, as it stands in the text and as NumPy has it.
SINGULAR = {
    "a*b'": lambda v: np.outer(v["a"], v["b"]),
    "ones(p)*a'": lambda v: np.outer(np.ones(5), v["a"]),
    "A*B": lambda v: v["A"] @ v["B"],
    "Z*A*B*Z": lambda v: v["Z"] @ v["A"] @ v["B"] @ v["Z"],
    "A*(A'*Z*A)*A'": lambda v: v["A"] @ (v["A"].T @ v["Z"] @ v["A"]) @ v["A"].T,
    "eye(p) - ones(p)*ones(p)'/p": lambda v: np.eye(5) - np.ones((5, 5)) / 5,
    "U*(eye(p) - x*x'/(x'*x))": lambda v: v["U"] @ (np.eye(5) - np.outer(v["x"], v["x"]) / (v["x"] @ v["x"])),
    "x*ones(p)' - ones(p)*x'": lambda v: v["x"][:, None] - v["x"],
    "kron(a*b', U)": lambda v: np.kron(np.outer(v["a"], v["b"]), v["U"]),
    "[U, U; U, U]": lambda v: np.block([[v["U"]] * 2] * 2),
    "diag(x - x)": lambda v: np.zeros((5, 5)),
    "sum(x)*ones(p, p)": lambda v: v["x"].sum() * np.ones((5, 5)),
}

ZERO = ["1/(t - t)", "(t - t)^-1 + t", "log(t - t)", "sum(x ./ (x - x))", "1/det(a*b')", "log(norm2(x - x))", "x'*y/norm2(x - x)"]
SOMETIMES = ["tr(inv(A'*A))", "logdet(a*a' + U*U')", "tr(inv((a*b') .* U))", "1/det(eye(p) - 2*x*x')", "1/det(A'*A)"]


def values() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    return {name: rng.standard_normal([{"p": 5, "n": 4}.get(d, d) for d in shape]) for name, shape in DIMS.items()}


@pytest.mark.sample(7)
@pytest.mark.parametrize("inside", SINGULAR)
@pytest.mark.parametrize("form", ["tr(inv({})) + y'*y", "logdet({}) + y'*y", "e = norm1(inv({}))*y; norm2(max(e, e)) + y'*y"])
def test_what_is_singular_for_all_values_is_named_and_the_hint_works(inside: str, form: str) -> None:
    matrix = SINGULAR[inside](values())
    assert np.linalg.matrix_rank(matrix) < len(matrix)
    with pytest.raises(CheckError, match="is singular whatever its variables are") as caught:
        matcalc.derive(form.format(inside), dims=DIMS)
    assert "defect" not in str(caught.value) and "no random point" not in str(caught.value)
    whole = re.search(r": (\w+\(.*\))$", str(caught.value.hint))
    if whole is not None:
        assert matcalc.derive(f"sum({whole[1]}) + t^2", wrt="t", dims=DIMS).results


@pytest.mark.parametrize("text", ZERO)
def test_what_divides_by_0_for_all_values_is_named(text: str) -> None:
    with pytest.raises(CheckError, match="has no value") as caught:
        matcalc.derive(text, dims=DIMS)
    assert "leave that part out" in str(caught.value.hint)


@pytest.mark.parametrize("text", SOMETIMES)
def test_what_is_singular_for_some_values_only_is_derived(text: str) -> None:
    assert matcalc.derive(text, dims=DIMS | {"A": ("n", "p")}).results


def test_a_declared_property_makes_a_matrix_singular() -> None:
    with pytest.raises(CheckError, match="L is singular whatever its variables are"):
        matcalc.derive("tr(inv(L)*Z)", wrt="Z", dims={"L": ("n", "n"), "Z": ("n", "n")}, assume={"L": "laplacian"})
