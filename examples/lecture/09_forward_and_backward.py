"""Two nodes with forward and backward, chained by hand: together they give the gradient of the whole."""

import numpy as np

import matcalc

nodes: dict[str, type] = {}
for text in ("h = tanh(W x + b)", "s = u^T h"):
    exec(matcalc.derive(text).to_code("class"), nodes)
layer, score = nodes["HNode"](), nodes["SNode"]()

rng = np.random.default_rng(0)
W, x, b, u = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=3), rng.normal(size=3)
s = score.forward(u=u, h=layer.forward(W=W, x=x, b=b))
grad_u, upstream = score.backward()  # starts with 1 at the output
grad_W, grad_x, grad_b = layer.backward(upstream)

whole = matcalc.derive("s = u^T tanh(W x + b)").function()
value, gradients = whole(u=u, W=W, x=x, b=b)
print("value:", np.isclose(s, value))
for name, mine, theirs in zip("uWxb", (grad_u, grad_W, grad_x, grad_b), gradients, strict=True):
    print(f"gradient by {name}:", mine.shape, np.allclose(mine, theirs))
