"""What does not depend on later arguments is computed before them."""

from __future__ import annotations

from typing import Any

import numpy as np

import matcalc
from matcalc.codegen.ir.graph import ONE
from matcalc.codegen.plan.hoisting import depending, hoisted
from matcalc.codegen.plan.kernel_nodes import Kernels


def test_products_are_regrouped_so_that_what_is_fixed_is_multiplied_once() -> None:
    k = Kernels()
    a, p, b = (k.make("sym", (), name, ("n",)) for name in "apb")
    root = k.prod([a, p, b], [1, 1, 1], ONE)
    (found,), done, lasting = hoisted(k, [root], {"p"})
    assert depending([found], {"p"}) >= {found} and done[root] is found
    assert lasting and all(p is not node for node in lasting) and not depending(lasting, {"p"})


def test_an_operator_gives_the_product_of_the_hessian_for_every_vector() -> None:
    d = matcalc.derive("sum(log(1 + exp(X*w)))", wrt="w", kind="hessian", dims={"X": ("n", "m"), "w": ("m",)})
    names: dict[str, Any] = {}
    exec(d.to_code("linear-operator"), names)  # our own source
    rng = np.random.default_rng(0)
    X, w, p = rng.standard_normal((5, 3)), rng.standard_normal(3), rng.standard_normal(3)
    s = 1 / (1 + np.exp(-X @ w))
    assert np.allclose(names["s_and_hessian"](X=X, w=w)[1] @ p, X.T @ (s * (1 - s) * (X @ p)))
