"""A window of five word vectors: one long error signal, cut into a gradient for each word."""

import numpy as np

import matcalc

WORDS = ("museums", "in", "Paris", "are", "amazing")
blocks = r" \quad ".join(f"x_{{{word}}}" for word in WORDS)
text = rf"J = u^\top \tanh(W x_{{window}} + b), x_{{window}} = [{blocks}], x_{{window}} \in \mathbb{{R}}^{{5d}}"
d = matcalc.derive(text)
for result in d.results[:5]:
    print(f"{result.wrt}: {result}")

rng = np.random.default_rng(0)
vectors = {f"x_{word}": rng.normal(size=4) for word in WORDS}
W, b, u = rng.normal(size=(3, 20)), rng.normal(size=3), rng.normal(size=3)
h = np.tanh(W @ np.concatenate(list(vectors.values())) + b)
long = W.T @ (u * (1 - h**2))  # by hand, in one piece
for word, piece in zip(WORDS, np.split(long, 5), strict=True):
    mine = d[f"x_{word}"].evaluate({**vectors, "W": W, "b": b, "u": u})
    print(f"the piece of {word}:", np.allclose(mine, piece))
