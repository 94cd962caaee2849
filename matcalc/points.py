"""A random point at which everything that is to be checked is finite and smooth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from matcalc import dims, numeric, sampling, slices
from matcalc.errors import CheckError
from matcalc.expr import Expr, postorder, substitute, sym
from matcalc.functions import Exact
from matcalc.kernels import extent

SIZED = ("eye", "ones", "zeros", "dim")  # leaves whose sizes may stand nowhere else: kron(A, eye(n))


class Point:
    """One random point: sizes, values of the symbols, of the named values, and of derivatives found so far."""

    def __init__(self, problem: Any, waypoints: Sequence[tuple[str, Expr]], roots: Sequence[Expr], results: Sequence[Expr],
                 assume: Mapping[str, frozenset[str]], functions: Mapping[str, Any], seed: int,
                 others: Sequence[Expr] = (), digits: Exact | None = None) -> None:  # fmt: skip
        literal = {d for shape in problem.dims.values() for d in shape if isinstance(d, int)}
        self.functions = functions
        self.output = roots[-1]
        self.rng = np.random.default_rng(seed)
        every = [*roots, *others, *(prune_differentials(r) for r in results)]
        nodes = postorder(every)
        symbols = [s for s in nodes if s.op == "sym"]
        shapes = [*problem.dims.values(), *((s.attr,) if s.op == "dim" else s.shape for s in nodes if s.op in SIZED)]
        names = list(dict.fromkeys(str(a) for shape in shapes for d in shape for a in dims.atoms(d)))
        bounds = slices.limits(nodes)
        if any(node.op == "dim" for node in nodes):
            literal.add(2)  # not drawn: two entries, once centred and scaled, are constant
        env = None
        for order in orders(names):
            self.sizes = sampling.choose_sizes(order, problem.ties, literal, bounds)
            env = sampling.draw(every, symbols, self.sizes, functions, assume, self.rng, 14)
            if env is not None:
                break
        if env is None:
            raise CheckError("no random point was found at which the expression is finite and smooth, so nothing can be checked",
                             hint="declare what the inputs are: assume={'A': 'spd', 'x': 'positive'}")  # fmt: skip
        self.cancelled = False  # a derivative came out as rounding errors
        self.flat: list[Expr] = []
        self.rounding = 1e-7  # times the values on the way: what rounding errors are below
        self.precise = digits is not None
        self.inverts = any(n.op == "inv" for n in nodes)
        if digits is not None:
            self.functions, self.rounding = digits, digits.rounding
            env = {e: digits.array(x) for e, x in env.items()}
        known = numeric.values(list(roots), env, self.sizes, self.functions)
        self.env: dict[Any, Any] = dict(env)
        for name, node in waypoints:
            self.env[sym(name, node.type)] = known[node]

    def value(self, e: Expr) -> Any:
        return numeric.evaluate([e], self.env, self.sizes, self.functions)[0]

    def directions(self, nodes: Sequence[Expr]) -> dict[Expr, Any]:
        return {n: self.rng.standard_normal(extent(n.type, self.sizes)) for n in nodes}


def prune_differentials(e: Expr) -> Expr:
    """The expression with every differential replaced by what it is the differential of."""
    return substitute((e,), {n: n.args[0] for n in postorder((e,)) if n.op == "d"})[0]


def orders(names: list[str]) -> Iterator[list[str]]:
    """Orders in which sizes are handed out: X'X is invertible only where X has more rows than columns."""
    yield names
    yield names[::-1]
    for i in range(1, len(names)):
        yield names[i:] + names[:i]
