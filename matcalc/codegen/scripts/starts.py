"""Where training starts. A training script contains these functions word for word."""

from __future__ import annotations

import numpy as np

from matcalc.codegen.scripts.intake import Arrays, Objective


def xavier(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Uniform in (−r, r) with the variance r²/3 = 2/(n_in + n_out)."""
    inputs, outputs = (*shape, 1, 1)[:2]
    r = np.sqrt(6 / (inputs + outputs))
    return generator.uniform(-r, r, shape)


def start_biases(objective: Objective, parameters: Arrays, biases: list[str], data: Arrays) -> None:
    """Put the biases where the loss is least while all weights are 0 (the mean target, the logit of the mean label …).

    Hidden biases have no gradient there and stay 0; those of the output are found by BFGS on the loss with its gradients.
    """
    point = {name: np.zeros_like(value) for name, value in parameters.items()}

    def at(x: np.ndarray) -> tuple[float, np.ndarray]:
        parts = np.split(x, np.cumsum([point[name].size for name in biases])[:-1])
        for name, part in zip(biases, parts, strict=True):
            point[name] = part.reshape(point[name].shape)
        try:
            value, gradients = objective(data, point)
        except np.linalg.LinAlgError:  # the inverse of 0
            return np.inf, np.zeros_like(x)
        return value, np.concatenate([np.ravel(gradients[name]) for name in biases])

    x = np.zeros(sum(point[name].size for name in biases))
    value, slope = at(x)
    inverse = np.eye(x.size)  # of the second derivatives
    for _ in range(200):
        if not np.isfinite(value) or np.abs(slope).max() < 1e-10:
            break
        move = -inverse @ slope
        size = min(1.0, 1 / np.abs(move).max())
        while size > 1e-12 and not (later := at(x + size * move))[0] <= value + 1e-4 * size * (slope @ move):
            size /= 2
        if size <= 1e-12:
            break
        moved, turned = size * move, later[1] - slope
        x, (value, slope) = x + moved, later
        if (along := moved @ turned) > 0:
            left = np.eye(x.size) - np.outer(moved, turned) / along
            inverse = left @ inverse @ left.T + np.outer(moved, moved) / along
    at(x)
    for name in biases:
        parameters[name][...] = point[name]
