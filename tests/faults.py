"""Planting faults: the probes that are derived, what is true of them, and what a fault lets through."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from matcalc.algebra.pullbacks import Compiler
from matcalc.algebra.rule import Book, make_book
from matcalc.api import Derivation, book, derive
from matcalc.engine.defined_functions import own_functions
from matcalc.expr.errors import CheckError, MatcalcError
from matcalc.expr.nodes import Expr, sym, type_of
from matcalc.numeric import evaluation

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]

SQUARE = {"A": ("n", "n"), "X": ("n", "n"), "B": ("n", "n"), "x": ("n",), "y": ("n",), "b": ("n",)}
SCALARS = {"a": (), "b": ()}
COLUMNS = {"x": ("n",), "y": ("n",)}

# Where a check is weakest first: a relu whose argument is negative hides everything behind it.
GRADIENTS: dict[str, dict[str, Any]] = {
    "s = sum(max(A*x, b)) + sum(relu(x - b))": {"dims": SQUARE},
    "s = u^T f(W x + b)": {},
    "s = u^T f(W x + c)": {"layout": "numerator"},
    "s = tr(X'*A*X*B) + logdet(X)": {"dims": SQUARE},
    "s = -y'*log(softmax(W*x))": {},
    "s = (a*x - b)'*(A + A')*y/(x'*x)": {"dims": {**SQUARE, "a": ()}},
    "s = norm2(A*x-b)^2 + x'*x": {},
    "s = x'*A*x*(b'*x) + y'*A*y": {"dims": SQUARE},
    "s = x'*inv(A)*y - det(A)": {"dims": SQUARE},
    "s = sum(exp(x) ./ (1 + y.^2))": {"dims": COLUMNS},
    "s = h'*h; h = sigmoid(z); z = W*x + W*y": {},
    "s = exp(a*b)/a - a^b": {"dims": SCALARS},
    "s = tr(diag(x)*A) + sum(X*y)": {"dims": SQUARE},
    "s = sum(rowsum(X.^3)) + norm2(X)": {"dims": {"X": ("m", "n")}},
    "s = x'*inv(A*B)*y*tr(A) + y'*diag(x)*x": {"dims": SQUARE},
    "s = tr(inv(A*X)*B)*tr(X)": {"dims": SQUARE, "wrt": "X"},
    "s = x'*A*B*x - tr(A^3)": {"dims": SQUARE, "assume": {"A": "symmetric"}, "wrt": ["x", "B"]},
    "s = norm2(X'*X*X - A)^2": {"dims": SQUARE, "wrt": "X"},
}
OTHERS: dict[str, dict[str, Any]] = {
    "y = A*f(B*x)": {"dims": {"A": ("n", "n"), "B": ("n", "n")}, "wrt": "x", "style": "differential"},
    "y = softmax(A*x) .* x": {"dims": {"A": ("n", "n")}, "wrt": "x", "style": "differential"},
    "Y = A*X*B + X'": {"dims": SQUARE, "wrt": "X", "kind": "jacobian"},
    "s = x'*A*x + sum(exp(B*x))": {"dims": SQUARE, "wrt": "x", "kind": "hessian"},
    "s = x'*inv(A)*y": {"dims": SQUARE, "wrt": ["x", "A"], "kind": "mixed"},
    "s = sum((X*x).^3)": {"dims": {"v": ("n",), "x": ("n",)}, "wrt": "x", "kind": "hvp", "direction": "v"},
}
CHAINED: dict[str, dict[str, Any]] = {
    "h = A*f(B*x) + b": {"dims": SQUARE, "wrt": "x"},
    "h = softmax(A*x) .* x + sin(A*x)": {"dims": SQUARE, "wrt": "x"},
    "h = A*tanh(B*sin(A*x + b) + b)": {"dims": SQUARE, "wrt": ["x", "b"]},
    "h = exp(t*(A*x)) - b*t": {"dims": {**SQUARE, "t": ()}, "wrt": ["x", "t", "b"]},
}
# Where two ordinary points show one branch only, or nothing but zeros.
BLIND: dict[str, dict[str, Any]] = {
    "s = a*b + max(a, b)": {"dims": SCALARS},
    "s = b*min(a, 7) + abs(a)": {"dims": SCALARS},
    "s = x'*y + relu(x[1] - y[2])": {"dims": {"x": (3,), "y": (3,)}},
    "s = x'*y + sum(relu(x - 40))": {"dims": COLUMNS},
    "s = y'*y + sum(hardtanh(x/30 + y))": {"dims": COLUMNS},
    "s = a*b - relu(relu(a) - 3)*b + elu(a)": {"dims": SCALARS},
    "s = x'*x*prod(y) + x'*b": {"dims": {"x": ("n",), "b": ("n",), "y": ("m",)}, "assume": {"y": "binary"}},
    "s = x'*y + sum(f(x)); f(t) = max(t, t/10)": {"dims": COLUMNS},
    "s = x'*y + sum(f(x - 1))": {"dims": COLUMNS, "functions": {"f": "relu"}},
    "s = x'*x + norm1(A*x)*relu(a) + step(a)*a": {"dims": {**SQUARE, "a": ()}},
}
PROBES = {**GRADIENTS, **OTHERS, **CHAINED, **BLIND}
PLACES = (1, 1, 60, 60)  # how large the numbers are at which such probes are judged
ENOUGH = len(PROBES) if os.environ.get("MATCALC_THOROUGH") else 1  # failed checks, after which a fault is caught


@cache
def clean(text: str) -> Derivation:
    return derive(text, **PROBES[text])


# ---------------------------------------------------------------- what is true


@cache
def truth(text: str) -> tuple[tuple[dict[Any, Any], dict[str, int]], ...]:
    """Random values for the symbols, and what they give for each line of the derivation without a fault; on all branches."""
    if text not in BLIND:
        return (true_values(text, np.random.default_rng(5)),)
    return tuple(true_values(text, np.random.default_rng(k), scale) for k, scale in enumerate(PLACES))


def true_values(text: str, rng: np.random.Generator, scale: float = 0) -> tuple[dict[Any, Any], dict[str, int]]:
    """Numbers of both signs, ``scale`` times as large as others, or positive ones."""
    d = clean(text)
    names = sorted({str(s) for shape in d.dims.values() for s in shape})
    sizes = {name: 3 + i for i, name in enumerate(names)}
    env: dict[Any, Any] = {}
    symbols = {s.attr: s for s in d.problem.symbols.values()}
    if "direction" in PROBES[text]:
        name = PROBES[text]["direction"]
        symbols[name] = sym(name, type_of(tuple(d.dims[name])))
    for s in symbols.values():
        shape = tuple(sizes.get(x, x) for x in s.shape)
        env[s] = evaluation.to_internal(rng.uniform(0.3, 1.5, shape), s.type)
        if s.type[0] == "m" and s.type[1] == s.type[2]:
            env[s] = env[s] + 2 * np.eye(len(env[s]))
        if scale:
            env[s] = scale * env[s] * rng.choice([-1, 1], env[s].shape)
        if "symmetric" in d.assume.get(s.attr, ()):
            env[s] = env[s] + env[s].T
        if "binary" in d.assume.get(s.attr, ()):
            env[s] = np.ones(env[s].shape)
    for step in d.trace.steps:
        if step.kind in ("definition", "local", "chain", "block", "shape"):
            env[step.lhs.expr] = value(step.rhs.expr, env, sizes, d)
    return env, sizes


def value(e: Expr, env: dict[Any, Any], sizes: dict[str, int], d: Derivation) -> Any:
    table = {**own_functions(d.problem), **{name: evaluation.from_user(f, name) for name, f in d.functions.items()}}
    return evaluation.evaluate([e], env, sizes, evaluation.WithGeneric(table))[0]


def same(x: Any, y: Any) -> bool:
    return x.shape == y.shape and bool(np.allclose(x, y, rtol=1e-7, atol=1e-9))


def false_lines(d: Derivation, text: str) -> Iterator[str]:
    """What a derivation says that is not so."""
    for env, sizes in truth(text):
        yield from false_at(d, text, env, sizes)


def false_at(d: Derivation, text: str, env: dict[Any, Any], sizes: dict[str, int]) -> Iterator[str]:
    for step in d.trace.steps:
        for e in (step.rhs.expr, *([step.via.expr] if step.via else [])):
            if step.lhs.expr in env and not same(value(e, env, sizes, d), env[step.lhs.expr]):
                yield f"{step.lhs.text} = {step.rhs.text}"
    for r, other in zip(d.trace.results, clean(text).trace.results, strict=True):
        if r.wrt != other.wrt or not same(value(r.expr, env, sizes, d), value(other.expr, env, sizes, d)):
            yield f"result for {r.wrt}: {r.text}"
        if r.named.expr is not r.expr and not same(value(r.named.expr, env, sizes, d), value(r.expr, env, sizes, d)):
            yield f"result for {r.wrt} in print: {r.named.text}"
        for node, name in (*r.names.items(), *r.named.names.items()):
            if sym(name, node.type) in env and not same(value(node, env, sizes, d), env[sym(name, node.type)]):
                yield f"{name} stands for {node}"


def outcome(plant: Plant, probes: dict[str, dict[str, Any]], enough: int = ENOUGH) -> tuple[int, list[str]]:
    """How many derivations the fault makes fail their check, and what false things are shown nevertheless."""
    for text in probes:
        truth(text)
    caught, shown = 0, []
    with pytest.MonkeyPatch.context() as patch:
        fresh = Compiler(book())
        patch.setattr("matcalc.deriving.compiler", lambda: fresh)
        plant(patch)
        for text in probes:
            try:
                d = derive(text, **probes[text])
            except CheckError as error:
                assert error.exit_code == 4
                caught += 1
            except (MatcalcError, KeyError, AssertionError, IndexError, ValueError, AttributeError):
                pass  # it shows nothing either
            else:
                shown += [f"{text}: {line}" for line in false_lines(d, text)]
            if caught >= enough:
                break
    return caught, shown


def plant_and_judge(plant: Plant, probes: dict[str, dict[str, Any]] | None = None) -> None:
    caught, shown = outcome(plant, GRADIENTS if probes is None else probes)
    assert not shown, f"{len(shown)} false lines were shown, such as {shown[0]}"
    assert caught, "the fault changes nothing that a probe shows"


# ---------------------------------------------------------------- planting


def with_row(name: str, equation: str, where: str | None = None) -> Book:
    """The shipped book with one row changed."""
    assert name in book().rows()
    groups = {
        group: tuple(replace(r, equation=equation, where=where or r.where) if r.name == name else r for r in rows)
        for group, rows in book().groups.items()
    }
    return make_book(groups, book().sources)


def around(patch: Patch, owner: Any, name: str, change: Callable[[Any], Any], *others: Any) -> None:
    """Let a function answer something else: ``change`` of what it answers."""
    original = getattr(owner, name)
    for place in (owner, *others):
        patch.setattr(place, name, lambda *args, **kwargs: change(original(*args, **kwargs)))


def known(faults: dict[str, Any], weak: dict[str, str]) -> list[Any]:
    """Test parameters; a fault that the check is known not to see is expected to fail, for a reason."""
    return [
        pytest.param(name, marks=[pytest.mark.xfail(reason=weak[name], strict=True)] if name in weak else []) for name in faults
    ]
