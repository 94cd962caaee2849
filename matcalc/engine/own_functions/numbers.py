"""Values of scalar formulas at numbers: how readings are compared and derivatives are checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import Expr
from matcalc.notation.meaning.problem import Scalar
from matcalc.notation.write.render import render

if TYPE_CHECKING:
    import numpy.typing as npt

    from matcalc.numeric.evaluation import Array, Elementwise

AGREE = 1e-10
LARGEST = 1e100  # of the numbers in a formula
# No round numbers: kinks and poles of what people write are at those.
SIZES = (0.3137, 0.8127, 1.6729, 0.0413, 2.4173, 0.5671, 3.7319, 6.1237, 12.739, 31.417, 101.3)
POINTS = tuple(sign * x for x in SIZES[:9] for sign in (1, -1)) + SIZES[9:]


def tables(scalars: Mapping[str, Scalar]) -> dict[str, Elementwise]:
    """The functions as the numeric layer takes them, complex-safe, with derivatives of every order."""
    if not scalars:
        return {}
    from matcalc.numeric.evaluation import Elementwise

    def of(f: Scalar) -> Elementwise:
        return Elementwise(lambda order: lambda x: value(f.bodies[order], f.parameter, scalars, x), True)

    return {name: of(f) for name, f in scalars.items()}


def value(formula: Expr, parameter: Expr, scalars: Mapping[str, Scalar], x: npt.ArrayLike) -> Array:
    """The formula at each entry of ``x``."""
    import numpy as np

    from matcalc.numeric import evaluation

    x = np.asarray(x)
    (found,) = evaluation.evaluate([formula], {parameter: x[..., None, None]}, {}, tables(scalars))
    return np.broadcast_to(found, (*x.shape, 1, 1))[..., 0, 0]


def finite(
    formulas: Sequence[Expr], parameter: Expr, scalars: Mapping[str, Scalar], points: Sequence[float] = POINTS
) -> tuple[Array, list[Array]]:
    """The points at which all formulas have a finite real value, and their values there."""
    import numpy as np

    x = np.array(points)
    found = [value(f, parameter, scalars, x) for f in formulas]
    good = np.all([np.isfinite(v) for v in found], axis=0)
    return x[good], [v[good] for v in found]


def constant_is_small(constant: Expr, parameter: Expr, scalars: Mapping[str, Scalar]) -> bool:
    """Whether a formula without the parameter has a value that is no giant (NaN is none)."""
    if constant.op == "num":
        return bool(abs(constant.attr) <= LARGEST and constant.attr.denominator <= LARGEST)
    size = abs(complex(value(constant, parameter, scalars, 0.0)))
    return not bool(size > LARGEST)


def difference(a: Expr, b: Expr, parameter: Expr, scalars: Mapping[str, Scalar]) -> tuple[float, float, float] | None:
    """A point at which two formulas differ, with both values; None where they agree.

    Raises ``CheckError`` where there is no point to compare them at.
    """
    import numpy as np

    x, (u, v) = finite((a, b), parameter, scalars)
    if not len(x):
        raise _nowhere(a)
    apart = np.abs(u - v) > AGREE * np.maximum(np.abs(u), np.abs(v)) + 1e-14 * np.abs(u).max()
    if not apart.any():
        return None
    i = int(apart.argmax())
    return float(x[i]), float(u[i]), float(v[i])


def disagreement(formula: Expr, found: Expr, parameter: Expr, scalars: Mapping[str, Scalar]) -> float:
    """Largest relative error of a derivative against complex steps of the formula."""
    import numpy as np

    x, (y, got) = finite((formula, found), parameter, scalars)
    want = np.imag(value(formula, parameter, scalars, x + 1e-20j)) / 1e-20
    y, got, want = (v[np.isfinite(want)] for v in (y, got, want))
    if not len(want):
        raise _nowhere(formula)
    floor = 1e-6 * np.maximum(np.abs(y), np.median(np.abs(want)))  # far out, 1 - σ(z) has no digits left
    scale = np.maximum(np.maximum(np.abs(got), np.abs(want)), floor)
    return float(np.max(np.abs(got - want) / np.where(scale > 0, scale, 1)))


def _nowhere(formula: Expr) -> CheckError:
    message = f"no point was found at which {render(formula)} has a value, so it cannot be checked"
    return CheckError(message, hint="is it what was meant?")


__all__ = [
    "AGREE",
    "LARGEST",
    "POINTS",
    "constant_is_small",
    "difference",
    "disagreement",
    "finite",
    "tables",
    "value",
]
