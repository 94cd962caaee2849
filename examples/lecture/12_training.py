"""A line through points, and logistic regression: gradients derived, checked before the first step, and followed."""

import tempfile

import numpy as np

import matcalc.training

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 3))
w = np.array([2.0, -1.0, 0.5])

with tempfile.TemporaryDirectory() as folder:
    data, roles = {"X": X, "y": X @ w + 1}, {"X": "data", "y": "targets", "b": "parameter"}
    steps = {"optimiser": "sgd", "rate": 0.1, "epochs": 40, "test": 0}
    line = matcalc.training.train("J = mean((X*w + b - y).^2)", data, roles, folder, about={"dims": {"b": ()}}, **steps)
    print("slopes and offset:", line.parameters["w"].round(4), line.parameters["b"].round(4))

    data, roles = {"X": X, "y": (X @ w > 0).astype(int)}, {"X": "data", "y": "labels", "b": "parameter"}
    loss = "J = mean(softplus(X*w + b) - y .* (X*w + b))"
    sides = matcalc.training.train(loss, data, roles, folder, about={"dims": {"b": ()}}, rate=0.05, epochs=30)
    print("at least 95 % of the samples held out are right:", sides.accuracy >= 0.95)
