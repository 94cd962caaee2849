"""Word vectors looked up by number: only rows of words in the training data move; television is left behind."""

import numpy as np

import matcalc

WORDS = ("TV", "telly", "television", "book", "paper")
START = np.array([[1.0, 0.9], [0.9, 1.0], [1.0, 1.0], [-1.0, -0.9], [-0.9, -1.0]])
seen, sides = np.array([0, 1, 3, 4]), np.array([1.0, 1.0, -1.0, -1.0])  # television is not in the data

d = matcalc.derive("J = sum(softplus(-y .* (L[idx,:]*w)))", dims={"L": ("V", "d"), "idx": ("N",)}, wrt=["L", "w"])
step = d.function("sparse")

for moving in (False, True):
    L, w = START.copy(), np.array([-1.0, 0.2])
    for _ in range(200):
        _, ((at, rows), grad_w) = step(L=L, w=w, y=sides, idx=seen)
        w = w - 0.01 * grad_w
        if moving:
            np.add.at(L, at, -0.3 * rows)
    print("vectors trained too:" if moving else "vectors left alone:")
    print("  rows that moved:", [word for word, a, b in zip(WORDS, L, START, strict=True) if (a != b).any()])
    print("  said to be a screen:", [word for word, vector in zip(WORDS, L, strict=True) if vector @ w > 0])
