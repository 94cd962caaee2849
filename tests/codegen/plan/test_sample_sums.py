"""What is a sum over samples, and what is not."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.codegen.plan.sample_sums import FIXED, ROWS, SUM, Samples, split
from matcalc.codegen.products.calling import task_of
from matcalc.codegen.targets.numpy_target import planned

DIMS = {"X": ("N", "d"), "Z": ("d", "N"), "w": ("d",), "y": ("N",), "a": (), "S": ("d", "d"), "G": ("N", "N")}


def states(text: str, wrt: str = "w") -> tuple[list[str | None], Samples]:
    task = task_of(matcalc.derive(text, dims=DIMS, wrt=wrt, check=False), None)
    roots = planned(task).roots
    samples = Samples(roots, "N")
    return [samples.states[r] for r in roots], samples


@pytest.mark.parametrize(
    "text, wrt, wanted",
    [
        ("norm2(X*w - y)^2", "w", [SUM, SUM]),
        ("sum(exp(Z'*w) .* y)", "w", [SUM, SUM]),
        ("norm2(X*w - y)^2/N", "w", [SUM, SUM]),
        ("norm2(X*w - y)^2", "y", [SUM, ROWS]),
        ("a*w'*w", "w", [FIXED, FIXED]),
        ("tr(S*X'*X)", "X", [SUM, ROWS]),
        ("norm2(X*w - y)", "w", [None, None]),
        ("max(X*w)", "w", [None, None]),
        ("y'*G*y", "y", [None, None]),
        ("logsumexp(X*w)", "w", [None, None]),
        ("(y'*X*w)^2", "w", [None, None]),
        ("exp(y'*X*w)", "w", [None, None]),
        ("y'*y/(1 + w'*w)", "w", [SUM, SUM]),
        ("1/(y'*y) + w'*w", "w", [None, FIXED]),
    ],
)
def test_states(text: str, wrt: str, wanted: list[str | None]) -> None:
    assert states(text, wrt)[0] == wanted


def test_a_term_without_samples_stands_apart() -> None:
    d = matcalc.derive("(norm2(X*w - y)^2 + a*w'*w)/2", dims=DIMS, wrt="w", check=False)
    plan = planned(task_of(d, None))
    samples = Samples(plan.roots, "N")
    for root in plan.roots:
        parts = split(plan.kernels, samples, root)
        assert parts and parts.added and parts.rest
        assert Samples([parts.added, parts.rest], "N").states[parts.added] == SUM
        assert Samples([parts.added, parts.rest], "N").states[parts.rest] == FIXED
