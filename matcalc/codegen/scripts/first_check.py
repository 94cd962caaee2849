"""The gradient check before the first step. A training script contains these functions word for word."""

from __future__ import annotations

import numpy as np

from matcalc.codegen.scripts.intake import Arrays, Objective
from matcalc.codegen.scripts.row_gradients import places

STEPS = (1e-4, 1e-5, 1e-6)  # a derivative is right where one of them shows it: a kink may lie within the larger ones


def wrong_gradient(objective: Objective, parameters: Arrays, batch: Arrays, generator: np.random.Generator) -> str | None:
    """The first parameter whose gradient is not what differences of the loss say, in two of three random directions; or None.
    A loss without a value is named as such: nothing is said of its gradients.

    The differences are taken beside the start, where no bias is 0 and a kink at 0 is met by nobody; that a direction meets one
    with every step is rare, and twice is not to be expected.
    """
    point = {name: value + 0.01 * generator.standard_normal(value.shape) for name, value in parameters.items()}
    value, gradients = objective(batch, point)
    if not np.isfinite(value):
        return f"the loss is {value} at the start, where there is nothing to go down from: scale the data, or start elsewhere"
    rounding = [4e-15 * (1 + abs(value)) / h for h in STEPS]
    for name, there in point.items():
        at, found = places(gradients[name])
        if np.shape(found) != there[at].shape:
            return f"the gradient by {name} has the sizes {np.shape(found)}, and {name} has {there[at].shape}"
        wrong = []
        for _ in range(3):
            along = generator.standard_normal(there.shape)
            along /= np.linalg.norm(along)
            stated = float(np.vdot(found, along[at]))
            slopes = [slope(objective, point, batch, name, along, h) for h in STEPS]
            if not any(abs(f - stated) <= 1e-5 * max(abs(f), abs(stated)) + r for f, r in zip(slopes, rounding, strict=True)):
                wrong.append(f"along a random direction it says {stated:.8g}, differences {slopes[1]:.8g}")
        if len(wrong) > 1:
            return f"the gradient by {name} is wrong: {wrong[0]}"
    return None


def slope(objective: Objective, point: Arrays, batch: Arrays, name: str, along: np.ndarray, h: float) -> float:
    """(J(θ + h·v) − J(θ − h·v)) / 2h"""
    plus, minus = (objective(batch, {**point, name: point[name] + sign * h * along})[0] for sign in (1, -1))
    return float(plus - minus) / (2 * h)
