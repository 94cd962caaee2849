"""The score s = uᵀf(Wx + b): its gradients in formulas, then at numbers, with the error signal δ computed once."""

import numpy as np

import matcalc

d = matcalc.derive("s = u^T tanh(W x + b)")
print(d)

W, x, b, u = np.array([[1.0, 0.0, 2.0], [0.0, -1.0, 1.0]]), np.array([1.0, 2.0, 0.5]), np.zeros(2), np.array([3.0, -1.0])
value, gradients = d.function()(u=u, W=W, x=x, b=b)
delta = u * (1 - np.tanh(W @ x + b) ** 2)  # by hand
print("s =", round(float(value), 6))
print("dW is the outer product of δ and x:", np.allclose(gradients[1], np.outer(delta, x)))
print("db is δ:", np.allclose(gradients[3], delta))
