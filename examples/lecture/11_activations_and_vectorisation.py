"""Activations and their slopes, an identity judged, and a loop over word vectors against one product."""

import numpy as np

import matcalc

for name in ("sigmoid", "tanh", "relu", "leakyrelu", "elu"):
    print(f"{name}: {matcalc.derive(f'y = {name}(z)', dims={'z': ()}).result.plain}")

print("tanh z, 2 logistic(2z) - 1:", bool(matcalc.equal("tanh(z)", "2*sigmoid(2*z) - 1")))
print("tanh z, 2 logistic(z) - 1:", bool(matcalc.equal("tanh(z)", "2*sigmoid(z) - 1")))

words, W = np.random.default_rng(0).normal(size=(500, 300)), np.random.default_rng(1).normal(size=(5, 300))
loop = np.stack([W @ word for word in words])
print("loop and product agree:", np.allclose(loop, words @ W.T), loop.shape)
