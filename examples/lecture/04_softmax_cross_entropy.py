"""Softmax and cross-entropy: the derivative by cases, and as prediction minus truth."""

import numpy as np

import matcalc

d = matcalc.derive(r"J = -\log \frac{e^{f_y}}{\sum_{c=1}^{C} e^{f_c}}", wrt="f", cases=True)
print(d.to_text().partition("Backward\n")[2].partition("\nResult")[0])

f = np.array([1.0, 3.0, 0.5, -1.0])
value, gradient = d.function()(f=f, y=2)  # labels count from 0
p = np.exp(f) / np.exp(f).sum()
print("probabilities:", p.round(4))
print("gradient:     ", gradient.round(4))
print("prediction minus truth:", np.allclose(gradient, p - np.eye(4)[2]), "sum:", abs(gradient.sum().round(9)))
