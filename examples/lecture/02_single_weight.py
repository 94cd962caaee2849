"""One weight of s = uᵀf(Wx + b): the weight in row 2, column 3 reaches the second entry of z only."""

import numpy as np

import matcalc

one = matcalc.derive("s = u^T tanh(W x + b)", wrt="W_{23}")
print("by one weight:", one.result)
row = matcalc.derive("s = u^T tanh(W x + b)", wrt="W[2,:]")
print("by its row:", row.result)

rng = np.random.default_rng(0)
W, x, b, u = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=3), rng.normal(size=3)
moved = W.copy()
moved[1, 2] += 0.1
print("entries of z that move with it:", np.flatnonzero((moved @ x + b) != (W @ x + b)) + 1)
delta = u * (1 - np.tanh(W @ x + b) ** 2)
print("δ₂ x₃:", np.isclose(one.result.evaluate({"u": u, "W": W, "x": x, "b": b}), delta[1] * x[2]))
