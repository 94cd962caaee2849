"""Both passes in the order in which they run, what is kept between them, and what one pass saves."""

import matcalc

passes = matcalc.derive("s = u^T f(W x + b)").passes()
print("forward: ", ", ".join(step.lhs.text for step in passes.forward))
print("backward:", ", ".join(step.lhs.text for step in passes.backward))
print("kept:    ", ", ".join(kept.name for kept in passes.kept))

sizes = {"W": (100, 300), "V": (10, 100)}
cost = matcalc.derive("J = -y'*log(softmax(V*tanh(W*x + b)))", dims=sizes, assume={"y": "one-hot"}).passes().cost
apart = sum(count for _, count in cost.alone)
print(f"operations: value {cost.value}, one pass {cost.together}, a pass for each gradient {apart}")
