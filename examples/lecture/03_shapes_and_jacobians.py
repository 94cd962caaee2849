"""Jacobians have a row for each output and a column for each input; gradients have the shape of their variable."""

import numpy as np

import matcalc

layer = matcalc.derive("y = f(W x + b)", wrt="x")
print("layer:", layer.result, layer.result.shape)

softmax = matcalc.derive("p = softmax(z)")
print("softmax:", softmax.result, softmax.result.shape)
J = softmax.result.evaluate({"z": np.array([1.0, 2.0, 0.0])})
print(J.round(4))
print("columns add up to zero:", np.allclose(J.sum(axis=0), 0))

try:
    matcalc.derive("s = u^T f(W x + b) + x^T W x", dims={"W": ("n", "m")})
except matcalc.MatcalcError as error:
    print(type(error).__name__)
    print(error)
