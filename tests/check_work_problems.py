"""Problems and programs of which work is made: those that people ask about."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np

SIZES = {"n": 4, "m": 3, "d": 3, "k": 2, "p": 5, "q": 2, "h": 3}


class Asked(NamedTuple):
    """A problem with the sizes of its symbols."""

    text: str
    wrt: str
    dims: Mapping[str, tuple[str, ...]]
    assume: Mapping[str, str] = {}
    kind: str | None = None
    names: Mapping[str, str] = {}

    @property
    def sizes(self) -> dict[str, int]:
        used = {s for shape in self.dims.values() for s in shape}
        return {s: n for s, n in SIZES.items() if s in used}


def _asked(row: str) -> Asked:
    """``text | variable | A:mn x:n c: | B=symmetric | kind``."""
    text, wrt, letters, *more = (part.strip() for part in row.split("|"))
    dims = {name: tuple(sizes) for name, _, sizes in (word.partition(":") for word in letters.split())}
    assume = dict(word.split("=") for word in more[0].split()) if more else {}
    return Asked(text, wrt, dims, assume, more[1] if len(more) > 1 else None)


_PROBLEMS = """
norm2(A*x - b)^2 | x | A:mn x:n b:m
1/2*norm2(A*x - b)^2 | x | A:mn x:n b:m
norm2(X*w - y)^2 + lambda*norm2(w)^2 | w | X:nd w:d y:n lambda:
1/n*norm2(X*w - y)^2 | w | X:nd w:d y:n
x'*A*x | x | A:nn x:n
x'*A*x + b'*x + c | x | A:nn x:n b:n c:
a'*x*x'*b | x | a:n x:n b:n
tr(X*A) | X | X:nm A:mn
tr(X'*A*X) | X | X:nm A:nn
tr(X'*A*X*B) | X | X:nm A:nn B:mm
tr(A*X*B*X') | X | A:nn X:nm B:mm
tr(X^2*B) | X | X:nn B:nn
tr(Y*inv(X)) | X | Y:nn X:nn
a'*inv(X)*b | X | X:nn a:n b:n
logdet(W*W' + s*eye(n)) | W | W:nm s:
(x - mu)'*inv(S)*(x - mu) | mu | x:n mu:n S:nn | S=spd
-1/2*logdet(R + t*eye(n)) | t | R:nn t: | R=spd
norm2(A*X*B - C)^2 | X | A:pn X:nm B:mq C:pq
norm2(A*B*A' - C)^2 | A | A:nn B:nn C:nn | B=symmetric C=symmetric
1/2*norm2(C*A - B*C)^2 | C | C:mn A:nn B:mm
norm2(X - W*W'*X)^2 | W | X:dn W:dk
a'*X'*X*b | X | a:m X:nm b:m
(x .* y)'*A*(x .* y) | x | x:n y:n A:nn
norm2(x - a .* y)^2 | a | x:n a:n y:n
sin(log(t'*t)) | t | t:n
exp(-norm2(x - mu)^2/2) | x | x:n mu:n
u'*f(W*x + b) | W | u:n W:nm x:m b:n
u'*f(W*x + b) | b | u:n W:nm x:m b:n
u'*f(W*x + b) | x | u:n W:nm x:m b:n
v'*g(V*f(W*x)) | W | v:k V:kh W:hm x:m
v'*tanh(V*tanh(W*x + b)) | V | v:k V:kh W:hm x:m b:h
u'*tanh(W*x) + norm2(x)^2 | x | u:n W:nm x:m
sum(sigmoid(W*x)) | x | W:nm x:m
sum(log(1 + exp(X*w))) - y'*X*w | w | X:nd w:d y:n
sum(exp(A*x)) | x | A:mn x:n
y'*log(softmax(W*x)) | x | y:n W:nm x:m
logsumexp(A*x) | x | A:mn x:n
1/2*norm2(sigmoid(sigmoid(X*W1)*W2) - Y)^2 | W2 | X:nd W1:dh W2:hk Y:nk
1/2*norm2(tanh(X*W) - Y)^2 | W | X:nd W:dk Y:nk
norm2(X*W + ones(n)*b' - Y)^2 | b | X:nd W:dk b:k Y:nk
sum(D .* tanh(X*W)) | W | D:nk X:nd W:dk
sum((x - y).^2 .* w) | x | x:n y:n w:n
x'*y/norm2(x) | x | x:n y:n
x'*A*x/(x'*x) | x | A:nn x:n | A=symmetric
log(1 + x'*A*x) | x | A:nn x:n
A*x + b | x | A:mn x:n b:m
tanh(W*x + b) | x | W:nm x:m b:n
softmax(W*x) | x | W:nm x:m
diag(x)*A*x | x | A:nn x:n
x*x'*b | x | x:n b:n
x/norm2(x) | x | x:n
A*f(B*x) | x | A:mn B:np x:p
x'*A*x | x | A:nn x:n | | hessian
norm2(A*x - b)^2 | x | A:mn x:n b:m | | hessian
sum(exp(A*x)) | x | A:mn x:n | | hessian
"""
PROBLEMS = tuple(map(_asked, _PROBLEMS.strip().splitlines()))


# ---------------------------------------------------------------- programs

_PROGRAMS = """
1/n*norm2(X*w - y)^2 | w | X:nd w:d y:n
def grad(X, w, y):
    r = X @ w - y
    return 2 * X.T @ r / len(y)
---
1/n*norm2(X*w - y)^2 | w | X:nd w:d y:n
def grad(X, w, y):
    r = X @ w - y
    return 2 * np.mean(X * r[:, None], axis=0)
---
sum(log(1 + exp(X*w))) - y'*X*w | w | X:nd w:d y:n
def grad(X, w, y):
    p = 1 / (1 + np.exp(-X @ w))
    return np.sum((p - y)[:, None] * X, axis=0)
---
norm2(X*W + ones(n)*b' - Y)^2 | b | X:nd W:dk b:k Y:nk
def grad(X, W, b, Y):
    R = X @ W + b - Y
    return 2 * R.sum(axis=0)
---
norm2(X*W + ones(n)*b' - Y)^2 | W | X:nd W:dk b:k Y:nk
def grad(X, W, b, Y):
    R = X @ W + b - Y
    return 2 * X.T @ R
---
u'*tanh(W*x + b) | W | u:n W:nm x:m b:n
def grad(u, W, x, b):
    h = np.tanh(W @ x + b)
    return np.outer(u * (1 - h ** 2), x)
---
y'*log(softmax(W*x)) | x | y:n W:nm x:m
def grad(y, W, x):
    z = W @ x
    e = np.exp(z - z.max())
    p = e / e.sum()
    return W.T @ (y - y.sum() * p)
---
tr(A*X*B*X') | X | A:nn X:nm B:mm
def grad(A, X, B):
    return A @ X @ B + A.T @ X @ B.T
---
sum(D .* tanh(X*W)) | W | D:nk X:nd W:dk
def grad(D, X, W):
    H = np.tanh(X @ W)
    return X.T @ (D * (1 - H * H))
---
sum(exp(X*W)*v) | v | X:nd W:dk v:k
def grad(X, W, v):
    E = np.exp(X @ W)
    return E.sum(axis=0)
"""
_ROWS = [row.strip().partition("\n") for row in re.split("---", _PROGRAMS)]
PROGRAMS = tuple((_asked(head), source) for head, _, source in _ROWS)


def value(asked: Asked, source: str, seed: int) -> Any:
    """What a program of ours gives on random arrays; None where it fails."""
    rng = np.random.default_rng(seed)
    arrays = {n: rng.standard_normal([asked.sizes[s] for s in shape]) for n, shape in asked.dims.items()}
    names: dict[str, Any] = {"np": np}
    exec(compile(source, "program", "exec"), names)
    order = [a.arg for a in ast.parse(source).body[0].args.args]  # type: ignore[attr-defined]
    try:
        return np.asarray(names["grad"](*(arrays[n] for n in order)))
    except ValueError:
        return None


def code_slips(asked: Asked, source: str) -> Iterator[tuple[frozenset[str], str]]:
    """Programs with one slip that gives other values, and the names that its kind has."""
    for kind, text in _edited(source):
        pairs = [(value(asked, text, seed), value(asked, source, seed)) for seed in (1, 2)]
        if all(a is not None and a.shape == b.shape and np.allclose(a, b) for a, b in pairs):
            continue
        kinds = {kind}
        fits = all(a is not None and a.shape == b.shape and np.abs(a).max() > 0 for a, b in pairs)
        if fits and any(a.shape == b.T.shape and np.allclose(a, b.T) for a, b in pairs if b.ndim == 2):
            continue
        if fits:
            times = [float(np.vdot(b, a) / np.vdot(b, b)) for a, b in pairs]
            if all(np.allclose(a, t * b) for t, (a, b) in zip(times, pairs, strict=True)):
                kinds = {"sign" if np.allclose(times, -1) else "factor"}
        yield frozenset(kinds), text


def _edited(source: str) -> Iterator[tuple[str, str]]:
    tree = ast.parse(source)
    for k, node in enumerate(ast.walk(tree)):
        for kind, new in _changed(node):
            copy = deepcopy(tree)
            old = list(ast.walk(copy))[k]
            yield kind, ast.unparse(_replaced(copy, old, new))


def _replaced(tree: ast.AST, old: ast.AST, new: ast.AST) -> ast.AST:
    class Put(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            return new if node is old else self.generic_visit(node)

    return ast.fix_missing_locations(Put().visit(tree))


def _changed(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.keyword) and node.arg == "axis":
        yield "wrong-axis", ast.keyword("axis", ast.Constant(1))
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, (ast.Add, ast.Sub)):
            yield "sign", ast.BinOp(node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right)
        if isinstance(node.op, ast.MatMult):
            yield "elementwise-for-matrix", ast.BinOp(node.left, ast.Mult(), node.right)
            yield "wrong-order", ast.BinOp(node.right, ast.MatMult(), node.left)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "transpose", node.value
    if isinstance(node, ast.Constant) and node.value == 2:
        yield "factor", ast.Constant(4)
    if isinstance(node, ast.Return) and node.value is not None:
        yield "sign", ast.Return(ast.UnaryOp(ast.USub(), node.value))
        yield "factor", ast.Return(ast.BinOp(ast.Constant(0.5), ast.Mult(), node.value))
