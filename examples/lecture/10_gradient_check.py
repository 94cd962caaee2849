"""Every entry of the gradients against two-sided differences; then the same with a planted mistake."""

import numpy as np

import matcalc

d = matcalc.derive("s = u^T tanh(W x + b)")
report = d.check_gradient(h=1e-4)
print("entries:", len(report.entries), "agree:", report.passed)
for cost in report.costs:
    print(f"  {cost.method}: evaluations {cost.evaluations}")

rng = np.random.default_rng(0)
W, x, b, u = rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=2), rng.normal(size=2)
wrong = np.outer(u, x)  # the derivative of tanh is forgotten
h, f, step = 1e-4, d.function(), np.zeros((2, 3))
step[0, 0] = h
slope = (f(u=u, W=W + step, x=x, b=b)[0] - f(u=u, W=W - step, x=x, b=b)[0]) / (2 * h)
print("the planted mistake is seen:", not np.isclose(wrong[0, 0], slope, rtol=1e-4))
