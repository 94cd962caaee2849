"""Activation functions: what is known of each beside its formula and derivative, one literal row each.

Ranges are written ``(0, 1)``, ``[-1, 1]`` or as single values, ``0 or 1``; ``~`` stands before a number that is rounded. Formulas
stand elsewhere (rules, formulas.py), derivatives follow from them; a row has a formula where no
other row writes the function out in simpler ones.
"""

from __future__ import annotations

from typing import NamedTuple


class Activation(NamedTuple):
    """A row: the call, its values, what it tends to at both ends, and where it has kinks."""

    call: str
    range: str
    slopes: str  # the range of the derivative
    low: tuple[str, str]  # what the value and the derivative tend to where the argument tends to -inf
    high: tuple[str, str]
    formula: str = ""
    cases: str = ""  # the same case by case
    flat: str = ""  # where the derivative is exactly 0
    kinks: tuple[str, ...] = ()  # places where it is not differentiable: numbers, or parameters
    example: str = ""  # values of the parameters, for a picture
    note: str = ""

    @property
    def name(self) -> str:
        return self.call[: self.call.index("(")]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The variable, then the parameters."""
        return tuple(self.call[self.call.index("(") + 1 : -1].split(", "))

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters with the values that they have in a picture."""
        return dict(part.split("=") for part in self.example.split(", ") if part)


ROWS = (
    Activation("sigmoid(z)", "(0, 1)", "(0, 1/4]", ("0", "0"), ("1", "0"), note="the logistic function"),
    Activation("tanh(z)", "(-1, 1)", "(0, 1]", ("-1", "0"), ("1", "0"),
               note="a sigmoid, scaled and moved: tanh(z) = 2*sigmoid(2*z) - 1"),
    Activation("hardtanh(z)", "[-1, 1]", "0 or 1", ("-1", "0"), ("1", "0"), formula="max(min(z, 1), -1)",
               cases="-1 for z < -1, z between, 1 for z > 1", flat="|z| > 1", kinks=("-1", "1")),
    Activation("hardtanh(z, a, b)", "[a, b]", "0 or 1", ("a", "0"), ("b", "0"), cases="a for z < a, z between, b for z > b",
               flat="z < a and z > b", kinks=("a", "b"), example="a=-1/2, b=3/2", note="for a < b"),
    Activation("relu(z)", "[0, inf)", "0 or 1", ("0", "0"), ("inf", "1"), formula="max(z, 0)",
               cases="z for z > 0, 0 for z <= 0", flat="z < 0", kinks=("0",),
               note="each unit is dead or passes its gradient as it is"),
    Activation("leakyrelu(z)", "(-inf, inf)", "1/100 or 1", ("-inf", "1/100"), ("inf", "1"),
               cases="z for z > 0, z/100 for z <= 0", kinks=("0",), note="relu with a small fixed slope: no unit dies"),
    Activation("leakyrelu(z, a)", "(-inf, inf)", "a or 1", ("-inf", "a"), ("inf", "1"),
               cases="z for z > 0, a*z for z <= 0", kinks=("0",), example="a=1/10", note="for a > 0"),
    Activation("prelu(z, a)", "(-inf, inf)", "a or 1", ("-inf", "a"), ("inf", "1"), cases="z for z > 0, a*z for z <= 0",
               kinks=("0",), example="a=1/4", note="leakyrelu with a slope a > 0 that is learned: differentiate by a too"),
    Activation("elu(z)", "(-1, inf)", "(0, 1]", ("-1", "0"), ("inf", "1"), cases="z for z > 0, exp(z) - 1 for z <= 0",
               note="smooth at 0, where its second derivative jumps"),
    Activation("elu(z, a)", "(-a, inf)", "(0, a] or 1", ("-a", "0"), ("inf", "1"),
               cases="z for z > 0, a*(exp(z) - 1) for z <= 0", kinks=("0",), example="a=1/2", note="for a > 0; no kink for a = 1"),
    Activation("gelu(z)", "[~-0.169971, inf)", "[~-0.128905, ~1.128905]", ("0", "0"), ("inf", "1"),
               note="with the normal distribution function; it falls below z = -0.7518 and rises above"),
    Activation("silu(z)", "[~-0.278465, inf)", "[~-0.099839, ~1.099839]", ("0", "0"), ("inf", "1"),
               note="also called swish; it falls below z = -1.2785 and rises above"),
    Activation("silu(z, b)", "[~-0.278465/b, inf)", "[~-0.099839, ~1.099839]", ("0", "0"), ("inf", "1"), example="b=2",
               note="swish with a parameter b > 0"),
    Activation("mish(z)", "[~-0.308843, inf)", "[~-0.113230, ~1.088498]", ("0", "0"), ("inf", "1")),
    Activation("softplus(z)", "(0, inf)", "(0, 1)", ("0", "0"), ("inf", "1"),
               note="a smooth relu; its derivative is the logistic function"),
    Activation("logsigmoid(z)", "(-inf, 0)", "(0, 1)", ("-inf", "1"), ("0", "0")),
    Activation("softsign(z)", "(-1, 1)", "(0, 1]", ("-1", "0"), ("1", "0"), note="smooth at 0, where its second derivative jumps"),
    Activation("relu6(z)", "[0, 6]", "0 or 1", ("0", "0"), ("6", "0"), cases="0 for z < 0, z between, 6 for z > 6",
               flat="z < 0 and z > 6", kinks=("0", "6")),
    Activation("hardsigmoid(z)", "[0, 1]", "0 or 1/6", ("0", "0"), ("1", "0"), cases="0 for z < -3, z/6 + 1/2 between, 1 for z > 3",
               flat="|z| > 3", kinks=("-3", "3")),
    Activation("hardswish(z)", "[-3/8, inf)", "(-1/2, 3/2)", ("0", "0"), ("inf", "1"),
               cases="0 for z < -3, z*(z + 3)/6 between, z for z > 3", flat="z < -3", kinks=("-3", "3")),
    Activation("step(z)", "0 or 1", "0", ("0", "0"), ("1", "0"), cases="1 for z > 0, 0 for z <= 0", flat="z < 0 and z > 0",
               kinks=("0",), note="it jumps at 0"),
    Activation("sign(z)", "-1 or 0 or 1", "0", ("-1", "0"), ("1", "0"), cases="1 for z > 0, 0 for z = 0, -1 for z < 0",
               flat="z < 0 and z > 0", kinks=("0",), note="it jumps at 0"),
    Activation("abs(z)", "[0, inf)", "-1 or 1", ("inf", "-1"), ("inf", "1"), cases="z for z > 0, -z for z <= 0", kinks=("0",)),
)  # fmt: skip
