"""Deriving time by length: all gradients of s = uᵀf(Wx + b), of networks h_{k+1} = f(W_k h_k + b_k), of products and sums.

``python benchmarks/derive.py`` prints milliseconds of CPU time (best of several), with every ``.plain`` and every
step forced, without the numeric check. SymPy and the tracing of JAX are timed beside it where they are installed.
"""

from __future__ import annotations

import gc
import importlib.util
import resource
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import matcalc
from matcalc.expr.nodes import postorder

Asked = dict[str, Any]  # arguments of derive
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


def layer_norms(n: int) -> Asked:
    return {"expression": "u'*" + "layernorm(W*" * n + "x" + ")" * n}


def residual(n: int) -> Asked:
    lines = "; ".join(f"h{i} = h{i - 1} + tanh(W{i}*h{i - 1})" for i in range(1, n + 1))
    return {"expression": f"s = u'*h{n}; {lines}", "dims": {"h0": ("n",), "u": ("n",)}}


def softmax_hessian(n: int) -> Asked:
    return {"expression": "u'*" + "softmax(W*" * n + "x" + ")" * n, "kind": "hessian", "wrt": "x"}


def quadratics_hessian(n: int) -> Asked:
    return {"expression": "*".join(f"(x'*A{i}*x)" for i in range(n)), "kind": "hessian", "wrt": "x"}


def named_terms(n: int) -> Asked:
    return {"expression": " + ".join(f"x{i}'*x{i}" for i in range(n))}


def blocks(n: int) -> Asked:
    rows = "; ".join(", ".join(f"A{i}_{j}" for j in range(n)) for i in range(n))
    return {"expression": f"u'*[{rows}]*v", "dims": {f"A{i}_{j}": (f"n{i}", f"m{j}") for i in range(n) for j in range(n)}}


def own_function(n: int) -> Asked:
    return {"expression": f"f(t) = {'*'.join(f'tanh({i}*t)' for i in range(1, n + 1))}; sum(f(x))", "dims": {"x": ("n",)}}


def doubling(n: int) -> Asked:
    lines = "; ".join(f"a{i} = a{i - 1}*a{i - 1} + a{i - 1}" for i in range(1, n + 1))
    return {"expression": f"a{n}; a0 = x'*x; {lines}", "dims": {"x": ("n",)}, "wrt": "x", "kind": "hessian"}


def doubling_scalar(n: int) -> Asked:
    return {**doubling(n), "expression": str(doubling(n)["expression"]).replace("x'*x", "x"), "dims": {"x": ()}}


# What must not grow faster than the shared graph: every output in every detail, with the check.
GROWTH: tuple[tuple[str, Callable[[int], Asked], tuple[int, ...]], ...] = (
    ("nested layer norms", layer_norms, (8, 16, 32, 64)), ("residual layers", residual, (8, 16, 32, 64)),
    ("Hessian of nested softmax", softmax_hessian, (2, 3, 4, 6)),
    ("Hessian of a product of quadratic forms", quadratics_hessian, (4, 8, 16)),
    ("sum of named terms", named_terms, (375, 750, 1500)),
    ("square of blocks", blocks, (5, 10, 20)), ("own function with many factors", own_function, (6, 12, 24)),
    ("a = a·a + a, Hessian", doubling, (4, 12, 18, 60)), ("the same of a scalar", doubling_scalar, (18, 40)),
)  # fmt: skip
FORMS = ("to_text", "to_latex", "to_markdown", "to_html")


def all_outputs(asked: Asked) -> str:
    """Characters of all outputs together and nodes of the results, or the refusal."""
    try:
        d = matcalc.derive(**asked)
    except matcalc.LimitError as error:
        return f"refused: {error.message}"
    size = len(d.to_json()) + len(d.to_code())
    size += sum(len(getattr(d, form)(detail=detail)) for form in FORMS for detail in ("brief", "normal", "full"))
    nodes = len(postorder([r.expr for r in d.trace.results] + [s.rhs.expr for s in d.trace.steps]))
    return f"{size / 1000:8.0f} kB, {nodes:6d} nodes, {size / nodes:6.0f} characters a node"


def growth() -> None:
    """Time, size and memory of every output in families that share much."""
    print("family: seconds and size of all outputs together, largest memory of the process so far")
    for name, family, lengths in GROWTH:
        for n in lengths:
            start = time.process_time()
            said = all_outputs(family(n))
            seconds, megabytes = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{name}, n = {n}: {seconds:6.2f} s, {said}, {megabytes:5.0f} MB", flush=True)


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
    growth()
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
