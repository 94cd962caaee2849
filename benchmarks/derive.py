"""Deriving time by depth: all gradients of s = uᵀf(Wx + b), and of networks h_{k+1} = f(W_k h_k + b_k).

``python benchmarks/derive.py`` prints milliseconds of CPU time (best of several), with every ``.plain`` and every
step forced, without the numeric check. The peers (SymPy, tensorgrad, JAX tracing) are timed beside it where they are installed.
"""

from __future__ import annotations

import gc
import importlib.util
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import matcalc


def best(task: Callable[[], Any], repeats: int) -> float:
    """Milliseconds of the fastest run."""
    fastest = float("inf")
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        task()
        fastest = min(fastest, time.process_time() - start)
    return 1e3 * fastest


def force(d: Any) -> int:
    """Every printed form, so that nothing is left lazy; the number of characters."""
    return sum(len(r.plain) for r in d.results) + sum(len(s.lhs.plain) + len(s.rhs.plain) for s in d.steps)


def network(depth: int) -> tuple[str, dict[str, tuple[str, ...]], list[str]]:
    layers = [f"h{k} = f(W{k}*{f'h{k - 1}' if k > 1 else 'x'} + b{k})" for k in range(1, depth + 1)]
    dims: dict[str, tuple[str, ...]] = {f"W{k}": ("n", "n") for k in range(1, depth + 1)}
    dims |= {f"b{k}": ("n",) for k in range(1, depth + 1)} | {"x": ("n",), "u": ("n",)}
    wrt = [name for name in dims if name[0] in "Wb"]
    return f"s = u'*h{depth}; " + "; ".join(layers), dims, wrt


def jax_tracing(depth: int) -> float:
    """Milliseconds that JAX takes to trace the gradient of the same network."""
    import jax
    import jax.numpy as jnp

    def loss(params: Any, x: Any, u: Any) -> Any:
        for w, b in params:
            x = jnp.tanh(w @ x + b)
        return u @ x

    params = [(jnp.ones((3, 3)), jnp.ones(3)) for _ in range(depth)]
    return best(lambda: jax.make_jaxpr(jax.grad(loss))(params, jnp.ones(3), jnp.ones(3)), 3)


def derive_unchecked(text: str, wrt: list[str], dims: dict[str, tuple[str, ...]]) -> None:
    force(matcalc.derive(text, wrt=wrt, dims=dims, check=False))


def main() -> None:
    print(f"example: {best(lambda: force(matcalc.derive('s = u^T f(W x + b)', check=False)), 100):8.2f} ms")
    for depth in (1, 4, 16, 64, 256, 2000):
        text, dims, wrt = network(depth)
        own = best(partial(derive_unchecked, text, wrt, dims), 3 if depth < 1000 else 1)
        line = f"{depth:5d} layers, {len(wrt)} gradients: {own:8.1f} ms"
        if importlib.util.find_spec("jax") and depth <= 256:
            line += f"   JAX tracing {jax_tracing(depth):8.1f} ms"
        print(line)


if __name__ == "__main__":
    main()
