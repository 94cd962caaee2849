"""Deriving time by length: all gradients of s = uᵀf(Wx + b), of networks h_{k+1} = f(W_k h_k + b_k), of products and sums.

``python benchmarks/derive.py`` prints milliseconds of CPU time (best of several), with every ``.plain`` and every
step forced, without the numeric check. SymPy and the tracing of JAX are timed beside it where they are installed.
"""

from __future__ import annotations

import gc
import importlib.util
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import matcalc

Problem = tuple[str, dict[str, tuple[str, ...]], list[str]]  # text, sizes, variables


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


def network(depth: int) -> Problem:
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


def product(n: int) -> Problem:
    """uᵀ A₁ … A_n v, by all factors: partial products are named."""
    names = [f"A{i}" for i in range(1, n + 1)]
    return f"s = u'*{'*'.join(names)}*v", {a: ("n", "n") for a in names} | {"u": ("n",), "v": ("n",)}, names


def product_by_one(n: int) -> Problem:
    text, dims, names = product(n)
    return text, dims, [names[n // 2]]


def quadratics(n: int) -> Problem:
    """Σ xᵀ A_i x, by x."""
    names = [f"A{i}" for i in range(1, n + 1)]
    return " + ".join(f"x'*{a}*x" for a in names), {a: ("n", "n") for a in names} | {"x": ("n",)}, ["x"]


def trace_of_power(n: int) -> Problem:
    return f"tr(X^{n})", {"X": ("n", "n")}, ["X"]


def squares(n: int) -> Problem:
    """t₀ = t₁², t₁ = t₂² …: 2ⁿ factors when written out."""
    lines = [f"t{i} = t{i + 1}^2" for i in range(n)]
    return "; ".join([*lines, f"t{n} = x'*x"]), {"x": ("n",)}, ["x"]


FAMILIES: tuple[tuple[str, Callable[[int], Problem], tuple[int, ...]], ...] = (
    ("product, by all factors", product, (10, 100, 1000)), ("product, by one factor", product_by_one, (10, 100, 1000)),
    ("sum of quadratic forms", quadratics, (10, 100, 1000)), ("tr(X^n)", trace_of_power, (10, 100, 1000)),
    ("squares of squares", squares, (8, 16, 32, 64)),
)  # fmt: skip


def sympy_time(name: str, n: int) -> float | None:
    """Milliseconds that SymPy takes for the same derivative, None where it has no counterpart."""
    import sympy as S

    size = S.Symbol("n")
    S.core.cache.clear_cache()
    matrices = [S.MatrixSymbol(f"A{i}", size, size) for i in range(1, n + 1)]
    u, x = S.MatrixSymbol("u", size, 1), S.MatrixSymbol("x", size, 1)
    if name == "product, by one factor":
        value, by = u.T * S.MatMul(*matrices) * x, matrices[n // 2]
    elif name == "sum of quadratic forms":
        value, by = S.MatAdd(*[x.T * a * x for a in matrices]), x
    elif name == "tr(X^n)":
        value, by = S.Trace(matrices[0] ** n), matrices[0]
    else:
        return None
    return best(lambda: value.diff(by), 1)


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
    slow: set[str] = set()
    for name, family, lengths in FAMILIES:
        for n in lengths:
            own = best(partial(derive_unchecked, *_by_all(*family(n))), 3)
            theirs = None if name in slow else sympy_time(name, n)
            if theirs is not None and theirs > 2000:
                slow.add(name)  # the next length would take minutes
            beside = "" if theirs is None else f"   SymPy {theirs:8.1f} ms, {theirs / own:.0f} times as long"
            print(f"{name}, n = {n}: {own:8.1f} ms{beside}")


def _by_all(text: str, dims: dict[str, tuple[str, ...]], wrt: list[str]) -> tuple[str, list[str], dict[str, tuple[str, ...]]]:
    return text, wrt, dims


if __name__ == "__main__":
    main()
