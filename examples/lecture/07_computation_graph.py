"""f = (x + y)·max(y, z) at (1, 2, 0): values forward, gradients back; y goes two ways, and what comes back is added."""

import matcalc

d = matcalc.derive("f = (x + y)*max(y, z)", dims={"x": (), "y": (), "z": ()})
graph = d.graph(at={"x": 1, "y": 2, "z": 0})
print(graph.to_text())

h = 1e-6
f = d.function()
slope = (f(x=1, y=2 + h, z=0)[0] - f(x=1, y=2 - h, z=0)[0]) / (2 * h)
print("the slope in y, by differences:", round(float(slope), 6))
